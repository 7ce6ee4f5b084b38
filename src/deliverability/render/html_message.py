"""What an HTML report shows of a message: how it is authenticated, what each provider asks, the route, what others said."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from deliverability.core.report import Report
from deliverability.core.text import Text
from deliverability.dmarc.message import MessageAuthentication
from deliverability.filters.verdict import FilterVerdict
from deliverability.headers.authentication_results import MethodResult
from deliverability.headers.claims import Claims
from deliverability.headers.trace import Hop, Trace
from deliverability.headers.verdicts import Verdict, Verdicts
from deliverability.providers.receivers import Applies, Checklist, Checklists, Held, State
from deliverability.render import message as words
from deliverability.render.html_markup import Child, Markup, el, join
from deliverability.render.html_parts import (
    ARGUMENT,
    NAME,
    View,
    chip,
    codes,
    fold,
    marked,
    marked_items,
    section,
    table,
)
from deliverability.render.html_pictures import connector, mark, pips, stop
from deliverability.render.safe import safe

_STATES: Mapping[State, str] = {
    State.MET: "good",
    State.NOT_MET: "bad",
    State.UNKNOWN: "open",
    State.NOT_APPLICABLE: "none",
}
STATE_WORDS: Mapping[State, Text] = {
    State.MET: Text("met", "cumplida"),
    State.NOT_MET: Text("not met", "sin cumplir"),
    State.UNKNOWN: Text("not known", "sin saber"),
    State.NOT_APPLICABLE: Text("does not apply", "no procede"),
}
_OPEN_WORDS = frozenset({"temperror", "neutral", "policy"})
AUTHOR = Text("From: what people see", "From: lo que ve el destinatario")
NO_AUTHOR = Text("no one domain in From", "no hay un único dominio en From")
SIGNED_BY = Text("d={domain} s={selector}", "d={domain} s={selector}")
RESULT, METHOD, ABOUT = Text("Result", "Resultado"), Text("Method", "Método"), Text("About", "Sobre")
FILTER, POINTS, SYMBOLS = Text("Filter", "Filtro"), Text("Points", "Puntos"), Text("Rules", "Reglas")
_MOST_SIGNATURES = 10
_MOST_HOPS = 30
_MOST_RESULTS = 20
_MOST_CLAIMS = 10
_MOST_SYMBOLS = 25


def message_details(view: View, report: Report) -> Markup:
    """The sections of a report on a message; nothing for another."""
    facts, details = report.details.get("facts"), report.details
    parts: list[Child] = []
    auth, lists = details.get("authentication"), details.get("checklists")
    if isinstance(auth, MessageAuthentication):
        parts.append(section(view.words(words.AUTHENTICATION), authentication(view, auth)))
    if isinstance(lists, Checklists):
        cards = el("div", *(_receiver(view, one) for one in lists.lists), class_="providers-grid")
        parts.append(section(view.words(words.RECEIVERS), cards))
    if isinstance(facts, dict):
        trace, claims, verdicts = facts.get(Trace), facts.get(Claims), facts.get(Verdicts)
        if isinstance(trace, Trace) and trace.hops:
            parts.append(section(view.words(words.ROUTE), _route(view, trace)))
        said = verdicts.verdicts if isinstance(verdicts, Verdicts) else ()
        if isinstance(claims, Claims) and (claims.trusted or claims.untrusted or said):
            parts.append(section(view.words(words.OTHERS), _claims(view, claims), _verdicts(view, said)))
    filters = details.get("filters")
    if filters:
        parts.append(section(view.words(words.FILTERS), *(_filter(view, verdict) for verdict in filters)))
    return join(parts)


def authentication(view: View, auth: MessageAuthentication) -> Markup:
    """From above, what SPF and DKIM speak for below, each joined to it or not, and what DMARC makes of it."""
    domain = auth.author.domain
    top = el("div", el("small", view.words(AUTHOR)), el("strong", domain or view.words(NO_AUTHOR)), class_="box from")
    branches = [_spf(view, auth)]
    branches += [
        (
            words.joined(auth, "dkim", result.domain, result.result),
            _box("DKIM", result.result, _signed(view, auth, result.domain, result.selector, result.result)),
        )
        for result in auth.dkim.results[:_MOST_SIGNATURES]
    ]
    if not auth.dkim.results:
        branches.append(("bad", _box("DKIM", "none", view.words(words.NO_SIGNATURE))))
    rows = [
        el("li", connector(kind, view.words(words.JOINS[kind]), last=index == len(branches) - 1), box)
        for index, (kind, box) in enumerate(branches)
    ]
    more = auth.dkim.not_evaluated + max(0, len(auth.dkim.results) - _MOST_SIGNATURES)
    rest = el("p", view.words(words.NOT_EVALUATED, n=more), class_="quiet") if more else None
    return el("div", top, el("ul", *rows, class_="joins"), rest, _dmarc(view, auth))


def _box(name: str, result: str, *about: Child) -> Markup:
    return el("div", el("strong", name), " ", _word(result), el("div", *about), class_="box")


def _word(result: str) -> Markup:
    kind = "good" if result == "pass" else "open" if result in _OPEN_WORDS or not result else "bad"
    return chip(kind, safe(result, 40) or "–")


def _spf(view: View, auth: MessageAuthentication) -> tuple[str, Markup]:
    check = auth.spf.mail_from
    if check is None:
        return "open", _box("SPF", "", view.words(words.NOT_CHECKED))
    client = words.client(view.page, auth.spf.envelope)
    result = check.result.result
    about = [el("code", safe(check.domain, NAME)), " ", client, _belongs(view, auth, "spf", check.domain, result)]
    return words.joined(auth, "spf", check.domain, result), _box("SPF", result, *about)


def _signed(view: View, auth: MessageAuthentication, domain: str, selector: str, result: str) -> Markup:
    name = el("code", view.words(SIGNED_BY, domain=domain, selector=selector))
    return join((name, _belongs(view, auth, "dkim", domain, result)))


def _belongs(view: View, auth: MessageAuthentication, mechanism: str, domain: str, result: str) -> Markup | None:
    told = words.alignment(view.page, auth, mechanism, domain, result)
    return el("div", told, class_="quiet") if told else None


def _dmarc(view: View, auth: MessageAuthentication) -> Markup | None:
    dmarc = auth.dmarc
    if dmarc is None:
        return None
    policy = dmarc.policy.policy if dmarc.policy else None
    about: list[Child] = [el("code", safe(dmarc.author_domain, NAME))]
    if policy:
        about += [" ", view.words(words.ASKS_FOR, policy=f"p={policy}")]
    older = auth.dmarc_7489
    if older is not None and older.result != dmarc.result:
        about += [" · RFC 7489: ", _word(older.result)]
    return el("div", el("strong", "DMARC"), " ", _word(dmarc.result), el("div", *about), class_="box result")


def _receiver(view: View, one: Checklist) -> Markup:
    judged = [item for item in one.items if item.state in (State.MET, State.NOT_MET)]
    met = sum(item.state is State.MET for item in judged)
    failed = met < len(judged)
    kind = "bad" if failed else "good" if judged else "open"
    told = view.words(words.MET_OF, met=met, all=len(judged)) if judged else view.words(STATE_WORDS[State.UNKNOWN])
    name = one.receiver.name.format(view.lang)
    summary = join(
        (
            mark(kind),
            el("strong", name),
            el("span", told, class_="quiet"),
            pips([_STATES[item.state] for item in one.items], f"{name}: {told}"),
        )
    )
    rows = (
        marked(_STATES[item.state], view.words(STATE_WORDS[item.state]), _requirement(view, one, item))
        for item in one.items
    )
    return fold(summary, marked_items(rows), opened=failed, class_=f"provider {kind}")


def _requirement(view: View, one: Checklist, item: Held) -> Markup:
    requirement = item.requirement
    parts: list[Child] = [requirement.label.format(view.lang)]
    if requirement.applies is Applies.BULK:
        volume = one.receiver.volume
        told = (
            view.words(words.IF_BULK, n=words.thousands(view.lang, volume))
            if volume
            else view.words(words.IF_BULK_UNKNOWN)
        )
        parts.append(el("span", f"({told})", class_="quiet"))
    if item.because:
        parts.append(codes(item.because))
    if requirement.reply and item.state is State.NOT_MET:
        refusal = view.words(words.REFUSAL, reply=requirement.reply)
        parts.append(el("span", f"({refusal})", class_="quiet"))
    return join(parts, " ")


def _route(view: View, trace: Trace) -> Markup:
    hops = list(reversed(trace.hops))
    shown = hops[:_MOST_HOPS]
    rows = [
        el("li", stop(_kind(hop), first=index == 0, last=index == len(shown) - 1), el("div", _hop(view, hop)))
        for index, hop in enumerate(shown)
    ]
    more = len(hops) - len(shown) + trace.not_read
    rest = el("p", view.words(words.HOPS_MORE, n=more), class_="quiet") if more > 0 else None
    return join((el("ol", *rows, class_="route"), rest))


def _kind(hop: Hop) -> str:
    return "open" if hop.tls is None else "good" if hop.tls else "bad"


def _hop(view: View, hop: Hop) -> Markup:
    client = " ".join(
        str(part) for part in (hop.helo or hop.reverse_name, f"[{hop.client}]" if hop.client else None) if part
    )
    way = join((el("code", safe(client, NAME) or "–"), " → ", el("code", safe(hop.by or "–", NAME))))
    notes: list[Child] = []
    if hop.tls is not None:
        version = f" {safe(hop.tls_version, 40)}" if hop.tls_version else ""
        notes.append(chip(_kind(hop), view.words(words.ENCRYPTED if hop.tls else words.IN_CLEAR), version))
    if hop.delay is not None:
        notes.append(el("span", _duration(hop.delay), class_="quiet"))
    return join((way, join(notes, " ")), " ")


def _duration(seconds: float) -> str:
    """A time with its sign in the unit that people would take; the units are those of both languages."""
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if abs(seconds) >= 2 * size:
            return f"{seconds / size:+.0f}\u00a0{unit}"
    return f"{seconds:+.0f}\u00a0s"


def _claims(view: View, claims: Claims) -> Markup:
    parts: list[Child] = []
    for believed, group in ((True, claims.trusted), (False, claims.untrusted)):
        for claim in group[:_MOST_CLAIMS]:
            name = safe(claim.said.authserv_id, NAME) or "–"
            told = view.words(words.BELIEVED if believed else words.NOT_BELIEVED)
            rows = [_claimed(result) for result in claim.said.results[:_MOST_RESULTS]]
            head = [view.words(METHOD), view.words(RESULT), view.words(ABOUT)]
            parts.append(
                fold(
                    join((el("strong", name), " ", el("span", told, class_="quiet"))),
                    table(head, rows) if rows else None,
                    opened=believed,
                )
            )
    return join(parts)


def _claimed(result: MethodResult) -> list[Child]:
    about = " ".join(f"{p.type}.{p.name}={p.value}" for p in result.properties[:4])
    return [safe(result.method, 40), _word(result.result), el("span", safe(about, NAME), class_="quiet")]


def _verdicts(view: View, verdicts: Iterable[Verdict]) -> Markup | None:
    """What the filters on the way wrote into the header, with our codes for their rules."""
    rows: list[list[Child]] = []
    for verdict in list(verdicts)[:_MOST_RESULTS]:
        believed = view.words(words.BELIEVED if verdict.trusted else words.NOT_BELIEVED)
        numbers = "" if verdict.score is None else view.number(verdict.score)
        if verdict.threshold is not None:
            numbers += f" / {view.number(verdict.threshold)}"
        kind = "bad" if verdict.spam else "open" if verdict.spam is None else "good"
        about = [f"{name}={value}" for name, value in verdict.details[:8]]
        for symbol in verdict.symbols[:_MOST_SYMBOLS]:
            points = f" {view.number(symbol.score, sign=True)}" if symbol.score is not None else ""
            code = f" ({symbol.meaning_code})" if symbol.meaning_code else ""
            about.append(f"{symbol.name}{points}{code}")
        name = join((safe(verdict.system, NAME), " ", el("span", believed, class_="quiet")))
        word = join((chip(kind, safe(verdict.verdict, 60) or "–"), numbers), " ")
        rows.append([name, word, el("span", ", ".join(safe(item, ARGUMENT) for item in about), class_="quiet")])
    if not rows:
        return None
    return table([view.words(FILTER), view.words(RESULT), view.words(SYMBOLS)], rows)


def _filter(view: View, verdict: FilterVerdict) -> Markup:
    name = el("h3", safe(verdict.system, NAME))
    if verdict.problem:
        problem = view.words(words.FILTER_FAILED, problem=verdict.problem)
        return join((name, marked_items([marked("open", "", problem)])))
    told = view.words(
        words.FILTER_SAID,
        score=float(verdict.score or 0),
        threshold=float(verdict.threshold or 0),
        action=verdict.action or "–",
    )
    kind = "bad" if verdict.is_spam else "good"
    fired = [symbol for symbol in verdict.symbols if symbol.score][:_MOST_SYMBOLS]
    rows: list[list[Child]] = [
        [
            el("code", safe(symbol.name, ARGUMENT)),
            view.number(symbol.score, sign=True),
            join((safe(symbol.description, NAME), codes((symbol.code,)) if symbol.code else None), " "),
        ]
        for symbol in fired
    ]
    head = [view.words(SYMBOLS), view.words(POINTS), view.words(ABOUT)]
    found = table(head, rows) if rows else el("p", view.words(words.NO_SYMBOLS), class_="quiet")
    return join((name, marked_items([marked(kind, "", told)]), found))
