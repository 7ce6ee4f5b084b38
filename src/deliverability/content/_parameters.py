"""A Content-Type value and its parameters, until headers/parameters.py is there."""

from __future__ import annotations

import re
from typing import NamedTuple

_PARAMETER = re.compile(r';\s*([^\s=;"]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"?|([^\s;]*))')


class Parameterized(NamedTuple):
    value: str
    parameters: dict[str, str]
    defects: tuple[object, ...] = ()


def parse_parameterized(value: bytes) -> Parameterized:
    text = value.decode("latin-1")
    main = text.partition(";")[0].strip().lower()
    found: dict[str, str] = {}
    for name, quoted, plain in _PARAMETER.findall(text):
        found.setdefault(name.lower(), quoted or plain)
    return Parameterized(main, found)
