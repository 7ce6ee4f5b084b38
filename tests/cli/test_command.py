"""The command from outside: exit codes, what goes where, and no traceback whatever is typed."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from deliverability.cli import language, locale_language, main
from deliverability.cli.parser import COMMANDS, FORMATS, build_parser
from deliverability.cli.words import PLACES_ES, SAME_PLACES
from deliverability.registry import RULES
from deliverability.render import FORMATS as RENDERED
from tests.support.inert import SGR, harmful

GOOD = """
$ORIGIN empresa.example.
$TTL 3600
@ IN SOA ns1 hostmaster 2026112201 7200 900 1209600 3600
@ IN NS ns1
ns1 IN A 192.0.2.53
@ IN MX 10 mail
mail IN A 192.0.2.10
@ IN TXT "v=spf1 ip4:192.0.2.10 -all"
_dmarc IN TXT "v=DMARC1; p=quarantine; rua=mailto:dmarc@empresa.example"
"""
BAD = GOOD.replace("-all", "+all ip4:999.1.1.1 foo")


@pytest.fixture(autouse=True)
def _plain_surroundings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for key in [k for k in os.environ if k.startswith("DELIVERABILITY_")]:
        monkeypatch.delenv(key)
    for key in ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(key, raising=False)
    monkeypatch.setenv("LANG", "C.UTF-8")


@pytest.fixture
def good(tmp_path: Path) -> str:
    path = tmp_path / "good.zone"
    path.write_text(GOOD)
    return str(path)


@pytest.fixture
def bad(tmp_path: Path) -> str:
    path = tmp_path / "bad.zone"
    path.write_text(BAD)
    return str(path)


def audit(zone: str, *arguments: str) -> int:
    return main(["audit", "empresa.example", "--offline", "--zone", zone, *arguments])


# Exit codes


def test_1_for_findings(bad: str) -> None:
    assert audit(bad) == 1


def test_3_where_only_some_answers_are_missing(good: str) -> None:
    assert audit(good, "--fail-on", "error") == 3


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--fail-on", "never"], 0),
        (["--fail-on", "error", "--incomplete", "pass"], 0),
        (["--fail-on", "info", "--incomplete", "pass"], 1),
    ],
)
def test_the_gate(good: str, arguments: list[str], code: int) -> None:
    assert audit(good, *arguments) == code


def test_4_when_there_is_nothing_to_audit(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["audit", "--offline"]) == 4
    out, err = capsys.readouterr()
    assert out == ""
    assert "pyproject.toml" in err


def test_domains_come_from_the_configuration(tmp_path: Path, bad: str, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "deliverability.toml").write_text('domains = ["empresa.example", "otra.example"]\nlang = "es"\n')

    assert main(["audit", "--offline", "--zone", bad]) == 1, "the worst of both: findings before could not tell"
    out = capsys.readouterr().out
    assert "otra.example" in out
    assert "2 DOMINIOS" in out


def test_a_hopeless_source_is_could_not_tell_and_never_a_pass(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["audit", "empresa.example", "--offline"]) == 3
    assert "It cannot be told yet." in capsys.readouterr().out


def test_130_when_interrupted(monkeypatch: pytest.MonkeyPatch, good: str, capsys: pytest.CaptureFixture[str]) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("deliverability.api.audit_domain", interrupt)
    assert audit(good) == 130
    assert capsys.readouterr().err == "deliverability: interrupted\n"


# Wrong use: 2, one line on standard error, nothing on standard output


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], ", ".join(sorted(COMMANDS))),
        (["audti"], "audti"),
        (["audit", "foo..bar"], "double or leading dot"),
        (["audit", "localhost"], "no dot"),
        (["audit", "a@empresa.example"], "after the @"),
        (["audit", "https://empresa.example/"], "not a domain name"),
        (["audit", "192.0.2.1"], "ends in a number"),
        (["audit", "x" * 64 + ".example"], "at most 63"),
        (["audit", ""], "empty"),
        (["audit", "a" * 5000], "at most"),
        (["audit", "xn--zzzzzzzzz\u202e.example"], "IDNA"),
        (["audit", "e.example", "--bogus"], "--bogus"),
        (["audit", "e.example", "-f", "yaml"], "terminal, json, jsonl"),
        (["audit", "e.example", "-f", "jsno"], "did you mean json"),
        (["audit", "e.example", "--fail-on", "high"], "error, warning, info, never"),
        (["audit", "e.example", "--incomplete", "x"], "fail, pass"),
        (["audit", "e.example", "--lang", "fr"], "es"),
        (["audit", "e.example", "--color", "yes"], "auto, always, never"),
        (["audit", "e.example", "--width", "3"], "--width"),
        (["audit", "e.example", "--width", "x"], "--width"),
        (["audit", "e.example", "--select", "SPF04"], "did you mean SPF0"),
        (["audit", "e.example", "--ignore", "NOPE1"], "there is no rule"),
        (["audit", "e.example", "--ip", "1.2.3"], "not an IP address"),
        (["audit", "e.example", "--helo", "a..b"], "double"),
        (["audit", "e.example", "--provider", "gogle"], "there is no provider"),
        (["audit", "e.example", "--parked", "--sends"], "not allowed with"),
        (["audit", "e.example", "--zone", "none.zone"], "none.zone"),
        (["audit", "e.example", "--replay", "none.json"], "none.json"),
        (["audit", "e.example", "--config", "none.toml"], "none.toml"),
        (["audit", "e.example", "--baseline", "none.json", "--offline"], "none.json"),
        (["audit", "e.example", "--timeout", "0"], "--timeout"),
        (["audit", "e.example", "--timeout", "nan"], "--timeout"),
        (["audit", "e.example", "--retries", "-1"], "--retries"),
        (["audit", "e.example", "--nameserver", "ftp://x"], "ftp"),
        (["audit", "e.example", "--offline", "-o", "no/such/folder/x"], "cannot be written"),
        (["explain", "SPF999"], "there is no rule"),
        (["fix", "e.example", "--syntax", "binf"], "did you mean bind"),
        (["audit", "e.example", "--config", "x", "--no-config"], "not allowed with"),
        (["fix"], "DOMAIN"),
        (["spf", "e.example", "--sender", "a@b.example"], "--ip"),
        (["spf", "e.example", "--ip", "::g"], "not an IP address"),
        (["completion", "tcsh"], "bash"),
    ],
    ids=lambda value: " ".join(value)[:40] if isinstance(value, list) else "",
)
def test_wrong_use(arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 2

    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("deliverability: error: ")
    assert err.count("\n") == 1
    assert words in err
    assert harmful(err) == []


@pytest.mark.parametrize(
    "arguments",
    [
        ["audit", "foo..bar"],
        ["audit", "localhost"],
        ["audit", "a@empresa.example"],
        ["audit", "https://empresa.example/"],
        ["audit", "192.0.2.1"],
        ["audit", "x" * 64 + ".example"],
        ["audit", ".".join(["x" * 60] * 5)],
        ["audit", "a" * 5000],
        ["audit", ""],
        ["audit", "a b.example"],
        ["audit", "\u202e.example"],
        ["audit", "e.example", "-f", "jsno"],
        ["audit", "e.example", "--width", "3"],
        ["audit", "e.example", "--select", "SPF04"],
        ["audit", "e.example", "--ip", "1.2.3"],
        ["audit", "e.example", "--provider", "gogle"],
        ["audit", "e.example", "--timeout", "0"],
        ["audit", "e.example", "--retries", "-1"],
        ["audit", "e.example", "--nameserver", "ftp://x"],
        ["audit", "e.example", "--zone", "none.zone"],
        ["audit", "e.example", "--zone", "."],
        ["audit", "e.example", "--replay", "none.json"],
        ["audit", "e.example", "--config", "x", "--no-config"],
        ["audit", "e.example", "--config", "none.toml"],
        ["audit", "e.example", "--baseline", "none.json", "--offline"],
        ["audit", "e.example", "--parked", "--sends"],
        ["audit", "e.example", "--offline", "-o", "no/such/x"],
        ["spf", "e.example", "--sender", "a@b.example"],
        ["fix"],
        [],
    ],
    ids=lambda value: " ".join(value)[:40],
)
def test_wrong_use_is_told_in_spanish(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    if arguments[:1] == ["audit"] and "--config" not in arguments:
        arguments = [*arguments, "--no-config"]
    assert main(["--lang", "en", *arguments]) == 2
    english = capsys.readouterr().err
    assert main(["--lang", "es", *arguments]) == 2
    spanish = capsys.readouterr().err

    assert spanish != english
    left = re.findall(
        r"\b(?:the|is|are|give|has|have|with|not|there|cannot)\b", re.sub(r"'[^']*'|\"[^\"]*\"", "", spanish)
    )
    assert left == [], spanish


def test_a_zone_file_with_a_mistake_is_named_with_its_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "broken.zone"
    path.write_text("$ORIGIN empresa.example.\n$TTL 60\n@ IN MX ten mail\n")

    assert audit(str(path)) == 2
    err = capsys.readouterr().err
    assert "broken.zone" in err
    assert "3" in err


def test_a_configuration_with_a_mistake_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "deliverability.toml").write_text('ignore = [{ code = "SPF04", reason = "x" }]\n')

    assert main(["audit", "e.example", "--offline"]) == 2
    assert "deliverability.toml, line 1: ignore: there is no rule" in capsys.readouterr().err
    assert main(["audit", "e.example", "--offline", "--no-config"]) == 3


def test_spanish_messages_of_the_parser(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["audit", "--lang", "es", "--bogus"]) == 2
    assert "argumentos desconocidos: --bogus" in capsys.readouterr().err


# Output


def test_piped_output_is_plain_and_fits(bad: str, capsys: pytest.CaptureFixture[str]) -> None:
    audit(bad)
    out, err = capsys.readouterr()

    assert "\x1b" not in out
    assert err == ""
    assert "empresa.example" in out


@pytest.mark.parametrize(
    ("environment", "arguments", "coloured"),
    [
        ({}, [], False),
        ({"FORCE_COLOR": "1"}, [], True),
        ({"FORCE_COLOR": "0"}, [], False),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, [], False),
        ({"NO_COLOR": "1"}, ["--color", "always"], True),
        ({"FORCE_COLOR": "1"}, ["--color", "never"], False),
        ({"DELIVERABILITY_COLOR": "always"}, [], True),
    ],
)
def test_colour(
    bad: str,
    environment: dict[str, str],
    arguments: list[str],
    coloured: bool,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for key, value in environment.items():
        monkeypatch.setenv(key, value)
    audit(bad, *arguments)

    assert bool(SGR.search(capsys.readouterr().out)) is coloured


def test_flag_before_environment_before_file(
    tmp_path: Path, bad: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "deliverability.toml").write_text('lang = "es"\n')
    audit(bad)
    assert "¿Se fiarán" in capsys.readouterr().out
    monkeypatch.setenv("DELIVERABILITY_LANG", "en")
    audit(bad)
    assert "Will mail from" in capsys.readouterr().out
    audit(bad, "--lang", "es")
    assert "¿Se fiarán" in capsys.readouterr().out
    monkeypatch.setenv("DELIVERABILITY_FORMAT", "json")
    audit(bad)
    assert json.loads(capsys.readouterr().out)["subject"] == "empresa.example"


def test_a_wrong_variable_is_named(
    bad: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DELIVERABILITY_FORMAT", "pdf")

    assert audit(bad) == 2
    assert "DELIVERABILITY_FORMAT" in capsys.readouterr().err


def test_output_into_a_file(tmp_path: Path, bad: str, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "report.txt"

    assert audit(bad, "-o", str(path), "--lang", "es") == 1
    assert capsys.readouterr().out == ""
    assert "¿Se fiarán" in path.read_text("utf-8")


def test_the_same_answers_give_the_same_bytes(tmp_path: Path, bad: str) -> None:
    first, second, recording = (str(tmp_path / name) for name in ("1", "2", "answers.json"))
    audit(bad, "-f", "json", "-o", first, "--record", recording, "--no-config")
    main(["audit", "empresa.example", "--replay", recording, "-f", "json", "-o", second])

    one, two = (json.loads(Path(path).read_text()) for path in (first, second))
    del one["now"], two["now"]
    assert one == two


def test_baseline_written_then_only_new_findings_count(tmp_path: Path, good: str, bad: str) -> None:
    baseline = str(tmp_path / "baseline.json")

    assert audit(bad, "--write-baseline", baseline, "--incomplete", "pass") == 0
    assert audit(bad, "--baseline", baseline, "--incomplete", "pass") == 0
    assert audit(good, "--write-baseline", baseline, "--incomplete", "pass") == 0
    assert audit(bad, "--baseline", baseline, "--incomplete", "pass") == 1


def test_select_and_ignore(bad: str, capsys: pytest.CaptureFixture[str]) -> None:
    audit(bad, "-f", "json", "--select", "SPF,DMARC")
    codes = {finding["code"] for finding in json.loads(capsys.readouterr().out)["findings"]}
    assert "SPF" in {code.rstrip("0123456789") for code in codes} <= {"SPF", "DMARC"}
    audit(bad, "-f", "json", "--ignore", ",".join(codes))
    document = json.loads(capsys.readouterr().out)
    assert not codes & {finding["code"] for finding in document["findings"]}
    assert codes == {item["code"] for item in document["ignored"] if item["code"] in codes}


def test_quiet_and_verbose(bad: str, capsys: pytest.CaptureFixture[str]) -> None:
    audit(bad, "-q")
    quiet = capsys.readouterr().out
    audit(bad)
    normal = capsys.readouterr().out
    audit(bad, "-v")
    verbose = capsys.readouterr().out

    assert len(quiet) < len(normal) < len(verbose)


def test_crosscheck_is_shown(bad: str, capsys: pytest.CaptureFixture[str]) -> None:
    audit(bad, "--crosscheck")
    out = capsys.readouterr().out

    assert "SECOND OPINIONS" in out
    assert "checkdmarc" in out


# The other commands


def test_explain_one_rule_in_both_languages(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "SPF004"]) == 0
    english = capsys.readouterr().out
    assert main(["explain", "spf004", "--lang", "es"]) == 0
    spanish = capsys.readouterr().out

    assert "RFC 7208 §4.6.4" in english
    assert "Severity" in english
    assert "Gravedad" in spanish
    assert "RFC 7208 §4.6.4" in spanish


def test_explain_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "too-many-lookups", "-f", "json"]) == 0

    document = json.loads(capsys.readouterr().out)
    assert document["code"] == "SPF004"
    assert document["why"]["es"]


def test_explain_alone_lists_every_rule(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain"]) == 0
    out = capsys.readouterr().out
    assert all(rule.code in out for rule in RULES)


def test_spf_tree_and_evaluation(good: str, capsys: pytest.CaptureFixture[str]) -> None:
    base = ["spf", "empresa.example", "--offline", "--zone", good]

    assert main(base) == 0
    assert "0 of 10 DNS lookups" in capsys.readouterr().out
    assert main([*base, "--ip", "192.0.2.10"]) == 0
    assert "pass  192.0.2.10" in capsys.readouterr().out
    assert main([*base, "--ip", "198.51.100.1", "--ip", "2001:db8::1", "-f", "json"]) == 1
    assert [d["result"] for d in json.loads(capsys.readouterr().out)] == ["fail", "fail"]
    assert main(["spf", "empresa.example", "--offline", "--ip", "192.0.2.1"]) == 3


@pytest.mark.parametrize("syntax", ["bind", "table", "diff"])
def test_fix_prints_records_only(bad: str, syntax: str, capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["fix", "empresa.example", "--offline", "--zone", bad, "--syntax", syntax])

    assert code in (0, 3)
    out = capsys.readouterr().out
    assert out
    assert "Score" not in out


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_names_every_command(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["completion", shell]) == 0
    out = capsys.readouterr().out
    assert all(command in out for command in COMMANDS)
    assert "fail-on" in out


def test_the_bash_completion_is_bash(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["completion", "bash"])
    script = (
        capsys.readouterr().out
        + "\nCOMP_WORDS=(deliverability audit --fa); COMP_CWORD=2; _deliverability; echo ${COMPREPLY[@]}"
    )

    shown = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True, timeout=20)
    assert shown.stdout.strip() == "--fail-on"


# Help


@pytest.mark.parametrize("lang", ["en", "es"])
@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_help_in_both_languages(lang: str, command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*([command] if command else []), "--lang", lang, "--help"]) == 0

    out = capsys.readouterr().out
    assert ("uso: " in out) is (lang == "es")
    assert ("usage: " in out) is (lang == "en")
    assert "%%" not in out


def test_every_option_has_help_in_both_languages() -> None:
    for lang in ("en", "es"):
        text = build_parser(lang).format_help()
        assert "None" not in text


@pytest.mark.parametrize("command", COMMANDS)
def test_spanish_help_names_values_in_spanish(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    """`FILE` in a Spanish sentence is half a translation."""
    parser = next(action.choices for action in build_parser("es")._actions if isinstance(action.choices, dict))[command]
    named = {word for action in parser._actions for word in re.findall("[A-Z]+", str(action.metavar or ""))}
    assert named <= {*PLACES_ES, *SAME_PLACES}

    assert main([command, "--lang", "es", "--help"]) == 0
    out = capsys.readouterr().out
    assert not {
        word for word in named - {*SAME_PLACES} if re.search(rf"(?:--\S+ |^  |uso: .*){word}\b", out, re.MULTILINE)
    }


def test_a_missing_value_is_named_in_spanish(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["diff", "--lang", "es"]) == 2
    assert "faltan argumentos: ANTES, DESPUÉS" in capsys.readouterr().err


def test_the_formats_of_the_parser_are_those_of_the_renderer() -> None:
    assert tuple(RENDERED) == FORMATS


def test_the_language() -> None:
    assert language(["--lang", "es"], {}) == "es"
    assert language(["audit", "--lang=es"], {"LANG": "en_US.UTF-8"}) == "es"
    assert language([], {"DELIVERABILITY_LANG": "es", "LANG": "en_US"}) == "es"
    assert [locale_language({"LANG": value}) for value in ("es_ES.UTF-8", "ca_ES", "en_GB", "C", "")] == [
        "es",
        "es",
        "en",
        "en",
        "en",
    ]
    assert locale_language({"LC_ALL": "en_US", "LANG": "es_ES"}) == "en"


# As a process


def run(*arguments: str, **options: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "deliverability", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60, **options)  # type: ignore[call-overload, no-any-return]


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["audit", "--help"]])
def test_help_loads_nothing_heavy(arguments: list[str]) -> None:
    code = (
        "import sys\nfrom deliverability.cli import main\n"
        f"main({arguments!r})\n"
        "print('LOADED', *{name.partition('.')[0] for name in sys.modules})"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    loaded = set(shown.stdout.rsplit("LOADED", 1)[1].split())

    assert "argparse" in loaded
    assert not loaded & {
        "rich",
        "dns",
        "httpx",
        "dataclasses",
        "inspect",
        "asyncio",
        "tomllib",
        "json",
        "cryptography",
        "idna",
        "ssl",
    }


def test_a_reader_that_goes_away_is_no_traceback(bad: str) -> None:
    command = f"{sys.executable} -m deliverability audit empresa.example --offline --zone {bad} | head -c 10"
    shown = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False, timeout=60)

    assert shown.stderr == ""
    assert len(shown.stdout) <= 10


def test_a_full_disk_and_a_closed_output_are_no_traceback(bad: str) -> None:
    command = f"{sys.executable} -m deliverability audit empresa.example --offline --zone {bad}"
    full = subprocess.run(
        ["bash", "-c", f"{command} > /dev/full"], capture_output=True, text=True, check=False, timeout=60
    )
    closed = subprocess.run(["bash", "-c", f"{command} >&-"], capture_output=True, text=True, check=False, timeout=60)

    assert full.returncode == 2
    assert full.stderr == "deliverability: error: standard output cannot be written: No space left on device\n"
    assert closed.returncode == 1
    assert closed.stderr == ""


def test_a_working_folder_that_is_gone(tmp_path: Path, bad: str) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    command = f"cd {gone} && rmdir {gone} && {sys.executable} -m deliverability audit empresa.example --offline --zone {bad} -q"
    shown = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False, timeout=60)

    assert shown.returncode == 1
    assert "Traceback" not in shown.stderr


def test_a_missing_extra_is_told_before_anything_is_asked(
    bad: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("deliverability.crosscheck.process.MODULES", {"pyspf": "no_such_module"})

    assert audit(bad, "--crosscheck") == 2
    assert "pip install 'deliverability[crosscheck]'" in capsys.readouterr().err


def test_a_terminal_without_unicode_gets_escapes(bad: str) -> None:
    shown = run("audit", "empresa.example", "--offline", "--zone", bad, env={**os.environ, "PYTHONIOENCODING": "ascii"})

    assert shown.returncode == 1
    assert shown.stderr == ""
    assert shown.stdout.isascii()


def test_the_module_is_the_command() -> None:
    shown = run("--version")

    assert shown.returncode == 0
    assert shown.stdout.startswith("deliverability 0.")


def test_fix_does_not_say_nothing_to_change_when_it_could_not_ask(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fix", "empresa.example", "--offline", "--lang", "es"]) == 3

    out = capsys.readouterr().out
    assert "se quedó sin respuesta" in out
    assert "no hay nada que cambiar" not in out


def test_the_steps_of_an_evaluation_are_told_in_spanish(good: str, capsys: pytest.CaptureFixture[str]) -> None:
    main(["spf", "empresa.example", "--zone", good, "--offline", "--ip", "203.0.113.9", "--lang", "es"])

    out = capsys.readouterr().out
    assert "registro empresa.example  leído" in out
    assert "-all  coincide" in out
    assert "no match" not in out
    assert "  found" not in out


@pytest.mark.parametrize("lang", ["en", "es"])
@pytest.mark.parametrize("command", COMMANDS)
def test_the_help_of_a_command_begins_with_a_sentence(command: str, lang: str) -> None:
    parser = next(a.choices for a in build_parser(lang)._actions if isinstance(a.choices, dict))[command]
    about = parser.description or ""
    assert about[:1].isupper()
    assert about.endswith(".")


@pytest.mark.parametrize("encoding", ["cp1252", "cp850"])
def test_a_code_page_without_our_signs_gets_plain_ones(encoding: str) -> None:
    """What Windows gives a program whose output goes to a file: letters are there, ticks and lines are not."""
    env = {**os.environ, "PYTHONIOENCODING": encoding}
    zones = [str(path) for path in sorted((Path(__file__).parents[2] / "examples" / "before").glob("*.zone"))]
    arguments = ["audit", "talleres-soler.example", "--no-config", "--offline", "--lang", "es"]
    arguments += [part for zone in zones for part in ("--zone", zone)]
    done = subprocess.run(
        [sys.executable, "-m", "deliverability", *arguments], capture_output=True, check=False, env=env
    )
    text = done.stdout.decode(encoding)

    assert done.returncode == 1
    assert "\nx ¿Se fiarán los receptores" in text.replace("\r", "")
    assert "\\u2" not in text


def test_data_is_utf_8_wherever_it_is_made() -> None:
    env = {**os.environ, "PYTHONIOENCODING": "cp1252"}
    for form in ("html", "markdown"):
        done = subprocess.run(
            [sys.executable, "-m", "deliverability", "audit", "a.example", "--offline", "--no-config", "-f", form],
            capture_output=True, check=False, env=env | {"DELIVERABILITY_LANG": "es"},
        )  # fmt: skip
        assert done.returncode == 3
        assert "¿Se fiarán los receptores" in done.stdout.decode("utf-8")
