"""Verifying the DKIM signatures of a message (RFC 6376 §6, RFC 8301, RFC 8463), with the reason for each result.

Theory of operation. For each signature three things are found out, whatever the others say, because whoever has to
mend a signature wants to know all of them: what the field itself says (signature.py), what the key is (record.py), and
whether the hash of the body is the one that was signed (canonical.py, one pass over the body for each canonicalization
that is used, not for each signature). Then one function decides, in the order of RFC 6376 §6.1: the field, the key, the
body, the signature. The first of them that fails is the `reason`.

The words of the results are those of RFC 8601 §2.7.1:

- `pass`: it verifies;
- `fail`: body or header are not what was signed, or the key is another;
- `neutral`: the field has syntax errors, or asks for what nobody knows (another version, algorithm, canonicalization);
- `permerror`: it can never be verified: no key, a revoked, broken or too short one, SHA-1, From not signed, or a
  message that is past the limits;
- `temperror`: the key could not be asked for;
- `policy`: it verifies, and its time is over or has not come (§3.5: verifiers MAY then treat it as invalid).

A `Verifier` keeps the keys it has parsed and loaded, for many messages of the same signers; it holds no answers.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, TypeVar, cast

from deliverability.core.limits import DEFAULT_LIMITS, Limits
from deliverability.core.names import DomainName
from deliverability.core.plan import Plan, ask_txt, gather
from deliverability.core.questions import Answer, Failed, Found, TxtStrings, join_strings
from deliverability.core.run import present, run
from deliverability.dkim.canonical import (
    BodyHashes,
    Canonicalization,
    FieldIndex,
    blocks_of,
    hash_body,
    signed_octets,
)
from deliverability.dkim.crypto import PublicKey, is_signed_by, load_public_key
from deliverability.dkim.record import DkimKey, KeyProblemKind, parse_key
from deliverability.dkim.results import RESULT_WORDS, DkimReason, DkimResult, DkimVerification
from deliverability.dkim.signature import DkimSignature, SignatureDefectKind, parse_signature
from deliverability.headers.fields import Headers, parse

if TYPE_CHECKING:
    from deliverability.core.plan import Source

__all__ = [
    "CLOCK_DRIFT",
    "DkimReason",
    "DkimResult",
    "DkimVerification",
    "KeyTrial",
    "SignedMessage",
    "Verifier",
    "key_fault",
    "reason_of_field",
    "verify",
    "verify_plan",
]

K = TypeVar("K")
V = TypeVar("V")

#: RFC 6376 §3.5, x=: receivers MAY add a fudge factor for clocks that drift; seconds, as OpenDKIM has it.
CLOCK_DRIFT = 300
#: Of several key records at one name so many are tried (RFC 6376 §6.1.2 step 4).
MAX_KEYS = 4
_MAX_KEPT = 1_000

SIGNATURE_FIELD = "dkim-signature"


_REASON_OF_DEFECT = {
    SignatureDefectKind.TOO_LONG: DkimReason.FIELD_TOO_LARGE,
    SignatureDefectKind.TOO_MANY_FIELDS: DkimReason.FIELD_TOO_LARGE,
    SignatureDefectKind.MISSING_TAG: DkimReason.MISSING_TAG,
    SignatureDefectKind.VERSION: DkimReason.VERSION,
    SignatureDefectKind.ALGORITHM: DkimReason.ALGORITHM,
    SignatureDefectKind.SHA1: DkimReason.SHA1,
    SignatureDefectKind.CANONICALIZATION: DkimReason.CANONICALIZATION,
    SignatureDefectKind.QUERY: DkimReason.QUERY,
    SignatureDefectKind.DOMAIN: DkimReason.DOMAIN,
    SignatureDefectKind.SELECTOR: DkimReason.DOMAIN,
    SignatureDefectKind.IDENTITY: DkimReason.IDENTITY,
    SignatureDefectKind.FROM_NOT_SIGNED: DkimReason.FROM_NOT_SIGNED,
}

_REASON_OF_PROBLEM = {
    KeyProblemKind.HASH: DkimReason.KEY_HASH,
    KeyProblemKind.KEY_TYPE: DkimReason.KEY_TYPE,
    KeyProblemKind.SERVICE: DkimReason.KEY_SERVICE,
    KeyProblemKind.TOO_SHORT: DkimReason.KEY_TOO_SHORT,
    KeyProblemKind.TOO_LARGE: DkimReason.KEY_TOO_LARGE,
}


def verify(raw: bytes, *, now: datetime | None = None, source: Source | None = None) -> tuple[DkimResult, ...]:
    """The results of the signatures of a message given as octets, from the top; empty when it is not signed.

    `source` None is the live DNS; `now`, for `t=` and `x=`, is the present by default.
    """
    return run(verify_plan(raw, now=now or present()), source).results


def verify_plan(raw: bytes, *, now: datetime, limits: Limits = DEFAULT_LIMITS) -> Plan[DkimVerification]:
    """As `verify`, with what was not evaluated."""
    return Verifier(limits).verify_plan(raw, now=now)


class Verifier:
    """Verifies messages; keeps the newest thousand keys it has read, so that a signer's key is read once."""

    def __init__(self, limits: Limits = DEFAULT_LIMITS) -> None:
        self.limits = limits
        self._keys: dict[bytes, DkimKey] = {}
        self._loaded: dict[tuple[str, bytes], PublicKey | None] = {}

    def verify(
        self, raw: bytes, *, now: datetime | None = None, source: Source | None = None
    ) -> tuple[DkimResult, ...]:
        """As the function `verify`."""
        return run(self.verify_plan(raw, now=now or present()), source).results

    def verify_plan(
        self, raw: bytes, *, now: datetime, headers: Headers | None = None, cut: bool = False
    ) -> Plan[DkimVerification]:
        """The results for a message. `headers` are its fields where they are parsed already; `cut`: `raw` is not all of it."""
        if headers is None:
            headers = parse(raw, limits=self.limits)
        fields = headers.all(SIGNATURE_FIELD)
        kept = fields[: self.limits.dkim_signatures]
        signatures = [parse_signature(field, limits=self.limits) for field in kept]
        if cut or headers.cut is not None or len(raw) > self.limits.message_octets:
            # Nobody may vouch for what was not read.
            reason = DkimReason.HEADER_TOO_LARGE if headers.cut is not None else DkimReason.MESSAGE_TOO_LARGE
            return DkimVerification(tuple(_result(s, reason) for s in signatures), len(fields) - len(kept))
        answers = yield from self._ask(signatures)
        message = SignedMessage(raw, headers, [s for s in signatures if s.fatal is None])
        results = [self._judge(s, message, answers, now) for s in signatures]
        return DkimVerification(tuple(results), len(fields) - len(kept))

    def _ask(self, signatures: Iterable[DkimSignature]) -> Plan[dict[DomainName, Answer]]:
        """The answers for the keys of signatures that are worth it, side by side, each name once."""
        names = list(dict.fromkeys(n for s in signatures if s.fatal is None and (n := s.key_name) is not None))
        if len(names) == 1:
            return {names[0]: (yield from ask_txt(names[0]))}
        answers = yield from gather(*(ask_txt(name) for name in names))
        return dict(zip(names, answers, strict=True))

    def _judge(
        self, signature: DkimSignature, message: SignedMessage, answers: dict[DomainName, Answer], now: datetime
    ) -> DkimResult:
        """RFC 6376 §6.1, step by step."""
        if signature.fatal is not None:
            return _result(signature, reason_of_field(signature))
        name = signature.key_name
        if name is None:
            return _result(signature, DkimReason.DOMAIN)
        answer = answers[name]
        body = message.body(signature.canonicalization[1])
        computed = body.get(signature.body_length)
        matches = computed == signature.body_hash if computed is not None else None
        found = self.try_keys(signature, answer, message.signed_octets(signature))
        reason = found.reason or _of_body(computed, matches) or found.of_signature or _of_time(signature, now)
        return DkimResult(
            result=RESULT_WORDS.get(reason, "permerror"),
            reason=reason,
            signature=signature,
            key=found.key,
            key_name=name,
            key_answer=answer,
            computed_body_hash=computed,
            body_hash_matches=matches,
            body_octets=body.octets,
            signature_matches=found.matches,
        )

    def try_keys(self, signature: DkimSignature, answer: Answer, signed: bytes) -> KeyTrial:
        """The key of a signature and whether it is that of `signed`; of several records the one that verifies.

        RFC 6376 §6.1.2 step 4 leaves it to the verifier whether it tries them all.
        """
        if isinstance(answer, Failed):
            return KeyTrial(reason=DkimReason.KEY_UNAVAILABLE)
        keys = self._keys_of(answer)
        if not keys:
            return KeyTrial(reason=DkimReason.NO_KEY)
        trials: list[KeyTrial] = []
        for key in keys:
            trial = self._try(signature, key, signed)
            if trial.matches:
                return trial
            trials.append(trial)
        # None verifies. A key that could be tried says more than one that could not.
        return next((trial for trial in trials if trial.reason is None), trials[0])

    def _try(self, signature: DkimSignature, key: DkimKey, signed: bytes) -> KeyTrial:
        reason = key_fault(key, signature)
        if reason is not None:
            return KeyTrial(key, reason)
        public = self._load(key)
        if public is None:
            return KeyTrial(key, DkimReason.KEY_SYNTAX)
        return KeyTrial(key, None, is_signed_by(public, signature.signature, signed))

    def _keys_of(self, answer: Answer) -> list[DkimKey]:
        """The records that are tried: those that mean to be keys, or else whatever is there."""
        records = answer.records[: self.limits.answer_records] if isinstance(answer, Found) else ()
        keys = [self._parse(join_strings(cast(TxtStrings, record))) for record in records[:MAX_KEYS]]
        return [key for key in keys if key.is_key_record] or keys

    def _parse(self, record: bytes) -> DkimKey:
        key = self._keys.get(record)
        if key is None:
            key = parse_key(record, limits=self.limits)
            _keep(self._keys, record, key)
        return key

    def _load(self, key: DkimKey) -> PublicKey | None:
        name = key.key_type, key.public_key
        if name not in self._loaded:
            _keep(self._loaded, name, load_public_key(key))
        return self._loaded[name]


