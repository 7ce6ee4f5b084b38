"""Whether there is DMARC at all, whether it stands where receivers look, and whose it is."""

from __future__ import annotations

from collections.abc import Iterator

from deliverability.core.changes import Fix, RecordChange
from deliverability.core.facts import AuditedDomain, AuthenticationSummary, Sending
from deliverability.core.finding import (
    Actor,
    Basis,
    NotApplicable,
    Outcome,
    Passed,
    Severity,
    Unknown,
    evidence_of,
)
from deliverability.core.names import DomainName, query_name, registrable_domain
from deliverability.core.questions import Failed
from deliverability.core.rule import Area, Rule
from deliverability.core.text import Text
from deliverability.dmarc.discovery import PolicyState
from deliverability.dmarc.facts import DmarcFacts, foreign_texts
from deliverability.dmarc.repair import PARKED as PARKED_RECORD
from deliverability.dmarc.repair import first_record, own_record, proposal
from deliverability.dmarc.rules.common import (
    COULD_NOT_ASK,
    NO_RECORD,
    PARKED,
    UNUSABLE,
    failed_steps,
    fix_record,
    place,
    seen,
    shortened,
    subject,
)
from deliverability.dmarc.tables import default_policy_host, mailbox_provider
from deliverability.dmarc.walk import WalkStep

_EVERYBODY = ("Google 81126 (2026-09)", "Yahoo best practices (2024-02)", "Microsoft 4399730 (2025-05-05)")

NO_DMARC = Rule(
    "DMARC001",
    "no-dmarc",
    Severity.ERROR,
    Basis.PROVIDER,
    Area.AUTH,
    Actor.DNS,
    label=Text("DMARC record", "Registro DMARC"),
    title=Text("No DMARC record applies to {name}", "Ningún registro DMARC se aplica a {name}"),
    why=Text(
        "Gmail, Yahoo and Outlook require DMARC of bulk senders, and Orange, La Poste and Apple ask for it: without it mail is "
        "limited, sent to spam or rejected (Outlook: 550 5.7.515). Anybody can also write in your name.",
        "Gmail, Yahoo y Outlook exigen DMARC a quien envía mucho correo, y Orange, La Poste y Apple lo piden: sin él, el correo "
        "se limita, va a spam o se rechaza (Outlook: 550 5.7.515). Además, cualquiera puede escribir en su nombre.",
    ),
    fix=Text(
        "Whoever manages your DNS: create the mailbox that reports go to and publish the TXT record. p=none changes nothing "
        "in delivery; it lets you see who sends in your name.",
        "Quien gestione su DNS: cree el buzón que recibirá los informes y publique el registro TXT. p=none no cambia la "
        "entrega; le permite ver quién envía en su nombre.",
    ),
    references=("RFC 9989 §4.10", *_EVERYBODY),
    consequence_of=("DMARC002", "DMARC003", "DMARC004", "DMARC024", "DNS010"),
)


@NO_DMARC.check
def no_dmarc(facts: DmarcFacts, domain: AuditedDomain) -> Outcome:
    """A record applies; several, ignored or misplaced ones are told by their own rules."""
    if facts.policy.state is PolicyState.TEMPERROR:
        return Unknown(COULD_NOT_ASK, facts.name, tuple(evidence_of(*asked) for asked in facts.failures))
    if facts.policy.state is PolicyState.PERMERROR:
        return NotApplicable(UNUSABLE, facts.name)  # it is there; DMARC006 or DMARC024 says what is wrong with it
    if facts.policy.state is PolicyState.FOUND:
        return Passed(facts.name)
    if domain.sends is False:
        return NotApplicable(PARKED, facts.name)
    return NO_DMARC.found(
        facts.name,
        evidence=tuple(seen(step) for step in facts.policy.walk),
        fix=first_record(facts),
        name=facts.name,
    )


