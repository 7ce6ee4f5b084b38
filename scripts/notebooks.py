"""The notebooks of docs/notebooks and docs/es/notebooks, run from their first cell to their last.

    python scripts/notebooks.py [NAME…]            run them and write what they show into their files
    python scripts/notebooks.py [NAME…] --check    compare what they show with what their files hold; exit 1 where it differs

They run in their own folder, in a kernel without the settings and the history of whoever runs it. What is kept of a run is
the same on every machine: no times, no versions, no paths. A picture is compared by the table it was made of, which stands
above it, since its octets may differ between machines.
"""

from __future__ import annotations

import difflib
import os
import re
import sys
import tempfile
from pathlib import Path
from typing import Any

DOCS = Path(__file__).resolve().parents[1] / "docs"
_SECONDS = 300
#: Characters of a line that are shown of a difference.
_LONG = 500
#: What a cell may say of itself: what stands for a picture to who cannot see it, and tags.
_KEPT = ("mystnb", "tags")
#: Environment of the kernel: the one of this Python, not of the user; words and widths as everywhere.
_PLAIN = {
    "JUPYTER_PREFER_ENV_PATH": "1",
    "LC_ALL": "C.UTF-8",
    "TZ": "UTC",
    "COLUMNS": "80",
    "PYTHONHASHSEED": "0",
    "PYDEVD_DISABLE_FILE_VALIDATION": "1",
}


def notebooks(names: list[str] | None = None) -> list[Path]:
    """The notebooks of those names (without `.ipynb`) in both languages, all where none is given."""
    found = [*sorted(DOCS.glob("notebooks/*.ipynb")), *sorted(DOCS.glob("es/notebooks/*.ipynb"))]
    return [path for path in found if not names or path.stem in names]


def run(path: Path) -> Any:
    """The notebook with what its cells show when they are run now. Raises what a cell raises."""
    import nbformat  # noqa: PLC0415 - of the group `test`; the rest of the scripts does without

    return _settled(execute(nbformat.read(path, as_version=4), path.parent))


def execute(notebook: Any, folder: Path) -> Any:
    """The notebook, run in that folder in a kernel of its own."""
    from nbclient import NotebookClient  # noqa: PLC0415 - as above
    from traitlets.config import Config  # noqa: PLC0415

    with tempfile.TemporaryDirectory(prefix="dv") as home:
        settings = {"IPYTHONDIR": home, "JUPYTER_RUNTIME_DIR": home, "JUPYTER_CONFIG_DIR": home, **_PLAIN}
        before = {name: os.environ.get(name) for name in settings}
        os.environ.update(settings)
        try:
            # A Unix socket: nothing of a notebook goes through the network, not even that of this machine.
            kernel = {"transport": "ipc", "connection_file": str(Path(home) / "kernel.json")}
            client = NotebookClient(
                notebook,
                kernel_name="python3",
                config=Config({"AsyncKernelManager": kernel}),
                timeout=_SECONDS,
                record_timing=False,
                resources={"metadata": {"path": str(folder)}},
            )
            client.execute()
        finally:
            for name, value in before.items():
                _put_back(name, value)
    return notebook


def _put_back(name: str, value: str | None) -> None:
    if value is None:
        os.environ.pop(name, None)
    else:
        os.environ[name] = value


def _settled(notebook: Any) -> Any:
    """Without what differs from one machine to the next."""
    notebook.metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    for cell in notebook.cells:
        cell.metadata = {name: value for name, value in cell.metadata.items() if name in _KEPT}
    return notebook


def shown(notebook: Any) -> list[str]:
    """What the cells show, line by line, for comparing: all texts and data, and of pictures only that there is one."""
    lines: list[str] = []
    for number, cell in enumerate(notebook.cells, 1):
        for output in cell.get("outputs", ()):
            data = {"text/plain": output.text} if output.output_type == "stream" else output.get("data", {})
            for kind, content in sorted(data.items()):
                where = f"cell {number}, {output.output_type} {kind}"
                if kind.startswith("image/"):
                    lines.append(f"{where}: a picture")
                else:
                    text = content if isinstance(content, str) else "".join(content)
                    lines.extend(f"{where}: {line}" for line in _apart(text).splitlines())
            if output.output_type == "error":
                lines.append(f"cell {number}: {output.ename}")
    return lines


def _apart(text: str) -> str:
    """HTML with a line for each element, and without its style sheet, which is neither text nor data."""
    return re.sub(r"<style>.*?</style>", "", text, flags=re.DOTALL).replace("><", ">\n<")


def check(path: Path) -> list[str]:
    """Where a run of the notebook differs from its file, as the lines of a diff; at most fifty."""
    import nbformat  # noqa: PLC0415 - as above

    held, now = shown(nbformat.read(path, as_version=4)), shown(run(path))
    lines = difflib.unified_diff(held, now, "in the file", "when run", n=0, lineterm="")
    return [line[:_LONG] for line in lines][:50]


def write(path: Path) -> None:
    """Run the notebook and keep what it shows."""
    import nbformat  # noqa: PLC0415 - as above

    nbformat.write(run(path), path)


def main(arguments: list[str]) -> int:
    """Write or compare."""
    names = [word for word in arguments if not word.startswith("-")]
    stale = 0
    for path in notebooks(names):
        if "--check" not in arguments:
            write(path)
            print(f"{path.relative_to(DOCS)}: {path.stat().st_size / 1000:.0f} kB")
            continue
        differing = check(path)
        stale += bool(differing)
        print(
            "\n".join([f"{path.relative_to(DOCS)} is stale: make notebooks", *differing])
            if differing
            else f"{path.relative_to(DOCS)}: as in the file"
        )
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
