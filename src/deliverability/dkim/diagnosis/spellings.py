"""The ways in which the value of a header field may have been spelled before somebody wrote it anew.

Each function takes the value as it is, unfolded, and gives values as they may have been. A wrong guess costs one hash
of the header and proves nothing, so they guess freely and in the order of what software does most.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta, timezone
from itertools import permutations

from deliverability.core.patterns import pattern
from deliverability.headers.addresses import Mailbox, parse_addresses
from deliverability.headers.dates import parse_date
from deliverability.headers.words import decode_words

MAX_VALUE = 2_000
MAX_BOXES = 40
_MAX_WORD = 75
_TAG = pattern(
    rb"\A((?:(?:re|fwd?|rv|aw|sv|wg)\s{0,3}:\s{0,3}){0,4})"
    rb"(\[[^\]\r\n]{1,80}\]|\*{1,5}[^*\r\n]{1,60}\*{1,5}|\{[^}\r\n]{1,60}\}|\([^)\r\n]{1,60}\)|<[^>\r\n]{1,60}>"
    rb"|_{1,5}[^_\r\n]{1,40}_{1,5}|[A-Z][A-Za-z-]{2,30}(?:\?)?:)\s{0,5}",
    2,
)
_TAG_AT_END = pattern(rb"\s{0,3}(?:\[[^\]\r\n]{1,80}\]|\*{2,5}[^*\r\n]{1,60}\*{2,5}|\{[^}\r\n]{1,60}\})\Z")
_Q_PLAIN = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!*+-/")
_Q_LOOSE = frozenset(range(33, 127)) - frozenset(b"=?_")
_SPELLED_CHARSETS = (
    ("utf-8", "UTF-8"), ("utf-8", "utf-8"), ("latin-1", "iso-8859-1"), ("latin-1", "ISO-8859-1"),
    ("cp1252", "Windows-1252"), ("cp1252", "windows-1252"),
)  # fmt: skip
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_VIA = pattern(r"\s{0,3}(?:\(?\bvia\b.{0,100}|\bpor medio de\b.{0,100}|\bon behalf of\b.{0,100})\Z", 2)


# --- text -----------------------------------------------------------------------------------------------------------


def without_tags(value: bytes) -> Iterator[bytes]:
    """A subject without what filters and lists put before it ("[lista]", "***SPAM***"), one after another, or behind it."""
    left = value
    for _ in range(4):
        found = _TAG.match(left)
        if found is None:
            break
        left = found[1] + left[found.end() :]
        yield left
    behind = _TAG_AT_END.sub(b"", value)
    if behind != value:
        yield behind


def without_ends(value: bytes) -> Iterator[bytes]:
    """Every end of the value, then every beginning: whatever stands before or behind it was put there."""
    reach = range(1, min(len(value), 200))
    yield from (value[at:].lstrip(b" ") for at in reach)
    yield from (value[: len(value) - at].rstrip(b" ") for at in reach)


def encoded_texts(value: bytes) -> Iterator[bytes]:
    """The same text, with and without tags, in other encodings (RFC 2047)."""
    text = decode_words(value).text
    if text.isascii() and b"=?" not in value:
        return
    plain = text.encode("utf-8", "replace")
    texts = [text, *(part.decode("utf-8", "replace") for part in without_tags(plain))]
    for words in dict.fromkeys(texts):
        if words.isascii():
            yield words.encode("ascii")
        yield words.encode("utf-8", "replace")
        for codec, charset in _SPELLED_CHARSETS:
            yield from encoded_words(words, codec, charset)


def encoded_words(text: str, codec: str, charset: str) -> Iterator[bytes]:
    """One text in the forms that software writes: whole or cut at 75 characters, B or Q, word by word."""
    try:
        octets = text.encode(codec)
    except UnicodeEncodeError:
        return
    for letter in ("B", "Q", "b", "q"):
        for plain in (_Q_PLAIN, _Q_LOOSE) if letter in "Qq" else (_Q_PLAIN,):
            yield _word(octets, charset, letter, plain)
            yield b" ".join(_words(text, codec, charset, letter, plain))
            yield _by_words(text, codec, charset, letter, plain)


def _word(octets: bytes, charset: str, letter: str, plain: frozenset[int]) -> bytes:
    if letter in "Bb":
        content = base64.b64encode(octets)
    else:
        content = b"".join(
            b"_" if octet == 32 else bytes([octet]) if octet in plain else b"=%02X" % octet for octet in octets
        )
    return b"=?%s?%s?%s?=" % (charset.encode(), letter.encode(), content)


def _words(text: str, codec: str, charset: str, letter: str, plain: frozenset[int]) -> Iterator[bytes]:
    """Words as long as RFC 2047 §2 allows, cut between characters."""
    start = 0
    for end in range(1, len(text) + 1):
        if len(_word(text[start : end + 1].encode(codec), charset, letter, plain)) > _MAX_WORD or end == len(text):
            yield _word(text[start:end].encode(codec), charset, letter, plain)
            start = end


def _by_words(text: str, codec: str, charset: str, letter: str, plain: frozenset[int]) -> bytes:
    """Only the words that need it encoded, neighbours together."""
    out: list[bytes] = []
    run: list[str] = []
    for word in [*text.split(" "), ""]:
        if not word.isascii():
            run.append(word)
            continue
        if run:
            out.append(_word(" ".join(run).encode(codec), charset, letter, plain))
            run = []
        out.append(word.encode("ascii"))
    return b" ".join(out[:-1])


# --- dates ----------------------------------------------------------------------------------------------------------


def dates(value: bytes, signed_at: int | None) -> Iterator[bytes]:
    """The same moment in other spellings and zones; then the seconds around the signature's own time."""
    moment = parse_date(value)
    zones = [timezone(timedelta(hours=hours)) for hours in range(-12, 15)]
    if moment is not None:
        yield from _spelled_dates(moment)
        yield from (form for zone in zones for form in _spelled_dates(moment.astimezone(zone)))
    if signed_at is None or not 0 < signed_at < 2**33:
        return
    for back in range(6):
        second = datetime.fromtimestamp(signed_at - back, UTC)
        for hours in (0, 1, 2, -3, -5, -6):
            yield _date(second.astimezone(timezone(timedelta(hours=hours))), True, f"{hours:+03d}00")


