"""PROV001 to PROV008 and PROV010: what each mailbox provider would say, rolled up from the rules it rests on.

They repeat, seen from the receiver, what other rules found. So they are shown with weight 0, and a roll-up that is not
met names the rule that is its cause.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from deliverability.core.facts import NOT_SENT, Moment, Stage
from deliverability.core.finding import (
    Actor,
    Basis,
    Evidence,
    NotApplicable,
    Outcome,
    Passed,
    Severity,
    Unknown,
)
from deliverability.core.report import Judged
from deliverability.core.rule import Area, Rule
from deliverability.core.text import Text
from deliverability.providers.receivers import Check, Checklist, Checklists, Held, State, policies

_AUTHENTICATION_CAUSES = (
    "DMARC031",
    "DKIM001",
    "DKIM003",
    "DKIM004",
    "DKIM005",
    "SPF024",
    "SPF001",
    "DMARC032",
    "DMARC001",
)
_WHY = Text(
    "These are demands that {receiver} has published ({source}). Mail that does not meet them is {effect}.",
    "Son exigencias que {receiver} ha publicado ({source}). El correo que no las cumple {effect}.",
)
_FIX = Text(
    "Mend what is named here: {causes}. Each has its own entry in this report with the record, setting or header to change.",
    "Corrija lo que aquí se nombra: {causes}. Cada punto tiene su apartado en este informe, con el registro, ajuste o cabecera que cambiar.",
)


def _roll_up(
    code: str, name: str, who: Text, title: Text, severity: Severity, reference: str, basis: Basis = Basis.PROVIDER
) -> Rule:
    return Rule(
        code,
        name,
        severity,
        basis,
        Area.BRAND,
        Actor.SENDER,
        label=who,
        title=title,
        why=_WHY,
        fix=_FIX,
        references=(reference,),
    )


GMAIL = _roll_up(
    "PROV001",
    "gmail-all-senders",
    Text("Gmail: what it asks of everybody", "Gmail: lo que pide a todos"),
    Text(
        "Gmail asks for more than this message has: {missing}", "Gmail pide más de lo que tiene este mensaje: {missing}"
    ),
    Severity.ERROR,
    "Google 81126 (2026-09)",
)
GMAIL_BULK = _roll_up(
    "PROV002",
    "gmail-bulk-senders",
    Text("Gmail: from 5,000 messages a day", "Gmail: desde 5.000 mensajes al día"),
    Text(
        "Gmail would refuse this from a bulk sender: {missing}", "Gmail lo rechazaría si usted envía en masa: {missing}"
    ),
    Severity.ERROR,
    "Google 81126 (2026-09)",
)
YAHOO = _roll_up(
    "PROV003",
    "yahoo-and-aol",
    Text("Yahoo and AOL", "Yahoo y AOL"),
    Text(
        "Yahoo and AOL ask for more than this message has: {missing}",
        "Yahoo y AOL piden más de lo que tiene este mensaje: {missing}",
    ),
    Severity.ERROR,
    "Yahoo sender best practices (2024-02)",
)
OUTLOOK = _roll_up(
    "PROV004",
    "outlook-com-high-volume",
    Text("Outlook.com and Hotmail", "Outlook.com y Hotmail"),
    Text(
        "Outlook.com asks high-volume senders for more: {missing}",
        "Outlook.com pide más a quien envía mucho: {missing}",
    ),
    Severity.ERROR,
    "Microsoft techcommunity 4399730 (2025-05)",
)
MICROSOFT = _roll_up(
    "PROV005",
    "microsoft-365-tenants",
    Text("Companies on Microsoft 365", "Empresas con Microsoft 365"),
    Text(
        "Microsoft 365 asks for more than this message has: {missing}",
        "Microsoft 365 pide más de lo que tiene este mensaje: {missing}",
    ),
    Severity.WARNING,
    "Microsoft Learn, anti-spam message headers (2026-08)",
)
ICLOUD = _roll_up(
    "PROV006",
    "apple-icloud-mail",
    Text("Apple iCloud", "Apple iCloud"),
    Text(
        "Apple iCloud asks for more than this message has: {missing}",
        "Apple iCloud pide más de lo que tiene este mensaje: {missing}",
    ),
    Severity.WARNING,
    "Apple 102322 (2026)",
)
EUROPEAN = _roll_up(
    "PROV007",
    "orange-laposte-gmx",
    Text("Orange.fr, La Poste and GMX", "Orange.fr, La Poste y GMX"),
    Text(
        "{receiver} asks for more than this message has: {missing}",
        "{receiver} pide más de lo que tiene este mensaje: {missing}",
    ),
    Severity.WARNING,
    "Orange postmaster (2026-09-01)",
)
ANY_OTHER = _roll_up(
    "PROV008",
    "any-other-receiver",
    Text("Spanish operators and any other", "Operadores españoles y cualquier otro"),
    Text(
        "Any careful receiver asks for more than this message has: {missing}",
        "Cualquier receptor exigente pide más de lo que tiene este mensaje: {missing}",
    ),
    Severity.WARNING,
    "M3AAWG Sender BCP v4.0 (2026-08-27)",
    Basis.CONSENSUS,
)

_REFUSED = Text("refused or filed as spam", "se rechaza o va a spam")
_FILED = Text("more often filed as spam", "va a spam con más frecuencia")
_NOT_ALL_KNOWN = Text(
    "Nothing that could be seen breaks its demands, but these could not be seen: {labels}.",
    "Nada de lo que se ve incumple sus exigencias, pero esto no se pudo ver: {labels}.",
)


def _labels(items: tuple[Held, ...]) -> Text:
    """The labels in both languages, as a list."""
    labels = [item.requirement.label for item in items]
    return Text("; ".join([label.en for label in labels]), "; ".join([label.es for label in labels]))


def _causes(items: tuple[Held, ...], judged: Judged) -> tuple[str, ...]:
    """The codes behind what is not met: those of the requirement, or those that explain failed authentication."""
    named = [code for item in items for code in item.because]
    if any(item.requirement.check is not Check.CODES for item in items):
        named.extend([code for code in _AUTHENTICATION_CAUSES if code in judged.found][:3])
    return tuple(dict.fromkeys(named))


def _worst(causes: tuple[str, ...], judged: Judged, rule: Rule) -> Severity:
    """As bad as the worst cause, and never worse than the roll-up itself."""
    found = [finding.severity for code in causes for finding in judged.found.get(code, ())]
    worst = min(found, key=lambda severity: severity.rank, default=rule.severity)
    return worst if worst.rank >= rule.severity.rank else rule.severity


def _outcome(rule: Rule, checklist: Checklist, judged: Judged, stage: Stage) -> Outcome:
    receiver = checklist.receiver
    missing = checklist.of(State.NOT_MET)
    if missing:
        causes = _causes(missing, judged)
        severity = _worst(causes, judged, rule)
        found = rule.found(
            receiver.name.en,
            severity=severity,
            evidence=[
                Evidence(i.requirement.key, "policy", "", i.requirement.reply, note=i.requirement.label)
                for i in missing
            ],
            receiver=receiver.name,
            source=receiver.source,
            missing=_labels(missing),
            causes=", ".join(causes) or "SPF, DKIM, DMARC",
            effect=_REFUSED if severity is Severity.ERROR else _FILED,
        )
        return replace(found, consequence_of=causes[0]) if causes else found
    unknown = tuple([i for i in checklist.of(State.UNKNOWN) if i.requirement.check is not Check.OUTSIDE])
    if unknown and stage is Stage.SUBMITTED:
        return NotApplicable(NOT_SENT, receiver.name.en)
    if unknown:
        labels = _labels(unknown)
        return Unknown(
            Text(_NOT_ALL_KNOWN.en.format(labels=labels.en), _NOT_ALL_KNOWN.es.format(labels=labels.es)),
            receiver.name.en,
        )
    return Passed(receiver.name.en)


@GMAIL.check
def gmail(lists: Checklists, judged: Judged, stage: Stage) -> Iterator[Outcome]:
    """What Gmail asks of every sender."""
    yield from (_outcome(GMAIL, one, judged, stage) for one in lists.by_rule("PROV001", bulk=False))


@GMAIL_BULK.check
def gmail_bulk(lists: Checklists, judged: Judged, stage: Stage) -> Iterator[Outcome]:
    """What Gmail asks from 5,000 messages a day on, permanently."""
    yield from (_outcome(GMAIL_BULK, one, judged, stage) for one in lists.by_rule("PROV002", bulk=True))


@YAHOO.check
def yahoo(lists: Checklists, judged: Judged, stage: Stage) -> Iterator[Outcome]:
    """Yahoo and AOL."""
    yield from (_outcome(YAHOO, one, judged, stage) for one in lists.by_rule("PROV003"))


@OUTLOOK.check
def outlook(lists: Checklists, judged: Judged, stage: Stage) -> Iterator[Outcome]:
    """Outlook.com, Hotmail, Live."""
    yield from (_outcome(OUTLOOK, one, judged, stage) for one in lists.by_rule("PROV004"))


@MICROSOFT.check
def microsoft_365(lists: Checklists, judged: Judged, stage: Stage) -> Iterator[Outcome]:
    """Tenants of Microsoft 365."""
    yield from (_outcome(MICROSOFT, one, judged, stage) for one in lists.by_rule("PROV005"))


@ICLOUD.check
def icloud(lists: Checklists, judged: Judged, stage: Stage) -> Iterator[Outcome]:
    """Apple's mailboxes."""
    yield from (_outcome(ICLOUD, one, judged, stage) for one in lists.by_rule("PROV006"))


