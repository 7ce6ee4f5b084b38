"""`deliverability subject`: one subject in full, many as a table, files of spreadsheets, wrong use."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from deliverability.cli import main

Capture = pytest.CaptureFixture[str]


def run(capsys: Capture, *arguments: str) -> tuple[int, str, str]:
    code = main(["subject", "--no-config", *arguments])
    out, err = capsys.readouterr()
    return code, out, err


def test_one_subject_is_told_in_full(capsys: Capture) -> None:
    code, out, err = run(capsys, "--lang", "es", "URGENTE!!! Factura pendiente")

    assert (code, err) == (1, "")
    assert "Riesgo alto" in out
    assert "«URGENTE»: mete prisa" in out
    assert "no suman nada" in out
    assert "Factura [número] pendiente – [empresa]" in out
    assert "no es una probabilidad de" in out


def test_english_too(capsys: Capture) -> None:
    code, out, _ = run(capsys, "--lang", "en", "Invoice 42 from Acme Ltd")

    assert code == 0
    assert "Low risk" in out
    assert "Nothing to change." in out
    assert "Words alone rarely decide" in out


def test_what_the_mail_is_about_fills_the_suggestion(capsys: Capture) -> None:
    _, out, _ = run(capsys, "--lang", "es", "FACTURA", "--company", "Ferrer e Hijos", "--number", "2026-0042")

    assert "Factura 2026-0042 de Ferrer e Hijos" in out


def test_filters_are_told_apart_from_the_risk(capsys: Capture) -> None:
    _, out, _ = run(capsys, "--lang", "en", "Re: Factura 12?")

    assert "rspamd 3.4, SUBJECT_ENDS_QUESTION" in out
    assert "rspamd 3.4, FAKE_REPLY" in out
    assert "FAKE_REPLY" not in run(capsys, "--lang", "en", "--reply", "Re: Factura 12?")[1]


def test_several_are_a_table_with_counts(capsys: Capture) -> None:
    code, out, _ = run(capsys, "--lang", "en", "Factura", "Factura", "Viagra gratis!!!")

    assert code == 1
    assert "3 subjects: 2 low, 0 medium, 1 high risk" in out
    assert "The same subject 2 times: Factura" in out


def test_json_is_the_score(capsys: Capture) -> None:
    _, out, _ = run(capsys, "-f", "json", "Factura vencida")
    document = json.loads(out)

    assert document["band"] == "medium"
    assert sum(part["points"] for part in document["contributions"]) == document["logit"]
    assert {"risk", "suggestions", "engine_effects", "language", "lexicon_version"} <= document.keys()
    assert set(json.loads(run(capsys, "-f", "json", "a", "b")[1])) == {"counts", "repeated", "subjects"}


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("id;asunto\n1;Factura vencida\n2;Año nuevo\n", "cp1252"),
        ("id,subject\n1,Factura vencida\n2,Año nuevo\n", "utf-8-sig"),
        ("subject\tid\nFactura vencida\t1\nAño nuevo\t2\n", "utf-8"),
        ("Factura vencida\nAño nuevo\n", "utf-8"),
        ("Factura vencida\n\nAño nuevo", "utf-8"),
    ],
)
def test_files_of_spreadsheets(capsys: Capture, tmp_path: Path, text: str, encoding: str) -> None:
    path = tmp_path / "subjects.csv"
    path.write_bytes(text.encode(encoding))
    _, out, _ = run(capsys, "-f", "csv", "--file", str(path))

    assert [row["subject"] for row in csv.DictReader(io.StringIO(out))] == ["Factura vencida", "Año nuevo"]


def test_own_words_of_the_configuration(capsys: Capture, tmp_path: Path) -> None:
    path = tmp_path / "deliverability.toml"
    path.write_text('[subjects]\nadd = { "quincena dorada" = 2.0 }\nmute = ["casino"]\n', "utf-8")
    assert main(["subject", "--config", str(path), "--lang", "es", "Quincena dorada en el casino"]) in (0, 1)
    out = capsys.readouterr().out

    assert "una palabra de su perfil" in out
    assert "descartada por su perfil" in out


@pytest.mark.parametrize(
    "text",
    [
        "[subjects]\nadd = 3\n",
        '[subjects]\nadd = { a = "b" }\n',
        '[subjects]\nmute = "casino"\n',
        "[subjects]\nadded = []\n",
        "subjects = 1\n",
    ],
)
def test_a_wrong_configuration_is_named(capsys: Capture, tmp_path: Path, text: str) -> None:
    path = tmp_path / "deliverability.toml"
    path.write_text(text, "utf-8")
    assert main(["subject", "--config", str(path), "--lang", "en", "Factura"]) == 2
    err = capsys.readouterr().err

    assert "deliverability.toml, line " in err
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "spanish"),
    [
        ((), "falta el asunto"),
        (("a", "--file", "b"), "no puede ir junto"),
        (("--file", "does-not-exist.csv"), "no se puede leer: no existe"),
        (("a", "--language", "xx"), "se esperaba uno de es, ca"),
        (("a", "-f", "jsonl"), "no es ninguno de terminal, json, csv"),
    ],
)
def test_wrong_use_is_one_line(capsys: Capture, arguments: tuple[str, ...], spanish: str) -> None:
    code, out, err = run(capsys, "--lang", "es", *arguments)

    assert (code, out) == (2, "")
    assert spanish in err
    assert err.count("\n") == 1


def test_an_empty_input_holds_no_subjects(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever pipes the wrong file is told, and is not given the risk of an empty subject."""
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"\n\n")))
    code, out, err = run(capsys, "--lang", "es", "-")

    assert (code, out) == (2, "")
    assert "la entrada estándar no contiene ningún asunto" in err
