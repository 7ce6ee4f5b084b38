"""The mirror of the filters' subject rules against the filters themselves: SpamAssassin and rspamd on loopback.

Both run with the rules of their Debian packages and without network, Bayes or memory. A mail that sets off nothing is
sent with one subject after the other; the difference is what the subject adds, rule by rule.
"""

from __future__ import annotations

import base64
import csv
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from deliverability.headers.writing import encode_words
from deliverability.subjects import score
from deliverability.subjects.engines import Field, effects, versions
from tests.support.spam_engines import Rspamd, SpamAssassin, find, rspamd, spamassassin

pytestmark = pytest.mark.wire

TOLERANCE = 0.05
SUBJECTS = Path(__file__).resolve().parents[1] / "subjects"
MAIL = """Received: from mail.ferrer.example (mail.ferrer.example [192.0.2.10]) by mx.cliente.example with ESMTPS id 1
\tfor <marta@cliente.example>; Sun, 22 Nov 2026 10:00:01 +0100
From: Ferrer e Hijos <facturas@ferrer.example>
To: Marta Sanz <marta@cliente.example>
{headers}Date: Sun, 22 Nov 2026 10:00:00 +0100
Message-ID: <20261122100000.1234@ferrer.example>
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: quoted-printable

Estimada Marta:

Le enviamos la factura de los trabajos realizados en noviembre. El vencimien=
to es el 22 de diciembre y el pago se har=C3=A1 por domiciliaci=C3=B3n, como=
 es habitual. Si tiene cualquier duda, responda a este correo o ll=C3=A1meno=
s.

Reciba un cordial saludo,
Ferrer e Hijos, S.L.
"""
NEUTRAL = "Factura 2026-0042 de Ferrer e Hijos"
#: Symbols that say nothing of the subject: what a module could not ask, and what SpamAssassin makes of several rules.
_ASIDE = (
    "_FAIL",
    "LOTS_OF_MONEY",
    "MONEY_",
    "R_MIXED_CHARSET",  # judges a language that rspamd guesses from body and subject together: not the same every run
    "SUBJECT_HAS_EXCLAIM",
    "SUBJECT_ENDS_EXCLAIM",
    "SUBJECT_HAS_QUESTION",
    "FUZZY_",
)


class Both(NamedTuple):
    spamassassin: SpamAssassin
    rspamd: Rspamd
    neutral: tuple[dict[str, float], dict[str, float]]


def mail(headers: str) -> bytes:
    return MAIL.format(headers=headers).replace("\n", "\r\n").encode("utf-8", "surrogateescape")


@pytest.fixture(scope="module")
def both() -> Iterator[Both]:
    missing = [name for name in ("spamd", "rspamd") if find(name) is None]
    if missing:
        pytest.skip(f"not installed: {', '.join(missing)} (packages spamd and rspamd)")
    folder = Path(tempfile.mkdtemp(prefix="engines-"))
    try:
        with spamassassin(folder / "spamassassin") as one, rspamd(folder / "rspamd") as other:
            plain = mail(f"Subject: {NEUTRAL}\n")
            yield Both(one, other, (one.rules(plain), other.rules(plain)))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def added(both: Both, headers: str) -> dict[tuple[str, str], float]:
    """What the headers add, by engine and rule, but for rules worth nothing."""
    octets = mail(headers)
    out: dict[tuple[str, str], float] = {}
    answers = (both.spamassassin.rules(octets), both.rspamd.rules(octets))
    for engine, rules, neutral in zip(("SpamAssassin", "rspamd"), answers, both.neutral, strict=True):
        for rule, points in rules.items():
            if (
                rule not in neutral
                and abs(points) >= TOLERANCE
                and not rule.startswith(_ASIDE)
                and not rule.endswith("_FAIL")
            ):
                out[engine, rule] = points
    return out


def told(subject: str, field: Field | None = None) -> dict[tuple[str, str], float]:
    found = effects(subject, field) if field else score(subject, suggestions=False).engine_effects
    return {(effect.engine, effect.rule): effect.points for effect in found}


def same(real: dict[tuple[str, str], float], ours: dict[tuple[str, str], float]) -> bool:
    return real.keys() == ours.keys() and all(abs(real[rule] - ours[rule]) <= TOLERANCE for rule in real)


