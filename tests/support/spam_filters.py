"""SpamAssassin's spamd and rspamd from Debian, on loopback, with everything that asks the network turned off."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

PATH = f"{os.environ.get('PATH', '')}:/usr/sbin"
#: Seconds a server may take to answer: rspamd compiles its rules first, on a busy machine for a while.
START = 120

SPAMASSASSIN_RULES = """\
use_bayes 0
use_auto_whitelist 0
use_razor2 0
use_pyzor 0
skip_rbl_checks 1
dns_available no
"""
RSPAMD_CONFIG = """\
options {{
  pidfile = "{folder}/rspamd.pid";
  dns {{ nameserver = ["127.0.0.1:{dead}"]; timeout = 0.1s; retransmits = 1; }}
  filters = "chartable,dkim,regexp";
  control_socket = "{folder}/control.sock mode=0600";
  tempdir = "{folder}";
  local_addrs = [];
}}
logging {{ type = "file"; filename = "{folder}/log"; level = "warning"; }}
worker "normal" {{ bind_socket = "127.0.0.1:{port}"; count = 1; }}
lua = "/usr/share/rspamd/rules/rspamd.lua";
.include "/etc/rspamd/composites.conf"
.include "/etc/rspamd/groups.conf"
.include "/etc/rspamd/actions.conf"
modules {{ path = "/usr/share/rspamd/plugins/"; }}
"""


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _program(name: str) -> str:
    found = shutil.which(name, path=PATH)
    if found is None:
        pytest.skip(f"{name} is not installed (apt-get install {name})")
    return found


@contextlib.contextmanager
def running_spamd() -> Iterator[int]:
    """spamd on a free port of loopback; gives the port."""
    with _open_folder() as folder, _spamd(folder) as port:
        yield port


@contextlib.contextmanager
def _open_folder() -> Iterator[Path]:
    """A folder that the user a daemon changes to can read; those of pytest are root's own."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o777)
        yield folder


@contextlib.contextmanager
def _spamd(folder: Path) -> Iterator[int]:
    program = _program("spamd")
    # The files that load its plug-ins; those that ask others are switched off by -L and by the rules above.
    for file in Path("/etc/spamassassin").glob("*.pre"):
        shutil.copy(file, folder)
    (folder / "local.cf").write_text(SPAMASSASSIN_RULES)
    port = free_port()
    command = [program, "-L", "-i", "127.0.0.1", "-p", str(port), "-A", "127.0.0.1", "--max-children", "1"]
    command += [f"--siteconfigpath={folder}", "-x", "-H", str(folder), "-s", str(folder / "log")]
    with _running(command, port, folder):
        yield port


@contextlib.contextmanager
def running_rspamd() -> Iterator[str]:
    """rspamd on a free port of loopback; gives its URL."""
    with _open_folder() as folder, _rspamd(folder) as url:
        yield url


@contextlib.contextmanager
def _rspamd(folder: Path) -> Iterator[str]:
    program = _program("rspamd")
    port = free_port()
    config = folder / "rspamd.conf"
    config.write_text(RSPAMD_CONFIG.format(folder=folder, port=port, dead=free_port()))
    with _running([program, "-i", "-f", "-c", str(config)], port, folder):
        yield f"http://127.0.0.1:{port}"


@contextlib.contextmanager
def _running(command: list[str], port: int, folder: Path) -> Iterator[None]:
    with (folder / "output").open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output, cwd=folder, start_new_session=True)
    try:
        _wait(port, process, folder)
        yield
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, 15)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, 9)
            process.wait(10)


def _wait(port: int, process: subprocess.Popen[bytes], folder: Path) -> None:
    deadline = time.monotonic() + START
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.1)
    logs = "\n".join(
        path.read_text("utf-8", "replace")[-2000:] for path in (folder / "output", folder / "log") if path.exists()
    )
    pytest.fail(f"{command_name(process)} did not start:\n{logs}")


def command_name(process: subprocess.Popen[bytes]) -> str:
    """The program of a process."""
    return Path(process.args[0]).name  # type: ignore[index,arg-type]
