"""DKIM verification beside dkimpy, on some thousands of messages that were signed and then changed in one or two ways.

Both have to say the same, except in the classes of `KNOWN`: each names what dkimpy does, the section that decides, and
is checked to occur, so that a class that dkimpy mends is noticed.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from typing import NamedTuple

import dkim as dkimpy
import pytest

from deliverability.dkim import DkimReason, DkimResult, Verifier
from deliverability.sources.table import TableSource
from tests.support.signing import key_record, sign

DOMAIN = "empresa.example"
ROUNDS = 6_000
NOW = datetime.now(UTC)  # dkimpy looks at the clock

MESSAGES = (
    b"From: Facturas <facturas@empresa.example>\r\nTo: a@cliente.example\r\nSubject: Factura  42\r\n\tde noviembre\r\n"
    b"Date: Sun, 22 Nov 2026 11:00:00 +0000\r\n\r\nAdjuntamos la  factura.\t\r\n\r\n \r\nUn saludo \r\n\r\n",
    b"Received: from a\r\n\tby b\r\nReceived: from c by d\r\nFROM: x@empresa.example\r\nTo:\r\nTo: b@c.example\r\n\r\n",
    b"From: x@empresa.example\r\nX-Empty:\r\nContent-Type: text/plain\r\n\r\n"
    + b"linea de texto con blancos   \r\n" * 30,
    "From: Facturación <x@empresa.example>\r\nSubject: señal\r\n\r\nCañón\r\n.\r\n".encode(),
)
CANONICALIZATIONS = ("simple/simple", "simple/relaxed", "relaxed/simple", "relaxed/relaxed", "relaxed", "simple")
TAGS: tuple[dict[str, str | int], ...] = (
    {"i": "@empresa.example"}, {"i": "a@mail.empresa.example"}, {"i": "@otra.example"}, {"l": 3}, {"l": 100_000},
    {"v": "2"}, {"q": "dns/txt"}, {"q": "dns"}, {"t": 1_700_000_000}, {"t": "x"}, {"x": 1_700_000_000},
    {"x": 99_999_999_999}, {"t": 20, "x": 10}, {"c": "nowsp"}, {"a": "rsa-sha512"}, {"h": "to:subject"}, {"h": "from::to"},
    {"h": "FROM:Subject"}, {"bh": "AAAA"}, {"bh": "***"}, {"d": "example"}, {"d": "empresa.example."}, {"s": ""},
    {"z": "From:a=40b"}, {"xx": "unknown"}, {"l": "-1"}, {"d": "EMPRESA.example"}, {"a": "RSA-SHA256"}, {"t": 9_999_999_999},
)  # fmt: skip
KEY_TAGS = ("h=sha1", "h=sha256", "t=s", "t=y", "s=tlsrpt", "s=email", "g=*", "n=note", "zz=1")
RECORDS: tuple[Callable[[str], str], ...] = (
    lambda record: record.replace("v=DKIM1; ", ""),
    lambda record: record.replace("v=DKIM1; ", "") + "; v=DKIM1",
    lambda record: record.replace("DKIM1", "DKIM2"),
    lambda record: record[:-20],
    lambda record: record.partition("p=")[0] + "p=",
    lambda record: record + ";",
    lambda record: record.replace("p=", "p= "),
    lambda record: "",
)


class Sample(NamedTuple):
    """A message, the key record, and what was done to it."""

    raw: bytes
    record: str
    done: tuple[str, ...]


def _changes(dice: random.Random, raw: bytes) -> tuple[str, bytes]:  # noqa: PLR0912 - a table of changes
    """One change of the signed message."""
    at = dice.randrange(len(raw))
    field = raw.find(b"\r\nFrom") + 2 if dice.random() < 0.5 else 0
    match dice.randrange(14):
        case 0:
            return "octet", raw[:at] + bytes([dice.randrange(256)]) + raw[at + 1 :]
        case 1:
            return "blank", raw[:at] + dice.choice((b" ", b"\t", b"  ")) + raw[at:]
        case 2:
            return "cut", raw[:at]
        case 3:
            return "end", raw + dice.choice((b"\r\n", b" ", b"mas\r\n", b"\r\n\r\n\r\n", b"\n"))
        case 4:
            return "lf", raw.replace(b"\r\n", b"\n")
        case 5:
            return "one-lf", raw[:at] + raw[at:].replace(b"\r\n", b"\n", 1)
        case 6:
            return "blanks", raw.replace(b" ", b"  ")
        case 7:
            return "header", raw[:field] + dice.choice((b"X: y\r\n", b"Subject: otro\r\n", b"To: z\r\n")) + raw[field:]
        case 8:
            return "fold", raw.replace(b" la ", b"\r\n la ", 1)
        case 9:
            return "case", raw.replace(b"Subject:", b"SUBJECT:").replace(b"From:", b"from:")
        case 10:
            return "colon", raw.replace(b"To:", b"To  : ")
        case 11:
            return "octets", raw[:at] + dice.choice((b"\0", b"\x0b", b"\x0c", b"\r", b"\xa0", b"\x85")) + raw[at:]
        case 12:
            return "b-blanks", raw.replace(b"b=", b"b= \r\n\t", 2)
        case _:
            head, separator, body = raw.partition(b"\r\n\r\n")
            return "trailing", head + separator + body.replace(b"\r\n", b" \r\n")


def sample(seed: int) -> Sample:
    """The message of a number."""
    dice = random.Random(seed)
    done: list[str] = []
    key = dice.choice(("rsa1024", "ed25519", "ed25519"))
    tags: dict[str, str | int] = {}
    record = key_record(key)
    c = dice.choice(CANONICALIZATIONS)
    if dice.random() < 0.3:
        tags = dice.choice(TAGS)
        done.append(f"tags {tags}")
    if dice.random() < 0.15:
        added = dice.choice(KEY_TAGS)
        record = key_record(key, added)
        if added == "t=s":
            tags = {"i": "a@mail.empresa.example"}
        done.append(f"key {added}")
    elif dice.random() < 0.15:
        number = dice.randrange(len(RECORDS))
        record = RECORDS[number](record)
        done.append(f"record {number}")
    length = dice.choice((None, None, None, None, 0, 5))
    raw = sign(dice.choice(MESSAGES), domain=DOMAIN, key=key, c=c, length=length, tags=tags, fold=dice.random() < 0.7)
    for _ in range(dice.choice((0, 1, 1, 2))):
        name, raw = _changes(dice, raw)
        done.append(name)
    return Sample(raw, record, tuple(done))


def ours(one: Sample, verifier: Verifier) -> DkimResult | None:
    answers = {f"s1._domainkey.{DOMAIN}/TXT": [one.record]}
    results = verifier.verify(one.raw, now=NOW, source=TableSource(answers))
    return results[0] if results else None


def theirs(one: Sample) -> bool:
    """dkimpy's verdict; its crash is none."""
    asked = one.record.encode()

    def lookup(name: bytes, *_: object, **__: object) -> bytes | None:
        return asked if name.lower().rstrip(b".") == b"s1._domainkey.empresa.example" else None

    try:
        return bool(dkimpy.verify(one.raw, dnsfunc=lookup))
    except Exception:  # noqa: BLE001 - a crash of another project's code on a broken message
        return False


