"""What can be wrong in a DMARC record, and where."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from deliverability.core.span import Span


class DmarcProblemKind(StrEnum):
    """One kind of defect. dmarc/texts.py says each in both languages."""

    # The record as a whole is ignored (RFC 9989 §4.7, "v").
    VERSION_MISSING = "version-missing"
    VERSION_NOT_FIRST = "version-not-first"
    VERSION_CASE = "version-case"
    VERSION_VALUE = "version-value"
    VERSION_LEADING_SPACE = "version-leading-space"
    VERSION_SEPARATOR = "version-separator"  # DMARC1 without the ";" after it

    # Syntax of the list.
    EMPTY_TAG = "empty-tag"
    NO_EQUALS = "no-equals"
    BAD_NAME = "bad-name"
    DUPLICATE = "duplicate"
    NON_ASCII = "non-ascii"
    TOO_MANY_TAGS = "too-many-tags"
    TOO_LONG = "too-long"
    MISSING_SEPARATOR = "missing-separator"
    COLON = "colon"
    QUOTES = "quotes"
    BACKSLASH = "backslash"
    HTML = "html"

    # Tags and their values.
    UNKNOWN_TAG = "unknown-tag"
    TAG_CASE = "tag-case"
    REMOVED_TAG = "removed-tag"
    POLICY_MISSING = "policy-missing"
    POLICY_INVALID = "policy-invalid"
    VALUE_INVALID = "value-invalid"
    VALUE_EMPTY = "value-empty"
    FO_WITHOUT_RUF = "fo-without-ruf"
    FO_CONFLICT = "fo-conflict"
    FO_INVALID = "fo-invalid"

    # Report addresses.
    URI_EMPTY = "uri-empty"
    URI_NO_SCHEME = "uri-no-scheme"
    URI_SCHEME = "uri-scheme"
    URI_SPACE = "uri-space"
    URI_SEMICOLON = "uri-semicolon"
    URI_ADDRESS = "uri-address"
    URI_CHARACTER = "uri-character"
    URI_SIZE = "uri-size"


class DmarcProblem(NamedTuple):
    """One defect: the place, the text there, and what follows from it."""

    kind: DmarcProblemKind
    span: Span
    text: str
    #: The tag it belongs to, where it belongs to one.
    tag: str = ""
    #: The text that would be right, where that is plain.
    suggestion: str = ""
    #: What receivers use in its place ("r", "0", …); "" when the piece is only ignored.
    used: str = ""


K = DmarcProblemKind

#: A record with one of these is no DMARC record to anybody.
VERSION_KINDS = frozenset(
    {
        K.VERSION_MISSING,
        K.VERSION_NOT_FIRST,
        K.VERSION_CASE,
        K.VERSION_VALUE,
        K.VERSION_LEADING_SPACE,
        K.VERSION_SEPARATOR,
    }
)
#: Defects of one report URI that make receivers ignore it.
URI_KINDS = frozenset(
    {K.URI_EMPTY, K.URI_NO_SCHEME, K.URI_SCHEME, K.URI_SPACE, K.URI_SEMICOLON, K.URI_ADDRESS, K.URI_CHARACTER}
)
SYNTAX_KINDS = frozenset(
    {
        K.VERSION_SEPARATOR,
        K.EMPTY_TAG,
        K.NO_EQUALS,
        K.BAD_NAME,
        K.NON_ASCII,
        K.TOO_MANY_TAGS,
        K.TOO_LONG,
        K.MISSING_SEPARATOR,
        K.COLON,
        K.QUOTES,
        K.BACKSLASH,
        K.HTML,
    }
)
FO_KINDS = frozenset({K.FO_WITHOUT_RUF, K.FO_CONFLICT, K.FO_INVALID})
