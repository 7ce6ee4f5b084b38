"""Which TXT records are SPF records, and which were meant to be."""

from __future__ import annotations

import pytest

from deliverability.spf import SpfProblemKind, is_spf, near_miss, parse


@pytest.mark.parametrize("text", ["v=spf1", "v=spf1 -all", "V=SPF1 -ALL", b"v=spf1 ", "v=spf1  a", "v=spf1 nonsense!"])
def test_spf_records(text: str | bytes) -> None:
    """RFC 7208 §4.5: exactly v=spf1, then a space or the end; case does not matter."""
    assert is_spf(text)
    if isinstance(text, str):
        assert near_miss(text) is None


NEAR = {
    "v=spf1;a -all": "v=spf1 a -all",
    "v=spf1; a -all": "v=spf1 a -all",
    "spf1 a mx -all": "v=spf1 a mx -all",
    "v=sfp1 -all": "v=spf1 -all",
    "v=spf -all": "v=spf1 -all",
    "v=spf1. include:x.example -all": "v=spf1 include:x.example -all",
    " v=spf1 -all": "v=spf1 -all",
    "\ufeffv=spf1 -all": "v=spf1 -all",
    '"v=spf1 -all"': "v=spf1 -all",
    "“v=spf1 -all”": "v=spf1 -all",
    "v = spf1 -all": "v=spf1 -all",
    "v=spf 1 mx -all": "v=spf1 mx -all",
    "v=spf1\tmx -all": "v=spf1 mx -all",
    "v=spf1\u00a0mx -all": "v=spf1 mx -all",
    "v=spf1include:x.example -all": "v=spf1 include:x.example -all",
    "v=spf1-all": "v=spf1 -all",
    "v:spf1 a -all": "v=spf1 a -all",
    "v=spf10 a -all": "v=spf1 a -all",
    "v=spfl a -all": "v=spf1 a -all",
}


@pytest.mark.parametrize("text", NEAR)
def test_near_misses_are_seen_and_corrected(text: str) -> None:
    assert not is_spf(text)
    problem = near_miss(text)
    assert problem is not None
    assert problem.kind is SpfProblemKind.VERSION
    assert problem.fatal
    assert not parse(text).is_valid
    assert parse(text).corrected() == NEAR[text]
    assert parse(NEAR[text]).is_valid


def test_near_misses_in_octets() -> None:
    record = parse("“v=spf1 a -all”".encode())
    assert record.corrected() == "v=spf1 a -all"
    assert near_miss("“v=spf1 a -all”".encode()) is not None
    assert near_miss(b"v=spf1 a -all") is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "google-site-verification=abc",
        "v=DMARC1; p=none",
        "v=DKIM1; p=",
        "spf2.0/pra ip4:192.0.2.1 -all",
        "spf2.0/mfrom,pra a -all",
        "v=STSv1; id=1",
        "MS=ms12345678",
        "spf1-verification=7c2f",
        "sp=reject",
        "all is well with spf",
    ],
)
def test_other_records_are_no_near_misses(text: str) -> None:
    assert not is_spf(text)
    assert near_miss(text) is None
    assert not parse(text).is_valid
