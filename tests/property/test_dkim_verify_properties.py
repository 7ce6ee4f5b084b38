"""Verifying never raises and never holds a message twice; what it says does not depend on how a message is stored."""

from __future__ import annotations

import tracemalloc
from datetime import UTC, datetime
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from deliverability import arc, dkim
from deliverability.core.plan import solve
from deliverability.sources.table import TableSource
from tests.support.signing import key_record, published, seal, sign

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
DOMAIN = "empresa.example"
WORDS = {"pass", "fail", "policy", "neutral", "temperror", "permerror"}
RECORD = key_record("ed25519")
ANSWERS: st.SearchStrategy[Any] = st.sampled_from(
    [
        [RECORD],
        [RECORD, "v=spf1 -all"],
        [key_record("rsa1024")],
        ["v=DKIM1; p="],
        ["\x00\xff", "p=="],
        {"fault": "servfail"},
        {"fault": "nxdomain"},
        [RECORD[:60]],
    ]
)
LINES = st.sampled_from(
    [
        b"From: a@empresa.example\r\n", b"DKIM-Signature: v=1; a=ed25519-sha256; d=empresa.example; s=s1; h=from; bh=AAAA; b=AA==\r\n",
        b"dkim-signature: ;;;=\r\n", b"ARC-Seal: i=1; cv=none; a=ed25519-sha256; d=empresa.example; s=s1; b=AAAA\r\n",
        b"ARC-Message-Signature: i=1; a=ed25519-sha256; d=empresa.example; s=s1; h=from; bh=AAAA; b=AAAA\r\n",
        b"ARC-Authentication-Results: i=1; a; none\r\n", b"ARC-Seal: i=51\r\n", b" fold\r\n", b"\tb=\n", b"\r", b"\r\n", b"\n",
        b"x" * 50, b":\r\n", b"\0\xff", b"  \t ",
    ]
)  # fmt: skip
HEADINGS = st.lists(LINES, max_size=12).map(b"".join)
BODIES = st.lists(st.sampled_from([b"linea\r\n", b" ", b"\t", b"\r\n", b"fin", b"\xc3\xb1"])).map(b"".join)


@given(HEADINGS | st.binary(max_size=300), ANSWERS)
def test_any_octets_and_any_answer_end_in_words(raw: bytes, answer: Any) -> None:
    source = TableSource({"s1._domainkey.empresa.example/TXT": answer})

    for result in dkim.verify(raw, now=NOW, source=source):
        assert result.result in WORDS
        assert result.passed == (result.reason == "verified")
    assert arc.verify(raw, source=source).result in {"none", "pass", "fail"}


@given(BODIES, st.sampled_from(["simple/simple", "relaxed/relaxed", "simple/relaxed", "relaxed/simple"]), ANSWERS)
def test_what_was_signed_passes_with_its_key_and_never_with_another(body: bytes, c: str, answer: Any) -> None:
    raw = sign(b"From: a@empresa.example\r\nSubject: x\r\n\r\n" + body, domain=DOMAIN, key="ed25519", c=c)
    source = TableSource({"s1._domainkey.empresa.example/TXT": answer})
    (result,) = dkim.verify(raw, now=NOW, source=source)
    (stored,) = dkim.verify(raw.replace(b"\r\n", b"\n"), now=NOW, source=source)

    assert result.passed == (isinstance(answer, list) and RECORD in answer)
    assert (stored.result, stored.reason) == (result.result, result.reason)
    assert result.body_hash_matches is True


@given(BODIES, st.integers(0, 400), st.integers(0, 255))
@settings(max_examples=200)
def test_a_changed_octet_never_passes_unless_it_does_not_count(body: bytes, at: int, octet: int) -> None:
    """With simple/simple everything counts but what h= leaves out and empty lines at the end."""
    raw = sign(b"From: a@empresa.example\r\nSubject: x\r\n\r\n" + body, domain=DOMAIN, key="ed25519", c="simple/simple")
    place = at % len(raw)
    changed = raw[:place] + bytes((octet,)) + raw[place + 1 :]
    source = TableSource(published(domain=DOMAIN, key="ed25519"))
    results = dkim.verify(changed, now=NOW, source=source)

    if any(result.passed for result in results):
        # The field's own b= may be spelled in other ways; a bare LF is read as CRLF.
        same = changed.replace(b"\r\n", b"\n").rstrip(b"\n") == raw.replace(b"\r\n", b"\n").rstrip(b"\n")
        assert same or raw.find(b"b=", raw.find(b"bh=") + 3) < place < raw.find(b"From: ")


@given(st.lists(st.integers(0, 3), min_size=1, max_size=4))
@settings(max_examples=20)
def test_a_chain_of_any_hops_passes(hops: list[int]) -> None:
    raw = b"From: a@empresa.example\r\nSubject: x\r\n\r\ntexto\r\n"
    answers: dict[str, Any] = {}
    for number, hop in enumerate(hops, 1):
        where = {"domain": f"h{hop}.example", "key": "ed25519"}
        raw = seal(raw, instance=number, **where)  # type: ignore[arg-type]
        answers |= published(**where)  # type: ignore[arg-type]
        if hop == 3:
            raw += b"pie de la lista\r\n"  # changed after sealing
    result = arc.verify(raw, source=TableSource(answers))

    assert result.result == ("fail" if hops[-1] == 3 else "pass")


def test_a_message_is_never_held_twice() -> None:
    raw = sign(
        b"From: a@empresa.example\r\nSubject: x\r\n\r\n" + b"una  linea\tcon blancos  \r\n" * 200_000,
        domain=DOMAIN,
        key="ed25519",
    )
    source = TableSource(published(domain=DOMAIN, key="ed25519"))
    solve(dkim.verify_plan(raw, now=NOW), source)  # what is loaded once
    tracemalloc.start()
    verified = solve(dkim.verify_plan(raw, now=NOW), source)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert verified.best == "pass"
    assert peak < len(raw) // 10
