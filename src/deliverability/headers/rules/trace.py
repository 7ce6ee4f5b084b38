"""Rules about the way the message came: HDR010, HDR019, HDR020, HDR027, HDR035 and TLS002."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from deliverability.core.addresses import AddressKind, read_literal, special_range
from deliverability.core.changes import Fix, HeaderChange
from deliverability.core.facts import AuthenticationSummary, Envelope
from deliverability.core.finding import Actor, Basis, Evidence, NotApplicable, Outcome, Passed, Severity, Unknown
from deliverability.core.names import query_name
from deliverability.core.rule import Area, Rule
from deliverability.core.text import Text
from deliverability.headers.boundary import BoundaryReason
from deliverability.headers.dates import parse_date
from deliverability.headers.evidence import field_evidence
from deliverability.headers.fields import Field, Headers
from deliverability.headers.session import Session
from deliverability.headers.trace import Hop, Trace

GOOGLE_SENDERS = "Google email sender guidelines (support.google.com/a/answer/81126), 2026-09"
SPAMASSASSIN = "SpamAssassin trunk scores, 2026-08"
RSPAMD = "rspamd default scores, 2026-08"
M3AAWG = "M3AAWG Sender Best Common Practices 4.0, 2026-08-27"

#: Seconds that Date may lie after, or before, the moment a server took the message over.
FUTURE = 3 * 3600
PAST = 12 * 3600
#: The users that web servers run under, and the numbers of two of them (Debian and Red Hat).
_WEB_USERS = frozenset({"www-data", "apache", "httpd", "nginx", "www", "wwwrun", "nobody", "33", "48"})
#: The same, where they stand before the @ of an address; and other accounts of machines.
_MACHINE_USERS = _WEB_USERS | {"root", "daemon", "cpanel", "plesk", "psaadm"}
#: Fields in which PHP and hosting panels name the script that sent the message.
_SCRIPT_FIELDS = ("X-PHP-Originating-Script", "X-PHP-Script", "X-PHP-Filename")
#: Names that mean something in one network only (RFC 6762, RFC 8375, RFC 9476, ICANN's "internal").
_INNER_SUFFIXES = ("local", "localdomain", "localhost", "lan", "home", "internal", "intranet", "corp", "arpa")
#: Field values that tell a notice about another message (RFC 3834 §5).
_REPLIES = ("auto-replied", "auto-notified")
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

_NO_RECEIVED = Text(
    "The sample carries no Received field from a receiver, so the way it came cannot be seen.",
    "La muestra no lleva ningún campo Received de un receptor, así que no se ve por dónde ha llegado.",
)
_NOT_ALL_READ = Text(
    "There are more Received fields than are read, so the beginning of the way is not known.",
    "Hay más campos Received de los que se leen, así que no se conoce el comienzo del camino.",
)


def rfc5322_date(moment: datetime) -> str:
    """A moment as RFC 5322 §3.3 writes it."""
    return (
        f"{_DAYS[moment.weekday()]}, {moment.day:02d} {_MONTHS[moment.month - 1]} {moment.year:04d} "
        f"{moment:%H:%M:%S} {moment:%z}"[:31]
    )


# --- HDR010 ---------------------------------------------------------------------------------------------------------

DATE_OFF = Rule(
    "HDR010",
    "date-far-off",
    Severity.WARNING,
    Basis.FILTER,
    Area.MESSAGE,
    Actor.SENDER,
    label=Text("Date agrees with the delivery", "Fecha acorde con la entrega"),
    title=Text(
        "Date lies {hours} hours {direction} the moment the first server took the message",
        "Date está {hours} horas {direction} del momento en que el primer servidor recibió el mensaje",
    ),
    why=Text(
        "A date that is far off marks spam programs: SpamAssassin adds up to 3.4 points. The mail is also sorted wrongly in the mailbox and may not be seen.",
        "Una fecha muy desviada es típica de los programas de spam: SpamAssassin suma hasta 3,4 puntos. Además, el correo se ordena mal en el buzón y puede pasar inadvertido.",
    ),
    fix=Text(
        "Whoever runs the program that sends: set the clock (NTP) and the time zone of the machine, and write Date when the message is handed over, with its offset from UTC. Here it would have been {proposed}.",
        "Quien administre el programa que envía: ponga en hora el reloj (NTP) y la zona horaria de la máquina, y escriba Date al entregar el mensaje, con su diferencia respecto a UTC. Aquí habría sido {proposed}.",
    ),
    references=(SPAMASSASSIN, "RFC 5322 §3.6.1"),
    filter_points=3.4,
)

_LATER = Text("after", "después")
_EARLIER = Text("before", "antes")


@DATE_OFF.check
def date_far_off(headers: Headers, trace: Trace) -> Outcome:
    """Found when Date is far from the nearest of all hops: a message that waited in a queue was dated rightly."""
    field = headers.first("Date")
    date = parse_date(field.value) if field is not None else None
    if field is None or date is None:
        return NotApplicable(
            Text("There is no date that can be read; HDR009 says so.", "No hay una fecha legible; lo indica HDR009.")
        )
    hops = [hop for hop in trace.hops if hop.date is not None]
    if not hops:
        return NotApplicable(_NO_RECEIVED)
    nearest = min(hops, key=lambda hop: abs((date - (hop.date or date)).total_seconds()))
    taken = nearest.date or date
    seconds = (date - taken).total_seconds()
    if -PAST <= seconds <= FUTURE:
        return Passed("Date")
    proposed = rfc5322_date(taken)
    return DATE_OFF.found(
        "Date",
        evidence=(field_evidence(field), field_evidence(nearest.field)),
        fix=Fix(headers=(HeaderChange("Date", proposed, 0),)),
        hours=round(abs(seconds) / 3600),
        direction=_LATER if seconds > 0 else _EARLIER,
        proposed=proposed,
    )


# --- HDR019 ---------------------------------------------------------------------------------------------------------

BAD_RETURN_PATH = Rule(
    "HDR019",
    "return-path-unusable",
    Severity.ERROR,
    Basis.STANDARD,
    Area.MESSAGE,
    Actor.SENDER,
    label=Text("Usable return address", "Dirección de retorno utilizable"),
    title=Text("The return address {path} is unusable: {reason}", "La dirección de retorno {path} no sirve: {reason}"),
    why=Text(
        "Receivers send bounces there and check SPF for its domain. Nobody learns of invoices that did not arrive, SPF is looked up for the wrong domain, and some receivers refuse the mail.",
        "Los receptores devuelven ahí los rechazos y comprueban el SPF de su dominio. Nadie se entera de las facturas que no llegan, el SPF se mira en un dominio equivocado y algunos receptores rechazan el correo.",
    ),
    fix=Text(
        "Whoever runs the program that sends: set the envelope sender to a mailbox of your domain that somebody reads, such as facturas@ (PHP mail(): the fifth parameter, -f; PHPMailer: Sender; Odoo: mail.bounce.alias; Postfix: sender_canonical_maps).",
        "Quien administre el programa que envía: ponga como remitente del sobre un buzón de su dominio que alguien lea, por ejemplo facturas@ (mail() de PHP: quinto parámetro, -f; PHPMailer: Sender; Odoo: mail.bounce.alias; Postfix: sender_canonical_maps).",
    ),
    references=("RFC 5321 §4.4", "RFC 5321 §3.3"),
)


@BAD_RETURN_PATH.check
def bad_return_path(envelope: Envelope, session: Session) -> Outcome:
    """Found for a MAIL FROM that no bounce can reach; whether its domain takes mail is asked by the rules of MX."""
    path = envelope.mail_from
    if path is None:
        field = session.return_path
        if field is None:
            return NotApplicable(
                Text(
                    "The sample does not show the envelope sender: no Return-Path by its receiver, and none was told.",
                    "La muestra no deja ver el remitente del sobre: no lleva Return-Path de su receptor ni se ha indicado.",
                )
            )
        return BAD_RETURN_PATH.found(
            "MAIL FROM", evidence=field_evidence(field), path=field.text[:100], reason=_NOT_AN_ADDRESS
        )
    if not path:
        return NotApplicable(Text("It is empty; HDR020 judges that.", "Está vacía; la valora HDR020."), "MAIL FROM")
    reason = _trouble_with(path)
    if reason is None:
        return Passed("MAIL FROM")
    return BAD_RETURN_PATH.found("MAIL FROM", evidence=_path_evidence(envelope, session), path=path, reason=reason)


_NOT_AN_ADDRESS = Text("it is no address", "no es una dirección de correo")
_ADDRESS_LITERAL = Text("its domain is an IP address", "su dominio es una dirección IP")
_INNER_NAME = Text("its domain is known in one network only", "su dominio solo se conoce dentro de una red")
_MACHINE = Text(
    "it is the account that a program runs under, which nobody reads",
    "es la cuenta con la que funciona un programa, que nadie lee",
)


def _trouble_with(path: str) -> Text | None:
    local, at, domain = path.rpartition("@")
    if not at or not local or not domain or any(char in path for char in " \t<>"):
        return _NOT_AN_ADDRESS
    if read_literal(domain) is not None:
        return _ADDRESS_LITERAL
    name = query_name(domain) if domain.isascii() else domain
    if not name:
        return _NOT_AN_ADDRESS
    if "." not in name or name.rpartition(".")[2] in _INNER_SUFFIXES:
        return _INNER_NAME
    return _MACHINE if local.lower() in _MACHINE_USERS else None


def _path_evidence(envelope: Envelope, session: Session) -> Evidence:
    if session.mail_from_field is not None:
        return field_evidence(session.mail_from_field)
    return Evidence("MAIL FROM", "envelope", "", f"<{envelope.mail_from or ''}>")


# --- HDR020 ---------------------------------------------------------------------------------------------------------

EMPTY_RETURN_PATH = Rule(
    "HDR020",
    "return-path-empty",
    Severity.WARNING,
    Basis.STANDARD,
    Area.MESSAGE,
    Actor.SENDER,
    label=Text("Return address on normal mail", "Dirección de retorno en correo normal"),
    title=Text(
        "The message was sent with an empty return address (<>)",
        "El mensaje se envió con la dirección de retorno vacía (<>)",
    ),
    why=Text(
        "The empty one is for bounces and receipts only. Receivers treat the mail as a bounce: some count many of them as abuse, SPF looks at the EHLO name instead of your domain, and real bounces are lost.",
        "La vacía solo es para rechazos y acuses. Los receptores tratan el correo como un rechazo: algunos ven abuso si hay muchos, el SPF mira el nombre EHLO en vez de su dominio y los rechazos de verdad se pierden.",
    ),
    fix=Text(
        "Whoever runs the program that sends: set the envelope sender to a mailbox of your domain that takes bounces; only notices about other messages may go out with <>.",
        "Quien administre el programa que envía: ponga como remitente del sobre un buzón de su dominio que reciba los rechazos; solo los avisos sobre otros mensajes pueden salir con <>.",
    ),
    references=("RFC 5321 §4.5.5", "RFC 7208 §2.4"),
)


@EMPTY_RETURN_PATH.check
def empty_return_path(envelope: Envelope, session: Session, headers: Headers) -> Outcome:
    """Found for `<>` on a message that is neither a delivery report, a receipt nor an automatic reply."""
    if envelope.mail_from is None:
        return NotApplicable(
            Text("The sample does not show the envelope sender.", "La muestra no deja ver el remitente del sobre.")
        )
    if envelope.mail_from:
        return Passed("MAIL FROM")
    if _is_notice(headers):
        return Passed(
            "MAIL FROM",
            Text("<> is right for a notice about another message", "<> es lo correcto en un aviso sobre otro mensaje"),
        )
    return EMPTY_RETURN_PATH.found("MAIL FROM", evidence=_path_evidence(envelope, session))


def _is_notice(headers: Headers) -> bool:
    """Whether the message is about another one (RFC 3464, RFC 8098, RFC 3834): for those `<>` is right."""
    kind = headers.text("Content-Type").lower()
    automatic = headers.text("Auto-Submitted").strip().lower()
    author = headers.text("From").lower()
    return (
        kind.startswith(("multipart/report", "message/delivery-status", "message/disposition-notification"))
        or automatic.startswith(_REPLIES)
        or headers.has("X-Failed-Recipients")
        or "mailer-daemon@" in author
        or "postmaster@" in author
    )


# --- HDR027 ---------------------------------------------------------------------------------------------------------

LEAK = Rule(
    "HDR027",
    "script-or-host-shown",
    Severity.INFO,
    Basis.CONSENSUS,
    Area.MESSAGE,
    Actor.HOST,
    label=Text("Inner names not shown", "Nombres internos sin mostrar"),
    title=Text("The header section shows {what} to everybody", "La cabecera muestra a todo el mundo {what}"),
    why=Text(
        "It tells strangers about your programs and your network. Filters look closer at fields that name a script, since hacked web sites send with them; rspamd gives 3 to 4 points to forms that it takes for forged. A private address in Received is common and hardly counts.",
        "Da a desconocidos datos de sus programas y de su red. Los filtros miran con más cuidado los campos que nombran un script, porque las webs comprometidas envían con ellos; rspamd da de 3 a 4 puntos a las variantes que cree falsas. Una dirección privada en Received es corriente y apenas cuenta.",
    ),
    fix=Text("Whoever runs the server that sends: {advice}.", "Quien administre el servidor que envía: {advice}."),
    references=(RSPAMD, "RFC 5321 §7.6"),
)


_NO_SCRIPT_FIELD = Text(
    "set mail.add_x_header = Off in php.ini, and send by SMTP with login through the mail provider",
    "ponga mail.add_x_header = Off en php.ini y envíe por SMTP autenticado a través del proveedor de correo",
)
_NO_INNER_HOST = Text(
    "nothing has to be done; if you like, let the outgoing server take inner hosts out of Received (Postfix: header_checks with IGNORE on its submission service)",
    "no hay que hacer nada; si lo desea, haga que el servidor de salida quite de Received los equipos internos (Postfix: header_checks con IGNORE en su servicio de envío)",
)


@LEAK.check
def leak(headers: Headers, trace: Trace) -> Iterator[Outcome]:
    """Found for fields that name the script, and for a private host in the hop that the message began with."""
    found = False
    for name in _SCRIPT_FIELDS:
        field = headers.first(name)
        if field is not None:
            found = True
            what = Text(f"the script that sent it ({field.text[:60]})", f"el script que lo envió ({field.text[:60]})")
            change = HeaderChange(field.name, "", 0, drop=True)
            yield LEAK.found(
                field.name,
                evidence=field_evidence(field),
                fix=Fix(headers=(change,)),
                what=what,
                advice=_NO_SCRIPT_FIELD,
            )
    first = trace.first
    if first is not None and _is_inner(first):
        found = True
        shown = f"{first.helo or ''} {first.client or ''}".strip()
        what = Text(f"a host of an inner network ({shown})", f"un equipo de una red interna ({shown})")
        yield LEAK.found("Received", evidence=field_evidence(first.field), what=what, advice=_NO_INNER_HOST)
    if not found:
        yield Unknown(_NOT_ALL_READ, "Received") if trace.not_read else Passed()


def _is_inner(hop: Hop) -> bool:
    """A private address of the sender's own network. Loopback says nothing, and neither does a hop inside a receiver."""
    block = special_range(hop.client) if hop.client is not None else None
    return block is not None and block.kind is AddressKind.PRIVATE


