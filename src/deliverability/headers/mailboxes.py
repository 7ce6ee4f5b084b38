"""Mailboxes, groups and lists of them as records (RFC 5322 §3.4, RFC 6854), and what can be wrong with them."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from deliverability.core.names import DomainName, query_name
from deliverability.core.span import Span
from deliverability.headers.words import Words


class AddressDefectKind(StrEnum):
    """What can be wrong with an address list."""

    EMPTY = "empty"  # nothing but blanks and comments
    EMPTY_ELEMENT = "empty-element"  # two commas in a row (obsolete, RFC 5322 §4.4)
    NO_AT = "no-at"  # text that is no address
    SEVERAL_AT = "several-at"
    NO_LOCAL_PART = "no-local-part"
    NO_DOMAIN = "no-domain"
    BAD_LOCAL_PART = "bad-local-part"  # dots or characters that need quotes
    BAD_DOMAIN = "bad-domain"  # not a name that DNS can hold, or not a host's
    BLANK_IN_ADDRESS = "blank-in-address"
    UNCLOSED_QUOTE = "unclosed-quote"
    UNCLOSED_COMMENT = "unclosed-comment"
    UNCLOSED_BRACKET = "unclosed-bracket"
    STRAY_BRACKET = "stray-bracket"
    NO_BRACKETS = "no-brackets"  # a name before an address without < >
    TEXT_AFTER = "text-after-address"
    ROUTE = "route"  # <@a,@b:c@d> (obsolete, RFC 5322 §4.4)
    GROUP_UNCLOSED = "group-unclosed"
    SEMICOLON = "semicolon"  # ; outside a group, as some programs part addresses
    UNQUOTED_NAME = "unquoted-name"  # specials in a name without quotes
    TOO_MANY = "too-many-addresses"  # Limits.addresses


class AddressDefect(NamedTuple):
    """One defect; `span` counts characters of the field's text."""

    kind: AddressDefectKind
    span: Span


NO_NAME = Words("")


class Mailbox(NamedTuple):
    """One mailbox of a list."""

    #: The name as a reader sees it: decoded, unquoted; the comment after the address where there is no name; or "".
    display_name: str
    #: The local part as it counts: quotes and their escapes taken off.
    local_part: str
    #: A-labels, lower case, no final dot (RFC 5890 §2.3.2.1); a domain literal with its brackets; as written when no
    #: name of DNS; "" when there is none.
    domain: str
    #: The address as it is written, without blanks and comments.
    address: str
    #: Characters of the field's text that it takes, name and brackets included.
    span: Span
    #: What is odd about the name's encoding.
    name_words: Words = NO_NAME
    #: Whether the name was written in quotes; `""` is quoted and empty.
    quoted: bool = False
    #: The name of the group it stands in, or None.
    group: str | None = None
    #: Kinds of defects in this mailbox.
    defects: tuple[AddressDefectKind, ...] = ()

    @property
    def domain_name(self) -> DomainName | None:
        """The domain as a name of DNS; None for a literal and for what is none."""
        return None if self.domain[:1] == "[" or not self.domain else query_name(self.domain)

    @property
    def usable(self) -> bool:
        """Whether it is an address that mail can be sent to."""
        return not _UNUSABLE.intersection(self.defects)


_UNUSABLE = frozenset(
    {
        AddressDefectKind.NO_AT,
        AddressDefectKind.SEVERAL_AT,
        AddressDefectKind.NO_LOCAL_PART,
        AddressDefectKind.NO_DOMAIN,
        AddressDefectKind.BAD_LOCAL_PART,
        AddressDefectKind.BAD_DOMAIN,
        AddressDefectKind.BLANK_IN_ADDRESS,
    }
)


class Group(NamedTuple):
    """A named list (RFC 5322 §3.4): `undisclosed-recipients:;` is one without members."""

    display_name: str
    mailboxes: tuple[Mailbox, ...]
    span: Span


class AddressList(NamedTuple):
    """What stands in the field, in its order. `mailboxes` holds the members of groups too."""

    mailboxes: tuple[Mailbox, ...]
    groups: tuple[Group, ...] = ()
    defects: tuple[AddressDefect, ...] = ()

    def has(self, *kinds: AddressDefectKind) -> bool:
        """Whether there is a defect of one of these kinds."""
        return any(defect.kind in kinds for defect in self.defects)


NO_ADDRESSES = AddressList(())
