"""CPU of start-up: importing the package and asking for help, beside checkdmarc and bare Python.

python benchmarks/startup.py [RUNS]

Medians of user and system time of whole processes, milliseconds; peak memory of one. The first run of each is not
counted: it may have to compile, which an installed package never does.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
from pathlib import Path

BIN = Path(sys.executable).parent
MAIL = str(Path(__file__).resolve().parents[1] / "examples" / "messages" / "factura.eml")
_ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}

#: `deliverability audit` up to the point where it puts its first question.
_FIRST_QUESTION = """
import os
from deliverability.cli import main
from deliverability.sources import overlay

type(overlay.OFFLINE).answer = lambda self, question: os._exit(0)
main(["audit", "empresa.example", "--offline"])
"""


def measure(command: list[str], runs: int) -> tuple[float, float]:
    """Milliseconds of CPU (the median) and megabytes (the most) of a process."""
    times: list[float] = []
    memory = 0
    for run in range(runs + 1):  # one more than is counted
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=_ENVIRONMENT)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if run:
            times.append(usage.ru_utime + usage.ru_stime)
        memory = max(memory, usage.ru_maxrss)
    return statistics.median(times) * 1000, memory / 1024


def main(arguments: list[str]) -> None:
    """Print the table."""
    runs = int(arguments[0]) if arguments else 15
    python = sys.executable
    commands = {
        "bare python": [python, "-c", "pass"],
        "import deliverability": [python, "-c", "import deliverability"],
        "deliverability --version": [str(BIN / "deliverability"), "--version"],
        "deliverability --help": [str(BIN / "deliverability"), "--help"],
        "deliverability subject": [str(BIN / "deliverability"), "subject", "Factura 2026/112", "--no-config"],
        "deliverability explain SPF004": [str(BIN / "deliverability"), "explain", "SPF004"],
        "deliverability message --offline": [str(BIN / "deliverability"), "message", MAIL, "--offline", "--no-config"],
        "import deliverability.api": [python, "-c", "import deliverability.api"],
        "audit, up to its first question": [python, "-c", _FIRST_QUESTION],
        "import checkdmarc": [python, "-c", "import checkdmarc"],
        "checkdmarc --help": [str(BIN / "checkdmarc"), "--help"],
    }
    measured = {name: measure(command, runs) for name, command in commands.items()}
    bare = measured["bare python"][0]
    print(f"{'':32}{'ms CPU':>8}{'above bare':>12}{'MB':>7}")
    for name, (cpu, memory) in measured.items():
        print(f"{name:32}{cpu:8.0f}{cpu - bare:12.0f}{memory:7.0f}")
    for ours, theirs in (
        ("import deliverability", "import checkdmarc"),
        ("deliverability --help", "checkdmarc --help"),
        ("deliverability subject", "checkdmarc --help"),
    ):
        print(f"{ours} takes 1/{measured[theirs][0] / measured[ours][0]:.1f} of {theirs}")


if __name__ == "__main__":
    main(sys.argv[1:])
