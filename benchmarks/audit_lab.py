"""Whole audits over a network with a round trip of 20 ms, beside checkdmarc on the same zones.

python benchmarks/audit_lab.py [KIND …]        kinds: rich google m365 self parked deep (default: all)

Needs root, nsd, unbound, gcc and the DNS lab of the shared evidence (bench/lab.sh): authoritative and recursive servers
on loopback in a network namespace of their own, a proxy that adds the round trip and logs every question.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

ROUND_TRIP_MS = 20.7  # as a client sees it
RUNS = 3
DOMAINS = 300

OURS = """
import json, resource, sys, time
import deliverability as dv
domain, server = sys.argv[1:]
def cpu():
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime

dv.audit_domain("nothing.test", source=dv.LiveSource((server,)), try_fixes=False)  # loads the modules, as `import checkdmarc` does
time.sleep(0.5)
source = dv.LiveSource((server,))
before, started = cpu(), time.perf_counter()
report = dv.audit_domain(domain, source=source, try_fixes=False)
wall = time.perf_counter() - started
print(json.dumps({"wall": wall, "cpu": cpu() - before, "findings": sorted(report.codes()),
    "unknown": sorted({rule.code for rule, _ in report.unknowns})}))
"""
THEIRS = """
import json, logging, resource, sys, time
import checkdmarc
logging.disable(logging.WARNING)
domain, server = sys.argv[1:]
def cpu():
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime
before, started = cpu(), time.perf_counter()
checkdmarc.check_domains([domain], nameservers=[server], timeout=5.0)
wall = time.perf_counter() - started
print(json.dumps({"wall": wall, "cpu": cpu() - before}))
"""


class Lab:
    """The lab, started and stopped."""

    def __init__(self, scripts: Path, folder: Path) -> None:
        self._script = scripts / "lab.sh"
        self._environment = {
            **os.environ,
            "LAB": str(folder),
            "PY": sys.executable,
            "PATH": f"{os.environ['PATH']}:/usr/sbin:/sbin",
        }
        self.folder = folder

    def __enter__(self) -> Lab:
        # The servers stay in the background with the pipes of whoever started them, so they get files.
        with (self.folder / "start.log").open("w") as log:
            subprocess.run(
                [str(self._script), "start", str(DOMAINS)], env=self._environment, stdout=log, stderr=log, check=True
            )
        return self

    def __exit__(self, *_: object) -> None:
        subprocess.run([str(self._script), "stop"], env=self._environment, check=False, stdout=subprocess.DEVNULL)

    def run(self, program: str, domain: str) -> dict[str, Any]:
        """What the program prints, and the questions the proxy saw."""
        with (self.folder / "delay.log").open("w") as log:
            subprocess.run(
                [str(self._script), "delay", "20"], env=self._environment, stdout=log, stderr=log, check=True
            )
        command = [str(self._script), "in", sys.executable, "-c", program, domain, "127.0.0.2"]
        done = subprocess.run(command, env=self._environment, capture_output=True, text=True, check=True)
        result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        seen = subprocess.run(
            [str(self._script), "log"], env=self._environment, capture_output=True, text=True, check=True
        )
        questions = Counter(_questions(seen.stdout, domain))
        return {**result, "asked": questions.total(), "different": len(questions), "most": max(questions.values())}


def _questions(log: str, domain: str) -> list[tuple[str, str]]:
    """Name and type of each question in the proxy's log, from the first that names the domain on."""
    lines = [line.split() for line in log.splitlines()]
    asked = [(words[3], words[4]) for words in lines if len(words) > 4 and words[1] in ("udp", "tcp")]
    start = next((place for place, (name, _) in enumerate(asked) if name.startswith(domain)), 0)
    return asked[start:]


def _find_scripts() -> Path | None:
    told = os.environ.get("DELIVERABILITY_SHARED")
    shared = Path(told) if told else Path(__file__).resolve().parents[2] / "shared"
    return shared / "bench" if (shared / "bench" / "lab.sh").exists() else None


def _obstacle() -> str:
    path = f"{os.environ['PATH']}:/usr/sbin:/sbin"
    missing = [tool for tool in ("nsd", "unbound", "cc", "unshare", "ip") if shutil.which(tool, path=path) is None]
    if os.geteuid() != 0:
        return "needs root"
    return f"needs {', '.join(missing)}" if missing else ""


def main(arguments: list[str]) -> None:
    """Print the comparison."""
    scripts, obstacle = _find_scripts(), _obstacle()
    if scripts is None or obstacle:
        print(f"benchmarks/audit_lab.py: skipped, {obstacle or 'the shared DNS lab is not here'}")
        return
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as scratch, Lab(scripts, Path(scratch)) as lab:
        profiles: dict[str, str] = json.loads((lab.folder / f"profiles-{DOMAINS}.json").read_text())
        first = {kind: name for name, kind in reversed(profiles.items()) if name != "rich.test"}
        kinds = {"rich": "rich.test", **first}
        print(f"{'':10}{'':14}{'ms wall':>9}{'trips':>7}{'ms CPU':>8}{'questions':>11}{'different':>11}{'most':>6}")
        for kind in arguments or ["rich", "google", "m365", "self", "parked", "deep"]:
            _compare(lab, kind, kinds[kind])


def _compare(lab: Lab, kind: str, domain: str) -> None:
    runs = {"deliverability": OURS, "checkdmarc": THEIRS}
    medians: dict[str, dict[str, float]] = {}
    for name, program in runs.items():
        results = [lab.run(program, domain) for _ in range(RUNS)]
        keys = ("wall", "cpu", "asked", "different", "most")
        found = medians[name] = {key: statistics.median(result[key] for result in results) for key in keys}
        trips = found["wall"] * 1000 / ROUND_TRIP_MS
        print(
            f"{kind:10}{name:14}{found['wall'] * 1000:9.0f}{trips:7.1f}{found['cpu'] * 1000:8.0f}"
            f"{found['asked']:11.0f}{found['different']:11.0f}{found['most']:6.0f}"
        )
    ours, theirs = medians["deliverability"], medians["checkdmarc"]
    print(f"{kind:10}wall 1/{theirs['wall'] / ours['wall']:.1f}, CPU 1/{theirs['cpu'] / ours['cpu']:.1f} of checkdmarc")


if __name__ == "__main__":
    main(sys.argv[1:])
