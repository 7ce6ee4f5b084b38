"""Shapes that JSON documents share."""

from __future__ import annotations

from collections.abc import Mapping

from deliverability.core.text import ArgValue, Text


def text_document(text: Text, args: Mapping[str, ArgValue] | None = None) -> dict[str, str]:
    """A text in both languages."""
    return {"en": text.format("en", args), "es": text.format("es", args)}
