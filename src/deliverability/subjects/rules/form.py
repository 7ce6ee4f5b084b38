"""Rules about how a subject is written (SUBJ001 to 006, 008)."""

from __future__ import annotations

from deliverability.core.finding import Actor, Basis, NotApplicable, Outcome, Passed, Severity
from deliverability.core.rule import Area, Rule
from deliverability.core.text import Text
from deliverability.headers.rules.common import is_dian_subject
from deliverability.subjects.facts import SubjectFacts
from deliverability.subjects.model import MAX_SHOWN, MAX_UNSCORED, Contribution
from deliverability.subjects.rules.common import (
    NO_SUBJECT,
    SUBJECT,
    changed,
    evidence,
    is_there,
    parts_of,
    quoted,
    rewritten,
)

# --- SUBJ001 --------------------------------------------------------------------------------------------------------

MISSING = Rule(
    "SUBJ001",
    "subject-missing",
    Severity.ERROR,
    Basis.FILTER,
    Area.MESSAGE,
    Actor.SENDER,
    label=Text(en="Subject there", es="Asunto presente"),
    title=Text(en="The mail has no subject: {what}", es="El correo no tiene asunto: {what}"),
    why=Text(
        en="rspamd adds 2 points when the field is missing and 1 when it is empty, and recipients neither recognise the mail "
        "nor find it again when they look for the invoice.",
        es="rspamd suma 2 puntos si falta el campo y 1 si está vacío, y los destinatarios ni reconocen el correo ni lo "
        "encuentran después, cuando buscan la factura.",
    ),
    fix=Text(
        en="Whoever maintains the billing program gives every mail a subject, filled for each invoice, such as “Invoice "
        "2026-0042 from Your Company”.",
        es="Quien mantenga el programa de facturación debe dar a cada correo un asunto propio de cada factura, como "
        "«Factura 2026-0042 de Su Empresa».",
    ),
    references=("RFC 5322 §3.6.5", "rspamd 3.4 MISSING_SUBJECT (2026-11)"),
    filter_points=2.0,
)
_NO_FIELD = Text(en="the Subject field is missing", es="falta el campo Subject")
_EMPTY = Text(en="the Subject field is empty", es="el campo Subject está vacío")


@MISSING.check
def missing(facts: SubjectFacts) -> Outcome:
    """RFC 5322 §3.6.5: the field is optional by the letter; filters and people count on it."""
    if is_there(facts):
        return Passed(SUBJECT)
    return MISSING.found(SUBJECT, evidence=evidence(facts), what=_EMPTY if facts.field is not None else _NO_FIELD)


# --- SUBJ002 --------------------------------------------------------------------------------------------------------

CAPITALS = Rule(
    "SUBJ002",
    "subject-all-capitals",
    Severity.WARNING,
    Basis.FILTER,
    Area.MESSAGE,
    Actor.SENDER,
    label=Text(en="Ordinary capitals in the subject", es="Mayúsculas normales en el asunto"),
    title=Text(en="The subject is all in capitals", es="El asunto está todo en mayúsculas"),
    why=Text(
        en="rspamd adds up to 3 points, the more the longer the subject is, and SpamAssassin 0.5: of all that a subject can do "
        "wrong by its form, this costs most.",
        es="rspamd suma hasta 3 puntos, más cuanto más largo es el asunto, y SpamAssassin 0,5: es lo que más cuesta de todo "
        "lo que un asunto puede tener mal en su forma.",
    ),
    fix=Text(
        en="Whoever maintains the template of the mail writes the subject as a sentence; only acronyms stay in capitals. If "
        "the name of the company comes in capitals from the customer file, have the program write it as its letterhead does.",
        es="Quien mantenga la plantilla del correo debe escribir el asunto como una frase; solo las siglas van en mayúsculas. "
        "Si el nombre de la empresa viene así de la lista de clientes, haga que el programa lo escriba como en su membrete.",
    ),
    references=("rspamd 3.4 SUBJ_ALL_CAPS (2026-11)", "SpamAssassin 4.0.1 SUBJ_ALL_CAPS (2026-11)"),
    filter_points=3.0,
)


_PRESCRIBED = Text(
    en="The form of this subject is prescribed for electronic invoices in Colombia (DIAN).",
    es="La forma de este asunto es la que exige la DIAN para las facturas electrónicas en Colombia.",
)


@CAPITALS.check
def capitals(facts: SubjectFacts) -> Outcome:
    """More than four of five letters are capitals, and not because of acronyms."""
    if not is_there(facts):
        return NO_SUBJECT
    shouted = parts_of(facts, ("all-capitals",))
    if not shouted:
        return Passed(SUBJECT)
    if is_dian_subject(facts.score.subject):
        return NotApplicable(_PRESCRIBED, SUBJECT)
    return CAPITALS.found(SUBJECT, evidence=evidence(facts, shouted), fix=rewritten(facts))


