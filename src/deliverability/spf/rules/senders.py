"""Rules about the senders the user named: their addresses, their provider, their envelope domain, their HELO name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from deliverability.core.addresses import is_public
from deliverability.core.changes import Fix, RecordChange
from deliverability.core.facts import AuditedDomain, AuthenticationSummary, DkimPresence, Envelope, Presence, Sending
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
    evidence_of,
)
from deliverability.core.names import DomainName, is_subdomain, registrable_domain
from deliverability.core.questions import Failed, IPAddress
from deliverability.core.rule import Area, Rule
from deliverability.core.text import Text
from deliverability.headers.trace import Trace
from deliverability.providers.registry import Provider, provider_of_spf_include
from deliverability.spf import repair
from deliverability.spf.facts import IpCheck, PlaceOfRecord, SpfFacts
from deliverability.spf.record import parse
from deliverability.spf.rules.common import COULD_NOT_ASK, PART_NOT_ASKED, at_terms, not_exact, unread
from deliverability.spf.rules.proposals import include_of, told_providers
from deliverability.spf.texts import failure_text

SENDER_NOT_AUTHORISED = Rule(
    code="SPF024",
    name="sending-ip-not-authorised",
    severity=Severity.ERROR,
    basis=Basis.STANDARD,
    area=Area.AUTH,
    actor=Actor.DNS,
    label=Text("Your sending addresses in SPF", "Sus direcciones de envío en el SPF"),
    title=Text(
        "Mail from {ip} does not pass the SPF of {domain}: {result}",
        "El correo desde {ip} no pasa el SPF de {domain}: {result}",
    ),
    why=Text(
        "SPF does not let {ip} send: {reason}. That counts against every message from there; without DKIM DMARC fails as well, "
        "and Gmail and Outlook.com refuse or file it as spam.",
        "El SPF no permite enviar desde {ip}: {reason}. Eso perjudica a todo mensaje que salga de ahí; sin DKIM falla también DMARC, y Gmail y "
        "Outlook.com lo rechazan o lo llevan a spam.",
    ),
    fix=Text(
        "If that server sends for you, have whoever manages your DNS add `{word}` before `all` in the SPF record of {domain}, or the `include:` of the "
        "provider it belongs to. {then}",
        "Si ese servidor envía por usted, quien gestione su DNS debe añadir `{word}` antes de `all` en el registro SPF de {domain}, o el `include:` del "
        "proveedor al que pertenezca. {then}",
    ),
    references=("RFC 7208 §4", "RFC 7208 §2.6"),
    consequence_of=("SPF001", "SPF002", "SPF003", "SPF017", "SPF022", "SPF025", "SPF032"),
    identity=("ip",),
)

_NO_TERM = Text("no term of the record matches it", "ningún término del registro la incluye")


_TEST = Text(
    "Then send a test message and look for `spf=pass`.", "Después envíe un mensaje de prueba y busque `spf=pass`."
)
_FORWARDED = Text(
    "Before {ip} the message was at {before}: if {ip} forwarded it, SPF is right as it is.",
    "Antes de {ip} el mensaje pasó por {before}: si {ip} lo reenvió, el SPF está bien como está.",
)
_STRANGE = Text(
    "If {ip} is neither yours nor your provider's, somebody forged this message, and SPF is right as it is.",
    "Si {ip} no es suya ni de su proveedor, alguien falsificó este mensaje y el SPF está bien como está.",
)


@SENDER_NOT_AUTHORISED.check
def sending_ip_not_authorised(
    spf: SpfFacts,
    audited: AuditedDomain,
    message: AuthenticationSummary | None,
    trace: Trace | None,
    envelope: Envelope | None,
) -> Iterator[Outcome]:
    """One outcome for each address the user sends from; a forwarder is none of them, and need not be in the record."""
    before = _brought_before(trace) if message is not None and message.dmarc == "pass" else None
    for check in spf.checks:
        outcome = _checked(spf, audited, check)
        if isinstance(outcome, Finding) and before is not None and before[0] == check.ip:
            outcome = _with_doubt(outcome, _FORWARDED, Severity.WARNING, before=before[1])
        elif isinstance(outcome, Finding) and envelope is not None and _is_strange(check, envelope, message):
            outcome = _with_doubt(outcome, _STRANGE, outcome.severity)
        yield outcome
    if not spf.checks:
        yield NotApplicable(
            Text("Nobody told which addresses send.", "No se ha indicado desde qué direcciones se envía."), spf.domain
        )


def _brought_before(trace: Trace | None) -> tuple[IPAddress, str] | None:
    """The address that handed the message to the receiver, and the outside address that had handed it to that one."""
    clients = [hop.client for hop in trace.hops if hop.client is not None] if trace is not None else []
    public = [ip for ip in clients if is_public(ip, documentation=True)]
    before = next((ip for ip in public[1:] if ip != public[0]), None)
    return (public[0], str(before)) if before is not None else None


def _is_strange(check: IpCheck, envelope: Envelope, message: AuthenticationSummary | None) -> bool:
    """Whether only a message that nothing vouches for says that the address sends for the domain: it may be forged."""
    return message is not None and message.dmarc != "pass" and check.ip == envelope.client_ip


def _with_doubt(finding: Finding, doubt: Text, severity: Severity, before: str = "") -> Finding:
    """The address may be none of the user's: that is told, and no record is proposed that lets it send."""
    args = {"ip": str(finding.args["ip"]), "before": before}
    then = Text(doubt.format("en", args), doubt.format("es", args))
    return replace(finding, severity=severity, args={**finding.args, "then": then}, fix=None)


