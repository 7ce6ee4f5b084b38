"""Rules about who wrote the message: From and its name (HDR002, 003, 004, 005, 032, 033)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from deliverability.core.changes import Fix
from deliverability.core.facts import Receiving
from deliverability.core.finding import Actor, Basis, Finding, NotApplicable, Outcome, Passed, Severity, Unknown
from deliverability.core.names import to_unicode
from deliverability.core.patterns import pattern
from deliverability.core.rule import Area, Rule
from deliverability.core.span import Span
from deliverability.core.text import NO_TEXT, Text
from deliverability.headers.addresses import AddressDefectKind, Mailbox
from deliverability.headers.evidence import field_evidence
from deliverability.headers.facts import HeaderFacts
from deliverability.headers.fields import Field
from deliverability.headers.rules.common import (
    MAILING_LIST,
    MANY,
    NO_AUTHOR,
    NO_FIELD,
    evidence_in,
    from_list,
    mailboxes_of,
    replace_line,
    same_organization,
)
from deliverability.headers.scripts import imitation
from deliverability.headers.writing import write_mailbox

# --- HDR002 ---------------------------------------------------------------------------------------------------------

BAD_FROM = Rule(
    "HDR002",
    "from-missing-or-invalid",
    Severity.ERROR,
    Basis.STANDARD,
    Area.MESSAGE,
    Actor.SENDER,
    label=Text("A From that can be read", "Un From que se puede leer"),
    title=Text("From is not in order: {problem}", "El From no es correcto: {problem}"),
    why=Text(
        "Without one readable address in From there is no domain to authenticate. Gmail refuses such mail with 5.7.1, "
        "and other receivers guess, each in its own way, whose mail it is.",
        "Sin una dirección legible en el From no hay dominio que autenticar. Gmail rechaza ese correo con 5.7.1, y otros "
        "receptores adivinan, cada uno a su manera, de quién es.",
    ),
    fix=Text(
        "Set the sender in your mailing or invoicing program as `Name <invoices@your-domain.example>`. A name with a comma, "
        "a dot or an @ has to stand in quotation marks; a mail library does that by itself.",
        "Indique el remitente en su programa de facturación o de correo como `Nombre <facturas@su-dominio.example>`. Un nombre "
        "con coma, punto o @ tiene que ir entre comillas; una biblioteca de correo lo hace sola.",
    ),
    references=("RFC 5322 §3.6.2", "RFC 5322 §3.4", "Google 81126 (2026-09)"),
)

_MISSING = Text("the header is missing", "falta la cabecera")
_EMPTY = Text("it is empty", "está vacía")
_TOO_LONG = Text("it is longer than receivers read", "es más larga de lo que leen los receptores")
_NO_ADDRESS = Text("no address can be read from it", "no se puede leer ninguna dirección")
_COMMA = Text(
    "the name has a comma and no quotation marks, which cuts it into several addresses",
    "el nombre lleva una coma y no va entre comillas, y eso lo parte en varias direcciones",
)
_PROBLEMS = (
    (AddressDefectKind.NO_AT, Text("a part of it is no address", "una parte no es una dirección")),
    (AddressDefectKind.NO_LOCAL_PART, Text("nothing stands before the @", "no hay nada antes de la @")),
    (AddressDefectKind.NO_DOMAIN, Text("nothing stands after the @", "no hay nada después de la @")),
    (AddressDefectKind.SEVERAL_AT, Text("the address has several @", "la dirección tiene varias @")),
    (AddressDefectKind.BAD_DOMAIN, Text("what follows the @ is no domain name", "lo que sigue a la @ no es un nombre de dominio")),
    (AddressDefectKind.BAD_LOCAL_PART, Text("what precedes the @ has dots or signs in wrong places", "lo que precede a la @ tiene puntos o signos mal puestos")),
    (AddressDefectKind.UNCLOSED_QUOTE, Text("a quotation mark is not closed", "hay unas comillas sin cerrar")),
    (AddressDefectKind.UNCLOSED_BRACKET, Text("an angle bracket is not closed", "hay un corchete angular sin cerrar")),
    (AddressDefectKind.UNCLOSED_COMMENT, Text("a parenthesis is not closed", "hay un paréntesis sin cerrar")),
    (AddressDefectKind.TEXT_AFTER, Text("text follows the address", "hay texto detrás de la dirección")),
    (AddressDefectKind.BLANK_IN_ADDRESS, Text("a blank stands inside the address", "hay un espacio dentro de la dirección")),
    (AddressDefectKind.NO_BRACKETS, Text("the address lacks its angle brackets", "faltan los corchetes angulares de la dirección")),
    (AddressDefectKind.UNQUOTED_NAME, Text("the name has signs that need quotation marks", "el nombre tiene signos que exigen comillas")),
    (AddressDefectKind.SEMICOLON, Text("a semicolon stands where a comma belongs", "hay un punto y coma en lugar de una coma")),
    (AddressDefectKind.STRAY_BRACKET, Text("an angle bracket stands alone", "hay un corchete angular suelto")),
)  # fmt: skip
#: Every receiver reads the right address all the same.
_READ_ALL_THE_SAME = {
    AddressDefectKind.UNQUOTED_NAME,
    AddressDefectKind.NO_BRACKETS,
    AddressDefectKind.SEMICOLON,
    AddressDefectKind.UNCLOSED_QUOTE,
    AddressDefectKind.UNCLOSED_COMMENT,
}
_NOT_QUALIFIED = Text("the domain {domain} is not a full name", "el dominio {domain} no es un nombre completo")


@BAD_FROM.check
def bad_from(facts: HeaderFacts) -> Outcome:
    """RFC 5322 §3.6.2: one From field with a mailbox that can be sent to."""
    field = facts.first("from")
    if field is None and facts.headers.cut:
        return Unknown(_CUT)
    if field is None:
        return BAD_FROM.found("From", problem=_MISSING)
    if facts.from_too_long:
        return BAD_FROM.found("From", evidence=field_evidence(field), problem=_TOO_LONG)
    if not field.value:
        return BAD_FROM.found("From", evidence=field_evidence(field), problem=_EMPTY)
    usable = [box for box in facts.authors if box.usable]
    problem, kind, span = _problem(facts)
    pieces = _name_pieces(facts, usable)
    if problem:
        mild = kind in _READ_ALL_THE_SAME and bool(usable)
        return BAD_FROM.found(
            "From",
            severity=Severity.WARNING if mild else Severity.ERROR,
            evidence=field_evidence(field, *span),
            fix=_rewritten(facts, field, usable, pieces),
            problem=_COMMA if pieces else problem,
        )
    if not usable:
        return BAD_FROM.found("From", evidence=field_evidence(field), problem=_NO_ADDRESS)
    short = next((box for box in usable if box.domain[:1] != "[" and "." not in box.domain), None)
    if short is not None:
        args = {"domain": short.domain}
        problem = Text(_NOT_QUALIFIED.format("en", args), _NOT_QUALIFIED.format("es", args))
        return BAD_FROM.found("From", evidence=field_evidence(field, short.span), problem=problem)
    return Passed("From")


_CUT = Text(
    "The headers are too long to be read whole; From may stand further down.",
    "Las cabeceras son demasiado largas para leerlas enteras; el From puede estar más abajo.",
)


def _problem(facts: HeaderFacts) -> tuple[Text, AddressDefectKind | None, tuple[Span, ...]]:
    """The defect of From that matters most."""
    for kind, text in _PROBLEMS:
        for defect in facts.author_list.defects:
            if defect.kind is kind:
                return text, kind, (defect.span,)
    return NO_TEXT, None, ()


def _name_pieces(facts: HeaderFacts, usable: list[Mailbox]) -> list[str]:
    """The pieces before the one good address that are none: they were meant as its name (`Empresa, S.L. <a@…>`)."""
    if len(usable) != 1 or facts.authors[-1] is not usable[0]:
        return []
    before = facts.authors[:-1]
    if any(other.defects != (AddressDefectKind.NO_AT,) or not other.local_part for other in before):
        return []
    return [other.local_part for other in before]


def _rewritten(facts: HeaderFacts, field: Field, usable: list[Mailbox], pieces: list[str]) -> Fix | None:
    """The one good address with the name that was meant for it."""
    if len(usable) != 1 or len(pieces) + 1 < len(facts.authors) or not usable[0].local_part.isascii():
        return None
    box = usable[0]
    name = box.display_name
    if pieces:
        name = _name_as_written(field) or ", ".join([*pieces, *([name] if name else [])])
    return replace_line(facts, field, write_mailbox(name.strip(), box.local_part, box.domain))


def _name_as_written(field: Field) -> str:
    """What stands before the bracket of the address, where it is plain text."""
    before, bracket, _ = field.text.partition("<")
    plain = bool(bracket) and not re.search(r'["()\\@]|=\?', before)
    return " ".join(before.split()) if plain else ""


# --- HDR003 ---------------------------------------------------------------------------------------------------------

SEVERAL_AUTHORS = Rule(
    "HDR003",
    "several-authors",
    Severity.ERROR,
    Basis.STANDARD,
    Area.MESSAGE,
    Actor.SENDER,
    label=Text("One address in From", "Una sola dirección en el From"),
    title=Text("From names {count} addresses: {addresses}", "El From nombra {count} direcciones: {addresses}"),
    why=Text(
        "DMARC receivers may reject mail with authors of several domains, and filters score more than one address in From as "
        "forgery (rspamd: 8 points).",
        "Los receptores con DMARC pueden rechazar el correo con autores de varios dominios, y los filtros puntúan más de una "
        "dirección en el From como falsificación (rspamd: 8 puntos).",
    ),
    fix=Text(
        "Leave one address in From, the one customers know. Put others into Reply-To or Cc.",
        "Deje en el From una sola dirección, la que conocen sus clientes. Ponga las demás en Reply-To o en Cc.",
    ),
    references=("RFC 9989 §11.5", "RFC 5322 §3.6.2"),
    consequence_of=("HDR001",),
)


@SEVERAL_AUTHORS.check
def several_authors(facts: HeaderFacts) -> Outcome:
    """RFC 5322 §3.6.2 allows several; nobody who receives mail for many does."""
    field = facts.first("from")
    if field is None or not facts.authors:
        return NotApplicable(NO_AUTHOR)
    addresses = list(dict.fromkeys(box.address for box in facts.authors if box.usable))
    if len(addresses) < 2:
        return Passed("From")
    return SEVERAL_AUTHORS.found(
        "From", evidence=field_evidence(field), count=len(addresses), addresses=tuple(addresses[:5])
    )


# --- HDR004 ---------------------------------------------------------------------------------------------------------

NO_NAME = Rule(
    "HDR004",
    "no-display-name",
    Severity.INFO,
    Basis.CONSENSUS,
    Area.MESSAGE,
    Actor.SENDER,
    label=Text("Sender's name in From", "Nombre del remitente en el From"),
    title=Text(
        "From shows only the address {address}, no name", "El From muestra solo la dirección {address}, sin nombre"
    ),
    why=Text(
        "The reader sees a bare address in the list of messages and recognizes the company less easily. SpamAssassin gives "
        "2.1 points to an empty name in quotation marks.",
        "En la lista de mensajes el lector ve una dirección sin más y reconoce peor a la empresa. SpamAssassin da 2,1 puntos a "
        "un nombre vacío entre comillas.",
    ),
    fix=Text(
        "Set the company's name as the sender's name in the program that sends.",
        "Ponga el nombre de la empresa como nombre del remitente en el programa que envía.",
    ),
    references=("SpamAssassin 4.0.1 FROM_BLANK_NAME (2024-03)",),
)


@NO_NAME.check
def no_name(facts: HeaderFacts, receiving: Receiving | None) -> Outcome:
    """The name of the one author; with the company's name told, the line can be written."""
    author, field = facts.author, facts.first("from")
    if author is None or field is None:
        return NotApplicable(NO_AUTHOR)
    if author.display_name.strip():
        return Passed("From")
    company = " ".join(receiving.company.split()) if receiving else ""
    written = write_mailbox(company, author.local_part, author.domain) if company and author.usable else None
    return NO_NAME.found(
        "From", evidence=field_evidence(field), fix=replace_line(facts, field, written), address=author.address
    )


