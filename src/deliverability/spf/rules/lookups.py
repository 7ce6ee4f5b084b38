"""Rules about what evaluation costs (RFC 7208 §4.6.4)."""

from __future__ import annotations

from collections.abc import Iterator

from deliverability.core.finding import Actor, Basis, Finding, NotApplicable, Outcome, Passed, Severity, Unknown
from deliverability.core.limits import DEFAULT_LIMITS
from deliverability.core.names import DomainName
from deliverability.core.rule import Area, Rule
from deliverability.core.text import Text
from deliverability.spf import repair
from deliverability.spf.facts import SpfFacts
from deliverability.spf.record import Directive
from deliverability.spf.rules.common import (
    NOTHING_OF_THE_KIND,
    PART_NOT_ASKED,
    at_terms,
    costs,
    listed,
    not_exact,
    records_of,
    seen_at,
    unread,
)
from deliverability.spf.tree_model import Placed, SpfTree, State

MAX_LOOKUPS = DEFAULT_LIMITS.spf_lookups
MAX_VOIDS = DEFAULT_LIMITS.spf_void_lookups
#: From here on one more include at a provider breaks the record.
CLOSE = 9

TOO_MANY_LOOKUPS = Rule(
    code="SPF004",
    name="too-many-lookups",
    severity=Severity.ERROR,
    basis=Basis.STANDARD,
    area=Area.AUTH,
    actor=Actor.DNS,
    label=Text("DNS lookups of SPF", "Consultas DNS del SPF"),
    title=Text(
        "SPF of {domain} needs {lookups} DNS lookups; receivers stop at 10",
        "El SPF de {domain} necesita {lookups} consultas DNS; los receptores paran en 10",
    ),
    why=Text(
        "Receivers that follow the standard, Gmail and Microsoft 365 among them, give up after ten terms that ask the DNS and "
        "count SPF as an error (permerror) for every message that no earlier term has matched. Lookups by term: {costs}.",
        "Los receptores que siguen la norma, como Gmail y Microsoft 365, abandonan al pasar de diez términos que consultan el "
        "DNS y dan el SPF por erróneo (permerror) en todo mensaje que ningún término anterior haya reconocido. Consultas por "
        "término: {costs}.",
    ),
    fix=Text(
        "Whoever manages your DNS has to bring the record of {domain} down to ten. Take out the includes of services you no longer "
        "use; give a service that sends in bulk a subdomain of its own as Return-Path; write the addresses of your own servers "
        "as `ip4:` instead of `a` and `mx`. Then run the audit again.",
        "Quien gestione su DNS debe dejar el registro de {domain} en diez como máximo. Quite los includes de los servicios que ya "
        "no use; dé a cada servicio de envíos masivos un subdominio propio como Return-Path; escriba las direcciones de sus "
        "servidores con `ip4:` en lugar de `a` y `mx`. Después repita la auditoría.",
    ),
    references=("RFC 7208 §4.6.4",),
)


@TOO_MANY_LOOKUPS.check
def too_many_lookups(spf: SpfFacts) -> Outcome:
    """Counted in evaluation order, on past ten."""
    early = unread(spf)
    if early is not None:
        return early
    tree = spf.tree
    if tree.lookups > MAX_LOOKUPS:
        count: int | Text = tree.lookups
        if not tree.lookups_exact:
            count = Text(f"at least {count}", f"al menos {count}")
        return TOO_MANY_LOOKUPS.found(
            spf.domain,
            evidence=tree.as_evidence(),
            fix=repair.publish(spf.root, repair.fewer_lookups(tree)),
            domain=spf.domain,
            lookups=count,
            costs=costs(tree.root.terms),
        )
    if not tree.lookups_exact:
        return not_exact(spf)
    return Passed(spf.domain, Text(f"{tree.lookups} of {MAX_LOOKUPS}", f"{tree.lookups} de {MAX_LOOKUPS}"))


