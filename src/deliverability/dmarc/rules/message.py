"""DMARC031, 032 and 037: what DMARC says about one message."""

from __future__ import annotations

from deliverability.core.facts import NOT_SENT, Author, AuthorProblem, Stage
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
from deliverability.core.questions import Failed
from deliverability.core.rule import Area, Rule
from deliverability.core.text import Text
from deliverability.dmarc.alignment import DmarcResult, Reason
from deliverability.dmarc.message import MessageAuthentication
from deliverability.headers.evidence import field_evidence
from deliverability.headers.fields import Headers

GMAIL = "Google 81126 (2026-09)"
MICROSOFT = "Microsoft techcommunity 4399730 (2025-05)"

MESSAGE_FAILS = Rule(
    "DMARC031",
    "message-fails-dmarc",
    Severity.ERROR,
    Basis.STANDARD,
    Area.AUTH,
    Actor.PLATFORM,
    label=Text("DMARC of this message", "DMARC de este mensaje"),
    title=Text(
        "This message fails DMARC for {domain}: {spf}; {dkim}",
        "Este mensaje no pasa DMARC para {domain}: {spf}; {dkim}",
    ),
    why=Text(
        "Neither SPF nor DKIM passed for a domain that belongs to {domain}. {policy} Gmail (5.7.26) and Outlook.com (5.7.515) "
        "refuse such mail in volume or file it as spam whatever the policy says.",
        "Ni el SPF ni DKIM han pasado para un dominio que pertenezca a {domain}. {policy} Gmail (5.7.26) y Outlook.com (5.7.515) "
        "rechazan ese correo si llega en cantidad, o lo llevan a spam, diga lo que diga la política.",
    ),
    fix=Text(
        "The administrator of the sending platform: sign with DKIM as d={domain} (the platform calls it custom or own-domain "
        "DKIM) and publish the key it gives you. As the second leg, use a Return-Path under {domain} that SPF lets pass.",
        "Quien administre la plataforma de envío: firme con DKIM como d={domain} (la plataforma lo llama DKIM personalizado o de "
        "dominio propio) y publique la clave que le dé. Como segundo apoyo, use un Return-Path de {domain} que pase el SPF.",
    ),
    references=("RFC 9989 §5.3", GMAIL, MICROSOFT),
    consequence_of=("DMARC036", "DKIM003", "DKIM004", "DKIM005", "DKIM023"),
    cap=40,
)

ONE_LEG = Rule(
    "DMARC032",
    "passes-dmarc-by-one-leg",
    Severity.WARNING,
    Basis.PROVIDER,
    Area.AUTH,
    Actor.PLATFORM,
    label=Text("Both SPF and DKIM behind DMARC", "SPF y DKIM, ambos, detrás de DMARC"),
    title=Text(
        "DMARC of this message rests on {leg} alone: {other}",
        "El DMARC de este mensaje depende solo de {leg}: {other}",
    ),
    why=Text(
        "Outlook.com wants SPF and DKIM both to pass from senders of more than 5,000 messages a day. SPF breaks when mail is "
        "forwarded, DKIM when somebody edits it on the way; with one leg, either is enough to lose the message.",
        "Outlook.com exige que pasen SPF y DKIM, los dos, a quien envía más de 5.000 mensajes al día. El SPF se rompe al reenviar "
        "y DKIM cuando alguien retoca el mensaje; con un solo apoyo, cualquiera de los dos basta para perderlo.",
    ),
    fix=Text(
        "The administrator of the sending platform: make the other one pass for {domain} too. For DKIM, sign as d={domain}; for "
        "SPF, use a Return-Path under {domain} whose SPF names the sending server.",
        "Quien administre la plataforma de envío: consiga que el otro pase también para {domain}. Para DKIM, firme como d={domain}; "
        "para SPF, use un Return-Path de {domain} cuyo SPF incluya el servidor que envía.",
    ),
    references=(MICROSOFT, "RFC 9989 §7.4"),
    consequence_of=(
        "DKIM001",
        "DKIM003",
        "DKIM004",
        "DKIM005",
        "DKIM017",
        "DKIM016",
        "DKIM023",
        "DKIM025",
        "SPF024",
        "SPF026",
    ),
)

