"""Whatever a message holds, there is a tree of it, its parts lie where they say, and what was written is read back."""

from __future__ import annotations

import base64
import quopri

from hypothesis import given, settings
from hypothesis import strategies as st

from deliverability.content.archives import Archive, list_archive
from deliverability.content.decode import decode_octets, decode_text
from deliverability.content.facts import read_message
from deliverability.content.magic import detect
from deliverability.content.mime import read_tree
from deliverability.content.office import read_ole2
from deliverability.content.part import MimeTree
from deliverability.content.pdf import read_pdf
from deliverability.core.facts import RawMessage
from deliverability.core.limits import DEFAULT_LIMITS

#: Pieces that structures are made of, so that chance comes upon them.
_PIECES = st.sampled_from(
    [
        b"\r\n", b"\n", b"\r", b"--", b"--b", b"--b--", b"--bb", b"--bb--", b"--\r\n", b" ", b"\t", b";", b'"', b"=",
        b"\n--b\n", b"\n--b--\n", b"\n--bb\n", b"\r\n\r\n", b"x", b"Content-Type: ", b"multipart/mixed; boundary=b\n",
        b"multipart/alternative; boundary=bb\n\n", b'multipart/digest; boundary="b "\n\n', b"message/rfc822\n\n",
        b"text/html; charset=utf-8\n\n", b"application/pdf; name=a.pdf\n\n", b"Content-Transfer-Encoding: base64\n",
        b"Content-Transfer-Encoding: quoted-printable\n", b"Content-Disposition: attachment; filename*0=", b"%PDF-1.7",
        b"stream\n", b"endstream", b"PK\x03\x04", b"PK\x05\x06", b"\xff", b"\0", b"cid:a", b"Content-ID: <a>\n",
    ]
)  # fmt: skip
_MESSAGES = st.one_of(
    st.binary(max_size=400),
    st.lists(st.one_of(_PIECES, st.binary(max_size=8)), max_size=60).map(b"".join),
    st.lists(_PIECES, max_size=60).map(
        lambda pieces: b"Content-Type: multipart/mixed; boundary=b\n\n" + b"".join(pieces)
    ),
)


def _check_places(tree: MimeTree, raw: bytes) -> None:
    assert tree.parts[0] is tree.root
    assert (tree.root.header_start, tree.root.end) == (0, len(raw))
    for part in tree.parts:
        assert 0 <= part.header_start <= part.start <= part.end <= len(raw)
        assert part.line <= part.body_line
        before = part.start
        for child in part.children:
            assert part.start <= before <= child.header_start
            assert child.end <= part.end
            assert child.depth == part.depth + 1
            before = child.end
        for span in (part.preamble, part.epilogue):
            assert span is None or part.start <= span.start < span.end <= part.end
    assert len({part.path for part in tree.parts}) == len(tree.parts)
    paths = {part.path for part in tree.parts}
    for defect in tree.defects:
        assert defect.part in paths
        assert 0 <= defect.offset <= len(raw)


@settings(max_examples=400, deadline=None)
@given(_MESSAGES)
def test_every_message_has_a_tree_whose_parts_lie_in_each_other(raw: bytes) -> None:
    _check_places(read_tree(raw), raw)


@settings(max_examples=200, deadline=None)
@given(_MESSAGES)
def test_every_message_can_be_read_to_the_end(raw: bytes) -> None:
    facts = read_message({RawMessage: RawMessage(raw, len(raw))}, DEFAULT_LIMITS)
    tree = facts[MimeTree]
    assert isinstance(tree, MimeTree)
    for part in tree.leaves:
        assert part.text().text.encode("utf-8") is not None
        assert part.decoded is not None
        assert part.name


@settings(max_examples=300, deadline=None)
@given(
    st.binary(max_size=300),
    st.sampled_from(["base64", "quoted-printable", "x-uuencode", "7bit", "binary", "odd"]),
    st.one_of(st.none(), st.integers(1, 100)),
)
def test_every_body_is_decoded_within_its_limit(body: bytes, encoding: str, limit: int | None) -> None:
    found = decode_octets(body, 0, len(body), encoding, limit)

    assert limit is None or len(found.octets) <= limit
    for defect in found.defects:
        assert 0 <= defect.offset <= len(body)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=3000))
def test_what_was_encoded_comes_back(octets: bytes) -> None:
    encoded = base64.encodebytes(octets)
    found = decode_octets(encoded, 0, len(encoded), "base64")
    assert (found.octets, found.defects) == (octets, ())

    quoted = quopri.encodestring(octets)
    printable = decode_octets(quoted, 0, len(quoted), "quoted-printable")
    assert printable.octets == quopri.decodestring(quoted)
    assert not printable.defects


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200), st.sampled_from(["utf-8", "utf-7", "utf-16", "latin-1", "", "hz", "iso-2022-jp", "x"]))
def test_texts_hold_no_half_characters(octets: bytes, charset: str) -> None:
    decoded = decode_octets(octets, 0, len(octets), "binary")

    assert decode_text(decoded, charset).text.encode("utf-8") is not None


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(
        [
            b"PK\x03\x04",
            b"PK\x05\x06",
            b"Rar!\x1a\x07\x00",
            b"Rar!\x1a\x07\x01\x00",
            b"7z\xbc\xaf\x27\x1c",
            b"\x1f\x8b\x08",
            b"%PDF-",
        ]
    ),
    st.binary(max_size=400),
)
def test_every_file_gives_what_it_gives(start: bytes, octets: bytes) -> None:
    for whole in (start + octets, octets + start, octets):
        detect(whole)
        read_pdf(whole)
        read_ole2(bytes.fromhex("d0cf11e0a1b11ae1") + whole * 3)
        for kind in ("zip", "rar", "7z", "gzip", "tar"):
            assert isinstance(list_archive(whole, kind), Archive)