WRONG_NAME = Rule(
    "DMARC004",
    "dmarc-at-wrong-name",
    Severity.ERROR,
    Basis.CONSENSUS,
    Area.AUTH,
    Actor.DNS,
    label=Text("Name of the DMARC record", "Nombre del registro DMARC"),
    title=Text(
        "A DMARC record stands at {wrong}, where nobody looks", "Hay un registro DMARC en {wrong}, donde nadie mira"
    ),
    why=Text(
        "Receivers ask for {right} only. For them the domain has no DMARC.",
        "Los receptores solo preguntan por {right}. Para ellos, el dominio no tiene DMARC.",
    ),
    fix=Text(
        "Whoever manages your DNS: move the record to {right}. In a panel that adds the domain by itself, enter only _dmarc as "
        "the name.",
        "Quien gestione su DNS: mueva el registro a {right}. Si el panel añade el dominio por su cuenta, escriba solo _dmarc "
        "como nombre.",
    ),
    references=("RFC 9989 §4.5", "RFC 9989 §4.10.1"),
    identity=("wrong",),
)


@WRONG_NAME.check
def wrong_name(facts: DmarcFacts, domain: AuditedDomain) -> Iterator[Outcome]:
    """Records at the names where people put them by mistake; asked only when none was found."""
    if facts.policy.state is PolicyState.TEMPERROR:
        yield Unknown(COULD_NOT_ASK, facts.name, tuple(evidence_of(*asked) for asked in facts.failures))
        return
    if facts.policy.state is not PolicyState.ABSENT:
        yield Passed(facts.name)
        return
    right = f"_dmarc.{facts.name}"
    for question, answer in facts.probes:
        if isinstance(answer, Failed):
            yield Unknown(COULD_NOT_ASK, question.name, (evidence_of(question, answer),))
    for record in facts.misplaced:
        yield WRONG_NAME.found(
            facts.name,
            evidence=evidence_of(record.question, record.answer),
            fix=first_record(facts, parked=domain.sends is False),
            wrong=record.question.name,
            right=right,
        )
    if not facts.misplaced and not any(isinstance(answer, Failed) for _, answer in facts.probes):
        yield NotApplicable(NO_RECORD, facts.name)


FOREIGN_POLICY = Rule(
    "DMARC035",
    "dmarc-alias-to-provider",
    Severity.WARNING,
    Basis.CONSENSUS,
    Area.AUTH,
    Actor.DNS,
    label=Text("Alias at _dmarc", "Alias en _dmarc"),
    title=Text(
        "{name} is an alias of {target}: others decide the policy",
        "{name} es un alias de {target}: la política la decide otro",
    ),
    why=Text(
        "Whoever runs {target} decides what receivers do with your mail and who gets the reports. Hosting companies set such "
        "an alias by default, with p=none and no reports for you.",
        "Quien gestiona {target} decide qué hacen los receptores con su correo y quién recibe los informes. Algunas empresas "
        "de alojamiento ponen este alias por defecto, con p=none y sin informes para usted.",
    ),
    fix=Text(
        "Whoever manages your DNS: if you did not choose this service, delete the alias and publish a TXT record of your own "
        "at {name}.",
        "Quien gestione su DNS: si no ha elegido usted este servicio, borre el alias y publique un registro TXT propio en "
        "{name}.",
    ),
    references=("RFC 9989 §4.5", "RFC 1034 §3.6.2"),
    identity=("target",),
)


@FOREIGN_POLICY.check
def foreign_policy(facts: DmarcFacts, domain: AuditedDomain) -> Iterator[Outcome]:
    """`_dmarc` leads by CNAME to somebody else's policy."""
    yield from failed_steps(facts)
    found = False
    for step in facts.own_steps:
        target = _foreign_alias(facts, step)
        if target is None:
            continue
        found = True
        # A service that reports to somebody was set up on purpose.
        chosen = step.record is not None and bool(step.record.valid_rua) and not default_policy_host(target)
        yield FOREIGN_POLICY.found(
            step.name,
            severity=Severity.INFO if chosen else None,
            evidence=seen(step),
            fix=own_record(facts, step, parked=domain.sends is False) if not chosen else None,
            name=step.question.name,
            target=target,
        )
    if not found and not any(step.failed for step in facts.own_steps):
        yield Passed(facts.name)


