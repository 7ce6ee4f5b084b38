"""Blocklists served by rbldnsd and nsd, asked through unbound: every state a list can be in."""

from __future__ import annotations

import contextlib
import json
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import dns.exception
import dns.message
import dns.query
import pytest

import deliverability as dv
from deliverability.cli import main
from deliverability.core.facts import BlocklistSettings
from deliverability.dnsbl import State, check
from deliverability.dnsbl.lists import Blocklist
from deliverability.dnsbl.settings import choose
from deliverability.sources.live import LiveSource
from tests.support.nameservers import free_port, nsd, program, unbound

pytestmark = pytest.mark.wire

CODES = [{"answer": "127.0.0.2", "rule": "BL010", "en": "spam", "es": "spam"}]
REFUSAL = [{"answer": "127.255.255.254", "en": "public resolver", "es": "resolvedor público"}]
NAMES = ("good", "refused", "world", "hijacked", "silent", "empty")
OWN = [
    {"id": name, "name": name, "zone": f"{name}.example", "ipv6": True, "code": CODES, "refusal": REFUSAL}
    for name in NAMES
]
OWN.append(
    {"id": "domains", "name": "domains", "zone": "domains.example", "lists": "domain", "kind": "block", "code": CODES}
)
SOA = "$SOA 3600 ns.bl.example hostmaster.bl.example 0 600 300 86400 300\n$NS 3600 ns.bl.example\n"


@contextlib.contextmanager
def rbldnsd(folder: Path, zones: dict[str, tuple[str, str]]) -> Iterator[int]:
    """rbldnsd with these zones: name -> data set type and text."""
    path, port = program("rbldnsd"), free_port()
    folder.chmod(0o755)
    for parent in folder.parents[:3]:
        with contextlib.suppress(OSError):
            parent.chmod(0o755)
    arguments = []
    for name, (kind, text) in zones.items():
        (folder / name).write_text(SOA + text)
        arguments.append(f"{name}:{kind}:{folder / name}")
    command = [path, "-n", "-f", "-b", f"127.0.0.1/{port}", "-u", "nobody", "-w", "/", *arguments]
    with (folder / "output").open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output)
        try:
            _wait(process, port, next(iter(zones)), folder)
            yield port
        finally:
            process.terminate()
            process.wait(10)


def _wait(process: subprocess.Popen[bytes], port: int, name: str, folder: Path) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(OSError, dns.exception.DNSException):
            dns.query.udp(dns.message.make_query(name, "SOA"), "127.0.0.1", port=port, timeout=0.5)
            return
        time.sleep(0.05)
    raise AssertionError((folder / "output").read_text("utf-8", "replace")[-2000:])


@pytest.fixture(scope="module")
def resolver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """unbound on loopback in front of all of them; the list that is silent has a socket that nobody reads."""
    world = "$TTL 60\n@ IN SOA ns hostmaster 1 7200 3600 1209600 60\n@ IN NS ns\nns IN A 127.0.0.1\n"
    zones = {
        "good.example": ("ip4set", ":127.0.0.2:spam seen from $\n127.0.0.2\n192.0.2.10\n"),
        "refused.example": ("ip4set", ":127.255.255.254:open resolver\n127.0.0.0/24\n192.0.2.0/24\n"),
        "empty.example": ("ip4set", ":127.0.0.2:nothing\n203.0.113.1\n"),
        "domains.example": ("dnset", ":127.0.0.2:listed $\ntest\nempresa.example\n.empresa.example\n"),
    }
    hijacked = f"$ORIGIN hijacked.example.\n{world}* IN A 198.51.100.80\n"
    everything = f"$ORIGIN world.example.\n{world}* IN A 127.0.0.2\n"
    with (
        rbldnsd(tmp_path_factory.mktemp("rbldnsd"), zones) as lists,
        nsd(tmp_path_factory.mktemp("nsd"), {"hijacked.example": hijacked, "world.example": everything}) as others,
        socket.socket(type=socket.SOCK_DGRAM) as silent,
    ):
        silent.bind(("127.0.0.1", 0))
        forwards = dict.fromkeys(zones, lists) | {"hijacked.example": others, "world.example": others}
        forwards["silent.example"] = silent.getsockname()[1]
        with unbound(tmp_path_factory.mktemp("unbound"), forwards) as port:
            yield port


