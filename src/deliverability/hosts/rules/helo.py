"""DNS005 to DNS008: the name that the sending server says of itself in EHLO."""

from __future__ import annotations

from collections.abc import Iterator

from deliverability.core.changes import Fix, RecordChange
from deliverability.core.facts import NOT_SENT, AuditedDomain, Presence, Sending, Stage
from deliverability.core.finding import Actor, Basis, Evidence, NotApplicable, Outcome, Passed, Severity
from deliverability.core.names import is_subdomain
from deliverability.core.questions import Failed
from deliverability.core.rule import Area, Rule
from deliverability.core.text import Text
from deliverability.hosts.facts import Helo, MailHosts, SendingHost, SendingHosts
from deliverability.hosts.naming import is_public_name
from deliverability.hosts.rules.common import (
    M3AAWG_SENDERS,
    ORANGE_SENDERS,
    RSPAMD,
    SPAMASSASSIN,
    address_type,
    fix,
    forward_names,
    not_applicable,
    unknown,
)

HELO_NOT_FQDN = Rule(
    "DNS005",
    "helo-not-fqdn",
    Severity.ERROR,
    Basis.STANDARD,
    Area.IDENT,
    Actor.SENDER,
    label=Text("Full host name in EHLO", "Nombre completo en EHLO"),
    title=Text(
        "The server introduces itself as {helo}, which is no full host name",
        "El servidor se presenta como {helo}, que no es un nombre de servidor completo",
    ),
    why=Text(
        'EHLO must give the full name of the host. SpamAssassin adds up to 3.8 points for "localhost", rspamd 2 for a name without a domain, and Orange asks for a full name.',
        "EHLO debe llevar el nombre completo del servidor. SpamAssassin suma hasta 3,8 puntos por «localhost», rspamd 2 por un nombre sin dominio, y Orange exige un nombre completo.",
    ),
    fix=Text(
        "Whoever runs the server or the program that sends: set its EHLO name to a full name with an address record, such as {proposed} (Postfix: myhostname; many libraries: local_hostname).",
        "Quien administre el servidor o el programa que envía: ponga como nombre EHLO uno completo que tenga registro de dirección, por ejemplo {proposed} (Postfix: myhostname; en muchas bibliotecas, local_hostname).",
    ),
    references=("RFC 5321 §4.1.1.1", "RFC 5321 §2.3.5", SPAMASSASSIN, RSPAMD, ORANGE_SENDERS),
    filter_points=3.8,
)


@HELO_NOT_FQDN.check
def helo_not_fqdn(
    helo: Helo,
    sending: Sending,
    domain: AuditedDomain,
    hosts: SendingHosts | None,
    mail: MailHosts | None,
    stage: Stage | None,
) -> Outcome:
    """Found for a HELO text that is no name, or one that means something in one network only."""
    if helo.literal is not None:
        return not_applicable(
            helo.text, "It is an IP address; DNS006 judges that.", "Es una dirección IP; la valora DNS006."
        )
    if is_public_name(helo.text):
        return Passed(helo.text)
    # A program that hands its mail to a submission server is not judged by the world, only by that server.
    submitted = bool(sending.smtp_host) or stage is Stage.SUBMITTED
    severity = Severity.WARNING if submitted else Severity.ERROR
    return HELO_NOT_FQDN.found(
        helo.text,
        severity=severity,
        evidence=_said(helo),
        helo=helo.text,
        proposed=_good_name(domain, hosts, mail),
    )


def _good_name(domain: AuditedDomain, hosts: SendingHosts | None, mail: MailHosts | None) -> str:
    """A name that leads to a sending address already: its reverse name, or one that DNS001 would propose as such."""
    for host in hosts.hosts if hosts is not None else ():
        names = (*host.confirmed_names, *forward_names(host.ip, None, mail))
        if names:
            return names[0]
    return f"mail.{domain.registrable}"