#: One for each row of the table of measurements, and their neighbours that set nothing off.
ROWS = [
    NEUTRAL,
    "FACTURA DE NOVIEMBRE",
    "FACTURA 2026-0042 DE FERRER E HIJOS",
    "FACTURA 2026-0042 FERRER E HIJOS SL MES DE NOVIEMBRE",
    "FACTURA Nº 2026 ESPAÑA",
    "Fwd: FACTURA VENCIDA HOY",
    "FACTURA",
    "¿Recibió la factura 2026-0042?",
    "Factura?! hoy",
    "¡Oferta!",
    "¡Hola! ¿Qué tal?",
    "Oferta!!!",
    "Factura 121,00 €",
    "$123 de descuento",
    "Factura de $123",
    "Factura 12   ",
    "Re: Factura 12",
    "RE: factura",
    "Fwd: Factura 12",
    "RV: Factura 12",
    "F a c t u r a pendiente",
    "G-R-A-T-I-S para todos",
    "Factura en www.ferrer.com",
    "Factura en https://ferrer.com/x",
    "https://ferrer.com/x",
    "Factura en ferrer.com",
    "Factura en www.ferrer.example",
    "Factura " * 24 + "de Ferrer e Hijos",
    "Factura " * 60 + "de Ferrer e Hijos",
    "ATTENTION please",
    "Attention please",
    "Your Family",
    "Urgent reply",
    "urgent response needed",
    "Urgent business",
    "Urgent assistance",
    "Urgent attention needed",
    "Urgente: factura pendiente",
    "gratis, oferta, último aviso",
    "get out of debt",
    "Remove debt",
    "lose weight fast",
    "weight loss",
    "Dear Friend",
    "Dear Sir",
    "unclaimed funds",
    "online pharmacy",
    "viagra barata",
    "cialis barato",
    "levitra barata",
    "xanax now",
    "v1agra barata",
    "Buy now",
    "As seen on TV",
    "adv: hello",
    "USD 5,000,000",
    "𝐅𝐚𝐜𝐭𝐮𝐫𝐚 pendiente",
    "Facturα pendiente",
    "gra\u200btis",
    "F4ctur4 pendiente",
    "🎉 Oferta",
    "🎉🎉🎉 Oferta",
    "Fattura n. 12 di Società",
    "Rechnung über Überweisung",
]


@pytest.mark.parametrize("subject", ROWS, ids=range(len(ROWS)))
def test_a_row_of_the_measurements(both: Both, subject: str) -> None:
    real = added(both, f"Subject: {encode_words(subject)}\n")

    assert same(real, told(subject)), (subject, real, told(subject))


def _word(text: str, kind: str) -> str:
    return (
        f"=?utf-8?B?{base64.b64encode(text.encode()).decode()}?="
        if kind == "B"
        else f"=?utf-8?Q?{text.replace(' ', '_')}?="
    )


FIELDS = [
    (f"Subject: {_word('Factura 2026 de Ferrer', 'B')}\n", "Factura 2026 de Ferrer", Field(base64=True)),
    (f"Subject: {_word('Factura 2026 de Ferrer', 'Q')}\n", "Factura 2026 de Ferrer", Field(quoted=True)),
    ("Subject: Factura del año\n", "Factura del año", Field(raw_8bit=True)),
    ("Subject: Factura del a\udcf1o\n", "Factura del año", Field(raw_8bit=True)),
    ("", "", Field(fields=0)),
    ("Subject: \n", "", Field()),
    ("Subject: Factura\nSubject: Factura\n", "Factura", Field(fields=2)),
    (
        "Subject: marta@cliente.example factura\n",
        "marta@cliente.example factura",
        Field(recipient="marta@cliente.example"),
    ),
    (
        "Subject: Re: Factura\nIn-Reply-To: <a@cliente.example>\nReferences: <a@cliente.example>\n",
        "Re: Factura",
        Field(thread=True),
    ),
]


@pytest.mark.parametrize(("headers", "subject", "field"), FIELDS, ids=range(len(FIELDS)))
def test_how_the_field_is_written(both: Both, headers: str, subject: str, field: Field) -> None:
    real = {rule: points for rule, points in added(both, headers).items() if points > 0}

    assert same(real, told(subject, field)), (real, told(subject, field))


def test_the_subjects_of_the_tests(both: Both) -> None:
    """Ordinary and risky subjects in nine languages: the same rules, the same points."""
    wrong = []
    for name in ("legitimate", "risky"):
        with (SUBJECTS / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            for row in list(csv.DictReader(file))[::4]:
                real = added(both, f"Subject: {encode_words(row['subject'])}\n")
                if not same(real, told(row["subject"])):
                    wrong.append((row["subject"], real, told(row["subject"])))

    assert wrong == []


def test_no_suggestion_sets_off_a_rule(both: Both) -> None:
    for subject in ("URGENTE!!! FACTURA PENDIENTE 121,00 €", "¿Factura?", "Re: INVOICE OVERDUE!!"):
        for suggestion in score(subject, company="Ferrer e Hijos", number="2026-0042").suggestions:
            assert added(both, f"Subject: {encode_words(suggestion.text)}\n") == {}


def test_versions_are_named() -> None:
    assert versions().keys() == {"SpamAssassin", "rspamd"}
