"""The search for what happened to the signed header fields, and to the key.

With an RSA key the signature can be opened (rsa.py): it then holds the hash that the header had, and a hypothesis costs
one SHA-256 of a few hundred octets. With an Ed25519 key nothing can be opened, and each hypothesis costs a verification.

Single changes are tried first, then two together and three together, for a mailing list changes Subject, From and
Reply-To at once; of these only the likeliest of each field.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from itertools import combinations, product

from deliverability.core.text import ArgValue
from deliverability.dkim.canonical import Canonicalization, canonicalize_field, without_signature
from deliverability.dkim.crypto import PublicKey, is_signed_by
from deliverability.dkim.diagnosis.causes import Cause, Certainty, Diagnosis
from deliverability.dkim.diagnosis.fields import Alternative, SignedFields
from deliverability.dkim.diagnosis.rsa import Opened, opened
from deliverability.dkim.diagnosis.search import Effort
from deliverability.dkim.record import DkimKey
from deliverability.dkim.signature import DkimSignature
from deliverability.headers.fields import Headers
from deliverability.headers.words import decode_words

#: How many hypotheses one verification by Ed25519 costs as much as.
_ED25519_COST = 40
#: Alternatives of one field that are tried together with those of another one, of two others.
_IN_PAIRS = 14
_IN_TRIPLES = 6


class HeaderSearch:
    """One search: the header as it is, a key that may be the right one, and the signature."""

    __slots__ = ("effort", "fields", "opened", "own", "public", "signature")

    def __init__(self, headers: Headers, signature: DkimSignature, public: PublicKey, effort: Effort) -> None:
        self.signature = signature
        self.public = public
        self.effort = effort
        self.fields = SignedFields(headers, signature)
        self.own = canonicalize_field(without_signature(signature.field.raw), self.fields.method)[:-2]
        self.opened: Opened | None = opened(public, signature.signature)

    @property
    def is_rsa(self) -> bool:
        """Whether the signature can be opened at all."""
        return self.signature.key_type == "rsa"

    def run(self) -> list[Diagnosis]:
        """The proved causes, several where several fields changed together; empty when no hypothesis held."""
        if self.is_rsa and (self.opened is None or self.opened.algorithm != "sha256"):
            return []
        found = self._of_signer() or self._own_field()
        if found is not None:
            return [found]
        alternatives = _unique(self.fields.alternatives())
        for group in self._groups(alternatives):
            if self._explains(group):
                return [_proved(alternative) for alternative in group]
        return []

    def _groups(self, alternatives: list[Alternative]) -> Iterator[tuple[Alternative, ...]]:
        """One change, all that z= shows, two, three."""
        copied = tuple(self.fields.copied())
        if len(copied) > 1:
            yield copied
        yield from ((alternative,) for alternative in alternatives)
        by_name: dict[str, list[Alternative]] = {}
        for alternative in alternatives:
            by_name.setdefault(alternative.name, []).append(alternative)
        names = list(by_name)
        for number, most in ((2, _IN_PAIRS), (3, _IN_TRIPLES)):
            for chosen in combinations(names, number):
                yield from product(*(by_name[name][:most] for name in chosen))

    def _explains(self, group: Iterable[Alternative]) -> bool:
        pieces = list(self.fields.pieces)
        for alternative in group:
            for slot, piece in alternative.changes:
                pieces[slot] = piece
        return self._is_signed(b"".join(pieces) + self.own)

    def _is_signed(self, octets: bytes) -> bool:
        if not self.effort.take(len(octets), 1 if self.opened is not None else _ED25519_COST):
            return False
        if self.opened is not None:
            return hashlib.sha256(octets).digest() == self.opened.digest
        return is_signed_by(self.public, self.signature.signature, octets)

    def _of_signer(self) -> Diagnosis | None:
        """The signer canonicalized otherwise than it says in `c=` (RFC 6376 §3.4), or hashed a line end too many."""
        method = self.fields.method
        other: Canonicalization = "relaxed" if method == "simple" else "simple"
        there = [slot.field.raw for slot in self.fields.slots if slot.field is not None]
        bare = without_signature(self.signature.field.raw)
        for fields, own in ((other, other), (method, other), (other, method)):
            octets = b"".join(canonicalize_field(raw, fields) for raw in there)
            if self._is_signed(octets + canonicalize_field(bare, own)[:-2]):
                args: dict[str, ArgValue] = {"used": other, "declared": method}
                return Diagnosis(Cause.SIGNER_HEADER_CANONICALIZATION, Certainty.PROVED, args)
        if self._is_signed(b"".join(self.fields.pieces) + self.own + b"\r\n"):
            return Diagnosis(Cause.SIGNER_FINAL_LINE_END, Certainty.PROVED)
        return None

    def _own_field(self) -> Diagnosis | None:
        """The signature field itself was written anew: it signs itself (RFC 6376 §3.7)."""
        pieces = b"".join(self.fields.pieces)
        for own in dict.fromkeys(_spellings_of_own(self.own)):
            if own != self.own and self._is_signed(pieces + own):
                field = self.signature.field
                return Diagnosis(Cause.SIGNATURE_FIELD_CHANGED, Certainty.PROVED, field=field, line=field.line)
        return None


def _spellings_of_own(own: bytes) -> Iterator[bytes]:
    """A signature field with other white space between its tags, with or without the last semicolon."""
    name, _, value = own.partition(b":")
    tags = [tag.strip() for tag in value.split(b";")]
    closed = tags if tags[-1] else tags[:-1]
    lists = [closed, [tag.replace(b" ", b"") for tag in closed]]
    for shown in lists:
        for names in (name, name.lower(), b"DKIM-Signature"):
            for colon in (b":", b": "):
                for glue in (b"; ", b";", b";\r\n\t", b";\r\n ", b";\r\n        "):
                    whole = names + colon + glue.join(shown)
                    yield whole
                    yield whole + b";"
    yield own.replace(b" : ", b":")
    yield own.replace(b": ", b":").replace(b"dkim-signature:", b"dkim-signature:", 1)
    yield own.replace(b":", b": ")


def _unique(alternatives: Iterable[Alternative]) -> list[Alternative]:
    """Each set of changed octets once: the first reason given for it."""
    seen: dict[tuple[tuple[int, bytes], ...], Alternative] = {}
    for alternative in alternatives:
        seen.setdefault(alternative.changes, alternative)
    return list(seen.values())


def _proved(alternative: Alternative) -> Diagnosis:
    field = alternative.field
    now = field.text if field is not None else ""
    args: dict[str, ArgValue] = {
        "name": field.name if field is not None else alternative.name,
        "now": decode_words(now).text,
        "before": decode_words(alternative.before).text,
    }
    cause = alternative.cause
    if cause is Cause.SUBJECT_TAGGED:
        args["tag"] = _tag(now, alternative.before)
    line = field.line if field is not None else None
    return Diagnosis(cause, Certainty.PROVED, args, field=field, line=line, excerpt=alternative.before)


def _tag(now: str, before: str) -> str:
    """What the subject has now and had not when signed."""
    at = now.find(before)
    if at < 0:
        head = 0
        while head < len(before) and now.startswith(before[: head + 1]):
            head += 1
        return now[head : len(now) - (len(before) - head)].strip()
    return f"{now[:at]}{now[at + len(before) :]}".strip()


def other_key(signature: DkimSignature, keys: Iterable[tuple[str, DkimKey, PublicKey]], known: str) -> Diagnosis | None:
    """Whether another published key opens the signature: then it was made with that one. `known` is the key's fingerprint."""
    for name, key, public in keys:
        if key.fingerprint != known and opened(public, signature.signature) is not None:
            args: dict[str, ArgValue] = {"other": name}
            return Diagnosis(Cause.KEY_OTHER_SELECTOR, Certainty.PROVED, args)
    return None


def suspects(fields: SignedFields) -> tuple[str, ...]:
    """Signed fields that look as if somebody had touched them; for when nothing is proved."""
    aside = fields.put_aside()
    names: list[str] = []
    for slot in fields.slots:
        field = slot.field
        if field is None:
            continue
        tagged = slot.name == "subject" and field.value[:1] in (b"[", b"*", b"{")
        munged = slot.name == "from" and b" via " in field.value
        if slot.name in aside or tagged or munged:
            names.append(field.name)
    return tuple(dict.fromkeys(names))
