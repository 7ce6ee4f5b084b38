"""Rules about marks that programs set: automatic mail, priority, receipts, programs, feedback (HDR024, 025, 026, 028, 034)."""

from __future__ import annotations

from deliverability.core.facts import Envelope, MailClass, Moment, Receiving, Sending
from deliverability.core.finding import Actor, Basis, NotApplicable, Outcome, Passed, Severity
from deliverability.core.names import query_name
from deliverability.core.rule import Area, Rule
from deliverability.core.text import Text
from deliverability.headers.addresses import parse_addresses
from deliverability.headers.evidence import field_evidence
from deliverability.headers.facts import HeaderFacts
from deliverability.headers.fields import Field
from deliverability.headers.rules.common import (
    NO_AUTHOR,
    NO_FIELD,
    add_line,
    class_of,
    drop_lines,
    is_no_reply,
    mailer_end,
    organization,
    same_organization,
)

# --- HDR024 ---------------------------------------------------------------------------------------------------------

UNMARKED = Rule(
    "HDR024",
    "automatic-mail-unmarked",
    Severity.INFO,
    Basis.STANDARD,
    Area.MESSAGE,
    Actor.SENDER,
    label=Text("Mark of automatic mail", "Marca de correo automático"),
    title=Text("Automatic mail without Auto-Submitted", "Correo automático sin Auto-Submitted"),
    why=Text(
        "Vacation notices and ticket systems answer mail that does not say it is automatic; two programs may then answer each "
        "other without end.",
        "Los avisos de vacaciones y los sistemas de incidencias responden al correo que no dice ser automático; dos programas "
        "pueden acabar respondiéndose sin fin.",
    ),
    fix=Text(
        "Have the sending program add `Auto-Submitted: auto-generated` to what it sends by itself.",
        "Haga que el programa añada `Auto-Submitted: auto-generated` a lo que envía por sí solo.",
    ),
    references=("RFC 3834 §5",),
)
_BY_A_PERSON = Text("Nothing shows that a program wrote it.", "Nada indica que lo haya escrito un programa.")


@UNMARKED.check
def unmarked(facts: HeaderFacts, mail_class: MailClass | None, receiving: Receiving | None) -> Outcome:
    """RFC 3834 §5: automatic mail has the field. An invoice and a no-reply address are signs of a program."""
    field = facts.first("auto-submitted")
    if field is not None:
        return Passed("Auto-Submitted")
    author = facts.author
    automatic = class_of(mail_class, receiving) is MailClass.TRANSACTIONAL or (
        author is not None and is_no_reply(author)
    )
    if not automatic or facts.in_reply_to.ids:
        return NotApplicable(_BY_A_PERSON)
    return UNMARKED.found("Auto-Submitted", fix=add_line("Auto-Submitted", "auto-generated"))


# --- HDR025 ---------------------------------------------------------------------------------------------------------

PRIORITY = Rule(
    "HDR025",
    "priority-flags",
    Severity.INFO,
    Basis.OPINION,
    Area.MESSAGE,
    Actor.SENDER,
    label=Text("Priority marks", "Marcas de prioridad"),
    title=Text("The mail calls itself urgent ({name}: {value})", "El correo se declara urgente ({name}: {value})"),
    why=Text(
        "Few programs show it, readers are used to it from advertising, and old filters counted it against the mail.",
        "Pocos programas lo muestran, los lectores lo asocian a la publicidad y los filtros antiguos lo contaban en contra.",
    ),
    fix=Text("Leave these headers out.", "Quite estas cabeceras del envío."),
    references=("RFC 4021", "SpamAssassin 4.0.1 X_PRIORITY_HIGH (2024-03)"),
)
_URGENT = {
    "x-priority": ("1", "2"),
    "x-msmail-priority": ("high",),
    "importance": ("high",),
    "priority": ("urgent",),
}


