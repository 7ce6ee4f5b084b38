"""A place in a message as evidence: field name, line, excerpt."""

from __future__ import annotations

from deliverability.core.finding import Evidence
from deliverability.core.span import Span
from deliverability.core.text import NO_TEXT, Text
from deliverability.headers.fields import Field

#: The `type` of evidence that is a header field, and of evidence that is another place in a message.
HEADER = "header"
PART = "part"
#: Characters of a field that are kept as its excerpt.
EXCERPT = 500


def field_evidence(field: Field, *spans: Span, note: Text = NO_TEXT) -> Evidence:
    """One header field as evidence. `spans` count characters of `field.text`."""
    text = field.text
    kept = tuple(span for span in spans if span.end <= EXCERPT)
    return Evidence(field.name, HEADER, "", text[:EXCERPT], spans=kept, note=note, line=field.line)


def part_evidence(part: str, excerpt: str, *, line: int | None = None, note: Text = NO_TEXT) -> Evidence:
    """A place in the body: `part` names the MIME part ("1.2 factura.pdf"), `excerpt` what stands there."""
    return Evidence(part, PART, "", excerpt[:EXCERPT], note=note, line=line)
