"""The Public Suffix List, as the package `publicsuffixlist` brings it: under which names organizations register theirs.

Only its data are used. Its own reader takes thirty milliseconds for the list, longer than all else before the first
question of an audit; and it spells the internationalized suffixes as A-labels to look names up, where here the few
names that have A-labels are spelled as the list spells its own.
"""

from __future__ import annotations

import functools
import pkgutil
from collections.abc import Sequence


@functools.cache
def _rules() -> frozenset[str]:
    octets = pkgutil.get_data("publicsuffixlist", "public_suffix_list.dat")
    if octets is None:
        raise FileNotFoundError("public_suffix_list.dat")
    lines = octets.decode("utf-8").lower().split("\n")
    # Each line is only read up to its first white space; lines that are not comments are rules.
    return frozenset([line.split(None, 1)[0] for line in lines if not line.startswith("//") and line.strip()])


def suffix_size(labels: Sequence[str]) -> int:
    """How many labels of a name (in U-labels) its public suffix has: the longest rule that matches, an exception (`!`)
    before all others, `*` for any one label; and one label where no rule matches."""
    rules = _rules()
    for start in range(len(labels)):
        name = ".".join(labels[start:])
        if "!" + name in rules:
            return len(labels) - start - 1
        if name in rules or "*." + name.partition(".")[2] in rules:
            return len(labels) - start
    return min(1, len(labels))
