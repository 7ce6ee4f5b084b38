"""Error messages in Spanish. The library raises in English, one line each; the command says them in the reader's language.

Fragments are replaced in order; what no fragment knows stays as it is. `tests/cli` holds every wrong use against this table.
"""

from __future__ import annotations

import re

_FRAGMENTS = (
    # did_you_mean, lists
    (r" \(did you mean (.+?) or (.+?)\?\)", r" (¿quería decir \1 o \2?)"),
    (r" \(did you mean (.+?)\?\)", r" (¿quería decir \1?)"),
    (r"; known here: ", "; aquí se conocen: "),
    (r" is none of ", " no es ninguno de "),
    # Domain names
    (r"the domain name is empty; give one such as", "el nombre de dominio está vacío; indique uno como"),
    (r": a domain name has at most ([0-9]+) characters", r": un nombre de dominio tiene como máximo \1 caracteres"),
    (r" is an address; give only the part after the @", " es una dirección; indique solo la parte que sigue a la @"),
    (
        r" is not a domain name; give the name alone, such as",
        " no es un nombre de dominio; indique solo el nombre, como",
    ),
    (
        r" has ([0-9]+) characters; a domain name has at most ([0-9]+)",
        r" tiene \1 caracteres; un nombre de dominio tiene como máximo \2",
    ),
    (r" has no dot; give the whole domain, such as", " no tiene punto; indique el dominio completo, como"),
    (
        r" ends in a number; give a domain name, not an IP address",
        " termina en un número; indique un nombre de dominio, no una dirección IP",
    ),
    (
        r" has an empty part; check for a double or leading dot",
        " tiene una parte vacía; compruebe si hay un punto doble o al principio",
    ),
    (r": the part (.+) cannot be written in the DNS \(IDNA\)", r": la parte \1 no se puede escribir en el DNS (IDNA)"),
    (
        r": the part (.+) has ([0-9]+) characters; at most ([0-9]+) are allowed",
        r": la parte \1 tiene \2 caracteres; se permiten como máximo \3",
    ),
    (
        r": the part (.+) may hold letters, digits and inner hyphens only",
        r": la parte \1 solo puede contener letras, cifras y guiones interiores",
    ),
    # Other arguments
    (r" is not an IP address; give one such as (.+) or ", r" no es una dirección IP; indique una como \1 o "),
    (
        r"there is no rule (.+); `deliverability explain` lists (?:them|all of them)",
        r"no existe la regla \1; `deliverability explain` las lista",
    ),
    (r"there is no provider ", "no existe el proveedor "),
    (r"there is no format (.+); use one of ", r"no existe el formato \1; use uno de "),
    (
        r" has no severity; write one such as ",
        " no indica la gravedad; escriba algo como ",
    ),
    (r" is not the code of one rule", " no es el código de una sola regla"),
    (r" is not a number of columns from 40 on", " no es un número de columnas, de 40 en adelante"),
    (
        r"need --ip: without an address there is nothing to evaluate",
        "necesitan --ip: sin una dirección no hay nada que evaluar",
    ),
    (r"--sender and --helo", "--sender y --helo"),
    (r": give seconds, more than 0 and at most ", ": indique segundos, más de 0 y como máximo "),
    (r": give seconds, more than 0$", ": indique segundos, más de 0"),
    (r": give a number from 0 to ", ": indique un número de 0 a "),
    (r": give a whole number, at least 1", ": indique un número entero, como mínimo 1"),
    (r"^standard input holds no subjects", "la entrada estándar no contiene ningún asunto"),
    (r" is no name server; write (.+) or (.+)$", r" no es un servidor de nombres; escriba \1 o \2"),
    # Files
    (r": there is no \*\.zone file in ", ": no hay ningún archivo *.zone en "),
    (r"standard output cannot be written: ", "no se puede escribir en la salida estándar: "),
    (r"^baseline ", "línea base "),
    (r": cannot be read \(", ": no se puede leer ("),
    (r": cannot be written \(", ": no se puede escribir ("),
    (r": no snapshot \(", ": no es una grabación ("),
    (r": no JSON \(", ": no es JSON ("),
    (r"; save the file as UTF-8", "; guarde el archivo como UTF-8"),
    (r": not UTF-8", ": no es UTF-8"),
    (
        r"; write it with `deliverability audit -f json -o FILE`$",
        "; escríbalo con `deliverability audit -f json -o ARCHIVO`",
    ),
    (r": no report of deliverability;", ": no es un informe de deliverability;"),
    (r": there is no report in it;", ": no hay ningún informe en él;"),
    (
        r": version (.+) of reports is not known, only (.+) is;",
        r": la versión \1 de los informes no se conoce, solo la \2;",
    ),
    (
        r": version (.+) of the snapshot format is not known, only (.+) is; record it again or install a newer deliverability",
        r": la versión \1 de las grabaciones no se conoce, solo la \2; grábela de nuevo o instale un deliverability más reciente",
    ),
    (r", report ([0-9]+):", r", informe \1:"),
    (r", entry ([0-9]+)", r", entrada \1"),
    (r" is no list;", " no es una lista;"),
    (r" is no object;", " no es un objeto;"),
    (r" is missing or no text", " falta o no es un texto"),
    (r" is no code of a rule;", " no es el código de una regla;"),
    (r" is no text in both languages;", " no es un texto en los dos idiomas;"),
    (r"its severity is none of ", "su gravedad no es ninguna de "),
    (
        r": this is what `diff` wrote; give it the two reports or recordings themselves",
        ": esto lo escribió `diff`; indíquele los dos informes o grabaciones",
    ),
    (
        r": it is not clear which domain was recorded; give it: `deliverability diff OLD NEW DOMAIN`",
        ": no está claro qué dominio se grabó; indíquelo: `deliverability diff ANTES DESPUÉS DOMINIO`",
    ),
    (r"its format is not ", "su formato no es "),
    (r"it needs exactly format, version and answers", "necesita exactamente format, version y answers"),
    (
        r": it is not clear of which domain this is; name the file after it, as octoDNS does",
        ": no está claro de qué dominio es; póngale su nombre al archivo, como hace octoDNS",
    ),
    (r": no octoDNS zone \(it is no table of names\)", ": no es una zona de octoDNS (no es una tabla de nombres)"),
    (r": no YAML \(", ": no es YAML ("),
    (r": no CSV \(", ": no es CSV ("),
    (r"octoDNS files need PyYAML: ", "los archivos de octoDNS necesitan PyYAML: "),
    (r"an alias within an anchor", "un alias dentro de un ancla"),
    (r"too large or too deep", "demasiado grande o demasiado profundo"),
    (r" is there twice", " aparece dos veces"),
    (r": a record is a table with type and value", ": un registro es una tabla con type y value"),
    (r": it has no (type|value)$", r": no tiene \1"),
    (
        r": a record is a name, a type and a value \(`-` where there is none any more\)",
        ": un registro es un nombre, un tipo y un valor (`-` si ya no lo hay)",
    ),
    (r" is no address$", " no es una dirección"),
    (r" is no value of ([A-Z]+)", r" no es un valor de \1"),
    (r" is no record type", " no es un tipo de registro"),
    # Zone files
    (
        r"the name (.+) has no final dot, and there is no \$ORIGIN before it; or name the file after its domain, such as ",
        r"el nombre \1 no acaba en punto y antes no hay ningún $ORIGIN; o llame al archivo como su dominio, por ejemplo ",
    ),
    (r"\$TTL (.+) is no number of seconds", r"$TTL \1 no es un número de segundos"),
    (
        r"\$INCLUDE is not followed; give the other file as well",
        "$INCLUDE no se sigue; indique también el otro archivo",
    ),
    (
        r"the directive (.+) is not read; write its records out",
        r"la directiva \1 no se lee; escriba sus registros uno a uno",
    ),
    (
        r"the record has no owner, and there is none on a line before it",
        "el registro no tiene nombre, ni hay ninguno en una línea anterior",
    ),
    (r"class ([A-Z]+) is not the Internet's", r"la clase \1 no es la de Internet"),
    (
        r"the record ends too early; it needs a name, a type and its data",
        "el registro acaba antes de tiempo; necesita un nombre, un tipo y sus datos",
    ),
    (r"more than ([0-9]+) records", r"más de \1 registros"),
    (
        r"a quoted text has more than 255 octets; cut it into several, each in quotation marks",
        "un texto entre comillas tiene más de 255 octetos; divídalo en varios, cada uno entre comillas",
    ),
    (r"a quotation mark or a parenthesis is not closed", "hay comillas o un paréntesis sin cerrar"),
    (r" is no record that can be read", " no es un registro que se pueda leer"),
    (
        r": larger than ([0-9]+) MiB; give the zone of one domain",
        r": ocupa más de \1 MiB; indique la zona de un solo dominio",
    ),
    (r" is no name that DNS can hold", " no es un nombre que quepa en el DNS"),
    (
        r"it is not clear which column is what; add a first line: name,type,value",
        "no está claro qué es cada columna; añada una primera línea: nombre,tipo,valor",
    ),
    (
        r"the value is missing; - says that there is none any more",
        "falta el valor; - dice que ya no hay ninguno",
    ),
    (r": no list of records", ": no es una lista de registros"),
    (r" cannot be read: ", " no se puede leer: "),
    (r" cannot be written: ", " no se puede escribir: "),
    (r"No such file or directory", "no existe el archivo o la carpeta"),
    (r"Permission denied", "permiso denegado"),
    (r"Is a directory", "es una carpeta"),
    (r"No space left on device", "no queda espacio"),
    (r" is not valid TOML: ", " no es TOML válido: "),
    (r" is not UTF-8 text", " no es texto UTF-8"),
    (r", line ([0-9]+): ", r", línea \1: "),
    # Configuration
    (r": there is no setting (\S+)", r": no existe el ajuste \1"),
    (r": there is no table ", ": no hay ninguna tabla "),
    (
        r": expected code; an ignore says which finding, and why",
        ": falta code; una excepción dice qué problema y por qué",
    ),
    (
        r": expected reason; an ignore says which finding, and why",
        ": falta reason; una excepción dice qué problema y por qué",
    ),
    (r": tool\.deliverability has to be a table", ": tool.deliverability debe ser una tabla"),
    (r", entry ([0-9]+)\b", r", entrada \1"),
    *(
        (rf": expected {english}", f": {spanish}")
        for english, spanish in (
            (r"a text;", "se esperaba un texto;"),
            (r"a list of texts, such as ", "se esperaba una lista de textos, como "),
            (r"true or false;", "se esperaba true o false;"),
            (r"a whole number, not negative;", "se esperaba un número entero, no negativo;"),
            (r"seconds, more than 0 and at most ([0-9]+);", r"se esperaban segundos, más de 0 y como máximo \1;"),
            (r"a number from 0 to ([0-9]+);", r"se esperaba un número de 0 a \1;"),
            (r"a date such as ", "se esperaba una fecha como "),
            (r"a domain name, such as ", "se esperaba un nombre de dominio, como "),
            (r"a list of IP addresses, such as ", "se esperaba una lista de direcciones IP, como "),
            (r"a rule code such as (\S+), or a family such as ", r"se esperaba un código como \1, o una familia como "),
            (r"a list of tables, such as ", "se esperaba una lista de tablas, como "),
            (r"a list of tables;", "se esperaba una lista de tablas;"),
            (r"a table of codes, such as ", "se esperaba una tabla de códigos, como "),
            (r"a table such as ", "se esperaba una tabla como "),
            (r"a table;", "se esperaba una tabla;"),
            (
                r"tables named by domain, such as (.+) \(mind the quotes\);",
                r"se esperaban tablas con el nombre del dominio, como \1 (con las comillas);",
            ),
            (
                r"a table of phrases with a number from -3 to 3, such as (.+), or a list;",
                r"se esperaba una tabla de frases con un número de -3 a 3, como \1, o una lista;",
            ),
            (
                r"a key of letters, digits and hyphens, as it stands in a zone name",
                "se esperaba una clave de letras, cifras y guiones, como figura en un nombre de zona",
            ),
        )
    ),
    (r": expected one of ", ": se esperaba uno de "),
    (r"(: se esperaban? .+); got a table$", r"\1; hay una tabla"),
    (r"(: se esperaban? .+); got ", r"\1; hay "),
    (r": expected (.+); got ", r": se esperaba \1; hay "),
    # Subjects
    (r": not together with subjects on the command line", ": no puede ir junto con asuntos en la línea de órdenes"),
    (r" holds no subjects", " no contiene ningún asunto"),
    (r" is larger than ([0-9]+) octets", r" ocupa más de \1 octetos"),
    (r"standard input holds more than ([0-9]+) octets", r"la entrada estándar tiene más de \1 octetos"),
    (r"^language (.+): expected one of ", r"idioma \1: se esperaba uno de "),
    (r"not installed: ", "no instalado: "),
)


def in_spanish(message: str) -> str:
    """The message with every fragment that is known in Spanish."""
    for english, spanish in _FRAGMENTS:
        message = re.sub(english, spanish, message)
    return message
