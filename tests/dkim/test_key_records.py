"""Reading key records: what each tag means, and each defect with its place."""

from __future__ import annotations

import base64

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from deliverability import dkim
from deliverability.core.limits import Limits
from deliverability.core.span import Span
from deliverability.dkim import DkimKey, KeyProblemKind, parse_key
from deliverability.dkim.texts import PROBLEMS, describe

# RFC 8463 §A.2 and RFC 6376 §A.2.
ED = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
RSA = (
    "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDwIRP/UC3SBsEmGqZ9ZJW3/DkMoGeLnQg1fWn7/zYtIxN2SnFCjxOCKG9v3b4jYfcTNh5ijSsq"
    "631uBItLa7od+v/RtdC2UzJ1lWT947qR+Rcac2gbto/NMqJ0fzfVjH4OuKhitdY9tf6mcwGjaNBcWToIMmPSPDdQPNUYckcQ2QIDAQAB"
)
ED_RECORD = f"v=DKIM1; k=ed25519; p={ED}"
RSA_RECORD = f"v=DKIM1; k=rsa; p={RSA}"


def rsa_key(bits: int, exponent: int = 65537, *, modulus: int | None = None) -> rsa.RSAPublicKey:
    return rsa.RSAPublicNumbers(exponent, modulus or (3 << bits - 2) | 1).public_key()


def rsa_text(bits: int, form: serialization.PublicFormat = serialization.PublicFormat.SubjectPublicKeyInfo) -> str:
    return base64.b64encode(rsa_key(bits).public_bytes(serialization.Encoding.DER, form)).decode()


def kinds(key: DkimKey) -> list[KeyProblemKind]:
    return [problem.kind for problem in key.problems]


def sequence(*parts: bytes) -> bytes:
    return element(0x30, b"".join(parts))


