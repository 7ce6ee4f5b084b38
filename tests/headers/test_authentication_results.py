"""Authentication-Results: RFC 8601 and what is written in its place, and who of its writers is believed."""

from __future__ import annotations

import pytest

from deliverability.core.facts import Receiving
from deliverability.core.span import Span
from deliverability.headers import parse, parse_authentication_results
from deliverability.headers.authentication_results import Property, ResultsDefectKind
from deliverability.headers.boundary import find_boundary
from deliverability.headers.claims import Claims, read_claims
from deliverability.headers.received_spf import parse_received_spf
from deliverability.headers.trace import read_trace


def test_the_strangest_example_of_the_standard() -> None:
    """RFC 8601 Appendix B.7: comments and folds wherever they may stand."""
    read = parse_authentication_results(
        "foo.example.net (foobar) 1 (baz);\r\n    dkim (Because I like it) / 1 (One yay) = (wait for it) fail\r\n"
        "      policy (A dot can go here) . (like that) expired\r\n"
        "      (this surprised me) = (as I wasn't expecting it) 1362471462"
    )
    (result,) = read.results

    assert (read.authserv_id, read.version, read.defects) == ("foo.example.net", 1, ())
    assert (result.method, result.version, result.result) == ("dkim", 1, "fail")
    assert result.properties == (Property("policy", "expired", "1362471462"),)
    assert len(result.comments) == 7


def test_microsoft_365_gives_no_authserv_id() -> None:
    read = parse_authentication_results(
        "spf=pass (sender IP is 192.0.2.1)\r\n smtp.mailfrom=empresa.example; dkim=pass (signature was verified)\r\n"
        " header.d=empresa.example;dmarc=bestguesspass action=none\r\n header.from=empresa.example;compauth=pass reason=100"
    )

    assert read.authserv_id == ""
    assert [(r.method, r.result) for r in read.results] == [
        ("spf", "pass"),
        ("dkim", "pass"),
        ("dmarc", "bestguesspass"),
        ("compauth", "pass"),
    ]
    assert read.results[0].comments == ("sender IP is 192.0.2.1",)
    assert read.results[2].get("action") == "none"
    assert read.results[3].reason == "100"
    assert ResultsDefectKind.NO_ID in {defect.kind for defect in read.defects}


def test_none_means_that_nothing_was_verified() -> None:
    read = parse_authentication_results("example.com 1; none")

    assert read.none
    assert not read.results
    assert not read.defects


@pytest.mark.parametrize(
    ("value", "name", "expected"),
    [
        ("a.example; dkim=pass header.b=abc/d+e==", "header.b", "abc/d+e=="),
        ("a.example; dkim=pass header.i=@empresa.example", "header.i", "@empresa.example"),
        ('a.example; auth=pass smtp.auth="uno dos"@empresa.example', "smtp.auth", "uno dos@empresa.example"),
        ('a.example; iprev=pass policy.iprev="2001:db8::1"', "policy.iprev", "2001:db8::1"),
        ("a.example; iprev=pass policy.iprev=2001:db8::1", "policy.iprev", "2001:db8::1"),
        ("a.example; spf=pass smtp.mailfrom=(c)x@b.example", "smtp.mailfrom", "x@b.example"),
        ("a.example; x-tls=pass version=TLSv1.2", "version", "TLSv1.2"),
        ("a.example; dmarc=pass fulldomain header.from=b.example", "header.from", "b.example"),
        ("a.example; SPF=Pass SMTP.MailFrom=b.example", "smtp.mailfrom", "b.example"),
        ('a.example; spf=pass reason="semi; colon" smtp.mailfrom=b.example', "smtp.mailfrom", "b.example"),
    ],
)
def test_values(value: str, name: str, expected: str) -> None:
    (result,) = parse_authentication_results(value).results

    assert result.result == "pass"
    assert result.get(name) == expected


def test_every_defect_is_told_with_its_place() -> None:
    text = "a.example x; spf; dkim=pass version=1 (unclosed"
    read = parse_authentication_results(text)
    kinds = {defect.kind: defect.span for defect in read.defects}

    assert kinds[ResultsDefectKind.BAD_VERSION] == Span(10, 11)
    assert text[slice(*kinds[ResultsDefectKind.NO_RESULT])] == "spf"
    assert text[slice(*kinds[ResultsDefectKind.NO_TYPE])] == "version=1"
    assert ResultsDefectKind.UNCLOSED in kinds


def test_unknown_methods_are_kept() -> None:
    read = parse_authentication_results("a.example; x-new=fine header.x=1; dara=fail")

    assert [r.method for r in read.results] == ["x-new", "dara"]


