"""Rules about date, identifier and thread (HDR009, 011 to 013, 029)."""

from __future__ import annotations

from deliverability.core.changes import Fix
from deliverability.core.facts import Samples, Stage
from deliverability.core.finding import Actor, Basis, NotApplicable, Outcome, Passed, Severity, Unknown
from deliverability.core.patterns import pattern
from deliverability.core.rule import Area, Rule
from deliverability.core.text import Text
from deliverability.headers.dates import DateDefectKind, DateReading
from deliverability.headers.evidence import field_evidence
from deliverability.headers.facts import HeaderFacts
from deliverability.headers.fields import Field
from deliverability.headers.message_id import MessageIdDefectKind
from deliverability.headers.rules.common import (
    MAILING_LIST,
    NO_FIELD,
    NOT_ALL_COMPARED,
    from_list,
    names_of,
    replace_line,
)
from deliverability.headers.writing import encode_words, write_date

_CUT = Text(
    "The headers are too long to be read whole; it may stand further down.",
    "Las cabeceras son demasiado largas para leerlas enteras; puede estar más abajo.",
)

# --- HDR009 ---------------------------------------------------------------------------------------------------------

BAD_DATE = Rule(
    "HDR009",
    "date-missing-or-invalid",
    Severity.ERROR,
    Basis.STANDARD,
    Area.MESSAGE,
    Actor.SENDER,
    label=Text("Date header", "Cabecera Date"),
    title=Text("Date is not in order: {problem}", "La fecha (Date) no es correcta: {problem}"),
    why=Text(
        "The standard requires Date. SpamAssassin gives up to 2.7 points, rspamd 1, and a program that cannot read the date "
        "files the mail at the wrong place of the inbox.",
        "El estándar exige la cabecera Date. SpamAssassin da hasta 2,7 puntos y rspamd 1, y un programa que no la entiende "
        "coloca el correo en el lugar equivocado de la bandeja.",
    ),
    fix=Text(
        "Whoever maintains the sending software: write the date in English with its numeric zone, such as "
        "`Sun, 22 Nov 2026 10:00:00 +0100`, whatever the language of the computer.",
        "Quien mantenga el programa de envío: escriba la fecha en inglés y con la zona en números, como "
        "`Sun, 22 Nov 2026 10:00:00 +0100`, sea cual sea el idioma del equipo.",
    ),
    references=("RFC 5322 §3.3", "RFC 5322 §3.6.1", "Google 81126 (2026-09)"),
)

_DATE_MISSING = Text("the header is missing", "falta la cabecera")
_DATE_PROBLEMS = {
    DateDefectKind.EMPTY: Text("it is empty", "está vacía"),
    DateDefectKind.LANGUAGE: Text("day or month are not in English", "el día o el mes no están en inglés"),
    DateDefectKind.RANGE: Text("there is no such day or time", "ese día u hora no existe"),
    DateDefectKind.SYNTAX: Text("it is not in the form of the standard", "no tiene la forma del estándar"),
    DateDefectKind.BAD_ZONE: Text("its time zone is not of the form +0100", "su zona horaria no tiene la forma +0100"),
    DateDefectKind.NO_ZONE: Text("it has no time zone", "no lleva zona horaria"),
    DateDefectKind.COMMENT: Text("a parenthesis is not closed", "hay un paréntesis sin cerrar"),
    DateDefectKind.WEEKDAY: Text("the day of the week is not that of the date", "el día de la semana no es el de la fecha"),
    DateDefectKind.UNKNOWN_ZONE: Text("its time zone is a name and not a number", "su zona horaria es un nombre y no un número"),
    DateDefectKind.TEXT_AFTER: Text("text follows the date", "hay texto detrás de la fecha"),
    DateDefectKind.ONE_DIGIT: Text("hour, minute or second has one digit", "la hora, el minuto o el segundo lleva una cifra"),
    DateDefectKind.OBSOLETE_YEAR: Text("the year has fewer than four digits", "el año tiene menos de cuatro cifras"),
    DateDefectKind.OBSOLETE_ZONE: Text("its time zone is a name and not a number", "su zona horaria es un nombre y no un número"),
}  # fmt: skip
#: Receivers must accept these (RFC 5322 §4).
_OBSOLETE = {DateDefectKind.OBSOLETE_YEAR, DateDefectKind.OBSOLETE_ZONE}
#: The moment is still read the same by all.
_MILD = {DateDefectKind.WEEKDAY, DateDefectKind.UNKNOWN_ZONE, DateDefectKind.ONE_DIGIT, DateDefectKind.TEXT_AFTER}


