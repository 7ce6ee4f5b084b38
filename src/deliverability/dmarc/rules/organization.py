"""Where the organization ends: `psd`, records above the domain, and names too deep for the walk."""

from __future__ import annotations

from collections.abc import Iterator

from deliverability.core.changes import Fix, RecordChange
from deliverability.core.facts import AuditedDomain
from deliverability.core.finding import Actor, Basis, NotApplicable, Outcome, Passed, Severity, Unknown
from deliverability.core.names import public_suffix, query_name
from deliverability.core.rule import Area, Rule
from deliverability.core.text import Text
from deliverability.dmarc.facts import DmarcFacts
from deliverability.dmarc.repair import proposal, record_above, repaired, wanted_for
from deliverability.dmarc.rules.common import COULD_NOT_ASK, NO_RECORD, failed_steps, seen, unsettled
from deliverability.dmarc.walk import WalkStep

FALSE_PSD = Rule(
    "DMARC020",
    "psd-on-ordinary-domain",
    Severity.ERROR,
    Basis.STANDARD,
    Area.AUTH,
    Actor.DNS,
    label=Text("Tag psd", "Etiqueta psd"),
    title=Text("psd=y on {domain}, which is not a public suffix", "psd=y en {domain}, que no es un sufijo público"),
    why=Text(
        "psd=y is for registries such as .es. Here it makes every name below {domain} an organization of its own, so mail "
        "signed by {domain} no longer aligns with a From on its subdomains.",
        "psd=y es para registros como .es. Aquí convierte cada nombre por debajo de {domain} en una organización distinta, y "
        "el correo firmado por {domain} deja de alinearse con un From de sus subdominios.",
    ),
    fix=Text("Whoever manages your DNS: remove psd=y.", "Quien gestione su DNS: quite psd=y."),
    references=("RFC 9989 §4.7", "RFC 9989 §4.10.2"),
)


@FALSE_PSD.check
def false_psd(facts: DmarcFacts, domain: AuditedDomain) -> Iterator[Outcome]:
    """`psd=y` stands on public suffixes only."""
    yield from failed_steps(facts)
    own = [step for step in facts.own_steps if step.record is not None]
    wrong = [s for s in own if s.record and s.record.psd == "y" and public_suffix(s.name) != s.name]
    for step in wrong:
        fix = proposal(facts, step, parked=domain.sends is False)
        yield FALSE_PSD.found(step.name, evidence=seen(step), fix=fix, domain=step.name)
    if own and not wrong:
        yield Passed(facts.name)
    elif not wrong and not any(step.failed for step in facts.own_steps):
        yield NotApplicable(NO_RECORD, facts.name)


PARENT_RECORD = Rule(
    "DMARC021",
    "dmarc-record-above",
    Severity.WARNING,
    Basis.STANDARD,
    Area.AUTH,
    Actor.DNS,
    label=Text("Records above the domain", "Registros por encima del dominio"),
    title=Text(
        "{above} publishes DMARC without psd=y and may be taken as your organization",
        "{above} publica DMARC sin psd=y y puede tomarse como su organización",
    ),
    why=Text(
        "Receivers that walk the tree (RFC 9989) take the highest record as the organizational domain. Then every domain "
        "under {above} counts as the same organization as yours, and its mail could pass as yours.",
        "Los receptores que recorren el árbol (RFC 9989) toman el registro más alto como dominio organizativo. Entonces todo "
        "dominio bajo {above} cuenta como la misma organización que el suyo y su correo podría pasar por suyo.",
    ),
    fix=Text(
        "Whoever manages your DNS: add psd=n to your own record.",
        "Quien gestione su DNS: añada psd=n a su propio registro.",
    ),
    references=("RFC 9989 §11.8", "RFC 9989 §4.10.2"),
    identity=("above",),
)


@PARENT_RECORD.check
def parent_record(facts: DmarcFacts, domain: AuditedDomain) -> Outcome:
    """No record above the registrable domain draws the organizational domain up."""
    waiting = unsettled(facts)
    if waiting is not None:
        return waiting
    above = record_above(facts)
    if above is None:
        failed = [s for s in facts.steps[len(facts.own_steps) :] if s.failed]
        stopped = facts.policy.walk[-1].record is not None and facts.policy.walk[-1].record.psd != "u"
        if failed and not stopped:
            return Unknown(COULD_NOT_ASK, facts.name, tuple(seen(step) for step in failed))
        return Passed(facts.name)
    if facts.policy.organizational_domain != above.name:
        return Passed(facts.name)  # psd=n below it ends the walk before
    own = next((s for s in facts.own_steps if s.name == facts.registrable and s.record), None)
    return PARENT_RECORD.found(
        facts.name,
        evidence=seen(above),
        fix=proposal(facts, own, parked=domain.sends is False) if own else None,
        above=above.name,
    )


