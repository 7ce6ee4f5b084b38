"""Rules about ARC (ARC001 to ARC004): information about those who forwarded the message, never scored."""

from __future__ import annotations

from collections.abc import Iterator

from deliverability.arc.record import ArcChain
from deliverability.arc.texts import describe, of_reason
from deliverability.arc.verify import ArcCheck, ArcReason, ArcResult
from deliverability.core.facts import Author
from deliverability.core.finding import (
    Actor,
    Basis,
    Evidence,
    NotApplicable,
    Outcome,
    Passed,
    Severity,
    Unknown,
    evidence_of,
)
from deliverability.core.names import DomainName, registrable_domain
from deliverability.core.questions import Failed
from deliverability.core.rule import Area, Rule
from deliverability.core.text import Text
from deliverability.dkim.record import RSA_BITS_MUST
from deliverability.dkim.verification import DkimReason
from deliverability.headers.authentication_results import MethodResult
from deliverability.headers.claims import Claims, Judged
from deliverability.headers.evidence import field_evidence

_NO_CHAIN = Text("nobody who forwarded the message added ARC", "nadie que reenviara el mensaje añadió ARC")
_NOT_ASKED = Text("the key could not be asked for", "no se pudo consultar la clave")
_SUBJECT = "ARC"


def _evidence(chain: ArcChain) -> tuple[Evidence, ...]:
    """The newest seal, or whatever there is of the chain."""
    newest = chain.newest
    if newest is None:
        return ()
    fields = [newest.seal.signature.field] if newest.seal else list(newest.fields[:1])
    return tuple(field_evidence(field) for field in fields)


# --- ARC001 ---------------------------------------------------------------------------------------------------------

BROKEN = Rule(
    "ARC001",
    "arc-chain-broken",
    Severity.INFO,
    Basis.STANDARD,
    Area.BRAND,
    Actor.THIRD_PARTY,
    label=Text(en="ARC chain of forwarders", es="Cadena ARC de los reenvíos"),
    title=Text(en="The ARC chain is broken: {problem}", es="La cadena ARC está rota: {problem}"),
    why=Text(
        en="Whoever forwarded the message recorded in ARC that it arrived authenticated. Receivers that read ARC, such as "
        "Gmail and Microsoft 365, ignore a broken chain, so a message changed on the way is judged by SPF, DKIM and DMARC alone.",
        es="Quien reenvió el mensaje anotó en ARC que le llegó autenticado. Los receptores que leen ARC, como Gmail y "
        "Microsoft 365, no hacen caso de una cadena rota: un mensaje alterado por el camino se juzga solo por SPF, DKIM y DMARC.",
    ),
    fix=Text(
        en="Nothing is wrong on your side. If mail through this forwarder or list is rejected, tell its administrator; meanwhile "
        "rely on a DKIM signature of your own domain, which survives forwarding that changes nothing.",
        es="El fallo no es suyo. Si el correo que pasa por este reenvío o esta lista se rechaza, avise a su administrador; "
        "mientras tanto, confíe en la firma DKIM de su propio dominio, que resiste los reenvíos que no alteran el mensaje.",
    ),
    references=("RFC 8617 §5.2",),
    consequence_of=("ARC003",),
)


@BROKEN.check
def broken(arc: ArcResult) -> Outcome:
    """RFC 8617 §5.2: the Chain Validation Status."""
    if arc.reason is ArcReason.NONE:
        return NotApplicable(_NO_CHAIN, _SUBJECT)
    if arc.result == "pass":
        count = len(arc.chain.sets)
        return Passed(_SUBJECT, Text(f"sets: {count}", f"conjuntos: {count}"))
    check = arc.broken
    if arc.unavailable and check is not None:
        return Unknown(_NOT_ASKED, _SUBJECT, _of_key(check))
    seen = (field_evidence(check.signature.field),) if check is not None else _evidence(arc.chain)
    return BROKEN.found(_SUBJECT, evidence=seen, problem=describe(arc))


def _of_key(check: ArcCheck) -> tuple[Evidence, ...]:
    question = check.question
    return (evidence_of(question, check.key_answer),) if question is not None and check.key_answer is not None else ()


