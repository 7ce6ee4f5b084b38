"""How the record is written: version, tags, values, syntax."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from deliverability.core.facts import AuditedDomain
from deliverability.core.finding import Actor, Basis, NotApplicable, Outcome, Passed, Severity, record_evidence
from deliverability.core.rule import Area, Rule
from deliverability.core.text import Text
from deliverability.dmarc.facts import DmarcFacts, ignored_records
from deliverability.dmarc.problem import FO_KINDS, SYNTAX_KINDS, VERSION_KINDS, DmarcProblem, DmarcProblemKind
from deliverability.dmarc.record import parse
from deliverability.dmarc.repair import best_record, cleaned, proposal
from deliverability.dmarc.rules.common import (
    MOST_FINDINGS,
    NO_RECORD,
    failed_steps,
    fix_record,
    place,
    problem_args,
    seen,
    shortened,
    subject,
    unsettled,
)

K = DmarcProblemKind

SEVERAL_RECORDS = Rule(
    "DMARC002",
    "several-dmarc-records",
    Severity.ERROR,
    Basis.STANDARD,
    Area.AUTH,
    Actor.DNS,
    label=Text("One DMARC record at a name", "Un solo registro DMARC por nombre"),
    title=Text(
        "{count} DMARC records at {name}; receivers discard all of them",
        "Hay {count} registros DMARC en {name}; los receptores los descartan todos",
    ),
    why=Text(
        "With more than one record nobody can tell which counts, so receivers act as if there were none: no policy, "
        "no reports, and the DMARC requirement of Gmail, Yahoo and Outlook is not met.",
        "Con más de un registro no se sabe cuál vale, así que los receptores actúan como si no hubiera ninguno: sin "
        "política, sin informes y sin cumplir el requisito de DMARC de Gmail, Yahoo y Outlook.",
    ),
    fix=Text(
        "Whoever manages your DNS: keep one record at {name} and delete the others. We propose to keep {kept}: a record that "
        "asks for reports goes first, then the stricter one. Check that it is the one you want.",
        "Quien gestione su DNS: deje un solo registro en {name} y borre los demás. Proponemos conservar {kept}: se prefiere el "
        "que pide informes y, entre iguales, el más estricto. Compruebe que es el que desea.",
    ),
    references=("RFC 9989 §4.10", "RFC 7489 §6.6.3"),
)


@SEVERAL_RECORDS.check
def several_records(facts: DmarcFacts, domain: AuditedDomain) -> Iterator[Outcome]:
    """At most one record at each name of the walk that is the owner's."""
    yield from failed_steps(facts)
    crowded = [step for step in facts.own_steps if len(step.records) > 1]
    for step in crowded:
        yield SEVERAL_RECORDS.found(
            step.name,
            evidence=seen(step),
            fix=proposal(facts, step, parked=domain.sends is False),
            count=len(step.records),
            name=step.question.name,
            kept=shortened(best_record(step.records).text),
        )
    if not crowded and any(step.records for step in facts.own_steps):
        yield Passed(facts.name)
    elif not crowded and not any(step.failed for step in facts.own_steps):
        yield NotApplicable(NO_RECORD, facts.name)


WRONG_VERSION = Rule(
    "DMARC003",
    "wrong-dmarc-version",
    Severity.ERROR,
    Basis.STANDARD,
    Area.AUTH,
    Actor.DNS,
    label=Text("DMARC version tag", "Etiqueta de versión de DMARC"),
    title=Text("The record at {name} is ignored: {problem}", "El registro de {name} se ignora: {problem}"),
    why=Text(
        "A DMARC record starts with exactly v=DMARC1, in capitals and with nothing before it. Receivers discard every "
        "other record, so for them the domain has no DMARC here.",
        "Un registro DMARC empieza exactamente por v=DMARC1, en mayúsculas y sin nada delante. Los receptores descartan "
        "cualquier otro, así que para ellos el dominio no tiene DMARC aquí.",
    ),
    fix=Text(
        "Whoever manages your DNS: replace the record at {name} by one that starts with v=DMARC1; and check that the policy it "
        "names, which was ignored so far, is the one you want.",
        "Quien gestione su DNS: sustituya el registro de {name} por uno que empiece por v=DMARC1; y compruebe que la política "
        "que indica, ignorada hasta ahora, es la que desea.",
    ),
    references=("RFC 9989 §4.7", "RFC 9989 §4.10"),
)


