"""Reports in their JSON form, read back as far as a comparison needs them: docs/schema/report-1.json.

The file comes from outside. Whatever is in it, the result is a `State` or one line that says where it is no report; what
a report may leave out (answers, details) is not asked for.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from deliverability.core.errors import UnreadableFile
from deliverability.core.finding import Actor, Severity
from deliverability.core.names import escape_controls, shown, shown_path
from deliverability.core.report import SCHEMA_VERSION
from deliverability.core.state import Held, Key, Recorded, State, Untold
from deliverability.core.text import Text

#: Reports of one file, entries of one list, and characters of one text that are read.
MAX_REPORTS = 20_000
MAX_ENTRIES = 20_000
MAX_TEXT = 64 * 1024
_CODE = re.compile(r"[A-Z]{1,16}[0-9]{1,6}")
_NEXT = "write it with `deliverability audit -f json -o FILE`"


class _NoReport(Exception):  # noqa: N818 - the caller makes it an `UnreadableFile` with the place
    """Something that is no report; the message says why."""


def read_documents(text: str, source: str) -> list[Any]:
    """The JSON values of a text: one, or one a line. Raises `UnreadableFile`."""
    try:
        return [_loads(text)]
    except json.JSONDecodeError as error:
        lines = [(n, line) for n, line in enumerate(text.split("\n"), 1) if line.strip()]
        if len(lines) < 2 or not lines[0][1].lstrip().startswith("{") or not _is_json(lines[0][1]):
            raise UnreadableFile(f"{shown_path(source)}, line {error.lineno}: no JSON ({error.msg}); {_NEXT}") from None
    except (ValueError, RecursionError) as error:
        raise UnreadableFile(f"{shown_path(source)}: no JSON ({escape_controls(str(error))[:200]}); {_NEXT}") from None
    documents = []
    for number, line in lines[:MAX_REPORTS]:
        try:
            documents.append(_loads(line))
        except (ValueError, RecursionError) as error:
            reason = getattr(error, "msg", None) or escape_controls(str(error))[:200]
            raise UnreadableFile(f"{shown_path(source)}, line {number}: no JSON ({reason}); {_NEXT}") from None
    return documents


def _is_json(line: str) -> bool:
    try:
        _loads(line)
    except (ValueError, RecursionError):
        return False
    return True


def _loads(text: str) -> Any:
    return json.loads(text, parse_constant=_no_number)


def _no_number(text: str) -> float:
    raise ValueError(f"{text} is no number")


def read_states(documents: Iterable[Any], source: str) -> list[State]:
    """The reports among JSON values, of which one may be an array of several. Raises `UnreadableFile`."""
    several = [one for document in documents for one in (document if isinstance(document, list) else [document])]
    states = []
    for number, document in enumerate(several[:MAX_REPORTS], 1):
        try:
            states.append(read_state(document))
        except (_NoReport, RecursionError) as error:
            which = f", report {number}" if len(several) > 1 else ""
            raise UnreadableFile(f"{shown_path(source)}{which}: {error}; {_NEXT}") from None
    if not states:
        raise UnreadableFile(f"{shown_path(source)}: there is no report in it; {_NEXT}")
    return states


def read_state(document: Any) -> State:
    """One report. Raises `_NoReport`."""
    if not isinstance(document, dict) or not {"subject", "findings", "kind"} <= document.keys():
        raise _NoReport("no report of deliverability")
    version = document.get("version")
    if version != SCHEMA_VERSION or isinstance(version, bool):
        raise _NoReport(f"version {shown(str(version), 20)} of reports is not known, only {SCHEMA_VERSION} is")
    details = document.get("details")
    details = details if isinstance(details, dict) else {}
    score = document.get("score")
    score = score if isinstance(score, dict) else {}
    version = _text(document, "rules_version", "")
    findings = [*_each(document, "findings", _held), *_each(document, "ignored", _ignored)]
    return State(
        subject=_text(document, "subject"),
        kind=_text(document, "kind"),
        name=_name(details),
        now=_moment(document.get("now")),
        rules_version=version,
        score=value if isinstance(value := score.get("value"), int) and not isinstance(value, bool) else None,
        grade=grade if isinstance(grade := score.get("grade"), str) and len(grade) == 1 else None,
        findings=tuple(held._replace(rules_version=version) for held in findings),
        unknowns=tuple(_each(document, "unknowns", _untold)),
        passed=frozenset(_each(document, "passed", _key)),
        not_applicable=frozenset(_each(document, "not_applicable", _key)),
        records=dict(_answers(document)),
        details=details,
    )


def _name(details: Mapping[str, Any]) -> str:
    message = details.get("message")
    name = message.get("name") if isinstance(message, dict) else ""
    return name[:MAX_TEXT] if isinstance(name, str) else ""


def _moment(value: Any) -> datetime | None:
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) and len(value) <= 40 else None
    except ValueError:
        return None
    return moment if moment is not None and moment.tzinfo is not None else None


def _each(document: Mapping[str, Any], key: str, read: Any) -> list[Any]:
    entries = document.get(key, [])
    if not isinstance(entries, list):
        raise _NoReport(f"{key} is no list")
    if len(entries) > MAX_ENTRIES:
        raise _NoReport(f"{key} has more than {MAX_ENTRIES} entries")
    found = []
    for number, entry in enumerate(entries, 1):
        if not isinstance(entry, dict):
            raise _NoReport(f"{key}, entry {number} is no object")
        try:
            found.append(read(entry))
        except _NoReport as error:
            raise _NoReport(f"{key}, entry {number}: {error}") from None
    return found


def _held(entry: Mapping[str, Any]) -> Held:
    actor = entry.get("actor")
    return Held(
        _code(entry),
        _both(entry, "label"),
        _severity(entry),
        _text(entry, "subject"),
        _text(entry, "fingerprint"),
        _both(entry, "title"),
        _both(entry, "fix") if "fix" in entry else Text("", ""),
        Actor(actor) if isinstance(actor, str) and actor in set(Actor) else None,
    )


def _ignored(entry: Mapping[str, Any]) -> Held:
    label = _both(entry, "label")
    code, subject, fingerprint = _code(entry), _text(entry, "subject"), _text(entry, "fingerprint")
    return Held(code, label, _severity(entry), subject, fingerprint, label, aside=True)


def _untold(entry: Mapping[str, Any]) -> Untold:
    because = _both(entry, "because")
    return Untold(_code(entry), _both(entry, "label"), _severity(entry), _text(entry, "subject"), because)


def _key(entry: Mapping[str, Any]) -> Key:
    return _code(entry), _text(entry, "subject")


def _code(entry: Mapping[str, Any]) -> str:
    code = _text(entry, "code")
    if not _CODE.fullmatch(code):
        raise _NoReport(f"{shown(code, 20)} is no code of a rule")
    return code


def _severity(entry: Mapping[str, Any]) -> Severity:
    word = entry.get("severity")
    if not isinstance(word, str) or word not in set(Severity):
        raise _NoReport("its severity is none of error, warning, info")
    return Severity(word)


def _text(entry: Mapping[str, Any], key: str, default: str | None = None) -> str:
    value = entry.get(key, default)
    if not isinstance(value, str):
        raise _NoReport(f"{key} is missing or no text")
    return value[:MAX_TEXT]


def _both(entry: Mapping[str, Any], key: str) -> Text:
    value = entry.get(key)
    if not isinstance(value, dict) or not isinstance(value.get("en"), str) or not isinstance(value.get("es"), str):
        raise _NoReport(f"{key} is no text in both languages")
    return Text(value["en"][:MAX_TEXT], value["es"][:MAX_TEXT])


def _answers(document: Mapping[str, Any]) -> Iterator[tuple[tuple[str, str], Recorded]]:
    """What was asked and answered, where the report was written with `--answers`."""
    for place, answer in _each(document, "answers", _answer):
        if place[1] not in ("SOA", "DNSKEY"):
            yield place, answer


def _answer(entry: Mapping[str, Any]) -> tuple[tuple[str, str], Recorded]:
    place = (_text(entry, "name"), _text(entry, "type"))
    if _text(entry, "status") == "failed":
        return place, Recorded(None)
    values, aliases = entry.get("records", []), entry.get("aliases", [])
    for texts in (values, aliases):
        if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
            raise _NoReport("its records or aliases are no list of texts")
    return place, Recorded(tuple(sorted(value[:MAX_TEXT] for value in values)), aliases[0] if aliases else "")
