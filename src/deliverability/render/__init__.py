"""Reports and rules as text: one function, a table of formats, each loaded when it is first asked for.

Whatever comes from outside (records, names, arguments) is escaped here and nowhere else; see `render.safe`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any

from deliverability.core.errors import InvalidConfiguration
from deliverability.core.names import shown
from deliverability.core.report import Report
from deliverability.core.text import Lang

if TYPE_CHECKING:
    from deliverability.core.comparison import Comparison

#: Format -> module with `render_reports(reports, *, lang, **options) -> str`.
FORMATS: Mapping[str, str] = {
    "terminal": "deliverability.render.terminal",
    "json": "deliverability.render.json",
    "jsonl": "deliverability.render.jsonl",
    "sarif": "deliverability.render.sarif",
    "junit": "deliverability.render.junit",
    "github": "deliverability.render.github",
    "markdown": "deliverability.render.markdown",
    "csv": "deliverability.render.csv",
    "html": "deliverability.render.html",
}

#: The same for comparisons: format -> module with `render_comparisons(comparisons, *, lang, **options) -> str`.
COMPARISON_FORMATS: Mapping[str, str] = {
    "terminal": "deliverability.render.comparison",
    "json": "deliverability.render.comparison_json",
    "markdown": "deliverability.render.comparison_markdown",
    "html": "deliverability.render.comparison_html",
}


def render(reports: Report | Sequence[Report], format: str, *, lang: Lang = "en", **options: Any) -> str:  # noqa: A002
    """One report, or several, as text that ends in a line break.

    Options of "terminal": `width` (columns, 80), `color` (False), `verbose` (False), `quiet` (False). "json" and "jsonl"
    take `answers` (False): add what was asked and answered. "sarif", "junit" and "github" take `places`: for each report
    the file and line it belongs to (`render.places.Place`), or None. "markdown" takes `quiet` and `limit`, the octets that
    there is room for (0: any number), "html" `quiet` and `embed`: a fragment for a notebook. A renderer ignores the options
    of others. Raises `InvalidConfiguration` for an unknown format.
    """
    home = FORMATS.get(format)
    if home is None:
        raise InvalidConfiguration(f"there is no format {shown(format)}; use one of {', '.join(sorted(FORMATS))}")
    several = (reports,) if isinstance(reports, Report) else tuple(reports)
    text: str = import_module(home).render_reports(several, lang=lang, **options)
    return text


def render_comparisons(
    comparisons: Comparison | Sequence[Comparison],
    format: str,  # noqa: A002 - as above
    *,
    lang: Lang = "en",
    **options: Any,
) -> str:
    """One comparison, or several, as text that ends in a line break.

    Options of "terminal": `width`, `color`, `quiet`; of "markdown" and "html": `quiet`; of "html": `embed`; of "json":
    `fail_on` and `incomplete_fails`, for its exit code. Raises `InvalidConfiguration` for an unknown format.
    """
    home = COMPARISON_FORMATS.get(format)
    if home is None:
        known = ", ".join(sorted(COMPARISON_FORMATS))
        raise InvalidConfiguration(f"there is no format {shown(format)}; use one of {known}")
    several = tuple(comparisons) if isinstance(comparisons, Sequence) else (comparisons,)
    text: str = import_module(home).render_comparisons(several, lang=lang, **options)
    return text


def render_part(part: object, *, lang: Lang = "en") -> str:
    """A part of a report as an HTML fragment for a notebook; raises `TypeError` for what is no part of one."""
    text: str = import_module("deliverability.render.html_notebook").render_part(part, lang=lang)
    return text
