"""What a rule can come to: Passed, Finding, NotApplicable or Unknown, with the evidence for it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias

from deliverability.core.changes import Fix, record_value
from deliverability.core.questions import Answer, DnsQuestion, Failed, Found, NoData, NoName
from deliverability.core.span import Span
from deliverability.core.text import NO_TEXT, ArgValue, Lang, Text

if TYPE_CHECKING:
    from deliverability.core.rule import Rule


class Severity(StrEnum):
    """How much a finding matters. An error breaks something for receivers that matter; info is never scored."""

    __hash__ = str.__hash__  # that of Enum is written in Python, and these are keys of every tally

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"

    @property
    def rank(self) -> int:
        """0 for error, 1 for warning, 2 for info."""
        return _RANKS[self]


_RANKS = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.INFO: 2}


class Basis(StrEnum):
    """What a rule rests on."""

    __hash__ = str.__hash__  # that of Enum is written in Python, and these are keys of every tally

    STANDARD = "standard"  # an RFC says so
    PROVIDER = "provider"  # a mailbox provider publishes it
    FILTER = "filter"  # a public spam filter scores it
    CONSENSUS = "consensus"  # practice the field agrees on
    OPINION = "opinion"  # folklore; info at most, never scored


class Actor(StrEnum):
    """Who has to act on a finding."""

    DNS = "dns"  # whoever manages the domain's DNS
    PLATFORM = "platform"  # the administrator of the mail platform, in its settings
    HOST = "host"  # the owner of the server or its address: hosting company, ISP
    SENDER = "sender"  # the sender's own software or settings
    THIRD_PARTY = "third-party"  # somebody else's DNS or service
    NOBODY = "nobody"  # information


@dataclass(frozen=True, slots=True)
class Evidence:
    """One thing that was seen: a DNS answer, or a place in a record."""

    name: str
    type: str
    #: found, nodata, noname, failed, or "" where no question stands behind it
    status: str
    #: the records as presentation text, one a line; for a failure its kind and detail
    text: str
    ttl: int | None = None
    aliases: tuple[str, ...] = ()
    #: places in `text` that matter
    spans: tuple[Span, ...] = ()
    note: Text = NO_TEXT
    #: For a place in a message: its line, counted from 1.
    line: int | None = None


def evidence_of(
    question: DnsQuestion, answer: Answer, *, spans: tuple[Span, ...] = (), note: Text = NO_TEXT
) -> Evidence:
    """A question and its answer as evidence."""
    match answer:
        case Found(records, ttl, aliases):
            text = "\n".join(record_value(record) for record in records)
            return Evidence(question.name, question.type, "found", text, ttl, aliases, spans, note)
        case NoData(ttl, aliases):
            return Evidence(question.name, question.type, "nodata", "", ttl, aliases, (), note)
        case NoName(ttl, aliases):
            return Evidence(question.name, question.type, "noname", "", ttl, aliases, (), note)
        case Failed(kind, detail):
            text = f"{kind.value}: {detail}" if detail else kind.value
            return Evidence(question.name, question.type, "failed", text, note=note)


def record_evidence(name: str, record_type: str, text: str, *spans: Span, note: Text = NO_TEXT) -> Evidence:
    """A record already read, with the places in it that matter."""
    return Evidence(name, record_type, "found", text, spans=spans, note=note)


@dataclass(frozen=True, slots=True)
class Passed:
    """The rule was checked and holds for `subject` (a domain, an address, a selector)."""

    subject: str = ""
    #: What was seen, worth showing beside the pass ("4 of 10").
    note: Text = NO_TEXT


@dataclass(frozen=True, slots=True)
class NotApplicable:
    """The rule does not concern this subject, and why."""

    because: Text
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Unknown:
    """It could not be told, and why. Never counts as passed and never as missing."""

    because: Text
    subject: str = ""
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """The rule does not hold. Holds facts, no prose: `text(lang)` formats the rule's texts when somebody reads."""

    rule: Rule
    severity: Severity
    subject: str
    args: Mapping[str, ArgValue] = field(default_factory=dict)
    evidence: tuple[Evidence, ...] = ()
    fix: Fix | None = None
    #: The code of the finding that causes this one; then it is shown with its cause and not scored.
    consequence_of: str = ""

    @property
    def code(self) -> str:
        """The stable code of the rule, such as `SPF004`."""
        return self.rule.code

    def text(self, lang: Lang = "en") -> str:
        """The finding as one sentence. Outside text in it is not escaped; renderers do that."""
        return self.rule.title.format(lang, self.args)

    def why(self, lang: Lang = "en") -> str:
        """What happens to the mail because of it."""
        return self.rule.why.format(lang, self.args)

    def advice(self, lang: Lang = "en") -> str:
        """What to do next."""
        return self.rule.fix.format(lang, self.args)

    @property
    def fingerprint(self) -> str:
        """Sixteen hex digits that stay the same while code, subject and the distinguishing arguments do."""
        parts = [
            self.code,
            self.subject,
            *(f"{key}={self.args[key]}" for key in self.rule.identity if key in self.args),
        ]
        return hashlib.sha256("\x1f".join(parts).encode("utf-8", "replace")).hexdigest()[:16]


Outcome: TypeAlias = Passed | Finding | NotApplicable | Unknown
