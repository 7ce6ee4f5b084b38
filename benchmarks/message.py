"""Whole audits of messages, beside the filters and the readers of mail: `python benchmarks/message.py FOLDER [COUNT]`.

FOLDER holds mails, one a file. The audit is offline, without that of the author's domain: reading, signatures, SPF and
DMARC as far as they go without answers, all rules, the score. All take turns in one process and the best turn counts,
so that a busy machine slows all; milliseconds of CPU a message, the daemons' own CPU for spamd and rspamd (Debian's,
on loopback, with everything that asks the network off; left out where they are not installed). Then where the time of
a whole audit goes, stage by stage; the clock of each stage adds some microseconds to it.
"""

from __future__ import annotations

import contextlib
import email
import email.policy
import os
import resource
import sys
import time
import tracemalloc
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import deliverability as dv
from deliverability.audits import message as message_audit
from deliverability.audits.message import read_facts
from deliverability.core.facts import Envelope, RawMessage, Receiving
from deliverability.core.limits import DEFAULT_LIMITS
from deliverability.filters.rspamd import Rspamd
from deliverability.filters.spamassassin import SpamAssassin
from deliverability.filters.verdict import MailFilter
from tests.support.spam_filters import running_rspamd, running_spamd

NOW = datetime(2026, 11, 22, tzinfo=UTC)
TURNS = 5


def audit(raw: bytes) -> object:
    return dv.audit_message(raw, source=dv.OFFLINE, now=NOW, domain=False)


def read(raw: bytes) -> object:
    return read_facts(RawMessage(raw, len(raw)), Envelope(), Receiving(), DEFAULT_LIMITS)


def headers_alone(raw: bytes) -> object:
    return audit(raw[: raw.find(b"\n\n") + 2])


def standard_library(raw: bytes) -> object:
    """What a script would do: the message parsed, every header and the text read."""
    message = email.message_from_bytes(raw, policy=email.policy.SMTP)
    text = None
    with contextlib.suppress(Exception):  # it raises on some headers and charsets
        _ = [str(value) for value in message.values()]
        body = message.get_body(("plain", "html"))
        text = body.get_content() if body is not None else None
    return text


def cpu_of(group: int) -> float:
    """Seconds of CPU of the processes of a group."""
    ticks = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            fields = stat.read_text().rpartition(")")[2].split()
            if int(fields[2]) == group:
                ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def groups() -> set[int]:
    """The process groups of this process's children."""
    found = set()
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            fields = stat.read_text().rpartition(")")[2].split()
            if int(fields[1]) == os.getpid():
                found.add(int(fields[2]))
    return found


def best_turns(work: dict[str, Callable[[bytes], object]], mails: list[bytes]) -> dict[str, float]:
    """Milliseconds of CPU a message."""
    best = dict.fromkeys(work, float("inf"))
    for _ in range(TURNS):
        for name, one in work.items():
            began = time.process_time()
            for raw in mails:
                one(raw)
            best[name] = min(best[name], (time.process_time() - began) / len(mails) * 1000)
    return best


#: Functions that the audit of a message calls once or a few times: its stages after reading.
STAGES = {
    "_authentication": "signatures, SPF, ARC and DMARC, without answers",
    "judge": "rules, the roll-ups by provider too",
    "_tried": "proposed header lines tried",
    "checklists": "checklists of the providers",
    "score_of": "score",
}