@WRONG_VERSION.check
def wrong_version(facts: DmarcFacts, domain: AuditedDomain) -> Iterator[Outcome]:
    """Records that were meant as DMARC start with `v=DMARC1`."""
    yield from failed_steps(facts)
    found = False
    for step in facts.own_steps:
        for text in ignored_records(step):
            problem = _version_problem(text)
            if problem is None:  # broken in another way: DMARC024 says how
                continue
            found = True
            yield WRONG_VERSION.found(
                step.name,
                evidence=record_evidence(step.question.name, "TXT", text, problem.span),
                fix=proposal(facts, step, parked=domain.sends is False),
                name=step.question.name,
                problem=problem_args(problem)["problem"],
            )
    if not found and any(step.records for step in facts.own_steps):
        yield Passed(facts.name)
    elif not found and not any(step.failed for step in facts.own_steps):
        yield NotApplicable(NO_RECORD, facts.name)


def _version_problem(text: str) -> DmarcProblem | None:
    """The defect of the version itself; None when a separator is missing or marks from copying hide it."""
    problem = next((p for p in parse(text).problems if p.kind in VERSION_KINDS), None)
    if problem is None or problem.kind is K.VERSION_SEPARATOR or _only_marks(text):
        return None
    return problem


def _only_marks(text: str) -> bool:
    """Whether the text is a record but for characters that copying brought in."""
    return cleaned(text) != " ".join(text.split()) and parse(cleaned(text)).is_dmarc


NO_POLICY_TAG = Rule(
    "DMARC005",
    "missing-dmarc-policy",
    Severity.WARNING,
    Basis.STANDARD,
    Area.AUTH,
    Actor.DNS,
    label=Text("Policy tag p", "Etiqueta de política p"),
    title=Text("The DMARC record of {domain} has no p tag", "El registro DMARC de {domain} no tiene etiqueta p"),
    why=Text(
        "Receivers that follow RFC 9989 read it as p=none. Those still on RFC 7489, where p is required, take the record "
        "as p=none if it asks for reports and ignore it if it does not.",
        "Los receptores que siguen el RFC 9989 lo leen como p=none. Los que siguen en el RFC 7489, donde p es "
        "obligatoria, lo toman como p=none si pide informes y lo ignoran si no los pide.",
    ),
    fix=Text(
        "Whoever manages your DNS: write the policy right after v=DMARC1. p=none says what is in force now; go on to "
        "quarantine and reject once the reports are clean.",
        "Quien gestione su DNS: escriba la política justo después de v=DMARC1. p=none es lo que rige ahora; pase a "
        "quarantine y reject cuando los informes salgan limpios.",
    ),
    references=("RFC 9989 §4.7", "RFC 7489 §6.3"),
)


@NO_POLICY_TAG.check
def no_policy_tag(facts: DmarcFacts, domain: AuditedDomain) -> Outcome:
    """The record in force has a `p` tag."""
    waiting = unsettled(facts)
    if waiting is not None or facts.record is None:
        return waiting or NotApplicable(NO_RECORD, facts.name)
    missing = facts.record.of_kind(K.POLICY_MISSING)
    if not missing:
        return Passed(subject(facts))
    return NO_POLICY_TAG.found(
        subject(facts),
        evidence=place(facts, missing[0].span),
        fix=fix_record(facts, domain),
        domain=subject(facts),
    )


INVALID_POLICY = Rule(
    "DMARC006",
    "invalid-dmarc-policy",
    Severity.ERROR,
    Basis.STANDARD,
    Area.AUTH,
    Actor.DNS,
    label=Text("Values of p, sp and np", "Valores de p, sp y np"),
    title=Text("{tag}={text} is no DMARC policy: {effect}", "{tag}={text} no es una política DMARC: {effect}"),
    why=Text(
        "Only none, quarantine and reject exist. With any other value in p, sp or np receivers must act as if the whole "
        "record said p=none; if it asks for no reports either, they do not apply DMARC at all.",
        "Solo existen none, quarantine y reject. Con cualquier otro valor en p, sp o np, los receptores deben actuar como "
        "si todo el registro dijera p=none; si además no pide informes, no aplican DMARC.",
    ),
    fix=Text(
        "Whoever manages your DNS: correct {tag}. Suggested value: {suggestion}. If the value was meant to be strict, check "
        "the reports before you publish it, since it has not been in force so far.",
        "Quien gestione su DNS: corrija {tag}. Valor propuesto: {suggestion}. Si pretendía ser estricto, revise los "
        "informes antes de publicarlo, porque hasta ahora no estaba en vigor.",
    ),
    references=("RFC 9989 §4.10.1", "RFC 7489 §6.6.3"),
    consequence_of=("DMARC024",),
    identity=("tag",),
)
_NO_POLICY_BUT_REPORTS = Text("the record acts as p=none", "el registro actúa como p=none")
_NO_DMARC = Text("receivers do not apply DMARC", "los receptores no aplican DMARC")


