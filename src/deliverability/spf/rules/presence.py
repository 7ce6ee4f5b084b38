"""Rules about the record being there, once, at the right name, and being an SPF record at all."""

from __future__ import annotations

from collections.abc import Iterator

from deliverability.core.changes import Fix, RecordChange
from deliverability.core.facts import AuditedDomain, DkimPresence, Presence, Sending
from deliverability.core.finding import (
    Actor,
    Basis,
    Finding,
    NotApplicable,
    Outcome,
    Passed,
    Severity,
    Unknown,
    record_evidence,
)
from deliverability.core.names import DomainName, is_subdomain
from deliverability.core.questions import Failed, Found
from deliverability.core.rule import Area, Rule
from deliverability.core.text import Text
from deliverability.providers.registry import DetectedProviders
from deliverability.spf import repair
from deliverability.spf.facts import PlaceOfRecord, SpfFacts, is_known_to_send, is_parked, last_word
from deliverability.spf.record import Qualifier, is_spf, near_miss, parse
from deliverability.spf.rules.common import COULD_NOT_ASK, NEVER_SENDS, NO_RECORD, listed, unread
from deliverability.spf.rules.proposals import known_senders
from deliverability.spf.tree_model import State

NO_SPF = Rule(
    code="SPF001",
    name="no-spf-record",
    severity=Severity.ERROR,
    basis=Basis.STANDARD,
    area=Area.AUTH,
    actor=Actor.DNS,
    label=Text("SPF record", "Registro SPF"),
    title=Text("{domain} publishes no SPF record", "{domain} no publica ningún registro SPF"),
    why=Text(
        "Nobody can tell which servers may send for {domain}. Gmail refuses bulk mail without SPF (5.7.27), Outlook.com does so above "
        "5,000 messages a day (5.7.515), and everywhere else invoices go to spam more easily.",
        "Nadie puede saber qué servidores están autorizados a enviar por {domain}. Gmail rechaza los envíos masivos sin SPF (5.7.27), "
        "Outlook.com también a partir de 5.000 mensajes al día (5.7.515), y en los demás las facturas acaban antes en spam.",
    ),
    fix=Text(
        "Whoever manages your DNS: publish one TXT record at {domain} that begins with `v=spf1`, names every service and server that "
        "sends for you (each provider's help tells its `include:`), and ends in `~all`. Where a record is proposed here, add the "
        "senders it does not know of.",
        "Quien gestione su DNS: publique en {domain} un único registro TXT que empiece por `v=spf1`, nombre cada servicio y servidor "
        "que envía en su nombre (la ayuda de cada proveedor indica su `include:`) y termine en `~all`. Si aquí se propone un registro, "
        "añádale los remitentes que no conozca.",
    ),
    references=("RFC 7208 §4.5", "RFC 7208 §3.1"),
    consequence_of=("SPF022", "DNS010", "DNS014"),
)


@NO_SPF.check
def no_spf_record(
    spf: SpfFacts, audited: AuditedDomain, sending: Sending, detected: DetectedProviders | None
) -> Iterator[Outcome]:
    """At the audited domain, and at the MAIL FROM domain where the user named another one."""
    yield _own_record(spf, audited, sending, detected)
    envelope = spf.envelope
    if envelope is not None and not is_subdomain(envelope.name, audited.registrable):
        yield _record_at(envelope)


def _own_record(spf: SpfFacts, audited: AuditedDomain, sending: Sending, detected: DetectedProviders | None) -> Outcome:
    root = spf.root
    if root.state in (State.TEMPERROR, State.NOT_READ):
        return Unknown(COULD_NOT_ASK, spf.domain, root.evidence)
    if root.texts:
        return Passed(spf.domain)
    if is_parked(spf, audited):
        return NotApplicable(NEVER_SENDS, spf.domain)
    words = known_senders(sending, detected)
    fix = repair.publish(root, repair.new_record(words)) if words and not spf.near_misses else None
    return NO_SPF.found(spf.domain, evidence=root.evidence, fix=fix, domain=spf.domain)


