"""What SpamAssassin and rspamd add for a subject: a mirror of their rules, apart from the risk.

Theory of operation. Words move these engines by next to nothing; form does: capitals, a question mark at the end, a
currency sign, a «Re:» that answers nothing, needless or missing encoding, a web address. Each rule here was measured
on the real program (tests/wire/test_subject_engines.py holds the mirror to it), with the points that its own package
gives. The rest of a mail decides over it many times as much, so an effect is a fact about one rule, no verdict.

Rules that are regular expressions lie in data/engine_rules.toml; those that count are below.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Iterator
from typing import NamedTuple

from deliverability.core.data import read_table
from deliverability.core.names import DomainName, is_host_name, registrable_domain
from deliverability.core.patterns import pattern
from deliverability.core.text import NO_TEXT, Text
from deliverability.subjects.model import EngineEffect

SPAMASSASSIN, RSPAMD = "SpamAssassin", "rspamd"
#: Characters that are looked at; both engines read more, no rule needs more.
_LOOKED_AT = 1_000
_PREFIXES = pattern(r"(?:(?:Re|Fwd|Fw|Aw|Antwort|Sv):\s*)+(?=.)", re.IGNORECASE)
_RSPAMD_LONG = 200
_LINK = pattern(
    r"(?:(https?|ftp)://|(?<![\w@.])(?=www\.))([a-z0-9](?:[a-z0-9.-]{0,200}[a-z0-9])?)([/?][^\s]*)?", re.IGNORECASE
)


class Field(NamedTuple):
    """How the Subject stands in the message, where that is known."""

    #: Number of Subject fields.
    fields: int = 1
    #: In encoded words of B, of Q (RFC 2047).
    base64: bool = False
    quoted: bool = False
    #: Octets beyond ASCII, or controls, as such.
    raw_8bit: bool = False
    thread: bool = False
    recipient: str = ""


KNOWN_ONLY_AS_TEXT = Field()


class _Rule(NamedTuple):
    effect: EngineEffect
    search: re.Pattern[str]


@functools.cache
def versions() -> dict[str, str]:
    """Engine -> the version that was measured."""
    return dict(read_table(__package__ or "", "data/engine_rules.toml")["versions"])


@functools.cache
def _rules() -> tuple[_Rule, ...]:
    table = read_table(__package__ or "", "data/engine_rules.toml")
    return tuple(
        _Rule(
            EngineEffect(
                row["engine"],
                table["versions"][row["engine"]],
                row["rule"],
                row["points"],
                Text(row["condition_en"], row["condition_es"]) if "condition_en" in row else NO_TEXT,
            ),
            re.compile(row["pattern"]),
        )
        for row in table["rule"]
    )


def _effect(engine: str, rule: str, points: float, condition: Text = NO_TEXT) -> EngineEffect:
    return EngineEffect(engine, versions()[engine], rule, round(points, 3), condition)


_QUIET = pattern(r"[A-Za-z0-9áéíóúñçàèòüïºª ,.:/()_-]*[A-Za-z0-9)]")
_WORDY = pattern(
    r"(?i)credit|approved|account|debt|attention|your fam|^buy|as seen|adv|lose|lost|weight|burn|extra|without|no exerc|no diet|wipe|remove|get |eradic|dear|unclaimed|pharm"
    r"|online|v[i1]a|va?[gi]|c[i1]|cal|l.{0,2}e.{0,2}v|xanax|valium|urgent|usd|tadal|silden|re:|www|[a-z][-_. :,/]{1,3}[a-z][-_. :,/]{1,3}[a-z][-_. :,/]{1,3}[a-z]\b| \d{1,40}[A-Z]"
)


def effects(subject: str, field: Field = KNOWN_ONLY_AS_TEXT) -> tuple[EngineEffect, ...]:
    """The rules that this subject sets off, with their points. Never raises; linear in the subject."""
    text = subject[:_LOOKED_AT]
    found = list(_of_field(subject, field))
    if not text.strip():
        return tuple(found)
    if not (_QUIET.fullmatch(text) and _WORDY.search(text) is None):
        found += [rule.effect for rule in _rules() if rule.search.search(text)]
    found += _counted(subject, field)
    return tuple(found)


def _of_field(subject: str, field: Field) -> Iterator[EngineEffect]:
    """Effects of the field rather than of its text."""
    if field.fields == 0:
        yield _effect(RSPAMD, "MISSING_SUBJECT", 2.0)
        return
    if field.fields > 1:
        yield _effect(RSPAMD, "MULTIPLE_UNIQUE_HEADERS", 4.9)
    if not subject.strip():
        yield _effect(RSPAMD, "EMPTY_SUBJECT", 1.0)
    needless = subject.isascii() and not any(c < " " or c == "\x7f" for c in subject)
    if field.base64 and needless:
        yield _effect(RSPAMD, "SUBJ_EXCESS_BASE64", 1.5)
    if field.quoted and needless:
        yield _effect(RSPAMD, "SUBJ_EXCESS_QP", 1.2)
    if field.raw_8bit and not (field.base64 or field.quoted):
        yield _effect(RSPAMD, "SUBJECT_NEEDS_ENCODING", 1.0)


def _counted(subject: str, field: Field) -> Iterator[EngineEffect]:
    """Effects of capitals, length, thread, links and the recipient's address."""
    # Bodies of replies: SpamAssassin's HeaderEval and rspamd's subject_checks take the same prefixes off.
    prefix = _PREFIXES.match(subject)
    own = subject[prefix.end() :] if prefix else subject
    if len(own.strip()) >= 10 and any(map(str.isspace, own.strip())):
        letters = [c for c in own if c.isascii() and c.isalpha()]
        if letters and all(map(str.isupper, letters)):
            yield _effect(SPAMASSASSIN, "SUBJ_ALL_CAPS", 0.5)
    if _is_upper(own):
        yield _effect(RSPAMD, "SUBJ_ALL_CAPS", 3.0 * min(len(own) / 40, 1.0))
    if len(own) > _RSPAMD_LONG:
        yield _effect(RSPAMD, "LONG_SUBJ", 3.0 * min(len(own) / 400, 1.0))
    if subject[:3].lower() == "re:" and not field.thread:
        yield _effect(RSPAMD, "FAKE_REPLY", 1.0)
    if field.recipient and "@" in field.recipient and field.recipient.lower() in subject.lower():
        yield _effect(SPAMASSASSIN, "TO_IN_SUBJ", 1.0)
    yield from _links(subject)


