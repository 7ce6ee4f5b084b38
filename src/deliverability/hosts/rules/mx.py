"""MX001 to MX004 and MX011: can the domain receive replies and bounces?"""

from __future__ import annotations

from collections.abc import Iterator

from deliverability.core.changes import Fix, RecordChange
from deliverability.core.facts import AuditedDomain, Sending
from deliverability.core.finding import Actor, Basis, NotApplicable, Outcome, Passed, Severity
from deliverability.core.questions import Failed, Found, join_strings
from deliverability.core.rule import Area, Rule
from deliverability.core.text import Text
from deliverability.hosts.facts import EnvelopeHosts, MailHosts, MxState, Zone
from deliverability.hosts.rules.common import (
    NEVER_SENDS,
    RSPAMD,
    fix,
    has_public,
    mx_value,
    not_applicable,
    unknown,
)

CANNOT_RECEIVE = Rule(
    "MX001",
    "cannot-receive",
    Severity.ERROR,
    Basis.STANDARD,
    Area.IDENT,
    Actor.DNS,
    label=Text("A place for replies (MX)", "Un destino para las respuestas (MX)"),
    title=Text(
        "{domain} cannot receive mail: it has no MX and no address",
        "{domain} no puede recibir correo: no tiene MX ni dirección IP",
    ),
    why=Text(
        "Replies and bounces to your invoices have nowhere to go. Many receivers refuse mail whose sender domain cannot be answered, and rspamd adds 1.5 to 3 points.",
        "Las respuestas y los rebotes de sus facturas no tienen adónde llegar. Muchos receptores rechazan el correo de un dominio al que no se puede responder, y rspamd le suma de 1,5 a 3 puntos.",
    ),
    fix=Text(
        "Whoever manages your DNS: publish the MX records of the provider that keeps your mailboxes at {domain}. The provider's help lists them.",
        "Quien gestione su DNS: publique en {domain} los registros MX del proveedor que aloja sus buzones. Los encontrará en la ayuda del proveedor.",
    ),
    references=("RFC 5321 §5.1", RSPAMD),
    consequence_of=("DNS010", "DNS014"),
    cap=50,
)


@CANNOT_RECEIVE.check
def cannot_receive(mail: MailHosts, domain: AuditedDomain) -> Outcome:
    """Found when MX, A and AAAA are all known to be absent."""
    if domain.sends is False:
        return NotApplicable(NEVER_SENDS, mail.domain)
    match mail.state:
        case MxState.UNKNOWN:
            return unknown(mail.domain, mail.evidence, *mail.own.evidence)
        case MxState.NONE:
            return CANNOT_RECEIVE.found(mail.domain, evidence=(mail.evidence, *mail.own.evidence), domain=mail.domain)
        case MxState.NULL:
            return not_applicable(
                mail.domain,
                "It says with a null MX that it takes no mail; MX003 judges that.",
                "Declara con un MX nulo que no acepta correo; eso lo valora MX003.",
            )
        case _:
            return Passed(mail.domain)


IMPLICIT_MX = Rule(
    "MX002",
    "implicit-mx",
    Severity.WARNING,
    Basis.STANDARD,
    Area.IDENT,
    Actor.DNS,
    label=Text("MX records of its own", "Registros MX propios"),
    title=Text(
        "{domain} has no MX: replies go to its own address, {addresses}",
        "{domain} no tiene MX: las respuestas van a su propia dirección, {addresses}",
    ),
    why=Text(
        "Without MX records senders deliver to the address of the domain itself, which is usually the web server. If that takes no mail, replies and bounces are lost after days of retries.",
        "Sin registros MX, el correo se entrega en la dirección del propio dominio, que suele ser la del servidor web. Si ese servidor no acepta correo, las respuestas y los rebotes se pierden tras días de reintentos.",
    ),
    fix=Text(
        "Whoever manages your DNS: publish MX records at {domain} that name the servers of your mail provider. Only if {addresses} itself takes the mail, name {domain} as its own MX.",
        "Quien gestione su DNS: publique en {domain} registros MX con los servidores de su proveedor de correo. Solo si es {addresses} quien recibe el correo, ponga {domain} como su propio MX.",
    ),
    references=("RFC 5321 §5.1",),
    consequence_of=("DNS014",),
)


