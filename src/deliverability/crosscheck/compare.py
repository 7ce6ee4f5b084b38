"""Set our verdicts beside those of the other tools, and look up who is right where they differ."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from ipaddress import ip_address

from deliverability.core.errors import InvalidAddress
from deliverability.core.names import DomainName, parse_domain, reverse_name, shown
from deliverability.core.plan import KnownSource, solve
from deliverability.core.questions import Answer, DnsQuestion, IPAddress, NoName, Question
from deliverability.core.report import Report
from deliverability.core.text import Text
from deliverability.crosscheck import ours
from deliverability.crosscheck.counting import Tool, term_counts, ways
from deliverability.crosscheck.process import MODULES, Recorded, require, run_job
from deliverability.crosscheck.rows import CrosscheckResult, CrosscheckRow, Right, ToolRun
from deliverability.crosscheck.table import Case, explain
from deliverability.crosscheck.wire import Json
from deliverability.dmarc.discovery import DmarcPolicy, PolicyState, discover_plan
from deliverability.spf.evaluate import check_host_plan
from deliverability.spf.lookup_tree import tree_plan
from deliverability.spf.tree_model import SpfTree, State

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
    "dmarc-organization": Text("Organizational domain", "Dominio organizativo"),
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
    if "checkdmarc" in tools:
        rows += _by_the_old_standard(domain, source)
    tree = solve(tree_plan(domain), source)
    counted = ways(tree) if tree.lookups else ()
    return CrosscheckResult(domain, tuple(rows), tuple(tool_run(tool, said[tool]) for tool in tools), counted)


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
    tree = solve(tree_plan(domain), source)
    record = "\n".join(_texts(tree))
    for ip in clients:
        result = solve(check_host_plan(ip, domain, f"postmaster@{domain}", helo=helo or domain), source)
        verdict = said.get("results", {}).get(str(ip), said)
        case = Case("pyspf", "spf-result", result.result, str(verdict.get("result", "")), problem(verdict), record)
        yield row(case, f"{domain} {ip}", verdict)
    # Only a client that nothing matches is led through the whole record, which our count is about.
    unknown = said.get("results", {}).get(str(UNKNOWN_CLIENT), {})
    if "lookups" in unknown and tree.root.record is not None:
        circle = "loop" if any(placed.term.state is State.LOOP for placed in tree.walk()) else ""
        told = (str(tree.lookups), str(unknown["lookups"]), problem(unknown), record, circle)
        case = Case("pyspf", "spf-lookups", *told)
        yield with_terms(row(case, domain, unknown), tree, unknown)


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
            case = Case("checkdmarc", topic, str(own), str(said[key]), problem(said), record)
            yield with_terms(row(case, domain, said), tree, said, key)


def with_terms(compared: CrosscheckRow, tree: SpfTree, said: Json, kind: str = "lookups") -> CrosscheckRow:
    """A comparison of counts with its terms, where they add up to what the tool says."""
    tool = Tool(adds_up=compared.tool == "checkdmarc", failed=bool(problem(said)))
    terms = term_counts(tree, said.get("terms", ()), tool, kind)
    if (sum(term.ours for term in terms), sum(term.theirs for term in terms)) != (int(compared.ours), said.get(kind)):
        return compared
    return replace(compared, terms=terms)


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


def _by_the_old_standard(domain: DomainName, source: KnownSource) -> Iterator[CrosscheckRow]:
    """Where receivers that still find policies by the Public Suffix List come to another one than the tree walk does."""
    walk, old = (solve(discover_plan(domain, spec=spec), source) for spec in ("9989", "7489"))
    if PolicyState.TEMPERROR in (walk.state, old.state) or walk.failure or old.failure:
        return
    for topic, ours_, theirs in (
        ("dmarc-organization", walk.organizational_domain, old.organizational_domain),
        ("dmarc-policy", walk.policy or ours.NONE, old.policy or ours.NONE),
    ):
        if ours_ and theirs and ours_ != theirs:
            texts = (_WALK[topic], "RFC 9989 §4.10")
            yield CrosscheckRow("RFC 7489", TOPICS[topic], domain, str(ours_), str(theirs), Right.EITHER, *texts)


_WALK = {
    "dmarc-organization": Text(
        "RFC 9989 asks DNS upwards from the name (tree walk); RFC 7489 took the Public Suffix List. Receivers that have not "
        "moved yet align by the second.",
        "RFC 9989 consulta el DNS del nombre hacia arriba (tree walk); RFC 7489 usaba la Public Suffix List. Los receptores "
        "que aún no han cambiado comparan según la segunda.",
    ),
    "dmarc-policy": Text(
        "RFC 9989 takes the record nearest to the name on its way up, and knows `np`, `psd` and `t`; RFC 7489 looks at the name "
        "and at the registrable domain only, and knows `pct`. Receivers use one or the other.",
        "RFC 9989 toma el registro más cercano hacia arriba y admite `np`, `psd` y `t`; RFC 7489 solo mira el nombre y el "
        "dominio registrable, y admite `pct`. Los receptores usan una u otra.",
    ),
}


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
