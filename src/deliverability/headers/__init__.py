"""The header section of a message: fields, addresses, words, dates, the way it came, and what others said of it."""

from deliverability.headers.fields import Field, HeaderDefect, HeaderDefectKind, Headers, parse

__all__ = ["Field", "HeaderDefect", "HeaderDefectKind", "Headers", "parse"]
