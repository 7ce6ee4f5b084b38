"""A world for comparing SPF checkers: names that answer, names that are void, names that fail, and many records."""

from __future__ import annotations

import random
from ipaddress import ip_address

from deliverability.core.names import DomainName
from deliverability.core.questions import (
    Answer,
    DnsQuestion,
    Failed,
    FailureKind,
    Found,
    MxRecord,
    NoData,
    NoName,
    Question,
    split_strings,
)

_A = Found((ip_address("192.0.2.1"),), 300)
_AAAA = Found((ip_address("2001:db8::1"),), 300)


class FullWorld:
    """Recorded answers; beyond them every host has an address in both families, and nothing else exists.

    A checker then never stumbles over what was not recorded, and both see the same.
    """

    def __init__(self, recorded: dict[Question, Answer]) -> None:
        self._recorded = recorded

    def put(self, question: Question, answer: Answer) -> None:
        self._recorded[question] = answer

    def answer(self, question: Question) -> Answer:
        held = self._recorded.get(question)
        if held is not None:
            return held
        name, record_type = question.name, question.type
        if name.startswith("void"):
            return NoName()
        if name.startswith("fail"):
            return Failed(FailureKind.TIMEOUT)
        if record_type == "MX":
            return Found((MxRecord(10, DomainName(f"mail.{name}")),), 300)
        return {"A": _A, "AAAA": _AAAA}.get(record_type, NoData())


_GOOD = (
    "a", "mx", "a/24", "mx/24//64", "a:host1.test", "a:host2.test/28", "mx:host3.test", "ip4:192.0.2.7",
    "ip4:198.51.100.0/24", "ip6:2001:db8::/32", "ip6:2001:db8::1", "exists:host4.test", "exists:%{i}._spf.host5.test",
    "include:leaf1.test", "include:leaf2.test", "include:branch1.test", "include:branch2.test", "include:deep1.test",
    "A:Host6.test", "INCLUDE:Leaf1.test", "?include:leaf3.test", "~a:host7.test", "-ip4:203.0.113.9", "unknown=%{d}",
    "exp=why.host8.test", "include:wide.test",
)  # fmt: skip
_VOID = ("a:void1.test", "mx:void2.test", "exists:void3.test", "a:void4.test", "mx:void5.test")
_BROKEN = (
    "include:void9.test", "include:host9.test", "include:broken.test", "include:fail1.test", "a:fail2.test",
    "include:loop1.test", "include:two.test", "include:late.test", "mx:fail3.test", "exists:fail4.test",
)  # fmt: skip
_BAD = (
    "ip4:192.0.2.300", "ip4:192.0.2.0/33", "ip6:2001:db8::/129", "ip6:192.0.2.1", "ip4:2001:db8::1", "foo", "foo:bar",
    "a:", "include:", "include", "exists", "ip4", "ip4:", "a/33", "mx//129", "all:x", "inclde:leaf1.test", "ipv4:192.0.2.1",
    "a=host1.test", "include=leaf1.test", "redirect", "exists:%{z}.test", "a:%{d", "ip4:192.0.2.1,192.0.2.2", "a,mx",
    "include:leaf1.test,leaf2.test", "++a", "ip4:192.0.2.0/024", "a:host_1.test/", "exp=", "-", "ip4:192.0.2.1/",
)  # fmt: skip
_ENDS = (
    "-all",
    "~all",
    "?all",
    "",
    "redirect=leaf1.test",
    "redirect=branch1.test",
    "-all",
    "~all",
    "-ALL",
    "redirect=void9.test",
)
_AFTER = (
    "a:host1.test",
    "include:leaf1.test",
    "ip4:999.1.1.1",
    "foo",
    "redirect=leaf1.test",
    "x=y",
    "exp=why.host8.test",
)

_RECORDS = {
    "leaf1.test": ["v=spf1 ip4:192.0.2.0/24 -all"],
    "leaf2.test": ["v=spf1 a mx ~all"],
    "leaf3.test": ["v=spf1 ip6:2001:db8::/32 ?all"],
    "branch1.test": ["v=spf1 include:leaf1.test include:leaf2.test -all"],
    "branch2.test": ["v=spf1 a:host1.test include:leaf3.test exists:host2.test redirect=leaf1.test"],
    "deep1.test": ["v=spf1 include:deep2.test ~all"],
    "deep2.test": ["v=spf1 include:deep3.test ~all"],
    "deep3.test": ["v=spf1 include:branch1.test ~all"],
    "wide.test": ["v=spf1 a mx a:host1.test a:host2.test mx:host3.test -all"],
    "broken.test": ["v=spf1 ip4:192.0.2.300 -all"],
    "late.test": ["v=spf1 -all ip4:192.0.2.300"],
    "loop1.test": ["v=spf1 include:loop2.test -all"],
    "loop2.test": ["v=spf1 include:loop1.test -all"],
    "two.test": ["v=spf1 -all", "v=spf1 mx -all"],
}


def generated(count: int, seed: int) -> tuple[list[str], FullWorld]:
    """That many different records, and the world they are judged in. The same seed gives the same records."""
    choose = random.Random(seed)
    recorded: dict[Question, Answer] = {
        DnsQuestion(DomainName(name), "TXT"): Found(tuple(split_strings(text.encode()) for text in texts), 300)
        for name, texts in _RECORDS.items()
    }
    records: dict[str, None] = {}
    while len(records) < count:
        records[_record(choose)] = None
    return list(records), FullWorld(recorded)


def _record(choose: random.Random) -> str:
    terms = choose.choices(_GOOD, k=choose.randint(0, 7))
    if choose.random() < 0.25:
        terms += choose.sample(_VOID, k=choose.randint(1, 4))
    if choose.random() < 0.15:
        terms.append(choose.choice(_BROKEN))
    if choose.random() < 0.3:
        terms.append(choose.choice(_BAD))
    choose.shuffle(terms)
    terms.append(choose.choice(_ENDS))
    if choose.random() < 0.1:
        terms.append(choose.choice(_AFTER))
    gap = "  " if choose.random() < 0.05 else " "
    return gap.join(["v=spf1", *(term for term in terms if term)])
