"""One report through every format in both languages: what of it could act on whoever reads it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema

import deliverability as dv
from deliverability.core.text import LANGS, Lang
from deliverability.render import FORMATS, render
from deliverability.render.places import Place
from tests.support.html_inert import html_inert
from tests.support.inert import csv_inert, github_inert, harmful, markdown_inert, xml_inert

_DOCS = Path(__file__).resolve().parents[2] / "docs/schema"


@cache
def _schema() -> Any:
    return jsonschema.Draft202012Validator(json.loads((_DOCS / "report-1.json").read_text("utf-8")))


def _json(text: str) -> list[str]:
    """Strict JSON that follows the published schema."""
    documents = json.loads(text, parse_constant=lambda word: (_ for _ in ()).throw(ValueError(word)))
    faults = [error.message for error in _schema().iter_errors(documents)]
    return [*map(repr, harmful(text)), *faults]


def _jsonl(text: str) -> list[str]:
    """A document a line; those of JSON, which follow the schema."""
    return [*_plain(text), *(line for line in text.splitlines() if not isinstance(json.loads(line), dict))]


def _markdown(text: str) -> list[str]:
    return [bad for bad in markdown_inert(text, outside="\0") if bad != "@;"]  # "before the @;" is a text of ours


def _plain(text: str) -> list[str]:
    return [repr(character) for character in harmful(text)]


def _html(text: str) -> list[str]:
    return html_inert(text, outside="\0")


CHECKS: Mapping[str, Callable[[str], list[str]]] = {
    "terminal": _plain,
    "json": _json,
    "jsonl": _jsonl,
    "sarif": lambda text: [*_plain(text), *([] if json.loads(text) else ["empty"])],
    "junit": xml_inert,
    "github": github_inert,
    "markdown": _markdown,
    "csv": csv_inert,
    "html": _html,
}


def faults_of(*reports: dv.Report, langs: tuple[Lang, ...] = LANGS, place: str = "mails/a.eml") -> dict[str, list[str]]:
    """By format and language what is not inert; empty when all is well. Every format there is has its check."""
    assert set(CHECKS) == set(FORMATS)
    found: dict[str, list[str]] = {}
    places = [Place(place, 3) for _ in reports]
    for lang in langs:
        shown = {form: render(reports, form, lang=lang, places=places, verbose=True, width=60) for form in CHECKS}
        shown["json"] = render(reports[:1], "json", answers=True)
        for form, text in shown.items():
            bad = CHECKS[form](text)
            found |= {f"{form} {lang}": bad} if bad else {}
        coloured = render(reports, "terminal", lang=lang, color=True, width=120)
        found |= {f"coloured {lang}": ["harmful"]} if harmful(coloured, color=True) else {}
    return found
