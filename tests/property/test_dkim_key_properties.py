"""Whatever the octets, a key record is read; what is whole prints back; time grows with length and no faster."""

from __future__ import annotations

import base64
from functools import partial

from hypothesis import given
from hypothesis import strategies as st

from deliverability.core.text import Text
from deliverability.dkim import parse_key
from deliverability.dkim.der import BrokenKey, RsaPublicKey, read_rsa
from deliverability.dkim.record import compose
from deliverability.dkim.repair import corrected, rejoined
from deliverability.dkim.texts import describe
from tests.support.growth import grows_at_most, takes_less_than

ED = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
RSA = (
    "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDwIRP/UC3SBsEmGqZ9ZJW3/DkMoGeLnQg1fWn7/zYtIxN2SnFCjxOCKG9v3b4jYfcTNh5ijSsq"
    "631uBItLa7od+v/RtdC2UzJ1lWT947qR+Rcac2gbto/NMqJ0fzfVjH4OuKhitdY9tf6mcwGjaNBcWToIMmPSPDdQPNUYckcQ2QIDAQAB"
)

# Pieces that records are made of, so that the interesting combinations come up.
pieces = st.sampled_from([
    "v=DKIM1", "v=", "k=rsa", "k=ed25519", "k=x", "h=sha1", "h=sha256", "s=email", "s=tlsrpt", "t=y", "t=s:y", "p=", f"p={ED}",
    f"p={RSA}", "n=text", ";", "; ", " ", '"', "\\;", "=", "==", "-----BEGIN PUBLIC KEY-----", "\t", "\r\n", "ñ", "\x00", RSA[:40],
])  # fmt: skip
texts = st.one_of(st.text(max_size=300), st.lists(pieces, max_size=12).map("".join))
octets = st.one_of(st.binary(max_size=300), texts.map(lambda text: text.encode("utf-8", "surrogatepass")))


@given(st.one_of(texts, octets))
def test_reading_and_mending_never_raise(record: str | bytes) -> None:
    key = parse_key(record)

    for problem in key.problems:
        assert 0 <= problem.span.start <= problem.span.end <= len(key.text)
        assert isinstance(describe(problem), Text)
    assert (key.bits is None) == (not key.public_key)
    better = corrected(key)
    assert better is None or better != key.text


@given(octets)
def test_a_text_of_latin_letters_reads_as_its_octets(record: bytes) -> None:
    assert parse_key(record) == parse_key(record.decode("latin-1"))


@given(st.one_of(texts, octets))
def test_what_is_mended_is_whole_and_stays_so(record: str | bytes) -> None:
    better = corrected(parse_key(record))
    if better is not None:
        again = parse_key(better)

        assert again.public_key
        assert corrected(again) is None


values = st.text(
    st.characters(codec="ascii", categories=["L", "N", "P", "S"], exclude_characters='";\\'), max_size=12
).filter(lambda text: "-----" not in text)
extra_tags = st.dictionaries(st.sampled_from(["n", "g", "x", "zz", "a_b"]), values, max_size=4)


@given(
    st.sampled_from([("rsa", RSA), ("ed25519", ED)]),
    st.sampled_from([(), ("s",), ("y", "s")]),
    st.sampled_from([None, "sha256", "sha1:sha256"]),
    extra_tags,
)
def test_a_whole_record_prints_back(
    key: tuple[str, str], flags: tuple[str, ...], hashes: str | None, extra: dict[str, str]
) -> None:
    tags = [
        ("v", "DKIM1"),
        ("k", key[0]),
        *([("h", hashes)] if hashes else []),
        *([("t", ":".join(flags))] if flags else []),
    ]
    record = compose([*tags, *extra.items(), ("p", key[1])])
    read = parse_key(record)

    assert read.usable
    assert read.problems == ()
    assert str(read) == record
    assert parse_key(str(read)) == read
    assert read.flags == flags


@given(st.binary(max_size=200))
def test_der_reading_never_raises(data: bytes) -> None:
    assert isinstance(read_rsa(data), (BrokenKey, RsaPublicKey))


@given(st.integers(0, 161), st.integers(0, 255))
def test_one_changed_octet_never_raises_and_never_makes_a_key_of_another_length(place: int, value: int) -> None:
    data = bytearray(base64.b64decode(RSA))
    data[place] = value
    key = read_rsa(bytes(data))

    assert isinstance(key, BrokenKey) or key.length == len(data)


@given(st.integers(1, len(RSA) - 1))
def test_two_pieces_of_one_record_are_joined_again(cut: int) -> None:
    record = f"v=DKIM1; k=rsa; p={RSA}"
    first, second = record[: cut + 18], record[cut + 18 :]

    assert rejoined([parse_key(second), parse_key(first)]) == record


def test_time_grows_with_length_and_no_faster() -> None:
    def read(record: str) -> None:
        corrected(parse_key(record))

    for piece in (
        ";",
        '"',
        '" ',
        "\\",
        "p=;",
        "a=b;",
        " ",
        "=",
        "A",
        "p",
        "-----",
        "-----A-----",
        "é",
        "A =",
        "\r\n",
        "h=:",
        ":",
    ):
        whole = "v=DKIM1; k=rsa; p=" + piece * (16_000 // len(piece))
        assert takes_less_than(1, partial(read, whole)), piece
        assert grows_at_most(8, partial(read, whole[:4_000]), partial(read, whole)), piece
