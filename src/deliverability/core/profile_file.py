"""Reading a profile from TOML: every key has a known type; every mistake names file, line, key and what is expected."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime
from ipaddress import ip_address
from pathlib import Path
from typing import Any, NoReturn, TypeAlias

from deliverability.core.errors import InvalidConfiguration, InvalidDomainName, UnreadableFile
from deliverability.core.facts import BlocklistSettings, MailClass, Receiving, Sending, SubjectWords
from deliverability.core.finding import Severity
from deliverability.core.names import DomainName, parse_domain, shown, shown_path
from deliverability.core.patterns import pattern
from deliverability.core.profile import (
    FAIL_ON,
    INCOMPLETE,
    LONGEST_TIMEOUT,
    MOST_RETRIES,
    Ignore,
    Profile,
    did_you_mean,
)
from deliverability.core.rule_pages import checked_template
from deliverability.core.text import LANGS
from deliverability.core.toml_lines import At, Keys, key_lines

#: Turns a value into what the profile holds, or raises `InvalidConfiguration`. Given the value and its place.
Reader: TypeAlias = Callable[[Any, At], Any]
_CODE = pattern(r"[A-Za-z][A-Za-z0-9-]{1,60}")
_MAX_BYTES = 1 << 20


def find_file(start: Path) -> Path | None:
    """The nearest file with a profile: in `start` or above it."""
    try:
        here = start.resolve()
    except (OSError, ValueError):  # the working folder is gone, or no path
        return None
    for folder in (here, *here.parents):
        own, project = folder / "deliverability.toml", folder / "pyproject.toml"
        if _is_file(own):
            return own
        if _is_file(project) and _table(_read_toml(project)[0], project)[0] is not None:
            return project
    return None


def _is_file(path: Path) -> bool:
    """Whether it is a file that may be looked at; a folder above that is closed to us holds none of ours."""
    try:
        return path.is_file()
    except OSError:
        return False


def read_profile(path: Path) -> Profile:
    """The profile in `path`; see `Profile.load`."""
    document, text = _read_toml(path)
    table, base = _table(document, path)
    if table is None:
        raise InvalidConfiguration(f"{path.name}: there is no table [tool.deliverability]")
    lines = key_lines(text)
    values = _read_keys(table, _PROFILE, At(path.name, lines, base))
    common = Sending(**values.pop("sending", {}))
    domains = {name: replace(common, **own) for name, own in values.pop("domain", {}).items()}
    own_lines = {_with_underscores(keys[len(base) :]): n for keys, n in lines.items() if keys[: len(base)] == base}
    if "baseline" in values:  # beside the file, wherever the command runs
        values["baseline"] = path.parent / values["baseline"]
    ignores = tuple(
        replace(entry, line=own_lines.get(("ignore", index))) for index, entry in enumerate(values.pop("ignore", ()))
    )
    return Profile(
        **values,
        sending=common,
        domain_sending=domains,
        ignore=ignores,
        path=path,
        lines=_domain_lines(table, own_lines),
        key_lines=own_lines,
    )


def _with_underscores(keys: Keys) -> Keys:
    """The keys with the name of the setting as the profile has it: files may write `fail-on`."""
    return (keys[0].replace("-", "_"), *keys[1:]) if keys and isinstance(keys[0], str) else keys


def _read_toml(path: Path) -> tuple[dict[str, Any], str]:
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise UnreadableFile(f"{shown_path(path)} is larger than {_MAX_BYTES} octets; that is no configuration")
        text = path.read_text("utf-8")
    except UnicodeDecodeError:
        raise UnreadableFile(f"{shown_path(path)} is not UTF-8 text") from None
    except (OSError, ValueError) as error:  # ValueError: a path that no file can have
        reason = getattr(error, "strerror", None) or "no path"
        raise UnreadableFile(f"{shown_path(path)} cannot be read: {reason}") from None
    try:
        return tomllib.loads(text), text
    except (ValueError, RecursionError) as error:  # ValueError: TOMLDecodeError, or a number of thousands of digits
        reason = " ".join(str(error).split())
        raise UnreadableFile(f"{shown_path(path)} is not valid TOML: {shown(reason, 200)[1:-1]}") from None


def _table(document: Mapping[str, Any], path: Path) -> tuple[Mapping[str, Any] | None, Keys]:
    """The table with the profile, and the keys that lead to it."""
    tool = document.get("tool")
    found = tool.get("deliverability") if isinstance(tool, Mapping) else None
    if found is None and path.name != "pyproject.toml":
        return document, ()
    if found is not None and not isinstance(found, Mapping):
        raise InvalidConfiguration(f"{path.name}: tool.deliverability has to be a table")
    return found, ("tool", "deliverability")


def _read_keys(table: Mapping[str, Any], readers: Mapping[str, Reader], at: At) -> dict[str, Any]:
    """The values of a table by the readers of its keys; keys are written with `_` or `-`."""
    values: dict[str, Any] = {}
    for key, value in table.items():
        field, here = key.replace("-", "_"), at.key(key)
        reader = readers.get(field)
        if reader is None:
            hint = did_you_mean(field, readers) or "; known here: " + ", ".join(sorted(readers))
            raise InvalidConfiguration(f"{here.where}: there is no setting {shown(here.words)}{hint}")
        values[field] = reader(value, here)
    return values


def _fail(place: At, expected: str, value: Any) -> NoReturn:
    raise InvalidConfiguration(f"{place}: expected {expected}; got {shown(_words(value), 60)[1:-1]}")


def _words(value: Any) -> str:
    """A TOML value as it may be shown in a message."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        return "a table"
    try:
        return f'"{value}"' if isinstance(value, str) else str(value)[:100]
    except ValueError:  # Python does not write out numbers of thousands of digits
        return "a number too large"


