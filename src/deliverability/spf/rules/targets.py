"""Rules about what lies behind include and redirect, and names that give no answer (RFC 7208 §4.4, §5.2, §6.1)."""

from __future__ import annotations

from collections.abc import Iterator

from deliverability.core.finding import Actor, Basis, Finding, NotApplicable, Outcome, Passed, Severity, Unknown
from deliverability.core.questions import Failed, FailureKind
from deliverability.core.rule import Area, Rule
from deliverability.core.text import Text
from deliverability.spf import repair
from deliverability.spf.facts import SpfFacts
from deliverability.spf.rules.common import (
    NOTHING_OF_THE_KIND,
    PART_NOT_ASKED,
    not_exact,
    unread,
)
from deliverability.spf.tree_model import Asked, Placed, State

INCLUDE_WITHOUT_SPF = Rule(
    code="SPF008",
    name="include-without-spf",
    severity=Severity.ERROR,
    basis=Basis.STANDARD,
    area=Area.AUTH,
    actor=Actor.DNS,
    label=Text("Targets of include and redirect", "Destinos de include y redirect"),
    title=Text(
        "`{term}` in the SPF of {domain} leads to {target}, which {reason}",
        "`{term}` en el SPF de {domain} lleva a {target}, que {reason}",
    ),
    why=Text(
        "When an include or redirect has no valid SPF record behind it, receivers stop with an error (permerror). Every sender listed "
        "after that term loses its SPF pass.",
        "Si detrás de un include o de un redirect no hay un registro SPF válido, el receptor para con un error (permerror). Todo "
        "remitente que figure después de ese término pierde el «pass» del SPF.",
    ),
    fix=Text(
        "Whoever manages the DNS of {domain}: check the spelling of {target} against your provider's instructions. Correct it, or take "
        "`{term}` out if you no longer use the service. If the name is right, its owner has to repair the record there.",
        "Quien gestione el DNS de {domain}: compare {target} con las instrucciones de su proveedor. Corríjalo, o quite `{term}` si ya no "
        "usa ese servicio. Si el nombre es correcto, su titular debe reparar el registro que hay allí.",
    ),
    references=("RFC 7208 §5.2", "RFC 7208 §6.1"),
    identity=("domain", "term"),
)

_REASONS = {
    State.VOID: Text("has no TXT record at all", "no tiene ningún registro TXT"),
    State.NONE: Text("has no SPF record", "no tiene registro SPF"),
    State.PERMERROR: Text("has a record with errors", "tiene un registro con errores"),
    State.BAD_NAME: Text("is no possible DNS name", "no es un nombre posible en el DNS"),
}
_SEVERAL = Text("has more than one SPF record", "tiene más de un registro SPF")


@INCLUDE_WITHOUT_SPF.check
def include_without_spf(spf: SpfFacts) -> Iterator[Outcome]:
    """One outcome for each target that is no good, and one for each that could not be asked."""
    early = unread(spf)
    if early is not None:
        yield early
        return
    terms = [p for p in spf.tree.reached() if p.term.mechanism in ("include", "redirect")]
    seen: set[str] = set()
    clean = True
    for placed in terms:
        state, target = placed.term.state, str(placed.term.target or placed.term.term.text)
        if target in seen:
            continue
        if state in (State.TEMPERROR, State.NOT_READ):
            clean = False
            seen.add(target)
            yield Unknown(PART_NOT_ASKED, target, placed.term.evidence)
        elif state in _REASONS:
            clean = False
            seen.add(target)
            yield _bad_target(spf, placed, target)
    if clean:
        yield Passed(spf.domain) if terms else NotApplicable(NOTHING_OF_THE_KIND, spf.domain)


def _bad_target(spf: SpfFacts, placed: Placed, target: str) -> Finding:
    child = placed.term.child
    several = child is not None and len(child.texts) > 1
    gone = placed.is_own and placed.term.mechanism == "include" and placed.term.state is not State.PERMERROR
    record = spf.root.record
    return INCLUDE_WITHOUT_SPF.found(
        target,
        evidence=(*placed.record.evidence, *placed.term.evidence),
        fix=repair.publish(spf.root, repair.without(record, [placed.term.term])) if gone and record else None,
        domain=placed.record.domain,
        term=placed.term.term.text,
        target=target,
        reason=_SEVERAL if several else _REASONS[placed.term.state],
    )


