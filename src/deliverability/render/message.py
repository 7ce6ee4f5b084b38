"""What a report on a message shows beside its findings: the envelope, authentication, mailbox providers, the way it came."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from rich.padding import Padding
from rich.table import Table
from rich.text import Text as Styled

from deliverability.core.facts import Envelope, EnvelopeOrigin, MessageOverview, Stage
from deliverability.core.report import Report
from deliverability.core.text import Lang, Text
from deliverability.dmarc.message import MessageAuthentication
from deliverability.filters.verdict import FilterVerdict
from deliverability.headers.claims import Claims
from deliverability.headers.trace import Hop, Trace
from deliverability.headers.verdicts import Verdict, Verdicts
from deliverability.providers.receivers import Applies, Checklist, Checklists, Held, State
from deliverability.render.page import PASS_MARK, UNKNOWN_MARK, Page
from deliverability.render.safe import safe

_MARKS = {
    State.MET: PASS_MARK,
    State.NOT_MET: ("✗", "bold red"),
    State.UNKNOWN: UNKNOWN_MARK,
    State.NOT_APPLICABLE: ("–", "dim"),
}
_GOOD, _BAD = frozenset({"pass"}), frozenset({"fail", "permerror", "softfail", "none", "policy"})
_MOST_HOPS = 15
_MOST_SYMBOLS = 12

FROM_TO = Text("{author} to {to}", "{author} para {to}")
NO_SUBJECT = Text("(no subject)", "(sin asunto)")
NOT_SENT = Text(
    "It was not sent yet: what your mail server adds (signature, route) cannot be judged. Send it to a mailbox of yours and audit what arrives.",
    "Aún no se ha enviado: lo que añade su servidor de correo (firma, recorrido) no se puede juzgar. Envíelo a un buzón suyo y audite lo que llegue.",
)
AUTHENTICATION = Text("How it is authenticated", "Cómo se autentica")
ALIGNED = Text("belongs to {domain}", "pertenece a {domain}")
NOT_ALIGNED = Text(
    "of another domain than {domain}: does not count for DMARC", "de otro dominio que {domain}: no cuenta para DMARC"
)
JOINS = {
    "good": Text("counts for DMARC", "cuenta para DMARC"),
    "bad": Text("does not count for DMARC", "no cuenta para DMARC"),
    "open": Text("not known whether it counts", "no se sabe si cuenta"),
}
NOT_CHECKED = Text(
    "not checked: the sender's address is not known", "sin comprobar: no se conoce la dirección de origen"
)
NO_SIGNATURE = Text("no signature", "sin firma")
NOT_EVALUATED = Text("{n} more signatures were not evaluated", "{n} firmas más sin evaluar")
CLIENT = {
    EnvelopeOrigin.GIVEN: Text("from {ip}, as you said", "desde {ip}, según usted indicó"),
    EnvelopeOrigin.RECEIVED: Text(
        "from {ip}, by the Received line of {by}", "desde {ip}, según la línea Received de {by}"
    ),
    EnvelopeOrigin.RETURN_PATH: Text("from {ip}", "desde {ip}"),
    EnvelopeOrigin.NOTHING: Text("from {ip}", "desde {ip}"),
}
ASKS_FOR = Text("policy: {policy}", "política: {policy}")
RECEIVERS = Text("What each mailbox provider asks for", "Qué pide cada proveedor de correo")
MET_OF = Text("{met} of {all} met", "{met} de {all} cumplidas")
REFUSAL = Text("a refusal says {reply}", "el rechazo diría {reply}")
IF_BULK = Text("from {n} messages a day", "desde {n} mensajes al día")
IF_BULK_UNKNOWN = Text("in bulk", "en envíos masivos")
ROUTE = Text("The way it came", "Por dónde vino")
ENCRYPTED = Text("encrypted", "cifrado")
IN_CLEAR = Text("not encrypted", "sin cifrar")
SECONDS = Text("{n} s", "{n} s")
HOPS_MORE = Text("{n} more hops", "{n} saltos más")
OTHERS = Text("What others said of it", "Qué dijeron otros")
BELIEVED = Text("by the receiver itself", "del propio receptor")
NOT_BELIEVED = Text("may have come with the message: not believed", "pudo venir con el mensaje: no se tiene en cuenta")
FILTERS = Text("Your spam filters", "Sus filtros antispam")
FILTER_SAID = Text(
    "{score} points, spam from {threshold} on: {action}", "{score} puntos, spam desde {threshold}: {action}"
)
FILTER_FAILED = Text("could not be asked: {problem}", "no se pudo consultar: {problem}")
NO_SYMBOLS = Text("no rule of it fired", "no saltó ninguna de sus reglas")


def print_overview(page: Page, report: Report) -> None:
    """Who, to whom, what; below the title."""
    overview = report.details.get("message")
    if not isinstance(overview, MessageOverview):
        return
    subject = f"«{safe(overview.subject)}»" if overview.subject else page.words(NO_SUBJECT)
    size = f"{overview.octets / 1000:.0f} kB" if overview.octets >= 1000 else f"{overview.octets} B"
    page.line(Styled(subject, style="bold"), Styled(f"  {size}", style="dim"), indent=2)
    if overview.author:
        to = page.some([safe(address) for address in overview.to], 2) or "–"
        page.line((page.words(FROM_TO, author=overview.author, to="\0").replace(safe("\0"), to), "dim"), indent=2)
    if overview.stage is Stage.SUBMITTED:
        page.marked(UNKNOWN_MARK, page.words(NOT_SENT), indent=2)


def print_message(page: Page, report: Report) -> None:
    """The tables of a report on a message."""
    facts = report.details.get("facts")
    if not isinstance(facts, dict):
        return
    auth = report.details.get("authentication")
    if isinstance(auth, MessageAuthentication):
        _print_authentication(page, auth)
    lists = report.details.get("checklists")
    if isinstance(lists, Checklists):
        _print_receivers(page, lists)
    trace, claims = facts.get(Trace), facts.get(Claims)
    if isinstance(trace, Trace) and trace.hops:
        _print_route(page, trace)
    verdicts_said = facts.get(Verdicts)
    said = verdicts_said.verdicts if isinstance(verdicts_said, Verdicts) else ()
    if isinstance(claims, Claims) and (claims.trusted or claims.untrusted or said):
        _print_claims(page, claims)
        _print_verdicts(page, said)
    verdicts = report.details.get("filters")
    if verdicts:
        _print_filters(page, verdicts)


def _grid(page: Page, rows: Iterable[Sequence[Styled]], columns: int) -> None:
    table = Table.grid(padding=(0, 2, 0, 0))
    for index in range(columns):
        table.add_column(overflow="fold", ratio=1 if index == columns - 1 else None)
    for row in rows:
        table.add_row(*row)
    page.console.print(Padding(table, (0, 0, 0, 1)))


def _word(result: str) -> Styled:
    style = "green" if result in _GOOD else "red" if result in _BAD else "magenta"
    return Styled(safe(result), style=style)


def _print_authentication(page: Page, auth: MessageAuthentication) -> None:
    page.heading(page.words(AUTHENTICATION))
    rows: list[Sequence[Styled]] = [_spf_row(page, auth)]
    if not auth.dkim.results:
        rows.append((Styled("DKIM", style="bold"), _word("none"), Styled(page.words(NO_SIGNATURE), style="dim")))
    for result in auth.dkim.results:
        name = f"d={safe(result.domain)} s={safe(result.selector)}"
        note = Styled.assemble(name, "  ", (alignment(page, auth, "dkim", result.domain, result.result), "dim"))
        rows.append((Styled("DKIM", style="bold"), _word(result.result), note))
    if auth.dkim.not_evaluated:
        rows.append((Styled(""), Styled(""), Styled(page.words(NOT_EVALUATED, n=auth.dkim.not_evaluated), style="dim")))
    if auth.dmarc is not None:
        policy = auth.dmarc.policy.policy if auth.dmarc.policy else None
        note = Styled(safe(auth.dmarc.author_domain))
        if policy:
            note.append("  " + page.words(ASKS_FOR, policy=f"p={policy}"), style="dim")
        rows.append((Styled("DMARC", style="bold"), _word(auth.dmarc.result), note))
        older = auth.dmarc_7489
        if older is not None and older.result != auth.dmarc.result:
            rows.append((Styled("DMARC", style="bold"), _word(older.result), Styled("RFC 7489", style="dim")))
    _grid(page, rows, 3)


def _spf_row(page: Page, auth: MessageAuthentication) -> Sequence[Styled]:
    check = auth.spf.mail_from
    if check is None:
        return Styled("SPF", style="bold"), Styled("–"), Styled(page.words(NOT_CHECKED), style="dim")
    note = Styled.assemble(safe(check.domain), "  ", (client(page, auth.spf.envelope), "dim"))
    aligned = alignment(page, auth, "spf", check.domain, check.result.result)
    if aligned:
        note.append(f"; {aligned}", style="dim")
    return Styled("SPF", style="bold"), _word(check.result.result), note


def client(page: Page, envelope: Envelope) -> str:
    """Where the message came from, and who says so."""
    origin = envelope.origin if envelope.origin is not EnvelopeOrigin.RECEIVED else EnvelopeOrigin.NOTHING
    return page.words(CLIENT[origin], ip=str(envelope.client_ip))


def alignment(page: Page, auth: MessageAuthentication, mechanism: str, domain: str, result: str) -> str:
    """Whether an identifier that passed counts for DMARC; "" where it did not pass."""
    if result != "pass" or auth.author.domain is None:
        return ""
    found = auth.dmarc.identifiers if auth.dmarc else ()
    aligned = next((i.aligned for i in found if i.mechanism == mechanism and i.domain == domain), None)
    if aligned is None:
        return page.words(ALIGNED, domain=auth.author.domain) if domain == auth.author.domain else ""
    return page.words(ALIGNED if aligned else NOT_ALIGNED, domain=auth.author.domain)


def joined(auth: MessageAuthentication, mechanism: str, domain: str, result: str) -> str:
    """Whether an identifier is joined to From: good, bad, or open where it could not be told."""
    if result == "temperror":
        return "open"
    if result != "pass" or auth.author.domain is None:
        return "bad"
    found = auth.dmarc.identifiers if auth.dmarc else ()
    aligned = [i.aligned for i in found if i.mechanism == mechanism and i.domain == domain]
    if not aligned:  # without a policy nothing is compared; the same name joins in any case
        return "good" if domain == auth.author.domain else "open"
    return "open" if aligned[0] is None else "good" if aligned[0] else "bad"


def _print_receivers(page: Page, lists: Checklists) -> None:
    page.heading(page.words(RECEIVERS))
    for one in lists.lists:
        _print_receiver(page, one)


def _print_receiver(page: Page, one: Checklist) -> None:
    judged = [item for item in one.items if item.state in (State.MET, State.NOT_MET)]
    met = sum(item.state is State.MET for item in judged)
    mark = _MARKS[State.NOT_MET] if met < len(judged) else _MARKS[State.MET if judged else State.UNKNOWN]
    name = Styled(safe(one.receiver.name.format(page.lang)), style="bold")
    if judged:
        name.append("  " + page.words(MET_OF, met=met, all=len(judged)), style="dim")
    page.marked(mark, name, indent=1)
    for item in one.items:
        if page.verbose or item.state is State.NOT_MET:
            page.marked(_MARKS[item.state], _requirement(page, one, item), indent=3)
    unknown = [item for item in one.items if item.state is State.UNKNOWN]
    if unknown and not page.verbose:
        labels = "; ".join(item.requirement.label.format(page.lang) for item in unknown)
        page.marked(UNKNOWN_MARK, (labels, "dim"), indent=3)


def _requirement(page: Page, one: Checklist, item: Held) -> Styled:
    requirement = item.requirement
    text = Styled(requirement.label.format(page.lang))
    notes: list[str] = []
    if requirement.applies is Applies.BULK:
        volume = one.receiver.volume
        notes.append(page.words(IF_BULK, n=thousands(page.lang, volume)) if volume else page.words(IF_BULK_UNKNOWN))
    if item.because:
        notes.append(", ".join(item.because))
    if requirement.reply and item.state is State.NOT_MET:
        notes.append(page.words(REFUSAL, reply=requirement.reply))
    if notes:
        text.append(f"  ({'; '.join(notes)})", style="dim")
    return text


def thousands(lang: Lang, number: int) -> str:
    """5,000, in Spanish 5.000."""
    return f"{number:,}".replace(",", "." if lang == "es" else ",")


def _print_route(page: Page, trace: Trace) -> None:
    page.heading(page.words(ROUTE))
    hops = list(reversed(trace.hops))
    rows = [_hop(page, number, hop) for number, hop in enumerate(hops[:_MOST_HOPS], 1)]
    _grid(page, rows, 4)
    more = len(hops) - _MOST_HOPS + trace.not_read
    if more > 0:
        page.line((page.words(HOPS_MORE, n=more), "dim"), indent=3)


def _hop(page: Page, number: int, hop: Hop) -> Sequence[Styled]:
    client = " ".join(
        safe(str(part)) for part in (hop.helo or hop.reverse_name, f"[{hop.client}]" if hop.client else None) if part
    )
    tls = page.words(ENCRYPTED if hop.tls else IN_CLEAR) if hop.tls is not None else ""
    style = "" if hop.tls is None else "green" if hop.tls else "red"
    said = Styled.assemble((f"{tls} " if tls else "", style), (safe(hop.tls_version or ""), "dim"))
    delay = page.words(SECONDS, n=f"{hop.delay:+.0f}") if hop.delay is not None else ""
    way = Styled(f"{client or '–'} → {safe(hop.by or '–')}")
    return Styled(f"{number}", style="dim"), Styled(delay, style="dim"), said, way


def _print_claims(page: Page, claims: Claims) -> None:
    page.heading(page.words(OTHERS))
    for claim in claims.trusted:
        page.line(safe(claim.said.authserv_id) or "–", (f"  {page.words(BELIEVED)}", "dim"), indent=1)
        _grid(page, _results(claim.said.results), 3)
    for claim in claims.untrusted[: None if page.verbose else 2]:
        page.line(safe(claim.said.authserv_id) or "–", (f"  {page.words(NOT_BELIEVED)}", "dim"), indent=1)
        if page.verbose:
            _grid(page, _results(claim.said.results), 3)


def _print_verdicts(page: Page, verdicts: Sequence[Verdict]) -> None:
    """What the filters on the way wrote into the header: score, word, and the rules that fired with our codes for them."""
    for verdict in verdicts:
        believed = page.words(BELIEVED if verdict.trusted else NOT_BELIEVED)
        page.line(safe(verdict.system), (f"  {believed}", "dim"), indent=1)
        word = Styled(
            safe(verdict.verdict) or "–", style="red" if verdict.spam else "" if verdict.spam is None else "green"
        )
        numbers = "" if verdict.score is None else f"{verdict.score:g}"
        if verdict.threshold is not None:
            numbers += f" / {verdict.threshold:g}"
        about = [f"{safe(name)}={safe(value)}" for name, value in verdict.details[:8]]
        for symbol in verdict.symbols[: None if page.verbose else _MOST_SYMBOLS]:
            points = f" {symbol.score:+g}" if symbol.score is not None else ""
            code = f" ({symbol.meaning_code})" if symbol.meaning_code else ""
            about.append(f"{safe(symbol.name)}{points}{code}")
        _grid(page, [(Styled(f"  {numbers}"), word, Styled(", ".join(about), style="dim"))], 3)


def _results(results: Any) -> list[Sequence[Styled]]:
    rows: list[Sequence[Styled]] = []
    for result in results[:20]:
        about = " ".join(f"{safe(p.type)}.{safe(p.name)}={safe(p.value)}" for p in result.properties[:4])
        rows.append((Styled(f"  {safe(result.method)}"), _word(result.result), Styled(about, style="dim")))
    return rows


def _print_filters(page: Page, verdicts: Iterable[FilterVerdict]) -> None:
    page.heading(page.words(FILTERS))
    for verdict in verdicts:
        name = Styled(safe(verdict.system), style="bold")
        if verdict.problem:
            name.append("  " + page.words(FILTER_FAILED, problem=verdict.problem), style="magenta")
            page.marked(UNKNOWN_MARK, name, indent=1)
            continue
        said = page.words(
            FILTER_SAID,
            score=float(verdict.score or 0),
            threshold=float(verdict.threshold or 0),
            action=verdict.action or "–",
        )
        name.append(f"  {said}", style="dim")
        page.marked(_MARKS[State.NOT_MET] if verdict.is_spam else PASS_MARK, name, indent=1)
        fired = [s for s in verdict.symbols if s.score] if not page.verbose else list(verdict.symbols)
        rows = [
            (Styled(f"{s.score:+g}", style="red" if s.score > 0 else "green"), Styled(safe(s.name)), _about(s))
            for s in fired[: None if page.verbose else _MOST_SYMBOLS]
        ]
        if rows:
            _grid(page, rows, 3)
        else:
            page.line((page.words(NO_SYMBOLS), "dim"), indent=3)


def _about(symbol: Any) -> Styled:
    codes = f" ({symbol.code})" if symbol.code else ""
    return Styled(safe(symbol.description) + codes, style="dim")
