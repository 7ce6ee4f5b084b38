"""What the record asks for: how strict it is, for which names, and whether that does what was meant."""

from __future__ import annotations

from collections.abc import Iterator

from deliverability.core.facts import AuditedDomain, DkimPresence, Moment, Presence, Sending
from deliverability.core.finding import Actor, Basis, NotApplicable, Outcome, Passed, Severity, Unknown
from deliverability.core.rule import Area, Rule
from deliverability.core.text import Text
from deliverability.dmarc.discovery import PolicyState
from deliverability.dmarc.effective import Subject
from deliverability.dmarc.facts import DmarcFacts
from deliverability.dmarc.record import strictness
from deliverability.dmarc.rules.common import (
    NO_RECORD,
    PARKED,
    UNUSABLE,
    fix_record,
    place,
    subject,
    unsettled,
    used,
)

#: Days that a domain may reasonably stay in monitoring mode or test mode.
MONITORING_DAYS = 60
TESTING_DAYS = 90

NOT_ENFORCED = Text("The policy is none.", "La política es none.")


def _no_policy(facts: DmarcFacts) -> Outcome | None:
    """The outcome of a rule about the policy when no usable one applies."""
    waiting = unsettled(facts)
    if waiting is None and facts.policy.state is not PolicyState.FOUND:
        return NotApplicable(UNUSABLE, facts.name)
    return waiting


MONITORING_ONLY = Rule(
    "DMARC007",
    "dmarc-monitoring-only",
    Severity.WARNING,
    Basis.CONSENSUS,
    Area.BRAND,
    Actor.DNS,
    label=Text("Enforcement of the policy", "Aplicación de la política"),
    title=Text(
        "DMARC only observes: the policy for {name} is none", "DMARC solo observa: la política para {name} es none"
    ),
    why=Text(
        "Receivers deliver forged invoices in your name as if there were no DMARC. It does not hurt your own mail: p=none "
        "meets what Gmail, Yahoo and Outlook ask of senders.",
        "Los receptores entregan facturas falsificadas a su nombre como si no hubiera DMARC. A su propio correo no le "
        "perjudica: p=none cumple lo que Gmail, Yahoo y Outlook exigen a los remitentes.",
    ),
    fix=Text(
        "Whoever manages your DNS: read the aggregate reports for at least a month. Once all your own mail passes, go to "
        "p=quarantine, and after another clean month to p=reject if no staff post to mailing lists.",
        "Quien gestione su DNS: lea los informes agregados durante al menos un mes. Cuando todo su correo pase, cambie a "
        "p=quarantine y, tras otro mes limpio, a p=reject si nadie de su plantilla escribe en listas de correo.",
    ),
    references=("RFC 9989 §5.1.7", "RFC 9989 §7.4"),
)


@MONITORING_ONLY.check
def monitoring_only(facts: DmarcFacts, domain: AuditedDomain, sending: Sending, moment: Moment) -> Outcome:
    """The policy for the domain asks receivers to act."""
    waiting = _no_policy(facts)
    if waiting is not None or facts.record is None:
        return waiting or NotApplicable(NO_RECORD, facts.name)
    if facts.policy.policy != "none":
        return Passed(facts.name)
    since = sending.dmarc_policy_since
    long = since is not None and (moment.today - since).days > MONITORING_DAYS
    fresh = bool(facts.record.valid_rua) and not long
    return MONITORING_ONLY.found(
        facts.name,
        severity=Severity.INFO if fresh else Severity.WARNING,
        evidence=place(facts, *used(facts.record, "p", "sp", "np", "t")),
        name=facts.name,
    )


TEST_MODE = Rule(
    "DMARC016",
    "dmarc-test-mode",
    Severity.WARNING,
    Basis.STANDARD,
    Area.BRAND,
    Actor.DNS,
    label=Text("Test mode", "Modo de prueba"),
    title=Text(
        "t=y lowers the policy from {published} to {applied}", "t=y rebaja la política de {published} a {applied}"
    ),
    why=Text(
        "Receivers apply the policy one level lower, and logo programmes (BIMI) do not take the domain as enforced.",
        "Los receptores aplican la política un nivel por debajo, y los programas de logotipo (BIMI) no dan el dominio por "
        "protegido.",
    ),
    fix=Text(
        "Whoever manages your DNS: once the reports show that your own mail passes, remove t=y.",
        "Quien gestione su DNS: cuando los informes muestren que su correo pasa, quite t=y.",
    ),
    references=("RFC 9989 §4.7",),
)


