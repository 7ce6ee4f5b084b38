"""DNS011, DNS016 and DNS017: the name servers of the zone."""

from __future__ import annotations

from collections.abc import Iterator

from deliverability.core.facts import Presence
from deliverability.core.finding import Actor, Basis, Outcome, Passed, Severity, evidence_of
from deliverability.core.questions import Answer, DnsQuestion, Failed, FailureKind, Found
from deliverability.core.rule import Area, Rule
from deliverability.core.text import Text
from deliverability.hosts.facts import Asked, ServerView, Zone, presence
from deliverability.hosts.rules.common import not_applicable, unknown

SERVERS_DISAGREE = Rule(
    "DNS011",
    "name-servers-disagree",
    Severity.WARNING,
    Basis.CONSENSUS,
    Area.IDENT,
    Actor.DNS,
    label=Text("Name servers agree", "Los servidores de nombres coinciden"),
    title=Text(
        "The name servers of {domain} disagree: {difference}",
        "Los servidores de nombres de {domain} no coinciden: {difference}",
    ),
    why=Text(
        "Which answer a receiver gets is chance. SPF, DKIM and replies work today and fail tomorrow, which is the hardest fault to find.",
        "La respuesta que obtiene cada receptor es cuestión de azar. SPF, DKIM y las respuestas funcionan hoy y fallan mañana: el fallo más difícil de encontrar.",
    ),
    fix=Text(
        "Whoever manages your DNS: bring every name server of {domain} to the same state of the zone, and take servers that no longer hold it out of the NS records and out of the registrar's panel.",
        "Quien gestione su DNS: ponga todos los servidores de nombres de {domain} con la misma versión de la zona y retire de los registros NS y del panel del registrador los que ya no la alojan.",
    ),
    references=("RFC 1912 §2.8", "RFC 1034 §4.3.5"),
    identity=("type", "server"),
)


@SERVERS_DISAGREE.check
def servers_disagree(zone: Zone) -> Iterator[Outcome]:
    """Found for each server without the zone, and for MX and TXT where two servers tell different things."""
    if zone.views is None:
        return  # the user did not ask for it
    outcomes = [*_lame(zone, zone.views), *_different(zone, zone.views)]
    silent = [v for v in zone.views if any(isinstance(a.answer, Failed) for a in v.all) and not _is_lame(v)]
    if not zone.views or silent:
        evidence = [a.evidence for view in silent for a in view.all] or [zone.delegation.evidence]
        outcomes.append(unknown(zone.domain, *evidence))
    yield from outcomes or (Passed(zone.domain),)


def _lame(zone: Zone, views: tuple[ServerView, ...]) -> Iterator[Outcome]:
    for view in views:
        if _is_lame(view):
            where = f"{view.name} ({view.address})"
            yield SERVERS_DISAGREE.found(
                zone.domain,
                evidence=[asked.evidence for asked in view.all],
                domain=zone.domain,
                type="SOA",
                server=view.name,
                difference=Text(f"{where} does not hold the zone", f"{where} no aloja la zona"),
            )


def _is_lame(view: ServerView) -> bool:
    """Whether the server answers, and every answer says that it is not in charge."""
    kinds = [asked.answer.kind for asked in view.all if isinstance(asked.answer, Failed)]
    return len(kinds) == len(view.all) and all(kind in (FailureKind.LAME, FailureKind.REFUSED) for kind in kinds)


def _different(zone: Zone, views: tuple[ServerView, ...]) -> Iterator[Outcome]:
    columns: tuple[tuple[str, list[tuple[ServerView, Asked]]], ...] = (
        ("MX", [(view, view.mx) for view in views]),
        ("TXT", [(view, view.txt) for view in views]),
    )
    for record_type, column in columns:
        told = [(view, asked) for view, asked in column if not isinstance(asked.answer, Failed)]
        if len({_content(asked.answer) for _, asked in told}) < 2:
            continue
        first = _content(told[0][1].answer)
        other = next(view for view, asked in told if _content(asked.answer) != first)
        names = f"{told[0][0].name}, {other.name}"
        yield SERVERS_DISAGREE.found(
            zone.domain,
            evidence=[asked.evidence for _, asked in told],
            domain=zone.domain,
            type=record_type,
            server="",
            difference=Text(f"{record_type} differs between {names}", f"{record_type} difiere entre {names}"),
        )


def _content(answer: Answer) -> frozenset[object]:
    """What an answer says, without order and TTL."""
    return frozenset(answer.records) if isinstance(answer, Found) else frozenset((type(answer).__name__,))


