"""What the header rules share."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from deliverability.core.changes import Fix, HeaderChange
from deliverability.core.data import read_table
from deliverability.core.facts import MailClass, Receiving, Sample
from deliverability.core.finding import Evidence
from deliverability.core.names import query_name, registrable_domain
from deliverability.core.patterns import pattern
from deliverability.core.span import Span
from deliverability.core.text import Text
from deliverability.headers.addresses import Mailbox
from deliverability.headers.evidence import field_evidence
from deliverability.headers.facts import HeaderFacts
from deliverability.headers.fields import Field

#: Fields that the sender writes and a reader or filter looks at; others are added on the way.
SENDER_FIELDS = (
    "from", "sender", "reply-to", "to", "cc", "bcc", "subject", "date", "message-id", "in-reply-to", "references",
    "mime-version", "content-type", "content-transfer-encoding", "content-disposition", "comments", "keywords",
    "organization", "list-unsubscribe", "list-unsubscribe-post", "list-id",
)  # fmt: skip

#: Findings of one rule that are told of one message.
MANY = 20
#: Other mails that a finding names.
_FEW = 5

MAILING_LIST = Text(
    "The message came through a mailing list, which changes this.",
    "El mensaje ha pasado por una lista de correo, que cambia este dato.",
)
NO_FIELD = Text("The message has no such header.", "El mensaje no tiene esa cabecera.")
NOT_ALL_COMPARED = Text(
    "There are more mails than are compared with each other.", "Hay más correos de los que se comparan entre sí."
)
NO_AUTHOR = Text("No author can be read from From.", "No se puede leer ningún autor en el From.")

_LIST_FIELDS = frozenset(
    {"list-id", "list-post", "mailing-list", "x-mailing-list", "x-beenthere", "x-listprocessor-version"}
)
#: Who sends for a list that says nothing else: `owner-list@`, `list-owner@`, `list-bounces@`, `listserv@`.
_LIST_SENDER = pattern(r"(?i)^owner-|-(?:owner|bounces?|request|admin)$|^listserv$|^majordomo$")
_NOT_LETTERS = pattern(r"[^a-z0-9]+")


@functools.cache
def tables() -> Mapping[str, Any]:
    """The tables of tables.toml."""
    return read_table("deliverability.headers", "tables.toml")


@functools.cache
def _free_mailboxes() -> frozenset[str]:
    return frozenset(tables()["free_mailboxes"]["domains"])


#: Colombia, DIAN, Anexo técnico de la factura electrónica de venta 1.9: tax number; name; document; type; trade name.
_DIAN_SUBJECT = pattern(r"\s{0,3}[0-9]{6,12}\s?;[^;]{1,300};[^;]{1,60};\s?[0-9]{2}\s?(?:;.{0,300})?", re.DOTALL)


def is_dian_subject(subject: str) -> bool:
    """Whether the subject has the form that Colombia prescribes for mail with an electronic invoice, which is a ZIP."""
    return _DIAN_SUBJECT.fullmatch(subject[:1000]) is not None


def is_free_mailbox(domain: str) -> bool:
    """Whether anybody can have a mailbox at this domain."""
    return domain in _free_mailboxes()


@functools.lru_cache(maxsize=1024)
def organization(domain: str) -> str:
    """The registrable domain; the domain itself where it has none."""
    name = query_name(domain)
    return (registrable_domain(name) or name) if name else domain


def same_organization(one: str, other: str) -> bool:
    """Whether two domains are one organization's."""
    return one == other or organization(one) == organization(other)


@functools.cache
def _no_reply() -> re.Pattern[str]:
    return re.compile("|".join(tables()["no_reply"]["words"]))


def is_no_reply(mailbox: Mailbox) -> bool:
    """Whether the address says that nobody reads what is sent to it."""
    return _no_reply().search(_NOT_LETTERS.sub("", mailbox.local_part.lower())) is not None


def mailer_end(name: str) -> date | None:
    """When the program of an X-Mailer stopped being mended; None for one that is not in the table."""
    for entry in tables()["mailer"]:
        if name.startswith(entry["starts"]):
            ended: date = entry["ended"]
            return ended
    return None


def class_of(found: MailClass | None, receiving: Receiving | None) -> MailClass:
    """What kind of mail it is: as the user told, else as its content shows."""
    told = receiving.mail_class if receiving else None
    return told or found or MailClass.UNKNOWN


def from_list(facts: HeaderFacts) -> bool:
    """Whether a mailing list passed the message on: then addresses and subject are also the list's."""
    return any(
        name in facts.by_name for name in ("list-id", "list-post", "mailing-list", "x-mailing-list", "x-beenthere")
    )


def names_of(samples: Sequence[Sample]) -> str:
    """What the mails are called, the first few of them."""
    names = [sample.name for sample in samples[:_FEW]]
    return ", ".join([*names, "…"] if len(samples) > _FEW else names)


def evidence_in(field: Field | None, *spans: Span) -> tuple[Evidence, ...]:
    """The field as evidence, when there is one."""
    return () if field is None else (field_evidence(field, *spans),)


def field_at(facts: HeaderFacts, offset: int) -> Field | None:
    """The field that this octet of the message lies in."""
    return next((field for field in facts.headers.fields if field.start <= offset < field.end), None)


def occurrence_of(facts: HeaderFacts, field: Field) -> int:
    """Which of the fields of its name it is, from 0 at the top."""
    return next(index for index, other in enumerate(facts.all(field.key)) if other.start == field.start)


def replace_line(facts: HeaderFacts, field: Field, value: str | None) -> Fix | None:
    """The field with another value; no fix where none can be written."""
    if value is None:
        return None
    return Fix(headers=(HeaderChange(field.name, value, occurrence_of(facts, field)),))


def drop_lines(facts: HeaderFacts, fields: Sequence[Field]) -> Fix:
    """The fields taken away."""
    starts = {field.start for field in fields}
    names = dict.fromkeys(field.key for field in fields)
    changes = (
        HeaderChange(field.name, "", occurrence, drop=True)
        for name in names
        for occurrence, field in enumerate(facts.all(name))
        if field.start in starts
    )
    return Fix(headers=tuple(changes))


def add_line(name: str, value: str) -> Fix:
    """A field that is not there yet."""
    return Fix(headers=(HeaderChange(name, value),))


def mailboxes_of(facts: HeaderFacts, names: Iterable[str]) -> Iterator[tuple[Field, Mailbox]]:
    """Every mailbox of these fields, with the field it stands in."""
    lists = {
        "from": facts.author_list,
        "sender": facts.sender_list,
        "reply-to": facts.reply_to_list,
        "to": facts.to_list,
        "cc": facts.cc_list,
    }
    for name in names:
        field = facts.first(name)
        if field is not None:
            for mailbox in lists[name].mailboxes:
                yield field, mailbox
