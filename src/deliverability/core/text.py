"""Texts for people, in every language the reports speak."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

Lang: TypeAlias = Literal["en", "es"]
LANGS: tuple[Lang, ...] = ("en", "es")


@dataclass(frozen=True, slots=True)
class Text:
    """One sentence or paragraph in English and in Spanish, each written as a native would write it.

    `{name}` stands for an argument of the finding; both languages use the same names.
    """

    en: str
    es: str

    def format(self, lang: Lang, args: Mapping[str, ArgValue] | None = None) -> str:
        """The text in `lang` with its arguments put in. Arguments are not escaped: that is the renderer's work."""
        template: str = self.es if lang == "es" else self.en
        if not args:
            return template
        return template.format_map({key: present(value, lang) for key, value in args.items()})

    def __bool__(self) -> bool:
        return bool(self.en)


#: What a finding may carry as an argument. A `Text` is put in in the reader's language, a tuple as a list.
ArgValue: TypeAlias = str | int | float | Text | tuple[str, ...]

NO_TEXT = Text("", "")


def present(value: ArgValue, lang: Lang) -> str:
    """An argument as words in `lang`."""
    if isinstance(value, Text):
        return value.format(lang)
    if isinstance(value, tuple):
        return ", ".join(value)
    if isinstance(value, float):
        return f"{value:g}".replace(".", "," if lang == "es" else ".")
    return str(value)


def to_json(value: ArgValue) -> Any:
    """An argument as JSON: texts as `{"en": …, "es": …}`, tuples as lists."""
    if isinstance(value, Text):
        return {"en": value.en, "es": value.es}
    return list(value) if isinstance(value, tuple) else value
