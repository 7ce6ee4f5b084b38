"""Canonical forms (RFC 6376 §3.4), against the ones written plainly in support/signing.py; their cost."""

from __future__ import annotations

import hashlib
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deliverability.dkim.canonical import (
    BLOCK,
    BodyCanonicalizer,
    Canonicalization,
    FieldIndex,
    blocks_of,
    canonicalize_body,
    canonicalize_field,
    hash_body,
    signed_octets,
    without_signature,
)
from deliverability.headers.fields import parse
from tests.support.growth import grows_at_most
from tests.support.signing import canonical_body, canonical_field

METHODS: tuple[Canonicalization, ...] = ("simple", "relaxed")
#: The octets that mean something, and two that do not.
BODIES = st.lists(
    st.sampled_from([b" ", b"\t", b"\r\n", b"\r\n", b"\r", b"x", b"yz", b" \r\n", b"  ", b"\0", b"\x0b"])
).map(b"".join)
#: A bare LF is read as CRLF, so the reference gets none.
CUTS = st.lists(st.integers(0, 60), max_size=6)


def in_blocks(body: bytes, cuts: list[int], method: Canonicalization) -> bytes:
    parts: list[bytes] = []
    canonicalizer = BodyCanonicalizer(method, parts.append)
    at = 0
    for cut in sorted(cuts):
        canonicalizer.update(body[at : max(cut, at)])
        at = max(cut, at)
    canonicalizer.update(body[at:])
    canonicalizer.finish()
    return b"".join(parts)


@pytest.mark.parametrize("method", METHODS)
@given(BODIES, CUTS)
def test_a_body_is_the_same_however_it_is_cut(method: Canonicalization, body: bytes, cuts: list[int]) -> None:
    assert in_blocks(body, cuts, method) == canonical_body(body, method)


@pytest.mark.parametrize("method", METHODS)
@given(BODIES, CUTS)
def test_a_body_with_lf_is_that_with_crlf(method: Canonicalization, body: bytes, cuts: list[int]) -> None:
    stored = body.replace(b"\r\n", b"\n").replace(b"\r", b"")

    assert in_blocks(stored, cuts, method) == in_blocks(stored.replace(b"\n", b"\r\n"), [], method)


@given(BODIES, st.lists(st.integers(0, 80), max_size=5))
def test_every_length_is_hashed_in_one_pass(body: bytes, lengths: list[int]) -> None:
    whole = canonicalize_body(body, "relaxed")
    hashes = hash_body([body], "relaxed", lengths)

    assert (hashes.octets, hashes.whole) == (len(whole), hashlib.sha256(whole).digest())
    for length in lengths:
        expected = hashlib.sha256(whole[:length]).digest() if length <= len(whole) else None
        assert hashes.get(length) == expected


VALUES = st.lists(st.sampled_from([b" ", b"\t", b"\r\n ", b"\r\n\t", b"x", b"Y;", b":", b"\x0b", b"\x0c", b"\r"])).map(
    b"".join
)


@pytest.mark.parametrize("method", METHODS)
@given(st.sampled_from([b"Subject", b"X-a ", b"FROM\t"]), VALUES)
def test_a_header_field(method: Canonicalization, name: bytes, value: bytes) -> None:
    raw = name + b":" + value + b"\r\n"

    assert canonicalize_field(raw, method) == canonical_field(raw, method)


@pytest.mark.parametrize("method", METHODS)
@given(st.lists(VALUES, max_size=4), VALUES)
def test_fields_together_are_the_fields_one_by_one(method: Canonicalization, values: list[bytes], own: bytes) -> None:
    raws = [b"Subject:" + value.replace(b"\r\n", b"\n ") + b"\r\n" for value in values]
    headers = parse(b"".join(raws) + b"DKIM-Signature: b=x;" + own + b"\r\n\r\n")
    *fields, signature = headers.fields

    together = signed_octets(fields, signature, method)

    assert together == (
        b"".join(canonicalize_field(field.raw, method) for field in fields)
        + canonicalize_field(without_signature(signature.raw), method)[:-2]
    )