LOOKUPS_CLOSE_TO_LIMIT = Rule(
    code="SPF005",
    name="lookups-close-to-limit",
    severity=Severity.WARNING,
    basis=Basis.CONSENSUS,
    area=Area.AUTH,
    actor=Actor.DNS,
    label=Text("Headroom in SPF lookups", "Margen de consultas del SPF"),
    title=Text(
        "SPF of {domain} uses {lookups} of the 10 DNS lookups; {left} left",
        "El SPF de {domain} gasta {lookups} de las 10 consultas DNS; margen: {left}",
    ),
    why=Text(
        "The services you include change their records without telling you. One include more at any of them and every receiver "
        "that counts sees an error instead of a pass. Spent by term: {costs}; what is left, {left}, is the room for all of them "
        "together.",
        "Los servicios que usted incluye cambian sus registros sin avisar. Con un include más en cualquiera de ellos, todo receptor "
        "que cuente verá un error en lugar de un «pass». Gasto por término: {costs}; lo que queda, {left}, es el margen de todos "
        "juntos.",
    ),
    fix=Text(
        "Whoever manages your DNS: take out the includes nobody needs any more and write your own servers as `ip4:`, so that two or "
        "three lookups stay free. Check again whenever you take on another service.",
        "Quien gestione su DNS: quite los includes que ya nadie necesite y escriba sus servidores con `ip4:`, de modo que queden "
        "libres dos o tres consultas. Compruébelo de nuevo cada vez que contrate otro servicio.",
    ),
    references=("RFC 7208 §4.6.4",),
)


@LOOKUPS_CLOSE_TO_LIMIT.check
def lookups_close_to_limit(spf: SpfFacts) -> Outcome:
    """Nine or ten; beyond is SPF004."""
    early = unread(spf)
    if early is not None:
        return early
    tree = spf.tree
    if tree.lookups > MAX_LOOKUPS:
        return NotApplicable(Text("The limit is passed (SPF004).", "El límite ya está superado (SPF004)."), spf.domain)
    if tree.lookups >= CLOSE and tree.lookups_exact:
        return LOOKUPS_CLOSE_TO_LIMIT.found(
            spf.domain,
            evidence=tree.as_evidence(),
            fix=repair.publish(spf.root, repair.fewer_lookups(tree, limit=CLOSE - 1, drop_covered=False)),
            domain=spf.domain,
            lookups=tree.lookups,
            left=MAX_LOOKUPS - tree.lookups,
            costs=costs(tree.root.terms),
        )
    if not tree.lookups_exact:
        return not_exact(spf)
    left = MAX_LOOKUPS - tree.lookups
    return Passed(spf.domain, Text(f"{left} lookups free", f"{left} consultas libres"))


TOO_MANY_VOID_LOOKUPS = Rule(
    code="SPF006",
    name="too-many-void-lookups",
    severity=Severity.ERROR,
    basis=Basis.STANDARD,
    area=Area.AUTH,
    actor=Actor.DNS,
    label=Text("SPF lookups that find nothing", "Consultas SPF sin respuesta útil"),
    title=Text(
        "{voids} lookups in the SPF of {domain} find nothing ({clients}); receivers may stop after two",
        "{voids} consultas del SPF de {domain} no encuentran nada ({clients}); los receptores pueden parar tras dos",
    ),
    why=Text(
        "A name in the record that no longer exists or has no address is a void lookup. After two of them the standard asks receivers "
        "to give up with an error, and common SPF software does so: a message from your real server may then get permerror. "
        "Names: {names}.",
        "Un nombre del registro que ya no existe o no tiene dirección es una consulta nula. Tras dos, la norma pide a los receptores "
        "que abandonen con un error, y los programas habituales de SPF lo hacen: un mensaje de su servidor real puede recibir "
        "permerror. Nombres: {names}.",
    ),
    fix=Text(
        "Whoever manages your DNS: take the terms whose names are gone out of the SPF record of {domain}, or put the right names in "
        "their place. Terms inside a provider's record are for that provider to correct.",
        "Quien gestione su DNS: quite del registro SPF de {domain} los términos cuyos nombres ya no existan o escriba los correctos. "
        "Los que estén dentro del registro de un proveedor debe corregirlos ese proveedor.",
    ),
    references=("RFC 7208 §4.6.4", "RFC 7208 §11.1"),
)

_EVERY_CLIENT = Text("every client", "cualquier cliente")
_IPV6_CLIENTS = Text("mail sent over IPv6 only", "solo el correo enviado por IPv6")
_QUERY_COUNTERS = Text(
    "receivers that count queries instead of terms", "los receptores que cuentan consultas en lugar de términos"
)
_IPV6_QUERY_COUNTERS = Text(
    "mail sent over IPv6 only, at receivers that count queries instead of terms",
    "solo el correo enviado por IPv6, en los receptores que cuentan consultas en lugar de términos",
)