def _keep(kept: dict[K, V], key: K, value: V) -> None:
    """Keep one more, and let the oldest go."""
    if len(kept) >= _MAX_KEPT:
        del kept[next(iter(kept))]
    kept[key] = value


@dataclass(frozen=True, slots=True)
class KeyTrial:
    """One key record tried on one signature."""

    key: DkimKey | None = None
    #: Why it could not be tried; None: it was.
    reason: DkimReason | None = None
    matches: bool | None = None

    @property
    def of_signature(self) -> DkimReason | None:
        """RFC 6376 §6.1.3 step 4."""
        return None if self.matches else DkimReason.SIGNATURE


class SignedMessage:
    """A message as its signatures need it: every hash is computed once."""

    __slots__ = ("_bodies", "_index", "_lengths", "_raw", "_start")

    def __init__(self, raw: bytes, headers: Headers, signatures: Iterable[DkimSignature]) -> None:
        self._raw = raw
        self._start = headers.body_start
        self._index = FieldIndex(headers.fields)
        self._bodies: dict[Canonicalization, BodyHashes] = {}
        self._lengths: dict[Canonicalization, list[int]] = {"simple": [], "relaxed": []}
        for signature in signatures:
            if signature.body_length is not None:
                self._lengths[signature.canonicalization[1]].append(signature.body_length)

    def body(self, method: Canonicalization) -> BodyHashes:
        """The hashes of the body in one canonical form, for every `l=` of the signatures."""
        if method not in self._bodies:
            self._bodies[method] = hash_body(blocks_of(self._raw, self._start), method, self._lengths[method])
        return self._bodies[method]

    def signed_octets(self, signature: DkimSignature) -> bytes:
        """What `b=` signs (RFC 6376 §3.7)."""
        fields = self._index.select(signature.signed_fields, signature.field)
        return signed_octets(fields, signature.field, signature.canonicalization[0])


