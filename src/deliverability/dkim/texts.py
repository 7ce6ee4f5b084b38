"""What each defect of a key record is called, in both languages."""

from __future__ import annotations

from deliverability.core.text import Text
from deliverability.dkim.record import KeyProblem, KeyProblemKind

#: `{text}` is what stands there, `{have}` and `{expected}` are lengths.
PROBLEMS: dict[KeyProblemKind, Text] = {
    KeyProblemKind.TOO_LONG: Text(
        en="the record is longer than any key record has to be",
        es="el registro es más largo de lo que necesita cualquier clave",
    ),
    KeyProblemKind.SYNTAX: Text(
        en="“{text}” is not of the form tag=value",
        es="«{text}» no tiene la forma etiqueta=valor",
    ),
    KeyProblemKind.DUPLICATE_TAG: Text(
        en="the tag {text}= stands there twice",
        es="la etiqueta {text}= está repetida",
    ),
    KeyProblemKind.EMPTY_TAG: Text(
        en="there are two semicolons in a row",
        es="hay dos puntos y coma seguidos",
    ),
    KeyProblemKind.FOREIGN_OCTETS: Text(
        en="there are characters outside plain ASCII",
        es="hay caracteres que no son ASCII",
    ),
    KeyProblemKind.QUOTES: Text(
        en="quotation marks have become part of the record",
        es="las comillas se han quedado dentro del registro",
    ),
    KeyProblemKind.BACKSLASH: Text(
        en="backslashes have become part of the record",
        es="las barras invertidas se han quedado dentro del registro",
    ),
    KeyProblemKind.PEM: Text(
        en="the line “{text}” of the key file has been pasted too",
        es="se ha pegado también la línea «{text}» del archivo de la clave",
    ),
    KeyProblemKind.VERSION: Text(
        en="v= is “{text}” and not DKIM1",
        es="v= vale «{text}» y no DKIM1",
    ),
    KeyProblemKind.VERSION_POSITION: Text(
        en="v=DKIM1 is not the first tag",
        es="v=DKIM1 no es la primera etiqueta",
    ),
    KeyProblemKind.NO_KEY: Text(
        en="there is no p= with the key",
        es="falta la etiqueta p= con la clave",
    ),
    KeyProblemKind.WHITE_SPACE: Text(
        en="there is white space inside the key",
        es="hay espacios dentro de la clave",
    ),
    KeyProblemKind.BASE64: Text(
        en="p= is not whole base64 text",
        es="p= no es un texto base64 completo",
    ),
    KeyProblemKind.PADDING: Text(
        en="the equals signs at the end of the key are not right",
        es="los signos igual del final de la clave no son los debidos",
    ),
    KeyProblemKind.TRUNCATED: Text(
        en="the key is cut off: {have} octets of {expected}",
        es="la clave está cortada: {have} octetos de {expected}",
    ),
    KeyProblemKind.TRAILING: Text(
        en="something follows the key: {have} octets instead of {expected}",
        es="hay algo detrás de la clave: {have} octetos en lugar de {expected}",
    ),
    KeyProblemKind.DER: Text(
        en="p= does not hold an RSA public key",
        es="p= no contiene una clave pública RSA",
    ),
    KeyProblemKind.WRONG_ALGORITHM: Text(
        en="p= holds a key of another kind ({text}), not an RSA key",
        es="p= contiene una clave de otro tipo ({text}), no una RSA",
    ),
    KeyProblemKind.ED25519_LENGTH: Text(
        en="an Ed25519 key has {expected} octets; here are {have}",
        es="una clave Ed25519 tiene {expected} octetos; aquí hay {have}",
    ),
    KeyProblemKind.ED25519_WRAPPED: Text(
        en="the Ed25519 key is in the form of a key file ({have} octets); DKIM takes only its last {expected}",
        es="la clave Ed25519 está en formato de archivo ({have} octetos); DKIM usa solo los últimos {expected}",
    ),
    KeyProblemKind.MODULUS: Text(
        en="the modulus is an even number, so it cannot be an RSA key",
        es="el módulo es un número par, así que no puede ser una clave RSA",
    ),
    KeyProblemKind.EXPONENT: Text(
        en="the public exponent is not one that RSA can use",
        es="el exponente público no es válido para RSA",
    ),
    KeyProblemKind.TOO_SHORT: Text(
        en="the key has {have} bits; at least {expected} are required",
        es="la clave tiene {have} bits; se exigen al menos {expected}",
    ),
    KeyProblemKind.TOO_LARGE: Text(
        en="the key has {have} bits; above {expected} it is not used",
        es="la clave tiene {have} bits; por encima de {expected} no se usa",
    ),
    KeyProblemKind.KEY_TYPE: Text(
        en="k= names an unknown key type, “{text}”",
        es="k= indica un tipo de clave desconocido, «{text}»",
    ),
    KeyProblemKind.HASH: Text(
        en="h= allows “{text}” and not sha256",
        es="h= admite «{text}» y no sha256",
    ),
    KeyProblemKind.SERVICE: Text(
        en="s= allows “{text}” and not e-mail",
        es="s= admite «{text}» y no el correo",
    ),
}

_SHOWN = 40
_SOMETHING = Text(en="unknown", es="desconocido")


def describe(problem: KeyProblem) -> Text:
    """The problem in both languages, without a final stop."""
    text = problem.text if len(problem.text) <= _SHOWN else problem.text[: _SHOWN - 1] + "…"
    template = PROBLEMS[problem.kind]
    return Text(
        en=template.en.format(text=text or _SOMETHING.en, have=problem.have, expected=problem.expected),
        es=template.es.format(text=text or _SOMETHING.es, have=problem.have, expected=problem.expected),
    )
