"""What dkimpy says about a message on the answers of its audit, beside what we say."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from datetime import datetime

from deliverability.arc.verify import verify_plan as arc_plan
from deliverability.core.limits import DEFAULT_LIMITS, Limits
from deliverability.core.plan import KnownSource, solve
from deliverability.core.questions import Answer, Question
from deliverability.crosscheck.compare import problem, row, tool_run
from deliverability.crosscheck.process import Recorded, require, run_job
from deliverability.crosscheck.rows import CrosscheckResult, CrosscheckRow
from deliverability.crosscheck.table import Case
from deliverability.crosscheck.wire import Json
from deliverability.dkim.verification import DkimResult, DkimVerification, verify_plan
from deliverability.headers.author import read_author
from deliverability.headers.fields import parse

#: A larger message is not given to the other tool.
MESSAGE_OCTETS = 10 * 1024 * 1024
_TOO_LARGE = {"failure": "not run: the message is too large for it"}


def crosscheck_message(
    raw: bytes, answers: Mapping[Question, Answer] | KnownSource, *, now: datetime, limits: Limits = DEFAULT_LIMITS
) -> CrosscheckResult:
    """The verdicts of dkimpy and ours on each DKIM signature of a message, and on its ARC chain.

    `answers` are those of the audit (`report.answers`, or a source that knows), `now` is its moment. dkimpy runs in a
    child process without network, with limits on time and memory. Raises `MissingExtra` where it is not installed.
    """
    require(("dkimpy",))
    source = Recorded(answers) if isinstance(answers, Mapping) else answers
    verified: DkimVerification = solve(verify_plan(raw, now=now, limits=limits), source)
    said = _TOO_LARGE
    if len(raw) <= MESSAGE_OCTETS:
        job: Json = {
            "tools": ["dkimpy"],
            "message": base64.b64encode(raw).decode("ascii"),
            "now": int(now.timestamp()),
            "signatures": len(verified.results),
        }
        said = run_job(job, source)["dkimpy"]
    rows = [*_signatures(verified, said), *_chain(raw, source, limits, said)]
    author = read_author(parse(raw, limits=limits), limits=limits)
    return CrosscheckResult(author.domain or "message", tuple(rows), (tool_run("dkimpy", said),))


def _signatures(verified: DkimVerification, said: Json) -> Iterator[CrosscheckRow]:
    opinions = said.get("signatures", ())
    for index, result in enumerate(verified.results):
        opinion = opinions[index] if index < len(opinions) else said
        key = "" if result.key is None else result.key.text
        yield row(
            Case(
                "dkimpy",
                "dkim-signature",
                _word(result),
                str(opinion.get("result", "")),
                problem(opinion),
                key,
                result.reason,
            ),
            str(result.key_name or f"{result.selector}._domainkey.{result.domain}"),
            opinion,
        )


def _word(result: DkimResult) -> str:
    """The result as dkimpy can say it: it knows no policy, neutral or permerror."""
    return result.result if result.result in ("pass", "temperror") else "fail"


def _chain(raw: bytes, source: KnownSource, limits: Limits, said: Json) -> Iterator[CrosscheckRow]:
    status = solve(arc_plan(raw, limits=limits), source)
    if not status.chain.present:
        return
    opinion = said.get("arc", said)
    theirs = str(opinion.get("result", ""))
    case = Case("dkimpy", "arc-status", status.result, theirs, problem(opinion), "", status.reason)
    yield row(case, "ARC", opinion)
