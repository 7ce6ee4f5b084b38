"""The message under diagnosis: its octets, its parts, and what a diagnosis says of a place in it."""

from __future__ import annotations

from deliverability.core.patterns import pattern
from deliverability.core.text import Text
from deliverability.dkim.canonical import with_crlf
from deliverability.dkim.diagnosis.parts import Leaf, Structure, structure
from deliverability.dkim.diagnosis.search import CRLF, Cut
from deliverability.headers.fields import Headers, text_of

#: Octets of a place that are shown.
EXCERPT = 400

_ANTIVIRUS = pattern(
    rb"antivirus|anti-virus|virus[ -]?free|libre de virus|avast|kaspersky|bitdefender|mailscanner|f-secure|"
    rb"scanned (?:by|for)|analizado (?:por|con|en busca)|checked (?:by|for) (?:avg|virus)|\beset\b|panda security",
    2,
)
_EXTERNAL = pattern(
    rb"\bexternal\b|\bexterno\b|\boutside (?:of )?(?:the|your|our)|fuera de (?:la|su|nuestra) organi|caution\s{0,3}:|"
    rb"precauci|remitente desconocido|do not click|no haga clic|don't often get email",
    2,
)
_LIST = pattern(
    rb"_{20,}|mailing list|lista de (?:correo|distribuci)|unsubscribe|darse de baja|listinfo|you received this message "
    rb"because you are subscribed|google groups",
    2,
)
_LEGAL = pattern(
    rb"confiden|disclaimer|aviso legal|protecci.{1,6}n de datos|\brgpd\b|\blopd|\bgdpr\b|destinatari|intended "
    rb"recipient|privileged|antes de imprimir|before printing|medio ambiente",
    2,
)

_KINDS = (
    (_ANTIVIRUS, Text("an antivirus notice", "un aviso de antivirus")),
    (_EXTERNAL, Text("a warning about outside senders", "un aviso de remitente externo")),
    (_LIST, Text("the footer of a mailing list", "el pie de una lista de correo")),
    (_LEGAL, Text("a legal notice", "un aviso legal")),
)
#: Where something was put in.
AT_END = Text("at the end of {place}", "al final de {place}")
AT_START = Text("at the beginning of {place}", "al principio de {place}")
INSIDE = Text("in {place}", "en {place}")
_SOME_TEXT = Text("text", "texto")
_EMPTY_LINES = Text("empty space", "espacio vacío")


class Body:
    """The body of a message as it arrived, line ends as CRLF, with what surrounds it."""

    __slots__ = ("first_line", "headers", "octets")

    def __init__(self, raw: bytes, headers: Headers) -> None:
        self.headers = headers
        self.octets = with_crlf(raw[headers.body_start :])
        #: The line of the message at which it begins, counted from 1.
        self.first_line = raw.count(b"\n", 0, headers.body_start) + 1

    @property
    def content_type(self) -> bytes:
        """The Content-Type of the message; text/plain without one (RFC 2045 §5.2)."""
        return self._value("Content-Type") or b"text/plain"

    @property
    def transfer_encoding(self) -> bytes:
        """The Content-Transfer-Encoding of the message."""
        return self._value("Content-Transfer-Encoding")

    def structure(self, octets: bytes) -> Structure:
        """The parts of the body in this spelling of it."""
        return structure(octets, self.content_type, self.transfer_encoding)

    def line(self, octets: bytes, at: int) -> int:
        """The line of the message in which `octets[at]` lies; canonicalization keeps lines."""
        return self.first_line + octets.count(b"\n", 0, at)

    def _value(self, name: str) -> bytes:
        field = self.headers.first(name)
        return field.value if field is not None else b""


def kind_of_text(text: bytes) -> Text:
    """What sort of text somebody put in, by what such texts say."""
    head = text[:4_000]
    if not text.strip():
        return _EMPTY_LINES
    return next((kind for found, kind in _KINDS if found.search(head)), _SOME_TEXT)


def is_notice(text: bytes, *, at_end: bool) -> bool:
    """Whether an edge of a text reads like what gateways put there. Legal notices do not count: senders write them too."""
    patterns = (_ANTIVIRUS, _LIST) if at_end else (_EXTERNAL, _ANTIVIRUS)
    return any(found.search(text) for found in patterns)


def excerpt(octets: bytes) -> str:
    """The beginning of a place, on one line."""
    shown = octets[:EXCERPT].strip(CRLF + b" \t")
    # A cut may fall within a character: what is then no UTF-8 would spoil the rest.
    while shown and len(octets) > EXCERPT and shown[-1] & 0xC0 == 0x80:
        shown = shown[:-1]
    return text_of(shown.rstrip(b"\xc2\xc3\xe2") if len(octets) > EXCERPT else shown)


def lines_in(octets: bytes, cut: Cut) -> int:
    """How many lines a run touches, one at least."""
    return max(1, octets.count(b"\n", cut.start, cut.end))


def size_of(octets: int) -> Text:
    """So many octets, in brackets."""
    return Text(f" ({octets} octets)", f" ({octets} octetos)")


def place_of(leaf: Leaf | None) -> Text:
    """Where in the message, in words."""
    if leaf is None or leaf.header < 0:
        return Text("the message", "el mensaje")
    return Text(f"part {leaf.path} ({leaf.type})", f"la parte {leaf.path} ({leaf.type})")


def filled(where: Text, place: Text) -> Text:
    """One of the three above with its place."""
    return Text(where.en.format(place=place.en), where.es.format(place=place.es).replace("de el ", "del "))
