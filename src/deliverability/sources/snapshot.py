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

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Self, overload

from deliverability.core.plan import KnownSource, LiveSourceLike, Source
from deliverability.core.questions import Answer, DnsQuestion, Failed, FailureKind, Question

_NOT_RECORDED = Failed(FailureKind.OFFLINE, "not in the snapshot")


class Snapshot:
    """Answers by question; a source."""

    def __init__(self, answers: Mapping[Question, Answer] | None = None) -> None:
        self._answers: dict[Question, Answer] = dict(answers or {})

    @property
    def answers(self) -> Mapping[Question, Answer]:
        """What was recorded, in the order of the questions' names; grows while a recording goes on.

        Private questions are not among them: they can be answered again, but neither shown nor saved.
        """
        public = ((question, answer) for question, answer in self._answers.items() if not question.private)
        return MappingProxyType(dict(sorted(public, key=lambda item: _order(item[0]))))

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
        from deliverability.sources import snapshot_file  # noqa: PLC0415 - compression and JSON only where there is a file

        return snapshot_file.write(self.answers)

    @classmethod
    def from_json(cls, text: str, source: str = "snapshot") -> Self:
        """The snapshot in a text; `source` is what error messages call it. Raises `UnreadableFile`."""
        from deliverability.sources import snapshot_file  # noqa: PLC0415 - as above

        return cls(snapshot_file.read(text, source))

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """The snapshot in a file. Raises `UnreadableFile` with one line that says where it breaks."""
        from deliverability.sources import snapshot_file  # noqa: PLC0415 - as above

        return cls.from_json(snapshot_file.load(path), str(path))

    def save(self, path: str | Path) -> None:
        """Write the file, whole or not at all. Raises `UnreadableFile` where it cannot be written."""
        from deliverability.sources import snapshot_file  # noqa: PLC0415 - as above

        snapshot_file.save(path, self.to_json())


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
