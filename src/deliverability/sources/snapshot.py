"""Recorded answers: an audit that can be run again, on another day or machine, with the same result.

    recorder = Snapshot.recording(LiveSource())
    report = dv.audit_domain("empresa.example", source=recorder)
    recorder.snapshot.save("empresa.json.xz")
    dv.audit_domain("empresa.example", source=Snapshot.load("empresa.json.xz"))

A snapshot answers what was recorded and nothing else: any other question is `Failed(OFFLINE)`. The file is JSON, one
answer a line in the order of the names, so that two recordings can be compared line by line; `.gz` and `.xz` in its
name compress it. Equal snapshots make equal files.
"""

from __future__ import annotations

import gzip
import io
import json
import lzma
import os
import zlib
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Self, overload

from deliverability.core.errors import UnreadableFile
from deliverability.core.names import escape_controls, shown
from deliverability.core.plan import KnownSource, LiveSourceLike, Source
from deliverability.core.questions import Answer, DnsQuestion, Failed, FailureKind, Question
from deliverability.sources.snapshot_json import Unreadable, read_entry, write_entry

FORMAT = "deliverability-snapshot"
VERSION = 1
#: A snapshot may have this many octets, unpacked.
MAX_OCTETS = 64 * 1024 * 1024
_XZ_MEMORY = 128 * 1024 * 1024
_NOT_RECORDED = Failed(FailureKind.OFFLINE, "not in the snapshot")


class Snapshot:
    """Answers by question; a source."""

    def __init__(self, answers: Mapping[Question, Answer] | None = None) -> None:
        self._answers: dict[Question, Answer] = dict(answers or {})

    @property
    def answers(self) -> Mapping[Question, Answer]:
        """What was recorded, in the order of the questions' names; grows while a recording goes on."""
        return MappingProxyType(dict(sorted(self._answers.items(), key=lambda item: _order(item[0]))))

    def answer(self, question: Question) -> Answer:
        """The recorded answer, or `Failed(OFFLINE)`."""
        return self._answers.get(question, _NOT_RECORDED)

    def record(self, question: Question, answer: Answer) -> Answer:
        """Keep an answer. One that is there already stays, and is returned: a snapshot has one answer to a question."""
        return self._answers.setdefault(question, answer)

    def __len__(self) -> int:
        return len(self._answers)

    def __contains__(self, question: object) -> bool:
        return question in self._answers

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Snapshot) and self._answers == other._answers

    def __hash__(self) -> int:
        raise TypeError("a snapshot can grow and has no hash")

    def __repr__(self) -> str:
        return f"<Snapshot of {len(self)} answers>"

    @overload
    @classmethod
    def recording(cls, source: KnownSource, into: Snapshot | None = None) -> KnownRecorder: ...
    @overload
    @classmethod
    def recording(cls, source: LiveSourceLike, into: Snapshot | None = None) -> LiveRecorder: ...
    @classmethod
    def recording(cls, source: Source, into: Snapshot | None = None) -> KnownRecorder | LiveRecorder:
        """`source` with a recorder over it; its `snapshot` fills as it is asked. `into` goes on with an earlier one."""
        snapshot = into if into is not None else cls()
        if isinstance(source, KnownSource):
            return KnownRecorder(source, snapshot)
        return LiveRecorder(source, snapshot)

    def to_json(self) -> str:
        """The file's text: the same for equal snapshots."""
        lines = ",\n".join(_compact(write_entry(question, answer)) for question, answer in self.answers.items())
        return f'{{"format": "{FORMAT}", "version": {VERSION}, "answers": [\n{lines}\n]}}\n'

    @classmethod
    def from_json(cls, text: str, source: str = "snapshot") -> Self:
        """The snapshot in a text; `source` is what error messages call it. Raises `UnreadableFile`."""
        try:
            document = json.loads(text, parse_constant=_no_number)
        except json.JSONDecodeError as error:
            raise UnreadableFile(f"{shown(source)}, line {error.lineno}: no JSON ({error.msg})") from None
        except (ValueError, RecursionError) as error:
            raise UnreadableFile(f"{shown(source)}: no snapshot ({escape_controls(str(error))[:200]})") from None
        return cls(_read_document(document, source))

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """The snapshot in a file. Raises `UnreadableFile` with one line that says where it breaks."""
        name = str(path)
        try:
            octets = _unpacked(name, Path(path).read_bytes())
            text = octets.decode("utf-8")
        except UnicodeDecodeError:
            raise UnreadableFile(f"{shown(name)}: no snapshot (not UTF-8)") from None
        except (EOFError, lzma.LZMAError, zlib.error, gzip.BadGzipFile) as error:
            raise UnreadableFile(f"{shown(name)}: cannot be unpacked ({str(error) or 'it ends too early'})") from None
        except (OSError, ValueError) as error:  # ValueError: a path that no file can have
            reason = getattr(error, "strerror", None) or "no path"
            raise UnreadableFile(f"{shown(name)}: cannot be read ({reason})") from None
        return cls.from_json(text, name)

    def save(self, path: str | Path) -> None:
        """Write the file, whole or not at all. Raises `UnreadableFile` where it cannot be written."""
        target = Path(path)
        octets = _packed(target.name, self.to_json().encode())
        temporary = target.with_name(f".{target.name}.{os.getpid()}.part")
        try:
            try:
                temporary.write_bytes(octets)
                temporary.replace(target)
            finally:
                temporary.unlink(missing_ok=True)
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or "no path"
            raise UnreadableFile(f"{shown(str(path))}: cannot be written ({reason})") from None