HELO_ADDRESS = Rule(
    "DNS006",
    "helo-is-address",
    Severity.ERROR,
    Basis.FILTER,
    Area.IDENT,
    Actor.SENDER,
    label=Text("A name, not an IP address, in EHLO", "Un nombre, no una dirección IP, en EHLO"),
    title=Text(
        "The server introduces itself with the IP address {helo}", "El servidor se presenta con la dirección IP {helo}"
    ),
    why=Text(
        "Hardly any real mail server does that, so filters count it: SpamAssassin up to 3.1 points, rspamd 3 to 4.5. An address without brackets is not even allowed.",
        "Casi ningún servidor de correo legítimo lo hace, y los filtros lo penalizan: SpamAssassin hasta 3,1 puntos y rspamd de 3 a 4,5. Sin corchetes, además, no está permitido.",
    ),
    fix=Text(
        "Whoever runs the server or the program that sends: set its EHLO name to a full host name with an address record, such as {proposed}.",
        "Quien administre el servidor o el programa que envía: ponga como nombre EHLO un nombre de servidor completo que tenga registro de dirección, por ejemplo {proposed}.",
    ),
    references=("RFC 5321 §4.1.3", SPAMASSASSIN, RSPAMD),
    filter_points=4.5,
)


_TO_ITS_OWN_SERVER = Text(
    "A program may greet its own mail server so; that one greets the receivers, with its own name.",
    "Un programa puede saludar así a su propio servidor de correo; es este quien saluda a los receptores, con su nombre.",
)


@HELO_ADDRESS.check
def helo_address(
    helo: Helo, domain: AuditedDomain, hosts: SendingHosts | None, mail: MailHosts | None, stage: Stage | None
) -> Outcome:
    """Found for an address; as a warning where it is an address literal, which RFC 5321 §4.1.3 allows.

    A program that hands its mail to a mail server greets that one with a literal as a rule (RFC 5321 §4.1.4).
    """
    if helo.literal is None:
        return Passed(helo.text)
    mild = helo.text.strip().startswith("[")
    if mild and stage is Stage.SUBMITTED:
        return NotApplicable(_TO_ITS_OWN_SERVER, helo.text)
    mild = mild or stage is Stage.SUBMITTED
    severity = Severity.WARNING if mild else Severity.ERROR
    return HELO_ADDRESS.found(
        helo.text,
        severity=severity,
        evidence=_said(helo),
        helo=helo.text,
        proposed=_good_name(domain, hosts, mail),
    )


HELO_UNRESOLVABLE = Rule(
    "DNS007",
    "helo-unresolvable",
    Severity.WARNING,
    Basis.STANDARD,
    Area.IDENT,
    Actor.DNS,
    label=Text("The EHLO name resolves", "El nombre EHLO se resuelve"),
    title=Text("The EHLO name {helo} has no address", "El nombre EHLO {helo} no tiene dirección"),
    why=Text(
        "Only names that resolve may stand there. Strict receivers refuse the mail, and rspamd adds 0.3 points.",
        "Ahí solo pueden figurar nombres que se resuelvan. Los receptores estrictos rechazan el correo y rspamd suma 0,3 puntos.",
    ),
    fix=Text(
        "Whoever manages your DNS: publish an A record at {helo} with the address that the server sends from, or set the EHLO name to the server's reverse name.",
        "Quien gestione su DNS: publique en {helo} un registro A con la dirección desde la que envía el servidor, o use como nombre EHLO su nombre inverso.",
    ),
    references=("RFC 5321 §2.3.5", "RFC 5321 §4.1.4", RSPAMD),
    filter_points=0.3,
)


@HELO_UNRESOLVABLE.check
def helo_unresolvable(helo: Helo, domain: AuditedDomain, sending: SendingHosts | None, stage: Stage | None) -> Outcome:
    """Found for a full name with neither A nor AAAA; what a program says to its submission server nobody looks up."""
    if stage is Stage.SUBMITTED:
        return NotApplicable(NOT_SENT, helo.text)
    addresses = helo.addresses
    if addresses is None or not is_public_name(helo.text):
        return _no_name(helo)
    match addresses.state:
        case Presence.FOUND:
            return Passed(helo.text)
        case Presence.UNKNOWN:
            return unknown(helo.text, *addresses.evidence)
        case Presence.ABSENT:
            return HELO_UNRESOLVABLE.found(
                helo.text, evidence=addresses.evidence, fix=_with_addresses(helo, domain, sending), helo=helo.text
            )


