"""Writing: results to standard output or a file, and a line of progress on standard error."""

from __future__ import annotations

import argparse
import codecs
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from deliverability.cli import words
from deliverability.cli.parser import say
from deliverability.cli.settings import Settings
from deliverability.core.errors import UnreadableFile
from deliverability.core.names import escape_controls, shown_path
from deliverability.core.plan import KnownSource, Source
from deliverability.core.questions import Answer, Question

if TYPE_CHECKING:
    from deliverability.core.report import Report
    from deliverability.render.places import Place

_SECONDS_BETWEEN = 0.1
_WHEEL = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"


#: The file whose Markdown GitHub shows above the log of a step, and what it takes of it.
SUMMARY = "GITHUB_STEP_SUMMARY"
SUMMARY_OCTETS = 1 << 20
_SHORTEST_SUMMARY = 500


def write_reports(
    reports: Sequence[Report], options: argparse.Namespace, chosen: Settings, places: Sequence[Place | None] = ()
) -> None:
    """The reports in the format that was chosen; with annotations for GitHub, the job's summary as well."""
    from deliverability.render import render

    output: dict[str, Any] = {"width": chosen.width, "color": chosen.color, "places": places}
    output |= {"hyperlinks": chosen.hyperlinks}
    output |= {"verbose": chosen.verbose, "quiet": chosen.quiet, "answers": options.answers}
    write(render(reports, chosen.format, lang=chosen.lang, **output), chosen)
    summary = os.environ.get(SUMMARY, "")
    if chosen.format == "github" and summary:
        _append(Path(summary), reports, chosen)


def _append(path: Path, reports: Sequence[Report], chosen: Settings) -> None:
    """Add the reports to the summary of the step; GitHub refuses one that is too long as a whole."""
    from deliverability.render import render

    try:
        taken = path.stat().st_size if path.exists() else 0
        room = SUMMARY_OCTETS - taken
        if room < _SHORTEST_SUMMARY:  # one octet too many, and GitHub shows nothing of what is there
            return
        text = render(reports, "markdown", lang=chosen.lang, quiet=chosen.quiet, limit=room)
        with path.open("a", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except OSError as error:
        raise UnreadableFile(f"{SUMMARY}: {shown_path(path)} cannot be written: {error.strerror}") from None


def write(text: str, chosen: Settings) -> None:
    """The result to `--output` or standard output. A reader that has gone away is no error."""
    if chosen.output is not None:
        try:
            chosen.output.write_text(text, "utf-8")
        except OSError as error:
            raise UnreadableFile(f"{shown_path(chosen.output)} cannot be written: {error.strerror}") from None
        return
    stream = sys.stdout
    if stream is None:  # closed by the caller, as `>&-` does
        return
    try:
        _put(text, stream, data=chosen.format != "terminal")
        stream.flush()
    except OSError as error:
        # What is still in the buffer would raise once more when Python closes the stream.
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
        if not isinstance(error, BrokenPipeError):
            raise UnreadableFile(f"standard output cannot be written: {error.strerror}") from None


#: What stands for the signs that reports draw where a code page has none of them, as in Windows.
_PLAIN = {
    "─": "-", "│": "|", "├": "|", "└": "`", "→": "->", "✓": "+", "✗": "x", "–": "-", "…": "...", "·": "-", "‹": "<", "›": ">",
}  # fmt: skip


def _put(text: str, stream: TextIO, *, data: bool) -> None:
    """The text in the encoding of the stream; data that goes to a file or a program is UTF-8 wherever it is made."""
    encoding = getattr(stream, "encoding", None) or "utf-8"
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        fits = False
    else:
        fits = True
    octets = getattr(stream, "buffer", None)
    if data and octets is not None and not stream.isatty() and codecs.lookup(encoding).name != "utf-8":
        stream.flush()
        octets.write(text.encode("utf-8", "backslashreplace"))
        return
    stream.write(text if fits else "".join(_shown(sign, encoding) for sign in text))


def _shown(sign: str, encoding: str) -> str:
    """One sign as the encoding can show it; what nobody drew gets its escape, so that no record reads as another one."""
    octets = sign.encode(encoding, "backslashreplace")
    shown = octets.decode(encoding)
    return shown if shown == sign else _PLAIN.get(sign, shown)


class Progress:
    """One line on a terminal's standard error that says what is under way; wraps the source to count its answers."""

    def __init__(self, source: Source, chosen: Settings) -> None:
        self._below = source
        self._lang = chosen.lang
        self._on = chosen.progress and not isinstance(source, KnownSource)
        self._answers = 0
        self._last = 0.0
        self.title = ""

    @property
    def source(self) -> Source:
        """The source to ask: this object where there is something to wait for."""
        return self if self._on else self._below

    async def ask(self, question: Question) -> Answer:
        """The answer of the source below, counted."""
        below = self._below
        answer = below.answer(question) if isinstance(below, KnownSource) else await below.ask(question)
        self._answers += 1
        self._show()
        return answer

    def start(self, title: str) -> None:
        """Say what is under way."""
        self.title = escape_controls(title)
        self._last = 0.0
        self._show()

    def _show(self) -> None:
        now = time.monotonic()
        if not self._on or now - self._last < _SECONDS_BETWEEN:
            return
        self._last = now
        counted = say(words.ANSWERS, self._lang).format(n=self._answers)
        sys.stderr.write(f"\r\x1b[K{_WHEEL[self._answers % len(_WHEEL)]} {self.title}: {counted}")
        sys.stderr.flush()

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *_: Any) -> None:
        if self._on:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
