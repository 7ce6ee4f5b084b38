"""Rules about where the links of a message lead (BODY004 to BODY009)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from deliverability.content.links import Hazard, Link, Links, is_profile, organization_of, same_organization
from deliverability.content.probe import LeftAlone, LinkCheck, LinkProbe, LinkProblem
from deliverability.content.rules.parts import BEGINS
from deliverability.core.facts import AuditedDomain
from deliverability.core.finding import Actor, Basis, Evidence, NotApplicable, Outcome, Passed, Severity, Unknown
from deliverability.core.rule import Area, Rule
from deliverability.core.text import Text
from deliverability.headers.evidence import part_evidence
from deliverability.headers.fields import Headers
from deliverability.headers.rules.common import is_free_mailbox
from deliverability.providers.payment import payment_processor

#: Findings of one rule, and places of one finding, that are told.
_TOLD = 10
_PLACES = 5

NO_LINKS = Text(en="The message has no links.", es="El mensaje no tiene enlaces.")
LEFT_OUT = Text(
    en="The message has more text or links than are read; the rest was not checked.",
    es="El mensaje tiene más texto o enlaces de los que se leen; el resto no se ha comprobado.",
)


def evidence_of_link(link: Link) -> Evidence:
    """The link with its line: what is shown and where it leads."""
    shown = " ".join(link.text.split())[:120]
    excerpt = link.target.url if link.origin == "text" or not shown else f"{shown} → {link.target.url}"
    name = f"part {link.part}" if link.part else "body"
    if link.line is None and link.text_line is not None:
        return part_evidence(name, excerpt, line=link.text_line, note=BEGINS)
    return part_evidence(name, excerpt, line=link.line)


def _evidence(links: Iterable[Link]) -> tuple[Evidence, ...]:
    return tuple(evidence_of_link(link) for link in list(links)[:_PLACES])


def _by_host(links: Iterable[Link]) -> dict[str, list[Link]]:
    found: dict[str, list[Link]] = {}
    for link in links:
        found.setdefault(link.target.host, []).append(link)
    return found


def _rest(facts: Links, *, found: bool) -> Iterator[Outcome]:
    """What is said once the links that were read are judged."""
    if facts.left_out or facts.cut:
        yield Unknown(LEFT_OUT)
    elif not found:
        yield Passed() if facts.web else NotApplicable(NO_LINKS)


# --- BODY004 --------------------------------------------------------------------------------------------------------

DIFFERENT = Rule(
    "BODY004",
    "link-text-mismatch",
    Severity.ERROR,
    Basis.FILTER,
    Area.MESSAGE,
    Actor.SENDER,
    label=Text(en="Link texts show their target", es="El texto de los enlaces muestra su destino"),
    title=Text(
        en="A link shows {shown} but leads to {target}",
        es="Un enlace muestra {shown} pero lleva a {target}",
    ),
    why=Text(
        en="This is how phishing looks: filters compare the two (rspamd gives up to 4 points, about 6 mark a mail as spam), "
        "and people are taught not to click on it.",
        es="Así son los correos de suplantación: los filtros comparan ambos (rspamd suma hasta 4 puntos; con unos 6 es spam) "
        "y a las personas se les enseña a no pulsar un enlace así.",
    ),
    fix=Text(
        en="Whoever maintains the template writes words as the text of the link (“Pay invoice”), or makes it lead to the "
        "domain that it shows. If your mailing platform rewrites links to count clicks, switch that off for invoices or give "
        "it a host of your own domain.",
        es="Quien mantenga la plantilla debe poner palabras como texto del enlace («Pagar factura») o hacer que lleve al "
        "dominio que muestra. Si su plataforma de envío reescribe los enlaces para contar clics, desactívelo en las facturas "
        "o asígnele un host de su propio dominio.",
    ),
    references=("rspamd PHISHING, 2026-08", "M3AAWG Sender Best Common Practices 4.0, 2026-08-27"),
    filter_points=4.0,
    identity=("shown", "target"),
)


@DIFFERENT.check
def different(facts: Links, author: AuditedDomain | None) -> Iterator[Outcome]:
    """The host that the text shows against the host that the link leads to, by registrable domain."""
    told: set[tuple[str, str]] = set()
    for link in facts.links:
        shown, target = link.shows, link.target
        if not shown or link.hidden or not target.is_web or not target.host:
            continue
        pair = (shown, target.host)
        if pair in told or _agree(shown, link, author) or len(told) >= _TOLD:
            continue
        told.add(pair)
        # A platform that counts clicks stands between, and filters know its host.
        severity = Severity.INFO if target.redirector else None
        yield DIFFERENT.found(
            target.shown_host,
            severity=severity,
            evidence=evidence_of_link(link),
            shown=shown,
            target=target.shown_host,
        )
    yield from _rest(facts, found=bool(told))


def _agree(shown: str, link: Link, author: AuditedDomain | None) -> bool:
    organization = link.target.organization
    if shown == link.target.host or same_organization(organization_of(shown) or shown, organization):
        return True
    # A click counter on the sender's own domain.
    return author is not None and organization == author.registrable


# --- BODY005 --------------------------------------------------------------------------------------------------------

DECEPTIVE = Rule(
    "BODY005",
    "deceptive-link",
    Severity.ERROR,
    Basis.FILTER,
    Area.MESSAGE,
    Actor.SENDER,
    label=Text(en="Links name their host plainly", es="Los enlaces nombran su host con claridad"),
    title=Text(en="A link to {host}: {problem}", es="Un enlace a {host}: {problem}"),
    why=Text(
        en="Addresses like this hide whose page it is. Filters score them as phishing (rspamd 1 to 7 points), and mail "
        "programs warn before opening them.",
        es="Una dirección así oculta de quién es la página. Los filtros la puntúan como suplantación (rspamd, de 1 a 7 "
        "puntos) y los programas de correo avisan antes de abrirla.",
    ),
    fix=Text(
        en="Whoever maintains the template links to a page under a domain name of yours, written in one alphabet and without "
        "a user name, over https.",
        es="Quien mantenga la plantilla debe enlazar a una página con un nombre de dominio suyo, escrito en un solo alfabeto "
        "y sin nombre de usuario, por https.",
    ),
    references=("rspamd HTTP_TO_IP and URL_* symbols, 2026-08", "RFC 3986 §7.6"),
    filter_points=7.0,
    identity=("host",),
)

_HAZARDS = {
    Hazard.USERINFO: Text(
        en="a user name stands before the host, as if it were the host",
        es="delante del host hay un nombre de usuario que parece el host",
    ),
    Hazard.IP_ADDRESS: Text(en="it is an IP address without a name", es="es una dirección IP sin nombre"),
    Hazard.DISGUISED_IP: Text(
        en="it is an IP address in disguise (hexadecimal, octal or one number)",
        es="es una dirección IP disfrazada (hexadecimal, octal o un solo número)",
    ),
    Hazard.MIXED_SCRIPTS: Text(
        en="it mixes letters of different alphabets in one name",
        es="mezcla letras de alfabetos distintos en un mismo nombre",
    ),
    Hazard.LOOK_ALIKE: Text(
        en="it is written with letters of another alphabet that look like Latin ones",
        es="está escrito con letras de otro alfabeto que parecen latinas",
    ),
}


@DECEPTIVE.check
def deceptive(facts: Links) -> Iterator[Outcome]:
    """RFC 3986 §7.6: what semantic attacks on readers of an address are made of."""
    hosts = _by_host(link for link in facts.web if link.target.hazards)
    for host, links in list(hosts.items())[:_TOLD]:
        target = links[0].target
        yield DECEPTIVE.found(
            host or target.url[:80],
            evidence=_evidence(links),
            host=target.shown_host or target.url[:80],
            problem=_HAZARDS[target.hazards[0]],
        )
    yield from _rest(facts, found=bool(hosts))


# --- BODY006 --------------------------------------------------------------------------------------------------------

SHORTENED = Rule(
    "BODY006",
    "url-shortener",
    Severity.WARNING,
    Basis.CONSENSUS,
    Area.MESSAGE,
    Actor.SENDER,
    label=Text(en="No URL shorteners", es="Sin acortadores de direcciones"),
    title=Text(en="A link goes through the shortener {host}", es="Un enlace pasa por el acortador {host}"),
    why=Text(
        en="Shorteners are shared with spammers: their domains are on blocklists again and again, and the mail with them. "
        "Spamhaus and the mailbox providers advise against them in mail.",
        es="Los acortadores se comparten con los spammers: sus dominios entran una y otra vez en listas de bloqueo, y los "
        "correos con ellos. Spamhaus y los proveedores de correo desaconsejan usarlos en mensajes.",
    ),
    fix=Text(
        en="Whoever writes the template puts the full address of the page there; behind a button or a word its length is not seen.",
        es="Quien redacte la plantilla debe poner la dirección completa de la página; detrás de un botón o una palabra no se "
        "ve lo larga que es.",
    ),
    references=("M3AAWG Sender Best Common Practices 4.0, 2026-08-27",),
    identity=("host",),
)


@SHORTENED.check
def shortened(facts: Links, author: AuditedDomain | None) -> Iterator[Outcome]:
    """Hosts of links.toml; a shortener's own mail may link to itself."""
    own = author.registrable if author else ""
    hosts = _by_host(link for link in facts.web if link.target.is_shortener and link.target.organization != own)
    for host, links in list(hosts.items())[:_TOLD]:
        yield SHORTENED.found(host, evidence=_evidence(links), host=host)
    yield from _rest(facts, found=bool(hosts))


