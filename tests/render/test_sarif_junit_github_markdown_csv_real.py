"""The five formats on what real audits give: hostile records and mails, the examples, and the same text twice."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import deliverability as dv
from deliverability.core.questions import Found, split_strings
from deliverability.core.text import LANGS, Lang
from deliverability.render import render
from deliverability.render.places import Place
from tests.adversarial.test_adversarial_auth import _audit, _cases
from tests.render.test_sarif_report import LINK, PLACEHOLDER, VALIDATOR, messages
from tests.support.demo_report import HOSTILE
from tests.support.hostile_messages import FAMILIES, headed, html, plain
from tests.support.inert import LIVELY, csv_inert, github_inert, harmful, markdown_inert, xml_inert
from tests.support.shared import SHARED, needs_shared

ROOT = Path(__file__).resolve().parents[2]
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
ALL = [*HOSTILE, *LIVELY]


def sarif_inert(text: str) -> list[str]:
    document = json.loads(text)
    VALIDATOR.validate(document)
    return harmful(text) + [said for said in messages(document) if LINK.search(said) or PLACEHOLDER.search(said)]


def wrong(reports: list[dv.Report], lang: Lang, outside: str = "octocat|evil[.]example") -> dict[str, list[str]]:
    """What is not inert, by format."""
    places = [Place("mails/a.eml", 1)] * len(reports)
    texts = {form: render(reports, form, lang=lang, places=places) for form in FORMS}
    bad = {form: check(texts[form]) for form, check in CHECKS.items()}
    bad["markdown"] = markdown_inert(texts["markdown"], outside)
    return {form: found for form, found in bad.items() if found}


CHECKS: dict[str, Any] = {
    "sarif": sarif_inert,
    "junit": xml_inert,
    "github": github_inert,
    "csv": csv_inert,
}
FORMS = (*CHECKS, "markdown")


def audit(records: dict[str, bytes]) -> dv.Report:
    table: dict[str, Any] = {
        "empresa.example/MX": ["10 mail.empresa.example."],
        "mail.empresa.example/A": ["192.0.2.1"],
    }
    source = dv.TableSource(table)
    for key, value in records.items():
        name, _, kind = key.rpartition("/")
        source._answers[name, kind] = Found((split_strings(value),), 300)
        source._names.add(name)
    sending = dv.Sending(selectors=("s1",), ips=(ip_address("192.0.2.1"),))
    return dv.audit_domain("empresa.example", source=source, now=NOW, sending=sending)


@pytest.mark.parametrize("hostile", ALL, ids=range(len(ALL)))
def test_hostile_records(hostile: str) -> None:
    octets = hostile.encode("utf-8", "replace")
    report = audit(
        {
            "empresa.example/TXT": b"v=spf1 include:" + octets + b" exists:%{i}." + octets + b" -all",
            "_dmarc.empresa.example/TXT": b"v=DMARC1; p=" + octets + b"; rua=mailto:" + octets + b"@x.example",
            "s1._domainkey.empresa.example/TXT": b"v=DKIM1; k=" + octets + b"; p=" + octets,
        }
    )

    assert report.findings
    assert [wrong([report], lang) for lang in LANGS] == [{}, {}]


@settings(max_examples=20, deadline=None)
@given(spf=st.binary(max_size=100), dmarc=st.binary(max_size=100), dkim=st.binary(max_size=100))
def test_any_octets_in_records(spf: bytes, dmarc: bytes, dkim: bytes) -> None:
    report = audit(
        {
            "empresa.example/TXT": b"v=spf1 " + spf,
            "_dmarc.empresa.example/TXT": b"v=DMARC1; p=none; " + dmarc,
            "s1._domainkey.empresa.example/TXT": dkim,
        }
    )

    assert wrong([report], "es", outside="\0") == {}


def mails(hostile: str) -> list[bytes]:
    octets = hostile.replace("\n", " ").replace("\r", " ").encode("utf-8", "replace")
    return [
        headed(
            b"Reply-To: " + octets + b"\r\nX-Spam-Status: " + octets + b"\r\nList-Unsubscribe: <" + octets + b">\r\n"
        ),
        headed(b"DKIM-Signature: v=1; a=" + octets + b"; d=" + octets + b"; s=" + octets + b"; h=From; bh=; b=\r\n"),
        headed(b'Content-Type: application/pdf; name="' + octets + b'"\r\nContent-Disposition: attachment\r\n'),
        html(b'<a href="https://evil.example/">' + octets + b"</a><img src='" + octets + b"'>" + octets),
        plain(octets + b"\r\nhttp://evil.example/" + octets),
    ]


@pytest.mark.parametrize("hostile", ALL, ids=range(len(ALL)))
def test_hostile_mails(hostile: str) -> None:
    reports = [dv.audit_message(raw, name=hostile, source=dv.OFFLINE, now=NOW, domain=False) for raw in mails(hostile)]

    assert all(report.findings for report in reports)
    assert wrong(reports, "es") == {}


@pytest.mark.parametrize("family", sorted(FAMILIES))
def test_mails_made_to_hurt(family: str) -> None:
    report = dv.audit_message(FAMILIES[family][0](12), name="a.eml", source=dv.OFFLINE, now=NOW, domain=False)

    assert wrong([report], "en", outside="\0") == {}


@needs_shared("adversarial")
@pytest.mark.parametrize("case", _cases(), ids=lambda case: case["id"])
def test_forgeries_of_the_adversarial_set(case: dict[str, Any]) -> None:
    assert SHARED is not None
    report, _ = _audit(case["input"], SHARED / "adversarial")

    assert wrong([report], "es", outside="\0") == {}


@pytest.mark.parametrize("lang", LANGS)
def test_the_example_mails(lang: Lang) -> None:
    files = sorted((ROOT / "examples/messages").glob("*.eml"))
    source = dv.ZoneSource.from_file(*sorted((ROOT / "examples/after").glob("*.zone")))
    reports = [dv.audit_message(path.read_bytes(), name=path.name, source=source, now=NOW) for path in files]

    assert len(reports) == 3
    assert wrong(reports, lang, outside="\0") == {}
    for form in FORMS:
        assert render(reports, form, lang=lang) == render(reports, form, lang=lang, width=300), "the same every time"


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("which", ["before", "after"])
def test_the_example_domain(which: str, lang: Lang) -> None:
    folder = ROOT / "examples" / which
    source = dv.ZoneSource.from_file(*sorted(folder.glob("*.zone")))
    profile = dv.Profile.load(folder / "deliverability.toml")
    report = dv.audit_domain(profile.domains[0], source=source, profile=profile, now=NOW)

    assert wrong([report], lang, outside="\0") == {}
    for form in FORMS:
        assert render([report], form, lang=lang) == render([report], form, lang=lang, width=300), "the same every time"


@pytest.mark.parametrize("lang", LANGS)
def test_blocklists_that_answer_with_anything(lang: Lang) -> None:
    from deliverability.audits.blocklists import blocklist_reports_plan  # noqa: PLC0415
    from deliverability.core.facts import BlocklistSettings  # noqa: PLC0415
    from deliverability.core.plan import solve  # noqa: PLC0415
    from deliverability.dnsbl.lookup import as_target  # noqa: PLC0415
    from deliverability.dnsbl.settings import choose  # noqa: PLC0415

    table = {"1.2.0.192.bl.spamcop.net/A": ["127.0.0.2"], "1.2.0.192.bl.spamcop.net/TXT": [LIVELY[0]]}
    plan = blocklist_reports_plan([as_target("192.0.2.1")], choose(BlocklistSettings()), now=NOW, profile=dv.Profile())
    reports = list(solve(plan, dv.TableSource(table)))

    assert "blocklist" in {report.kind for report in reports}
    assert wrong(reports, lang) == {}
