"""DNS001 to DNS004 and DNS009: the reverse names of the addresses that send."""

from __future__ import annotations

from collections.abc import Iterator

from deliverability.core.changes import Fix, RecordChange
from deliverability.core.facts import AuditedDomain, Presence
from deliverability.core.finding import Actor, Basis, NotApplicable, Outcome, Passed, Severity
from deliverability.core.names import DomainName, is_subdomain, reverse_name
from deliverability.core.questions import Failed, Found, IPAddress, join_strings
from deliverability.core.rule import Area, Rule
from deliverability.core.text import Text
from deliverability.hosts.facts import Helo, MailHosts, SendingHost, SendingHosts, Zone, is_absent
from deliverability.hosts.naming import generic_name, platform_of
from deliverability.hosts.rules.common import (
    GOOGLE_SENDERS,
    M3AAWG_SENDERS,
    ORANGE_SENDERS,
    RSPAMD,
    SPAMASSASSIN,
    fix,
    forward_names,
    not_applicable,
    unknown,
)

NO_PTR = Rule(
    "DNS001",
    "no-reverse-name",
    Severity.ERROR,
    Basis.PROVIDER,
    Area.IDENT,
    Actor.HOST,
    label=Text("Reverse name (PTR) of the sending address", "Nombre inverso (PTR) de la dirección de envío"),
    title=Text(
        "The sending address {ip} has no reverse name (PTR)", "La dirección de envío {ip} no tiene nombre inverso (PTR)"
    ),
    why=Text(
        "Gmail refuses such mail with 5.7.25 and Orange with OFR_107; SpamAssassin adds up to 2.4 points and rspamd 2.",
        "Gmail rechaza ese correo con 5.7.25 y Orange con OFR_107; SpamAssassin le suma hasta 2,4 puntos y rspamd 2.",
    ),
    fix=Text(
        "Whoever owns the address (hosting company or Internet provider): set the PTR of {ip} to {host}. The same name needs an address record with {ip} in your DNS; then use it as the EHLO name of the server.",
        "El titular de la dirección (empresa de alojamiento u operador): configure el PTR de {ip} como {host}. Ese mismo nombre necesita en su DNS un registro de dirección con {ip}; úselo después como nombre EHLO del servidor.",
    ),
    references=(GOOGLE_SENDERS, ORANGE_SENDERS, M3AAWG_SENDERS, SPAMASSASSIN, RSPAMD, "RFC 1912 §2.1"),
    filter_points=2.4,
    cap=50,
)


@NO_PTR.check
def no_ptr(
    sending: SendingHosts, domain: AuditedDomain, helo: Helo | None, mail: MailHosts | None
) -> Iterator[Outcome]:
    """Found for each sending address whose reverse name is known to be absent."""
    for host in sending.hosts:
        subject = str(host.ip)
        if isinstance(host.ptr, Failed):
            yield unknown(subject, *host.evidence)
        elif is_absent(host.ptr):
            name = next(iter(forward_names(host.ip, helo, mail)), None)
            yield NO_PTR.found(
                subject,
                evidence=host.evidence,
                fix=fix(RecordChange(reverse_name(host.ip), "PTR", add=(name,))) if name else None,
                ip=subject,
                host=name or _own_name(domain, helo),
            )
        else:
            yield Passed(subject)


def _own_name(domain: AuditedDomain, helo: Helo | None) -> DomainName:
    """What the server calls itself already, if that is a name of the user's; else an example."""
    said = helo.addresses.name if helo is not None and helo.addresses is not None else None
    if said is not None and is_subdomain(said, domain.registrable):
        return said
    return DomainName(f"mail.{domain.registrable}")


UNCONFIRMED_PTR = Rule(
    "DNS002",
    "reverse-not-confirmed",
    Severity.ERROR,
    Basis.PROVIDER,
    Area.IDENT,
    Actor.DNS,
    label=Text("Reverse name leads back to the address", "El nombre inverso vuelve a la dirección"),
    title=Text(
        "The reverse name of {ip}, {names}, does not lead back to {ip}",
        "El nombre inverso de {ip}, {names}, no vuelve a {ip}",
    ),
    why=Text(
        "Anybody can write any name into a PTR, so receivers believe it only when the name has that address. Gmail defers such mail with 4.7.23, and rspamd adds 2.5 points.",
        "Cualquiera puede poner un nombre ajeno en un PTR, así que los receptores solo lo creen si ese nombre tiene esa dirección. Gmail retrasa ese correo con 4.7.23 y rspamd le suma 2,5 puntos.",
    ),
    fix=Text(
        "Whoever manages the DNS of {host}: add an {type} record with {ip} to {host}. If the name is not yours, ask the owner of the address to set the PTR to a name of yours that has this address.",
        "Quien gestione el DNS de {host}: añada a {host} un registro {type} con {ip}. Si el nombre no es suyo, pida al titular de la dirección que cambie el PTR por un nombre suyo que tenga esa dirección.",
    ),
    references=(GOOGLE_SENDERS, M3AAWG_SENDERS, RSPAMD, "RFC 8601 §3"),
    filter_points=2.5,
    cap=50,
)