@TEST_MODE.check
def policy_in_test_mode(facts: DmarcFacts, sending: Sending, moment: Moment) -> Outcome:
    """`t=y` lowers a policy that would otherwise be enforced."""
    waiting = _no_policy(facts)
    record, reading = facts.record, facts.policy.reading
    if waiting is not None or record is None or reading is None or facts.policy.applies_as is None:
        return waiting or NotApplicable(NO_RECORD, facts.name)
    published = reading.published(facts.policy.applies_as)
    if not reading.testing or published == "none":
        return Passed(facts.name)
    since = sending.dmarc_policy_since
    young = since is not None and (moment.today - since).days <= TESTING_DAYS
    return TEST_MODE.found(
        facts.name,
        severity=Severity.INFO if young else None,
        evidence=place(facts, *used(record, "t")),
        published=published,
        applied=facts.policy.policy or "none",
    )


IDLE_TEST_MODE = Rule(
    "DMARC017",
    "idle-dmarc-test-mode",
    Severity.INFO,
    Basis.STANDARD,
    Area.BRAND,
    Actor.DNS,
    label=Text("Test mode with an effect", "Modo de prueba con efecto"),
    title=Text("t=y has no effect: every policy is none", "t=y no tiene efecto: todas las políticas son none"),
    why=Text(
        "There is no level below none. Left in place it would lower the policy you publish later.",
        "No hay nivel por debajo de none. Si se deja, rebajará la política que publique más adelante.",
    ),
    fix=Text("Whoever manages your DNS: remove t=y.", "Quien gestione su DNS: quite t=y."),
    references=("RFC 9989 §4.7",),
)


@IDLE_TEST_MODE.check
def idle_test_mode(facts: DmarcFacts, domain: AuditedDomain) -> Outcome:
    """`t=y` where there is nothing to lower."""
    waiting = _no_policy(facts)
    record, reading = facts.record, facts.policy.reading
    if waiting is not None or record is None or reading is None:
        return waiting or NotApplicable(NO_RECORD, facts.name)
    if reading.testing and {reading.p, reading.sp, reading.np} == {"none"}:
        return IDLE_TEST_MODE.found(
            subject(facts), evidence=place(facts, *used(record, "t")), fix=fix_record(facts, domain)
        )
    return Passed(subject(facts))


WEAK_SUBDOMAINS = Rule(
    "DMARC018",
    "weak-dmarc-subdomains",
    Severity.WARNING,
    Basis.CONSENSUS,
    Area.BRAND,
    Actor.DNS,
    label=Text("Policy of subdomains", "Política de los subdominios"),
    title=Text(
        "Subdomains of {domain} are protected less ({tag}={policy}) than the domain ({above})",
        "Los subdominios de {domain} están menos protegidos ({tag}={policy}) que el dominio ({above})",
    ),
    why=Text(
        "Forgers use a name such as facturas.{domain}: receivers apply {policy} to it. BIMI asks for the same protection on "
        "subdomains.",
        "Los falsificadores usan un nombre como facturas.{domain}: los receptores le aplican {policy}. BIMI exige la misma "
        "protección en los subdominios.",
    ),
    fix=Text(
        "Whoever manages your DNS: once the mail that subdomains send passes DMARC, remove {tag} or raise it to {above}.",
        "Quien gestione su DNS: cuando el correo que envían los subdominios pase DMARC, quite {tag} o súbala a {above}.",
    ),
    references=("RFC 9989 §4.7",),
    identity=("tag",),
)


@WEAK_SUBDOMAINS.check
def weak_subdomains(facts: DmarcFacts) -> Iterator[Outcome]:
    """`sp` and `np` are not weaker than `p`, each told on its own."""
    waiting = _no_policy(facts)
    record, reading = facts.record, facts.policy.reading
    if waiting is not None or record is None or reading is None:
        yield waiting or NotApplicable(NO_RECORD, facts.name)
        return
    if facts.policy.organizational_domain not in (subject(facts), None):
        # RFC 9989 §4.7, "sp": only the organizational domain's record is asked about subdomains.
        yield NotApplicable(_NOT_ORGANIZATIONAL, subject(facts))
        return
    weaker = [
        (tag, policy)
        for tag, policy in (("sp", record.sp), ("np", record.np))
        if policy is not None and strictness(policy) < strictness(reading.p)
    ]
    for tag, policy in weaker:
        yield WEAK_SUBDOMAINS.found(
            subject(facts),
            evidence=place(facts, *used(record, tag)),
            domain=subject(facts),
            tag=tag,
            policy=policy,
            above=reading.p,
        )
    if not weaker:
        yield Passed(subject(facts))