def _is_upper(text: str) -> bool:
    """Letters, and none of them small (rspamd's is_uppercase)."""
    if text.isascii():
        return text.isupper()
    return (text.upper() == text and any(map(str.isupper, text))) or (
        any(unicodedata.category(c) == "Lu" for c in text) and not any(unicodedata.category(c) == "Ll" for c in text)
    )


def _links(subject: str) -> Iterator[EngineEffect]:
    if "://" not in subject and "www." not in subject.lower():
        return
    for match in _LINK.finditer(subject[:_LOOKED_AT]):
        host = match.group(2).lower().rstrip(".")
        if (
            not is_host_name(host)
            or "." not in host
            or registrable_domain(DomainName(host)) is None
            or not _is_public(host)
        ):
            continue
        if match.group(1) is None:
            yield _effect(RSPAMD, "URL_IN_SUBJECT", 0.4)
        else:
            yield _effect(RSPAMD, "URL_IN_SUBJECT", 4.0 if match.group() == subject.strip() else 1.0)
        return


#: Names that are kept for examples and local use (RFC 6761 §6, RFC 2606 §2): no engine takes them for a link.
_RESERVED = frozenset(("example", "test", "invalid", "localhost", "local", "lan", "internal"))


def _is_public(host: str) -> bool:
    """Whether the last label may be a top-level domain."""
    last = host.rpartition(".")[2]
    return last not in _RESERVED and last.isalpha() and len(last) >= 2