@UNCONFIRMED_PTR.check
def unconfirmed_ptr(
    sending: SendingHosts, domain: AuditedDomain, helo: Helo | None, mail: MailHosts | None
) -> Iterator[Outcome]:
    """Found for each sending address none of whose reverse names has it."""
    for host in sending.hosts:
        subject = str(host.ip)
        if is_absent(host.ptr):
            yield _without_name(subject)
        elif host.confirmed is Presence.UNKNOWN:
            yield unknown(subject, *host.evidence)
        elif host.confirmed is Presence.FOUND:
            yield Passed(subject)
        else:
            names = tuple(name.name for name in host.names)
            yield UNCONFIRMED_PTR.found(
                subject,
                evidence=host.evidence,
                fix=_confirming(host, domain, next(iter(forward_names(host.ip, helo, mail)), None)),
                ip=subject,
                names=names or (".",),
                host=_fixable_name(host, domain) or (names[0] if names else f"mail.{domain.registrable}"),
                type=host.forward_type,
            )


def _fixable_name(host: SendingHost, domain: AuditedDomain) -> DomainName | None:
    """A PTR name in the user's own zone that can take an address record; beside an alias none may stand."""
    for name in host.names:
        plain = not isinstance(name.forward, Failed) and not name.forward.aliases
        if plain and is_subdomain(name.name, domain.registrable):
            return name.name
    return None


def _confirming(host: SendingHost, domain: AuditedDomain, forward: DomainName | None) -> Fix | None:
    """The address record that the name lacks; else, where the server has a name of its own, the PTR to it."""
    name = _fixable_name(host, domain)
    if name is not None:
        return fix(RecordChange(name, host.forward_type, add=(str(host.ip),)))
    if forward is None:
        return None
    wrong = tuple(item.name for item in host.names)
    return fix(RecordChange(reverse_name(host.ip), "PTR", add=(forward,), remove=wrong))


GENERIC_PTR = Rule(
    "DNS003",
    "generic-reverse-name",
    Severity.WARNING,
    Basis.FILTER,
    Area.IDENT,
    Actor.HOST,
    label=Text("A chosen reverse name", "Un nombre inverso elegido"),
    title=Text(
        "The reverse name of {ip}, {name}, looks like an address handed out by a provider ({part})",
        "El nombre inverso de {ip}, {name}, parece el de una línea genérica de un operador ({part})",
    ),
    why=Text(
        "Filters take such names for home lines and rented machines that nobody looks after. SpamAssassin adds up to 2.6 points, and some receivers refuse the connection.",
        "Los filtros toman esos nombres por líneas domésticas o máquinas de alquiler que nadie cuida. SpamAssassin suma hasta 2,6 puntos y algunos receptores rechazan la conexión.",
    ),
    fix=Text(
        "Whoever owns the address (hosting company or Internet provider): set the PTR of {ip} to a name of yours, such as {host}, and give that name the address {ip} in your DNS. Many companies offer it in their panel.",
        "El titular de la dirección (empresa de alojamiento u operador): cambie el PTR de {ip} por un nombre suyo, por ejemplo {host}, y asígnele en su DNS la dirección {ip}. Muchas empresas lo permiten desde su panel.",
    ),
    references=(SPAMASSASSIN, M3AAWG_SENDERS),
    filter_points=2.6,
    identity=("name",),
)


