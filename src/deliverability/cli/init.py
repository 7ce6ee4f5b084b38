"""`deliverability init`: a first configuration with what DNS knows, and the file that runs it in CI."""

from __future__ import annotations

import argparse
import pkgutil
import re
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from deliverability.audits.proposal import Proposal, proposal_plan
from deliverability.cli import words_init as words
from deliverability.cli.configuration import configuration
from deliverability.cli.output import Progress, write
from deliverability.cli.parser import UsageError, say
from deliverability.cli.settings import Settings, settings
from deliverability.cli.worlds import World
from deliverability.core.errors import UnreadableFile
from deliverability.core.names import DomainName, parse_domain, shown, shown_path
from deliverability.core.plan import gather
from deliverability.core.profile import Profile, did_you_mean
from deliverability.core.run import run as drive
from deliverability.core.text import LANGS
from deliverability.core.toml_lines import key_lines
from deliverability.sources.clock import now

OWN, PROJECT, TABLE = "deliverability.toml", "pyproject.toml", "tool.deliverability"
#: For each CI the template beside this module, and where its file belongs.
CI_FILES: Mapping[str, tuple[str, str]] = {
    "github": ("github.yml", ".github/workflows/deliverability.yml"),
    "gitlab": ("gitlab.yml", "deliverability.gitlab-ci.yml"),
    "pre-commit": ("pre-commit.yaml", ".pre-commit-config.yaml"),
}


def run(options: argparse.Namespace, lang: str) -> int:
    """Write the files, nothing unless all of them can be written, and say what comes next."""
    chosen = settings(options, Profile(), ("terminal",))
    printed = options.output == "-"
    if options.pyproject and options.output and not printed:
        raise UsageError(say(words.BOTH, lang))
    wanted = _wanted_ci(options, lang)
    target = Path(PROJECT if options.pyproject else options.output or OWN)
    if not printed:
        _check_target(target, options, lang)
    names = tuple(dict.fromkeys(parse_domain(text) for text in options.domains or _asked(lang)))
    proposals = _proposals(names, options, chosen)
    text = configuration(proposals, lang=chosen.lang, today=now().date(), prefix=TABLE if options.pyproject else "")
    files = {Path(path): _template(name, chosen.lang) for name, path in wanted}
    if printed:
        write("".join([text, *(f"\n# --- {path.as_posix()}\n{body}" for path, body in files.items())]), chosen)
        return 0
    files = {target: _added(target, text, lang) if options.pyproject else text, **files}
    for path, body in files.items():
        _save(path, body)
    _say_next(files, proposals, chosen)
    return 0


def _wanted_ci(options: argparse.Namespace, lang: str) -> list[tuple[str, str]]:
    wanted = []
    for word in dict.fromkeys(options.ci):
        if word not in CI_FILES:
            raise UsageError(f"--ci: {shown(word)} is none of {', '.join(CI_FILES)}{did_you_mean(word, CI_FILES)}")
        name, path = CI_FILES[word]
        if Path(path).exists() and not options.force and options.output != "-":
            raise UsageError(say(words.EXISTS, lang).format(path=path))
        wanted.append((name, path))
    return wanted


def _check_target(target: Path, options: argparse.Namespace, lang: str) -> None:
    """Refuse before anything is asked what could not be written afterwards."""
    there = target.exists()
    if not options.pyproject:
        if there and not options.force:
            raise UsageError(say(words.EXISTS, lang).format(path=shown_path(target)[1:-1]))
        return
    if not there:
        raise UsageError(say(words.NO_PYPROJECT, lang).format(path=target))
    if _has_table(_read(target)[1]) and not options.force:
        raise UsageError(say(words.TABLE_EXISTS, lang).format(path=target))


def _asked(lang: str) -> list[str]:
    """The domains that somebody at a terminal types; nobody there, or nothing typed, is wrong use."""
    if sys.stdin is not None and sys.stdin.isatty():
        sys.stderr.write(say(words.ASK, lang))
        sys.stderr.flush()
        typed = sys.stdin.readline().replace(",", " ").split()
        if typed:
            return typed
    raise UsageError(say(words.NO_DOMAIN, lang))


