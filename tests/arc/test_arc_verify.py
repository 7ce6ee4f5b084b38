"""The status of a chain, one step of RFC 8617 §5.2 after another. The published suite is in conformance/."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from deliverability import arc
from deliverability.arc import ArcReason, ArcResult, ChainDefectKind
from deliverability.core.limits import DEFAULT_LIMITS
from deliverability.core.plan import solve
from deliverability.dkim import DkimReason
from deliverability.sources.table import TableSource
from tests.support.signing import key_record, published, seal, sign

MESSAGE = (
    b"From: facturas@empresa.example\r\nTo: lista@lista.example\r\nSubject: Factura\r\n"
    b"Date: Sun, 22 Nov 2026 11:00:00 +0000\r\n\r\nAdjuntamos la factura.\r\n"
)
KEYS = published(domain="lista.example") | published(domain="reenvio.example", selector="r1")


def chain(count: int, **last: Any) -> bytes:
    """A message that came through so many forwarders; `last` are arguments of the last seal."""
    raw = MESSAGE
    for instance in range(1, count + 1):
        options = last if instance == count else {}
        where = {"domain": "lista.example"} if instance % 2 else {"domain": "reenvio.example", "selector": "r1"}
        raw = seal(raw, instance=instance, **{**where, **options})
    return raw


def judged(raw: bytes, answers: dict[str, Any] | None = None) -> ArcResult:
    return arc.verify(raw, source=TableSource(KEYS if answers is None else answers))


def test_a_message_without_chain() -> None:
    result = judged(MESSAGE)

    assert (result.result, result.reason, result.checks) == ("none", ArcReason.NONE, ())


@pytest.mark.parametrize("count", [1, 2, 5])
def test_a_whole_chain_passes(count: int) -> None:
    result = judged(chain(count))

    assert (result.result, result.reason, result.oldest_pass) == ("pass", ArcReason.VALID, 0)
    assert [check.instance for check in result.seals] == list(range(count, 0, -1))


def test_a_chain_of_fifty_passes_and_one_more_fails() -> None:
    fifty = chain(50)

    assert judged(fifty).result == "pass"
    result = judged(seal(fifty, instance=51, domain="lista.example"))
    assert (result.result, result.reason) == ("fail", ArcReason.TOO_MANY)


def test_a_message_that_a_forwarder_changed_before_sealing() -> None:
    """RFC 8617 §5.2 step 5: the older message signature breaks and tells how far back the message is unchanged."""
    raw = seal(chain(1).replace(b"Subject: Factura", b"Subject: [lista] Factura"), instance=2, domain="lista.example")
    result = judged(raw)

    assert (result.result, result.oldest_pass) == ("pass", 2)
    assert [check.reason for check in result.message_signatures] == [DkimReason.VERIFIED, DkimReason.SIGNATURE]


def test_a_change_after_the_last_seal_breaks_the_chain() -> None:
    body = judged(chain(2).replace(b"la factura", b"LA factura"))
    header = judged(chain(2).replace(b"Subject: Factura", b"Subject: FACTURA"))

    assert (body.result, body.reason) == ("fail", ArcReason.MESSAGE_SIGNATURE)
    assert body.broken is not None
    assert body.broken.reason is DkimReason.BODY_HASH
    assert header.broken is not None
    assert (header.broken.instance, header.broken.reason) == (2, DkimReason.SIGNATURE)


def test_a_changed_record_of_results_breaks_its_seal() -> None:
    result = judged(
        chain(2).replace(b"i=1; lista.example;\r\n\tarc=none; spf=pass", b"i=1; lista.example;\r\n\tarc=none; spf=fail")
    )

    assert (result.result, result.reason) == ("fail", ArcReason.SEAL)


def test_the_newest_seal_may_give_up() -> None:
    assert judged(chain(2, cv="fail")).reason is ArcReason.MARKED


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        (chain(1, cv="pass"), ChainDefectKind.CHAIN_VALUE),
        (chain(2, cv="none"), ChainDefectKind.CHAIN_VALUE),
        (chain(1).partition(b"\r\n")[2], ChainDefectKind.MISSING),
        (chain(1).partition(b"\r\n")[0] + b"\r\n" + chain(1), ChainDefectKind.REPEATED),
        (seal(MESSAGE, instance=2, domain="lista.example"), ChainDefectKind.GAP),
        (b"ARC-Seal: i=0; cv=none\r\n" + chain(1), ChainDefectKind.INSTANCE),
        (b"ARC-Seal: i=x\r\n" + chain(1), ChainDefectKind.INSTANCE),
        (b"ARC-Authentication-Results: lista.example; i=2; none\r\n" + chain(1), ChainDefectKind.INSTANCE),
    ],
)  # fmt: skip
def test_structure(raw: bytes, kind: ChainDefectKind) -> None:
    result = judged(raw, {})  # it asks for nothing

    assert (result.result, result.reason) == ("fail", ArcReason.STRUCTURE)
    assert kind in {defect.kind for defect in result.chain.defects}


@pytest.mark.parametrize("fault", ["timeout", "servfail", "offline"])
def test_a_key_that_could_not_be_asked_for_is_a_failure_that_is_told_apart(fault: str) -> None:
    """RFC 8617 §5.2.1 makes it permanent; nobody may call it the forwarder's fault."""
    result = judged(chain(1), {"s1._domainkey.lista.example/TXT": {"fault": fault}})

    assert (result.result, result.unavailable) == ("fail", True)


def test_a_missing_and_a_short_key() -> None:
    missing = judged(chain(1), {"s1._domainkey.lista.example/TXT": {"fault": "nxdomain"}})
    short = judged(chain(1, key="rsa768"), {"s1._domainkey.lista.example/TXT": [key_record("rsa768")]})

    assert missing.broken is not None
    assert (missing.broken.reason, missing.unavailable) == (DkimReason.NO_KEY, False)
    assert short.broken is not None
    assert short.broken.reason is DkimReason.KEY_TOO_SHORT


def test_a_seal_may_not_have_h() -> None:
    """RFC 8617 §4.1.3."""
    result = judged(chain(1).replace(b"ARC-Seal: i=1;", b"ARC-Seal: i=1; h=from;"))

    assert (result.result, result.reason) == ("fail", ArcReason.SEAL)


def test_ed25519() -> None:
    assert judged(chain(1, key="ed25519"), published(domain="lista.example", key="ed25519")).result == "pass"


def test_the_key_of_a_hop_is_asked_for_once() -> None:
    asked = []

    class Asked(TableSource):
        def answer(self, question: Any) -> Any:
            asked.append(question.name)
            return super().answer(question)

    assert arc.verify(chain(4), source=Asked(KEYS)).result == "pass"
    assert sorted(asked) == ["r1._domainkey.reenvio.example", "s1._domainkey.lista.example"]


def test_nobody_vouches_for_a_chain_that_was_not_read_whole() -> None:
    raw = chain(1)

    for plan in (
        arc.verify_plan(raw, cut=True),
        arc.verify_plan(raw, limits=replace(DEFAULT_LIMITS, message_octets=100)),
        arc.verify_plan(raw, limits=replace(DEFAULT_LIMITS, header_fields=4)),
    ):
        result = solve(plan, TableSource(KEYS))
        assert (result.result, result.reason) == ("fail", ArcReason.MESSAGE_CUT)


def test_a_dkim_signature_below_the_chain_is_left_alone() -> None:
    raw = seal(sign(MESSAGE, domain="empresa.example"), instance=1, domain="lista.example")

    assert judged(raw).result == "pass"