# --- HDR035 ---------------------------------------------------------------------------------------------------------

WEB_SERVER = Rule(
    "HDR035",
    "sent-by-web-server",
    Severity.WARNING,
    Basis.CONSENSUS,
    Area.MESSAGE,
    Actor.SENDER,
    label=Text("Sent through the mail provider", "Enviado por el proveedor de correo"),
    title=Text(
        "The message was sent by the web server itself ({what}), not through the mail provider",
        "El mensaje lo envió el propio servidor web ({what}), no el proveedor de correo",
    ),
    why=Text(
        "Mail by PHP mail() leaves from the hosting server: its address is seldom in your SPF, nothing signs it with your DKIM key, and all sites of that server share its reputation. Gmail and Outlook.com then see mail without proof of origin.",
        "Lo que se envía con mail() de PHP sale del servidor de alojamiento: su dirección no suele estar en el SPF, nada lo firma con su clave DKIM y todas las webs de ese servidor comparten reputación. Gmail y Outlook.com ven un correo sin prueba de origen.",
    ),
    fix=Text(
        "Whoever looks after the web site or the billing program: send by SMTP with user and password through your mail provider (port 465 or 587), with the SMTP settings of the program or an SMTP plug-in.",
        "Quien lleve la web o el programa de facturación: envíe por SMTP con usuario y contraseña a través de su proveedor de correo (puerto 465 o 587), con los ajustes SMTP del programa o con un complemento SMTP.",
    ),
    references=(M3AAWG, GOOGLE_SENDERS),
)