# --- BODY007 --------------------------------------------------------------------------------------------------------

UNENCRYPTED = Rule(
    "BODY007",
    "http-link",
    Severity.WARNING,
    Basis.CONSENSUS,
    Area.MESSAGE,
    Actor.SENDER,
    label=Text(en="Links over https", es="Enlaces por https"),
    title=Text(
        en="Links without encryption (http://) to {hosts}: {count} in all",
        es="Enlaces sin cifrar (http://) a {hosts}: {count} en total",
    ),
    why=Text(
        en="Browsers warn before opening such a page, many company networks block it, and for a page where one pays or logs "
        "in it is a fault of its own.",
        es="Los navegadores avisan antes de abrir una página así, muchas redes de empresa la bloquean y, si en ella se paga o "
        "se inicia sesión, es ya en sí un fallo.",
    ),
    fix=Text(
        en="Whoever maintains the template writes https:// in these links, once the page answers there. If they are links of "
        "your mailing platform's click counting, its administrator switches on TLS for the tracking domain.",
        es="Quien mantenga la plantilla debe escribir https:// en estos enlaces, cuando la página responda así. Si son enlaces "
        "del recuento de clics de su plataforma de envío, su administrador debe activar TLS para el dominio de seguimiento.",
    ),
    references=("M3AAWG Sender Best Common Practices 4.0, 2026-08-27",),
)


