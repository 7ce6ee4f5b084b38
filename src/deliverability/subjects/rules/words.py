"""Rules about what a subject says and leaves out (SUBJ007, 009, 011)."""

from __future__ import annotations

import re

from deliverability.core.finding import Actor, Basis, Outcome, Passed, Severity
from deliverability.core.patterns import pattern
from deliverability.core.rule import Area, Rule
from deliverability.core.text import Text
from deliverability.subjects.facts import SubjectFacts
from deliverability.subjects.rules.common import (
    NO_SUBJECT,
    NOT_A_DOCUMENT,
    SUBJECT,
    evidence,
    is_there,
    quoted,
    rewritten,
)

# --- SUBJ007 --------------------------------------------------------------------------------------------------------

TRIGGERS = Rule(
    "SUBJ007",
    "subject-trigger-words",
    Severity.INFO,
    Basis.OPINION,
    Area.MESSAGE,
    Actor.SENDER,
    label=Text(en="Words of the subject", es="Palabras del asunto"),
    title=Text(
        en="Words in the subject that forged and bulk mail uses too: {words}",
        es="Palabras del asunto que también usa el correo falso o masivo: {words}",
    ),
    why=Text(
        en="Words alone rarely decide: SpamAssassin and rspamd add nothing for “urgent” or “invoice”. Filters that learn, and "
        "people, do take such a subject for what it resembles, above all when it names neither number nor company. Among other "
        "subjects the risk of this one is {risk} of 1; that is no probability of delivery.",
        es="Las palabras solas rara vez deciden: SpamAssassin y rspamd no suman nada por «urgente» ni por «factura». Los filtros "
        "que aprenden, y las personas, sí toman un asunto así por aquello a lo que se parece, sobre todo si no nombra ni número "
        "ni empresa. Comparado con otros asuntos, su riesgo es de {risk} sobre 1; no es una probabilidad de entrega.",
    ),
    fix=Text(
        en="Whoever writes the template says what the mail is, with number and company, and gives the due date instead of "
        "hurrying the reader. What is true stays: an overdue invoice may be called overdue.",
        es="Quien escriba la plantilla debe decir qué es el correo, con número y empresa, y dar el vencimiento en vez de meter "
        "prisa. Lo que es cierto se queda: una factura vencida puede llamarse vencida.",
    ),
    references=("Measured on SpamAssassin 4.0.1 and rspamd 3.4 (2026-11)",),
)
_CATEGORIES = frozenset(
    [
        "urgency",
        "pressure",
        "free_offer",
        "prize",
        "money",
        "phish_account",
        "phish_invoice",
        "phish_authority",
        "phish_delivery",
        "pharma_adult",
        "gambling",
        "click_cta",
        "hype",
        "greeting",
        "disclaimer",
        "products",
        "own-word",
    ]
)
#: Points from which a word is worth a note.
_WORTH = 500


@TRIGGERS.check
def triggers(facts: SubjectFacts) -> Outcome:
    """Only where the subject as a whole is not in the low band: «factura vencida» beside number and company is none."""
    if not is_there(facts):
        return NO_SUBJECT
    parts = [p for p in facts.score.contributions if p.feature in _CATEGORIES and p.points >= _WORTH]
    if not parts or facts.score.band.value == "low":
        return Passed(SUBJECT)
    return TRIGGERS.found(
        SUBJECT,
        evidence=evidence(facts, parts),
        fix=rewritten(facts),
        words=quoted(parts),
        risk=round(facts.score.risk, 2),
    )


# --- SUBJ009 --------------------------------------------------------------------------------------------------------

UNIDENTIFIED = Rule(
    "SUBJ009",
    "subject-without-identification",
    Severity.INFO,
    Basis.CONSENSUS,
    Area.MESSAGE,
    Actor.SENDER,
    label=Text(en="Number and company in the subject", es="Número y empresa en el asunto"),
    title=Text(
        en="The subject does not say which document it is about: {lacks} missing",
        es="El asunto no dice de qué documento se trata: falta {lacks}",
    ),
    why=Text(
        en="Customers recognise and find an invoice by its number and by who sent it. “Invoice” alone could be anybody's, which is "
        "how forged invoices are written, and every mail with that subject lands in the same thread.",
        es="El cliente reconoce y encuentra una factura por su número y por quién la envía. «Factura» a secas podría ser de "
        "cualquiera, como en las facturas falsas, y todos los correos con ese asunto caen en el mismo hilo.",
    ),
    fix=Text(
        en="Whoever maintains the template writes the subject as “Invoice [number] from [company]”, or “Invoice for [month] to "
        "[customer]” for monthly bills; the program fills it for each invoice.",
        es="Quien mantenga la plantilla debe escribir el asunto como «Factura [número] de [empresa]», o «Factura del mes de [mes] "
        "para [cliente]» si es mensual; el programa la rellena en cada factura.",
    ),
    references=("Practice of billing software (2026-11)",),
)
_NUMBER = Text(en="number or month", es="el número o el mes")
_WHO = Text(en="company or customer", es="la empresa o el cliente")
_BOTH = Text(en="number and company", es="el número y la empresa")


