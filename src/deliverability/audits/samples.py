"""What a mail is compared by when several are given: read from its facts, small enough to keep."""

from __future__ import annotations

from collections.abc import Iterable

from deliverability.content.letter.bank import AccountState
from deliverability.content.letter.facts import LetterFacts
from deliverability.core.facts import Author, Sample, Samples
from deliverability.core.limits import Limits
from deliverability.core.names import registrable_domain
from deliverability.core.rule import Facts
from deliverability.headers.facts import HeaderFacts

#: Characters of one text, and addresses of Reply-To, that are kept.
_LONGEST = 1_000
_MOST = 20
_LETTERHEAD = ("date", "subject", "to")


def sample_of(facts: Facts, name: str) -> Sample:
    """The sample that a message is for others; `facts` are those that its octets tell."""
    headers, author, letter = facts.get(HeaderFacts), facts.get(Author), facts.get(LetterFacts)
    assert isinstance(headers, HeaderFacts)  # noqa: S101 - read first in every audit of a message
    assert isinstance(author, Author)  # noqa: S101
    ids = headers.message_id.ids
    box = headers.author
    fields = [headers.first(key) for key in _LETTERHEAD]
    billing = isinstance(letter, LetterFacts) and letter.is_billing
    return Sample(
        name,
        ids[0].text[:_LONGEST] if ids else "",
        tuple(field.value[:_LONGEST] if field is not None else b"" for field in fields),
        (registrable_domain(author.domain) or author.domain) if author.domain is not None else None,
        box.display_name[:_LONGEST] if box else "",
        author.address[:_LONGEST],
        tuple(sorted({reply.address[:_LONGEST].lower() for reply in headers.reply_to[:_MOST]})),
        billing,
        _signer(letter) if billing and isinstance(letter, LetterFacts) else "",
        _accounts(letter) if isinstance(letter, LetterFacts) else (),
    )


def _signer(letter: LetterFacts) -> str:
    identity = letter.identity
    return identity.tax_ids[0].number if identity.tax_ids else identity.company


def _accounts(letter: LetterFacts) -> tuple[tuple[str, str], ...]:
    whole = [account for account in letter.accounts if account.state is not AccountState.MASKED]
    return tuple(dict.fromkeys((account.number, account.masked) for account in whole))


def beside(facts: Facts, name: str, others: Iterable[Sample], limits: Limits) -> dict[type, object]:
    """The fact that compares a message with others; nothing where there are none."""
    kept = tuple(others)
    if not kept:
        return {}
    return {Samples: Samples(sample_of(facts, name), kept[: limits.samples], len(kept) > limits.samples)}
