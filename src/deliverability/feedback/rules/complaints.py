"""BNC003: the share of readers who report the mail as spam."""

from __future__ import annotations

from collections.abc import Iterator

from deliverability.core.facts import Moment
from deliverability.core.finding import (
    Actor,
    Basis,
    Finding,
    NotApplicable,
    Outcome,
    Passed,
    Severity,
    Unknown,
)
from deliverability.core.rule import Area, Rule
from deliverability.core.text import NO_TEXT, Text
from deliverability.dnsbl.facts import file_evidence
from deliverability.feedback.facts import Day, Reputation, Requirement, Window, windows

#: Google's and Yahoo's guidelines: stay below the first, never reach the second.
WARNS, REFUSES = 0.001, 0.003
#: Days that tell of the present, and days that are looked back on.
_NOW, _MONTH = 7, 30
_REQUIREMENT = "USER_REPORTED_SPAM_RATE"

COMPLAINTS = Rule(
    "BNC003",
    "complaint-rate",
    Severity.ERROR,
    Basis.PROVIDER,
    Area.MONITORING,
    Actor.SENDER,
    label=Text("Rate of spam complaints", "Tasa de quejas por spam"),
    title=Text(
        "{receiver}: readers reported {rate} of the mail from {sender} as spam ({day})",
        "{receiver}: los lectores marcaron como spam el {rate} del correo de {sender} ({day})",
    ),
    why=Text(
        "Gmail and Yahoo want less than 0.1 % and filter or refuse more and more from 0.3 % on; whoever stands above gets no help from their support. Invoices suffer for what newsletters of the same domain did.",
        "Gmail y Yahoo piden menos del 0,1 % y, a partir del 0,3 %, filtran o rechazan cada vez más; a quien lo supera, su soporte no le ayuda. Las facturas pagan lo que hicieron los boletines del mismo dominio.",
    ),
    fix=Text(
        "Whoever sends: look which mailing went out on that day, write only to those who expect it, send reminders only for what is really due, offer an easy way out of advertising, and move it to another subdomain. Keep below 0.3 % for seven days in a row.",
        "Quien envía: mire qué envío salió ese día, escriba solo a quien lo espera, mande recordatorios solo de lo que de verdad esté vencido, facilite la baja de la publicidad y llévela a otro subdominio. Manténgase por debajo del 0,3 % siete días seguidos.",
    ),
    references=("Google, email sender guidelines (2026-09)", "Yahoo Sender Hub, best practices (2026-09)"),
    cap=40,
    identity=("receiver",),
)


@COMPLAINTS.check
def complaint_rate(reputation: Reputation, moment: Moment) -> Iterator[Outcome]:
    """One outcome for each domain and address that a receiver counted complaints about."""
    told = False
    for view in windows(reputation.days):
        outcome = _of_window(view, moment)
        if outcome is not None:
            told = True
            yield outcome
    for file, one in reputation.requirements:
        if one.name == _REQUIREMENT:
            told = True
            yield _of_requirement(file, one)
    if not told:
        yield NotApplicable(
            Text("The files hold no rate of complaints.", "Los archivos no dan ninguna tasa de quejas.")
        )


def _of_window(view: Window, moment: Moment) -> Outcome | None:
    recent, month = view.worst(_NOW), view.worst(_MONTH)
    if month is None or month.complaints is None:
        return None
    subject = view.subject or view.receiver
    if view.is_stale(moment.today):
        day = view.newest
        return Unknown(Text(f"The newest data is of {day}.", f"Los datos más recientes son del {day}."), subject)
    if recent is not None and recent.complaints is not None and recent.complaints.reaches(WARNS):
        severity = Severity.ERROR if recent.complaints.reaches(REFUSES) else Severity.WARNING
        return _found(view, recent, severity)
    if month.complaints.reaches(REFUSES):
        return _found(view, month, Severity.WARNING)
    rate = month.complaints.text
    return Passed(subject, Text(f"{view.receiver}: {rate.en}", f"{view.receiver}: {rate.es}"))


def _found(view: Window, day: Day, severity: Severity) -> Finding:
    rate = day.complaints.text if day.complaints is not None else NO_TEXT
    when = str(day.day) if day.day else "–"
    seen = file_evidence(view.file, day.line, f"{view.subject} {when} {rate.en}".strip())
    return COMPLAINTS.found(
        view.subject or view.receiver,
        severity=severity,
        evidence=seen,
        receiver=view.receiver,
        rate=rate,
        sender=view.subject or Text("this domain", "este dominio"),
        day=when,
    )


def _of_requirement(file: str, one: Requirement) -> Outcome:
    """Google's own verdict: it marks the requirement as unmet from 0.3 % on."""
    subject = one.domain or one.receiver
    if one.met:
        return Passed(subject, Text(f"{one.receiver}: {one.name}", f"{one.receiver}: {one.name}"))
    return COMPLAINTS.found(
        subject,
        severity=Severity.ERROR,
        evidence=file_evidence(file, None, f"{one.name} NEEDS_WORK"),
        receiver=one.receiver,
        rate=Text("0.3 % or more", "0,3 % o más"),
        sender=one.domain or Text("this domain", "este dominio"),
        day="USER_REPORTED_SPAM_RATE",
    )