@INVALID_POLICY.check
def invalid_policy(facts: DmarcFacts, domain: AuditedDomain) -> Iterator[Outcome]:
    """`p`, `sp` and `np` hold policies that exist, each told on its own."""
    record = facts.record
    waiting = unsettled(facts)
    if waiting is not None or record is None:
        yield waiting or NotApplicable(NO_RECORD, facts.name)
        return
    for problem in record.of_kind(K.POLICY_INVALID):
        args = problem_args(problem)
        if problem.tag == "p" and not problem.suggestion:
            args["suggestion"] = "none"
        yield INVALID_POLICY.found(
            subject(facts),
            severity=None,
            evidence=place(facts, problem.span),
            fix=fix_record(facts, domain),
            effect=_NO_POLICY_BUT_REPORTS if record.reading().usable else _NO_DMARC,
            tag=problem.tag,
            text=args["text"],
            suggestion=args["suggestion"],
        )
    if not record.of_kind(K.POLICY_INVALID):
        yield Passed(subject(facts))


SIZE_LIMIT = Rule(
    "DMARC013",
    "dmarc-report-size",
    Severity.INFO,
    Basis.STANDARD,
    Area.AUTH,
    Actor.DNS,
    label=Text("Size limits on report addresses", "Límites de tamaño en las direcciones de informes"),
    title=Text(
        "Size limit {text} on a report address is obsolete", "El límite de tamaño {text} en una dirección está obsoleto"
    ),
    why=Text(
        "RFC 9989 tells receivers to ignore it; some old software drops the address instead.",
        "El RFC 9989 manda a los receptores ignorarlo; algún programa antiguo descarta la dirección.",
    ),
    fix=Text("Whoever manages your DNS: remove {text}.", "Quien gestione su DNS: quite {text}."),
    references=("RFC 9989 §4.8",),
)
PERCENTAGE = Rule(
    "DMARC014",
    "dmarc-pct",
    Severity.WARNING,
    Basis.STANDARD,
    Area.AUTH,
    Actor.DNS,
    label=Text("Removed tag pct", "Etiqueta eliminada pct"),
    title=Text("pct={text} no longer exists in DMARC", "pct={text} ya no existe en DMARC"),
    why=Text(
        "RFC 9989 removed it: receivers that follow it apply the policy to all failing mail, others to the percentage. So "
        "the same message is treated differently from one receiver to the next. Only pct=0 has a successor, t=y.",
        "El RFC 9989 la eliminó: los receptores que lo siguen aplican la política a todo el correo que falla; los demás, "
        "al porcentaje. El mismo mensaje se trata distinto según el receptor. Solo pct=0 tiene sucesora, t=y.",
    ),
    fix=Text(
        "Whoever manages your DNS: remove pct (pct=0 becomes t=y). If you are not ready for the policy on all mail, use a "
        "weaker p or t=y instead; new receivers apply it in full already.",
        "Quien gestione su DNS: quite pct (pct=0 pasa a ser t=y). Si aún no quiere la política para todo el correo, use una "
        "p más suave o t=y; los receptores actualizados ya la aplican entera.",
    ),
    references=("RFC 9989 §A.6", "RFC 9989 §C.5.2"),
)
REMOVED_TAG = Rule(
    "DMARC015",
    "dmarc-removed-tag",
    Severity.INFO,
    Basis.STANDARD,
    Area.AUTH,
    Actor.DNS,
    label=Text("Removed tags rf and ri", "Etiquetas eliminadas rf y ri"),
    title=Text("{tag} no longer exists in DMARC", "{tag} ya no existe en DMARC"),
    why=Text("RFC 9989 removed it and receivers ignore it.", "El RFC 9989 la eliminó y los receptores la ignoran."),
    fix=Text("Whoever manages your DNS: remove {tag}={text}.", "Quien gestione su DNS: quite {tag}={text}."),
    references=("RFC 9989 §C.5.2",),
    identity=("tag",),
)
UNKNOWN_TAG = Rule(
    "DMARC022",
    "unknown-dmarc-tag",
    Severity.WARNING,
    Basis.STANDARD,
    Area.AUTH,
    Actor.DNS,
    label=Text("Names and values of tags", "Nombres y valores de las etiquetas"),
    title=Text("Ignored in the DMARC record: {text} ({problem})", "Se ignora en el registro DMARC: {text} ({problem})"),
    why=Text(
        "Receivers must ignore what they do not know and use the default, so what was meant here does not happen.",
        "Los receptores deben ignorar lo que no conocen y usar el valor por omisión: lo que aquí se pretendía no ocurre.",
    ),
    fix=Text(
        "Whoever manages your DNS: correct it. Suggested: {suggestion}.",
        "Quien gestione su DNS: corríjalo. Propuesta: {suggestion}.",
    ),
    references=("RFC 9989 §4.7", "RFC 9989 §4.8"),
    identity=("tag",),
)
DUPLICATE_TAG = Rule(
    "DMARC023",
    "duplicate-dmarc-tag",
    Severity.ERROR,
    Basis.STANDARD,
    Area.AUTH,
    Actor.DNS,
    label=Text("Each tag once", "Cada etiqueta una vez"),
    title=Text("Tag {tag} stands more than once", "La etiqueta {tag} aparece más de una vez"),
    why=Text(
        "Tags must not repeat. Some receivers take the first, some the last, some reject the whole record.",
        "Las etiquetas no se pueden repetir. Unos receptores toman la primera, otros la última y otros descartan el registro.",
    ),
    fix=Text(
        "Whoever manages your DNS: leave one {tag} tag. We propose the first; check that it is the value you want.",
        "Quien gestione su DNS: deje una sola etiqueta {tag}. Proponemos la primera; compruebe que es el valor deseado.",
    ),
    references=("RFC 6376 §3.2", "RFC 9989 §4.7"),
    identity=("tag",),
)
FAILURE_OPTIONS = Rule(
    "DMARC026",
    "dmarc-failure-options",
    Severity.INFO,
    Basis.STANDARD,
    Area.AUTH,
    Actor.DNS,
    label=Text("Failure report options fo", "Opciones de informes de fallo fo"),
    title=Text("fo={text} is not used: {problem}", "fo={text} no se usa: {problem}"),
    why=Text(
        "fo only says when failure reports (ruf) are wanted. Receivers ignore it without ruf and take 0 when it is wrong.",
        "fo solo indica cuándo se quieren informes de fallo (ruf). Sin ruf se ignora y, si está mal, los receptores toman 0.",
    ),
    fix=Text(
        "Whoever manages your DNS: correct or remove fo. Suggested: {suggestion}.",
        "Quien gestione su DNS: corrija o quite fo. Propuesta: {suggestion}.",
    ),
    references=("RFC 9989 §4.7", "RFC 9989 §4.8"),
    identity=("text",),
)


