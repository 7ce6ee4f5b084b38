"""The JSON report: the published schema, stable keys, and nothing harmful in it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import deliverability as dv
from deliverability.core.errors import InvalidConfiguration
from deliverability.core.names import DomainName
from deliverability.core.questions import DnsQuestion, Failed, FailureKind, Found, MxRecord, NoName
from deliverability.render import FORMATS, render
from deliverability.render.json import dumps
from tests.support.demo_report import DOMAIN, HOSTILE, demo_report
from tests.support.inert import harmful

SCHEMA = Path(__file__).parents[2] / "docs/schema/report-1.json"


def schema() -> Any:
    return json.loads(SCHEMA.read_text("utf-8"))


def check(document: Any) -> None:
    jsonschema.Draft202012Validator(schema()).validate(document)


def strict(text: str) -> Any:
    def refuse(word: str) -> None:
        raise AssertionError(f"{word} is not JSON")

    return json.loads(text, parse_constant=refuse)


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(schema())
    whole = json.loads(render(demo_report(), "json"))

    for key in schema()["required"]:
        with pytest.raises(jsonschema.ValidationError):
            check({name: value for name, value in whole.items() if name != key})


@pytest.mark.parametrize("hostile", ["include:mail.example", *HOSTILE], ids=range(len(HOSTILE) + 1))
def test_a_report_follows_the_schema_and_is_inert(hostile: str) -> None:
    text = render(demo_report(hostile), "json")

    check(strict(text))
    assert harmful(text) == []
    assert text.encode("utf-8")


def test_an_undescribed_key_is_refused() -> None:
    document = strict(render(demo_report(), "json"))
    document["extra"] = 1

    with pytest.raises(jsonschema.ValidationError):
        check(document)


def test_texts_stand_in_both_languages_whoever_asks() -> None:
    text = render(demo_report(), "json", lang="es")
    finding = strict(text)["findings"][0]

    assert finding["title"] == {
        "en": "The record holds include:mail.example too much",
        "es": "Al registro le sobra include:mail.example",
    }
    assert text == render(demo_report(), "json", lang="en")


def test_keys_are_sorted_and_spanish_is_readable() -> None:
    text = render(demo_report(), "json")
    document = strict(text)

    assert list(document) == sorted(document)
    assert "Receptores" in text
    assert "no hubo respuesta" in text


def test_a_fix_has_the_value_and_the_zone_file_line() -> None:
    change = strict(render(demo_report(), "json"))["actions"][0]["changes"][0]

    assert change["name"] == DOMAIN
    assert change["add"][0]["value"].startswith("v=spf1 ip4:192.0.2.0")
    assert change["add"][0]["zone_file"].count('"') == 6
    assert change["remove"][0]["value"] == "v=spf1 include:mail.example"


def test_one_report_is_an_object_several_an_array_and_lines_are_always_objects() -> None:
    other = replace(demo_report(), subject="otra.example")

    assert strict(render(demo_report(), "json"))["subject"] == DOMAIN
    assert [d["subject"] for d in strict(render([demo_report(), other], "json"))] == [DOMAIN, "otra.example"]
    lines = render([demo_report(), other], "jsonl").splitlines()
    assert [strict(line)["subject"] for line in lines] == [DOMAIN, "otra.example"]


def test_answers_are_added_when_asked_for() -> None:
    mx = DnsQuestion(DomainName(DOMAIN), "MX")
    report = replace(
        demo_report(),
        answers={
            mx: Found((MxRecord(10, DomainName("mx.example")),), 300),
            mx._replace(type="A"): NoName(60),
            mx._replace(type="TXT"): Failed(FailureKind.SERVFAIL, "192.0.2.53"),
        },
    )

    assert "answers" not in strict(render(report, "json"))
    document = strict(render(report, "json", answers=True))
    check(document)
    assert document["answers"][0]["records"] == ["10 mx.example"]
    assert document["answers"][2]["kind"] == "servfail"


def test_no_nan_and_no_lone_surrogate() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        dumps({"a": float("nan")})
    assert dumps("\ud800") == '"\ufffd"'
    assert json.loads(dumps("\u202e\x9b\x7f")) == "\u202e\x9b\x7f"


def test_an_unknown_format_is_a_documented_error() -> None:
    with pytest.raises(InvalidConfiguration, match="json, jsonl, junit, markdown, sarif, terminal"):
        render(demo_report(), "yaml\x1b")
    machines = {"json", "jsonl", "sarif", "junit", "github", "csv"}
    assert set(FORMATS) == machines | {"terminal", "markdown", "html"}


def test_the_dmarc_record_is_told_with_its_tags_and_their_defaults() -> None:
    source = dv.TableSource({"_dmarc.empresa.example/TXT": ["v=DMARC1; p=reject; aspf=s; fo=1:d"]})
    document = json.loads(dv.audit_domain("empresa.example", source=source).render("json"))
    dmarc = document["details"]["dmarc"]

    assert dmarc["record"] == "v=DMARC1; p=reject; aspf=s; fo=1:d"
    assert [(tag["name"], tag["value"]) for tag in dmarc["tags"] if tag["explicit"]] == [
        ("v", "DMARC1"),
        ("p", "reject"),
        ("aspf", "s"),
        ("fo", "1:d"),
    ]
    assert [(tag["name"], tag["value"]) for tag in dmarc["tags"] if not tag["explicit"]] == [
        ("adkim", "r"),
        ("psd", "u"),
        ("t", "n"),
    ]
