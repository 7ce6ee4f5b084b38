"""Octets in a named charset as text: for encoded words, parameters and bodies. Never raises.

Python's codec list is not taken as it is: it holds encodings that are no charsets (`punycode`, `unicode_escape`), some
of them slow on long input, and looking an unknown name up costs an import. Here a name is looked up in a table.
"""

from __future__ import annotations

import functools
from encodings.aliases import aliases
from typing import NamedTuple

from deliverability.core.patterns import pattern

#: Encodings of Python that are no charsets of mail (RFC 2978).
_NOT_A_CHARSET = frozenset(
    {
        "base64_codec", "bz2_codec", "hex_codec", "idna", "mbcs", "oem", "palmos", "punycode", "quopri_codec",
        "raw_unicode_escape", "rot_13", "undefined", "unicode_escape", "unicode_internal", "uu_codec", "zlib_codec",
    }
)  # fmt: skip
#: Charsets of real mail that the alias table lacks, and labels that mean a wider charset than they say.
_MORE = {
    "ansi_x3_4_1986": "ascii",
    "cp874": "cp874",
    "windows_874": "cp874",
    "cp_850": "cp850",
    "gb2312": "gb18030",  # as senders use it
    "gbk": "gb18030",
    "iso_8859_8_i": "iso8859_8",
    "iso_8859_8_e": "iso8859_8",
    "iso_8859_6_i": "iso8859_6",
    "koi8_t": "koi8_t",
    "koi8_u": "koi8_u",
    "macintosh": "mac_roman",
    "mac": "mac_roman",
    "utf_8_sig": "utf_8_sig",
    "unicode_1_1_utf_8": "utf_8",
    "x_mac_roman": "mac_roman",
    "x_sjis": "cp932",
    "shift_jis": "cp932",
    "x_gbk": "gb18030",
    "ks_c_5601_1987": "cp949",
    "euc_kr": "cp949",
}
_NAME = pattern(r"[A-Za-z0-9][A-Za-z0-9_.:()+-]{0,40}")
_PUNCTUATION = pattern(r"[^a-z0-9]+")
_SURROGATES = pattern("[\ud800-\udfff]")
_C1 = pattern("[\x80-\x9f]")
#: RFC 5198 §2 and others: these can carry half a character as if it were whole.
_MAY_YIELD_SURROGATES = frozenset(
    {"utf_7", "utf_8_sig", "utf_16", "utf_16_le", "utf_16_be", "utf_32", "utf_32_be", "utf_32_le"}
)


class Decoded(NamedTuple):
    """Octets read in a charset."""

    text: str
    #: Whether the charset is one we know; if not, the text is UTF-8 or one character for each octet.
    known: bool
    #: Whether every octet belongs to the charset; if not, U+FFFD stands for those that do not.
    clean: bool


@functools.cache
def _table() -> dict[str, str]:
    # Read-only: built once from Python's own table of names.
    table = {name: codec for name, codec in aliases.items() if codec not in _NOT_A_CHARSET}
    table.update({codec: codec for codec in aliases.values() if codec not in _NOT_A_CHARSET})
    table.update(_MORE)
    return table


@functools.lru_cache(maxsize=256)
def codec_of(charset: str) -> str | None:
    """Python's name of the codec for a charset's name as mail writes it; None for one that is not known."""
    if not _NAME.fullmatch(charset):
        return None
    return _table().get(_PUNCTUATION.sub("_", charset.lower()).strip("_"))


def decode_octets(octets: bytes, charset: str) -> Decoded:
    """The text of `octets` in `charset`. An unknown charset is read as UTF-8, else as Latin-1."""
    codec = codec_of(charset)
    if codec is None:
        return Decoded(decode_unlabelled(octets), False, True)
    try:
        return Decoded(_whole(octets.decode(codec), codec), True, True)
    except UnicodeError:
        if codec == "ascii":  # 8-bit text under the wrong label: what it is can still be told
            return Decoded(decode_unlabelled(octets), True, False)
        return Decoded(_whole(octets.decode(codec, "replace"), codec), True, False)


def _whole(text: str, codec: str) -> str:
    """Mail programs read ISO 8859-1 as Windows-1252 (the euro sign); no text keeps half a character."""
    if codec in ("latin_1", "iso8859_1") and _C1.search(text):
        return text.encode("latin-1").decode("cp1252", "replace")
    if codec in _MAY_YIELD_SURROGATES and _SURROGATES.search(text):
        return _SURROGATES.sub("\ufffd", text)
    return text


def decode_unlabelled(octets: bytes) -> str:
    """Octets of no known charset: UTF-8 where they are that, else Windows-1252, one character for each octet."""
    try:
        return octets.decode("utf-8")
    except UnicodeDecodeError:
        return _whole(octets.decode("latin-1"), "latin_1")


def without_surrogates(text: str) -> str:
    """Text that can be written in UTF-8: U+FFFD stands for lone surrogates."""
    return text if text.isascii() else _SURROGATES.sub("\ufffd", text)
