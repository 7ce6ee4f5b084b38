"""Where the reports go."""

from __future__ import annotations

from collections.abc import Iterator

from deliverability.core.changes import Fix, RecordChange
from deliverability.core.facts import AuditedDomain
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
from deliverability.core.rule import Area, Rule
from deliverability.core.text import NO_TEXT, Text
from deliverability.dmarc.destinations import Authorization, Destination, Mailbox
from deliverability.dmarc.facts import DmarcFacts
from deliverability.dmarc.problem import URI_KINDS
from deliverability.dmarc.rules.common import (
    MOST_FINDINGS,
    NO_RECORD,
    PARKED,
    fix_record,
    place,
    problem_args,
    subject,
    unsettled,
    used,
)

NO_REPORTS = Rule(
    "DMARC008",
    "no-dmarc-reports",
    Severity.WARNING,
    Basis.STANDARD,
    Area.MONITORING,
    Actor.DNS,
    label=Text("Aggregate reports rua", "Informes agregados rua"),
    title=Text("The DMARC record of {domain} asks for no reports", "El registro DMARC de {domain} no pide informes"),
    why=Text(
        "Without rua nobody tells you which of your own mail fails, or who sends in your name. La Poste requires it, and it is "
        "the only safe way to a stricter policy.",
        "Sin rua nadie le dice qué correo suyo falla ni quién envía en su nombre. La Poste lo exige, y es la única forma segura "
        "de llegar a una política más estricta.",
    ),
    fix=Text(
        "Whoever manages your DNS: create a mailbox for reports and add rua=mailto: with its address to the record.",
        "Quien gestione su DNS: cree un buzón para los informes y añada al registro rua=mailto: con su dirección.",
    ),
    references=("RFC 9989 §5.1.3", "RFC 9989 §8"),
    # A policy that others publish by default asks for no reports; a record of one's own mends both.
    consequence_of=("DMARC035",),
)


@NO_REPORTS.check
def no_reports(facts: DmarcFacts, domain: AuditedDomain) -> Outcome:
    """The record in force asks for aggregate reports."""
    waiting = unsettled(facts)
    record = facts.record
    if waiting is not None or record is None:
        return waiting or NotApplicable(NO_RECORD, facts.name)
    if record.has("rua"):
        return Passed(subject(facts))
    if domain.sends is False:
        return NotApplicable(PARKED, facts.name)
    return NO_REPORTS.found(subject(facts), evidence=place(facts), fix=fix_record(facts, domain), domain=subject(facts))


BAD_ADDRESS = Rule(
    "DMARC009",
    "bad-dmarc-report-address",
    Severity.ERROR,
    Basis.STANDARD,
    Area.MONITORING,
    Actor.DNS,
    label=Text("Form of the report addresses", "Forma de las direcciones de informes"),
    title=Text("{tag} cannot be used: {problem} ({text})", "{tag} no se puede usar: {problem} ({text})"),
    why=Text(
        "Receivers ignore an address that they cannot read, so its reports are lost.",
        "Los receptores ignoran una dirección que no entienden, y sus informes se pierden.",
    ),
    fix=Text(
        "Whoever manages your DNS: write {suggestion}. Several addresses are separated by commas, each with mailto:.",
        "Quien gestione su DNS: escriba {suggestion}. Varias direcciones se separan con comas, cada una con mailto:.",
    ),
    references=("RFC 9989 §4.8", "RFC 9989 §4.6"),
    consequence_of=("DMARC024",),
    identity=("tag", "text"),
)


@BAD_ADDRESS.check
def bad_address(facts: DmarcFacts, domain: AuditedDomain) -> Iterator[Outcome]:
    """Every report address can be used, each told on its own."""
    waiting = unsettled(facts)
    record = facts.record
    if waiting is not None or record is None:
        yield waiting or NotApplicable(NO_RECORD, facts.name)
        return
    problems = record.of_kind(*URI_KINDS)
    for problem in problems[:MOST_FINDINGS]:
        uris = record.rua if problem.tag == "rua" else record.ruf
        lost = not any(uri.valid for uri in uris)
        # An empty place beside a comma costs nothing while another address stands.
        mild = not problem.text.strip() and not lost
        yield BAD_ADDRESS.found(
            subject(facts),
            severity=Severity.INFO if mild else None,
            evidence=place(facts, problem.span),
            fix=fix_record(facts, domain),
            **problem_args(problem),
        )
    if not problems:
        both = record.has("rua") or record.has("ruf")
        yield Passed(subject(facts)) if both else NotApplicable(_NO_ADDRESSES, subject(facts))


