"""Nothing from outside is an element, an attribute or a link of the HTML report, and nothing makes it endless."""

from __future__ import annotations

import importlib.util
import json
import time
from dataclasses import replace
from datetime import UTC, datetime
from ipaddress import ip_address
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import deliverability as dv
from deliverability.audits.message import MessageOverview, audit_message_plan
from deliverability.core.changes import RecordChange
from deliverability.core.errors import DeliverabilityError
from deliverability.core.facts import Envelope, EnvelopeOrigin, RawMessage, Stage
from deliverability.core.names import DomainName
from deliverability.core.plan import solve
from deliverability.core.questions import Found, split_strings
from deliverability.core.report import Action, Report
from deliverability.core.text import LANGS
from deliverability.filters.verdict import FilterSymbol, FilterVerdict
from deliverability.render import render
from deliverability.render.html_notebook import render_part
from deliverability.spf import tree
from tests.render.test_html_report import blocklist_report, report_of
from tests.support.demo_report import HOSTILE, demo_report
from tests.support.every_format import faults_of
from tests.support.html_inert import Read, html_inert
from tests.support.shared import SHARED, needs_shared

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
DOMAIN = "empresa.example"
EVIL = (
    *HOSTILE,
    '"><a href="https://evil.example" onclick="evil()">evil</a>',
    "' onmouseover='evil()' x='",
    "</style><style>*{background:url(https://evil.example)}</style>",
    "</title></head><body onload=evil()>",
    "<!-- evil --><![CDATA[evil]]><?evil?><!DOCTYPE evil>",
    "&lt;script&gt;evil&#60;/script&#62;&evil;",
    '<svg><use href="https://evil.example#x"/></svg><math><mtext></mtext></math>',
    "`evil` ``` `<b>evil</b>`",
    "https://evil.example javascript:evil() mailto:evil@evil.example",
    "evil\nevil\r\n<li>evil",
)
each_evil = pytest.mark.parametrize("evil", EVIL, ids=range(len(EVIL)))


def check(*reports: Report) -> None:
    """Inert alone, together and in a notebook, in both languages."""
    for lang in LANGS:
        assert html_inert(render(reports, "html", lang=lang)) == []
    assert html_inert(reports[0]._repr_html_()) == []


@each_evil
def test_a_report_with_everything_is_inert(evil: str) -> None:
    check(demo_report(evil))
    check(demo_report(evil), replace(demo_report(), subject=evil))


@each_evil
def test_outside_text_adds_no_element(evil: str) -> None:
    """The same report with a harmless text has the same elements in the same order."""
    tags = Read(render(demo_report(evil), "html")).tags
    # Findings of one rule stand in the order of their subjects: the harmless one has to have the same place.
    plain = Read(render(demo_report("include:x" if evil < "s2" else "zz"), "html")).tags

    quiet = ("span", "p", "pre")  # what is cut is followed by its length, a long record by a sentence
    assert [tag for tag in tags if tag not in quiet] == [tag for tag in plain if tag not in quiet]


@each_evil
def test_hostile_records_are_inert(evil: str) -> None:
    octets = evil.encode("utf-8", "replace")
    check(
        audit(
            {
                "empresa.example/TXT": [b"v=spf1 include:" + octets + b" exists:%{i}." + octets + b" -all", octets],
                "_dmarc.empresa.example/TXT": [b"v=DMARC1; p=" + octets + b"; rua=mailto:" + octets + b"@x.example"],
                "s1._domainkey.empresa.example/TXT": [b"v=DKIM1; k=" + octets + b"; p=" + octets],
            }
        )
    )


@each_evil
def test_hostile_mails_are_inert(evil: str) -> None:
    octets = evil.encode("utf-8", "replace").replace(b"\r", b"").replace(b"\n", b" ")
    mail = b"".join(
        [
            b"Received: from " + octets + b" (" + octets + b" [192.0.2.1]) by " + octets + b" with ESMTPS;\r\n",
            b" Tue, 7 Oct 2025 10:00:00 +0200\r\n",
            b"Authentication-Results: " + octets + b"; spf=" + octets + b"; dkim=pass header.d=" + octets + b"\r\n",
            b"X-Spam-Status: Yes, score=" + octets + b" tests=" + octets + b"\r\n",
            b"DKIM-Signature: v=1; a=rsa-sha256; d=" + octets + b"; s=" + octets + b"; h=from; bh=AA==; b=AA==\r\n",
            b"From: " + octets + b" <a@empresa.example>\r\nTo: " + octets + b"\r\nSubject: " + octets + b"\r\n",
            b"List-Unsubscribe: <" + octets + b">\r\nContent-Type: text/html; charset=" + octets + b"\r\n\r\n",
            b"<p>" + octets + b'</p><a href="' + octets + b'">' + octets + b"</a>\r\n",
        ]
    )
    envelope = Envelope(ip_address("192.0.2.1"), f"a@{evil}", evil, EnvelopeOrigin.GIVEN, EnvelopeOrigin.GIVEN)
    check(read(mail, dv.OFFLINE, envelope, name=evil))


