"""Patterns compiled when they are first used: there are many, and one command needs few of them."""

from __future__ import annotations

import re
from typing import Any, AnyStr, cast


class _Pattern:
    def __init__(self, source: str | bytes, flags: int) -> None:
        self.source = source
        self.source_flags = flags

    def __getattr__(self, name: str) -> Any:
        """A method of the compiled pattern; asked once for each, because from then on the instance has it itself."""
        if name.startswith("__"):  # what `copy` and `pickle` look for, before there is a source
            raise AttributeError(name)
        value = getattr(re.compile(self.source, self.source_flags), name)
        setattr(self, name, value)
        return value

    def __reduce__(self) -> tuple[Any, ...]:
        """Copies and pickles are patterns of the same source."""
        return pattern, (self.source, self.source_flags)


def pattern(source: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]:
    """As `re.compile`, which is called at the first use of the pattern. A mistake in `source` shows only then."""
    return cast("re.Pattern[AnyStr]", _Pattern(source, flags))
