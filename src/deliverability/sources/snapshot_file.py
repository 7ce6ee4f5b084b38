"""The file of a snapshot, whose form sources/snapshot.py describes. Loaded only where there is a file."""

from __future__ import annotations

import gzip
import io
import json
import lzma
import os
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from deliverability.core.errors import UnreadableFile
from deliverability.core.names import escape_controls, shown, shown_path
from deliverability.core.questions import Answer, Question
from deliverability.sources.snapshot_json import Unreadable, read_entry, write_entry

FORMAT = "deliverability-snapshot"
VERSION = 1
#: A snapshot may have this many octets, unpacked.
MAX_OCTETS = 64 * 1024 * 1024
_XZ_MEMORY = 128 * 1024 * 1024


def write(answers: Mapping[Question, Answer]) -> str:
    """The text of a file, in the order of the answers given."""
    lines = ",\n".join(_compact(write_entry(question, answer)) for question, answer in answers.items())
    return f'{{"format": "{FORMAT}", "version": {VERSION}, "answers": [\n{lines}\n]}}\n'


def read(text: str, source: str) -> dict[Question, Answer]:
    """The answers in a text. Raises `UnreadableFile`."""
    try:
        document = json.loads(text, parse_constant=_no_number)
    except json.JSONDecodeError as error:
        raise UnreadableFile(f"{shown_path(source)}, line {error.lineno}: no JSON ({error.msg})") from None
    except (ValueError, RecursionError) as error:
        raise UnreadableFile(f"{shown_path(source)}: no snapshot ({escape_controls(str(error))[:200]})") from None
    return _read_document(document, source)


def load(path: str | Path) -> str:
    """The text of a file, unpacked. Raises `UnreadableFile`."""
    name = str(path)
    try:
        return _unpacked(name, Path(path).read_bytes()).decode("utf-8")
    except UnicodeDecodeError:
        raise UnreadableFile(f"{shown_path(name)}: no snapshot (not UTF-8)") from None
    except (EOFError, lzma.LZMAError, zlib.error, gzip.BadGzipFile) as error:
        raise UnreadableFile(f"{shown_path(name)}: cannot be unpacked ({str(error) or 'it ends too early'})") from None
    except (OSError, ValueError) as error:  # ValueError: a path that no file can have
        reason = getattr(error, "strerror", None) or "no path"
        raise UnreadableFile(f"{shown_path(name)}: cannot be read ({reason})") from None


def save(path: str | Path, text: str) -> None:
    """Write a file, whole or not at all, packed as its name says. Raises `UnreadableFile`."""
    target = Path(path)
    octets = _packed(target.name, text.encode())
    temporary = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        try:
            temporary.write_bytes(octets)
            temporary.replace(target)
        finally:
            temporary.unlink(missing_ok=True)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "no path"
        raise UnreadableFile(f"{shown_path(path)}: cannot be written ({reason})") from None


def _compact(entry: Mapping[str, Any]) -> str:
    return json.dumps(entry, sort_keys=True, ensure_ascii=True, allow_nan=False)


def _read_document(document: Any, source: str) -> dict[Question, Answer]:
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise UnreadableFile(f"{shown_path(source)}: no snapshot (its format is not {FORMAT})")
    version = document.get("version")
    if version != VERSION:
        raise UnreadableFile(
            f"{shown_path(source)}: version {shown(str(version))} of the snapshot format is not known, only {VERSION} is; "
            "record it again or install a newer deliverability"
        )
    entries = document.get("answers")
    if not isinstance(entries, list) or set(document) != {"format", "version", "answers"}:
        raise UnreadableFile(f"{shown_path(source)}: no snapshot (it needs exactly format, version and answers)")
    answers: dict[Question, Answer] = {}
    for number, entry in enumerate(entries, 1):
        try:
            question, answer = read_entry(entry)
        except Unreadable as error:
            raise UnreadableFile(f"{shown_path(source)}: answer {number}: {error}") from None
        if question in answers:
            raise UnreadableFile(f"{shown_path(source)}: answer {number}: {shown(str(question))} is there twice")
        answers[question] = answer
    return answers


def _no_number(text: str) -> float:
    raise ValueError(f"{text} is no number")


def _packed(name: str, octets: bytes) -> bytes:
    if name.endswith(".gz"):
        return gzip.compress(octets, 9, mtime=0)
    return lzma.compress(octets) if name.endswith(".xz") else octets


def _unpacked(name: str, octets: bytes) -> bytes:
    """The JSON of a file, of bounded size whatever the compressed form promises."""
    if name.endswith(".gz"):
        with gzip.GzipFile(fileobj=io.BytesIO(octets)) as packed:
            octets = packed.read(MAX_OCTETS + 1)
    elif name.endswith(".xz"):
        unpacker = lzma.LZMADecompressor(memlimit=_XZ_MEMORY)
        octets = unpacker.decompress(octets, MAX_OCTETS + 1)
        if not unpacker.eof and len(octets) <= MAX_OCTETS:
            raise EOFError
    if len(octets) > MAX_OCTETS:
        raise UnreadableFile(f"{shown_path(name)}: larger than {MAX_OCTETS // 2**20} MiB unpacked")
    return octets