@BAD_DATE.check
def bad_date(facts: HeaderFacts, stage: Stage | None) -> Outcome:
    """RFC 5322 §3.6: Date is required; §3.3 is its form, §4.3 the obsolete ones, which are info.

    Before submission the mail server may still add one (RFC 6409 §8.2).
    """
    field, reading = facts.first("date"), facts.date
    if field is None or reading is None:
        milder = Severity.WARNING if stage is Stage.SUBMITTED else Severity.ERROR
        return Unknown(_CUT) if facts.headers.cut else BAD_DATE.found("Date", severity=milder, problem=_DATE_MISSING)
    worst = next((kind for kind in _DATE_PROBLEMS if kind in reading.defects), None)
    if worst is None:
        return Passed("Date")
    return BAD_DATE.found(
        "Date",
        severity=Severity.INFO if worst in _OBSOLETE else Severity.WARNING if worst in _MILD else Severity.ERROR,
        evidence=field_evidence(field),
        fix=_rewritten(facts, field, reading),
        problem=_DATE_PROBLEMS[worst],
    )


def _rewritten(facts: HeaderFacts, field: Field, reading: DateReading) -> Fix | None:
    """The same moment in the right form, where the text tells the moment and its zone."""
    if reading.moment is None or DateDefectKind.UNKNOWN_ZONE in reading.defects:
        return None
    return replace_line(facts, field, write_date(reading.moment))


# --- HDR011 ---------------------------------------------------------------------------------------------------------

NO_MESSAGE_ID = Rule(
    "HDR011",
    "message-id-missing",
    Severity.ERROR,
    Basis.STANDARD,
    Area.MESSAGE,
    Actor.SENDER,
    label=Text("Message-ID header", "Cabecera Message-ID"),
    title=Text("There is no Message-ID", "Falta la cabecera Message-ID"),
    why=Text(
        "Gmail refuses mail without it (5.7.1), rspamd gives 2.5 points, and no answer or report can be matched to the mail.",
        "Gmail rechaza el correo sin ella (5.7.1), rspamd da 2,5 puntos, y ninguna respuesta ni informe se puede asociar al "
        "mensaje.",
    ),
    fix=Text(
        "Whoever maintains the sending software: write `Message-ID: <unique-text@{domain}>`, another text for each message. "
        "Mail libraries have a function for it. Keep it in your log: a complaint or a bounce names it.",
        "Quien mantenga el programa de envío: escriba `Message-ID: <texto-único@{domain}>`, con un texto distinto en cada "
        "mensaje. Las bibliotecas de correo tienen una función para ello. Guárdelo en su registro: una queja o un rebote lo citan.",
    ),
    references=("RFC 5322 §3.6.4", "Google 81126 (2026-09)"),
)


@NO_MESSAGE_ID.check
def no_message_id(facts: HeaderFacts, stage: Stage | None) -> Outcome:
    """RFC 5322 §3.6.4: SHOULD, and Gmail requires it. Before submission the mail server may still add one (RFC 6409 §8.3)."""
    field = facts.first("message-id")
    if field is None and facts.headers.cut:
        return Unknown(_CUT)
    if field is not None and field.value:
        return Passed("Message-ID")
    author = facts.author
    return NO_MESSAGE_ID.found(
        "Message-ID",
        severity=Severity.WARNING if stage is Stage.SUBMITTED else Severity.ERROR,
        evidence=() if field is None else field_evidence(field),
        domain=author.domain if author else "empresa.example",
    )


# --- HDR012 ---------------------------------------------------------------------------------------------------------

