"""Rules about whom the record lets in: networks too wide, addresses of no use, hosts that do not send, shared platforms."""

from __future__ import annotations

from collections.abc import Iterator

from deliverability.core.addresses import AddressKind
from deliverability.core.changes import Fix
from deliverability.core.facts import AuditedDomain, DkimPresence, Presence
from deliverability.core.finding import Actor, Basis, Finding, NotApplicable, Outcome, Passed, Severity, Unknown
from deliverability.core.rule import Area, Rule
from deliverability.core.text import Text
from deliverability.providers.registry import (
    DetectedProviders,
    Provider,
    ProviderKind,
    Seen,
    provider_of_mx,
    provider_of_spf_include,
)
from deliverability.spf import repair
from deliverability.spf.facts import SpfFacts, is_parked
from deliverability.spf.frontends import Frontend, frontend_of_address, frontend_of_mx
from deliverability.spf.networks import Authorised, breadth, special_purpose
from deliverability.spf.rules.common import (
    NEVER_SENDS,
    NOTHING_OF_THE_KIND,
    PART_NOT_ASKED,
    at_terms,
    listed,
    seen_at,
    unread,
)
from deliverability.spf.rules.proposals import include_of
from deliverability.spf.tree_model import State, TermNode

#: Shorter prefixes than these are wide, in a record that the owner writes.
IPV4_LENGTH, IPV6_LENGTH = 20, 32

WIDE_NETWORK = Rule(
    code="SPF018",
    name="very-wide-network",
    severity=Severity.WARNING,
    basis=Basis.CONSENSUS,
    area=Area.AUTH,
    actor=Actor.DNS,
    label=Text("Width of your own networks in SPF", "Amplitud de sus redes en el SPF"),
    title=Text(
        "SPF of {domain} lets very wide networks send ({size}): {terms}",
        "El SPF de {domain} deja enviar a redes muy amplias ({size}): {terms}",
    ),
    why=Text(
        "A network that wide holds machines of strangers as well: customers of the same hosting company, home lines. Each of them can send "
        "an invoice in your name that passes SPF, and DMARC with it.",
        "Una red tan amplia contiene también máquinas ajenas: clientes del mismo hosting, líneas domésticas. Cualquiera de ellas puede enviar "
        "en su nombre una factura que pase SPF y, con él, DMARC.",
    ),
    fix=Text(
        "Whoever manages your DNS: list the addresses that really send, one `ip4:` or `ip6:` each, or use the `include:` of your provider "
        "instead of its whole network.",
        "Quien gestione su DNS: indique las direcciones que de verdad envían, con un `ip4:` o `ip6:` cada una, o use el `include:` de su "
        "proveedor en lugar de toda su red.",
    ),
    references=("RFC 9989 §7.1", "RFC 7208 §5.6"),
    consequence_of=("SPF010",),
)


@WIDE_NETWORK.check
def very_wide_network(spf: SpfFacts) -> Outcome:
    """Written by the owner: an ip4 or ip6, or an `a` or `mx` with a prefix length."""
    early = unread(spf)
    if early is not None:
        return early
    own = [item for item in spf.networks.authorised if item.is_own and item.term.mechanism != "all"]
    wide = [item for item in own if _is_wide(item) and special_purpose(item.network) is None]
    if not wide:
        return Passed(spf.domain) if own else NotApplicable(NOTHING_OF_THE_KIND, spf.domain)
    terms = {item.term.term.span: item.term.term for item in wide}
    return WIDE_NETWORK.found(
        spf.domain,
        evidence=at_terms(spf, terms.values()),
        domain=spf.domain,
        size=_size(breadth(item.network for item in wide)),
        terms=listed(term.text for term in terms.values()),
    )


def _size(addresses: int) -> Text:
    """How many IPv4 addresses, grouped as each language does; IPv6 networks are not worth counting."""
    if not addresses:
        return Text("IPv6", "IPv6")
    grouped = f"{addresses:,}"
    return Text(f"{grouped} IPv4 addresses", f"{grouped.replace(',', '.')} direcciones IPv4")


def _is_wide(item: Authorised) -> bool:
    return item.network.prefixlen < (IPV4_LENGTH if item.network.version == 4 else IPV6_LENGTH)