@WEB_SERVER.check
def sent_by_web_server(headers: Headers, trace: Trace, authentication: AuthenticationSummary | None) -> Outcome:
    """Found where the chain begins with a web server's user or a script, and nobody logged in on the way."""
    first = trace.first
    script = next((field for name in _SCRIPT_FIELDS if (field := headers.first(name)) is not None), None)
    by_user = first is not None and first.local and (first.user or "").lower() in _WEB_USERS
    if script is None and trace.not_read:
        return Unknown(_NOT_ALL_READ, "Received")
    if script is None and not by_user:
        return Passed("Received") if first is not None else NotApplicable(_NO_RECEIVED)
    if any(hop.authenticated for hop in trace.hops):
        return Passed(
            "Received",
            Text("the program logged in at a mail server", "el programa se autenticó en un servidor de correo"),
        )
    evidence = [field_evidence(field) for field in _chain_start(script, first if by_user else None)]
    what = script.text[:60] if script is not None else f"{first.user if first else ''}"
    proven = authentication is not None and "pass" in (authentication.dkim, authentication.dmarc)
    return WEB_SERVER.found(
        "Received", severity=Severity.INFO if proven else Severity.WARNING, evidence=evidence, what=what
    )


def _chain_start(script: Field | None, first: Hop | None) -> Iterator[Field]:
    if first is not None:
        yield first.field
    if script is not None:
        yield script


