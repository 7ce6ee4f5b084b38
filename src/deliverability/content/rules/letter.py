"""Rules about what a letter says: what it says is attached, who signs it, whom it greets, which account it names (BODY016 to
019)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from deliverability.content.classify import Classification
from deliverability.content.letter.bank import Account, AccountState
from deliverability.content.letter.facts import LetterFacts
from deliverability.content.letter.identity import names_company
from deliverability.content.mime import MimeTree
from deliverability.content.rules.parts import evidence_in_text
from deliverability.content.text import BodyText, line_in_html, message_line
from deliverability.core.facts import MailClass, Receiving
from deliverability.core.finding import Actor, Basis, Evidence, NotApplicable, Outcome, Passed, Severity, Unknown
from deliverability.core.rule import Area, Rule
from deliverability.core.text import Text
from deliverability.headers.evidence import part_evidence

MESSAGE = "message"
_PLACES = 5

CUT = Text(
    en="A limit was reached while reading; what was not seen may be in the rest.",
    es="Se alcanzó un límite al leer; lo que no se ha visto puede estar en el resto.",
)


def listed(texts: Iterable[Text]) -> Text:
    """Several texts as one enumeration."""
    parts = tuple(texts)
    return Text(", ".join(part.en for part in parts), ", ".join(part.es for part in parts))


def text_evidence(body: BodyText, excerpt: str) -> Evidence:
    """A sentence of the text as evidence, in the part and on the line where it stands."""
    for part, text in body.plains:
        at = text.find(excerpt)
        if at >= 0:
            return evidence_in_text(part, excerpt, message_line(part, text.count("\n", 0, at) + 1))
    for part, html in body.htmls:
        if excerpt in html.text:
            return evidence_in_text(part, excerpt, line_in_html(part, excerpt))
    read = body.plain_part or body.html_part
    return evidence_in_text(read, excerpt, None) if read else part_evidence(MESSAGE, excerpt)


# --- BODY016 --------------------------------------------------------------------------------------------------------

NOT_ATTACHED = Rule(
    "BODY016",
    "attachment-missing",
    Severity.ERROR,
    Basis.CONSENSUS,
    Area.MESSAGE,
    Actor.SENDER,
    label=Text(en="Attachment that the text announces", es="Adjunto que anuncia el texto"),
    title=Text(
        en="The text says that something is attached, and nothing is: “{sentence}”",
        es="El texto dice que hay algo adjunto y no lo hay: «{sentence}»",
    ),
    why=Text(
        en="The customer does not get the invoice and has to ask for it, and a mail that announces a file and shows a link or "
        "nothing at all looks like phishing to careful readers.",
        es="El cliente no recibe la factura y tiene que pedirla; además, un correo que anuncia un archivo y solo muestra un "
        "enlace, o nada, le parece una suplantación al lector prudente.",
    ),
    fix=Text(
        en="Whoever maintains the billing program checks that it attaches the PDF before it sends, and that it stops when the "
        "file could not be made. If the invoice is only behind a link, change the sentence: “You can download the invoice at …”.",
        es="Quien mantenga el programa de facturación debe comprobar que adjunta el PDF antes de enviar y que se detiene si no "
        "se pudo generar. Si la factura solo está en un enlace, cambie la frase: «Puede descargar la factura en …».",
    ),
    references=("RFC 2183 §2.2",),
)
_NOTHING_ANNOUNCED = Text(
    en="The text does not say that anything is attached.", es="El texto no dice que haya nada adjunto."
)
_SEALED = ("multipart/encrypted", "application/pkcs7-mime", "application/x-pkcs7-mime")


@NOT_ATTACHED.check
def not_attached(letter: LetterFacts, tree: MimeTree, body: BodyText) -> Outcome:
    """A sentence of the sender's own text announces a file, and no part is one."""
    if not letter.attachment_claims:
        return NotApplicable(_NOTHING_ANNOUNCED)
    if letter.files or any(part.content_type in _SEALED for part in tree.parts) or _holds_uuencoded(body.text):
        return Passed()
    if letter.cut:
        return Unknown(CUT)
    claim = letter.attachment_claims[0]
    return NOT_ATTACHED.found(MESSAGE, evidence=text_evidence(body, claim), sentence=_short(claim))


def _holds_uuencoded(text: str) -> bool:
    """A file in the old form, within the text: some senders of scanned papers still use it."""
    at = text.find("\nbegin ")
    return at >= 0 and text[at + 7 : at + 10].isdigit()


def _short(sentence: str) -> str:
    flat = " ".join(sentence.split())
    return flat if len(flat) <= 90 else f"{flat[:88]}…"


# --- BODY017 --------------------------------------------------------------------------------------------------------