def _record_at(place: PlaceOfRecord) -> Outcome:
    if isinstance(place.asked.answer, Failed):
        return Unknown(COULD_NOT_ASK, place.name, (place.asked.as_evidence(),))
    if place.texts:
        return Passed(place.name)
    return NO_SPF.found(place.name, evidence=place.asked.as_evidence(), domain=place.name)


SEVERAL_RECORDS = Rule(
    code="SPF002",
    name="several-spf-records",
    severity=Severity.ERROR,
    basis=Basis.STANDARD,
    area=Area.AUTH,
    actor=Actor.DNS,
    label=Text("A single SPF record", "Un único registro SPF"),
    title=Text(
        "{domain} publishes {count} SPF records; only one is allowed",
        "{domain} publica {count} registros SPF; solo puede haber uno",
    ),
    why=Text(
        "With more than one record every receiver stops with an error (permerror). That counts as no SPF at all, for all of your mail.",
        "Con más de un registro, todo receptor para con un error (permerror). Equivale a no tener SPF, para todo su correo.",
    ),
    fix=Text(
        "Whoever manages your DNS: put the senders of all of them into one TXT record at {domain} and delete the others.",
        "Quien gestione su DNS: reúna los remitentes de todos en un solo registro TXT de {domain} y borre los demás.",
    ),
    references=("RFC 7208 §3.2", "RFC 7208 §4.5"),
)


@SEVERAL_RECORDS.check
def several_spf_records(spf: SpfFacts) -> Outcome:
    """Identical records are one record in the DNS (RFC 2181 §5)."""
    root = spf.root
    if root.state in (State.TEMPERROR, State.NOT_READ):
        return Unknown(COULD_NOT_ASK, spf.domain, root.evidence)
    if len(root.texts) < 2:
        return Passed(spf.domain) if root.texts else NotApplicable(NO_RECORD, spf.domain)
    return SEVERAL_RECORDS.found(
        spf.domain,
        evidence=root.evidence,
        fix=repair.publish(root, repair.merged(root.texts)),
        domain=spf.domain,
        count=len(root.texts),
    )


NEAR_MISS = Rule(
    code="SPF022",
    name="near-miss-version",
    severity=Severity.ERROR,
    basis=Basis.STANDARD,
    area=Area.AUTH,
    actor=Actor.DNS,
    label=Text("Beginning of the SPF record", "Comienzo del registro SPF"),
    title=Text(
        "A TXT record of {domain} was meant as SPF and is none: it begins with `{begin}`",
        "Un registro TXT de {domain} pretende ser SPF y no lo es: empieza por `{begin}`",
    ),
    why=Text(
        "Receivers take a record for SPF only if it begins with exactly `v=spf1` and a space. Anything else is passed over without a "
        "word.",
        "Los receptores solo dan por SPF un registro que empiece exactamente por `v=spf1` y un espacio. Cualquier otra cosa la pasan "
        "por alto sin avisar.",
    ),
    fix=Text(
        "Whoever manages your DNS: let the TXT record at {domain} begin with `v=spf1 `, without quotes, semicolon or blank before it. "
        "If {domain} has a good SPF record as well, delete this one.",
        "Quien gestione su DNS: haga que el registro TXT de {domain} empiece por `v=spf1 `, sin comillas, punto y coma ni espacio "
        "delante. Si {domain} ya tiene otro registro SPF correcto, borre este.",
    ),
    references=("RFC 7208 §4.5",),
    identity=("begin",),
)


@NEAR_MISS.check
def near_miss_version(spf: SpfFacts) -> Iterator[Outcome]:
    """An error where it stands in the place of the record, a leftover where there is a good one."""
    root = spf.root
    if root.state in (State.TEMPERROR, State.NOT_READ):
        yield Unknown(COULD_NOT_ASK, spf.domain, root.evidence)
        return
    for text in spf.near_misses:
        problem = near_miss(text)
        span = problem.span if problem else None
        yield NEAR_MISS.found(
            spf.domain,
            severity=Severity.WARNING if root.texts else Severity.ERROR,
            evidence=record_evidence(spf.domain, "TXT", text, *([span] if span else [])),
            fix=_straightened(spf, text),
            domain=spf.domain,
            begin=text[:16],
        )
    if not spf.near_misses:
        yield Passed(spf.domain) if root.texts else NotApplicable(NO_RECORD, spf.domain)