class KnownRecorder:
    """A source whose answers are at hand, with a recorder over it."""

    def __init__(self, source: KnownSource, snapshot: Snapshot) -> None:
        self._source = source
        self.snapshot = snapshot

    def answer(self, question: Question) -> Answer:
        """The answer of the source, recorded."""
        if question in self.snapshot:
            return self.snapshot.answer(question)
        return self.snapshot.record(question, self._source.answer(question))


class LiveRecorder:
    """A source that has to wait for its answers, with a recorder over it."""

    def __init__(self, source: LiveSourceLike, snapshot: Snapshot) -> None:
        self._source = source
        self.snapshot = snapshot

    async def ask(self, question: Question) -> Answer:
        """The answer of the source, recorded."""
        if question in self.snapshot:
            return self.snapshot.answer(question)
        return self.snapshot.record(question, await self._source.ask(question))

    def remember(self, question: Question, answer: Answer) -> None:
        """Keep an answer that was given without asking the source (an audit's budget was spent)."""
        self.snapshot.record(question, answer)
        below = getattr(self._source, "remember", None)
        if below is not None:
            below(question, answer)


def _order(question: DnsQuestion) -> tuple[str, ...]:
    labels = ".".join(reversed(question.name.split(".")))
    return labels, question.type, str(question.checking_disabled), str(question.server or "")


def _compact(entry: Mapping[str, Any]) -> str:
    return json.dumps(entry, sort_keys=True, ensure_ascii=True, allow_nan=False)


def _read_document(document: Any, source: str) -> dict[Question, Answer]:
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise UnreadableFile(f"{shown(source)}: no snapshot (its format is not {FORMAT})")
    version = document.get("version")
    if version != VERSION:
        raise UnreadableFile(
            f"{shown(source)}: version {shown(str(version))} of the snapshot format is not known, only {VERSION} is; "
            "record it again or install a newer deliverability"
        )
    entries = document.get("answers")
    if not isinstance(entries, list) or set(document) != {"format", "version", "answers"}:
        raise UnreadableFile(f"{shown(source)}: no snapshot (it needs exactly format, version and answers)")
    answers: dict[Question, Answer] = {}
    for number, entry in enumerate(entries, 1):
        try:
            question, answer = read_entry(entry)
        except Unreadable as error:
            raise UnreadableFile(f"{shown(source)}: answer {number}: {error}") from None
        if question in answers:
            raise UnreadableFile(f"{shown(source)}: answer {number}: {shown(str(question))} is there twice")
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
        raise UnreadableFile(f"{shown(name)}: larger than {MAX_OCTETS // 2**20} MiB unpacked")
    return octets
