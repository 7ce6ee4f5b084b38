"""What the plug-in is made of: the DNS of a test, the verdict, the guard before live DNS, the server that takes mail."""

from __future__ import annotations

import asyncio
import smtplib
import ssl
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import deliverability as dv
from deliverability.audits.probes import Probes
from deliverability.core.errors import UnknownRule, UnreadableFile
from deliverability.core.names import DomainName
from deliverability.core.questions import Answer, DnsQuestion, Failed, FailureKind, Found, NoData, NoName
from deliverability.sources.guard import GUARD
from deliverability.sources.live import LiveSource
from deliverability.sources.table import TableSource
from deliverability.testing import DnsZone, SentMail, SmtpSink, assert_deliverable
from deliverability.testing.auditing import recording_path
from tests.support.faultdns import FaultServer

ROOT = Path(__file__).resolve().parents[2]
WHOLE = """
    $ORIGIN empresa.example.
    $TTL 3600
    @ IN SOA ns1 hostmaster 1 7200 3600 1209600 3600
    @ IN NS ns1
    @ IN TXT "v=spf1 -all"
    hijo IN NS ns.hijo
"""
OFFLINE = "offline"


def outcome(answer: Answer) -> str:
    match answer:
        case Found(records):
            return ", ".join(b"".join(r).decode() if isinstance(r, tuple) else str(r) for r in records)
        case Failed(kind):
            return kind.value
    return type(answer).__name__


def ask(source: Any, name: str, record_type: Any = "TXT") -> str:
    return outcome(source.answer(DnsQuestion(DomainName(name), record_type)))


def test_a_zone_with_soa_is_whole() -> None:
    zone = DnsZone()(WHOLE)

    assert ask(zone, "empresa.example") == "v=spf1 -all"
    assert ask(zone, "empresa.example", "MX") == "NoData"
    assert ask(zone, "no.empresa.example") == "NoName"
    assert ask(zone, "x.hijo.empresa.example") == OFFLINE
    assert ask(zone, "otra.example") == OFFLINE


@pytest.mark.parametrize(
    "content",
    [{"empresa.example/TXT": ["v=spf1 -all"], "a.b.empresa.example/A": ["192.0.2.1"]}, None],
    ids=["table", "lines"],
)
def test_lines_and_tables_are_the_whole_of_their_domains(content: Any) -> None:
    text = 'empresa.example. IN TXT "v=spf1 -all"\na.b.empresa.example. IN A 192.0.2.1\n'
    zone = DnsZone()(content or text)

    assert ask(zone, "empresa.example") == "v=spf1 -all"
    assert ask(zone, "empresa.example", "MX") == "NoData"
    assert ask(zone, "b.empresa.example", "A") == "NoData"
    assert ask(zone, "_dmarc.empresa.example") == "NoName"
    assert ask(zone, "otra.example") == OFFLINE


def test_what_lies_above_is_empty_and_reverse_names_are_known_one_by_one() -> None:
    zone = DnsZone()({"empresa.example/A": ["192.0.2.1"], "1.2.0.192.in-addr.arpa/PTR": ["empresa.example."]})

    assert ask(zone, "empresa.example", "DS") == "NoData"
    assert ask(zone, "example", "NS") == "NoData"
    assert ask(zone, "_dmarc.example") == "NoName"
    assert ask(zone, "1.2.0.192.in-addr.arpa", "PTR") == "empresa.example"
    assert ask(zone, "2.2.0.192.in-addr.arpa", "PTR") == OFFLINE
    assert ask(zone, "_dmarc.arpa") == OFFLINE


def test_what_is_added_later_goes_first_name_and_type_by_name_and_type() -> None:
    zone = DnsZone()(WHOLE)(
        {"s1._domainkey.empresa.example/TXT": ["v=DKIM1; p="], "empresa.example/TXT": ["v=spf1 ~all"]}
    )

    assert ask(zone, "empresa.example") == "v=spf1 ~all"
    assert ask(zone, "empresa.example", "NS") == "ns1.empresa.example"
    assert ask(zone, "s1._domainkey.empresa.example") == "v=DKIM1; p="
    assert ask(zone, "s2._domainkey.empresa.example") == "NoName"
    assert ask(zone, "x.hijo.empresa.example") == OFFLINE


def test_aliases_lead_from_part_to_part() -> None:
    zone = DnsZone()({"s1._domainkey.empresa.example/CNAME": ["clave.proveedor.example."]})
    zone({"clave.proveedor.example/TXT": ["v=DKIM1; p="]})
    assert ask(zone, "s1._domainkey.empresa.example") == "v=DKIM1; p="

    zone.fails("clave.proveedor.example", "servfail")
    assert ask(zone, "s1._domainkey.empresa.example") == "servfail"