def _straightened(spf: SpfFacts, text: str) -> Fix | None:
    """The text as the record it was meant to be; taken away where a record is there already."""
    if spf.root.texts:
        return Fix((RecordChange(spf.domain, "TXT", remove=(text,)),))
    problem = near_miss(text)
    if problem is None or len(spf.near_misses) > 1:
        return None
    meant = (problem.suggestion.strip() + " " + text[problem.span.end :].lstrip()).strip()
    record = parse(meant)
    whole = meant if record.is_valid else repair.corrected(record)
    if whole is None or not is_spf(whole):
        return None
    return Fix((RecordChange(spf.domain, "TXT", add=(whole,), remove=(text,)),))


OBSOLETE_FORMS = Rule(
    code="SPF023",
    name="obsolete-spf-forms",
    severity=Severity.INFO,
    basis=Basis.STANDARD,
    area=Area.AUTH,
    actor=Actor.DNS,
    label=Text("Obsolete forms of SPF", "Formas obsoletas de SPF"),
    title=Text("{domain} still publishes {forms}", "{domain} todavía publica {forms}"),
    why=Text(
        "Records of type SPF (99) and Sender ID (`spf2.0`) have not been read since 2014. They do no harm until somebody corrects them "
        "instead of the real record.",
        "Los registros de tipo SPF (99) y los de Sender ID (`spf2.0`) no los lee nadie desde 2014. No hacen daño hasta que alguien los "
        "corrige en lugar del registro verdadero.",
    ),
    fix=Text(
        "Whoever manages your DNS: delete them. The TXT record with `v=spf1` is the only one that counts.",
        "Quien gestione su DNS: bórrelos. Solo cuenta el registro TXT con `v=spf1`.",
    ),
    references=("RFC 7208 §3.1",),
)


@OBSOLETE_FORMS.check
def obsolete_spf_forms(spf: SpfFacts) -> Outcome:
    """Type 99 and `spf2.0/` in TXT."""
    answer = spf.type99.answer
    forms: list[str] = []
    changes: list[RecordChange] = []
    if isinstance(answer, Found):
        forms.append("SPF (99)")
    if spf.sender_id:
        forms.append("spf2.0")
        changes.append(RecordChange(spf.domain, "TXT", remove=spf.sender_id))
    if forms:
        evidence = [record_evidence(spf.domain, "TXT", text) for text in spf.sender_id]
        evidence += [spf.type99.as_evidence()] if isinstance(answer, Found) else []
        fix = Fix(tuple(changes)) if changes and not isinstance(answer, Found) else None
        return OBSOLETE_FORMS.found(spf.domain, evidence=evidence, fix=fix, domain=spf.domain, forms=tuple(forms))
    if isinstance(answer, Failed):
        return Unknown(COULD_NOT_ASK, spf.domain, (spf.type99.as_evidence(),))
    return Passed(spf.domain)


SUBDOMAIN_WITHOUT_SPF = Rule(
    code="SPF032",
    name="subdomain-without-spf",
    severity=Severity.ERROR,
    basis=Basis.STANDARD,
    area=Area.AUTH,
    actor=Actor.DNS,
    label=Text("SPF of the sending subdomain", "SPF del subdominio que envía"),
    title=Text(
        "The subdomain {name} has no SPF record of its own", "El subdominio {name} no tiene registro SPF propio"
    ),
    why=Text(
        "SPF is not inherited: a record at {above} says nothing about mail with a Return-Path at {name}. Receivers find no SPF for it.",
        "El SPF no se hereda: un registro en {above} no dice nada del correo cuyo Return-Path está en {name}. Los receptores no "
        "encuentran SPF para él.",
    ),
    fix=Text(
        "Whoever manages your DNS: publish a TXT record with `v=spf1` and the services that send with this name at {name} itself. If "
        "nothing sends with it, publish `v=spf1 -all`.",
        "Quien gestione su DNS: publique en el propio {name} un registro TXT con `v=spf1` y los servicios que envían con ese nombre. Si "
        "nada envía con él, publique `v=spf1 -all`.",
    ),
    references=("RFC 7208 §3", "RFC 7208 §4.5"),
    consequence_of=("SPF001", "SPF022"),
)