_NO_ADDRESSES = Text("The record asks for no reports.", "El registro no pide informes.")

NOT_AUTHORIZED = Rule(
    "DMARC010",
    "dmarc-destination-not-authorized",
    Severity.ERROR,
    Basis.STANDARD,
    Area.MONITORING,
    Actor.THIRD_PARTY,
    label=Text("Consent of the report destination", "Consentimiento del destino de los informes"),
    title=Text(
        "{host} has not agreed to receive reports about {domain}",
        "{host} no ha aceptado recibir informes sobre {domain}",
    ),
    why=Text(
        "Receivers must not send reports to another organization unless it publishes its consent: {detail}.",
        "Los receptores no deben enviar informes a otra organización si esta no publica su consentimiento: {detail}.",
    ),
    fix=Text(
        "Ask {host} to publish the TXT record v=DMARC1 at {question}, or to check your account there; or send the reports to "
        "an address of your own domain.",
        "Pida a {host} que publique el registro TXT v=DMARC1 en {question}, o que revise su cuenta; o envíe los informes a "
        "una dirección de su propio dominio.",
    ),
    references=("RFC 9990 §4", "RFC 9991 §5"),
    identity=("host",),
)
_DETAILS = {
    Authorization.UNAUTHORIZED: Text("the record is not there", "el registro no está"),
    Authorization.DIVERTED: Text(
        "its record sends them to yet another host, which is forbidden",
        "su registro los desvía a otro host, lo que se prohíbe",
    ),
    Authorization.NAME_TOO_LONG: Text(
        "the name for it would be longer than DNS allows", "el nombre necesario sería más largo de lo que admite el DNS"
    ),
}
_NOT_ASKED = Text(
    "The question about this report destination was not answered.",
    "La consulta sobre este destino no obtuvo respuesta.",
)
_TOO_MANY = Text(
    "The record names more destinations than the audit checks.",
    "El registro nombra más destinos de los que se comprueban.",
)
_NO_DESTINATIONS = Text(
    "The record names no usable report address.", "El registro no nombra ninguna dirección utilizable."
)


@NOT_AUTHORIZED.check
def not_authorized(facts: DmarcFacts) -> Iterator[Outcome]:
    """Every report destination outside the organization has agreed."""
    waiting = unsettled(facts)
    if waiting is not None:
        yield waiting
        return
    checked = [d for d in facts.destinations if d.authorization is not Authorization.NOT_CHECKED]
    for destination in checked:
        yield _consent(destination)
    if len(checked) < len(facts.destinations):
        yield Unknown(_TOO_MANY, subject(facts))
    if not facts.destinations:
        yield NotApplicable(_NO_DESTINATIONS, subject(facts))


def _consent(destination: Destination) -> Outcome:
    match destination.authorization:
        case Authorization.INTERNAL | Authorization.AUTHORIZED:
            return Passed(destination.host)
        case Authorization.UNKNOWN:
            return Unknown(_NOT_ASKED, destination.host, _asked(destination, "TXT"))
        case state:
            name = destination.authorization_name
            fix = None
            if state is Authorization.UNAUTHORIZED and name is not None:
                fix = Fix((RecordChange(name, "TXT", ("v=DMARC1",)),))
            return NOT_AUTHORIZED.found(
                destination.host,
                evidence=_asked(destination, "TXT"),
                fix=fix,
                host=destination.host,
                domain=destination.domain,
                detail=_DETAILS.get(state, NO_TEXT),
                question=name or f"{destination.domain}._report._dmarc.{destination.host}",
            )


def _asked(destination: Destination, *types: str) -> tuple[Evidence, ...]:
    return tuple(evidence_of(question, answer) for question, answer in destination.asked if question.type in types)


NO_MAILBOX = Rule(
    "DMARC011",
    "undeliverable-dmarc-reports",
    Severity.ERROR,
    Basis.CONSENSUS,
    Area.MONITORING,
    Actor.DNS,
    label=Text("Mail for the report destination", "Correo del destino de los informes"),
    title=Text(
        "{host}, where reports go, receives no mail: {detail}",
        "{host}, destino de los informes, no recibe correo: {detail}",
    ),
    why=Text(
        "Every report sent to {uris} bounces, and you learn nothing.",
        "Todo informe enviado a {uris} rebota y usted no se entera de nada.",
    ),
    fix=Text(
        "Whoever manages your DNS: put an address that works into the record, or publish an MX for {host}.",
        "Quien gestione su DNS: ponga en el registro una dirección que funcione, o publique un MX para {host}.",
    ),
    references=("RFC 9990 §3.5", "RFC 5321 §5.1", "RFC 7505 §3"),
    identity=("host",),
)
_MAILBOXES = {
    Mailbox.NULL_MX: Text("it publishes a null MX", "publica un MX nulo"),
    Mailbox.NO_HOST: Text("it has neither MX nor addresses", "no tiene MX ni direcciones"),
}


