"""What is wrong with a MIME structure, in words."""

from __future__ import annotations

from deliverability.content.part import MimeDefectKind
from deliverability.core.text import Text

#: Without these the parts cannot be told apart: readers show an empty mail or raw text.
UNREADABLE = frozenset(
    (
        MimeDefectKind.NO_BOUNDARY,
        MimeDefectKind.BOUNDARY_NOT_FOUND,
        MimeDefectKind.BOUNDARY_REUSED,
        MimeDefectKind.EMPTY_MULTIPART,
        MimeDefectKind.ENCODED_MULTIPART,
    )
)

PROBLEMS: dict[MimeDefectKind, Text] = {
    MimeDefectKind.DUPLICATE_FIELD: Text(
        en="a part has the same Content field twice", es="una parte repite el mismo campo Content"
    ),
    MimeDefectKind.TYPE_SYNTAX: Text(en="a Content-Type names no type", es="un Content-Type no indica ningún tipo"),
    MimeDefectKind.NO_BOUNDARY: Text(
        en="a multipart has no boundary parameter", es="un multipart no tiene el parámetro boundary"
    ),
    MimeDefectKind.BOUNDARY_SYNTAX: Text(
        en="a boundary is over 70 characters or holds characters that are not allowed",
        es="un boundary pasa de 70 caracteres o contiene caracteres no permitidos",
    ),
    MimeDefectKind.BOUNDARY_NOT_FOUND: Text(
        en="the declared boundary does not appear in the body", es="el boundary declarado no aparece en el cuerpo"
    ),
    MimeDefectKind.BOUNDARY_REUSED: Text(
        en="a multipart uses the boundary of the one around it",
        es="un multipart usa el mismo boundary que el que lo contiene",
    ),
    MimeDefectKind.BOUNDARY_PREFIX: Text(
        en="a line begins with the boundary but goes on", es="una línea empieza por el boundary pero continúa"
    ),
    MimeDefectKind.UNCLOSED: Text(
        en="the closing boundary is missing: the message ends within a part",
        es="falta el boundary de cierre: el mensaje termina dentro de una parte",
    ),
    MimeDefectKind.AFTER_CLOSE: Text(
        en="there are parts after the closing boundary", es="hay partes después del boundary de cierre"
    ),
    MimeDefectKind.EMPTY_MULTIPART: Text(en="a multipart holds no part", es="un multipart no contiene ninguna parte"),
    MimeDefectKind.ENCODED_MULTIPART: Text(
        en="a multipart is declared as encoded, which only its parts can be",
        es="un multipart se declara codificado, algo que solo pueden estar sus partes",
    ),
    MimeDefectKind.ENCODED_MESSAGE: Text(
        en="an attached message is encoded, which the standard forbids",
        es="un mensaje adjunto va codificado, algo que la norma prohíbe",
    ),
    MimeDefectKind.UNKNOWN_ENCODING: Text(
        en="a Content-Transfer-Encoding is none of those that exist",
        es="un Content-Transfer-Encoding no es ninguno de los que existen",
    ),
    MimeDefectKind.NO_BLANK_LINE: Text(
        en="the blank line between the fields and the text of a part is missing",
        es="falta la línea en blanco entre los campos y el texto de una parte",
    ),
    MimeDefectKind.TOO_DEEP: Text(
        en="parts are nested too deep, and the innermost were not read",
        es="las partes están anidadas a demasiada profundidad y las interiores no se han leído",
    ),
    MimeDefectKind.TOO_MANY_PARTS: Text(
        en="there are too many parts, and the rest was not read", es="hay demasiadas partes y el resto no se ha leído"
    ),
    MimeDefectKind.HEADERS_CUT: Text(
        en="the fields of a part are too many or too long to be read",
        es="los campos de una parte son demasiados o demasiado largos para leerlos",
    ),
}
