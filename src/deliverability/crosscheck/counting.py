"""Why another tool counts another number of lookups: its count beside ours, term by term, and the usual ways to count.

Theory of operation. Both counts are lists of terms, each in a record that is reached over a path of includes and
redirects. Ours is the static tree; theirs is what was seen while the tool counted (`observe`). A term of theirs belongs
to the term of ours with the same path and the same text; several alike go in their order. Where the tool gave a whole
include one number (checkdmarc does so for one it has met before), and it is the number of that include's terms, each of
them gets its own part. What it counted inside an include that it gave up is not in its total, so it counts as 0 here.
What differs then is explained by what stands there: never by a guess at the sum.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from deliverability.core.text import Text
from deliverability.crosscheck.rows import TermCount, Way
from deliverability.crosscheck.wire import Json
from deliverability.spf.tree_model import Placed, SpfTree, State, TermNode

_LIMITS = "RFC 7208 §4.6.4"


class _Why(NamedTuple):
    text: Text
    section: str = _LIMITS


STOPPED = _Why(
    Text(
        "It had stopped before this term: a limit was passed, or an error found.",
        "Se había detenido antes de este término, por superar un límite o por un error.",
    )
)
LOST = _Why(
    Text(
        "It stopped inside this include and left out what it had counted there.",
        "Se detuvo dentro de este include y no suma lo que había contado ahí.",
    )
)
MATCHED = _Why(
    Text(
        "A term before this one matches every client, so it did not go on.",
        "Un término anterior coincide con cualquier cliente y no siguió adelante.",
    )
)
AFTER_ALL = _Why(
    Text(
        "It counts a term behind `all`, which is never reached.", "Cuenta un término tras `all`, al que nunca se llega."
    ),
    "RFC 7208 §5.1",
)
REDIRECT_BESIDE_ALL = _Why(
    Text(
        "It counts `redirect` as soon as it reads the record; beside `all` it is never followed.",
        "Cuenta `redirect` en cuanto lee el registro; junto a `all` nunca se sigue.",
    ),
    "RFC 7208 §6.1",
)
CIRCLE = _Why(
    Text(
        "It goes round the circle of includes until a limit stops it; our tree ends where the circle closes.",
        "Recorre una y otra vez el círculo de include hasta que un límite la detiene; nuestro árbol acaba donde se cierra.",
    )
)
NOT_IN_OURS = _Why(
    Text("It counts a term here that our tree does not have.", "Cuenta aquí un término que nuestro árbol no tiene.")
)
NO_REASON = _Why(
    Text("Not known yet. Please report it, with the records.", "Aún no se conoce. Comuníquenoslo, con los registros.")
)
PTR_VOID = _Why(
    Text(
        "It looks up the domain of `ptr`. A receiver looks up the client's address instead: no void lookup.",
        "Busca el dominio de `ptr`. El receptor busca en cambio la dirección del cliente: no es una consulta vacía.",
    ),
    "RFC 7208 §5.5",
)
EXISTS_VOID = _Why(
    Text("It does not ask `exists`, which finds nothing.", "No consulta `exists`, que no encuentra nada.")
)
MACRO_VOID = _Why(
    Text(
        "It does not look up names with macros; this one is the same for every message and finds nothing.",
        "No consulta nombres con macros; este es igual en todos los mensajes y no encuentra nada.",
    )
)
FAMILY_VOID = _Why(
    Text(
        "A receiver asks for A or for AAAA, by the client; one tool counts what is void for one, another for both.",
        "El receptor pregunta por A o por AAAA, según el cliente; unas herramientas cuentan lo vacío para una y otras, para ambas.",
    )
)


class _Theirs(NamedTuple):
    key: tuple[tuple[str, ...], str]
    times: int
    counted: bool
    #: Its place among all that the tool counted.
    at: int


class Tool(NamedTuple):
    """How a tool counts."""

    #: Each record has a counter of its own, which the one above adds to its own once the record was read to its end.
    adds_up: bool
    #: It ended with an error.
    failed: bool
    #: The records, by the path that leads there, whose counts it threw away.
    lost: frozenset[tuple[str, ...]] = frozenset()


def term_counts(tree: SpfTree, events: Sequence[Json], tool: Tool, kind: str = "lookups") -> tuple[TermCount, ...]:
    """Every term that either counts, in evaluation order; `kind` is lookups or voids. Empty where nothing was seen."""
    if not events:
        return ()
    circle = any(placed.term.state is State.LOOP for placed in tree.walk())
    theirs = _theirs(events, kind, adds_up=tool.adds_up)
    tool = tool._replace(lost=frozenset(one.key[0] for one in theirs if not one.counted))
    left: dict[tuple[tuple[str, ...], str], list[_Theirs]] = {}
    for one in theirs:
        left.setdefault(one.key, []).append(one)
    rows: list[TermCount] = []
    furthest = -1
    repeated: list[int] = []  # includes that the tool counted in one number, by their depth
    for placed in tree.walk():
        repeated = [depth for depth in repeated if depth < placed.depth]
        ours = _own(placed.term, kind)
        said = _next(left, placed)
        furthest = max(furthest, said.at if said else -1)
        count = said.times if said and said.counted else 0
        below = placed.term.cost.lookups - placed.term.own_lookups
        if said and said.counted and kind == "lookups" and count > 1 and count == 1 + below:
            count = 1
            repeated.append(placed.depth)
        elif repeated:
            count = ours
        if ours or count:
            more = not circle and any(one.at > furthest for several in left.values() for one in several)
            why = None if ours == count else _why(placed, said, kind, tool, more=more)
            rows.append(_row(placed, ours, count, why))
    for unmatched in (one for several in left.values() for one in several if one.counted):
        path, term = unmatched.key
        why = CIRCLE if circle else NOT_IN_OURS
        rows.append(TermCount(len(path) - 1, path[-1], term, 0, unmatched.times, why.text, why.section))
    return tuple(rows)


def _theirs(events: Sequence[Json], kind: str, *, adds_up: bool) -> list[_Theirs]:
    """What the tool counted for single terms, in its order."""
    summed = {(tuple(event["path"]), _normal(event["term"])) for event in events if event["sum"]}
    return [
        _Theirs(
            (tuple(_name(name) for name in event["path"]), _normal(event["term"])),
            int(event["count"]),
            not adds_up or _brought_up(event["path"], summed),
            at,
        )
        for at, event in enumerate(events)
        if event["kind"] == kind and not event["sum"]
    ]


def _brought_up(path: Sequence[str], summed: set[tuple[tuple[str, ...], str]]) -> bool:
    """Whether what was counted in the last record of `path` reached the total: each record above added it to its own."""
    return all(
        any((tuple(path[:n]), f"{mechanism}:{_name(path[n])}") in summed for mechanism in ("include", "redirect"))
        for n in range(1, len(path))
    )


def _next(left: dict[tuple[tuple[str, ...], str], list[_Theirs]], placed: Placed) -> _Theirs | None:
    key = (tuple(_name(name) for name in placed.path), _normal(placed.term.term.text))
    several = left.get(key)
    return several.pop(0) if several else None


def _own(term: TermNode, kind: str) -> int:
    if term.state is State.IGNORED:
        return 0
    return term.own_lookups if kind == "lookups" else term.cost.voids - (term.child.cost.voids if term.child else 0)


def _row(placed: Placed, ours: int, theirs: int, why: _Why | None) -> TermCount:
    text, section = (why.text, why.section) if why else (None, "")
    return TermCount(placed.depth, placed.record.domain, placed.term.term.text, ours, theirs, text, section)


def _why(placed: Placed, said: _Theirs | None, kind: str, tool: Tool, *, more: bool) -> _Why:
    """Why the two differ here; `more`: the tool counted something further on."""
    term, ours = placed.term, _own(placed.term, kind)
    if tuple(placed.path) in tool.lost:
        return LOST
    if ours and said is None and not more and tool.failed:
        return STOPPED
    if kind == "voids":
        return _why_void(term, ours)
    if ours and said is None:
        return NO_REASON if tool.failed or more else MATCHED
    if term.state is State.IGNORED:
        return REDIRECT_BESIDE_ALL if term.mechanism == "redirect" else AFTER_ALL
    return NO_REASON


def _why_void(term: TermNode, ours: int) -> _Why:
    if term.mechanism == "ptr":
        return PTR_VOID
    if "%" in term.term.text and ours:
        return MACRO_VOID
    if term.mechanism == "exists" and ours:
        return EXISTS_VOID
    return FAMILY_VOID if term.mechanism in ("a", "mx") else NO_REASON


def _name(name: str) -> str:
    return name.lower().rstrip(".")


def _normal(term: str) -> str:
    """A term without what may be written in two ways: case, qualifier, the sign before its value."""
    text = term.lower().lstrip("+-~?")
    for sign in (":", "="):
        mechanism, found, value = text.partition(sign)
        if found and mechanism.isalnum():
            return f"{mechanism}:{value.rstrip('.')}" if value else mechanism
    mechanism, slash, length = text.partition("/")
    return f"{mechanism}:/{length}" if slash else text


def ways(tree: SpfTree) -> tuple[Way, ...]:
    """The usual ways to count this record, ours first: what a tool probably does that says one of these numbers."""
    reached = list(tree.reached())
    hosts = sum(placed.term.mx_records for placed in reached)
    asked = [(p.term.mechanism, p.term.target or p.term.term.text) for p in reached if p.term.own_lookups]
    repeats = len(asked) - len(set(asked))
    behind = sum(1 for p in tree.walk() if p.term.state is State.IGNORED and p.term.mechanism in _COUNTED)
    own = sum(p.term.own_lookups for p in reached if p.is_own)
    found = [Way(tree.lookups, BY_THE_STANDARD)]
    found += [Way(tree.lookups + 1, WITH_ITS_OWN)]
    found += [Way(tree.lookups + hosts, WITH_HOSTS)] if hosts else []
    found += [Way(tree.lookups - repeats, WITHOUT_REPEATS)] if repeats else []
    found += [Way(tree.lookups + behind, WITH_UNREACHED)] if behind else []
    found += [Way(own, OWN_ONLY)] if own != tree.lookups else []
    return tuple(found)


_COUNTED = ("include", "a", "mx", "ptr", "exists", "redirect")
BY_THE_STANDARD = Text(
    "each include, a, mx, ptr, exists and redirect that can be reached, as often as it stands there",
    "cada include, a, mx, ptr, exists y redirect al que se puede llegar, tantas veces como aparezca",
)
WITH_ITS_OWN = Text(
    "the question for the record itself too; the standard does not count it",
    "también la consulta del propio registro; la norma no la cuenta",
)
WITH_HOSTS = Text(
    "the addresses of each MX host too; the standard limits those apart, to ten for one mx",
    "también las direcciones de cada servidor MX; la norma las limita aparte, a diez por cada mx",
)
WITHOUT_REPEATS = Text(
    "what stands there twice only once, since a cache answers; the standard counts terms, not questions",
    "lo repetido una sola vez, porque responde una caché; la norma cuenta términos, no consultas",
)
WITH_UNREACHED = Text(
    "terms behind all too, which no receiver reaches",
    "también los términos tras all, a los que ningún receptor llega",
)
OWN_ONLY = Text(
    "only the domain's own record, without what its includes cost",
    "solo el registro del dominio, sin lo que cuestan sus include",
)
