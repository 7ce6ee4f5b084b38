"""The text of a mail cut into what its sender wrote, what is quoted, and the legal notice below it.

Everything that reads words works on folded text: lower case, without accents, every kind of blank a plain one. Folding
keeps the length, so that a place in folded text is the same place in the text itself.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import cached_property

from deliverability.core.folding import translated
from deliverability.core.patterns import pattern

_ASCII_BLANKS = "\t\v\f"
_BLANKS = "\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
#: Characters of a line that are looked at to tell what the line is.
_LINE_HEAD = 200
#: Characters of a notice's first sentence, at most.
_SENTENCE = 400


def _folding() -> dict[int, str]:
    table = dict.fromkeys(map(ord, _BLANKS), " ")
    for code in (*range(0xC0, 0x180), *range(0x1E00, 0x1F00)):
        base = unicodedata.normalize("NFD", chr(code))[0]
        if base.isascii():
            table[code] = base
    # Hyphens and quotation marks that word processors put in.
    table.update({ord(mark): "-" for mark in "\u2010\u2011\u2012\u2013\u2014\u2212"})
    table.update({ord(mark): "'" for mark in "\u2018\u2019\u00b4\u02bc"})
    return table


_FOLDING = _folding()


def fold(text: str) -> str:
    """The text in lower case without accents, every blank a plain one, character for character."""
    if text.isascii():
        return text.lower().replace("\t", " ")
    for blank in _ASCII_BLANKS:
        text = text.replace(blank, " ")
    return translated(text, _FOLDING).lower()


#: What stands above a mail that is answered or passed on.
_ATTRIBUTION = pattern(
    r"-{2,}\s?(?:original message|mensaje original|mensaje reenviado|forwarded message|missatge original|message d'origine"
    r"|mensagem original|urspr.ngliche nachricht)"
    r"|(?:el|on|le|em|am)\b.{4,150}(?:escribio|wrote|va escriure|a ecrit|escreveu|schrieb) ?:\s?$"
    r"|begin forwarded message:"
)
_REPLY_HEAD = pattern(r"[ *]*(?:de|from|von) ?:\s?\*? ?\S")
_REPLY_NEXT = pattern(r"[ *]*(?:enviado(?: el)?|sent|fecha|date|para|to|asunto|subject) ?:")

#: Words that only the notice at the foot of business mail holds.
_NOTICE = pattern(
    r"\b(?:este (?:mensaje|correo|e-?mail)(?: electronico)?,? (?:y|incluid|asi como|contiene informacion|va dirigid|se dirige|puede contener)"
    r"|aquest (?:missatge|correu)|esta mensagem e|ce (?:message|courriel|mail) et"
    r"|th(?:is|e information in this) (?:message|e-?mail|communication|transmission)(?: transmission)?,? "
    r"(?:and any|and its|including|contains|may contain|is (?:confidential|intended)|and (?:the|all))"
    r"|(?:caracter|informacion|es|son|estrictamente|clausula de|aviso de) confidencial(?:es|idad)?|aviso legal|legal notice"
    r"|confidentiality notice|intended (?:only|solely) for|proteccion de datos|data protection (?:notice|policy|act)|rgpd|lopd|gdpr"
    r"|antes de imprimir|before printing|consider the environment|libre de virus|virus[- ]free|(?:checked|scanned) (?:by|for|with)"
    r"|(?:sus|los|any|its) (?:(?:posibles|archivos|ficheros|documentos) )?(?:adjuntos|anexos|attachments?),? "
    r"(?:si los hubiera|en su caso|que (?:pueda|contiene)|is confidential|are confidential|may contain))"
)

#: What a quick look for must find before the pattern is tried.
_NOTICE_HINTS = (
    "confidencial", "confidential", "este mensaje", "este correo", "este e-mail", "este email", "this message", "this e-mail",
    "this email", "this communication", "this transmission", "in this", "aviso legal", "legal notice", "intended", "proteccion de datos",
    "data protection", "rgpd", "lopd", "gdpr", "imprimir", "printing", "environment", "virus", "checked", "scanned", "adjunto", "anexo",
    "attachment", "aquest", "esta mensagem", "ce message", "ce mail", "ce courriel",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sentence:
    """A stretch of text up to a full stop or an empty line; `folded` is `text` folded."""

    text: str
    folded: str


@dataclass(frozen=True)
class Passages:
    """A mail's text in parts; each is the lines of its kind joined by LF."""

    #: What the sender of this mail wrote.
    own: str
    quoted: str
    #: The legal notice: confidentiality, data protection, printing.
    notice: str

    @cached_property
    def folded(self) -> str:
        """`own`, folded."""
        return fold(self.own)

    @cached_property
    def signed(self) -> str:
        """What may name the sender: the own text and the notice, which often names the company."""
        return f"{self.own}\n{self.notice}" if self.notice else self.own


