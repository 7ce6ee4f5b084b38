"""`deliverability diff` and `audit --zone` over another world, from outside."""

from __future__ import annotations

import json
import os
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from deliverability.cli import main
from deliverability.sources.snapshot import Snapshot
from tests.support.inert import harmful
from tests.support.proposals import DOMAIN, SPF, TODAY

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def _plain_surroundings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for key in [k for k in os.environ if k.startswith("DELIVERABILITY_")]:
        monkeypatch.delenv(key)
    for key in ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(key, raising=False)
    monkeypatch.setenv("LANG", "C.UTF-8")
    (tmp_path / "deliverability.toml").write_text(
        f'domains = ["{DOMAIN}"]\n[sending]\nips = ["192.0.2.10"]\nselectors = ["s1"]\n', "utf-8"
    )


def record(path: str, changes: dict[str, Any] | None = None, domain: str = DOMAIN) -> str:
    """A recording of an audit of the company's world."""
    import deliverability as dv  # noqa: PLC0415

    answers = {key: value for key, value in {**TODAY, **(changes or {})}.items() if value is not None}
    recorder = Snapshot.recording(dv.TableSource(answers))
    dv.audit_domain(domain, source=recorder, profile=dv.Profile.find(), try_fixes=False)
    recorder.snapshot.save(path)
    return path


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = main(list(arguments))
    out, err = capsys.readouterr()
    return code, out, err


GROWN = {"spf.protection.outlook.com/TXT": ["v=spf1 ip4:40.92.0.0/15 ip4:52.100.0.0/14 -all"]}


def test_two_recordings_name_the_provider(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys, "diff", record("old.json"), record("new.json", GROWN))

    assert (code, err) == (0, "")
    assert "spf.protection.outlook.com (Microsoft 365): 1 network added, 1 network" in out
    assert "+ 52.100.0.0/14" in out
    assert "- 40.107.0.0/16" in out


def test_equal_recordings_do_not_differ(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "diff", record("old.json"), record("new.json.xz"), "--lang", "es")

    assert code == 0
    assert "No hay ninguna diferencia." in out


def test_the_domain_of_a_recording_is_recognised(capsys: pytest.CaptureFixture[str]) -> None:
    old, new = record("old.json"), record("new.json", {f"{DOMAIN}/TXT": ["v=spf1 +all"]})
    code, out, _ = run(capsys, "diff", old, new, "--no-config")

    assert code == 1
    assert out.startswith(f"{DOMAIN} ──")


@pytest.mark.parametrize(("level", "expected"), [("error", 1), ("never", 0)])
def test_the_gate(capsys: pytest.CaptureFixture[str], level: str, expected: int) -> None:
    old, new = record("old.json"), record("new.json", {f"{DOMAIN}/TXT": ["v=spf1 +all"]})

    assert run(capsys, "diff", old, new, "--fail-on", level)[0] == expected
    assert run(capsys, "diff", new, old, "--fail-on", level)[0] == 0


def test_what_can_no_longer_be_told_is_3(capsys: pytest.CaptureFixture[str]) -> None:
    old, new = record("old.json"), record("new.json", {f"{DOMAIN}/TXT": {"fault": "servfail"}})
    code, out, _ = run(capsys, "diff", old, new)

    assert code == 3
    assert "CAN NO LONGER BE TOLD" in out
    assert "FIXED" not in out
    assert run(capsys, "diff", old, new, "--incomplete", "pass")[0] == 0


@pytest.mark.parametrize("form", ["json", "jsonl"])
def test_reports_of_several_domains(capsys: pytest.CaptureFixture[str], form: str) -> None:
    """Each is compared with its own; one that only one side has is told, and not called fixed."""
    world = {f"otra.example/{kind}": value for kind, value in (("TXT", ["v=spf1 -all"]), ("MX", ["0 ."]))}
    snapshot = Snapshot.load(record("a.json", world))
    for question, answer in Snapshot.load(record("b.json", world, "otra.example")).answers.items():
        snapshot.record(question, answer)
    snapshot.save("both.json")
    run(capsys, "audit", DOMAIN, "otra.example", "--replay", "both.json", "-f", form, "-o", "old.report")
    run(capsys, "audit", DOMAIN, "--replay", "both.json", "-f", form, "-o", "new.report")

    code, out, err = run(capsys, "diff", "old.report", "new.report")
    assert (code, err) == (3, "")
    assert "Only the old side has a report on it" in out
    code, out, _ = run(capsys, "diff", "old.report", "new.report", DOMAIN)
    assert code == 0
    assert "otra.example" not in out
    assert "Nothing is different." in out