@EUROPEAN.check
def european(lists: Checklists, judged: Judged, stage: Stage) -> Iterator[Outcome]:
    """Orange.fr, La Poste, GMX: one outcome each."""
    yield from (_outcome(EUROPEAN, one, judged, stage) for one in lists.by_rule("PROV007"))


@ANY_OTHER.check
def any_other(lists: Checklists, judged: Judged, stage: Stage) -> Iterator[Outcome]:
    """Receivers that publish nothing, the Spanish operators among them."""
    yield from (_outcome(ANY_OTHER, one, judged, stage) for one in lists.by_rule("PROV008"))


STALE = Rule(
    "PROV010",
    "receiver-policies-stale",
    Severity.INFO,
    Basis.CONSENSUS,
    Area.BRAND,
    Actor.SENDER,
    label=Text("Age of the providers' demands", "Antigüedad de las exigencias"),
    title=Text(
        "What is known of the providers' demands is {days} days old",
        "Lo que se sabe de las exigencias de los proveedores tiene {days} días",
    ),
    why=Text(
        "Mailbox providers change their demands several times a year. Those that come with this version were last verified on {date}.",
        "Los proveedores de correo cambian sus exigencias varias veces al año. Las de esta versión se comprobaron por última vez el {date}.",
    ),
    fix=Text(
        "Update deliverability, and read the verdicts by provider with that in mind until then.",
        "Actualice deliverability y, hasta entonces, lea con reserva los veredictos por proveedor.",
    ),
    references=("deliverability receiver policies (2026-11-22)",),
)


@STALE.check
def receiver_policies_stale(moment: Moment, lists: Checklists) -> Outcome:
    """The table is older than half a year."""
    table = policies()
    days = (moment.today - table.date).days
    if days <= table.stale_after_days:
        return Passed(note=Text(table.date.isoformat(), table.date.isoformat()))
    return STALE.found("", days=days, date=table.date.isoformat())


#: Judged after all other rules, on what those found.
RULES = (GMAIL, GMAIL_BULK, YAHOO, OUTLOOK, MICROSOFT, ICLOUD, EUROPEAN, ANY_OTHER, STALE)
