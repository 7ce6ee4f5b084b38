"""Rules about the header section as such: repeated fields, characters that no line may hold, slips (HDR001, 022, 023)."""

from __future__ import annotations

from collections.abc import Iterator

from deliverability.core.changes import Fix, HeaderChange
from deliverability.core.facts import RawMessage
from deliverability.core.finding import Actor, Basis, Evidence, Outcome, Passed, Severity
from deliverability.core.rule import Area, Rule
from deliverability.core.text import Text
from deliverability.headers.addresses import AddressDefectKind
from deliverability.headers.evidence import PART, field_evidence
from deliverability.headers.facts import HeaderFacts
from deliverability.headers.fields import Field, HeaderDefect, HeaderDefectKind, text_of
from deliverability.headers.lines import Lines, Place
from deliverability.headers.rules.common import SENDER_FIELDS, drop_lines, field_at, occurrence_of, replace_line
from deliverability.headers.words import WordDefectKind
from deliverability.headers.writing import write_mailboxes

# --- HDR001 ---------------------------------------------------------------------------------------------------------

REPEATED = Rule(
    "HDR001",
    "unique-header-repeated",
    Severity.ERROR,
    Basis.STANDARD,
    Area.MESSAGE,
    Actor.SENDER,
    label=Text("Headers that may stand once", "Cabeceras que solo pueden aparecer una vez"),
    title=Text("The header {name} is there {count} times", "La cabecera {name} aparece {count} veces"),
    why=Text(
        "The standard allows it once. Gmail refuses mail with several From, Subject, To, Date or Message-ID lines, and other "
        "filters give it points, because a signature may cover one of them while the reader is shown another.",
        "El estándar solo permite una. Gmail rechaza el correo con varias líneas From, Subject, To, Date o Message-ID, y otros "
        "filtros le suman puntos, porque la firma puede cubrir una mientras el lector ve otra.",
    ),
    fix=Text(
        "Have the sending software write {name} once. It often appears twice when the program sets it and the mail library "
        "adds its own; remove one of the two.",
        "Haga que el programa de envío escriba {name} una sola vez. Suele salir dos veces cuando el programa la pone y la "
        "biblioteca de correo añade la suya; elimine una de las dos.",
    ),
    references=("RFC 5322 §3.6", "Google 81126 (2026-09)"),
)

#: RFC 5322 §3.6 and RFC 2045: at most one each.
_ONCE = (
    "from", "sender", "reply-to", "to", "cc", "bcc", "subject", "date", "message-id", "in-reply-to", "references",
    "mime-version", "content-type", "content-transfer-encoding",
)  # fmt: skip


@REPEATED.check
def repeated(facts: HeaderFacts) -> Iterator[Outcome]:
    """RFC 5322 §3.6: the table's "Max number" is 1 for these."""
    clean = True
    for name in _ONCE:
        fields = facts.all(name)
        if len(fields) < 2:
            continue
        clean = False
        yield REPEATED.found(
            fields[0].name,
            evidence=[field_evidence(field) for field in fields[:5]],
            fix=_without_copies(facts, fields),
            name=fields[0].name,
            count=len(fields),
        )
    if clean:
        yield Passed()


#: Lists that mean the same on one line, and what parts their elements.
_JOINED_BY = {"to": ", ", "cc": ", ", "bcc": ", ", "reply-to": ", ", "references": " ", "in-reply-to": " "}
#: Characters of a joined line that is still proposed.
_MAX_JOINED = 8_000


def _without_copies(facts: HeaderFacts, fields: tuple[Field, ...]) -> Fix | None:
    """Of equal ones the first stays, lists are joined; which of several others is meant, only the sender knows."""
    dropped = drop_lines(facts, fields[1:])
    if all(field.value == fields[0].value for field in fields[1:]):
        return dropped
    glue = _JOINED_BY.get(fields[0].key)
    joined = glue.join(field.text.rstrip(",; ") for field in fields) if glue else ""
    if not joined or len(joined) > _MAX_JOINED or not joined.isascii() or not joined.isprintable():
        return None
    return Fix(headers=(HeaderChange(fields[0].name, joined, 0), *dropped.headers))


