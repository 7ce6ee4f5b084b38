"""Documents: links lead somewhere, generated pages are fresh, nothing names a machine."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted(
    path
    for path in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "examples").rglob("*.md")]
    if "_build" not in path.parts
)
LINK = re.compile(r"(?<!\!)\[[^\]]*\]\(([^)\s]+)(?:\s+\"[^\"]*\")?\)|!\[[^\]]*\]\(([^)\s]+)\)")

each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))


def _prose(page: Path) -> str:
    """The page without its code: links are only links outside of it."""
    text = re.sub(r"^(```|~~~).*?^\1", "", page.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
    return re.sub(r"`[^`\n]*`", "", text)


@each_page
def test_links_inside_the_project_resolve(page: Path) -> None:
    for match in LINK.finditer(_prose(page)):
        target = match[1] or match[2]
        if re.match(r"[a-z][a-z0-9+.-]*:", target) or target.startswith("#"):
            continue
        path, _, anchor = target.partition("#")
        aim = (page.parent / path).resolve()
        assert aim.exists(), f"{target} leads nowhere"
        if anchor and aim.suffix == ".md":
            assert anchor in _anchors(aim), f"{target}: no such heading"


def _anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+\s+(.*)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


@each_page
def test_pages_name_no_machine(page: Path) -> None:
    assert not re.search(r"(?<![\w.:/])/(?:home|root|work)/\w", page.read_text("utf-8"))


def test_rule_pages_are_fresh() -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "scripts" / "rule_pages.py"), "--check"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("folder", ["how-to", "explanation", "reference"])
def test_pages_for_those_who_send_are_in_spanish_too(folder: str) -> None:
    """The library's reference and the project's own pages are not: who reads those reads code."""
    english = {page.name for page in (ROOT / "docs" / folder).glob("*.md")}
    assert english == {page.name for page in (ROOT / "docs" / "es" / folder).glob("*.md")}


@pytest.mark.parametrize("page", sorted((ROOT / "docs" / "es").rglob("*.md")), ids=lambda page: page.name)
def test_spanish_pages_have_an_english_counterpart(page: Path) -> None:
    assert (ROOT / "docs" / page.relative_to(ROOT / "docs" / "es")).exists()
