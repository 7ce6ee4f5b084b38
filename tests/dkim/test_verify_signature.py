"""Reading DKIM-Signature fields: whatever stands there, and the places of what is wrong."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deliverability.core.tags import read_tags
from deliverability.dkim import DkimSignature, SignatureDefectKind, parse_signature
from deliverability.dkim.tag_values import domain_of, plain_values, unquote
from deliverability.headers.fields import parse

SOUND = (
    b"v=1; a=rsa-sha256; c=relaxed/simple; d=Empresa.example; s=S1; q=dns/txt;\r\n\ti=ana=40x@mail.empresa.example;"
    b" t=1700000000; x=1800000000; l=120; h=From:To : subject; z=From:ana=40x|Subject:la=20factura;\r\n"
    b" bh=AAAA; b=AAAA\r\n\tBBBB; other=x"
)


def read(value: bytes) -> DkimSignature:
    return parse_signature(parse(b"DKIM-Signature: " + value + b"\r\n\r\n").fields[0])


def test_every_tag() -> None:
    signature = read(SOUND)

    assert signature.defects == ()
    assert (signature.algorithm, signature.canonicalization) == ("rsa-sha256", ("relaxed", "simple"))
    assert (signature.domain, signature.selector) == ("empresa.example", "s1")
    assert signature.key_name == "s1._domainkey.empresa.example"
    assert (signature.identity, signature.identity_domain) == ("ana@x@mail.empresa.example", "mail.empresa.example")
    assert (signature.timestamp, signature.expiration, signature.body_length) == (1700000000, 1800000000, 120)
    assert signature.signed_fields == ("from", "to", "subject")
    assert signature.copied_fields == (("from", b"ana@x"), ("subject", b"la factura"))
    assert (signature.body_hash, len(signature.signature)) == (b"\0\0\0", 6)
    assert signature.key_type == "rsa"


def test_defaults() -> None:
    signature = read(b"v=1; a=ed25519-sha256; d=empresa.example; s=s1; h=from; bh=AAAA; b=AAAA")

    assert signature.canonicalization == ("simple", "simple")
    assert (signature.identity, signature.identity_domain) == ("@empresa.example", "empresa.example")
    assert (signature.body_length, signature.timestamp, signature.expiration) == (None, None, None)
    assert signature.copied_fields == ()


@pytest.mark.parametrize(
    ("value", "kind", "text"),
    [
        (b"v=2; d=a.b", SignatureDefectKind.VERSION, "2"),
        (b"v=1; d=a..b", SignatureDefectKind.DOMAIN, "a..b"),
        (b"v=1;\r\n l=  x7 ;", SignatureDefectKind.LENGTH, "x7"),
        (b"v=1; h=from:a b", SignatureDefectKind.SIGNED_FIELDS, "from:a b"),
        (b"v=1; v=1", SignatureDefectKind.DUPLICATE_TAG, "v"),
        (b"v=1; nothing", SignatureDefectKind.SYNTAX, "nothing"),
        ("v=1; n=ñ".encode("latin-1"), SignatureDefectKind.FOREIGN_OCTETS, "ñ"),
    ],
)
def test_a_defect_points_at_its_place(value: bytes, kind: SignatureDefectKind, text: str) -> None:
    signature = read(value)
    defect = signature.defect(kind)

    assert defect is not None
    assert signature.text[defect.span.start : defect.span.end] == text


def test_missing_tags_are_named() -> None:
    signature = read(b"v=1; a=rsa-sha256")

    assert [d.tag for d in signature.defects if d.kind is SignatureDefectKind.MISSING_TAG] == ["b", "bh", "d", "h", "s"]
    assert signature.key_name is None


def test_two_semicolons_are_outside_the_grammar() -> None:
    assert read(SOUND.replace(b"v=1;", b"v=1;;")).fatal is not None
    assert read(SOUND + b";").fatal is None


PIECES = st.sampled_from(
    [b"v=1", b"a=rsa-sha256", b"b=AA=", b" bh = AA\r\n AA", b"d=a.example", b"i=@a.example", b"h=from:", b"=", b";", b";",
     b"; ", b"l=99", b"t=", b"x=9" * 3, b"\xc3\xb1", b"\0", b"c=/", b"s=\xff", b"z=a:|b", b"\t", b"\r\n ", b"_x=1", b"q=:"]
)  # fmt: skip


@given(st.lists(PIECES).map(b"".join) | st.binary(max_size=200))
def test_anything_can_be_read(value: bytes) -> None:
    headers = parse(b"DKIM-Signature:" + value + b"\r\n\r\n")
    signature = parse_signature(headers.fields[0])

    for defect in signature.defects:
        assert 0 <= defect.span.start <= defect.span.end <= len(signature.text)
    assert signature.copied_fields is not None
    assert signature.key_name is None or signature.domain is not None


@given(st.lists(PIECES).map(b"".join))
def test_the_short_way_reads_what_the_long_way_reads(value: bytes) -> None:
    text = value.replace(b"\r\n", b"").decode("latin-1")
    plain = plain_values(text, 200)
    tags = read_tags(text)

    if plain is not None:
        assert tags.defects == ()
        assert plain == {tag.name: tag.value for tag in tags.tags}
    else:
        assert tags.defects


def test_the_number_of_tags_is_limited() -> None:
    value = b"; ".join(b"t%d=1" % number for number in range(300))

    assert plain_values(value.decode(), 200) is None
    assert read(value).defect(SignatureDefectKind.TOO_LONG) is not None


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Empresa.Example", "empresa.example"),
        ("facturación.example", "xn--facturacin-obb.example"),
        ("_x.a.example", "_x.a.example"),
        ("a.example.", None),
        ("", None),
        ("a b.example", None),
        ("a.-b.example", None),
        ("x" * 64 + ".example", None),
        ("ñ" * 2000, None),
    ],
)
def test_names(text: str, name: str | None) -> None:
    assert domain_of(text) == name


def test_quoted_printable_of_dkim() -> None:
    assert unquote("a=3Bb =\r\n c=zz") == b"a;b=c=zz"