_NOT_ORGANIZATIONAL = Text(
    "The policy of subdomains is taken from the organizational domain, not from this record.",
    "La política de los subdominios se toma del dominio organizativo, no de este registro.",
)

OPEN_NAMES = Rule(
    "DMARC019",
    "open-nonexistent-subdomains",
    Severity.INFO,
    Basis.CONSENSUS,
    Area.BRAND,
    Actor.DNS,
    label=Text("Names that do not exist", "Nombres que no existen"),
    title=Text(
        "Names below {domain} that do not exist may be forged",
        "Los nombres inexistentes de {domain} se pueden falsificar",
    ),
    why=Text(
        "The domain is enforced, but for a made-up name below it the policy is none. No mail of yours comes from a name that "
        "does not exist, so rejecting it costs nothing.",
        "El dominio está protegido, pero para un nombre inventado por debajo la política es none. Ningún correo suyo sale "
        "de un nombre que no existe, así que rechazarlo no cuesta nada.",
    ),
    fix=Text("Whoever manages your DNS: add np=reject.", "Quien gestione su DNS: añada np=reject."),
    references=("RFC 9989 §4.7",),
)


@OPEN_NAMES.check
def open_names(facts: DmarcFacts, domain: AuditedDomain) -> Outcome:
    """An enforced domain protects the names below it that do not exist."""
    waiting = _no_policy(facts)
    record = facts.record
    if waiting is not None or record is None:
        return waiting or NotApplicable(NO_RECORD, facts.name)
    row = next((row for row in facts.effective if row.subject is Subject.NONEXISTENT), None)
    if row is None or row.rfc9989.found_at != facts.policy.found_at:
        return NotApplicable(_NOT_ORGANIZATIONAL, subject(facts))
    reading = record.reading()
    if strictness(reading.p) and not strictness(reading.np):
        return OPEN_NAMES.found(
            subject(facts),
            evidence=place(facts, *used(record, "p", "sp", "np")),
            fix=fix_record(facts, domain),
            domain=subject(facts),
        )
    return Passed(subject(facts)) if strictness(reading.p) else NotApplicable(NOT_ENFORCED, subject(facts))


STRICT_ALIGNMENT = Rule(
    "DMARC025",
    "strict-alignment-breaks-mail",
    Severity.ERROR,
    Basis.STANDARD,
    Area.AUTH,
    Actor.SENDER,
    label=Text("Strict alignment", "Alineación estricta"),
    title=Text(
        "aspf=s, but the Return-Path is at {envelope} and no DKIM key of {name} is known",
        "aspf=s, pero el Return-Path está en {envelope} y no se conoce clave DKIM de {name}",
    ),
    why=Text(
        "In strict mode SPF for {envelope} does not count for {name}, so without a DKIM signature of exactly {name} the mail "
        "fails DMARC.",
        "En modo estricto, el SPF de {envelope} no vale para {name}; sin una firma DKIM de exactamente {name}, el correo no "
        "pasa DMARC.",
    ),
    fix=Text(
        "Whoever manages your DNS: change aspf=s to aspf=r; or have your software sign with d={name}.",
        "Quien gestione su DNS: cambie aspf=s por aspf=r; o haga que su programa firme con d={name}.",
    ),
    references=("RFC 9989 §4.4", "RFC 9989 §3.2.10"),
)
_NOT_STRICT = Text("Alignment is relaxed.", "La alineación es relajada.")
_NO_ENVELOPE = Text(
    "Nobody said which Return-Path domain the mail carries.", "No se ha indicado el dominio del Return-Path."
)
_DKIM_UNKNOWN = Text("It is not known whether the domain signs with DKIM.", "No se sabe si el dominio firma con DKIM.")


@STRICT_ALIGNMENT.check
def strict_alignment(facts: DmarcFacts, sending: Sending, dkim: DkimPresence | None) -> Outcome:
    """`aspf=s` with a Return-Path elsewhere, and no DKIM key that would carry the mail."""
    waiting = _no_policy(facts)
    record = facts.record
    if waiting is not None or record is None:
        return waiting or NotApplicable(NO_RECORD, facts.name)
    if not facts.policy.strict_spf:
        return NotApplicable(_NOT_STRICT, facts.name)
    if sending.envelope_domain is None:
        return NotApplicable(_NO_ENVELOPE, facts.name)
    if sending.envelope_domain == facts.name or (dkim is not None and dkim.state is Presence.FOUND):
        return Passed(facts.name)
    if dkim is None or dkim.state is Presence.UNKNOWN:
        return Unknown(_DKIM_UNKNOWN, facts.name)
    return STRICT_ALIGNMENT.found(
        facts.name,
        evidence=place(facts, *used(record, "aspf")),
        envelope=sending.envelope_domain,
        name=facts.name,
    )


