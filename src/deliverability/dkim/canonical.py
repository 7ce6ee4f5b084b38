"""The two canonicalizations of DKIM, for header fields and for bodies (RFC 6376 §3.4), and what is signed (§3.7).

Theory of operation. A body is taken in blocks, so that a message of 50 MiB costs no more memory than its own octets. Of
each block a short end is held back whose meaning the next block decides: a CR that may be followed by LF, and with
`relaxed` the white space before it. What remains is looked at first (a search for a tab, for two blanks, for a blank
before a line end runs at memory speed and most mail has nothing to collapse) and only then changed, by replacements of
fixed strings. Two blanks become one as often as a block can hold a longer run, sixteen times at most, so that a body
made of blanks costs the same per octet as any other; no pattern that could go back over its input is used.
Empty lines at the end are counted, not kept, and written only when something follows them.

Line ends. DKIM signs CRLF. A message stored by a mail program or on a Unix disk has LF alone, and so has one whose line
ends were mixed on the way; every MTA sends CRLF for them. A bare LF is therefore read as CRLF, in the header section
and in the body. A bare CR is left as it is: it is content (RFC 5322 §2.3 forbids it, RFC 6376 §5.3 warns of it).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from typing import Literal, NamedTuple, TypeAlias

from deliverability.core.patterns import pattern
from deliverability.headers.fields import Field, Headers

Canonicalization: TypeAlias = Literal["simple", "relaxed"]

BLOCK = 16 * 1024
_CRLF = b"\r\n"
_WSP_RUN = pattern(rb"[ \t]+")
_B_TAG = pattern(rb"(?:\A|;)[ \t\r\n]*b[ \t\r\n]*=([^;]*)")


# --- header fields --------------------------------------------------------------------------------------------------


def canonicalize_field(raw: bytes, method: Canonicalization) -> bytes:
    """One header field, given with its folds and its line end, as it is signed; ends with CRLF (RFC 6376 §3.4.1, §3.4.2)."""
    name, _, body = raw.partition(b":")
    body = body[:-2] if body.endswith(_CRLF) else body.removesuffix(b"\n")
    if method == "simple":
        return name + b":" + with_crlf(body) + _CRLF
    unfolded = with_crlf(body).replace(_CRLF, b"")
    return name.strip(b" \t").lower() + b":" + _WSP_RUN.sub(b" ", unfolded).strip(b" ") + _CRLF


def _words_only(raw: bytes) -> bool:
    """Whether all white space of header fields is blanks, tabs and folds: then `split` finds what relaxed keeps."""
    return b"\x0b" not in raw and b"\x0c" not in raw and raw.count(b"\r") == raw.count(_CRLF)


def _join_words(raw: bytes) -> bytes:
    """`relaxed` for a field of such white space: its words with one blank between."""
    name, _, body = raw.partition(b":")
    return name.rstrip(b" \t").lower() + b":" + b" ".join(body.split()) + _CRLF


def with_crlf(octets: bytes) -> bytes:
    """`octets` with CRLF for every bare LF; the same object where there is none."""
    if octets.count(b"\n") == octets.count(_CRLF):
        return octets
    return octets.replace(_CRLF, b"\n").replace(b"\n", _CRLF)


def without_signature(raw: bytes) -> bytes:
    """A signature field with the value of its `b=` tag taken out, white space around it included (RFC 6376 §3.5, §3.7)."""
    name, colon, body = raw.partition(b":")
    found = _B_TAG.search(body)
    if found is None:
        return raw
    return name + colon + body[: found.start(1)] + body[found.end(1) :]


class FieldIndex:
    """The header fields of a message by name, for picking what a signature signs."""

    __slots__ = ("_by_name",)

    def __init__(self, fields: Iterable[Field]) -> None:
        self._by_name: dict[str, list[Field]] = {}
        for field in fields:
            self._by_name.setdefault(field.key, []).append(field)

    def select(self, names: Iterable[str], own: Field | None = None) -> tuple[Field, ...]:
        """The fields that `h=` names, in its order: of several the lowest that is not yet taken (RFC 6376 §5.4.2).

        Names without a field, or without one that is left, stand for nothing (§3.5, h=). `own`, the signature itself,
        is never among them: it is signed after the rest (§3.7).
        """
        taken: dict[str, int] = {}
        chosen: list[Field] = []
        for name in names:
            fields = self._by_name.get(name)
            if fields is None:
                continue
            left = taken.get(name, len(fields)) - 1
            while left >= 0 and own is not None and fields[left].start == own.start:
                left -= 1
            taken[name] = max(left, 0)
            if left >= 0:
                chosen.append(fields[left])
        return tuple(chosen)


def signed_octets(fields: Iterable[Field], own: Field, method: Canonicalization) -> bytes:
    """What is hashed for `b=`: the chosen fields, then the signature field without its value and line end (RFC 6376 §3.7)."""
    parts = [field.raw for field in fields]
    parts.append(without_signature(own.raw))
    if method == "relaxed" and _words_only(b"".join(parts)):
        canonical = [_join_words(part) for part in parts]
    else:
        canonical = [canonicalize_field(part, method) for part in parts]
    canonical[-1] = canonical[-1][:-2]
    return b"".join(canonical)


def select_fields(headers: Headers, names: Iterable[str], own: Field | None = None) -> tuple[Field, ...]:
    """The fields of a message that `h=` names; see `FieldIndex.select`."""
    return FieldIndex(headers.fields).select(names, own)


# --- bodies ---------------------------------------------------------------------------------------------------------


class BodyCanonicalizer:
    """A body, block by block, in canonical form into `sink` (RFC 6376 §3.4.3, §3.4.4). Call `finish` once at the end."""

    __slots__ = ("_blank_lines", "_held", "_relaxed", "_sink", "_started")

    def __init__(self, method: Canonicalization, sink: Callable[[bytes], object]) -> None:
        self._relaxed = method == "relaxed"
        self._sink = sink
        self._held = b""
        self._blank_lines = 0
        self._started = False

    def update(self, block: bytes) -> None:
        """Take more of the body; blocks may be cut anywhere."""
        data = self._held + block if self._held else block
        end = len(data) - data.endswith(b"\r")
        if self._relaxed:
            while end and data[end - 1] in b" \t":
                end = len(data[:end].rstrip(b" \t"))
        self._held = data[end:]
        if len(self._held) > 2:  # only white space can be that long: one blank stands for it (§3.4.4)
            self._held = b" \r" if self._held.endswith(b"\r") else b" "
        if end < len(data):
            data = data[:end]
        if data:
            data = with_crlf(data)
            self._write(_relax(data) if self._relaxed else data)

    def finish(self) -> None:
        """The end of the body: what is held back, and the line end that a body has (§3.4.3, §3.4.4)."""
        rest = self._held.rstrip(b" \t") if self._relaxed else self._held
        if rest:
            self._content(_relax(rest) if self._relaxed else rest)
        if self._started or not self._relaxed:
            self._sink(_CRLF)

    def _write(self, data: bytes) -> None:
        """Write content; line ends at its end wait for what follows."""
        content = len(data.rstrip(_CRLF)) if data.endswith(b"\n") else len(data)
        if content == len(data):
            self._content(data)
            return
        # Of the CRs and LFs at the end, only those in pairs are line ends: a CR before them is content.
        doubled = data.rfind(b"\r\r", content)
        if doubled >= 0:
            content = doubled + 1
        if content:
            self._content(data[:content])
        self._blank_lines += (len(data) - content) // 2

    def _content(self, data: bytes) -> None:
        while self._blank_lines:
            lines = min(self._blank_lines, BLOCK // 2)
            self._sink(_CRLF * lines)
            self._blank_lines -= lines
        self._started = True
        self._sink(data)


def _relax(data: bytes) -> bytes:
    """White space within lines to one blank, at their ends to none (RFC 6376 §3.4.4)."""
    if b"\t" in data:
        data = data.replace(b"\t", b" ")
    if b" " not in data:  # an encoded attachment: looking for one octet costs next to nothing
        return data
    while b"  " in data:
        if b" " * 16 in data:
            data = data.replace(b" " * 16, b" ")
        data = data.replace(b"  ", b" ")
    if b" \r\n" in data:
        data = data.replace(b" \r\n", _CRLF)
    return data


def canonicalize_body(body: bytes, method: Canonicalization, length: int | None = None) -> bytes:
    """A whole body in canonical form; `length` is what `l=` leaves of it."""
    parts: list[bytes] = []
    canonicalizer = BodyCanonicalizer(method, parts.append)
    for at in range(0, len(body), BLOCK):
        canonicalizer.update(body[at : at + BLOCK])
    canonicalizer.finish()
    whole = b"".join(parts)
    return whole if length is None else whole[:length]


class BodyHashes(NamedTuple):
    """SHA-256 of one canonical body."""

    #: Octets of the canonical body in all.
    octets: int
    whole: bytes
    #: By the value of `l=`: the hash of so many octets; without an entry the body is shorter than that.
    prefixes: dict[int, bytes]

    def get(self, length: int | None) -> bytes | None:
        """The hash for an `l=` (None: there is none); None where the body has fewer octets."""
        return self.whole if length is None else self.prefixes.get(length)


class _Hashing:
    """Hashes what it is given, and notes the hash at each wanted length on the way."""

    __slots__ = ("_hash", "_marks", "octets", "prefixes")

    def __init__(self, lengths: Sequence[int]) -> None:
        self._hash = hashlib.sha256()
        self._marks = sorted(set(lengths), reverse=True)
        self.octets = 0
        self.prefixes: dict[int, bytes] = {}
        self._note(b"")

    def add(self, data: bytes) -> None:
        if self._marks and self._marks[-1] <= self.octets + len(data):
            data = self._note(data)
        self._hash.update(data)
        self.octets += len(data)

    def _note(self, data: bytes) -> bytes:
        """Hash up to each mark that lies within `data`; what is left after the last of them."""
        while self._marks and self._marks[-1] <= self.octets + len(data):
            mark = self._marks.pop()
            taken = mark - self.octets
            self._hash.update(data[:taken])
            self.octets = mark
            self.prefixes[mark] = self._hash.digest()
            data = data[taken:]
        return data

    def digest(self) -> bytes:
        return self._hash.digest()


def hash_body(blocks: Iterable[bytes], method: Canonicalization, lengths: Sequence[int] = ()) -> BodyHashes:
    """The hashes of a body given in blocks of any size, for all its `l=` values in one pass."""
    hashing = _Hashing(lengths)
    canonicalizer = BodyCanonicalizer(method, hashing.add)
    for block in blocks:
        canonicalizer.update(block)
    canonicalizer.finish()
    return BodyHashes(hashing.octets, hashing.digest(), hashing.prefixes)


def blocks_of(raw: bytes, start: int = 0) -> Iterable[bytes]:
    """`raw[start:]` in blocks."""
    return (raw[at : at + BLOCK] for at in range(start, len(raw), BLOCK))
