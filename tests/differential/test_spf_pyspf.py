"""check_host beside pyspf's, on the same answers: generated worlds and real records.

pyspf is an old and careful implementation; where it says something else, either it is wrong or we are. Every kind of
disagreement that is left is listed in `DISAGREEMENTS` with the section that decides it; one that is not listed fails.
"""

from __future__ import annotations

import json
import lzma
import random
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from deliverability.core.names import parse_domain, query_name
from deliverability.core.questions import (
    Answer,
    DnsQuestion,
    Failed,
    FailureKind,
    Found,
    NoData,
    Question,
    split_strings,
)
from deliverability.sources.table import TableSource
from deliverability.spf import Directive, RecordCache, SpfResult, TraceStep, check_host
from tests.support.pyspf_oracle import check as pyspf_check
from tests.support.shared import needs_shared, shared


@dataclass(frozen=True)
class Seen:
    """One evaluation by both."""

    ip: str
    ours: SpfResult
    theirs: str
    their_words: str
    records: str


def _says(*words: str) -> Callable[[Seen], bool]:
    return lambda seen: any(word in seen.their_words for word in words)


#: Why the two may differ, who is right, and how such a case is known. The first that fits is taken.
DISAGREEMENTS: dict[str, tuple[str, Callable[[Seen], bool]]] = {
    "void-queries": (
        "Open: pyspf counts every query without records, RFC 7208 §4.6.4 limits the terms, so that an mx of hosts "
        "without that type is void once. Receivers differ.",
        lambda seen: _says("Void lookup limit")(seen) and seen.ours.voids <= 2,
    ),
    "repeated-unknown-modifier": (
        "We are: RFC 7208 §6 ignores unrecognized modifiers no matter how often they appear.",
        lambda seen: _says("MUST appear at most once")(seen) and not _says("redirect", "exp=")(seen),
    ),
    "include-of-itself": (
        "We are: RFC 7208 has no rule against it. Evaluation matches before, or ends at the limit of §4.6.4.",
        _says("include has trivial recursion"),
    ),
    "error-behind-a-matching-mx-host": (
        "Both may be: RFC 7208 §5.4 says that the mx matches if any address does; pyspf asks for all of them first.",
        lambda seen: seen.theirs == "temperror" and any(_matched_mx(step) for step in seen.ours.trace),
    ),
    "line-break": (
        "We are: RFC 7208 §12 separates terms by SP alone; pyspf splits at any white space.",
        lambda seen: seen.ours.result == "permerror" and re.search(r"[\t\r\n]", seen.records) is not None,
    ),
    "error-behind-ptr": (
        "We are: RFC 7208 §5.5 lets an error for the client's own names only skip them, never become temperror.",
        lambda seen: seen.theirs == "temperror" and re.search(r"ptr|%\{p", seen.records) is not None,
    ),
}


def _matched_mx(step: TraceStep) -> bool:
    return step.outcome == "match" and isinstance(step.term, Directive) and step.term.mechanism == "mx"


