"""What the DKIM rules share: one outcome for each selector, evidence, and fixes of a key record."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from deliverability.core.changes import Fix, RecordChange
from deliverability.core.finding import Evidence, NotApplicable, Outcome, Unknown, evidence_of
from deliverability.core.names import DomainName, parent
from deliverability.core.questions import DnsQuestion
from deliverability.core.span import Span
from deliverability.core.text import NO_TEXT, Text
from deliverability.dkim.facts import DkimFacts, Origin, Selector
from deliverability.dkim.record import DkimKey, KeyProblem
from deliverability.dkim.repair import corrected

GOOGLE_SENDERS = "Google email sender guidelines (support.google.com/a/answer/81126), 2026-09"

NO_KEY_SEEN = Text(
    en="No DKIM key was seen under the selectors that were tried.",
    es="No se ha visto ninguna clave DKIM en los selectores probados.",
)
COULD_NOT_ASK = Text(
    en="DNS gave no answer for this selector, so nothing is known about its key.",
    es="El DNS no ha respondido sobre este selector, así que no se sabe nada de su clave.",
)
NOT_ANSWERED = Text(
    en="DNS gave no answer about the selectors, so it cannot be told whether there is a DKIM key.",
    es="El DNS no ha respondido sobre los selectores, así que no se puede saber si hay clave DKIM.",
)
_MAX_EVIDENCE = 3


def evidence(selector: Selector, *spans: Span) -> Evidence:
    """The answer at the selector, and where it came from if the selector is an alias."""
    alias = selector.aliases[-1] if selector.aliases else None
    note = Text(f"CNAME to {alias}", f"CNAME a {alias}") if alias else NO_TEXT
    return evidence_of(selector.question, selector.answer, spans=spans, note=note)


def unknown(selector: Selector) -> Unknown:
    """The selector could not be asked for."""
    return Unknown(COULD_NOT_ASK, selector.name, (evidence(selector),))


def unknowns(facts: DkimFacts) -> list[Outcome]:
    """One Unknown for each expected selector that could not be asked for, or one for all where none was expected."""
    failed = facts.failed
    expected = [selector for selector in failed if selector.in_use]
    if expected or not failed:
        return [unknown(selector) for selector in expected]
    return [Unknown(NOT_ANSWERED, facts.domain, tuple(evidence(s) for s in failed[:_MAX_EVIDENCE]))]


def each_selector(facts: DkimFacts, decide: Callable[[Selector], Outcome | None]) -> Iterator[Outcome]:
    """The outcomes of `decide` on the selectors that have records; what could not be asked is Unknown."""
    outcomes = [outcome for selector in facts.existing if (outcome := decide(selector)) is not None]
    outcomes.extend(unknowns(facts))
    yield from outcomes or (NotApplicable(NO_KEY_SEEN, facts.domain),)


def each_key(facts: DkimFacts, decide: Callable[[Selector, DkimKey], Outcome | None]) -> Iterator[Outcome]:
    """The same on the keys that are there and not revoked."""

    def on_selector(selector: Selector) -> Outcome | None:
        key = selector.key
        return decide(selector, key) if key is not None and not key.revoked else None

    return each_selector(facts, on_selector)


def needed(selector: Selector, facts: DkimFacts) -> bool:
    """Whether mail depends on this selector: it was given, or it is of a provider in use that has no other working key.

    Providers keep a second selector empty until they change keys (RFC 6376 §3.1), so one that works is enough.
    """
    if not selector.in_use:
        return False
    if selector.provider is None or selector.origin is Origin.GIVEN:
        return True
    return not any(other.usable and other.provider == selector.provider for other in facts.selectors)


def record_fix(selector: Selector, key: DkimKey) -> Fix | None:
    """The corrected record in place of the present one; None where it lies in a provider's zone or cannot be mended."""
    better = None if selector.aliases else corrected(key)
    if better is None:
        return None
    return Fix((RecordChange(selector.name, "TXT", add=(better,), remove=(key.text,)),))


def spans_of(problems: tuple[KeyProblem, ...]) -> tuple[Span, ...]:
    """The places of the problems."""
    return tuple(problem.span for problem in problems)


def probe_evidence(facts: DkimFacts) -> Evidence:
    """The answer at the name that nobody made up."""
    return evidence_of(DnsQuestion(facts.probe, "TXT"), facts.wildcard)


def above_evidence(facts: DkimFacts) -> Evidence:
    """The answer at `_domainkey`."""
    return evidence_of(DnsQuestion(above_name(facts), "TXT"), facts.above)


def above_name(facts: DkimFacts) -> DomainName:
    """`_domainkey.<domain>`."""
    return parent(facts.probe)