def _checked(spf: SpfFacts, audited: AuditedDomain, check: IpCheck) -> Outcome:
    result, subject = check.result, str(check.ip)
    if result.result == "pass":
        decided = result.directive
        return Passed(subject, Text(decided.text, decided.text) if decided else Text("pass", "pass"))
    if result.result == "temperror":
        return Unknown(PART_NOT_ASKED, subject, _asked_in(check))
    word = repair.address_word(check.ip)
    matched = result.directive
    reason = failure_text(result.problem) if result.problem else _NO_TERM
    if matched is not None:
        reason = Text(f"`{matched.text}` is what matches it", f"la única coincidencia es `{matched.text}`")
    return SENDER_NOT_AUTHORISED.found(
        subject,
        evidence=(*spf.root.evidence, *_asked_in(check)),
        fix=_admit(spf, audited, check, word),
        domain=check.domain,
        ip=subject,
        result=result.result,
        reason=reason,
        word=word,
        then=_TEST,
    )


def _asked_in(check: IpCheck) -> tuple[Evidence, ...]:
    """The question that ended the evaluation, if one did."""
    problem = check.result.problem
    if problem is None or problem.question is None or problem.answer is None:
        return ()
    return (evidence_of(problem.question, problem.answer),)


def _admit(spf: SpfFacts, audited: AuditedDomain, check: IpCheck, word: str) -> Fix | None:
    """The address put into the record of the MAIL FROM domain; only where that is the user's, and sound."""
    if check.result.result in ("permerror", "none"):
        return None
    if check.domain == spf.domain:
        record = spf.root.record
        return repair.publish(spf.root, repair.with_senders(record, [word])) if record is not None else None
    place = spf.envelope
    if place is None or not is_subdomain(check.domain, audited.registrable) or len(place.texts) != 1:
        return None
    answer = place.asked.answer
    new = repair.with_senders(parse(place.texts[0]), [word])
    if new is None or isinstance(answer, Failed) or answer.aliases:
        return None
    return Fix((RecordChange(place.name, "TXT", add=(new,), remove=place.texts),))