# --- HDR005 ---------------------------------------------------------------------------------------------------------

NAME_OF_ANOTHER = Rule(
    "HDR005",
    "display-name-of-another",
    Severity.ERROR,
    Basis.FILTER,
    Area.MESSAGE,
    Actor.SENDER,
    label=Text("Name in From free of other domains", "Nombre del From sin otros dominios"),
    title=Text(
        "The name in From shows {shown}, but the mail is from {domain}",
        "El nombre del From muestra {shown}, pero el correo es de {domain}",
    ),
    why=Text(
        "Most programs show only the name, so this is how phishing hides its address: rspamd gives it 8 points, and Gmail and "
        "Outlook.com put a warning above the mail.",
        "Casi todos los programas muestran solo el nombre, y así oculta su dirección la suplantación: rspamd le da 8 puntos, "
        "y Gmail y Outlook.com ponen un aviso encima del correo.",
    ),
    fix=Text(
        "Set the company's name as the sender's name, without an address or a domain in it; to have answers go elsewhere, "
        "use Reply-To.",
        "Ponga como nombre del remitente el de la empresa, sin direcciones ni dominios; para que las respuestas vayan a otro "
        "sitio, use Reply-To.",
    ),
    references=("rspamd 3.4 SPOOF_DISPLAY_NAME (2026-08)", "RFC 5322 §3.4"),
    filter_points=8.0,
    cap=50,
)