# --- SUBJ003 --------------------------------------------------------------------------------------------------------

LONG = Rule(
    "SUBJ003",
    "subject-too-long",
    Severity.WARNING,
    Basis.FILTER,
    Area.MESSAGE,
    Actor.SENDER,
    label=Text(en="Length of the subject", es="Longitud del asunto"),
    title=Text(en="The subject has {n} characters", es="El asunto tiene {n} caracteres"),
    why=Text(
        en="Over 200 characters rspamd adds 1.5 to 3 points. Below that no filter minds, but mail programs show some 60 to 70 "
        "characters and phones fewer: what stands at the end, often the number, is not seen.",
        es="A partir de 200 caracteres rspamd suma entre 1,5 y 3 puntos. Por debajo no le importa a ningún filtro, pero los "
        "programas de correo muestran unos 60 o 70 caracteres y los teléfonos menos: lo que va al final, a menudo el número, "
        "no se ve.",
    ),
    fix=Text(
        en="Whoever maintains the template puts what identifies the document first, number and company, and leaves the rest "
        "for the text. Sixty characters are enough.",
        es="Quien mantenga la plantilla debe poner delante lo que identifica el documento, número y empresa, y dejar lo demás "
        "para el texto. Sesenta caracteres bastan.",
    ),
    references=("rspamd 3.4 LONG_SUBJ (2026-11)",),
    filter_points=3.0,
)


@LONG.check
def too_long(facts: SubjectFacts) -> Outcome:
    """A warning from where a filter scores, a note from where programs cut."""
    if not is_there(facts):
        return NO_SUBJECT
    size = len(facts.score.subject.strip())
    if size <= MAX_SHOWN:
        return Passed(SUBJECT)
    severity = Severity.WARNING if size > MAX_UNSCORED else Severity.INFO
    return LONG.found(SUBJECT, severity=severity, evidence=evidence(facts), fix=rewritten(facts), n=size)


# --- SUBJ004 --------------------------------------------------------------------------------------------------------

LINK = Rule(
    "SUBJ004",
    "subject-holds-link",
    Severity.WARNING,
    Basis.FILTER,
    Area.MESSAGE,
    Actor.SENDER,
    label=Text(en="No address in the subject", es="Asunto sin direcciones"),
    title=Text(en="The subject holds an address: {what}", es="El asunto contiene una dirección: {what}"),
    why=Text(
        en="rspamd adds 0.4 to 1 point for a web address in the subject and 4 when the subject is nothing else; SpamAssassin "
        "scores the recipient's own address there, which only bulk senders put in.",
        es="rspamd suma de 0,4 a 1 punto por una dirección web en el asunto, y 4 si el asunto no es otra cosa; SpamAssassin "
        "puntúa que figure la dirección del destinatario, algo que solo ponen los envíos masivos.",
    ),
    fix=Text(
        en="Whoever maintains the template moves the address into the text, and names the company instead.",
        es="Quien mantenga la plantilla debe pasar la dirección al texto y nombrar en su lugar a la empresa.",
    ),
    references=("rspamd 3.4 URL_IN_SUBJECT (2026-11)", "SpamAssassin 4.0.1 TO_IN_SUBJ (2026-11)"),
    filter_points=4.0,
)


@LINK.check
def link(facts: SubjectFacts) -> Outcome:
    """A web or mail address."""
    if not is_there(facts):
        return NO_SUBJECT
    parts = parts_of(facts, ("url", "address"))
    if not parts:
        return Passed(SUBJECT)
    return LINK.found(SUBJECT, evidence=evidence(facts, parts), what=quoted(parts))


# --- SUBJ005 --------------------------------------------------------------------------------------------------------

AMOUNT = Rule(
    "SUBJ005",
    "subject-holds-amount",
    Severity.INFO,
    Basis.FILTER,
    Area.MESSAGE,
    Actor.SENDER,
    label=Text(en="No amount in the subject", es="Asunto sin importes"),
    title=Text(
        en="The subject holds an amount or a currency sign: {what}",
        es="El asunto contiene un importe o un símbolo de moneda: {what}",
    ),
    why=Text(
        en="rspamd adds 1 point for a currency sign in the subject. The amount is also shown on locked phones and in lists of "
        "mail, where others may read it.",
        es="rspamd suma 1 punto por un símbolo de moneda en el asunto. El importe se ve además en teléfonos bloqueados y en la "
        "lista de correos, donde otros pueden leerlo.",
    ),
    fix=Text(
        en="Whoever maintains the template puts the amount in the text of the mail, where it belongs beside the due date.",
        es="Quien mantenga la plantilla debe poner el importe en el texto del correo, junto al vencimiento.",
    ),
    references=("rspamd 3.4 SUBJECT_HAS_CURRENCY (2026-11)",),
    filter_points=1.0,
)