def _proposals(names: tuple[DomainName, ...], options: argparse.Namespace, chosen: Settings) -> tuple[Proposal, ...]:
    world = World(options, Profile())
    with Progress(world.source, chosen) as progress:
        progress.start(", ".join(names)[:60])
        found: tuple[Proposal, ...] = drive(gather(*(proposal_plan(name) for name in names)), progress.source)
    world.close()
    return found


def _template(name: str, lang: str) -> str:
    """A template with the comments of one language."""
    octets = pkgutil.get_data("deliverability.cli", f"templates/{name}") or b""
    kept: list[str] = []
    for line in octets.decode("utf-8").splitlines():
        indent, mark, said = line.partition("# ")
        of = next((one for one in LANGS if mark and not indent.strip() and said.startswith(f"{one}: ")), None)
        if of is None:
            kept.append(line)
        elif of == lang:
            kept.append(f"{indent}# {said[len(of) + 2 :]}")
    return "\n".join(kept) + "\n"


def _read(path: Path) -> tuple[str, dict[str, Any]]:
    """The text with its line ends as they are, and what it holds."""
    try:
        text = path.read_bytes().decode("utf-8")
        return text, tomllib.loads(text)
    except OSError as error:
        raise UnreadableFile(f"{shown_path(path)} cannot be read: {error.strerror}") from None
    except (ValueError, RecursionError) as error:
        reason = " ".join(str(error).split())
        raise UnreadableFile(f"{shown_path(path)} is not valid TOML: {shown(reason, 200)[1:-1]}") from None


def _has_table(document: Mapping[str, Any]) -> bool:
    tool = document.get("tool")
    return isinstance(tool, Mapping) and "deliverability" in tool


def _added(path: Path, text: str, lang: str) -> str:
    """The project's file with our tables at its end and without older ones; everything else stays, octet by octet."""
    whole, before = _read(path)
    kept = _without_table(whole) if _has_table(before) else whole
    end = "\r\n" if "\r\n" in whole else "\n"
    kept = kept.rstrip("\r\n") + end * 2 if kept.strip() else ""
    merged = kept + text.replace("\n", end)
    try:
        after = tomllib.loads(merged)
    except tomllib.TOMLDecodeError:
        after = {}
    if not _has_table(after) or _others(after) != _others(before):
        raise UsageError(say(words.CANNOT_ADD, lang).format(path=path))
    return merged


def _others(document: dict[str, Any]) -> dict[str, Any]:
    """What is not ours."""
    tool = {key: value for key, value in document.get("tool", {}).items() if key != "deliverability"}
    rest = {key: value for key, value in document.items() if key != "tool"}
    return {**rest, "tool": tool} if tool else rest


def _without_table(text: str) -> str:
    """The lines but for those of our tables, each from its header to the comment above the next."""
    lines = re.findall(r"[^\n]*\n|[^\n]+", text)  # TOML knows no other line ends, `splitlines` does
    headers = {number for keys, number in key_lines(text).items() if lines[number - 1].lstrip().startswith("[")}
    ours = {
        number
        for keys, number in key_lines(text).items()
        if keys[:2] == ("tool", "deliverability") and number in headers
    }
    kept: list[str] = []
    above: list[str] = []  # comments of ours, unless they stand right above the header of another table
    inside = False
    for number, line in enumerate(lines, 1):
        if number in headers:
            inside = number in ours
            kept += [] if inside else above
        if not inside:
            kept.append(line)
        if inside and line.lstrip().startswith("#"):
            above.append(line)
        else:
            above.clear()
    return "".join(kept)


def _save(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode("utf-8"))
    except OSError as error:
        raise UnreadableFile(f"{shown_path(path)} cannot be written: {error.strerror}") from None


def _say_next(files: Mapping[Path, str], proposals: tuple[Proposal, ...], chosen: Settings) -> None:
    if chosen.quiet:
        return
    paths = ", ".join(shown_path(path.as_posix())[1:-1] for path in files)
    unanswered = [name for one in proposals for name in one.unanswered]
    said = [say(words.WROTE, chosen.lang).format(paths=paths), say(words.NEXT, chosen.lang)]
    if unanswered:
        names = ", ".join(shown(name, 80)[1:-1] for name in unanswered[:3])
        said.insert(1, say(words.UNANSWERED, chosen.lang).format(names=names))
    print("\n".join(said), file=sys.stderr)  # noqa: T201
