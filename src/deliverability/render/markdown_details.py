"""The tables of a Markdown report: what could not be told, a mail's authentication and providers, lists, SPF and DMARC."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from deliverability.core.report import Report
from deliverability.core.text import Text
from deliverability.dmarc.discovery import DmarcPolicy, PolicyState
from deliverability.dmarc.effective import acted
from deliverability.dmarc.facts import DmarcFacts
from deliverability.dmarc.message import MessageAuthentication
from deliverability.dnsbl.facts import BlocklistFacts
from deliverability.dnsbl.listing import Listing
from deliverability.dnsbl.listing import State as ListState
from deliverability.feedback.facts import Reputation, Window, windows
from deliverability.filters.verdict import FilterVerdict
from deliverability.providers.receivers import Applies, Checklist, Checklists, Held, State
from deliverability.render import blocklists, dmarc_table, message, reputation, words
from deliverability.render.markdown_table import table
from deliverability.render.markdown_text import Markdown, code, escape, escape_outside, fence, prose
from deliverability.render.page import PASS_MARK, Page, text_console
from deliverability.render.pictures import print_spf_tree
from deliverability.render.todo import ROLL_UPS
from deliverability.spf.tree_model import SpfTree

NOT_TOLD = Text("What could not be told", "Lo que no se ha podido saber")
_RESULT = Text("Result", "Resultado")
_PROOFS = (Text("Method", "Método"), _RESULT, Text("Domain", "Dominio"), Text("With From", "Con el From"))
_ASKED = (Text("Provider", "Proveedor"), Text("Requirements", "Requisitos"), Text("What is missing", "Qué falta"))
_LIST, _ABOUT, _MEANING = Text("List", "Lista"), Text("About", "Sobre"), Text("Meaning", "Significado")
_RECEIVER, _SAYS = Text("Receiver", "Receptor"), Text("Says", "Dice")
_FILTER, _RULES = Text("Filter", "Filtro"), Text("Rules", "Reglas")
_OF_DOMAIN = Text("SPF and DMARC of the domain", "SPF y DMARC del dominio")
_MARKS = {"good": "✅", "bad": "❌", "warn": "⚠️", "open": "❔"}
_LIST_ORDER = (ListState.LISTED, ListState.DEAD, ListState.REFUSED, ListState.UNKNOWN)
_MOST_REASONS, _MOST_CODES = 12, 12
_MOST_ROWS = 40
_MOST_SYMBOLS = 8
_TREE_WIDTH = 100


def details_lines(page: Page, report: Report) -> Iterator[str]:
    """What a report shows beside its findings."""
    details = report.details
    auth, lists = details.get("authentication"), details.get("checklists")
    if isinstance(auth, MessageAuthentication):
        yield from _titled(page, message.AUTHENTICATION, _PROOFS, _authentication(page, auth))
    if isinstance(lists, Checklists):
        yield from _titled(page, message.RECEIVERS, _ASKED, (_provider(page, one) for one in lists.lists))
    filters: Sequence[FilterVerdict] = details.get("filters") or ()
    yield from _titled(page, message.FILTERS, (_FILTER, _RESULT, _RULES), (_filter(page, one) for one in filters))
    facts, told = details.get("blocklists"), details.get("reputation")
    if isinstance(facts, BlocklistFacts):
        yield from _blocklists(page, facts)
    if isinstance(told, Reputation):
        yield from _titled(page, reputation.TITLE, (_RECEIVER, _ABOUT, _SAYS), _reputation(page, told))
    yield from _domain(page, report)


def not_told_lines(page: Page, report: Report) -> Iterator[str]:
    """What could not be told, once for each reason, with the checks that wait for it."""
    reasons: dict[str, dict[str, None]] = {}
    for rule, outcome in report.unknowns:
        if rule.code.startswith(ROLL_UPS):  # they have a table of their own
            continue
        reasons.setdefault(prose(outcome.because, page.lang, outside=True), {})[rule.code] = None
    if not reasons:
        return
    yield from (f"### {prose(NOT_TOLD, page.lang)}", "")
    for reason, codes in list(reasons.items())[:_MOST_REASONS]:
        yield f"- ❔ {reason} ({_some(page, list(codes), _MOST_CODES)})"
    more = len(reasons) - _MOST_REASONS
    yield from ([f"- {prose(reputation.MORE, page.lang, {'n': more})}"] if more > 0 else [])
    yield ""


def _some(page: Page, labels: Sequence[str], most: int) -> str:
    shown = Markdown(", ".join(labels[:most]))
    more = len(labels) - most
    return prose(words.LABELS_MORE, page.lang, {"labels": shown, "n": more}) if more > 0 else shown


def _titled(page: Page, title: Text, heads: Sequence[Text], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """A table below its title, cut with a word; nothing without rows."""
    listed = list(rows)
    if not listed:
        return
    yield from (f"### {prose(title, page.lang)}", "")
    yield from table([prose(head, page.lang) for head in heads], listed[:_MOST_ROWS])
    more = len(listed) - _MOST_ROWS
    yield from ([str(prose(reputation.MORE, page.lang, {"n": more})), ""] if more > 0 else [])


def _authentication(page: Page, auth: MessageAuthentication) -> Iterator[Sequence[str]]:
    check = auth.spf.mail_from
    if check is None:
        yield "SPF", "–", prose(message.NOT_CHECKED, page.lang), ""
    else:
        result = check.result.result
        yield "SPF", _word(result), code(check.domain), _joined(page, auth, "spf", check.domain, result)
    for signature in auth.dkim.results:
        joined = _joined(page, auth, "dkim", signature.domain, signature.result)
        yield "DKIM", _word(signature.result), code(signature.domain), joined
    if not auth.dkim.results:
        yield "DKIM", _word("none"), prose(message.NO_SIGNATURE, page.lang), ""
    if auth.dmarc is not None:
        policy = auth.dmarc.policy.policy if auth.dmarc.policy else None
        asked = prose(message.ASKS_FOR, page.lang, {"policy": f"p={policy}"}) if policy else ""
        yield "DMARC", _word(auth.dmarc.result), code(auth.dmarc.author_domain), asked


def _joined(page: Page, auth: MessageAuthentication, mechanism: str, domain: str, result: str) -> str:
    kind = message.joined(auth, mechanism, domain, result)
    return f"{_MARKS[kind]} {prose(message.JOINS[kind], page.lang)}"


def _word(result: str) -> str:
    mark = "✅ " if result == "pass" else "❌ " if result in ("fail", "permerror", "softfail") else ""
    return f"{mark}{code(result)}"


def _provider(page: Page, one: Checklist) -> Sequence[str]:
    judged = [item for item in one.items if item.state in (State.MET, State.NOT_MET)]
    met = sum(item.state is State.MET for item in judged)
    kind = "bad" if met < len(judged) else "good" if judged else "open"
    told = prose(message.MET_OF, page.lang, {"met": met, "all": len(judged)}) if judged else "–"
    missing = [_requirement(page, one, item) for item in one.items if item.state is State.NOT_MET]
    unknown = [_requirement(page, one, item) for item in one.items if item.state is State.UNKNOWN]
    said = [f"{mark} {item}" for mark, items in (("❌", missing), ("❔", unknown)) for item in items]
    return escape(one.receiver.name.format(page.lang)), f"{_MARKS[kind]} {told}", "; ".join(said)


def _requirement(page: Page, one: Checklist, item: Held) -> str:
    notes: list[str] = []
    if item.requirement.applies is Applies.BULK:
        volume = one.receiver.volume
        n = Markdown(message.thousands(page.lang, volume)) if volume else ""
        notes.append(prose(message.IF_BULK if volume else message.IF_BULK_UNKNOWN, page.lang, {"n": n}))
    notes += item.because
    if item.requirement.reply and item.state is State.NOT_MET:
        notes.append(prose(message.REFUSAL, page.lang, {"reply": item.requirement.reply}))
    label = prose(item.requirement.label, page.lang)
    return f"{label} ({'; '.join(notes)})" if notes else label


def _filter(page: Page, one: FilterVerdict) -> Sequence[str]:
    if one.problem:
        return code(one.system), f"❔ {prose(message.FILTER_FAILED, page.lang, {'problem': one.problem})}", ""
    said = prose(
        message.FILTER_SAID,
        page.lang,
        {"score": float(one.score or 0), "threshold": float(one.threshold or 0), "action": one.action or "–"},
    )
    fired = [symbol for symbol in one.symbols if symbol.score]
    rules = [f"{code(symbol.name)} {symbol.score:+g}" for symbol in fired]
    told = _some(page, rules, _MOST_SYMBOLS) if rules else prose(message.NO_SYMBOLS, page.lang)
    return code(one.system), f"{'❌' if one.is_spam else '✅'} {said}", told


def _blocklists(page: Page, facts: BlocklistFacts) -> Iterator[str]:
    """Those that say something in a table, those on which nothing stands in a line for each target."""
    clear = [one for one in facts.listings if one.state is ListState.CLEAR]
    rest = sorted((one for one in facts.listings if one not in clear), key=lambda one: _LIST_ORDER.index(one.state))
    if not facts.listings:
        return
    rows = [_listing(page, group) for group in blocklists.together(rest)]
    if rows:
        yield from _titled(page, blocklists.TITLE, (_ABOUT, _LIST, _RESULT, _MEANING), rows)
    else:
        yield from (f"### {prose(blocklists.TITLE, page.lang)}", "")
    for target in list(dict.fromkeys(one.target for one in clear))[:_MOST_ROWS]:
        names = [str(code(one.list.name)) for one in clear if one.target == target]
        word = prose(blocklists.STATES[ListState.CLEAR], page.lang)
        yield from (f"✅ {code(target)} {word}: {', '.join(names)}", "")


def _listing(page: Page, group: Sequence[Listing]) -> Sequence[str]:
    one = group[0]
    allowed = blocklists.is_allowed(one)
    listed = one.state is ListState.LISTED and not allowed
    word = prose(blocklists.ALLOWED if allowed else blocklists.STATES[one.state], page.lang)
    said = one.meaning if one.state is ListState.LISTED else one.because
    about = [prose(said, page.lang, outside=True)] if said else []
    if one.state is ListState.LISTED:
        about += [code(", ".join(one.answers[:10])), code(one.reason)]
    if listed and one.list.delist:
        about.append(prose(blocklists.REMOVAL, page.lang, {"page": one.list.delist}))
    mark = "❌" if listed else "✅" if allowed else "❔"
    names = ", ".join(code(same.list.name) for same in group)
    return code(one.target), names, f"{mark} {word}", " ".join(part for part in about if part)


_REPUTATION_MARKS: Mapping[str, str] = {PASS_MARK[0]: "✅", "✗": "❌", "!": "⚠️"}


def _reputation(page: Page, facts: Reputation) -> Iterator[Sequence[str]]:
    for view in windows(facts.days):
        mark = _REPUTATION_MARKS[reputation.mark_of(view)[0]]
        about = code(view.subject) or prose(reputation.THIS, page.lang)
        yield f"{mark} {code(view.receiver)}", about, _days(page, view)
    for _, block in facts.blocks:
        word = prose(reputation.BLOCKED if block.blocked else reputation.JUNKED, page.lang)
        mark = "❌" if block.blocked else "⚠️"
        yield f"{mark} {code(block.receiver)}", code(block.shown), f"{word}: {code(block.reason)}"
    for _, need in facts.requirements:
        word = prose(reputation.MET if need.met else reputation.UNMET, page.lang)
        yield f"{'✅' if need.met else '❌'} {code(need.receiver)}", code(need.domain), f"{code(need.name)}: {word}"
    for file in facts.files:
        for one in file.refusals:
            whose = code(str(one.address)) if one.address else ""
            yield f"❌ {code(one.receiver)}", whose, f"{code(one.code)}: {prose(one.meaning, page.lang)}"


def _days(page: Page, view: Window) -> str:
    newest, worst = view.days[0], view.worst(30)
    rate = worst.complaints if worst is not None else None
    traps = sum(day.trap_hits or 0 for day in view.days)
    parts = [
        code(newest.word),
        prose(reputation.COMPLAINTS, page.lang, {"rate": rate.text})
        if rate is not None
        else prose(reputation.NO_COMPLAINTS, page.lang),
        prose(reputation.TRAPS, page.lang, {"n": traps}) if traps else "",
        prose(reputation.DAYS, page.lang, {"n": len(view.days), "day": Markdown(newest.day)}) if newest.day else "",
    ]
    return " · ".join(part for part in parts if part)


def _domain(page: Page, report: Report) -> Iterator[str]:
    """The SPF tree with its running count and the policies, folded away."""
    tree, dmarc = report.details.get("spf_tree"), report.details.get("dmarc")
    lines = _tree(page, tree) if isinstance(tree, SpfTree) and tree.root.terms else []
    lines += _policies(page, dmarc) if isinstance(dmarc, DmarcFacts) and dmarc_table.is_known(dmarc) else []
    if lines:
        # A summary is HTML, in which no code would make outside text inert.
        yield from (f"<details><summary>{_OF_DOMAIN.format(page.lang)}</summary>", "", *lines, "</details>", "")


def _tree(page: Page, tree: SpfTree) -> list[str]:
    drawn = Page(text_console(_TREE_WIDTH, color=False), page.lang)
    print_spf_tree(drawn, tree)
    title, *lines = drawn.result().splitlines()
    return [escape(title.strip()) + ":", "", *fence(lines), ""] if lines else []


def _policies(page: Page, facts: DmarcFacts) -> list[str]:
    rows = [
        (
            prose(dmarc_table.SUBJECTS[row.subject], page.lang, {"name": facts.name}),
            _policy(page, row.rfc9989),
            _policy(page, row.rfc7489),
        )
        for row in facts.effective
    ]
    told = table([prose(dmarc_table.WHOSE, page.lang), "RFC 9989", "RFC 7489"], rows)
    if facts.policy.found_at is not None and facts.policy.record is not None:
        at = prose(dmarc_table.FOUND_AT, page.lang, {"name": Markdown(escape_outside(facts.policy.found_at))})
        told += [f"{at}: {code(facts.policy.record.text)}", ""]
    return [f"{prose(dmarc_table.TITLE, page.lang)}:", "", *told] if told else []


def _policy(page: Page, policy: DmarcPolicy) -> str:
    if policy.state is PolicyState.TEMPERROR:
        return f"❔ {prose(dmarc_table.NO_ANSWER, page.lang)}"
    word = acted(policy)
    return code(word) if word else f"⚠️ {prose(dmarc_table.NOTHING, page.lang)}"