def _spelled_dates(moment: datetime) -> Iterator[bytes]:
    offset = moment.strftime("%z")
    zones = [offset]
    if offset == "+0000":
        zones += ["GMT", "-0000", "+0000 (UTC)", "+0000 (GMT)", "UTC"]
    else:
        zones += [f"{offset} ({name})" for name in ("CET", "CEST", "EST", "EDT", "PST", "PDT")]
    for zone in zones:
        yield _date(moment, True, zone)
        if moment.day < 10:
            yield _date(moment, False, zone)
        yield _date(moment, True, zone).partition(b", ")[2]


def _date(moment: datetime, padded: bool, zone: str) -> bytes:
    day = f"{moment.day:02d}" if padded else f"{moment.day}"
    text = f"{_DAYS[moment.weekday()]}, {day} {_MONTHS[moment.month - 1]} {moment.year} {moment:%H:%M:%S} {zone}"
    return text.encode("ascii")


# --- addresses ------------------------------------------------------------------------------------------------------


def addresses(value: bytes) -> Iterator[bytes]:
    """The same addresses with their names quoted, bare, encoded otherwise or left out."""
    boxes = parse_addresses(value).mailboxes
    if not 0 < len(boxes) <= MAX_BOXES:
        return
    for separator in (b", ", b","):
        for number in range(_FORMS):
            forms = [list(mailbox_forms(box.display_name, box)) for box in boxes]
            yield separator.join(form[min(number, len(form) - 1)] for form in forms)


_FORMS = 12


def mailbox_forms(name: str, box: Mailbox) -> Iterator[bytes]:
    """One mailbox in the forms that software writes."""
    address = box.address.encode("utf-8", "replace")
    if not name:
        yield from (b"<" + address + b">", address, b'"' + address + b'" <' + address + b">")
        return
    bare = name.encode("utf-8", "replace")
    quoted = b'"' + bare.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'
    yield quoted + b" <" + address + b">"
    yield bare + b" <" + address + b">"
    yield address
    yield b"<" + address + b">"
    yield b"'" + bare + b"' <" + address + b">"
    yield b"\"'" + bare + b"'\" <" + address + b">"
    if not name.isascii():
        for codec, charset in _SPELLED_CHARSETS[:4]:
            for word in dict.fromkeys(encoded_words(name, codec, charset)):
                yield word + b" <" + address + b">"


