"""The gate of every command that gives reports: baselines, ignores whose day is over, severities, and where settings come from."""

from __future__ import annotations

import argparse
import csv
import io
import json
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from deliverability.cli import main
from deliverability.cli.parser import COMMANDS, build_parser
from deliverability.cli.precedence import SETTINGS, given, value_of
from deliverability.core.profile import Profile

ZONE = """
$ORIGIN empresa.example.
$TTL 3600
@ IN SOA ns1 hostmaster 2026112201 7200 900 1209600 3600
@ IN NS ns1
ns1 IN A 192.0.2.53
@ IN MX 10 mail
mail IN A 192.0.2.10
@ IN TXT "v=spf1 ip4:192.0.2.10 ptr ~all"
_dmarc IN TXT "v=DMARC1; p=quarantine; rua=mailto:dmarc@empresa.example"
"""
MAIL = """\
From: Empresa <facturas@empresa.example>
To: cliente@otra.example
Message-ID: <1@empresa.example>
Subject: Factura 1

Hola
"""
OVER = '{ code = "SPF014", reason = "el proveedor migra", until = 2020-01-31 }'
#: Gives a warning (ptr) and nothing worse.
PTR = "SPF014"


@pytest.fixture(autouse=True)
def _plain_surroundings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for key in [k for k in os.environ if k.startswith(("DELIVERABILITY_", "GITHUB_", "CI_"))]:
        monkeypatch.delenv(key)
    monkeypatch.setenv("LANG", "C.UTF-8")
    (tmp_path / "z.zone").write_text(ZONE)


def audit(*arguments: str) -> int:
    world = ["--offline", "--zone", "z.zone", "--incomplete", "pass"]
    return main(["audit", "empresa.example", *world, "--select", "SPF", *arguments])


def configure(ignore: str = OVER, more: str = "") -> None:
    Path("deliverability.toml").write_text(f'domains = ["empresa.example"]\n{more}\nignore = [\n  {ignore},\n]\n')


# Ignores whose day is over


def test_an_ignore_that_is_over_fails_though_its_finding_alone_would_not(capsys: pytest.CaptureFixture[str]) -> None:
    assert audit() == 0, "ptr is a warning"
    configure(OVER.replace("2020", "2999"))
    assert audit() == 0
    configure()
    assert audit() == 1
    out = capsys.readouterr().out
    assert "SPF014 was ignored until 2020-01-31, and the problem is still there." in " ".join(out.split())
    assert "(deliverability.toml, line 4)" in out
    assert audit("--fail-on", "never") == 0