@SUBDOMAIN_WITHOUT_SPF.check
def subdomain_without_spf(
    spf: SpfFacts, audited: AuditedDomain, sending: Sending, dkim: DkimPresence | None
) -> Iterator[Outcome]:
    """The audited name, if it is one, and the MAIL FROM domain below the audited organization."""
    sends = is_known_to_send(audited, sending) or (dkim is not None and dkim.state is Presence.FOUND)
    envelope = spf.envelope
    if audited.name != audited.registrable:
        yield _audited_subdomain(spf, audited, sends=sends)
    if (
        envelope is not None
        and is_subdomain(envelope.name, audited.registrable)
        and envelope.name != audited.registrable
    ):
        yield _envelope_subdomain(envelope, audited.registrable)
    elif audited.name == audited.registrable:
        yield NotApplicable(Text("It is no subdomain.", "No es un subdominio."), spf.domain)


def _audited_subdomain(spf: SpfFacts, audited: AuditedDomain, *, sends: bool) -> Outcome:
    if spf.root.state in (State.TEMPERROR, State.NOT_READ):
        return Unknown(COULD_NOT_ASK, spf.domain, spf.root.evidence)
    if not spf.has_no_record:
        return Passed(spf.domain)
    if audited.sends is False:
        return NotApplicable(NEVER_SENDS, spf.domain)
    above = [spf.parent.asked.as_evidence()] if spf.parent and spf.parent.texts else []
    return SUBDOMAIN_WITHOUT_SPF.found(
        spf.domain,
        severity=Severity.ERROR if sends else Severity.INFO,
        evidence=(*spf.root.evidence, *above),
        name=spf.domain,
        above=audited.registrable,
    )


def _envelope_subdomain(place: PlaceOfRecord, above: DomainName) -> Outcome:
    answer = place.asked.answer
    if isinstance(answer, Failed):
        return Unknown(COULD_NOT_ASK, place.name, (place.asked.as_evidence(),))
    if place.texts:
        return Passed(place.name)
    return SUBDOMAIN_WITHOUT_SPF.found(place.name, evidence=place.asked.as_evidence(), name=place.name, above=above)


PARKED_WITHOUT_NULL_POLICY = Rule(
    code="SPF033",
    name="parked-domain-without-null-spf",
    severity=Severity.INFO,
    basis=Basis.CONSENSUS,
    area=Area.BRAND,
    actor=Actor.DNS,
    label=Text("SPF of a domain that never sends", "SPF de un dominio que no envía"),
    title=Text("{domain} sends no mail and does not say so in SPF", "{domain} no envía correo y su SPF no lo dice"),
    why=Text(
        "A domain without mail is a good mask for forged invoices. With `v=spf1 -all` receivers know that whatever comes under this name "
        "is false.",
        "Un dominio sin correo es una buena máscara para facturas falsas. Con `v=spf1 -all` los receptores saben que todo lo que llegue "
        "con ese nombre es falso.",
    ),
    fix=Text(
        "Whoever manages your DNS: publish the TXT record `v=spf1 -all` at {domain}, as its only SPF record.",
        "Quien gestione su DNS: publique en {domain} el registro TXT `v=spf1 -all`, como único registro SPF.",
    ),
    references=("RFC 7208 §10.1.2", "M3AAWG Protecting Parked Domains, December 2015"),
    consequence_of=("SPF002",),
)