def authors(value: bytes, others: Iterable[bytes]) -> Iterator[bytes]:
    """The author that a mailing list put aside: the name before "via", an address that stands elsewhere in the header."""
    here = parse_addresses(value).mailboxes
    names = [name for box in here for name in (_VIA.sub("", box.display_name).strip("'\" "), box.display_name)]
    seen: set[str] = {box.address for box in here}
    for other in others:
        for box in parse_addresses(other).mailboxes[:MAX_BOXES]:
            if box.address in seen:
                continue
            seen.add(box.address)
            for name in dict.fromkeys([box.display_name, *names, ""]):
                yield from mailbox_forms(name, box)


# --- MIME fields ----------------------------------------------------------------------------------------------------

_PARAMETERS = pattern(rb";\s{0,20}([A-Za-z0-9*_-]{1,60})\s{0,5}=\s{0,5}(\"[^\"]{0,300}\"|[^\s;]{1,300})")
MAX_PARAMETERS = 6


def content_types(value: bytes) -> Iterator[bytes]:
    """The same type with its parameters in another order, case or quotation, one fewer or one more."""
    kind = value.partition(b";")[0].strip()
    found = [(name, text) for name, text in _PARAMETERS.findall(value)][:MAX_PARAMETERS]
    sets = [found, *([pair for pair in found if pair is not left] for left in found)]
    named = {name.lower() for name, _ in found}
    sets += [[*found, extra] for extra in _MORE if extra[0] not in named]
    for pairs in sets:
        for order in permutations(pairs) if 1 < len(pairs) <= 3 else (pairs,):
            for glue in (b"; ", b";"):
                for spelled in _quotations(list(order)):
                    yield kind + b"".join(glue + name + b"=" + text for name, text in spelled)
    yield kind.lower() + value[len(kind) :]


_MORE = (
    (b"charset", b"utf-8"), (b"charset", b"UTF-8"), (b"charset", b'"utf-8"'), (b"charset", b"us-ascii"),
    (b"charset", b"iso-8859-1"), (b"format", b"flowed"),
)  # fmt: skip


def _quotations(pairs: list[tuple[bytes, bytes]]) -> Iterator[list[tuple[bytes, bytes]]]:
    bare = [(name, text.strip(b'"')) for name, text in pairs]
    yield pairs
    yield [(name, b'"' + text + b'"') for name, text in bare]
    yield bare
    for quoted in (b"boundary", b"charset"):
        yield [(n, b'"' + t + b'"') if n.lower() == quoted else (n, t) for n, t in bare]
    for case in (bytes.upper, bytes.lower):
        for base in (pairs, bare, [(name, b'"' + text + b'"') for name, text in bare]):
            yield [(n, case(t)) if n.lower() == b"charset" else (n, t) for n, t in base]


def transfer_encodings(_: bytes) -> Iterator[bytes]:
    """Every transfer encoding, as it is spelled."""
    for name in (b"8bit", b"7bit", b"quoted-printable", b"base64", b"binary"):
        yield name
        yield name.upper()
        yield name.title()


def mime_versions(_: bytes) -> Iterator[bytes]:
    """The version without its comment (RFC 2045 §4)."""
    yield b"1.0"


#: Values of fields that are no longer there, where software always writes one of a few.
ABSENT: dict[str, tuple[bytes, ...]] = {
    "mime-version": (b"1.0", b"1.0 (1.0)"),
    "content-transfer-encoding": tuple(transfer_encodings(b"")),
    "content-type": (
        b"text/plain; charset=utf-8", b"text/plain; charset=UTF-8", b'text/plain; charset="utf-8"',
        b'text/plain; charset="UTF-8"', b"text/plain; charset=us-ascii", b"text/plain", b"text/html; charset=utf-8",
        b"text/html; charset=UTF-8", b'text/html; charset="utf-8"', b"text/plain; charset=iso-8859-1",
    ),
    "content-language": (b"es", b"en", b"es-ES", b"en-US", b"en-GB", b"es-MX"),
    "precedence": (b"bulk", b"list", b"junk"),
    "auto-submitted": (b"auto-generated", b"auto-replied"),
    "importance": (b"Normal", b"normal", b"High", b"high"),
    "priority": (b"normal", b"urgent"),
    "x-priority": (b"3", b"1", b"3 (Normal)"),
    "x-msmail-priority": (b"Normal",),
    "list-unsubscribe-post": (b"List-Unsubscribe=One-Click",),
    "feedback-id": (),
}  # fmt: skip
