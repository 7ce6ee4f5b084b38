"""What a proposed change does to each source of mail, as sections: a table, and a sentence for every source it touches."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from deliverability.audits.effects import BeforeAfter, Effect, Effects, Verdict
from deliverability.audits.senders import KeyState, Open, Outcome, Sender, SenderKind
from deliverability.core.limits import DEFAULT_LIMITS
from deliverability.core.report import Report
from deliverability.core.text import Lang, Text
from deliverability.render import sender_words as texts
from deliverability.render import words
from deliverability.render.comparison_model import (
    BAD,
    GOOD,
    NONE,
    NOTE,
    OPEN,
    WARN,
    Document,
    Grid,
    Line,
    Row,
    Say,
    Section,
    say,
    sections,
)
from deliverability.render.safe import sentence
from deliverability.spf.result import SpfFailureKind
from deliverability.spf.texts import failure_text

MARKS = {
    Verdict.STOPS: BAD,
    Verdict.WORSE: WARN,
    Verdict.UNTOLD: OPEN,
    Verdict.CHANGES: NOTE,
    Verdict.BETTER: GOOD,
    Verdict.SAME: GOOD,
    Verdict.FAILS: NONE,
}


def change_document(subject: str, change: BeforeAfter) -> Document:
    """Everything that is said of a proposed change."""
    return Document(
        say(texts.TITLE, subject=subject),
        _verdict(change),
        (*_sections(change.effects), *sections(change.comparison)),
    )


def _verdict(change: BeforeAfter) -> Line:
    effects = change.effects
    stops, verdicts = effects.stops, {effect.verdict for effect in effects.effects}
    if stops:
        mark, says = BAD, say(texts.STOPS_ONE) if len(stops) == 1 else say(texts.STOPS_MANY, n=len(stops))
    elif Verdict.UNTOLD in verdicts:
        mark, says = OPEN, say(texts.UNTOLD)
    elif Verdict.WORSE in verdicts:
        mark, says = WARN, say(texts.WORSE)
    else:
        same = verdicts <= {Verdict.SAME, Verdict.FAILS} and change.comparison.is_empty
        mark, says = GOOD, say(texts.NOTHING if same else texts.FINE)
    return Line(mark, (says,), below=tuple(_figures(change)))


def _figures(change: BeforeAfter) -> Iterator[Say]:
    effects, comparison = change.effects, change.comparison
    before, after = (texts.NO_ANSWER if n is None else n for n in effects.lookups)
    limit = DEFAULT_LIMITS.spf_lookups
    same = effects.lookups[0] == effects.lookups[1]
    yield say(texts.LOOKUPS_SAME if same else texts.LOOKUPS, before=before, after=after, limit=limit)
    old, new = (_policy(word) for word in effects.policy)
    yield say(texts.POLICY_SAME if old == new else texts.POLICY, before=old, after=new)
    if comparison.before is not None and comparison.after is not None:
        scores = [s.score if s.score is not None else "–" for s in (comparison.before, comparison.after)]
        if scores[0] != scores[1]:
            yield say(texts.SCORE, before=scores[0], after=scores[1])


def _policy(word: str) -> Text | str:
    return texts.NO_ANSWER if word == "temperror" else word or texts.NO_POLICY


def _sections(effects: Effects) -> Iterator[Section]:
    rows = tuple(_row(effect) for effect in effects.effects if effect.sender.kind is not SenderKind.RECEIVING)
    if rows:
        yield Section(say(texts.EACH), grid=Grid(texts.HEAD, rows))
    lines = tuple(line for effect in effects.effects if (line := _line(effects, effect)) is not None)
    if lines:
        yield Section(say(texts.WHAT), lines)


# --- the table --------------------------------------------------------------------------------------------------------


def who(sender: Sender) -> Say:
    """What a source is called."""
    owner = sender.provider
    if sender.kind is SenderKind.ADDRESS:
        return say(texts.SERVER, ip=sender.label)
    if sender.kind is SenderKind.KEY:
        if owner is None:
            return say(texts.DKIM, selector=sender.label)
        return say(texts.DKIM_OF, selector=sender.label, name=owner.name)
    if sender.kind is SenderKind.RECEIVING:
        return say(texts.REPLIES)
    return say(texts.KINDS[owner.kind], name=owner.name) if owner is not None else say(texts.TERM, term=sender.label)


def note(sender: Sender) -> Say | None:
    """What stands below its name."""
    ip = str(sender.ip) if sender.ip is not None else ""
    if sender.kind is SenderKind.INCLUDE and sender.provider is not None:
        return say(texts.IN_TERM, term=sender.label, ip=ip) if ip else say(texts.PLAIN_NOTE, term=sender.label)
    if sender.kind is SenderKind.PROVIDER:
        return say(texts.NO_INCLUDE)
    if sender.kind is SenderKind.INCLUDE or (sender.kind is SenderKind.TERM and ip not in sender.label):
        return say(texts.BY, ip=ip) if ip else None
    return None


def _row(effect: Effect) -> Row:
    old, new, sender = effect.before, effect.after, effect.sender
    if sender.kind is SenderKind.KEY:
        keys = [texts.KEYS[outcome.key or KeyState.UNTOLD] for outcome in (old, new)]
        cells = (who(sender), say(texts.DASH), _pair(*keys), say(texts.DASH))
    else:
        spf = _pair(*(outcome.spf or texts.DASH for outcome in (old, new)))
        cells = (who(sender), spf, _pair(_signs(old), _signs(new)), _pair(_dmarc(old), _dmarc(new)))
    return Row(MARKS[effect.verdict], cells, note(sender))


def _pair(before: Text | str, after: Text | str) -> Say:
    return say(texts.CELL, word=after) if before == after else say(texts.BOTH, before=before, after=after)


def _hosts(outcome: Outcome) -> Text | str:
    if outcome.hosts is None:
        return texts.NO_ANSWER
    return ", ".join(outcome.hosts[:2]) + (", …" if len(outcome.hosts) > 2 else "") if outcome.hosts else texts.NO_MX


def _signs(outcome: Outcome) -> Text | str:
    return ", ".join(outcome.selectors[:2]) if outcome.selectors else texts.DASH


def _dmarc(outcome: Outcome) -> Text | str:
    if outcome.dmarc == "fail" and outcome.disposition:
        return Text(*(texts.FAIL_WITH.format(lang, {"policy": outcome.disposition}) for lang in ("en", "es")))
    return outcome.dmarc or texts.DASH


# --- the sentences ----------------------------------------------------------------------------------------------------


def _line(effects: Effects, effect: Effect) -> Line | None:
    """The sentence for a source that the change touches, what follows, and who acts."""
    if effect.verdict in (Verdict.SAME, Verdict.FAILS):
        return None
    kind = effect.sender.kind
    if effect.verdict is Verdict.UNTOLD:
        text = texts.SENDER_BY_MESSAGE if effect.open is Open.BY_MESSAGE else texts.SENDER_UNTOLD
        told = [say(text, who=_name(effect))]
    elif kind is SenderKind.KEY:
        told = list(_key_sentences(effect))
    elif kind is SenderKind.RECEIVING:
        told = [_mx_sentence(effect)]
    else:
        told = list(_mail_sentences(effects, effect))
    if not told:
        return None
    below = (*told[1:], *_advice(effects, effect))
    return Line(MARKS[effect.verdict], (told[0],), below=below)


def _name(effect: Effect) -> Text | str:
    """What a source is called within a sentence; a term is outside text."""
    sender = effect.sender
    if sender.kind in (SenderKind.INCLUDE, SenderKind.TERM) and sender.provider is None:
        return sender.label
    label = who(sender)
    return Text(label.text.format("en", label.args), label.text.format("es", label.args))


def _mail_sentences(effects: Effects, effect: Effect) -> Iterator[Say]:
    old, new, name = effect.before, effect.after, _name(effect)
    stops = old.spf == "pass" and new.spf not in ("pass", "temperror")
    if stops:
        yield _stops(effects, effect, name)
        yield from _then(effect)
    elif new.refused and not old.refused:
        yield say(texts.REFUSED[new.disposition], who=name)
        sender = effect.sender
        if old.spf == "pass" and sender.mail_from is not None:
            yield say(texts.UNALIGNED, domain=sender.mail_from)
    elif effect.verdict is Verdict.WORSE:
        if new.refused:
            yield say(texts.POLICY_WORSE, who=name, before=old.disposition, after=new.disposition)
        elif _loses_keys(effect):
            yield say(texts.DKIM_WORSE, who=name)
        else:
            yield say(texts.SPF_WORSE, who=name, before=old.spf, after=new.spf)
    elif effect.verdict is Verdict.BETTER:
        yield say(texts.BETTER_SPF if new.spf == "pass" and old.spf != "pass" else texts.BETTER, who=name)


def _stops(effects: Effects, effect: Effect, name: Text | str) -> Say:
    new = effect.after
    problem = new.spf_result.problem if new.spf_result is not None else None
    if problem is not None and problem.kind is SpfFailureKind.TOO_MANY_LOOKUPS:
        n, limit = effects.lookups[1] or 0, DEFAULT_LIMITS.spf_lookups
        return say(texts.STOPS_LOOKUPS, who=name, result=new.spf, n=n, limit=limit)
    if problem is not None:
        return say(texts.STOPS_WHY, who=name, result=new.spf, why=failure_text(problem))
    if effect.removed:
        return say(texts.STOPS_REMOVED, who=name, result=new.spf, term=effect.removed)
    return say(texts.STOPS, who=name, result=new.spf)


def _then(effect: Effect) -> Iterator[Say]:
    """What becomes of DMARC once SPF does not pass."""
    sender, new = effect.sender, effect.after
    if sender.mail_from is None and sender.provider is not None:
        yield say(texts.NOT_NEEDED, name=sender.provider.name)
    if new.by_dkim:
        yield say(texts.STILL_DKIM, selectors=", ".join(new.selectors))
    elif new.dmarc == "fail" and new.disposition in texts.THEN:
        yield say(texts.THEN[new.disposition])


def _key_sentences(effect: Effect) -> Iterator[Say]:
    name, state = _name(effect), effect.after.key or KeyState.UNTOLD
    if effect.verdict is Verdict.BETTER:
        yield say(texts.KEY_BETTER, who=name)
    elif effect.verdict in (Verdict.STOPS, Verdict.WORSE):
        yield (
            say(texts.KEY_MISSING, who=name)
            if state is KeyState.MISSING
            else say(texts.KEY_STOPS, who=name, state=texts.KEYS[state])
        )
        if effect.verdict is Verdict.WORSE:
            yield say(texts.OTHERS)


def _mx_sentence(effect: Effect) -> Say:
    if not effect.after.hosts:
        return say(texts.MX_GONE)
    if not effect.before.hosts:
        return say(texts.MX_NEW, after=_hosts(effect.after))
    return say(texts.MX_MOVED, before=_hosts(effect.before), after=_hosts(effect.after))


def _advice(effects: Effects, effect: Effect) -> Iterator[Say]:
    """Who acts, and how; nothing for what gets better."""
    if effect.verdict not in (Verdict.STOPS, Verdict.WORSE):
        return
    yield say(texts.WHO_DNS, actor=words.ACTORS[effect.actor])
    if effect.sender.kind is SenderKind.KEY:
        yield say(texts.KEEP_KEY)
    elif effect.sender.kind is not SenderKind.RECEIVING:
        problem = effect.after.spf_result.problem if effect.after.spf_result is not None else None
        if problem is not None and problem.kind is SpfFailureKind.TOO_MANY_LOOKUPS:
            yield say(texts.FIX_LOOKUPS)
        elif effect.removed:
            yield say(texts.KEEP_TERM)
        elif effect.after.refused and effect.before.spf != "pass":
            yield say(texts.SIGN_FIRST)
        elif _loses_keys(effect):
            yield say(texts.KEEP_KEYS)


def _loses_keys(effect: Effect) -> bool:
    """Whether it is worse off by its keys alone."""
    old, new = effect.before, effect.after
    return effect.verdict is Verdict.WORSE and old.spf == new.spf and old.by_dkim and not new.by_dkim


class Stop(NamedTuple):
    """A source that the change would stop, for formats that have no table: escaped, on one line each."""

    name: str
    title: str
    #: What follows, who acts and how.
    advice: str


def stops(report: Report, lang: Lang) -> list[Stop]:
    """The sources that the proposal of this report would stop; none for any other report."""
    change = report.details.get("before_after")
    if not isinstance(change, BeforeAfter):
        return []
    found = []
    for effect in change.effects.stops:
        line, label = _line(change.effects, effect), who(effect.sender)
        said = [sentence(one.text, lang, one.args) for one in (*line.says, *line.below)] if line is not None else []
        name = sentence(label.text, lang, label.args)
        found.append(Stop(name, said[0] if said else name, " ".join(said[1:])))
    return found


def change_json(change: BeforeAfter) -> dict[str, object]:
    """The table as plain data; texts in both languages."""
    effects = change.effects
    return {
        "dmarc_policy": {"after": effects.policy[1] or None, "before": effects.policy[0] or None},
        "lookups": {"after": effects.lookups[1], "before": effects.lookups[0]},
        "senders": [_effect_json(effects, effect) for effect in effects.effects],
        "stops": len(effects.stops),
    }


def _effect_json(effects: Effects, effect: Effect) -> dict[str, object]:
    sender, line = effect.sender, _line(effects, effect)
    said = (*line.says, *line.below) if line is not None else ()
    return {
        "after": _outcome_json(effect.after),
        "before": _outcome_json(effect.before),
        "ip": str(sender.ip) if sender.ip is not None else None,
        "kind": sender.kind.value,
        "label": sender.label,
        "provider": sender.provider.id if sender.provider is not None else None,
        "text": _joined(said) if said else None,
        "verdict": effect.verdict.value,
    }


def _joined(said: tuple[Say, ...]) -> dict[str, str]:
    return {
        "en": " ".join(one.text.format("en", one.args) for one in said),
        "es": " ".join(one.text.format("es", one.args) for one in said),
    }


def _outcome_json(outcome: Outcome) -> dict[str, object]:
    return {
        "disposition": outcome.disposition or None,
        "dkim": outcome.key.value if outcome.key is not None else None,
        "dmarc": outcome.dmarc or None,
        "mx": list(outcome.hosts) if outcome.hosts is not None else None,
        "selectors": list(outcome.selectors),
        "spf": outcome.spf or None,
    }