USELESS_ADDRESS = Rule(
    code="SPF019",
    name="private-or-reserved-address",
    severity=Severity.WARNING,
    basis=Basis.CONSENSUS,
    area=Area.AUTH,
    actor=Actor.DNS,
    label=Text("Public addresses in SPF", "Direcciones públicas en el SPF"),
    title=Text(
        "SPF of {domain} lists addresses that do not exist on the Internet: {terms}",
        "El SPF de {domain} contiene direcciones que no existen en Internet: {terms}",
    ),
    why=Text(
        "Mail never arrives at a receiver from a {kinds} address. The address your server really leaves with, that of the router or the "
        "provider, is probably missing from the record.",
        "A un receptor nunca le llega correo desde una dirección de tipo {kinds}. Es probable que en el registro falte la dirección con la que "
        "sale de verdad su servidor, la del router o la del proveedor.",
    ),
    fix=Text(
        "Find out the public address your mail leaves with: send a message to a Gmail account and choose “Show original” there; the line SPF names "
        "it. Whoever manages your DNS then puts `ip4:` with that address in the place of {terms}.",
        "Averigüe con qué dirección pública sale su correo: envíe un mensaje a una cuenta de Gmail y elija allí «Mostrar original»; figura en la "
        "línea SPF. Después, quien gestione su DNS debe poner `ip4:` con esa dirección en lugar de {terms}.",
    ),
    references=("RFC 7208 §5.6", "RFC 1918 §3"),
)

_KINDS = {
    AddressKind.PRIVATE: Text("private", "privada"),
    AddressKind.LOOPBACK: Text("loopback", "bucle local"),
    AddressKind.LINK_LOCAL: Text("link-local", "enlace local"),
    AddressKind.SHARED: Text("carrier NAT", "NAT de operador"),
    AddressKind.DOCUMENTATION: Text("documentation", "documentación"),
    AddressKind.BENCHMARK: Text("test", "pruebas"),
    AddressKind.MULTICAST: Text("multicast", "multidifusión"),
    AddressKind.UNSPECIFIED: Text("unspecified", "sin especificar"),
    AddressKind.RESERVED: Text("reserved", "reservada"),
}


@USELESS_ADDRESS.check
def private_or_reserved_address(spf: SpfFacts) -> Outcome:
    """In the owner's own terms. Addresses for examples are a leftover and harm nobody: information."""
    early = unread(spf)
    record = spf.root.record
    if early is not None or record is None:
        return early or NotApplicable(NOTHING_OF_THE_KIND, spf.domain)
    own = [item for item in spf.networks.authorised if item.is_own and item.term.mechanism != "all"]
    found = [(item, block) for item in own if (block := special_purpose(item.network)) is not None]
    failed = [term for term in spf.root.terms if term.mechanism in ("a", "mx") and term.state is State.TEMPERROR]
    if not found and failed:
        return Unknown(PART_NOT_ASKED, spf.domain, seen_at(failed))
    if not own:
        return NotApplicable(NOTHING_OF_THE_KIND, spf.domain)
    if not found:
        return Passed(spf.domain)
    serious = [pair for pair in found if pair[1].kind is not AddressKind.DOCUMENTATION]
    shown = serious or found
    terms = {item.term.term.span: item.term.term for item, _ in shown}
    written = [t for t in record.directives if t.span in terms and t.network is not None]
    return USELESS_ADDRESS.found(
        spf.domain,
        severity=Severity.WARNING if serious else Severity.INFO,
        evidence=at_terms(spf, terms.values()),
        fix=repair.publish(spf.root, repair.without(record, written)) if serious else None,
        domain=spf.domain,
        terms=listed(term.text for term in terms.values()),
        kinds=_KINDS[shown[0][1].kind],
    )


STALE_INCLUDE = Rule(
    code="SPF028",
    name="possibly-stale-include",
    severity=Severity.INFO,
    basis=Basis.OPINION,
    area=Area.AUTH,
    actor=Actor.DNS,
    label=Text("Includes still in use", "Includes todavía en uso"),
    title=Text(
        "`{term}` in the SPF of {domain} may be a leftover of {provider}",
        "`{term}` en el SPF de {domain} puede ser un resto de {provider}",
    ),
    why=Text(
        "Nothing else in the DNS of {domain} shows {provider}: no MX, no DKIM key, no verification record. If the service is no longer used, "
        "the include spends lookups and lets its other customers' servers pass.",
        "Nada más en el DNS de {domain} delata a {provider}: ni MX, ni clave DKIM, ni registro de verificación. Si el servicio ya no se usa, el "
        "include gasta consultas y deja pasar a servidores de sus otros clientes.",
    ),
    fix=Text(
        "Ask in your company whether {provider} still sends anything, and look at your DMARC reports. Only then have `{term}` taken out.",
        "Pregunte en su empresa si {provider} todavía envía algo y mire sus informes DMARC. Solo entonces haga que quiten `{term}`.",
    ),
    references=("RFC 7208 §4.6.4",),
    identity=("term",),
)

