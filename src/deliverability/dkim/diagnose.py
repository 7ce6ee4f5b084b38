"""Why a signature failed.

Theory of operation. To say "the body hash does not match" is to say nothing that anybody can mend. So the failure is taken
as a question with a checkable answer: which one change, undone, makes the signature verify? The hash in `bh=`, and the
hash inside an RSA signature, recognize the message as it was signed. Each plausible change (software makes the same
ones again and again: a footer, a tag in the subject, another encoding) is undone and the result is hashed; when it is
the signed one, the cause is not likely but proved, and where it stands is known to the octet.

Three levels are told apart, and no text may mix them up:

- proved: the undone change verifies; or the failure has only one reading (there is no key, the time is over);
- likely: marks in the message speak for a cause (rewritten links, "[lista]" in the subject), and nothing proves it;
- unknown: that the body or the header is another one is certain, why is not.

What costs time is bounded by `Limits.dkim_diagnosis_octets` and `Limits.dkim_diagnosis_tries` for all signatures of a
message together: counted, not timed, so that the same message always gets the same answer. The parts are in
dkim/diagnosis: search.py (the work of a search), whole.py, parts.py, encodings.py, links.py (changes of the body),
fields.py and spellings.py (changes of the header), rsa.py (opening a signature), guesses.py, texts.py.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from deliverability.core.limits import DEFAULT_LIMITS, Limits
from deliverability.core.names import DomainName
from deliverability.core.questions import Found
from deliverability.core.text import ArgValue, Text
from deliverability.dkim.crypto import PublicKey, load_public_key
from deliverability.dkim.diagnosis.body import BodySearch
from deliverability.dkim.diagnosis.causes import Cause, Certainty, Diagnosis, DkimDiagnoses, SignatureDiagnosis
from deliverability.dkim.diagnosis.guesses import guess
from deliverability.dkim.diagnosis.headers import HeaderSearch, other_key, suspects
from deliverability.dkim.diagnosis.message import Body
from deliverability.dkim.diagnosis.search import Effort, SignedBody
from deliverability.dkim.diagnosis.texts import time_text
from deliverability.dkim.record import DkimKey
from deliverability.dkim.signature import SignatureDefectKind
from deliverability.dkim.texts import describe
from deliverability.dkim.verification import DkimReason, DkimResult, DkimVerification, key_fault
from deliverability.headers.fields import Headers

#: Fields that every message has: one that `h=` names and that is not there was there when it was signed.
_ALWAYS_THERE = frozenset(("from", "to", "subject", "date", "message-id", "mime-version", "content-type"))
_USUAL_OCTETS = frozenset((64, 128, 192, 256, 384, 512))


class OtherKey(NamedTuple):
    """A key that is published somewhere else, to try on a signature that its own key did not make."""

    name: DomainName
    key: DkimKey
    public: PublicKey


def diagnose_all(
    verification: DkimVerification,
    raw: bytes,
    headers: Headers,
    *,
    limits: Limits = DEFAULT_LIMITS,
    others: Iterable[tuple[DomainName, DkimKey]] = (),
) -> DkimDiagnoses:
    """Why each signature that did not pass did not; nothing is computed when all passed.

    `others` are published keys that may have been used instead of the right one, by their names; the keys of the other
    signatures of the message are tried anyway.
    """
    failed = [result for result in verification.results if not result.passed]
    if not failed:
        return DkimDiagnoses()
    share = max(1, len(failed))
    body = Body(raw, headers)
    keys = _loaded([*_keys_of(verification), *others])
    known: dict[object, Diagnosis] = {}
    found: list[SignatureDiagnosis] = []
    for result in failed:
        effort = Effort(limits.dkim_diagnosis_octets // share, limits.dkim_diagnosis_tries // share)
        found.append(_Case(result, body, effort, keys, known).diagnose())
    return DkimDiagnoses(tuple(found))


def _keys_of(verification: DkimVerification) -> list[tuple[DomainName, DkimKey]]:
    return [(r.key_name, r.key) for r in verification.results if r.key_name is not None and r.key is not None]


def _loaded(keys: Iterable[tuple[DomainName, DkimKey]]) -> list[OtherKey]:
    """The RSA keys that OpenSSL takes, each once."""
    loaded: dict[str, OtherKey] = {}
    for name, key in keys:
        if key.usable and key.key_type == "rsa" and key.fingerprint not in loaded:
            public = load_public_key(key)
            if public is not None:
                loaded[key.fingerprint] = OtherKey(name, key, public)
    return list(loaded.values())


class _Case:
    """One signature that did not pass."""

    def __init__(
        self, result: DkimResult, body: Body, effort: Effort, keys: list[OtherKey], known: dict[object, Diagnosis]
    ) -> None:
        self.result = result
        self.signature = result.signature
        self.body = body
        self.effort = effort
        self.keys = keys
        #: What is known of the body already: signatures of one message mostly share its hash.
        self.known = known

    def diagnose(self) -> SignatureDiagnosis:
        """The main cause first: what the field and the key say, then the body, then the header."""
        found: list[Diagnosis] = []
        stated = self._stated()
        if stated is not None:
            found.append(stated)
        if self.result.body_hash_matches is False or self.result.reason is DkimReason.BODY_TOO_SHORT:
            found.append(self._of_body())
        if self.result.signature_matches is False:
            found += self._of_header()
        several = self._several_keys()
        if several is not None:
            found.append(several)
        if not found:
            found.append(Diagnosis(Cause.SIGNATURE_SYNTAX, Certainty.PROVED, {"detail": self.result.reason.value}))
        return SignatureDiagnosis(self.result, tuple(found), self.result.signature_matches)

    # --- what the failure itself says -------------------------------------------------------------------------------

    def _stated(self) -> Diagnosis | None:
        """The cause where the reason has only one reading (RFC 6376 §6.1.1, §6.1.2, §3.5)."""
        result, signature = self.result, self.signature
        cause = _STATED.get(result.reason)
        if cause is None:
            return None
        name = result.key_name or ""
        args: dict[str, ArgValue] = {"name": name, "domain": result.domain, "selector": result.selector}
        if cause is Cause.SIGNATURE_SYNTAX:
            return self._syntax(args)
        if cause is Cause.KEY_DAMAGED or cause is Cause.KEY_UNUSABLE:
            args["detail"] = self._key_detail()
        elif cause is Cause.KEY_TOO_SHORT:
            args["bits"] = (result.key.bits if result.key else None) or 0
        elif cause is Cause.IDENTITY:
            args["detail"] = signature.identity
        elif cause is Cause.EXPIRED:
            args["date"] = time_text(signature.expiration)
        elif cause is Cause.FUTURE:
            args["date"] = time_text(signature.timestamp)
        field = signature.field
        return Diagnosis(cause, Certainty.PROVED, args, field=field, line=field.line)

    def _syntax(self, args: dict[str, ArgValue]) -> Diagnosis:
        defect = self.signature.fatal
        cause, detail = Cause.SIGNATURE_SYNTAX, self.result.reason.value
        if defect is not None:
            detail = f"{defect.tag}={defect.text}"[:80] if defect.tag else defect.text[:80]
            if defect.kind is SignatureDefectKind.BASE64:
                cause = Cause.SIGNATURE_DAMAGED
            if defect.kind is SignatureDefectKind.MISSING_TAG:
                detail = f"{defect.tag}="
        field = self.signature.field
        return Diagnosis(cause, Certainty.PROVED, {**args, "detail": detail}, field=field, line=field.line)

    def _key_detail(self) -> ArgValue:
        key = self.result.key
        if key is None:
            return ""
        problem = next((problem for problem in key.problems if problem.fatal), None)
        if problem is not None:
            return describe(problem)
        return Text(
            f"k={key.key_type}, a={self.signature.algorithm}", f"k={key.key_type}, a={self.signature.algorithm}"
        )

    def _several_keys(self) -> Diagnosis | None:
        """RFC 6376 §3.6.2.2: with several records the result is open."""
        answer = self.result.key_answer
        if not isinstance(answer, Found) or len(answer.records) < 2 or self.result.signature_matches:
            return None
        args: dict[str, ArgValue] = {"count": len(answer.records), "name": self.result.key_name or ""}
        return Diagnosis(Cause.SEVERAL_KEYS, Certainty.LIKELY, args)

    # --- the body ---------------------------------------------------------------------------------------------------

    def _of_body(self) -> Diagnosis:
        signature = self.signature
        method, length = signature.canonicalization[1], signature.body_length
        name = (method, signature.body_hash, length)
        if name not in self.known:
            search = BodySearch(self.body, SignedBody(method, signature.body_hash, length, self.effort))
            self.known[name] = search.run() or self._missing_octets() or guess(self.body)
        return self.known[name]

    def _missing_octets(self) -> Diagnosis | None:
        """RFC 6376 §3.5, l=: it is never larger than the body was."""
        octets, length = self.result.body_octets, self.signature.body_length
        if length is None or octets is None or octets >= length:
            return None
        lost = length - octets
        detail = Text(f"{lost} of {length} octets", f"{lost} de {length} octetos")
        return Diagnosis(Cause.TRUNCATED, Certainty.LIKELY, {"detail": detail, "octets": lost})

    # --- the header and the key -------------------------------------------------------------------------------------

    def _of_header(self) -> list[Diagnosis]:
        key = self.result.key
        public = load_public_key(key) if key is not None and key_fault(key, self.signature) is None else None
        if key is None or public is None:
            return []
        search = HeaderSearch(self.body.headers, self.signature, public, self.effort)
        found = search.run()
        if found:
            return found
        if not search.is_rsa:
            return [Diagnosis(Cause.KEY_OR_HEADER, Certainty.UNKNOWN)]
        if search.opened is None:
            return [self._other_key(key)]
        if search.opened.algorithm != "sha256":
            args: dict[str, ArgValue] = {"detail": search.opened.algorithm.upper() or "?"}
            return [Diagnosis(Cause.SIGNER_HASH, Certainty.PROVED, args)]
        return [self._changed_header(search)]

    def _other_key(self, key: DkimKey) -> Diagnosis:
        """The signature cannot be opened with the key: another one made it, or it is damaged (RFC 8017 §8.2.2)."""
        signed_with = other_key(self.signature, self.keys, key.fingerprint)
        if signed_with is not None:
            return signed_with
        name = self.result.key_name or ""
        octets, expected = len(self.signature.signature), ((key.bits or 0) + 7) // 8
        detail = ""
        cause = Cause.KEY_OTHER
        if octets != expected:
            detail = f"({8 * octets} ≠ {key.bits} bits)"
            if octets not in _USUAL_OCTETS:
                cause, detail = Cause.SIGNATURE_DAMAGED, f"{octets} ≠ {expected}"
        return Diagnosis(cause, Certainty.LIKELY, {"name": name, "detail": detail, "selector": self.result.selector})

    def _changed_header(self, search: HeaderSearch) -> Diagnosis:
        """The key is right and the header another one: that is certain, which field it is only likely."""
        gone = [s.name for s in search.fields.slots if s.field is None and s.name in _ALWAYS_THERE]
        listed = [s.name for s in search.fields.slots]
        gone = [name for name in gone if listed.count(name) == 1]
        names = (*suspects(search.fields), *gone)
        detail = ""
        if names:
            detail = f"({', '.join(names)}?)"
        return Diagnosis(Cause.HEADER_CHANGED, Certainty.PROVED, {"detail": detail, "names": names})


_STATED = {
    DkimReason.MESSAGE_TOO_LARGE: Cause.NOT_READ,
    DkimReason.HEADER_TOO_LARGE: Cause.NOT_READ,
    DkimReason.FIELD_TOO_LARGE: Cause.NOT_READ,
    DkimReason.SYNTAX: Cause.SIGNATURE_SYNTAX,
    DkimReason.MISSING_TAG: Cause.SIGNATURE_SYNTAX,
    DkimReason.VERSION: Cause.SIGNATURE_SYNTAX,
    DkimReason.ALGORITHM: Cause.SIGNATURE_SYNTAX,
    DkimReason.CANONICALIZATION: Cause.SIGNATURE_SYNTAX,
    DkimReason.QUERY: Cause.SIGNATURE_SYNTAX,
    DkimReason.DOMAIN: Cause.SIGNATURE_SYNTAX,
    DkimReason.SHA1: Cause.SHA1,
    DkimReason.IDENTITY: Cause.IDENTITY,
    DkimReason.KEY_STRICT: Cause.IDENTITY,
    DkimReason.FROM_NOT_SIGNED: Cause.FROM_UNSIGNED,
    DkimReason.KEY_UNAVAILABLE: Cause.KEY_UNREACHABLE,
    DkimReason.NO_KEY: Cause.KEY_MISSING,
    DkimReason.KEY_SYNTAX: Cause.KEY_DAMAGED,
    DkimReason.KEY_REVOKED: Cause.KEY_REVOKED,
    DkimReason.KEY_HASH: Cause.KEY_UNUSABLE,
    DkimReason.KEY_TYPE: Cause.KEY_UNUSABLE,
    DkimReason.KEY_SERVICE: Cause.KEY_UNUSABLE,
    DkimReason.KEY_TOO_LARGE: Cause.KEY_UNUSABLE,
    DkimReason.KEY_TOO_SHORT: Cause.KEY_TOO_SHORT,
    DkimReason.EXPIRED: Cause.EXPIRED,
    DkimReason.FUTURE: Cause.FUTURE,
}