PROVIDER_NOT_INCLUDED = Rule(
    code="SPF025",
    name="provider-not-included",
    severity=Severity.ERROR,
    basis=Basis.CONSENSUS,
    area=Area.AUTH,
    actor=Actor.DNS,
    label=Text("Your mail provider in SPF", "Su proveedor de correo en el SPF"),
    title=Text(
        "SPF of {domain} lacks {provider}, through which you send",
        "En el SPF de {domain} falta {provider}, con quien usted envía",
    ),
    why=Text(
        "Your settings hand the mail to {provider}, and its servers are not in the SPF record. Receivers see a sender you have not named: SPF "
        "does not pass, and without DKIM neither does DMARC.",
        "Su configuración entrega el correo a {provider} y sus servidores no figuran en el registro SPF. Los receptores ven un remitente que usted "
        "no ha nombrado: el SPF no pasa y, sin DKIM, tampoco DMARC.",
    ),
    fix=Text(
        "Whoever manages your DNS: add `{word}` before `all` in the SPF record of {domain}. Compare it with the instructions of {provider}.",
        "Quien gestione su DNS: añada `{word}` antes de `all` en el registro SPF de {domain}. Contrástelo con las instrucciones de {provider}.",
    ),
    references=("RFC 7208 §5.2", "Providers' SPF instructions, collected in October 2026"),
    consequence_of=("SPF001", "SPF002", "SPF022"),
    identity=("provider",),
)


@PROVIDER_NOT_INCLUDED.check
def provider_not_included(spf: SpfFacts, sending: Sending) -> Iterator[Outcome]:
    """One outcome for each provider the user named that wants to be in the customer's SPF."""
    early = unread(spf)
    owners = [owner for owner in told_providers(sending) if include_of(owner) is not None]
    if early is not None or not owners or spf.envelope is not None:
        # With a MAIL FROM domain of its own, mail does not use this record (RFC 7208 §2.4).
        yield early or NotApplicable(
            Text("No provider is known that needs to be in it.", "No se conoce ningún proveedor que deba figurar."),
            spf.domain,
        )
        return
    for owner in owners:
        yield _included(spf, owner)


def _included(spf: SpfFacts, owner: Provider) -> Outcome:
    word = include_of(owner) or ""
    for name in spf.tree.domains():
        included = provider_of_spf_include(name)
        if included is not None and included.id == owner.id:
            return Passed(owner.name, Text(f"include:{name}", f"include:{name}"))
    if not spf.tree.lookups_exact:
        return replace(not_exact(spf), subject=owner.name)
    record = spf.root.record
    return PROVIDER_NOT_INCLUDED.found(
        owner.name,
        evidence=at_terms(spf, ()),
        fix=repair.publish(spf.root, repair.with_senders(record, [word])) if record and record.is_valid else None,
        domain=spf.domain,
        provider=owner.name,
        word=word,
    )


NOT_ALIGNED = Rule(
    code="SPF026",
    name="spf-passes-not-aligned",
    severity=Severity.WARNING,
    basis=Basis.STANDARD,
    area=Area.AUTH,
    actor=Actor.PLATFORM,
    label=Text("Alignment of SPF", "Alineación del SPF"),
    title=Text(
        "The Return-Path domain {envelope} does not belong to {domain}",
        "El dominio del Return-Path, {envelope}, no pertenece a {domain}",
    ),
    why=Text(
        "DMARC counts an SPF pass only when the Return-Path has the same organizational domain as From. Here it passes for {envelope}, so DMARC "
        "rests on DKIM alone. DKIM of {domain}: {dkim}.",
        "DMARC solo tiene en cuenta el «pass» del SPF si el Return-Path comparte dominio de la organización con el From. Aquí pasa para "
        "{envelope}, así que DMARC depende solo de DKIM. DKIM de {domain}: {dkim}.",
    ),
    fix=Text(
        "The administrator of the sending platform: set a Return-Path of your own (custom bounce or MAIL FROM domain, such as "
        "`bounces.{domain}`) and have the CNAME or MX it asks for published.",
        "Quien administre la plataforma de envío: configure un Return-Path propio (dominio de rebotes o MAIL FROM personalizado, como "
        "`bounces.{domain}`) y haga publicar el CNAME o MX que le pida.",
    ),
    references=("RFC 9989 §4.4.2",),
    consequence_of=("DMARC036", "DMARC031"),
    identity=("envelope",),
)

