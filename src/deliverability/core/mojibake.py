"""Text whose octets were taken for another character set on the way: `FacturaciÃ³n` for `Facturación`."""

from __future__ import annotations

from deliverability.core.patterns import pattern

#: The characters of Windows-1252 for 80 to 9F.
CP1252 = "€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ"
#: UTF-8 of letters, signs and the euro as it looks when each of its octets is taken for a character of Windows-1252.
_MOJIBAKE = pattern(f"[ÂÃ][\x80-\xbf{CP1252}]|â(?:‚¬|\x82¬|€[\x80-\xbf{CP1252}]|\x80[\x80-\xbf])")
_MAX_PAIRS = 500


def find_mojibake(text: str) -> int:
    """Where UTF-8 stands that was taken for Windows-1252; -1 where it does not.

    The octets have to be UTF-8 again, and most of what is beyond ASCII has to look so: other languages in the wrong
    charset hold such pairs by chance.
    """
    first, characters = -1, 0
    for count, found in enumerate(_MOJIBAKE.finditer(text)):
        if count >= _MAX_PAIRS:
            return first
        octets = b"".join(_single(character) for character in found.group())
        try:
            octets.decode("utf-8")
        except UnicodeDecodeError:
            continue
        first = found.start() if first < 0 else first
        characters += len(found.group())
    if first < 0:
        return -1
    beyond = len(text) - len(text.encode("ascii", "ignore"))
    return first if 2 * characters >= beyond else -1


def without_mojibake(text: str) -> str | None:
    """The text as it was meant, if all of it can be told; else None."""
    try:
        return b"".join(
            _single(character) if ord(character) > 0x7F else character.encode() for character in text
        ).decode()
    except UnicodeError:
        return None


def _single(character: str) -> bytes:
    try:
        return character.encode("cp1252")
    except UnicodeEncodeError:
        return character.encode("latin-1", "replace")
