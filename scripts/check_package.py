"""Builds the sdist and the wheel, and uses them as somebody does who has nothing else: `make package`.

The wheel is built from the sdist, so a file that only the checkout has shows. Then: what both hold and must not hold;
`twine check --strict`; the wheel alone in a fresh environment, which must start, audit the example company offline, and
serve a type checker; a part of the tests from the unpacked sdist. Says how long each step took; exit code 1 with the
first thing that is wrong.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import tempfile
import time
import venv
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "src" / "deliverability"
#: Without these the sdist's own tests and `make` targets cannot run.
SDIST_NEEDS = (
    *(
        "LICENSE",
        "NOTICE.md",
        "README.md",
        "README.es.md",
        "CHANGELOG.md",
        "CONTRIBUTING.md",
        "SECURITY.md",
        "Makefile",
    ),
    *("pyproject.toml", "action.yml", "docs/schema/report-1.json", "docs/contributing.md", "scripts/rule_pages.py"),
    *("benchmarks/startup.py", "examples/before/deliverability.toml", "tests/test_cases.py", "tests/cases/SPF004.toml"),
)
NEVER = ("__pycache__", ".pyc", ".venv", ".cache", ".hypothesis", ".pytest_cache", ".egg-info")

CLIENT = """
import deliverability as dv

report: dv.Report = dv.audit_domain("empresa.example", source=dv.OFFLINE)
severities: list[dv.Severity] = [finding.severity for finding in report.findings]
text: str = report.render("json", lang="es")
wrong: int = dv.explain("SPF004").code  # type: ignore[assignment]
"""


def main() -> None:
    """Build, look, install, run."""
    with tempfile.TemporaryDirectory(prefix="deliverability-package-") as name:
        folder = Path(name)
        with step("build"):
            run(sys.executable, "-m", "build", "--no-isolation", "--outdir", folder / "dist", ROOT)
        wheel, sdist = next((folder / "dist").glob("*.whl")), next((folder / "dist").glob("*.tar.gz"))
        with step("contents"):
            check_wheel(wheel)
            check_sdist(sdist)
            run(sys.executable, "-m", "twine", "check", "--strict", wheel, sdist)
        with step("install into a fresh environment"):
            python = install(wheel, folder / "venv")
        with step("run there"):
            use(python, folder)
        with step("types"):
            check_types(python, folder)
        with step("tests of the sdist"):
            run_tests(sdist, folder / "unpacked")
        print(f"package: {wheel.name} ({size(wheel)}), {sdist.name} ({size(sdist)})")


@contextmanager
def step(name: str) -> Iterator[None]:
    """Say what was done and how long it took."""
    started = time.monotonic()
    yield
    print(f"package: {name}: {time.monotonic() - started:.0f} s", flush=True)


def run(*command: str | Path, cwd: Path | None = None, expect: int = 0, **environment: str) -> str:
    """The standard output of a command; ends the script with all of its output where it exits otherwise."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHONPATH", "DELIVERABILITY_"))}
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
        env={**kept, **environment},
    )
    if done.returncode != expect:
        fail(f"{' '.join(map(str, command))}: exit code {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def fail(reason: str) -> None:
    """End with what is wrong."""
    sys.exit(f"package: {reason}")


def size(path: Path) -> str:
    """Size for people."""
    return f"{path.stat().st_size / 1e6:.1f} MB"


def check_wheel(wheel: Path) -> None:
    """The wheel holds every module and table of the package, the licences, and nothing else."""
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    expected = {
        f"deliverability/{path.relative_to(PACKAGE).as_posix()}"
        for path in PACKAGE.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    missing(wheel, sorted(expected - names))
    info = next(name for name in names if name.endswith(".dist-info/METADATA")).removesuffix("METADATA")
    missing(wheel, [name for name in ("licenses/LICENSE", "licenses/NOTICE.md") if info + name not in names])
    unexpected(wheel, [name for name in names - expected if not name.startswith(info)])
    unexpected(wheel, [name for name in names if any(part in name for part in NEVER)])


def check_sdist(sdist: Path) -> None:
    """The sdist holds what building and testing need, and nothing that was built or cached."""
    with tarfile.open(sdist) as archive:
        names = {member.name.partition("/")[2] for member in archive.getmembers()}
    missing(sdist, [name for name in SDIST_NEEDS if name not in names])
    unexpected(sdist, [name for name in names if any(part in name for part in NEVER)])


def missing(archive: Path, names: list[str]) -> None:
    """End where something is missing."""
    if names:
        fail(f"{archive.name} lacks {', '.join(names[:10])}")


def unexpected(archive: Path, names: Iterable[str]) -> None:
    """End where something is in it that should not be."""
    found = sorted(names)
    if found:
        fail(f"{archive.name} holds {', '.join(found[:10])}")


def install(wheel: Path, folder: Path) -> Path:
    """The interpreter of a new environment with the wheel and what it requires."""
    venv.create(folder)
    python = folder / "bin" / "python"
    run(sys.executable, "-m", "pip", "--python", python, "--quiet", "--disable-pip-version-check", "install", wheel)
    return python


def use(python: Path, folder: Path) -> None:
    """Start the command, and audit the example company and a mail of it without asking anybody."""
    command = python.parent / "deliverability"
    version = run(command, "--version", cwd=folder).strip()
    if version != f"deliverability {declared_version()}":
        fail(f"--version says {version!r}")
    for state, code in (("before", 1), ("after", 0)):
        example = ROOT / "examples" / state
        zones = [part for path in sorted(example.glob("*.zone")) for part in ("--zone", path)]
        offline = ("--offline", "--config", example / "deliverability.toml", *zones)
        run(command, "audit", *offline, cwd=folder, expect=code)
    run(command, "message", ROOT / "examples" / "messages" / "factura.eml", *offline, cwd=folder)
    run(command, "subject", "Factura 2026/112", "--no-config", cwd=folder)


def declared_version() -> str:
    """`__version__` of the checkout."""
    text = (PACKAGE / "__init__.py").read_text("utf-8")
    return next(line.split('"')[1] for line in text.splitlines() if line.startswith("__version__"))


def check_types(python: Path, folder: Path) -> None:
    """A program that uses the installed package is type-checked with the package's own types."""
    program = folder / "client.py"
    program.write_text(CLIENT, "utf-8")
    checker = (sys.executable, "-m", "mypy", "--strict", "--cache-dir", folder / "mypy", "--python-executable", python)
    run(*checker, program, cwd=folder)


def run_tests(sdist: Path, folder: Path) -> None:
    """Tests of the unpacked sdist, on its own sources."""
    with tarfile.open(sdist) as archive:
        archive.extractall(folder, filter="data")
    source = next(folder.iterdir())
    tests = ("tests/test_examples.py", "tests/core")
    run(
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        *tests,
        cwd=source,
        PYTHONPATH=str(source / "src"),
    )


if __name__ == "__main__":
    main()
