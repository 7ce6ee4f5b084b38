"""Set our verdicts beside those of the other tools, and look up who is right where they differ."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from ipaddress import ip_address

from deliverability.core.errors import InvalidAddress
from deliverability.core.names import DomainName, parse_domain, reverse_name, shown
from deliverability.core.plan import KnownSource, solve
from deliverability.core.questions import Answer, DnsQuestion, IPAddress, NoName, Question
from deliverability.core.report import Report
from deliverability.core.text import Text
from deliverability.crosscheck import ours
from deliverability.crosscheck.process import MODULES, Recorded, require, run_job
from deliverability.crosscheck.rows import CrosscheckResult, CrosscheckRow, Right, ToolRun
from deliverability.crosscheck.table import Case, explain
from deliverability.crosscheck.wire import Json
from deliverability.dmarc.discovery import DmarcPolicy, PolicyState, discover_plan
from deliverability.spf.evaluate import check_host_plan
from deliverability.spf.lookup_tree import tree_plan
from deliverability.spf.tree_model import SpfTree

#: Matches nothing that anybody sends from (RFC 5737), so the whole record is walked.
UNKNOWN_CLIENT = ip_address("203.0.113.250")
_ITS_REVERSE_NAME = DnsQuestion(reverse_name(UNKNOWN_CLIENT), "PTR")


class _WithUnknownClient:
    """The answers, and one more: the client that is made up for the comparison has no reverse name."""

    def __init__(self, below: KnownSource) -> None:
        self._below = below

    def answer(self, question: Question) -> Answer:
        """The answer of the source below; it is not asked about the client that does not exist."""
        return NoName() if question == _ITS_REVERSE_NAME else self._below.answer(question)


TOPICS = {
    "spf-validity": Text("SPF record", "Registro SPF"),
    "spf-lookups": Text("DNS lookups of SPF", "Consultas DNS del SPF"),
    "spf-voids": Text("Void lookups of SPF", "Consultas vacías del SPF"),
    "spf-result": Text("SPF result", "Resultado SPF"),
    "dmarc-validity": Text("DMARC record", "Registro DMARC"),
    "dmarc-policy": Text("DMARC policy", "Política DMARC"),
    "dkim-signature": Text("DKIM signature", "Firma DKIM"),
    "arc-status": Text("ARC chain", "Cadena ARC"),
}
_SAME = Text("Both say the same.", "Ambos dicen lo mismo.")
_UNKNOWN = Text(
    "This difference is not known yet. Please report it, with the records of the domain.",
    "Esta diferencia aún no se conoce. Agradeceremos que nos la comunique, con los registros del dominio.",
)
_NO_ANSWER = Text("The other tool gave no verdict.", "La otra herramienta no dio un veredicto.")
_NOT_ASKED = Text(
    "The other tool asked what this audit did not ask, so its verdict does not rest on the same answers.",
    "La otra herramienta preguntó lo que esta auditoría no preguntó; su veredicto no parte de las mismas respuestas.",
)


def crosscheck(
    subject: Report | str,
    answers: Mapping[Question, Answer] | KnownSource,
    *,
    ips: Iterable[str | IPAddress] = (),
    helo: str = "",
    tools: tuple[str, ...] = ("pyspf", "checkdmarc"),
) -> CrosscheckResult:
    """What pyspf and checkdmarc say about a domain on the same answers, beside what we say.

    `subject` is a report or a domain; `answers` are the audit's (`report.answers`, or a source that knows). pyspf judges
    a message from each of `ips`, and one from an address nobody sends from. The tools run in a child process without
    network, with limits on time and memory; asking nothing new, it may find that a tool wants an answer the audit does not
    have: such a row has no verdict. Raises `MissingExtra` where a tool is not installed, `InvalidDomainName` and
    `InvalidAddress` for wrong arguments.
    """
    require(tools)
    domain = parse_domain(subject if isinstance(subject, str) else subject.subject)
    source = _WithUnknownClient(Recorded(answers) if isinstance(answers, Mapping) else answers)
    clients = [_address(ip) for ip in dict.fromkeys([*ips, UNKNOWN_CLIENT])]
    job = {
        "domain": domain,
        "sender": f"postmaster@{domain}",
        "helo": helo,
        "ips": [str(ip) for ip in clients],
        "tools": list(tools),
    }
    said = run_job(job, source)
    rows = [one for tool in tools for one in _ROWS[tool](domain, clients, helo, source, said[tool])]
    return CrosscheckResult(domain, tuple(rows), tuple(tool_run(tool, said[tool]) for tool in tools))


def _address(ip: str | IPAddress) -> IPAddress:
    try:
        return ip_address(ip)
    except ValueError:
        raise InvalidAddress(f"{shown(str(ip))} is not an IP address") from None


def tool_run(tool: str, said: Json) -> ToolRun:
    """A tool that was asked, and whether it answered."""
    return ToolRun(tool, str(said.get("version", "")), str(said.get("failure", "")))


def _pyspf_rows(
    domain: DomainName, clients: list[IPAddress], helo: str, source: KnownSource, said: Json
) -> Iterator[CrosscheckRow]:
    record = "\n".join(_texts(solve(tree_plan(domain), source)))
    for ip in clients:
        result = solve(check_host_plan(ip, domain, f"postmaster@{domain}", helo=helo or domain), source)
        verdict = said.get("results", {}).get(str(ip), said)
        case = Case("pyspf", "spf-result", result.result, str(verdict.get("result", "")), problem(verdict), record)
        yield row(case, f"{domain} {ip}", verdict)


def _checkdmarc_rows(
    domain: DomainName, _clients: list[IPAddress], _helo: str, source: KnownSource, said: Json
) -> Iterator[CrosscheckRow]:
    yield from _spf_rows(domain, solve(tree_plan(domain), source), said.get("spf", said))
    yield from _dmarc_rows(domain, solve(discover_plan(domain), source), said.get("dmarc", said))


_ROWS = {"pyspf": _pyspf_rows, "checkdmarc": _checkdmarc_rows}
assert set(_ROWS) < set(MODULES)  # noqa: S101 - the rest judge messages


def _spf_rows(domain: DomainName, tree: SpfTree, said: Json) -> Iterator[CrosscheckRow]:
    record = "\n".join(_texts(tree))
    verdict = ours.spf_verdict(tree)
    theirs = _validity(said)
    # checkdmarc has one word for a record that is missing and one that is wrong.
    word = ours.INVALID if theirs == ours.INVALID and verdict in (ours.NONE, ours.PERMERROR) else verdict
    reason = ours.spf_reason(tree)
    yield row(Case("checkdmarc", "spf-validity", word, theirs, problem(said), record, reason), domain, said)
    for topic, own, key in (("spf-lookups", tree.lookups, "lookups"), ("spf-voids", tree.voids, "voids")):
        if said.get(key) is not None and tree.root.record is not None:
            yield row(Case("checkdmarc", topic, str(own), str(said[key]), problem(said), record), domain, said)


def _dmarc_rows(domain: DomainName, policy: DmarcPolicy, said: Json) -> Iterator[CrosscheckRow]:
    record = policy.record.text if policy.record else ""
    theirs = _validity(said)
    own = {
        PolicyState.FOUND: ours.VALID,
        PolicyState.TEMPERROR: ours.TEMPERROR,
        PolicyState.ABSENT: ours.INVALID if theirs == ours.INVALID else ours.NONE,
        PolicyState.PERMERROR: ours.INVALID if theirs == ours.INVALID else ours.PERMERROR,
    }[policy.state]
    yield row(Case("checkdmarc", "dmarc-validity", own, theirs, problem(said), record), domain, said)
    if own == theirs == ours.VALID:
        theirs = str(said.get("policy"))
        yield row(Case("checkdmarc", "dmarc-policy", policy.policy or "", theirs, "", record), domain, said)


def _validity(said: Json) -> str:
    return {True: ours.VALID, False: ours.INVALID}.get(said.get("valid"), "")  # type: ignore[arg-type]


def _texts(tree: SpfTree) -> list[str]:
    children = (placed.term.child for placed in tree.reached())
    return [*tree.root.texts, *(text for child in children if child is not None for text in child.texts)]


def problem(said: Json) -> str:
    """What the tool itself says is wrong; "" when it says nothing."""
    return str(said.get("problem") or said.get("crash") or said.get("failure") or "")


def row(case: Case, subject: str, said: Json) -> CrosscheckRow:
    """One comparison: the same, explained, not explained, or without a verdict to compare with."""
    right, why, section = Right.SAME, _SAME, ""
    if not case.theirs:
        right, why = Right.NO_ANSWER, _NO_ANSWER
    elif case.ours != case.theirs and said.get("unanswered"):
        right, why = Right.NO_ANSWER, _NOT_ASKED
    elif case.ours != case.theirs:
        known = explain(case)
        right = known.right if known else Right.UNKNOWN
        why, section = (known.why, known.section) if known else (_UNKNOWN, "")
    return CrosscheckRow(
        case.tool, TOPICS[case.topic], subject, case.ours, case.theirs, right, why, section, case.problem
    )
