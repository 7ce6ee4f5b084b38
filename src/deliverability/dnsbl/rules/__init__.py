"""BL001 to BL017 and BL019: blocklists and allowlists; BL018 stands in receivers.py.

One function decides for every rule about a listing (texts.py tells the rules apart); the others are about whose the
address is and about the lists themselves. An address of a shared platform is the platform's matter: its listings are
told once, by BL013, and held against nobody.
"""

from __future__ import annotations

from collections.abc import Iterator

from deliverability.core.finding import (
    Actor,
    Basis,
    Evidence,
    NotApplicable,
    Outcome,
    Passed,
    Severity,
    Unknown,
)
from deliverability.core.rule import Area, Rule
from deliverability.core.text import Text
from deliverability.dnsbl.facts import BlocklistFacts, Role, listing_evidence
from deliverability.dnsbl.listing import Listing, State
from deliverability.dnsbl.lists import Code
from deliverability.dnsbl.rules.receivers import RULES as RECEIVER_RULES
from deliverability.dnsbl.rules.texts import LIST_RULES, ListRule

_TITLE = Text("{target} ({where}) is on {list}: {meaning}", "{target} ({where}) está en {list}: {meaning}")
_PLATFORM = Text(
    "The address belongs to {platform}; BL013 tells of it.", "La dirección es de {platform}; de ella habla BL013."
)
_RELAYED = Text(
    "The mail leaves through a smarthost, so this address delivers none.",
    "El correo sale por un servidor intermedio, así que esta dirección no lo entrega.",
)
_NO_LIST = Text("No list that would tell was asked.", "No se consultó ninguna lista que lo dijera.")
_NO_TARGET = Text("Nothing that these lists hold was asked about.", "No se preguntó por nada que estas listas recojan.")
_CANNOT_TELL = Text("{list}: {because}.", "{list}: {because}.")


def _rule(row: ListRule) -> Rule:
    rule = Rule(
        row.code,
        row.name,
        row.severity,
        row.basis,
        Area.REPUTATION,
        row.actor,
        label=row.label,
        title=_TITLE,
        why=row.why,
        fix=row.fix,
        references=row.references,
        filter_points=row.filter_points,
        cap=row.cap,
        identity=("list",),
    )

    @rule.check
    def listed(facts: BlocklistFacts) -> Iterator[Outcome]:
        """Found for each target on a list whose answer leads to this rule."""
        yield from _outcomes(rule, facts)

    return rule


def _outcomes(rule: Rule, facts: BlocklistFacts) -> Iterator[Outcome]:
    lists = facts.lists_for(rule.code)
    if not lists:
        yield NotApplicable(_NO_LIST)
        return
    ids = {one.id for one in lists}
    asked = [listing for listing in facts.listings if listing.list.id in ids]
    hit = {listing.target for listing in facts.by_rule(rule.code)}
    for listing in facts.by_rule(rule.code):
        yield _judged(rule, facts, listing)
    for target in dict.fromkeys(listing.target for listing in asked):
        answered = [one for one in asked if one.target == target and one.state in (State.LISTED, State.CLEAR)]
        if answered and target not in hit:
            yield Passed(target)
    for listing in {one.list.id: one for one in asked if one.state not in (State.LISTED, State.CLEAR)}.values():
        yield _unknown(listing)


def _judged(rule: Rule, facts: BlocklistFacts, listing: Listing) -> Outcome:
    platform = facts.platforms.get(listing.target)
    if platform is not None:
        return NotApplicable(_filled(_PLATFORM, platform=platform), listing.target)
    if rule.code == "BL003" and facts.relayed:  # PBL judges the last hop to the receiver, and this is not it
        return NotApplicable(_RELAYED, listing.target)
    codes = [code for code in listing.codes if code.rule == rule.code]
    return rule.found(
        listing.target,
        severity=_severity(rule, codes, delivers=_delivers(facts, listing)),
        evidence=listing_evidence(listing),
        target=listing.target,
        list=listing.list.name,
        meaning=_meaning(codes),
        where=facts.where(listing.target),
        page=listing.list.delist,
    )


def _delivers(facts: BlocklistFacts, listing: Listing) -> bool:
    """Whether the user's mail is known to leave from there, or to be judged by that name."""
    return not facts.has_role(listing.target, (Role.ASKED, Role.MX)) or facts.has_role(listing.target, (Role.SENDING,))


def _severity(rule: Rule, codes: list[Code], *, delivers: bool) -> Severity:
    """The mildest that a code asks for; of a range that should not deliver, an error only where mail leaves from it."""
    named = [Severity(code.severity) for code in codes if code.severity]
    severity = min(named, key=lambda s: s.rank) if named and len(named) == len(codes) else rule.severity
    if rule.code == "BL003" and not delivers:
        return Severity.WARNING
    return severity


