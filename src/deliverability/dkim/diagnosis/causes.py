"""The causes that a diagnosis can name, and what it holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from deliverability.core.text import ArgValue
from deliverability.headers.fields import Field

if TYPE_CHECKING:
    from deliverability.dkim.verification import DkimResult


class Cause(StrEnum):
    """What broke a signature; dkim/diagnosis/texts.py says each in both languages."""

    # The body is not the one that was signed (RFC 6376 §3.7).
    FOOTER_APPENDED = "footer-appended"
    TEXT_PREPENDED = "text-prepended"
    TEXT_INSERTED = "text-inserted"
    LINE_ENDS = "line-ends"
    LEADING_BLANK_LINES = "leading-blank-lines"
    BLANK_LINE_LOST = "blank-line-lost"
    WHITE_SPACE = "white-space"
    TABS = "tabs"
    LINES_WRAPPED = "lines-wrapped"
    FROM_QUOTED = "from-quoted"
    DOT_STUFFING = "dot-stuffing"
    BYTE_ORDER_MARK = "byte-order-mark"
    REENCODED = "reencoded"
    CHARSET_CONVERTED = "charset-converted"
    HIGH_BIT_STRIPPED = "high-bit-stripped"
    LINKS_REWRITTEN = "links-rewritten"
    PART_HEADERS = "part-headers"
    PREAMBLE = "preamble"
    BOUNDARY_CHANGED = "boundary-changed"
    ATTACHMENT_REMOVED = "attachment-removed"
    TRUNCATED = "truncated"
    BODY_CHANGED = "body-changed"
    # The signer did not hash what it says it hashed.
    EMPTY_BODY_SIGNED = "empty-body-signed"
    SIGNER_BODY_CANONICALIZATION = "signer-body-canonicalization"
    SIGNER_HEADER_CANONICALIZATION = "signer-header-canonicalization"
    SIGNER_FINAL_LINE_END = "signer-final-line-end"
    SIGNER_HASH = "signer-hash"

    # The header fields are not those that were signed.
    SUBJECT_TAGGED = "subject-tagged"
    FIELD_REENCODED = "field-reencoded"
    FIELD_ADDED = "field-added"
    FIELD_REMOVED = "field-removed"
    FIELD_REFOLDED = "field-refolded"
    FIELD_NAME_CASE = "field-name-case"
    FIELDS_REORDERED = "fields-reordered"
    DATE_REWRITTEN = "date-rewritten"
    MESSAGE_ID_REWRITTEN = "message-id-rewritten"
    FROM_REWRITTEN = "from-rewritten"
    ADDRESSES_REWRITTEN = "addresses-rewritten"
    CONTENT_TYPE_REWRITTEN = "content-type-rewritten"
    TRANSFER_ENCODING_REWRITTEN = "transfer-encoding-rewritten"
    FIELD_CHANGED = "field-changed"
    SIGNATURE_FIELD_CHANGED = "signature-field-changed"
    HEADER_CHANGED = "header-changed"

    # The key.
    KEY_MISSING = "key-missing"
    KEY_UNREACHABLE = "key-unreachable"
    KEY_REVOKED = "key-revoked"
    KEY_DAMAGED = "key-damaged"
    KEY_TOO_SHORT = "key-too-short"
    KEY_UNUSABLE = "key-unusable"
    KEY_OTHER = "key-other"
    KEY_OTHER_SELECTOR = "key-other-selector"
    KEY_OR_HEADER = "key-or-header"
    SEVERAL_KEYS = "several-keys"
    TESTING = "testing"

    # The signature field itself.
    SIGNATURE_DAMAGED = "signature-damaged"
    SIGNATURE_SYNTAX = "signature-syntax"
    EXPIRED = "expired"
    FUTURE = "future"
    FROM_UNSIGNED = "from-unsigned"
    IDENTITY = "identity"
    SHA1 = "sha1"
    NOT_READ = "not-read"


class Certainty(StrEnum):
    """How far a diagnosis may be believed."""

    #: One change was undone and the signature, or its body hash, then verified; or the failure has no other reading.
    PROVED = "proved"
    #: What is in the message speaks for it; nothing proves it.
    LIKELY = "likely"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """One cause, how certain it is, and the place in the message."""

    cause: Cause
    certainty: Certainty
    #: What fills the texts of the cause.
    args: Mapping[str, ArgValue] = field(default_factory=dict)
    #: The header field that changed, where it is one and still there.
    field: Field | None = None
    #: The line of the message where the change begins, counted from 1.
    line: int | None = None
    #: What stands there: the text that was added, or the field as it was when signed.
    excerpt: str = ""

    @property
    def proved(self) -> bool:
        """Whether the cause is certain."""
        return self.certainty is Certainty.PROVED


@dataclass(frozen=True, slots=True)
class SignatureDiagnosis:
    """Why one signature failed: what is known of its body, its header fields, its key, the main cause first."""

    result: DkimResult
    diagnoses: tuple[Diagnosis, ...]
    #: True: the signature itself verifies over the header fields, only the body hash does not. None: not known.
    header_intact: bool | None = None

    @property
    def main(self) -> Diagnosis:
        """The first cause."""
        return self.diagnoses[0]


@dataclass(frozen=True, slots=True)
class DkimDiagnoses:
    """Fact: one diagnosis for each signature that did not pass."""

    signatures: tuple[SignatureDiagnosis, ...] = ()

    def of(self, result: DkimResult) -> SignatureDiagnosis | None:
        """The diagnosis of that signature; None when it passed."""
        return next((found for found in self.signatures if found.result is result), None)