@TOO_MANY_VOID_LOOKUPS.check
def too_many_void_lookups(spf: SpfFacts) -> Outcome:
    """By terms for clients of either family, as RFC 7208 §4.6.4 says; by queries, as some receivers count."""
    early = unread(spf)
    if early is not None:
        return early
    cost = spf.tree.cost
    if cost.voids_ipv4 > MAX_VOIDS:
        return _voids(spf, Severity.ERROR, cost.voids_ipv4, _EVERY_CLIENT)
    over_ipv6 = any(item.network.version == 6 for item in spf.networks.authorised)
    if cost.voids_ipv6 > MAX_VOIDS:
        # It happens to mail that leaves over IPv6, so it matters where somebody is authorised there.
        severity = Severity.WARNING if over_ipv6 else Severity.INFO
        return _voids(spf, severity, cost.voids_ipv6, _IPV6_CLIENTS)
    if cost.void_queries_ipv4 > MAX_VOIDS:
        return _voids(spf, Severity.WARNING, cost.void_queries_ipv4, _QUERY_COUNTERS)
    if over_ipv6 and cost.void_queries_ipv6 > MAX_VOIDS:
        return _voids(spf, Severity.INFO, cost.void_queries_ipv6, _IPV6_QUERY_COUNTERS)
    dynamic = sum(1 for p in spf.tree.reached() if p.term.state is State.DYNAMIC and p.term.mechanism != "ptr")
    if not spf.tree.voids_exact and (spf.tree.failures or cost.worst_voids + dynamic > MAX_VOIDS):
        return not_exact(spf)
    return Passed(spf.domain, Text(f"{cost.voids} of {MAX_VOIDS}", f"{cost.voids} de {MAX_VOIDS}"))


def _voids(spf: SpfFacts, severity: Severity, count: int, clients: Text) -> Finding:
    void = [p for p in spf.tree.reached() if _own_voids(p)]
    return TOO_MANY_VOID_LOOKUPS.found(
        spf.domain,
        severity=severity,
        evidence=seen_at(p.term for p in void),
        fix=repair.publish(spf.root, repair.fewer_voids(spf.tree)) if severity is Severity.ERROR else None,
        domain=spf.domain,
        voids=count,
        clients=clients,
        names=listed(p.term.target or p.term.term.text for p in void),
    )


def _own_voids(placed: Placed) -> int:
    below = placed.term.child.cost.worst_void_queries if placed.term.child else 0
    return placed.term.cost.worst_void_queries - below


TOO_MANY_MX_NAMES = Rule(
    code="SPF007",
    name="too-many-mx-names",
    severity=Severity.ERROR,
    basis=Basis.STANDARD,
    area=Area.AUTH,
    actor=Actor.DNS,
    label=Text("MX hosts behind an SPF term", "Servidores MX de un término SPF"),
    title=Text(
        "`{term}` in the SPF of {domain} leads to {hosts} MX records; 10 is the limit",
        "`{term}` en el SPF de {domain} lleva a {hosts} registros MX; el límite es 10",
    ),
    why=Text(
        "A receiver may look up ten MX hosts for one term. With more it has to stop with an error (permerror), and SPF counts for "
        "nothing.",
        "Un receptor puede consultar diez servidores MX por término. Si hay más, debe parar con un error (permerror) y el SPF no "
        "sirve de nada.",
    ),
    fix=Text(
        "Whoever manages the DNS of {domain}: replace `{term}` by the `ip4:` and `ip6:` addresses or the include of the servers that "
        "send mail. Servers that only receive need not be there.",
        "Quien gestione el DNS de {domain}: sustituya `{term}` por las direcciones `ip4:` e `ip6:` o por el include de los servidores "
        "que envían. Los que solo reciben no tienen que figurar.",
    ),
    references=("RFC 7208 §4.6.4", "RFC 7208 §5.4"),
    identity=("domain", "term"),
)


@TOO_MANY_MX_NAMES.check
def too_many_mx_names(spf: SpfFacts) -> Iterator[Outcome]:
    """One outcome for each `mx` of the tree that is too long."""
    early = unread(spf)
    if early is not None:
        yield early
        return
    terms = [p for p in spf.tree.reached() if p.term.mechanism == "mx"]
    long = {(p.record.domain, p.term.term.text): p for p in terms if p.term.state is State.TOO_MANY_MX}
    for placed in long.values():
        yield TOO_MANY_MX_NAMES.found(
            spf.domain,
            evidence=placed.term.evidence[:1],
            domain=placed.record.domain,
            term=placed.term.term.text,
            hosts=placed.term.mx_records,
        )
    unasked = [p for p in terms if p.term.state is State.TEMPERROR and not p.term.hosts]
    if unasked and not long:
        yield Unknown(PART_NOT_ASKED, spf.domain, seen_at(p.term for p in unasked))
    elif not long:
        yield Passed(spf.domain) if terms else NotApplicable(NOTHING_OF_THE_KIND, spf.domain)


