"""Parts of a report as fragments for a notebook: an SPF tree, a listing, scored subjects, each with the style sheet."""

from __future__ import annotations

from deliverability.core.text import Lang, Text
from deliverability.dnsbl.listing import Listing
from deliverability.render import subject as words
from deliverability.render.html import fragment
from deliverability.render.html_blocklists import listing_table
from deliverability.render.html_domain import spf
from deliverability.render.html_markup import Child, Markup, el, join
from deliverability.render.html_parts import ARGUMENT, NAME, View, chip, items, labelled, section, table
from deliverability.render.html_pictures import mark
from deliverability.render.safe import safe
from deliverability.spf.tree_model import SpfTree
from deliverability.subjects.model import Band, Contribution, EngineEffect, SubjectScore
from deliverability.subjects.scoring import SubjectBatch

_KINDS = {Band.LOW: "good", Band.MEDIUM: "warn", Band.HIGH: "bad"}
_MOST = 12
_MOST_SUBJECTS = 100
SUBJECT, RISK = Text("Subject", "Asunto"), Text("Risk", "Riesgo")
MORE = Text("{n} more; to_rows() has all", "{n} más; to_rows() los tiene todos")


def render_part(part: object, *, lang: Lang = "en") -> str:
    """The fragment; raises `TypeError` for what is no part of a report."""
    view = View.of(lang)
    match part:
        case SpfTree():
            inside = section(f"SPF: {safe(part.domain, NAME)}", spf(view, part))
        case Listing():
            inside = section(safe(part.target, NAME), listing_table(view, [part]))
        case SubjectScore():
            inside = _subject(view, part)
        case SubjectBatch():
            inside = _batch(view, part)
        case _:
            raise TypeError(f"{type(part).__name__} is no part of a report")
    return fragment(inside, lang)


def _subject(view: View, score: SubjectScore) -> Markup:
    kind = _KINDS[score.band]
    band = words.BANDS[score.band][0]
    risk = view.words(words.RISK, band=band, risk=words.number_text(score.risk, view.page))
    told = [c for c in score.contributions if c.source != "base" and c.points][:_MOST]
    rows: list[tuple[str, Child]] = []
    if told:
        rows.append((view.words(words.WHY), items(_contribution(view, entry) for entry in told)))
    if score.engine_effects:
        effects = score.engine_effects[:_MOST]
        rows.append((view.words(words.FILTERS), items(_effect(view, effect) for effect in effects)))
    if score.suggestions:
        better = items(el("strong", safe(s.text, NAME)) for s in score.suggestions[:_MOST])
        rows.append((view.words(words.BETTER), better))
    return section(
        f"«{safe(score.subject, NAME)}»",
        el("p", chip(kind, mark(kind), " ", risk)),
        labelled(rows) if rows else None,
        el("p", view.words(words.DISCLAIMER), class_="quiet"),
    )


def _batch(view: View, batch: SubjectBatch) -> Markup:
    """The subjects in their order with the strongest reason each, and those that recipients cannot tell apart."""
    shown = batch.scores[:_MOST_SUBJECTS]
    hidden = len(batch) - len(shown)
    headings = [view.words(SUBJECT), view.words(RISK), view.words(words.WHY)]
    same = [view.words(words.REPEATED, n=r.times, subject=safe(r.subject, NAME)) for r in batch.repeated[:_MOST]]
    return section(
        words.counts_text(batch, view.page),
        items(same, class_="overview") if same else None,
        el("p", view.words(words.REPEATED_WHY), class_="overview quiet") if same else None,
        table(headings, [_batch_row(view, score) for score in shown], class_="lists") if shown else None,
        el("p", view.words(MORE, n=hidden), class_="quiet") if hidden else None,
        el("p", view.words(words.DISCLAIMER), class_="label"),
    )


def _batch_row(view: View, score: SubjectScore) -> list[Child]:
    kind = _KINDS[score.band]
    told = [c for c in score.contributions if c.source != "base" and c.points > 0]
    why = view.prose(max(told, key=lambda c: c.points).reason) if told else ""
    risk = chip(kind, mark(kind), " ", words.number_text(score.risk, view.page))
    return [safe(score.subject, NAME), risk, why]


def _contribution(view: View, entry: Contribution) -> Markup:
    points = el("code", words.points_text(entry, view.page))
    matched = words.matched_text(entry)
    hint = el("span", view.prose(entry.hint), class_="quiet") if entry.hint else None
    return join((points, " ", f"{matched}: " if matched else "", view.prose(entry.reason), ". " if hint else "", hint))


def _effect(view: View, effect: EngineEffect) -> Markup:
    told = view.words(words.ADDS, engine=effect.engine, version=effect.version, points=effect.points, rule=effect.rule)
    condition = el("span", view.prose(effect.condition), class_="quiet") if effect.condition else None
    return join((safe(told, ARGUMENT), condition), " ")
