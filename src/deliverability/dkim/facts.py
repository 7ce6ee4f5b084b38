"""What the audit learned about the DKIM keys of a domain."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from deliverability.core.names import DomainName, query_name
from deliverability.core.questions import Answer, DnsQuestion, Failed, Found, NoData, NoName
from deliverability.dkim.record import DkimKey
from deliverability.providers.registry import Provider, provider_of_dkim_target

#: The selectors of Microsoft 365: one signs, the other waits for the next change of keys.
MICROSOFT_PAIR = ("selector1", "selector2")


class Origin(StrEnum):
    """Why a selector was asked for."""

    GIVEN = "given"  # the user named it
    PROVIDER = "provider"  # a provider seen behind the domain uses it
    COMMON = "common"  # many systems use it


@dataclass(frozen=True, slots=True)
class Selector:
    """One selector and the answer at its name."""

    selector: str
    #: `<selector>._domainkey.<domain>`
    name: DomainName
    origin: Origin
    answer: Answer
    #: One for each TXT record of the answer.
    keys: tuple[DkimKey, ...] = ()
    #: The provider into whose zone the name points, or whose customers have this selector.
    provider: Provider | None = None
    #: The user named it, or a provider seen behind the domain uses it.
    in_use: bool = False
    #: The same answer comes for a name that nobody made up: a wildcard.
    synthesised: bool = False
    #: The answer at `<selector>._domainkey.<domain>.<domain>`, where that was asked.
    doubled: Answer | None = None

    @property
    def question(self) -> DnsQuestion:
        """The question that `answer` answers."""
        return DnsQuestion(self.name, "TXT")

    @property
    def aliases(self) -> tuple[DomainName, ...]:
        """The CNAME targets on the way to the key; empty when the name itself holds it, or the question failed."""
        return () if isinstance(self.answer, Failed) else self.answer.aliases

    @property
    def exists(self) -> bool:
        """There are records at the name, and they are not a wildcard's."""
        return isinstance(self.answer, Found) and not self.synthesised

    @property
    def absent(self) -> bool:
        """There is no such name or no TXT record there, and no CNAME that leads away from it."""
        return isinstance(self.answer, (NoData, NoName)) and not self.answer.aliases

    @property
    def dangling(self) -> bool:
        """A CNAME that leads to no key."""
        return isinstance(self.answer, (NoData, NoName)) and bool(self.answer.aliases) and not self.synthesised

    @property
    def key(self) -> DkimKey | None:
        """The key; of several records the first that means to be one."""
        return next((key for key in self.keys if key.is_key_record), self.keys[0] if self.keys else None)

    @property
    def usable(self) -> bool:
        """Signatures with this selector can be verified."""
        return self.exists and any(key.usable for key in self.keys)


def missing_sibling(selectors: Iterable[Selector]) -> tuple[Selector, DomainName] | None:
    """Of Microsoft's two selectors the one that is not there, and the target it should have.

    The targets differ by their number only: `selector1-<domain>._domainkey.…` and `selector2-<domain>._domainkey.…`.
    None unless exactly one is there.
    """
    both = [s for s in selectors if s.selector in MICROSOFT_PAIR and not s.synthesised]
    there = [s for s in both if s.aliases and s.aliases[0].startswith(f"{s.selector}-")]
    missing = [s for s in both if s.absent]
    if len(there) != 1 or len(missing) != 1:
        return None
    owner = provider_of_dkim_target(there[0].aliases[0])
    if owner is None or owner.id != "microsoft365":
        return None
    target = query_name(f"{missing[0].selector}-{there[0].aliases[0].removeprefix(f'{there[0].selector}-')}")
    return (missing[0], target) if target is not None else None


@dataclass(frozen=True, slots=True)
class DkimFacts:
    """Every selector that was asked for, and what else lies under `_domainkey`."""

    domain: DomainName
    selectors: tuple[Selector, ...]
    #: The answer for TXT at `_domainkey.<domain>`: if that name does not exist, nothing below it does (RFC 8020 §2).
    above: Answer
    #: A name under `_domainkey` that nobody has made up, and the answer there.
    probe: DomainName
    wildcard: Answer
    #: What answers for `probe`, read as keys.
    wildcard_keys: tuple[DkimKey, ...] = ()
    #: Selectors that were not asked for, to keep the number of questions small.
    untried: tuple[str, ...] = ()
    #: What the user gave as selectors and DNS cannot hold.
    invalid: tuple[str, ...] = ()

    @property
    def existing(self) -> Iterator[Selector]:
        """The selectors with records of their own."""
        return (selector for selector in self.selectors if selector.exists)

    @property
    def failed(self) -> tuple[Selector, ...]:
        """The selectors that could not be asked for and matter: those in use, or all when nothing else was seen."""
        unasked = tuple(s for s in self.selectors if isinstance(s.answer, Failed))
        expected = tuple(s for s in unasked if s.in_use)
        return expected or (unasked if not any(self.existing) else ())

    @property
    def lies(self) -> bool:
        """The server says that `_domainkey` does not exist and answers below it: its NXDOMAIN proves nothing."""
        return isinstance(self.above, NoName) and any(
            isinstance(s.answer, (Found, NoData)) or s.aliases for s in self.selectors
        )

    @property
    def proven_absent(self) -> bool:
        """No selector can exist: `_domainkey` itself does not (RFC 8020 §2), and no answer says otherwise."""
        return (
            isinstance(self.above, NoName)
            and not self.above.aliases
            and isinstance(self.wildcard, NoName)
            and all(isinstance(s.answer, NoName) and not s.aliases for s in self.selectors)
        )
