"""What the header section of a part says about its body (RFC 2045 §5, §6, RFC 2183)."""

from __future__ import annotations

from typing import NamedTuple

from deliverability.content.part import MimeDefectKind
from deliverability.core.patterns import pattern
from deliverability.headers.fields import Field, Headers
from deliverability.headers.parameters import ParameterDefect, Parameterized, parse_parameterized

#: RFC 2045 §6.2: encodings that leave the octets as they are.
IDENTITY = frozenset(("7bit", "8bit", "binary"))
_ENCODINGS = IDENTITY | {"base64", "quoted-printable", "x-uuencode", "uuencode", "x-uue"}
# Tokens of RFC 2045 §5.1; told by what they hold, since a class of all else up to U+10FFFF takes a millisecond to compile.
_TYPE = pattern(r"[!#-'*+.0-9A-Z^-~-]+/[!#-'*+.0-9A-Z^-~-]+")
_TOKEN = pattern(r"[^\s;()]+")
_SINGLE = ("content-type", "content-transfer-encoding", "content-disposition")
_NOTHING = Parameterized("")
_DETAIL = 80


class Declared(NamedTuple):
    """What is declared, with the defaults of RFC 2045 §5.2 and §6.1 for what is not."""

    content_type: str
    parameters: dict[str, str]
    disposition: str
    disposition_parameters: dict[str, str]
    encoding: str
    #: Whether a type stands there that can be read.
    declared: bool
    parameter_defects: tuple[ParameterDefect, ...]
    disposition_defects: tuple[ParameterDefect, ...]


class _Defect(NamedTuple):
    kind: MimeDefectKind
    offset: int
    detail: str = ""


def read_declared(headers: Headers, *, default: str) -> tuple[Declared, list[_Defect]]:
    """What the fields declare, and what is wrong with them. Of two equal fields the first counts."""
    defects: list[_Defect] = []
    seen: dict[str, Field] = {}
    for field in headers.fields:
        if field.key in _SINGLE:
            if field.key in seen:
                defects.append(_Defect(MimeDefectKind.DUPLICATE_FIELD, field.start, field.name[:_DETAIL]))
            seen.setdefault(field.key, field)
    content_type, typed = default, _NOTHING
    field_of_type = seen.get("content-type")
    if field_of_type is not None:
        typed = parse_parameterized(field_of_type.value)
        # RFC 2045 §5.2: what cannot be read as a type is plain text.
        content_type = typed.value if _TYPE.fullmatch(typed.value) else "text/plain"
        if content_type is not typed.value:
            defects.append(_Defect(MimeDefectKind.TYPE_SYNTAX, field_of_type.start, typed.value[:_DETAIL]))
        if typed.defects:
            defects.append(_Defect(MimeDefectKind.PARAMETER_SYNTAX, field_of_type.start, typed.defects[0].kind))
    disposed = parse_parameterized(seen["content-disposition"].value) if "content-disposition" in seen else _NOTHING
    encoding = _encoding(seen.get("content-transfer-encoding"), defects)
    declared = Declared(
        content_type,
        dict(typed.parameters),
        disposed.value,
        dict(disposed.parameters),
        encoding,
        field_of_type is not None and content_type is typed.value,
        typed.defects,
        disposed.defects,
    )
    return declared, defects


def _encoding(field: Field | None, defects: list[_Defect]) -> str:
    """RFC 2045 §6.1: one token, 7bit where there is none; §6.4: an unknown one leaves the octets as they are."""
    token = _TOKEN.search(field.text) if field is not None else None
    if field is None or token is None:
        return "7bit"
    encoding = token.group().lower()
    if encoding not in _ENCODINGS:
        defects.append(_Defect(MimeDefectKind.UNKNOWN_ENCODING, field.start, encoding[:_DETAIL]))
    return encoding