def _result(signature: DkimSignature, reason: DkimReason) -> DkimResult:
    return DkimResult(RESULT_WORDS.get(reason, "permerror"), reason, signature)


def reason_of_field(signature: DkimSignature) -> DkimReason:
    """Why a signature with a fatal defect is ignored (RFC 6376 §6.1.1)."""
    defect = signature.fatal
    return _REASON_OF_DEFECT.get(defect.kind, DkimReason.SYNTAX) if defect is not None else DkimReason.VERIFIED


def key_fault(key: DkimKey, signature: DkimSignature) -> DkimReason | None:
    """Why the key cannot verify this signature (RFC 6376 §6.1.2 steps 5 to 8, §3.6.1); None: it can be tried."""
    if key.revoked and not any(problem.fatal for problem in key.problems):
        return DkimReason.KEY_REVOKED
    fatal = [problem.kind for problem in key.problems if problem.fatal]
    if fatal:
        return next((_REASON_OF_PROBLEM[kind] for kind in fatal if kind in _REASON_OF_PROBLEM), DkimReason.KEY_SYNTAX)
    if key.key_type != signature.key_type:
        return DkimReason.KEY_TYPE
    if not key.public_key:
        return DkimReason.KEY_SYNTAX
    if key.strict and signature.identity_domain != signature.domain:
        # §3.6.1, t=s: the domain of i= MUST be that of d= and no subdomain of it.
        return DkimReason.KEY_STRICT
    return None


def _of_body(computed: bytes | None, matches: bool | None) -> DkimReason | None:
    if computed is None:
        # RFC 6376 §3.5, l=: it MUST NOT be larger than the canonical body.
        return DkimReason.BODY_TOO_SHORT
    # RFC 6376 §6.1.3 step 3
    return None if matches else DkimReason.BODY_HASH


def _of_time(signature: DkimSignature, now: datetime) -> DkimReason:
    """RFC 6376 §3.5: t= in the future and x= in the past MAY make a signature invalid."""
    seconds = now.timestamp()
    if signature.expiration is not None and seconds > signature.expiration + CLOCK_DRIFT:
        return DkimReason.EXPIRED
    if signature.timestamp is not None and seconds < signature.timestamp - CLOCK_DRIFT:
        return DkimReason.FUTURE
    return DkimReason.VERIFIED