def _each(
    rule: Rule, facts: DmarcFacts, domain: AuditedDomain, kinds: Iterable[DmarcProblemKind], tags: tuple[str, ...] = ()
) -> Iterator[Outcome]:
    """A finding for each defect of these kinds in the record in force, or the reason why there is none."""
    record = facts.record
    waiting = unsettled(facts)
    if waiting is not None or record is None:
        yield waiting or NotApplicable(NO_RECORD, facts.name)
        return
    problems = [p for p in record.of_kind(*kinds) if not tags or p.tag in tags]
    for problem in problems[:MOST_FINDINGS]:
        args = problem_args(problem)
        evidence = place(facts, problem.span)
        yield rule.found(subject(facts), severity=None, evidence=evidence, fix=fix_record(facts, domain), **args)
    if not problems:
        yield Passed(subject(facts))


@SIZE_LIMIT.check
def size_limit(facts: DmarcFacts, domain: AuditedDomain) -> Iterator[Outcome]:
    """No report address carries the obsolete size limit."""
    yield from _each(SIZE_LIMIT, facts, domain, (K.URI_SIZE,))


@PERCENTAGE.check
def percentage(facts: DmarcFacts, domain: AuditedDomain) -> Iterator[Outcome]:
    """`pct` is gone."""
    yield from _each(PERCENTAGE, facts, domain, (K.REMOVED_TAG,), ("pct",))