def _meaning(codes: list[Code]) -> Text:
    return Text("; ".join(c.meaning.en for c in codes), "; ".join(c.meaning.es for c in codes))


def _unknown(listing: Listing) -> Unknown:
    because = listing.because
    evidence = (listing_evidence(listing),) if listing.answer is not None else ()
    return Unknown(
        Text(
            _CANNOT_TELL.en.format(list=listing.list.name, because=because.en),
            _CANNOT_TELL.es.format(list=listing.list.name, because=because.es),
        ),
        listing.list.name,
        evidence,
    )


def _filled(text: Text, **fields: str) -> Text:
    return Text(text.en.format(**fields), text.es.format(**fields))


SHARED = Rule(
    "BL013",
    "listed-ip-is-shared",
    Severity.WARNING,
    Basis.CONSENSUS,
    Area.REPUTATION,
    Actor.THIRD_PARTY,
    label=Text("Addresses of your mail platform", "Direcciones de su plataforma de correo"),
    title=Text("{target}, of {platform}, is on {lists}", "{target}, de {platform}, está en {lists}"),
    why=Text(
        "You share this address with other customers of {platform}, and one of them caused the listing. You cannot have it removed; while it stands, part of your mail is refused.",
        "Usted comparte esta dirección con otros clientes de {platform}, y uno de ellos causó la inclusión. No puede pedir la retirada; mientras dure, parte de su correo se rechaza.",
    ),
    fix=Text(
        "Open a ticket with {platform}: name the address and the list, and ask for another pool of addresses. If it happens again, ask for a dedicated address or change the platform.",
        "Abra una incidencia en {platform}: indique la dirección y la lista, y pida salir por otro grupo de direcciones. Si se repite, pida una dirección dedicada o cambie de plataforma.",
    ),
    references=("M3AAWG Sender BCP v4.0 (2026-08-27)",),
)


@SHARED.check
def listed_ip_is_shared(facts: BlocklistFacts) -> Iterator[Outcome]:
    """One outcome for each listed address of a platform; only for lists that weigh something."""
    if not facts.platforms:
        yield NotApplicable(
            Text(
                "No listed address belongs to a known platform.",
                "Ninguna dirección incluida es de una plataforma conocida.",
            )
        )
    for address, platform in facts.platforms.items():
        listed = [o for o in facts.of(State.LISTED) if o.target == address and any(_blocks(code) for code in o.codes)]
        if not listed:
            yield Passed(address)
            continue
        weighs = any(one.list.weight >= 4 for one in listed)
        yield SHARED.found(
            address,
            severity=Severity.WARNING if weighs else Severity.INFO,
            evidence=[listing_evidence(one) for one in listed],
            target=address,
            platform=platform,
            lists=tuple(one.list.name for one in listed),
        )


def _blocks(code: Code) -> bool:
    return bool(code.rule) and code.rule != "BL017"


NOT_CHECKABLE = Rule(
    "BL014",
    "list-not-checkable",
    Severity.INFO,
    Basis.STANDARD,
    Area.REPUTATION,
    Actor.NOBODY,
    label=Text("Lists that answer from here", "Listas que responden desde aquí"),
    title=Text("{list} cannot be asked from here: {because}", "{list} no se puede consultar desde aquí: {because}"),
    why=Text(
        "A list that refuses or does not answer says nothing: neither that you are listed nor that you are not.",
        "Una lista que rechaza la consulta o no responde no dice nada: ni que usted esté incluido ni que no lo esté.",
    ),
    fix=Text(
        "Ask through a resolver of your own instead of a public one, or with a key of the list. {usage}",
        "Consulte con un servidor DNS propio en vez de uno público, o con una clave de la lista. {usage}",
    ),
    references=("RFC 5782 §5",),
    identity=("list",),
)


@NOT_CHECKABLE.check
def list_not_checkable(facts: BlocklistFacts) -> Iterator[Outcome]:
    """A refusal is found; silence is not known. One outcome for each list."""
    for name, listings in _by_list(facts).items():
        refused = next((one for one in listings if one.state is State.REFUSED), None)
        silent = next((one for one in listings if one.state is State.UNKNOWN), None)
        if refused is not None:
            yield NOT_CHECKABLE.found(
                name, evidence=_seen(refused), list=name, because=refused.because, usage=refused.list.usage
            )
        elif silent is not None:
            yield _unknown(silent)
        elif any(one.state is not State.DEAD for one in listings):
            yield Passed(name)


def _by_list(facts: BlocklistFacts) -> dict[str, list[Listing]]:
    found: dict[str, list[Listing]] = {}
    for listing in facts.listings:
        found.setdefault(listing.list.name, []).append(listing)
    return found


