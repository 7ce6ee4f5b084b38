"""What a project asks of its audits: domains, gate, ignores with a reason and an end, how it sends.

A profile is read from `[tool.deliverability]` of pyproject.toml, or from deliverability.toml (the same keys without the
prefix); docs/reference/configuration.md lists them. It never changes what is found: it takes rules out by name,
gives a finding another severity, or sets it aside until a day, and each of the three is visible in the report.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from typing import NamedTuple

from deliverability.core.errors import InvalidConfiguration, UnknownRule
from deliverability.core.expiry import ExpiredIgnore, Expiry
from deliverability.core.facts import BlocklistSettings, Receiving, Sending, SubjectWords
from deliverability.core.finding import Finding, Passed, Severity, Unknown
from deliverability.core.names import DomainName, shown
from deliverability.core.patterns import pattern
from deliverability.core.report import Checked, Ignored
from deliverability.core.text import Lang

FAIL_ON = ("error", "warning", "info", "never")
INCOMPLETE = ("fail", "pass")
#: Seconds that a question may take in all, and how often it may be repeated.
LONGEST_TIMEOUT = 600
MOST_RETRIES = 20


@dataclass(frozen=True, slots=True)
class Ignore:
    """A finding set aside: which, why, and until which day (that day included; None: for good)."""

    code: str
    reason: str
    until: date | None = None
    #: Only the finding about this subject; "" is every subject.
    subject: str = ""
    #: Line in the configuration file, for annotations; None from the command line.
    line: int | None = field(default=None, compare=False)

    def expired(self, today: date) -> bool:
        """Whether its last day is over."""
        return self.until is not None and today > self.until

    def matches(self, finding: Finding) -> bool:
        """Whether it names this finding: by code, by family (`SPF`), or by the rule's name; and by subject."""
        return names_rule(self.code, finding.code, finding.rule.name) and self.subject.lower() in (
            "",
            finding.subject.lower(),
        )


class Applied(NamedTuple):
    """Outcomes as a profile wants them judged."""

    checked: tuple[Checked, ...]
    ignored: tuple[Ignored, ...]
    #: Ignores whose day is over, of rules that were reached.
    expired: tuple[ExpiredIgnore, ...]


