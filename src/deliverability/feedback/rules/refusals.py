"""BNC004 and BNC005: mail that receivers refused because nobody vouched for it, and mail that came too fast for them."""

from __future__ import annotations

from collections.abc import Iterator

from deliverability.core.finding import Actor, Basis, Evidence, NotApplicable, Outcome, Passed, Severity
from deliverability.core.rule import Area, Rule
from deliverability.core.text import Text
from deliverability.dnsbl.facts import file_evidence
from deliverability.feedback.facts import FileKind, Refusal, Reputation

#: Google's requirements that are about authentication.
_AUTHENTICATION = frozenset({"SPF", "DKIM", "SPF_AND_DKIM", "DMARC_POLICY", "DMARC_ALIGNMENT"})
_NO_BOUNCES = Text("No bounce was given.", "No se indicó ningún rebote.")

UNAUTHENTICATED = Rule(
    "BNC004",
    "refused-for-authentication",
    Severity.ERROR,
    Basis.STANDARD,
    Area.MONITORING,
    Actor.DNS,
    label=Text("Refusals for lack of authentication", "Rechazos por falta de autenticación"),
    title=Text(
        "{receiver} does not accept how the mail is authenticated: {said}",
        "{receiver} no acepta cómo se autentica el correo: {said}",
    ),
    why=Text(
        "This is no forecast: the receiver has refused mail of yours, or tells you that you do not meet what it asks of senders. What is refused does not even reach the junk folder.",
        "Esto no es una previsión: el receptor ya ha rechazado correo suyo, o le avisa de que no cumple lo que exige a los remitentes. Lo rechazado no llega ni a la carpeta de spam.",
    ),
    fix=Text(
        "Audit the domain and, as it arrived somewhere, one such message: the findings on SPF, DKIM and DMARC say which record or setting to change. Whoever manages your DNS or your mail platform makes the change; then send the mail again.",
        "Audite el dominio y uno de esos mensajes tal como llegó a algún buzón: los problemas de SPF, DKIM y DMARC indican qué registro o ajuste cambiar. El cambio corresponde a quien gestione su DNS o su plataforma de correo; después, vuelva a enviar.",
    ),
    references=("RFC 7372 §3.1", "RFC 7372 §3.2", "Google, email sender guidelines (2026-09)"),
    identity=("receiver", "code"),
)


@UNAUTHENTICATED.check
def refused_for_authentication(reputation: Reputation) -> Iterator[Outcome]:
    """One outcome for each kind of refusal, and for each of the receiver's requirements that it sees unmet."""
    told = False
    for file, one in _first_of_each(reputation, "BNC004"):
        told = True
        yield UNAUTHENTICATED.found(
            one.receiver, evidence=_seen(file, one), receiver=one.receiver, said=_said(one), code=one.code
        )
    for file, need in reputation.requirements:
        if need.name not in _AUTHENTICATION:
            continue
        told = True
        subject = need.domain or need.receiver
        if need.met:
            yield Passed(subject, Text(f"{need.receiver}: {need.name}", f"{need.receiver}: {need.name}"))
            continue
        # It asks for work before it refuses: a warning of its own.
        yield UNAUTHENTICATED.found(
            subject,
            severity=Severity.WARNING,
            evidence=file_evidence(file, None, f"{need.name} NEEDS_WORK"),
            receiver=need.receiver,
            code=need.name,
            said=Text(f"{need.name} needs work", f"{need.name} necesita mejoras"),
        )
    if not told:
        yield Passed() if reputation.has(FileKind.BOUNCES) else NotApplicable(_NO_BOUNCES)


THROTTLED = Rule(
    "BNC005",
    "throttled-by-receiver",
    Severity.WARNING,
    Basis.CONSENSUS,
    Area.MONITORING,
    Actor.SENDER,
    label=Text("Mail slowed down by receivers", "Correo frenado por los receptores"),
    title=Text("{receiver} slows your mail down: {said}", "{receiver} frena su correo: {said}"),
    why=Text(
        "The receiver takes less mail than you send at once. What is tried again and again too soon ends as refused, and the invoices of the end of the month arrive late.",
        "El receptor acepta menos correo del que usted envía de golpe. Lo que se reintenta demasiado pronto acaba rechazado, y las facturas de fin de mes llegan tarde.",
    ),
    fix=Text(
        "Whoever sends: spread the mail over hours, open fewer connections at once, and let the queue retry every 30 minutes or more for four to five days. With Yahoo, wait two hours at least. If it stays, look for complaints (BNC003).",
        "Quien envía: reparta el correo en varias horas, abra menos conexiones a la vez y deje que la cola reintente cada 30 minutos o más durante cuatro o cinco días. Con Yahoo, espere al menos dos horas. Si persiste, revise las quejas (BNC003).",
    ),
    references=("RFC 5321 §4.5.4.1", "Yahoo Sender Hub, SMTP error codes (2026-09)"),
    identity=("receiver", "code"),
)


@THROTTLED.check
def throttled_by_receiver(reputation: Reputation) -> Iterator[Outcome]:
    """One outcome for each receiver and reason."""
    if not reputation.has(FileKind.BOUNCES):
        yield NotApplicable(_NO_BOUNCES)
        return
    refusals = list(_first_of_each(reputation, "BNC005"))
    for file, one in refusals:
        yield THROTTLED.found(
            one.receiver, evidence=_seen(file, one), receiver=one.receiver, said=_said(one), code=one.code
        )
    if not refusals:
        yield Passed()


def _first_of_each(reputation: Reputation, rule: str) -> Iterator[tuple[str, Refusal]]:
    """A hundred bounces that say the same are one thing to mend."""
    seen: set[tuple[str, str]] = set()
    for file, one in reputation.refusals(rule):
        if (one.receiver, one.code) not in seen:
            seen.add((one.receiver, one.code))
            yield file, one


def _said(one: Refusal) -> Text:
    return Text(f"{one.meaning.en} ({one.code})", f"{one.meaning.es} ({one.code})")


def _seen(file: str, one: Refusal) -> Evidence:
    return file_evidence(file, one.line, one.text)