@each_evil
def test_hostile_details_are_inert(evil: str) -> None:
    mail = report_of("factura")
    overview = MessageOverview(evil, evil, (evil, evil, evil), evil, None, 10, Stage.SUBMITTED)
    filters = (
        FilterVerdict(evil, 5.0, 4.0, evil, (FilterSymbol(evil, 1.5, evil, "SPF004"),)),
        FilterVerdict(evil, problem=evil),
    )
    check(replace(mail, details={**mail.details, "message": overview, "filters": filters}))


@each_evil
def test_what_a_list_says_is_inert(evil: str) -> None:
    report = blocklist_report(evil.encode("latin-1", "replace").decode("latin-1"))
    check(report)
    for listing in report.details["blocklists"].listings:
        assert html_inert(render_part(replace(listing, reason=evil, target=evil))) == []


def read(mail: bytes, source: Any, envelope: Envelope, name: str = "") -> Report:
    """The whole audit of a message with a session that no command line could give."""
    return solve(audit_message_plan(RawMessage(mail, len(mail)), now=NOW, envelope=envelope, name=name), source)


def audit(records: dict[str, list[bytes]]) -> Report:
    """An audit of records given as octets."""
    source = dv.TableSource(
        {"empresa.example/MX": ["10 mail.empresa.example."], "mail.empresa.example/A": ["192.0.2.1"]}
    )
    for key, values in records.items():
        name, _, kind = key.rpartition("/")
        source._answers[name, kind] = Found(tuple(split_strings(value) for value in values), 300)  # type: ignore[index]
        source._names.add(name)  # type: ignore[arg-type]
    return dv.audit_domain(DOMAIN, source=source, now=NOW, sending=dv.Sending(selectors=("s1",)))


@settings(max_examples=25, deadline=None)
@given(spf=st.binary(max_size=120), dmarc=st.binary(max_size=120), dkim=st.binary(max_size=120))
def test_any_octets_are_inert(spf: bytes, dmarc: bytes, dkim: bytes) -> None:
    report = audit(
        {
            "empresa.example/TXT": [b"v=spf1 " + spf],
            "_dmarc.empresa.example/TXT": [b"v=DMARC1; p=none; " + dmarc],
            "s1._domainkey.empresa.example/TXT": [dkim],
        }
    )
    assert Read(render(report, "html")).faults == []


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=60) | st.sampled_from(["<", ">", '"', "'", "&", "`", "\ue000", "\0"]).map(lambda c: c * 5))
def test_any_text_is_inert(outside: str) -> None:
    assert Read(render(demo_report(outside), "html")).faults == []


def test_a_huge_record_does_not_blow_up_the_report() -> None:
    long = b"v=spf1 " + b" ".join(b"ip4:192.0.2.%d" % (n % 250) for n in range(1400)) + b" include:_spf.x.example"
    report = audit(
        {
            "empresa.example/TXT": [long[: 16 * 1024]],
            "_dmarc.empresa.example/TXT": [b"v=DMARC1; p=none; rua=" + b"mailto:a@x.example," * 800],
            "s1._domainkey.empresa.example/TXT": [b"v=DKIM1; p=" + b"A" * 16_000],
        }
    )

    document = render(report, "html")
    assert len(document.encode()) < 250_000
    assert html_inert(document) == []


def test_a_record_too_long_to_show_is_told_and_never_cut() -> None:
    report = report_of("after")
    change = RecordChange(DomainName(report.subject), "TXT", ("v=spf1 " + "a" * 9000,), ("v=spf1 " + "b" * 9000,))
    document = render(replace(report, actions=(Action((change,), (), (), None),)), "html")

    assert "a" * 5000 not in document
    assert "characters, too many to show here" in document
    assert "(+" in document  # what has to go is cut, with how much


def test_a_huge_tree_is_cut_with_a_word_and_in_time() -> None:
    records = {
        "empresa.example/TXT": [b"v=spf1 " + b" ".join(b"include:s%d.example" % n for n in range(60)) + b" -all"]
    }
    records |= {f"s{n}.example/TXT": [b"v=spf1 " + b"a " * 1500 + b"-all"] for n in range(60)}
    report = audit(records)

    start = time.process_time()
    document = render(report, "html")
    assert time.process_time() - start < 10
    assert len(document.encode()) < 250_000
    assert "… and " in Read(document).text


