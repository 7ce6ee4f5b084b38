"""Rules about `all`: what the record says of everybody it does not list."""

from __future__ import annotations

from deliverability.core.changes import Fix
from deliverability.core.facts import AuditedDomain, DkimPresence, Presence
from deliverability.core.finding import Actor, Basis, NotApplicable, Outcome, Passed, Severity, Unknown
from deliverability.core.rule import Area, Rule
from deliverability.core.text import Text
from deliverability.spf import repair
from deliverability.spf.facts import SpfFacts, is_parked, last_word
from deliverability.spf.record import Qualifier
from deliverability.spf.rules.common import DEPENDS_ON_MESSAGE, NEVER_SENDS, PART_NOT_ASKED, listed, not_exact, unread
from deliverability.spf.tree_model import RecordNode, State

PASSES_EVERYBODY = Rule(
    code="SPF010",
    name="spf-passes-everybody",
    severity=Severity.ERROR,
    basis=Basis.STANDARD,
    area=Area.AUTH,
    actor=Actor.DNS,
    label=Text("Whom SPF lets pass", "A quién deja pasar el SPF"),
    title=Text(
        "SPF of {domain} lets any server send: `{terms}`",
        "El SPF de {domain} deja enviar a cualquier servidor: `{terms}`",
    ),
    why=Text(
        "Any server on the Internet passes SPF as {domain}, so a forged invoice looks as good as yours. Filters know this: rspamd adds 4 "
        "points for `+all`, and others take the whole record for worthless.",
        "Cualquier servidor de Internet pasa el SPF como {domain}, de modo que una factura falsa parece tan buena como la suya. Los filtros "
        "lo saben: rspamd suma 4 puntos por `+all`, y otros dan por inútil todo el registro.",
    ),
    fix=Text(
        "Whoever manages your DNS: list only the servers and services that send for you, and end the record in `~all`.",
        "Quien gestione su DNS: indique solo los servidores y servicios que envían por usted y termine el registro en `~all`.",
    ),
    references=("RFC 7208 §5.1", "RFC 9989 §11.1"),
    filter_points=4.0,
    consequence_of=("SPF002",),
)


@PASSES_EVERYBODY.check
def spf_passes_everybody(spf: SpfFacts) -> Outcome:
    """`+all`, here, behind a redirect or in an include, or networks that come to the same."""
    early = unread(spf)
    if early is not None:
        return early
    end = last_word(spf.tree)
    if end.directive is not None and end.directive.qualifier is Qualifier.PASS:
        return PASSES_EVERYBODY.found(
            spf.domain,
            evidence=end.node.evidence,
            fix=_ending(spf, end.node, Qualifier.SOFTFAIL),
            domain=spf.domain,
            terms=end.directive.text,
        )
    if spf.networks.passes_everybody:
        widest = [text for text, size in spf.networks.by_owner().items() if size >= 2**28]
        return PASSES_EVERYBODY.found(
            spf.domain, evidence=spf.tree.as_evidence(), domain=spf.domain, terms=listed(widest)
        )
    if not spf.tree.lookups_exact:
        return not_exact(spf)
    return Passed(spf.domain)


def _ending(spf: SpfFacts, node: RecordNode, qualifier: Qualifier) -> Fix | None:
    """The audited record with another `all`; None where the record belongs to the target of a redirect."""
    if node is not spf.root or node.record is None:
        return None
    return repair.publish(node, repair.with_all(node.record, qualifier))


NEUTRAL_ALL = Rule(
    code="SPF011",
    name="neutral-all",
    severity=Severity.WARNING,
    basis=Basis.CONSENSUS,
    area=Area.AUTH,
    actor=Actor.DNS,
    label=Text("`?all` in SPF", "`?all` en el SPF"),
    title=Text("SPF of {domain} ends in `?all`", "El SPF de {domain} termina en `?all`"),
    why=Text(
        "`?all` says nothing about servers that are not listed: receivers treat them as if there were no SPF, and a forgery is not held "
        "against its sender.",
        "`?all` no dice nada de los servidores que no figuran: los receptores los tratan como si no hubiera SPF y a una falsificación no se "
        "le tiene en cuenta.",
    ),
    fix=Text(
        "Whoever manages your DNS: once every service that sends is listed, end the record in `~all`.",
        "Quien gestione su DNS: cuando figuren todos los servicios que envían, termine el registro en `~all`.",
    ),
    references=("RFC 7208 §8.2", "RFC 7208 §5.1"),
)


@NEUTRAL_ALL.check
def neutral_all(spf: SpfFacts) -> Outcome:
    """The `all` in force."""
    early = unread(spf) or _redirect_unknown(spf)
    if early is not None:
        return early
    end = last_word(spf.tree)
    if end.directive is None or end.directive.qualifier is not Qualifier.NEUTRAL:
        return Passed(spf.domain)
    fix = _ending(spf, end.node, Qualifier.SOFTFAIL)
    return NEUTRAL_ALL.found(spf.domain, evidence=end.node.evidence, fix=fix, domain=spf.domain)


