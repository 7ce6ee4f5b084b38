"""The result and the reason of a signature, one step of RFC 6376 §6.1 after another."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from deliverability.core.limits import DEFAULT_LIMITS, Limits
from deliverability.core.plan import solve
from deliverability.dkim import DkimReason, DkimResult, DkimVerification, Verifier, verify, verify_plan
from deliverability.sources.table import TableSource
from tests.support.signing import key_record, public_key, published, sign

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
DOMAIN = "empresa.example"
KEY_NAME = "s1._domainkey.empresa.example/TXT"
MESSAGE = (
    b"From: Facturas <facturas@empresa.example>\r\n"
    b"To: cuentas@cliente.example\r\n"
    b"Subject: Factura  2026-0042\r\n\tde noviembre\r\n"
    b"Date: Sun, 22 Nov 2026 11:00:00 +0000\r\n"
    b"Message-ID: <2026-0042@empresa.example>\r\n"
    b"\r\n"
    b"Adjuntamos la  factura.\t\r\n\r\nUn saludo\r\n\r\n"
)


def judged(raw: bytes, answers: dict[str, Any] | None = None, **options: Any) -> DkimResult:
    """The only result of a message; its key is published unless `answers` are given."""
    source = TableSource(published(domain=DOMAIN) if answers is None else answers)
    (result,) = verify(raw, now=options.get("now", NOW), source=source)
    return result


def signed(**arguments: Any) -> bytes:
    return sign(MESSAGE, **{"domain": DOMAIN, **arguments})


def reason(**arguments: Any) -> tuple[str, DkimReason]:
    result = judged(signed(**arguments), published(domain=DOMAIN, **arguments))
    return result.result, result.reason


# --- what verifies --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "c", ["simple", "relaxed", "simple/simple", "simple/relaxed", "relaxed/simple", "relaxed/relaxed"]
)
@pytest.mark.parametrize("key", ["rsa1024", "rsa2048", "ed25519"])
@pytest.mark.parametrize("fold", [True, False])
def test_a_signature_verifies(c: str, key: str, fold: bool) -> None:
    result = judged(signed(c=c, key=key, fold=fold), published(domain=DOMAIN, key=key))

    assert (result.result, result.reason) == ("pass", DkimReason.VERIFIED)
    assert (result.domain, result.selector, result.key_name) == (DOMAIN, "s1", "s1._domainkey.empresa.example")
    assert result.body_hash_matches is True
    assert result.signature_matches is True
    assert result.computed_body_hash == result.signature.body_hash


def test_a_message_without_signature_has_no_result() -> None:
    found = solve(verify_plan(MESSAGE, now=NOW), TableSource({}))

    assert found == DkimVerification(())
    assert found.best == "none"


def test_a_message_stored_with_lf_alone_verifies() -> None:
    for c in ("simple/simple", "relaxed/relaxed"):
        assert judged(signed(c=c).replace(b"\r\n", b"\n")).passed


def test_line_ends_mixed_on_the_way_are_read_as_crlf() -> None:
    raw = signed(c="simple/simple")
    head, _, body = raw.partition(b"\r\n\r\n")

    assert judged(head + b"\r\n\r\n" + body.replace(b"\r\n", b"\n", 1)).passed


def test_a_bare_cr_is_content() -> None:
    with_cr = MESSAGE.replace(b"saludo", b"salu\rdo")

    assert judged(sign(with_cr, domain=DOMAIN)).passed
    assert judged(signed().replace(b"saludo", b"salu\rdo")).reason is DkimReason.BODY_HASH


def test_every_signature_has_a_result_and_one_that_passes_is_enough() -> None:
    """dkimpy 1.1.8 looks at the topmost only: broken first, good second is False there (RFC 6376 §6.1)."""
    good = signed()
    both = sign(good, domain="plataforma.example", selector="k2", tags={"bh": "A" * 43 + "="})
    found = solve(
        verify_plan(both, now=NOW),
        TableSource(published(domain=DOMAIN) | published(domain="plataforma.example", selector="k2")),
    )

    assert [(r.domain, r.result) for r in found.results] == [("plataforma.example", "fail"), (DOMAIN, "pass")]
    assert [r.domain for r in found.passed] == [DOMAIN]
    assert found.best == "pass"


def test_rsa_and_ed25519_beside_each_other() -> None:
    raw = sign(signed(), domain=DOMAIN, selector="e1", key="ed25519")
    source = TableSource(published(domain=DOMAIN) | published(domain=DOMAIN, selector="e1", key="ed25519"))

    assert [(r.selector, r.result) for r in verify(raw, now=NOW, source=source)] == [("e1", "pass"), ("s1", "pass")]


def test_the_same_field_twice_is_two_results() -> None:
    raw = signed()
    field = raw[: -len(MESSAGE)]

    assert [r.result for r in verify(field + raw, now=NOW, source=TableSource(published(domain=DOMAIN)))] == [
        "pass"
    ] * 2


def test_the_signature_itself_is_never_one_of_the_fields_it_signs() -> None:
    """RFC 6376 §3.5, h=: dkim-signature names the others only."""
    older = signed(selector="old")
    raw = sign(older, domain=DOMAIN, headers=["from", "subject", "dkim-signature"])
    source = TableSource(published(domain=DOMAIN) | published(domain=DOMAIN, selector="old"))

    assert [r.result for r in verify(raw, now=NOW, source=source)] == ["pass", "pass"]


def test_of_several_fields_with_a_name_the_lowest_is_signed_first() -> None:
    raw = sign(b"To: uno@a.example\r\nTo: dos@a.example\r\n" + MESSAGE, domain=DOMAIN, headers=["from", "to"])

    assert judged(raw).passed
    assert judged(raw.replace(b"uno@", b"one@")).passed
    assert judged(raw.replace(b"cuentas@", b"accounts@")).reason is DkimReason.SIGNATURE


def test_a_name_more_in_h_keeps_fields_from_being_added() -> None:
    """RFC 6376 §5.4.2, §8.15."""
    raw = signed(headers=["from", "subject", "subject"])

    assert judged(raw).passed
    assert judged(b"Subject: otra\r\n" + raw).reason is DkimReason.SIGNATURE
    assert judged(b"Subject: otra\r\n" + signed(headers=["from", "subject"])).passed


def test_names_in_h_are_of_any_case_and_may_have_blanks() -> None:
    assert reason(tags={"h": "FROM : To :\r\n\t Subject"}) == ("pass", DkimReason.VERIFIED)


def test_internationalized_names_are_asked_for_as_a_labels() -> None:
    """RFC 8616 §5."""
    raw = sign(MESSAGE, domain="facturación.example", tags={"i": "ana@facturación.example"})
    (result,) = verify(raw, now=NOW, source=TableSource(published(domain="xn--facturacin-obb.example")))

    assert (result.result, result.domain) == ("pass", "xn--facturacin-obb.example")


# --- the field (RFC 6376 §6.1.1) ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ({"v": None}, ("neutral", DkimReason.MISSING_TAG)),
        ({"v": "2"}, ("neutral", DkimReason.VERSION)),
        ({"v": "1.0"}, ("neutral", DkimReason.VERSION)),
        ({"a": None}, ("neutral", DkimReason.MISSING_TAG)),
        ({"a": "rsa-sha512"}, ("neutral", DkimReason.ALGORITHM)),
        ({"a": "rsa-sha1"}, ("permerror", DkimReason.SHA1)),
        ({"bh": None}, ("neutral", DkimReason.MISSING_TAG)),
        ({"bh": "***"}, ("neutral", DkimReason.SYNTAX)),
        ({"bh": ""}, ("neutral", DkimReason.SYNTAX)),
        ({"c": "nowsp/simple"}, ("neutral", DkimReason.CANONICALIZATION)),
        ({"c": "relaxed/relaxed/relaxed"}, ("neutral", DkimReason.CANONICALIZATION)),
        ({"d": None}, ("neutral", DkimReason.MISSING_TAG)),
        ({"d": "example"}, ("neutral", DkimReason.DOMAIN)),
        ({"d": "empresa..example"}, ("neutral", DkimReason.DOMAIN)),
        ({"d": "empresa.example."}, ("neutral", DkimReason.DOMAIN)),
        ({"d": "-empresa.example"}, ("neutral", DkimReason.DOMAIN)),
        ({"s": ""}, ("neutral", DkimReason.DOMAIN)),
        ({"s": "a b"}, ("neutral", DkimReason.DOMAIN)),
        ({"s": "x" * 64}, ("neutral", DkimReason.DOMAIN)),
        ({"s": ".".join(["x" * 60] * 4)}, ("neutral", DkimReason.DOMAIN)),
        ({"h": None}, ("neutral", DkimReason.MISSING_TAG)),
        ({"h": "to:subject"}, ("permerror", DkimReason.FROM_NOT_SIGNED)),
        ({"h": ":".join(["from"] * 201)}, ("permerror", DkimReason.FIELD_TOO_LARGE)),
        ({"i": "facturas"}, ("neutral", DkimReason.DOMAIN)),
        ({"i": "@otra.example"}, ("neutral", DkimReason.IDENTITY)),
        ({"i": "@xempresa.example"}, ("neutral", DkimReason.IDENTITY)),
        ({"i": "a@b@mail.empresa.example"}, ("pass", DkimReason.VERIFIED)),
        ({"i": "=66acturas=40x@empresa.example"}, ("pass", DkimReason.VERIFIED)),
        ({"l": "-1"}, ("neutral", DkimReason.SYNTAX)),
        ({"l": "9" * 77}, ("neutral", DkimReason.SYNTAX)),
        ({"l": "9" * 76}, ("fail", DkimReason.BODY_TOO_SHORT)),
        ({"l": "٣"}, ("neutral", DkimReason.SYNTAX)),
        ({"q": "dns"}, ("neutral", DkimReason.QUERY)),
        ({"q": "http/x : dns/txt"}, ("pass", DkimReason.VERIFIED)),
        ({"t": "ayer"}, ("neutral", DkimReason.SYNTAX)),
        ({"t": "1" * 13}, ("neutral", DkimReason.SYNTAX)),
        ({"t": "20", "x": "20"}, ("neutral", DkimReason.SYNTAX)),
        ({"t": "20", "x": "10"}, ("neutral", DkimReason.SYNTAX)),
        ({"z": "From:a=40b|Subject:x"}, ("pass", DkimReason.VERIFIED)),
        ({"zz": "unknown tags are passed over"}, ("pass", DkimReason.VERIFIED)),
        ({"t1 2": "no name"}, ("neutral", DkimReason.SYNTAX)),
        ({"q": "dns/txt;"}, ("neutral", DkimReason.SYNTAX)),
        ({"q": "dns/txt; d=otra.example"}, ("neutral", DkimReason.SYNTAX)),
        ({"n": "x" * 17_000}, ("permerror", DkimReason.FIELD_TOO_LARGE)),
    ],
    ids=str,
)  # fmt: skip
def test_each_tag(tags: dict[str, str | None], expected: tuple[str, DkimReason]) -> None:
    assert reason(tags=tags) == expected


def test_a_signature_with_sha1_never_passes() -> None:
    """RFC 8301 §3.1: it has permanently failed, though it would verify."""
    assert reason(algorithm="rsa-sha1") == ("permerror", DkimReason.SHA1)


def test_a_signature_that_is_ignored_asks_for_no_key() -> None:
    result = judged(signed(tags={"h": "to"}))

    assert (result.key_name, result.key_answer, result.computed_body_hash) == (None, None, None)


# --- the key (RFC 6376 §6.1.2) --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ({"fault": "timeout"}, ("temperror", DkimReason.KEY_UNAVAILABLE)),
        ({"fault": "servfail"}, ("temperror", DkimReason.KEY_UNAVAILABLE)),
        ({"fault": "offline"}, ("temperror", DkimReason.KEY_UNAVAILABLE)),
        ({"fault": "nxdomain"}, ("permerror", DkimReason.NO_KEY)),
        ({"fault": "nodata"}, ("permerror", DkimReason.NO_KEY)),
        (["v=spf1 -all"], ("permerror", DkimReason.KEY_SYNTAX)),
        (["v=DKIM1; k=rsa; p="], ("permerror", DkimReason.KEY_REVOKED)),
        (["v=DKIM1; k=rsa; p=AAAA"], ("permerror", DkimReason.KEY_SYNTAX)),
        (["v=DKIM1; k=rsa; p=***"], ("permerror", DkimReason.KEY_SYNTAX)),
        ([key_record("ed25519")], ("permerror", DkimReason.KEY_TYPE)),
        ([key_record("rsa1024")], ("fail", DkimReason.SIGNATURE)),
        ([key_record("rsa768")], ("permerror", DkimReason.KEY_TOO_SHORT)),
        # dkimpy 1.1.8 ignores these restrictions of a key.
        ([key_record(tags="h=sha1")], ("permerror", DkimReason.KEY_HASH)),
        ([key_record(tags="h=sha1:sha256")], ("pass", DkimReason.VERIFIED)),
        ([key_record(tags="s=tlsrpt")], ("permerror", DkimReason.KEY_SERVICE)),
        ([key_record(tags="s=tlsrpt:email")], ("pass", DkimReason.VERIFIED)),
        ([key_record(tags="t=s")], ("pass", DkimReason.VERIFIED)),
        ([f"k=rsa; p={public_key()}; v=DKIM1"], ("permerror", DkimReason.KEY_SYNTAX)),
        ([f"p={public_key()}"], ("pass", DkimReason.VERIFIED)),
        ([f"v=DKIM2; p={public_key()}"], ("permerror", DkimReason.KEY_SYNTAX)),
        # Several records: those that are keys are tried.
        (["v=spf1 -all", key_record()], ("pass", DkimReason.VERIFIED)),
        ([key_record("rsa1024"), key_record()], ("pass", DkimReason.VERIFIED)),
        ([key_record("rsa768"), key_record("rsa1024")], ("fail", DkimReason.SIGNATURE)),
    ],
    ids=lambda value: str(value)[:50],
)  # fmt: skip
def test_each_key(answer: Any, expected: tuple[str, DkimReason]) -> None:
    result = judged(signed(), {KEY_NAME: answer})

    assert (result.result, result.reason) == expected
    # What can be known without the key is known.
    assert result.body_hash_matches is True


def test_the_flag_s_of_a_key_forbids_subdomains_in_i() -> None:
    """RFC 6376 §3.6.1; dkimpy 1.1.8 ignores the flag."""
    below = {"tags": {"i": "@mail.empresa.example"}}

    assert reason(key_tags="t=s", **below) == ("permerror", DkimReason.KEY_STRICT)
    assert reason(**below) == ("pass", DkimReason.VERIFIED)


def test_the_flag_y_of_a_key_is_told_and_changes_nothing() -> None:
    result = judged(signed(), published(domain=DOMAIN, key_tags="t=y"))

    assert (result.result, result.testing) == ("pass", True)


def test_a_key_that_could_not_be_asked_for_hides_nothing_that_is_known() -> None:
    result = judged(signed().replace(b"saludo", b"adios!"), {KEY_NAME: {"fault": "timeout"}})

    assert (result.result, result.body_hash_matches) == ("temperror", False)


# --- the message (RFC 6376 §6.1.3) ----------------------------------------------------------------------------------


def test_a_changed_body_and_a_changed_header_are_told_apart() -> None:
    body = judged(signed().replace(b"saludo", b"adios!"))
    header = judged(signed().replace(b"Subject: Factura", b"Subject: [SPAM] Factura"))
    both = judged(signed().replace(b"saludo", b"adios!").replace(b"Subject: Fac", b"Subject: fac"))

    assert (body.reason, body.body_hash_matches, body.signature_matches) == (DkimReason.BODY_HASH, False, True)
    assert (header.reason, header.body_hash_matches, header.signature_matches) == (DkimReason.SIGNATURE, True, False)
    assert (both.reason, both.body_hash_matches, both.signature_matches) == (DkimReason.BODY_HASH, False, False)


def test_what_stands_beyond_l_is_told() -> None:
    """dkimpy 1.1.8 says True and nothing else (RFC 6376 §8.2)."""
    raw = signed(length=10)
    result = judged(raw + b"Pague en otra cuenta\r\n")

    assert result.passed
    assert result.signature.body_length == 10
    assert result.unsigned_octets == (result.body_octets or 0) - 10 > 0


def test_l_of_the_whole_body_leaves_nothing_unsigned() -> None:
    length = judged(signed()).body_octets
    result = judged(signed(length=length))

    assert (result.result, result.unsigned_octets) == ("pass", 0)


def test_l_zero_signs_nothing_of_the_body() -> None:
    assert judged(signed(length=0).replace(b"saludo", b"adios!")).passed


def test_l_beyond_the_body_is_a_failure() -> None:
    result = judged(signed(tags={"l": 5_000}))

    assert (result.result, result.reason, result.body_hash_matches) == ("fail", DkimReason.BODY_TOO_SHORT, None)


# --- time (RFC 6376 §3.5) -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tag", "seconds", "expected"),
    [
        ("x", 3600, ("pass", DkimReason.VERIFIED)),
        ("x", -200, ("pass", DkimReason.VERIFIED)),  # clocks drift
        ("x", -400, ("policy", DkimReason.EXPIRED)),
        ("t", 200, ("pass", DkimReason.VERIFIED)),
        ("t", 400, ("policy", DkimReason.FUTURE)),
        ("t", -(10**8), ("pass", DkimReason.VERIFIED)),
    ],
)
def test_time(tag: str, seconds: int, expected: tuple[str, DkimReason]) -> None:
    assert reason(tags={tag: int(NOW.timestamp()) + seconds}) == expected


def test_a_signature_that_is_over_and_broken_is_broken() -> None:
    raw = signed(tags={"x": int(NOW.timestamp()) - 10_000}).replace(b"saludo", b"adios!")

    assert judged(raw).reason is DkimReason.BODY_HASH
    assert judged(raw, now=NOW - timedelta(days=1)).reason is DkimReason.BODY_HASH


# --- limits ---------------------------------------------------------------------------------------------------------


def _verify(raw: bytes, limits: Limits, **options: Any) -> DkimVerification:
    source = TableSource(published(domain=DOMAIN))
    return solve(Verifier(limits).verify_plan(raw, now=NOW, **options), source)


def test_signatures_past_the_limit_are_counted() -> None:
    raw = MESSAGE
    for _ in range(13):
        raw = sign(raw, domain=DOMAIN)
    found = _verify(raw, DEFAULT_LIMITS)

    assert [r.result for r in found.results] == ["pass"] * 10
    assert found.not_evaluated == 3


def test_nobody_vouches_for_what_was_not_read() -> None:
    raw = signed()

    for found in (
        _verify(raw, replace(DEFAULT_LIMITS, message_octets=len(raw) - 1)),
        _verify(raw, DEFAULT_LIMITS, cut=True),
    ):
        assert [(r.result, r.reason) for r in found.results] == [("permerror", DkimReason.MESSAGE_TOO_LARGE)]
    (result,) = _verify(raw, replace(DEFAULT_LIMITS, header_fields=3)).results
    assert (result.result, result.reason) == ("permerror", DkimReason.HEADER_TOO_LARGE)


def test_a_verifier_reads_a_key_once() -> None:
    verifier, source = Verifier(), TableSource(published(domain=DOMAIN))
    first = verifier.verify(signed(), now=NOW, source=source)[0]
    second = verifier.verify(signed(c="simple"), now=NOW, source=source)[0]

    assert first.passed
    assert second.passed
    assert first.key is second.key


def test_the_present_is_the_default() -> None:
    raw = signed(tags={"x": 1_000_000_000})

    assert verify(raw, source=TableSource(published(domain=DOMAIN)))[0].reason is DkimReason.EXPIRED