@UNENCRYPTED.check
def unencrypted(facts: Links) -> Iterator[Outcome]:
    """Links with the scheme http that a reader may click."""
    plain = [link for link in facts.web if link.target.scheme == "http" and not link.hidden and link.target.host]
    if plain:
        hosts = _by_host(plain)
        yield UNENCRYPTED.found(
            "message",
            evidence=_evidence(links[0] for links in hosts.values()),
            count=len(plain),
            hosts=tuple(list(hosts)[:_PLACES]),
        )
    yield from _rest(facts, found=bool(plain))


# --- BODY008 --------------------------------------------------------------------------------------------------------

FOREIGN = Rule(
    "BODY008",
    "foreign-link-domains",
    Severity.INFO,
    Basis.CONSENSUS,
    Area.MESSAGE,
    Actor.SENDER,
    label=Text(en="Links on the sender's own domain", es="Enlaces en el dominio del remitente"),
    title=Text(
        en="Links lead to domains other than that of the sender: {domains}",
        es="Hay enlaces a dominios distintos del dominio del remitente: {domains}",
    ),
    why=Text(
        en="The reputation of these domains counts for the mail as well, and a host that is shared with other customers of a "
        "platform brings theirs along. Readers trust most a link that stands on the domain they know.",
        es="La reputación de esos dominios también cuenta para el correo, y un host compartido con otros clientes de una "
        "plataforma arrastra la de todos. El lector se fía más de un enlace en el dominio que ya conoce.",
    ),
    fix=Text(
        en="If your billing or mailing platform offers a tracking or portal domain of your own (a CNAME such as "
        "links.{own}), set it up there and in the DNS. Other links may stay when the reader expects them.",
        es="Si su plataforma de facturación o de envío permite un dominio propio para enlaces o portal (un CNAME como "
        "links.{own}), configúrelo allí y en el DNS. Los demás enlaces pueden quedarse si el lector los espera.",
    ),
    references=("M3AAWG Sender Best Common Practices 4.0, 2026-08-27",),
)


_DISCUSSION = Text(
    en="It came through a discussion list: people write in it of pages that are not theirs, and the list adds its own.",
    es="Ha pasado por una lista de debate: en ella se habla de páginas ajenas, y la lista añade las suyas.",
)


_FREE_MAILBOX = Text(
    en="The sender's domain is a mailbox provider's; no host for links can be set up in it.",
    es="El dominio del remitente es de un proveedor de buzones; en él no se puede crear un host para enlaces.",
)


def _is_discussion(headers: Headers) -> bool:
    """Whether everybody on the list may write to it (RFC 2369 §3.4); mailings have List-Id, but nobody posts to them."""
    post = headers.first("list-post")
    posted = post is not None and post.text.strip().upper()[:2] != "NO"
    return posted or any(headers.has(name) for name in ("mailing-list", "x-mailing-list", "x-beenthere"))


