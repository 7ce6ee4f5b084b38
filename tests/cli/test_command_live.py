"""The command on live DNS (a server on loopback): recording, replay, an overlay, failures, and the line of progress."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from deliverability.cli import main
from tests.support.faultdns import FaultServer

ZONE: dict[str, Any] = {
    "empresa.example/SOA": ["ns.empresa.example. h.empresa.example. 1 7200 900 1209600 300"],
    "empresa.example/NS": ["ns.empresa.example."],
    "empresa.example/MX": ["10 mail.empresa.example."],
    "empresa.example/TXT": ["v=spf1 include:_spf.uno.example ~all"],
    "_spf.uno.example/TXT": ["v=spf1 ip4:198.51.100.7 -all"],
    "mail.empresa.example/A": ["198.51.100.8"],
    "ns.empresa.example/A": ["198.51.100.53"],
    "_dmarc.empresa.example/TXT": ["v=DMARC1; p=none; rua=mailto:dmarc@empresa.example"],
}


def ask(server: FaultServer, *arguments: str) -> int:
    return main(["audit", "empresa.example", "--no-config", "--nameserver", server.address, *arguments])


def codes(text: str, key: str = "findings") -> set[str]:
    return {item["code"] for item in json.loads(text)[key]}


def test_a_recording_replays_to_the_same_report(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    recording = str(tmp_path / "dns.json")
    with FaultServer(ZONE) as server:
        live_code = ask(server, "-f", "json", "--record", recording)
    live = json.loads(capsys.readouterr().out)
    replayed_code = main(["audit", "empresa.example", "--no-config", "--replay", recording, "-f", "json"])
    replayed = json.loads(capsys.readouterr().out)

    del live["now"], replayed["now"]
    assert live == replayed
    assert live_code == replayed_code


def test_a_zone_over_live_dns(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    proposed = tmp_path / "new.zone"
    proposed.write_text('empresa.example. 60 IN TXT "v=spf1 include:_spf.uno.example +all"\n')
    with FaultServer(ZONE) as server:
        ask(server, "-f", "json")
        before = codes(capsys.readouterr().out)
        ask(server, "-f", "json", "--zone", str(proposed))
        after = codes(capsys.readouterr().out)

    assert after - before


def test_before_and_after_over_live_dns(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The answers of the proposed state are recorded, and laid over nothing they say the same again."""
    proposed, recording = tmp_path / "new.list", tmp_path / "after.json"
    proposed.write_text("empresa.example TXT v=spf1 -all\n")
    with FaultServer(ZONE) as server:
        code = ask(server, "--zone", str(proposed), "--record", str(recording), "-f", "json")
    live = json.loads(capsys.readouterr().out)

    assert code == live["exit_code"] == 1
    change = live["details"]["before_after"]
    assert [one["label"] for one in change["senders"] if one["verdict"] == "stops"] == ["include:_spf.uno.example"]
    assert change["lookups"] == {"before": 1, "after": 0}
    main(["audit", "empresa.example", "--no-config", "--replay", str(recording), "-f", "json"])
    assert codes(capsys.readouterr().out) == {item["code"] for item in live["findings"]}


def test_a_failing_name_is_not_told_as_missing(capsys: pytest.CaptureFixture[str]) -> None:
    broken = {**ZONE, "_dmarc.empresa.example/TXT": {"fault": "servfail"}}
    with FaultServer(broken) as server:
        code = ask(server, "-f", "json")
    out = capsys.readouterr().out

    assert code in (1, 3)
    assert "DMARC001" not in codes(out)
    assert "DMARC001" in codes(out, "unknowns")


def test_several_domains_share_what_they_ask(capsys: pytest.CaptureFixture[str]) -> None:
    other = {key.replace("empresa.", "otra."): value for key, value in ZONE.items() if "empresa" in key}
    with FaultServer({**ZONE, **other}) as server:
        main(["audit", "empresa.example", "otra.example", "--no-config", "--nameserver", server.address, "-f", "jsonl"])
        asked = server.queries("_spf.uno.example")
    lines = capsys.readouterr().out.splitlines()

    assert [json.loads(line)["subject"] for line in lines] == ["empresa.example", "otra.example"]
    assert asked == 1


def in_a_terminal(*arguments: str) -> tuple[int, str, str]:
    """The command with standard error on a pseudo-terminal: exit code, output, and what the terminal saw."""
    here, there = pty.openpty()
    command = [sys.executable, "-m", "deliverability", "audit", "empresa.example", "--no-config", *arguments]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=there, check=False, timeout=60)
    os.close(there)
    seen = b""
    while True:
        try:
            piece = os.read(here, 4096)
        except OSError:  # a closed pseudo-terminal reads as an error on Linux
            break
        if not piece:
            break
        seen += piece
    os.close(here)
    return done.returncode, done.stdout.decode(), seen.decode()


def test_progress_on_a_terminal_and_gone_at_the_end() -> None:
    with FaultServer(ZONE, delay=0.05) as server:
        _, out, seen = in_a_terminal("--nameserver", server.address, "--lang", "en")

    assert "empresa.example: " in seen
    assert "answers" in seen
    assert seen.endswith("\r\x1b[K")
    assert "\x1b" not in out


@pytest.mark.parametrize("silent", ["--no-progress", "-q"])
def test_no_progress_where_it_is_not_wanted(silent: str) -> None:
    with FaultServer(ZONE) as server:
        _, _, seen = in_a_terminal("--nameserver", server.address, silent)

    assert seen == ""


def test_no_progress_where_nothing_has_to_be_waited_for() -> None:
    _, _, seen = in_a_terminal("--offline")

    assert seen == ""