ANONYMOUS = Rule(
    "BODY017",
    "no-sender-identity",
    Severity.WARNING,
    Basis.CONSENSUS,
    Area.MESSAGE,
    Actor.SENDER,
    label=Text(en="Who signs the mail", es="Quién firma el correo"),
    title=Text(
        en="The mail does not say which company sends it: it has no {missing}",
        es="El correo no dice qué empresa lo envía: le faltan {missing}",
    ),
    why=Text(
        en="A request to pay that nobody signs is what phishing looks like: readers report it or delete it. In Spain and the "
        "EU commercial mail has to say who sends it.",
        es="Una petición de pago que nadie firma es justo lo que parece una suplantación: se denuncia o se borra. En España y en "
        "la UE, el correo comercial debe identificar a quien lo envía.",
    ),
    fix=Text(
        en="Whoever maintains the template adds a signature as text, not as an image: company name with its legal form, tax "
        "number, postal address, telephone and web site. For example: “Company Ltd · VAT no. … · 1 High Street, Town · Tel. … · web …”.",
        es="Quien mantenga la plantilla debe añadir una firma en texto, no en una imagen: razón social, NIF, dirección postal, "
        "teléfono y web. Por ejemplo: «Empresa, S. L. · NIF B… · Calle …, 1, 46001 Valencia · Tel. … · web …».",
    ),
    references=(
        "Ley 34/2002 (LSSI), artículos 10 y 20, 2002-07-11",
        "Directive 2000/31/EC, articles 5 and 6, 2000-06-08",
    ),
)
_PRIVATE = Text(
    en="It is neither an invoice nor commercial mail as far as can be told.",
    es="Por lo que se puede ver, no es una factura ni correo comercial.",
)
#: What may say who signs, as the finding calls it.
_IDENTITY = {
    "company": Text("company name", "razón social"),
    "tax_ids": Text("tax number", "NIF"),
    "address": Text("postal address", "dirección postal"),
    "phone": Text("telephone", "teléfono"),
    "website": Text("web site", "página web"),
}
#: A name or a tax number says who it is; without them two of the rest have to.
_STRONG = ("company", "tax_ids")


def is_business(letter: LetterFacts, found: Classification | None, receiving: Receiving | None) -> bool:
    """Whether a company writes, as far as the mail or the user tells."""
    told = receiving is not None and bool(receiving.company or receiving.mail_class)
    is_marketing = found is not None and found.mail_class is MailClass.MARKETING
    return told or letter.is_billing or is_marketing


@ANONYMOUS.check
def anonymous(
    letter: LetterFacts, body: BodyText, found: Classification | None, receiving: Receiving | None
) -> Outcome:
    """Neither a company name nor a tax number, and at most one of address, telephone and web site."""
    if not is_business(letter, found, receiving):
        return NotApplicable(_PRIVATE)
    there = set(letter.identity.kinds)
    if body.html is not None and any(anchor.url.startswith("http") for anchor in body.html.anchors):
        there.add("website")
    company = receiving.company if receiving else ""
    if company and any(names_company(text, company) for text in (letter.passages.signed, body.html_text)):
        there.add("company")
    if there.intersection(_STRONG) or len(there) >= 2:
        return Passed()
    if letter.cut:
        return Unknown(CUT)
    missing = listed(text for name, text in _IDENTITY.items() if name not in there)
    end = letter.passages.own.strip()[-300:]
    return ANONYMOUS.found(MESSAGE, evidence=text_evidence(body, end), missing=missing)


# --- BODY018 --------------------------------------------------------------------------------------------------------

IMPERSONAL = Rule(
    "BODY018",
    "not-personalised",
    Severity.INFO,
    Basis.OPINION,
    Area.MESSAGE,
    Actor.SENDER,
    label=Text(en="Something of the reader's own", es="Algo propio del destinatario"),
    title=Text(
        en="Nothing in the text is the reader's own: no name, no invoice number, no amount",
        es="Nada en el texto es propio del destinatario: ni nombre, ni número de factura, ni importe",
    ),
    why=Text(
        en="A text that could have gone to anybody is easily taken for bulk mail by its reader. No mail provider publishes that it "
        "judges by this.",
        es="Un texto que podría haber recibido cualquiera se toma con facilidad por un envío masivo. Ningún proveedor de correo "
        "publica que lo tenga en cuenta.",
    ),
    fix=Text(
        en="Whoever maintains the template fills in the customer's name, the invoice number and the amount: “Dear Ms [name], "
        "attached is invoice [number] for [amount].”",
        es="Quien mantenga la plantilla debe rellenar el nombre del cliente, el número de factura y el importe: «Estimada Sra. "
        "[nombre]: le adjuntamos la factura [número] por [importe]».",
    ),
    references=("Practice of billing mail, 2026",),
)