def test_a_report_beside_a_recording(capsys: pytest.CaptureFixture[str]) -> None:
    run(capsys, "audit", "--replay", record("old.json"), "-f", "json", "-o", "old.report.json")
    code, out, _ = run(capsys, "diff", "old.report.json", record("new.json", GROWN))

    assert code == 0
    assert "Microsoft 365" in out
    assert "These reports keep no answers" in out


def test_reports_on_mails(capsys: pytest.CaptureFixture[str]) -> None:
    mails = ROOT / "examples/messages"
    for name, mail in (("old.json", "factura.eml"), ("new.json", "factura-con-diez-errores.eml")):
        shutil.copy(mails / mail, "factura.eml")
        run(capsys, "message", "factura.eml", "--offline", "--message-only", "-f", "json", "-o", name)
    code, out, err = run(capsys, "diff", "old.json", "new.json", "--fail-on", "info")

    assert err == ""
    assert code == 1
    assert "factura.eml" in out


@pytest.mark.parametrize("form", ["terminal", "json", "markdown", "html"])
def test_every_format_into_a_file(capsys: pytest.CaptureFixture[str], form: str) -> None:
    code, out, _ = run(capsys, "diff", record("old.json"), record("new.json", GROWN), "-f", form, "-o", "out")

    assert (code, out) == (0, "")
    text = Path("out").read_text("utf-8")
    assert "52.100.0.0/14" in text
    assert not harmful(text)


BROKEN = {
    "empty": b"",
    "no json": b"spf: yes",
    "a number": b"7",
    "a list of numbers": b"[1, 2]",
    "no report": b'{"a": 1}',
    "another version": b'{"version": 2, "subject": "a", "kind": "domain", "findings": []}',
    "a baseline": b'{"version": 1, "findings": []}',
    "findings are no list": b'{"version": 1, "subject": "a", "kind": "domain", "findings": {}}',
    "a finding without code": b'{"version": 1, "subject": "a", "kind": "domain", "findings": [{}]}',
    "deep": b"[" * 100_000,
    "not utf-8": b"\xff\xfe{",
    "nan": b'{"version": NaN}',
    "huge number": b'{"version": ' + b"9" * 5_000 + b"}",
    "a broken recording": b'{"format": "deliverability-snapshot", "version": 1, "answers": 7}',
    "lines of which one is broken": b'{"version": 1, "subject": "a", "kind": "domain", "findings": []}\n{"x',
    "control characters": b'{"version": "\\u001b[31m", "subject": "a", "kind": "domain", "findings": []}',
}


@pytest.mark.parametrize("name", BROKEN)
@pytest.mark.parametrize("lang", ["en", "es"])
def test_what_is_no_report_is_one_line(capsys: pytest.CaptureFixture[str], name: str, lang: str) -> None:
    Path("broken.json").write_bytes(BROKEN[name])
    for arguments in (["broken.json", record("new.json")], ["new.json", "broken.json"]):
        code, out, err = run(capsys, "diff", *arguments, "--lang", lang)
        assert (code, out) == (2, "")
        assert err.count("\n") == 1
        assert "broken.json" in err
        assert not harmful(err)


ENGLISH = re.compile(r"\b(?:the|is|are|give|has|have|with|not|there|cannot|which|write|it)\b")
SENTENCES = ("no report", "another version", "a baseline", "findings are no list", "a finding without code")


@pytest.mark.parametrize("name", SENTENCES)
def test_what_is_no_report_is_told_in_spanish(capsys: pytest.CaptureFixture[str], name: str) -> None:
    Path("broken.json").write_bytes(BROKEN[name])
    err = run(capsys, "diff", "broken.json", record("new.json"), "--lang", "es")[2]

    assert ENGLISH.findall(re.sub(r"`[^`]*`|\"[^\"]*\"", "", err)) == [], err


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("zona.yaml", "a: {type: TXT, value: x}"),
        ("empresa.example.yaml", "a: {type: TXT}"),
        ("empresa.example.yaml", "a: 7"),
        ("empresa.example.yaml", "a: [1"),
        ("empresa.example.yaml", "- 1"),
        ("empresa.example.yaml", "a: {type: A, value: 999.1.1.1}"),
        ("cambio.list", "empresa.example TXT"),
        ("cambio.list", "empresa.example A 999.1.1.1"),
        ("cambio.csv", "TXT,a,b"),
    ],
)
def test_a_wrong_proposal_is_one_line_in_spanish(capsys: pytest.CaptureFixture[str], name: str, text: str) -> None:
    zone(text, name)
    code, out, err = run(capsys, "audit", "--replay", record("today.json"), "--zone", name, "--lang", "es")

    assert (code, out) == (2, "")
    assert err.count("\n") == 1
    told = re.sub(r"`[^`]*`|\"[^\"]*\"|\([^)]*\)", "", err)
    assert ENGLISH.findall(told) == [], err