@PRIORITY.check
def priority(facts: HeaderFacts) -> Outcome:
    """The fields that common programs write for it."""
    urgent = [
        field for name, values in _URGENT.items() for field in facts.all(name) if field.text.lower().startswith(values)
    ]
    if not urgent:
        return Passed()
    return PRIORITY.found(
        urgent[0].name,
        evidence=[field_evidence(field) for field in urgent],
        fix=drop_lines(facts, urgent),
        name=urgent[0].name,
        value=urgent[0].text[:40],
    )


# --- HDR026 ---------------------------------------------------------------------------------------------------------

RECEIPT_ELSEWHERE = Rule(
    "HDR026",
    "receipt-address-elsewhere",
    Severity.WARNING,
    Basis.FILTER,
    Area.MESSAGE,
    Actor.SENDER,
    label=Text("Address for read receipts", "Dirección para acuses de lectura"),
    title=Text(
        "{name} asks for read receipts to {address}, not to {domain}",
        "{name} pide acuses de lectura a {address}, no a {domain}",
    ),
    why=Text(
        "rspamd gives 2 points for each of two rules about it, and programs ask the reader before they send a receipt to "
        "another address. A receipt proves no reading: most readers never send one.",
        "rspamd da 2 puntos por cada una de sus dos reglas, y los programas preguntan al lector antes de mandar el acuse a otra "
        "dirección. Un acuse no prueba la lectura: casi nadie lo envía.",
    ),
    fix=Text(
        "Leave the header out, or let it name the address of From.",
        "Quite la cabecera, o indique en ella la dirección del From.",
    ),
    references=("RFC 8098 §2.1", "rspamd 3.4 headers_checks (2026-08)"),
    filter_points=4.0,
)
_RECEIPT = ("disposition-notification-to", "return-receipt-to", "x-confirm-reading-to")


@RECEIPT_ELSEWHERE.check
def receipt_elsewhere(facts: HeaderFacts, envelope: Envelope | None) -> Outcome:
    """RFC 8098 §2.1: programs compare it with the Return-Path; a receipt to its domain or to From's is in order."""
    fields = [field for name in _RECEIPT for field in facts.all(name)]
    if not fields:
        return NotApplicable(NO_FIELD, "Disposition-Notification-To")
    if facts.author is None:
        return NotApplicable(NO_AUTHOR, fields[0].name)
    own = [facts.author.domain]
    path = query_name((envelope.mail_from or "").rpartition("@")[2]) if envelope else None
    if path:
        own.append(path)
    for field in fields:
        for box in parse_addresses(field.value).mailboxes:
            if box.domain and not any(same_organization(box.domain, domain) for domain in own):
                return _receipt(facts, field, box.address)
    return Passed(fields[0].name)


def _receipt(facts: HeaderFacts, field: Field, address: str) -> Outcome:
    return RECEIPT_ELSEWHERE.found(
        field.name,
        evidence=field_evidence(field),
        fix=drop_lines(facts, [each for name in _RECEIPT for each in facts.all(name)]),
        name=field.name,
        address=address,
        domain=facts.author.domain if facts.author else "",
    )


# --- HDR028 ---------------------------------------------------------------------------------------------------------

OLD_MAILER = Rule(
    "HDR028",
    "old-or-forged-mailer",
    Severity.WARNING,
    Basis.FILTER,
    Area.MESSAGE,
    Actor.SENDER,
    label=Text("Program named in X-Mailer", "Programa indicado en X-Mailer"),
    title=Text(
        "{name} names a program without support since {year}: {value}",
        "{name} indica un programa sin soporte desde {year}: {value}",
    ),
    why=Text(
        "Spam tools claim to be old mail programs, so filters distrust the name: rspamd gives 2 to 4.5 points, SpamAssassin up "
        "to 4. If the program is real, its known holes are no longer closed.",
        "Las herramientas de spam se hacen pasar por programas antiguos, y los filtros desconfían del nombre: rspamd da de 2 a "
        "4,5 puntos y SpamAssassin hasta 4. Si el programa es auténtico, ya nadie corrige sus fallos de seguridad.",
    ),
    fix=Text(
        "Leave the header out of what your software sends; if the program is really in use, replace it by one that is still "
        "maintained.",
        "Quite la cabecera de lo que envía su programa; si de verdad usa ese programa, cámbielo por uno que aún se mantenga.",
    ),
    references=("rspamd 3.4 FORGED_OUTLOOK (2026-08)", "SpamAssassin 4.0.1 FORGED_MUA_OUTLOOK (2024-03)"),
    filter_points=4.5,
)
#: Years after the end of a program's support in which its mail is still no surprise.
_GRACE = 2


