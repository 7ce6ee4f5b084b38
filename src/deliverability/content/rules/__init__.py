"""Rules about the content of a message, by theme."""

from __future__ import annotations

from deliverability.content.rules.attachments import RULES as ATTACHMENTS
from deliverability.content.rules.body import RULES as BODY
from deliverability.content.rules.documents import RULES as DOCUMENTS
from deliverability.content.rules.encodings import RULES as ENCODINGS
from deliverability.content.rules.files import RULES as FILES
from deliverability.content.rules.html import RULES as HTML
from deliverability.content.rules.letter import RULES as LETTER
from deliverability.content.rules.links import RULES as LINKS
from deliverability.content.rules.mime import RULES as MIME
from deliverability.content.rules.unsubscribe import RULES as UNSUBSCRIBE
from deliverability.content.rules.wording import RULES as WORDING
from deliverability.core.rule import Rule

RULES: tuple[Rule, ...] = (
    *MIME,
    *ENCODINGS,
    *ATTACHMENTS,
    *FILES,
    *DOCUMENTS,
    *UNSUBSCRIBE,
    *BODY,
    *LINKS,
    *HTML,
    *LETTER,
    *WORDING,
)