@dataclass(frozen=True, slots=True)
class Profile:
    """The configuration of a project. Every field has a default that fits a first audit."""

    domains: tuple[DomainName, ...] = ()
    lang: Lang | None = None
    fail_on: str = "error"
    incomplete: str = "fail"
    #: Codes or families to judge; empty: all.
    select: tuple[str, ...] = ()
    ignore: tuple[Ignore, ...] = ()
    severity: Mapping[str, Severity] = field(default_factory=dict)
    #: Findings that are known and do not count, in this file.
    baseline: Path | None = None
    nameservers: tuple[str, ...] = ()
    #: Seconds for one question in all, and its repetitions; None: the source's own.
    timeout: float | None = None
    retries: int | None = None
    sending: Sending = field(default_factory=Sending)
    #: Who received the samples of mail, and what kind of mail they are.
    receiving: Receiving = field(default_factory=Receiving)
    blocklists: BlocklistSettings = field(default_factory=BlocklistSettings)
    #: How single domains send, already merged over `sending`.
    domain_sending: Mapping[DomainName, Sending] = field(default_factory=dict)
    #: The user's own words for scoring subjects.
    subjects: SubjectWords = field(default_factory=SubjectWords)
    #: Where the pages of the rules are: an address with `{code}` and `{lang}`; "" nowhere, None: as the package says.
    rule_pages: str | None = None
    path: Path | None = None
    #: Where each domain stands in the file, counted from 1.
    lines: Mapping[DomainName, int] = field(default_factory=dict, compare=False)
    #: Where each key and each entry of a list stands in the file: `("ignore", 0, "until")`.
    key_lines: Mapping[tuple[str | int, ...], int] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def load(cls, path: str | Path) -> Profile:
        """The profile in a file. Raises `UnreadableFile`, or `InvalidConfiguration` with file, key and what is expected."""
        from deliverability.core.profile_file import read_profile  # noqa: PLC0415 - TOML only when there is a file

        return read_profile(Path(path))

    @classmethod
    def find(cls, start: str | Path = ".") -> Profile:
        """The nearest profile from `start` upwards; the default profile where there is none. Raises as `load` does."""
        from deliverability.core.profile_file import find_file  # noqa: PLC0415

        path = find_file(Path(start))
        return cls.load(path) if path else cls()

    def sending_for(self, domain: str) -> Sending:
        """How `domain` sends: its own table over the common one."""
        return self.domain_sending.get(DomainName(domain), self.sending)

    def line_of(self, domain: str) -> int | None:
        """The line of the configuration file that names the domain, counted from 1."""
        return self.lines.get(DomainName(domain))

    def check_codes(self, rules: Iterable[tuple[str, str]]) -> None:
        """Raise `InvalidConfiguration` for a code that names none of `rules` (pairs of code and name)."""
        known = tuple(rules)
        exact = {code for code, _ in known}
        for code in self.severity:
            if code not in exact:
                hint = did_you_mean(code, exact)
                raise InvalidConfiguration(
                    f"{self._place('severity', code)}{shown(code)} is not the code of one rule{hint}"
                )
        for key, codes in (("select", self.select), ("ignore", [entry.code for entry in self.ignore])):
            for index, code in enumerate(codes):
                try:
                    check_code(code, known)
                except UnknownRule as error:
                    raise InvalidConfiguration(f"{self._place(key, index)}{error}") from None

    def _place(self, key: str, entry: str | int) -> str:
        """Where an entry stands, before a message about it."""
        if self.path is None:
            return f"{key}: "
        line = self.key_lines.get((key, entry), self.key_lines.get((key,)))
        return f"{self.path.name}, line {line}: {key}: " if line else f"{self.path.name}: {key}: "

    def apply(self, checked: Iterable[Checked], today: date | datetime) -> Applied:
        """The outcomes as this profile judges them: selected, with its severities, without what it ignores today."""
        if not (self.select or self.ignore or self.severity):
            return Applied(tuple(checked), (), ())
        day = today.date() if isinstance(today, datetime) else today
        kept: list[Checked] = []
        ignored: list[Ignored] = []
        covered: set[Ignore] = set()
        for item in checked:
            if self.select and not any(names_rule(word, item.rule.code, item.rule.name) for word in self.select):
                continue
            item = self._severity(item)  # noqa: PLW2901
            entries = [e for e in self.ignore if isinstance(item.outcome, Finding) and e.matches(item.outcome)]
            standing = next((e for e in entries if not e.expired(day)), None)
            if standing is not None and isinstance(item.outcome, Finding):
                ignored.append(Ignored(item.outcome, standing.reason))
                covered.update(entries)
                continue
            kept.append(item)
        over = [entry for entry in self.ignore if entry.expired(day) and entry not in covered]
        told = (self._expired(entry, kept) for entry in over)
        return Applied(tuple(kept), tuple(ignored), tuple(entry for entry in told if entry is not None))

    def _expired(self, entry: Ignore, checked: Iterable[Checked]) -> ExpiredIgnore | None:
        """What came of what the entry was about; None where no rule that it names was reached on its subject."""
        about = [item.outcome for item in checked if names_rule(entry.code, item.rule.code, item.rule.name)]
        if entry.subject:
            about = [outcome for outcome in about if outcome.subject.lower() == entry.subject.lower()]
        found = frozenset(outcome.fingerprint for outcome in about if isinstance(outcome, Finding))
        if found:
            state = Expiry.STANDING
        elif any(isinstance(outcome, Unknown) for outcome in about):
            state = Expiry.UNTOLD
        elif any(isinstance(outcome, Passed) for outcome in about):
            state = Expiry.GONE
        else:
            return None
        until = entry.until or date.min
        file = self.path.name if self.path else ""
        return ExpiredIgnore(entry.code, entry.reason, until, state, entry.subject, found, file, entry.line)

    def _severity(self, item: Checked) -> Checked:
        rule, outcome = item
        wanted = self.severity.get(rule.code)
        if wanted is None:
            return item
        rule = replace(rule, severity=wanted)
        if isinstance(outcome, Finding):
            outcome = replace(outcome, rule=rule, severity=wanted)
        return Checked(rule, outcome)


def names_rule(word: str, code: str, name: str) -> bool:
    """Whether `word` is this rule's code (`SPF004`), its family (`SPF`) or its name (`too-many-lookups`), in any case."""
    upper = word.upper()
    return upper == code or upper == code.rstrip("0123456789") or word.lower() == name


def check_code(word: str, rules: Iterable[tuple[str, str]]) -> None:
    """Raise `UnknownRule`, with the nearest existing words, when `word` names no rule."""
    known = tuple(rules)
    if any(names_rule(word, code, name) for code, name in known):
        return
    meant = _CODE.fullmatch(word)
    code = f"{meant[1].upper()}{meant[2]:0>3}" if meant else ""  # SPF4, spf-04: the zeros are easily lost
    if code in {known_code for known_code, _ in known}:
        raise UnknownRule(f"there is no rule {shown(word)} (did you mean {code}?); `deliverability explain` lists them")
    words = sorted({w for code, name in known for w in (code, name, code.rstrip("0123456789"))})
    raise UnknownRule(f"there is no rule {shown(word)}{did_you_mean(word, words)}; `deliverability explain` lists them")


_CODE = pattern(r"([A-Za-z]{2,8})-?0*([1-9][0-9]{0,2})")


def did_you_mean(word: str, words: Iterable[str]) -> str:
    """` (did you mean x or y?)` for the words nearest to a mistyped one, or nothing."""
    import difflib  # noqa: PLC0415 - only for a mistake

    by_lower = {w.lower(): w for w in words}
    near = difflib.get_close_matches(word.lower()[:64], sorted(by_lower), n=2, cutoff=0.6)
    return f" (did you mean {' or '.join(by_lower[w] for w in near)}?)" if near else ""