def _seen(listing: Listing) -> tuple[Evidence, ...]:
    return (listing_evidence(listing),)


DEAD = Rule(
    "BL015",
    "list-is-dead",
    Severity.INFO,
    Basis.STANDARD,
    Area.REPUTATION,
    Actor.NOBODY,
    label=Text("Lists that can be believed", "Listas de fiar"),
    title=Text("{list} cannot be believed: {because}", "{list} no es de fiar: {because}"),
    why=Text(
        "Its answers mean nothing here, so none of them was counted. Some resolvers answer for names that do not exist; some lists that close list everybody.",
        "Sus respuestas no significan nada aquí y ninguna se ha contado. Algunos servidores DNS responden por nombres que no existen; algunas listas, al cerrar, incluyen a todos.",
    ),
    fix=Text(
        "If only this list does so, take it out of your configuration; if all do, use another resolver.",
        "Si solo le ocurre a esta lista, quítela de su configuración; si les ocurre a todas, use otro servidor DNS.",
    ),
    references=("RFC 5782 §5", "RFC 5782 §2.1"),
    identity=("list",),
)


@DEAD.check
def list_is_dead(facts: BlocklistFacts) -> Iterator[Outcome]:
    """One outcome for each list that answered at all."""
    for name, listings in _by_list(facts).items():
        dead = next((one for one in listings if one.state is State.DEAD), None)
        if dead is not None:
            yield DEAD.found(name, evidence=_seen(dead), list=name, because=dead.because)
        elif any(one.state in (State.LISTED, State.CLEAR) for one in listings):
            yield Passed(name)


CONFIGURED_DEAD = Rule(
    "BL016",
    "dead-zone-configured",
    Severity.WARNING,
    Basis.CONSENSUS,
    Area.REPUTATION,
    Actor.SENDER,
    label=Text("Closed lists in the configuration", "Listas cerradas en la configuración"),
    title=Text(
        "The configuration names {zone}, closed since {since}", "La configuración nombra {zone}, cerrada desde {since}"
    ),
    why=Text(
        "A closed list answers nobody, or one day lists everybody. A mail server that still asks it loses time and, on that day, mail.",
        "Una lista cerrada no responde a nadie o, un día, incluye a todos. Un servidor de correo que aún la consulta pierde tiempo y, ese día, correo.",
    ),
    fix=Text(
        "Delete {zone} from this configuration and from that of your mail server.",
        "Elimine {zone} de esta configuración y de la de su servidor de correo.",
    ),
    references=("deliverability list registry (2026-11-22)",),
    identity=("zone",),
)


@CONFIGURED_DEAD.check
def dead_zone_configured(facts: BlocklistFacts) -> Iterator[Outcome]:
    """One outcome for each zone of the user's own that is gone."""
    for dead in facts.dead_zones:
        yield CONFIGURED_DEAD.found(dead.zone, zone=dead.zone, since=dead.since)
    if not facts.dead_zones:
        yield Passed()


ALLOWED = Rule(
    "BL017",
    "on-an-allowlist",
    Severity.INFO,
    Basis.FILTER,
    Area.REPUTATION,
    Actor.NOBODY,
    label=Text("Allowlists", "Listas de confianza"),
    title=Text(
        "{target} is on the allowlist {list}: {meaning}", "{target} está en la lista de confianza {list}: {meaning}"
    ),
    why=Text(
        "Filters take points off for it: SpamAssassin from 0.7 to 5, by how far the list trusts the address.",
        "Los filtros restan puntos por ello: SpamAssassin de 0,7 a 5, según cuánto confíe la lista en la dirección.",
    ),
    fix=Text("Nothing has to be done.", "No hay que hacer nada."),
    references=("SpamAssassin 25_dnswl.cf (2026-08)",),
    filter_points=5.0,
    identity=("list",),
)


@ALLOWED.check
def on_an_allowlist(facts: BlocklistFacts) -> Iterator[Outcome]:
    """Information only: nobody is held to be on one."""
    found = False
    for listing in facts.by_rule("BL017"):
        found = True
        codes = [code for code in listing.codes if code.rule == "BL017"]
        yield ALLOWED.found(
            listing.target,
            evidence=listing_evidence(listing),
            target=listing.target,
            list=listing.list.name,
            meaning=_meaning(codes),
        )
    if not found:
        yield NotApplicable(Text("It is on none that was asked.", "No está en ninguna de las consultadas."))


RULES: tuple[Rule, ...] = (
    *(_rule(row) for row in LIST_RULES),
    SHARED,
    NOT_CHECKABLE,
    DEAD,
    CONFIGURED_DEAD,
    ALLOWED,
    *RECEIVER_RULES,
)
