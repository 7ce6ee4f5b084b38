"""The score: how well what could be checked follows the rules. It is not the probability of reaching an inbox."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias

from deliverability.core.data import read_table
from deliverability.core.finding import Basis, Finding, NotApplicable, Outcome, Passed, Severity, Unknown
from deliverability.core.rule import Area, Rule
from deliverability.core.text import Text

DISCLAIMER = Text(
    "The score says how well what could be checked follows the rules. It is not the probability of reaching the inbox: "
    "receivers also weigh your history with their users, which nobody can see from outside.",
    "La nota indica en qué medida lo que se ha podido comprobar cumple las reglas. No es la probabilidad de llegar a la bandeja "
    "de entrada: los receptores también valoran el historial con sus usuarios, que desde fuera no se ve.",
)


class Deduction(NamedTuple):
    """Points that one finding cost in its area."""

    code: str
    points: float


class AreaScore(NamedTuple):
    """One area: its number (0..100, None below the minimum coverage), and how much of it could be evaluated (0..1)."""

    area: Area
    value: int | None
    coverage: float
    deductions: tuple[Deduction, ...]


class Score(NamedTuple):
    """The whole: number, letter, coverage (0..1), the areas, and the codes whose cap held the number down."""

    value: int | None
    grade: str | None
    coverage: float
    areas: tuple[AreaScore, ...]
    capped_by: tuple[str, ...] = ()


@functools.cache
def scoring() -> Mapping[str, Any]:
    """The tables of scoring.toml."""
    return read_table("deliverability.core", "scoring.toml")


@dataclass(slots=True)
class _Tally:
    evaluated: float = 0.0
    unknown: float = 0.0
    lost: float = 0.0
    #: An error here follows from another area: what passed says nothing of the area while that cause stands.
    eclipsed: bool = False

    @property
    def coverage(self) -> float:
        applicable = self.evaluated + self.unknown
        return self.evaluated / applicable if applicable else 0.0


def score(results: Sequence[tuple[Rule, Outcome]], *, authenticated: bool = True) -> Score:
    """The score of an audit's outcomes; `authenticated` is False for a message that neither SPF nor DKIM lets pass.

    For each rule the worst of its outcomes counts, once. Unknown leaves numerator and denominator and lowers the
    coverage; a finding that is the consequence of another is left to its cause and counts neither way. Where an error
    is the consequence of what stands in another area (a domain that does not exist has no SPF), its area has no number.
    """
    tallies = {area: _Tally() for area in {rule.area for rule, _ in results}}
    deductions: dict[Area, list[Deduction]] = {}
    for rule, outcomes in _by_rule(results):
        tally = tallies[rule.area]
        told, unknown, lost = False, False, 0.0
        for outcome in outcomes:
            if isinstance(outcome, Passed):
                told = True
            elif isinstance(outcome, Unknown):
                unknown = True
            elif not outcome.consequence_of:
                told, lost = True, max(lost, points(rule, _counted(rule, outcome)))
            elif outcome.severity is Severity.ERROR:
                tally.eclipsed |= _area_of(outcome.consequence_of, results) not in (None, rule.area)
        if told:
            tally.evaluated += max(points(rule, rule.severity), lost)
            tally.lost += lost
            if lost:
                deductions.setdefault(rule.area, []).append(Deduction(rule.code, lost))
        elif unknown:
            tally.unknown += points(rule, rule.severity)
    areas = tuple(_area(area, tallies[area], deductions.get(area, [])) for area in Area if area in tallies)
    caps = _caps(results)
    if not authenticated:
        caps += [(code, int(scoring()["caps"]["unauthenticated"])) for code in _errors(results)]
    return _overall(areas, tallies, caps)


def _area_of(code: str, results: Iterable[tuple[Rule, Outcome]]) -> Area | None:
    return next((rule.area for rule, _ in results if rule.code == code), None)


def points(rule: Rule, severity: Severity) -> float:
    """What a finding of this rule costs at this severity."""
    return _points(rule.basis, rule.filter_points, severity)


def _counted(rule: Rule, finding: Finding) -> Severity:
    """The severity that counts. An area without weight only shows how things are: that `p=none` is a right first step
    makes the finding milder, and protects nobody yet."""
    weighs = scoring()["weights"][rule.area.value]
    return finding.severity if weighs or finding.severity.rank < rule.severity.rank else rule.severity


@functools.cache
def _points(basis: Basis, filter_points: float, severity: Severity) -> float:
    table = scoring()
    weight = min(1.0, filter_points / 5) if basis is Basis.FILTER else float(table["basis"][basis.value])
    return float(table["severity"][severity.value]) * weight


_Told: TypeAlias = Passed | Finding | Unknown


def _by_rule(results: Iterable[tuple[Rule, Outcome]]) -> Iterable[tuple[Rule, list[_Told]]]:
    """What was told by each rule, without what does not apply: half of a message's outcomes."""
    grouped: dict[str, tuple[Rule, list[_Told]]] = {}
    for rule, outcome in results:
        if isinstance(outcome, NotApplicable):
            continue
        same = grouped.get(rule.code)
        if same is None:
            grouped[rule.code] = (rule, [outcome])
        else:
            same[1].append(outcome)
    return grouped.values()


