"""What an HTML report shows of a domain in full: SPF with its meter and tree, the DMARC policies, the providers seen."""

from __future__ import annotations

from collections.abc import Sequence

from deliverability.core.limits import DEFAULT_LIMITS
from deliverability.core.report import Report
from deliverability.core.text import Text
from deliverability.dmarc.discovery import DmarcPolicy, PolicyState
from deliverability.dmarc.effective import acted
from deliverability.dmarc.facts import DmarcFacts
from deliverability.providers.registry import DetectedProviders
from deliverability.render import dmarc_table, pictures, words
from deliverability.render.html_markup import Child, Markup, el, join
from deliverability.render.html_parts import ARGUMENT, View, chip, fold, items, section, table
from deliverability.render.html_pictures import DEEPEST, branches, meter
from deliverability.render.safe import safe
from deliverability.spf.tree_model import SpfTree, State, TreeRow

LOOKUPS = Text("DNS lookups", "Consultas DNS")
VOIDS = Text("Void lookups", "Consultas vacías")
OF_LIMIT = Text("{n} of {limit}", "{n} de {limit}")
AT_LEAST = Text("at least {n} of {limit}", "al menos {n} de {limit}")
PAST_LIMIT = Text(
    "Receivers stop at {limit} and take the whole record for an error (RFC 7208 §4.6.4).",
    "Los receptores se detienen en {limit} y dan por erróneo el registro entero (RFC 7208 §4.6.4).",
)
TREE = Text("The terms in the order of evaluation", "Los términos, en el orden en que se evalúan")
COUNT_TO_HERE = Text(
    "The number is the count of lookups up to there.", "El número es la cuenta de consultas hasta ahí."
)
COUNTED = Text("lookup {n}", "consulta {n}")
COSTS = Text("{n} in all", "{n} en total")
FOLDED_ONE = Text("1 term without lookups", "1 término sin consultas")
FOLDED = Text("{n} terms without lookups", "{n} términos sin consultas")
TREE_MORE = Text("… and {n} more", "… y {n} más")
DMARC = Text("DMARC: what receivers do with mail that fails", "DMARC: qué se hace con el correo que no lo supera")
#: Characters of one term.
_TERM = 160
_MOST_PROVIDERS = 30


def domain_details(view: View, report: Report) -> Markup:
    """The sections that a report has details for."""
    tree, dmarc, providers = (report.details.get(key) for key in ("spf_tree", "dmarc", "providers"))
    parts: list[Child] = []
    if isinstance(tree, SpfTree) and tree.root.terms:
        parts.append(section(view.words(words.SPF_TREE), spf(view, tree)))
    if isinstance(dmarc, DmarcFacts) and dmarc_table.is_known(dmarc):
        parts.append(section(view.words(DMARC), _dmarc(view, dmarc)))
    if isinstance(providers, DetectedProviders) and providers.detected:
        parts.append(section(view.words(words.PROVIDERS), _providers(view, providers)))
    return join(parts)


def spf(view: View, tree: SpfTree) -> Markup:
    """The meters and the tree."""
    lookups, voids = DEFAULT_LIMITS.spf_lookups, DEFAULT_LIMITS.spf_void_lookups
    meters = el(
        "div",
        _meter(view, LOOKUPS, tree.lookups, lookups, exact=tree.lookups_exact),
        _meter(view, VOIDS, tree.voids, voids, exact=tree.voids_exact),
        class_="meters",
    )
    return join((meters, _tree(view, tree)))


def _meter(view: View, name: Text, count: int, limit: int, *, exact: bool) -> Markup:
    label = view.words(OF_LIMIT if exact else AT_LEAST, n=count, limit=limit)
    picture = meter(count, exact=exact, limit=limit, label=f"{view.words(name)}: {label}")
    over = count > limit
    warning = el("p", view.words(PAST_LIMIT, limit=limit), class_="label") if over else None
    number = el("strong", label, class_="bad" if over else None)
    return el("figure", el("figcaption", view.words(name), " ", number), picture, warning)