_DKIM = {
    Presence.FOUND: Text("found", "encontrado"),
    Presence.ABSENT: Text("none found", "no se ha encontrado"),
    Presence.UNKNOWN: Text("not known", "no se sabe"),
}


@NOT_ALIGNED.check
def spf_passes_not_aligned(
    spf: SpfFacts, audited: AuditedDomain, sending: Sending, dkim: DkimPresence | None
) -> Outcome:
    """Relaxed alignment by organizational domain; an error where no DKIM key is there to make up for it."""
    envelope = sending.envelope_domain
    if envelope is None:
        return NotApplicable(
            Text("No Return-Path domain was named.", "No se ha indicado el dominio del Return-Path."), spf.domain
        )
    if (registrable_domain(envelope) or envelope) == audited.registrable:
        return Passed(envelope)
    state = dkim.state if dkim is not None else Presence.UNKNOWN
    seen = [spf.envelope.asked.as_evidence()] if spf.envelope else []
    return NOT_ALIGNED.found(
        envelope,
        severity=Severity.ERROR if state is Presence.ABSENT else Severity.WARNING,
        evidence=seen,
        domain=audited.name,
        envelope=envelope,
        dkim=_DKIM[state],
    )


HELO_WITHOUT_SPF = Rule(
    code="SPF027",
    name="helo-without-spf",
    severity=Severity.INFO,
    basis=Basis.STANDARD,
    area=Area.AUTH,
    actor=Actor.DNS,
    label=Text("SPF of the HELO name", "SPF del nombre HELO"),
    title=Text("The server name {host} has no SPF record", "El nombre de servidor {host} no tiene registro SPF"),
    why=Text(
        "Bounces and receipts carry no sender address; receivers then check the name the server greets with. A record there also stops others "
        "from greeting with it.",
        "Los rebotes y los acuses no llevan dirección de remitente; los receptores comprueban entonces el nombre con el que saluda el servidor. "
        "Un registro ahí impide además que otros saluden con él.",
    ),
    fix=Text(
        "Whoever manages the DNS of {host}: publish the TXT record `v=spf1 a -all` there, if that name has the address the server sends from.",
        "Quien gestione el DNS de {host}: publique ahí el registro TXT `v=spf1 a -all`, si ese nombre tiene la dirección desde la que envía el "
        "servidor.",
    ),
    references=("RFC 7208 §2.3", "RFC 7208 §10.1.2"),
    identity=("host",),
)


@HELO_WITHOUT_SPF.check
def helo_without_spf(spf: SpfFacts, audited: AuditedDomain) -> Iterator[Outcome]:
    """One outcome for each HELO name that is told, or shown by the reverse DNS."""
    for place in spf.helo:
        yield _helo(place, audited)
    if not spf.helo:
        yield NotApplicable(Text("No HELO name is known.", "No se conoce ningún nombre HELO."), spf.domain)


def _helo(place: PlaceOfRecord, audited: AuditedDomain) -> Outcome:
    answer = place.asked.answer
    if isinstance(answer, Failed):
        return Unknown(COULD_NOT_ASK, place.name, (place.asked.as_evidence(),))
    if place.texts:
        return Passed(place.name)
    if not is_subdomain(place.name, audited.registrable):
        return NotApplicable(_NOT_YOURS, place.name)
    return HELO_WITHOUT_SPF.found(
        place.name,
        evidence=place.asked.as_evidence(),
        fix=None if answer.aliases else _helo_record(place.name),
        host=place.name,
    )


_NOT_YOURS = Text(
    "The server's name lies in somebody else's zone, where you cannot publish anything.",
    "El nombre del servidor está en una zona ajena, en la que usted no puede publicar nada.",
)


def _helo_record(name: DomainName) -> Fix:
    # RFC 7208 §10.1.2 gives this as the record of a host that handles mail.
    return Fix((RecordChange(name, "TXT", add=("v=spf1 a -all",)),))


RULES: tuple[Rule, ...] = (SENDER_NOT_AUTHORISED, PROVIDER_NOT_INCLUDED, NOT_ALIGNED, HELO_WITHOUT_SPF)