_ADDRESS = pattern(r"[^\s@<>()\"',;:]{1,64}@([A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8})")
#: A domain as such is told only under the suffixes that companies' sites have: `Node.js` is no domain.
_DOMAIN = pattern(
    r"(?<![\w.@-])((?:[A-Za-z0-9][A-Za-z0-9-]{0,62}\.){1,4}(?:com|net|org|es|eu|cat|gal|eus|info|biz|fr|de|it|pt|com\.es|co\.uk|com\.mx))(?![\w-]|\.\w)",
    re.IGNORECASE,
)


@NAME_OF_ANOTHER.check
def name_of_another(facts: HeaderFacts) -> Outcome:
    """An address of another organization is an error, a bare domain a warning: `Booking.com` is also a brand."""
    author, field = facts.author, facts.first("from")
    if author is None or field is None:
        return NotApplicable(NO_AUTHOR)
    if from_list(facts):
        return NotApplicable(MAILING_LIST, "From")
    name = author.display_name
    for found in _ADDRESS.finditer(name) if "@" in name else ():
        if not same_organization(found[1].lower(), author.domain):
            return _foreign_name(field, author, found[0], Severity.ERROR)
    if "@" not in name and "." in name:
        for found in _DOMAIN.finditer(name):
            if not same_organization(found[1].lower(), author.domain):
                return _foreign_name(field, author, found[1], Severity.WARNING)
    return Passed("From")


