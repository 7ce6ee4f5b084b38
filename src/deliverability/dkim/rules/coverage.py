"""Rules about what a signature covers, and how tightly (DKIM018, 020, 021, 022, 024)."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from deliverability.core.facts import AlignedSignatures, Author, RawMessage
from deliverability.core.finding import Actor, Basis, Evidence, NotApplicable, Outcome, Passed, Severity
from deliverability.core.rule import Area, Rule
from deliverability.core.text import Text
from deliverability.dkim.canonical import canonicalize_body
from deliverability.dkim.diagnosis.message import excerpt
from deliverability.dkim.rules.common import GOOGLE_SENDERS
from deliverability.dkim.rules.signatures import (
    NOT_SIGNED,
    key_name,
    own_results,
    shown_names,
    signature_evidence,
)
from deliverability.dkim.signature import DkimSignature
from deliverability.dkim.verification import DkimResult, DkimVerification
from deliverability.headers.evidence import part_evidence
from deliverability.headers.fields import Headers


def _each_own(
    verification: DkimVerification,
    author: Author | None,
    aligned: AlignedSignatures | None,
    decide: Callable[[DkimResult], Outcome],
) -> Iterator[Outcome]:
    """One outcome for each signature that the sender answers for."""
    results = own_results(verification, author, aligned)
    if not results:
        yield NotApplicable(NOT_SIGNED)
    for result in results:
        yield decide(result) if result.signature.signed_fields else NotApplicable(_NO_LIST, key_name(result.signature))


_NO_LIST = Text(en="The signature has no list of signed fields.", es="La firma no tiene lista de campos firmados.")

# --- DKIM018 --------------------------------------------------------------------------------------------------------

BODY_LENGTH = Rule(
    "DKIM018",
    "dkim-body-length",
    Severity.WARNING,
    Basis.STANDARD,
    Area.AUTH,
    Actor.PLATFORM,
    label=Text(en="Whole body signed", es="Cuerpo firmado entero"),
    title=Text(
        en="The signature of {domain} covers only {length} octets of the body (l=); {unsigned} follow unsigned",
        es="La firma de {domain} cubre solo {length} octetos del cuerpo (l=); siguen {unsigned} sin firmar",
    ),
    why=Text(
        en="Anybody can put text behind the signed octets and the signature still passes as yours: another invoice, another "
        "bank account. Some receivers treat such signatures as failed.",
        es="Cualquiera puede poner texto detrás de los octetos firmados y la firma sigue valiendo como suya: otra factura, otra "
        "cuenta bancaria. Algunos receptores dan por fallidas estas firmas.",
    ),
    fix=Text(
        en="The administrator of the signing platform switches the body length tag off (OpenDKIM: BodyLengthDB, others: “l= tag”), "
        "so that the whole body is signed.",
        es="Quien administre la plataforma de firma debe desactivar la etiqueta de longitud del cuerpo (en OpenDKIM, "
        "BodyLengthDB; en otros, «etiqueta l=») para que se firme el cuerpo entero.",
    ),
    references=("RFC 6376 §8.2", "RFC 6376 §3.5"),
)


@BODY_LENGTH.check
def body_length(
    verification: DkimVerification,
    message: RawMessage,
    headers: Headers,
    author: Author | None,
    aligned: AlignedSignatures | None,
) -> Iterator[Outcome]:
    """RFC 6376 §8.2: what lies beyond l= is not signed."""

    def decide(result: DkimResult) -> Outcome:
        signature = result.signature
        if signature.body_length is None:
            return Passed(key_name(signature))
        tail = _tail(result, message, headers)
        return BODY_LENGTH.found(
            key_name(signature),
            evidence=(signature_evidence(signature, "l"), *tail),
            domain=result.domain,
            length=signature.body_length,
            unsigned=result.unsigned_octets,
        )

    return _each_own(verification, author, aligned, decide)


def _tail(result: DkimResult, message: RawMessage, headers: Headers) -> tuple[Evidence, ...]:
    """The beginning of what is not signed."""
    length = result.signature.body_length
    if length is None or not result.unsigned_octets:
        return ()
    body = canonicalize_body(message.raw[headers.body_start :], result.signature.canonicalization[1])
    line = message.raw.count(b"\n", 0, headers.body_start) + 1 + body.count(b"\n", 0, length)
    note = Text("not signed from here on", "sin firmar desde aquí")
    return (part_evidence("body", excerpt(body[length:]), line=line, note=note),)


# --- DKIM020 --------------------------------------------------------------------------------------------------------

FIELDS_UNSIGNED = Rule(
    "DKIM020",
    "dkim-fields-not-signed",
    Severity.WARNING,
    Basis.STANDARD,
    Area.AUTH,
    Actor.PLATFORM,
    label=Text(en="Important headers signed", es="Cabeceras importantes firmadas"),
    title=Text(
        en="The signature of {domain} does not cover {names}",
        es="La firma de {domain} no cubre {names}",
    ),
    why=Text(
        en="What is not signed can be altered while the signature still passes: another subject, another reply address, another "
        "text type. Receivers may distrust a signature that leaves visible fields out.",
        es="Lo que no se firma se puede cambiar sin que falle la firma: otro asunto, otra dirección de respuesta, otro tipo de "
        "texto. Los receptores pueden desconfiar de una firma que deja fuera campos visibles.",
    ),
    fix=Text(
        en="The administrator of the signing platform adds them to the signed fields (h=). The usual list is from, to, cc, subject, "
        "date, message-id, reply-to, mime-version, content-type and content-transfer-encoding.",
        es="Quien administre la plataforma de firma debe añadirlas a los campos firmados (h=). La lista habitual es from, to, cc, "
        "subject, date, message-id, reply-to, mime-version, content-type y content-transfer-encoding.",
    ),
    references=("RFC 6376 §5.4", "RFC 6376 §5.4.1"),
)

#: RFC 6376 §5.4.1, and the MIME fields that §5.4 advises highly.
_IMPORTANT = ("subject", "date", "to", "reply-to", "message-id", "mime-version", "content-type")


@FIELDS_UNSIGNED.check
def fields_unsigned(
    verification: DkimVerification, headers: Headers, author: Author | None, aligned: AlignedSignatures | None
) -> Iterator[Outcome]:
    """RFC 6376 §5.4.1: what makes up the core of the message is signed."""
    there = {field.key for field in headers.fields}

    def decide(result: DkimResult) -> Outcome:
        signature = result.signature
        missing = [name for name in _IMPORTANT if name in there and name not in signature.signed_fields]
        if not missing:
            return Passed(key_name(signature))
        return FIELDS_UNSIGNED.found(
            key_name(signature),
            evidence=signature_evidence(signature, "h"),
            domain=result.domain,
            names=shown_names(missing),
        )

    return _each_own(verification, author, aligned, decide)


# --- DKIM021 --------------------------------------------------------------------------------------------------------

UNSUBSCRIBE_UNSIGNED = Rule(
    "DKIM021",
    "dkim-unsubscribe-not-signed",
    Severity.ERROR,
    Basis.STANDARD,
    Area.AUTH,
    Actor.PLATFORM,
    label=Text(en="Unsubscribe headers signed", es="Cabeceras de baja firmadas"),
    title=Text(
        en="No signature covers {names}",
        es="Ninguna firma cubre {names}",
    ),
    why=Text(
        en="Mailbox providers offer the one-click button only when a valid signature covers List-Unsubscribe and "
        "List-Unsubscribe-Post; otherwise anybody could put a link of their own in. Gmail and Yahoo ask for it in bulk mail.",
        es="Los proveedores de buzones solo muestran el botón de baja en un clic si una firma válida cubre List-Unsubscribe y "
        "List-Unsubscribe-Post; si no, cualquiera podría poner su propio enlace. Gmail y Yahoo lo piden en el correo masivo.",
    ),
    fix=Text(
        en="The administrator of the signing platform adds list-unsubscribe and list-unsubscribe-post to the signed fields (h=), "
        "and signs after these headers are written.",
        es="Quien administre la plataforma de firma debe añadir list-unsubscribe y list-unsubscribe-post a los campos firmados "
        "(h=) y firmar después de escribir esas cabeceras.",
    ),
    references=("RFC 8058 §4", GOOGLE_SENDERS),
    consequence_of=("DKIM001", "DKIM003", "DKIM004", "DKIM005", "DKIM023"),
)

_NO_UNSUBSCRIBE = Text(
    en="The message has no List-Unsubscribe header.", es="El mensaje no lleva la cabecera List-Unsubscribe."
)


@UNSUBSCRIBE_UNSIGNED.check
def unsubscribe_unsigned(verification: DkimVerification, headers: Headers, author: Author | None) -> Outcome:
    """RFC 8058 §4: a signature covers at least List-Unsubscribe and List-Unsubscribe-Post."""
    subject = (author.domain if author is not None else None) or "List-Unsubscribe"
    there = [name for name in ("list-unsubscribe", "list-unsubscribe-post") if headers.has(name)]
    if "list-unsubscribe" not in there:
        return NotApplicable(_NO_UNSUBSCRIBE, subject)
    if not verification.results:
        return NotApplicable(NOT_SIGNED, subject)
    # A signature that fails covers nothing; where all fail, what they meant to cover is judged.
    results = verification.passed or verification.results
    missing = [[name for name in there if name not in result.signature.signed_fields] for result in results]
    fewest = min(missing, key=len)
    if not fewest:
        return Passed(subject)
    return UNSUBSCRIBE_UNSIGNED.found(
        subject,
        severity=Severity.ERROR if len(there) > 1 else Severity.WARNING,
        evidence=tuple(signature_evidence(result.signature, "h") for result in results),
        names=shown_names(fewest),
    )


# --- DKIM022 --------------------------------------------------------------------------------------------------------

NOT_OVERSIGNED = Rule(
    "DKIM022",
    "dkim-not-oversigned",
    Severity.INFO,
    Basis.CONSENSUS,
    Area.AUTH,
    Actor.PLATFORM,
    label=Text(en="Headers protected against a second one", es="Cabeceras protegidas contra una segunda"),
    title=Text(
        en="Another header ({names}) can be added without breaking the signature of {domain}",
        es="Se puede añadir otra cabecera ({names}) sin romper la firma de {domain}",
    ),
    why=Text(
        en="Somebody who has one of your signed messages can put another From or Subject on top and send it again: the signature "
        "still passes, and some mail programs show the added one.",
        es="Quien tenga un mensaje firmado por usted puede poner encima otro From u otro asunto y volver a enviarlo: la firma "
        "sigue valiendo, y algunos programas muestran lo añadido.",
    ),
    fix=Text(
        en="The administrator of the signing platform lists these fields once more than the message has them "
        "(h=from:from:subject:subject:to:to; “oversigning”).",
        es="Quien administre la plataforma de firma debe listar esos campos una vez más de las que aparecen "
        "(h=from:from:subject:subject:to:to; «oversigning»).",
    ),
    references=("RFC 6376 §8.15", "RFC 6376 §5.4"),
)

_OVERSIGN = ("from", "subject", "to")


@NOT_OVERSIGNED.check
def not_oversigned(
    verification: DkimVerification, headers: Headers, author: Author | None, aligned: AlignedSignatures | None
) -> Iterator[Outcome]:
    """RFC 6376 §8.15: a name listed once more than there are fields makes an added one break the signature."""
    there = {name: len(headers.all(name)) for name in _OVERSIGN}

    def decide(result: DkimResult) -> Outcome:
        signature = result.signature
        open_names = [name for name in _OVERSIGN if signature.signed_fields.count(name) <= there[name]]
        if not open_names:
            return Passed(key_name(signature))
        return NOT_OVERSIGNED.found(
            key_name(signature),
            evidence=signature_evidence(signature, "h"),
            domain=result.domain,
            names=shown_names(open_names),
        )

    return _each_own(verification, author, aligned, decide)


# --- DKIM024 --------------------------------------------------------------------------------------------------------

SIMPLE = Rule(
    "DKIM024",
    "dkim-simple-canonicalization",
    Severity.INFO,
    Basis.CONSENSUS,
    Area.AUTH,
    Actor.PLATFORM,
    label=Text(en="Canonicalization relaxed/relaxed", es="Canonicalización relaxed/relaxed"),
    title=Text(
        en="The signature of {domain} breaks when white space changes on the way (c={value})",
        es="La firma de {domain} se rompe si cambian los espacios por el camino (c={value})",
    ),
    why=Text(
        en="With “simple” a header that a relay folds anew, or a blank at the end of a line, makes the signature fail. Relaxed "
        "forgives both and protects the text just as well.",
        es="Con «simple», una cabecera que un relé pliega de otra forma o un espacio al final de una línea hacen fallar la firma. "
        "«Relaxed» perdona ambas cosas y protege igual el texto.",
    ),
    fix=Text(
        en="The administrator of the signing platform sets the canonicalization to relaxed/relaxed (c=).",
        es="Quien administre la plataforma de firma debe poner la canonicalización relaxed/relaxed (c=).",
    ),
    references=("RFC 6376 §3.4",),
)


@SIMPLE.check
def simple(
    verification: DkimVerification, author: Author | None, aligned: AlignedSignatures | None
) -> Iterator[Outcome]:
    """RFC 6376 §3.4: relaxed tolerates what relays do to white space."""

    def decide(result: DkimResult) -> Outcome:
        signature = result.signature
        if "simple" not in signature.canonicalization:
            return Passed(key_name(signature))
        return SIMPLE.found(
            key_name(signature),
            evidence=signature_evidence(signature, "c"),
            domain=result.domain,
            value=_value(signature),
        )

    return _each_own(verification, author, aligned, decide)


def _value(signature: DkimSignature) -> str:
    return "/".join(signature.canonicalization)


RULES: tuple[Rule, ...] = (BODY_LENGTH, FIELDS_UNSIGNED, UNSUBSCRIBE_UNSIGNED, NOT_OVERSIGNED, SIMPLE)
