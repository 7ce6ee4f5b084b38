"""Whatever the octets, the fields of the way and of the verdicts are read; time grows with length and no faster."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deliverability.content.classify import classify, fold
from deliverability.core.facts import Envelope, Receiving
from deliverability.headers import parse, parse_authentication_results
from deliverability.headers.boundary import find_boundary
from deliverability.headers.claims import TrustedPart
from deliverability.headers.facts import read_headers
from deliverability.headers.received_spf import parse_received_spf
from deliverability.headers.scan import scan
from deliverability.headers.session import complete_envelope, read_path
from deliverability.headers.trace import read_trace
from deliverability.headers.unsubscribe import read_list_headers
from deliverability.headers.verdicts import read_verdicts
from tests.support.growth import takes_less_than

pieces = st.sampled_from([
    "from", "by", "with", "id", "for", "via", "tls", ";", "(", ")", "[", "]", "[192.0.2.1]", "[IPv6:2001:db8::1]", "<a@b.example>", '"',
    "\\", "=", ".", "/", " ", "\r\n ", "helo=x", "HELO", "ESMTPS", "envelope-from", "Sun, 22 Nov 2026 10:00:00 +0100", "spf=pass", "none",
    "smtp.mailfrom=", "reason=", "a.example", "1", "i=1", "tests=", "A_B=1.0", ",", "score=", "required=", "https://", "mailto:", "<", ">",
    "unknown", "(qmail 1 invoked by uid 33)", "ñ", "\x00", "%", "@", "::", "999999999999999999", "-0000", "SCL:5", "SFV:SPM", "[1.0 / 15.0]",
])  # fmt: skip
values = st.one_of(
    st.text(max_size=200), st.lists(pieces, max_size=30).map(" ".join), st.lists(pieces, max_size=30).map("".join)
)
names = st.sampled_from([
    "Received", "Return-Path", "Authentication-Results", "Received-SPF", "X-Spam-Status", "X-Spamd-Result", "X-Spam-Level",
    "X-Forefront-Antispam-Report", "X-Microsoft-Antispam", "X-Barracuda-Spam-Status", "X-Proofpoint-Spam-Details", "List-Unsubscribe",
    "List-Unsubscribe-Post", "List-Id", "Precedence", "Subject", "X-Spam-Checker-Version", "X-Rspamd-Server",
])  # fmt: skip
sections = st.lists(st.tuples(names, values), max_size=8).map(
    lambda fields: "".join(f"{name}: {value}\r\n" for name, value in fields).encode("utf-8", "surrogatepass") + b"\r\n"
)


@given(sections, st.lists(st.one_of(values, st.just("a.example"), st.just("192.0.2.1")), max_size=3))
def test_whole_sections_never_raise(raw: bytes, told: list[str]) -> None:
    headers = parse(raw)
    receiving = Receiving(authserv_ids=tuple(told), boundary_hosts=tuple(told))
    trace = read_trace(headers)
    boundary = find_boundary(trace, receiving)
    envelope = complete_envelope(Envelope(), headers, receiving)

    assert len(trace.hops) == len(headers.all("Received"))
    if envelope.client_ip is not None:
        assert boundary.hop is not None
        assert envelope.client_ip == boundary.hop.client
    lists = read_list_headers(headers)
    for defect in lists.defects:
        assert 0 <= defect.span.start <= defect.span.end <= max(len(defect.field.text), 1)
    for verdict in read_verdicts(headers, TrustedPart(len(raw), len(raw))).verdicts:
        assert verdict.trusted
    classify(read_headers(headers), lists, receiving)


@given(values, st.booleans())
def test_authentication_results_never_raise_and_point_into_the_text(value: str, arc: bool) -> None:
    read = parse_authentication_results(value, arc=arc)

    for defect in read.defects:
        assert 0 <= defect.span.start <= defect.span.end <= len(value)
    for result in read.results:
        assert result.method == result.method.lower()
    parse_received_spf(value)
    read_path(value.encode("utf-8", "replace"))
    fold(value)


words = st.text("abcdefghijklmnopqrstuvwxyz0123456789-", min_size=1, max_size=12)


@given(words, st.lists(st.tuples(words, words, words, words), max_size=6))
def test_a_plain_field_is_read_back(host: str, results: list[tuple[str, str, str, str]]) -> None:
    text = f"{host}.example" + "".join(f"; {m}={r} smtp.{n}={v}" for m, r, n, v in results)
    read = parse_authentication_results(text)

    assert read.authserv_id == f"{host}.example"
    assert [(r.method, r.result, *r.properties[0]) for r in read.results] == [
        (m, r, "smtp", n, v) for m, r, n, v in results
    ]


@given(values)
def test_tokens_lie_in_order_and_within_the_text(value: str) -> None:
    for pairs in (False, True):
        at = 0
        for token in scan(value, pairs=pairs).tokens:
            assert at <= token.start < token.end <= len(value)
            at = token.end


def _received(text: str) -> object:
    return read_trace(parse(f"Received: {text}\r\n\r\n".encode()))


def _lists(text: str) -> object:
    return read_list_headers(parse(f"List-Unsubscribe: {text}\r\nList-Id: {text}\r\n\r\n".encode()))


def _verdicts(text: str) -> object:
    names = ("X-Spam-Status", "X-Spamd-Result", "X-Forefront-Antispam-Report", "X-Barracuda-Spam-Status")
    section = "".join(f"{name}: {text}\r\n" for name in names)
    return read_verdicts(parse(f"{section}\r\n".encode()), TrustedPart(9, 9))


HOSTILE = ["(", "((((a", ")", '"', "\\", "=", "a=", "; ", "from ", "by ", "[", "[1", "<", "<a", ", ", " ", "\t", "helo=", "envelope-from ", "TLS ",
           "cipher ", "1 Nov ", "Mon ", "tests=", "A_", "a" * 40 + " ", "@", "%40", "a@", "Authenticated ", "with ", "::", "10 ", "- "]  # fmt: skip


@pytest.mark.parametrize(
    "read", [_received, _lists, _verdicts, parse_authentication_results, parse_received_spf], ids=lambda f: f.__name__
)
@pytest.mark.parametrize("piece", HOSTILE)
def test_time_grows_with_length_and_no_faster(read: Callable[[str], object], piece: str) -> None:
    long = piece * (60_000 // len(piece))

    assert takes_less_than(5, lambda: read(long))
