"""Draw the example report as pictures for the README: docs/images/report.svg and report.es.svg.

    python scripts/report_picture.py [--width 100] [--lines 46] [--out docs/images]

The answers come from examples/before, so that the picture shows what `make audit` shows.
"""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from pathlib import Path

import deliverability as dv
from deliverability.core.text import LANGS
from deliverability.render.terminal import svg

ROOT = Path(__file__).parents[1]
#: A fixed moment, so that the picture only changes when the report does.
MOMENT = datetime(2026, 11, 22, 12, tzinfo=UTC)


def main() -> None:
    """Write both pictures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--width", type=int, default=100)
    parser.add_argument("--lines", type=int, default=46, help="how much of the report; 0 is all")
    parser.add_argument("--out", type=Path, default=ROOT / "docs/images")
    options = parser.parse_args()
    profile = dv.Profile.load(ROOT / "examples/before/deliverability.toml")
    source = dv.ZoneSource.from_file(*sorted((ROOT / "examples/before").glob("*.zone")))
    report = dv.audit_domain(profile.domains[0], source=source, profile=profile, now=MOMENT)
    options.out.mkdir(parents=True, exist_ok=True)
    for lang in LANGS:
        name = "report.svg" if lang == "en" else f"report.{lang}.svg"
        title = f"deliverability audit {report.subject}"
        (options.out / name).write_text(
            svg([report], lang=lang, width=options.width, title=title, lines=options.lines), "utf-8"
        )


if __name__ == "__main__":
    main()
