"""What each cause is called, and what to do about it, in both languages."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime
from typing import NamedTuple

from deliverability.core.text import Lang, Text, present
from deliverability.dkim.diagnosis.causes import Cause, Certainty, Diagnosis, SignatureDiagnosis


class Told(NamedTuple):
    """One cause in words: what happened (it ends a sentence), and the next step."""

    what: Text
    next: Text


_SIGN_LAST = Text(
    "Whoever runs the outgoing mail: let the step that does this come before DKIM signing, or switch it off for outgoing mail.",
    "Quien administre el correo saliente: haga que ese paso vaya antes de la firma DKIM, o desactívelo para el correo saliente.",
)
_NOTICE = Text(
    "An antivirus gateway, a disclaimer rule or a mailing list did this after the signing step. Whoever runs the outgoing "
    "mail: let it come before DKIM signing, or switch it off for outgoing mail. If a list or the recipient did it, nothing "
    "is wrong at your side.",
    "Lo hizo un antivirus, una regla de avisos legales o una lista de correo después de la firma. Quien administre el correo "
    "saliente: haga que ese paso vaya antes de la firma DKIM, o desactívelo. Si fue una lista o el destinatario, por su lado "
    "no hay nada mal.",
)
_RECEIVED_SO = Text(
    "If it happened at the recipient or in a mailing list, nothing is wrong at your side; if every recipient sees it, look "
    "at the last server before the mail leaves you.",
    "Si ocurrió en el destinatario o en una lista de correo, por su lado no hay nada mal; si lo ven todos los destinatarios, "
    "revise el último servidor antes de que el correo salga.",
)
_PREPARE = Text(
    "Give the signing step the message exactly as it will be sent: short lines, CRLF line ends, and text that is already "
    "encoded as quoted-printable or base64.",
    "Entregue el mensaje al paso de firma exactamente como se va a enviar: líneas cortas, finales de línea CRLF y el texto "
    "ya codificado en quoted-printable o base64.",
)
_RELAXED = Text(
    "Have the platform sign with c=relaxed/relaxed, which survives this.",
    "Haga que la plataforma firme con c=relaxed/relaxed, que resiste este cambio.",
)
_SIGNER = Text(
    "This is a fault of the signing software: update it or report it to its maker.",
    "Es un fallo del programa que firma: actualícelo o comuníquelo a su fabricante.",
)
_KEY = Text(
    "Copy the DKIM record that the signing platform shows for this selector; whoever manages the DNS publishes it.",
    "Copie el registro DKIM que la plataforma de firma muestra para este selector; quien gestione el DNS debe publicarlo.",
)
_PLATFORM = Text(
    "The administrator of the signing platform corrects its DKIM settings.",
    "Quien administre la plataforma de firma debe corregir su configuración de DKIM.",
)

CAUSES: dict[Cause, Told] = {
    Cause.FOOTER_APPENDED: Told(
        Text("{kind} was appended {where}{size}", "se añadió {kind} {where}{size}"), _NOTICE
    ),
    Cause.TEXT_PREPENDED: Told(
        Text("{kind} was added {where}{size}", "se añadió {kind} {where}{size}"), _NOTICE
    ),
    Cause.TEXT_INSERTED: Told(
        Text("{kind} was added {where}{size}", "se insertó {kind} {where}{size}"), _NOTICE
    ),
    Cause.LINE_ENDS: Told(
        Text("the line ends are others than when it was signed ({detail})", "los finales de línea no son los que se firmaron ({detail})"),
        _PREPARE,
    ),
    Cause.LEADING_BLANK_LINES: Told(
        Text("empty lines at the beginning of the body were {detail}", "las líneas vacías del principio del cuerpo cambiaron ({detail})"),
        _SIGN_LAST,
    ),
    Cause.BLANK_LINE_LOST: Told(
        Text("an empty line of the body is missing", "falta una línea vacía del cuerpo"), _SIGN_LAST
    ),
    Cause.WHITE_SPACE: Told(
        Text("the text is the same, but white space changed ({detail})", "el texto es el mismo, pero cambiaron los espacios ({detail})"),
        _RELAXED,
    ),
    Cause.TABS: Told(
        Text("tabs and spaces were exchanged", "se cambiaron tabuladores por espacios o al revés"), _RELAXED
    ),
    Cause.LINES_WRAPPED: Told(
        Text("long lines were broken on the way", "se partieron líneas largas por el camino"), _PREPARE
    ),
    Cause.FROM_QUOTED: Told(
        Text("the “>” in front of lines that begin with “From ” was {detail}", "el «>» delante de las líneas que empiezan por «From » cambió ({detail})"),
        _PREPARE,
    ),
    Cause.DOT_STUFFING: Told(
        Text(
            "dots at the beginning of lines were {detail}: the program that sends does not double them as SMTP wants",
            "los puntos al principio de línea cambiaron ({detail}): el programa que envía no los duplica como pide SMTP",
        ),
        Text(
            "Whoever maintains the sending program: use an SMTP library that doubles leading dots (RFC 5321 §4.5.2), or encode "
            "the text as quoted-printable.",
            "Quien mantenga el programa que envía: use una biblioteca SMTP que duplique los puntos iniciales (RFC 5321 §4.5.2), "
            "o codifique el texto en quoted-printable.",
        ),
    ),
    Cause.BYTE_ORDER_MARK: Told(
        Text("the byte order mark at the beginning was {detail}", "la marca de orden de bytes (BOM) del principio cambió ({detail})"),
        _PREPARE,
    ),
    Cause.REENCODED: Told(
        Text("{place} was encoded anew ({how})", "{place} se volvió a codificar ({how})"), _PREPARE
    ),
    Cause.CHARSET_CONVERTED: Told(
        Text("the text was converted to another character set ({detail})", "el texto se convirtió a otro juego de caracteres ({detail})"),
        _PREPARE,
    ),
    Cause.HIGH_BIT_STRIPPED: Told(
        Text("a server took the accents away (8-bit text became 7-bit)", "un servidor quitó los acentos (el texto de 8 bits pasó a 7 bits)"),
        _PREPARE,
    ),
    Cause.LINKS_REWRITTEN: Told(
        Text("{service} rewrote the links ({count})", "{service} reescribió los enlaces ({count})"),
        Text(
            "This is usual at the recipient and does no harm there. If it is your own gateway, exclude outgoing mail or sign after it.",
            "Es habitual en el destinatario y allí no perjudica. Si es su propia pasarela, excluya el correo saliente o firme después.",
        ),
    ),
    Cause.PART_HEADERS: Told(
        Text("header lines of {place} were added: {detail}", "se añadieron cabeceras en {place}: {detail}"), _SIGN_LAST
    ),
    Cause.PREAMBLE: Told(
        Text("the text before the first part was changed", "se cambió el texto anterior a la primera parte"), _SIGN_LAST
    ),
    Cause.BOUNDARY_CHANGED: Told(
        Text("the parts were put together anew with other boundaries", "las partes se volvieron a montar con otros separadores"), _SIGN_LAST
    ),
    Cause.ATTACHMENT_REMOVED: Told(
        Text("an attachment was taken out ({detail})", "se quitó un adjunto ({detail})"), _RECEIVED_SO
    ),
    Cause.TRUNCATED: Told(
        Text("the end of the body is missing ({detail})", "falta el final del cuerpo ({detail})"),
        Text(
            "Compare the size with the message that was sent; look for a size limit on the way, or save the sample again as a whole.",
            "Compare el tamaño con el del mensaje enviado; busque un límite de tamaño por el camino o guarde otra vez la muestra entera.",
        ),
    ),
    Cause.BODY_CHANGED: Told(
        Text("the body is not the one that was signed", "el cuerpo no es el que se firmó"),
        Text(
            "Compare the message as it was sent with the one that arrived; what changes it stands between signing and sending.",
            "Compare el mensaje enviado con el recibido; lo que lo cambia está entre la firma y el envío.",
        ),
    ),
    Cause.EMPTY_BODY_SIGNED: Told(
        Text("the signature was made over an empty body: signed before the text was there", "se firmó un cuerpo vacío: la firma se hizo antes de que estuviera el texto"),
        _SIGNER,
    ),
    Cause.SIGNER_BODY_CANONICALIZATION: Told(
        Text("the signer hashed the body as “{used}” while c= says “{declared}”", "el firmante calculó el cuerpo como «{used}» aunque c= dice «{declared}»"),
        _SIGNER,
    ),
    Cause.SIGNER_HEADER_CANONICALIZATION: Told(
        Text("the signer hashed the header as “{used}” while c= says “{declared}”", "el firmante calculó las cabeceras como «{used}» aunque c= dice «{declared}»"),
        _SIGNER,
    ),
    Cause.SIGNER_FINAL_LINE_END: Told(
        Text("the signer hashed the last line end wrongly", "el firmante calculó mal el último final de línea"), _SIGNER
    ),
    Cause.SIGNER_HASH: Told(
        Text("the signature holds a hash of another kind than a= says ({detail})", "la firma contiene un resumen distinto del que dice a= ({detail})"),
        _SIGNER,
    ),
    Cause.SUBJECT_TAGGED: Told(
        Text("“{tag}” was put into the subject", "se añadió «{tag}» al asunto"), _NOTICE
    ),
    Cause.FIELD_REENCODED: Told(
        Text("{name} was encoded anew; the text is the same", "{name} se volvió a codificar; el texto es el mismo"), _SIGN_LAST
    ),
    Cause.FIELD_ADDED: Told(
        Text("another {name} was added: “{now}”", "se añadió otro {name}: «{now}»"), _SIGN_LAST
    ),
    Cause.FIELD_REMOVED: Told(
        Text("{name} is no longer there (“{before}”)", "{name} ya no está («{before}»)"), _SIGN_LAST
    ),
    Cause.FIELD_REFOLDED: Told(
        Text("the white space of {name} was changed", "se cambiaron los espacios o saltos de {name}"), _RELAXED
    ),
    Cause.FIELD_NAME_CASE: Told(
        Text("the name {name} is spelled in other letters (upper or lower case)", "cambiaron las mayúsculas del nombre {name}"), _RELAXED
    ),
    Cause.FIELDS_REORDERED: Told(
        Text("the {name} fields stand in another order", "las cabeceras {name} están en otro orden"), _SIGN_LAST
    ),
    Cause.DATE_REWRITTEN: Told(
        Text("Date was written anew (it was “{before}”)", "se reescribió Date (era «{before}»)"), _SIGN_LAST
    ),
    Cause.MESSAGE_ID_REWRITTEN: Told(
        Text("Message-ID was replaced (it was “{before}”)", "se sustituyó Message-ID (era «{before}»)"), _SIGN_LAST
    ),
    Cause.FROM_REWRITTEN: Told(
        Text("From was rewritten (it was “{before}”)", "se reescribió From (era «{before}»)"),
        Text(
            "A mailing list or forwarder does this so that its own signature counts; nothing is wrong at your side.",
            "Lo hacen listas de correo y reenvíos para que cuente su propia firma; por su lado no hay nada mal.",
        ),
    ),
    Cause.ADDRESSES_REWRITTEN: Told(
        Text("the addresses of {name} were written anew (“{before}” when signed)", "se reescribieron las direcciones de {name} («{before}» al firmar)"),
        _SIGN_LAST,
    ),
    Cause.CONTENT_TYPE_REWRITTEN: Told(
        Text("Content-Type was written anew (it was “{before}”)", "se reescribió Content-Type (era «{before}»)"), _SIGN_LAST
    ),
    Cause.TRANSFER_ENCODING_REWRITTEN: Told(
        Text("Content-Transfer-Encoding was “{before}” when signed and is “{now}”", "Content-Transfer-Encoding era «{before}» al firmar y ahora es «{now}»"),
        _PREPARE,
    ),
    Cause.FIELD_CHANGED: Told(
        Text("{name} was changed (it was “{before}”)", "se cambió {name} (era «{before}»)"), _SIGN_LAST
    ),
    Cause.SIGNATURE_FIELD_CHANGED: Told(
        Text("the DKIM-Signature field itself was written anew", "se reescribió la propia cabecera DKIM-Signature"), _SIGN_LAST
    ),
    Cause.HEADER_CHANGED: Told(
        Text(
            "the key is the right one, but signed header fields were changed after signing {detail}",
            "la clave es la correcta, pero se cambiaron cabeceras firmadas después de firmar {detail}",
        ),
        Text(
            "Compare the header of the message as it was signed with the one that arrived, for the fields named in h=.",
            "Compare las cabeceras del mensaje firmado con las del recibido, en los campos que nombra h=.",
        ),
    ),
    Cause.KEY_MISSING: Told(Text("there is no key at {name}", "no hay clave en {name}"), _KEY),
    Cause.KEY_UNREACHABLE: Told(
        Text("DNS gave no answer for the key at {name}", "el DNS no respondió sobre la clave de {name}"),
        Text(
            "Run the audit again; if it stays so, whoever manages the DNS of {name} looks at its name servers.",
            "Repita la auditoría; si persiste, quien gestione el DNS de {name} debe revisar sus servidores.",
        ),
    ),
    Cause.KEY_REVOKED: Told(Text("the key at {name} is revoked (empty p=)", "la clave de {name} está anulada (p= vacío)"), _PLATFORM),
    Cause.KEY_DAMAGED: Told(Text("the key at {name} cannot be read: {detail}", "la clave de {name} no se puede leer: {detail}"), _KEY),
    Cause.KEY_TOO_SHORT: Told(Text("the key has only {bits} bits", "la clave solo tiene {bits} bits"), _PLATFORM),
    Cause.KEY_UNUSABLE: Told(
        Text("the key record does not allow this signature: {detail}", "el registro de la clave no admite esta firma: {detail}"), _KEY
    ),
    Cause.KEY_OTHER: Told(
        Text(
            "the published key did not make this signature: the key was changed in DNS or at the signer, but not at both {detail}",
            "la clave publicada no hizo esta firma: se cambió la clave en el DNS o en quien firma, pero no en los dos {detail}",
        ),
        _KEY,
    ),
    Cause.KEY_OTHER_SELECTOR: Told(
        Text("it was signed with the key of {other}, not with that of its own selector", "se firmó con la clave de {other}, no con la de su propio selector"),
        _PLATFORM,
    ),
    Cause.KEY_OR_HEADER: Told(
        Text(
            "either the published key is another one, or a signed header field changed; an Ed25519 signature does not tell which",
            "o la clave publicada es otra, o cambió una cabecera firmada; una firma Ed25519 no permite saberlo",
        ),
        _KEY,
    ),
    Cause.SEVERAL_KEYS: Told(
        Text("there are {count} key records at {name}, and receivers may pick any", "hay {count} registros de clave en {name} y los receptores pueden tomar cualquiera"),
        _KEY,
    ),
    Cause.TESTING: Told(Text("the key is in test mode", "la clave está en modo de prueba"), _KEY),
    Cause.SIGNATURE_DAMAGED: Told(
        Text("the signature value itself is damaged: {detail}", "el valor de la firma está dañado: {detail}"), _SIGN_LAST
    ),
    Cause.SIGNATURE_SYNTAX: Told(Text("the DKIM-Signature field is malformed: {detail}", "la cabecera DKIM-Signature está mal formada: {detail}"), _SIGNER),
    Cause.EXPIRED: Told(Text("the signature expired on {date} (x=)", "la firma caducó el {date} (x=)"), _PLATFORM),
    Cause.FUTURE: Told(
        Text("the signature says it will be made on {date} (t=): the clock of the signer is wrong", "la firma dice que se hará el {date} (t=): el reloj de quien firma está mal"),
        _PLATFORM,
    ),
    Cause.FROM_UNSIGNED: Told(Text("h= does not list From, so the signature is void", "h= no incluye From, así que la firma no vale"), _PLATFORM),
    Cause.IDENTITY: Told(Text("i= ({detail}) does not fit d= ({domain})", "i= ({detail}) no encaja con d= ({domain})"), _PLATFORM),
    Cause.SHA1: Told(Text("it was made with SHA-1, which receivers no longer accept", "se hizo con SHA-1, que los receptores ya no aceptan"), _PLATFORM),
    Cause.NOT_READ: Told(
        Text("the message is past a limit of this audit, so the signature was not verified", "el mensaje supera un límite de esta auditoría y la firma no se verificó"),
        Text("Audit a smaller sample of the same kind.", "Audite una muestra más pequeña del mismo tipo."),
    ),
}  # fmt: skip

_PROBABLY = Text("probably {what}", "probablemente {what}")


#: Changes of a body that was right until somebody made them.
_UNTIL = frozenset(
    (
        Cause.FOOTER_APPENDED,
        Cause.TEXT_PREPENDED,
        Cause.TEXT_INSERTED,
        Cause.LINKS_REWRITTEN,
        Cause.REENCODED,
    )
)


def story(signature: SignatureDiagnosis) -> Text:
    """Everything that is known of one failure, as the end of a sentence."""
    told = [what_happened(diagnosis) for diagnosis in signature.diagnoses]
    if signature.header_intact and signature.main.proved and signature.main.cause in _UNTIL:
        first = told[0]
        told[0] = Text(f"it was valid until {first.en}", f"era válida hasta que {first.es}")
    return Text("; ".join(text.en for text in told), "; ".join(text.es for text in told))


def what_happened(diagnosis: Diagnosis) -> Text:
    """The cause as the end of a sentence; what is not proved says so."""
    told = _filled(CAUSES[diagnosis.cause].what, diagnosis)
    if diagnosis.certainty is not Certainty.LIKELY:
        return told
    return Text(_PROBABLY.en.replace("{what}", told.en), _PROBABLY.es.replace("{what}", told.es))


def next_step(diagnosis: Diagnosis) -> Text:
    """What to do about it."""
    return _filled(CAUSES[diagnosis.cause].next, diagnosis)


def _filled(text: Text, diagnosis: Diagnosis) -> Text:
    def of(lang: Lang, template: str) -> str:
        values = defaultdict(str, {key: present(value, lang) for key, value in diagnosis.args.items()})
        return template.format_map(values).strip()

    return Text(of("en", text.en), of("es", text.es))


def time_text(seconds: int | None) -> str:
    """A time of a signature; beyond what a calendar holds, the number."""
    if seconds is None or seconds > _LAST_SECOND:
        return str(seconds)
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M UTC")


#: The end of the year 9999.
_LAST_SECOND = 253_402_300_799
