"""The SPF tree with its running count, drawn from the rows that `spf` gives."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text as Styled

from deliverability.core.finding import Severity
from deliverability.core.limits import DEFAULT_LIMITS
from deliverability.core.text import Text
from deliverability.render import words
from deliverability.render.page import MARKS, PASS_MARK, UNKNOWN_MARK, Page
from deliverability.render.safe import safe
from deliverability.spf.tree_model import SpfTree, State, TreeRow

_QUIET = (State.FOUND, State.DYNAMIC)
#: What to say of a term that is not simply found.
STATES: dict[str, Text] = {
    State.VOID: Text("finds nothing", "no encuentra nada"),
    State.NONE: Text("no SPF record there", "ahí no hay registro SPF"),
    State.PERMERROR: Text("record with an error", "registro con errores"),
    State.TEMPERROR: Text("no answer", "sin respuesta"),
    State.LOOP: Text("goes in a circle", "vuelve sobre sí mismo"),
    State.DYNAMIC: Text("differs by message", "depende del mensaje"),
    State.BAD_NAME: Text("not a DNS name", "no es un nombre DNS"),
    State.TOO_MANY_MX: Text("more than ten MX hosts", "más de diez servidores MX"),
    State.NOT_READ: Text("not read", "no se ha leído"),
    State.IGNORED: Text("never reached", "no se llega a evaluar"),
}
#: Lines of a tree unless all is asked for; a hostile one has thousands.
MOST_ROWS = 150
_MORE_ROWS = Text("… and {n} more (-v shows all)", "… y {n} más (con -v se ven todos)")
_FOLDED_ONE = Text("1 term without lookups", "1 término sin consultas")
_FOLDED = Text("{n} terms without lookups", "{n} términos sin consultas")


def print_spf_tree(page: Page, tree: SpfTree) -> None:
    """The terms in evaluation order, each with the count of lookups up to it."""
    rows = folded_rows(page, tree.rows())
    if not rows:
        return
    page.line((page.words(words.SPF_TREE), "dim"), indent=3)
    shown = rows if page.verbose else rows[:MOST_ROWS]
    for (row, folded), branch in zip(shown, branches_of(rows), strict=False):
        page.console.print(_line(page, row, folded, branch), no_wrap=True, overflow="ellipsis")
    if len(shown) < len(rows):
        page.line((page.words(_MORE_ROWS, n=len(rows) - len(shown)), "dim"), indent=7)
    page.line(_totals(page, tree), indent=3)


def print_spf_root(page: Page, tree: SpfTree) -> None:
    """What stands in the place of a tree that has no terms: no answer, no record, several, or one that says nothing."""
    if tree.rows():
        return
    state = tree.root.state
    mark = PASS_MARK if state is State.FOUND else UNKNOWN_MARK if state in _UNTOLD else MARKS[Severity.ERROR]
    text = _SEVERAL if len(tree.root.texts) > 1 else _ROOTS.get(state, _ROOTS[State.PERMERROR])
    page.marked(mark, page.words(text, domain=tree.domain, n=len(tree.root.texts)), indent=1)
    for record in tree.root.texts[:MOST_RECORDS]:
        page.line(safe(record, 400), indent=3)
    for asked in tree.failures[:1]:
        page.line(
            (f"{asked.question.name} {asked.question.type}: {safe(asked.as_evidence().text, 200)}", "dim"), indent=3
        )


#: Of several records at one name.
MOST_RECORDS = 5
_UNTOLD = (State.TEMPERROR, State.NOT_READ)
_SEVERAL = Text(
    "{domain} has {n} SPF records; receivers count that as an error (permerror)",
    "{domain} tiene {n} registros SPF; los receptores lo tratan como error (permerror)",
)
_ROOTS = {
    State.FOUND: Text(
        "The SPF record of {domain} names nobody; every message gets neutral",
        "El registro SPF de {domain} no nombra a nadie; todo mensaje recibe neutral",
    ),
    State.NONE: Text("{domain} has no SPF record", "{domain} no tiene registro SPF"),
    State.VOID: Text("{domain} has no SPF record", "{domain} no tiene registro SPF"),
    State.PERMERROR: Text(
        "The SPF record of {domain} cannot be read (permerror)",
        "El registro SPF de {domain} no se puede interpretar (permerror)",
    ),
    State.TEMPERROR: Text(
        "Whether {domain} has an SPF record could not be told: DNS gave no answer",
        "No se ha podido saber si {domain} tiene registro SPF: el DNS no respondió",
    ),
    State.NOT_READ: Text(
        "The SPF record of {domain} was not read: it is past the limits",
        "El registro SPF de {domain} no se ha leído: supera los límites",
    ),
}


def folded_rows(page: Page, rows: Sequence[TreeRow]) -> list[tuple[TreeRow, int]]:
    """Below the domain's own record, terms that cost and show nothing are put together: (row, how many it stands for)."""
    out: list[tuple[TreeRow, int]] = []
    for row in rows:
        dull = row.depth > 0 and not row.counts and not row.total and row.state == State.FOUND and not page.verbose
        if dull and out and out[-1][1] and out[-1][0].depth == row.depth and out[-1][0].domain == row.domain:
            out[-1] = (out[-1][0], out[-1][1] + 1)
        else:
            out.append((row, 1 if dull else 0))
    return out


def branches_of(rows: Sequence[tuple[TreeRow, int]]) -> list[str]:
    """The lines in front of each term, a corner for the last of its record; one pass from the end."""
    branches: list[str] = []
    follows: list[bool] = []  # by level: whether another term of that level comes later in the same record
    for row, _ in reversed(rows):
        depth = row.depth
        follows = follows[: depth + 1] + [False] * (depth + 1 - len(follows))
        lines = ["│ " if later else "  " for later in follows[:depth]]
        branches.append("".join(lines) + ("├ " if follows[depth] else "└ "))
        follows[depth] = True
    return branches[::-1]


def _line(page: Page, row: TreeRow, folded: int, branch: str) -> Styled:
    over = row.so_far > DEFAULT_LIMITS.spf_lookups
    count = f"{row.so_far:>6} " if row.counts else " " * 7
    line = Styled.assemble((count, "bold red" if over else "cyan"), (branch, "dim"))
    if folded:
        line.append(page.words(_FOLDED_ONE if folded == 1 else _FOLDED, n=folded), style="dim")
        return line
    line.append(safe(row.text, 200), style="" if row.state in _QUIET else "yellow")
    if row.total > row.counts and row.counts:
        line.append(f"  ({row.total})", style="dim")
    if row.state != State.FOUND and row.state in STATES:
        line.append("  " + page.words(STATES[row.state]), style="dim" if row.state in _QUIET else "bold yellow")
    elif row.void:
        line.append("  " + page.words(STATES[State.VOID]), style="yellow")
    return line


def _totals(page: Page, tree: SpfTree) -> Styled:
    lookups, voids = DEFAULT_LIMITS.spf_lookups, DEFAULT_LIMITS.spf_void_lookups
    at_least = "" if tree.lookups_exact else "≥ "
    void_least = "" if tree.voids_exact else "≥ "
    return Styled.assemble(
        (
            at_least + page.words(words.LOOKUPS, n=tree.lookups, limit=lookups),
            "bold red" if tree.lookups > lookups else "",
        ),
        " · ",
        (void_least + page.words(words.VOIDS, n=tree.voids, limit=voids), "bold red" if tree.voids > voids else ""),
    )
