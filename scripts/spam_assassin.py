"""The SpamAssassin public corpus, 6,046 mails of 2002 and 2003, as `make corpus` fetches it; it is never committed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

#: The moment that dates are held against: soon after the last mail was received.
NOW = datetime(2003, 3, 1, tzinfo=UTC)


class Mail(NamedTuple):
    """One mail as it lies on disk."""

    path: Path
    #: `ham` or `spam`.
    kind: str

    @property
    def raw(self) -> bytes:
        """Its octets; they begin with the line that a mailbox file puts before each mail."""
        return self.path.read_bytes()


def default_folder() -> Path:
    """Where `make corpus` puts it."""
    return Path(__file__).resolve().parents[1] / ".cache" / "corpus" / "package" / "data"


def mails(folder: Path) -> Sequence[Mail]:
    """Every mail of the corpus, in the order of its names."""
    return [Mail(path, "ham" if "ham" in path.parent.name else "spam") for path in sorted(folder.glob("*/*.txt"))]