@IMPERSONAL.check
def impersonal(letter: LetterFacts, body: BodyText) -> Outcome:
    """An invoice or reminder without a name in the salutation, a number or an amount."""
    if not letter.is_billing:
        return NotApplicable(_PRIVATE)
    if letter.addressee or letter.numbers or letter.amounts:
        return Passed()
    if letter.cut:
        return Unknown(CUT)
    return IMPERSONAL.found(MESSAGE, evidence=text_evidence(body, letter.passages.own.strip()))


# --- BODY019 --------------------------------------------------------------------------------------------------------

BANK = Rule(
    "BODY019",
    "bank-details",
    Severity.WARNING,
    Basis.CONSENSUS,
    Area.MESSAGE,
    Actor.SENDER,
    label=Text(en="Bank details in the text", es="Datos bancarios en el texto"),
    title=Text(en="Bank details: {problem}", es="Datos bancarios: {problem}"),
    why=Text(
        en="A number with wrong check digits is refused by every bank, so the customer cannot pay. And “we have changed our "
        "account” is the wording of the most expensive fraud by mail: the filters of companies hold it back, and accountants are "
        "trained not to act on it.",
        es="Un número con dígitos de control erróneos lo rechaza cualquier banco, así que el cliente no puede pagar. Y «hemos "
        "cambiado de cuenta» es la frase del fraude por correo que más dinero cuesta: los filtros de las empresas la retienen y "
        "los departamentos de administración saben que no deben hacerle caso.",
    ),
    fix=Text(
        en="Before the next invoice goes out: {advice}",
        es="Antes de que salga la próxima factura: {advice}",
    ),
    references=("ISO 13616-1:2020", "FBI IC3 Business Email Compromise advisory, 2024-09-11"),
    identity=("account",),
)
_NO_BANK = Text(en="The text names no bank account.", es="El texto no menciona ninguna cuenta bancaria.")
_MASKED = Text(en="The account number is masked.", es="El número de cuenta está enmascarado.")
_ADVICE_WRONG = Text(
    en="copy the number again from the bank's own certificate or web site into the template, and write to those who got the wrong one.",
    es="copie de nuevo el número desde el certificado o la web del banco a la plantilla y avise a quienes recibieron el erróneo.",
)
_ADVICE_CHANGE = Text(
    en="take the sentence out of the invoice mail. Announce a new account by letter or telephone, with a bank certificate, and "
    "ask customers to confirm it by calling a number that they already have.",
    es="quite la frase del correo de la factura. Comunique la cuenta nueva por carta o por teléfono, con un certificado bancario, "
    "y pida a sus clientes que la confirmen llamando a un número que ya tengan.",
)
_CHANGE = Text(
    en="the mail says that the account is a new one",
    es="el correo dice que la cuenta ha cambiado",
)


@BANK.check
def bank(letter: LetterFacts, body: BodyText) -> Iterator[Outcome]:
    """Each account number against its check digits; sentences that announce another account."""
    for account in letter.accounts:
        yield _judged(account, body)
    if letter.bank_changes:
        seen = [text_evidence(body, sentence) for sentence in letter.bank_changes[:_PLACES]]
        yield BANK.found(
            MESSAGE,
            evidence=seen,
            account="",
            problem=_CHANGE,
            advice=_ADVICE_CHANGE,
        )
    elif not letter.accounts:
        yield Unknown(CUT) if letter.cut else NotApplicable(_NO_BANK)


def _judged(account: Account, body: BodyText) -> Outcome:
    if account.state is AccountState.MASKED:
        return NotApplicable(_MASKED, account.masked)
    if not account.state.is_wrong:
        return Passed(account.masked)
    return BANK.found(
        account.masked,
        severity=Severity.ERROR,
        evidence=text_evidence(body, account.text),
        account=account.number,
        problem=_problem(account),
        advice=_ADVICE_WRONG,
    )


def _problem(account: Account) -> Text:
    name, expected, there = account.masked, account.expected_length, len(account.number)
    if account.state is AccountState.LENGTH:
        return Text(
            f"the {account.kind} {name} has {there} characters and should have {expected}",
            f"el {account.kind} {name} tiene {there} caracteres y debería tener {expected}",
        )
    if account.state is AccountState.LETTERS:
        return Text(
            f"the {account.kind} {name} has a letter where only digits can stand",
            f"el {account.kind} {name} tiene una letra donde solo puede haber cifras",
        )
    return Text(
        f"the check digits of the {account.kind} {name} are wrong: a digit is mistyped or two are swapped",
        f"los dígitos de control del {account.kind} {name} no cuadran: hay una cifra mal escrita o dos intercambiadas",
    )


RULES: tuple[Rule, ...] = (NOT_ATTACHED, ANONYMOUS, IMPERSONAL, BANK)
