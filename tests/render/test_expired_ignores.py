"""Ignores whose day is over, in every format: valid, inert whatever stands in the configuration, and told in two languages."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import jsonschema
import pytest

from deliverability.core.expiry import ExpiredIgnore, Expiry
from deliverability.core.report import Report
from deliverability.core.text import LANGS, Lang
from deliverability.render import FORMATS, render
from tests.render.test_sarif_report import VALIDATOR
from tests.support.demo_report import HOSTILE, demo_report
from tests.support.inert import csv_inert, github_inert, harmful, markdown_inert, xml_inert

SCHEMA = json.loads((Path(__file__).resolve().parents[2] / "docs/schema/report-1.json").read_text("utf-8"))
CHECKS = {"csv": csv_inert, "github": github_inert, "junit": xml_inert, "markdown": markdown_inert}


def entry(state: Expiry, reason: str = "x", subject: str = "") -> ExpiredIgnore:
    return ExpiredIgnore("SPF004", reason, date(2026, 1, 31), state, subject, frozenset(), "deliverability.toml", 7)


def over(*entries: ExpiredIgnore) -> Report:
    return replace(demo_report(), expired_ignores=entries)


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("state", list(Expiry))
def test_every_format_tells_each_state(form: str, state: Expiry, lang: Lang) -> None:
    text = render(over(entry(state)), form, lang=lang)
    plain = " ".join(text.replace("`", "").replace("<wbr>", "").split())
    said = entry(state).title.format(lang, entry(state).args)
    assert said.split("2026")[0] in plain
    assert said != entry(state).title.format("es" if lang == "en" else "en", entry(state).args)


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("outside", HOSTILE)
def test_texts_of_the_configuration_do_nothing(form: str, outside: str) -> None:
    report = over(*(entry(state, outside, outside) for state in Expiry))
    text = render(report, form)
    assert not harmful(text)
    assert not CHECKS.get(form, lambda _: [])(text)
    if form == "sarif":
        VALIDATOR.validate(json.loads(text))
    if form == "json":
        jsonschema.Draft202012Validator(SCHEMA).validate(json.loads(text))


def test_only_what_stands_fails() -> None:
    quiet = replace(demo_report(), checked=(), fail_on="error")
    assert quiet.exit_code() == 0
    for state in Expiry:
        report = replace(quiet, expired_ignores=(entry(state),))
        assert report.exit_code() == (1 if state is Expiry.STANDING else 0)
        assert report.exit_code("never") == 0
        assert ("<failure" in render(report, "junit")) == (state is Expiry.STANDING)


def test_a_gate_that_never_fails_has_no_red_test() -> None:
    report = replace(over(entry(Expiry.STANDING)), fail_on="never")
    assert "<failure" not in render(report, "junit")
