"""Keys published with RFC 6376 and RFC 8463, the test keys of dkimpy, and the keys of the adversarial zones."""

from __future__ import annotations

import json
from typing import Any

import pytest

from deliverability.dkim import KeyProblemKind, parse_key
from tests.support.shared import needs_shared, shared


@needs_shared("conformance", "dkim-rfc-examples")
def test_the_keys_of_the_rfcs_are_whole() -> None:
    published: dict[str, str] = json.loads(shared("conformance", "dkim-rfc-examples", "keys.json").read_text())["txt"]
    read = {name: parse_key(text) for name, text in published.items()}

    assert {name: (key.algorithm, key.bits, key.usable) for name, key in read.items()} == {
        "brisbane._domainkey.example.com": ("rsa-sha256", 1024, True),
        "test._domainkey.football.example.com": ("rsa-sha256", 1024, True),
        "brisbane._domainkey.football.example.com": ("ed25519-sha256", 256, True),
    }
    assert all(str(key) == published[name] and not key.problems for name, key in read.items())


DKIMPY: list[tuple[str, int | None, list[KeyProblemKind]]] = [
    ("1024_testkey_wo_markers.pub.txt", 1024, []),
    ("1024_testkey_wo_markers.pub.rsa.txt", 1024, []),
    ("2048_testkey_wo_markers.pub.txt", 2048, []),
    ("2048_testkey_wo_markers.pub.rsa.txt", 2048, []),
    ("2048_testkey_PKCS8.key.pub.txt", 2048, []),
    ("test.txt", 1024, []),
    ("test2.txt", 1024, []),
    ("test_bad.txt", None, [KeyProblemKind.TRUNCATED]),
    ("test_tlsrpt.txt", 1024, [KeyProblemKind.SERVICE]),
    ("badk.txt", 1024, [KeyProblemKind.KEY_TYPE]),
    ("badversion.txt", 1024, [KeyProblemKind.VERSION]),
    ("ed25519test.dns", 256, []),
    ("eximtest.dns", 256, []),
]


@needs_shared("conformance", "dkim-dkimpy")
@pytest.mark.parametrize(("name", "bits", "kinds"), DKIMPY)
def test_the_key_records_of_dkimpy(name: str, bits: int | None, kinds: list[KeyProblemKind]) -> None:
    key = parse_key(shared("conformance", "dkim-dkimpy", name).read_bytes())

    assert key.bits == bits
    assert [problem.kind for problem in key.problems] == kinds
    assert key.usable == (not kinds)


@needs_shared("adversarial", "cases.json")
def test_the_keys_of_the_adversarial_zones() -> None:
    zones: list[dict[str, Any]] = [json.loads(shared("adversarial", "zones", "base.json").read_text())]
    cases = json.loads(shared("adversarial", "cases.json").read_text())
    zones += [part for case in cases for part in case["input"].get("zone", []) if isinstance(part, dict)]
    records = [
        "".join(text) if isinstance(text, list) else text
        for zone in zones
        for name, texts in zone.items()
        if "._domainkey." in name and name.endswith("/TXT") and isinstance(texts, list)
        for text in texts
    ]
    read = [parse_key(record) for record in records]

    assert len(read) >= 6
    assert sum(key.usable for key in read) == len(read) - 1
    assert [key.bits for key in read if not key.usable] == [512]
