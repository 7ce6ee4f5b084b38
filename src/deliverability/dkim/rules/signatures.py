"""What the rules about signatures share: which signatures count for the author, evidence, severities."""

from __future__ import annotations

from collections.abc import Iterable

from deliverability.core.facts import AlignedSignatures, Author
from deliverability.core.finding import Evidence, Severity, evidence_of
from deliverability.core.names import registrable_domain
from deliverability.core.text import Text
from deliverability.dkim.signature import DkimSignature
from deliverability.dkim.verification import DkimResult, DkimVerification
from deliverability.headers.evidence import field_evidence

NOT_SIGNED = Text("The message has no DKIM signature.", "El mensaje no tiene firma DKIM.")
#: Names of a list that are shown.
MAX_NAMES = 12


def key_name(signature: DkimSignature) -> str:
    """What a finding about a signature is about: the name of its key, or as much of it as there is."""
    return signature.key_name or f"{signature.selector}._domainkey.{signature.domain or ''}"


def is_own(result: DkimResult, author: Author | None, aligned: AlignedSignatures | None) -> bool | None:
    """Whether a signature is of the author's own organization; None: there is no author domain, or it could not be told.

    What DMARC found out counts (RFC 9989 §4.4.1); a domain that it did not compare is held against the Public Suffix
    List (RFC 7489 §3.2).
    """
    domain = result.signature.domain
    if author is None or author.domain is None or domain is None:
        return None
    if domain == author.domain:
        return True
    if aligned is not None:
        if domain in aligned.aligned:
            return True
        if domain in aligned.unaligned:
            return False
        if domain in aligned.unknown:
            return None
    return (registrable_domain(domain) or domain) == (registrable_domain(author.domain) or author.domain)


def own_results(
    verification: DkimVerification, author: Author | None, aligned: AlignedSignatures | None
) -> tuple[DkimResult, ...]:
    """The signatures that the sender answers for: those of the author's organization, or all where there is none."""
    own = tuple(result for result in verification.results if is_own(result, author, aligned))
    return own or verification.results


def severity_of_failure(
    result: DkimResult, verification: DkimVerification, author: Author | None, aligned: AlignedSignatures | None
) -> Severity:
    """How much a signature that fails matters: little where another one of the author passes (RFC 6376 §6.1).

    A signature of somebody else, of a list or a platform, never counts for the author: a warning at most.
    """
    if any(is_own(other, author, aligned) for other in verification.passed):
        return Severity.INFO
    return Severity.WARNING if is_own(result, author, aligned) is False else Severity.ERROR


def signature_evidence(signature: DkimSignature, *tags: str, note: Text | None = None) -> Evidence:
    """The signature field with the values of these tags marked."""
    spans = [tag.value_span for name in tags if (tag := signature.tag(name)) is not None]
    if note is not None:
        return field_evidence(signature.field, *spans, note=note)
    return field_evidence(signature.field, *spans)


def key_evidence(result: DkimResult) -> tuple[Evidence, ...]:
    """The answer for the key, where it was asked."""
    if result.question is None or result.key_answer is None:
        return ()
    return (evidence_of(result.question, result.key_answer),)


def shown_names(names: Iterable[str]) -> tuple[str, ...]:
    """Field names as people write them, each once, not too many."""
    spelled = dict.fromkeys(_SPECIAL.get(name, name.title()) for name in names)
    return tuple(spelled)[:MAX_NAMES]


_SPECIAL = {"message-id": "Message-ID", "mime-version": "MIME-Version"}
