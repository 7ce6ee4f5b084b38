"""Rules about signatures that no verifier accepts whatever the message is, or not every one (DKIM012, 013, 015, 019, 023, 033)."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from deliverability.core.facts import AlignedSignatures, Author, Moment
from deliverability.core.finding import Actor, Basis, NotApplicable, Outcome, Passed, Severity, Unknown
from deliverability.core.rule import Area, Rule
from deliverability.core.text import Text
from deliverability.dkim.diagnosis.texts import time_text
from deliverability.dkim.rules.signatures import (
    NOT_SIGNED,
    key_evidence,
    key_name,
    own_results,
    severity_of_failure,
    signature_evidence,
)
from deliverability.dkim.signature import SignatureDefectKind
from deliverability.dkim.verification import CLOCK_DRIFT, DkimReason, DkimResult, DkimVerification
from deliverability.headers.evidence import field_evidence
from deliverability.headers.fields import Headers


def _each(verification: DkimVerification, decide: Callable[[DkimResult], Outcome]) -> Iterator[Outcome]:
    """One outcome for each signature."""
    if not verification.results:
        yield NotApplicable(NOT_SIGNED)
    for result in verification.results:
        yield decide(result)


# --- DKIM012 --------------------------------------------------------------------------------------------------------

SHA1_SIGNATURE = Rule(
    "DKIM012",
    "dkim-sha1-signature",
    Severity.ERROR,
    Basis.STANDARD,
    Area.AUTH,
    Actor.PLATFORM,
    label=Text(en="DKIM signature with SHA-256", es="Firma DKIM con SHA-256"),
    title=Text(
        en="The DKIM signature of {domain} uses SHA-1, which receivers must not accept",
        es="La firma DKIM de {domain} usa SHA-1, que los receptores no deben aceptar",
    ),
    why=Text(
        en="Since 2018 verifiers must treat rsa-sha1 as failed. Gmail, Outlook.com and Yahoo do: the mail counts as unsigned.",
        es="Desde 2018 los verificadores deben dar por fallida una firma rsa-sha1. Gmail, Outlook.com y Yahoo lo hacen: el "
        "correo cuenta como no firmado.",
    ),
    fix=Text(
        en="The administrator of the signing platform sets the algorithm to rsa-sha256 (a=) and takes h=sha1 out of the key "
        "record if it stands there. The key itself can stay.",
        es="Quien administre la plataforma de firma debe poner rsa-sha256 como algoritmo (a=) y quitar h=sha1 del registro de la "
        "clave si está. La clave puede seguir siendo la misma.",
    ),
    references=("RFC 8301 §3.1",),
    consequence_of=("DKIM025",),
)


@SHA1_SIGNATURE.check
def sha1_signature(
    verification: DkimVerification, author: Author | None, aligned: AlignedSignatures | None
) -> Iterator[Outcome]:
    """RFC 8301 §3.1: rsa-sha1 MUST NOT be used for signing or verifying."""

    def decide(result: DkimResult) -> Outcome:
        signature = result.signature
        only_sha1 = result.key is not None and result.key.hash_algorithms == ("sha1",)
        if signature.defect(SignatureDefectKind.SHA1) is None and not only_sha1:
            return Passed(key_name(signature))
        return SHA1_SIGNATURE.found(
            key_name(signature),
            severity=severity_of_failure(result, verification, author, aligned),
            evidence=(signature_evidence(signature, "a"), *key_evidence(result)),
            domain=result.domain,
        )

    return _each(verification, decide)


# --- DKIM013 --------------------------------------------------------------------------------------------------------

ONLY_ED25519 = Rule(
    "DKIM013",
    "dkim-only-ed25519",
    Severity.ERROR,
    Basis.CONSENSUS,
    Area.AUTH,
    Actor.PLATFORM,
    label=Text(en="A DKIM signature with RSA", es="Firma DKIM con RSA"),
    title=Text(
        en="The message is signed with Ed25519 only, which large receivers do not verify",
        es="El mensaje solo está firmado con Ed25519, que los grandes receptores no verifican",
    ),
    why=Text(
        en="In a test of April 2026 neither Gmail nor Microsoft 365 nor Yahoo verified Ed25519 signatures: for them this mail is "
        "not signed. The standard advises to sign with RSA beside it.",
        es="En una prueba de abril de 2026 ni Gmail ni Microsoft 365 ni Yahoo verificaban firmas Ed25519: para ellos este correo "
        "no está firmado. El estándar aconseja firmar además con RSA.",
    ),
    fix=Text(
        en="The administrator of the signing platform adds a second signature with an RSA key of 2048 bits under a selector of "
        "its own; whoever manages the DNS publishes that key. Keep the Ed25519 signature.",
        es="Quien administre la plataforma de firma debe añadir una segunda firma con una clave RSA de 2048 bits y selector "
        "propio; quien gestione el DNS debe publicar esa clave. Conserve la firma Ed25519.",
    ),
    references=("RFC 8463 §3", "RFC 8463 §5", "RFC 8463 §6", "Test of DKIM verifiers by an e-mail vendor, 2026-04"),
)


@ONLY_ED25519.check
def only_ed25519(verification: DkimVerification, author: Author | None, aligned: AlignedSignatures | None) -> Outcome:
    """RFC 8463 §5: signers that want to be verified everywhere sign with both."""
    results = own_results(verification, author, aligned)
    if not results:
        return NotApplicable(NOT_SIGNED)
    subject = key_name(results[0].signature)
    if not any(result.signature.key_type == "ed25519" for result in results):
        return Passed(subject)
    if any(result.signature.key_type == "rsa" for result in results):
        return Passed(subject)
    return ONLY_ED25519.found(subject, evidence=tuple(signature_evidence(r.signature, "a") for r in results))


# --- DKIM015 --------------------------------------------------------------------------------------------------------

IDENTITY_OUTSIDE = Rule(
    "DKIM015",
    "dkim-identity-outside",
    Severity.ERROR,
    Basis.STANDARD,
    Area.AUTH,
    Actor.PLATFORM,
    label=Text(en="i= fits d= and the key", es="i= coherente con d= y la clave"),
    title=Text(
        en="The signature of {domain} is void: i={identity} {problem}",
        es="La firma de {domain} no vale: i={identity} {problem}",
    ),
    why=Text(
        en="Receivers ignore a signature whose i= is outside d=, or below it when the key has the flag t=s: the mail counts as "
        "unsigned.",
        es="Los receptores ignoran una firma cuyo i= está fuera de d=, o por debajo de él cuando la clave lleva t=s: el correo "
        "cuenta como no firmado.",
    ),
    fix=Text(
        en="The administrator of the signing platform leaves i= out or sets it to an address at {domain}. If subdomains have to "
        "sign with this key, whoever manages the DNS takes t=s out of its record.",
        es="Quien administre la plataforma de firma debe quitar i= o poner una dirección de {domain}. Si los subdominios tienen "
        "que firmar con esta clave, quien gestione el DNS debe quitar t=s de su registro.",
    ),
    references=("RFC 6376 §3.6.1", "RFC 6376 §3.5", "RFC 6376 §6.1.1"),
)

_BELOW = Text(en="is a subdomain, and the key forbids that (t=s)", es="es un subdominio, y la clave lo prohíbe (t=s)")
_OUTSIDE = Text(en="is not within d=", es="no está dentro de d=")


@IDENTITY_OUTSIDE.check
def identity_outside(
    verification: DkimVerification, author: Author | None, aligned: AlignedSignatures | None
) -> Iterator[Outcome]:
    """RFC 6376 §3.6.1, t=s; §6.1.1: i= is d= or below it."""

    def decide(result: DkimResult) -> Outcome:
        signature = result.signature
        if result.reason not in (DkimReason.KEY_STRICT, DkimReason.IDENTITY):
            return Passed(key_name(signature))
        return IDENTITY_OUTSIDE.found(
            key_name(signature),
            severity=severity_of_failure(result, verification, author, aligned),
            evidence=(signature_evidence(signature, "i", "d"), *key_evidence(result)),
            domain=result.domain,
            identity=signature.identity,
            problem=_BELOW if result.reason is DkimReason.KEY_STRICT else _OUTSIDE,
        )

    return _each(verification, decide)


# --- DKIM019 --------------------------------------------------------------------------------------------------------

FROM_NOT_SIGNED = Rule(
    "DKIM019",
    "dkim-from-not-signed",
    Severity.ERROR,
    Basis.STANDARD,
    Area.AUTH,
    Actor.PLATFORM,
    label=Text(en="From is signed", es="From está firmado"),
    title=Text(
        en="The DKIM signature of {domain} does not cover From, so it is void",
        es="La firma DKIM de {domain} no cubre From, así que no vale",
    ),
    why=Text(
        en="Every verifier must ignore a signature whose h= does not list From: the sender could be exchanged without breaking it.",
        es="Todo verificador debe ignorar una firma cuyo h= no incluya From: se podría cambiar el remitente sin romperla.",
    ),
    fix=Text(
        en="The administrator of the signing platform adds from to the signed fields (h=), best twice, and beside it subject, "
        "date, to, message-id and the MIME fields.",
        es="Quien administre la plataforma de firma debe añadir from a los campos firmados (h=), mejor dos veces, además de "
        "subject, date, to, message-id y los campos MIME.",
    ),
    references=("RFC 6376 §5.4", "RFC 6376 §6.1.1"),
)


@FROM_NOT_SIGNED.check
def from_not_signed(
    verification: DkimVerification, author: Author | None, aligned: AlignedSignatures | None
) -> Iterator[Outcome]:
    """RFC 6376 §5.4: the From header field MUST be signed."""

    def decide(result: DkimResult) -> Outcome:
        signature = result.signature
        if signature.defect(SignatureDefectKind.FROM_NOT_SIGNED) is None:
            return Passed(key_name(signature))
        return FROM_NOT_SIGNED.found(
            key_name(signature),
            severity=severity_of_failure(result, verification, author, aligned),
            evidence=signature_evidence(signature, "h"),
            domain=result.domain,
        )

    return _each(verification, decide)


# --- DKIM023 --------------------------------------------------------------------------------------------------------

WRONG_TIME = Rule(
    "DKIM023",
    "dkim-signature-out-of-time",
    Severity.ERROR,
    Basis.STANDARD,
    Area.AUTH,
    Actor.PLATFORM,
    label=Text(en="DKIM signature within its time", es="Firma DKIM dentro de plazo"),
    title=Text(
        en="The DKIM signature of {domain} is out of its time: {problem}",
        es="La firma DKIM de {domain} está fuera de plazo: {problem}",
    ),
    why=Text(
        en="Receivers may treat a signature past x= or with t= in the future as failed, and many do. An invoice that waits in a "
        "queue for some days then arrives unsigned.",
        es="Los receptores pueden dar por fallida una firma con x= vencido o con t= en el futuro, y muchos lo hacen. Una factura "
        "que espera unos días en cola llega entonces sin firma válida.",
    ),
    fix=Text(
        en="The administrator of the signing server sets its clock by NTP and lets signatures live at least seven days (x= minus "
        "t=), or leaves x= out.",
        es="Quien administre el servidor de firma debe poner su reloj en hora con NTP y dar a las firmas al menos siete días de "
        "vida (x= menos t=), o quitar x=.",
    ),
    references=("RFC 6376 §3.5",),
)

_NO_KEY = Text(
    en="DNS gave no answer about the key, so the signature was not verified.",
    es="El DNS no ha respondido sobre la clave, así que la firma no se ha verificado.",
)
_SINCE = Text(en="valid when it was received; expired since", es="válida al recibirse; caducó después")


@WRONG_TIME.check
def wrong_time(
    verification: DkimVerification, moment: Moment, author: Author | None, aligned: AlignedSignatures | None
) -> Iterator[Outcome]:
    """RFC 6376 §3.5, t= and x=: x= after t=, and the time of receipt between the two."""

    def decide(result: DkimResult) -> Outcome:
        signature = result.signature
        problem = _time_problem(result)
        if problem is None:
            expired = signature.expiration is not None and moment.now.timestamp() > signature.expiration + CLOCK_DRIFT
            if expired and result.reason is DkimReason.KEY_UNAVAILABLE:  # whether in time was not looked at any more
                return Unknown(_NO_KEY, key_name(signature), tuple(key_evidence(result)))
            return Passed(key_name(signature), _SINCE) if expired else Passed(key_name(signature))
        return WRONG_TIME.found(
            key_name(signature),
            severity=severity_of_failure(result, verification, author, aligned),
            evidence=signature_evidence(signature, "t", "x"),
            domain=result.domain,
            problem=problem,
        )

    return _each(verification, decide)


def _time_problem(result: DkimResult) -> Text | None:
    signature = result.signature
    if result.reason is DkimReason.EXPIRED:
        day = time_text(signature.expiration)
        return Text(f"it expired on {day}", f"caducó el {day}")
    if result.reason is DkimReason.FUTURE:
        day = time_text(signature.timestamp)
        return Text(f"it was made on {day}, in the future", f"se hizo el {day}, en el futuro")
    if signature.defect(SignatureDefectKind.TIMES) is None:
        return None
    if signature.timestamp is not None and signature.expiration is not None:
        return Text("it ends before it begins (x= before t=)", "termina antes de empezar (x= anterior a t=)")
    return Text("t= or x= is no number", "t= o x= no es un número")


# --- DKIM033 --------------------------------------------------------------------------------------------------------

DKIM2 = Rule(
    "DKIM033",
    "dkim2-headers",
    Severity.INFO,
    Basis.STANDARD,
    Area.AUTH,
    Actor.NOBODY,
    label=Text(en="Headers of DKIM2", es="Cabeceras de DKIM2"),
    title=Text(
        en="The message carries DKIM2 headers, which this audit does not read: {names}",
        es="El mensaje lleva cabeceras de DKIM2, que esta auditoría no lee: {names}",
    ),
    why=Text(
        en="DKIM2 is a draft. No receiver asks for it yet, and it does not stand in for a DKIM signature.",
        es="DKIM2 es un borrador. Ningún receptor lo pide todavía, y no sustituye a una firma DKIM.",
    ),
    fix=Text(en="Nothing has to be done.", es="No es necesario hacer nada."),
    references=("draft-ietf-dkim-dkim2-spec-08, 2026-09",),
)


@DKIM2.check
def dkim2(headers: Headers) -> Outcome:
    """Fields of the DKIM2 drafts."""
    fields = (*headers.all("DKIM2-Signature"), *headers.all("Message-Instance"))[:5]
    if not fields:
        return Passed("DKIM2")
    names = tuple(dict.fromkeys(field.name for field in fields))
    return DKIM2.found("DKIM2", evidence=tuple(field_evidence(field) for field in fields), names=names)


RULES: tuple[Rule, ...] = (SHA1_SIGNATURE, ONLY_ED25519, IDENTITY_OUTSIDE, FROM_NOT_SIGNED, WRONG_TIME, DKIM2)