@pytest.mark.parametrize(
    ("raw", "method", "canonical"),
    [
        # The example of RFC 6376 §3.4.5.
        (b"A: X\r\n", "relaxed", b"a:X\r\n"),
        (b"B : Y\t\r\n\tZ  \r\n", "relaxed", b"b:Y Z\r\n"),
        (b"A: X\r\n", "simple", b"A: X\r\n"),
        (b"B : Y\t\r\n\tZ  \r\n", "simple", b"B : Y\t\r\n\tZ  \r\n"),
        (b"B : Y\n Z\n", "simple", b"B : Y\r\n Z\r\n"),
        (b"B: Y\n Z", "relaxed", b"b:Y Z\r\n"),
        (b"B:\r\n", "relaxed", b"b:\r\n"),
        (b"B: Y\r\r\n", "relaxed", b"b:Y\r\r\n"),
    ],
)
def test_fields_of_the_rfc(raw: bytes, method: Canonicalization, canonical: bytes) -> None:
    assert canonicalize_field(raw, method) == canonical


@pytest.mark.parametrize(
    ("body", "simple", "relaxed"),
    [
        (b" C \r\nD \t E\r\n\r\n\r\n", b" C \r\nD \t E\r\n", b" C\r\nD E\r\n"),  # RFC 6376 §3.4.5
        (b"", b"\r\n", b""),
        (b"\r\n\r\n", b"\r\n", b""),
        (b" \t", b" \t\r\n", b""),
        (b"x", b"x\r\n", b"x\r\n"),
        (b"x\r", b"x\r\r\n", b"x\r\r\n"),
        (b"x\r\r\n\r\n", b"x\r\r\n", b"x\r\r\n"),
        (b"\r\nx", b"\r\nx\r\n", b"\r\nx\r\n"),
        (b"x \r", b"x \r\r\n", b"x \r\r\n"),
    ],
)
def test_bodies_of_the_rfc(body: bytes, simple: bytes, relaxed: bytes) -> None:
    assert canonicalize_body(body, "simple") == simple
    assert canonicalize_body(body, "relaxed") == relaxed


def test_a_length_cuts_the_canonical_body() -> None:
    assert canonicalize_body(b"a  b\r\nc", "relaxed", 4) == b"a b\r"


@pytest.mark.parametrize(
    ("raw", "without"),
    [
        (b"D: v=1; b=AAA; d=x\r\n", b"D: v=1; b=; d=x\r\n"),
        (b"D: v=1; b = A\r\n A ; d=x\r\n", b"D: v=1; b =; d=x\r\n"),
        (b"D: v=1; bh=BBB; b=AAA\r\n BB=\r\n", b"D: v=1; bh=BBB; b="),
        (b"D: b=AAA; bh=BBB\r\n", b"D: b=; bh=BBB\r\n"),
        (b"D: v=1;\r\n\tb=AAA", b"D: v=1;\r\n\tb="),
        (b"D: xb=1; B=2; bh=3\r\n", b"D: xb=1; B=2; bh=3\r\n"),
        (b"D: z=a:b=c; b=AAA\r\n", b"D: z=a:b=c; b="),
    ],
)
def test_the_value_of_b_is_taken_out(raw: bytes, without: bytes) -> None:
    """RFC 6376 §3.5: all of the value, white space around it included, and nothing else."""
    assert without_signature(raw) == without


def test_fields_are_picked_from_the_bottom() -> None:
    headers = parse(b"To: 1\r\nFrom: f\r\nTo: 2\r\nDKIM-Signature: own\r\nTo: 3\r\n\r\n")
    own = headers.fields[3]
    picked = FieldIndex(headers.fields).select(("to", "x", "to", "from", "to", "to", "dkim-signature"), own)

    assert [field.text for field in picked] == ["3", "2", "f", "1"]


# --- cost -----------------------------------------------------------------------------------------------------------

HOSTILE = {
    "blanks": b" ",
    "tabs": b"\t",
    "blanks and a CR": b"    \r",
    "folds": b" \r\n",
    "empty lines": b"\r\n",
    "CRs": b"\r",
    "LFs": b"\n",
    "pairs of blanks": b"x  ",
    "a long line": b"x",
}


@pytest.mark.parametrize("unit", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_body_costs_what_its_octets_cost(unit: bytes) -> None:
    """Twenty times the seconds of hashing is a bound that nothing but a loop within a loop comes near."""
    body = unit * (4_000_000 // len(unit))

    assert grows_at_most(
        20, lambda: hashlib.sha256(body).digest(), lambda: hash_body(blocks_of(body), "relaxed"), slack=1
    )


@pytest.mark.parametrize("unit", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("method", METHODS)
def test_a_body_is_never_held_twice(unit: bytes, method: Canonicalization) -> None:
    body = unit * (4_000_000 // len(unit))
    tracemalloc.start()
    hash_body(blocks_of(body), method)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert peak < 10 * BLOCK