@IMPLICIT_MX.check
def implicit_mx(mail: MailHosts, domain: AuditedDomain, sending: Sending) -> Outcome:
    """Found when mail goes to the address of the domain itself."""
    if domain.sends is False:
        return NotApplicable(NEVER_SENDS, mail.domain)
    match mail.state:
        case MxState.UNKNOWN:
            return unknown(mail.domain, mail.evidence, *mail.own.evidence)
        case MxState.IMPLICIT:
            return IMPLICIT_MX.found(
                mail.domain,
                evidence=(mail.evidence, *mail.own.evidence),
                fix=_explicit_mx(mail, sending),
                domain=mail.domain,
                addresses=tuple(str(address) for address in mail.own.addresses),
            )
        case MxState.NONE | MxState.NULL:
            return not_applicable(mail.domain, "It takes no mail at all.", "No recibe correo de ninguna forma.")
        case _:
            return Passed(mail.domain)


def _explicit_mx(mail: MailHosts, sending: Sending) -> Fix | None:
    """The record that says aloud what senders assume, where the address is known for a mail server: it sends as well.

    Not for an alias, beside which no MX may stand (RFC 1034 §3.6.2).
    """
    if mail.own.aliases or not has_public(mail.own) or not set(sending.ips) & set(mail.own.addresses):
        return None
    return fix(RecordChange(mail.domain, "MX", add=(f"10 {mail.domain}",)))


NULL_MX = Rule(
    "MX003",
    "null-mx-on-sender",
    Severity.ERROR,
    Basis.STANDARD,
    Area.IDENT,
    Actor.DNS,
    label=Text("No null MX on a sending domain", "Sin MX nulo en un dominio que envía"),
    title=Text(
        "{domain} sends mail but declares with a null MX that it takes none",
        "{domain} envía correo, pero declara con un MX nulo que no lo acepta",
    ),
    why=Text(
        "Receivers may refuse mail from a domain that takes no answers, with 550 5.7.27. Bounces and replies of your customers never reach you.",
        "Los receptores pueden rechazar con 550 5.7.27 el correo de un dominio que no admite respuestas. Los rebotes y las respuestas de sus clientes nunca le llegarán.",
    ),
    fix=Text(
        'Whoever manages your DNS: replace the record "MX 0 ." at {domain} by the MX records of your mail provider. If the domain really sends nothing, say so in the profile (sends = false).',
        "Quien gestione su DNS: sustituya el registro «MX 0 .» de {domain} por los MX de su proveedor de correo. Si el dominio no envía nada, indíquelo en el perfil (sends = false).",
    ),
    references=("RFC 7505 §4.2", "RFC 7505 §4.1"),
    cap=50,
)


@NULL_MX.check
def null_mx(
    mail: MailHosts, domain: AuditedDomain, zone: Zone | None, envelope: EnvelopeHosts | None
) -> Iterator[Outcome]:
    """Found when a domain that sends takes no mail, for the From domain and for the bounce domain."""
    yield _null_mx(mail, domain.sends, zone)
    if envelope is not None:
        yield _null_mx(envelope.mail, domain.sends, None)


def _null_mx(mail: MailHosts, sends: bool | None, zone: Zone | None) -> Outcome:
    if sends is False:
        return NotApplicable(NEVER_SENDS, mail.domain)
    if isinstance(mail.mx, Failed):
        return unknown(mail.domain, mail.evidence)
    if mail.state is not MxState.NULL:
        return Passed(mail.domain)
    if sends is None and zone is not None and isinstance(zone.txt.answer, Failed):
        return unknown(mail.domain, zone.txt.evidence)
    if sends is None and zone is not None and _authorizes_nobody(zone):
        return not_applicable(
            mail.domain,
            'Null MX and "v=spf1 -all" together declare a domain that sends no mail.',
            "El MX nulo y «v=spf1 -all» declaran juntos que el dominio no envía correo.",
        )
    return NULL_MX.found(mail.domain, evidence=mail.evidence, domain=mail.domain)


