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


def _of_the_terms(tree: SpfTree) -> str:
    states = {placed.term.state for placed in tree.problems}
    # RFC 7208 §4.6.4: both limits are permerrors.
    past_limit = tree.lookups > DEFAULT_LIMITS.spf_lookups or tree.voids > DEFAULT_LIMITS.spf_void_lookups
    if past_limit or states - {State.TEMPERROR}:
        return PERMERROR
    if states or not tree.lookups_exact:
        return TEMPERROR
    return VALID
