"""A damaged key record as its publisher meant it, where that can be known.

Nothing is made up: quotation marks, backslashes, PEM lines and white space are taken out, `v=` is put right, tags that
exclude mail are dropped, and the key itself is only re-encoded from octets that are there. What is proposed has been
read again and found whole.
"""

from __future__ import annotations

import binascii
from collections.abc import Iterable
from itertools import permutations

from deliverability.core.patterns import pattern
from deliverability.core.tags import TagDefectKind, read_tags
from deliverability.dkim.der import RsaPublicKey, read_rsa
from deliverability.dkim.record import (
    ED25519_INFO,
    ED25519_OCTETS,
    DkimKey,
    KeyProblemKind,
    compose,
    parse_key,
)

_PEM = pattern(r"-----[A-Z ]{1,40}-----")
_WHITE = pattern(r"[ \t\r\n]+")
_PASTED = pattern(r'"[ \t\r\n]*"|["\\]')
#: A key that is too weak or impossible is whole all the same; no record can mend it.
_BEYOND_REPAIR = {
    KeyProblemKind.TOO_SHORT,
    KeyProblemKind.TOO_LARGE,
    KeyProblemKind.MODULUS,
    KeyProblemKind.EXPONENT,
}
_MAX_PARTS = 3


def corrected(key: DkimKey, *, keep_testing: bool = False) -> str | None:
    """The record with everything put right that can be, or None where nothing is wrong or no whole key comes out.

    Takes away the test flag `t=y` unless told otherwise.
    """
    tags = _clean_tags(key.text)
    if tags is None:
        return None
    result = compose(_corrected_tags(tags, keep_testing=keep_testing))
    again = parse_key(result)
    if not again.public_key or any(problem.kind not in _BEYOND_REPAIR for problem in again.problems):
        return None
    return result if key.problems or (key.testing and not keep_testing) else None


def rejoined(keys: Iterable[DkimKey]) -> str | None:
    """One whole record from the pieces of a key that were published as records of their own."""
    texts = [key.text for key in keys]
    if not 2 <= len(texts) <= _MAX_PARTS:
        return None
    for order in permutations(texts):
        joined = parse_key("".join(order))
        if joined.usable and not joined.problems:
            return joined.text
    return None


def _clean_tags(text: str) -> dict[str, str] | None:
    """The tags without what pasting left behind; None where one tag says two things."""
    read = read_tags(_PASTED.sub("", _PEM.sub("", text)))
    if any(defect.kind is TagDefectKind.NO_EQUALS or defect.kind is TagDefectKind.BAD_NAME for defect in read.defects):
        return None
    tags: dict[str, str] = {}
    for tag in read.tags:
        if tags.setdefault(tag.name, tag.value) != tag.value:
            return None
    return tags


def _corrected_tags(tags: dict[str, str], *, keep_testing: bool) -> list[tuple[str, str]]:
    """RFC 6376 §3.6.1: version first, no restriction that excludes mail, the key in plain base64."""
    key_type = tags.get("k", "rsa")
    result = [("v", "DKIM1")] if "v" in tags else []
    for name, value in tags.items():
        words = [word.strip() for word in value.split(":")]
        match name:
            case "v":
                continue
            case "k" if key_type not in ("rsa", "ed25519"):
                continue  # the default is rsa; whether that fits shows when the record is read again
            case "h" if "sha256" not in words:
                continue
            case "s" if not {"*", "email", "tlsrpt"} & set(words):
                continue
            case "t" if "y" in words and not keep_testing:
                if rest := [word for word in words if word != "y"]:
                    result.append(("t", ":".join(rest)))
            case "p":
                result.append(("p", _key_text(value, key_type)))
            case _:
                result.append((name, value))
    return result


def _key_text(value: str, key_type: str) -> str:
    """The key in base64 as it should be: no white space, the right padding, nothing after the key."""
    bare = _WHITE.sub("", value).rstrip("=")
    try:
        octets = binascii.a2b_base64(bare + "=" * (-len(bare) % 4), strict_mode=True)
    except ValueError:
        return value
    if key_type == "ed25519":
        if len(octets) == len(ED25519_INFO) + ED25519_OCTETS and octets.startswith(ED25519_INFO):
            octets = octets[len(ED25519_INFO) :]
    else:
        key = read_rsa(octets)
        octets = octets[: key.length] if isinstance(key, RsaPublicKey) else octets
    return binascii.b2a_base64(octets, newline=False).decode("ascii")
