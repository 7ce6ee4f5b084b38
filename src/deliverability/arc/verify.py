"""Validating a chain (RFC 8617 §5.2).

Theory of operation. The structure is judged first: a chain with a hole is broken whatever its signatures say, and asks
for nothing. Then the keys of all seals and message signatures are asked for side by side (mostly one or two names:
a hop seals and signs with the same key), and the steps of §5.2 are taken in their order: the newest message signature
has to verify, then each seal from the newest to the oldest. Older message signatures are looked at for `oldest-pass`
only: they tell how far back the message is unchanged, and break nothing.

A seal signs every set up to its own, each canonicalized once here and hashed as often as there are seals above it.

§5.2.1 makes every error permanent, a key that could not be asked for too. The result is then `fail` as the standard
says, and `unavailable` tells that it was the DNS: nobody may conclude from it that a forwarder made a mistake.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from deliverability.arc.record import ArcChain, ArcSet, read_chain
from deliverability.core.limits import DEFAULT_LIMITS, Limits
from deliverability.core.names import DomainName
from deliverability.core.plan import Plan, ask_txt, gather
from deliverability.core.questions import Answer, DnsQuestion
from deliverability.core.run import run
from deliverability.dkim.canonical import canonicalize_field, without_signature
from deliverability.dkim.record import DkimKey
from deliverability.dkim.signature import DkimSignature
from deliverability.dkim.verification import DkimReason, SignedMessage, Verifier, reason_of_field
from deliverability.headers.fields import Headers, parse

if TYPE_CHECKING:
    from deliverability.core.plan import Source


class ArcReason(StrEnum):
    """Why the status of a chain is what it is."""

    NONE = "none"  # there is no chain
    VALID = "valid"
    MESSAGE_CUT = "message-cut"  # past a limit: the message, or its header section, was not read whole
    TOO_MANY = "too-many"  # RFC 8617 §5.2 step 1
    MARKED = "marked"  # the newest seal says cv=fail (step 2)
    STRUCTURE = "structure"  # step 3
    MESSAGE_SIGNATURE = "message-signature"  # step 4
    SEAL = "seal"  # step 6


@dataclass(frozen=True, slots=True)
class ArcCheck:
    """One signature of a set, checked."""

    instance: int
    signature: DkimSignature
    #: `verified`, or why not.
    reason: DkimReason
    key: DkimKey | None = None
    key_name: DomainName | None = None
    key_answer: Answer | None = None

    @property
    def verified(self) -> bool:
        """It verifies."""
        return self.reason is DkimReason.VERIFIED

    @property
    def question(self) -> DnsQuestion | None:
        """The question whose answer is `key_answer`."""
        return DnsQuestion(self.key_name, "TXT") if self.key_name is not None else None


@dataclass(frozen=True, slots=True)
class ArcResult:
    """The Chain Validation Status of a message (RFC 8617 §4.4) and how it came about."""

    #: none, pass or fail
    result: str
    reason: ArcReason
    chain: ArcChain
    #: Message signatures that were checked, the newest first.
    message_signatures: tuple[ArcCheck, ...] = ()
    #: Seals that were checked, the newest first.
    seals: tuple[ArcCheck, ...] = ()
    #: RFC 8617 §5.2 step 5: the lowest set whose message signature still verifies, 0 when all do; None: not determined.
    oldest_pass: int | None = None

    @property
    def broken(self) -> ArcCheck | None:
        """The signature because of which the chain fails."""
        if self.reason is ArcReason.MESSAGE_SIGNATURE:
            return self.message_signatures[0]
        return next((seal for seal in self.seals if not seal.verified), None)

    @property
    def unavailable(self) -> bool:
        """The chain fails only because a key could not be asked for (RFC 8617 §5.2.1)."""
        return self.broken is not None and self.broken.reason is DkimReason.KEY_UNAVAILABLE

    @property
    def checks(self) -> tuple[ArcCheck, ...]:
        """Everything that was checked."""
        return self.message_signatures + self.seals


def verify(raw: bytes, *, source: Source | None = None) -> ArcResult:
    """The status of the chain of a message given as octets. `source` None is the live DNS."""
    return run(verify_plan(raw), source)


def verify_plan(
    raw: bytes, *, headers: Headers | None = None, cut: bool = False, limits: Limits = DEFAULT_LIMITS
) -> Plan[ArcResult]:
    """As `verify`. `headers` are its fields where they are parsed already; `cut`: `raw` is not the whole message."""
    if headers is None:
        headers = parse(raw, limits=limits)
    chain = read_chain(headers, limits=limits)
    early = _before_signatures(chain, limits)
    if chain.present and (cut or headers.cut is not None or len(raw) > limits.message_octets):
        early = ArcResult("fail", ArcReason.MESSAGE_CUT, chain)
    if early is not None:
        return early
    names = list(dict.fromkeys(name for s in _signatures(chain) if s.fatal is None and (name := s.key_name)))
    answers = yield from gather(*(ask_txt(name) for name in names))
    return _Validation(raw, headers, chain, dict(zip(names, answers, strict=True)), limits).run()


def _before_signatures(chain: ArcChain, limits: Limits) -> ArcResult | None:
    """RFC 8617 §5.2 steps 1 to 3; None: the signatures decide."""
    if not chain.present:
        return ArcResult("none", ArcReason.NONE, chain)
    if len(chain.sets) > limits.arc_sets or any(defect.kind.value == "too-many" for defect in chain.defects):
        return ArcResult("fail", ArcReason.TOO_MANY, chain)
    newest = chain.newest
    if newest is not None and newest.seal is not None and newest.seal.chain_value == "fail":
        return ArcResult("fail", ArcReason.MARKED, chain)
    if chain.defects:
        return ArcResult("fail", ArcReason.STRUCTURE, chain)
    return None


def _signatures(chain: ArcChain) -> list[DkimSignature]:
    """Every signature of a chain whose structure is whole, the newest first."""
    return [
        signature
        for one in reversed(chain.sets)
        for signature in (one.message_signature, one.seal.signature if one.seal else None)
        if signature is not None
    ]


class _Validation:
    """RFC 8617 §5.2 steps 4 to 7, for one call."""

    def __init__(
        self, raw: bytes, headers: Headers, chain: ArcChain, answers: dict[DomainName, Answer], limits: Limits
    ) -> None:
        self._chain = chain
        self._answers = answers
        self._verifier = Verifier(limits)
        signed = [s.message_signature for s in chain.sets if s.message_signature is not None]
        self._message = SignedMessage(raw, headers, [s for s in signed if s.fatal is None])
        self._sets = [b"".join(canonicalize_field(one.raw, "relaxed") for one in s.fields) for s in chain.sets]

    def run(self) -> ArcResult:
        newest_first = self._chain.sets[::-1]
        signatures = [self._message_signature(newest_first[0])]
        if not signatures[0].verified:
            return ArcResult("fail", ArcReason.MESSAGE_SIGNATURE, self._chain, tuple(signatures))
        for older in newest_first[1:]:
            signatures.append(self._message_signature(older))
            if not signatures[-1].verified:
                break
        oldest = signatures[-1].instance + 1 if not signatures[-1].verified else 0
        seals: list[ArcCheck] = []
        for one in newest_first:
            seals.append(self._seal(one))
            if not seals[-1].verified:
                return ArcResult("fail", ArcReason.SEAL, self._chain, tuple(signatures), tuple(seals), oldest)
        return ArcResult("pass", ArcReason.VALID, self._chain, tuple(signatures), tuple(seals), oldest)

    def _message_signature(self, one: ArcSet) -> ArcCheck:
        """RFC 8617 §5.2 steps 4 and 5: as a DKIM-Signature."""
        signature = one.message_signature
        assert signature is not None  # noqa: S101 - the structure is whole
        if signature.fatal is not None:
            return ArcCheck(one.instance, signature, reason_of_field(signature))
        check = self._check(one.instance, signature, self._message.signed_octets(signature))
        if check.reason not in (DkimReason.VERIFIED, DkimReason.SIGNATURE):
            return check  # the key
        body = self._message.body(signature.canonicalization[1]).get(signature.body_length)
        if body is None:
            return replace(check, reason=DkimReason.BODY_TOO_SHORT)
        return check if body == signature.body_hash else replace(check, reason=DkimReason.BODY_HASH)

    def _seal(self, one: ArcSet) -> ArcCheck:
        """RFC 8617 §5.1.1: every set up to this one, the seal itself last and without its value."""
        assert one.seal is not None  # noqa: S101 - the structure is whole
        signature = one.seal.signature
        if signature.fatal is not None:
            return ArcCheck(one.instance, signature, reason_of_field(signature))
        own = b"".join(canonicalize_field(each.raw, "relaxed") for each in one.fields[:2])
        own += canonicalize_field(without_signature(signature.field.raw), "relaxed")[:-2]
        return self._check(one.instance, signature, b"".join(self._sets[: one.instance - 1]) + own)

    def _check(self, instance: int, signature: DkimSignature, data: bytes) -> ArcCheck:
        name = signature.key_name
        if name is None:
            return ArcCheck(instance, signature, DkimReason.DOMAIN)
        answer = self._answers[name]
        trial = self._verifier.try_keys(signature, answer, data)
        reason = trial.reason or trial.of_signature or DkimReason.VERIFIED
        return ArcCheck(instance, signature, reason, trial.key, name, answer)
