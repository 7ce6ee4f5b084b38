"""Which Received field tells the SMTP client: the receiver's boundary, and never a line that came with the message."""

from __future__ import annotations

from ipaddress import ip_address

import pytest

from deliverability.core.facts import Envelope, EnvelopeOrigin, Receiving
from deliverability.headers.boundary import Boundary, BoundaryReason, find_boundary
from deliverability.headers.fields import parse
from deliverability.headers.session import complete_envelope, read_path
from deliverability.headers.trace import read_trace

DATE = "; Sun, 22 Nov 2026 10:00:00 +0100"
#: The hop that is true in most of these: a stranger brought the message to the receiver.
REAL = f"Received: from mail.empresa.example (mail.empresa.example [192.0.2.10]) by mx.cliente.example (Postfix) with ESMTPS id 1{DATE}\r\n"
FORGED = f"Received: from mail.banco.example (mail.banco.example [198.51.100.99]) by mx.cliente.example (Postfix) with ESMTPS id 2{DATE}\r\n"
NOTHING = Envelope()


def envelope_of(section: str, receiving: Receiving | None = None, given: Envelope = NOTHING) -> Envelope:
    return complete_envelope(given, parse(f"{section}\r\n".encode()), receiving or Receiving())


def boundary_of(section: str, *hosts: str) -> Boundary:
    return find_boundary(read_trace(parse(f"{section}\r\n".encode())), Receiving(boundary_hosts=hosts))


def test_the_client_of_the_first_hop_from_outside() -> None:
    envelope = envelope_of(REAL)

    assert envelope.client_ip == ip_address("192.0.2.10")
    assert envelope.helo == "mail.empresa.example"
    assert envelope.origin is EnvelopeOrigin.RECEIVED


@pytest.mark.parametrize(
    "inner",
    [
        f"Received: from mx.cliente.example (mx.cliente.example [10.1.2.3]) by buzones.cliente.example with LMTP{DATE}\r\n",
        f"Received: from localhost (localhost [127.0.0.1]) by mx.cliente.example (Postfix) with ESMTP id 3{DATE}\r\n",
        f"Received: by 2002:a05:6a00:1:b0:1 with SMTP id k1{DATE}\r\n",
        f"Received: from mx.cliente.example ([203.0.113.7]) by buzones.cliente.example with LMTP id 3{DATE}\r\n",
        f"Received: from mx.cliente.example by p111-mailgateway-smtp-6f (mailgateway 2026B4) with SMTP id 4{DATE}\r\n",
        f"Received: from mx.cliente.example [203.0.113.7] by localhost with IMAP (fetchmail-6.4) for ana@localhost{DATE}\r\n",
        f"Received: from a.cliente.example ([fe80::1]) by b.cliente.example ([fe80::2]) with mapi id 15.1{DATE}\r\n",
        f"Received: from mx.cliente.example (mx.cliente.example [203.0.113.7]) by buzon.cliente.example with ESMTPS{DATE}\r\n",
    ],
)
def test_hops_inside_the_receiver_are_passed(inner: str) -> None:
    assert envelope_of(inner + REAL).client_ip == ip_address("192.0.2.10")


def test_a_received_field_below_the_boundary_is_never_used() -> None:
    assert envelope_of(REAL + FORGED).client_ip == ip_address("192.0.2.10")


@pytest.mark.parametrize(
    "own_claim",
    [
        "from mx.cliente.example (unknown [198.51.100.66])",  # says the receiver's own name in HELO
        "from mx.cliente.example (mx.cliente.example [198.51.100.66] (may be forged))",  # and has it as reverse name
        "from mx.cliente.example (198-51-100-66.red.cliente.example [198.51.100.66])",
        "from 198-51-100-66.red.cliente.example (198-51-100-66.red.cliente.example [198.51.100.66])",
        "from mx.cliente.example (HELO mx.cliente.example) (198.51.100.66)",  # qmail does not look whether it leads back
        "from mx.cliente.example (198.51.100.66)",
    ],
)
def test_who_only_claims_to_be_the_receiver_is_the_client(own_claim: str) -> None:
    """The forged hop below would be believed if the name said in HELO were enough to pass the true one."""
    top = f"Received: {own_claim} by mx.cliente.example with ESMTPS id 5{DATE}\r\n"
    below = FORGED.replace("by mx.cliente.example", "by 198-51-100-66.red.cliente.example")
    for forged in (FORGED, below):
        assert envelope_of(top + forged).client_ip == ip_address("198.51.100.66")


