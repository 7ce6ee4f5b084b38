"""The defects of a record in words, for the arguments of findings."""

from __future__ import annotations

from deliverability.core.text import Text
from deliverability.dmarc.problem import DmarcProblemKind

K = DmarcProblemKind

PROBLEMS: dict[DmarcProblemKind, Text] = {
    K.VERSION_MISSING: Text("v=DMARC1 is missing", "falta v=DMARC1"),
    K.VERSION_NOT_FIRST: Text("v=DMARC1 is not the first tag", "v=DMARC1 no es la primera etiqueta"),
    K.VERSION_CASE: Text("DMARC1 has to be in capitals", "DMARC1 tiene que ir en mayúsculas"),
    K.VERSION_VALUE: Text("the version is not DMARC1", "la versión no es DMARC1"),
    K.VERSION_LEADING_SPACE: Text("there is a space before v=DMARC1", "hay un espacio antes de v=DMARC1"),
    K.VERSION_SEPARATOR: Text("the semicolon after v=DMARC1 is missing", "falta el punto y coma después de v=DMARC1"),
    K.EMPTY_TAG: Text("two semicolons in a row", "dos puntos y coma seguidos"),
    K.NO_EQUALS: Text("a piece without an equals sign", "un trozo sin signo igual"),
    K.BAD_NAME: Text("a piece that does not start with the name of a tag", "un trozo que no empieza por una etiqueta"),
    K.DUPLICATE: Text("the tag stands twice", "la etiqueta está repetida"),
    K.NON_ASCII: Text("characters that DMARC does not know", "caracteres que DMARC no admite"),
    K.TOO_MANY_TAGS: Text("more tags than any receiver reads", "más etiquetas de las que lee ningún receptor"),
    K.TOO_LONG: Text("it is longer than any receiver reads", "es más largo de lo que lee ningún receptor"),
    K.MISSING_SEPARATOR: Text("the semicolon between two tags is missing", "falta el punto y coma entre dos etiquetas"),
    K.COLON: Text("a colon stands where the equals sign belongs", "hay dos puntos donde va el signo igual"),
    K.QUOTES: Text("quotation marks inside the record", "comillas dentro del registro"),
    K.BACKSLASH: Text("backslashes inside the record", "barras invertidas dentro del registro"),
    K.HTML: Text("HTML inside the record", "HTML dentro del registro"),
    K.UNKNOWN_TAG: Text("DMARC has no such tag", "DMARC no tiene esa etiqueta"),
    K.TAG_CASE: Text("tag names are written in lower case", "las etiquetas se escriben en minúsculas"),
    K.VALUE_INVALID: Text("the tag has no such value", "la etiqueta no admite ese valor"),
    K.VALUE_EMPTY: Text("the tag has no value", "la etiqueta no tiene valor"),
    K.FO_WITHOUT_RUF: Text("fo says when to send reports that nobody asked for", "fo sin ruf no pide ningún informe"),
    K.FO_CONFLICT: Text("0 and 1 exclude each other", "0 y 1 se excluyen"),
    K.FO_INVALID: Text("only 0, 1, d and s, each once", "solo 0, 1, d y s, una vez cada uno"),
    K.URI_EMPTY: Text("an address is missing beside a comma", "falta una dirección junto a una coma"),
    K.URI_NO_SCHEME: Text("mailto: is missing before the address", "falta mailto: antes de la dirección"),
    K.URI_SCHEME: Text("receivers only send to mailto: addresses", "los receptores solo envían a direcciones mailto:"),
    K.URI_SPACE: Text(
        "there is a space in it; addresses are separated by commas",
        "contiene un espacio; las direcciones se separan con comas",
    ),
    K.URI_SEMICOLON: Text(
        "a semicolon stands before it; addresses are separated by commas",
        "va tras un punto y coma; las direcciones se separan con comas",
    ),
    K.URI_ADDRESS: Text("it is not an email address", "no es una dirección de correo"),
    K.URI_CHARACTER: Text(
        "it holds a character that has to be percent-encoded", "contiene un carácter que hay que codificar con %"
    ),
}

#: What stands in for a suggestion that nobody can make.
NOTHING = Text("leave it out", "quítelo")
