"""Time grows with the length of what a stranger publishes, and not with its square.

The short input is compared with the long one on this machine and in this moment, in seconds of the processor; what is
added leaves room for noise.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

import deliverability as dv
from deliverability.core.text import Lang
from tests.support.growth import grows_at_most

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)

SPF_TOKENS = ("a ", "a", "a:b ", "ptr ", "include:b.example ", "incldue:b ", "ip4:192.0.2.1,", "%{d}", "%{", "/", "=")
DKIM_TOKENS = (";", "=", "A", "A=;", " ", "p=;", '" "', "\\;", "t=s:", "-----BEGIN A-----")
DMARC_TOKENS = (";", "=", "x=y;", "p=none;", "mailto:a@b.example,", "rua=", " rua", "<br>", "“", "fo=1:", "%41", ",")


def _run(start: str, token: str, length: int) -> str:
    return start + (token * (length // len(token) + 1))[:length]


@pytest.mark.parametrize(
    ("parse", "start", "token"),
    [
        *[(dv.spf.parse, "v=spf1 ", token) for token in SPF_TOKENS],
        *[(dv.dkim.parse_key, "v=DKIM1; p=", token) for token in DKIM_TOKENS],
        *[(dv.dmarc.parse, "v=DMARC1; p=none; rua=", token) for token in DMARC_TOKENS],
        *[(dv.dmarc.parse, "v=DMARC1; ", token) for token in DMARC_TOKENS],
    ],
)
def test_a_record_four_times_as_long_does_not_take_sixteen_times_as_long(
    parse: Callable[[str], object], start: str, token: str
) -> None:
    short, long = _run(start, token, 4_000), _run(start, token, 16_000)

    assert grows_at_most(8, lambda: parse(short), lambda: parse(long), slack=0.02)


def _audit(owner: str, text: str) -> None:
    table = {
        "empresa.example/TXT": ["v=spf1 mx -all"],
        "empresa.example/MX": ["10 mx.empresa.example"],
        "mx.empresa.example/A": ["192.0.2.5"],
        "_dmarc.empresa.example/TXT": ["v=DMARC1; p=none"],
    }
    source = dv.TableSource({**table, f"{owner}/TXT": [text]})
    report = dv.audit_domain("empresa.example", source=source, sending=dv.Sending(selectors=("s1",)), now=NOW)
    assert report.render("terminal")


@pytest.mark.parametrize(
    ("owner", "start", "token"),
    [
        *[("empresa.example", "v=spf1 ", token) for token in SPF_TOKENS],
        *[("s1._domainkey.empresa.example", "v=DKIM1; p=", token) for token in DKIM_TOKENS[:4]],
        *[("_dmarc.empresa.example", "v=DMARC1; ", token) for token in DMARC_TOKENS],
    ],
)
def test_an_audit_with_its_repairs_does_not_grow_with_the_square_of_a_record(
    owner: str, start: str, token: str
) -> None:
    """Four times the length; the square of it would be sixteen times the time. 2,000 terms once took 3.4 seconds."""
    short, long = _run(start, token, 1_000), _run(start, token, 4_000)

    assert grows_at_most(8, lambda: _audit(owner, short), lambda: _audit(owner, long), slack=0.2)


@pytest.mark.parametrize("lang", ["en", "es"])
def test_a_report_on_a_monstrous_record_can_be_read(lang: Lang) -> None:
    """A record to remove is shown as far as it takes to know it; once it filled 192,000 characters of one line."""
    table = {"_dmarc.empresa.example/TXT": ["v=DMARC1; " + "“" * 16_000], "empresa.example/TXT": ["v=spf1 -all"]}
    table |= {"empresa.example/MX": ["10 mx.empresa.example"], "mx.empresa.example/A": ["192.0.2.5"]}
    report = dv.audit_domain("empresa.example", source=dv.TableSource(table), now=NOW)
    shown = report.render("terminal", lang=lang)

    assert any(change.remove for action in report.actions for change in action.changes)
    assert len(shown) < 30_000
    assert max(len(line) for line in shown.splitlines()) < 5_000


@pytest.mark.parametrize(
    "table",
    [
        {
            "empresa.example/TXT": [
                "v=spf1 mx -all",
                *(f"v=sfp1 ip4:10.0.{n // 250}.{n % 250} -all" for n in range(500)),
            ]
        },
        {"mx.empresa.example/A": [f"10.0.{n // 250}.{n % 250}" for n in range(500)]},
    ],
    ids=["records that were meant as SPF", "private addresses of an MX host"],
)
def test_hundreds_of_equal_faults_are_not_each_tried_to_be_mended(table: dict[str, object]) -> None:
    """Each finding brings a fix, and each fix an audit of all the others: 500 of them once took 14 seconds."""
    whole = {"empresa.example/MX": ["10 mx.empresa.example"], "mx.empresa.example/A": ["192.0.2.5"], **table}
    began = time.process_time()
    report = dv.audit_domain("empresa.example", source=dv.TableSource(whole), now=NOW)

    assert time.process_time() - began < 5
    assert 0 < len(report.findings) < 40