def _one_of(*choices: str) -> Reader:
    def read(value: Any, place: At) -> str:
        if value not in choices:
            _fail(place, "one of " + ", ".join(choices), value)
        return str(value)

    return read


def _text(value: Any, place: At) -> str:
    if not isinstance(value, str) or not value.strip():
        _fail(place, "a text", value)
    return value


def _template(value: Any, place: At) -> str:
    return checked_template(_text(value, place), str(place))


def _seconds(value: Any, place: At) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= LONGEST_TIMEOUT:
        _fail(place, f"seconds, more than 0 and at most {LONGEST_TIMEOUT}", value)
    return float(value)


def _retries(value: Any, place: At) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MOST_RETRIES:
        _fail(place, f"a number from 0 to {MOST_RETRIES}", value)
    return value


def _texts(value: Any, place: At) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str) and item for item in value):
        _fail(place, 'a list of texts, such as ["a", "b"]', value)
    return tuple(value)


def _boolean(value: Any, place: At) -> bool:
    if not isinstance(value, bool):
        _fail(place, "true or false", value)
    return value


def _count(value: Any, place: At) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= 10**12:
        _fail(place, "a whole number, not negative", value)
    return value


def _date(value: Any, place: At) -> date:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    if isinstance(value, str) and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    _fail(place, "a date such as 2027-01-31", value)


def _domain(value: Any, place: At) -> DomainName:
    if not isinstance(value, str):
        _fail(place, 'a domain name, such as "empresa.example"', value)
    try:
        return parse_domain(value)
    except InvalidDomainName as error:
        raise InvalidConfiguration(f"{place}: {error}") from None


def _domains(value: Any, place: At) -> tuple[DomainName, ...]:
    return tuple(dict.fromkeys(_domain(item, place.entry(n)) for n, item in enumerate(_texts(value, place))))


def _addresses(value: Any, place: At) -> tuple[Any, ...]:
    try:
        return tuple(ip_address(item) for item in _texts(value, place))
    except ValueError:
        _fail(place, 'a list of IP addresses, such as ["192.0.2.1"]', value)


def _code(value: Any, place: At) -> str:
    if not isinstance(value, str) or not _CODE.fullmatch(value):
        _fail(place, 'a rule code such as "SPF004", or a family such as "SPF"', value)
    return value


def _codes(value: Any, place: At) -> tuple[str, ...]:
    return tuple(_code(item, place.entry(n)) for n, item in enumerate(_texts(value, place)))


def _ignores(value: Any, place: At) -> tuple[Ignore, ...]:
    if not isinstance(value, list) or not all(isinstance(item, Mapping) for item in value):
        _fail(place, 'a list of tables, such as [{ code = "SPF004", reason = "…", until = 2027-01-31 }]', value)
    return tuple(_ignore(item, place.entry(index)) for index, item in enumerate(value))


def _ignore(item: Mapping[str, Any], place: At) -> Ignore:
    values = _read_keys(item, _IGNORE, place)
    for key in ("code", "reason"):
        if key not in values:
            raise InvalidConfiguration(f"{place}: expected {key}; an ignore says which finding, and why")
    return Ignore(**values)


def _severities(value: Any, place: At) -> dict[str, Severity]:
    if not isinstance(value, Mapping):
        _fail(place, 'a table of codes, such as { SPF004 = "warning" }', value)
    choice = _one_of(*(s.value for s in Severity))
    readers: dict[str, Reader] = {key: choice for key in value if _CODE.fullmatch(key) and "-" not in key}
    return {code.upper(): Severity(word) for code, word in _read_keys(value, readers, place).items()}


def _sending(value: Any, place: At) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        _fail(place, "a table", value)
    return _read_keys(value, _SENDING, place)


def _by_domain(value: Any, place: At) -> dict[DomainName, dict[str, Any]]:
    named = isinstance(value, Mapping) and all(isinstance(own, Mapping) and "." in name for name, own in value.items())
    if not named:
        _fail(place, 'tables named by domain, such as [domain."empresa.example"] (mind the quotes)', value)
    return {_domain(name, place.key(name)): _read_keys(own, _SENDING, place.key(name)) for name, own in value.items()}