NOT_EVALUABLE = Rule(
    "DMARC037",
    "dmarc-not-evaluable",
    Severity.ERROR,
    Basis.STANDARD,
    Area.AUTH,
    Actor.SENDER,
    label=Text("One author domain in From", "Un solo dominio de autor en From"),
    title=Text("DMARC cannot judge this message: {problem}", "DMARC no puede juzgar este mensaje: {problem}"),
    why=Text(
        "DMARC needs exactly one domain in From. Receivers take such mail for an attempt to slip past it: most reject it or file "
        "it as spam before looking further.",
        "DMARC necesita exactamente un dominio en From. Los receptores ven en ese correo un intento de esquivarlo: la mayoría lo "
        "rechaza o lo lleva a spam sin mirar más.",
    ),
    fix=Text(
        "Whoever develops or configures the sending software: write one From field with one address, such as "
        "`From: Empresa SL <facturas@empresa.example>`. Further contacts go into Reply-To or the text.",
        "Quien desarrolle o configure el programa de envío: escriba un solo campo From con una sola dirección, como "
        "`From: Empresa SL <facturas@empresa.example>`. Otros contactos van en Reply-To o en el texto.",
    ),
    references=("RFC 9989 §5.3.1", "RFC 9989 §11.5"),
    consequence_of=("HDR001", "HDR002", "HDR003"),
    cap=40,
)

_PROBLEMS = {
    AuthorProblem.MISSING: Text("there is no From address", "no hay dirección en From"),
    AuthorProblem.SEVERAL_FIELDS: Text("there are several From fields", "hay varios campos From"),
    AuthorProblem.SEVERAL_DOMAINS: Text("From names several domains", "From nombra varios dominios"),
    AuthorProblem.UNREADABLE: Text("From holds no readable address", "From no contiene una dirección legible"),
    AuthorProblem.TOO_LONG: Text(
        "From or the header section is too long to be read", "From o la cabecera son demasiado largos para leerse"
    ),
}
_NO_AUTHOR = Text("The message has no one author domain.", "El mensaje no tiene un dominio de autor único.")
_NO_POLICY = Text(
    "No DMARC record applies, so DMARC says nothing.", "No se aplica ningún registro DMARC, así que DMARC no opina."
)
_RECORD_UNUSABLE = Text("The DMARC record cannot be used.", "El registro DMARC no se puede usar.")
_COULD_NOT_ASK = Text("The DNS gave no answer that DMARC needs.", "El DNS no dio una respuesta que DMARC necesita.")
_NO_CLIENT = Text(
    "DKIM does not settle it, and SPF could not be checked: nobody told the sending server's address or the Return-Path.",
    "DKIM no lo decide y el SPF no se pudo comprobar: no se conoce la dirección del servidor que envió o el Return-Path.",
)
_SPF_TEMPERROR = Text(
    "DKIM does not settle it, and the DNS gave no answer for SPF.",
    "DKIM no lo decide y el DNS no respondió para el SPF.",
)
_SPF_UNKNOWN = Text("It is not known whether SPF passes.", "No se sabe si pasa el SPF.")
_DKIM_UNKNOWN = Text("It is not known whether DKIM passes.", "No se sabe si pasa DKIM.")


@NOT_EVALUABLE.check
def dmarc_not_evaluable(author: Author, headers: Headers) -> Outcome:
    """RFC 9989 §5.3.1: zero or several domains end the process."""
    if author.problem is None:
        return Passed(author.domain or "")
    seen = tuple(field_evidence(field) for field in headers.all("From")[:3])
    return NOT_EVALUABLE.found("From", evidence=seen, problem=_PROBLEMS[author.problem])


@MESSAGE_FAILS.check
def message_fails_dmarc(auth: MessageAuthentication, stage: Stage) -> Outcome:
    """RFC 9989 §5.3.5: an aligned pass of either leg is a pass."""
    result = auth.dmarc
    if stage is Stage.SUBMITTED:
        return NotApplicable(NOT_SENT, auth.author.domain or "")
    if result is None:
        return NotApplicable(_NO_AUTHOR)
    waiting = _undecided(auth, result)
    if waiting is not None:
        return waiting
    if result.result == "pass":
        legs = " + ".join(["SPF"] * result.aligned_spf + ["DKIM"] * result.aligned_dkim)
        return Passed(result.author_domain, Text(legs, legs))
    return MESSAGE_FAILS.found(
        result.author_domain,
        evidence=table(auth),
        domain=result.author_domain,
        spf=_spf_leg(auth, result),
        dkim=_dkim_leg(auth, result),
        policy=_asked_for(result),
    )