@pytest.mark.parametrize("arguments", [[], ["-q"]])
def test_it_is_told_in_spanish_and_in_a_quiet_report(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    configure()
    assert audit("--lang", "es", *arguments) == 1
    out = " ".join(capsys.readouterr().out.split())
    assert "SPF014 se descartaba hasta el 2020-01-31 y el problema sigue ahí." in out
    assert "(deliverability.toml, línea 4)" in out


def test_an_ignore_whose_problem_is_gone_fails_nothing_and_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    Path("z.zone").write_text(ZONE.replace("ptr ", ""))
    configure()
    assert audit() == 0
    assert "the problem is gone. Remove this entry" in " ".join(capsys.readouterr().out.split())


def test_an_ignore_of_what_could_not_be_told_leaves_it_to_the_rule(capsys: pytest.CaptureFixture[str]) -> None:
    configure()
    asked = ["audit", "empresa.example", "--offline", "--select", PTR, "--severity", f"{PTR}=error"]
    assert main([*asked, "--incomplete", "pass"]) == 0
    assert main(asked) == 3
    assert "could not be told" in " ".join(capsys.readouterr().out.split())


def test_an_entry_gone_for_one_domain_and_standing_for_another_is_not_told_as_gone(
    capsys: pytest.CaptureFixture[str],
) -> None:
    other = ZONE.replace("empresa.example", "otra.example").replace("ptr ", "")
    Path("o.zone").write_text(other)
    configure()
    world = ["--offline", "--zone", "z.zone", "--zone", "o.zone", "--incomplete", "pass", "--select", "SPF"]
    assert main(["audit", "otra.example", "empresa.example", *world]) == 1
    out = " ".join(capsys.readouterr().out.split())
    assert "is gone" not in out
    assert out.count("still there") == 1
    Path("z.zone").write_text(ZONE.replace("ptr ", ""))
    assert main(["audit", "otra.example", "empresa.example", *world]) == 0
    assert " ".join(capsys.readouterr().out.split()).count("is gone") == 1, "once, not for each domain"


def _json(out: str) -> None:
    document = json.loads(out)
    [entry] = document["expired_ignores"]
    assert (entry["state"], entry["file"], entry["line"]) == ("standing", "deliverability.toml", 4)
    assert entry["title"]["es"].startswith("SPF014 se descartaba")
    assert document["exit_code"] == 1


def _sarif(out: str) -> None:
    run = json.loads(out)["runs"][0]
    [result] = [r for r in run["results"] if r["ruleId"] == "expired-ignore"]
    place = result["locations"][0]["physicalLocation"]
    assert (place["artifactLocation"]["uri"], place["region"]["startLine"]) == ("deliverability.toml", 4)
    assert result["level"] == "error"
    for component in (run["tool"]["driver"], *run["translations"]):
        assert component["rules"][result["ruleIndex"]]["id"] == "expired-ignore"


def _junit(out: str) -> None:
    [failure] = ElementTree.fromstring(out).iter("failure")
    assert failure.get("type") == "expired-ignore"
    [case] = [case for case in ElementTree.fromstring(out).iter("testcase") if case.find("failure") is not None]
    assert (case.get("file"), case.get("line")) == ("deliverability.toml", "4")


def _github(out: str) -> None:
    assert out.startswith("::error file=deliverability.toml,line=4,title=Ignore whose day is over%3A SPF014::")


def _csv(out: str) -> None:
    [row] = [row for row in csv.DictReader(io.StringIO(out)) if row["outcome"].startswith("expired")]
    assert (row["code"], row["severity"], row["outcome"]) == (PTR, "error", "expired-ignore-standing")


def _text(out: str) -> None:
    assert "SPF014 was ignored until 2020-01-31" in out.replace("`", "").replace("<wbr>", "")


@pytest.mark.parametrize(
    ("form", "check"),
    [
        ("json", _json),
        ("jsonl", _json),
        ("sarif", _sarif),
        ("junit", _junit),
        ("github", _github),
        ("csv", _csv),
        ("markdown", _text),
        ("html", _text),
    ],
)
def test_every_format_tells_it(form: str, check: Callable[[str], None], capsys: pytest.CaptureFixture[str]) -> None:
    configure()
    assert audit("-f", form) == 1
    check(capsys.readouterr().out)


@pytest.mark.parametrize("form", ["sarif", "junit", "github"])
def test_what_is_gone_opens_no_alert(form: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path("z.zone").write_text(ZONE.replace("ptr ", ""))
    configure()
    assert audit("-f", form) == 0
    out = capsys.readouterr().out
    assert "is gone" in out
    assert "<failure" not in out
    assert "::error" not in out
    if form == "sarif":
        run = json.loads(out)["runs"][0]
        assert not [r for r in run["results"] if r["ruleId"] == "expired-ignore"]
        [told] = run["invocations"][0]["toolConfigurationNotifications"]
        assert told["locations"][0]["physicalLocation"]["region"]["startLine"] == 4


def test_a_baseline_that_knows_the_finding_sets_the_ignore_aside_too() -> None:
    configure()
    assert audit("--write-baseline", "known.json") == 0
    assert audit("--baseline", "known.json") == 0
    assert audit() == 1


# Baselines, for every command with a gate


def test_a_baseline_of_mails_knows_each_by_its_file(capsys: pytest.CaptureFixture[str]) -> None:
    Path("a.eml").write_text(MAIL)
    Path("b.eml").write_text(MAIL)
    base = ["--offline", "--message-only", "--fail-on", "warning", "--incomplete", "pass"]
    assert main(["message", "a.eml", *base]) == 1
    assert main(["message", "a.eml", *base, "--write-baseline", "known.json"]) == 0
    assert main(["message", "a.eml", *base, "--baseline", "known.json"]) == 0
    assert main(["message", "a.eml", "b.eml", *base, "--baseline", "known.json"]) == 1, "b.eml is another mail"
    known = json.loads(Path("known.json").read_text())["findings"]
    assert {entry["domain"] for entry in known} == {"a.eml"}
    Path("a.eml").write_text(MAIL.replace("Subject: Factura 1\n", ""))
    assert main(["message", "a.eml", *base, "--baseline", "known.json"]) == 1, "a new fault"
    capsys.readouterr()


def test_a_baseline_of_blocklists(capsys: pytest.CaptureFixture[str]) -> None:
    status = Path(__file__).parents[1] / "feedback" / "samples" / "snds-status.csv"
    base = ["blocklist", "192.0.2.10", "--offline", "--incomplete", "pass", "--reputation", str(status)]
    found = main([*base, "--fail-on", "info"])
    assert main([*base, "--fail-on", "info", "--write-baseline", "known.json"]) == 0
    assert main([*base, "--fail-on", "info", "--baseline", "known.json"]) == 0
    assert found == 1
    capsys.readouterr()


@pytest.mark.parametrize("command", ["audit", "message", "listen", "blocklist"])
def test_every_gate_has_the_same_options(command: str) -> None:
    choices = next(a for a in build_parser("en")._actions if isinstance(a, argparse._SubParsersAction)).choices
    flags = {flag for action in choices[command]._actions for flag in action.option_strings}
    gate = {"--fail-on", "--incomplete", "--select", "--ignore", "--severity", "--baseline", "--write-baseline"}
    assert gate <= flags
    assert command in COMMANDS


def test_a_missing_baseline_is_told_before_anything_is_asked(capsys: pytest.CaptureFixture[str]) -> None:
    for command in (["audit", "empresa.example"], ["message", "none.eml"], ["blocklist", "192.0.2.1"], ["listen"]):
        assert main([*command, "--baseline", "none.json", "--nameserver", "192.0.2.1", "--lang", "es"]) == 2
        assert "línea base" in capsys.readouterr().err


# Severities on the command line


def test_a_severity_on_the_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert audit("--severity", "spf014=error") == 1
    assert audit("--severity", "SPF014=info", "--fail-on", "warning") == 0
    capsys.readouterr()
    for wrong, word in (("SPF014", "has no severity"), ("SPF=info", "one rule"), ("SPF014=eror", "did you mean error")):
        assert audit("--severity", wrong) == 2
        assert word in capsys.readouterr().err


# Flag before environment before file, for every setting of the table

#: For each setting three values that differ: of the flag, of the variable, of the file; and what they are read as.
VALUES: dict[str, tuple[Any, str, Any]] = {
    "config": ("flag.toml", "variable.toml", None),
    "format": ("json", "csv", None),
    "lang": ("es", "en", "es"),
    "color": ("always", "never", None),
    "width": (100, "90", None),
    "fail_on": ("never", "info", "warning"),
    "incomplete": ("pass", "fail", "pass"),
    "select": (["SPF,MX"], "DKIM, DNS", ["DMARC"]),
    "ignore": (["SPF001"], "SPF002", [{"code": "SPF003", "reason": "x"}]),
    "severity": (["SPF001=info"], "SPF001=warning", {"SPF001": "error"}),
    "baseline": ("flag.json", "variable.json", "file.json"),
    "rule_pages": ("https://flag.example/{code}", "https://variable.example/{code}", "https://file.example/{code}"),
    "nameserver": (["192.0.2.1"], "192.0.2.2,192.0.2.3", ["192.0.2.4"]),
    "timeout": (3.0, "4", 5),
    "retries": (1, "2", 3),
}


def test_the_table_and_its_values_name_the_same_settings() -> None:
    assert VALUES.keys() == SETTINGS.keys()


def _parts(value: Any) -> Any:
    return [part.strip() for one in value for part in one.split(",")] if isinstance(value, list) else value


@pytest.mark.parametrize("name", SETTINGS)
def test_the_flag_goes_before_the_variable(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    flag, variable, _ = VALUES[name]
    setting = SETTINGS[name]
    silent = argparse.Namespace(**{name: [] if setting.several else None})
    assert given(name, silent) is None
    monkeypatch.setenv(setting.variable, "")
    assert given(name, silent) is None, "an empty variable says nothing"
    monkeypatch.setenv(setting.variable, variable)
    assert given(name, silent) == (_parts([variable]) if setting.several else variable, setting.variable)
    assert given(name, argparse.Namespace(**{name: flag})) == (_parts(flag), setting.flag)
    assert given(name, argparse.Namespace()) is None, "a command without the flag does not heed the variable"


@pytest.mark.parametrize("name", [name for name, setting in SETTINGS.items() if setting.key])
def test_the_variable_goes_before_the_file(name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    _, variable, value = VALUES[name]
    setting = SETTINGS[name]
    path = tmp_path / "deliverability.toml"
    path.write_text(f"{setting.key} = {_toml(value)}\n")
    profile = Profile.load(path)
    silent = argparse.Namespace(**{name: [] if setting.several else None})

    from_file = getattr(profile, setting.key)
    assert from_file != getattr(Profile(), setting.key)
    assert value_of(name, silent, profile) == from_file
    monkeypatch.setenv(setting.variable, variable)
    assert value_of(name, silent, profile) == (_parts([variable]) if setting.several else variable)


def _toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {_toml(inner)}" for key, inner in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(_toml(inner) for inner in value) + "]"
    return json.dumps(value)


@pytest.mark.parametrize("name", SETTINGS)
def test_every_setting_is_an_option_and_is_documented(name: str) -> None:
    setting = SETTINGS[name]
    choices = next(a for a in build_parser("en")._actions if isinstance(a, argparse._SubParsersAction)).choices
    assert setting.flag in {flag for action in choices["audit"]._actions for flag in action.option_strings}
    for page in ("docs/reference/configuration.md", "docs/es/reference/configuration.md"):
        text = (Path(__file__).resolve().parents[2] / page).read_text("utf-8")
        key = f"`{setting.key}`" if setting.key else "–"
        row = rf"^\|[^|\n]*`{setting.flag}[ `][^|\n]*\| `{setting.variable}` \| {re.escape(key)} \|"
        assert re.search(row, text, re.MULTILINE), row


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("lang", "fr"),
        ("format", "xml"),
        ("color", "red"),
        ("width", "wide"),
        ("fail_on", "eror"),
        ("incomplete", "no"),
        ("select", "SPF4"),
        ("ignore", "SFP"),
        ("severity", "SPF001"),
        ("baseline", "none.json"),
        ("config", "none.toml"),
        ("nameserver", "not a server"),
        ("rule_pages", "ftp://x/{code}"),
        ("timeout", "soon"),
        ("retries", "-1"),
    ],
)
def test_a_wrong_variable_ends_with_2_and_one_line(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(SETTINGS[name].variable, value)
    assert main(["audit", "empresa.example"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    named = name not in ("baseline", "config", "nameserver")  # those name the file, or the server
    assert SETTINGS[name].variable in err if named else value.split(".", maxsplit=1)[0] in err


@pytest.mark.parametrize(
    "text",
    [
        "timeout = 0",
        "retries = 99",
        'domains = "x"',
        "baseline = 3",
        "ignore = 3",
        'ignore = [{ code = "SPF004" }]',
        'ignore = [{ code = "SPF004", reason = "x", until = "x" }]',
        'select = ["1"]',
        "severity = 3",
        "sending = 1",
        "[domain.a.b]",
        "[subjects]\nadd = 3",
        'fail_on = "x"',
        "lang = {}",
        '[sending]\nips = ["x"]',
        '[sending]\nsends = "si"',
        "[sending]\ndaily_volume = -1",
        "[sending]\nenvelope_domain = 3",
        "[blocklists]\nkeys = 3",
        "[blocklists]\nlist = 3",
        'zzz = "x"',
    ],
)
def test_a_mistake_in_the_file_is_told_in_spanish(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path("deliverability.toml").write_text(text)
    assert main(["audit", "empresa.example", "--offline", "--lang", "es"]) == 2
    err = capsys.readouterr().err
    assert "deliverability.toml, línea " in err
    assert not re.search(r"\b(expected|got|such as|there is|a list|a table|entry|known here)\b", err), err
