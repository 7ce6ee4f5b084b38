"""Our reading of DMARC records against checkdmarc's, on generated records that look real, without any DNS.

Where both call a record usable and agree on policies, alignment and addresses, nothing more is asked. Every other record
has to belong to a class of dmarc_checkdmarc.toml, which says who is right and why; a class that no longer occurs goes.
"""

from __future__ import annotations

import random
import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import checkdmarc.dmarc as theirs
import pytest

from deliverability.dmarc import DmarcProblemKind, DmarcRecord, parse

K = DmarcProblemKind
CLASSES = tomllib.loads(Path(__file__).with_name("dmarc_checkdmarc.toml").read_text("utf-8"))["class"]
RECORDS = 4000
SEED = 9989

_ADDRESSES = ("dmarc@empresa.example", "Informes@Empresa.example", "re+d@informes.test", "x@sub.empresa.example")
_VERSIONS = ("v=DMARC1",) * 30 + (
    "v=dmarc1",
    "v = DMARC1",
    "V=DMARC1",
    " v=DMARC1",
    "v=DMARC2",
    "DMARC1",
    "v=DMARC1 p=none",
)
_POLICIES = ("none",) * 6 + ("quarantine", "reject") * 3 + ("Reject", "NONE", "rejct", "", "block")
_SEPARATORS = ("; ",) * 8 + (";",) * 4 + (" ; ", ";; ", " ")


def _uris(rng: random.Random) -> str:
    prefix = rng.choice(("mailto:",) * 12 + ("", "MAILTO:", "mailto: ", "https://"))
    suffix = rng.choice(("",) * 12 + ("!10m", ",", "?subject=a=b", "!x"))
    chosen = rng.sample(_ADDRESSES, rng.choice((1, 1, 1, 2, 3)))
    return rng.choice((",",) * 8 + (", ", " ")).join(prefix + address for address in chosen) + suffix


def _record(rng: random.Random) -> str:
    tags = [("p", rng.choice(_POLICIES))] if rng.random() < 0.95 else []
    choices: dict[str, tuple[str, ...]] = {
        "sp": _POLICIES,
        "np": _POLICIES,
        "adkim": ("r", "s", "S", "relaxed"),
        "aspf": ("r", "s", "x", ""),
        "fo": ("0", "1", "1:d:s", "d:s", "0:1", "z", "1,d"),
        "pct": ("100", "50", "0", "1000", "x"),
        "ri": ("86400", "3600"),
        "rf": ("afrf", "iodef"),
        "t": ("y", "n", "x"),
        "psd": ("u", "n", "y", "q"),
        "rau": ("mailto:dmarc@empresa.example",),
        "policy": ("reject",),
    }
    for name, values in choices.items():
        if rng.random() < (0.3 if name in ("sp", "adkim", "aspf", "pct", "fo") else 0.06):
            tags.append((name, rng.choice(values)))
    for name, chance in (("rua", 0.75), ("ruf", 0.35)):
        if rng.random() < chance:
            tags.append((name, _uris(rng)))
    if rng.random() < 0.3:
        rng.shuffle(tags)
    if tags and rng.random() < 0.03:
        tags.append(rng.choice(tags))
    joined = [rng.choice(_VERSIONS)]
    equals = "=" if rng.random() < 0.95 else rng.choice((" = ", ":"))
    for name, value in tags:
        word = name.upper() if rng.random() < 0.01 else name
        joined.append(rng.choice(_SEPARATORS) + word + equals + value)
    return "".join(joined) + rng.choice(("",) * 9 + (";",) * 9 + ("; ", '"'))


def _records() -> Iterator[str]:
    rng = random.Random(SEED)
    for _ in range(RECORDS):
        yield _record(rng)


def _ours(record: DmarcRecord) -> dict[str, Any]:
    reading = record.reading("9989")
    if not reading.usable:
        return {"usable": False}
    return {
        "usable": True,
        "policies": (reading.p, reading.sp, reading.np),
        "letters": (record.adkim, record.aspf, record.t, record.psd),
        "addresses": [uri.address.lower() for uri in (*record.valid_rua, *record.valid_ruf)],
    }


def _theirs(text: str) -> dict[str, Any]:
    if not theirs._is_dmarc_record(text):  # what its query step requires of a record
        return {"usable": False}
    try:
        tags = theirs.parse_dmarc_record(text, "empresa.example")["tags"]
    except theirs.DMARCError as error:
        return {"usable": False, "error": str(error)}
    uris = [uri for name in ("rua", "ruf") if name in tags for uri in tags[name]["value"]]
    return {
        "usable": True,
        "policies": tuple(tags[name]["value"] for name in ("p", "sp", "np")),
        "letters": tuple(tags[name]["value"] for name in ("adkim", "aspf", "t", "psd")),
        "addresses": [uri["address"].lower() for uri in uris if uri["scheme"] == "mailto"],
    }


def _classify(record: DmarcRecord, ours: dict[str, Any], other: dict[str, Any]) -> str | None:
    """The class of a difference, by what checkdmarc says or by what is wrong in the record; None where both agree."""
    error = other.pop("error", "")
    if ours == other:
        return None
    kinds = {problem.kind for problem in record.problems}
    ladder: list[tuple[str, bool]] = [
        ("duplicate-tag", error.startswith("Duplicate")),
        ("bad-policy", error.startswith(("Tag p ", "Tag sp ", "Tag np "))),
        ("bad-option", error.startswith(("Tag t ", "Tag psd ")) or "option for the DMARC fo" in error),
        ("bad-address", "not a valid DMARC report URI" in error),
        ("empty-tag", error.startswith("Error: Expected") and K.EMPTY_TAG in kinds),
        ("colon-for-equals", error.startswith("Error: Expected") and K.COLON in kinds),
        ("empty-value", error.startswith("Error: Expected") and bool(re.search(r'=\s*"?(;|$)', record.text))),
        ("tag-in-capitals", not error and K.TAG_CASE in kinds),
        ("record-in-quotes", not error and K.QUOTES in kinds),
        ("spaces-in-addresses", not error and K.URI_SPACE in kinds),
        ("exclamation-mark", not error and K.URI_CHARACTER in kinds),
        ("separator-missing", not error and K.MISSING_SEPARATOR in kinds),
    ]
    return next((name for name, holds in ladder if holds), "unexplained")


@pytest.fixture
def no_dns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(theirs, "get_mx_records", lambda *_, **__: ["mx.example"])
    monkeypatch.setattr(theirs, "verify_dmarc_report_destination", lambda *_, **__: None)


@pytest.mark.usefixtures("no_dns")
def test_every_difference_from_checkdmarc_is_known() -> None:
    seen: Counter[str] = Counter()
    examples: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {}
    agreed = 0
    for text in _records():
        record = parse(text)
        ours, other = _ours(record), _theirs(text)
        name = _classify(record, ours, other)
        if name is None:
            agreed += 1
        else:
            seen[name] += 1
            examples.setdefault(name, (text, ours, other))

    assert "unexplained" not in seen, examples["unexplained"]
    assert set(seen) == {entry["name"] for entry in CLASSES}, examples
    assert agreed > RECORDS / 2, seen


def test_each_class_says_who_is_right_and_by_which_section() -> None:
    for entry in CLASSES:
        assert entry["right"] in ("ours", "theirs", "open")
        assert entry["section"].startswith("RFC ")
        assert len(entry["why"]) > 20