@UNIDENTIFIED.check
def unidentified(facts: SubjectFacts) -> Outcome:
    """A subject about a document names it by number or month, and whose it is."""
    if not is_there(facts):
        return NO_SUBJECT
    if not facts.score.about_document:
        return NOT_A_DOCUMENT
    known = frozenset(facts.score.identified_by)
    which = bool(known & {"number", "period"})
    whose = bool(known & {"company", "customer", "name"})
    if which and whose:
        return Passed(SUBJECT)
    lacks = _WHO if which else _NUMBER if whose else _BOTH
    return UNIDENTIFIED.found(SUBJECT, evidence=evidence(facts), fix=rewritten(facts), lacks=lacks)


# --- SUBJ011 --------------------------------------------------------------------------------------------------------

PERSONAL = Rule(
    "SUBJ011",
    "subject-personal-data",
    Severity.WARNING,
    Basis.CONSENSUS,
    Area.MESSAGE,
    Actor.SENDER,
    label=Text(en="No personal data in the subject", es="Asunto sin datos personales"),
    title=Text(en="The subject shows personal data: {kinds}", es="El asunto muestra datos personales: {kinds}"),
    why=Text(
        en="Subjects are shown on locked phones, stand in logs of every server on the way, and stay readable even where the mail is "
        "encrypted. The GDPR wants no more data shown than needed.",
        es="El asunto se ve en teléfonos bloqueados, queda en los registros de cada servidor por el que pasa y sigue legible "
        "aunque el correo vaya cifrado. El RGPD pide no mostrar más datos de los necesarios.",
    ),
    fix=Text(
        en="Whoever maintains the template takes tax and identity numbers of persons, account numbers and what the bill is for (a "
        "treatment, a case) out of the subject; the number of the invoice is enough.",
        es="Quien mantenga la plantilla debe quitar del asunto el DNI o NIF de personas, los números de cuenta y el motivo de la "
        "factura (un tratamiento, un pleito); con el número de factura basta.",
    ),
    references=("Regulation (EU) 2016/679 art. 5(1)(c) (2016-04)",),
)
_IBAN = pattern(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?\b", re.ASCII)
_DNI = pattern(r"\b(?:\d{8}|[XYZ]\d{7})-?[A-Z]\b", re.ASCII)
_CARD = pattern(r"\b(?:\d{4}[ -]?){3}\d{4}\b", re.ASCII)
_LETTERS = "TRWAGMYFPDXBNJZSQVHLCKE"
_SENSITIVE = pattern(
    r"\b(?:quimioterapia|oncolog\w{1,6}|psiquiatr\w{1,6}|psicolog\w{1,6}|psicoterapia|fertilidad|vih|hiv|embarazo|aborto|divorcio"
    r"|diagn[oó]stico|radioterapia|adicci[oó]n|chemotherapy|oncology|psychiatr\w{1,5}|fertility|abortion|divorce|diagnosis|rehab)\b",
    re.IGNORECASE,
)
_KINDS = {
    "iban": Text(en="an IBAN", es="un IBAN"),
    "dni": Text(en="a DNI or NIE", es="un DNI o NIE"),
    "card": Text(en="a card number", es="un número de tarjeta"),
    "health": Text(en="a matter of health or law", es="un asunto de salud o legal"),
}


@PERSONAL.check
def personal(facts: SubjectFacts) -> Outcome:
    """Identity numbers with a right check digit, account and card numbers, words of health and of private law."""
    if not is_there(facts):
        return NO_SUBJECT
    kinds = [_KINDS[kind] for kind in _personal_kinds(facts.score.subject[:998])]
    if not kinds:
        return Passed(SUBJECT)
    told = Text(", ".join(k.en for k in kinds), ", ".join(k.es for k in kinds))
    return PERSONAL.found(SUBJECT, evidence=evidence(facts), kinds=told)


def _personal_kinds(subject: str) -> list[str]:
    found = []
    iban = _IBAN.search(subject.upper())
    if iban is not None and _is_iban(iban.group().replace(" ", "")):
        found.append("iban")
    if any(_is_dni(match.group()) for match in _DNI.finditer(subject.upper())):
        found.append("dni")
    card = _CARD.search(subject)
    if card is not None and _is_card(card.group()):
        found.append("card")
    if _SENSITIVE.search(subject):
        found.append("health")
    return found


def _is_iban(text: str) -> bool:
    """ISO 13616: the digits, letters as 10 to 35, leave 1 when divided by 97."""
    moved = text[4:] + text[:4]
    return int("".join(str(int(char, 36)) for char in moved[:40])) % 97 == 1


def _is_dni(text: str) -> bool:
    digits = text.replace("-", "")[:-1].replace("X", "0").replace("Y", "1").replace("Z", "2")
    return _LETTERS[int(digits) % 23] == text[-1]


def _is_card(text: str) -> bool:
    """The sum of Luhn."""
    digits = [int(char) for char in text if char.isascii() and char.isdigit()]
    doubled = [d if at % 2 else (d * 2 - 9 if d > 4 else d * 2) for at, d in enumerate(digits)]
    return sum(doubled) % 10 == 0


RULES = (TRIGGERS, UNIDENTIFIED, PERSONAL)