def _foreign_alias(facts: DmarcFacts, step: WalkStep) -> DomainName | None:
    aliases = step.aliases
    if not aliases or registrable_domain(aliases[-1]) == facts.registrable:
        return None
    return aliases[0]


FREE_MAILBOX = Rule(
    "DMARC036",
    "free-mailbox-domain",
    Severity.ERROR,
    Basis.PROVIDER,
    Area.AUTH,
    Actor.SENDER,
    label=Text("Own domain in From", "Dominio propio en el From"),
    title=Text(
        "{name} is a mailbox domain of {provider}, not yours",
        "{name} es un dominio de buzones de {provider}, no de su empresa",
    ),
    why=Text(
        "Mail with this From that does not leave through {provider} can pass neither SPF nor DKIM for it, so it fails DMARC and "
        "is rejected or sent to spam; Gmail treats it as an impersonation.",
        "El correo con este From que no sale por {provider} no puede pasar SPF ni DKIM para él, así que falla DMARC y se rechaza "
        "o va a spam; Gmail lo trata como suplantación.",
    ),
    fix=Text(
        "Send invoices from a domain of your own. Until you have one, send through {provider}'s own server ({host}).",
        "Envíe las facturas desde un dominio propio. Hasta tenerlo, envíe por el servidor de {provider} ({host}).",
    ),
    references=("Google 81126 (2026-09)",),
    cap=40,
)


@FREE_MAILBOX.check
def free_mailbox(domain: AuditedDomain, sending: Sending, message: AuthenticationSummary | None) -> Outcome:
    """The From domain is one that anybody can have a mailbox at; a message that passes DMARC did leave through it."""
    provider = mailbox_provider(domain.name)
    if provider is None:
        return Passed(domain.name)
    host = (sending.smtp_host or "").lower().rstrip(".")
    if host in provider.hosts or (message is not None and message.dmarc == "pass"):
        return NotApplicable(_THROUGH_PROVIDER, domain.name)
    if message is not None and message.dmarc != "fail" and "temperror" in (message.spf, message.dkim):
        return Unknown(_NOT_TOLD, domain.name)
    return FREE_MAILBOX.found(domain.name, name=domain.name, provider=provider.name, host=provider.hosts[0])


_THROUGH_PROVIDER = Text(
    "The mail leaves through the provider's own server.", "El correo sale por el servidor del proveedor."
)

_NOT_TOLD = Text(
    "DNS gave no answer about SPF or DKIM of this message, so it cannot be told whether the provider sent it.",
    "El DNS no ha respondido sobre el SPF o el DKIM de este mensaje, así que no se sabe si lo envió el proveedor.",
)

FOREIGN_TEXT = Rule(
    "DMARC038",
    "foreign-text-at-dmarc",
    Severity.WARNING,
    Basis.CONSENSUS,
    Area.AUTH,
    Actor.DNS,
    label=Text("Other TXT records at _dmarc", "Otros registros TXT en _dmarc"),
    title=Text("{name} holds a text that is not DMARC: {text}", "{name} contiene un texto que no es DMARC: {text}"),
    why=Text(
        "{origin} Receivers discard it, but some tools then report no DMARC, and it hides which record counts.",
        "{origin} Los receptores lo descartan, pero algunas herramientas dicen entonces que no hay DMARC, y oculta qué "
        "registro vale.",
    ),
    fix=Text(
        "Whoever manages your DNS: delete it from {name}; what it verifies belongs at another name. Where it comes from a "
        "wildcard, publishing a DMARC record at {name} makes it vanish there.",
        "Quien gestione su DNS: bórrelo de {name}; lo que verifica va en otro nombre. Si viene de un comodín, publicar un "
        "registro DMARC en {name} lo hace desaparecer de ahí.",
    ),
    references=("RFC 9989 §4.10",),
    consequence_of=("DNS015",),
    identity=("text",),
)
_WILDCARD = Text("It comes from a wildcard record.", "Procede de un registro comodín.")
_WRITTEN = Text("It was published at this name.", "Está publicado en este nombre.")