def test_a_deep_tree_stays_on_the_page() -> None:
    table = {f"d{n}.example/TXT": [f"v=spf1 include:d{n + 1}.example -all"] for n in range(30)}
    drawn = render_part(tree("d0.example", source=dv.TableSource(table)))

    assert html_inert(drawn) == []
    assert 'class="d7"' in drawn
    assert 'class="d8"' not in drawn


def test_many_findings_and_many_signatures_are_bounded() -> None:
    signature = b"DKIM-Signature: v=1; a=rsa-sha256; d=empresa.example; s=s%d; h=from; bh=AA==; b=AA==\r\n"
    received = b"Received: from a (b [192.0.2.%d]) by mx.example with SMTP; Tue, 7 Oct 2025 10:00:00 +0200\r\n"
    link = b'<a href="http://h%d.example/pay">https://bank%d.example/</a>'
    mail = b"".join(received % (n % 250) for n in range(200)) + b"".join(signature % n for n in range(60))
    mail += b"From: a@empresa.example\r\nContent-Type: text/html\r\n\r\n" + b"".join(link % (n, n) for n in range(1000))
    document = render(dv.audit_message(mail, source=dv.OFFLINE, now=NOW), "html")

    assert html_inert(document) == []
    assert len(document.encode()) < 250_000


def _loader() -> ModuleType:
    assert SHARED is not None
    spec = importlib.util.spec_from_file_location("adversarial_cases", SHARED / "adversarial" / "cases.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _cases(*keys: str) -> list[Any]:
    path = SHARED / "adversarial" / "cases.json" if SHARED else None
    if path is None or not path.exists():
        return []
    cases = json.loads(path.read_text("utf-8"))
    return [pytest.param(case, id=case["id"]) for case in cases if any(key in case["input"] for key in keys)]


_FAULTS = {"servfail", "timeout", "refused", "nxdomain", "nodata"}


def _source(case: dict[str, Any]) -> Any:
    assert SHARED is not None
    zone: dict[str, Any] = {}
    for part in case["input"].get("zone", ()):
        loaded = json.loads((SHARED / "adversarial" / part).read_text("utf-8")) if isinstance(part, str) else part
        zone.update(loaded)
    return dv.TableSource({key: _answer(value) for key, value in zone.items() if value is not None})


def _answer(value: Any) -> Any:
    if isinstance(value, dict) and "fault" in value:
        return {"fault": value["fault"] if value["fault"] in _FAULTS else "servfail"}
    return value


@needs_shared("adversarial", "cases.json")
@pytest.mark.parametrize("case", _cases("message"))
def test_adversarial_mails_are_inert(case: dict[str, Any]) -> None:
    """Whoever attacks, the report is elements of ours and text; within the bound on its size."""
    assert SHARED is not None
    raw = _loader().expand(case["input"]["message"], SHARED / "adversarial")
    given = case["input"]
    client = ip_address(given["ip"]) if "ip" in given else None
    envelope = Envelope(client, given.get("mail_from"), given.get("helo"), EnvelopeOrigin.GIVEN, EnvelopeOrigin.GIVEN)
    report = read(raw, _source(case), envelope)

    assert html_inert(report._repr_html_()) == []
    assert faults_of(report, langs=("es",)) == {}
    assert len(render(report, "html").encode()) < 250_000


@needs_shared("adversarial", "cases.json")
@pytest.mark.parametrize("case", [case for case in _cases("zone") if "message" not in case.values[0]["input"]])
def test_adversarial_zones_are_inert(case: dict[str, Any]) -> None:
    source = _source(case)
    given = case["input"]
    names = [given.get("domain"), str(given.get("mail_from", "")).rpartition("@")[2], given.get("helo"), "e.example"]
    for name in dict.fromkeys(name for name in names if isinstance(name, str) and name):
        try:
            report = dv.audit_domain(name, source=source, now=NOW)
        except DeliverabilityError:
            continue
        assert faults_of(report, langs=("es",)) == {}


@needs_shared("adversarial", "cases.json")
@pytest.mark.parametrize("case", _cases("data", "body", "subject", "script", "url", "addresses", "domain"))
def test_texts_of_every_other_case_are_inert_as_evidence(case: dict[str, Any]) -> None:
    """Reports, logos, replies of servers: what they hold may become evidence."""
    assert SHARED is not None
    module = _loader()
    for node in case["input"].values():
        octets = module.expand(node, SHARED / "adversarial") if isinstance(node, dict) else str(node).encode()
        outside = octets[:20_000].decode("utf-8", "surrogateescape")
        assert faults_of(demo_report(outside), langs=("en",)) == {}
