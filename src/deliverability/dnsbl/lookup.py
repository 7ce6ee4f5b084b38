"""Asking blocklists (RFC 5782): every list side by side, each tested before it is believed.

Theory of operation. A list goes through three steps, each one round trip: its test entries; then, if it works, all targets
at once; then, for a listing only, the list's own reason (TXT). Lists do not wait for each other. A list that does not
answer costs its own time-out once, at its test, and is not asked about any target; a list without test entries is
asked about its first target first, for the same reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import TypeAlias, cast

from deliverability.core.limits import DEFAULT_LIMITS, Limits
from deliverability.core.names import DomainName, nibbles, parse_domain, query_name
from deliverability.core.plan import Plan, Source, done, gather
from deliverability.core.questions import (
    Answer,
    DnsQuestion,
    Failed,
    Found,
    IPAddress,
    RecordType,
    TxtStrings,
    join_strings,
)
from deliverability.core.run import run
from deliverability.dnsbl.listing import Listing, Reading, State, answers_of, read_answer, read_test
from deliverability.dnsbl.lists import Blocklist, Holds, lists

Target: TypeAlias = IPAddress | DomainName

#: Characters of a list's reason that are kept.
_REASON = 500


def check(
    target: IPAddress | str, *, lists: Sequence[Blocklist] | None = None, source: Source | None = None
) -> tuple[Listing, ...]:
    """What every list that fits says about an IP address or a domain. `lists` None: those asked by default.

    `.state` is listed, clear, refused, dead or unknown; never "listed" because a resolver was refused and never "clear"
    because nobody answered. Raises `InvalidDomainName` for a text that is neither.
    """
    return run(check_plan([as_target(target)], lists), source)


def as_target(target: IPAddress | str) -> Target:
    """An address or a domain. Raises `InvalidDomainName`."""
    if isinstance(target, IPv4Address | IPv6Address):
        return target
    try:
        return ip_address(target.strip())
    except ValueError:
        return parse_domain(target)


def default_lists() -> tuple[Blocklist, ...]:
    """The lists asked unless somebody says otherwise; those that need a key are not among them."""
    return tuple(one for one in lists() if one.default and one.usable)


def check_plan(
    targets: Iterable[Target], lists: Sequence[Blocklist] | None = None, limits: Limits = DEFAULT_LIMITS
) -> Plan[tuple[Listing, ...]]:
    """`check` for several targets, as a plan: by target, then in the order of the lists."""
    wanted = tuple(dict.fromkeys(targets))
    chosen = default_lists() if lists is None else tuple(one for one in lists if one.usable)
    answered = yield from gather(*(_ask_list(one, wanted) for one in chosen[: limits.blocklists]))
    by_target: dict[str, list[Listing]] = {str(target): [] for target in wanted}
    for listings in answered:
        for listing in listings:
            by_target[listing.target].append(listing)
    return tuple(listing for listings in by_target.values() for listing in listings)


def _ask_list(blocklist: Blocklist, targets: Sequence[Target]) -> Plan[list[Listing]]:
    """One list about all the targets it holds."""
    fitting = [target for target in targets if _fits(blocklist, target)]
    if not fitting:
        return (yield from done([]))
    working = yield from _test(blocklist)
    if working.state is not State.LISTED:
        return [Listing(blocklist, str(t), working.state, working.codes, because=working.because) for t in fitting]
    first: list[Listing] = []
    if not (blocklist.test_listed or blocklist.test_clear):
        first = [(yield from _ask_target(blocklist, fitting[0]))]
        if isinstance(first[0].answer, Failed) or first[0].state in (State.REFUSED, State.DEAD):
            said = first[0]
            rest = [Listing(blocklist, str(t), said.state, said.codes, because=said.because) for t in fitting[1:]]
            return [*first, *rest]
    others = yield from gather(*(_ask_target(blocklist, target) for target in fitting[len(first) :]))
    return [*first, *others]


def _fits(blocklist: Blocklist, target: Target) -> bool:
    if isinstance(target, IPv6Address):
        return blocklist.holds is Holds.IP and blocklist.ipv6
    return blocklist.holds is (Holds.IP if isinstance(target, IPv4Address) else Holds.DOMAIN)


def _test(blocklist: Blocklist) -> Plan[Reading]:
    """RFC 5782 §5: the entry that has to be there, and the one that must not."""
    listed, clear = yield from gather(
        _ask_test(blocklist, blocklist.test_listed), _ask_test(blocklist, blocklist.test_clear)
    )
    return read_test(blocklist, listed, clear)


def _ask_test(blocklist: Blocklist, entry: str) -> Plan[Answer | None]:
    if not entry:
        return None
    target = IPv4Address(entry) if blocklist.holds is Holds.IP else DomainName(entry)
    question = question_for(blocklist, target, "A")
    if question is None:
        return None
    answer: Answer = yield question
    return answer


def _ask_target(blocklist: Blocklist, target: Target) -> Plan[Listing]:
    question = question_for(blocklist, target, "A")
    if question is None:  # the name and the zone together are longer than a name may be
        return Listing(blocklist, str(target), State.UNKNOWN)
    answer: Answer = yield question
    state, codes, because = read_answer(blocklist, answer)
    answers = tuple(map(str, answers_of(answer))) if isinstance(answer, Found) else ()
    reason = ""
    if state is State.LISTED:
        reason = yield from _reason(blocklist, target)
    return Listing(blocklist, str(target), state, codes, answers, reason, because, question, answer)


def _reason(blocklist: Blocklist, target: Target) -> Plan[str]:
    """The list's own words (RFC 5782 §2.1); only asked for a listing."""
    question = question_for(blocklist, target, "TXT")
    if question is None:
        return ""
    answer: Answer = yield question
    records = cast("tuple[TxtStrings, ...]", answer.records) if isinstance(answer, Found) else ()
    said = " | ".join(join_strings(strings).decode("utf-8", "replace") for strings in records)
    return (said.replace(blocklist.key, "•••") if blocklist.key else said)[:_REASON]


def question_for(blocklist: Blocklist, target: Target, record_type: RecordType) -> DnsQuestion | None:
    """The question: octets or nibbles reversed for an address (RFC 5782 §2.1, §2.4), the name itself for a domain (§3)."""
    if isinstance(target, IPv4Address):
        owner = ".".join(reversed(str(target).split(".")))
    elif isinstance(target, IPv6Address):
        owner = ".".join(reversed(nibbles(target)))
    else:
        owner = target
    name = query_name(f"{owner}.{blocklist.zone_for(ipv6=isinstance(target, IPv6Address))}")
    return None if name is None else DnsQuestion(name, record_type, private=blocklist.private)
