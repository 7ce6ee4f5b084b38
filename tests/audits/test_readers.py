"""What a message is read by: each reader says which facts it gives and which it looks at, and that is true.

A proposed header line is tried by reading the message again, as far as one rule's facts take. A reader that did not say
what it looks at would read other facts there than the first time.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from deliverability.audits.message import READERS, _readers_of, _told
from deliverability.core.facts import Envelope, RawMessage, Receiving, SubjectWords
from deliverability.core.limits import DEFAULT_LIMITS
from deliverability.headers.fields import Headers

EXAMPLES = sorted((Path(__file__).parents[2] / "examples" / "messages").glob("*.eml"))
KINDS = sorted({kind for reader in READERS for kind in reader.gives}, key=lambda kind: kind.__name__)


def told(path: Path) -> dict[type, object]:
    raw = path.read_bytes()
    return _told(RawMessage(raw, len(raw)), Envelope(), Receiving(), SubjectWords())


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_each_gives_the_facts_that_it_names(path: Path) -> None:
    facts = told(path)
    for reader in READERS:
        given = reader.read(facts, DEFAULT_LIMITS)
        assert given.keys() == reader.gives
        facts.update(given)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_the_readers_that_one_fact_takes_read_it_as_all_do(path: Path, kind: type) -> None:
    whole, part = told(path), told(path)
    for reader in READERS:
        whole.update(reader.read(whole, DEFAULT_LIMITS))
    for reader in _readers_of(frozenset({kind})):
        part.update(reader.read(part, DEFAULT_LIMITS))

    assert part[kind] == whole[kind]


def test_a_rule_about_the_header_alone_takes_one_reader() -> None:
    assert len(_readers_of(frozenset({Headers}))) == 1