@FOREIGN.check
def foreign(facts: Links, author: AuditedDomain | None, headers: Headers | None) -> Outcome:
    """Registrable domains of links but the sender's own, payment processors and everybody's networks."""
    if facts.web and headers is not None and _is_discussion(headers):
        return NotApplicable(_DISCUSSION)
    if author is None:
        return Unknown(Text(en="The sender's domain is not known.", es="No se conoce el dominio del remitente."))
    if not facts.web:
        return NotApplicable(NO_LINKS)
    if is_free_mailbox(author.name):
        return NotApplicable(_FREE_MAILBOX)
    others: dict[str, Link] = {}
    for link in facts.web:
        target = link.target
        if not target.organization or link.hidden or is_profile(target.host) or payment_processor(target.host):
            continue
        if not same_organization(target.organization, author.registrable):
            others.setdefault(target.organization, link)
    if not others:
        return Unknown(LEFT_OUT) if facts.left_out or facts.cut else Passed()
    return FOREIGN.found(
        "message",
        evidence=_evidence(others.values()),
        domains=tuple(list(others)[:_TOLD]),
        own=author.registrable,
    )


# --- BODY009 --------------------------------------------------------------------------------------------------------

BROKEN = Rule(
    "BODY009",
    "broken-link",
    Severity.WARNING,
    Basis.CONSENSUS,
    Area.MESSAGE,
    Actor.SENDER,
    label=Text(en="Links answer", es="Los enlaces responden"),
    title=Text(en="The link to {host} does not work: {problem}", es="El enlace a {host} no funciona: {problem}"),
    why=Text(
        en="Whoever wants to see or pay the invoice cannot. Filters that open links see the same, and a certificate that does "
        "not fit looks like phishing to them.",
        es="Quien quiera ver o pagar la factura no puede. Los filtros que abren los enlaces ven lo mismo, y un certificado que "
        "no corresponde les parece una suplantación.",
    ),
    fix=Text(
        en="Open the link in a browser. Whoever maintains the page restores it or renews its certificate; whoever maintains "
        "the template corrects the address.",
        es="Abra el enlace en un navegador. Quien mantenga la página debe restaurarla o renovar su certificado; quien "
        "mantenga la plantilla, corregir la dirección.",
    ),
    references=("M3AAWG Sender Best Common Practices 4.0, 2026-08-27",),
    identity=("host",),
)

_PROBLEMS = {
    LinkProblem.STATUS: Text(en="it answers with an error ({detail})", es="responde con un error ({detail})"),
    LinkProblem.CERTIFICATE: Text(
        en="its certificate is not valid ({detail})", es="su certificado no es válido ({detail})"
    ),
    LinkProblem.LOOP: Text(
        en="it redirects more than three times ({detail})", es="redirige más de tres veces ({detail})"
    ),
    LinkProblem.NO_HOST: Text(en="its host has no address in the DNS", es="su host no tiene dirección en el DNS"),
}


@BROKEN.check
def broken(probe: LinkProbe) -> Iterator[Outcome]:
    """What the pages answered. Reached only when somebody asked for the links to be opened."""
    for check in probe.checks:
        if check.left_alone is not None:
            yield _not_opened(check)
        elif check.failed:
            evidence = part_evidence("link", f"{check.url} {check.detail[:120]}".rstrip())
            because = Text(en="The page could not be asked.", es="No se pudo consultar la página.")
            yield Unknown(because, check.host, (evidence,))
        elif check.problem is None:
            yield Passed(check.host)
        else:
            problem = _PROBLEMS[check.problem]
            detail = check.detail[:120]
            yield BROKEN.found(
                check.host,
                evidence=part_evidence("link", check.url),
                host=check.host,
                problem=Text(problem.en.format(detail=detail), problem.es.format(detail=detail)),
            )


def _not_opened(check: LinkCheck) -> Outcome:
    if check.left_alone is LeftAlone.LIMIT:
        return Unknown(
            Text(en="Only the first links were opened.", es="Solo se abrieron los primeros enlaces."), check.host
        )
    if check.left_alone is LeftAlone.UNCLEAR:
        because = Text(
            en="It was not opened: it does not say plainly where it leads.",
            es="No se abrió: no dice con claridad adónde lleva.",
        )
    else:
        because = Text(
            en="It was not opened: a mere request might unsubscribe, confirm or pay.",
            es="No se abrió: una simple petición podría dar de baja, confirmar o pagar.",
        )
    return NotApplicable(because, check.host)


RULES = (DIFFERENT, DECEPTIVE, SHORTENED, UNENCRYPTED, FOREIGN, BROKEN)