# --- HDR022 ---------------------------------------------------------------------------------------------------------

BAD_LINES = Rule(
    "HDR022",
    "lines-out-of-form",
    Severity.ERROR,
    Basis.STANDARD,
    Area.MESSAGE,
    Actor.SENDER,
    label=Text("Line length and line ends", "Longitud y final de las líneas"),
    title=Text("Line {line}: {problem}", "Línea {line}: {problem}"),
    why=Text(
        "SMTP allows 998 octets a line, CRLF at its end and no NUL. Servers that keep to it refuse the mail or break and "
        "rewrite the line on the way, and then the DKIM signature no longer fits. Hidden control characters serve to smuggle "
        "headers in or to show the reader another text; filters take them as an attack.",
        "SMTP permite 998 octetos por línea, CRLF al final y ningún NUL. Los servidores que lo aplican rechazan el correo o "
        "parten y reescriben la línea por el camino, y entonces la firma DKIM ya no cuadra. Los caracteres de control ocultos "
        "sirven para colar cabeceras o para enseñar otro texto al lector; los filtros los toman por un ataque.",
    ),
    fix=Text(
        "Whoever maintains the sending software: fold long headers, send the body as quoted-printable or base64, end every "
        "line with CRLF, and take control characters out of names and subjects before they are encoded.",
        "Quien mantenga el programa de envío: pliegue las cabeceras largas, envíe el cuerpo en quoted-printable o base64, "
        "termine cada línea con CRLF y quite los caracteres de control de nombres y asuntos antes de codificarlos.",
    ),
    references=("RFC 5322 §2.1.1", "RFC 5322 §2.3", "RFC 5321 §4.5.3"),
    identity=("kind",),
)

_LONG = Text("over 998 octets long", "más de 998 octetos")
_BARE_CR = Text("a CR without LF", "un CR sin LF")
_BARE_LF = Text("an LF without CR among lines that end with CRLF", "un LF sin CR entre líneas que terminan en CRLF")
_CONTROL = Text("a control character such as NUL", "un carácter de control, como NUL")
_HIDDEN = Text("a control character inside an encoded word", "un carácter de control dentro de una palabra codificada")
_DIRECTION = Text(
    "a hidden character that turns the writing direction",
    "un carácter oculto que invierte el sentido de la escritura",
)
_BAD = {
    HeaderDefectKind.LONG_LINE: _LONG,
    HeaderDefectKind.BARE_CR: _BARE_CR,
    HeaderDefectKind.BARE_LF: _BARE_LF,
    HeaderDefectKind.CONTROL: _CONTROL,
    HeaderDefectKind.SECTION_CUT: Text(
        "the headers are longer than receivers read; the rest was not read",
        "las cabeceras son más largas de lo que leen los receptores; no se leyó el resto",
    ),
    HeaderDefectKind.TOO_MANY_FIELDS: Text(
        "there are more headers than receivers read; the rest was not read",
        "hay más cabeceras de las que leen los receptores; no se leyó el resto",
    ),
    HeaderDefectKind.FIELD_CUT: Text(
        "a header is longer than receivers read; it and the rest were not read",
        "una cabecera es más larga de lo que leen los receptores; no se leyó ni ella ni el resto",
    ),
}
_OVERFULL = Text(
    "it names more addresses than receivers read; the rest was not read",
    "contiene más direcciones de las que leen los receptores; no se leyó el resto",
)
#: Octets of a body line that are shown.
_EXCERPT = 100
_HIDDEN_KINDS = {WordDefectKind.CONTROL: _HIDDEN, WordDefectKind.DIRECTION: _DIRECTION}