def test_arc_fields_carry_their_instance() -> None:
    assert parse_authentication_results("i=2; a.example; spf=pass", arc=True).instance == 2
    without = parse_authentication_results("a.example; spf=pass", arc=True)
    assert without.instance is None
    assert without.authserv_id == "a.example"
    assert without.defects[0].kind is ResultsDefectKind.NO_INSTANCE


def test_more_results_than_anybody_writes_are_cut_and_said() -> None:
    read = parse_authentication_results("a.example" + "; spf=pass" * 500)

    assert len(read.results) == 100
    assert ResultsDefectKind.TOO_MANY in {defect.kind for defect in read.defects}


# --- who is believed ------------------------------------------------------------------------------------------------

DATE = "; Sun, 22 Nov 2026 10:00:00 +0100\r\n"
REAL = f"Received: from mail.empresa.example (mail.empresa.example [192.0.2.10]) by mx.cliente.example with ESMTPS id 1{DATE}"
INNER = f"Received: from app (app [10.0.0.1]) by mail.empresa.example with ESMTP id 2{DATE}"
SAYS = "Authentication-Results: {}; dmarc=fail header.from=empresa.example\r\n"


def claims_of(section: str, *ids: str, hosts: tuple[str, ...] = ()) -> Claims:
    headers = parse(f"{section}\r\n".encode())
    receiving = Receiving(authserv_ids=ids, boundary_hosts=hosts)
    trace = read_trace(headers)
    return read_claims(headers, trace, find_boundary(trace, receiving), receiving)


@pytest.mark.parametrize(
    ("section", "believed"),
    [
        (SAYS.format("mx.cliente.example") + REAL + INNER, True),
        (SAYS.format("whatever.yahoo.example") + REAL + INNER, True),  # above the boundary nobody else writes
        (REAL + SAYS.format("mx.cliente.example") + INNER, True),  # Gmail and milters write below their Received
        (REAL + SAYS.format("cliente.example") + INNER, True),
        (REAL + SAYS.format("mx.otro.example") + INNER, False),
        (REAL + INNER + SAYS.format("mx.cliente.example"), False),  # forged, below the boundary
        (REAL + SAYS.format("(nobody)") + INNER, False),
        (SAYS.format("mx.cliente.example"), False),  # no Received field at all: anybody may have written it
    ],
)
def test_without_a_word_from_the_user(section: str, believed: bool) -> None:
    claims = claims_of(section)

    assert bool(claims.trusted) is believed
    assert bool(claims.untrusted) is not believed
    assert bool(claims.results("dmarc")) is believed


def test_only_the_ids_that_were_told_count() -> None:
    section = (
        SAYS.format("filtro.example") + SAYS.format("cliente.example") + REAL + INNER + SAYS.format("cliente.example")
    )
    claims = claims_of(section, "cliente.example")

    assert [claim.said.authserv_id for claim in claims.trusted] == ["cliente.example"]
    assert len(claims.untrusted) == 2, "another id, and one below the boundary"


def test_the_upper_of_two_believed_fields_counts() -> None:
    upper = "Authentication-Results: mx.cliente.example; dmarc=pass header.from=empresa.example\r\n"
    claims = claims_of(upper + REAL + SAYS.format("mx.cliente.example"))

    assert [judged.result.result for judged in claims.results("dmarc")] == ["pass"]


def test_a_boundary_that_was_told_wrongly_believes_nobody_below_the_top() -> None:
    claims = claims_of(REAL + SAYS.format("mx.cliente.example"), hosts=("mx.otro.example",))

    assert not claims.trusted


# --- Received-SPF ---------------------------------------------------------------------------------------------------


def test_received_spf() -> None:
    read = parse_received_spf(
        b"Pass (mx.cliente.example: domain of a@b.example designates 192.0.2.1) receiver=mx.cliente.example;\r\n client-ip=192.0.2.1;"
        b' envelope-from="a@b.example"; helo=mail.b.example;'
    )

    assert read.result == "pass"
    assert str(read.client) == "192.0.2.1"
    assert read.get("envelope-from") == "a@b.example"
    assert read.get("helo") == "mail.b.example"
    assert read.writer == "mx.cliente.example"


@pytest.mark.parametrize(
    ("value", "result"), [("", ""), ("error", "temperror"), ("weird (x)", ""), ("SoftFail;", "softfail")]
)
def test_received_spf_words(value: str, result: str) -> None:
    assert parse_received_spf(value).result == result
