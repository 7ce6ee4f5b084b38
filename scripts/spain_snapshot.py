"""Real mail records of 7,115 Spanish public bodies, as answers that an audit can rest on.

    python scripts/spain_snapshot.py OUT.json[.xz] [FOLDER]    write them as a snapshot for `deliverability audit --replay`
    python scripts/spain_snapshot.py --notebook [FOLDER]       write the snapshot and the domains for docs/notebooks

The records are read from the shared evidence (realworld/spain). Only what was recorded is an answer: the SPF record, the
names of the MX hosts, two DKIM aliases of one provider, and the SPF records that includes lead to. Everything else is
*not asked*, which is not the same as *not there*: it comes out as unknown. MX preferences were not kept; the order of
the list stands in for them.
"""

from __future__ import annotations

import json
import lzma
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from deliverability.core.names import DomainName, parse_domain, query_name
from deliverability.core.questions import Answer, DnsQuestion, Found, MxRecord, Question, split_strings

TTL = 3600
_DATA = Path(__file__).resolve().parents[1] / "docs" / "notebooks" / "data"
NOTEBOOK_ANSWERS = _DATA / "spain-2026.json.xz"
NOTEBOOK_DOMAINS = _DATA / "spain-2026-domains.txt.xz"


def read_answers(folder: Path) -> tuple[list[DomainName], dict[Question, Answer]]:
    """The domains in their order, and every recorded answer."""
    answers: dict[Question, Answer] = {}
    for row in _rows(folder / "spf-includes.jsonl.xz"):
        _put_txt(answers, row["name"], row["spf"])
    domains: list[DomainName] = []
    for row in _rows(folder / "domains.jsonl.xz"):
        name = parse_domain(row["domain"])  # some are U-labels
        domains.append(name)
        _put_txt(answers, name, row["spf"])
        _put_mx(answers, name, row["mx"])
        for selector, target in row["dkim_cname"].items():
            _put_alias(answers, f"{selector}._domainkey.{name}", target)
    return domains, answers


def _rows(path: Path) -> Iterator[Mapping[str, Any]]:
    with lzma.open(path, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def _put_txt(answers: dict[Question, Answer], name: str, text: str | None) -> None:
    owner = query_name(name)
    if owner is not None and text is not None:
        answers[DnsQuestion(owner, "TXT")] = Found((split_strings(text.encode()),), TTL)


def _put_mx(answers: dict[Question, Answer], name: DomainName, hosts: list[str]) -> None:
    exchanges = [query_name(host) if host != "." else DomainName("") for host in hosts]
    records = [MxRecord(10 * place, host) for place, host in enumerate(exchanges, 1) if host is not None]
    if records:
        answers[DnsQuestion(name, "MX")] = Found(tuple(records), TTL)


def _put_alias(answers: dict[Question, Answer], name: str, target: str) -> None:
    owner, aim = query_name(name), query_name(target)
    if owner is not None and aim is not None:
        answers[DnsQuestion(owner, "CNAME")] = Found((aim,), TTL)


def main(arguments: list[str]) -> int:
    """Write the snapshot."""
    from deliverability.sources.snapshot import Snapshot  # noqa: PLC0415 - only this command needs it

    if not arguments:
        print(__doc__)
        return 2
    folder = Path(arguments[1]) if len(arguments) > 1 else default_folder()
    domains, answers = read_answers(folder)
    if arguments[0] == "--notebook":
        Snapshot(answers).save(NOTEBOOK_ANSWERS)
        NOTEBOOK_DOMAINS.write_bytes(domains_file(domains))
    else:
        Snapshot(answers).save(Path(arguments[0]))
    print(f"{len(domains)} domains, {len(answers)} answers")
    return 0


def domains_file(domains: list[DomainName]) -> bytes:
    """The domains, one a line, compressed."""
    return lzma.compress("".join(f"{name}\n" for name in domains).encode("ascii"), preset=9)


def default_folder() -> Path:
    """The shared evidence beside the checkout."""
    return Path(__file__).resolve().parents[2] / "shared" / "realworld" / "spain"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
