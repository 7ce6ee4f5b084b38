"""Who loads what: the front door is light, and what decides touches neither network nor clock."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SRC = ROOT / "src" / "deliverability"

HEAVY = ("dns", "httpx", "rich", "asyncio", "cryptography", "idna", "publicsuffixlist", "spf", "checkdmarc")
#: Standard-library modules that only the edges may load (import-linter sees packages, not these).
EDGE_MODULES = frozenset(
    {"asyncio", "socket", "ssl", "time", "threading", "concurrent", "multiprocessing", "subprocess", "select", "random"}
)
#: Topics and the layers below them: everything that decides.
DECIDING = (
    *("core", "providers", "headers", "subjects", "spf", "dkim", "hosts", "dnsbl", "content"),
    *("dmarc", "arc", "invoices", "feedback", "audits", "registry"),
)
TOPICS = ("spf", "dkim", "dmarc", "hosts")


def _loaded_by(statement: str) -> set[str]:
    code = f"import sys\n{statement}\nprint(*{{name.partition('.')[0] for name in sys.modules}})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_importing_the_package_loads_nothing_heavy() -> None:
    assert not _loaded_by("import deliverability") & set(HEAVY)


#: What a start costs that can be counted: own modules, methods compiled from text, patterns compiled. Milliseconds are
#: measured by benchmarks/startup.py.
_COUNT = """
import io, sys
from re import _compiler
methods, patterns, compiled = [], [], _compiler.compile
def compile_pattern(*arguments):
    patterns.append(arguments)
    return compiled(*arguments)
_compiler.compile = compile_pattern
sys.addaudithook(lambda event, given: event == "compile" and given[1] == "<string>" and methods.append(given))
shown, sys.stdout = sys.stdout, io.StringIO()
{statement}
sys.stdout = shown
print(sum(name.startswith("deliverability") for name in sys.modules), len(methods), len(patterns))
"""


@pytest.mark.parametrize(
    ("statement", "modules", "methods", "patterns"),
    [
        ("import deliverability", 1, 0, 0),
        ("from deliverability.cli import main\nmain(['--version'])", 20, 2, 12),
        ("from deliverability.cli import main\nmain(['--help'])", 20, 2, 16),
        ("import deliverability.cli.audit", 150, 950, 25),
        ("import deliverability.registry.every", 290, 1_900, 25),
        ("from deliverability.cli import main\nmain(['subject', 'Factura 2026/112', '--no-config'])", 70, 650, 70),
    ],
    ids=["package", "version", "help", "audit", "rules", "subject"],
)
def test_a_start_costs_no_more_than_this(statement: str, modules: int, methods: int, patterns: int) -> None:
    """What is loaded is what is needed, and patterns are compiled when they are first used (docs/decisions/0013)."""
    done = subprocess.run(
        [sys.executable, "-c", _COUNT.format(statement=statement)], capture_output=True, text=True, check=True
    )
    found = [int(number) for number in done.stdout.split()]

    assert found[0] <= modules
    assert found[1] <= methods
    assert found[2] <= patterns


def test_a_subject_is_scored_without_the_other_topics() -> None:
    """It is asked for while somebody types: no rule, no topic, no network is loaded for it."""
    code = (
        "import sys\nfrom deliverability.cli import main\nmain(['subject', 'Factura 2026/112'])\n"
        "print(*sorted(name for name in sys.modules if name.startswith('deliverability.')), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = {name.split(".")[1] for name in done.stderr.split()}

    assert loaded <= {"cli", "core", "headers", "render", "subjects"}


def test_the_audit_of_a_domain_loads_no_reader_of_mail() -> None:
    """Its first question waits for what is loaded; messages, lists and reports from outside are not its matter."""
    loaded = _loaded_by("import deliverability.cli.audit")

    topics = ("arc", "content", "dnsbl", "feedback", "filters", "invoices", "subjects")
    assert not {name for name in loaded if name.startswith(tuple(f"deliverability.{topic}" for topic in topics))}
    assert not loaded & {"cryptography", "deliverability.audits.message", "deliverability.dkim.verification", "rich"}


def test_importing_the_package_touches_no_file_or_environment() -> None:
    """No environment read and no socket at import: an audit hook sees every attempt."""
    code = (
        "import os, sys\n"
        "seen = []\n"
        "sys.addaudithook(lambda event, args: seen.append(event) if event.startswith('socket') else None)\n"
        "os.environ.__class__.__getitem__ = None\n"
        "import deliverability\n"
        "print(seen)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert done.stdout.strip() == "[]", done.stderr


def _deciding_files() -> list[Path]:
    return sorted(
        path for part in DECIDING for path in ([SRC / part] if part.endswith(".py") else (SRC / part).rglob("*.py"))
    )


@pytest.mark.parametrize("path", _deciding_files(), ids=lambda path: str(path.relative_to(SRC)))
def test_what_decides_has_no_network_clock_or_thread(path: Path) -> None:
    imported = {name.partition(".")[0] for name in _imports(path)}

    assert not imported & EDGE_MODULES
    assert "datetime.now" not in path.read_text("utf-8")


def _imports(path: Path) -> set[str]:
    names = set[str]()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            names.add(node.module)
    return names


@pytest.mark.parametrize("topic", TOPICS)
def test_inside_a_topic_reading_knows_nothing_of_asking_and_neither_of_saying(topic: str) -> None:
    """rules > evaluate > collect > record: a record is read without a plan, a plan asks without a rule."""
    folder = SRC / topic
    for path in folder.rglob("*.py"):
        imported = _imports(path)
        if path.stem == "record":
            assert "deliverability.core.plan" not in imported, path
        if path.stem not in ("rules", "__init__") and "rules" not in path.relative_to(folder).parts:
            assert not {name for name in imported if ".rules" in name}, path
