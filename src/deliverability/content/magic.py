"""What a file is by its first octets."""

from __future__ import annotations

from typing import NamedTuple


class FileType(NamedTuple):
    id: str


def detect(octets: bytes) -> FileType | None:
    return FileType("pdf") if octets.startswith(b"%PDF") else None
