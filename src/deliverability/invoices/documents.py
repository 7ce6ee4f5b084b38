"""Files of invoices by type and by name: PDF or not, a name that says something or none, a person's number in it."""

from __future__ import annotations

import re
from collections.abc import Iterable

from deliverability.content.letter.passages import fold
from deliverability.content.letter.tax_ids import nif_is_valid
from deliverability.content.part import Part
from deliverability.core.patterns import pattern

#: Characters of a file name that are looked at, and of each part of one that is proposed.
_NAME = 200
_PROPOSED = 40
_PDF_TYPES = ("application/pdf", "application/x-pdf")
_ARCHIVE_TYPES = (
    "application/zip",
    "application/x-zip-compressed",
    "application/x-rar-compressed",
    "application/vnd.rar",
)
_ARCHIVES = (".zip", ".rar", ".7z", ".gz", ".tgz")

#: Names that a program or a scanner gives, folded, without numbers and marks.
_GENERIC = pattern(
    r"(?:(?:el |la )?(?:documento|document|documentos|doc|archivo|fichero|file|adjunto|attachment|att|scan|scanned|escaneo|escaneado|escaner|imagen|image|img|sin titulo"
    r"|untitled|output|salida|print|impresion|report|informe|listado|pdf|temp|tmp|noname|unnamed|copia|copy|download|descarga|nuevo|new|page|pagina|hoja|libro"
    r"|factura|facturas|invoice|invoices|fra|recibo|bill|boleta|fatura|facture|comprobante|cfdi|inv|fac|my|mi|su|your|tu|de|final|ok|definitiva|v|pdf)(?: |$))+"
)
_MARKS = pattern(r"[\W_]+")
_OPAQUE = pattern(r"(?:[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}|[0-9a-f]{16,64})", re.IGNORECASE)
_PERSONAL = pattern(r"(?<![A-Z0-9])([XYZ]?\d{7,8}[A-Z])(?![A-Z0-9])")
_BARE_NUMBER = pattern(r"(?<!\d)\d{3,}")


def is_pdf(part: Part) -> bool:
    """Whether the part is declared or named as a PDF."""
    return part.content_type in _PDF_TYPES or part.filename.lower().endswith(".pdf")


def is_archive(part: Part) -> bool:
    """Whether the part is declared or named as an archive."""
    return part.content_type in _ARCHIVE_TYPES or part.filename.lower().endswith(_ARCHIVES)


def is_generic(name: str, numbers: Iterable[str] = ()) -> bool:
    """Whether the file name would fit any invoice of anybody: `documento.pdf`, `factura.pdf`, `scan0001.pdf`, a UUID.

    A name that holds the number of the invoice is never generic.
    """
    stem = fold(name[:_NAME].rpartition(".")[0] or name[:_NAME])
    bare = _MARKS.sub("", stem)
    if any(number and _MARKS.sub("", fold(number)) in bare for number in numbers):
        return False
    if not bare or _OPAQUE.fullmatch(stem.strip()):
        return True
    words = re.sub(r"\d+", " ", _MARKS.sub(" ", stem)).split()
    generic = not words or _GENERIC.fullmatch(" ".join(words)) is not None
    if not generic:
        return False
    # "factura 2026-0123" says which one; "scan0001" and "20261122093015" do not.
    papers = {
        "factura",
        "invoice",
        "fra",
        "recibo",
        "bill",
        "boleta",
        "fatura",
        "facture",
        "cfdi",
        "inv",
        "fac",
        "comprobante",
    }
    return not (papers.intersection(words) and _BARE_NUMBER.search(stem))


def personal_number(name: str, own: Iterable[str] = ()) -> str:
    """The DNI or NIE in a file name, by its check letter; "" without one. Those of `own` are the sender's."""
    for found in _PERSONAL.finditer(name[:_NAME].upper()):
        number = found[1].rjust(9, "0") if found[1][0].isdigit() else found[1]
        if len(number) == 9 and nif_is_valid(number) and number not in set(own):
            return found[1]
    return ""


def proposed_name(number: str, company: str) -> str:
    """`Factura_2026-0123_Talleres-Soler.pdf`: a name that says which invoice of whom."""
    parts = [
        "Factura",
        _safe(number) or "2026-0123",
        _safe(re.split(r",| S\. ?[AL]\b| S[AL]U?\b", company)[0]) or "Empresa",
    ]
    return "_".join(parts) + ".pdf"


def _safe(text: str) -> str:
    return re.sub(r"-{2,}", "-", re.sub(r"[^A-Za-z0-9]+", "-", _ascii(text))).strip("-")[:_PROPOSED]


def _ascii(text: str) -> str:
    folded = fold(text)
    return "".join(
        (plain.upper() if original.isupper() else plain) for original, plain in zip(text, folded, strict=False)
    )