# --- the differences ------------------------------------------------------------------------------------------------


class Known(NamedTuple):
    """A class of differences: what dkimpy says there, the section that decides, and whether it covers a sample."""

    name: str
    section: str
    theirs: bool
    covers: Callable[[Sample, DkimResult], bool]


def _reason(*reasons: DkimReason) -> Callable[[Sample, DkimResult], bool]:
    return lambda _, result: result.reason in reasons


def _head(one: Sample) -> bytes:
    return re.split(rb"\r?\n\r?\n", one.raw)[0]


KNOWN = (
    Known("the key's h= is not looked at", "RFC 6376 §6.1.2 step 6", True, _reason(DkimReason.KEY_HASH)),
    Known("the key's t=s is not looked at", "RFC 6376 §3.6.1", True, _reason(DkimReason.KEY_STRICT)),
    Known("v= of the key may stand last", "RFC 6376 §3.6.1", True, lambda one, _: one.record.endswith("; v=DKIM1")),
    Known("From need not be signed", "RFC 6376 §6.1.1", True, _reason(DkimReason.FROM_NOT_SIGNED)),
    Known("d= may end with a dot", "RFC 6376 §3.5, d=", True, _reason(DkimReason.DOMAIN)),
    Known("l= may be larger than the body", "RFC 6376 §3.5, l=", True, _reason(DkimReason.BODY_TOO_SHORT)),
    Known(
        "vertical tab, form feed and bare CR are white space",
        "RFC 6376 §2.8, §3.4.2",
        True,
        lambda one, _: re.search(rb"[\x0b\x0c]|\r(?!\n)", one.raw) is not None,
    ),
    Known(
        "a blank before the colon ends everything",
        "RFC 5322 §4.5",
        False,
        lambda one, _: re.search(rb"(?m)^[!-9;-~]+[ \t]+:", _head(one)) is not None,
    ),
    Known(
        "a line that is no field ends everything",
        "RFC 5322 §2.2",
        False,
        lambda one, _: re.search(rb"(?m)^(?![ \t])[^:\n]*$", _head(one)) is not None,
    ),
    Known(
        "a= is case-sensitive",
        "RFC 5234 §2.3",
        False,
        lambda _, result: any(tag.name == "a" and tag.value != tag.value.lower() for tag in result.signature.tags),
    ),
    Known(
        "blanks at the end of a last line without line end stay",
        "RFC 6376 §3.4.4",
        False,
        lambda one, _: one.raw.endswith((b" ", b"\t")),
    ),
)


@pytest.fixture(scope="module")
def differences() -> list[tuple[int, Sample, DkimResult | None, bool]]:
    verifier = Verifier()
    found = []
    for seed in range(ROUNDS):
        one = sample(seed)
        mine, other = ours(one, verifier), theirs(one)
        if (mine is not None and mine.passed) is not other:
            found.append((seed, one, mine, other))
    return found


def _class_of(one: Sample, mine: DkimResult | None, other: bool) -> str | None:
    if mine is None:
        return None
    return next((known.name for known in KNOWN if known.theirs is other and known.covers(one, mine)), None)


def test_every_difference_is_known(differences: list[tuple[int, Sample, DkimResult | None, bool]]) -> None:
    unknown = [(seed, one.done) for seed, one, mine, other in differences if _class_of(one, mine, other) is None]

    assert unknown == []


def test_every_class_occurs(differences: list[tuple[int, Sample, DkimResult | None, bool]]) -> None:
    seen = Counter(_class_of(one, mine, other) for _, one, mine, other in differences)

    assert {known.name for known in KNOWN} <= set(seen)
    # They agree on nearly everything else.
    assert sum(seen.values()) < ROUNDS // 10


def test_many_samples_pass_and_many_do_not() -> None:
    verifier = Verifier()
    results = Counter(result.result if (result := ours(sample(seed), verifier)) else "none" for seed in range(500))

    assert results["pass"] > 150
    assert set(results) >= {"pass", "fail", "permerror", "neutral", "policy"}