_TRACES_NOT_ASKED = Text(
    "DNS gave no answer where the provider of an include would leave its traces.",
    "El DNS no ha respondido allí donde el proveedor de un include dejaría sus huellas.",
)


def _own_includes(spf: SpfFacts) -> Iterator[tuple[TermNode, Provider]]:
    """The includes of the audited record whose provider is known."""
    for term in spf.root.terms:
        if term.mechanism not in ("include", "redirect") or term.target is None or term.state is State.IGNORED:
            continue
        owner = provider_of_spf_include(term.target)
        if owner is not None:
            yield term, owner


@STALE_INCLUDE.check
def possibly_stale_include(spf: SpfFacts, detected: DetectedProviders) -> Iterator[Outcome]:
    """An include whose provider leaves traces elsewhere, and left none. A hint, not a fact: keys can have any name."""
    early = unread(spf)
    if early is not None:
        yield early
        return
    judged = [(t, o) for t, o in _own_includes(spf) if o.dkim_selectors or o.dkim_zones or o.mx_suffixes]
    clean = True
    for term, owner in judged:
        seen = detected.get(owner.id)
        if seen is None or set(seen.seen_in) <= {Seen.SPF.value}:
            clean = False
            if detected.unanswered:
                yield Unknown(_TRACES_NOT_ASKED, spf.domain, detected.unanswered[:3])
                return
            yield STALE_INCLUDE.found(
                spf.domain,
                evidence=at_terms(spf, [term.term]),
                domain=spf.domain,
                term=term.term.text,
                provider=owner.name,
            )
    if clean:
        yield Passed(spf.domain) if judged else NotApplicable(NOTHING_OF_THE_KIND, spf.domain)


SHARED_WITHOUT_DKIM = Rule(
    code="SPF030",
    name="shared-platform-without-dkim",
    severity=Severity.WARNING,
    basis=Basis.CONSENSUS,
    area=Area.AUTH,
    actor=Actor.PLATFORM,
    label=Text("DKIM beside shared platforms", "DKIM junto a plataformas compartidas"),
    title=Text(
        "SPF of {domain} trusts {provider}, which many share, and no DKIM key was found",
        "El SPF de {domain} confía en {provider}, compartido por muchos, y no se ha encontrado clave DKIM",
    ),
    why=Text(
        "All customers of {provider} send from the same addresses. Where the platform does not check who may use which domain, another "
        "customer passes SPF as you. A signature with your own key is what tells your mail apart, and what survives forwarding.",
        "Todos los clientes de {provider} envían desde las mismas direcciones. Si la plataforma no comprueba quién puede usar cada dominio, otro "
        "cliente pasa el SPF como si fuera usted. Lo que distingue su correo, y lo que resiste el reenvío, es la firma con su propia clave.",
    ),
    fix=Text(
        "The administrator of your {provider} account: turn on DKIM for {domain} and publish the records it shows.",
        "Quien administre su cuenta de {provider}: active DKIM para {domain} y publique los registros que le indique.",
    ),
    references=("RFC 9989 §11.1", "RFC 7208 §11.4"),
    consequence_of=("DKIM029", "DKIM002"),
    identity=("provider",),
)


@SHARED_WITHOUT_DKIM.check
def shared_platform_without_dkim(spf: SpfFacts, audited: AuditedDomain, dkim: DkimPresence) -> Iterator[Outcome]:
    """One outcome for each shared platform among the includes of the record."""
    early = unread(spf)
    if early is None and is_parked(spf, audited):
        early = NotApplicable(NEVER_SENDS, spf.domain)
    if early is not None:
        yield early
        return
    shared = {
        o.id: (t, o) for t, o in _own_includes(spf) if o.shared and o.sends and o.kind is not ProviderKind.GATEWAY
    }
    if not shared:
        yield NotApplicable(NOTHING_OF_THE_KIND, spf.domain)
        return
    for term, owner in shared.values():
        if dkim.state is Presence.FOUND:
            yield Passed(owner.name)
        elif dkim.state is Presence.UNKNOWN:
            yield Unknown(
                Text("Whether there is a DKIM key is not known.", "No se sabe si hay una clave DKIM."), owner.name
            )
        else:
            evidence = at_terms(spf, [term.term])
            yield SHARED_WITHOUT_DKIM.found(owner.name, evidence=evidence, domain=spf.domain, provider=owner.name)


