"""MX005 to MX007, MX010 and MX013: the hosts that MX records name."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from deliverability.core.changes import Fix, RecordChange
from deliverability.core.facts import AuditedDomain, Presence
from deliverability.core.finding import Actor, Basis, NotApplicable, Outcome, Passed, Severity
from deliverability.core.names import DomainName, is_subdomain
from deliverability.core.questions import Failed, IPAddress, NoName
from deliverability.core.rule import Area, Rule
from deliverability.core.text import Text
from deliverability.hosts.facts import HostAddresses, MailHost, MailHosts, MxState
from deliverability.hosts.rules.common import (
    address_type,
    fix,
    has_public,
    mx_value,
    not_applicable,
    unknown,
    unreachable_block,
)
from deliverability.providers.registry import Provider, ProviderKind, provider_of_mx

#: Addresses of one host that are told of; more of them say the same.
MAX_BAD_ADDRESSES = 10

MX_ALIAS = Rule(
    "MX005",
    "mx-is-alias",
    Severity.WARNING,
    Basis.STANDARD,
    Area.IDENT,
    Actor.DNS,
    label=Text("MX names a host, not an alias", "El MX nombra un servidor, no un alias"),
    title=Text(
        "The MX host {host} is an alias (CNAME) of {target}", "El servidor MX {host} es un alias (CNAME) de {target}"
    ),
    why=Text(
        "The standard forbids it. Most senders deliver all the same, but some do not, and a server that does not know its alias can take itself for a relay and loop the mail.",
        "La norma lo prohíbe. La mayoría de los remitentes entrega igualmente, pero algunos no, y un servidor que no conoce su alias puede creerse un simple intermediario y poner el correo en bucle.",
    ),
    fix=Text(
        "Whoever manages your DNS: in the MX record of {domain}, replace {host} by {target}. If your provider told you {host}, ask whether {target} may change.",
        "Quien gestione su DNS: en el registro MX de {domain}, sustituya {host} por {target}. Si {host} se lo indicó su proveedor, pregunte si {target} puede cambiar.",
    ),
    references=("RFC 5321 §5.1", "RFC 2181 §10.3"),
)


@MX_ALIAS.check
def mx_alias(mail: MailHosts) -> Iterator[Outcome]:
    """Found for each exchange that is an alias of a host with an address."""
    yield from _without_hosts(mail)
    for host in mail.hosts:
        addresses = host.addresses
        if addresses is None or addresses.state is Presence.ABSENT:
            yield not_applicable(host.name, "It does not resolve; MX006 says so.", "No se resuelve; lo indica MX006.")
        elif addresses.state is Presence.UNKNOWN:
            yield unknown(host.name, *addresses.evidence)
        elif addresses.aliases:
            yield MX_ALIAS.found(
                host.name,
                evidence=(mail.evidence, *addresses.evidence),
                fix=_without_alias(mail, host, addresses.aliases[-1]),
                host=host.name,
                target=addresses.aliases[-1],
                domain=mail.domain,
            )
        else:
            yield Passed(host.name)


def _without_alias(mail: MailHosts, host: MailHost, target: DomainName) -> Fix | None:
    """The same MX records with the alias replaced by what it stands for."""
    values = {mx_value(record) for record in mail.records}
    new = (f"{record.preference} {target}" for record in host.records)
    add = tuple(value for value in new if value not in values)
    return fix(RecordChange(mail.domain, "MX", add=add, remove=tuple(mx_value(record) for record in host.records)))


MX_UNRESOLVABLE = Rule(
    "MX006",
    "mx-unresolvable",
    Severity.ERROR,
    Basis.STANDARD,
    Area.IDENT,
    Actor.DNS,
    label=Text("Every MX host has an address", "Cada servidor MX tiene dirección"),
    title=Text("The MX host {host} cannot be reached: {reason}", "No se puede llegar al servidor MX {host}: {reason}"),
    why=Text(
        "An MX must name a host that has an address. Senders skip this one; if no other takes the mail, replies and bounces come back as undeliverable.",
        "Un MX debe nombrar un servidor que tenga dirección. Los remitentes se lo saltan; si ningún otro recoge el correo, las respuestas y los rebotes se devuelven como no entregables.",
    ),
    fix=Text(
        "Whoever manages your DNS: correct or delete the MX record of {domain} that names {host}. An MX takes the name of a host with an A or AAAA record; in a zone file the name ends in a dot.",
        "Quien gestione su DNS: corrija o borre el registro MX de {domain} que nombra {host}. Un MX lleva el nombre de un servidor con registro A o AAAA; en un archivo de zona, el nombre acaba en punto.",
    ),
    references=("RFC 5321 §5.1", "RFC 1035 §3.3.9"),
)

_IS_ADDRESS = Text(
    "an MX takes a host name, not an IP address", "un MX lleva un nombre de servidor, no una dirección IP"
)
_NO_NAME = Text("the name does not exist", "el nombre no existe")
_NO_ADDRESS = Text("the name has no A or AAAA record", "el nombre no tiene registro A ni AAAA")
_NO_DOT = Text(
    "the name does not exist; its final dot was probably left out in the zone file",
    "el nombre no existe; seguramente falta el punto final en el archivo de zona",
)


@MX_UNRESOLVABLE.check
def mx_unresolvable(mail: MailHosts) -> Iterator[Outcome]:
    """Found for each exchange that is an address or is known to have none."""
    yield from _without_hosts(mail)
    for host in mail.hosts:
        if host.addresses is not None and host.addresses.state is Presence.UNKNOWN:
            yield unknown(host.name, *host.addresses.evidence)
        elif host.usable:
            yield Passed(host.name)
        else:
            yield MX_UNRESOLVABLE.found(
                host.name,
                evidence=(mail.evidence, *(host.addresses.evidence if host.addresses else ())),
                fix=_repaired(mail, host),
                host=host.name,
                reason=_reason(host),
                domain=mail.domain,
            )
    if mail.more:
        yield unknown(mail.domain, mail.evidence, because=_NOT_LOOKED_UP)


_NOT_LOOKED_UP = Text(
    "There are more MX hosts than are looked up; MX013 says how many.",
    "Hay más servidores MX de los que se consultan; MX013 indica cuántos.",
)


def _reason(host: MailHost) -> Text:
    if host.addresses is None:
        return _IS_ADDRESS
    if host.meant is not None:
        return _NO_DOT
    both = (host.addresses.a, host.addresses.aaaa)
    return _NO_NAME if all(isinstance(answer, NoName) for answer in both) else _NO_ADDRESS


def _repaired(mail: MailHosts, host: MailHost) -> Fix | None:
    """The name that was meant, or the records without this one where another host takes the mail."""
    remove = tuple(mx_value(record) for record in host.records)
    if host.meant is not None:
        values = {mx_value(record) for record in mail.records}
        new = (f"{record.preference} {host.meant.name}" for record in host.records)
        return fix(RecordChange(mail.domain, "MX", tuple(value for value in new if value not in values), remove))
    if any(_is_sound(other) for other in mail.hosts):
        return fix(RecordChange(mail.domain, "MX", remove=remove))
    if host.literal is not None and host.literal in mail.own.addresses and not mail.own.aliases:
        add = tuple(f"{record.preference} {mail.domain}" for record in host.records)
        return fix(RecordChange(mail.domain, "MX", add, remove))
    return None


MX_PRIVATE = Rule(
    "MX007",
    "mx-private-address",
    Severity.ERROR,
    Basis.CONSENSUS,
    Area.IDENT,
    Actor.DNS,
    label=Text("MX hosts have public addresses", "Los servidores MX tienen direcciones públicas"),
    title=Text(
        "The MX host {host} has the address {address}, which nobody outside can reach",
        "El servidor MX {host} tiene la dirección {address}, inaccesible desde fuera",
    ),
    why=Text(
        "{address} lies in {network}, a block that does not exist on the Internet ({reference}). Mail sent there waits in the sender's queue for days and comes back.",
        "{address} está en {network}, un bloque que no existe en Internet ({reference}). El correo que se le envía espera días en la cola del remitente y acaba devuelto.",
    ),
    fix=Text(
        "Whoever manages your DNS: give {host} its public address, or take the record with {address} out. Addresses of the office network do not belong in public DNS.",
        "Quien gestione su DNS: asigne a {host} su dirección pública o elimine el registro con {address}. Las direcciones de la red de la oficina no deben figurar en el DNS público.",
    ),
    references=("RFC 6890 §2.2", "RFC 1918 §3"),
    identity=("address",),
)


@MX_PRIVATE.check
def mx_private(mail: MailHosts, domain: AuditedDomain) -> Iterator[Outcome]:
    """Found for each address of an exchange that lies in a block without a way to it."""
    if mail.state is MxState.IMPLICIT:
        yield from _private_addresses(mail, mail.own, domain)
        return
    yield from _without_hosts(mail)
    for host in mail.hosts:
        if host.addresses is None:
            yield not_applicable(
                host.name, "It is no host name; MX006 says so.", "No es un nombre de servidor; lo indica MX006."
            )
        else:
            yield from _private_addresses(mail, host.addresses, domain)


def _private_addresses(mail: MailHosts, host: HostAddresses, domain: AuditedDomain) -> Iterator[Outcome]:
    blocks = {address: unreachable_block(address) for address in host.addresses}
    bad = ((address, block) for address, block in blocks.items() if block is not None)
    for address, block in islice(bad, MAX_BAD_ADDRESSES):
        yield MX_PRIVATE.found(
            host.name,
            evidence=(mail.evidence, *host.evidence),
            fix=_without_address(mail, host, address, domain),
            host=host.name,
            address=str(address),
            network=block.network,
            reference=block.reference,
        )
    if any(blocks.values()):
        return
    if isinstance(host.a, Failed) or isinstance(host.aaaa, Failed):
        yield unknown(host.name, *host.evidence)
    elif blocks:
        yield Passed(host.name)
    else:
        yield not_applicable(host.name, "It has no address; MX006 says so.", "No tiene dirección; lo indica MX006.")


def _without_address(mail: MailHosts, host: HostAddresses, address: IPAddress, domain: AuditedDomain) -> Fix | None:
    """The host without this address where it keeps a public one, else the MX records without the host."""
    if has_public(host):
        own_zone = is_subdomain(host.name, domain.registrable) and not host.aliases
        return fix(RecordChange(host.name, address_type(address), remove=(str(address),))) if own_zone else None
    records = tuple(mx_value(record) for record in mail.records if record.exchange == host.name)
    others = any(other.name != host.name and _is_sound(other) for other in mail.hosts)
    return fix(RecordChange(mail.domain, "MX", remove=records)) if others and records else None


TWO_PLATFORMS = Rule(
    "MX010",
    "mx-two-platforms",
    Severity.WARNING,
    Basis.CONSENSUS,
    Area.IDENT,
    Actor.DNS,
    label=Text("One mailbox platform in MX", "Una sola plataforma de buzones en los MX"),
    title=Text("The MX of {domain} point to {platforms} at once", "Los MX de {domain} apuntan a la vez a {platforms}"),
    why=Text(
        "Each platform keeps the mail it receives. Replies to your invoices end up in one mailbox or the other, and nobody looks at one of them.",
        "Cada plataforma se queda con el correo que recibe. Las respuestas a sus facturas acaban en un buzón o en el otro, y uno de los dos no lo mira nadie.",
    ),
    fix=Text(
        "Whoever manages your DNS: keep the MX records of the platform where you read your mail and delete the others, usually left over from a move. Check the old mailboxes for mail first.",
        "Quien gestione su DNS: conserve los MX de la plataforma donde lee el correo y borre los demás, que suelen ser restos de una migración. Antes, revise si quedan mensajes en los buzones antiguos.",
    ),
    references=("RFC 5321 §5.1",),
)


@TWO_PLATFORMS.check
def two_platforms(mail: MailHosts) -> Outcome:
    """Found when the exchanges belong to two companies that both keep mailboxes."""
    if isinstance(mail.mx, Failed):
        return unknown(mail.domain, mail.evidence)
    if not mail.exchanges:
        return not_applicable(mail.domain, "It has no MX hosts.", "No tiene servidores MX.")
    platforms = {found.id: found.name for found in map(_mailboxes, mail.exchanges) if found is not None}
    if len(platforms) < 2:
        return Passed(mail.domain)
    names = tuple(sorted(platforms.values()))
    return TWO_PLATFORMS.found(mail.domain, evidence=mail.evidence, domain=mail.domain, platforms=names)


def _mailboxes(exchange: DomainName) -> Provider | None:
    """The platform that keeps mailboxes behind an MX host; a gateway or a forwarder hands the mail on."""
    found = provider_of_mx(exchange)
    return found if found is not None and found.kind in (ProviderKind.MAILBOX, ProviderKind.HOSTING) else None


MX_NUMBER = Rule(
    "MX013",
    "mx-host-count",
    Severity.INFO,
    Basis.CONSENSUS,
    Area.IDENT,
    Actor.DNS,
    label=Text("Number of MX hosts", "Número de servidores MX"),
    title=Text("{domain} has {number}", "{domain} tiene {number}"),
    why=Text(
        'With one host a short outage costs nothing, since senders keep the mail and try again for days; a long one loses replies. Of dozens, senders try a few and give up, and an SPF record with "mx" fails for good beyond 10 (RFC 7208 §4.6.4).',
        "Con un solo servidor, un corte breve no cuesta nada, porque los remitentes guardan el correo y reintentan durante días; uno largo pierde respuestas. De varias decenas, los remitentes prueban unos pocos y desisten, y un SPF con «mx» falla sin remedio a partir de 10 (RFC 7208 §4.6.4).",
    ),
    fix=Text(
        "With a single host nothing has to be done if it can be restored within a day or two. Where there are dozens, whoever manages your DNS keeps the two or three that really take your mail and deletes the others.",
        "Con un solo servidor no es necesario hacer nada si puede recuperarse en uno o dos días. Si hay decenas, quien gestione su DNS debe dejar los dos o tres que realmente reciben su correo y borrar los demás.",
    ),
    references=("RFC 5321 §5.1", "RFC 5321 §4.5.4.1", "RFC 7208 §4.6.4"),
)


@MX_NUMBER.check
def mx_number(mail: MailHosts) -> Outcome:
    """Found for one host with one address, of no known provider, and for more hosts than are looked up."""
    if isinstance(mail.mx, Failed):
        return unknown(mail.domain, mail.evidence)
    if not mail.hosts:
        return _no_hosts(mail)
    if mail.more:
        number = _too_many(len(mail.exchanges), len(mail.hosts))
        return MX_NUMBER.found(
            mail.domain, severity=Severity.WARNING, evidence=mail.evidence, domain=mail.domain, number=number
        )
    host = mail.hosts[0]
    if len(mail.hosts) > 1 or provider_of_mx(host.name) is not None:
        return Passed(mail.domain)
    return _single(mail, host)


def _single(mail: MailHosts, host: MailHost) -> Outcome:
    addresses = host.addresses
    if addresses is not None and len(addresses.addresses) > 1:
        return Passed(mail.domain)
    if addresses is not None and (isinstance(addresses.a, Failed) or isinstance(addresses.aaaa, Failed)):
        return unknown(mail.domain, *addresses.evidence)
    if addresses is None or not addresses.addresses:
        return not_applicable(mail.domain, "It does not resolve; MX006 says so.", "No se resuelve; lo indica MX006.")
    number = Text(f"one MX host, {host.name}, at one address", f"un solo servidor MX, {host.name}, con una dirección")
    return MX_NUMBER.found(
        mail.domain, evidence=(mail.evidence, *addresses.evidence), domain=mail.domain, number=number
    )


def _too_many(count: int, looked_up: int) -> Text:
    return Text(
        f"{count} MX hosts, of which only the first {looked_up} were looked up",
        f"{count} servidores MX, de los que solo se han consultado los {looked_up} primeros",
    )


# --- what several of these rules need ---------------------------------------------------------------------------------


def _no_hosts(mail: MailHosts) -> NotApplicable:
    return not_applicable(mail.domain, "It has no MX hosts.", "No tiene servidores MX.")


def _without_hosts(mail: MailHosts) -> Iterator[Outcome]:
    """The one outcome of a rule about MX hosts where there are none to look at."""
    if isinstance(mail.mx, Failed):
        yield unknown(mail.domain, mail.evidence)
    elif not mail.hosts:
        yield _no_hosts(mail)


def _is_sound(host: MailHost) -> bool:
    return host.addresses is not None and has_public(host.addresses)


RULES = (MX_ALIAS, MX_UNRESOLVABLE, MX_PRIVATE, TWO_PLATFORMS, MX_NUMBER)