@AMOUNT.check
def amount(facts: SubjectFacts) -> Outcome:
    """A currency sign, or a number beside the name of a currency."""
    if not is_there(facts):
        return NO_SUBJECT
    parts = parts_of(facts, ("amount", "currency-signs"))
    signed = any(effect.rule == "SUBJECT_HAS_CURRENCY" for effect in facts.score.engine_effects)
    if not parts and not signed:
        return Passed(SUBJECT)
    return AMOUNT.found(SUBJECT, evidence=evidence(facts, parts), what=quoted(parts) or ("€ $ £",))


# --- SUBJ006 --------------------------------------------------------------------------------------------------------

PUNCTUATION = Rule(
    "SUBJ006",
    "subject-punctuation",
    Severity.INFO,
    Basis.FILTER,
    Area.MESSAGE,
    Actor.SENDER,
    label=Text(en="Punctuation of the subject", es="Puntuación del asunto"),
    title=Text(
        en="Signs in the subject that filters or readers mind: {what}",
        es="Signos del asunto que molestan a filtros o lectores: {what}",
    ),
    why=Text(
        en="rspamd adds 1 point when the subject ends in a question mark and 0.5 when it ends in blanks; SpamAssassin adds 0.1 for "
        "question and exclamation marks together and for letters set apart. “!!!” costs nothing in either, but looks like advertising.",
        es="rspamd suma 1 punto si el asunto acaba en signo de interrogación y 0,5 si acaba en espacios; SpamAssassin suma 0,1 "
        "por interrogación y exclamación juntas y por letras separadas. «!!!» no cuesta nada en ninguno, pero parece publicidad.",
    ),
    fix=Text(
        en="Whoever maintains the template states what the mail is, without question or exclamation marks, and has the program cut "
        "blanks off the end of the subject.",
        es="Quien mantenga la plantilla debe decir qué es el correo, sin interrogaciones ni exclamaciones, y hacer que el "
        "programa quite los espacios del final del asunto.",
    ),
    references=("rspamd 3.4 SUBJECT_ENDS_QUESTION (2026-11)", "SpamAssassin 4.0.1 PLING_QUERY (2026-11)"),
    filter_points=1.0,
)
_FORMS = (
    "exclamations",
    "questions",
    "question-exclamation",
    "ends-in-question",
    "odd-signs",
    "dots",
    "spaced-letters",
)
_BLANKS = Text(en="blanks at the end", es="espacios al final")


def _is_ellipsis(part: Contribution) -> bool:
    """Three dots: no filter minds them, and people who write to each other use them as often as spam does."""
    return part.feature == "dots" and all(len(dots) <= 3 for dots in part.matched)


@PUNCTUATION.check
def punctuation(facts: SubjectFacts) -> Outcome:
    """Repeated marks, a question mark or blanks at the end, letters set apart."""
    if not is_there(facts):
        return NO_SUBJECT
    parts = tuple(part for part in parts_of(facts, _FORMS) if not _is_ellipsis(part))
    trailing = facts.score.subject != facts.score.subject.rstrip()
    if not parts and not trailing:
        return Passed(SUBJECT)
    fix = rewritten(facts) if parts else changed(facts, facts.score.subject.strip())
    what = quoted(parts)
    return PUNCTUATION.found(SUBJECT, evidence=evidence(facts, parts), fix=fix, what=what or _BLANKS)


# --- SUBJ008 --------------------------------------------------------------------------------------------------------

EMOJI = Rule(
    "SUBJ008",
    "subject-emoji",
    Severity.INFO,
    Basis.OPINION,
    Area.MESSAGE,
    Actor.SENDER,
    label=Text(en="No emoji in the subject", es="Asunto sin emojis"),
    title=Text(en="The subject holds pictograms: {what}", es="El asunto contiene emojis: {what}"),
    why=Text(
        en="No open filter scores them. They are usual in advertising and in phishing and unusual on invoices, so that readers and "
        "learned filters take the mail for what it is not; some systems of companies show them as squares.",
        es="Ningún filtro abierto los puntúa. Son habituales en la publicidad y en las suplantaciones, y raros en las facturas: "
        "lectores y filtros entrenados toman el correo por lo que no es, y algunos sistemas de empresa los muestran como cuadros.",
    ),
    fix=Text(
        en="Whoever maintains the template leaves them out of invoices and reminders.",
        es="Quien mantenga la plantilla debe quitarlos de facturas y recordatorios.",
    ),
    references=("Measured on SpamAssassin 4.0.1 and rspamd 3.4 (2026-11)",),
)


@EMOJI.check
def emoji(facts: SubjectFacts) -> Outcome:
    """Any pictogram."""
    if not is_there(facts):
        return NO_SUBJECT
    parts = parts_of(facts, ("emoji",))
    if not parts:
        return Passed(SUBJECT)
    return EMOJI.found(SUBJECT, evidence=evidence(facts, parts), fix=rewritten(facts), what=quoted(parts))


RULES = (MISSING, CAPITALS, LONG, LINK, AMOUNT, PUNCTUATION, EMOJI)
