"""Received fields in the forms of the servers that write them, with documentation names and addresses."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from ipaddress import ip_address
from typing import Any

import pytest

from deliverability.core.limits import Limits
from deliverability.headers.fields import parse
from deliverability.headers.received import Hop
from deliverability.headers.trace import read_trace

TEN = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
DATE = "Sun, 22 Nov 2026 10:00:00 +0100"


def hop_of(value: str) -> Hop:
    return read_trace(parse(f"Received: {value}\r\n\r\n".encode())).hops[0]


FORMS: dict[str, tuple[str, dict[str, Any]]] = {
    "postfix": (
        "from mail.empresa.example (srv1.hosting.example [192.0.2.10])\r\n"
        "\t(using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits)\r\n"
        "\t key-exchange X25519 server-signature RSA-PSS (2048 bits) server-digest SHA256)\r\n"
        "\t(No client certificate requested)\r\n"
        f"\tby mx.cliente.example (Postfix) with ESMTPS id 4VtY7c3bQXz1\r\n\tfor <ana@cliente.example>; {DATE} (CET)",
        {
            "helo": "mail.empresa.example",
            "reverse_name": "srv1.hosting.example",
            "client": ip_address("192.0.2.10"),
            "by": "mx.cliente.example",
            "protocol": "ESMTPS",
            "tls": True,
            "tls_version": "TLS1.3",
            "cipher": "TLS_AES_256_GCM_SHA384",
            "id": "4VtY7c3bQXz1",
            "recipient": "ana@cliente.example",
            "authenticated": False,
            "local": False,
        },
    ),
    "postfix, IPv6, no reverse name, login": (
        "from [IPv6:2001:db8::5] (unknown [IPv6:2001:db8::5]) (Authenticated sender: facturas@empresa.example)"
        f" by smtp.proveedor.example (Postfix) with ESMTPSA id 1; {DATE}",
        {"client": ip_address("2001:db8::5"), "reverse_name": None, "authenticated": True, "tls": True},
    ),
    "postfix, mapped IPv4": (
        f"from a.example (a.example [::ffff:192.0.2.1]) by b.example with ESMTP id 1; {DATE}",
        {"client": ip_address("192.0.2.1"), "tls": False},
    ),
    "postfix, program of the same machine": (
        f"by srv12.hosting.example (Postfix, from userid 33)\r\n\tid 4VtY7; {DATE} (CET)",
        {"local": True, "user": "33", "client": None, "helo": None, "by": "srv12.hosting.example", "tls": None},
    ),
    "exim, address first": (
        "from [192.0.2.1] (port=51234 helo=mail.empresa.example) by mx.cliente.example with esmtps (TLS1.3)"
        " tls TLS_AES_256_GCM_SHA384 (Exim 4.96) (envelope-from <rebotes@empresa.example>)"
        f" id 1rabcd-0001Ab-2C for ana@cliente.example; {DATE}",
        {
            "helo": "mail.empresa.example",
            "reverse_name": None,
            "client": ip_address("192.0.2.1"),
            "tls": True,
            "tls_version": "TLS1.3",
            "cipher": "TLS_AES_256_GCM_SHA384",
            "envelope_from": "rebotes@empresa.example",
            "id": "1rabcd-0001Ab-2C",
            "recipient": "ana@cliente.example",
        },
    ),
    "exim, reverse name first": (
        "from srv1.hosting.example ([192.0.2.1]:5555 helo=[10.0.0.1]) by mx.cliente.example with esmtpsa"
        f" (TLSv1.2:ECDHE-RSA-AES256-GCM-SHA384:256) (Exim 4.82) id x; {DATE}",
        {
            "helo": "[10.0.0.1]",
            "reverse_name": "srv1.hosting.example",
            "tls_version": "TLS1.2",
            "cipher": "ECDHE-RSA-AES256-GCM-SHA384",
            "authenticated": True,
        },
    ),
    "exim, local": (
        "from www-data by srv12.hosting.example with local (Exim 4.96) (envelope-from <www-data@srv12.hosting.example>)"
        f" id 1abc; {DATE}",
        {"local": True, "user": "www-data", "client": None, "tls": None},
    ),
    "sendmail": (
        "from mail.empresa.example (srv1.hosting.example [192.0.2.1] (may be forged)) (authenticated bits=0)"
        " by mx.cliente.example (8.15.2/8.15.2/Debian-22) with ESMTPSA id 4AM9012"
        f" (version=TLSv1.3 cipher=TLS_AES_256_GCM_SHA384 bits=256 verify=NO) for <ana@cliente.example>; {DATE}",
        {"doubted": True, "authenticated": True, "tls_version": "TLS1.3", "reverse_name": "srv1.hosting.example"},
    ),
    "sendmail, local": (
        f"(from www-data@localhost) by srv.empresa.example (8.14.4/8.14.4/Submit) id abc; {DATE}",
        {"local": True, "user": "www-data", "by": "srv.empresa.example"},
    ),
    "qmail": (
        "from unknown (HELO mail.empresa.example) (192.0.2.1) by mx.cliente.example with SMTP; 22 Nov 2026 09:00:00 -0000",
        {"helo": "mail.empresa.example", "reverse_name": None, "tls": None, "unconfirmed": True},
    ),
    "qmail, program of the same machine": (
        "(qmail 1234 invoked by uid 33); 22 Nov 2026 09:00:00 -0000",
        {"local": True, "user": "33", "by": None},
    ),
    "exchange 2010": (
        f"from EX01.corp.local (10.0.0.1) by EX02.corp.local (10.0.0.2) with Microsoft SMTP Server id 14.3.123.3; {DATE}",
        {"client": ip_address("10.0.0.1"), "by_address": ip_address("10.0.0.2"), "tls": False, "id": "14.3.123.3"},
    ),
    "microsoft 365": (
        "from mail.empresa.example (203.0.113.5) by DB5EUR01FT012.mail.protection.outlook.com (10.152.4.1)"
        " with Microsoft SMTP Server (version=TLS1_3, cipher=TLS_AES_256_GCM_SHA384) id 15.20.1.2"
        f" via Frontend Transport; {DATE}",
        {
            "helo": "mail.empresa.example",
            "client": ip_address("203.0.113.5"),
            "reverse_name": None,
            "protocol": "Microsoft SMTP Server",
            "via": "Frontend Transport",
            "tls": True,
            "tls_version": "TLS1.3",
            "id": "15.20.1.2",
        },
    ),
    "gmail": (
        "from mail.empresa.example (mail.empresa.example. [192.0.2.10])\r\n        by mx.google.com with ESMTPS id"
        " a1-20020a170902.123.2026.11.22.01.00.00\r\n        for <ana@cliente.example>\r\n"
        "        (version=TLS1_3 cipher=TLS_AES_256_GCM_SHA384 bits=256/256);\r\n        Sun, 22 Nov 2026 01:00:00 -0800 (PST)",
        {"reverse_name": "mail.empresa.example", "tls": True, "cipher": "TLS_AES_256_GCM_SHA384"},
    ),
    "gmail, inside": (
        f"by 2002:a05:6a00:1:b0:1 with SMTP id k1csp12; {DATE}",
        {"client": None, "helo": None, "protocol": "SMTP"},
    ),
    "yahoo": (
        "from 192.0.2.1 (EHLO mail.empresa.example) by 10.197.36.10 with SMTPs"
        f" (version=TLS1_3 cipher=TLS_AES_128_GCM_SHA256); {DATE}",
        {"helo": "mail.empresa.example", "client": ip_address("192.0.2.1"), "by_address": ip_address("10.197.36.10")},
    ),
    "amazon": (
        "from a8-31.smtp-out.amazonses.com (a8-31.smtp-out.amazonses.com. [192.0.2.31]) by mx.google.com"
        f" with ESMTPS id q1; {DATE}",
        {"reverse_name": "a8-31.smtp-out.amazonses.com", "tls": True},
    ),
    "sendgrid, no semicolon, fractions of a second": (
        "from MTEzNA (unknown) by geopod-ismtpd-1 (SG) with HTTP id abc Sun, 22 Nov 2026 09:00:00.123 +0000 (UTC)",
        {"helo": "MTEzNA", "client": None, "protocol": "HTTP"},
    ),
    "programs in Go": (
        "by recvd-5 with SMTP id recvd-5-x; 2026-11-22 09:00:00.123456 +0000 UTC m=+1.2",
        {"by": "recvd-5"},
    ),
    "zimbra": (
        f"from zimbra.cliente.example (LHLO zimbra.cliente.example) (10.0.0.1) by zimbra.cliente.example with LMTP; {DATE}",
        {"helo": "zimbra.cliente.example", "client": ip_address("10.0.0.1"), "protocol": "LMTP"},
    ),
    "haraka": (
        "from mail.empresa.example (mail.empresa.example [192.0.2.1])\r\n\tby mx.cliente.example (Haraka/3.0.3) with ESMTPS"
        f" id 0E1.1\r\n\tenvelope-from <rebotes@empresa.example>\r\n\ttls TLS_AES_256_GCM_SHA384;\r\n\t{DATE}",
        {"envelope_from": "rebotes@empresa.example", "id": "0E1.1", "cipher": "TLS_AES_256_GCM_SHA384", "tls": True},
    ),
    "courier": (
        "from mail.empresa.example (mail.empresa.example [::ffff:192.0.2.1]) (TLS: TLSv1.3,256bits,TLS_AES_256_GCM_SHA384)"
        f" by mx.cliente.example with ESMTPS id 000001; {DATE}",
        {"client": ip_address("192.0.2.1"), "tls_version": "TLS1.3", "cipher": "TLS_AES_256_GCM_SHA384"},
    ),
    "courier, login": (
        f"from pc ([192.0.2.1]) (AUTH: LOGIN facturas@empresa.example) by mail.empresa.example with ESMTPA id 1; {DATE}",
        {"authenticated": True, "tls": False},
    ),
    "opensmtpd": (
        "from mail.empresa.example (mail.empresa.example [192.0.2.1]) by mx.cliente.example (OpenSMTPD) with ESMTPS id 8a"
        f" (TLSv1.3:TLS_AES_256_GCM_SHA384:256:NO) for <ana@cliente.example>; {DATE}",
        {"tls_version": "TLS1.3", "cipher": "TLS_AES_256_GCM_SHA384", "recipient": "ana@cliente.example"},
    ),
    "communigate": (
        "from [192.0.2.1] (account facturas@empresa.example HELO pc.empresa.example) by mail.empresa.example"
        f" (CommuniGate Pro SMTP 6.3) with ESMTPSA id 7 for ana@cliente.example; {DATE}",
        {"client": ip_address("192.0.2.1"), "helo": "pc.empresa.example", "authenticated": True},
    ),
    "mox": (
        "from mail.empresa.example (mail.empresa.example [192.0.2.1]) by mx.cliente.example ([203.0.113.2]) via tcp with ESMTPS"
        f" id abc (TLS1.3 TLS_AES_128_GCM_SHA256) for <ana@cliente.example>; {DATE}",
        {
            "via": "tcp",
            "by_address": ip_address("203.0.113.2"),
            "tls_version": "TLS1.3",
            "cipher": "TLS_AES_128_GCM_SHA256",
        },
    ),
    "domino": (
        "from mail.empresa.example ([192.0.2.1]) by d1.cliente.example (Lotus Domino Release 8.5.3) with ESMTP"
        f" id 2026112210000512-1 ; {DATE}",
        {"client": ip_address("192.0.2.1"), "reverse_name": None, "id": "2026112210000512-1"},
    ),
    "exchange 2010, TLS without a version": (
        f"from a.example (192.0.2.1) by b.example (10.0.0.2) with Microsoft SMTP Server (TLS) id 14.3.1; {DATE}",
        {"tls": True, "tls_version": "TLS"},
    ),
    "keywords in capitals": (
        f"FROM a.example (a.example [192.0.2.1]) BY b.example WITH ESMTP ID 7 FOR <x@b.example>; {DATE}",
        {"helo": "a.example", "by": "b.example", "protocol": "ESMTP", "id": "7", "recipient": "x@b.example"},
    ),
    "a host called tls is not under TLS": (
        f"from tls.empresa.example (tls.empresa.example [192.0.2.1]) by b.example with ESMTP id 7; {DATE}",
        {"tls": False, "tls_version": None},
    ),
}


@pytest.mark.parametrize("form", FORMS)
def test_form(form: str) -> None:
    value, expected = FORMS[form]
    hop = hop_of(value)

    assert {name: getattr(hop, name) for name in expected} == expected
    assert hop.date is not None
    assert abs((hop.date - TEN).total_seconds()) < 1


def test_nothing_is_made_up_where_nothing_stands() -> None:
    hop = hop_of("")

    assert (hop.helo, hop.client, hop.by, hop.tls, hop.date, hop.local) == (None, None, None, None, None, False)


def test_an_unclosed_comment_hides_what_follows_and_nothing_else() -> None:
    hop = hop_of("from a.example (a.example [192.0.2.1] by b.example; nonsense")

    assert hop.helo == "a.example"
    assert hop.client == ip_address("192.0.2.1")
    assert hop.by is None


def test_delays_are_seconds_and_negative_where_a_clock_is_wrong() -> None:
    trace = read_trace(
        parse(
            b"Received: by c.example with ESMTP; Sun, 22 Nov 2026 10:00:30 +0100\r\n"
            b"Received: by b.example with ESMTP; Sun, 22 Nov 2026 10:05:00 +0100\r\n"
            b"Received: by x.example with ESMTP; someday\r\n"
            b"Received: by a.example with ESMTP; Sun, 22 Nov 2026 09:00:00 +0000\r\n\r\n"
        )
    )

    assert [hop.delay for hop in trace.hops] == [-270.0, 300.0, None, None]
    assert [hop.by for hop in trace.skewed] == ["c.example"]
    assert trace.seconds == 30.0
    assert trace.first is not None
    assert trace.first.by == "a.example"


def test_no_more_fields_are_read_than_the_limit_and_the_rest_is_counted() -> None:
    raw = b"Received: by a.example with ESMTP; Sun, 22 Nov 2026 10:00:00 +0100\r\n" * 12 + b"\r\n"
    trace = read_trace(parse(raw), limits=Limits(received_fields=5))

    assert len(trace.hops) == 5
    assert trace.not_read == 7
    assert trace.first is None, "the hop it began with was not read"


def test_the_zone_of_a_date_counts() -> None:
    hop = hop_of("by a.example with ESMTP; Sun, 22 Nov 2026 10:00:00 -0500")

    assert hop.date == datetime(2026, 11, 22, 10, tzinfo=timezone(timedelta(hours=-5)))