# --- ARC002 ---------------------------------------------------------------------------------------------------------

BY_AUTHOR = Rule(
    "ARC002",
    "arc-by-originator",
    Severity.INFO,
    Basis.STANDARD,
    Area.BRAND,
    Actor.NOBODY,
    label=Text(en="ARC added by the sender", es="ARC añadido por el remitente"),
    title=Text(
        en="The first ARC set is from {domain}, the domain that sends the message",
        es="El primer conjunto ARC es de {domain}, el dominio que envía el mensaje",
    ),
    why=Text(
        en="ARC is for those who forward mail of others. From the sender itself it is harmless and of no use: receivers "
        "judge the message by its own SPF, DKIM and DMARC.",
        es="ARC sirve a quien reenvía correo ajeno. Puesto por el propio remitente no molesta ni aporta nada: los "
        "receptores juzgan el mensaje por su SPF, su DKIM y su DMARC.",
    ),
    fix=Text(
        en="Nothing has to be done. Whoever manages the mail platform may turn ARC off for outgoing mail.",
        es="No es necesario hacer nada. Quien gestiona la plataforma de correo puede desactivar ARC en el correo saliente.",
    ),
    references=("RFC 8617 §1",),
)


@BY_AUTHOR.check
def by_author(arc: ArcResult, author: Author) -> Outcome:
    """The domain of the first seal belongs to the organization of From."""
    first = next((one for one in arc.chain.sets if one.instance == 1), None)
    if first is None or first.seal is None:
        return NotApplicable(_NO_CHAIN, _SUBJECT)
    domain = first.seal.domain
    if domain is None or author.domain is None or _organization(domain) != _organization(author.domain):
        return Passed(_SUBJECT)
    return BY_AUTHOR.found(_SUBJECT, evidence=field_evidence(first.seal.signature.field), domain=domain)


def _organization(domain: DomainName) -> str:
    return registrable_domain(domain) or domain


# --- ARC003 ---------------------------------------------------------------------------------------------------------

KEY = Rule(
    "ARC003",
    "arc-key-unusable",
    Severity.INFO,
    Basis.STANDARD,
    Area.BRAND,
    Actor.THIRD_PARTY,
    label=Text(en="Keys of the ARC chain", es="Claves de la cadena ARC"),
    title=Text(
        en="The ARC key {name} cannot be used: {problem}",
        es="La clave ARC {name} no sirve: {problem}",
    ),
    why=Text(
        en="Receivers cannot check what this forwarder sealed, so the whole chain counts for nothing with them: as if "
        "the message had no ARC at all.",
        es="Los receptores no pueden comprobar lo que selló este reenvío y toda la cadena deja de valer: es como si el "
        "mensaje no tuviera ARC.",
    ),
    fix=Text(
        en="The key belongs to the forwarder: its administrator publishes it again, with an RSA key of 2048 bits. On your "
        "side nothing has to be changed.",
        es="La clave es del reenviador: su administrador debe publicarla de nuevo, con una clave RSA de 2048 bits. Por su "
        "parte no es necesario cambiar nada.",
    ),
    references=("RFC 8617 §4.1.2", "RFC 8617 §4.1.3", "RFC 8301 §3.2"),
)

_FAULTS_OF_KEYS = (
    DkimReason.NO_KEY,
    DkimReason.KEY_SYNTAX,
    DkimReason.KEY_REVOKED,
    DkimReason.KEY_HASH,
    DkimReason.KEY_TYPE,
    DkimReason.KEY_SERVICE,
    DkimReason.KEY_TOO_SHORT,
    DkimReason.KEY_TOO_LARGE,
)