def _redirect_unknown(spf: SpfFacts) -> Unknown | NotApplicable | None:
    """Why the `all` in force cannot be told: the redirect leads where nothing could be read."""
    node = last_word(spf.tree).node
    if node.record is None:
        state, evidence = node.state, node.evidence
    elif node.record.redirect is None:
        return None
    else:
        term = next(t for t in node.terms if t.mechanism == "redirect")
        state, evidence = term.state, term.evidence
    if state is State.DYNAMIC:
        return NotApplicable(DEPENDS_ON_MESSAGE, spf.domain)
    if state in (State.TEMPERROR, State.NOT_READ):
        return Unknown(PART_NOT_ASKED, spf.domain, evidence)
    return NotApplicable(
        Text("The redirect leads to no record (SPF008).", "El redirect no lleva a ningún registro (SPF008)."),
        spf.domain,
    )


WITHOUT_ALL = Rule(
    code="SPF012",
    name="no-all-no-redirect",
    severity=Severity.WARNING,
    basis=Basis.STANDARD,
    area=Area.AUTH,
    actor=Actor.DNS,
    label=Text("End of the SPF record", "Final del registro SPF"),
    title=Text("The SPF record of {domain} has no `all` at its end", "El registro SPF de {domain} no termina en `all`"),
    why=Text(
        "Without `all` or redirect the answer for servers that are not listed is neutral, as if nothing were known of them. It is also what "
        "a record looks like that somebody cut off while copying.",
        "Sin `all` ni redirect, la respuesta para los servidores que no figuran es neutra, como si no se supiera nada de ellos. Además, es el "
        "aspecto que tiene un registro recortado al copiarlo.",
    ),
    fix=Text(
        "Whoever manages your DNS: make sure that the record is complete, then add ` ~all` at its end.",
        "Quien gestione su DNS: asegúrese de que el registro está completo y añada ` ~all` al final.",
    ),
    references=("RFC 7208 §4.7",),
    consequence_of=("SPF002",),
)


@WITHOUT_ALL.check
def no_all_no_redirect(spf: SpfFacts) -> Outcome:
    """The record itself, or the one it redirects to."""
    early = unread(spf) or _redirect_unknown(spf)
    if early is not None:
        return early
    end = last_word(spf.tree)
    if end.directive is not None:
        return Passed(spf.domain)
    fix = _ending(spf, end.node, Qualifier.SOFTFAIL)
    return WITHOUT_ALL.found(spf.domain, evidence=end.node.evidence, fix=fix, domain=end.node.domain)


HARD_FAIL = Rule(
    code="SPF013",
    name="hard-fail-on-sending-domain",
    severity=Severity.INFO,
    basis=Basis.STANDARD,
    area=Area.AUTH,
    actor=Actor.DNS,
    label=Text("`-all` on a domain that sends", "`-all` en un dominio que envía"),
    title=Text("SPF of {domain} ends in `-all`", "El SPF de {domain} termina en `-all`"),
    why=Text(
        "Some receivers refuse a message on `-all` before they look at DKIM and DMARC. Forwarded invoices, and those of a service you forgot "
        "to list, are then lost although DKIM would have saved them. DKIM of this domain: {dkim}.",
        "Algunos receptores rechazan un mensaje por el `-all` antes de mirar DKIM y DMARC. Las facturas reenviadas, y las de un servicio que se "
        "olvidó de incluir, se pierden aunque DKIM las habría salvado. DKIM de este dominio: {dkim}.",
    ),
    fix=Text(
        "Nothing has to change while all your mail comes from listed servers. Set up DKIM for every service that sends. Once DKIM and DMARC "
        "work, `~all` is the usual choice, since DMARC then does the refusing.",
        "No hay nada que cambiar mientras todo su correo salga de servidores incluidos. Configure DKIM en cada servicio que envíe. Cuando DKIM y "
        "DMARC funcionen, lo habitual es `~all`, porque entonces es DMARC quien rechaza.",
    ),
    references=("RFC 9989 §7.1", "RFC 7208 §8.4"),
    # It is a warning only where there is no DKIM, and that rule says so.
    consequence_of=("DKIM002",),
)

_DKIM = {
    Presence.FOUND: Text("found", "encontrado"),
    Presence.ABSENT: Text("none found", "no se ha encontrado"),
    Presence.UNKNOWN: Text("not known", "no se sabe"),
}


@HARD_FAIL.check
def hard_fail_on_sending_domain(spf: SpfFacts, audited: AuditedDomain, dkim: DkimPresence | None) -> Outcome:
    """A warning where no DKIM key is there to make up for it."""
    early = unread(spf) or _redirect_unknown(spf)
    if early is not None:
        return early
    if is_parked(spf, audited) or spf.authorises_nobody:
        return NotApplicable(NEVER_SENDS, spf.domain)
    end = last_word(spf.tree)
    if end.directive is None or end.directive.qualifier is not Qualifier.FAIL:
        return Passed(spf.domain)
    state = dkim.state if dkim is not None else Presence.UNKNOWN
    return HARD_FAIL.found(
        spf.domain,
        severity=Severity.WARNING if state is Presence.ABSENT else Severity.INFO,
        evidence=end.node.evidence,
        domain=spf.domain,
        dkim=_DKIM[state],
    )


RULES: tuple[Rule, ...] = (PASSES_EVERYBODY, NEUTRAL_ALL, WITHOUT_ALL, HARD_FAIL)
