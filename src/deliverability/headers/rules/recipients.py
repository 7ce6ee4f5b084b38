"""Rules about whom the message is for, and who gets the answers (HDR014 to 018, 021)."""

from __future__ import annotations

from deliverability.core.facts import MailClass, Receiving, Stage
from deliverability.core.finding import Actor, Basis, NotApplicable, Outcome, Passed, Severity, Unknown
from deliverability.core.rule import Area, Rule
from deliverability.core.text import Text
from deliverability.headers.addresses import Mailbox, parse_addresses
from deliverability.headers.evidence import field_evidence
from deliverability.headers.facts import HeaderFacts
from deliverability.headers.rules.common import (
    MAILING_LIST,
    NO_AUTHOR,
    NO_FIELD,
    class_of,
    drop_lines,
    evidence_in,
    from_list,
    is_free_mailbox,
    is_no_reply,
    organization,
    same_organization,
)

# --- HDR014 ---------------------------------------------------------------------------------------------------------

NO_RECIPIENT = Rule(
    "HDR014",
    "to-missing-or-undisclosed",
    Severity.WARNING,
    Basis.FILTER,
    Area.MESSAGE,
    Actor.SENDER,
    label=Text("Recipient in To", "Destinatario en el To"),
    title=Text("To names no recipient: {problem}", "El To no indica ningún destinatario: {problem}"),
    why=Text(
        "Mail that names nobody looks sent to many at once. rspamd gives 2 to 3 points, SpamAssassin 1.2, more if the text "
        "names an amount of money.",
        "El correo que no nombra a nadie parece enviado a muchos a la vez. rspamd da de 2 a 3 puntos y SpamAssassin 1,2, más si "
        "el texto menciona un importe.",
    ),
    fix=Text(
        "Send each customer a message of their own, with their address in To.",
        "Envíe a cada cliente su propio mensaje, con su dirección en el To.",
    ),
    references=("rspamd 3.4 MISSING_TO (2026-08)", "SpamAssassin 4.0.1 MISSING_HEADERS (2024-03)"),
    filter_points=3.0,
)
_TO_MISSING = Text("the header is missing", "falta la cabecera")
_TO_GROUP = Text("it names nobody ({group})", "no nombra a nadie ({group})")
_TO_NOBODY = Text("it holds no address", "no contiene ninguna dirección")
_CUT = Text(
    "The headers are too long to be read whole; To may stand further down.",
    "Las cabeceras son demasiado largas para leerlas enteras; el To puede estar más abajo.",
)


@NO_RECIPIENT.check
def no_recipient(facts: HeaderFacts) -> Outcome:
    """RFC 5322 §3.6.3 allows mail without To; filters know what sends it."""
    field = facts.first("to")
    if field is None:
        if facts.headers.cut:
            return Unknown(_CUT)
        severity = Severity.INFO if facts.cc else Severity.WARNING
        return NO_RECIPIENT.found("To", severity=severity, problem=_TO_MISSING)
    if any("@" in box.address for box in facts.to):
        return Passed("To")
    group = facts.to_list.groups[0].display_name[:80] if facts.to_list.groups else ""
    args = {"group": group}
    problem = Text(_TO_GROUP.format("en", args), _TO_GROUP.format("es", args)) if group else _TO_NOBODY
    return NO_RECIPIENT.found("To", evidence=field_evidence(field), problem=problem)


# --- HDR015 ---------------------------------------------------------------------------------------------------------