@GENERIC_PTR.check
def generic_ptr(
    sending: SendingHosts, domain: AuditedDomain, helo: Helo | None, mail: MailHosts | None
) -> Iterator[Outcome]:
    """Found for each sending address whose every reverse name a machine made."""
    for host in sending.hosts:
        subject = str(host.ip)
        if isinstance(host.ptr, Failed):
            yield unknown(subject, *host.evidence)
            continue
        if not host.names:
            yield _without_name(subject)
            continue
        platform = _of_platform(host)
        if platform is not None:
            yield platform
            continue
        generic = [(name.name, generic_name(name.name, host.ip)) for name in host.names]
        name, found = generic[0]
        if found is None or not all(found for _, found in generic):
            yield Passed(subject)
            continue
        forward = next((n for n in forward_names(host.ip, helo, mail) if generic_name(n, host.ip) is None), None)
        wrong = tuple(item.name for item in host.names)
        yield GENERIC_PTR.found(
            subject,
            evidence=host.evidence,
            fix=fix(RecordChange(reverse_name(host.ip), "PTR", add=(forward,), remove=wrong)) if forward else None,
            ip=subject,
            name=name,
            part=found.part,
            host=forward or f"mail.{domain.registrable}",
        )


SEVERAL_PTR = Rule(
    "DNS004",
    "several-reverse-names",
    Severity.WARNING,
    Basis.CONSENSUS,
    Area.IDENT,
    Actor.HOST,
    label=Text("One reverse name an address", "Un solo nombre inverso por dirección"),
    title=Text(
        "The sending address {ip} has {count} reverse names",
        "La dirección de envío {ip} tiene {count} nombres inversos",
    ),
    why=Text(
        "Most receivers look at the first name that comes back, and the order changes. If one of them does not lead back to {ip}, mail is refused now and then, without a pattern.",
        "La mayoría de los receptores mira el primer nombre que llega, y el orden cambia. Si alguno no vuelve a {ip}, parte del correo se rechaza sin un patrón aparente.",
    ),
    fix=Text(
        "Whoever owns the address (hosting company or Internet provider): keep one PTR for {ip}, {host}, and delete the others. The server should say that name in EHLO as well.",
        "El titular de la dirección (empresa de alojamiento u operador): deje un solo PTR para {ip}, {host}, y borre los demás. El servidor debe decir ese mismo nombre en EHLO.",
    ),
    references=(M3AAWG_SENDERS, "RFC 1912 §2.1"),
)


@SEVERAL_PTR.check
def several_ptr(sending: SendingHosts, helo: Helo | None) -> Iterator[Outcome]:
    """Found for each sending address with more than one reverse name."""
    for host in sending.hosts:
        subject = str(host.ip)
        if isinstance(host.ptr, Failed):
            yield unknown(subject, *host.evidence)
        elif is_absent(host.ptr):
            yield _without_name(subject)
        elif len(host.names) + host.more < 2:
            yield Passed(subject)
        else:
            yield _of_platform(host) or _several(host, helo)


def _several(host: SendingHost, helo: Helo | None) -> Outcome:
    said = helo.addresses if helo is not None else None
    names = tuple(name.name for name in host.names)
    # What the server says of itself is the best name, if it leads back; it need not be among these yet.
    good = said is not None and host.ip in said.addresses and not said.aliases
    keep = said.name if said is not None and good else next(iter(host.confirmed_names), None)
    others = tuple(name for name in names if name != keep)
    # Names past the limit were not looked at, so that a fix could not name them all.
    whole = keep is not None and not host.more
    add = () if keep is None or keep in names else (keep,)
    return SEVERAL_PTR.found(
        str(host.ip),
        evidence=host.evidence,
        fix=fix(RecordChange(reverse_name(host.ip), "PTR", add=add, remove=others)) if whole else None,
        ip=str(host.ip),
        count=len(host.names) + host.more,
        host=keep or host.names[0].name,
    )


IPV6_UNPREPARED = Rule(
    "DNS009",
    "ipv6-egress-unprepared",
    Severity.ERROR,
    Basis.PROVIDER,
    Area.IDENT,
    Actor.HOST,
    label=Text("Sending over IPv6 is prepared", "Envío por IPv6 preparado"),
    title=Text("Mail leaves over IPv6 from {ip}, but {reason}", "El correo sale por IPv6 desde {ip}, pero {reason}"),
    why=Text(
        "Gmail asks more of IPv6 than of IPv4: without a confirmed reverse name and a passing SPF or DKIM it refuses the mail with 5.7.1. The server chooses IPv6 by itself where the receiver offers it.",
        "Gmail exige más por IPv6 que por IPv4: sin un nombre inverso confirmado y un SPF o DKIM válido, rechaza el correo con 5.7.1. El servidor elige IPv6 por su cuenta cuando el receptor lo ofrece.",
    ),
    fix=Text(
        "Whoever runs the server: give {ip} a reverse name that leads back to it and add ip6:{ip} to the SPF record, or tell the mail server to send over IPv4 only (Postfix: inet_protocols = ipv4).",
        "Quien administre el servidor: dé a {ip} un nombre inverso que vuelva a ella y añada ip6:{ip} al SPF, o haga que el servidor de correo envíe solo por IPv4 (Postfix: inet_protocols = ipv4).",
    ),
    references=(GOOGLE_SENDERS,),
    consequence_of=("DNS001", "DNS002"),
)