def _foreign_name(field: Field, author: Mailbox, shown: str, severity: Severity) -> Finding:
    return NAME_OF_ANOTHER.found(
        "From", severity=severity, evidence=field_evidence(field), shown=shown, domain=author.domain
    )


# --- HDR032 ---------------------------------------------------------------------------------------------------------

NEEDS_SMTPUTF8 = Rule(
    "HDR032",
    "needs-smtputf8",
    Severity.WARNING,
    Basis.STANDARD,
    Area.MESSAGE,
    Actor.SENDER,
    label=Text("Addresses in plain ASCII", "Direcciones en ASCII"),
    title=Text(
        "{name}: the address {address} has letters beyond ASCII before the @",
        "{name}: la dirección {address} tiene letras no ASCII antes de la @",
    ),
    why=Text(
        "Only servers with SMTPUTF8 on the whole way take such mail; many do not, and return it.",
        "Solo los servidores con SMTPUTF8 en todo el recorrido aceptan ese correo; muchos no lo tienen y lo devuelven.",
    ),
    fix=Text(
        "Have whoever manages the mailboxes create an alias in plain ASCII (`facturacion@` for `facturación@`) and use that.",
        "Pida a quien gestione los buzones un alias en ASCII (`facturacion@` por `facturación@`) y use ese.",
    ),
    references=("RFC 6531 §3.1", "RFC 6532 §3.2"),
    identity=("address",),
)