PTR_MECHANISM = Rule(
    code="SPF014",
    name="ptr-mechanism",
    severity=Severity.WARNING,
    basis=Basis.STANDARD,
    area=Area.AUTH,
    actor=Actor.DNS,
    label=Text("`ptr` in SPF", "`ptr` en el SPF"),
    title=Text(
        "SPF of {domain} uses {terms}, which no record should",
        "El SPF de {domain} usa {terms}, que ningún registro debería usar",
    ),
    why=Text(
        "The standard says not to publish `ptr`: it is slow, fails whenever the reverse DNS of the sender does, and some receivers skip "
        "it. Mail that relies on it passes SPF only now and then.",
        "La norma dice que no se publique `ptr`: es lento, falla cada vez que falla el DNS inverso del remitente y algunos receptores "
        "lo pasan por alto. El correo que dependa de él solo pasa SPF a ratos.",
    ),
    fix=Text(
        "Whoever manages your DNS: write the addresses of the servers that send as `ip4:` or `ip6:`, and take `ptr` out of the SPF "
        "record.",
        "Quien gestione su DNS: escriba con `ip4:` o `ip6:` las direcciones de los servidores que envían y quite `ptr` del registro "
        "SPF.",
    ),
    references=("RFC 7208 §5.5",),
)


@PTR_MECHANISM.check
def ptr_mechanism(spf: SpfFacts) -> Outcome:
    """A `ptr` of the owner's is a warning; one in a provider's record is worth knowing."""
    early = unread(spf)
    if early is not None:
        return early
    found = [p for p in spf.tree.reached() if p.term.mechanism == "ptr"]
    if not found:
        return Passed(spf.domain) if spf.tree.lookups_exact else not_exact(spf)
    own = [p.term.term for p in found if p.is_own]
    record = spf.root.record
    return PTR_MECHANISM.found(
        spf.domain,
        severity=Severity.WARNING if own else Severity.INFO,
        evidence=[at_terms(spf, own)] if own else records_of(found),
        fix=repair.publish(spf.root, repair.without(record, own)) if own and record else None,
        domain=spf.domain,
        terms=listed(p.term.term.text if p.is_own else f"{p.term.term.text} ({p.record.domain})" for p in found),
    )


DUPLICATE_TERMS = Rule(
    code="SPF029",
    name="duplicate-terms",
    severity=Severity.INFO,
    basis=Basis.CONSENSUS,
    area=Area.AUTH,
    actor=Actor.DNS,
    label=Text("Repeated SPF terms", "Términos SPF repetidos"),
    title=Text("SPF of {domain} says the same more than once: {terms}", "El SPF de {domain} repite lo mismo: {terms}"),
    why=Text(
        "A term that comes a second time never decides anything. If it asks the DNS, it still uses up one or more of the ten lookups.",
        "Un término que aparece por segunda vez no decide nada. Si consulta el DNS, gasta igualmente una o varias de las diez "
        "consultas.",
    ),
    fix=Text(
        "Whoever manages your DNS: leave each term in the SPF record once. An include that a provider's record brings along may go as "
        "well, if you use both services.",
        "Quien gestione su DNS: deje cada término una sola vez en el registro SPF. También puede quitar un include que ya venga dentro "
        "del registro de otro proveedor, si usa ambos servicios.",
    ),
    references=("RFC 7208 §4.6.4",),
)


@DUPLICATE_TERMS.check
def duplicate_terms(spf: SpfFacts) -> Outcome:
    """In the owner's record by meaning; in the tree by the record that is read twice."""
    early = unread(spf)
    record = spf.root.record
    if early is not None or record is None:
        return early or NotApplicable(NOTHING_OF_THE_KIND, spf.domain)
    repeated = repair.repeated_terms(record)
    words = [term.text for term in repeated] + [f"include:{name}" for name in _read_twice(spf.tree)]
    if not words:
        return Passed(spf.domain)
    return DUPLICATE_TERMS.found(
        spf.domain,
        evidence=at_terms(spf, repeated),
        fix=repair.publish(spf.root, repair.without(record, repeated)),
        domain=spf.domain,
        terms=listed(words),
    )


def _read_twice(tree: SpfTree) -> list[DomainName]:
    seen: set[DomainName] = set()
    twice: list[DomainName] = []
    for placed in tree.reached():
        target = placed.term.target
        if not isinstance(placed.term.term, Directive) or placed.term.mechanism != "include" or target is None:
            continue
        if target in seen and placed.term.state is not State.LOOP:
            twice.append(target)
        seen.add(target)
    return twice


RULES: tuple[Rule, ...] = (
    TOO_MANY_LOOKUPS,
    LOOKUPS_CLOSE_TO_LIMIT,
    TOO_MANY_VOID_LOOKUPS,
    TOO_MANY_MX_NAMES,
    PTR_MECHANISM,
    DUPLICATE_TERMS,
)