SHARED_WITH_OTHERS = Rule(
    "HDR015",
    "several-customers-visible",
    Severity.ERROR,
    Basis.CONSENSUS,
    Area.MESSAGE,
    Actor.SENDER,
    label=Text("One customer in To and Cc", "Un solo cliente en To y Cc"),
    title=Text(
        "{count} recipients who do not belong together see each other's addresses",
        "{count} destinatarios sin relación entre sí ven las direcciones de los demás",
    ),
    why=Text(
        "Addresses of customers shown to other customers are a breach of personal data; it leads to complaints and must be "
        "judged as one (articles 32 and 33 of the GDPR). Filters also score long lists of recipients.",
        "Mostrar a unos clientes las direcciones de otros es una brecha de datos personales; provoca quejas y obliga a "
        "valorarla como tal (artículos 32 y 33 del RGPD). Además, los filtros puntúan las listas largas de destinatarios.",
    ),
    fix=Text(
        "Send one message for each customer. Do not move them to Bcc: let the program send one by one.",
        "Envíe un mensaje por cliente. No los pase a Bcc: haga que el programa envíe uno por uno.",
    ),
    references=("Regulation (EU) 2016/679, articles 32 and 33 (2016)",),
)
_CONVERSATION = Text(
    "It is part of a conversation, whose members know each other.",
    "Es parte de una conversación, cuyos miembros ya se conocen.",
)
#: From so many parties on, mail whose kind is not known is no longer a letter among acquaintances.
_MANY = 10
#: Repeated To and Cc fields that are read.
_MAX_FIELDS = 100


@SHARED_WITH_OTHERS.check
def shared_with_others(facts: HeaderFacts, mail_class: MailClass | None, receiving: Receiving | None) -> Outcome:
    """Organizations other than the sender's in To and Cc; a free mailbox is a party for itself."""
    if facts.author is None:
        return NotApplicable(NO_AUTHOR)
    if from_list(facts):
        return NotApplicable(MAILING_LIST)
    if facts.in_reply_to.ids or facts.references.ids:
        return NotApplicable(_CONVERSATION)
    boxes = [box for box in (*facts.to, *facts.cc, *_repeated(facts)) if box.usable]
    own = organization(facts.author.domain)
    parties = {_party(box) for box in boxes} - {own, f"{facts.author.local_part}@{facts.author.domain}".lower()}
    if len(parties) < 2:
        return Passed()
    sent_by_a_program = class_of(mail_class, receiving) in (MailClass.TRANSACTIONAL, MailClass.MARKETING)
    if not sent_by_a_program and len(parties) < _MANY:
        return NotApplicable(_LETTER)
    return SHARED_WITH_OTHERS.found(
        "To",
        severity=Severity.ERROR if sent_by_a_program else Severity.WARNING,
        evidence=(*evidence_in(facts.first("to")), *evidence_in(facts.first("cc"))),
        count=len(parties),
    )


_LETTER = Text(
    "Nothing shows that the message goes to customers.", "Nada indica que el mensaje vaya dirigido a clientes."
)


def _repeated(facts: HeaderFacts) -> list[Mailbox]:
    """The mailboxes of a second To or Cc, which should not be there (HDR001) and whose addresses are seen all the same."""
    fields = [*facts.all("to")[1:], *facts.all("cc")[1:]]
    return [box for field in fields[:_MAX_FIELDS] for box in parse_addresses(field.value).mailboxes]


def _party(mailbox: Mailbox) -> str:
    if is_free_mailbox(mailbox.domain):
        return f"{mailbox.local_part}@{mailbox.domain}".lower()
    return organization(mailbox.domain)


# --- HDR016 ---------------------------------------------------------------------------------------------------------

BCC_SENT = Rule(
    "HDR016",
    "bcc-transmitted",
    Severity.ERROR,
    Basis.STANDARD,
    Area.MESSAGE,
    Actor.SENDER,
    label=Text("No Bcc in what is sent", "Sin Bcc en lo que se envía"),
    title=Text("The message carries its Bcc header", "El mensaje lleva su cabecera Bcc"),
    why=Text(
        "Every recipient can read who was meant to be hidden.",
        "Todos los destinatarios pueden leer a quién se quería ocultar.",
    ),
    fix=Text(
        "Whoever maintains the sending software: take Bcc out of the message and name those recipients only in the SMTP "
        "envelope (RCPT TO).",
        "Quien mantenga el programa de envío: quite Bcc del mensaje e indique esos destinatarios solo en el sobre SMTP (RCPT TO).",
    ),
    references=("RFC 5322 §3.6.3", "RFC 5322 §5"),
)