BAD_MESSAGE_ID = Rule(
    "HDR012",
    "message-id-malformed",
    Severity.WARNING,
    Basis.STANDARD,
    Area.MESSAGE,
    Actor.SENDER,
    label=Text("Form of the Message-ID", "Forma del Message-ID"),
    title=Text("Message-ID {id} is malformed: {problem}", "El Message-ID {id} está mal formado: {problem}"),
    why=Text(
        "It has to be unique in the world, which a domain name of your own after the @ makes it. Filters give 0.5 to 2.6 points "
        "to other forms, and Gmail may refuse them.",
        "Tiene que ser único en el mundo, y eso lo consigue un dominio propio tras la @. Los filtros dan de 0,5 a 2,6 puntos a "
        "otras formas, y Gmail puede rechazarlas.",
    ),
    fix=Text(
        "Whoever maintains the sending software: write `<unique-text@{domain}>`. Usually it takes the computer's own name: give "
        "the server its full host name, or set the domain in the mail library.",
        "Quien mantenga el programa de envío: escriba `<texto-único@{domain}>`. Suele tomar el nombre del equipo: dé al servidor "
        "su nombre completo, o indique el dominio en la biblioteca de correo.",
    ),
    references=("RFC 5322 §3.6.4",),
)

_ID_PROBLEMS = {
    MessageIdDefectKind.NO_BRACKETS: Text("it lacks its angle brackets", "le faltan los corchetes angulares"),
    MessageIdDefectKind.NO_AT: Text("it has no @", "no lleva @"),
    MessageIdDefectKind.BLANK: Text("it holds a blank", "contiene un espacio"),
    MessageIdDefectKind.SEVERAL_AT: Text("it has several @", "lleva varias @"),
    MessageIdDefectKind.ADDRESS: Text("an IP address follows the @", "tras la @ hay una dirección IP"),
    MessageIdDefectKind.LOCAL_HOST: Text("a name that many computers have follows the @", "tras la @ hay un nombre que tienen muchos equipos"),
    MessageIdDefectKind.NO_FQDN: Text("no full domain name follows the @", "tras la @ no hay un dominio completo"),
    MessageIdDefectKind.BAD_CHARACTER: Text("it holds signs that are not allowed", "contiene signos no permitidos"),
    MessageIdDefectKind.SEVERAL_IDS: Text("the header holds several", "la cabecera lleva varios"),
}  # fmt: skip
#: Large platforms write these; filters give half a point.
_COMMON_IDS = {MessageIdDefectKind.NO_FQDN}
_MAX_ID = 80


@BAD_MESSAGE_ID.check
def bad_message_id(facts: HeaderFacts) -> Outcome:
    """RFC 5322 §3.6.4: `<id-left@id-right>`, and by its advice a domain at the right."""
    field = facts.first("message-id")
    if field is None or not facts.message_id.ids:
        return NotApplicable(NO_FIELD, "Message-ID")
    defects = {defect.kind: defect for defect in reversed(facts.message_id.defects)}
    worst = next((kind for kind in _ID_PROBLEMS if kind in defects), None)
    if worst is None:
        return Passed("Message-ID")
    author = facts.author
    literal = worst is MessageIdDefectKind.ADDRESS and facts.message_id.ids[0].right.startswith("[")
    return BAD_MESSAGE_ID.found(
        "Message-ID",
        severity=Severity.INFO if literal or worst in _COMMON_IDS else Severity.WARNING,
        evidence=field_evidence(field, defects[worst].span),
        id=field.text[:_MAX_ID],
        problem=_ID_PROBLEMS[worst],
        domain=author.domain if author else "empresa.example",
    )


# --- HDR013 ---------------------------------------------------------------------------------------------------------

REUSED_MESSAGE_ID = Rule(
    "HDR013",
    "message-id-reused",
    Severity.WARNING,
    Basis.STANDARD,
    Area.MESSAGE,
    Actor.SENDER,
    label=Text("A Message-ID of its own", "Message-ID propio"),
    title=Text(
        "Another mail has the same Message-ID {id}: {others}", "Otro correo lleva el mismo Message-ID {id}: {others}"
    ),
    why=Text(
        "Mailboxes keep one mail of each Message-ID: Gmail, Exchange and others drop the second one as a copy of the first, and "
        "the customer never sees that invoice.",
        "Los buzones guardan un solo correo por Message-ID: Gmail, Exchange y otros descartan el segundo como copia del primero, "
        "y el cliente no llega a ver esa factura.",
    ),
    fix=Text(
        "Whoever maintains the sending software: make a new Message-ID for each mail, also for a reminder and for the same "
        "invoice to another address. Do not derive it from the invoice number alone; mail libraries have a function for it.",
        "Quien mantenga el programa de envío debe generar un Message-ID nuevo para cada correo, también para un recordatorio o "
        "para la misma factura a otra dirección. No basta con formarlo a partir del número de factura; las bibliotecas de "
        "correo tienen una función para ello.",
    ),
    references=("RFC 5322 §3.6.4",),
)