NOT_A_SENDER = Rule(
    code="SPF036",
    name="host-term-of-no-sender",
    severity=Severity.WARNING,
    basis=Basis.CONSENSUS,
    area=Area.AUTH,
    actor=Actor.DNS,
    label=Text("Hosts behind `a` and `mx` in SPF", "Servidores tras `a` y `mx` en el SPF"),
    title=Text(
        "`{term}` in the SPF of {domain} names hosts of {frontend} that send nothing",
        "`{term}` en el SPF de {domain} nombra servidores de {frontend} que no envían correo",
    ),
    why=Text(
        "The term resolves to {hosts}, which {role}. It spends lookups and authorises nobody who sends; if it was meant for a server that does, "
        "that server is not covered.",
        "El término se resuelve en {hosts}: servidores que {role}. Gasta consultas y no autoriza a nadie que envíe; si estaba pensado para un "
        "servidor que sí envía, ese servidor no queda cubierto.",
    ),
    fix=Text(
        "Whoever manages your DNS: take `{term}` out of the SPF record. If a server of your own sends mail, list its public address as `ip4:`; "
        "if a provider does, use its `include:`.",
        "Quien gestione su DNS: quite `{term}` del registro SPF. Si envía un servidor propio, indique su dirección pública con `ip4:`; si envía un "
        "proveedor, use su `include:`.",
    ),
    references=("RFC 7208 §5.3", "RFC 7208 §5.4"),
    identity=("term",),
)

_ROLES = {
    "web": Text("stand in front of web sites", "están delante de sitios web"),
    "inbound": Text("only take mail in", "solo reciben correo"),
}


@NOT_A_SENDER.check
def host_term_of_no_sender(spf: SpfFacts) -> Iterator[Outcome]:
    """An `a` all of whose addresses are a web front-end, an `mx` all of whose hosts only receive."""
    early = unread(spf)
    if early is not None:
        yield early
        return
    own = (t for t in spf.root.terms if t.mechanism in ("a", "mx") and t.state is not State.IGNORED)
    terms = list({t.term.text: t for t in own}.values())
    unasked = [t for t in terms if t.state is State.TEMPERROR and _frontend(t) is None]
    clean = True
    for term in terms:
        owner = _frontend(term)
        if owner is not None:
            clean = False
            yield _no_sender(spf, term, owner)
    if unasked:
        yield Unknown(PART_NOT_ASKED, spf.domain, seen_at(unasked))
    elif clean:
        yield Passed(spf.domain) if terms else NotApplicable(NOTHING_OF_THE_KIND, spf.domain)


def _frontend(term: TermNode) -> Frontend | None:
    """The front-end that every host of the term belongs to; one that belongs to nobody is enough to say no."""
    owner: Frontend | None = None
    for host in term.hosts:
        owner = frontend_of_mx(host)
        if owner is None:
            return None
    if term.hosts:
        return owner
    for address in term.addresses:
        owner = frontend_of_address(address)
        if owner is None:
            return None
    return owner


def _no_sender(spf: SpfFacts, term: TermNode, owner: Frontend) -> Finding:
    return NOT_A_SENDER.found(
        spf.domain,
        evidence=(at_terms(spf, [term.term]), *term.evidence),
        fix=_without_host(spf, term),
        domain=spf.domain,
        term=term.term.text,
        frontend=owner.name,
        hosts=listed(term.hosts or (str(address) for address in term.addresses)),
        role=_ROLES[owner.kind],
    )


def _without_host(spf: SpfFacts, term: TermNode) -> Fix | None:
    """The term taken out, and for MX hosts of a provider its include put in where it is missing."""
    record = spf.root.record
    if record is None:
        return None
    owner = next((o for name in term.hosts if (o := provider_of_mx(name)) is not None), None)
    word = include_of(owner) if owner is not None else None
    if word is not None and word.partition(":")[2] not in spf.tree.domains():
        return repair.publish(spf.root, str(repair.Draft.of(record).replaced({term.term.span.start: [word]})))
    return repair.publish(spf.root, repair.without(record, [term.term]))


RULES: tuple[Rule, ...] = (WIDE_NETWORK, USELESS_ADDRESS, STALE_INCLUDE, SHARED_WITHOUT_DKIM, NOT_A_SENDER)