@NEEDS_SMTPUTF8.check
def needs_smtputf8(facts: HeaderFacts) -> Iterator[Outcome]:
    """RFC 6531: a local part beyond ASCII has no other spelling; a domain has its A-labels."""
    told = 0
    for field, mailbox in mailboxes_of(facts, ("from", "sender", "reply-to", "to", "cc")):
        if told == MANY:
            return
        if mailbox.local_part.isascii() or not mailbox.domain:
            continue
        told += 1
        yield NEEDS_SMTPUTF8.found(
            field.name, evidence=field_evidence(field, mailbox.span), name=field.name, address=mailbox.address
        )
    if not told:
        yield Passed()


# --- HDR033 ---------------------------------------------------------------------------------------------------------

LOOKALIKE = Rule(
    "HDR033",
    "lookalike-domain",
    Severity.ERROR,
    Basis.FILTER,
    Area.MESSAGE,
    Actor.SENDER,
    label=Text("Domain in letters of one script", "Dominio en letras de un solo alfabeto"),
    title=Text(
        "{name}: the domain {shown} ({domain}) imitates another with foreign letters ({scripts})",
        "{name}: el dominio {shown} ({domain}) imita a otro con letras ajenas ({scripts})",
    ),
    why=Text(
        "Letters of other alphabets that look Latin serve to pass for somebody else. Filters give 5 to 7 points, browsers and "
        "Gmail show the coded form or refuse the mail.",
        "Las letras de otros alfabetos que parecen latinas sirven para hacerse pasar por otro. Los filtros dan de 5 a 7 "
        "puntos; los navegadores y Gmail muestran la forma codificada o rechazan el correo.",
    ),
    fix=Text(
        "Send from a domain in letters of one script; if you did not choose {domain}, somebody imitates you or one of your "
        "suppliers: do not answer or pay.",
        "Envíe desde un dominio con letras de un solo alfabeto; si usted no eligió {domain}, alguien le imita a usted o a un "
        "proveedor suyo: no responda ni pague.",
    ),
    references=("Unicode Technical Standard 39 (2025)", "RFC 5890 §4.4"),
    filter_points=7.0,
    identity=("domain",),
)


@LOOKALIKE.check
def lookalike(facts: HeaderFacts) -> Iterator[Outcome]:
    """UTS 39 §5.2: labels whose scripts are not written together, and labels of another script that read as Latin."""
    seen: set[str] = set()
    for field, mailbox in mailboxes_of(facts, ("from", "sender", "reply-to")):
        if not mailbox.domain or mailbox.domain in seen or len(seen) == MANY:
            continue
        seen.add(mailbox.domain)
        found = imitation(mailbox.domain)
        if found is None:
            yield Passed(mailbox.domain)
            continue
        yield LOOKALIKE.found(
            field.name,
            evidence=evidence_in(field, mailbox.span),
            name=field.name,
            shown=to_unicode(mailbox.domain),
            domain=mailbox.domain,
            scripts=found.scripts,
        )
    if not seen:
        yield NotApplicable(NO_FIELD)


RULES: tuple[Rule, ...] = (BAD_FROM, SEVERAL_AUTHORS, NO_NAME, NAME_OF_ANOTHER, NEEDS_SMTPUTF8, LOOKALIKE)
