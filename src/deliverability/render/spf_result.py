"""One SPF evaluation for people and as JSON: the result, the term that decided, and every step."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from rich.text import Text as Styled

from deliverability.core.finding import evidence_of
from deliverability.core.limits import DEFAULT_LIMITS
from deliverability.core.questions import IPAddress
from deliverability.core.text import Text
from deliverability.render import words
from deliverability.render.page import PASS_MARK, UNKNOWN_MARK, Page
from deliverability.render.safe import safe
from deliverability.render.todo import evidence_line
from deliverability.spf.result import SpfFailureKind, SpfResult, TraceStep

_MARKS = {"pass": PASS_MARK, "fail": ("✗", "bold red"), "permerror": ("✗", "bold red"), "temperror": UNKNOWN_MARK}
_OTHER = ("!", "bold yellow")
#: What each result means to a receiver (RFC 7208 §2.6).
MEANINGS: dict[str, Text] = {
    "pass": Text("the address may send for the domain", "la dirección puede enviar por el dominio"),
    "fail": Text("the domain says that the address may not send", "el dominio dice que la dirección no puede enviar"),
    "softfail": Text(
        "the domain says that the address probably may not send",
        "el dominio dice que la dirección probablemente no puede enviar",
    ),
    "neutral": Text("the domain says nothing about the address", "el dominio no se pronuncia sobre la dirección"),
    "none": Text("there is no SPF record to judge by", "no hay registro SPF con el que juzgar"),
    "permerror": Text("the record has an error and cannot be used", "el registro tiene un error y no se puede usar"),
    "temperror": Text(
        "DNS gave no answer, so it cannot be told now", "el DNS no respondió, así que ahora no se puede saber"
    ),
}
_PROBLEMS: dict[SpfFailureKind, Text] = {
    SpfFailureKind.MALFORMED_DOMAIN: Text("the name is not a domain", "el nombre no es un dominio"),
    SpfFailureKind.NO_RECORD: Text("no SPF record", "no hay registro SPF"),
    SpfFailureKind.DNS_FAILURE: Text("a question got no answer", "una consulta se quedó sin respuesta"),
    SpfFailureKind.SEVERAL_RECORDS: Text("more than one SPF record", "más de un registro SPF"),
    SpfFailureKind.SYNTAX: Text("the record has a syntax error", "el registro tiene un error de sintaxis"),
    SpfFailureKind.TOO_MANY_LOOKUPS: Text("more than 10 DNS lookups", "más de 10 consultas DNS"),
    SpfFailureKind.TOO_MANY_VOIDS: Text("more than 2 void lookups", "más de 2 consultas vacías"),
    SpfFailureKind.TOO_MANY_MX: Text("more than 10 MX hosts", "más de 10 servidores MX"),
    SpfFailureKind.INCLUDE_WITHOUT_RECORD: Text(
        "an include leads to no SPF record", "un include lleva a un dominio sin registro SPF"
    ),
    SpfFailureKind.REDIRECT_WITHOUT_RECORD: Text(
        "the redirect leads to no SPF record", "el redirect lleva a un dominio sin registro SPF"
    ),
    SpfFailureKind.TOO_MANY_QUESTIONS: Text(
        "more questions than this program asks", "más consultas de las que hace este programa"
    ),
    SpfFailureKind.TOO_DEEP: Text("records nested too deeply", "registros anidados a demasiada profundidad"),
}
_HEAD = Text("{ip} sending as {sender}", "{ip} envía como {sender}")
_DECIDED = Text("decided by {term} of {domain}", "lo decide {term} de {domain}")
_NO_MATCH = Text("no term matched", "ningún término coincide")
_EXPLANATION = Text("The domain explains", "El dominio explica")
_RECORD = Text("record", "registro")
_END = Text("end of the record", "fin del registro")


class Evaluated(NamedTuple):
    """One address, and what SPF says about it."""

    ip: IPAddress
    sender: str
    result: SpfResult


def print_result(page: Page, item: Evaluated) -> None:
    """The result in one line, then the steps."""
    result = item.result
    mark = _MARKS.get(result.result, _OTHER)
    page.marked(mark, (result.result, mark[1]), "  ", page.words(_HEAD, ip=str(item.ip), sender=item.sender))
    page.line(page.words(MEANINGS[result.result]), indent=2)
    page.line((_why(page, result), "dim"), indent=2)
    if result.explanation:
        page.line((page.words(_EXPLANATION) + ": ", "dim"), safe(result.explanation), indent=2)
    for step in result.trace:
        page.console.print(_step(page, step), no_wrap=True, overflow="ellipsis")
    limits = DEFAULT_LIMITS
    lookups = page.words(words.LOOKUPS, n=result.lookups, limit=limits.spf_lookups)
    page.line(lookups, " · ", page.words(words.VOIDS, n=result.voids, limit=limits.spf_void_lookups), indent=2)


def _why(page: Page, result: SpfResult) -> str:
    if result.problem is not None:
        where = " ".join(safe(part) for part in (result.problem.domain, result.problem.term) if part)
        text = f"{page.words(_PROBLEMS[result.problem.kind])}: {where}"
        if result.problem.question is not None and result.problem.answer is not None:
            text += " · " + evidence_line(page, evidence_of(result.problem.question, result.problem.answer)).plain
        return text
    if result.directive is not None and result.decided_by is not None:
        return page.words(_DECIDED, term=result.directive.text, domain=result.decided_by)
    return page.words(_NO_MATCH)


#: What a step came to, where it is no result word of RFC 7208; those stay as they are in every language.
_OUTCOMES = {
    "match": Text("match", "coincide"),
    "no match": Text("no match", "no coincide"),
    "found": Text("found", "leído"),
    "followed": Text("followed", "se sigue"),
}


def _outcome(page: Page, outcome: str) -> str:
    return page.words(_OUTCOMES[outcome]) if outcome in _OUTCOMES else safe(outcome)


def _step(page: Page, step: TraceStep) -> Styled:
    matched = step.outcome in ("match", "pass")
    line = Styled.assemble((f"{step.lookups:>6} ", "cyan"), "  " * step.depth)
    if step.term is None:
        name = _RECORD if step.asked or step.outcome in ("found", "none", "permerror", "temperror") else _END
        line.append(f"{page.words(name)} {safe(step.domain)}", style="dim")
    else:
        line.append(safe(step.term.text, 200), style="green" if matched else "")
    line.append(f"  {_outcome(page, step.outcome)}", style="bold green" if matched else "dim")
    return line


def results_document(items: Sequence[Evaluated]) -> list[dict[str, Any]]:
    """The evaluations as plain data."""
    return [_document(item) for item in items]


def _document(item: Evaluated) -> dict[str, Any]:
    result, problem = item.result, item.result.problem
    return {
        "decided_by": result.decided_by,
        "directive": result.directive.text if result.directive else None,
        "domain": result.domain,
        "explanation": result.explanation or None,
        "ip": str(item.ip),
        "lookups": result.lookups,
        "problem": {"domain": problem.domain, "kind": problem.kind.value, "term": problem.term} if problem else None,
        "result": result.result,
        "sender": item.sender,
        "trace": [
            {
                "depth": step.depth,
                "domain": step.domain,
                "lookups": step.lookups,
                "outcome": step.outcome,
                "term": step.term.text if step.term else None,
                "voids": step.voids,
            }
            for step in result.trace
        ],
        "voids": result.voids,
    }