_NO_NAME_V6 = Text("the address has no reverse name", "la dirección no tiene nombre inverso")
_UNCONFIRMED_V6 = Text("its reverse name does not lead back to it", "su nombre inverso no vuelve a ella")
_ONLY_V4 = Text("SPF lists IPv4 addresses only", "el SPF solo contiene direcciones IPv4")


@IPV6_UNPREPARED.check
def ipv6_unprepared(sending: SendingHosts, zone: Zone) -> Iterator[Outcome]:
    """Found for each IPv6 sending address without a confirmed name, or that SPF cannot cover."""
    spf = _ipv4_only(zone)
    for host in sending.hosts:
        subject = str(host.ip)
        if host.ip.version == 4:
            yield not_applicable(subject, "It is an IPv4 address.", "Es una dirección IPv4.")
            continue
        reason = _unnamed(host) or (_ONLY_V4 if spf else None)
        if reason is not None:
            change = RecordChange(zone.domain, "TXT", (_with_ip6(spf, host.ip),), (spf,)) if spf else None
            yield IPV6_UNPREPARED.found(
                subject,
                evidence=(*host.evidence, zone.txt.evidence),
                fix=fix(change) if change and reason is _ONLY_V4 else None,
                ip=subject,
                reason=reason,
            )
        elif host.confirmed is Presence.UNKNOWN or isinstance(zone.txt.answer, Failed):
            yield unknown(subject, *host.evidence, zone.txt.evidence)
        else:
            yield Passed(subject)


def _unnamed(host: SendingHost) -> Text | None:
    if is_absent(host.ptr):
        return _NO_NAME_V6
    return _UNCONFIRMED_V6 if host.confirmed is Presence.ABSENT else None


def _ipv4_only(zone: Zone) -> str:
    """The domain's only SPF record where nothing in it can ever match an IPv6 address, else ""."""
    answer = zone.txt.answer
    texts = [join_strings(r).decode("latin-1") for r in answer.records] if isinstance(answer, Found) else []  # type: ignore[arg-type]
    records = [text for text in texts if text.lower() == "v=spf1" or text.lower().startswith("v=spf1 ")]
    if len(records) != 1:
        return ""
    terms = records[0].lower().split()[1:]
    networks = [term for term in terms if term.startswith("ip4:")]
    # RFC 7208 §5.1: "all" with a plus, written or not, lets every address pass.
    rest = {term for term in terms if not term.startswith("ip4:")}
    return records[0] if networks and rest <= {"-all", "~all", "?all"} else ""


def _with_ip6(record: str, ip: IPAddress) -> str:
    """The record with `ip6:` of the address behind its last `ip4:` term."""
    terms = record.split(" ")
    last = max(index for index, term in enumerate(terms) if term.lower().startswith("ip4:"))
    return " ".join([*terms[: last + 1], f"ip6:{ip}", *terms[last + 1 :]])


# --- what several of these rules need ---------------------------------------------------------------------------------


def _without_name(subject: str) -> NotApplicable:
    return not_applicable(
        subject,
        "The address has no reverse name; DNS001 says so.",
        "La dirección no tiene nombre inverso; lo indica DNS001.",
    )


def _of_platform(host: SendingHost) -> Outcome | None:
    """The outcome for a mail platform's own host, whose name its address confirms; None for the user's own address."""
    owners = {name.name: platform_of(name.name) for name in host.names}
    owner = next((owners[name] for name in host.confirmed_names if owners[name] is not None), None)
    if owner is not None:
        return not_applicable(
            str(host.ip),
            f"The address belongs to {owner.name}, who looks after its reverse name.",
            f"La dirección es de {owner.name}, que se ocupa de su nombre inverso.",
        )
    # A platform's name that could not be confirmed may be a lie or the truth.
    unsure = any(owner and isinstance(n.forward, Failed) for n, owner in zip(host.names, owners.values(), strict=True))
    return unknown(str(host.ip), *host.evidence) if unsure else None


RULES = (NO_PTR, UNCONFIRMED_PTR, GENERIC_PTR, SEVERAL_PTR, IPV6_UNPREPARED)
