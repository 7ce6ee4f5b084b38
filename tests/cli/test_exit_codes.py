"""Every exit code through a process of its own, as a build server sees it; docs/reference/exit-codes.md says what each means."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BEFORE, AFTER = ROOT / "examples" / "before", ROOT / "examples" / "after"
DOMAIN = "talleres-soler.example"


def environment(folder: Path) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("DELIVERABILITY_", "GITHUB_"))}
    return {**kept, "LANG": "C.UTF-8", "HOME": str(folder)}


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "deliverability", *arguments]


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(*arguments), cwd=folder, env=environment(folder), capture_output=True, text=True, check=False
    )


def offline(place: Path) -> list[str]:
    return ["--offline", "--zone", str(place), "--config", str(place / "deliverability.toml")]


OVER = 'ignore = [{ code = "DMARC010", reason = "x", until = 2020-01-01 }]\n'


@pytest.mark.parametrize(
    ("code", "arguments"),
    [
        (0, ["audit", *offline(AFTER)]),
        (0, ["explain", "SPF004"]),
        (0, ["--help"]),
        (0, ["completion", "bash"]),
        (0, ["init", DOMAIN, "--offline", "-o", "-"]),
        (1, ["audit", *offline(BEFORE)]),
        (1, ["message", str(ROOT / "examples/messages/factura-con-diez-errores.eml"), "--offline", "--message-only"]),
        (1, ["subject", "¡¡¡GANE DINERO GRATIS!!! URGENTE $$$ viagra casino"]),
        (2, []),
        (2, ["audti"]),
        (2, ["audit", "--no-such-option"]),
        (2, ["audit", DOMAIN, "--config", "none.toml"]),
        (2, ["audit", DOMAIN, "--baseline", "none.json"]),
        (2, ["message", "none.eml"]),
        (2, ["init"]),
        (3, ["audit", DOMAIN, "--offline", "--no-config"]),
        (3, ["spf", DOMAIN, "--offline", "--no-config"]),
        (3, ["fix", DOMAIN, "--offline", "--no-config"]),
        (4, ["audit", "--offline", "--no-config"]),
    ],
)
def test_codes(code: int, arguments: list[str], tmp_path: Path) -> None:
    done = run(tmp_path, *arguments)
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    if code in (2, 4):
        assert done.stdout == ""
        assert done.stderr.count("\n") == 1
    else:
        assert done.stdout


def test_1_for_an_ignore_whose_day_is_over(tmp_path: Path) -> None:
    """Its own error: the finding alone would not reach the level of the gate, which nothing else reaches either."""
    config = tmp_path / "deliverability.toml"
    base = ["audit", DOMAIN, "--offline", "--zone", str(BEFORE), "--select", "DMARC010", "--severity", "DMARC010=info"]
    config.write_text("")
    assert run(tmp_path, *base).returncode == 0
    config.write_text(OVER)
    done = run(tmp_path, *base)
    assert done.returncode == 1
    assert "(deliverability.toml, line 1)" in " ".join(done.stdout.split())
    assert run(tmp_path, *base, "--ignore", "DMARC010").returncode == 0


@pytest.mark.skipif(os.name == "nt", reason="there are no signals to send")
def test_130_when_somebody_presses_ctrl_c_while_dns_is_silent(tmp_path: Path) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        silent.settimeout(60)
        server = f"127.0.0.1:{silent.getsockname()[1]}"
        options = ["audit", DOMAIN, "--no-config", "--nameserver", server, "--timeout", "300", "--retries", "0"]
        with subprocess.Popen(
            command(*options), cwd=tmp_path, env=environment(tmp_path), stdout=subprocess.PIPE, stderr=subprocess.PIPE
        ) as process:
            silent.recvfrom(512)  # it has begun to ask
            process.send_signal(signal.SIGINT)
            out, err = process.communicate()
    assert process.returncode == 130
    assert out == b""
    assert b"interrupted" in err
    assert b"Traceback" not in err


def test_the_documented_codes_are_these() -> None:
    text = (ROOT / "docs" / "reference" / "exit-codes.md").read_text("utf-8")
    assert re.findall(r"^\| ([0-9]+) \|", text, re.MULTILINE) == ["0", "1", "2", "3", "4", "130"]


@pytest.mark.parametrize(
    ("records", "code", "said"),
    [
        (None, 3, "No se ha podido saber si empresa.example tiene registro SPF"),
        (["otra cosa"], 1, "empresa.example no tiene registro SPF"),
        (["v=spf1"], 0, "no nombra a nadie"),
        (["v=spf1 -all", "v=spf1 ~all"], 1, "tiene 2 registros SPF"),
        (["v=spf1 -all"], 0, "-all"),
    ],
)
def test_spf_says_why(records: list[str] | None, code: int, said: str, tmp_path: Path) -> None:
    """A tree without terms has nothing to draw; the command must not be silent about it."""
    lines = "\n".join(f'@ IN TXT "{record}"' for record in records or [])
    (tmp_path / "z.zone").write_text(f"$ORIGIN empresa.example.\n$TTL 60\n{lines}\n")
    zone = ["--zone", "z.zone"] if records is not None else []
    done = run(tmp_path, "spf", "empresa.example", "--offline", "--no-config", "--lang", "es", *zone)
    assert done.returncode == code, done.stdout
    assert said in " ".join(done.stdout.split())