def test_a_server_that_writes_no_addresses_is_not_passed_by_name() -> None:
    """Its name is a full one, so it may face the Internet; who the client was is then not known, and nobody is guessed."""
    top = f"Received: from mx.cliente.example by correo.cliente.example with SMTP id 4{DATE}\r\n"

    assert envelope_of(top + FORGED).client_ip is None


def test_a_provider_whose_customers_send_from_its_own_domain_is_not_inside_itself() -> None:
    sent = f"Received: from mail-sor-f41.google.com (mail-sor-f41.google.com. [198.51.100.41]) by mx.google.com with SMTPS id a1{DATE}\r\n"
    below = f"Received: from x (x.google.com. [203.0.113.1]) by mail-sor-f41.google.com with ESMTPS id 2{DATE}\r\n"

    assert envelope_of(sent + below).client_ip == ip_address("198.51.100.41")


def test_microsoft_relays_are_inside_and_another_tenant_is_not() -> None:
    inner = (
        f"Received: from AM0PR01.eurprd01.prod.exchangelabs.com (2603:10a6:208:1::13) by DB5PR01.eurprd01.prod.outlook.com"
        f" with HTTPS{DATE}\r\n"
        f"Received: from DB5EUR01FT012.eop-EUR01.prod.protection.outlook.com (2603:10a6:10:20:cafe::1) by"
        f" AM0PR01.outlook.office365.com (2603:10a6:208::9) with Microsoft SMTP Server (version=TLS1_3,"
        f" cipher=TLS_AES_256_GCM_SHA384) id 15.20.1 via Frontend Transport{DATE}\r\n"
    )
    tenant = (
        f"Received: from EUR05-DB8-obe.outbound.protection.outlook.com (198.51.100.40) by"
        f" DB5EUR01FT012.mail.protection.outlook.com (10.152.4.1) with Microsoft SMTP Server (version=TLS1_3,"
        f" cipher=TLS_AES_256_GCM_SHA384) id 15.20.2 via Frontend Transport{DATE}\r\n"
    )
    assert envelope_of(inner + tenant + FORGED).client_ip == ip_address("198.51.100.40")


def test_who_logged_in_at_the_receiver_met_no_spf_check() -> None:
    section = (
        f"Received: from pc (pc.example [198.51.100.1]) by mail.empresa.example (Postfix) with ESMTPSA id 1{DATE}\r\n"
    )

    assert boundary_of(section).reason is BoundaryReason.SUBMITTED
    assert envelope_of(section).client_ip is None


def test_what_a_program_of_the_same_machine_handed_over_has_no_client() -> None:
    section = f"Received: by mx.cliente.example (Postfix, from userid 33) id 9{DATE}\r\n"

    assert boundary_of(section + FORGED).reason is BoundaryReason.LOCAL
    assert envelope_of(section + FORGED).client_ip is None


def test_a_filter_on_a_host_that_was_named_may_hand_over_locally() -> None:
    section = f"Received: by mx.cliente.example (Postfix, from userid 111) id 9{DATE}\r\n"

    assert boundary_of(section + REAL, "mx.cliente.example").hop is not None
    assert envelope_of(section + REAL, Receiving(boundary_hosts=("cliente.example",))).client_ip == ip_address(
        "192.0.2.10"
    )


def test_a_relay_that_the_user_named_is_passed() -> None:
    relay = f"Received: from filtro.proveedor.example (filtro.proveedor.example [203.0.113.5]) by mx.cliente.example with ESMTPS{DATE}\r\n"
    taken = f"Received: from mail.empresa.example (mail.empresa.example [192.0.2.10]) by filtro.proveedor.example with ESMTPS{DATE}\r\n"

    assert envelope_of(relay + taken).client_ip == ip_address("203.0.113.5"), "nobody said that it is the receiver's"
    for hosts in (
        ("cliente.example", "proveedor.example"),
        ("cliente.example", "203.0.113.5", "filtro.proveedor.example"),
    ):
        told = Receiving(boundary_hosts=hosts)
        assert envelope_of(relay + taken, told).client_ip == ip_address("192.0.2.10")


def test_a_name_told_and_forged_does_not_open_the_way() -> None:
    """The client says the name of the relay that the user told, and even has it as an unconfirmed reverse name."""
    top = (
        f"Received: from filtro.proveedor.example (unknown [198.51.100.66]) by mx.cliente.example with ESMTPS{DATE}\r\n"
    )
    forged = FORGED.replace("by mx.cliente.example", "by filtro.proveedor.example")

    told = Receiving(boundary_hosts=("cliente.example", "proveedor.example"))
    assert envelope_of(top + forged, told).client_ip == ip_address("198.51.100.66")


