"""`deliverability check`: files of a project, each by what is in it; and the hooks of pre-commit, which are made of it."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
import sys
from fnmatch import fnmatch
from pathlib import Path

import pytest
import yaml

from deliverability.cli import main
from deliverability.sources.guard import GUARD

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples"
HOOKS = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    monkeypatch.chdir(tmp_path)


def zones(folder: str) -> list[str]:
    return [str(path) for path in sorted((EXAMPLES / folder).glob("*.zone"))]


def test_zone_files_are_audited_as_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    """The one domain among them, not the reverse zones, nor the zone above it."""
    assert main(["check", *zones("after"), "-f", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["subject"] == "talleres-soler.example"

    assert main(["check", *zones("before")]) == 1
    out, err = capsys.readouterr()
    assert "11 DNS lookups" in out
    assert err == f"deliverability: files read: {len(zones('before'))}\n"


def test_a_zone_alone_says_nothing_about_others(capsys: pytest.CaptureFixture[str]) -> None:
    zone = str(EXAMPLES / "before" / "talleres-soler.example.zone")

    assert main(["check", zone, "--select", "SPF010"]) == 0
    assert main(["check", zone, "--select", "SPF010", "--incomplete", "fail"]) == 3
    capsys.readouterr()


def test_findings_stand_in_the_file_that_they_are_about(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(EXAMPLES)
    assert (
        main(["check", "before/talleres-soler.example.zone", "messages/factura-con-diez-errores.eml", "-f", "github"])
        == 1
    )

    places = set(re.findall(r"file=([^,]+)", capsys.readouterr().out))
    assert places == {"before/talleres-soler.example.zone", "messages/factura-con-diez-errores.eml"}


def test_mails_are_judged_by_what_they_hold(capsys: pytest.CaptureFixture[str]) -> None:
    good, bad = (str(EXAMPLES / "messages" / name) for name in ("factura.eml", "factura-con-diez-errores.eml"))

    assert main(["check", good, "--select", "BODY,HDR,MIME,INV"]) == 0
    capsys.readouterr()
    assert main(["check", bad, "-f", "json"]) == 1
    report = json.loads(capsys.readouterr().out)
    assert report["kind"] == "message"
    assert not [finding for finding in report["findings"] if finding["code"].startswith("MX")]


def test_the_configuration_decides_as_for_every_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bad = str(EXAMPLES / "messages" / "factura-con-diez-errores.eml")
    (tmp_path / "deliverability.toml").write_text('fail_on = "never"\n', "utf-8")

    assert main(["check", bad]) == 0
    assert main(["check", bad, "--no-config"]) == 1
    assert main(["check", bad, "--fail-on", "error"]) == 1
    capsys.readouterr()


def test_configuration_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good, other = tmp_path / "deliverability.toml", tmp_path / "pyproject.toml"
    good.write_text('domains = ["empresa.example"]\nignore = [{ code = "SPF004", reason = "se muda" }]\n', "utf-8")
    other.write_text('[project]\nname = "facturas"\n', "utf-8")

    assert main(["check", str(good), str(other)]) == 0
    assert capsys.readouterr() == ("", "deliverability: files read: 2\n")


def test_every_file_with_a_mistake_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    mistakes = {
        "deliverability.toml": ('domain = ["empresa.example"]\n', "domain"),
        "pyproject.toml": ('[tool.deliverability]\nignore = [{ code = "SPF999", reason = "x" }]\n', "SPF999"),
        "roto.toml": ("[", "roto.toml"),
        "empresa.zone": ("@ IN TXT x\n\n(", "empresa.zone"),
    }
    for name, (text, _) in mistakes.items():
        (tmp_path / name).write_text(text, "utf-8")

    assert main(["check", *mistakes, "falta.zone"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    lines = err.splitlines()
    assert len(lines) == len(mistakes) + 1
    assert all(line.startswith("deliverability: error: ") for line in lines)
    for line, (_, word) in zip(lines, mistakes.values(), strict=False):
        assert word in line
    assert main(["check", *mistakes, "falta.eml", "--lang", "es"]) == 2
    assert "línea" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("line", "english", "spanish"),
    [
        ("www A 192.0.2.1", "has no final dot, and there is no $ORIGIN before it", "no acaba en punto y antes no hay"),
        ("$INCLUDE other", "$INCLUDE is not followed", "$INCLUDE no se sigue"),
        ("$GENERATE 1-9 h$ A 192.0.2.1", "is not read; write its records out", "no se lee; escriba sus registros"),
        ("$TTL soon", "is no number of seconds", "no es un número de segundos"),
        (" A 192.0.2.1", "the record has no owner", "el registro no tiene nombre"),
        ("a.example. CH TXT x", "class CH is not the Internet's", "la clase CH no es la de Internet"),
        ("a.example. 300 IN", "the record ends too early", "el registro acaba antes de tiempo"),
        ("a.example. FOO x", "is no record type", "no es un tipo de registro"),
        ("a.example. A 300.1.1.1", "is no record that can be read", "no es un registro que se pueda leer"),
        ('a.example. TXT "open', "is not closed", "sin cerrar"),
        ('a.example. TXT "' + "x" * 256 + '"', "more than 255 octets", "más de 255 octetos"),
    ],
)
def test_a_mistake_in_a_zone_file_is_told_in_both_languages(
    line: str, english: str, spanish: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("new.zone").write_text(line + "\n", "utf-8")
    for lang, said in (("en", english), ("es", spanish)):
        assert main(["check", "new.zone", "--lang", lang]) == 2
        err = capsys.readouterr().err
        assert said in err
        assert (english in err) is (lang == "en")


def test_records_without_soa_are_those_of_the_domain_that_the_file_is_named_after(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A hook that says nothing about such a file would pass whatever stands in it."""
    for name in ("empresa.example.zone", "new.zone"):
        Path(name).write_text('empresa.example. TXT "v=spf1 +all"\n', "utf-8")

    assert main(["check", "empresa.example.zone", "-f", "json"]) == 1
    assert json.loads(capsys.readouterr().out)["subject"] == "empresa.example"
    assert main(["check", "new.zone"]) == 0
    Path("other.example.zone").write_text('empresa.example. TXT "v=spf1 +all"\n', "utf-8")
    assert main(["check", "other.example.zone"]) == 0
    assert capsys.readouterr().out == ""


