"""What may have happened to each signed header field: the octets it may have had, and what that would mean."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from deliverability.core.text import NO_TEXT, Text
from deliverability.dkim.canonical import Canonicalization, canonicalize_field
from deliverability.dkim.diagnosis import spellings
from deliverability.dkim.diagnosis.causes import Cause
from deliverability.dkim.signature import DkimSignature
from deliverability.headers.addresses import parse_addresses
from deliverability.headers.fields import Field, Headers

#: Addresses from these may be those of a field that a list wrote anew.
_SOURCES = ("reply-to", "x-original-from", "cc", "sender", "x-original-sender", "return-path", "x-envelope-from")
_RECEIVERS = ("x-original-to", "delivered-to", "envelope-to", "x-forwarded-to", "x-envelope-to", "apparently-to")
#: How the names of fields begin that keep what another field was.
_KEEPS = frozenset(("x", "old", "orig", "original", "prev", "previous"))
_ADDRESSES = frozenset(("from", "to", "cc", "reply-to", "sender", "resent-from", "resent-to", "bcc"))
#: Fields of one name that are looked at.
_MAX_INSTANCES = 6


class Slot(NamedTuple):
    """One name of `h=` and the field that it stands for; None: there is none."""

    name: str
    field: Field | None


class Alternative(NamedTuple):
    """Other octets for one or more slots, and the cause that would explain them."""

    changes: tuple[tuple[int, bytes], ...]
    cause: Cause
    name: str
    field: Field | None = None
    #: The value as it was when signed.
    before: str = ""
    detail: Text = NO_TEXT

    @property
    def slots(self) -> frozenset[int]:
        """The slots it changes."""
        return frozenset(slot for slot, _ in self.changes)


class SignedFields:
    """The header of a message as a signature sees it: what `h=` names, piece by piece (RFC 6376 §3.7)."""

    __slots__ = ("by_name", "headers", "method", "pieces", "signature", "slots")

    def __init__(self, headers: Headers, signature: DkimSignature) -> None:
        self.headers = headers
        self.signature = signature
        self.method: Canonicalization = signature.canonicalization[0]
        self.by_name = instances(headers, signature.field)
        self.slots = self._slots()
        self.pieces = [self.piece(slot.field.raw) if slot.field is not None else b"" for slot in self.slots]

    def piece(self, raw: bytes) -> bytes:
        """A field as it is signed."""
        return canonicalize_field(raw, self.method)

    def spelled(self, field: Field, value: bytes) -> bytes:
        """The field with another value, as it would be signed."""
        return self.piece(field.name.encode("latin-1") + b": " + value + b"\r\n")

    def alternatives(self) -> Iterator[Alternative]:
        """Everything that may have happened to one field, the likely things first."""
        yield from self.copied()
        yield from self._added()
        yield from self._put_aside()
        for number, slot in enumerate(self.slots):
            if slot.field is not None:
                yield from self._of_field(number, slot.field)
        yield from self._removed()
        yield from self._reordered()
        if self.method == "simple":
            yield from self._respaced()

    # --- from evidence in the message -------------------------------------------------------------------------------

    def copied(self) -> Iterator[Alternative]:
        """z= holds fields as they were when the message was signed (RFC 6376 §3.5)."""
        copies = self.signature.copied_fields
        left = {name: [value for other, value in copies if other == name] for name, _ in copies}
        for number, slot in enumerate(self.slots):
            values = left.get(slot.name, [])
            if not values:
                continue
            value = values.pop()  # h= takes the lowest first
            name = slot.field.name if slot.field is not None else slot.name
            piece = self.piece(name.encode("latin-1") + b":" + value + b"\r\n")
            if piece != self.pieces[number]:
                cause = self._cause_of(slot, value)
                yield Alternative(((number, piece),), cause, slot.name, slot.field, _text(value.strip()))

    def _cause_of(self, slot: Slot, before: bytes) -> Cause:
        """What a change of this field from a known value is called."""
        if slot.field is None:
            return Cause.FIELD_REMOVED
        if slot.name == "subject" and before.strip() and before.strip() in slot.field.value:
            return Cause.SUBJECT_TAGGED
        return _CAUSES.get(slot.name, Cause.FIELD_CHANGED)

    def put_aside(self) -> dict[str, list[Field]]:
        """For signed names the fields that keep an old value: X-Original-From, X-Spam-Prev-Subject, Old-Reply-To, …"""
        names = {slot.name for slot in self.slots}
        found: dict[str, list[Field]] = {}
        for field in self.headers.fields:
            words = field.key.split("-")
            if words[0] not in _KEEPS:
                continue
            for at in range(1, min(len(words), 6)):
                name = "-".join(words[at:])
                if name in names:
                    found.setdefault(name, []).append(field)
        return found

    def _put_aside(self) -> Iterator[Alternative]:
        """The value that a field like X-Original-From keeps."""
        by_end = self.put_aside()
        for number, slot in enumerate(self.slots):
            for field in by_end.get(slot.name, [])[:_MAX_INSTANCES]:
                name = slot.field.name if slot.field is not None else slot.name.title()
                piece = self.piece(name.encode("latin-1") + b":" + field.raw.partition(b":")[2])
                cause = self._cause_of(slot, field.value)
                yield Alternative(((number, piece),), cause, slot.name, slot.field or field, field.text)

    def _slots(self) -> list[Slot]:
        """The field for each name of `h=`: the lowest that is not yet taken (RFC 6376 §5.4.2)."""
        left = {name: iter(fields) for name, fields in self.by_name.items()}
        return [Slot(name, next(left.get(name, iter(())), None)) for name in self.signature.signed_fields]

    def _added(self) -> Iterator[Alternative]:
        """One of several fields of a name was put in later; `h=` lists the name at least as often (RFC 6376 §8.15)."""
        for name in dict.fromkeys(slot.name for slot in self.slots):
            there = self.by_name.get(name, [])
            numbers = [number for number, slot in enumerate(self.slots) if slot.name == name]
            for extra in reversed(there[-_MAX_INSTANCES:]):
                rest = iter([field for field in there if field is not extra])
                pieces = [self.piece(field.raw) if (field := next(rest, None)) else b"" for _ in numbers]
                changes = tuple(
                    (number, piece)
                    for number, piece in zip(numbers, pieces, strict=True)
                    if piece != self.pieces[number]
                )
                if changes:
                    yield Alternative(changes, Cause.FIELD_ADDED, name, extra)

    def _reordered(self) -> Iterator[Alternative]:
        """Several fields of one name in another order."""
        for name in dict.fromkeys(slot.name for slot in self.slots):
            places = [i for i, slot in enumerate(self.slots) if slot.name == name and slot.field is not None]
            if not 2 <= len(places) <= _MAX_INSTANCES * 4:
                continue
            orders = [places[::-1], *(places[at:] + places[:at] for at in range(1, len(places)))]
            orders += [_swapped(places, at) for at in range(len(places) - 1)]
            for order in orders:
                changes = tuple((to, self.pieces[of]) for to, of in zip(places, order, strict=True) if to != of)
                yield Alternative(changes, Cause.FIELDS_REORDERED, name, self.slots[places[0]].field)

    # --- from what software does ------------------------------------------------------------------------------------

    def _of_field(self, number: int, field: Field) -> Iterator[Alternative]:
        """Other values of one field."""
        value = field.value[: spellings.MAX_VALUE]
        if len(value) < len(field.value):
            return
        for cause, values in self._values(field, value):
            for before in dict.fromkeys(values):
                if before != value:
                    yield Alternative(((number, self.spelled(field, before)),), cause, field.key, field, _text(before))

    def _values(self, field: Field, value: bytes) -> Iterator[tuple[Cause, Iterable[bytes]]]:
        key = field.key
        if key == "subject":
            yield Cause.SUBJECT_TAGGED, spellings.without_tags(value)
            yield Cause.FIELD_REENCODED, spellings.encoded_texts(value)
            yield Cause.SUBJECT_TAGGED, spellings.without_ends(value)
            return
        if key in ("from", "sender", "reply-to"):
            others = [self.headers.first(name) for name in _SOURCES if name != key]
            cause = Cause.FROM_REWRITTEN if key == "from" else Cause.ADDRESSES_REWRITTEN
            yield cause, spellings.authors(value, (other.value for other in others if other is not None))
        if key in ("to", "cc"):
            yield Cause.ADDRESSES_REWRITTEN, self._receivers(value)
        if key in _ADDRESSES:
            yield Cause.ADDRESSES_REWRITTEN, spellings.addresses(value)
        rewriting = _REWRITINGS.get(key)
        if rewriting is not None:
            yield _CAUSES.get(key, Cause.FIELD_CHANGED), rewriting(value)
        if key == "date":
            yield Cause.DATE_REWRITTEN, spellings.dates(value, self.signature.timestamp)
        elif b"=?" in value or not value.isascii():
            yield Cause.FIELD_REENCODED, spellings.encoded_texts(value)

    def _receivers(self, value: bytes) -> Iterator[bytes]:
        """Recipients that another field still has, in place of a list or of nobody."""
        for name in _RECEIVERS:
            for field in self.headers.all(name)[:_MAX_INSTANCES]:
                for box in parse_addresses(field.value).mailboxes[:_MAX_INSTANCES]:
                    yield from spellings.mailbox_forms(box.display_name, box)
                    yield box.address.encode("utf-8", "replace")

    def _removed(self) -> Iterator[Alternative]:
        """A field that `h=` names and that is not there, where its value can be guessed."""
        tried: set[str] = set()
        for number, slot in enumerate(self.slots):
            if slot.field is not None or slot.name in tried:
                continue
            tried.add(slot.name)
            spelled = _spelled_name(slot.name)
            for value in self._absent(slot.name):
                piece = self.piece(spelled + b": " + value + b"\r\n")
                yield Alternative(((number, piece),), Cause.FIELD_REMOVED, slot.name, None, _text(value))

    def _absent(self, name: str) -> Iterator[bytes]:
        if self.headers.has(name):
            return  # one of several: what it said is not known
        yield from spellings.ABSENT.get(name, ())
        if name in ("reply-to", "sender", "return-path", "errors-to"):
            author = self.headers.first("from")
            if author is not None:
                yield author.value
                for box in parse_addresses(author.value).mailboxes[:1]:
                    yield from spellings.mailbox_forms(box.display_name, box)
        yield b""

    # --- white space and names, where they are signed as they are (RFC 6376 §3.4.1) ---------------------------------

    def _respaced(self) -> Iterator[Alternative]:
        for cause, form in _SPACINGS:
            together: list[tuple[int, bytes]] = []
            for number, slot in enumerate(self.slots):
                if slot.field is None:
                    continue
                piece = self.piece(form(slot.field))
                if piece != self.pieces[number]:
                    together.append((number, piece))
                    yield Alternative(((number, piece),), cause, slot.name, slot.field)
            if len(together) > 1:
                first = self.slots[together[0][0]]
                yield Alternative(tuple(together), cause, first.name, first.field)


def instances(headers: Headers, own: Field) -> dict[str, list[Field]]:
    """The fields of a message by name, the lowest first, without the signature itself (RFC 6376 §5.4.2)."""
    found: dict[str, list[Field]] = {}
    for field in reversed(headers.fields):
        if field.start != own.start:
            found.setdefault(field.key, []).append(field)
    return found


def _swapped(places: list[int], at: int) -> list[int]:
    order = list(places)
    order[at], order[at + 1] = order[at + 1], order[at]
    return order


def _spelled_name(name: str) -> bytes:
    special = {"mime-version": b"MIME-Version", "message-id": b"Message-ID"}
    return special.get(name, name.title().encode("latin-1"))


def _text(value: bytes) -> str:
    return value.decode("utf-8", "replace")


_REWRITINGS: dict[str, Callable[[bytes], Iterable[bytes]]] = {
    "content-type": spellings.content_types,
    "content-transfer-encoding": spellings.transfer_encodings,
    "mime-version": spellings.mime_versions,
}
_CAUSES = {
    "subject": Cause.FIELD_CHANGED,
    "from": Cause.FROM_REWRITTEN,
    "to": Cause.ADDRESSES_REWRITTEN,
    "cc": Cause.ADDRESSES_REWRITTEN,
    "reply-to": Cause.ADDRESSES_REWRITTEN,
    "sender": Cause.ADDRESSES_REWRITTEN,
    "date": Cause.DATE_REWRITTEN,
    "message-id": Cause.MESSAGE_ID_REWRITTEN,
    "content-type": Cause.CONTENT_TYPE_REWRITTEN,
    "content-transfer-encoding": Cause.TRANSFER_ENCODING_REWRITTEN,
}


def _unfolded(field: Field) -> bytes:
    return field.name.encode("latin-1") + b": " + field.value + b"\r\n"


def _one_blank(field: Field) -> bytes:
    return field.name.encode("latin-1") + b": " + b" ".join(field.value.split()) + b"\r\n"


def _no_blank(field: Field) -> bytes:
    return field.name.encode("latin-1") + b":" + field.value + b"\r\n"


def _folded(between: bytes, width: int) -> Callable[[Field], bytes]:
    """The value folded again: at every blank that keeps lines within `width`."""

    def form(field: Field) -> bytes:
        rows: list[bytes] = []
        row = field.name.encode("latin-1") + b":"
        for word in field.value.split():
            if len(row) + 1 + len(word) > width and len(row) > len(field.name) + 1:
                rows.append(row)
                row = between.lstrip(b"\r\n") + word
            else:
                row += b" " + word
        return (between[:2]).join([*rows, row]) + b"\r\n"

    return form


def _at_commas(indent: bytes) -> Callable[[Field], bytes]:
    def form(field: Field) -> bytes:
        value = (b",\r\n" + indent).join(part.strip() for part in field.value.split(b","))
        return field.name.encode("latin-1") + b": " + value + b"\r\n"

    return form


def _at_semicolons(indent: bytes) -> Callable[[Field], bytes]:
    def form(field: Field) -> bytes:
        value = (b";\r\n" + indent).join(part.strip() for part in field.value.split(b";"))
        return field.name.encode("latin-1") + b": " + value + b"\r\n"

    return form


def _named(case: Callable[[str], str]) -> Callable[[Field], bytes]:
    return lambda field: case(field.name).encode("latin-1") + b":" + field.raw.partition(b":")[2]


def _usual_name(name: str) -> str:
    return _spelled_name(name.lower()).decode("latin-1")


_SPACINGS: tuple[tuple[Cause, Callable[[Field], bytes]], ...] = (
    (Cause.FIELD_REFOLDED, _unfolded),
    (Cause.FIELD_REFOLDED, _one_blank),
    (Cause.FIELD_REFOLDED, _no_blank),
    (Cause.FIELD_REFOLDED, _at_commas(b" ")),
    (Cause.FIELD_REFOLDED, _at_commas(b"\t")),
    (Cause.FIELD_REFOLDED, _at_commas(b"    ")),
    (Cause.FIELD_REFOLDED, _at_semicolons(b" ")),
    (Cause.FIELD_REFOLDED, _at_semicolons(b"\t")),
    (Cause.FIELD_REFOLDED, _folded(b"\r\n ", 78)),
    (Cause.FIELD_REFOLDED, _folded(b"\r\n ", 76)),
    (Cause.FIELD_REFOLDED, _folded(b"\r\n\t", 78)),
    (Cause.FIELD_REFOLDED, _folded(b"\r\n\t", 76)),
    (Cause.FIELD_NAME_CASE, _named(_usual_name)),
    (Cause.FIELD_NAME_CASE, _named(str.lower)),
    (Cause.FIELD_NAME_CASE, _named(str.title)),
    (Cause.FIELD_NAME_CASE, _named(str.upper)),
)