@REUSED_MESSAGE_ID.check
def reused_message_id(facts: HeaderFacts, samples: Samples) -> Outcome:
    """RFC 5322 §3.6.4: each MUST be unique to its message. The same mail given twice is no second mail."""
    field, own = facts.first("message-id"), samples.own
    if field is None or not own.message_id:
        return NotApplicable(NO_FIELD, "Message-ID")
    alike = [o for o in samples.others if o.message_id == own.message_id and o.letterhead != own.letterhead]
    if not alike:
        return Unknown(NOT_ALL_COMPARED, "Message-ID") if samples.cut else Passed("Message-ID")
    return REUSED_MESSAGE_ID.found(
        "Message-ID",
        evidence=field_evidence(field),
        id=field.text[:_MAX_ID],
        others=names_of(alike),
    )


# --- HDR029 ---------------------------------------------------------------------------------------------------------

FAKE_THREAD = Rule(
    "HDR029",
    "fake-thread",
    Severity.WARNING,
    Basis.FILTER,
    Area.MESSAGE,
    Actor.SENDER,
    label=Text("Answers that are answers", "Respuestas que lo son"),
    title=Text(
        "The subject begins with {prefix}, but the mail answers nothing",
        "El asunto empieza por {prefix}, pero el correo no responde a nada",
    ),
    why=Text(
        "A prefix that feigns an earlier exchange is an old trick: rspamd gives 1 point, and readers who notice it report spam.",
        "Fingir una conversación previa es un truco viejo: rspamd da 1 punto, y los lectores que lo notan marcan spam.",
    ),
    fix=Text(
        "Leave the prefix out. A reminder of an invoice may answer your own earlier mail instead: put that mail's Message-ID "
        "into In-Reply-To and References.",
        "Quite el prefijo. El recordatorio de una factura puede, en cambio, responder a su propio correo anterior: ponga el "
        "Message-ID de aquel en In-Reply-To y References.",
    ),
    references=("RFC 5322 §3.6.5", "rspamd 3.4 FAKE_REPLY (2026-08)"),
    filter_points=1.0,
)

_REPLY = pattern(r"\s*((?:re|aw|sv|resp?)(?:\s*\[\d{1,3}\])?\s*[:：])\s*", 2)
_FORWARD = pattern(r"\s*((?:rv|fwd?|wg|tr|enc|i)\s*:)\s*", 2)
#: Any of these shows an earlier message.
_THREAD = (
    "in-reply-to",
    "references",
    "thread-index",
    "x-original-message-id",
    "x-forwarded-message-id",
    "resent-from",
)


@FAKE_THREAD.check
def fake_thread(facts: HeaderFacts) -> Outcome:
    """RFC 5322 §3.6.5: "Re: " belongs to a reply. A forward often carries no reference: then it is only told."""
    field = facts.first("subject")
    if field is None:
        return NotApplicable(NO_FIELD, "Subject")
    prefix = _REPLY.match(facts.subject) or _FORWARD.match(facts.subject)
    if prefix is None or any(name in facts.by_name for name in _THREAD):
        return Passed("Subject")
    if from_list(facts):
        return NotApplicable(MAILING_LIST, "Subject")
    rest = facts.subject
    while more := _REPLY.match(rest) or _FORWARD.match(rest):
        rest = rest[more.end() :]
    return FAKE_THREAD.found(
        "Subject",
        severity=Severity.WARNING if _REPLY.match(facts.subject) else Severity.INFO,
        evidence=field_evidence(field),
        fix=replace_line(facts, field, encode_words(rest) if rest.isprintable() and rest else None),
        prefix=prefix[1],
    )


RULES: tuple[Rule, ...] = (BAD_DATE, NO_MESSAGE_ID, BAD_MESSAGE_ID, REUSED_MESSAGE_ID, FAKE_THREAD)
