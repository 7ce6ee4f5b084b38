"""Received-SPF: what a receiver's SPF check came to, and on what (RFC 7208 §9.1)."""

from __future__ import annotations

from dataclasses import dataclass

from deliverability.core.addresses import plain, read_literal
from deliverability.core.questions import IPAddress
from deliverability.headers.fields import text_of
from deliverability.headers.scan import TokenKind, scan

#: RFC 7208 §2.6, and the words of RFC 4408 and of Microsoft's own older form.
_RESULTS = frozenset({"none", "neutral", "pass", "fail", "softfail", "temperror", "permerror"})
_OLD_WORDS = {"error": "temperror", "unknown": "permerror", "hardfail": "fail"}
_MAX_PAIRS = 50


@dataclass(frozen=True, slots=True)
class ReceivedSpf:
    """One field. `result` is a word of RFC 7208 §2.6 in lower case; "" where the field holds none."""

    result: str
    comment: str = ""
    #: `client-ip`, `envelope-from`, `helo`, `receiver`, `identity`, `mechanism`, `problem` and what else stands there.
    pairs: tuple[tuple[str, str], ...] = ()
    #: The first word is not one of RFC 7208 §2.6, or something stands where it may not.
    deviates: bool = False

    def get(self, key: str) -> str:
        """The value of a key, "" when it is not there. Keys are lower case."""
        return next((value for name, value in self.pairs if name == key), "")

    @property
    def client(self) -> IPAddress | None:
        """`client-ip`."""
        found = read_literal(self.get("client-ip"))
        return plain(found) if found is not None else None

    @property
    def writer(self) -> str:
        """The host that wrote the field, where its comment begins with it ("mx.example: domain of …")."""
        host, colon, _ = self.comment.partition(":")
        return host.strip() if colon and " " not in host.strip() else ""


def parse_received_spf(value: str | bytes) -> ReceivedSpf:
    """Read the value of a Received-SPF field. Never raises."""
    text = text_of(value) if isinstance(value, bytes) else value
    tokens = scan(text, pairs=True).tokens
    comment = next((token.text for token in tokens if token.kind is TokenKind.COMMENT), "")
    words = [token for token in tokens if token.kind is not TokenKind.COMMENT]
    if not words:
        return ReceivedSpf("", comment, deviates=True)
    word = words[0].text.lower().rstrip(":,")
    known = word in _RESULTS
    pairs: list[tuple[str, str]] = []
    for index in range(1, len(words) - 1):
        token = words[index]
        if token.kind is TokenKind.SEPARATOR and token.text == "=" and words[index - 1].kind is TokenKind.WORD:
            pairs.append((words[index - 1].text.lower(), words[index + 1].text.strip("<>")))
            if len(pairs) >= _MAX_PAIRS:
                break
    result = word if known else _OLD_WORDS.get(word, "")
    return ReceivedSpf(result, comment, tuple(pairs), not known)