@KEY.check
def key_usable(arc: ArcResult) -> Iterator[Outcome]:
    """RFC 8617 §5.2 steps 4 and 6 need a key for each signature; RFC 8301 §3.2 wants 1024 bits at least."""
    checks = {check.key_name: check for check in reversed(arc.checks) if check.key_name is not None}
    if not checks:
        yield NotApplicable(_NO_CHAIN if not arc.chain.present else _NO_KEY_NEEDED, _SUBJECT)
    for name, check in checks.items():
        seen = _of_key(check)
        if isinstance(check.key_answer, Failed):
            yield Unknown(_NOT_ASKED, name, seen)
        elif check.reason in _FAULTS_OF_KEYS:
            problem = of_reason(check.reason)
            if check.reason is DkimReason.KEY_TOO_SHORT and check.key is not None:
                bits = check.key.bits
                problem = Text(
                    f"it has {bits} bits, and {RSA_BITS_MUST} are the least",
                    f"tiene {bits} bits y el mínimo es {RSA_BITS_MUST}",
                )
            yield KEY.found(name, evidence=seen, name=name, problem=problem)
        else:
            yield Passed(name)


_NO_KEY_NEEDED = Text(
    "the chain is broken before any key matters", "la cadena está rota antes de que importe ninguna clave"
)

# --- ARC004 ---------------------------------------------------------------------------------------------------------

OVERRIDE = Rule(
    "ARC004",
    "arc-override",
    Severity.INFO,
    Basis.PROVIDER,
    Area.BRAND,
    Actor.PLATFORM,
    label=Text(en="Delivery that rests on ARC", es="Entrega que depende de ARC"),
    title=Text(
        en="DMARC failed, and the receiver accepted the message because of ARC ({mark})",
        es="El DMARC falló y el receptor aceptó el mensaje gracias a ARC ({mark})",
    ),
    why=Text(
        en="The receiver trusts this forwarder, and another receiver may not: there the same message is refused or goes to "
        "spam. ARC is also on its way to being retired as a standard.",
        es="Este receptor confía en el reenviador, pero otro puede no hacerlo: allí el mismo mensaje se rechaza o va a spam. "
        "Además, ARC va camino de retirarse como estándar.",
    ),
    fix=Text(
        en="Whoever manages your mail platform signs with DKIM in the name of your domain, relaxed/relaxed and without l=, so "
        "that the signature survives forwarding and DMARC passes without help.",
        es="Quien gestiona su plataforma de correo debe firmar con DKIM en nombre de su dominio, con relaxed/relaxed y sin "
        "l=, para que la firma resista los reenvíos y el DMARC se cumpla sin ayuda.",
    ),
    references=("RFC 8617 §7.2.1", "draft-ietf-dmarc-arc-to-historic, 2026"),
)

#: What receivers write where a failed DMARC was not applied: RFC 9990's policy overrides, Microsoft's reason codes.
_MARKS = ("trusted_forwarder", "local_policy", "arc_override", "arc=pass")
_MICROSOFT_ARC = "130"


@OVERRIDE.check
def override(claims: Claims) -> Outcome:
    """An Authentication-Results of the receiver that says arc=pass, dmarc=fail, and why it was let through."""
    arc, dmarc = claims.results("arc"), claims.results("dmarc")
    if not arc or not dmarc:
        return NotApplicable(
            Text(
                "the receiver says nothing about ARC in this message", "el receptor no dice nada de ARC en este mensaje"
            ),
            _SUBJECT,
        )
    if arc[0].result.result != "pass" or dmarc[0].result.result != "fail":
        return Passed(_SUBJECT)
    mark = _mark(dmarc[0], claims)
    if not mark:
        return Passed(_SUBJECT)
    fields = {one.claim.field.start: one.claim.field for one in (arc[0], dmarc[0])}
    return OVERRIDE.found(_SUBJECT, evidence=[field_evidence(field) for field in fields.values()], mark=mark)


def _mark(dmarc: Judged, claims: Claims) -> str:
    """The words in which the receiver says that ARC decided; "" without."""
    said = _words_of(dmarc.result)
    for mark in _MARKS:
        if mark in said:
            return mark
    for judged in claims.results("compauth"):
        reason = judged.result.reason or judged.result.get("reason") or ""
        if judged.result.result == "pass" and reason == _MICROSOFT_ARC:
            return f"compauth=pass reason={reason}"
    return ""


def _words_of(result: MethodResult) -> str:
    properties = (f"{one.type}.{one.name}={one.value}" for one in result.properties)
    return " ".join((result.reason or "", *result.comments, *properties)).lower()


RULES: tuple[Rule, ...] = (BROKEN, BY_AUTHOR, KEY, OVERRIDE)
