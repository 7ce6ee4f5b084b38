"""The OpenSPF test suites as answers and cases.

Their zone data lists records by name. Type 99 records stand for TXT records too, unless the name says `TXT: NONE` or
has TXT records of its own; the word `TIMEOUT` in a name's list makes every type that is not listed time out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from deliverability.sources.table import TableSource


@dataclass(frozen=True)
class SuiteCase:
    """One test of a suite: the session, the results that are right, the explanation that is."""

    name: str
    ip: str
    mail_from: str
    helo: str
    results: tuple[str, ...]
    explanation: str | None
    default_explanation: str | None
    zone: Mapping[str, Any]
    comment: str

    @property
    def domain(self) -> str:
        """What is checked: the domain of MAIL FROM, or the HELO name where it is empty (RFC 7208 §2.4)."""
        return self.mail_from.rpartition("@")[2] if self.mail_from else self.helo

    @property
    def source(self) -> TableSource:
        return TableSource(self.zone)


def load(path: Path) -> Iterator[SuiteCase]:
    """All cases of a suite."""
    for scenario in yaml.safe_load_all(path.read_text("utf-8")):
        zone = to_table(scenario.get("zonedata", {}))
        for name, test in scenario["tests"].items():
            results = test["result"]
            yield SuiteCase(
                name=name,
                ip=str(test["host"]),
                mail_from=test.get("mailfrom") or "",
                helo=test.get("helo") or "",
                results=tuple(results) if isinstance(results, list) else (results,),
                explanation=test.get("explanation"),
                default_explanation=scenario.get("options", {}).get("default-explanation")
                if isinstance(scenario.get("options"), dict)
                else None,
                zone=zone,
                comment=(test.get("description") or "") + (test.get("comment") or ""),
            )


@cache
def _load_all(path: Path) -> tuple[SuiteCase, ...]:
    return tuple(load(path))


def cases(path: Path | None) -> tuple[SuiteCase, ...]:
    """All cases, or none where the suite is not there."""
    return _load_all(path) if path is not None and path.exists() else ()


_ASKED = ("A", "AAAA", "MX", "PTR", "TXT", "SPF", "CNAME")


def to_table(zonedata: Mapping[str, Any]) -> dict[str, Any]:
    """Zone data in the form of `TableSource`."""
    table: dict[str, Any] = {}
    for name, entries in zonedata.items():
        listed: dict[str, list[Any]] = {}
        timeout = False
        for entry in entries:
            if entry == "TIMEOUT":
                timeout = True
                continue
            for record_type, value in entry.items():
                listed.setdefault(record_type, []).append(value)
        _add_name(table, str(name).rstrip("."), listed, timeout=timeout)
    return table


def _add_name(table: dict[str, Any], name: str, listed: dict[str, list[Any]], *, timeout: bool) -> None:
    if "SPF" in listed and "TXT" not in listed:
        listed["TXT"] = listed["SPF"]
    for record_type in _ASKED:
        values = listed.get(record_type)
        if values is None or values == ["NONE"]:
            if timeout and not (record_type == "CNAME" and listed):
                table[f"{name}/{record_type}"] = {"fault": "timeout"}
        elif "TIMEOUT" in values:
            table[f"{name}/{record_type}"] = {"fault": "timeout"}
        else:
            table[f"{name}/{record_type}"] = [_value(record_type, value) for value in values if value != "NONE"]


def _value(record_type: str, value: Any) -> Any:
    if record_type == "MX":
        return f"{value[0]} {value[1] or '.'}"
    if record_type in ("TXT", "SPF"):
        strings = value if isinstance(value, list) else [value]
        return [{"b64": _base64(text)} for text in strings]
    return value


def _base64(text: str) -> str:
    import base64  # noqa: PLC0415

    return base64.b64encode(text.encode("latin-1", "replace")).decode()
