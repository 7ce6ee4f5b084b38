"""Run the child process and answer its questions."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from collections.abc import Mapping
from typing import IO

from deliverability.core.errors import MissingExtra
from deliverability.core.names import query_name
from deliverability.core.plan import KnownSource
from deliverability.core.questions import Answer, DnsQuestion, Failed, FailureKind, Found, NoData, NoName, Question
from deliverability.crosscheck.wire import Json, answer_to_json

#: Each tool and the module it is imported as.
MODULES = {"pyspf": "spf", "checkdmarc": "checkdmarc", "dkimpy": "dkim"}
#: Questions one job may ask; the largest SPF evaluation the standard allows asks 111.
MAX_QUESTIONS = 5_000
_TYPES = ("A", "AAAA", "CNAME", "DNSKEY", "DS", "MX", "NS", "PTR", "SOA", "SPF", "TLSA", "TXT")


class Recorded:
    """The answers of an audit as a source; what the audit did not ask is `Failed(OFFLINE)`."""

    def __init__(self, answers: Mapping[Question, Answer]) -> None:
        self._answers = answers

    def answer(self, question: Question) -> Answer:
        """The recorded answer."""
        return self._answers.get(question, _NOT_ASKED)


_NOT_ASKED = Failed(FailureKind.OFFLINE, "the audit did not ask this")


def require(tools: tuple[str, ...]) -> None:
    """Raise `MissingExtra` unless every tool is installed."""
    missing = [tool for tool in tools if importlib.util.find_spec(MODULES[tool]) is None]
    if missing:
        raise MissingExtra(f"{' and '.join(missing)} not installed: pip install 'deliverability[crosscheck]'")


def run_job(job: Json, source: KnownSource) -> Json:
    """The result of a job: for each tool what it says, or `{"failure": why}` where the process did not finish."""
    command = [sys.executable, "-I", "-m", "deliverability.crosscheck.child"]
    with subprocess.Popen(  # noqa: S603 - our own interpreter and module
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, encoding="ascii"
    ) as child:
        try:
            result = _serve(child.stdin, child.stdout, job, source)
            if result is None:  # it ended, or its own alarm will end it: the exit code says why
                child.wait()
        finally:
            child.kill()
    if result is None:
        failure = {"failure": _ending(child.returncode)}
        return dict.fromkeys(job["tools"], failure)
    return result


def _serve(stdin: IO[str] | None, stdout: IO[str] | None, job: Json, source: KnownSource) -> Json | None:
    if stdin is None or stdout is None:
        return None
    try:
        _send(stdin, job)
        for _ in range(MAX_QUESTIONS):
            line = stdout.readline()
            if not line:
                return None
            message: Json = json.loads(line)
            if "result" in message:
                result: Json = message["result"]
                return result
            _send(stdin, answer_to_json(_answer(source, *message["ask"])))
    except BrokenPipeError:
        return None
    stdin.close()
    return None


def _send(stdin: IO[str], message: Json) -> None:
    stdin.write(json.dumps(message) + "\n")
    stdin.flush()


def _answer(source: KnownSource, name: str, record_type: str) -> Answer:
    owner = query_name(name)
    if owner is None:
        return NoName()
    if record_type not in _TYPES:
        return _NOT_ASKED
    if record_type == "SPF":
        # Type 99 was withdrawn (RFC 7208 §3.1); an audit does not ask it, and there is nothing to find.
        return NoName()
    answer = source.answer(DnsQuestion(owner, record_type))  # type: ignore[arg-type]
    if record_type == "CNAME" and isinstance(answer, Failed) and answer.kind is FailureKind.OFFLINE:
        return _alias(source.answer(DnsQuestion(owner, "TXT")), answer)
    return answer


def _alias(known: Answer, unknown: Answer) -> Answer:
    """What a question for CNAME would have got: any other answer about the name shows its aliases (RFC 1034 §3.6.2).

    checkdmarc asks it for each record, an audit has no need to.
    """
    if isinstance(known, Failed):
        return unknown
    if isinstance(known, NoName) and not known.aliases:
        return known
    return Found((known.aliases[0],), known.ttl or 0) if known.aliases else NoData()


def _ending(code: int | None) -> str:
    if code in (-14, -24, -9):
        return "stopped: it used more time than it may"
    return f"stopped with exit code {code}"
