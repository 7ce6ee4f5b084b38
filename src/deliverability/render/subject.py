"""Scored subjects for people, as a table, and as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Any

from rich.text import Text as Styled

from deliverability.core.columns import SUBJECTS
from deliverability.core.text import Text
from deliverability.render.page import Page
from deliverability.render.safe import safe
from deliverability.subjects.model import Band, Contribution, DefectKind, EngineEffect, SubjectScore
from deliverability.subjects.scoring import SubjectBatch

BANDS: dict[Band, tuple[Text, tuple[str, str]]] = {
    Band.LOW: (Text("low risk", "riesgo bajo"), ("✓", "green")),
    Band.MEDIUM: (Text("medium risk", "riesgo medio"), ("!", "bold yellow")),
    Band.HIGH: (Text("high risk", "riesgo alto"), ("✗", "bold red")),
}
_LANGUAGES = {
    "es": Text("Spanish", "español"),
    "ca": Text("Catalan", "catalán"),
    "gl": Text("Galician", "gallego"),
    "eu": Text("Basque", "euskera"),
    "pt": Text("Portuguese", "portugués"),
    "fr": Text("French", "francés"),
    "it": Text("Italian", "italiano"),
    "de": Text("German", "alemán"),
    "en": Text("English", "inglés"),
}
_DEFECTS: dict[DefectKind, Text] = {
    DefectKind.EMPTY: Text("the subject is empty", "el asunto está vacío"),
    DefectKind.MISSING: Text("there is no Subject field", "no hay campo Subject"),
    DefectKind.SEVERAL: Text("there is more than one Subject field", "hay más de un campo Subject"),
    DefectKind.CUT: Text("longer than what is looked at", "más largo de lo que se examina"),
    DefectKind.CONTROL: Text("control characters", "caracteres de control"),
    DefectKind.HIDDEN: Text("invisible characters within words", "caracteres invisibles dentro de palabras"),
    DefectKind.DIRECTION: Text("characters that turn the writing direction", "caracteres que invierten la escritura"),
    DefectKind.SURROGATE: Text("halves of characters", "mitades de caracteres"),
    DefectKind.STACKED: Text("piles of marks on a letter", "signos amontonados sobre una letra"),
    DefectKind.ENCODING: Text("broken encoding (RFC 2047)", "codificación rota (RFC 2047)"),
    DefectKind.RAW_8BIT: Text("accents sent without encoding", "acentos enviados sin codificar"),
    DefectKind.NEEDLESS: Text("plain text encoded needlessly", "texto simple codificado sin necesidad"),
}
RISK = Text("{band} ({risk} of 1)", "{band} ({risk} sobre 1)")
_IN = Text("in {language}", "en {language}")
WHY = Text("Why", "Por qué")
FILTERS = Text("What filters add", "Qué suman los filtros")
BETTER = Text("Better", "Mejor así")
_NO_FILTER = Text(
    "SpamAssassin {sa} and rspamd {rs} add nothing for this subject.",
    "SpamAssassin {sa} y rspamd {rs} no suman nada por este asunto.",
)
ADDS = Text("+{points}  {engine} {version}, {rule}", "+{points}  {engine} {version}, {rule}")
_SPEAKS_FOR = Text("speaks for it", "a su favor")
_FILL = Text("fill in: {names}", "rellene: {names}")
_NONE = Text("Nothing to change.", "No hay nada que cambiar.")
_SAYS_NOTHING = Text("No word or form stands out.", "No destaca ninguna palabra ni forma.")
DISCLAIMER = Text(
    "Words alone rarely decide: who sends a mail and how it is signed weigh far more, and filters react to the form of a "
    "subject rather than to its words. The risk compares this subject with others; it is no probability of delivery.",
    "Las palabras solas rara vez deciden: pesa mucho más quién envía el correo y cómo va firmado, y los filtros reaccionan "
    "a la forma del asunto más que a sus palabras. El riesgo compara este asunto con otros; no es una probabilidad de "
    "entrega.",
)
_COUNTS = Text(
    "{n} subjects: {low} low, {medium} medium, {high} high risk",
    "{n} asuntos: {low} de riesgo bajo, {medium} medio y {high} alto",
)
REPEATED = Text("The same subject {n} times: {subject}", "El mismo asunto {n} veces: {subject}")
REPEATED_WHY = Text(
    "Recipients cannot tell these mails apart, and mail programs pile them into one thread. Add the number.",
    "Los destinatarios no distinguen esos correos, y los programas los juntan en un mismo hilo. Añada el número.",
)
_MORE = Text("{n} more; --verbose shows all", "{n} más; --verbose los muestra todos")
_SHOWN_ROWS = 40
_STRONGEST = 8


def print_score(page: Page, item: SubjectScore, *, quiet: bool = False) -> None:
    """One subject in full."""
    band, mark = BANDS[item.band]
    risk = number_text(item.risk, page)
    told = page.words(RISK, band=band, risk=risk)
    page.marked(mark, (told[:1].upper() + told[1:], mark[1]), "  ", "«" + safe(item.subject, 300) + "»")
    if quiet:
        return
    if item.language:
        page.line((page.words(_IN, language=_LANGUAGES[item.language]), "dim"), indent=2)
    for kind in dict.fromkeys(defect.kind for defect in item.defects):
        page.line(page.words(_DEFECTS[kind]), indent=2)
    _print_why(page, item)
    _print_filters(page, item.engine_effects)
    _print_better(page, item)
    page.blank()
    page.line((page.words(DISCLAIMER), "dim"))


def number_text(value: float, page: Page) -> str:
    """A risk of 0 to 1 with two decimals."""
    text = f"{value:.2f}"
    return text.replace(".", ",") if page.lang == "es" else text


def points_text(item: Contribution, page: Page) -> str:
    """Points as people read them: in logits, with sign."""
    text = f"{item.points / 1000:+.1f}"
    return text.replace(".", ",") if page.lang == "es" else text


def _print_why(page: Page, item: SubjectScore) -> None:
    told = [c for c in item.contributions if c.source != "base" and (page.verbose or c.points or c.source == "profile")]
    page.heading(page.words(WHY))
    if not told:
        page.line(page.words(_SAYS_NOTHING), indent=2)
    rows = []
    for entry in told if page.verbose else told[:_STRONGEST]:
        line = Styled()
        matched = matched_text(entry)
        if matched:
            line.append(matched + ": ")
        line.append(page.words(entry.reason))
        if entry.hint:
            line.append(". " + page.words(entry.hint), style="dim")
        rows.append((f"{points_text(entry, page):>5}", line))
    page.labelled(rows, indent=2)
    if len(told) > _STRONGEST and not page.verbose:
        page.line((page.words(_MORE, n=len(told) - _STRONGEST), "dim"), indent=2)


def matched_text(entry: Contribution) -> str:
    """What was seen, quoted; a form that is the whole subject needs no quoting."""
    seen = [text for text in dict.fromkeys(entry.matched) if text.strip() and len(text) <= 50]
    if entry.feature in ("all-capitals", "long", "longer", "very-long"):
        return ""
    return ", ".join(f"«{safe(text)}»" for text in seen[:3])


def _print_filters(page: Page, effects: Sequence[EngineEffect]) -> None:
    page.heading(page.words(FILTERS))
    if not effects:
        from deliverability.subjects.engines import RSPAMD, SPAMASSASSIN, versions  # noqa: PLC0415 - only for the sentence

        known = versions()
        page.line(page.words(_NO_FILTER, sa=known[SPAMASSASSIN], rs=known[RSPAMD]), indent=2)
    for effect in effects:
        text = page.words(ADDS, engine=effect.engine, version=effect.version, points=effect.points, rule=effect.rule)
        note = f", {page.words(effect.condition)}" if effect.condition else ""
        page.line(text + note, indent=2)


def _print_better(page: Page, item: SubjectScore) -> None:
    if not item.suggestions:
        if item.band is Band.LOW and not item.engine_effects:
            page.heading(page.words(BETTER))
            page.line(page.words(_NONE), indent=2)
        return
    page.heading(page.words(BETTER))
    for suggestion in item.suggestions:
        page.line((safe(suggestion.text), "bold"), indent=2)
        notes = [page.words(change) for change in suggestion.changes]
        if suggestion.placeholders:
            notes.append(page.words(_FILL, names=suggestion.placeholders))
        band, _ = BANDS[suggestion.band]
        notes.append(page.words(RISK, band=band, risk=number_text(suggestion.risk, page)))
        page.line(("; ".join(notes), "dim"), indent=4)


def print_batch(page: Page, batch: SubjectBatch, *, quiet: bool = False) -> None:
    """Many subjects: counts, the riskiest first, and those that repeat."""
    page.line(counts_text(batch, page))
    for same in batch.repeated if page.verbose else batch.repeated[:5]:
        page.marked(("!", "bold yellow"), page.words(REPEATED, n=same.times, subject=same.subject))
    if batch.repeated:
        page.line((page.words(REPEATED_WHY), "dim"), indent=2)
    if quiet:
        return
    page.blank()
    ordered = sorted(range(len(batch)), key=lambda at: (-batch.scores[at].risk, at))
    for at in ordered if page.verbose else ordered[:_SHOWN_ROWS]:
        _print_row(page, at + 1, batch.scores[at])
    if len(ordered) > _SHOWN_ROWS and not page.verbose:
        page.line((page.words(_MORE, n=len(ordered) - _SHOWN_ROWS), "dim"))
    page.blank()
    page.line((page.words(DISCLAIMER), "dim"))


def counts_text(batch: SubjectBatch, page: Page) -> str:
    """How many subjects there are, and how many of each risk."""
    counts = batch.counts
    return page.words(_COUNTS, n=len(batch), low=counts[Band.LOW], medium=counts[Band.MEDIUM], high=counts[Band.HIGH])


def _print_row(page: Page, number: int, item: SubjectScore) -> None:
    _, mark = BANDS[item.band]
    line = Styled.assemble((number_text(item.risk, page), mark[1]), f"  {number}. ", safe(item.subject, 300))
    reasons = [page.words(c.reason) for c in item.contributions if c.points >= 200 and c.source != "base"]
    if reasons and item.band is not Band.LOW:
        line.append(" (" + ", ".join(dict.fromkeys(reasons)) + ")", style="dim")
    page.marked(mark, line)
    if item.suggestions and item.band is not Band.LOW:
        page.line(("→ " + safe(item.suggestions[0].text), "cyan"), indent=9)


def batch_document(batch: SubjectBatch) -> dict[str, Any]:
    """Many subjects as plain data."""
    return {
        "counts": {band.value: count for band, count in batch.counts.items()},
        "repeated": [{"count": same.times, "subject": same.subject} for same in batch.repeated],
        "subjects": [item.to_dict() for item in batch.scores],
    }


#: A cell that begins with one of these is a formula to a spreadsheet.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def batch_csv(batch: SubjectBatch) -> str:
    """One line a subject: number, subject, risk, band, language, features, points of each engine, a better subject."""
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\n")
    table.writerow(["number", *SUBJECTS])
    for number, item in enumerate(batch.scores, 1):
        row = item.to_row()
        written = {"risk": f"{item.risk:.4f}", **{name: f"{row[name]:.2f}" for name in ("spamassassin", "rspamd")}}
        table.writerow([str(number), *(_cell(written.get(name) or value or "") for name, value in row.items())])
    return out.getvalue()


def _cell(text: str) -> str:
    clean = safe(text, 2000)
    return "'" + clean if clean.startswith(_FORMULA) else clean