@BCC_SENT.check
def bcc_sent(facts: HeaderFacts, stage: Stage | None) -> Outcome:
    """RFC 5322 §3.6.3: the line is taken out before sending, or left empty. A draft still has it."""
    fields = facts.all("bcc")
    if not fields:
        return Passed("Bcc")
    named = [field for field in fields if field.value]
    if stage is Stage.SUBMITTED and named:
        return BCC_SENT.found(
            "Bcc", severity=Severity.WARNING, evidence=field_evidence(named[0]), fix=drop_lines(facts, fields)
        )
    return BCC_SENT.found(
        "Bcc",
        severity=Severity.ERROR if named else Severity.INFO,
        evidence=field_evidence(fields[0]),
        fix=drop_lines(facts, fields),
    )


# --- HDR017 ---------------------------------------------------------------------------------------------------------

FOREIGN_REPLY_TO = Rule(
    "HDR017",
    "reply-to-elsewhere",
    Severity.WARNING,
    Basis.FILTER,
    Area.MESSAGE,
    Actor.SENDER,
    label=Text("Answers go to the sender's domain", "Las respuestas van al dominio del remitente"),
    title=Text(
        "Answers go to {address}, not to {domain}",
        "Las respuestas van a {address}, no a {domain}",
    ),
    why=Text(
        "Fraud with invoices works this way: a known sender, and answers to somebody else's mailbox. SpamAssassin gives 2.5 "
        "points where the mailbox is a free one, rspamd up to 6.",
        "Así funciona el fraude con facturas: un remitente conocido y las respuestas al buzón de otro. SpamAssassin da 2,5 "
        "puntos si el buzón es gratuito; rspamd, hasta 6.",
    ),
    fix=Text(
        "Let answers go to an address at {domain} that somebody reads, and forward from there if need be. If a service sends in "
        "its own name for you, have it send from your domain instead (own-domain sending in its settings).",
        "Haga que las respuestas vayan a una dirección de {domain} que alguien lea, y reenvíe desde ahí si hace falta. Si un "
        "servicio envía por usted con su propio nombre, configure en él que envíe desde el dominio de su empresa.",
    ),
    references=("SpamAssassin 4.0.1 FREEMAIL_FORGED_REPLYTO (2024-03)", "rspamd 3.4 SPOOF_REPLYTO (2026-08)"),
    filter_points=6.0,
)


@FOREIGN_REPLY_TO.check
def foreign_reply_to(facts: HeaderFacts) -> Outcome:
    """The organization of every Reply-To mailbox against that of From."""
    field, author = facts.first("reply-to"), facts.author
    if field is None or not facts.reply_to:
        return NotApplicable(NO_FIELD, "Reply-To")
    if author is None:
        return NotApplicable(NO_AUTHOR, "Reply-To")
    if from_list(facts):
        return NotApplicable(MAILING_LIST, "Reply-To")
    foreign = [box for box in facts.reply_to if box.domain and not same_organization(box.domain, author.domain)]
    if not foreign:
        return Passed("Reply-To")
    worst = next((box for box in foreign if is_free_mailbox(box.domain)), foreign[0])
    return FOREIGN_REPLY_TO.found(
        "Reply-To",
        evidence=(field_evidence(field, worst.span), *evidence_in(facts.first("from"))),
        address=worst.address,
        domain=author.domain,
    )


# --- HDR018 ---------------------------------------------------------------------------------------------------------