def element(tag: int, content: bytes) -> bytes:
    size = len(content)
    octets = size.to_bytes((size.bit_length() + 7) // 8, "big")
    length = bytes((size,)) if size < 128 else bytes((0x80 + len(octets),)) + octets
    return bytes((tag,)) + length + content


def integer(value: int) -> bytes:
    return element(2, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def record_of(der: bytes) -> str:
    return "v=DKIM1; p=" + base64.b64encode(der).decode()


def test_the_tags_of_a_record() -> None:
    key = parse_key(f"v=DKIM1; k=rsa; h=sha1 : sha256; s=email:web; t=y : s; n=a note; g=*; x=1; p={RSA}")

    assert (key.key_type, key.hash_algorithms, key.service_types) == ("rsa", ("sha1", "sha256"), ("email", "web"))
    assert (key.flags, key.notes, key.testing, key.strict) == (("y", "s"), "a note", True, True)
    assert (key.bits, key.exponent, key.algorithm) == (1024, 65537, "rsa-sha256")
    assert key.usable
    assert key.problems == ()


def test_the_defaults_of_a_record_with_a_key_alone() -> None:
    key = parse_key(f"p={RSA}")

    assert (key.key_type, key.hash_algorithms, key.service_types, key.flags) == ("rsa", None, ("*",), ())
    assert key.usable


def test_an_ed25519_key_is_as_good_as_an_rsa_key() -> None:
    key = parse_key(ED_RECORD)

    assert key.usable
    assert key.problems == ()
    assert (key.bits, key.algorithm, key.exponent) == (256, "ed25519-sha256", None)
    assert key.public_key == base64.b64decode(ED)


@pytest.mark.parametrize("bits", [1024, 1025, 1536, 2047, 2048, 3072, 4096, 8192])
@pytest.mark.parametrize("form", [serialization.PublicFormat.SubjectPublicKeyInfo, serialization.PublicFormat.PKCS1])
def test_the_size_of_an_rsa_key_in_both_structures(bits: int, form: serialization.PublicFormat) -> None:
    key = parse_key(f"v=DKIM1; p={rsa_text(bits, form)}")

    assert (key.bits, key.usable, key.problems) == (bits, True, ())
    assert key.fingerprint == parse_key(f"p={rsa_text(bits)}").fingerprint


@pytest.mark.parametrize(
    ("bits", "kind"),
    [(512, KeyProblemKind.TOO_SHORT), (1023, KeyProblemKind.TOO_SHORT), (8193, KeyProblemKind.TOO_LARGE)],
)
def test_rsa_sizes_that_no_verifier_may_use(bits: int, kind: KeyProblemKind) -> None:
    key = parse_key(f"p={rsa_text(bits)}")

    assert (key.bits, key.usable, kinds(key)) == (bits, False, [kind])


@pytest.mark.parametrize("exponent", [0, 1, 2, 65536, 2**32 + 1, 2**64 + 1])
def test_an_exponent_that_is_none(exponent: int) -> None:
    modulus = (3 << 1022) | 1
    content = b"\0" if exponent == 0 else b""
    e = element(2, content) if exponent == 0 else integer(exponent)

    key = parse_key(record_of(sequence(integer(modulus), e)))

    assert not key.usable
    assert kinds(key) == [KeyProblemKind.DER if exponent == 0 else KeyProblemKind.EXPONENT]


def test_an_even_modulus_is_no_rsa_key() -> None:
    key = parse_key(record_of(sequence(integer(3 << 1022), integer(65537))))

    assert (kinds(key), key.usable) == ([KeyProblemKind.MODULUS], False)


@pytest.mark.parametrize(
    "der",
    [
        b"\x30",
        b"\x04\x02ab",
        sequence(),
        sequence(integer(5)),
        sequence(element(2, b"\x80" + b"a" * 127), integer(65537)),  # a negative modulus
        sequence(element(2, b"\0\x01"), integer(3)),  # a sign octet too many
        sequence(element(2, b""), integer(3)),
        sequence(sequence(element(6, bytes.fromhex("2a864886f70d010101")), b"\x05\0"), element(3, b"\x01abc")),
        sequence(sequence(element(6, bytes.fromhex("2a864886f70d010101")), b"\x04\0"), element(3, b"\0abc")),
        b"\x30\x81\x05" + b"a" * 5,  # a length that is not minimal
        b"\x30\x80" + b"a" * 40,  # an indefinite length
        b"\x30\x85\1\1\1\1\1" + b"a" * 40,
    ],
)
def test_octets_that_are_no_rsa_key(der: bytes) -> None:
    key = parse_key(record_of(der))

    assert kinds(key) == [KeyProblemKind.DER]
    assert (key.usable, key.bits) == (False, None)


def test_lengths_are_written_in_the_shortest_way() -> None:
    """X.690 §10.1: one encoding for each value, so that a key has one form."""
    short = sequence(integer((3 << 510) | 1), integer(65537))
    long = sequence(integer((3 << 1022) | 1), integer(65537))

    assert kinds(parse_key(record_of(short))) == [KeyProblemKind.TOO_SHORT]
    assert kinds(parse_key(record_of(b"\x30\x81" + short[1:]))) == [KeyProblemKind.DER]
    assert kinds(parse_key(record_of(long))) == []
    assert kinds(parse_key(record_of(b"\x30\x82\0" + long[2:]))) == [KeyProblemKind.DER]


def test_a_key_of_another_algorithm_is_named() -> None:
    spki = sequence(sequence(element(6, bytes.fromhex("2b6570"))), element(3, b"\0" + bytes(32)))
    problem = parse_key(record_of(spki)).problems[0]

    assert (problem.kind, problem.text) == (KeyProblemKind.WRONG_ALGORITHM, "Ed25519")


def test_a_record_cut_at_255_octets_tells_how_much_is_missing() -> None:
    whole = f"v=DKIM1; k=rsa; p={rsa_text(2048)}"
    key = parse_key(whole[:255])
    problem = key.problems[0]

    assert kinds(key) == [KeyProblemKind.TRUNCATED]
    assert (problem.have, problem.expected) == ((255 - 18) * 6 // 8, 294)
    assert problem.span == Span(18, 255)
    assert not key.usable


@pytest.mark.parametrize("length", range(30, 410, 7))
def test_a_cut_anywhere_in_the_key_is_told_as_a_cut(length: int) -> None:
    whole = f"v=DKIM1; k=rsa; p={rsa_text(2048)}"

    assert kinds(parse_key(whole[:length])) == [KeyProblemKind.TRUNCATED]


def test_white_space_in_the_key_is_allowed_and_told() -> None:
    key = parse_key(f"v=DKIM1; p={RSA[:70]} {RSA[70:]}")

    assert key.usable
    assert [(p.kind, p.span, p.fatal) for p in key.problems] == [(KeyProblemKind.WHITE_SPACE, Span(81, 82), False)]


def test_a_character_that_base64_does_not_have_is_pointed_at() -> None:
    key = parse_key(f"v=DKIM1; p={RSA[:70]}!?{RSA[70:]}")

    assert [(p.kind, p.span, p.text) for p in key.problems] == [(KeyProblemKind.BASE64, Span(81, 83), "!?")]
    assert not key.usable


def test_an_equals_sign_in_the_middle_is_no_base64() -> None:
    assert kinds(parse_key(f"p={RSA[:60]}={RSA[60:]}")) == [KeyProblemKind.BASE64]


def test_lost_padding_is_told_and_does_no_harm_to_those_who_forgive_it() -> None:
    key = parse_key(ED_RECORD.rstrip("="))

    assert [(p.kind, p.fatal) for p in key.problems] == [(KeyProblemKind.PADDING, False)]
    assert key.bits == 256


def test_something_behind_the_key() -> None:
    problem = parse_key(f"p={RSA}AAAA").problems[0]

    assert (problem.kind, problem.have, problem.expected, problem.fatal) == (KeyProblemKind.TRAILING, 165, 162, False)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ('"v=DKIM1; k=rsa; p={}"', KeyProblemKind.QUOTES),
        ('v=DKIM1; k=rsa; p={}" "', KeyProblemKind.QUOTES),
        ("v=DKIM1\\; k=rsa\\; p={}", KeyProblemKind.BACKSLASH),
        ("v=DKIM1; k=rsa; p=-----BEGIN PUBLIC KEY-----{}-----END PUBLIC KEY-----", KeyProblemKind.PEM),
    ],
)
def test_what_pasting_leaves_is_told_once_by_its_name(text: str, kind: KeyProblemKind) -> None:
    key = parse_key(text.format(RSA))

    assert set(kinds(key)) == {kind}
    assert not key.usable


def test_notes_may_hold_anything() -> None:
    key = parse_key(f'v=DKIM1; n=he said "hi" \\o/; p={RSA}')

    assert key.usable
    assert key.problems == ()


@pytest.mark.parametrize(
    ("record", "kind"),
    [
        (f"v=DKIM2; p={RSA}", KeyProblemKind.VERSION),
        (f"v=dkim1; p={RSA}", KeyProblemKind.VERSION),
        (f"v=; p={RSA}", KeyProblemKind.VERSION),
        (f"k=rsa; v=DKIM1; p={RSA}", KeyProblemKind.VERSION_POSITION),
        (f"v=DKIM1; k=RSA; p={RSA}", KeyProblemKind.KEY_TYPE),
        (f"v=DKIM1; k=; p={RSA}", KeyProblemKind.KEY_TYPE),
        (f"v=DKIM1; h=sha1; p={RSA}", KeyProblemKind.HASH),
        (f"v=DKIM1; h=; p={RSA}", KeyProblemKind.HASH),
        (f"v=DKIM1; s=tlsrpt; p={RSA}", KeyProblemKind.SERVICE),
        (f"v=DKIM1; s=; p={RSA}", KeyProblemKind.SERVICE),
        ("v=DKIM1; k=rsa", KeyProblemKind.NO_KEY),
        ("", KeyProblemKind.NO_KEY),
        (f"v=DKIM1; p={RSA}; p={RSA}", KeyProblemKind.DUPLICATE_TAG),
        (f"v=DKIM1; hello; p={RSA}", KeyProblemKind.SYNTAX),
        ("v=DKIM1; k=ed25519; p=AAAA", KeyProblemKind.ED25519_LENGTH),
        (f"v=DKIM1; k=ed25519; p={RSA}", KeyProblemKind.ED25519_LENGTH),
        (
            "v=DKIM1; k=ed25519; p=MCowBQYDK2VwAyEA" + base64.b64encode(bytes(32)).decode(),
            KeyProblemKind.ED25519_WRAPPED,
        ),
    ],
)
def test_a_record_that_verifiers_ignore(record: str, kind: KeyProblemKind) -> None:
    key = parse_key(record)

    assert kind in kinds(key)
    assert not key.usable


@pytest.mark.parametrize(
    "record", [f"v=DKIM1;; p={RSA}", f"v=DKIM1; n=ñ; p={RSA}", f"v=DKIM1; p={RSA};", f" v = DKIM1 ;\t p = {RSA} ; "]
)
def test_a_record_that_most_verifiers_take(record: str) -> None:
    assert parse_key(record).usable


def test_a_revoked_key_is_not_a_damaged_one() -> None:
    key = parse_key("v=DKIM1; k=rsa; p=")

    assert (key.revoked, key.usable, key.problems, key.fingerprint) == (True, False, (), "")
    assert not parse_key("v=DKIM1; k=rsa").revoked


def test_text_that_is_no_key_record() -> None:
    assert not parse_key("v=spf1 -all").is_key_record
    assert not parse_key("site-verification=abc").is_key_record
    assert parse_key("v=DKIM1.0; k=rsa").is_key_record
    assert parse_key("p=").is_key_record


def test_octets_outside_ascii_are_kept_in_place() -> None:
    key = parse_key(b"v=DKIM1; n=\xf1\xff; p=")

    assert key.notes == "\xf1\xff"
    assert key.problems[0].span == Span(11, 13)


def test_a_record_over_the_limit_is_said_to_be() -> None:
    key = parse_key(f"p={RSA}; n=" + "x" * 400, limits=Limits(txt_octets=300))

    assert kinds(key) == [KeyProblemKind.TOO_LONG]
    assert (len(key.text), key.usable) == (300, False)


def test_a_record_prints_back_to_what_it_was() -> None:
    for record in (ED_RECORD, RSA_RECORD, "v=DKIM1; p=", f"v=DKIM1; h=sha256; t=s; x=y; p={RSA}"):
        assert str(parse_key(record)) == record


def test_every_defect_has_a_name_in_both_languages() -> None:
    assert set(PROBLEMS) == set(KeyProblemKind)
    assert all(text.en != text.es for text in PROBLEMS.values())


def test_a_defect_is_described_with_what_stands_there() -> None:
    text = describe(parse_key(f"v=DKIM1; k={'x' * 99}; p={RSA}").problems[0])

    assert text.en == "k= names an unknown key type, “" + "x" * 39 + "…”"
    assert text.es.startswith("k= indica")


def test_the_public_names() -> None:
    assert dkim.parse_key is parse_key
    assert dkim.DkimKey is DkimKey
