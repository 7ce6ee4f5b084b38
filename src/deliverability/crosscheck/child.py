"""The process in which other people's checkers run: `python -m deliverability.crosscheck.child`.

It reads a job from standard input, one line of JSON, and then asks its parent for each DNS answer the checker wants: a
line out, a line in. The last line out is the result. What runs here reads hostile records with code that is not ours,
so the process limits itself before it loads any of it: seconds of CPU and of wall time, memory, no files, no network.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
from typing import Any, TextIO

from deliverability.crosscheck.wire import Json

CPU_SECONDS = 20
WALL_SECONDS = 30
MEMORY_OCTETS = 1 << 30


class Parent:
    """The other end of the pipes: it has the answers."""

    def __init__(self, reader: TextIO, writer: TextIO) -> None:
        self._reader = reader
        self._writer = writer
        self._seen: dict[tuple[str, str], Json] = {}
        #: Questions the audit had not asked; a verdict that rests on one of them is no second opinion.
        self.unanswered: list[str] = []

    def ask(self, name: str, record_type: str) -> Json:
        """The audit's answer to one question."""
        key = (name.lower().removesuffix("."), record_type.upper())
        if key not in self._seen:
            self.tell({"ask": list(key)})
            self._seen[key] = json.loads(self._reader.readline())
            if self._seen[key].get("kind") == "offline":
                self.unanswered.append(f"{key[0]} {key[1]}")
        return self._seen[key]

    def tell(self, message: Json) -> None:
        """One line to the parent."""
        self._writer.write(json.dumps(message) + "\n")
        self._writer.flush()

    def job(self) -> Json:
        """The work to do."""
        job: Json = json.loads(self._reader.readline())
        return job


def confine() -> None:
    """Limit this process. The alarm's default action ends it, whatever the checker is doing."""
    if hasattr(signal, "alarm"):
        signal.alarm(WALL_SECONDS)
    try:
        import resource  # noqa: PLC0415 - absent where there is no setrlimit
    except ImportError:
        return
    _lower(resource.RLIMIT_CPU, CPU_SECONDS)
    _lower(resource.RLIMIT_AS, MEMORY_OCTETS)
    _lower(resource.RLIMIT_FSIZE, 0)


def _lower(which: int, limit: int) -> None:
    import resource  # noqa: PLC0415

    _, hard = resource.getrlimit(which)
    limit = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
    resource.setrlimit(which, (limit, limit))


def block_network() -> None:
    """Refuse every socket operation that reaches out: the only answers here are the parent's."""

    def refuse(*_: Any, **__: Any) -> Any:
        raise OSError("the network is blocked: second opinions use the answers of the audit")

    for name in ("connect", "connect_ex", "sendto", "sendmsg"):
        setattr(socket.socket, name, refuse)
    socket.getaddrinfo = refuse
    socket.gethostbyname = refuse


def main() -> None:
    """Serve one job."""
    confine()
    # What a checker prints must not be taken for a message: file descriptor 1 becomes standard error.
    writer = os.fdopen(os.dup(1), "w", encoding="ascii")
    os.dup2(2, 1)
    parent = Parent(sys.stdin, writer)
    job = parent.job()
    block_network()
    parent.tell({"result": _run(job, parent)})


def _run(job: Json, parent: Parent) -> Json:
    from deliverability.crosscheck import checkdmarc, dkimpy, pyspf  # noqa: PLC0415 - only after the limits are set

    tools = {"pyspf": pyspf.opinion, "checkdmarc": checkdmarc.opinion, "dkimpy": dkimpy.opinion}
    return {tool: tools[tool](job, parent) for tool in job["tools"]}


if __name__ == "__main__":
    main()