@BAD_LINES.check
def bad_lines(facts: HeaderFacts, lines: Lines | None, message: RawMessage | None) -> Iterator[Outcome]:
    """RFC 5322 §2.1.1 and §2.3, in the header section and in the body. A file that ends all its lines with LF was stored so."""
    clean = True
    told: set[str] = set()
    for defect in facts.headers.defects:
        problem = _BAD.get(defect.kind)
        if (
            problem is None
            or defect.kind in told
            or (defect.kind is HeaderDefectKind.BARE_LF and _stored_with_lf(facts))
        ):
            continue
        told.add(defect.kind)
        clean = False
        yield _line_finding(facts, defect, problem)
    for place, kind, problem in _body_places(lines):
        clean = False
        yield BAD_LINES.found(
            "body", evidence=_body_evidence(place, message), kind=kind, line=place.line, problem=problem
        )
    for field in _overfull(facts):
        clean = False
        yield BAD_LINES.found(
            field.name,
            severity=Severity.WARNING,
            evidence=field_evidence(field),
            kind="too-many-addresses",
            line=field.line,
            problem=_OVERFULL,
        )
    for field, kind, what in _hidden(facts):
        clean = False
        yield BAD_LINES.found(
            field.name,
            severity=Severity.WARNING,
            evidence=field_evidence(field),
            kind=kind.value,
            line=field.line,
            problem=what,
        )
    if clean:
        yield Passed()


def _stored_with_lf(facts: HeaderFacts) -> bool:
    return not any(field.raw.endswith(b"\r\n") for field in facts.headers.fields)


def _line_finding(facts: HeaderFacts, defect: HeaderDefect, problem: Text) -> Outcome:
    field = field_at(facts, defect.offset)
    return BAD_LINES.found(
        field.name if field else "headers",
        evidence=() if field is None else field_evidence(field),
        kind=defect.kind.value,
        line=defect.line,
        problem=problem,
    )


def _body_places(lines: Lines | None) -> Iterator[tuple[Place, str, Text]]:
    if lines is None:
        return
    for place, kind, problem in (
        (lines.long_line, "body-long-line", _LONG),
        (lines.bare_cr, "body-bare-cr", _BARE_CR),
        (lines.bare_lf, "body-bare-lf", _BARE_LF),
        (lines.nul, "body-nul", _CONTROL),
    ):
        if place is not None:
            yield place, kind, problem


def _body_evidence(place: Place, message: RawMessage | None) -> Evidence:
    start = place.offset
    octets = b"" if message is None else message.raw[start : start + _EXCERPT].partition(b"\n")[0]
    return Evidence("body", PART, "", text_of(octets), line=place.line)


def _overfull(facts: HeaderFacts) -> Iterator[Field]:
    """Lists with more addresses than `Limits.addresses`."""
    lists = {"to": facts.to_list, "cc": facts.cc_list, "bcc": facts.bcc_list, "reply-to": facts.reply_to_list}
    for name, read in lists.items():
        field = facts.first(name)
        if field is not None and read.has(AddressDefectKind.TOO_MANY):
            yield field


def _hidden(facts: HeaderFacts) -> Iterator[tuple[Field, WordDefectKind, Text]]:
    """Controls that only decoding brings to light."""
    for name, words in facts.words.items():
        field = facts.first(name)
        if field is None:
            continue
        for kind, problem in _HIDDEN_KINDS.items():
            if words.has(kind):
                yield field, kind, problem
                break


# --- HDR023 ---------------------------------------------------------------------------------------------------------

