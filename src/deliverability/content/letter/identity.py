"""Who signs a letter: company name, tax number, address, telephone, web site."""

from __future__ import annotations

import re
from dataclasses import dataclass

from deliverability.content.letter.passages import fold
from deliverability.content.letter.tax_ids import TaxId, find_tax_ids
from deliverability.content.letter.words import words_of
from deliverability.core.patterns import pattern

#: Of one text, the hits of one kind that are looked at.
_MAX = 200
#: Characters before a legal form that may hold the company's name.
_NAME = 90

#: Legal forms as they stand after a name. Read with their capitals: "sa" and "as" are words.
_FORM = pattern(
    r"[ ,]\(?((?:S\. ?L\. ?U|S\. ?L\. ?L|S\. ?L\. ?P|S\. ?L\. ?N\. ?E|S\. ?L|S\. ?A\. ?U|S\. ?A\. ?S|S\. ?A\. ?C|S\. ?A\. ?L|S\. ?A|S\. ?R\. ?L|C\. ?B|S\. ?C\. ?P|S\. ?C|E\. ?I\. ?R\. ?L)\.?"
    r"(?: (?:de|DE) C\. ?V\.?)?|S\. ?de ?R\. ?L\.?(?: de C\. ?V\.?| MI)?|S\. ?A\. ?P\. ?I\.?(?: de C\. ?V\.?)|SAPI(?: (?:de|DE) CV)?"
    r"|(?:SLU|SLL|SLP|SLNE|SL|SAU|SAS|SAC|SAL|SA|SRL|SCCL|SCP|EIRL|SPA|SpA|SARL|EURL|GmbH|UG|AG|KG|BV|NV|AB|AS|ApS|Oy|PLC|LLC|LLP|LP)(?: (?:de|DE) CV)?"
    r"|S\. ?Coop\.?(?: ?And\.?| ?Mad\.?)?|Soc\. Coop\.?|Sociedad Limitada|Sociedad An[oó]nima|Sociedad Cooperativa|Limitada|Ltda\.?|Lda\.?|L\.da|Ltd\.?|LTD\.?|Limited|Inc\.?|Corp\.?"
    r"|P\.?L\.?C\.?|L\.L\.C\.?|B\.V\.|e\.V\.|Pty Ltd|A\. ?C\.|ABP)(?![\w])"
)
_CAPITAL = pattern(r"[A-ZÁÉÍÓÚÜÑÇÀÈÌÒÙÂÊÔÃÕÖÄ0-9][\w&.'’+\-]*")
_JOINING = frozenset(
    (
        "y",
        "e",
        "de",
        "del",
        "la",
        "las",
        "los",
        "i",
        "&",
        "and",
        "of",
        "the",
        "en",
        "d'",
        "+",
        "do",
        "da",
        "dos",
        "das",
        "du",
        "des",
        "et",
    )
)
_POSTCODE = pattern(
    r"(?<![\d/\-.])(?:0[1-9]|[1-4]\d|5[0-2])\d{3},? ?-? ?[a-z]{3}|c\.? ?p\.?:? ?\d{4,5}(?!\d)|(?<![a-z])[a-z]{1,2}\d[a-z\d]? \d[a-z]{2}(?![a-z])|[a-z],? [a-z]{2} \d{5}(?!\d)"
)
_PHONE_NUMBER = pattern(r"[^\d\n]{0,14}\(?\+?\d[\d ().\-/]{6,18}\d")
_BARE_PHONE = pattern(
    r"(?<![\w.,/+\-])(?:\+\d{1,3}[ .\-]?\(?\d[\d ().\-]{6,16}\d|[6789]\d{2}[ .]\d{3}[ .]\d{3}|[6789]\d{2}[ .]\d{2}[ .]\d{2}[ .]\d{2}|9\d[ .]\d{3}[ .]\d{2}[ .]\d{2}|\(\d{2,3}\) ?\d{3,4}[ \-]\d{4})(?![\w])"
)
_SITE = pattern(r"(?<![a-z0-9.@])(?:https?://|www\.)[a-z0-9][a-z0-9.\-]{2,80}")


@dataclass(frozen=True, slots=True)
class Identity:
    """What a text says about who sends it. Each as written; "" where it stands nowhere."""

    company: str = ""
    tax_ids: tuple[TaxId, ...] = ()
    address: str = ""
    phone: str = ""
    website: str = ""

    @property
    def kinds(self) -> tuple[str, ...]:
        """Which of the five are there, by the names of the fields."""
        there = (
            ("company", self.company),
            ("tax_ids", self.tax_ids),
            ("address", self.address),
            ("phone", self.phone),
            ("website", self.website),
        )
        return tuple(name for name, value in there if value)


def read_identity(text: str, folded: str) -> Identity:
    """What the text says about its sender. Linear; never fails."""
    site = _SITE.search(folded)
    return Identity(
        company=find_company(text),
        tax_ids=find_tax_ids(folded),
        address=_address(text, folded),
        phone=_phone(text, folded),
        website=text[site.start() : site.end()] if site else "",
    )


def find_company(text: str) -> str:
    """The first company name with its legal form ("Talleres Soler, S. L."); "" without one."""
    for count, form in enumerate(_FORM.finditer(text)):
        if count >= _MAX:
            break
        before = text[max(0, form.start() - _NAME) : form.start()].rpartition("\n")[2]
        name = _name_before(before)
        if name:
            return f"{name}{text[form.start() : form.end()]}".strip()
    return ""


def _name_before(before: str) -> str:
    """The capitalised words that end `before`."""
    words = before.split(" ")
    kept: list[str] = []
    while words and len(kept) < 8:
        word = words[-1]
        bare = word.strip("(\"'«»,;:")
        if not bare or not (_CAPITAL.fullmatch(bare) or bare.lower() in _JOINING):
            break
        kept.append(words.pop())
        if word[:1] in '("«':
            break
        if words and words[-1].endswith((":", ".", ",", ";", "!", "?")) and len(words[-1]) > 3:
            break
    while kept and kept[-1].lower() in _JOINING:
        kept.pop()
    name = " ".join(reversed(kept)).lstrip(" (\"'«»,;:").rstrip(" (\"'«;:")
    return name if len(name.strip(" ,")) >= 2 and not name.isdigit() else ""


def _address(text: str, folded: str) -> str:
    for count, street in enumerate(words_of("identity", "street").finditer(folded)):
        if count >= _MAX:
            break
        line_end = folded.find("\n", street.end(), street.end() + 90)
        rest = folded[street.end() : line_end if line_end >= 0 else street.end() + 90]
        if rest[:1] in (" ", ".", ":", "/", ",") and any(character.isdigit() for character in rest[:60]):
            return text[street.start() : street.end() + len(rest)].strip()
    code = _POSTCODE.search(folded)
    return text[code.start() : code.end()] if code and code[0] != "" else ""


def _phone(text: str, folded: str) -> str:
    for count, label in enumerate(words_of("identity", "phone").finditer(folded)):
        if count >= _MAX:
            break
        number = _PHONE_NUMBER.match(folded, label.end())
        if number:
            return text[label.end() : number.end()].strip(" :.()")
    bare = _BARE_PHONE.search(folded)
    return text[bare.start() : bare.end()] if bare else ""


def names_company(text: str, company: str) -> bool:
    """Whether the legal name that the user told stands in the text, however its form is spelled."""
    wanted = fold(company)
    cut = _FORM.search(f"{company} ")
    core = fold(company[: cut.start()]).strip(" ,") if cut else wanted
    return bool(core) and core in re.sub(r"\s+", " ", fold(text))