@OLD_MAILER.check
def old_mailer(facts: HeaderFacts, moment: Moment) -> Outcome:
    """The program's end of support against the date of the message, so that old mail is not blamed for its time."""
    field = facts.first("x-mailer") or facts.first("user-agent")
    if field is None:
        return NotApplicable(NO_FIELD, "X-Mailer")
    ended = mailer_end(field.text)
    written = facts.date.moment if facts.date and facts.date.moment else moment.now
    if ended is None or written.year <= ended.year + _GRACE:
        return Passed(field.name)
    return OLD_MAILER.found(
        field.name,
        evidence=field_evidence(field),
        fix=drop_lines(facts, facts.all(field.key)),
        name=field.name,
        year=ended.year,
        value=field.text[:80],
    )


# --- HDR034 ---------------------------------------------------------------------------------------------------------

NO_FEEDBACK_ID = Rule(
    "HDR034",
    "no-feedback-id",
    Severity.INFO,
    Basis.PROVIDER,
    Area.MESSAGE,
    Actor.SENDER,
    label=Text("Feedback-ID of bulk mail", "Feedback-ID en envíos masivos"),
    title=Text("About {volume} mails a day without Feedback-ID", "Unos {volume} correos al día sin Feedback-ID"),
    why=Text(
        "Gmail and Orange tell their complaint rates by this header: with it you see which kind of mail is reported as spam. "
        "Orange asks for it from 1,000 messages a day.",
        "Gmail y Orange desglosan sus tasas de quejas por esta cabecera: con ella se ve qué tipo de correo se marca como spam. "
        "Orange la pide a partir de 1.000 mensajes al día.",
    ),
    fix=Text(
        "Have the sending program add `Feedback-ID: invoice:billing:mail:{sender}`, the last part the same in all your mail and "
        "5 to 15 characters long, and have DKIM sign it.",
        "Haga que el programa de envío añada `Feedback-ID: factura:cobros:mail:{sender}`, con la última parte igual en todo su "
        "correo y de 5 a 15 caracteres, y que DKIM la firme.",
    ),
    references=("Orange postmaster (2026-09-01)", "Google 6254652 (2026-09)"),
)
#: Orange's threshold, messages a day.
_VOLUME = 1_000


@NO_FEEDBACK_ID.check
def no_feedback_id(facts: HeaderFacts, sending: Sending) -> Outcome:
    """Only for those who send much; how much, nobody but the sender knows."""
    if facts.first("feedback-id") is not None:
        return Passed("Feedback-ID")
    volume = sending.daily_volume
    if volume is None or volume < _VOLUME:
        return NotApplicable(_FEW, "Feedback-ID")
    # Google 6254652: the last part has 5 to 15 characters.
    sender = organization(facts.author.domain if facts.author else "empresa.example").replace(".", "-")[:15]
    return NO_FEEDBACK_ID.found("Feedback-ID", severity=Severity.INFO, volume=volume, sender=sender)


_FEW = Text(
    "It is for those who send 1,000 messages a day or more, and nothing says so.",
    "Es para quien envía 1.000 mensajes al día o más, y nada lo indica.",
)

RULES: tuple[Rule, ...] = (UNMARKED, PRIORITY, RECEIPT_ELSEWHERE, OLD_MAILER, NO_FEEDBACK_ID)