# --- TLS002 ---------------------------------------------------------------------------------------------------------

NO_TLS = Rule(
    "TLS002",
    "message-without-tls",
    Severity.ERROR,
    Basis.PROVIDER,
    Area.TRANSPORT,
    Actor.HOST,
    label=Text("Encrypted on its way", "Cifrado por el camino"),
    title=Text("The message reached {by} without encryption (TLS)", "El mensaje llegó a {by} sin cifrar (sin TLS)"),
    why=Text(
        "Anybody on the way could read the invoice. Gmail wants TLS from every sender, shows an open padlock without it, and may refuse the mail with 4.7.29 or 5.7.29.",
        "Cualquiera por el camino pudo leer la factura. Gmail exige TLS a todos los remitentes, muestra un candado abierto si falta y puede rechazar el correo con 4.7.29 o 5.7.29.",
    ),
    fix=Text(
        "Whoever runs the server that sends: turn on TLS for outgoing mail (Postfix: smtp_tls_security_level = may; Exim: leave hosts_avoid_tls empty; Exchange: IgnoreSTARTTLS off), and check that no firewall strips STARTTLS.",
        "Quien administre el servidor que envía: active TLS en el correo saliente (Postfix: smtp_tls_security_level = may; Exim: deje vacío hosts_avoid_tls; Exchange: IgnoreSTARTTLS desactivado) y compruebe que ningún cortafuegos suprime STARTTLS.",
    ),
    references=(GOOGLE_SENDERS, "RFC 3207", "RFC 3848"),
)