@pytest.fixture
def source(resolver: int) -> LiveSource:
    return LiveSource((f"127.0.0.1:{resolver}",), timeout=2, retries=0)


def own_lists() -> tuple[Blocklist, ...]:
    names = (*NAMES, "domains")
    return choose(BlocklistSettings(True, names, {}, tuple(OWN))).lists


STATES = {
    "good": State.LISTED,
    "refused": State.REFUSED,
    "world": State.DEAD,
    "hijacked": State.DEAD,
    "silent": State.UNKNOWN,
    "empty": State.UNKNOWN,
}


def test_every_state(source: LiveSource) -> None:
    listings = {one.list.id: one for one in check("192.0.2.10", lists=own_lists(), source=source)}

    assert {name: one.state for name, one in listings.items()} == STATES
    assert listings["good"].reason == "spam seen from 192.0.2.10"
    assert listings["good"].answers == ("127.0.0.2",)


def test_an_address_that_is_not_listed(source: LiveSource) -> None:
    listings = {one.list.id: one.state for one in check("192.0.2.11", lists=own_lists(), source=source)}

    assert listings == {**STATES, "good": State.CLEAR}


def test_an_ipv6_address(source: LiveSource) -> None:
    listings = {one.list.id: one.state for one in check("2001:db8::1", lists=own_lists(), source=source)}

    assert listings["good"] is State.CLEAR
    assert listings["hijacked"] is State.DEAD


def test_a_domain(source: LiveSource) -> None:
    (listed,) = check("empresa.example", lists=own_lists(), source=source)
    (clear,) = check("otra.example", lists=own_lists(), source=source)

    assert (listed.state, listed.reason) == (State.LISTED, "listed empresa.example")
    assert clear.state is State.CLEAR


def test_the_command(resolver: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = "\n".join(
        f'[[blocklists.list]]\nid = "{row["id"]}"\nzone = "{row["zone"]}"\nrefusal = [{{ answer = "127.255.255.254", en = "public resolver", es = "resolvedor público" }}]\n'
        'code = [{ answer = "127.0.0.2", rule = "BL010", en = "spam", es = "spam" }]'
        for row in OWN[:-1]
    )
    config = tmp_path / "deliverability.toml"
    config.write_text(f"[blocklists]\nlists = {json.dumps(list(NAMES))}\n{rows}\n")
    arguments = ["--config", str(config), "--nameserver", f"127.0.0.1:{resolver}", "--timeout", "2", "--retries", "0"]
    code = main(["blocklist", "192.0.2.10", *arguments, "-f", "json"])
    document = json.loads(capsys.readouterr().out)

    assert code == 0  # a warning; `--fail-on warning` makes it fail
    assert {row["list"]: row["state"] for row in document["details"]["blocklists"]} == {
        k: v.value for k, v in STATES.items()
    }
    assert {finding["code"] for finding in document["findings"]} == {"BL010", "BL014", "BL015"}
    assert main(["blocklist", "192.0.2.10", *arguments, "--fail-on", "warning", "-q"]) == 1


def test_the_audit_of_a_domain_asks_them(source: LiveSource) -> None:
    profile = dv.Profile(blocklists=BlocklistSettings(True, (*NAMES, "domains"), {}, tuple(OWN)))
    report = dv.audit_domain("empresa.example", source=source, profile=profile, sending=dv.Sending())

    (row,) = [one for one in report.details["blocklists"].listings if one.list.id == "domains"]
    assert row.state is State.LISTED
