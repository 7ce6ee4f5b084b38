"""The receiver's verdicts in the reader's words, in both languages."""

from __future__ import annotations

import pytest

from deliverability.core.finding import Finding, Passed
from deliverability.headers.claims import TrustedPart
from deliverability.headers.fields import parse
from deliverability.headers.rules.verdicts import FILTER_SAYS
from deliverability.headers.verdicts import Verdicts, read_verdicts


def outcome(line: str) -> Finding | Passed:
    verdicts = read_verdicts(parse(f"{line}\r\n\r\n".encode()), TrustedPart(9_999, 9_999))
    (judged,) = FILTER_SAYS.run({Verdicts: verdicts})
    assert isinstance(judged, (Finding, Passed))
    return judged


@pytest.mark.parametrize(
    ("line", "en", "es"),
    [
        (
            "X-Spam-Status: Yes, score=7.2 required=5.0 tests=RDNS_NONE=0.8,HELO_LOCALHOST=3.8",
            "SpamAssassin at the receiver: spam, 7.2 of 5 points",
            "SpamAssassin en el receptor: spam, 7,2 de 5 puntos",
        ),
        (
            "X-Forefront-Antispam-Report: SCL:5;SFV:SPM;CAT:SPOOF;",
            "Microsoft at the receiver: spam (SCL 5)",
            "Microsoft en el receptor: spam (SCL 5)",
        ),
        (
            "X-Rspamd-Action: add header",
            "rspamd at the receiver: spam",
            "rspamd en el receptor: spam",
        ),
    ],
)
def test_titles(line: str, en: str, es: str) -> None:
    finding = outcome(line)

    assert isinstance(finding, Finding)
    assert (finding.text("en"), finding.text("es")) == (en, es)


def test_the_symbols_with_most_points_come_first_and_name_our_checks() -> None:
    finding = outcome(
        "X-Spam-Status: Yes, score=7.2 required=5.0 tests=RDNS_NONE=0.8,HELO_LOCALHOST=3.8,DKIM_VALID=-0.1"
    )

    assert isinstance(finding, Finding)
    assert finding.args["codes"] == ("DNS005", "DNS001")
    assert "HELO_LOCALHOST 3.8, RDNS_NONE 0.8" in finding.why("en")
    assert "DKIM_VALID" not in finding.why("en")


def test_what_microsoft_means_is_said_in_words() -> None:
    finding = outcome("X-Forefront-Antispam-Report: SCL:5;SFV:SPM;CAT:SPOOF;")

    assert isinstance(finding, Finding)
    assert "marcado como spam, tomado por suplantación del remitente" in finding.why("es")
    assert finding.args["codes"] == ("DMARC031",)


def test_a_pass_shows_its_points() -> None:
    passed = outcome("X-Spamd-Result: default: False [1.20 / 15.00]; ARC_NA(0.00)[]")

    assert isinstance(passed, Passed)
    assert passed.note.es == "no es spam, 1,2 de 15 puntos"
