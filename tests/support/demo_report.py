"""A report made by hand, with one of everything that a report can hold; `HOSTILE` texts may be put into it."""

from __future__ import annotations

from datetime import UTC, datetime

from deliverability.core.changes import Fix, RecordChange
from deliverability.core.finding import Actor, Basis, NotApplicable, Passed, Severity, Unknown, record_evidence
from deliverability.core.names import DomainName
from deliverability.core.report import Action, Checked, Ignored, Report, score_of
from deliverability.core.rule import Area, Rule
from deliverability.core.span import Span
from deliverability.core.text import Text

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
DOMAIN = "empresa.example"
#: What a record may hold to harm whoever reads the report.
HOSTILE = (
    "\x1b[31mred\x1b[0m \x1b]8;;https://evil.example\x07link\x1b]8;;\x07",
    "\x9b2J \x85 \x90payload\x9c",
    "\u202egnp.exe\u202c \u2066x\u2069 \u200f \u061c",
    "[red]markup[/red] [link=https://evil.example]x[/link] :smile:",
    "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "a\nb\r\nc\td\x00\x7f",
    "\ud800 lone",
    "{braces} {0} %s",
    "x" * 9000,
)


def rule(code: str, severity: Severity = Severity.ERROR, area: Area = Area.AUTH, actor: Actor = Actor.DNS) -> Rule:
    return Rule(
        code,
        f"demo-{code.lower()}",
        severity,
        Basis.STANDARD,
        area,
        actor,
        label=Text(f"Demo {code}", f"Demo {code}"),
        title=Text("The record holds {what} too much", "Al registro le sobra {what}"),
        why=Text(
            "Receivers such as Gmail and Outlook reject what they cannot verify, and an invoice is then not delivered.",
            "Receptores como Gmail y Outlook rechazan lo que no pueden verificar, y la factura no llega.",
        ),
        fix=Text(
            "Whoever manages your DNS replaces the record by the one below and waits an hour.",
            "Quien gestiona su DNS sustituye el registro por el de abajo y espera una hora.",
        ),
        references=("RFC 7208 §4.6.4",),
    )


def demo_report(hostile: str = "include:mail.example") -> Report:
    long_record = "v=spf1 " + " ".join(f"ip4:192.0.2.{n}" for n in range(40)) + " -all"
    change = RecordChange(DomainName(DOMAIN), "TXT", (long_record,), ("v=spf1 " + hostile,))
    evidence = record_evidence(DOMAIN, "TXT", "v=spf1 " + hostile, Span(7, 7 + len(hostile)))
    fixable, process, note, brand = (
        rule("SPF004"),
        rule("DKIM012", Severity.WARNING, actor=Actor.PLATFORM),
        rule("DNS013", Severity.INFO, Area.IDENT),
        rule("DMARC007", Severity.WARNING, Area.BRAND),
    )
    checked = (
        Checked(fixable, fixable.found(DOMAIN, evidence=evidence, fix=Fix((change,)), what=hostile)),
        Checked(process, process.found(hostile, evidence=evidence, what=(hostile, "b"))),
        Checked(process, process.found("s2", what=Text("the key", "la clave"))),
        Checked(note, note.found(DOMAIN, what=hostile)),
        Checked(brand, brand.found(DOMAIN, what="p=none")),
        Checked(rule("SPF002"), Passed(DOMAIN, Text("4 of 10", "4 de 10"))),
        Checked(rule("SPF003"), Passed(DOMAIN)),
        Checked(rule("MX001"), Unknown(Text("no answer in time", "no hubo respuesta a tiempo"), DOMAIN, (evidence,))),
        Checked(rule("MX002"), NotApplicable(Text("no own mail server", "no hay servidor propio"), DOMAIN)),
    )
    return Report(
        subject=DOMAIN,
        kind="domain",
        now=NOW,
        checked=checked,
        score=score_of(checked),
        rules_version="2026.11",
        actions=(Action((change,), ("SPF004",), (), 79, frozenset([checked[0].outcome.fingerprint])),),  # type: ignore[union-attr]
        ignored=(Ignored(note.found(DOMAIN, what=hostile), f"known, {hostile}"),),
        notes=(Text("The profile ignored DNS020 until 2026-01-01.", "El perfil ignoraba DNS020 hasta el 2026-01-01."),),
    )
