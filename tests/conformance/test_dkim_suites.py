"""The published examples of RFC 6376 and RFC 8463, and dkimpy's own test messages."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import dkim as dkimpy
import pytest

from deliverability.core.questions import DnsQuestion, Found
from deliverability.dkim import DkimReason, DkimResult, verify
from deliverability.sources.table import TableSource
from tests.support.shared import needs_shared, shared

LATER = datetime(2026, 11, 22, 12, tzinfo=UTC)

#: File: for each signature from the top the selector, the result and the reason.
EXAMPLES = {
    "rfc6376-A.2": [("brisbane", "pass", DkimReason.VERIFIED)],
    "rfc6376-A.2-body_modified": [("brisbane", "fail", DkimReason.BODY_HASH)],
    "rfc6376-A.2-header_subject_modified": [("brisbane", "fail", DkimReason.SIGNATURE)],
    "rfc6376-A.2-ill_formed-list_id": [("brisbane", "pass", DkimReason.VERIFIED)],
    "rfc6376-A.2-ill_formed-missing_v": [("brisbane", "neutral", DkimReason.MISSING_TAG)],
    "rfc8463-A.3": [("brisbane", "pass", DkimReason.VERIFIED), ("test", "pass", DkimReason.VERIFIED)],
    # The selectors are swapped: each signature finds the key of the other algorithm.
    "rfc8463-A.3-key_algo_mismatch": [
        ("test", "permerror", DkimReason.KEY_TYPE),
        ("brisbane", "permerror", DkimReason.KEY_TYPE),
    ],
}


@needs_shared("conformance", "dkim-rfc-examples")
@pytest.mark.parametrize("name", EXAMPLES)
def test_examples_of_the_rfcs(name: str) -> None:
    folder = shared("conformance", "dkim-rfc-examples")
    keys = json.loads((folder / "keys.json").read_text("utf-8"))["txt"]
    source = TableSource({f"{owner}/TXT": [record] for owner, record in keys.items()})

    results = verify((folder / f"{name}.eml").read_bytes(), now=LATER, source=source)

    assert [(r.selector, r.result, r.reason) for r in results] == EXAMPLES[name]


@needs_shared("conformance", "dkim-rfc-examples")
def test_every_example_file_is_used() -> None:
    assert {path.stem for path in shared("conformance", "dkim-rfc-examples").glob("*.eml")} == set(EXAMPLES)


# --- dkimpy's messages ----------------------------------------------------------------------------------------------

THEN = datetime(2018, 7, 1, tzinfo=UTC)
SIGNED = (
    "rfc6376.signed.msg",
    "rfc6376.signed.no_t.msg",
    "rfc6376.signed.rsa.msg",
    "ed25519test2.msg",
    "test2.message",
    "message.mbox",
    "test.message.baddomain",
)
RECORDS = (
    "1024_testkey_wo_markers.pub.rsa.txt",
    "1024_testkey_wo_markers.pub.txt",
    "2048_testkey_PKCS8.key.pub.txt",
    "2048_testkey_wo_markers.pub.rsa.txt",
    "2048_testkey_wo_markers.pub.txt",
    "badk.txt",
    "badversion.txt",
    "ed25519test.dns",
    "eximtest.dns",
    "test.txt",
    "test2.txt",
    "test_bad.txt",
    "test_tlsrpt.txt",
)


class EveryName:
    """Answers every question with one record."""

    def __init__(self, record: bytes) -> None:
        self._answer = Found(((record,),))

    def answer(self, _: DnsQuestion) -> Found:
        return self._answer


def _file(name: str) -> bytes:
    return shared("conformance", "dkim-dkimpy", name).read_bytes()


def _dkimpy(raw: bytes, record: bytes) -> bool:
    """dkimpy's verdict on the topmost signature."""
    try:
        return bool(dkimpy.verify(raw, dnsfunc=lambda *_, **__: record))
    except ValueError:  # a crash: it gives an RSA signature to an Ed25519 key
        return False


@needs_shared("conformance", "dkim-dkimpy")
@pytest.mark.parametrize("record", RECORDS)
@pytest.mark.parametrize("name", SIGNED)
def test_dkimpys_messages_with_each_of_its_keys(name: str, record: str) -> None:
    raw, key = _file(name), _file(record).strip()

    top, *_ = verify(raw, now=THEN, source=EveryName(key))

    assert top.passed == _dkimpy(raw, key)
    # The bodies are as they were signed, whatever the key is.
    assert top.body_hash_matches is (None if name == "test.message.baddomain" else True)


@needs_shared("conformance", "dkim-dkimpy")
def test_the_messages_that_have_their_key_pass() -> None:
    passing = {
        (name, record)
        for name in SIGNED
        for record in RECORDS
        if any(r.passed for r in verify(_file(name), now=THEN, source=EveryName(_file(record).strip())))
    }

    assert passing == {
        ("rfc6376.signed.msg", "test.txt"),
        ("rfc6376.signed.msg", "test2.txt"),
        ("rfc6376.signed.rsa.msg", "test.txt"),
        ("rfc6376.signed.rsa.msg", "test2.txt"),
        ("ed25519test2.msg", "eximtest.dns"),
    }


@needs_shared("conformance", "dkim-dkimpy")
def test_a_domain_that_is_none_is_no_question() -> None:
    (result,) = verify(_file("test.message.baddomain"), now=THEN, source=EveryName(b"v=DKIM1; p=AAAA"))

    assert (result.reason, result.key_name) == (DkimReason.DOMAIN, None)
    assert result.domain == "legitimate.com(.attacker.com"


@needs_shared("conformance", "dkim-dkimpy")
@pytest.mark.parametrize("c", ["simple/simple", "simple/relaxed", "relaxed/simple", "relaxed/relaxed"])
@pytest.mark.parametrize("name", ["test.message", "test_extra.message", "rfc6376.msg", "rfc6376.w1258.msg"])
@pytest.mark.parametrize(
    ("private", "record"),
    [
        ("1024_testkey.key", "1024_testkey_wo_markers.pub.txt"),
        ("2048_testkey.key", "2048_testkey_wo_markers.pub.rsa.txt"),
        ("ed25519test.key", "ed25519test.dns"),
    ],
)
def test_what_dkimpy_signs_verifies(name: str, c: str, private: str, record: str) -> None:
    raw, algorithm = _file(name), b"ed25519-sha256" if private.startswith("ed25519") else b"rsa-sha256"
    field = dkimpy.sign(
        raw,
        b"test",
        b"example.com",
        _file(private),
        canonicalize=tuple(c.encode().split(b"/")),
        signature_algorithm=algorithm,
    )
    results: tuple[DkimResult, ...] = verify(field + raw, source=EveryName(_file(record).strip()))

    assert [r.reason for r in results] == [DkimReason.VERIFIED]
