"""What was checked, topic by topic: passed, found, could not be told, does not apply; and what topics show in full."""

from __future__ import annotations

from collections.abc import Iterable

from rich.text import Text as Styled

from deliverability.core.finding import Finding, NotApplicable, Passed, Severity, Unknown
from deliverability.core.report import Checked, Report
from deliverability.core.rule import Rule
from deliverability.dmarc.facts import DmarcFacts
from deliverability.providers.registry import DetectedProviders
from deliverability.render import words
from deliverability.render.dmarc_table import print_dmarc
from deliverability.render.page import MARKS, PASS_MARK, UNKNOWN_MARK, Page
from deliverability.render.pictures import print_spf_tree
from deliverability.render.safe import safe, sentence
from deliverability.render.todo import ROLL_UPS, evidence_line
from deliverability.spf.tree_model import SpfTree

#: Labels beside one reason for not knowing.
_UNKNOWN_LABELS = 5


def print_checked(page: Page, report: Report) -> None:
    """The section on what was checked."""
    families = by_family(report.checked)
    if families:
        page.heading(page.words(words.DETAIL))
    if report.kind == "message" and not page.verbose:
        _print_briefly(page, families)
        _print_ignored(page, report)
        return
    for family, items in families.items():
        page.blank()
        _print_family(page, family, items)
        if family == "SPF" and isinstance(tree := report.details.get("spf_tree"), SpfTree):
            print_spf_tree(page, tree)
        if family == "DMARC" and isinstance(dmarc := report.details.get("dmarc"), DmarcFacts):
            print_dmarc(page, dmarc)
    _print_providers(page, report)
    _print_ignored(page, report)


def _print_briefly(page: Page, families: dict[str, list[Checked]]) -> None:
    """One line a topic: a mail has twice as many checks as a domain, and those of its domain have a report of their own."""
    for family, items in families.items():
        if family == ROLL_UPS or all(isinstance(outcome, NotApplicable) for _, outcome in items):
            continue
        name = page.words(words.FAMILIES[family]) if family in words.FAMILIES else family
        passed = len({r.code for r, o in items if isinstance(o, Passed)} - _failed(items))
        parts: list[str | tuple[str, str] | Styled] = [
            (name, "bold"),
            ("  " + page.words(words.PASSED_ONE if passed == 1 else words.PASSED_MANY, n=passed), "dim"),
        ]
        for severity in Severity:
            found = sorted({r.code for r, o in items if isinstance(o, Finding) and o.severity is severity})
            if found:
                parts.append((f"  {MARKS[severity][0]} {' '.join(found)}", MARKS[severity][1]))
        mark = PASS_MARK if not _failed(items) else UNKNOWN_MARK
        worst = min((o.severity for _, o in items if isinstance(o, Finding)), key=lambda s: s.rank, default=None)
        page.marked(MARKS[worst] if worst is not None else mark, *parts, indent=1)
        _print_unknowns(page, items)
    page.line((page.words(words.IN_FULL), "dim"), indent=1)


def _failed(items: list[Checked]) -> set[str]:
    return {rule.code for rule, outcome in items if isinstance(outcome, (Finding, Unknown))}


def family_of(rule: Rule) -> str:
    """The letters of a code: SPF of SPF004."""
    return rule.family


def by_family(checked: Iterable[Checked]) -> dict[str, list[Checked]]:
    """Outcomes by the family of their rule; the known families first, in the order of `words.FAMILIES`."""
    families: dict[str, list[Checked]] = {family: [] for family in words.FAMILIES}
    for item in checked:
        families.setdefault(family_of(item.rule), []).append(item)
    return {family: items for family, items in families.items() if items}


def _print_family(page: Page, family: str, items: list[Checked]) -> None:
    name = page.words(words.FAMILIES[family]) if family in words.FAMILIES else family
    page.line((name, "bold"))
    passed = _passed_labels(page, items)
    if passed:
        page.marked(PASS_MARK, page.prose(" · ".join(passed)), indent=1)
    for severity in Severity:
        _print_found(page, severity, items)
    _print_unknowns(page, items)
    _print_not_applicable(page, items)


def _print_found(page: Page, severity: Severity, items: list[Checked]) -> None:
    """Code and label of what was found; the section before has said the rest."""
    found = {r.code: r for r, o in items if isinstance(o, Finding) and o.severity is severity}
    if not found:
        return
    mark, style = MARKS[severity]
    parts: list[str | tuple[str, str] | Styled] = []
    for rule in found.values():
        parts += [" · " if parts else "", page.code(rule.code, style, " "), page.prose(sentence(rule.label, page.lang))]
    page.marked((mark, style), *parts, indent=1)


def _passed_labels(page: Page, items: list[Checked]) -> list[str]:
    """Labels of the rules that hold for every subject, with what was seen."""
    failed = _failed(items)
    labels: dict[str, str] = {}
    for rule, outcome in items:
        if not isinstance(outcome, Passed) or rule.code in failed or rule.code in labels:
            continue
        note = f" ({sentence(outcome.note, page.lang)})" if outcome.note else ""
        code = f"{rule.code} " if page.verbose else ""
        labels[rule.code] = code + sentence(rule.label, page.lang) + note
    return list(labels.values())


def _print_unknowns(page: Page, items: list[Checked]) -> None:
    """What could not be told, once for each reason."""
    reasons: dict[str, dict[str, None]] = {}
    evidence: dict[str, Styled] = {}
    for rule, outcome in items:
        if not isinstance(outcome, Unknown):
            continue
        because = sentence(outcome.because, page.lang)
        reasons.setdefault(because, {})[f"{rule.code} {sentence(rule.label, page.lang)}"] = None
        if outcome.evidence:
            evidence.setdefault(because, evidence_line(page, outcome.evidence[0]))
    for because, labels in reasons.items():
        page.marked(UNKNOWN_MARK, (because, "magenta"), indent=1)
        page.line(page.prose(page.some(list(labels), _UNKNOWN_LABELS)), indent=3)
        if because in evidence:
            page.line(evidence[because], indent=3)


def _print_not_applicable(page: Page, items: list[Checked]) -> None:
    skipped = {rule.code: (rule, o) for rule, o in items if isinstance(o, NotApplicable)}
    if not skipped:
        return
    if not page.verbose:
        text = words.APPLICABLE_ONE if len(skipped) == 1 else words.APPLICABLE_MANY
        page.line((page.words(text, n=len(skipped)), "dim"), indent=3)
        return
    for rule, outcome in skipped.values():
        because = sentence(outcome.because, page.lang)
        page.marked(("–", "dim"), (f"{rule.code} {sentence(rule.label, page.lang)}: {because}", "dim"), indent=1)


def _print_providers(page: Page, report: Report) -> None:
    providers = report.details.get("providers")
    if not isinstance(providers, DetectedProviders) or not providers.detected:
        return
    page.blank()
    page.line((page.words(words.PROVIDERS), "bold"))
    names = [
        f"{safe(p.provider.name)} ({', '.join(safe(str(word)) for word in p.seen_in)})" for p in providers.detected
    ]
    page.line(" · ".join(names), indent=3)


def _print_ignored(page: Page, report: Report) -> None:
    if not report.ignored:
        return
    page.blank()
    page.line((page.words(words.IGNORED), "bold"))
    for item in report.ignored:
        title = sentence(item.finding.rule.title, page.lang, item.finding.args)
        page.marked(("–", "dim"), (f"{item.finding.code}  {title} ", "dim"), f"({safe(item.reason)})", indent=1)