@ONE_LEG.check
def passes_by_one_leg(auth: MessageAuthentication, stage: Stage) -> Outcome:
    """SPF and DKIM both aligned and passing."""
    result = auth.dmarc
    if stage is Stage.SUBMITTED:
        return NotApplicable(NOT_SENT, auth.author.domain or "")
    if result is None:
        return NotApplicable(_NO_AUTHOR)
    if result.result == "temperror":
        return Unknown(_COULD_NOT_ASK, result.author_domain, _failures(result))
    if result.result != "pass":
        if result.result == "fail" and (auth.spf_unknown or auth.dkim_unknown):
            return Unknown(_SPF_UNKNOWN if auth.spf_unknown else _DKIM_UNKNOWN, result.author_domain)
        return NotApplicable(Text("DMARC does not pass.", "DMARC no pasa."))
    spf, dkim = _spf_aligned(auth, result), _dkim_aligned(auth, result)
    if spf and dkim:
        return Passed(result.author_domain)
    lacking = {mechanism for mechanism, aligned in (("spf", spf), ("dkim", dkim)) if not aligned}
    if any(i.mechanism in lacking and i.result == "pass" and i.aligned is None for i in result.identifiers):
        return Unknown(_COULD_NOT_ASK, result.author_domain, _failures(result))
    if (not spf and auth.spf_unknown) or (not dkim and auth.dkim_unknown):
        return Unknown(_SPF_UNKNOWN if not spf else _DKIM_UNKNOWN, result.author_domain)
    return ONE_LEG.found(
        result.author_domain,
        evidence=table(auth),
        domain=result.author_domain,
        leg="SPF" if spf else "DKIM",
        other=_dkim_leg(auth, result) if spf else _spf_leg(auth, result),
    )


def _undecided(auth: MessageAuthentication, result: DmarcResult) -> Outcome | None:
    """No policy, no answer, or a leg that could not be checked and might have passed."""
    match result.result:
        case "pass":
            return None
        case "none":
            return NotApplicable(_NO_POLICY, result.author_domain)
        case "permerror":
            return NotApplicable(_RECORD_UNUSABLE, result.author_domain)
        case "temperror":
            return Unknown(_COULD_NOT_ASK, result.author_domain, _failures(result))
        case "fail":
            if auth.spf.mail_from is None:
                return Unknown(_NO_CLIENT, result.author_domain)
            return Unknown(_SPF_TEMPERROR, result.author_domain) if auth.spf_unknown else None


def _failures(result: DmarcResult) -> tuple[Evidence, ...]:
    walk = result.policy.walk if result.policy else ()
    return tuple(evidence_of(step.question, step.answer) for step in walk if isinstance(step.answer, Failed))


def _spf_aligned(auth: MessageAuthentication, result: DmarcResult) -> bool:
    return auth.spf_passes and any(
        i.mechanism == "spf" and i.result == "pass" and i.aligned for i in result.identifiers
    )


def _dkim_aligned(auth: MessageAuthentication, result: DmarcResult) -> bool:
    return auth.dkim_passes and any(
        i.mechanism == "dkim" and i.result == "pass" and i.aligned for i in result.identifiers
    )


def _spf_leg(auth: MessageAuthentication, result: DmarcResult) -> Text:
    check = auth.spf.mail_from
    if check is None:
        return Text("SPF not checked", "SPF sin comprobar")
    said = f"SPF {check.result.result} ({check.domain})"
    if check.result.result != "pass" or _spf_aligned(auth, result):
        return Text(said, said)
    return Text(f"{said}, of another domain", f"{said}, de otro dominio")


def _dkim_leg(auth: MessageAuthentication, result: DmarcResult) -> Text:
    if not auth.dkim.results:
        return Text("not signed with DKIM", "sin firma DKIM")
    if auth.dkim_passes and not _dkim_aligned(auth, result):
        domains = ", ".join(dict.fromkeys(r.domain for r in auth.dkim.results if r.result == "pass"))
        return Text(f"DKIM pass of another domain ({domains})", f"DKIM pass de otro dominio ({domains})")
    words = ", ".join(dict.fromkeys(f"{r.result} ({r.domain})" for r in auth.dkim.results[:3]))
    return Text(f"DKIM {words}", f"DKIM {words}")


_POLICIES = {
    "reject": Text("The domain asks receivers to reject it.", "El dominio pide a los receptores que lo rechacen."),
    "quarantine": Text(
        "The domain asks receivers to file it as spam.", "El dominio pide a los receptores que lo lleven a spam."
    ),
    "none": Text("The domain asks for nothing (p=none).", "El dominio no pide nada (p=none)."),
}


def _asked_for(result: DmarcResult) -> Text:
    return _POLICIES[result.disposition or "none"]


def table(auth: MessageAuthentication) -> tuple[Evidence, ...]:
    """The evaluation as evidence: one line for each identifier."""
    lines: list[Evidence] = []
    check = auth.spf.mail_from
    if check is not None:
        lines.append(Evidence(check.domain, "SPF", "", f"{check.result.result} smtp.mailfrom={check.domain}"))
    lines.extend(
        Evidence(r.domain, "DKIM", "", f"{r.result} header.d={r.domain} header.s={r.selector}")
        for r in auth.dkim.results[:10]
    )
    if auth.dmarc is not None:
        reasons = " ".join(reason.value for reason in auth.dmarc.reasons if reason is not Reason.NO_POLICY)
        lines.append(Evidence(auth.dmarc.author_domain, "DMARC", "", f"{auth.dmarc.result} {reasons}".rstrip()))
    return tuple(lines)


RULES = (MESSAGE_FAILS, ONE_LEG, NOT_EVALUABLE)
