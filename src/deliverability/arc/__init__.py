"""The Authenticated Received Chain (RFC 8617): shown, never scored."""

from deliverability.arc.record import ArcChain, ArcSeal, ArcSet, ChainDefect, ChainDefectKind, read_chain
from deliverability.arc.verify import ArcCheck, ArcReason, ArcResult, verify, verify_plan

__all__ = [
    "ArcChain",
    "ArcCheck",
    "ArcReason",
    "ArcResult",
    "ArcSeal",
    "ArcSet",
    "ChainDefect",
    "ChainDefectKind",
    "read_chain",
    "verify",
    "verify_plan",
]
