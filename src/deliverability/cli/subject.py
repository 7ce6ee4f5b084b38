"""`deliverability subject`: subjects scored, explained and rewritten."""

from __future__ import annotations

import argparse
import csv
import io
import sys
from pathlib import Path

from deliverability.cli import words_subject as words
from deliverability.cli.output import write
from deliverability.cli.parser import UsageError, say
from deliverability.cli.parser_subject import FORMATS
from deliverability.cli.settings import load_profile, settings
from deliverability.core.errors import UnreadableFile
from deliverability.core.names import shown_path
from deliverability.render.json import dumps
from deliverability.render.page import Page, text_console
from deliverability.render.subject import batch_csv, batch_document, print_batch, print_score
from deliverability.subjects.model import Band
from deliverability.subjects.scoring import SubjectBatch, repeated, score

CLEAN, RISKY = 0, 1
#: Octets of a file, and subjects of one run.
_MAX_OCTETS = 64 * 1024 * 1024
_HEADINGS = ("subject", "asunto", "assumpte", "asumpto", "gaia", "assunto", "objet", "oggetto", "betreff")


def run(options: argparse.Namespace, lang: str) -> int:
    """One subject in full, several as a table. 0: none is in the band high; 1: one is."""
    profile = load_profile(options)
    chosen = settings(options, profile, FORMATS)
    subjects = _subjects(options, lang)
    one = len(subjects) == 1 and not options.file
    scores = tuple(
        score(
            subject,
            language=options.language,
            company=options.company,
            customer=options.customer,
            number=options.number,
            period=options.period,
            thread=options.reply,
            words=profile.subjects,
        )
        for subject in subjects
    )
    batch = SubjectBatch(scores, repeated(item.subject for item in scores))
    if chosen.format == "json":
        write(dumps(scores[0].to_dict() if one else batch_document(batch), indent=2) + "\n", chosen)
    elif chosen.format == "csv":
        write(batch_csv(batch), chosen)
    else:
        page = Page(text_console(chosen.width, color=chosen.color), chosen.lang, chosen.verbose)
        if one:
            print_score(page, scores[0], quiet=chosen.quiet)
        else:
            print_batch(page, batch, quiet=chosen.quiet)
        write(page.result(), chosen)
    return RISKY if any(item.band is Band.HIGH for item in scores) else CLEAN


def _subjects(options: argparse.Namespace, lang: str) -> list[str]:
    if options.file and options.texts:
        raise UsageError("--file: not together with subjects on the command line")
    if options.file:
        return _from_file(Path(options.file))
    if options.texts == ["-"]:
        subjects = [line for line in _standard_input().splitlines() if line.strip()]
        if not subjects:
            raise UsageError("standard input holds no subjects")
        return subjects
    if not options.texts:
        raise UsageError(say(words.NO_TEXT, lang))
    return list(options.texts)


def _standard_input() -> str:
    if sys.stdin is None:  # closed by the caller
        return ""
    octets = sys.stdin.buffer.read(_MAX_OCTETS + 1)
    if len(octets) > _MAX_OCTETS:
        raise UnreadableFile(f"standard input holds more than {_MAX_OCTETS} octets")
    return _decoded(octets)


def _decoded(octets: bytes) -> str:
    """UTF-8 with or without its mark, else the code page of Western Windows, which spreadsheets write."""
    try:
        return octets.decode("utf-8-sig")
    except UnicodeDecodeError:
        return octets.decode("cp1252", "replace")


def _from_file(path: Path) -> list[str]:
    try:
        if path.stat().st_size > _MAX_OCTETS:
            raise UnreadableFile(f"{shown_path(path)} is larger than {_MAX_OCTETS} octets")
        text = _decoded(path.read_bytes())
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "no path"
        raise UnreadableFile(f"{shown_path(path)} cannot be read: {reason}") from None
    subjects = _column(text)
    if not subjects:
        raise UsageError(f"--file: {shown_path(path)} holds no subjects")
    return subjects


def _column(text: str) -> list[str]:
    """The column of subjects: by its heading, else the first; commas, semicolons or tabs part the columns."""
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count) if any(sign in first for sign in ",;\t") else ","
    csv.field_size_limit(_MAX_OCTETS)
    try:
        rows = [
            row
            for row in csv.reader(io.StringIO(text.replace("\0", " ")), delimiter=delimiter)
            if any(map(str.strip, row))
        ]
    except csv.Error:
        return [line for line in text.splitlines() if line.strip()]
    if not rows:
        return []
    heading = [cell.strip().lower() for cell in rows[0]]
    at = next((heading.index(word) for word in _HEADINGS if word in heading), None)
    if at is None and len({len(row) for row in rows}) > 1:  # a plain list whose subjects hold the delimiter
        return [line.strip() for line in text.splitlines() if line.strip()]
    data = rows if at is None else rows[1:]
    return [row[at or 0].strip() if len(row) > (at or 0) else "" for row in data]
