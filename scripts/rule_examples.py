"""One example for each rule's page: a case of tests/cases in which the rule fires, and what the report says of it.

The first case that fires is taken, or the first of three for which a record or a header line can be proposed. What was seen
and what is proposed is outside text as far as Markdown is concerned, and stands in code; both are cut to what a page needs.
"""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from deliverability.core.finding import Finding  # noqa: E402 - the path first
from deliverability.core.rule import Rule  # noqa: E402
from deliverability.core.text import Lang, Text  # noqa: E402
from deliverability.render import words  # noqa: E402
from deliverability.render.markdown import MARKS  # noqa: E402
from deliverability.render.markdown_table import where  # noqa: E402
from deliverability.render.markdown_text import fence, prose  # noqa: E402
from deliverability.render.page import Page, text_console  # noqa: E402
from deliverability.render.safe import safe  # noqa: E402
from deliverability.render.zone_text import diff  # noqa: E402
from tests.support.cases import run_case, signed_message  # noqa: E402 - the harness of the cases

CASES = ROOT / "tests" / "cases"
RECORDS = Text("The change that the report proposes:", "El cambio que propone el informe:")
HEADERS = Text("The header as it should be sent:", "La cabecera tal como debería enviarse:")
HEADER_SEEN = Text("The header of the mail:", "La cabecera del correo:")
#: Cases looked at for one with a proposal; pieces of evidence, lines and characters that are shown.
_TRIED = 3
_MOST_EVIDENCE = 3
_MOST_LINES = 12
_WIDEST = 600


class Example(NamedTuple):
    """A case and the finding in it."""

    case: dict[str, Any]
    finding: Finding


def example_of(rule: Rule) -> Example | None:
    """The example of a rule; None where no case is written down."""
    path = CASES / f"{rule.code}.toml"
    if not path.is_file():
        return None
    cases = tomllib.loads(path.read_text("utf-8"))["case"]
    firing = [case for case in cases if rule.code in case.get("must", ())]
    found = [Example(case, _finding(case, rule)) for case in firing[:_TRIED]]
    return next((example for example in found if example.finding.fix), found[0] if found else None)


def _finding(case: dict[str, Any], rule: Rule) -> Finding:
    return next(finding for finding in run_case(case).findings if finding.code == rule.code)


def example_lines(example: Example, lang: Lang) -> Iterator[str]:
    """What was seen, what the report says, and what it proposes, as Markdown."""
    finding = example.finding
    page = Page(text_console(80, color=False), lang)
    said = prose(finding.rule.title, lang, finding.args)
    yield from (f"> {MARKS[finding.severity]} **{finding.code}** {said}", "")
    for item in finding.evidence[:_MOST_EVIDENCE]:
        yield f"- *{words.SEEN.format(lang)}:* {where(page, item)}"
    if finding.evidence:
        yield ""
    elif "message" in example.case:
        yield from _block(HEADER_SEEN.format(lang), _header(example.case))
    if finding.fix:
        yield from _block(RECORDS.format(lang), diff(finding.fix.changes).splitlines())
        headers = [safe(f"{change.name}: {change.value}") for change in finding.fix.headers if not change.drop]
        yield from _block(HEADERS.format(lang), headers)


def _header(case: dict[str, Any]) -> list[str]:
    head = signed_message(case)[0].split(b"\r\n\r\n", 1)[0]
    return [safe(line) for line in head.decode("utf-8", "replace").split("\r\n")]


def _block(title: str, lines: list[str]) -> Iterator[str]:
    if not lines:
        return
    shown = [line if len(line) <= _WIDEST else line[:_WIDEST] + " …" for line in lines[:_MOST_LINES]]
    yield from (title, "", *fence([*shown, *(["…"] if len(lines) > _MOST_LINES else [])]), "")
