"""Every rule, in the order of the codes. Explicit lists: nothing registers itself.

`domain.DOMAIN_RULES` are those that a domain alone can reach, `every.RULES` all of them. They are apart because rules of
messages load the readers of mail with them, and the audit of a domain has to have asked its first question by then.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from deliverability.core.errors import UnknownRule
from deliverability.core.names import shown
from deliverability.core.rule import Rule

if TYPE_CHECKING:
    from deliverability.registry.every import RULES

__all__ = ["RULES", "RULES_VERSION", "rule"]

#: Changes whenever a rule is added, removed, or decides differently.
RULES_VERSION = "2026.11.3"


def __getattr__(name: str) -> Any:
    """`RULES`, loaded when somebody asks for all of them."""
    if name != "RULES":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from deliverability.registry.every import RULES  # noqa: PLC0415 - see above

    return RULES


def _tables() -> Iterator[Mapping[str, Rule]]:
    """The rules by their words: those of domains, and the rest only where the word is none of theirs."""
    yield _of_domains()
    yield _of_all()


@functools.cache
def _of_domains() -> Mapping[str, Rule]:
    from deliverability.registry.domain import DOMAIN_RULES  # noqa: PLC0415 - see above

    return _by_word(DOMAIN_RULES)


@functools.cache
def _of_all() -> Mapping[str, Rule]:
    from deliverability.registry.every import RULES  # noqa: PLC0415 - see above

    return _by_word(RULES)


def _by_word(rules: Iterable[Rule]) -> Mapping[str, Rule]:
    return {word: rule for rule in rules for word in (rule.code, rule.name)}


def rule(word: str) -> Rule:
    """The rule with that code (`SPF004`) or name (`too-many-lookups`), in any case. Raises `UnknownRule`."""
    for table in _tables():
        found = table.get(word.upper()) or table.get(word.lower())
        if found is not None:
            return found
    raise UnknownRule(f"there is no rule {shown(word)}; `deliverability explain` lists all of them")
