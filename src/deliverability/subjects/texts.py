"""Why a word or a form counts, and what to do about it, in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from deliverability.core.text import NO_TEXT, Text


class Known(NamedTuple):
    """What is said of a feature."""

    reason: Text
    hint: Text = NO_TEXT


#: Features that come from what identifies the document rather than from how it is written.
CONTEXT = frozenset(("unidentified", "identified", "content-free"))
MUTED = Text("set aside by your profile", "descartada por su perfil")

_NEUTRAL = Text("Say what the mail is, without it", "Diga qué es el correo, sin ella")
_PHISH = Text(
    "Name the document instead: its number and your company",
    "Nombre en su lugar el documento: su número y su empresa",
)
_WRITE = Text("Write it as an ordinary sentence", "Escríbalo como una frase normal")
_PLAIN = Text("Use ordinary letters", "Use letras corrientes")

FEATURES: Mapping[str, Known] = {
    "base": Known(Text("where every subject begins", "punto de partida de todo asunto")),
    "urgency": Known(
        Text("hurries the reader, as forgers do", "mete prisa, como hacen los suplantadores"),
        Text("Give the due date instead", "Indique en su lugar la fecha de vencimiento"),
    ),
    "pressure": Known(
        Text("threatens a consequence", "amenaza con una consecuencia"),
        Text(
            "Put consequences in the letter, not in the subject",
            "Deje las consecuencias para el texto, no para el asunto",
        ),
    ),
    "free_offer": Known(Text("sounds like advertising", "suena a publicidad"), _NEUTRAL),
    "prize": Known(Text("typical of false prizes", "típico de los premios falsos"), _NEUTRAL),
    "money": Known(
        Text("typical of money and investment fraud", "típico de los fraudes de dinero e inversión"), _NEUTRAL
    ),
    "phish_account": Known(Text("typical of mail that steals accounts", "típico del robo de cuentas"), _PHISH),
    "phish_invoice": Known(
        Text(
            "forged bills and payment notices say this too", "también lo dicen las facturas y los avisos de pago falsos"
        ),
        _PHISH,
    ),
    "phish_authority": Known(
        Text("typical of false notices of authorities", "típico de las falsas notificaciones oficiales"), _PHISH
    ),
    "phish_delivery": Known(
        Text("typical of false parcel notices", "típico de los falsos avisos de paquetería"), _PHISH
    ),
    "pharma_adult": Known(
        Text("typical of medicine and adult spam", "típico del spam de fármacos y contenido adulto"), _NEUTRAL
    ),
    "gambling": Known(Text("typical of gambling spam", "típico del spam de apuestas"), _NEUTRAL),
    "click_cta": Known(
        Text("orders a click", "ordena pulsar o abrir"),
        Text(
            "Say what the mail holds; readers open what they recognise",
            "Diga qué contiene el correo: se abre lo que se reconoce",
        ),
    ),
    "hype": Known(Text("exaggerates", "exagera"), _NEUTRAL),
    "products": Known(Text("wares of bulk advertising", "productos de la publicidad masiva"), _NEUTRAL),
    "greeting": Known(
        Text("addresses anybody", "se dirige a cualquiera"),
        Text(
            "Name the customer, or leave the greeting for the letter",
            "Nombre al cliente o deje el saludo para el texto",
        ),
    ),
    "disclaimer": Known(Text("only spam says that it is none", "solo el spam asegura que no lo es"), _NEUTRAL),
    "benign_invoice": Known(Text("words of real bills", "palabras de facturas auténticas")),
    "benign_business": Known(Text("words of everyday business mail", "palabras del correo de trabajo corriente")),
    "own-word": Known(Text("a word of your profile", "una palabra de su perfil"), _NEUTRAL),
    "unidentified": Known(
        Text("nothing says which document it is", "nada dice de qué documento se trata"),
        Text("Add number and company", "Añada el número y la empresa"),
    ),
    "identified": Known(Text("says which document it is", "dice de qué documento se trata")),
    "content-free": Known(
        Text("says nothing about the mail", "no dice nada del correo"),
        Text("Say what it is and whose", "Diga qué es y de quién"),
    ),
    "exclamation": Known(Text("exclamation mark", "signo de exclamación"), Text("Leave it out", "Quítelo")),
    "exclamations": Known(
        Text("several exclamation marks", "varios signos de exclamación"), Text("Leave them out", "Quítelos")
    ),
    "question-exclamation": Known(
        Text("question and exclamation marks together", "interrogación y exclamación juntas"), _WRITE
    ),
    "questions": Known(Text("several question marks", "varios signos de interrogación"), _WRITE),
    "ends-in-question": Known(
        Text("ends in a question mark", "acaba en signo de interrogación"), Text("State it", "Afírmelo")
    ),
    "dots": Known(Text("suspension points", "puntos suspensivos"), Text("Leave them out", "Quítelos")),
    "odd-signs": Known(Text("signs for decoration", "signos de adorno"), Text("Leave them out", "Quítelos")),
    "currency-signs": Known(
        Text("several currency signs", "varios símbolos de moneda"), Text("Leave them out", "Quítelos")
    ),
    "amount": Known(Text("an amount of money", "un importe"), Text("Put it in the letter", "Póngalo en el texto")),
    "percent": Known(Text("a percentage", "un porcentaje"), Text("Put it in the letter", "Póngalo en el texto")),
    "badge": Known(
        Text("a counter like those of an inbox", "un contador como los del buzón"), Text("Leave it out", "Quítelo")
    ),
    "merge-field": Known(
        Text("a field of a template that was not filled in", "un campo de plantilla sin rellenar"),
        Text("Fill the template before you send", "Rellene la plantilla antes de enviar"),
    ),
    "list-tag": Known(Text("the tag of a list or a ticket", "la etiqueta de una lista o un caso")),
    "code": Known(
        Text("a long code of letters and digits", "un código largo de letras y cifras"),
        Text("Use the number that your customer knows", "Use el número que conoce su cliente"),
    ),
    "url": Known(Text("a web address", "una dirección web"), Text("Put it in the letter", "Póngala en el texto")),
    "address": Known(Text("an email address", "una dirección de correo"), Text("Leave it out", "Quítela")),
    "all-capitals": Known(Text("all in capitals", "todo en mayúsculas"), _WRITE),
    "capitals": Known(Text("words in capitals", "palabras en mayúsculas"), _WRITE),
    "reply": Known(Text("answers a mail", "responde a un correo")),
    "fake-reply": Known(
        Text("“Re:” although it answers nothing", "«Re:» sin responder a nada"), Text("Leave it out", "Quítelo")
    ),
    "long": Known(
        Text("longer than most programs show", "más largo de lo que se suele mostrar"),
        Text("Stay within 60", "No pase de 60"),
    ),
    "longer": Known(Text("over 120 characters", "más de 120 caracteres"), Text("Stay within 60", "No pase de 60")),
    "very-long": Known(Text("over 200 characters", "más de 200 caracteres"), Text("Stay within 60", "No pase de 60")),
    "empty": Known(Text("empty", "vacío"), Text("Say what the mail is", "Diga qué es el correo")),
    "emoji": Known(Text("a pictogram", "un emoji"), Text("Leave it out", "Quítelo")),
    "emojis": Known(Text("several pictograms", "varios emojis"), Text("Leave them out", "Quítelos")),
    "styled-letters": Known(
        Text("letters in disguise (bold or enclosed Unicode)", "letras disfrazadas (Unicode en negrita o enmarcado)"),
        _PLAIN,
    ),
    "foreign-letters": Known(
        Text("letters of another alphabet within a word", "letras de otro alfabeto dentro de una palabra"), _PLAIN
    ),
    "hidden-characters": Known(
        Text("invisible characters within a word", "caracteres invisibles dentro de una palabra"), _PLAIN
    ),
    "direction-controls": Known(
        Text("characters that turn the writing direction", "caracteres que invierten el sentido de la escritura"),
        _PLAIN,
    ),
    "stacked-marks": Known(Text("piles of marks on a letter", "signos amontonados sobre una letra"), _PLAIN),
    "controls": Known(Text("control characters", "caracteres de control"), _PLAIN),
    "spaced-letters": Known(Text("a word taken apart into letters", "una palabra separada letra a letra"), _PLAIN),
    "leet": Known(Text("digits or signs in place of letters", "cifras o signos en lugar de letras"), _PLAIN),
    "broken-encoding": Known(
        Text("the field is encoded wrongly", "el campo está mal codificado"),
        Text(
            "Have the sending program encode it as UTF-8 (RFC 2047)",
            "Haga que el programa lo codifique en UTF-8 (RFC 2047)",
        ),
    ),
    "you": Known(Text("speaks to “you” before it says what it is", "habla de «usted» o «tú» antes de decir qué es")),
}