def test_a_diff_is_not_compared(capsys: pytest.CaptureFixture[str]) -> None:
    run(capsys, "diff", record("old.json"), record("new.json"), "-f", "json", "-o", "diff.json")
    code, _, err = run(capsys, "diff", "diff.json", "new.json")

    assert code == 2
    assert "this is what `diff` wrote" in err


def test_a_recording_of_nobody_knows_what(capsys: pytest.CaptureFixture[str]) -> None:
    Snapshot().save("empty.json")
    code, _, err = run(capsys, "diff", "empty.json", record("new.json"))

    assert code == 2
    assert "diff OLD NEW DOMAIN" in err


# audit --zone over another world


def zone(text: str, name: str = "new.zone") -> str:
    Path(name).write_text(text, "utf-8")
    return name


REMOVED = f'{DOMAIN}. TXT "{SPF.replace(" include:_spf.facturas.example", "")}"\n'


def test_a_zone_over_a_recording_shows_before_and_after(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys, "audit", "--replay", record("today.json"), "--zone", zone(REMOVED))

    assert (code, err) == (1, "")
    assert out.startswith(f"{DOMAIN}: today, and with this zone")
    assert "This change would stop 1 source of mail that is believed today." in out
    assert out.index("EACH SOURCE OF MAIL") < out.index("WHAT WAS CHECKED")


def test_after_only_is_the_audit_of_the_proposal(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "audit", "--replay", record("today.json"), "--zone", zone(REMOVED), "--after-only")

    assert out.startswith(f"{DOMAIN} ──")
    assert "today" not in out.splitlines()[0]
    assert code != 1


def test_offline_there_is_no_before(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = run(capsys, "audit", "--offline", "--zone", zone(REMOVED))

    assert out.startswith(f"{DOMAIN} ──")


def test_quiet_leaves_both_answers(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = run(capsys, "audit", "--replay", record("today.json"), "--zone", zone(REMOVED), "-q")

    assert "would stop 1 source" in out
    assert "EACH SOURCE" not in out


def test_a_recording_of_a_proposal_gives_its_audit_again(capsys: pytest.CaptureFixture[str]) -> None:
    run(capsys, "audit", "--replay", record("today.json"), "--zone", zone(REMOVED), "--record", "after.json", "-q")
    code, out, _ = run(capsys, "diff", "today.json", "after.json")

    assert code == 0
    assert "- include:_spf.facturas.example" in out


def test_the_example_before_and_after(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    for state in ("before", "after"):
        config = f"examples/{state}/deliverability.toml"
        run(
            capsys, "audit", "--offline", "--config", config, "--zone", f"examples/{state}", "--record", f"{state}.json"
        )
    code, out, err = run(capsys, "diff", "before.json", "after.json", "--config", "examples/after/deliverability.toml")

    assert (code, err) == (0, "")
    assert "Score 79 C → 100 A." in out
    assert "lookups in all 11 → 4" in " ".join(out.split())
    assert "DMARC policy in force: none → quarantine" in out
    for code_ in ("SPF004", "SPF014", "SPF024", "MX005", "DMARC007", "DMARC010"):
        assert code_ in out[out.index("FIXED") :]
    document = json.loads(
        run(
            capsys, "diff", "after.json", "before.json", "-f", "json", "--config", "examples/after/deliverability.toml"
        )[1]
    )
    assert document["exit_code"] == 1
    assert "SPF004" in {entry["code"] for entry in document["comparisons"][0]["new"]}


def test_domains_need_not_be_given(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["diff"]) == 2
    assert capsys.readouterr().err.rstrip().endswith("required: OLD, NEW")
