"""The header section of a message: fields, addresses, words, dates, the way it came, and what others said of it."""

from deliverability.headers.authentication_results import AuthenticationResults, parse_authentication_results
from deliverability.headers.fields import Field, HeaderDefect, HeaderDefectKind, Headers, parse

__all__ = [
    "AuthenticationResults",
    "Field",
    "HeaderDefect",
    "HeaderDefectKind",
    "Headers",
    "parse",
    "parse_authentication_results",
]
