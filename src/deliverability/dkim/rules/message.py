"""Rules about the signatures of one message: there, valid, and of the author (DKIM001, 003 to 005, 016, 017)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from deliverability.core.facts import NOT_SENT, AlignedSignatures, Author, Stage
from deliverability.core.finding import (
    Actor,
    Basis,
    Evidence,
    Finding,
    NotApplicable,
    Outcome,
    Passed,
    Severity,
    Unknown,
)
from deliverability.core.rule import Area, Rule
from deliverability.core.text import NO_TEXT, Text
from deliverability.dkim.diagnosis import Diagnosis, DkimDiagnoses
from deliverability.dkim.diagnosis.texts import next_step, story
from deliverability.dkim.facts import DkimFacts
from deliverability.dkim.rules.common import GOOGLE_SENDERS
from deliverability.dkim.rules.selectors import KEY_NOT_FOUND
from deliverability.dkim.rules.signatures import (
    NOT_SIGNED,
    is_own,
    key_evidence,
    key_name,
    severity_of_failure,
    signature_evidence,
)
from deliverability.dkim.signature import SignatureDefectKind
from deliverability.dkim.verification import DkimReason, DkimResult, DkimVerification
from deliverability.headers.evidence import field_evidence, part_evidence
from deliverability.headers.fields import Headers
from deliverability.providers.registry import provider_of_signing_domain

MICROSOFT_VOLUME = "Microsoft Outlook.com high-volume sender requirements (techcommunity 4399730), 2025-05"
YAHOO_SENDERS = "Yahoo Sender Hub best practices (senders.yahooinc.com), 2026-08"

# --- DKIM001 --------------------------------------------------------------------------------------------------------

NOT_SIGNED_AT_ALL = Rule(
    "DKIM001",
    "message-not-signed",
    Severity.ERROR,
    Basis.PROVIDER,
    Area.AUTH,
    Actor.PLATFORM,
    label=Text(en="Message signed with DKIM", es="Mensaje firmado con DKIM"),
    title=Text(en="The message has no DKIM signature", es="El mensaje no lleva firma DKIM"),
    why=Text(
        en="Gmail (5.7.30) and Outlook.com (5.7.515) refuse unsigned mail from senders of volume, Yahoo asks for DKIM too, and "
        "every forwarded invoice loses its SPF and then has nothing left that proves where it comes from.",
        es="Gmail (5.7.30) y Outlook.com (5.7.515) rechazan el correo sin firma de quien envía en cantidad, Yahoo también pide "
        "DKIM, y toda factura reenviada pierde el SPF y se queda sin nada que demuestre de dónde viene.",
    ),
    fix=Text(
        en="The administrator of the platform that sends the mail switches DKIM signing on for the domain in From; whoever "
        "manages the DNS publishes the key it shows. Then send a new sample and audit it.",
        es="Quien administre la plataforma que envía el correo debe activar la firma DKIM para el dominio del From; quien "
        "gestione el DNS debe publicar la clave que le muestre. Después, envíe una muestra nueva y audítela.",
    ),
    references=(GOOGLE_SENDERS, MICROSOFT_VOLUME, YAHOO_SENDERS, "RFC 6376 §5.1"),
    consequence_of=("DMARC036",),
)


@NOT_SIGNED_AT_ALL.check
def not_signed(verification: DkimVerification, headers: Headers, author: Author, stage: Stage) -> Outcome:
    """There is no DKIM-Signature field."""
    subject = author.domain or "message"
    if verification.results:
        return Passed(subject)
    if headers.cut is not None:
        return Unknown(_HEADER_CUT, subject)
    if stage is Stage.SUBMITTED:
        return NotApplicable(NOT_SENT, subject)
    names = ", ".join(dict.fromkeys(field.name for field in headers.fields[:40]))
    return NOT_SIGNED_AT_ALL.found(subject, evidence=Evidence("header", "header", "", names))


_HEADER_CUT = Text(
    en="The header was not read to its end, so a signature may stand in the rest.",
    es="La cabecera no se leyó hasta el final, así que puede haber una firma en el resto.",
)

# --- DKIM003 --------------------------------------------------------------------------------------------------------

BODY_CHANGED = Rule(
    "DKIM003",
    "dkim-body-changed",
    Severity.ERROR,
    Basis.STANDARD,
    Area.AUTH,
    Actor.PLATFORM,
    label=Text(en="Body as it was signed", es="Cuerpo igual al firmado"),
    title=Text(
        en="The DKIM signature of {domain} does not fit the body: {what}",
        es="La firma DKIM de {domain} no corresponde al cuerpo: {what}",
    ),
    why=Text(
        en="Receivers hash the body and compare it with bh=. When the two differ the whole signature counts as failed, and "
        "DMARC is left with SPF alone, which does not survive forwarding.",
        es="Los receptores calculan el resumen del cuerpo y lo comparan con bh=. Si no coinciden, toda la firma cuenta como "
        "fallida y a DMARC solo le queda el SPF, que no resiste el reenvío.",
    ),
    fix=Text(
        en="{next} Then send a new sample and audit it.", es="{next} Después, envíe una muestra nueva y audítela."
    ),
    references=("RFC 6376 §3.7", "RFC 6376 §6.1.3"),
)

_BODY_NOT_HASHED = Text(
    en="The signature could not be read or the key could not be asked for, so its body hash was not compared.",
    es="No se pudo leer la firma o preguntar por la clave, así que no se comparó el resumen del cuerpo.",
)


@BODY_CHANGED.check
def body_changed(
    verification: DkimVerification,
    diagnoses: DkimDiagnoses,
    author: Author | None,
    aligned: AlignedSignatures | None,
) -> Iterator[Outcome]:
    """RFC 6376 §6.1.3 step 3: the hash of the body is the one in bh=."""
    if not verification.results:
        yield NotApplicable(NOT_SIGNED)
    for result in verification.results:
        subject = key_name(result.signature)
        if result.body_hash_matches:
            yield Passed(subject)
        elif result.body_hash_matches is None and result.reason is not DkimReason.BODY_TOO_SHORT:
            yield NotApplicable(_BODY_NOT_HASHED, subject)
        else:
            found = diagnoses.of(result)
            told = found.diagnoses if found is not None else ()
            yield BODY_CHANGED.found(
                subject,
                severity=severity_of_failure(result, verification, author, aligned),
                evidence=(signature_evidence(result.signature, "bh", "c", "l"), *_places(told)),
                domain=result.domain,
                what=story(found) if found is not None else NO_TEXT,
                next=next_step(found.main) if found is not None else NO_TEXT,
                cause=told[0].cause.value if told else "",
                certainty=told[0].certainty.value if told else "",
            )


# --- DKIM004 --------------------------------------------------------------------------------------------------------

SIGNATURE_INVALID = Rule(
    "DKIM004",
    "dkim-signature-invalid",
    Severity.ERROR,
    Basis.STANDARD,
    Area.AUTH,
    Actor.PLATFORM,
    label=Text(en="DKIM signature verifies", es="Firma DKIM válida"),
    title=Text(
        en="The DKIM signature of {domain} does not verify: {what}",
        es="La firma DKIM de {domain} no se verifica: {what}",
    ),
    why=Text(
        en="Receivers treat a signature that does not verify as if it were not there: DMARC is left with SPF alone, which "
        "does not survive forwarding.",
        es="Los receptores tratan una firma que no se verifica como si no existiera: a DMARC solo le queda el SPF, que no "
        "resiste el reenvío.",
    ),
    fix=Text(
        en="{next} Then send a new sample and audit it.", es="{next} Después, envíe una muestra nueva y audítela."
    ),
    references=("RFC 6376 §6.1.3", "RFC 6376 §3.7", "RFC 6376 §6.1.1"),
)

_NOT_ASKED = Text(
    en="DNS gave no answer for the key, so the signature could not be verified.",
    es="El DNS no ha respondido sobre la clave, así que no se pudo verificar la firma.",
)
_NOT_READ = Text(
    en="The message is past a limit of this audit, so the signature was not verified.",
    es="El mensaje supera un límite de esta auditoría, así que la firma no se verificó.",
)
_MORE = Text(
    en="The message has more signatures than are verified.",
    es="El mensaje tiene más firmas de las que se verifican.",
)
_TOLD_ELSEWHERE = Text(
    en="The signature fails for a reason that another finding tells.",
    es="La firma falla por un motivo que explica otro resultado.",
)
_OWN_RULE = frozenset(
    (
        DkimReason.SHA1,
        DkimReason.IDENTITY,
        DkimReason.KEY_STRICT,
        DkimReason.FROM_NOT_SIGNED,
        DkimReason.NO_KEY,
        DkimReason.EXPIRED,
        DkimReason.FUTURE,
    )
)
_OF_KEY = frozenset(reason for reason in DkimReason if reason.value.startswith("key-"))
_UNREAD = frozenset((DkimReason.MESSAGE_TOO_LARGE, DkimReason.HEADER_TOO_LARGE))


@SIGNATURE_INVALID.check
def signature_invalid(
    verification: DkimVerification,
    diagnoses: DkimDiagnoses,
    author: Author | None,
    aligned: AlignedSignatures | None,
    keys: DkimFacts | None,
) -> Iterator[Outcome]:
    """RFC 6376 §6.1.3 step 4, and the failures that have no rule of their own."""
    if not verification.results:
        yield NotApplicable(NOT_SIGNED)
    if verification.not_evaluated:
        yield Unknown(_MORE, f"+{verification.not_evaluated}")
    known: set[str] = {selector.name for selector in keys.selectors} if keys is not None else set()
    for result in verification.results:
        outcome = _simple_outcome(result, known)
        if outcome is not None:
            yield outcome
            continue
        found = diagnoses.of(result)
        told = found.diagnoses if found is not None else ()
        yield SIGNATURE_INVALID.found(
            key_name(result.signature),
            severity=severity_of_failure(result, verification, author, aligned),
            evidence=(signature_evidence(result.signature, "h", "c"), *key_evidence(result), *_places(told)),
            domain=result.domain,
            what=story(found) if found is not None else NO_TEXT,
            next=next_step(found.main) if found is not None else NO_TEXT,
            cause=told[0].cause.value if told else "",
            certainty=told[0].certainty.value if told else "",
        )


def _simple_outcome(result: DkimResult, known: set[str]) -> Outcome | None:
    """What is no finding of DKIM004; None when it is one."""
    subject, reason = key_name(result.signature), result.reason
    if result.passed or reason in (DkimReason.EXPIRED, DkimReason.FUTURE):
        return Passed(subject)
    if reason in _UNREAD:
        return Unknown(_NOT_READ, subject)
    if reason is DkimReason.KEY_UNAVAILABLE:
        return Unknown(_NOT_ASKED, subject, key_evidence(result))
    if reason in (DkimReason.BODY_HASH, DkimReason.BODY_TOO_SHORT):
        return Passed(subject) if result.signature_matches else NotApplicable(_TOLD_ELSEWHERE, subject)
    times = result.signature.fatal is not None and result.signature.fatal.kind is SignatureDefectKind.TIMES
    if reason in _OWN_RULE or times or (reason in _OF_KEY and result.key_name in known):
        return NotApplicable(_TOLD_ELSEWHERE, subject)
    return None


def _places(told: Iterable[Diagnosis]) -> Iterator[Evidence]:
    """Where each cause stands in the message, and what stands there."""
    for diagnosis in told:
        if diagnosis.field is not None:
            yield field_evidence(diagnosis.field)
        elif diagnosis.line is not None or diagnosis.excerpt:
            yield part_evidence("body", diagnosis.excerpt, line=diagnosis.line)


# --- DKIM005, for signatures of domains that were not audited --------------------------------------------------------


@KEY_NOT_FOUND.check
def key_of_signature_not_found(
    verification: DkimVerification,
    author: Author | None,
    aligned: AlignedSignatures | None,
    keys: DkimFacts | None,
) -> Iterator[Outcome]:
    """RFC 6376 §6.1.2 step 3, for the selector in a signature; those of the audited domain are judged with its keys."""
    known = {selector.name for selector in keys.selectors} if keys is not None else set()
    for result in verification.results:
        if result.key_name is None or result.key_name in known:
            continue
        if result.reason is DkimReason.NO_KEY:
            yield KEY_NOT_FOUND.found(
                result.key_name,
                severity=severity_of_failure(result, verification, author, aligned),
                evidence=(*key_evidence(result), signature_evidence(result.signature, "d", "s")),
                selector=result.selector,
                name=result.key_name,
            )
        elif result.reason is DkimReason.KEY_UNAVAILABLE:
            yield Unknown(_NOT_ASKED, result.key_name, key_evidence(result))
        else:
            yield Passed(result.key_name)


# --- DKIM016 --------------------------------------------------------------------------------------------------------

NOT_ALIGNED = Rule(
    "DKIM016",
    "dkim-not-aligned",
    Severity.WARNING,
    Basis.STANDARD,
    Area.AUTH,
    Actor.PLATFORM,
    label=Text(en="DKIM signature of the author's domain", es="Firma DKIM del dominio del autor"),
    title=Text(
        en="No valid signature is of {author}: it is signed as {domains}",
        es="Ninguna firma válida es de {author}: está firmado como {domains}",
    ),
    why=Text(
        en="DMARC only counts a signature whose d= belongs to the domain in From. This one is valid and vouches for somebody "
        "else, so Gmail, Yahoo and Outlook.com judge the mail by SPF alone.",
        es="DMARC solo cuenta una firma cuyo d= pertenezca al dominio del From. Esta es válida, pero responde por otro, así "
        "que Gmail, Yahoo y Outlook.com juzgan el correo solo por el SPF.",
    ),
    fix=Text(
        en="The administrator of the sending platform sets up DKIM for {author} (custom or own-domain DKIM), and whoever manages "
        "the DNS publishes the records it shows. Then send a new sample.",
        es="Quien administre la plataforma de envío debe configurar DKIM para {author} (DKIM personalizado o de dominio propio) "
        "y quien gestione el DNS debe publicar los registros que le muestre. Después, envíe una muestra nueva.",
    ),
    references=("RFC 9989 §4.4.1", GOOGLE_SENDERS, YAHOO_SENDERS),
    consequence_of=("DKIM017", "DMARC036", "DMARC031"),
)

_NO_AUTHOR = Text(
    en="There is no single author domain to compare with.",
    es="No hay un único dominio de autor con el que comparar.",
)
_NONE_VALID = Text(
    en="No signature is valid; the findings about each one tell why.",
    es="Ninguna firma es válida; los resultados de cada una explican por qué.",
)
_ALIGNMENT_UNKNOWN = Text(
    en="DNS did not answer a question that decides whether a signature counts for the author.",
    es="El DNS no ha respondido a una consulta que decide si una firma cuenta para el autor.",
)


@NOT_ALIGNED.check
def not_aligned(verification: DkimVerification, author: Author, aligned: AlignedSignatures) -> Outcome:
    """RFC 9989 §4.4.1: at least one valid signature has a d= that aligns with the author domain."""
    if author.domain is None:
        return NotApplicable(_NO_AUTHOR)
    if not verification.results:
        return NotApplicable(NOT_SIGNED, author.domain)
    standing = {is_own(result, author, aligned) for result in verification.passed}
    if True in standing:
        return Passed(author.domain)
    unasked = [result for result in verification.results if result.reason is DkimReason.KEY_UNAVAILABLE]
    if None in standing or (unasked and not standing) or any(is_own(r, author, aligned) is not False for r in unasked):
        return Unknown(_ALIGNMENT_UNKNOWN, author.domain, tuple(e for result in unasked for e in key_evidence(result)))
    if not standing:
        return NotApplicable(_NONE_VALID, author.domain)
    return NOT_ALIGNED.found(
        author.domain,
        severity=Severity.ERROR if aligned.spf_aligned is False else Severity.WARNING,
        evidence=tuple(signature_evidence(result.signature, "d") for result in verification.passed),
        author=author.domain,
        domains=tuple(dict.fromkeys(result.domain for result in verification.passed)),
    )


# --- DKIM017 --------------------------------------------------------------------------------------------------------

PROVIDER_ONLY = Rule(
    "DKIM017",
    "dkim-of-provider-only",
    Severity.WARNING,
    Basis.PROVIDER,
    Area.AUTH,
    Actor.PLATFORM,
    label=Text(en="DKIM of your own domain", es="DKIM de su propio dominio"),
    title=Text(
        en="{provider} signs with its own domain ({domain}), not with yours",
        es="{provider} firma con su propio dominio ({domain}), no con el suyo",
    ),
    why=Text(
        en="It is the signature that the platform puts on mail of customers who have not set up DKIM. It is valid, and DMARC does "
        "not count it: Gmail, Yahoo and Outlook.com ask for a signature of the domain in From.",
        es="Es la firma que la plataforma pone al correo de quien no ha configurado DKIM. Es válida, pero DMARC no la cuenta: "
        "Gmail, Yahoo y Outlook.com piden una firma del dominio del From.",
    ),
    fix=Text(
        en="The administrator of {provider} adds {author} as a sending domain and switches its DKIM on; whoever manages the DNS "
        "publishes the CNAME or TXT records it shows. In Microsoft 365 publish the two CNAMEs first, then enable DKIM.",
        es="Quien administre {provider} debe añadir {author} como dominio de envío y activar su DKIM; quien gestione el DNS "
        "debe publicar los registros CNAME o TXT que le muestre. En Microsoft 365, publique primero los dos CNAME y después "
        "active DKIM.",
    ),
    references=(GOOGLE_SENDERS, "Microsoft Learn, How to use DKIM for email in your custom domain, 2026-05"),
)


@PROVIDER_ONLY.check
def provider_only(verification: DkimVerification, author: Author, aligned: AlignedSignatures | None) -> Outcome:
    """Every valid signature is of a domain that belongs to a sending platform, and the author is not that platform."""
    if author.domain is None:
        return NotApplicable(_NO_AUTHOR)
    if not verification.results:
        return NotApplicable(NOT_SIGNED, author.domain)
    standing = {is_own(result, author, aligned) for result in verification.passed}
    if True in standing:
        return Passed(author.domain)
    unasked = [result for result in verification.results if result.reason is DkimReason.KEY_UNAVAILABLE]
    if None in standing or (unasked and not standing):
        return Unknown(_ALIGNMENT_UNKNOWN, author.domain, tuple(e for result in unasked for e in key_evidence(result)))
    if not standing:
        return NotApplicable(_NONE_VALID, author.domain)
    return _of_platform(verification, author, aligned) or Passed(author.domain)


def _of_platform(verification: DkimVerification, author: Author, aligned: AlignedSignatures | None) -> Finding | None:
    for result in verification.passed:
        owner = provider_of_signing_domain(result.domain)
        if owner is not None:
            return PROVIDER_ONLY.found(
                author.domain or "",
                severity=Severity.ERROR if aligned is not None and aligned.spf_aligned is False else None,
                evidence=signature_evidence(result.signature, "d"),
                provider=owner.name,
                domain=result.domain,
                author=author.domain or "",
            )
    return None


RULES: tuple[Rule, ...] = (NOT_SIGNED_AT_ALL, BODY_CHANGED, SIGNATURE_INVALID, NOT_ALIGNED, PROVIDER_ONLY)
