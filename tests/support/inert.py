"""What may never be in output, whatever went in: used by every renderer's safety test."""

from __future__ import annotations

import re

#: C0 but line feed, DEL, C1, direction and invisible format characters, lone surrogates.
HARMFUL = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff\U000e0000-\U000e007f]"
)
#: The styles that rich writes when asked for colour.
SGR = re.compile(r"\x1b\[[0-9;]*m")


def harmful(text: str, *, color: bool = False) -> list[str]:
    """The harmful characters in a text; the styles of a coloured report are none."""
    return HARMFUL.findall(SGR.sub("", text) if color else text)