def test_a_fault_hides_one_type_or_all() -> None:
    zone = DnsZone()({"empresa.example/TXT": ["v=spf1 -all"], "empresa.example/A": ["192.0.2.1"]})
    zone.fails("empresa.example", type="TXT").fails("mx.otra.example", "refused")

    assert ask(zone, "empresa.example") == "timeout"
    assert ask(zone, "empresa.example", "A") == "192.0.2.1"
    assert ask(zone, "mx.otra.example", "A") == "refused"


@pytest.mark.parametrize(("name", "kind"), [("empresa.example", "explota"), ("a..b", "timeout")])
def test_mistakes_in_faults(name: str, kind: str) -> None:
    with pytest.raises(ValueError, match=r"explota.* is none of timeout, servfail|is not a name"):
        DnsZone().fails(name, kind)


def test_over_another_source_only_what_is_not_known_is_asked() -> None:
    below = TableSource(
        {"example/NS": ["ns.example."], "empresa.example/DS": ["1 13 2 00"], "otra.example/A": ["192.0.2.9"]}
    )
    source = DnsZone()(WHOLE).over(below)

    assert ask(source, "otra.example", "A") == "192.0.2.9"
    assert ask(source, "example", "NS") == "ns.example"
    assert ask(source, "no.empresa.example") == "NoName"
    assert isinstance(source.answer(DnsQuestion(DomainName("empresa.example"), "DS")), Found)


def test_files_and_folders(tmp_path: Path) -> None:
    assert ask(DnsZone()(ROOT / "examples" / "after"), "_dmarc.talleres-soler.example").startswith("v=DMARC1")
    assert ask(DnsZone()(ROOT / "examples" / "after" / "example.zone"), "otra.test") == OFFLINE
    (tmp_path / "empresa.example.yaml").write_text("'': {type: TXT, value: v=spf1 -all}\n", "utf-8")
    octodns = DnsZone()(tmp_path)
    assert ask(octodns, "empresa.example") == "v=spf1 -all"
    assert ask(octodns, "_dmarc.empresa.example") == "NoName"
    (tmp_path / "empresa.example.yaml").unlink()
    with pytest.raises(UnreadableFile, match=r"there is no \*.zone file"):
        DnsZone()(tmp_path)


def test_relative_names_need_an_origin() -> None:
    assert ask(DnsZone()('@ IN TXT "v=spf1 -all"', origin="empresa.example"), "empresa.example") == "v=spf1 -all"
    with pytest.raises(UnreadableFile):
        DnsZone()('@ IN TXT "v=spf1 -all"')


def test_a_zone_grows_between_two_questions() -> None:
    zone = DnsZone()
    assert not zone
    assert ask(zone, "empresa.example") == OFFLINE
    assert ask(zone({"empresa.example/TXT": ["x"]}), "empresa.example") == "x"
    assert zone


# The verdict


def message(**headers: str) -> bytes:
    mail = EmailMessage()
    for name, value in {
        "From": "a@empresa.example",
        "To": "b@cliente.example",
        "Subject": "El martes",
        **headers,
    }.items():
        mail[name] = value
    mail.set_content("Hola:\n\nNos vemos el martes.\n")
    return mail.as_bytes()


ZONE = DnsZone()(
    {
        "empresa.example/TXT": ["v=spf1 ip4:192.0.2.25 +all"],
        "empresa.example/MX": ["10 mx.empresa.example."],
        "mx.empresa.example/A": ["192.0.2.20"],
        "_dmarc.empresa.example/TXT": ["v=DMARC1; p=none; rua=mailto:d@empresa.example"],
    }
)


def failure(what: Any, **options: Any) -> str:
    with pytest.raises(AssertionError) as caught:
        assert_deliverable(what, **options)
    return str(caught.value)


def test_a_failure_tells_the_finding_its_fix_and_what_was_seen() -> None:
    report = dv.audit_domain("empresa.example", source=ZONE)
    text = failure(report)

    (code,) = {f.code for f in report.findings if f.severity is dv.Severity.ERROR}
    assert text.startswith("empresa.example: findings at or above `error`: 1\n")
    assert f"\n{code} (error) " in text
    assert '\n  - empresa.example. IN TXT "v=spf1 ip4:192.0.2.25 +all"\n' in text
    assert "\n  seen: empresa.example TXT v=spf1 ip4:192.0.2.25 +all\n" in text
    assert assert_deliverable(report, ignore=[code]) is report
    assert assert_deliverable(report, fail_on="never") is report
    assert f"{code}" in failure(report, fail_on="warning", ignore=[code]).split("Found and not counted: ")[1]