@NO_TLS.check
def message_without_tls(session: Session) -> Outcome:
    """Found when the Received field of the boundary names a transmission type without TLS (RFC 3848)."""
    boundary = session.boundary
    hop = boundary.hop
    if hop is None or not boundary.from_outside:
        return NotApplicable(_WHY_NO_BOUNDARY.get(boundary.reason, _NO_RECEIVED))
    if hop.tls is None:
        return Unknown(
            Text(
                "The receiver's Received field does not say whether the session was encrypted.",
                "El campo Received del receptor no dice si la sesión iba cifrada.",
            ),
            hop.by or "",
            (field_evidence(hop.field),),
        )
    if hop.tls:
        version = hop.tls_version or "TLS"
        return Passed(hop.by or "", Text(version, version))
    by = hop.by or str(hop.by_address or "Received")
    return NO_TLS.found(by, evidence=field_evidence(hop.field), by=by)


_WHY_NO_BOUNDARY = {
    BoundaryReason.LOCAL: Text(
        "A program on the receiver's own machine handed the message over, without SMTP.",
        "El mensaje lo entregó un programa en la propia máquina del receptor, sin SMTP.",
    ),
    BoundaryReason.SUBMITTED: Text(
        "The sample was handed in by a user of the same server and did not travel between servers.",
        "La muestra la entregó un usuario del mismo servidor y no ha viajado entre servidores.",
    ),
    BoundaryReason.INSIDE: Text(
        "The sample has only passed through servers of one network.",
        "La muestra solo ha pasado por servidores de una misma red.",
    ),
}

RULES: tuple[Rule, ...] = (DATE_OFF, BAD_RETURN_PATH, EMPTY_RETURN_PATH, LEAK, WEB_SERVER, NO_TLS)