def split_passages(text: str) -> Passages:
    """The parts of a mail's text. Linear; never fails."""
    own: list[str] = []
    quoted: list[str] = []
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    lines = text.split("\n")
    whole = fold(text)
    folded = [line[:_LINE_HEAD] for line in whole.split("\n")]
    for number, line in enumerate(lines):
        if folded[number].lstrip(" ").startswith((">", "|>")):
            quoted.append(line)
        elif _opens_quotation(folded, number):
            quoted.extend(lines[number:])
            break
        else:
            own.append(line)
    if not quoted and not any(hint in whole for hint in _NOTICE_HINTS):
        return Passages(text, "", "")
    kept, notice = _without_notice("\n".join(own))
    return Passages(kept, "\n".join(quoted), notice)


def _opens_quotation(folded: list[str], number: int) -> bool:
    head = folded[number].strip(" ")
    if not head:
        return False
    if head.startswith(("-", "el ", "on ", "le ", "em ", "am ", "begin ")):
        joined = f"{head} {folded[number + 1].strip(' ')}" if number + 1 < len(folded) else head
        if _ATTRIBUTION.match(head) or (head[0] != "-" and len(head) > 30 and _ATTRIBUTION.match(joined)):
            return True
    if head.startswith(("de", "from", "von", "*")) and _REPLY_HEAD.match(head):
        return sum(1 for line in folded[number + 1 : number + 5] if _REPLY_NEXT.match(line.strip(" "))) >= 2
    return False


def _without_notice(text: str) -> tuple[str, str]:
    """The text without its legal notices, and these. A notice reaches to the end of its paragraph."""
    folded = fold(text)
    if not any(hint in folded for hint in _NOTICE_HINTS) or not _NOTICE.search(folded.replace("\n", " ")):
        return text, ""
    kept: list[str] = []
    notices: list[str] = []
    for paragraph in _paragraphs(text):
        flat = fold(paragraph).replace("\n", " ")
        found = _NOTICE.search(flat)
        if found is None:
            kept.append(paragraph)
            continue
        start = _sentence_start(paragraph, flat, found.start())
        kept.append(paragraph[:start])
        notices.append(paragraph[start:])
    return "\n\n".join(kept), "\n\n".join(notices)


def _sentence_start(paragraph: str, flat: str, at: int) -> int:
    """Where the sentence of `at` begins: after a full stop, or with the line when the one before is short and no sentence."""
    floor = max(0, at - _SENTENCE)
    stops = [
        flat.rfind(mark, floor, at) + len(mark) for mark in (". ", "! ", "? ", ": ") if flat.rfind(mark, floor, at) >= 0
    ]
    line = paragraph.rfind("\n", floor, at) + 1
    return max([0, *stops, line if line and at - line < 3 else 0])


def _paragraphs(text: str) -> list[str]:
    found: list[str] = []
    lines: list[str] = []
    for line in text.split("\n"):
        if line.strip():
            lines.append(line)
        elif lines:
            found.append("\n".join(lines))
            lines = []
    return [*found, "\n".join(lines)] if lines else found


_SENTENCE_END = pattern(r"(?<=[.!?;])\s+|\n\s*\n|\n(?=\s*[-*•·])")


def sentences(text: str) -> list[Sentence]:
    """The sentences of a text; lines that a mail program broke are put together again."""
    parts = (part.strip().replace("\n", " ") for part in _SENTENCE_END.split(text))
    return [Sentence(part, fold(part)) for part in parts if part]
