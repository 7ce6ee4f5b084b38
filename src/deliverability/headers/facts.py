"""What the header section of a message says, read once for all rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from deliverability.core.facts import RawMessage
from deliverability.core.limits import DEFAULT_LIMITS, Limits
from deliverability.core.rule import Facts
from deliverability.headers.addresses import NO_ADDRESSES, AddressList, Mailbox, parse_addresses
from deliverability.headers.dates import DateReading, read_date
from deliverability.headers.fields import Field, Headers, parse
from deliverability.headers.lines import Lines, read_lines
from deliverability.headers.message_id import MessageIds, parse_message_id, parse_references
from deliverability.headers.words import Words, decode_words

_NO_WORDS = Words("")
_NO_IDS = MessageIds(())
#: Fields that are read here.
_LISTS = ("from", "sender", "reply-to", "to", "cc", "bcc")
_READ = (*_LISTS, "subject", "date", "message-id", "in-reply-to", "references")
#: Fields whose words a reader sees.
WORD_FIELDS = ("subject", "from", "sender", "reply-to", "to", "cc")


@dataclass(frozen=True, slots=True)
class HeaderFacts:
    """The fields that rules ask for most, each read once. Where a field is repeated, the uppermost is read."""

    headers: Headers
    #: Every field by its name in lower case, from the top.
    by_name: Mapping[str, tuple[Field, ...]]
    #: The mailboxes of From; empty without one, or when it is longer than `Limits.from_octets`.
    author_list: AddressList = NO_ADDRESSES
    #: Whether From is longer than `Limits.from_octets` and was not read.
    from_too_long: bool = False
    sender_list: AddressList = NO_ADDRESSES
    reply_to_list: AddressList = NO_ADDRESSES
    to_list: AddressList = NO_ADDRESSES
    cc_list: AddressList = NO_ADDRESSES
    bcc_list: AddressList = NO_ADDRESSES
    #: Of the uppermost Subject and address fields, those that hold encoded words or letters beyond ASCII: as decoded.
    words: Mapping[str, Words] = field(default_factory=dict)
    #: The subject, decoded; `.text` is "" without one.
    subject_words: Words = _NO_WORDS
    #: None without a Date field.
    date: DateReading | None = None
    message_id: MessageIds = _NO_IDS
    in_reply_to: MessageIds = _NO_IDS
    references: MessageIds = _NO_IDS

    @property
    def authors(self) -> tuple[Mailbox, ...]:
        """The mailboxes of From."""
        return self.author_list.mailboxes

    @property
    def author(self) -> Mailbox | None:
        """The one mailbox of From that has a domain; None when there is none or there are several."""
        authors = self.author_list.mailboxes
        return authors[0] if len(authors) == 1 and authors[0].domain else None

    @property
    def reply_to(self) -> tuple[Mailbox, ...]:
        """The mailboxes of Reply-To."""
        return self.reply_to_list.mailboxes

    @property
    def sender(self) -> Mailbox | None:
        """The mailbox of Sender."""
        return self.sender_list.mailboxes[0] if self.sender_list.mailboxes else None

    @property
    def to(self) -> tuple[Mailbox, ...]:
        """The mailboxes of To."""
        return self.to_list.mailboxes

    @property
    def cc(self) -> tuple[Mailbox, ...]:
        """The mailboxes of Cc."""
        return self.cc_list.mailboxes

    @property
    def subject(self) -> str:
        """The subject as a reader sees it."""
        return self.subject_words.text

    def all(self, name: str) -> tuple[Field, ...]:
        """Every field of that name (lower case), from the top."""
        return self.by_name.get(name, ())

    def first(self, name: str) -> Field | None:
        """The uppermost field of that name (lower case)."""
        fields = self.by_name.get(name)
        return fields[0] if fields else None


def read_headers(headers: Headers, limits: Limits = DEFAULT_LIMITS) -> HeaderFacts:
    """The facts of a header section. Pure and total."""
    grouped: dict[str, list[Field]] = {}
    for each in headers.fields:
        grouped.setdefault(each.key, []).append(each)
    by_name = {key: tuple(fields) for key, fields in grouped.items()}

    values = {name: by_name[name][0].value for name in _READ if name in by_name}

    too_long = len(values.get("from", b"")) > limits.from_octets

    def addresses(name: str) -> AddressList:
        if name == "from" and too_long:
            return NO_ADDRESSES
        return parse_addresses(values[name], limits=limits)

    def ids(name: str) -> MessageIds:
        value = values.get(name)
        return _NO_IDS if value is None else parse_references(value)

    subject, date, own_id = values.get("subject"), values.get("date"), values.get("message-id")
    lists = {name: addresses(name) for name in _LISTS if name in values}
    words = {
        name: _words(value, lists.get(name, NO_ADDRESSES))
        for name in WORD_FIELDS
        if (value := values.get(name)) is not None and (b"=?" in value or not value.isascii())
    }
    return HeaderFacts(
        headers,
        by_name,
        author_list=lists.get("from", NO_ADDRESSES),
        from_too_long=too_long,
        sender_list=lists.get("sender", NO_ADDRESSES),
        reply_to_list=lists.get("reply-to", NO_ADDRESSES),
        to_list=lists.get("to", NO_ADDRESSES),
        cc_list=lists.get("cc", NO_ADDRESSES),
        bcc_list=lists.get("bcc", NO_ADDRESSES),
        words=words,
        subject_words=_NO_WORDS if subject is None else words.get("subject") or Words(subject.decode("ascii")),
        date=None if date is None else read_date(date),
        message_id=_NO_IDS if own_id is None else parse_message_id(own_id),
        in_reply_to=ids("in-reply-to"),
        references=ids("references"),
    )


def _words(value: bytes, listed: AddressList) -> Words:
    """The words of a field. Those of one mailbox whose name was decoded without a defect are known already."""
    if len(listed.mailboxes) == 1 and not listed.defects and value.isascii():
        box = listed.mailboxes[0]
        name = box.name_words
        if name.encoded and not name.defects and "=?" not in box.address and value.endswith(b">"):
            return name._replace(text=f"{name.text} <{box.address}>")
    return decode_words(value)


def read_message(facts: Facts, limits: Limits) -> dict[type, object]:
    """The facts of this topic for a message: asks nothing."""
    message = facts[RawMessage]
    assert isinstance(message, RawMessage)  # noqa: S101 - the first fact of every message audit
    headers = parse(message.raw, limits=limits)
    return {
        Headers: headers,
        HeaderFacts: read_headers(headers, limits),
        Lines: read_lines(message.raw, headers.body_start),
    }