def _with_addresses(helo: Helo, domain: AuditedDomain, sending: SendingHosts | None) -> Fix | None:
    """Address records for the name, where it lies in the user's own zone and the addresses are known."""
    addresses = helo.addresses
    if (
        addresses is None
        or sending is None
        or addresses.aliases
        or not is_subdomain(addresses.name, domain.registrable)
    ):
        return None
    ips = [host.ip for host in sending.hosts]
    both = ((kind, tuple(str(ip) for ip in ips if address_type(ip) == kind)) for kind in ("A", "AAAA"))
    return fix(*(RecordChange(addresses.name, kind, add=values) for kind, values in both if values))  # type: ignore[arg-type]


HELO_MISMATCH = Rule(
    "DNS008",
    "helo-differs-from-reverse",
    Severity.INFO,
    Basis.FILTER,
    Area.IDENT,
    Actor.SENDER,
    label=Text("EHLO name and reverse name agree", "El nombre EHLO y el inverso coinciden"),
    title=Text("The server at {ip} says {helo}, but {reason}", "El servidor de {ip} dice {helo}, pero {reason}"),
    why=Text(
        "It is allowed, and no large receiver refuses mail for it. rspamd adds up to 1 point and SpamAssassin up to 2.4 where the two have nothing in common.",
        "Está permitido y ningún gran receptor rechaza correo por ello. rspamd suma hasta 1 punto y SpamAssassin hasta 2,4 cuando no tienen nada que ver.",
    ),
    fix=Text(
        "Whoever runs the server: use one name for all three, the EHLO name, the reverse name of {ip} and an address record with {ip}.",
        "Quien administre el servidor: use el mismo nombre en los tres sitios, el EHLO, el nombre inverso de {ip} y un registro de dirección con {ip}.",
    ),
    references=(M3AAWG_SENDERS, RSPAMD, SPAMASSASSIN),
    filter_points=2.4,
    consequence_of=("DNS005", "DNS006", "DNS007"),
)


@HELO_MISMATCH.check
def helo_mismatch(helo: Helo, sending: SendingHosts) -> Iterator[Outcome]:
    """Found for each sending address that is not the HELO name's, or whose reverse name is another."""
    if helo.addresses is None:
        yield _no_name(helo)
        return
    for host in sending.hosts:
        yield _mismatch(helo, host)


def _mismatch(helo: Helo, host: SendingHost) -> Outcome:
    addresses, subject = helo.addresses, str(host.ip)
    if addresses is None:
        return _no_name(helo)
    forward = addresses.a if host.ip.version == 4 else addresses.aaaa
    evidence = (*addresses.evidence, *host.evidence)
    if isinstance(forward, Failed) or isinstance(host.ptr, Failed):
        return unknown(subject, *evidence)
    names = tuple(name.name for name in host.names)
    if host.ip not in addresses.addresses:
        reason = Text("that name has another address", "ese nombre tiene otra dirección")
    elif not names:
        return not_applicable(
            subject,
            "The address has no reverse name; DNS001 says so.",
            "La dirección no tiene nombre inverso; lo indica DNS001.",
        )
    elif addresses.name not in names:
        shown = ", ".join(names)
        reason = Text(f"its reverse name is {shown}", f"su nombre inverso es {shown}")
    else:
        return Passed(subject)
    return HELO_MISMATCH.found(subject, evidence=evidence, ip=subject, helo=helo.text, reason=reason)


def _no_name(helo: Helo) -> Outcome:
    return not_applicable(
        helo.text,
        "What the server says is no full host name; DNS005 or DNS006 judge that.",
        "Lo que dice el servidor no es un nombre completo; lo valoran DNS005 o DNS006.",
    )


def _said(helo: Helo) -> Evidence:
    return Evidence(helo.text, "EHLO", "", helo.text)


RULES = (HELO_NOT_FQDN, HELO_ADDRESS, HELO_UNRESOLVABLE, HELO_MISMATCH)
