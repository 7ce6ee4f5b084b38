"""The MIME tree: what a structure gives, and what is told about a broken one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from deliverability.content.mime import read_tree
from deliverability.content.part import MimeDefectKind, MimeTree
from deliverability.core.limits import DEFAULT_LIMITS

K = MimeDefectKind


def read(text: str, **limits: int) -> MimeTree:
    return read_tree(text.replace("\n", "\r\n").encode("utf-8"), limits=replace(DEFAULT_LIMITS, **limits))


def shape(tree: MimeTree) -> list[tuple[str, str]]:
    return [(part.path, part.content_type) for part in tree.parts]


def bodies(tree: MimeTree) -> list[bytes]:
    return [part.raw[part.start : part.end] for part in tree.leaves]


def kinds(tree: MimeTree) -> set[MimeDefectKind]:
    return {defect.kind for defect in tree.defects}


def mixed(body: str, boundary: str = "b") -> str:
    return f"Content-Type: multipart/mixed; boundary={boundary}\n\n{body}"


def test_parts_in_document_order_with_their_places() -> None:
    tree = read(
        "From: a@b.example\n"
        + mixed(
            "preamble\n--b\nContent-Type: multipart/alternative; boundary=c\n\n--c\n\ntext\n--c\n"
            "Content-Type: text/html\n\n<p>\n--c--\n\n--b\nContent-Type: application/pdf\n\n%PDF\n--b--\nepilogue\n"
        )
    )

    assert shape(tree) == [
        ("1", "multipart/mixed"),
        ("1.1", "multipart/alternative"),
        ("1.1.1", "text/plain"),
        ("1.1.2", "text/html"),
        ("1.2", "application/pdf"),
    ]
    assert bodies(tree) == [b"text", b"<p>", b"%PDF"]
    assert [(part.path, part.line, part.body_line) for part in tree.parts] == [
        ("1", 1, 4),
        ("1.1", 6, 8),
        ("1.1.1", 9, 10),
        ("1.1.2", 12, 14),
        ("1.2", 18, 20),
    ]
    assert tree.parts[4].headers.fields[0].line == 18
    assert not tree.defects
    assert [part.path for part in tree.texts] == ["1.1.1", "1.1.2"]
    assert [part.path for part in tree.attachments] == ["1.2"]
    root = tree.root
    assert root.preamble is not None
    assert root.epilogue is not None
    assert root.raw[slice(*root.preamble)] == b"preamble"
    assert root.raw[slice(*root.epilogue)] == b"epilogue\r\n"


def test_the_line_end_before_a_delimiter_belongs_to_it() -> None:
    assert bodies(read(mixed("--b\n\none\n\n--b\n\n--b--\n"))) == [b"one\r\n", b""]


def test_a_part_may_have_no_fields_and_no_blank_line() -> None:
    tree = read(mixed("--b\nContent-Type: text/html\n--b\n\nx\n--b--\n"))

    assert shape(tree)[1:] == [("1.1", "text/html"), ("1.2", "text/plain")]
    assert bodies(tree) == [b"", b"x"]
    assert not tree.defects


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_every_kind_of_line_end(newline: str) -> None:
    text = mixed("--b\n\none\n--b\n\ntwo\n--b--\n").replace("\n", newline)

    assert bodies(read_tree(text.encode())) == [b"one", b"two"]


def test_boundaries_that_begin_like_each_other() -> None:
    inner = "Content-Type: multipart/mixed; boundary=bb\n\n--bb\n\ninner\n--bb--\n"
    tree = read(mixed(f"--b\n{inner}\n--b\n\nouter\n--b--\n"))

    assert bodies(tree) == [b"inner", b"outer"]
    assert not tree.defects


def test_a_line_that_goes_on_after_the_boundary_is_text_and_told() -> None:
    """RFC 2046 §5.1.1 lets a reader take it for a delimiter; most do not."""
    tree = read(mixed("--b\n\none\n--bogus\ntwo\n--b--\n"))

    assert bodies(tree) == [b"one\r\n--bogus\r\ntwo"]
    assert kinds(tree) == {K.BOUNDARY_PREFIX}
    assert tree.defects[0].line == 6
    assert tree.defects[0].kind.ambiguous


def test_blanks_after_a_delimiter_and_quotes_around_a_boundary() -> None:
    tree = read(mixed("--a b  \n\none\n--a b-- \t\n", '"a b "'))

    assert bodies(tree) == [b"one"]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Content-Type: multipart/mixed\n\n--b\n\nx\n--b--\n", K.NO_BOUNDARY),
        (mixed("--c\n\nx\n--c--\n"), K.BOUNDARY_NOT_FOUND),
        (mixed("--b--\n"), K.EMPTY_MULTIPART),
        (mixed("--b\n\nx\n"), K.UNCLOSED),
        (mixed("--b\n\nx\n--b--\n--b\n\ny\n--b--\n"), K.AFTER_CLOSE),
        (mixed("--" + "b" * 71 + "\n\nx\n--" + "b" * 71 + "--\n", "b" * 71), K.BOUNDARY_SYNTAX),
        ("Content-Transfer-Encoding: base64\n" + mixed("--b\n\nx\n--b--\n"), K.ENCODED_MULTIPART),
        (mixed("--b\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nx\n--b--\n"), K.BOUNDARY_REUSED),
        ("Content-Type: text/plain\nContent-Type: text/html\n\nx", K.DUPLICATE_FIELD),
        ("Content-Type: text\n\nx", K.TYPE_SYNTAX),
        ("Content-Transfer-Encoding: 9bit\n\nx", K.UNKNOWN_ENCODING),
        ("Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\nRnJvbTogYQo=", K.ENCODED_MESSAGE),
        (mixed("--b\nno field\n\nx\n--b--\n"), K.NO_BLANK_LINE),
    ],
)
def test_what_is_wrong_is_told(text: str, kind: MimeDefectKind) -> None:
    assert kind in kinds(read(text))


def test_the_first_of_two_content_types_counts() -> None:
    assert read("Content-Type: text/plain\nContent-Type: text/html\n\nx").root.content_type == "text/plain"


def test_the_outer_multipart_ends_inner_ones_that_never_do() -> None:
    inner = "Content-Type: multipart/mixed; boundary=c\n\n--c\n\none\n"
    tree = read(mixed(f"--b\n{inner}--b\n\ntwo\n--b--\n"))

    assert shape(tree)[1:] == [("1.1", "multipart/mixed"), ("1.1.1", "text/plain"), ("1.2", "text/plain")]
    assert bodies(tree) == [b"one", b"two"]
    assert kinds(tree) == {K.UNCLOSED}


def test_two_delimiters_in_a_row_are_one() -> None:
    assert bodies(read(mixed("--b\n--b\n\none\n--b--\n"))) == [b"one"]


def test_attached_messages_are_opened_and_are_attachments_themselves() -> None:
    inner = (
        "Content-Type: message/rfc822\n\nSubject: inner\nContent-Type: multipart/mixed; boundary=c\n\n--c\n\nx\n--c--\n"
    )
    tree = read(mixed(f"--b\n\ntext\n--b\n{inner}\n--b--\n"))

    assert [part.path for part in tree.parts] == ["1", "1.1", "1.2", "1.2.1", "1.2.1.1"]
    assert [part.path for part in tree.leaves] == ["1.1", "1.2"]
    assert [part.path for part in tree.attachments] == ["1.2"]
    assert tree.parts[3].headers.text("subject") == "inner"
    assert tree.parts[3].embedded


def test_within_a_digest_parts_are_messages() -> None:
    """RFC 2046 §5.1.5."""
    tree = read("Content-Type: multipart/digest; boundary=b\n\n--b\n\nSubject: one\n\nx\n--b--\n")

    assert shape(tree) == [("1", "multipart/digest"), ("1.1", "message/rfc822"), ("1.1.1", "text/plain")]


def test_parts_past_the_depth_stay_closed() -> None:
    text = "".join(f"Content-Type: multipart/mixed; boundary=b{n}\n\n--b{n}\n" for n in range(100))
    tree = read(text + "\nx\n")

    assert len(tree.parts) == DEFAULT_LIMITS.mime_depth + 1
    assert tree.parts[-1].opaque
    assert K.TOO_DEEP in kinds(tree)
    assert tree.parts[-1].end == len(tree.parts[-1].raw)


def test_attached_messages_past_the_depth_stay_closed() -> None:
    tree = read("Content-Type: message/rfc822\n\n" * 100 + "\nx")

    assert len(tree.parts) == DEFAULT_LIMITS.mime_depth + 1
    assert K.TOO_DEEP in kinds(tree)


def test_parts_past_the_number_are_not_read() -> None:
    tree = read(mixed("--b\n\nx\n" * 1200 + "--b--\n"), mime_parts=100)

    assert len(tree.parts) == 100
    assert tree.cut is not None
    assert kinds(tree) == {K.TOO_MANY_PARTS}
    assert [defect.kind.is_limit for defect in tree.defects] == [True]


def test_equal_defects_are_told_twenty_times() -> None:
    tree = read(mixed("--b\nContent-Transfer-Encoding: 9bit\n\nx\n" * 50 + "--b--\n"))

    assert len(tree.defects) == 20


@pytest.mark.parametrize(
    ("fields", "name", "attached"),
    [
        ("Content-Type: application/pdf", "", True),
        ("Content-Type: text/plain", "", False),
        ("Content-Type: text/plain; name=a.txt", "a.txt", True),
        ("Content-Disposition: attachment; filename=a.txt", "a.txt", True),
        ("Content-Type: text/html\nContent-Disposition: inline", "", False),
        ("Content-Disposition: attachment; filename=a.txt\nContent-Type: text/plain; name=b.txt", "a.txt", True),
        ("Content-Disposition: attachment; filename*=UTF-8''facturaci%C3%B3n.pdf", "facturación.pdf", True),
        ('Content-Type: application/pdf; name="=?UTF-8?Q?facturaci=C3=B3n.pdf?="', "facturación.pdf", True),
    ],
)
def test_what_is_a_file_and_its_name(fields: str, name: str, attached: bool) -> None:
    part = read(mixed(f"--b\n{fields}\n\nx\n--b--\n")).parts[1]

    assert (part.filename, part.is_attachment) == (name, attached)


def test_a_message_that_is_a_pdf_is_a_file_and_one_that_is_a_named_text_is_not() -> None:
    assert read("Content-Type: application/pdf\n\n%PDF-").root.is_attachment
    assert not read("Content-Type: text/plain; name=a.txt\n\nx").root.is_attachment
    assert not read("x").root.is_attachment


@pytest.mark.parametrize(
    "raw", [b"", b"\n", b"\r\n\r\n", b"--", b"Content-Type: multipart/mixed; boundary=b", b"\0" * 50]
)
def test_next_to_nothing_is_a_tree(raw: bytes) -> None:
    tree = read_tree(raw)

    assert tree.parts[0] is tree.root
    assert tree.root.end == len(raw)


def test_a_boundary_beyond_ascii_is_found_as_it_stands() -> None:
    for charset in ("utf-8", "latin-1"):
        raw = mixed("--ñ\n\nx\n--ñ--\n", '"ñ"').encode(charset)

        assert bodies(read_tree(raw)) == [b"x"]