def test_mails_and_domains_together_are_no_domains(capsys: pytest.CaptureFixture[str]) -> None:
    main(["check", *zones("after"), str(EXAMPLES / "messages" / "factura.eml"), "-q"])
    assert "2 REPORTS" in capsys.readouterr().out


def test_a_mail_that_is_not_there(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "falta.eml"]) == 2
    assert "falta.eml" in capsys.readouterr().err


def test_nobody_is_asked(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    seen: list[object] = []
    monkeypatch.setattr(GUARD, "refuse", seen.append)

    main(["check", *zones("before"), str(EXAMPLES / "messages" / "factura.eml")])
    capsys.readouterr()
    assert not seen


def test_a_baseline_knows_mails_by_their_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.copy(EXAMPLES / "messages" / "factura-con-diez-errores.eml", tmp_path / "a.eml")

    assert main(["check", "a.eml", "--write-baseline", "known.json"]) == 0
    assert main(["check", "a.eml", "--baseline", "known.json"]) == 0
    assert '"a.eml"' in (tmp_path / "known.json").read_text("utf-8")
    capsys.readouterr()


# The hooks


def test_the_hooks_are_in_order_for_pre_commit() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pre_commit", "validate-manifest", str(ROOT / ".pre-commit-hooks.yaml")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("hook", "fine", "wrong"),
    [
        ("deliverability-config", "after/deliverability.toml", "bad/deliverability.toml"),
        ("deliverability-mail", "messages/factura.eml", "messages/factura-con-diez-errores.eml"),
        ("deliverability-zone", "after/talleres-soler.example.zone", "before/*.zone"),
    ],
)
def test_each_hook_on_its_files(
    hook: str,
    fine: str,
    wrong: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """As pre-commit does it: the words of the entry, then the files of the commit that its pattern finds."""
    shutil.copytree(EXAMPLES, tmp_path / "project")
    bad = tmp_path / "project" / "bad"
    bad.mkdir()
    (bad / "deliverability.toml").write_text("fail-on = 3\n", "utf-8")
    monkeypatch.chdir(tmp_path / "project")
    (known,) = [each for each in HOOKS if each["id"] == hook]
    program, *words = shlex.split(known["entry"])

    assert program == "deliverability"
    files = [path.relative_to(tmp_path / "project").as_posix() for path in (tmp_path / "project").rglob("*.*")]
    chosen = {path for path in files if re.search(known["files"], path)}
    mistaken = sorted(path for path in chosen if fnmatch(path, wrong))
    assert fine in chosen
    assert mistaken
    assert not chosen & {
        other for each in HOOKS if each is not known for other in files if re.search(each["files"], other)
    }
    assert main([*words, fine]) == 0
    assert main([*words, *mistaken]) in (1, 2)
    capsys.readouterr()


def test_a_deep_pyproject_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "pyproject.toml").write_text("a = " + "[" * 100_000, "utf-8")

    assert main(["check", "pyproject.toml"]) == 2
    err = capsys.readouterr().err
    assert "is not valid TOML" in err
    assert err.count("\n") == 1
