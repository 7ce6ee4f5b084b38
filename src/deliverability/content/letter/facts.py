"""What a mail says, read once for the rules about letters and about invoices.

The text is what a reader sees: of text and HTML the one that says clearly more. Whatever needs no invoice (accounts, a
change of bank, what is said to be attached) is looked for in every mail; numbers, amounts, dates and the rest only where
some word for an invoice stands, since no rule asks for them elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from deliverability.content.letter.amounts import Amount, AmountRole, find_amounts
from deliverability.content.letter.bank import Account, AccountState, find_accounts
from deliverability.content.letter.claims import attachment_claims, bank_changes, says_anything
from deliverability.content.letter.dates import DateMention, DateRole, Terms, find_dates, find_terms
from deliverability.content.letter.greeting import addressee
from deliverability.content.letter.identity import Identity, read_identity
from deliverability.content.letter.kind import Files, LetterKind, Sign, decide, may_be_invoice, word_signs
from deliverability.content.letter.methods import find_methods
from deliverability.content.letter.passages import Passages, fold, sentences, split_passages
from deliverability.content.letter.reference import Reference, find_references
from deliverability.content.letter.structured import StructuredInvoice, structured_invoices
from deliverability.content.letter.words import flat
from deliverability.content.mime import MimeTree
from deliverability.content.part import Part
from deliverability.content.text import BodyText
from deliverability.core.limits import DEFAULT_LIMITS, Limits
from deliverability.core.patterns import pattern
from deliverability.core.rule import Facts
from deliverability.headers.facts import HeaderFacts

#: The HTML says clearly more than the plain text from this many times its length on.
_MORE = 1.25


@dataclass(frozen=True)
class LetterFacts:
    """What a mail says. Amounts, dates, numbers and methods are empty where no word for an invoice stands."""

    subject: str
    passages: Passages
    kind: LetterKind = LetterKind.OTHER
    #: What the kind was decided by.
    signs: frozenset[Sign] = frozenset()
    #: Invoice numbers of the body; those of the subject stand in `subject_references`.
    references: tuple[Reference, ...] = ()
    subject_references: tuple[Reference, ...] = ()
    amounts: tuple[Amount, ...] = ()
    dates: tuple[DateMention, ...] = ()
    terms: Terms | None = None
    methods: tuple[str, ...] = ()
    accounts: tuple[Account, ...] = ()
    #: Sentences that say that something is attached, and that the sender's account is a new one.
    attachment_claims: tuple[str, ...] = ()
    bank_changes: tuple[str, ...] = ()
    #: Parts shown as files; pictures that belong to the HTML are none.
    files: tuple[Part, ...] = ()
    structured: tuple[StructuredInvoice, ...] = ()
    #: Whether text or parts were left unread because of a limit: what was not seen may be there.
    cut: bool = False

    @cached_property
    def identity(self) -> Identity:
        """Who signs, from the own text and the legal notice."""
        return read_identity(self.passages.signed, fold(self.passages.signed))

    @cached_property
    def addressee(self) -> str:
        """The name in the salutation; "" where it greets nobody in particular."""
        return addressee(self.passages.own)

    @property
    def is_billing(self) -> bool:
        """Whether it is an invoice, a reminder of one, or a receipt."""
        return self.kind is not LetterKind.OTHER

    @property
    def numbers(self) -> tuple[str, ...]:
        """The invoice numbers of subject and body, each once, that of the body first."""
        return tuple(dict.fromkeys(reference.number for reference in (*self.references, *self.subject_references)))

    @property
    def issued(self) -> DateMention | None:
        """The date of the invoice: one that is called so, else the first that is no due date."""
        by_role = [date for date in self.dates if date.role is DateRole.ISSUE]
        rest = [date for date in self.dates if date.role is DateRole.OTHER]
        return next(iter((*by_role, *rest)), None)

    @property
    def due(self) -> DateMention | None:
        """The first date that is called a due date."""
        return next((date for date in self.dates if date.role is DateRole.DUE), None)


_SPANISH = pattern(r"\b(?:de|la|el|los|que|por|para|con|una|su|factura)\b")
_ENGLISH = pattern(r"\b(?:the|of|and|to|for|your|with|is|please|invoice)\b")
#: Characters of a text that are enough to tell its language.
_LANGUAGE = 20_000
_NOT_DOLLARS = ("€", "£", "eur", "gbp")


def month_first(folded: str) -> bool:
    """Whether numeric dates are read as in the United States: an English text that counts in dollars."""
    head = folded[:_LANGUAGE]
    return "$" in head and not any(mark in head for mark in _NOT_DOLLARS) and is_english(head)


def is_english(folded: str) -> bool:
    """Whether a folded text is English rather than Spanish, by its small words."""
    head = folded[:_LANGUAGE]
    return sum(1 for _ in _ENGLISH.finditer(head)) > 2 * sum(1 for _ in _SPANISH.finditer(head))


def read_letter(
    subject: str,
    text: str,
    *,
    files: tuple[Part, ...] = (),
    file_names: tuple[str, ...] = (),
    structured: tuple[StructuredInvoice, ...] = (),
    cut: bool = False,
    limits: Limits = DEFAULT_LIMITS,
) -> LetterFacts:
    """The facts of a mail with this subject and text. Pure and total; linear in the text.

    `file_names` stand in for `files` where only names are known.
    """
    cut = cut or len(text) > limits.letter_characters
    passages = split_passages(text[: limits.letter_characters])
    subject = subject[: limits.subject_octets]
    own, folded, about = passages.own, passages.folded, fold(subject)
    names = file_names or tuple(part.filename for part in files)
    named = Files(names, any(map(_is_pdf, files)) or any(n.lower().endswith(".pdf") for n in names), bool(structured))
    spoken = sentences(own) if says_anything(folded) else []
    letter = LetterFacts(
        subject,
        passages,
        accounts=find_accounts(own, folded),
        attachment_claims=attachment_claims(spoken),
        bank_changes=bank_changes(spoken),
        files=files,
        structured=structured,
        cut=cut,
    )
    if not may_be_invoice(about, folded, named):
        return letter
    return _billing(letter, about, named)


def _is_pdf(part: Part) -> bool:
    return part.content_type in ("application/pdf", "application/x-pdf") or part.filename.lower().endswith(".pdf")


def _billing(letter: LetterFacts, about: str, named: Files) -> LetterFacts:
    own, folded = letter.passages.own, letter.passages.folded
    flattened = flat(folded)
    signs = word_signs(about, folded, flattened, named)
    references = find_references(own, folded)
    in_subject = find_references(letter.subject, about)
    amounts = find_amounts(own, folded)
    dates = find_dates(folded, month_first=month_first(folded))
    terms = find_terms(folded, flattened)
    methods = find_methods(
        flattened, has_account=any(account.state is not AccountState.MASKED for account in letter.accounts)
    )
    found: Mapping[Sign, bool] = {
        Sign.NUMBER: bool(references or in_subject),
        Sign.AMOUNT: bool(amounts),
        Sign.TOTAL: any(amount.role in (AmountRole.TOTAL, AmountRole.PENDING) for amount in amounts),
        Sign.DUE: terms is not None or any(date.role is DateRole.DUE for date in dates),
        Sign.ACCOUNT: bool(letter.accounts),
        Sign.METHOD: bool(methods),
    }
    signs.update(sign for sign, there in found.items() if there)
    return LetterFacts(
        letter.subject,
        letter.passages,
        decide(signs, about, folded, flattened),
        frozenset(signs),
        references,
        in_subject,
        amounts,
        dates,
        terms,
        methods,
        letter.accounts,
        letter.attachment_claims,
        letter.bank_changes,
        letter.files,
        letter.structured,
        letter.cut,
    )


def files_of(tree: MimeTree) -> tuple[Part, ...]:
    """The parts that a reader shows as files, without the pictures that the HTML shows (RFC 2392)."""
    return tuple(
        part
        for part in tree.attachments
        if part.disposition == "attachment" or not (part.content_type.startswith("image/") and part.content_id)
    )


def read_message(facts: Facts, limits: Limits) -> dict[type, object]:
    """The facts of this topic for a message: asks nothing. Needs its headers, its MIME tree and its text."""
    tree, body, headers = facts.get(MimeTree), facts.get(BodyText), facts.get(HeaderFacts)
    if not (isinstance(tree, MimeTree) and isinstance(body, BodyText) and isinstance(headers, HeaderFacts)):
        return {}
    files = files_of(tree)
    text = body.html_text if len(body.html_text) > _MORE * len(body.text) else body.text
    letter = read_letter(
        headers.subject,
        text,
        files=files,
        structured=structured_invoices(tree.leaves),
        cut=body.cut or tree.cut is not None or any(defect.kind.is_limit for defect in tree.defects),
        limits=limits,
    )
    return {LetterFacts: letter}
