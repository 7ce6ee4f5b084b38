"""The facts of reputation files for an audit: what is about its domain and addresses, and who blocks them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from deliverability.core.questions import IPAddress
from deliverability.core.text import Text
from deliverability.dnsbl.facts import BlockDegree, ReceiverBlock, ReceiverBlocks
from deliverability.feedback.facts import AddressBlock, Reputation, ReputationFile, Verdict, Window, windows
from deliverability.feedback.values import read_address

_SUPPORT = {
    "Outlook.com": "https://olcsupport.office.com/",
    "Gmail": "https://support.google.com/mail/contact/gmail_bulk_sender_escalation",
}
_DEGREES = {Verdict.BAD: BlockDegree.JUNKED, Verdict.DOUBTED: BlockDegree.DOUBTED}
_MOST_TARGETS = 50


def reputation_facts(
    files: tuple[ReputationFile, ...], today: date, *, domain: str = "", address: IPAddress | None = None
) -> dict[type, object]:
    """`Reputation` and `ReceiverBlocks`, as far as the files are about the domain or the address; nothing without files."""
    if not files:
        return {}
    reputation = Reputation(files).about(domain=domain, address=address)
    return {Reputation: reputation, ReceiverBlocks: _receiver_blocks(reputation, today)}


def _receiver_blocks(reputation: Reputation, today: date) -> ReceiverBlocks:
    views = windows(reputation.days)
    stale = {(view.file, str(view.newest)) for view in views if view.is_stale(today)}
    fresh = [view for view in views if not view.is_stale(today)]
    blocks = [*_of_ranges(reputation), *_of_refusals(reputation), *(b for view in fresh for b in _of_verdict(view))]
    good = [view.subject for view in fresh if view.subject and view.days[0].verdict is Verdict.GOOD]
    return ReceiverBlocks(
        tuple(dict.fromkeys(blocks)), tuple(dict.fromkeys(good[:_MOST_TARGETS])), tuple(sorted(stale))
    )


def _of_ranges(reputation: Reputation) -> Iterator[ReceiverBlock]:
    for file, one in reputation.blocks:
        yield ReceiverBlock(
            one.receiver,
            one.shown,
            BlockDegree.BLOCKED if one.blocked else BlockDegree.JUNKED,
            _said(one),
            _SUPPORT.get(one.receiver, ""),
            file,
            one.line,
            f"{one.shown} {one.reason}".strip(),
            one.first,
            one.last,
        )


def _said(block: AddressBlock) -> Text:
    text = block.reason or ("blocked" if block.blocked else "junked")
    return Text(text, text)


def _of_refusals(reputation: Reputation) -> Iterator[ReceiverBlock]:
    """One block for each receiver and address, however many bounces tell of it."""
    seen: set[tuple[str, str]] = set()
    for file, one in reputation.refusals("BL018"):
        target = str(one.address) if one.address is not None else one.receiver
        if (one.receiver, target) in seen:
            continue
        seen.add((one.receiver, target))
        said = Text(f"{one.meaning.en} ({one.code})", f"{one.meaning.es} ({one.code})")
        yield ReceiverBlock(
            one.receiver,
            target,
            BlockDegree.BLOCKED,
            said,
            one.page,
            file,
            one.line,
            one.text,
            one.address,
            one.address,
        )


def _of_verdict(view: Window) -> Iterator[ReceiverBlock]:
    newest = view.days[0]
    degree = _DEGREES.get(newest.verdict) if newest.verdict is not None else None
    if degree is None:
        return
    day = f", {newest.day}" if newest.day else ""
    said = Text(f"{newest.word}{day}", f"{newest.word}{day}")
    address = read_address(view.subject)
    target = view.subject or view.receiver
    page = _SUPPORT.get(view.receiver, "")
    yield ReceiverBlock(
        view.receiver,
        target,
        degree,
        said,
        page,
        view.file,
        newest.line,
        f"{view.subject} {newest.word}{day}",
        address,
        address,
    )
