"""CPython's messages for its email package: each gives a tree, the same as the standard library's where that is right."""

from __future__ import annotations

import email
import email.message
import email.policy

import pytest

from deliverability.content.mime import read_tree
from deliverability.content.part import MimeTree
from tests.support.shared import SHARED, needs_shared

FILES = sorted((SHARED / "conformance" / "mime-cpython").glob("*.txt")) if SHARED else []

#: Where ours differs, and why.
OPENED_BY_THEM = {
    # Within these the standard library makes a part of each group of fields; for a reader the report is one text.
    "message/delivery-status",
    # The body of an external body is no message of this mail (RFC 2046 §5.2.3): nothing in it is shown.
    "message/external-body",
}


def theirs(message: email.message.Message, path: str = "1") -> list[tuple[str, str]]:
    found = [(path, message.get_content_type())]
    if message.is_multipart() and message.get_content_type() not in OPENED_BY_THEM:
        children = message.get_payload()
        assert isinstance(children, list)
        for number, child in enumerate(children, 1):
            assert isinstance(child, email.message.Message)
            found += theirs(child, f"{path}.{number}")
    return found


def ours(tree: MimeTree) -> list[tuple[str, str]]:
    return [(part.path, part.content_type) for part in tree.parts]


@needs_shared("conformance", "mime-cpython")
def test_the_suite_is_there() -> None:
    assert len(FILES) == 48


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_same_parts(path) -> None:  # type: ignore[no-untyped-def]
    raw = path.read_bytes()

    assert ours(read_tree(raw)) == theirs(email.message_from_bytes(raw))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_same_contents(path) -> None:  # type: ignore[no-untyped-def]
    """Of every part that both take for text without defects: the decoded octets."""
    raw = path.read_bytes()
    tree = read_tree(raw)
    by_path = {part.path: part for part in tree.parts}

    def compare(message: email.message.Message, at: str) -> None:
        if message.is_multipart():
            if message.get_content_type() in OPENED_BY_THEM:
                return
            for number, child in enumerate(message.get_payload(), 1):
                assert isinstance(child, email.message.Message)
                compare(child, f"{at}.{number}")
            return
        if by_path[at].is_multipart:  # without a part: its preamble is no text
            return
        decoded = by_path[at].decode()
        payload = message.get_payload(decode=True)
        if not decoded.defects and isinstance(payload, bytes):
            assert decoded.octets == payload

    compare(email.message_from_bytes(raw), "1")


def nested(depth: int) -> bytes:
    opened = "".join(f"Content-Type: multipart/mixed; boundary=b{n}\r\n\r\n--b{n}\r\n" for n in range(depth))
    return (opened + "\r\nx").encode()


def test_where_the_standard_library_runs_out_of_stack_ours_does_not() -> None:
    with pytest.raises(RecursionError):
        list(email.message_from_bytes(nested(3000)).walk())

    assert read_tree(nested(3000)).parts[-1].opaque


def test_where_the_standard_library_raises_ours_does_not() -> None:
    """A charset that is no charset: reading the text of the part is a LookupError there, and a defect here."""
    raw = b"Content-Type: text/plain; charset=castellano\r\nContent-Transfer-Encoding: 8bit\r\n\r\nhola \xf1\r\n"
    with pytest.raises(LookupError):
        email.message_from_bytes(raw, policy=email.policy.default).get_content()  # type: ignore[attr-defined]

    assert read_tree(raw).root.text().defects
