"""The tables that come with the package.

They are read with pkgutil: importlib.resources does the same and takes five milliseconds to load.
"""

from __future__ import annotations

import pkgutil
from typing import Any


def read_table(package: str, name: str) -> dict[str, Any]:
    """The TOML file `name` that lies beside the modules of `package`."""
    import tomllib  # noqa: PLC0415 - only where a table is read

    octets = pkgutil.get_data(package, name)
    if octets is None:
        raise FileNotFoundError(f"{package} holds no {name}")
    return tomllib.loads(octets.decode("utf-8"))
