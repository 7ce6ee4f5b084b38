"""What dkimpy makes of the signatures and the ARC chain of a message, asked inside the child process."""

from __future__ import annotations

import base64
from collections.abc import Callable
from functools import partial
from importlib.metadata import version
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from deliverability.crosscheck.wire import Json

if TYPE_CHECKING:
    from deliverability.crosscheck.child import Parent


def opinion(job: Json, parent: Parent) -> Json:
    """One result for each signature from the top, and one for the chain: a word, and dkimpy's own message."""
    import dkim  # noqa: PLC0415 - the extra; only the child loads it

    # It looks at the clock for t= and x=; the audit has its own.
    dkim.time = SimpleNamespace(time=lambda: job["now"])
    raw = base64.b64decode(job["message"])
    failures: list[str] = []

    def lookup(name: bytes | str, **_: Any) -> bytes | None:
        answer = parent.ask(name.decode("ascii") if isinstance(name, bytes) else name, "TXT")
        if answer["status"] == "failed":
            failures.append(f"DNS {answer['kind']}")
            raise dkim.DnsTimeoutError(failures[-1])
        records = answer.get("records", ())
        return "".join(records[0]).encode("latin-1") if records else None

    def judge(ask: Callable[[], Json]) -> Json:
        before = len(parent.unanswered)
        failures.clear()
        try:
            said = ask()
        except dkim.DKIMException as error:
            said = {"result": "fail", "problem": str(error)[:500]}
        except Exception as error:  # noqa: BLE001 - another project's code on hostile input: its crash is its opinion
            said = {"crash": f"{type(error).__name__}: {error}"[:500]}
        return {**said, "unanswered": parent.unanswered[before:]}

    def signature(index: int) -> Json:
        if dkim.DKIM(raw).verify(idx=index, dnsfunc=lookup):
            return {"result": "pass"}
        # It has one word for a key that is missing and one that could not be asked for; its caller knows which it was.
        return {"result": "temperror" if failures else "fail", "problem": " ".join(failures)}

    def chain() -> Json:
        status, _, problem = dkim.arc_verify(raw, dnsfunc=lookup)
        # A chain that its newest seal gave up has no status there; RFC 8617 §5.2 step 2 calls it fail.
        word = status.decode("ascii") if isinstance(status, bytes) else "fail"
        return {"result": word, "problem": str(problem)[:500] if word == "fail" else ""}

    return {
        "version": version("dkimpy"),
        "signatures": [judge(partial(signature, index)) for index in range(job["signatures"])],
        "arc": judge(chain),
    }