def _word_weights(value: Any, place: At) -> tuple[tuple[str, float], ...]:
    """Phrases to add: a list, or a table that gives each its weight."""
    if isinstance(value, list):
        return tuple((text, 1.0) for text in _texts(value, place))
    if not isinstance(value, Mapping) or not all(_is_weight(weight) for weight in value.values()):
        _fail(
            place, 'a table of phrases with a number from -3 to 3, such as { "oferta flash" = 1.5 }, or a list', value
        )
    return tuple((text, float(weight)) for text, weight in value.items() if text.strip())


def _is_weight(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and -3 <= value <= 3


def _subjects(value: Any, place: At) -> SubjectWords:
    if not isinstance(value, Mapping):
        _fail(place, "a table", value)
    return SubjectWords(**_read_keys(value, _SUBJECTS, place))


def _mail_class(value: Any, place: At) -> MailClass:
    return MailClass(_one_of(*(kind.value for kind in MailClass))(value, place))


def _receiving(value: Any, place: At) -> Receiving:
    if not isinstance(value, Mapping):
        _fail(place, "a table", value)
    return Receiving(**_read_keys(value, _RECEIVING, place))


def _blocklists(value: Any, place: At) -> BlocklistSettings:
    if not isinstance(value, Mapping):
        _fail(place, "a table", value)
    read = _read_keys(value, _BLOCKLISTS, place)
    return BlocklistSettings(
        read.get("enabled", False), read.get("lists", ()), read.get("keys", {}), read.get("list", ())
    )


def _keys(value: Any, place: At) -> dict[str, str]:
    """Keys by list or operator; `env:NAME` takes one from the environment, so that none has to stand in a file."""
    if not isinstance(value, Mapping) or not all(isinstance(key, str) and key for key in value.values()):
        raise InvalidConfiguration(f'{place}: expected a table such as {{ spamhaus = "env:SPAMHAUS_KEY" }}')
    return {name: found for name, key in value.items() if (found := _secret(key, place.key(name)))}


def _secret(key: str, place: At) -> str:
    found = os.environ.get(key[4:], "") if key.startswith("env:") else key
    if found and not _KEY.fullmatch(found):
        raise InvalidConfiguration(
            f"{place}: expected a key of letters, digits and hyphens, as it stands in a zone name"
        )
    return found.lower()


def _tables(value: Any, place: At) -> tuple[Mapping[str, Any], ...]:
    if not isinstance(value, list) or not all(isinstance(item, Mapping) for item in value):
        _fail(place, "a list of tables", value)
    return tuple(value)


_KEY = pattern(r"[A-Za-z0-9-]{1,63}")
_BLOCKLISTS: Mapping[str, Reader] = {"enabled": _boolean, "lists": _texts, "keys": _keys, "list": _tables}
_RECEIVING: Mapping[str, Reader] = {
    "authserv_ids": _texts,
    "boundary_hosts": _texts,
    "mail_class": _mail_class,
    "company": _text,
}
_SUBJECTS: Mapping[str, Reader] = {"add": _word_weights, "mute": _texts}
_SENDING: Mapping[str, Reader] = {
    "ips": _addresses,
    "helo": _text,
    "envelope_domain": _domain,
    "selectors": _texts,
    "providers": _texts,
    "smtp_host": _text,
    "sends": _boolean,
    "daily_volume": _count,
    "brand_domain": _domain,
    "registered": _date,
    "expires": _date,
    "dmarc_policy_since": _date,
    "human_mailboxes": _boolean,
    "ask_name_servers": _boolean,
}
_IGNORE: Mapping[str, Reader] = {"code": _code, "reason": _text, "until": _date, "subject": _text}
_PROFILE: Mapping[str, Reader] = {
    "domains": _domains,
    "lang": _one_of(*LANGS),
    "fail_on": _one_of(*FAIL_ON),
    "incomplete": _one_of(*INCOMPLETE),
    "select": _codes,
    "ignore": _ignores,
    "severity": _severities,
    "baseline": _text,
    "nameservers": _texts,
    "timeout": _seconds,
    "retries": _retries,
    "sending": _sending,
    "receiving": _receiving,
    "blocklists": _blocklists,
    "domain": _by_domain,
    "subjects": _subjects,
    "rule_pages": _template,
}

#: The settings of `[sending]`, which are the fields of `core.facts.Sending`.
SENDING_KEYS = Sending.__match_args__


def _domain_lines(table: Mapping[str, Any], lines: Mapping[Keys, int]) -> dict[DomainName, int]:
    """The line where each domain stands: in the list of domains, else at its own table."""
    placed: list[tuple[str, Keys]] = [(name, ("domain", name)) for name in table.get("domain", {})]
    placed += [(name, ("domains", index)) for index, name in enumerate(table.get("domains", ()))]
    return {parse_domain(name): lines[keys] for name, keys in placed if keys in lines}