SLIPS = Rule(
    "HDR023",
    "header-syntax-slips",
    Severity.WARNING,
    Basis.FILTER,
    Area.MESSAGE,
    Actor.SENDER,
    label=Text("Spelling of header lines", "Forma de las líneas de cabecera"),
    title=Text("Line {line}, {name}: {problem}", "Línea {line}, {name}: {problem}"),
    why=Text(
        "No common mail program writes this, mass-mailing scripts do: rspamd scores it with 1 to 2 points. A line that is "
        "no header ends the headers, and all below it is shown as text.",
        "Ningún programa de correo corriente lo escribe así, y los scripts de envío masivo sí: rspamd lo puntúa con 1 o 2 "
        "puntos. Una línea que no es cabecera termina las cabeceras, y todo lo de debajo sale como texto.",
    ),
    fix=Text(
        "Whoever maintains the sending software: let a mail library build the headers instead of joining text, or write the "
        "line as proposed.",
        "Quien mantenga el programa de envío: deje que una biblioteca de correo construya las cabeceras en vez de unir texto, "
        "o escriba la línea como se propone.",
    ),
    references=("RFC 5322 §2.2", "RFC 5322 §4.2"),
    filter_points=2.0,
    identity=("kind",),
)

_SLIPS = {
    HeaderDefectKind.NO_SPACE: Text("no blank after the colon", "sin espacio tras los dos puntos"),
    HeaderDefectKind.BLANK_FOLD: Text(
        "a continuation line of blanks only", "una línea de continuación solo con espacios"
    ),
    HeaderDefectKind.BLANK_IN_NAME: Text("a blank before the colon", "un espacio antes de los dos puntos"),
    HeaderDefectKind.LEADING_FOLD: Text("the headers begin with a blank", "las cabeceras empiezan por un espacio"),
    HeaderDefectKind.EMPTY_NAME: Text("a line that begins with a colon", "una línea que empieza por dos puntos"),
    HeaderDefectKind.NO_SEPARATOR: Text(
        "a line that is no header, so that the headers end here",
        "una línea que no es cabecera, y ahí terminan las cabeceras",
    ),
}
_HEADERS = Text("headers", "cabeceras")
_BLANK_IN_BRACKETS = Text("blanks inside the angle brackets", "espacios dentro de los corchetes angulares")


@SLIPS.check
def slips(facts: HeaderFacts) -> Iterator[Outcome]:
    """What RFC 5322 calls obsolete or does not allow, and what only hand-made mail shows. What others added is not told."""
    clean = True
    told: set[tuple[str, str]] = set()
    for defect in facts.headers.defects:
        problem = _SLIPS.get(defect.kind)
        if (
            problem is None
            or (defect.field and defect.field not in SENDER_FIELDS)
            or (defect.kind, defect.field) in told
        ):
            continue
        told.add((defect.kind, defect.field))
        clean = False
        field = field_at(facts, defect.offset)
        yield _slip(facts, field, problem, defect.kind.value, defect.line)
    for name in ("from", "reply-to", "sender"):
        field = facts.first(name)
        if field is not None and _blank_in_brackets(field.value):
            clean = False
            yield _slip(facts, field, _BLANK_IN_BRACKETS, "blank-in-brackets", field.line)
    if clean:
        yield Passed()


def _blank_in_brackets(value: bytes) -> bool:
    return b"< " in value or b" >" in value


def _slip(facts: HeaderFacts, field: Field | None, problem: Text, kind: str, line: int) -> Outcome:
    return SLIPS.found(
        field.name if field else "headers",
        evidence=() if field is None else field_evidence(field),
        fix=None if field is None else _respelled(facts, field, kind),
        kind=kind,
        line=line,
        name=field.name if field else _HEADERS,
        problem=problem,
    )


def _respelled(facts: HeaderFacts, field: Field, kind: str) -> Fix | None:
    """The same value in the usual form, where writing it so changes nothing else."""
    if not field.value.isascii() or not field.text.isprintable():
        return None
    if kind != "blank-in-brackets":
        return replace_line(facts, field, " ".join(field.text.split()))
    lists = {"from": facts.author_list, "reply-to": facts.reply_to_list, "sender": facts.sender_list}
    read = lists[field.key]
    if occurrence_of(facts, field) > 0 or read.has(AddressDefectKind.TEXT_AFTER):
        return None
    return replace_line(facts, field, write_mailboxes(read.mailboxes))


RULES: tuple[Rule, ...] = (REPEATED, BAD_LINES, SLIPS)
