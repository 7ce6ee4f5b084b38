"""The rules about headers and the reply path (HDR)."""

from deliverability.core.rule import Rule
from deliverability.headers.rules.author import RULES as AUTHOR_RULES
from deliverability.headers.rules.encoding import RULES as ENCODING_RULES
from deliverability.headers.rules.identity import RULES as IDENTITY_RULES
from deliverability.headers.rules.marks import RULES as MARK_RULES
from deliverability.headers.rules.recipients import RULES as RECIPIENT_RULES
from deliverability.headers.rules.structure import RULES as STRUCTURE_RULES
from deliverability.headers.rules.trace import RULES as TRACE_RULES
from deliverability.headers.rules.verdicts import RULES as VERDICT_RULES

RULES: tuple[Rule, ...] = (
    *STRUCTURE_RULES,
    *AUTHOR_RULES,
    *ENCODING_RULES,
    *IDENTITY_RULES,
    *RECIPIENT_RULES,
    *MARK_RULES,
    *TRACE_RULES,
    *VERDICT_RULES,
)