def stages(mails: list[bytes]) -> dict[str, float]:
    """Microseconds of CPU a message for each stage of the audit; the best of some turns."""
    best: dict[str, float] = {}
    with pytest.MonkeyPatch.context() as patch:
        spent: dict[str, float] = {}

        def timed(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
            def run(*given: Any, **options: Any) -> Any:
                began = time.thread_time_ns()
                result = function(*given, **options)
                if name == STAGES["_authentication"]:  # a plan: it has not run yet
                    result = iter_timed(name, result)
                spent[name] = spent.get(name, 0.0) + time.thread_time_ns() - began
                return result

            return run

        def iter_timed(name: str, plan: Any) -> Any:
            began = time.thread_time_ns()
            result = yield from plan
            spent[name] = spent.get(name, 0.0) + time.thread_time_ns() - began
            return result

        for function, name in STAGES.items():
            patch.setattr(message_audit, function, timed(name, getattr(message_audit, function)))
        readers = [each._replace(read=timed(f"reading: {_topic(each)}", each.read)) for each in message_audit.READERS]
        patch.setattr(message_audit, "READERS", tuple(readers))
        for _ in range(TURNS):
            spent.clear()
            for raw in mails:
                audit(raw)
            best = {name: min(best.get(name, each), each) for name, each in spent.items()}
    return {name: each / 1000 / len(mails) for name, each in best.items()}


def _topic(reader: message_audit.Reader) -> str:
    return ", ".join(sorted(kind.__name__ for kind in reader.gives))


def judged_by(judge: MailFilter, group: int, mails: Iterable[bytes]) -> float:
    """Milliseconds of the daemon's CPU a message. Raises where it judges none."""
    several = list(mails)
    problems = [verdict.problem for raw in several[:20] if (verdict := judge.judge(raw, Envelope())).problem]
    if problems:
        raise RuntimeError(f"no verdict: {problems[0]}")
    began = cpu_of(group)
    for raw in several:
        judge.judge(raw, Envelope())
    return (cpu_of(group) - began) / len(several) * 1000


@contextlib.contextmanager
def daemon(start: Callable[[], contextlib.AbstractContextManager[object]]) -> Iterator[tuple[object, int] | None]:
    """A daemon's address and its process group; None where it is not installed."""
    before = groups()
    try:
        with start() as address:
            yield address, next(iter(groups() - before))
    except (pytest.skip.Exception, pytest.fail.Exception) as failed:
        print(f"left out: {str(failed).splitlines()[0]}")
        yield None


def peak(megabytes: int) -> float:
    """Peak of memory beside the message, in messages, for one with an attachment of that size."""
    line = b"QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWZnaGlqa2xtbm9wcXJzdHV2d3h5ejAxMjM0NTY3ODk=\r\n"
    raw = (
        b'From: a@empresa.example\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="x"\r\n\r\n--x\r\n'
        b"Content-Type: text/plain\r\n\r\nHola.\r\n--x\r\nContent-Type: application/pdf; name=factura.pdf\r\n"
        b"Content-Transfer-Encoding: base64\r\nContent-Disposition: attachment\r\n\r\n"
        + line * (megabytes * 1_000_000 // len(line))
        + b"--x--\r\n"
    )
    audit(raw[:1000])
    tracemalloc.start()
    audit(raw)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return most / len(raw)


def main(folder: str, count: int) -> None:
    files = sorted(path for path in Path(folder).rglob("*") if path.suffix in ("", ".eml", ".txt") and path.is_file())
    mails = [path.read_bytes() for path in files[:: max(1, len(files) // count)][:count]]
    size = sum(map(len, mails)) / len(mails)
    print(f"{len(mails)} messages of {size:,.0f} octets, load {os.getloadavg()[0]:.1f}, CPU of one core")
    work = {
        "whole audit": audit,
        "audit of the header alone": headers_alone,
        "reading only": read,
        "email package, policy SMTP, headers and text": standard_library,
    }
    for raw in mails[:20]:
        audit(raw)
    measured = best_turns(work, mails)
    few = mails[:60]
    with daemon(running_rspamd) as found:
        if found is not None:
            measured["rspamd"] = judged_by(Rspamd(f"{found[0]}/checkv2"), found[1], mails)
    with daemon(running_spamd) as found:
        if found is not None:
            measured["spamd"] = judged_by(SpamAssassin("127.0.0.1", int(str(found[0]))), found[1], few)
    own = measured["whole audit"]
    for name, each in measured.items():
        print(f"{name:46} {each:8.2f} ms {1000 / each:8,.0f} /s   {each / own:6.2f} x the whole audit")
    for name, microseconds in sorted(stages(mails).items(), key=lambda item: -item[1]):
        print(f"    {name:70} {microseconds:7.0f} us")
    print(f"most memory of the process {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")
    for megabytes in (5, 25):
        print(f"{megabytes} MB attached: {peak(megabytes):.1f} x the message beside it")


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 200)
