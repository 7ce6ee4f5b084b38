"""What the DKIM rules say about a message: the story of a failure, its place, and the time that counts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from deliverability.audits.message import audit_message_plan
from deliverability.core.facts import Moment, RawMessage
from deliverability.core.finding import Finding
from deliverability.core.limits import DEFAULT_LIMITS
from deliverability.core.plan import solve
from deliverability.core.report import Report
from deliverability.dkim.message import received_at
from deliverability.headers.fields import parse
from deliverability.headers.trace import Trace, read_trace
from deliverability.sources.table import TableSource
from tests.support.dkim_breaks import BREAKS, DOMAIN, LIST_FOOTER, edit, invoice, plain
from tests.support.signing import published, sign

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def report(raw: bytes, answers: dict[str, object], now: datetime = NOW) -> Report:
    return solve(audit_message_plan(RawMessage(raw, len(raw)), now=now), TableSource(answers))


def finding(found: Report, code: str) -> Finding:
    return next(f for f in found.findings if f.code == code)


def test_a_footer_is_told_as_what_ended_the_validity_and_shown_where_it_stands() -> None:
    raw = sign(plain(), domain=DOMAIN) + LIST_FOOTER
    found = finding(report(raw, published(domain=DOMAIN)), "DKIM003")

    assert "it was valid until the footer of a mailing list was appended" in found.text("en")
    assert "era válida hasta que se añadió el pie de una lista de correo" in found.text("es")
    assert (found.args["cause"], found.args["certainty"]) == ("footer-appended", "proved")
    assert [evidence.line for evidence in found.evidence] == [1, raw[: -len(LIST_FOOTER)].count(b"\n") + 1]


def test_changes_of_several_fields_stand_in_one_finding() -> None:
    broken = next(broken for broken in BREAKS if broken.name.startswith("Mailman"))
    found = finding(report(broken.arrived(), broken.answers()), "DKIM004")

    assert "From" in found.text("es")
    assert "[clientes]" in found.text("es")
    assert {"From", "Subject"} <= {evidence.name for evidence in found.evidence}


def test_what_is_only_likely_says_so() -> None:
    broken = next(broken for broken in BREAKS if broken.cause == "attachment-removed")
    found = finding(report(broken.arrived(), broken.answers()), "DKIM003")

    assert "probably" in found.text("en")
    assert "probablemente" in found.text("es")


def test_unsigned_text_behind_the_body_length_is_shown() -> None:
    raw = sign(plain(), domain=DOMAIN, length=100) + b"Nueva cuenta: ES00 1234\r\n"
    found = finding(report(raw, published(domain=DOMAIN)), "DKIM018")

    assert found.args["length"] == 100
    assert int(str(found.args["unsigned"])) > 100
    assert found.evidence[1].line is not None


def test_a_failing_signature_matters_less_beside_one_of_the_author_that_passes() -> None:
    changed = edit(b"Subject: ", b"Subject: [Lista] ")(sign(invoice(), domain=DOMAIN))
    alone = report(changed, published(domain=DOMAIN))
    answers = {**published(domain=DOMAIN), **published(domain=DOMAIN, selector="s2")}
    again = report(sign(changed, domain=DOMAIN, selector="s2"), answers)

    assert finding(alone, "DKIM004").severity == "error"
    assert finding(again, "DKIM004").severity == "info"


def test_the_time_that_counts_is_that_of_receipt() -> None:
    headers = parse(b"Received: from a by b; Sun, 22 Nov 2026 11:00:02 +0000\r\nFrom: a@b.example\r\n\r\n")
    trace = read_trace(headers, limits=DEFAULT_LIMITS)
    late, early = NOW + timedelta(days=30), NOW - timedelta(days=30)

    assert received_at({Moment: Moment(late), Trace: trace}) == datetime(2026, 11, 22, 11, 0, 2, tzinfo=UTC)
    assert received_at({Moment: Moment(late), Trace: Trace()}) == late
    assert received_at({Moment: Moment(early), Trace: trace}) == early