def _tree(view: View, tree: SpfTree) -> Markup:
    rows = pictures.folded_rows(view.page, tree.rows())
    shown = rows[: pictures.MOST_ROWS]
    levels = _levels(rows)
    lines = [
        _term(view, row, folded, above, last=last) for (row, folded), (above, last) in zip(shown, levels, strict=False)
    ]
    more = len(rows) - len(shown)
    hint = el("p", view.words(TREE), ". ", view.words(COUNT_TO_HERE), class_="quiet")
    rest = el("p", view.words(TREE_MORE, n=more), class_="quiet") if more else None
    return join((hint, el("ol", *lines, class_="tree"), rest))


def _levels(rows: Sequence[tuple[TreeRow, int]]) -> list[tuple[list[bool], bool]]:
    """For each row which levels above go on below it, and whether it is the last of its record; one pass from the end."""
    found: list[tuple[list[bool], bool]] = []
    follows: list[bool] = []
    for row, _ in reversed(rows):
        depth = row.depth
        follows = follows[: depth + 1] + [False] * (depth + 1 - len(follows))
        found.append((follows[:depth], not follows[depth]))
        follows[depth] = True
    return found[::-1]


def _term(view: View, row: TreeRow, folded: int, above: Sequence[bool], *, last: bool) -> Markup:
    over = row.so_far > DEFAULT_LIMITS.spf_lookups
    count = None
    if row.counts:
        told = view.words(COUNTED, n=row.so_far)
        count = el("span", str(row.so_far), title=told, class_="over" if over else None)
    if folded:
        words_of_it: Child = el("em", view.words(FOLDED_ONE if folded == 1 else FOLDED, n=folded), class_="quiet")
    else:
        words_of_it = _term_words(view, row)
    return el(
        "li",
        el("span", count, class_="count"),
        branches(above, last=last),
        el("span", words_of_it, class_="term"),
        class_=f"d{min(row.depth, DEEPEST)}",
    )


def _term_words(view: View, row: TreeRow) -> Markup:
    parts: list[Child] = [el("code", safe(row.text, _TERM))]
    if row.counts and row.total > row.counts:
        parts.append(el("span", view.words(COSTS, n=row.total), class_="quiet"))
    state = row.state if row.state != State.FOUND else State.VOID if row.void else ""
    if state in pictures.STATES:
        kind = "note" if state in (State.DYNAMIC, State.IGNORED) else "open" if state == State.TEMPERROR else "warn"
        parts.append(chip(kind, view.words(pictures.STATES[state])))
    return join(parts, " ")


def _dmarc(view: View, facts: DmarcFacts) -> Markup:
    rows: list[list[Child]] = [
        [
            view.words(dmarc_table.SUBJECTS[row.subject], name=facts.name),
            _policy(view, row.rfc9989),
            _policy(view, row.rfc7489),
        ]
        for row in facts.effective
    ]
    found = None
    if facts.policy.found_at is not None:
        record = facts.policy.record
        written = el("code", safe(record.text, ARGUMENT * 2)) if record else None
        told = view.words(dmarc_table.FOUND_AT, name=facts.policy.found_at)
        found = el("p", told, ": " if written else None, written, class_="quiet")
    return join((table([view.words(dmarc_table.WHOSE), "RFC 9989", "RFC 7489"], rows), found))


def _policy(view: View, policy: DmarcPolicy) -> Markup:
    if policy.state is PolicyState.TEMPERROR:
        return chip("open", view.words(dmarc_table.NO_ANSWER))
    word = acted(policy)
    if not word:
        return chip("warn", view.words(dmarc_table.NOTHING))
    return chip("warn" if word.startswith("none") else "good", safe(word, ARGUMENT))


def _providers(view: View, providers: DetectedProviders) -> Markup:
    found = [
        join((el("strong", safe(p.provider.name)), " ", el("span", ", ".join(map(str, p.seen_in)), class_="quiet")))
        for p in providers.detected[:_MOST_PROVIDERS]
    ]
    return items(found, "providers")


def folded_domain_details(view: View, report: Report, title: Text) -> Markup | None:
    """The same, folded, for a report that is about a message of that domain."""
    inside = domain_details(view, report)
    return el("section", fold(el("h2", view.words(title)), inside)) if inside else None
