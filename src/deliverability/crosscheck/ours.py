"""Our own verdicts, in words that another tool's can be compared with."""

from __future__ import annotations

from deliverability.core.limits import DEFAULT_LIMITS
from deliverability.spf.tree_model import SpfTree, State

VALID = "valid"
INVALID = "invalid"
NONE = "none"
PERMERROR = "permerror"
TEMPERROR = "temperror"


def spf_verdict(tree: SpfTree) -> str:
    """valid, permerror, temperror or none: what a message gets that nothing in the record matches."""
    match tree.root.state:
        case State.VOID | State.NONE:
            return NONE
        case State.PERMERROR:
            return PERMERROR
        case State.TEMPERROR | State.NOT_READ:
            return TEMPERROR
        case _:
            return _of_the_terms(tree)


def spf_reason(tree: SpfTree) -> str:
    """Why the record is a permerror: syntax, several, reference, lookups or voids; "" where it is none."""
    states = {placed.term.state for placed in tree.problems}
    if len(tree.root.texts) > 1:
        return "several"
    if State.PERMERROR in states | {tree.root.state}:
        return "syntax"
    if states - {State.TEMPERROR}:
        return "reference"
    # RFC 7208 §4.6.4: both limits are permerrors.
    if tree.lookups > DEFAULT_LIMITS.spf_lookups:
        return "lookups"
    return "voids" if tree.voids > DEFAULT_LIMITS.spf_void_lookups else ""


def _of_the_terms(tree: SpfTree) -> str:
    states = {placed.term.state for placed in tree.problems}
    if spf_reason(tree):
        return PERMERROR
    if states or not tree.lookups_exact:
        return TEMPERROR
    return VALID
