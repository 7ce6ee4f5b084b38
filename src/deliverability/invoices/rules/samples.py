"""Rules about several mails of one sender, held against each other (INV008, INV009).

The mail that differs from most is the odd one. Where two mails differ nobody can tell which is wrong, and both are told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from deliverability.content.letter.facts import LetterFacts
from deliverability.content.rules.letter import text_evidence
from deliverability.content.text import BodyText
from deliverability.core.facts import Sample, Samples
from deliverability.core.finding import Actor, Basis, Evidence, NotApplicable, Outcome, Passed, Severity, Unknown
from deliverability.core.rule import Area, Rule
from deliverability.core.text import Text
from deliverability.headers.evidence import field_evidence
from deliverability.headers.facts import HeaderFacts
from deliverability.headers.rules.common import NOT_ALL_COMPARED, names_of
from deliverability.invoices.rules.common import MESSAGE, NOT_AN_INVOICE, PLACES

_ALONE = Text(
    en="None of the other mails is an invoice or reminder from the same domain that shows this.",
    es="Ninguno de los demás correos es una factura o un recordatorio del mismo dominio que lo muestre.",
)

# --- INV008 ---------------------------------------------------------------------------------------------------------

OTHER_ACCOUNT = Rule(
    "INV008",
    "bank-account-varies",
    Severity.ERROR,
    Basis.CONSENSUS,
    Area.INVOICE,
    Actor.SENDER,
    label=Text(en="One bank account in all invoices", es="Una sola cuenta bancaria en todas las facturas"),
    title=Text(
        en="This mail asks to pay into {accounts}; {others} into {other_accounts}",
        es="Este correo pide pagar en {accounts}; en {others} figura {other_accounts}",
    ),
    why=Text(
        en="An account that changes from one invoice to the next is how invoice fraud works: whoever got into a mailbox sends "
        "the invoice again with an account of his own. Careful customers stop the payment and call; others pay the thief.",
        es="Así funciona el fraude de la factura: quien ha entrado en un buzón reenvía la factura con una cuenta suya. Por eso, "
        "ante una cuenta que cambia, el cliente prudente detiene el pago y llama; otros pagan al estafador.",
    ),
    fix=Text(
        en="Whoever runs the accounts compares the number with the bank's contract before anything else is sent. If it is wrong, "
        "find out who changed the template or sent the mail. If both accounts are yours, name both in every invoice, and tell "
        "customers of a new one by telephone or letter, not by email.",
        es="Quien lleve la contabilidad debe cotejar el número con el contrato del banco antes de enviar nada más. Si no es "
        "correcto, averigüe quién cambió la plantilla o envió el correo. Si las dos cuentas son suyas, indique ambas en todas "
        "las facturas y comunique las cuentas nuevas por teléfono o por carta, no por correo electrónico.",
    ),
    references=("Practice of billing mail, 2026",),
)


@OTHER_ACCOUNT.check
def other_account(letter: LetterFacts, samples: Samples, body: BodyText) -> Outcome:
    """A sender may have several accounts: mails differ when they have none in common."""
    own = samples.own
    if not own.is_billing:
        return NotApplicable(NOT_AN_INVOICE)
    compared = [other for other in samples.of_the_same_sender if other.accounts]
    if not own.accounts or not compared:
        return NotApplicable(_ALONE)
    odd = _unlike(own, compared, lambda one, other: not set(one.accounts).isdisjoint(other.accounts))
    if not odd:
        return Unknown(NOT_ALL_COMPARED) if samples.cut else Passed()
    named = {account.number: account for account in letter.accounts}
    return OTHER_ACCOUNT.found(
        MESSAGE,
        # Where it stands, and no more of the number than one needs to compare it.
        evidence=tuple(
            replace(text_evidence(body, named[number].text), text=masked) for number, masked in own.accounts[:PLACES]
        ),
        accounts=_masked([own]),
        others=names_of(odd),
        other_accounts=_masked(odd),
    )


def _masked(samples: list[Sample]) -> str:
    every = dict.fromkeys(masked for sample in samples for _, masked in sample.accounts)
    return ", ".join([*list(every)[:PLACES], *(["…"] if len(every) > PLACES else [])])


def _unlike(own: Sample, others: list[Sample], alike: Callable[[Sample, Sample], bool]) -> list[Sample]:
    """The others that this one differs from, if they are more than those it is like."""
    unlike = [other for other in others if not alike(own, other)]
    return unlike if 2 * len(unlike) > len(others) else []


# --- INV009 ---------------------------------------------------------------------------------------------------------

VARYING_IDENTITY = Rule(
    "INV009",
    "identity-varies",
    Severity.WARNING,
    Basis.CONSENSUS,
    Area.INVOICE,
    Actor.SENDER,
    label=Text(en="One sender in all invoices", es="Un solo remitente en todas las facturas"),
    title=Text(
        en="{what} varies: {own} here, {other} in {others}",
        es="{what} no es siempre igual: {own} aquí, {other} en {others}",
    ),
    why=Text(
        en="Customers and their filters learn one sender: contacts, rules and reputation hang on its address and name. An invoice "
        "that comes under another name starts anew, and looks like somebody else's.",
        es="El cliente y sus filtros se acostumbran a un remitente: los contactos, las reglas y la reputación dependen de su "
        "dirección y de su nombre. Una factura que llega con otro nombre empieza de cero y parece de un desconocido.",
    ),
    fix=Text(
        en="Whoever maintains the billing program sets one name, one From address, one Reply-To and one signature for invoices "
        "and reminders. If two programs send (billing and collection), give both the same.",
        es="Quien mantenga el programa de facturación debe fijar un solo nombre, una sola dirección From, un solo Reply-To y una "
        "sola firma para facturas y recordatorios. Si envían dos programas (facturación y cobros), configúrelos igual.",
    ),
    references=("Practice of billing mail, 2026",),
)
_NOTHING = Text(en="nothing", es="nada")


def _same_words(one: str, other: str) -> bool:
    return " ".join(one.split()).casefold() == " ".join(other.split()).casefold()


#: Subject of the finding, what it is called, and how a sample shows it.
_TRAITS: tuple[tuple[str, Text, Callable[[Sample], str]], ...] = (
    ("From name", Text(en="The name in From", es="El nombre del From"), lambda sample: sample.author_name),
    ("From", Text(en="The From address", es="La dirección From"), lambda sample: sample.author.lower()),
    (
        "Reply-To",
        Text(en="The Reply-To address", es="La dirección Reply-To"),
        lambda sample: ", ".join(sample.reply_to),
    ),
    ("signature", Text(en="The company that signs", es="La empresa que firma"), lambda sample: sample.signer),
)


@VARYING_IDENTITY.check
def varying_identity(samples: Samples, headers: HeaderFacts) -> Iterator[Outcome]:
    """Name, address, Reply-To and signature, each by itself. A signature that is missing is BODY017's matter."""
    own = samples.own
    if not own.is_billing:
        yield NotApplicable(NOT_AN_INVOICE)
        return
    compared = list(samples.of_the_same_sender)
    if not compared:
        yield NotApplicable(_ALONE)
        return
    for subject, what, trait in _TRAITS:
        rest = [o for o in compared if trait(o)] if subject == "signature" else compared
        if subject == "signature" and (not trait(own) or not rest):
            yield NotApplicable(_ALONE, subject)
            continue
        odd = _unlike(own, rest, lambda one, other, trait=trait: _same_words(trait(one), trait(other)))  # type: ignore[misc]
        if not odd:
            yield Unknown(NOT_ALL_COMPARED, subject) if samples.cut else Passed(subject)
            continue
        yield VARYING_IDENTITY.found(
            subject,
            evidence=_evidence(headers, subject),
            what=what,
            own=trait(own) or _NOTHING,
            other=trait(odd[0]) or _NOTHING,
            others=names_of([o for o in odd if _same_words(trait(o), trait(odd[0]))]),
        )


def _evidence(headers: HeaderFacts, subject: str) -> tuple[Evidence, ...]:
    field = headers.first(subject.split(maxsplit=1)[0].lower())
    return () if field is None else (field_evidence(field),)


RULES: tuple[Rule, ...] = (OTHER_ACCOUNT, VARYING_IDENTITY)