@NO_MAILBOX.check
def no_mailbox(facts: DmarcFacts) -> Iterator[Outcome]:
    """Every report destination can receive mail."""
    waiting = unsettled(facts)
    if waiting is not None:
        yield waiting
        return
    checked = [d for d in facts.destinations if d.mailbox is not Mailbox.NOT_CHECKED]
    for destination in checked:
        yield _delivery(destination)
    if len(checked) < len(facts.destinations):
        yield Unknown(_TOO_MANY, subject(facts))
    if not facts.destinations:
        yield NotApplicable(_NO_DESTINATIONS, subject(facts))


def _delivery(destination: Destination) -> Outcome:
    match destination.mailbox:
        case Mailbox.RECEIVES:
            return Passed(destination.host)
        case Mailbox.UNKNOWN:
            return Unknown(_NOT_ASKED, destination.host, _asked(destination, "MX", "A", "AAAA"))
        case state:
            return NO_MAILBOX.found(
                destination.host,
                evidence=_asked(destination, "MX", "A", "AAAA"),
                host=destination.host,
                detail=_MAILBOXES.get(state, NO_TEXT),
                uris=destination.uris,
            )


MANY_ADDRESSES = Rule(
    "DMARC012",
    "many-dmarc-report-addresses",
    Severity.INFO,
    Basis.CONSENSUS,
    Area.MONITORING,
    Actor.DNS,
    label=Text("Number of report addresses", "Número de direcciones de informes"),
    title=Text("{count} addresses for aggregate reports", "{count} direcciones para informes agregados"),
    why=Text(
        "Receivers that follow RFC 7489 only promise to report to two of them.",
        "Los receptores que siguen el RFC 7489 solo se comprometen a enviar a dos.",
    ),
    fix=Text(
        "Whoever manages your DNS: keep the two that matter most, first in the list.",
        "Quien gestione su DNS: deje las dos que más importan, las primeras de la lista.",
    ),
    references=("RFC 9989 §C.7", "RFC 7489 §6.2"),
)


@MANY_ADDRESSES.check
def many_addresses(facts: DmarcFacts) -> Outcome:
    """At most two addresses for aggregate reports."""
    waiting = unsettled(facts)
    record = facts.record
    if waiting is not None or record is None:
        return waiting or NotApplicable(NO_RECORD, facts.name)
    if not record.has("rua"):
        return NotApplicable(_NO_ADDRESSES, subject(facts))
    if len(record.valid_rua) <= 2:
        return Passed(subject(facts))
    return MANY_ADDRESSES.found(
        subject(facts), evidence=place(facts, *used(record, "rua")), count=len(record.valid_rua)
    )


FAILURE_REPORTS = Rule(
    "DMARC027",
    "dmarc-failure-reports",
    Severity.INFO,
    Basis.CONSENSUS,
    Area.MONITORING,
    Actor.DNS,
    label=Text("Failure reports ruf", "Informes de fallo ruf"),
    title=Text("The record asks for failure reports (ruf)", "El registro pide informes de fallo (ruf)"),
    why=Text(
        "Few receivers send them, and they can hold parts of your customers' mail: personal data under the GDPR.",
        "Pocos receptores los envían, y pueden contener partes del correo de sus clientes: datos personales según el RGPD.",
    ),
    fix=Text(
        "Whoever manages your DNS: remove ruf unless you need it; if it stays, make sure that only authorised staff read that "
        "mailbox.",
        "Quien gestione su DNS: quite ruf si no lo necesita; si lo deja, asegúrese de que solo personal autorizado lea ese "
        "buzón.",
    ),
    references=("RFC 9989 §10.2",),
)


@FAILURE_REPORTS.check
def failure_reports(facts: DmarcFacts) -> Outcome:
    """Failure reports are not asked for."""
    waiting = unsettled(facts)
    record = facts.record
    if waiting is not None or record is None:
        return waiting or NotApplicable(NO_RECORD, facts.name)
    if not record.has("ruf"):
        return Passed(subject(facts))
    return FAILURE_REPORTS.found(subject(facts), evidence=place(facts, *used(record, "ruf")))


RULES: tuple[Rule, ...] = (NO_REPORTS, BAD_ADDRESS, NOT_AUTHORIZED, NO_MAILBOX, MANY_ADDRESSES, FAILURE_REPORTS)
