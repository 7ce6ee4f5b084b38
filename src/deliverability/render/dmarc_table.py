"""The DMARC policy in force: for the domain, its subdomains and names that do not exist, by both specifications."""

from __future__ import annotations

from rich.padding import Padding
from rich.table import Table
from rich.text import Text as Styled

from deliverability.core.text import Text
from deliverability.dmarc.discovery import DmarcPolicy, PolicyState
from deliverability.dmarc.effective import EffectivePolicy, Subject, acted
from deliverability.dmarc.facts import DmarcFacts
from deliverability.dmarc.record import DmarcRecord
from deliverability.render.page import Page
from deliverability.render.safe import safe

TITLE = Text(
    "What receivers do with mail that fails DMARC", "Qué hacen los receptores con el correo que no supera DMARC"
)
WHOSE = Text("Mail in the name of", "Correo en nombre de")
SUBJECTS = {
    Subject.DOMAIN: Text("{name}", "{name}"),
    Subject.SUBDOMAIN: Text("its subdomains", "sus subdominios"),
    Subject.NONEXISTENT: Text("names that do not exist", "nombres que no existen"),
}
NOTHING = Text("nothing: no policy", "nada: no hay política")
NO_ANSWER = Text("could not be told", "sin respuesta")
FOUND_AT = Text("Record at _dmarc.{name}", "Registro en _dmarc.{name}")
_STRICTNESS = {"none": "yellow", "quarantine": "green", "reject": "green"}


def is_known(facts: DmarcFacts) -> bool:
    """Whether at least one policy was answered; else the table would say nothing."""
    policies = [policy for row in facts.effective for policy in (row.rfc9989, row.rfc7489)]
    return any(policy.state is not PolicyState.TEMPERROR for policy in policies)


def print_dmarc(page: Page, facts: DmarcFacts) -> None:
    """The table, and where the record stands."""
    if not is_known(facts):
        return
    page.line((page.words(TITLE), "dim"), indent=3)
    table = Table.grid(padding=(0, 3, 0, 0))
    table.add_column(overflow="fold")
    table.add_column(overflow="fold")
    table.add_column(overflow="fold")
    table.add_row(*(Styled(text, style="dim") for text in (page.words(WHOSE), "RFC 9989", "RFC 7489")))
    for row in facts.effective:
        name = page.words(SUBJECTS[row.subject], name=facts.name)
        table.add_row(name, _policy(page, row.rfc9989), _policy(page, row.rfc7489))
    page.console.print(Padding(table, (0, 0, 0, 3), expand=False))
    if facts.policy.found_at is not None:
        found = page.words(FOUND_AT, name=facts.policy.found_at)
        record = facts.policy.record
        page.line((f"{found}:" if record else found, "dim"), f" {safe(record.text)}" if record else "", indent=3)


def _policy(page: Page, policy: DmarcPolicy) -> Styled:
    if policy.state is PolicyState.TEMPERROR:
        return Styled(page.words(NO_ANSWER), style="magenta")
    word = acted(policy)
    if not word:
        return Styled(page.words(NOTHING), style="yellow")
    return Styled(safe(word), style=_STRICTNESS.get(word.partition(" ")[0], ""))


def effective_document(row: EffectivePolicy) -> dict[str, str | None]:
    """One row as plain data; None where no policy applies, "temperror" where it could not be told."""
    return {
        "rfc7489": acted(row.rfc7489) or None,
        "rfc9989": acted(row.rfc9989) or None,
        "subject": row.subject.value,
    }


#: Tags that have a value where the record does not name them (RFC 9989 §4.7).
_DEFAULTS = ("adkim", "aspf", "fo", "psd", "t")
_MOST_TAGS = 50
_MOST_CHARACTERS = 4096


def tags_of(record: DmarcRecord) -> list[dict[str, object]]:
    """The tags as they are written, then those that have their default value."""
    written = [{"explicit": True, "name": tag.name, "value": tag.value} for tag in record.tags[:_MOST_TAGS]]
    absent = [name for name in _DEFAULTS if not record.has(name)]
    told = {name: value if isinstance(value := getattr(record, name), str) else ":".join(value) for name in absent}
    return [*written, *({"explicit": False, "name": name, "value": value} for name, value in told.items())]


def dmarc_document(facts: DmarcFacts) -> dict[str, object]:
    """The record, its tags and the policies as plain data."""
    record = facts.policy.record
    return {
        "effective": [effective_document(row) for row in facts.effective],
        "found_at": facts.policy.found_at,
        "organizational_domain": facts.policy.organizational_domain,
        "record": record.text[:_MOST_CHARACTERS] if record else None,
        "state": facts.policy.state.value,
        "tags": tags_of(record) if record else [],
    }