INCLUDE_LOOP = Rule(
    code="SPF009",
    name="include-loop",
    severity=Severity.ERROR,
    basis=Basis.STANDARD,
    area=Area.AUTH,
    actor=Actor.DNS,
    label=Text("SPF records that include each other", "Registros SPF que se incluyen entre sí"),
    title=Text("SPF of {domain} runs in a circle: {path}", "El SPF de {domain} da vueltas en círculo: {path}"),
    why=Text(
        "A record that leads back to itself uses up the ten lookups a receiver grants, and ends in an error (permerror) for every "
        "message that no earlier term has matched.",
        "Un registro que vuelve a sí mismo agota las diez consultas que concede el receptor y acaba en error (permerror) en todo "
        "mensaje que ningún término anterior haya reconocido.",
    ),
    fix=Text(
        "Whoever manages the DNS of {where}: take `{term}` out of the SPF record there. It adds no sender.",
        "Quien gestione el DNS de {where}: quite `{term}` del registro SPF de ese dominio. No aporta ningún remitente.",
    ),
    references=("RFC 7208 §4.6.4", "RFC 7208 §5.2"),
    identity=("path",),
)


@INCLUDE_LOOP.check
def include_loop(spf: SpfFacts) -> Iterator[Outcome]:
    """One outcome for each circle."""
    early = unread(spf)
    if early is not None:
        yield early
        return
    loops = {(p.record.domain, p.term.target): p for p in spf.tree.reached() if p.term.state is State.LOOP}
    record = spf.root.record
    for (where, target), placed in loops.items():
        own = placed.is_own and record is not None
        yield INCLUDE_LOOP.found(
            spf.domain,
            evidence=placed.record.evidence,
            fix=repair.publish(spf.root, repair.without(record, [placed.term.term])) if own and record else None,
            domain=spf.domain,
            where=where,
            term=placed.term.term.text,
            path=" → ".join((*placed.path, str(target))),
        )
    if loops:
        return
    yield Passed(spf.domain) if spf.tree.lookups_exact else not_exact(spf)


DNS_ERROR = Rule(
    code="SPF035",
    name="dns-error-in-evaluation",
    severity=Severity.WARNING,
    basis=Basis.STANDARD,
    area=Area.AUTH,
    actor=Actor.DNS,
    label=Text("DNS answers for SPF", "Respuestas DNS para el SPF"),
    title=Text(
        "A name in the SPF of {domain} can never be resolved: {name} {type} ({kind})",
        "Un nombre del SPF de {domain} no se puede resolver nunca: {name} {type} ({kind})",
    ),
    why=Text(
        "The aliases at {name} lead round in a circle, so no receiver gets an answer. SPF ends in a temporary error (temperror) each "
        "time evaluation comes to that term, and some receivers put the mail off until they give up on it.",
        "Los alias de {name} forman un círculo, así que ningún receptor obtiene respuesta. El SPF acaba en error temporal (temperror) "
        "cada vez que la evaluación llega a ese término, y algunos receptores aplazan el correo hasta desistir.",
    ),
    fix=Text(
        "Whoever manages the DNS of {name}: point its CNAME at a name that has the record itself.",
        "Quien gestione el DNS de {name}: haga que su CNAME apunte a un nombre que tenga el propio registro.",
    ),
    references=("RFC 7208 §4.4", "RFC 7208 §5"),
    identity=("name", "type"),
)

_TEMPERROR = Text(
    "The question has no answer now. If that lasts, receivers get a temporary error (temperror) for SPF.",
    "La consulta no tiene respuesta ahora mismo. Si esto persiste, los receptores obtendrán un error temporal (temperror) en el SPF.",
)


@DNS_ERROR.check
def dns_error_in_evaluation(spf: SpfFacts) -> Iterator[Outcome]:
    """A circle of aliases is there for everybody and stays; any other failure may be ours or pass."""
    failed = spf.tree.failures
    for asked in failed:
        yield _failure(spf, asked)
    if not failed:
        yield Passed(spf.domain)


def _failure(spf: SpfFacts, asked: Asked) -> Outcome:
    question, answer = asked
    if isinstance(answer, Failed) and answer.kind is FailureKind.LOOP:
        return DNS_ERROR.found(
            f"{question.name} {question.type}",
            evidence=asked.as_evidence(),
            domain=spf.domain,
            name=question.name,
            type=question.type,
            kind=answer.kind.value,
        )
    return Unknown(_TEMPERROR, f"{question.name} {question.type}", (asked.as_evidence(),))


RULES: tuple[Rule, ...] = (
    INCLUDE_WITHOUT_SPF,
    INCLUDE_LOOP,
    DNS_ERROR,
)