@REMOVED_TAG.check
def removed_tag(facts: DmarcFacts, domain: AuditedDomain) -> Iterator[Outcome]:
    """`rf` and `ri` are gone."""
    yield from _each(REMOVED_TAG, facts, domain, (K.REMOVED_TAG,), ("rf", "ri"))


@UNKNOWN_TAG.check
def unknown_tag(facts: DmarcFacts, domain: AuditedDomain) -> Iterator[Outcome]:
    """Every tag and every value is one that DMARC knows."""
    yield from _each(UNKNOWN_TAG, facts, domain, (K.UNKNOWN_TAG, K.TAG_CASE, K.VALUE_INVALID, K.VALUE_EMPTY))


@DUPLICATE_TAG.check
def duplicate_tag(facts: DmarcFacts, domain: AuditedDomain) -> Iterator[Outcome]:
    """No tag stands twice."""
    yield from _each(DUPLICATE_TAG, facts, domain, (K.DUPLICATE,))


@FAILURE_OPTIONS.check
def failure_options(facts: DmarcFacts, domain: AuditedDomain) -> Iterator[Outcome]:
    """`fo` is used, and used rightly."""
    yield from _each(FAILURE_OPTIONS, facts, domain, FO_KINDS)


BROKEN_SYNTAX = Rule(
    "DMARC024",
    "broken-dmarc-syntax",
    Severity.ERROR,
    Basis.STANDARD,
    Area.AUTH,
    Actor.DNS,
    label=Text("Syntax of the DMARC record", "Sintaxis del registro DMARC"),
    title=Text("Broken syntax at {name}: {problem}", "Sintaxis incorrecta en {name}: {problem}"),
    why=Text(
        "Receivers ignore the piece they cannot read, or the whole record, so a part of what was published is not in force.",
        "Los receptores ignoran el trozo que no entienden, o el registro entero: parte de lo publicado no está en vigor.",
    ),
    fix=Text(
        "Whoever manages your DNS: replace the record at {name} by a corrected one; write it without quotation marks or "
        "backslashes in the field of the DNS panel. What it says then comes into force: look at the reports first if that is "
        "quarantine or reject.",
        "Quien gestione su DNS: sustituya el registro de {name} por uno corregido; escríbalo sin comillas ni barras "
        "invertidas en el campo del panel de DNS. Entonces entra en vigor lo que dice: mire antes los informes si es "
        "quarantine o reject.",
    ),
    references=("RFC 9989 §4.8", "RFC 6376 §3.2"),
    identity=("kind", "text"),
)


@BROKEN_SYNTAX.check
def broken_syntax(facts: DmarcFacts, domain: AuditedDomain) -> Iterator[Outcome]:
    """Nothing at the owner's names is broken as text, ignored records included."""
    yield from failed_steps(facts)
    found = False
    parked = domain.sends is False
    for step in facts.own_steps:
        ignored = [parse(text) for text in ignored_records(step)]
        for record in (*step.records, *ignored):
            for problem in record.of_kind(*SYNTAX_KINDS)[:MOST_FINDINGS]:
                found = True
                args = problem_args(problem)
                yield BROKEN_SYNTAX.found(
                    step.name,
                    severity=Severity.WARNING if problem.kind is K.EMPTY_TAG else None,
                    evidence=record_evidence(step.question.name, "TXT", record.text, problem.span),
                    fix=proposal(facts, step, parked=parked),
                    name=step.question.name,
                    problem=args["problem"],
                    text=args["text"],
                    kind=problem.kind.value,
                )
    if not found and any(step.records for step in facts.own_steps):
        yield Passed(facts.name)
    elif not found and not any(step.failed for step in facts.own_steps):
        yield NotApplicable(NO_RECORD, facts.name)


RULES: tuple[Rule, ...] = (
    SEVERAL_RECORDS,
    WRONG_VERSION,
    NO_POLICY_TAG,
    INVALID_POLICY,
    SIZE_LIMIT,
    PERCENTAGE,
    REMOVED_TAG,
    UNKNOWN_TAG,
    DUPLICATE_TAG,
    BROKEN_SYNTAX,
    FAILURE_OPTIONS,
)