def _area(area: Area, tally: _Tally, lost: list[Deduction]) -> AreaScore:
    known = tally.evaluated > 0 and not tally.eclipsed and tally.coverage >= scoring()["coverage"]["minimum"]
    value = round(100 * (1 - tally.lost / tally.evaluated)) if known else None
    return AreaScore(area, value, tally.coverage, tuple(sorted(lost, key=lambda d: (-d.points, d.code))))


def _overall(areas: tuple[AreaScore, ...], tallies: Mapping[Area, _Tally], caps: Sequence[tuple[str, int]]) -> Score:
    table = scoring()
    weights = {a.area: float(table["weights"][a.area.value]) for a in areas}
    with_value = [(a, weights[a.area]) for a in areas if a.value is not None and weights[a.area] > 0]
    counted = [tallies[a.area] for a in areas if weights[a.area] > 0]
    evaluated, unknown = sum(t.evaluated for t in counted), sum(t.unknown for t in counted)
    coverage = evaluated / (evaluated + unknown) if evaluated + unknown else 0.0
    total = sum(weight for _, weight in with_value)
    if not total or coverage < table["coverage"]["minimum"]:
        return Score(None, None, coverage, areas)
    value = round(sum(a.value * weight for a, weight in with_value if a.value is not None) / total)
    ceiling = min((cap for _, cap in caps), default=100)
    capped_by = tuple(sorted({code for code, cap in caps if cap == ceiling})) if value > ceiling else ()
    value = min(value, ceiling)
    return Score(value, _grade(value), coverage, areas, capped_by)


def _caps(results: Iterable[tuple[Rule, Outcome]]) -> list[tuple[str, int]]:
    """The ceilings that findings put on the overall score; info never does, a consequence leaves it to its cause.

    A rule's own ceiling is for what it is about at its worst: a finding that is milder than the rule puts none.
    """
    caps: list[tuple[str, int]] = []
    for rule, outcome in results:
        if not isinstance(outcome, Finding) or outcome.consequence_of or outcome.severity is Severity.INFO:
            continue
        if rule.cap is not None and outcome.severity.rank <= rule.severity.rank:
            caps.append((rule.code, rule.cap))
        elif outcome.severity is Severity.ERROR and scoring()["weights"][rule.area.value]:
            caps.append((rule.code, int(scoring()["caps"]["error"])))
    return caps


def _errors(results: Iterable[tuple[Rule, Outcome]]) -> list[str]:
    """The codes of the errors about authentication that no other finding explains; without such, of all errors."""
    found = [(rule, o) for rule, o in results if isinstance(o, Finding) and o.severity is Severity.ERROR]
    causes = [rule for rule, finding in found if not finding.consequence_of]
    return [rule.code for rule in causes if rule.area is Area.AUTH] or [rule.code for rule in causes]


def _grade(value: int) -> str:
    return next((letter for letter, least in scoring()["grades"].items() if value >= least), "F")
