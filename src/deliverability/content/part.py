"""What the MIME tree of a message is made of: parts, defects, the tree."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from deliverability.content.decode import Decoded, DecodedText, decode_octets, decode_text
from deliverability.content.magic import FileType, detect
from deliverability.core.limits import DEFAULT_LIMITS
from deliverability.core.span import Span
from deliverability.headers.fields import Headers
from deliverability.headers.parameters import ParameterDefect

#: Octets of a decoded part that are enough to tell its type.
HEAD = 64 * 1024
_SEEN_NAME = 80


class MimeDefectKind(StrEnum):
    """What can be wrong with the MIME structure of a message."""

    DUPLICATE_FIELD = "duplicate-field"  # two Content-Type, Content-Transfer-Encoding or Content-Disposition fields
    TYPE_SYNTAX = "content-type-syntax"  # no type/subtype: read as text/plain (RFC 2045 §5.2)
    PARAMETER_SYNTAX = "parameter-syntax"
    NO_BOUNDARY = "no-boundary"  # a multipart without the parameter
    BOUNDARY_SYNTAX = "boundary-syntax"  # over 70 characters, or characters that RFC 2046 §5.1.1 does not allow
    BOUNDARY_NOT_FOUND = "boundary-not-found"  # no line of the body is the delimiter
    BOUNDARY_REUSED = "boundary-reused"  # the same boundary as an enclosing multipart
    BOUNDARY_PREFIX = "boundary-prefix"  # a line that begins with the delimiter and goes on
    UNCLOSED = "unclosed"  # no close-delimiter
    AFTER_CLOSE = "after-close"  # a delimiter after the close-delimiter
    EMPTY_MULTIPART = "empty-multipart"  # closed without a part
    ENCODED_MULTIPART = "encoded-multipart"  # RFC 2045 §6.4: only 7bit, 8bit and binary
    ENCODED_MESSAGE = "encoded-message"  # the same for message/rfc822 (RFC 2046 §5.2.1)
    UNKNOWN_ENCODING = "unknown-encoding"
    NO_BLANK_LINE = "no-blank-line"  # the part's text begins where a header field was expected
    TOO_DEEP = "mime-depth"  # Limits.mime_depth: the part is not opened
    TOO_MANY_PARTS = "mime-parts"  # Limits.mime_parts: the rest is not read
    HEADERS_CUT = "part-headers-cut"  # a limit on header sections

    @property
    def ambiguous(self) -> bool:
        """Whether two readers that both mean well see two different messages."""
        return self in _AMBIGUOUS

    @property
    def is_limit(self) -> bool:
        """Whether a limit of `Limits` was passed, so that something was not read."""
        return self in _LIMITS


_AMBIGUOUS = frozenset(
    (
        MimeDefectKind.DUPLICATE_FIELD,
        MimeDefectKind.BOUNDARY_REUSED,
        MimeDefectKind.BOUNDARY_PREFIX,
        MimeDefectKind.AFTER_CLOSE,
        MimeDefectKind.ENCODED_MULTIPART,
    )
)
_LIMITS = frozenset((MimeDefectKind.TOO_DEEP, MimeDefectKind.TOO_MANY_PARTS, MimeDefectKind.HEADERS_CUT))


class MimeDefect(NamedTuple):
    """One defect and its place: octet offset in the message, line counted from 1, path of the part."""

    kind: MimeDefectKind
    offset: int
    line: int
    part: str
    #: What stands there, as text: a boundary, a field name, an encoding.
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """One MIME part. All offsets count octets of the message; `raw` is the whole message and never copied."""

    #: "1" is the message itself, "1.2" its second part, "1.2.1" the first part of that one.
    path: str
    depth: int
    #: The header section; for "1" that of the message. Lines count from the beginning of the message.
    headers: Headers
    #: `type/subtype` in lower case as declared, or the default of RFC 2045 §5.2.
    content_type: str
    #: Parameters of Content-Type: lower-case name, decoded value.
    parameters: dict[str, str]
    #: "inline", "attachment", another word in lower case, or "" without the field.
    disposition: str
    disposition_parameters: dict[str, str]
    #: Content-Transfer-Encoding in lower case; "7bit" without the field (RFC 2045 §6.1).
    encoding: str
    #: The body: `raw[start:end]`, for a multipart with everything in it.
    start: int
    end: int
    #: Where the part begins, its header section included.
    header_start: int
    #: The line of the message where the part begins, and where its body begins.
    line: int
    body_line: int
    raw: bytes = field(repr=False, compare=False)
    children: tuple[Part, ...] = field(default=(), repr=False)
    #: Whether it lies within an attached message (message/rfc822).
    embedded: bool = False
    #: `type/subtype` of the part around it; "" for the message itself.
    parent_type: str = ""
    #: Whether there is a Content-Type field with a type that can be read.
    declared: bool = False
    #: For a multipart: what lies before the first and after the last delimiter.
    preamble: Span | None = None
    epilogue: Span | None = None
    #: Not opened because of a limit.
    opaque: bool = False
    #: What was wrong with the parameters of Content-Type and of Content-Disposition.
    parameter_defects: tuple[ParameterDefect, ...] = ()
    disposition_defects: tuple[ParameterDefect, ...] = ()

    @property
    def size(self) -> int:
        """Octets of the body as sent."""
        return self.end - self.start

    @property
    def is_multipart(self) -> bool:
        """Whether it is declared as multipart/*."""
        return self.content_type.startswith("multipart/")

    @property
    def is_message(self) -> bool:
        """Whether it is a message within the message."""
        return self.content_type in ("message/rfc822", "message/global")

    @property
    def charset(self) -> str:
        """The declared charset in lower case; "" where none is declared."""
        return self.parameters.get("charset", "").strip().lower()

    @property
    def filename(self) -> str:
        """The name to save it under: `filename` of Content-Disposition, else `name` of Content-Type; "" without."""
        return self.disposition_parameters.get("filename", "") or self.parameters.get("name", "")

    @property
    def content_id(self) -> str:
        """The Content-ID without its angle brackets; "" without one."""
        return self.headers.text("content-id").strip().removeprefix("<").removesuffix(">")

    @property
    def is_attachment(self) -> bool:
        """Whether a reader shows it as a file, and not as text of the message (RFC 2183 §2.1, §2.2)."""
        if self.is_multipart or self.embedded:
            return False
        if self.disposition == "attachment" or (self.is_message and self.path != "1"):
            return True
        if self.content_type.startswith("text/"):
            return bool(self.filename) and self.parent_type not in ("", "multipart/alternative")
        return True

    @property
    def name(self) -> str:
        """What a finding calls it: `part 1.2: factura.pdf`, or its type where it has no name."""
        return f"part {self.path}: {self.filename[:_SEEN_NAME] or self.content_type}"

    def decode(self, limit: int | None = None) -> Decoded:
        """The body without its transfer encoding: at most `limit` octets, all of it for None. Not kept: ask once."""
        return decode_octets(self.raw, self.start, self.end, self.encoding, limit)

    @property
    def decoded(self) -> bytes:
        """The first octets of the decoded body, as many as `Limits.text_octets`."""
        return self.decode(DEFAULT_LIMITS.text_octets).octets

    def text(self, limit: int = DEFAULT_LIMITS.text_octets) -> DecodedText:
        """The body as text, with what was wrong with its charset. Holds no lone surrogates."""
        return self.text_of(self.decode(limit))

    def text_of(self, decoded: Decoded) -> DecodedText:
        """What `decode` gave as text in the declared charset."""
        return decode_text(decoded, self.charset, is_html=self.content_type == "text/html")

    @property
    def detected(self) -> FileType | None:
        """What the first octets are by their magic number; None where they say nothing."""
        return detect(self.decode(HEAD).octets)


@dataclass(frozen=True, slots=True)
class MimeTree:
    """The parts of one message."""

    root: Part
    #: Every part in document order, the message itself first.
    parts: tuple[Part, ...]
    defects: tuple[MimeDefect, ...]
    #: Where reading stopped because of `Limits.mime_parts`; None: it was read to the end.
    cut: int | None = None

    @property
    def leaves(self) -> tuple[Part, ...]:
        """The parts with a body of their own. An attached message is one leaf; what is in it is not listed."""
        return tuple(part for part in self.parts if not part.is_multipart and not part.embedded)

    @property
    def texts(self) -> tuple[Part, ...]:
        """The parts a reader shows as the message: text/plain and text/html that are no attachments."""
        shown = ("text/plain", "text/html")
        return tuple(part for part in self.leaves if part.content_type in shown and not part.is_attachment)

    @property
    def attachments(self) -> tuple[Part, ...]:
        """The parts a reader shows as files, pictures of the HTML (with a Content-ID) included."""
        return tuple(part for part in self.leaves if part.is_attachment)

    def part(self, path: str) -> Part | None:
        """The part of that path."""
        return next((part for part in self.parts if part.path == path), None)

    def parent(self, part: Part) -> Part | None:
        """The part around it; None for the message itself."""
        return self.part(part.path.rpartition(".")[0])