def test_hosts_that_never_received_it_give_no_client() -> None:
    assert boundary_of(REAL, "mx.otro.example").reason is BoundaryReason.NOT_PASSED
    assert envelope_of(REAL, Receiving(boundary_hosts=("mx.otro.example",))).client_ip is None


def test_what_the_caller_told_comes_first_and_each_value_by_itself() -> None:
    given = Envelope(ip_address("203.0.113.1"), None, "dicho.example", EnvelopeOrigin.GIVEN)
    envelope = envelope_of("Return-Path: <rebotes@empresa.example>\r\n" + REAL, given=given)

    assert envelope.client_ip == ip_address("203.0.113.1")
    assert envelope.helo == "dicho.example"
    assert envelope.mail_from == "rebotes@empresa.example"
    assert envelope.mail_from_origin is EnvelopeOrigin.RETURN_PATH


def test_the_helo_of_another_client_is_not_given_to_the_one_told() -> None:
    given = Envelope(ip_address("203.0.113.1"), origin=EnvelopeOrigin.GIVEN)

    assert envelope_of(REAL, given=given).helo is None
    same = Envelope(ip_address("192.0.2.10"), origin=EnvelopeOrigin.GIVEN)
    assert envelope_of(REAL, given=same).helo == "mail.empresa.example"


@pytest.mark.parametrize(
    ("section", "expected"),
    [
        ("Return-Path: <rebotes@empresa.example>\r\n" + REAL, "rebotes@empresa.example"),
        (REAL + "Return-Path: <rebotes@empresa.example>\r\n", "rebotes@empresa.example"),  # Gmail
        (REAL + FORGED + "Return-Path: <x@banco.example>\r\n", None),  # came with the message
        ("Return-Path: <>\r\n" + REAL, ""),
        ("Return-Path: rebotes@empresa.example\r\n" + REAL, "rebotes@empresa.example"),
        ("Return-Path: <a@uno.example>\r\nReturn-Path: <b@dos.example>\r\n" + REAL, "a@uno.example"),
        (REAL.replace("id 1", "(envelope-from <x@empresa.example>) id 1"), "x@empresa.example"),
        (
            "Received-SPF: pass (mx.cliente.example: ok) client-ip=192.0.2.10; envelope-from=y@empresa.example;\r\n"
            + REAL,
            "y@empresa.example",
        ),
        (
            "Authentication-Results: mx.cliente.example; spf=pass smtp.mailfrom=z@empresa.example\r\n" + REAL,
            "z@empresa.example",
        ),
        (REAL + FORGED + "Received-SPF: pass client-ip=192.0.2.10; envelope-from=y@banco.example;\r\n", None),
        (REAL + "Received-SPF: pass (mx.otro.example: ok) envelope-from=y@banco.example;\r\n", None),
    ],
)
def test_mail_from(section: str, expected: str | None) -> None:
    assert envelope_of(section).mail_from == expected


def test_exchange_writes_its_return_path_below() -> None:
    top = (
        f"Received: from mail.empresa.example (192.0.2.10) by DB5.mail.protection.outlook.com (10.152.4.1) with Microsoft"
        f" SMTP Server id 15.20.2 via Frontend Transport{DATE}\r\n"
        "Authentication-Results: spf=pass (sender IP is 192.0.2.10) smtp.mailfrom=empresa.example; dkim=none\r\n"
        f"Received: from app (10.0.0.1) by mail.empresa.example with ESMTP id 3{DATE}\r\n"
    )
    assert envelope_of(top + "Return-Path: rebotes@empresa.example\r\n").mail_from == "rebotes@empresa.example"
    other = envelope_of(top + "Return-Path: rebotes@banco.example\r\n").mail_from
    assert other == "postmaster@empresa.example", "another domain than the one Exchange checked is not its own field"


def test_a_message_without_a_trace_keeps_its_return_path_and_has_no_client() -> None:
    envelope = envelope_of("Return-Path: <rebotes@empresa.example>\r\n")

    assert envelope.client_ip is None
    assert envelope.mail_from == "rebotes@empresa.example"


@pytest.mark.parametrize(
    ("value", "path"),
    [
        (b"<>", ""),
        (b"<a@b.example>", "a@b.example"),
        (b"a@b.example", "a@b.example"),
        (b"", None),
        (b"a b", None),
        (b"<a", None),
    ],
)
def test_reading_a_path(value: bytes, path: str | None) -> None:
    assert read_path(value) == path