NO_REPLY = Rule(
    "HDR018",
    "no-reply-sender",
    Severity.WARNING,
    Basis.CONSENSUS,
    Area.MESSAGE,
    Actor.SENDER,
    label=Text("Answers are read", "Las respuestas se leen"),
    title=Text("Answers to this mail go to {address}", "Las respuestas a este correo van a {address}"),
    why=Text(
        "A customer who has a question about an invoice cannot ask it and pays later or reports spam. Outlook.com asks of "
        "those who send much that From or Reply-To can be answered.",
        "El cliente con una duda sobre la factura no puede preguntar, paga más tarde o marca spam. Outlook.com pide a quien "
        "envía mucho que se pueda responder al From o al Reply-To.",
    ),
    fix=Text(
        "Send from an address that somebody reads (`invoices@{domain}`), or name one in Reply-To.",
        "Envíe desde una dirección que alguien lea (`facturas@{domain}`) o indique una en Reply-To.",
    ),
    references=("Microsoft: requirements for high-volume senders (2025-05)",),
)


@NO_REPLY.check
def no_reply(facts: HeaderFacts) -> Outcome:
    """Where answers go: Reply-To, else From (RFC 5322 §3.6.2). A sender that only looks so is info."""
    author = facts.author
    if author is None:
        return NotApplicable(NO_AUTHOR)
    replies = [box for box in facts.reply_to if box.usable]
    field = facts.first("reply-to" if replies else "from")
    target = next((box for box in replies or [author] if is_no_reply(box)), None)
    if target is None and not is_no_reply(author):
        return Passed(author.address)
    shown = target or author
    return NO_REPLY.found(
        shown.address,
        severity=Severity.WARNING if target else Severity.INFO,
        evidence=evidence_in(field if target else facts.first("from"), shown.span),
        address=(target or replies[0]).address,
        domain=author.domain,
    )


# --- HDR021 ---------------------------------------------------------------------------------------------------------

OTHER_SENDER = Rule(
    "HDR021",
    "sender-differs-from-from",
    Severity.WARNING,
    Basis.CONSENSUS,
    Area.MESSAGE,
    Actor.SENDER,
    label=Text("Sender and From agree", "Sender y From coinciden"),
    title=Text(
        "Sender says {sender}, From says {author}",
        "Sender dice {sender} y From dice {author}",
    ),
    why=Text(
        "Outlook shows “{sender} on behalf of {author}”, which customers take for a forgery.",
        "Outlook muestra «{sender} en nombre de {author}», que los clientes toman por una falsificación.",
    ),
    fix=Text(
        "Have the sending program leave Sender out, or write the address of From into it. If your provider adds it, set up the "
        "domain there as your own.",
        "Haga que el programa de envío omita Sender o ponga en él la dirección del From. Si lo añade su proveedor, configure "
        "allí el dominio como propio.",
    ),
    references=("RFC 5322 §3.6.2",),
)


@OTHER_SENDER.check
def other_sender(facts: HeaderFacts) -> Outcome:
    """RFC 5322 §3.6.2: Sender is for another agent than the author; with one author it can be left out."""
    field, sender, author = facts.first("sender"), facts.sender, facts.author
    if field is None or sender is None or not sender.domain:
        return NotApplicable(NO_FIELD, "Sender")
    if author is None:
        return NotApplicable(NO_AUTHOR, "Sender")
    if from_list(facts):
        return NotApplicable(MAILING_LIST, "Sender")
    if (sender.local_part.lower(), sender.domain) == (author.local_part.lower(), author.domain):
        return Passed("Sender")
    return OTHER_SENDER.found(
        "Sender",
        severity=Severity.INFO if same_organization(sender.domain, author.domain) else Severity.WARNING,
        evidence=(field_evidence(field), *evidence_in(facts.first("from"))),
        fix=drop_lines(facts, facts.all("sender")),
        sender=sender.address,
        author=author.address,
    )


RULES: tuple[Rule, ...] = (NO_RECIPIENT, SHARED_WITH_OTHERS, BCC_SENT, FOREIGN_REPLY_TO, NO_REPLY, OTHER_SENDER)