DEEP_NAME = Rule(
    "DMARC033",
    "deep-author-domain",
    Severity.WARNING,
    Basis.STANDARD,
    Area.AUTH,
    Actor.DNS,
    label=Text("Depth of the From domain", "Profundidad del dominio del From"),
    title=Text(
        "{name} has {labels} labels; receivers skip the names between",
        "{name} tiene {labels} niveles; los receptores se saltan los intermedios",
    ),
    why=Text(
        "The tree walk makes at most eight queries: from {name} it jumps to the seven right-most labels, so a record between "
        "the two is never found.",
        "El recorrido del árbol hace ocho consultas como mucho: desde {name} salta a los siete últimos niveles, así que un "
        "registro intermedio nunca se encuentra.",
    ),
    fix=Text(
        "Whoever manages your DNS: publish a DMARC record at exactly _dmarc.{name}; or send from a shorter name.",
        "Quien gestione su DNS: publique un registro DMARC exactamente en _dmarc.{name}; o envíe desde un nombre más corto.",
    ),
    references=("RFC 9989 §5.1.8", "RFC 9989 §4.10"),
)
_SHALLOW = Text("The domain has at most eight labels.", "El dominio tiene ocho niveles como mucho.")


@DEEP_NAME.check
def deep_name(facts: DmarcFacts) -> Outcome:
    """Over eight labels the walk jumps, so only a record at the exact name is safe."""
    labels = facts.name.count(".") + 1
    if labels <= 8:
        return NotApplicable(_SHALLOW, facts.name)
    first = facts.steps[0]
    if first.failed:
        return Unknown(COULD_NOT_ASK, facts.name, (seen(first),))
    if first.record is not None:
        return Passed(facts.name)
    inherited = facts.record.text if facts.record else "v=DMARC1; p=none"
    name = query_name(f"_dmarc.{facts.name}")
    text = repaired(inherited, wanted_for(facts, first, parked=False))
    fix = Fix((RecordChange(name, "TXT", (text,)),)) if name and not first.records else None
    return DEEP_NAME.found(facts.name, evidence=seen(first), fix=fix, name=facts.name, labels=labels)


TWO_ORGANIZATIONS = Rule(
    "DMARC034",
    "organizational-domain-differs",
    Severity.WARNING,
    Basis.STANDARD,
    Area.AUTH,
    Actor.DNS,
    label=Text("Organizational domain", "Dominio organizativo"),
    title=Text(
        "The organizational domain is {walk} to new receivers and {listed} to old ones",
        "El dominio organizativo es {walk} para receptores nuevos y {listed} para los antiguos",
    ),
    why=Text(
        "RFC 9989 takes it from DMARC records in the DNS, RFC 7489 from the Public Suffix List. Where they differ, relaxed "
        "alignment passes at one receiver and fails at the next.",
        "El RFC 9989 lo toma de los registros DMARC del DNS; el RFC 7489, de la lista de sufijos públicos. Si difieren, la "
        "alineación relajada pasa en un receptor y falla en otro.",
    ),
    fix=Text(
        "Whoever manages your DNS: publish a DMARC record at _dmarc.{listed} too, and sign and bounce with exactly the From "
        "domain, which aligns everywhere.",
        "Quien gestione su DNS: publique también un registro DMARC en _dmarc.{listed}, y firme y reciba rebotes exactamente "
        "con el dominio del From, que se alinea en todas partes.",
    ),
    references=("RFC 9989 §4.10.2", "RFC 7489 §3.2"),
    consequence_of=("DMARC020", "DMARC021"),
)


@TWO_ORGANIZATIONS.check
def two_organizations(facts: DmarcFacts) -> Outcome:
    """RFC 7489 and RFC 9989 agree on the organizational domain."""
    waiting = unsettled(facts)
    if waiting is not None or facts.record is None:
        return waiting or NotApplicable(NO_RECORD, facts.name)
    new, old = facts.policy.organizational_domain, facts.policy_7489.organizational_domain
    if new is None or old is None:
        failed = tuple(seen(step) for step in facts.steps if step.failed)
        return Unknown(COULD_NOT_ASK, facts.name, failed)
    if new == old:
        return Passed(facts.name)
    chosen = facts.record.psd == "n" and new == facts.policy.found_at
    top = next((s for s in facts.own_steps if s.name == old), None)
    missing = top is not None and not top.records and not top.failed
    return TWO_ORGANIZATIONS.found(
        facts.name,
        severity=Severity.INFO if chosen else None,
        evidence=tuple(seen(step) for step in facts.policy.walk),
        fix=_at_the_top(facts, top) if top is not None and missing and not chosen else None,
        walk=new,
        listed=old,
    )


def _at_the_top(facts: DmarcFacts, top: WalkStep) -> Fix | None:
    """A first record for the registrable domain, its reports going where the subdomain's go."""
    record = facts.record
    rua = ",".join(uri.text for uri in record.valid_rua) if record else ""
    text = f"v=DMARC1; p=none; rua={rua}" if rua else "v=DMARC1; p=none"
    return Fix((RecordChange(top.question.name, "TXT", (text,)),)) if len(text) < 512 else None


RULES: tuple[Rule, ...] = (FALSE_PSD, PARENT_RECORD, DEEP_NAME, TWO_ORGANIZATIONS)
