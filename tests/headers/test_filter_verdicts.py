"""What filters leave in a message, as one table; which of it the receiver surely wrote; what their symbols mean here."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

import deliverability.headers as package
from deliverability.headers.claims import TrustedPart
from deliverability.headers.fields import parse
from deliverability.headers.symbols import code_of
from deliverability.headers.verdicts import Verdict, Verdicts, read_verdicts
from tests.support.shared import needs_shared, shared

EVERYTHING = TrustedPart(10_000, 10_000)


def verdict_of(line: str) -> Verdict:
    (verdict,) = read_verdicts(parse(f"{line}\r\n\r\n".encode()), EVERYTHING).verdicts
    return verdict


@pytest.mark.parametrize(
    ("line", "system", "spam", "score", "threshold"),
    [
        ("X-Spam-Status: Yes, score=7.2 required=5.0 tests=A1X,B2X=1.2", "spamassassin", True, 7.2, 5.0),
        ("X-Spam-Status: No, hits=-2.0 required=6.9 tests=QUOTED version=2.50", "spamassassin", False, -2.0, 6.9),
        (
            "X-Spam-Status: No, score=-1.9 tagged_above=-999 required=6.31 tests=[BAYES_00=-1.9]",
            "spamassassin",
            False,
            -1.9,
            6.31,
        ),
        ("X-Spam-Flag: YES", "spamassassin", True, None, None),
        ("X-Spam-Score: 3.4 (+++)", "spamassassin", None, 3.4, None),
        ("X-Spam-Level: ****", "spamassassin", None, 4.0, None),
        ("X-Spamd-Result: default: False [1.20 / 15.00]; R_SPF_FAIL(1.00)[-all]", "rspamd", False, 1.2, 15.0),
        ("X-Spamd-Result: default: True [17.10 / 15.00]; ZERO_FONT(2.00)[1]", "rspamd", True, 17.1, 15.0),
        ("X-Rspamd-Score: 3.4 / 15.0", "rspamd", None, 3.4, 15.0),
        ("X-Rspamd-Action: add header", "rspamd", True, None, None),
        ("X-Forefront-Antispam-Report: CIP:192.0.2.1;SCL:1;SFV:NSPM;CAT:NONE;DIR:INB;", "microsoft", False, 1.0, 5.0),
        ("X-Forefront-Antispam-Report: CIP:192.0.2.1;SCL:9;SFV:SPM;CAT:HPHSH;", "microsoft", True, 9.0, 5.0),
        ("X-Forefront-Antispam-Report: CIP:192.0.2.1;SCL:-1;SFV:SKN;CAT:NONE;", "microsoft", False, -1.0, 5.0),
        ("X-Microsoft-Antispam: BCL:8;ARA:13230040|8096899003;", "microsoft", True, 8.0, 7.0),
        ("X-MS-Exchange-Organization-SCL: 6", "microsoft", True, 6.0, 5.0),
        ("X-Proofpoint-Spam-Details: rule=notspam policy=default score=0 spamscore=0", "proofpoint", False, 0.0, None),
        ("X-Proofpoint-Spam-Details: rule=spam policy=default score=100", "proofpoint", True, 100.0, None),
        (
            "X-Barracuda-Spam-Status: No, SCORE=0.50 using global scores of TAG_LEVEL=3.5 tests=HTML_MESSAGE",
            "barracuda",
            False,
            0.5,
            3.5,
        ),
        ("X-Gm-Spam: 1", "gmail", True, 1.0, None),
        ("X-VR-SPAMSTATE: OK", "ovh", False, None, None),
    ],
)
def test_forms(line: str, system: str, spam: bool | None, score: float | None, threshold: float | None) -> None:
    read = verdict_of(line)

    assert (read.system, read.spam, read.score, read.threshold) == (system, spam, score, threshold)


def test_symbols_with_their_points_and_our_codes() -> None:
    read = verdict_of(
        "X-Spam-Status: Yes, score=7.2 required=5.0 tests=HELO_LOCALHOST=3.8,\r\n\tRDNS_NONE=0.8,HTML_IMAGE_ONLY_08,MY_OWN=0.1"
        "\r\n\tautolearn=no autolearn_force=no version=4.0.0"
    )

    assert [tuple(symbol) for symbol in read.symbols] == [
        ("HELO_LOCALHOST", 3.8, "DNS005"),
        ("RDNS_NONE", 0.8, "DNS001"),
        ("HTML_IMAGE_ONLY_08", None, "BODY002"),
        ("MY_OWN", 0.1, ""),
    ]


def test_symbols_of_rspamd_with_options_that_hold_anything() -> None:
    read = verdict_of(
        "X-Spamd-Result: default: False [9.1 / 15.0]; HFILTER_HELO_5(3.00)[a(1);b]; R_SPF_FAIL(1.00)[-all:c]; ARC_NA(0.00)[]"
    )

    assert [(s.name, s.score, s.meaning_code) for s in read.symbols] == [
        ("HFILTER_HELO_5", 3.0, "DNS003"),
        ("R_SPF_FAIL", 1.0, "SPF024"),
        ("ARC_NA", 0.0, ""),
    ]


def test_the_report_of_microsoft_keeps_its_pairs() -> None:
    read = verdict_of(
        "X-Forefront-Antispam-Report: CIP:203.0.113.5;CTRY:ES;SCL:5;SFV:SPM;PTR:mail.empresa.example;CAT:SPOOF;"
    )

    assert (read.get("CIP"), read.get("CTRY"), read.get("PTR")) == ("203.0.113.5", "ES", "mail.empresa.example")
    assert [(s.name, s.meaning_code) for s in read.symbols] == [("SFV:SPM", ""), ("CAT:SPOOF", "DMARC031")]


@pytest.mark.parametrize(
    "line",
    [
        "X-Spam-Status: ",
        "X-Spam-Status: maybe",
        "X-Spam-Score: many",
        "X-Spam-Level: ",
        "X-Spamd-Result: [",
        "X-Forefront-Antispam-Report: hello",
        "X-Microsoft-Antispam: BCL:x;",
        "X-MS-Exchange-Organization-SCL: ٣",
        "X-Spam-Score: 99999999999999999999999",
    ],
)
def test_what_is_no_verdict_is_left_out_or_bounded(line: str) -> None:
    for verdict in read_verdicts(parse(f"{line}\r\n\r\n".encode()), EVERYTHING).verdicts:
        assert verdict.score is None or abs(verdict.score) < 1_000_000


DATE = "; Sun, 22 Nov 2026 10:00:00 +0100\r\n"
SPAM = "X-Spam-Status: Yes, score=9 required=5 tests=A1X\r\n"


def _trusted(section: str, own: int, shared_to: int, by: str | None = "mx.cliente.example") -> bool:
    read: Verdicts = read_verdicts(parse(f"{section}\r\n".encode()), TrustedPart(own, shared_to, by))
    return bool(read.trusted)


def test_only_what_the_receiver_surely_wrote_is_trusted() -> None:
    assert _trusted(SPAM, own=10, shared_to=10)
    assert not _trusted(SPAM, own=0, shared_to=0)
    assert not _trusted(SPAM, own=0, shared_to=100), "it may have come with the message"
    checker = "X-Spam-Checker-Version: SpamAssassin 4.0.0 (2022-12-13) on {}\r\n"
    assert _trusted(SPAM + checker.format("mx.cliente.example"), own=0, shared_to=200)
    assert not _trusted(SPAM + checker.format("mx.otro.example"), own=0, shared_to=200)
    assert not _trusted(checker.format("mx.cliente.example") + SPAM, own=0, shared_to=0)


def test_microsoft_takes_the_fields_of_others_away() -> None:
    line = "X-Forefront-Antispam-Report: SCL:5;SFV:SPM;CAT:SPM;\r\n"

    assert _trusted(line, own=0, shared_to=0, by="DB5EUR01FT012.mail.protection.outlook.com")
    assert not _trusted(line, own=0, shared_to=0, by="mx.cliente.example")


def test_every_symbol_means_a_check_that_exists() -> None:
    table = tomllib.loads((Path(package.__file__).parent / "symbols.toml").read_text("utf-8"))

    assert {"spamassassin", "rspamd", "microsoft"} == set(table)
    assert code_of("spamassassin", "DATE_IN_FUTURE_03_06") == "HDR010"
    assert code_of("spamassassin", "URIBL_DBL_ABUSE_SPAM") == "BL006", "the longest beginning counts"
    assert code_of("spamassassin", "HTML_MESSAGE") == ""
    assert code_of("nobody", "X") == ""


@needs_shared("rules.md")
def test_the_codes_of_symbols_are_in_the_inventory() -> None:
    table = tomllib.loads((Path(package.__file__).parent / "symbols.toml").read_text("utf-8"))
    inventory = shared("rules.md").read_text("utf-8")

    for system, rows in table.items():
        for symbol, code in rows.items():
            assert not code or f"| {code} |" in inventory, f"{system} {symbol}"
