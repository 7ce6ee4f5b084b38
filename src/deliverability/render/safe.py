"""Outside text on its way out: no control, invisible or direction-changing character passes as such.

Texts of rules are ours, their arguments are not. An argument is escaped before it is put in, line breaks included, so
that a record cannot start a line of its own; the whole is escaped once more line by line.
"""

from __future__ import annotations

from collections.abc import Mapping

from deliverability.core.limits import DEFAULT_LIMITS
from deliverability.core.names import escape_controls
from deliverability.core.text import ArgValue, Lang, Text


def safe(text: str, limit: int = DEFAULT_LIMITS.shown_characters) -> str:
    """One line of outside text as it may be shown; what is left out is marked with how many characters it had."""
    escaped = escape_controls(text[: limit + 1])
    if len(text) <= limit:
        return escaped
    return f"{escape_controls(text[:limit])}… (+{len(text) - limit})"


def sentence(text: Text, lang: Lang, args: Mapping[str, ArgValue] | None = None) -> str:
    """A text of ours with escaped arguments; its own line breaks stay."""
    formatted = text.format(lang, {key: _safe_arg(value) for key, value in (args or {}).items()})
    return "\n".join(safe(line) for line in formatted.split("\n"))


def _safe_arg(value: ArgValue) -> ArgValue:
    if isinstance(value, str):
        return safe(value)
    if isinstance(value, tuple):
        return tuple(safe(str(item)) for item in value)
    return value