class Tally:
    """How many agreed, how many differed in a way that is listed, and those that did in no such way."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.results: Counter[str] = Counter()
        self.unexplained: list[str] = []

    def judge(self, seen: Seen) -> None:
        self.results[seen.ours.result] += 1
        if seen.ours.result == seen.theirs:
            self.counts["agree"] += 1
            return
        name = next((name for name, (_, fits) in DISAGREEMENTS.items() if fits(seen)), "")
        self.counts[name] += 1
        if not name:
            problem = seen.ours.problem
            ours = f"{seen.ours.result} {problem and (problem.kind.value, problem.domain, problem.term)}"
            self.unexplained.append(f"{ours}; pyspf {seen.theirs} ({seen.their_words}), {seen.ip}: {seen.records}")


# --- generated worlds --------------------------------------------------------------------------------------------

_HOSTS = [f"h{n}.test" for n in range(6)]
_TERMS = [
    "a", "mx", "a/24", "mx/28", "a//64", "a:{h}", "mx:{h}", "a:{h}/30", "a:{h}/24//64", "mx:{h}//126", "ip4:192.0.2.{n}",
    "ip4:192.0.2.{n}/29", "ip4:192.0.0.0/8", "ip6:2001:db8::{n}", "ip6:2001:db8::/33", "ip6:::ffff:192.0.2.{n}", "ptr", "ptr:{h}", "exists:{h}",
    "exists:%{{i}}.{h}", "exists:%{{l1r-}}.{h}", "exists:%{{ir}}.%{{v}}.{h}", "include:{r}", "include:{r}", "include:{r}", "include:%{{d1r}}.sub.test",
    "a:%{{d}}", "mx:{h}.", "x-unknown=%{{d}}", "foo=", "A:{h}", "IP4:192.0.2.{n}/31", "exists:%{{d2}}.{h}",
]  # fmt: skip
_WRONG = [
    "ip4:192.0.2.300", "ip4:192.0.2.1/33", "a:{h}/033", "inclde:{r}", "include:", "all:x", "ip6:192.0.2.1", "a:%{{z}}.test", "redirect=", "mx:1",
    "a:{h}/", "ip4:192.0.2.1/", "ptr/24", "a:x.123", "redirect:{r}",
]  # fmt: skip
_ENDS = ["", "-all", "~all", "?all", "all", "-all", "~all", "redirect={r}", "redirect={r}", "exp={h} -all"]
_RECORDS = [f"r{n}.test" for n in range(6)]


def _term(rng: random.Random, template: str) -> str:
    filled = template.format(h=rng.choice(_HOSTS), n=rng.randrange(1, 16), r=rng.choice(_RECORDS))
    return (rng.choice(["", "", "", "-", "~", "?", "+"]) if "=" not in filled else "") + filled


def _record(rng: random.Random) -> str:
    terms = [_term(rng, rng.choice(_TERMS)) for _ in range(rng.choice([0, 1, 2, 3, 4, 6, 9]))]
    if rng.random() < 0.05:
        terms.insert(rng.randrange(len(terms) + 1), _term(rng, rng.choice(_WRONG)))
    end = rng.choice(_ENDS).format(h=rng.choice(_HOSTS), r=rng.choice(_RECORDS))
    return " ".join(part for part in ["v=spf1", *terms, end] if part)


def _world(rng: random.Random) -> dict[str, Any]:
    zone: dict[str, Any] = {"r0.test/TXT": [_record(rng)]}
    for name in _RECORDS[1:]:
        if rng.random() < 0.85:
            zone[f"{name}/TXT"] = [_record(rng)] if rng.random() < 0.93 else [_record(rng), "v=spf1 a"]
    for name in (*_HOSTS, *_RECORDS):
        if rng.random() < 0.75:
            zone[f"{name}/A"] = [f"192.0.2.{rng.randrange(16)}" for _ in range(rng.randrange(1, 3))]
        if rng.random() < 0.5:
            zone[f"{name}/AAAA"] = [f"2001:db8::{rng.randrange(1, 16):x}"]
        if rng.random() < 0.6:
            count = 11 if rng.random() < 0.05 else rng.randrange(1, 4)
            zone[f"{name}/MX"] = [f"{n} {rng.choice(_HOSTS)}" for n in range(count)]
        if rng.random() < 0.03:
            zone[f"{name}/{rng.choice(['A', 'AAAA', 'MX', 'TXT'])}"] = {"fault": rng.choice(["timeout", "servfail"])}
    zone["*.h1.test/A"] = ["127.0.0.2"]
    for n in range(0, 16, 2):
        zone[f"{n}.2.0.192.in-addr.arpa/PTR"] = rng.sample([*_HOSTS, "m.r0.test"], rng.randrange(1, 4))
    return zone


def _ips(rng: random.Random) -> list[str]:
    return [
        f"192.0.2.{rng.randrange(16)}",
        rng.choice([f"2001:db8::{rng.randrange(1, 16):x}", "203.0.113.9", "2001:db8:8000::1"]),
    ]


def _generated(count: int) -> Iterator[Seen]:
    rng = random.Random(7208)
    for _ in range(count):
        zone = _world(rng)
        source, sender = TableSource(zone), rng.choice(["a-b@r0.test", "ana@r0.test"])
        for ip in _ips(rng):
            ours = check_host(ip, "r0.test", sender, helo="h0.test", source=source)
            theirs, words = pyspf_check(source, ip, sender, "h0.test")
            yield Seen(ip, ours, theirs, words, json.dumps({k: v for k, v in zone.items() if k[0] == "r"}))


def test_generated_worlds() -> None:
    tally = Tally()
    for seen in _generated(6_000):
        tally.judge(seen)
    assert not tally.unexplained, f"{len(tally.unexplained)}:\n" + "\n".join(tally.unexplained[:5])
    assert tally.counts.total() == 12_000
    assert tally.counts["agree"] >= 11_400, tally.counts
    assert all(tally.counts[name] for name in DISAGREEMENTS if name != "line-break"), "a listed disagreement is no more"
    # The worlds are no formality: every result comes often.
    assert min(tally.results[word] for word in ("pass", "fail", "softfail", "neutral", "permerror", "temperror")) > 200


# --- real records ------------------------------------------------------------------------------------------------


class RealRecords:
    """TXT as recorded; hosts, which were not, have no address in either type: nothing but networks can match."""

    def __init__(self, records: dict[str, str]) -> None:
        self._answers = {name: Found((split_strings(text.encode()),)) for name, text in records.items()}

    def answer(self, question: Question) -> Answer:
        if question.type == "TXT":
            return self._answers.get(question.name, Failed(FailureKind.OFFLINE, "not recorded"))
        return _HOST_ANSWERS.get(question.type, NoData())


_HOST_ANSWERS = {
    key: TableSource(
        {"x.test/A": ["198.51.100.77"], "x.test/AAAA": ["2001:db8:77::1"], "x.test/MX": ["1 x.test"]}
    ).answer(
        DnsQuestion("x.test", key)  # type: ignore[arg-type]
    )
    for key in ("A", "AAAA", "MX")
}


def _rows(name: str) -> Iterator[dict[str, Any]]:
    with lzma.open(shared("realworld", "spain", name), "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def _spain() -> tuple[list[str], dict[str, str]]:
    records = {str(query_name(row["name"])): row["spf"] for row in _rows("spf-includes.jsonl.xz")}
    domains = {str(parse_domain(row["domain"])): row["spf"] for row in _rows("domains.jsonl.xz") if row["spf"]}
    return list(domains), {**records, **domains}


@needs_shared("realworld", "spain")
def test_real_records() -> None:
    domains, records = _spain()
    source, kept = RealRecords(records), RecordCache()
    tally = Tally()
    assert len(domains) > 5_000
    for number, domain in enumerate(domains):
        own = re.search(r"ip4:(192|[1-9][0-9]?)\.([0-9]{1,2})\.([0-9]{1,2})\.([0-9]{1,2})(?![0-9])", records[domain])
        ips = ["203.0.113.9", ".".join(own.groups())] if own and number % 4 == 0 else ["203.0.113.9"]
        for ip in ips:
            ours = check_host(ip, domain, f"a@{domain}", helo="mail.test", source=source, records=kept)
            theirs, words = pyspf_check(source, ip, f"a@{domain}", "mail.test")
            tally.judge(Seen(ip, ours, theirs, words, records[domain]))
    assert not tally.unexplained, f"{len(tally.unexplained)}:\n" + "\n".join(tally.unexplained[:8])
    assert tally.counts["agree"] / tally.counts.total() > 0.99, tally.counts


def test_every_listed_disagreement_says_who_is_right() -> None:
    for reason, _ in DISAGREEMENTS.values():
        assert re.match(r"(We are|Both may be|Open): ", reason)
        assert re.search(r"RFC 7208 (§|has no rule)", reason)