@FOREIGN_TEXT.check
def foreign_text(facts: DmarcFacts, domain: AuditedDomain) -> Iterator[Outcome]:
    """TXT records at `_dmarc` that were never meant to be DMARC."""
    yield from failed_steps(facts)
    found = False
    for step in facts.own_steps:
        for text in foreign_texts(step)[:10]:
            found = True
            wildcard = facts.wildcard and step.name == facts.name
            yield FOREIGN_TEXT.found(
                step.name,
                evidence=seen(step),
                fix=None if wildcard else _without_foreign(facts, step, domain),
                name=step.question.name,
                text=shortened(text),
                origin=_WILDCARD if wildcard else _WRITTEN,
            )
    if not found and not any(step.failed for step in facts.own_steps):
        yield Passed(facts.name)


def _without_foreign(facts: DmarcFacts, step: WalkStep, domain: AuditedDomain) -> Fix | None:
    fixed = proposal(facts, step, parked=domain.sends is False)
    if fixed is not None or step.aliases:
        return fixed
    return Fix((RecordChange(step.question.name, "TXT", remove=foreign_texts(step)),))


PARKED_OPEN = Rule(
    "DMARC039",
    "parked-without-reject",
    Severity.INFO,
    Basis.CONSENSUS,
    Area.BRAND,
    Actor.DNS,
    label=Text("DMARC of a domain that never sends", "DMARC de un dominio que no envía"),
    title=Text("{name} never sends, and its policy is not reject", "{name} no envía correo y su política no es reject"),
    why=Text(
        "Nothing genuine ever comes from it, so every message in its name is forged; receivers still accept them.",
        "Nada legítimo sale de él: todo mensaje en su nombre es falso, y los receptores aún lo aceptan.",
    ),
    fix=Text(
        "Whoever manages your DNS: publish p=reject; sp=reject; np=reject.",
        "Quien gestione su DNS: publique p=reject; sp=reject; np=reject.",
    ),
    references=("M3AAWG Protecting Parked Domains (2022-06)", "RFC 9989 §4.7"),
)
_SENDS = Text(
    "The domain sends mail, or nobody said that it does not.", "El dominio envía correo, o no se ha dicho lo contrario."
)


@PARKED_OPEN.check
def parked_open(facts: DmarcFacts, domain: AuditedDomain) -> Outcome:
    """A domain that is said never to send rejects everything."""
    if domain.sends is not False:
        return NotApplicable(_SENDS, facts.name)
    if facts.policy.state is PolicyState.TEMPERROR:
        return Unknown(COULD_NOT_ASK, facts.name, tuple(evidence_of(*asked) for asked in facts.failures))
    if facts.policy.policy == "reject":
        return Passed(facts.name)
    if facts.record is None:
        return PARKED_OPEN.found(
            facts.name, evidence=seen(facts.steps[0]), fix=first_record(facts, parked=True), name=facts.name
        )
    here = subject(facts) == facts.name
    fix = fix_record(facts, domain) if here else _parked_here(facts)
    return PARKED_OPEN.found(facts.name, evidence=place(facts), fix=fix, name=facts.name)


def _parked_here(facts: DmarcFacts) -> Fix | None:
    """A record of its own for a parked name below a domain that does send."""
    name = query_name(f"_dmarc.{facts.name}")
    return Fix((RecordChange(name, "TXT", (PARKED_RECORD,)),)) if name and not facts.steps[0].records else None


RULES: tuple[Rule, ...] = (
    NO_DMARC,
    WRONG_NAME,
    FOREIGN_POLICY,
    FREE_MAILBOX,
    FOREIGN_TEXT,
    PARKED_OPEN,
)