def _authorizes_nobody(zone: Zone) -> bool:
    """Whether the SPF record says that no host sends for the domain (RFC 7505 §4.2 names it beside the null MX)."""
    answer = zone.txt.answer
    records = answer.records if isinstance(answer, Found) else ()
    texts = [join_strings(r).strip().lower() for r in records if isinstance(r, tuple)]  # type: ignore[arg-type]
    return [text for text in texts if text.startswith(b"v=spf1")] == [b"v=spf1 -all"]


MIXED_NULL_MX = Rule(
    "MX004",
    "null-mx-beside-others",
    Severity.ERROR,
    Basis.STANDARD,
    Area.IDENT,
    Actor.DNS,
    label=Text("Null MX stands alone", "El MX nulo va solo"),
    title=Text(
        "{domain} publishes a null MX beside other MX records", "{domain} publica un MX nulo junto a otros registros MX"
    ),
    why=Text(
        'One record says that the domain takes no mail, the others say where it goes. Senders decide differently: some refuse to deliver, some try a host named "." first.',
        "Un registro dice que el dominio no acepta correo y los demás dicen adónde va. Cada remitente decide a su manera: unos no entregan y otros intentan primero un servidor llamado «.».",
    ),
    fix=Text(
        'Whoever manages your DNS: delete the record with "." as its host and keep {kept}.',
        "Quien gestione su DNS: borre el registro cuyo servidor es «.» y conserve {kept}.",
    ),
    references=("RFC 7505 §3",),
)


@MIXED_NULL_MX.check
def mixed_null_mx(mail: MailHosts) -> Outcome:
    """Found when a null MX does not stand alone."""
    if isinstance(mail.mx, Failed):
        return unknown(mail.domain, mail.evidence)
    if not isinstance(mail.mx, Found):
        return not_applicable(mail.domain, "It has no MX records.", "No tiene registros MX.")
    if mail.state is not MxState.MIXED:
        return Passed(mail.domain)
    null = tuple(mx_value(record) for record in mail.records if not record.exchange)
    return MIXED_NULL_MX.found(
        mail.domain,
        evidence=mail.evidence,
        fix=fix(RecordChange(mail.domain, "MX", remove=null)),
        domain=mail.domain,
        kept=mail.exchanges,
    )


BOUNCE_DOMAIN = Rule(
    "MX011",
    "bounce-domain-without-mx",
    Severity.ERROR,
    Basis.STANDARD,
    Area.IDENT,
    Actor.DNS,
    label=Text("A place for bounces", "Un destino para los rebotes"),
    title=Text(
        "Bounces go to {envelope}, which has no MX and no address",
        "Los rebotes van a {envelope}, que no tiene MX ni dirección IP",
    ),
    why=Text(
        "You never learn that an invoice was not delivered, and receivers that check the Return-Path refuse the mail at once.",
        "Nunca sabrá que una factura no se entregó, y los receptores que comprueban el Return-Path rechazan el correo al instante.",
    ),
    fix=Text(
        "Whoever manages your DNS: publish at {envelope} the CNAME or MX record that your sending service gives for its return path (bounce domain).",
        "Quien gestione su DNS: publique en {envelope} el registro CNAME o MX que su servicio de envío indica para el dominio de retorno (rebotes).",
    ),
    references=("RFC 5321 §5.1", "RFC 5321 §6.1"),
)


@BOUNCE_DOMAIN.check
def bounce_domain(envelope: EnvelopeHosts) -> Outcome:
    """Found when MX, A and AAAA of the MAIL FROM domain are all known to be absent."""
    mail = envelope.mail
    match mail.state:
        case MxState.UNKNOWN:
            return unknown(mail.domain, mail.evidence, *mail.own.evidence)
        case MxState.NONE:
            evidence = (mail.evidence, *mail.own.evidence)
            return BOUNCE_DOMAIN.found(mail.domain, evidence=evidence, envelope=mail.domain)
        case MxState.NULL:
            return not_applicable(
                mail.domain,
                "It says with a null MX that it takes no mail; MX003 judges that.",
                "Declara con un MX nulo que no acepta correo; eso lo valora MX003.",
            )
        case _:
            return Passed(mail.domain)


RULES = (CANNOT_RECEIVE, IMPLICIT_MX, NULL_MX, MIXED_NULL_MX, BOUNCE_DOMAIN)