def test_a_failure_in_spanish() -> None:
    text = failure("empresa.example", source=ZONE, lang="es")

    assert "problemas de gravedad `error` o mayor: 1" in text
    assert "\n  qué hacer: " in text


def test_what_cannot_be_told_fails_unless_allowed() -> None:
    zone = DnsZone()({"empresa.example/TXT": ["v=spf1 -all"], "empresa.example/MX": ["10 mx.empresa.example."]})
    zone({"mx.empresa.example/A": ["192.0.2.20"]}).fails("_dmarc.empresa.example", "timeout")
    report = dv.audit_domain("empresa.example", source=zone)
    text = failure(report)

    assert "could not be told: " in text.splitlines()[0]
    assert "\n  no answer: _dmarc.empresa.example TXT: timeout" in text
    assert assert_deliverable(report, allow_unknown=True) is report
    assert assert_deliverable(report, allow_unknown=["DMARC"]) is report
    assert "DMARC0" in failure(report, allow_unknown=["SPF"])


def test_words_that_do_not_exist_are_mistakes() -> None:
    report = dv.audit_domain("empresa.example", source=ZONE)
    for mistake in ({"ignore": ["SPF999"]}, {"allow_unknown": ["SPF4"]}):
        with pytest.raises(UnknownRule, match="there is no rule"):
            assert_deliverable(report, **mistake)
    with pytest.raises(ValueError, match="fail_on='errors': expected one of error, warning"):
        assert_deliverable(report, fail_on="errors")


def test_a_failure_is_short_and_shows_outside_text_escaped() -> None:
    raw = message().replace(b"El martes", b"\x1b[31mrojo\xe2\x80\xae " + b"A" * 20_000)
    text = failure(raw, source=ZONE, fail_on="info")

    assert len(text) < 12_000
    assert max(map(len, text.splitlines())) < 1500
    assert not [c for c in text if c != "\n" and (ord(c) < 0x20 or c in "\u202e\x7f")]


def test_a_header_that_has_to_change_is_written_out() -> None:
    raw = message().replace(b"From: a@empresa.example", b"From: Talleres, S. L. <a@empresa.example>")

    assert '\n  + From: "Talleres, S. L." <a@empresa.example>\n' in failure(raw, source=ZONE)


def test_it_works_without_pytest(monkeypatch: pytest.MonkeyPatch) -> None:
    from deliverability.testing.current import CURRENT  # noqa: PLC0415 - only here

    monkeypatch.setattr(CURRENT, "item", None)
    assert "could not be told" in failure("empresa.example", source=dv.OFFLINE)
    assert assert_deliverable("empresa.example", source=ZONE, fail_on="never").subject == "empresa.example"


# The fixtures, in this very run


def test_a_session_is_told_with_what_was_sent(deliverability_audit: Callable[..., dv.Report]) -> None:
    sent = SentMail(message(), "rebotes@empresa.example", ("b@cliente.example",), None, "mi.empresa.example", False)
    report = deliverability_audit(sent, source=ZONE)

    envelope = report.render("json")
    assert "rebotes@empresa.example" in envelope


@pytest.mark.deliverability(fail_on="info", incomplete="pass", lang="es")
def test_the_marker_sets_the_gate(dns_zone: DnsZone, deliverability_audit: Callable[..., dv.Report]) -> None:
    dns_zone({"empresa.example/TXT": ["v=spf1 -all"]})
    report = deliverability_audit("empresa.example")

    assert (report.fail_on, report.incomplete_fails) == ("info", False)
    assert "problemas de gravedad `info` o mayor" in failure(report)


def test_an_ignore_whose_day_is_over_fails(deliverability_audit: Callable[..., dv.Report], tmp_path: Path) -> None:
    path = tmp_path / "deliverability.toml"
    path.write_text('ignore = [{ code = "SPF", reason = "se muda", until = 2026-01-31 }]\n', "utf-8")
    report = deliverability_audit("empresa.example", source=ZONE, profile=dv.Profile.load(path))
    text = failure(report, ignore=["SPF"])

    assert text.startswith("empresa.example: ignores whose day is over: 1\n")
    assert "\nSPF was ignored until 2026-01-31, and the problem is still there" in text
    assert "se muda" in text


