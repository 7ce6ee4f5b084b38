"""Real name servers on loopback: nsd (authoritative) and unbound (resolver), where they are installed."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import dns.message
import dns.query
import pytest

_PLACES = os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"))


def program(name: str) -> str:
    """The path of a server program; skips the test, saying why, where it is not installed."""
    found = shutil.which(name, path=_PLACES)
    if found is None:
        pytest.skip(f"{name} is not installed (Debian: apt-get install {name}); nothing is tested against it")
    return found


def free_port() -> int:
    """A port that is free for UDP and TCP."""
    for _ in range(50):
        with socket.socket() as tcp, socket.socket(type=socket.SOCK_DGRAM) as udp:
            tcp.bind(("127.0.0.1", 0))
            port: int = tcp.getsockname()[1]
            with contextlib.suppress(OSError):
                udp.bind(("127.0.0.1", port))
                return port
    raise RuntimeError("no free port")


@contextlib.contextmanager
def nsd(folder: Path, zones: Mapping[str, str]) -> Iterator[int]:
    """nsd with these zones (name: text); the port it listens on."""
    path, port = program("nsd"), free_port()
    blocks = []
    for name, text in zones.items():
        (folder / f"{name}.zone").write_text(text)
        blocks.append(f'zone:\n  name: "{name}"\n  zonefile: "{folder}/{name}.zone"\n')
    config = folder / "nsd.conf"
    config.write_text(
        f'server:\n  ip-address: 127.0.0.1@{port}\n  username: ""\n  chroot: ""\n  zonesdir: "{folder}"\n'
        f'  database: ""\n  pidfile: ""\n  xfrdfile: ""\n  zonelistfile: "{folder}/zone.list"\n  server-count: 1\n'
        f'  xfrdir: "{folder}"\n  logfile: "{folder}/nsd.log"\n  minimal-responses: no\n'
        "  rrl-ratelimit: 0\n"  # its limit of answers a second would drop a test's questions
        "remote-control:\n  control-enable: no\n" + "".join(blocks)
    )
    with _running([path, "-d", "-c", str(config)], folder, port, next(iter(zones))):
        yield port


@contextlib.contextmanager
def unbound(folder: Path, forwards: Mapping[str, int]) -> Iterator[int]:
    """unbound that forwards each zone to a port on loopback; the port it listens on."""
    path, port = program("unbound"), free_port()
    blocks = [f'forward-zone:\n  name: "{zone}"\n  forward-addr: 127.0.0.1@{to}\n' for zone, to in forwards.items()]
    config = folder / "unbound.conf"
    config.write_text(
        f'server:\n  interface: 127.0.0.1@{port}\n  username: ""\n  chroot: ""\n  directory: "{folder}"\n  pidfile: ""\n'
        "  do-not-query-localhost: no\n  use-syslog: no\n  num-threads: 1\n  do-ip6: no\n  module-config: iterator\n"
        '  local-zone: "example." nodefault\n  local-zone: "test." nodefault\n  ede: yes\n  minimal-responses: no\n'
        f'  logfile: "{folder}/unbound.log"\nremote-control:\n  control-enable: no\n' + "".join(blocks)
    )
    with _running([path, "-d", "-c", str(config)], folder, port, "localhost"):
        yield port


@contextlib.contextmanager
def _running(command: list[str], folder: Path, port: int, name: str) -> Iterator[None]:
    with (folder / "output").open("ab") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output)
        try:
            _wait_for(process, port, name, folder)
            yield
        finally:
            process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(10)
            if process.poll() is None:
                process.kill()
                process.wait(10)


def _wait_for(process: subprocess.Popen[bytes], port: int, name: str, folder: Path) -> None:
    """Wait until the server answers for `name`."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        with contextlib.suppress(OSError, dns.exception.DNSException):
            dns.query.udp(dns.message.make_query(name, "SOA"), "127.0.0.1", port=port, timeout=0.5)
            return
        time.sleep(0.05)
    logs = "".join(path.read_text("utf-8", "replace") for path in [*sorted(folder.glob("*.log")), folder / "output"])
    raise AssertionError(f"{process.args!r} does not answer: {logs[-2000:]}")