ONE_NETWORK = Rule(
    "DNS016",
    "name-servers-together",
    Severity.INFO,
    Basis.CONSENSUS,
    Area.IDENT,
    Actor.DNS,
    label=Text("Name servers in different places", "Servidores de nombres en lugares distintos"),
    title=Text(
        "The name servers of {domain} stand together: {servers}",
        "Los servidores de nombres de {domain} están juntos: {servers}",
    ),
    why=Text(
        "When that one server or network is down, the whole domain is: no mail comes in, and mail that goes out cannot be checked.",
        "Si ese único servidor o red se cae, se cae todo el dominio: no entra correo y el que sale no se puede comprobar.",
    ),
    fix=Text(
        "Whoever manages your DNS: add a name server in another network. Most DNS providers offer one at no cost.",
        "Quien gestione su DNS: añada un servidor de nombres en otra red. La mayoría de los proveedores de DNS lo ofrece sin coste.",
    ),
    references=("RFC 2182 §3.1", "RFC 1035 §2.2"),
)


@ONE_NETWORK.check
def one_network(zone: Zone) -> Outcome:
    """Found for one name server, and for several whose IPv4 addresses share a /24."""
    if isinstance(zone.delegation.answer, Failed):
        return unknown(zone.domain, zone.delegation.evidence)
    if not zone.servers:
        return not_applicable(zone.domain, "No NS records were seen.", "No se han visto registros NS.")
    names = tuple(server.name for server in zone.servers)
    questions = [evidence_of(DnsQuestion(server.name, "A"), server.a) for server in zone.servers]
    evidence = (zone.delegation.evidence, *questions)
    if len(names) + zone.more_servers > 1:
        # RFC 2182 §3.1: servers behind one router, or on one segment, fail together.
        networks = {str(ip).rpartition(".")[0] for server in zone.servers for ip in server.addresses}
        if len(networks) > 1:
            return Passed(zone.domain)
        if zone.more_servers or presence(*(s.a for s in zone.servers)) is not Presence.FOUND or _some_failed(zone):
            return unknown(zone.domain, *evidence)
    return ONE_NETWORK.found(zone.domain, evidence=evidence, domain=zone.domain, servers=names)


def _some_failed(zone: Zone) -> bool:
    return any(not isinstance(server.a, Found) for server in zone.servers)


LOW_TTL = Rule(
    "DNS017",
    "very-low-ttl",
    Severity.INFO,
    Basis.CONSENSUS,
    Area.IDENT,
    Actor.DNS,
    label=Text("Lifetime (TTL) of MX and TXT", "Tiempo de vida (TTL) de MX y TXT"),
    title=Text(
        "The {type} records of {domain} live only {ttl} seconds",
        "Los registros {type} de {domain} duran solo {ttl} segundos",
    ),
    why=Text(
        "Receivers ask for them again with nearly every message. Each question is a chance to fail, and a short outage of the name servers shows at once.",
        "Los receptores los vuelven a pedir con casi cada mensaje. Cada consulta puede fallar, y cualquier corte breve de los servidores de nombres se nota al instante.",
    ),
    fix=Text(
        "Whoever manages your DNS: set the TTL of records that do not change to 3600 seconds or more. Keep a short one only while you are moving.",
        "Quien gestione su DNS: ponga un TTL de 3600 segundos o más en los registros que no cambian. Use uno corto solo durante una migración.",
    ),
    references=("RFC 1912 §2.2",),
    identity=("type",),
)

#: Seconds; below this a record counts as short-lived.
LEAST_TTL = 300

_RESOLVER_TTL = Text(
    "The resolver's copy ends soon, which may be the rest of a longer life. The domain's own name servers would tell (ask_name_servers).",
    "La copia del servidor DNS consultado caduca pronto, pero puede que su duración original fuera mayor. Lo dirían los servidores del dominio (ask_name_servers).",
)


@LOW_TTL.check
def low_ttl(zone: Zone) -> Iterator[Outcome]:
    """Found where a name server itself gives MX or TXT a short life; a resolver counts a longer one down."""
    for asked in (zone.mx, zone.txt):
        yield _lifetime(zone, asked)


def _lifetime(zone: Zone, asked: Asked) -> Outcome:
    if isinstance(asked.answer, Failed):
        return unknown(zone.domain, asked.evidence)
    if not isinstance(asked.answer, Found) or asked.aliases:
        return not_applicable(zone.domain, "It has no such records of its own.", "No tiene esos registros propios.")
    if asked.answer.ttl >= LEAST_TTL:
        return Passed(zone.domain)
    record_type = asked.question.type
    told = [a for view in zone.views or () for a in view.all if a.question.type == record_type]
    own = [a for a in told if isinstance(a.answer, Found)]
    if not own:
        return unknown(zone.domain, asked.evidence, because=_RESOLVER_TTL)
    shortest = min(own, key=lambda a: a.answer.ttl if isinstance(a.answer, Found) else 0)
    ttl = shortest.answer.ttl if isinstance(shortest.answer, Found) else 0
    if ttl >= LEAST_TTL:
        return Passed(zone.domain)
    return LOW_TTL.found(zone.domain, evidence=shortest.evidence, domain=zone.domain, type=record_type, ttl=ttl)


RULES = (SERVERS_DISAGREE, ONE_NETWORK, LOW_TTL)
