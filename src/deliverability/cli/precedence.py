"""Settings that may come from more than one place: the flag goes before the variable, and that before the file.

This table is the list of them: the commands read it, docs/reference/configuration.md shows it, and a test goes through
it for each setting and each pair of places.
"""

from __future__ import annotations

import argparse
import os
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from deliverability.core.profile import Profile

PREFIX = "DELIVERABILITY_"


class Setting(NamedTuple):
    """A setting by the name of its flag."""

    name: str
    #: The key of the configuration file, which is the field of the profile; "" where the file cannot say it.
    key: str = ""
    #: Several values: the flag may be repeated, and commas part them in a variable.
    several: bool = False

    @property
    def flag(self) -> str:
        """The flag."""
        return "--" + self.name.replace("_", "-")

    @property
    def variable(self) -> str:
        """The variable of the environment."""
        return PREFIX + self.name.upper()


SETTINGS: dict[str, Setting] = {
    setting.name: setting
    for setting in (
        Setting("config"),
        Setting("format"),
        Setting("lang", "lang"),
        Setting("color"),
        Setting("width"),
        Setting("fail_on", "fail_on"),
        Setting("incomplete", "incomplete"),
        Setting("select", "select", several=True),
        Setting("ignore", "ignore", several=True),
        Setting("severity", "severity", several=True),
        Setting("baseline", "baseline"),
        Setting("rule_pages", "rule_pages"),
        Setting("nameserver", "nameservers", several=True),
        Setting("timeout", "timeout"),
        Setting("retries", "retries"),
    )
}


class Given(NamedTuple):
    """What flag or environment say, and which of them, as a message names it."""

    value: Any
    where: str


def given(name: str, options: argparse.Namespace) -> Given | None:
    """What the flag says, else the variable; None where neither speaks, or the command has no such flag."""
    setting = SETTINGS[name]
    if not hasattr(options, name):
        return None
    flag = getattr(options, name)
    if flag is None and name == "lang":  # before the command it means the same
        flag = getattr(options, "top_lang", None)
    if flag is not None and flag not in ([], ""):
        return Given(_parts(flag) if setting.several else flag, setting.flag)
    variable = os.environ.get(setting.variable, "")
    if not variable:
        return None
    return Given(_parts([variable]) if setting.several else variable, setting.variable)


def value_of(name: str, options: argparse.Namespace, profile: Profile) -> Any:
    """What flag or environment say as they say it, else what the profile has."""
    told = given(name, options)
    return told.value if told else getattr(profile, SETTINGS[name].key)


def _parts(values: list[str]) -> list[str]:
    return [part.strip() for value in values for part in value.split(",") if part.strip()]
