"""The example mails: the good ones have nothing to mend, and each of the ten mistakes is found."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import deliverability as dv
from deliverability.core.facts import Receiving
from deliverability.core.finding import Severity
from deliverability.core.report import Report
from scripts.example_messages import MAILS, main

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"
NOW = datetime(2026, 12, 22, 12, tzinfo=UTC)
RECEIVING = Receiving(boundary_hosts=("mx.cliente.example",))

#: The ten mistakes of the script, and the rules that tell them.
MISTAKES = (
    {"HDR018"},  # 1: nobody can answer
    {"SUBJ002", "SUBJ006", "HDR024"},  # 2: the subject, and no word that a program wrote it
    {"MIME014", "INV005"},  # 3: type and name of the PDF
    {"BODY015"},  # 4: a placeholder
    {"BODY004", "BODY007", "INV007"},  # 5: the payment link
    {"BODY006"},  # 6: a shortened link
    {"BODY019"},  # 7 and 8: another account, and a wrong one
    {"INV003"},  # 9: what the text does not tell
    {"BODY017"},  # 10: nobody signs
    {"DKIM001"},
    {"MIME002"},
)


@cache
def _audit(name: str, state: str) -> Report:
    source: dv.Overlay | dv.ZoneSource | None = None
    for path in sorted((EXAMPLES / state).glob("*.zone")):
        zone = dv.ZoneSource.from_file(path)
        source = zone if source is None else dv.Overlay(zone, source)
    assert source is not None
    return dv.audit_message(
        (EXAMPLES / "messages" / name).read_bytes(),
        source=source,
        receiving=RECEIVING,
        profile=dv.Profile.load(EXAMPLES / state / "deliverability.toml"),
        now=NOW,
    )


def test_the_mails_are_what_the_script_writes() -> None:
    assert main(["--check"]) == 0
    assert {path.name for path in (EXAMPLES / "messages").glob("*.eml")} == set(MAILS)


def test_every_line_ends_with_crlf() -> None:
    for name in MAILS:
        raw = (EXAMPLES / "messages" / name).read_bytes()
        assert raw.count(b"\n") == raw.count(b"\r\n")
        assert max(map(len, raw.split(b"\r\n"))) <= 998


def test_the_good_invoice_has_nothing_to_mend() -> None:
    report = _audit("factura.eml", "after")

    assert {f.code for f in report.findings if f.severity is not Severity.INFO} == set()
    assert not {f.code for f in report.findings if f.code.startswith(("INV", "BODY", "MIME", "HDR"))}


def test_the_reminder_has_nothing_to_mend() -> None:
    report = _audit("recordatorio.eml", "after")

    assert {f.code for f in report.findings if f.severity is not Severity.INFO} == set()
    assert "INV012" not in report.codes()


def test_each_of_the_ten_mistakes_is_found() -> None:
    codes = _audit("factura-con-diez-errores.eml", "before").codes()

    for wanted in MISTAKES:
        assert wanted & codes, wanted


def test_a_wrong_account_and_news_of_another_are_told_apart() -> None:
    """Both are BODY019, and what to do about them is not the same: in every form each stands with its own advice."""
    report = _audit("factura-con-diez-errores.eml", "after")
    told = [finding for finding in report.findings if finding.code == "BODY019"]

    assert len({finding.advice("es") for finding in told}) == len(told) == 2
    for form in ("terminal", "markdown", "html"):
        text = " ".join(report.render(form, lang="es", width=2_000).split())
        assert "la cuenta ha cambiado" in text
        assert "copie de nuevo el número" in text
        assert "por carta o por teléfono" in text