def test_what_a_baseline_knows_does_not_count(deliverability_audit: Callable[..., dv.Report], tmp_path: Path) -> None:
    known = tmp_path / "known.json"
    dv.Baseline.of([dv.audit_domain("empresa.example", source=ZONE)]).save(known)
    assert_deliverable(deliverability_audit("empresa.example", source=ZONE, profile=dv.Profile(baseline=known)))


# Live questions


def refused_by(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    seen: list[str] = []

    def refuse(asked: object) -> Failed:
        seen.append(str(asked))
        return Failed(FailureKind.OFFLINE, "not here")

    monkeypatch.setattr(GUARD, "refuse", refuse)
    return seen


def test_the_guard_stands_before_live_dns_but_not_before_servers_on_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = refused_by(monkeypatch)
    question = DnsQuestion(DomainName("empresa.example"), "TXT")
    with FaultServer({"empresa.example/TXT": ["v=spf1 -all"]}) as server:
        assert outcome(asyncio.run(LiveSource([server.address]).ask(question))) == "v=spf1 -all"
    assert not seen

    for nameservers in ((), ("192.0.2.53",), ("https://dns.example/dns-query",), (server.address, "192.0.2.53")):
        assert outcome(asyncio.run(LiveSource(nameservers).ask(question))) == OFFLINE
    assert seen == ["empresa.example TXT"] * 4


def test_the_guard_stands_before_the_web(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = refused_by(monkeypatch)
    raw = message().replace(b"martes.\n", b"martes: https://www.empresa.example/aviso\n")
    zone = DnsZone()({"empresa.example/TXT": ["v=spf1 -all"], "www.empresa.example/A": ["93.184.215.14"]})
    dv.audit_message(raw, source=zone, probes=Probes(links=True))

    assert set(seen) == {"https://www.empresa.example/aviso"}


def test_recordings_of_different_tests_have_different_files() -> None:
    def path(nodeid: str) -> Path:
        item: Any = SimpleNamespace(nodeid=nodeid, name="x", path=Path("/p/tests/test_a.py"))
        return recording_path(item)

    assert path("tests/test_a.py::test_b") == Path("/p/tests/snapshots/test_a/test_b.json")
    assert path("tests/test_a.py::TestC::test_b") == Path("/p/tests/snapshots/test_a/TestC.test_b.json")
    odd = [path(f"tests/test_a.py::test_b[{word}]") for word in ("a/b", "a?b", "../../b", "a" * 500)]
    assert len(set(odd)) == 4
    assert all(each.parent == Path("/p/tests/snapshots/test_a") and len(each.name) < 130 for each in odd)


# The server


def send(sink: SmtpSink, text: bytes = b"Subject: x\r\n\r\ny\r\n", tls: ssl.SSLContext | None = None) -> None:
    with smtplib.SMTP(sink.host, sink.port) as server:
        if tls is not None:
            server.starttls(context=tls)
        server.sendmail("a@empresa.example", ["b@cliente.example"], text)


def test_messages_wait_until_they_are_taken(smtp_sink: SmtpSink) -> None:
    assert smtp_sink.messages == ()
    send(smtp_sink)
    send(smtp_sink)

    first, second = smtp_sink.wait_for(2)
    assert smtp_sink.messages == (first, second)
    assert smtp_sink.take(0) == first
    assert smtp_sink.wait_for(1) == (second,)
    assert smtp_sink.take(0) == second
    assert smtp_sink.take(0) is None


def test_a_mail_that_does_not_come(smtp_sink: SmtpSink) -> None:
    with pytest.raises(TimeoutError, match=rf"0 of 1 mails came within 0 s; .* 127\.0\.0\.1, port {smtp_sink.port}\?"):
        smtp_sink.wait_for(1, timeout=0)


@pytest.mark.deliverability(starttls=True)
def test_starttls_with_a_certificate_to_trust(smtp_sink: SmtpSink) -> None:
    assert smtp_sink.certificate
    send(smtp_sink, tls=ssl.create_default_context(cafile=smtp_sink.certificate))

    assert smtp_sink.wait_for(1)[0].tls
    with pytest.raises(ssl.SSLCertVerificationError):
        send(smtp_sink, tls=ssl.create_default_context())


def test_absent_types_are_what_they_say() -> None:
    zone = DnsZone()(WHOLE)

    assert isinstance(zone.answer(DnsQuestion(DomainName("empresa.example"), "MX")), NoData)
    assert isinstance(zone.answer(DnsQuestion(DomainName("no.empresa.example"), "MX")), NoName)
