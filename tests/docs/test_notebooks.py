"""The notebooks of docs/notebooks show what they show when they are run, on any machine, and in little room."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from scripts import spain_snapshot
from scripts.notebooks import check, execute, notebooks, shown
from tests.support.faultdns import FaultServer
from tests.support.shared import needs_shared, shared

NOTEBOOKS = notebooks()
each_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: f"{path.parts[-3]}-{path.stem}")
TOO_LARGE = 1_500_000


def read(path: Path) -> Any:
    nbformat = pytest.importorskip("nbformat")
    return nbformat.read(path, as_version=4)


def test_there_are_the_two() -> None:
    assert {"one-domain", "spanish-domains"} <= {path.stem for path in NOTEBOOKS}


@pytest.mark.slow
@each_notebook
def test_it_shows_what_it_shows_when_it_is_run(path: Path) -> None:
    """Stale? `make notebooks`, and look at what changed."""
    pytest.importorskip("nbclient")
    pytest.importorskip("ipykernel")

    assert check(path) == []


@each_notebook
def test_it_is_a_valid_notebook_with_everything_run_in_order(path: Path) -> None:
    notebook = read(path)
    pytest.importorskip("nbformat").validate(notebook)
    counts = [cell.execution_count for cell in notebook.cells if cell.cell_type == "code"]

    assert counts == list(range(1, len(counts) + 1))
    assert (
        sum("image/png" in output.get("data", {}) for cell in notebook.cells for output in cell.get("outputs", ())) >= 2
    )


@each_notebook
def test_no_cell_fails_or_warns(path: Path) -> None:
    outputs = [output for cell in read(path).cells for output in cell.get("outputs", ())]

    assert not [output for output in outputs if output.output_type == "error" or output.get("name") == "stderr"]


@each_notebook
def test_it_tells_nothing_of_the_machine_it_was_run_on(path: Path) -> None:
    text = path.read_text("utf-8")

    assert not re.search(r"(?<![\w.:/<])/(?:home|root|work|tmp|usr|Users)/\w", text)
    assert not re.search(r"\bat 0x[0-9a-f]{6,}", text)
    assert not re.search(r"iopub|\"execution\"|\"version\": \"3\.", text)
    assert "file://" not in text


@each_notebook
def test_it_is_small(path: Path) -> None:
    assert path.stat().st_size < TOO_LARGE


@each_notebook
def test_each_picture_says_what_it_shows_to_who_cannot_see_it(path: Path) -> None:
    for cell in read(path).cells:
        if any("image/png" in output.get("data", {}) for output in cell.get("outputs", ())):
            assert len(cell.metadata["mystnb"]["image"]["alt"]) > 60


def test_live_questions_in_a_running_loop(tmp_path: Path) -> None:
    """A kernel runs the cells inside its event loop: the plain call and the awaited one both come to their answer there."""
    nbformat = pytest.importorskip("nbformat")
    pytest.importorskip("ipykernel")
    table = {"empresa.example/TXT": ["v=spf1 ip4:192.0.2.25 -all"], "empresa.example/MX": ["10 mx.empresa.example"]}
    with FaultServer(table) as server:
        cells = [
            "import asyncio, deliverability as dv",
            f"source = dv.LiveSource(['{server.address}'], timeout=2.0)",
            "running = asyncio.get_running_loop().is_running()",
            "plain = dv.audit_domain('empresa.example', source=source)",
            "many = list(dv.audit_domains(['empresa.example', 'otra.example'], source=source))",
            "awaited = await dv.audit_domain_async('empresa.example', source=source)",
            "running, plain.details['spf_tree'].lookups, awaited.codes() == plain.codes() == many[0].codes(), len(many)",
        ]
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
        outputs = execute(notebook, tmp_path).cells[-1].outputs

    assert outputs[0].data["text/plain"] == "(True, 0, True, 2)"


def test_a_difference_is_seen() -> None:
    """Texts and data count; of a picture only that it is there, since its octets may differ between machines."""
    outputs = [
        {"output_type": "execute_result", "data": {"text/plain": "3\n4", "image/png": "AAAA"}},
        {"output_type": "display_data", "data": {"text/html": "<p><style>.dv{color:red}</style><b>x</b></p>"}},
        {"output_type": "stream", "name": "stdout", "text": "hello\n"},
        {"output_type": "error", "ename": "KeyError", "evalue": "", "traceback": []},
    ]
    cell = _Cell(outputs=[_Cell(output) for output in outputs])

    assert shown(_Cell(cells=[cell])) == [
        "cell 1, execute_result image/png: a picture",
        "cell 1, execute_result text/plain: 3",
        "cell 1, execute_result text/plain: 4",
        "cell 1, display_data text/html: <p>",
        "cell 1, display_data text/html: <b>x</b>",
        "cell 1, display_data text/html: </p>",
        "cell 1, stream text/plain: hello",
        "cell 1: KeyError",
    ]


class _Cell(dict[str, Any]):
    __getattr__ = dict.__getitem__


@needs_shared("realworld", "spain")
def test_the_recording_is_the_one_that_was_read() -> None:
    from deliverability import Snapshot  # noqa: PLC0415

    names, answers = spain_snapshot.read_answers(shared("realworld", "spain"))

    assert spain_snapshot.NOTEBOOK_DOMAINS.read_bytes() == spain_snapshot.domains_file(names)
    assert dict(Snapshot.load(spain_snapshot.NOTEBOOK_ANSWERS).answers) == answers


def test_the_recording_stands_beside_its_licence() -> None:
    licence = (spain_snapshot.NOTEBOOK_ANSWERS.parent / "LICENSE.txt").read_text("utf-8")

    assert "Copyright (c) 2026 David Huser" in licence
    assert "Permission is hereby granted, free of charge" in licence
