"""What each feature weighs: thousandths of a logit, fitted by `make lexicon` (data/weights.toml says on what)."""

from __future__ import annotations

import functools
from collections.abc import Mapping

from deliverability.core.data import read_table


@functools.cache
def weights() -> Mapping[str, int]:
    """Feature -> thousandths of a logit for each unit of it."""
    table = read_table(__package__ or "", "data/weights.toml")["weights"]
    return {str(feature): int(value) for feature, value in table.items()}