@PARKED_WITHOUT_NULL_POLICY.check
def parked_domain_without_null_spf(spf: SpfFacts, audited: AuditedDomain) -> Outcome:
    """A domain said not to send, or one with a null MX that authorises nobody."""
    root = spf.root
    if root.state in (State.TEMPERROR, State.NOT_READ):
        return Unknown(COULD_NOT_ASK, spf.domain, root.evidence)
    if not is_parked(spf, audited):
        return NotApplicable(Text("Nothing says that it never sends.", "Nada indica que no envíe nunca."), spf.domain)
    end = last_word(spf.tree).directive
    refuses = end is not None and end.qualifier is Qualifier.FAIL and root.state is State.FOUND
    if refuses and spf.authorises_nobody:
        return Passed(spf.domain)
    return PARKED_WITHOUT_NULL_POLICY.found(
        spf.domain,
        evidence=(*root.evidence, spf.mx.as_evidence()),
        fix=repair.publish(root, "v=spf1 -all"),
        domain=spf.domain,
    )


WRONG_NAME = Rule(
    code="SPF034",
    name="spf-at-wrong-name",
    severity=Severity.WARNING,
    basis=Basis.CONSENSUS,
    area=Area.AUTH,
    actor=Actor.DNS,
    label=Text("SPF at another name", "SPF publicado en otro nombre"),
    title=Text(
        "{domain} has no SPF record, but there is one at {names}",
        "{domain} no tiene registro SPF, pero sí lo hay en {names}",
    ),
    why=Text(
        "Receivers look for SPF at the domain of the sender itself, {domain}, and nowhere else. A record at {names} is not read, and at "
        "`_dmarc` it stands in the way of the DMARC record.",
        "Los receptores buscan el SPF en el propio dominio del remitente, {domain}, y en ningún otro sitio. Un registro en {names} no se "
        "lee, y en `_dmarc` estorba al registro DMARC.",
    ),
    fix=Text(
        "Whoever manages your DNS: move the record to {domain}. In many panels the name field is then left empty or takes `@`.",
        "Quien gestione su DNS: traslade el registro a {domain}. En muchos paneles, para ello se deja vacío el campo del nombre o se "
        "escribe `@`.",
    ),
    references=("RFC 7208 §3", "RFC 7208 §4.4"),
)


@WRONG_NAME.check
def spf_at_wrong_name(spf: SpfFacts) -> Outcome:
    """Only asked where the domain itself has none."""
    early = unread(spf)
    if isinstance(early, Unknown):
        return early
    if not spf.has_no_record:
        return NotApplicable(Text("The domain has its record.", "El dominio tiene su registro."), spf.domain)
    held = [place for place in spf.misplaced if place.texts]
    if held:
        return _moved(spf)
    failed = tuple(p.asked.as_evidence() for p in spf.misplaced if isinstance(p.asked.answer, Failed))
    return Unknown(COULD_NOT_ASK, spf.domain, failed) if failed else Passed(spf.domain)


def _moved(spf: SpfFacts) -> Finding:
    held = [place for place in spf.misplaced if place.texts]
    texts = sorted({text for place in held for text in place.texts})
    fix = None
    if len(texts) == 1 and parse(texts[0]).is_valid:
        changes = [RecordChange(spf.domain, "TXT", add=(texts[0],))]
        # `_spf` may be meant as the target of an include; a record at the others is of no use.
        aliased = [p for p in held if isinstance(p.asked.answer, Found) and p.asked.answer.aliases]
        gone = [p for p in held if not p.name.startswith("_spf.") and p not in aliased]
        changes += [RecordChange(place.name, "TXT", remove=place.texts) for place in gone]
        fix = Fix(tuple(changes))
    return WRONG_NAME.found(
        spf.domain,
        evidence=[place.asked.as_evidence() for place in held],
        fix=fix,
        domain=spf.domain,
        names=listed(place.name for place in held),
    )


RULES: tuple[Rule, ...] = (
    NO_SPF,
    SEVERAL_RECORDS,
    NEAR_MISS,
    OBSOLETE_FORMS,
    SUBDOMAIN_WITHOUT_SPF,
    PARKED_WITHOUT_NULL_POLICY,
    WRONG_NAME,
)
