"""Several mails of one sender are held against each other."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import deliverability as dv
from deliverability.audits.message import read_audit
from deliverability.audits.samples import sample_of
from deliverability.core.facts import RawMessage
from deliverability.core.finding import Unknown

NOW = datetime(2026, 11, 22, tzinfo=UTC)
MAIL = """From: Talleres Soler <facturas@empresa.example>
To: ana@cliente.example
Subject: Factura {number}
Date: Fri, 20 Nov 2026 10:00:00 +0100
Message-ID: <{id}@empresa.example>

Factura {number} por 121,00 €, vence el 20/12/2026. Transferencia a {iban}.
Talleres Soler, S. L. · NIF B12345674
"""
ONE, TWO = "ES91 2100 0418 4502 0005 1332", "ES79 2100 0813 6101 2345 6789"


def mail(number: int, *, identifier: object = None, iban: str = ONE) -> bytes:
    return MAIL.format(number=f"2026/{number}", id=identifier or number, iban=iban).replace("\n", "\r\n").encode()


def codes(reports: list[dv.Report]) -> list[set[str]]:
    return [{f.code for f in report.findings} & {"HDR013", "INV008", "INV009"} for report in reports]


def audit(mails: dict[str, bytes], **options: Any) -> list[dv.Report]:
    return list(dv.audit_messages(mails, source=dv.OFFLINE, now=NOW, domain=False, **options))


def test_the_odd_one_is_found_among_three() -> None:
    reports = audit({"a.eml": mail(1), "b.eml": mail(2, iban=TWO), "c.eml": mail(3)})

    assert codes(reports) == [set(), {"INV008"}, set()]
    found = next(f for f in reports[1].findings if f.code == "INV008")
    assert found.text("es").startswith("Este correo pide pagar en ES79 … 6789; en a.eml, c.eml figura ES91 … 1332")


def test_no_account_number_is_told_in_full() -> None:
    for report in audit({"a.eml": mail(1), "b.eml": mail(2, iban=TWO)}):
        told = [f"{f.args}{f.evidence}" for f in report.findings if f.code == "INV008"]
        assert told
        assert "0418" not in "".join(told)
        assert "0813" not in "".join(told)


def test_mails_of_one_run_are_the_same_as_mails_with_others() -> None:
    mails = {"a.eml": mail(1), "b.eml": mail(2, identifier=1)}
    others = [dv.read_sample(mails["b.eml"], name="b.eml")]
    single = dv.audit_message(mails["a.eml"], name="a.eml", source=dv.OFFLINE, now=NOW, domain=False, others=others)

    assert single == audit(mails)[0]
    assert codes([single]) == [{"HDR013"}]


def test_more_mails_than_are_compared_leave_it_unknown() -> None:
    others = [dv.read_sample(mail(n), name=f"{n}.eml") for n in range(2, 6)]
    report = dv.audit_message(
        mail(1), source=dv.OFFLINE, now=NOW, domain=False, others=others, limits=dv.Limits(samples=3)
    )

    told = {rule.code for rule, outcome in report.unknowns if isinstance(outcome, Unknown)}
    assert {"HDR013", "INV008", "INV009"} <= told


def test_a_sample_of_hostile_octets_is_small() -> None:
    raw = b"From: " + b"x@y.example, " * 5_000 + b"\r\nReply-To: " + b"a@b.example," * 5_000 + b"\r\n\r\n"
    audit = read_audit(RawMessage(raw, len(raw)), now=NOW)
    sample = sample_of(audit.facts, "x")

    assert sample.domain is None
    assert len(str(sample)) < 2_000