REJECT_ON_SPF = Rule(
    "DMARC028",
    "reject-resting-on-spf",
    Severity.ERROR,
    Basis.STANDARD,
    Area.AUTH,
    Actor.PLATFORM,
    label=Text("DKIM behind p=reject", "DKIM detrás de p=reject"),
    title=Text(
        "The policy for {name} is reject, and no DKIM key was found",
        "La política de {name} es reject y no hay clave DKIM",
    ),
    why=Text(
        "SPF breaks whenever mail is forwarded. Without DKIM every forwarded invoice fails DMARC and is rejected; the "
        "standard forbids relying on SPF alone with p=reject.",
        "El SPF se rompe cada vez que se reenvía un correo. Sin DKIM, toda factura reenviada falla DMARC y se rechaza; la "
        "norma prohíbe apoyarse solo en SPF con p=reject.",
    ),
    fix=Text(
        "Turn on DKIM signing with d={name} in the platform that sends your mail, and publish its key. Until then use "
        "p=quarantine.",
        "Active la firma DKIM con d={name} en la plataforma que envía su correo y publique su clave. Hasta entonces use "
        "p=quarantine.",
    ),
    references=("RFC 9989 §7.4", "RFC 9989 §8"),
    consequence_of=("DKIM001", "DKIM005", "DMARC031"),
)
_NOT_REJECT = Text("The policy is not reject.", "La política no es reject.")


@REJECT_ON_SPF.check
def reject_on_spf(facts: DmarcFacts, domain: AuditedDomain, dkim: DkimPresence) -> Outcome:
    """`p=reject` has a DKIM key behind it."""
    waiting = _no_policy(facts)
    if waiting is not None:
        return waiting
    if facts.policy.policy != "reject":
        return NotApplicable(_NOT_REJECT, facts.name)
    if domain.sends is False:
        return NotApplicable(PARKED, facts.name)
    if dkim.state is Presence.FOUND:
        return Passed(facts.name)
    if dkim.state is Presence.UNKNOWN:
        return Unknown(_DKIM_UNKNOWN, facts.name)
    return REJECT_ON_SPF.found(facts.name, evidence=place(facts), name=facts.name)


REJECT_WITH_STAFF = Rule(
    "DMARC029",
    "reject-with-staff-mailboxes",
    Severity.INFO,
    Basis.STANDARD,
    Area.AUTH,
    Actor.DNS,
    label=Text("p=reject and staff mailboxes", "p=reject y buzones de personal"),
    title=Text(
        "The policy for {name} is reject, and staff send from it",
        "La política de {name} es reject y el personal envía desde él",
    ),
    why=Text(
        "What staff post to mailing lists is altered on the way, fails DMARC and is rejected; to the list it looks as if the "
        "addresses of its other readers no longer worked, and it unsubscribes them.",
        "Lo que el personal envía a listas de correo se altera por el camino, falla DMARC y se rechaza; la lista cree entonces "
        "que las direcciones de sus otros suscriptores ya no funcionan y los da de baja.",
    ),
    fix=Text(
        "If staff write to mailing lists: keep quarantine on {name}, and send invoices from a subdomain such as "
        "facturas.{name} with p=reject.",
        "Si el personal escribe en listas: mantenga quarantine en {name} y envíe las facturas desde un subdominio como "
        "facturas.{name} con p=reject.",
    ),
    references=("RFC 9989 §7.4",),
)
_NOBODY_SAID = Text(
    "Nobody said whether staff mailboxes live on the domain.",
    "No se ha indicado si hay buzones de personal en el dominio.",
)


@REJECT_WITH_STAFF.check
def reject_with_staff(facts: DmarcFacts, sending: Sending) -> Outcome:
    """`p=reject` on a domain whose staff write mail."""
    waiting = _no_policy(facts)
    if waiting is not None:
        return waiting
    if facts.policy.policy != "reject":
        return NotApplicable(_NOT_REJECT, facts.name)
    if sending.human_mailboxes is None:
        return NotApplicable(_NOBODY_SAID, facts.name)
    if not sending.human_mailboxes:
        return Passed(facts.name)
    return REJECT_WITH_STAFF.found(facts.name, evidence=place(facts), name=facts.name)


RULES: tuple[Rule, ...] = (
    MONITORING_ONLY,
    TEST_MODE,
    IDLE_TEST_MODE,
    WEAK_SUBDOMAINS,
    OPEN_NAMES,
    STRICT_ALIGNMENT,
    REJECT_ON_SPF,
    REJECT_WITH_STAFF,
)
