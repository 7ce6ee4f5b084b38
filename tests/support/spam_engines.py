"""SpamAssassin and rspamd as Debian packages them, on loopback, without network, Bayes or memory: only their rules."""

from __future__ import annotations

import http.client
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

#: Seconds that a daemon may take until it answers.
PATIENCE = 60.0
_PATH = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"


def find(program: str) -> str | None:
    """The program's path; Debian has daemons in /usr/sbin, which not every PATH holds."""
    return shutil.which(program, path=_PATH)


def free_port() -> int:
    """A port that nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        if process.poll() is not None:
            raise RuntimeError(f"the daemon ended: {log.read_text('utf-8', 'replace')[-2000:]}")
        try:
            with socket.create_connection(("127.0.0.1", port), 0.5) as probe:
                # On loopback a connection may meet itself when nobody listens yet.
                if probe.getsockname() != probe.getpeername():
                    return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"no answer in {PATIENCE} s: {log.read_text('utf-8', 'replace')[-2000:]}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    """End the daemon and the workers that it started: they share its own session."""
    try:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(10)
    except (ProcessLookupError, subprocess.TimeoutExpired):
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            return
        process.wait(10)


class SpamAssassin:
    """A running spamd."""

    def __init__(self, port: int) -> None:
        self.port = port

    def rules(self, message: bytes) -> dict[str, float]:
        """The rules that hit, with their points (REPORT gives them to one decimal)."""
        request = b"REPORT SPAMC/1.5\r\nContent-length: %d\r\n\r\n%b" % (len(message), message)
        with socket.create_connection(("127.0.0.1", self.port), 30) as connection:
            connection.sendall(request)
            connection.shutdown(socket.SHUT_WR)
            answer = b""
            while piece := connection.recv(65536):
                answer += piece
        hits = re.findall(r"^\s*(-?\d+\.\d+) ([A-Z][A-Z0-9_]+)", answer.decode("utf-8", "replace"), re.MULTILINE)
        return {name: float(points) for points, name in hits}


class Rspamd:
    """A running rspamd."""

    def __init__(self, port: int) -> None:
        self.port = port

    def rules(self, message: bytes) -> dict[str, float]:
        """The symbols that hit, with their points."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request("POST", "/checkv2", message, {"Content-Type": "application/octet-stream"})
            document = json.loads(connection.getresponse().read())
        finally:
            connection.close()
        return {name: symbol["score"] for name, symbol in document.get("symbols", {}).items()}


@contextmanager
def spamassassin(folder: Path) -> Iterator[SpamAssassin]:
    """spamd with the rules of the package; local tests only (-L), one child, its state in `folder`."""
    port, log = free_port(), folder / "spamd.log"
    (folder / "site").mkdir(parents=True)
    (folder / "home").mkdir()
    # Started by root, spamd gives root up before it reads: then the folder has to be open to others.
    for place in (folder, *folder.parents[:1], folder / "site"):
        place.chmod(0o755)
    (folder / "home").chmod(0o777)
    for source in sorted(Path("/etc/spamassassin").glob("*.pre")):
        shutil.copy(source, folder / "site")
    (folder / "site" / "local.cf").write_text(
        "use_bayes 0\nuse_auto_whitelist 0\nskip_rbl_checks 1\ndns_available no\n"
    )
    command = [
        find("spamd") or "spamd", "--local", "--nouser-config", "--max-children=1", "--min-children=1", "--max-spare=1",
        "--min-spare=1", f"--listen=127.0.0.1:{port}", "--allowed-ips=127.0.0.1", f"--siteconfigpath={folder / 'site'}",
        "--configpath=/usr/share/spamassassin", f"--helper-home-dir={folder / 'home'}", f"--pidfile={folder / 'spamd.pid'}",
        "--syslog=stderr",
    ]  # fmt: skip
    environment = {**os.environ, "PATH": _PATH, "HOME": str(folder / "home"), "TMPDIR": str(folder / "home")}
    with log.open("wb") as out:
        process = subprocess.Popen(
            command, stdout=out, stderr=out, env=environment, cwd=folder / "home", start_new_session=True
        )
    try:
        _wait(port, process, log)
        yield SpamAssassin(port)
    finally:
        _stop(process)


_RSPAMD = """
.include "/etc/rspamd/common.conf"
options {{
    filters = "chartable,regexp";
    pidfile = "{folder}/rspamd.pid";
    control_socket = "{folder}/rspamd.sock mode=0600";
    hs_cache_dir = "{folder}";
    dns {{ nameserver = ["127.0.0.1:9"]; timeout = 0.1s; retransmits = 1; }}
    local_addrs = [];
    disable_hyperscan = true;
    url_tld = "/usr/share/rspamd/effective_tld_names.dat";
}}
logging {{ type = "console"; level = "error"; }}
worker "normal" {{ bind_socket = "127.0.0.1:{port}"; count = 1; mime = true; }}
"""


#: Modules that ask the network or keep a memory.
_OFF = (
    "antivirus arc asn bayes_expiry clickhouse clustering dcc dkim dkim_signing dmarc dnswl elastic emails external_relay"
    " external_services fuzzy_check greylist history_redis hfilter ip_score known_senders maillist metadata_exporter"
    " metric_exporter milter_headers mx_check neural once_received p0f phishing ratelimit rbl redis replies reputation"
    " spamassassin spamtrap spf surbl trie url_redirector whitelist"
)


@contextmanager
def rspamd(folder: Path) -> Iterator[Rspamd]:
    """rspamd with the rules and scores of the package: regular expressions, Lua rules and character tables only."""
    port, log = free_port(), folder / "rspamd.log"
    folder.mkdir(parents=True, exist_ok=True)
    config = folder / "rspamd.conf"
    (folder / "local.d").mkdir()
    for module in _OFF.split():
        (folder / "local.d" / f"{module}.conf").write_text("enabled = false;\n")
    config.write_text(_RSPAMD.format(folder=folder, port=port))
    command = [
        find("rspamd") or "rspamd", "--no-fork", "--insecure", f"--config={config}",
        "--var", f"DBDIR={folder}", "--var", f"RUNDIR={folder}", "--var", f"LOGDIR={folder}",
        "--var", f"LOCAL_CONFDIR={folder}",
    ]  # fmt: skip
    with log.open("wb") as out:
        process = subprocess.Popen(
            command, stdout=out, stderr=out, env={**os.environ, "PATH": _PATH}, start_new_session=True
        )
    try:
        _wait(port, process, log)
        yield Rspamd(port)
    finally:
        _stop(process)
