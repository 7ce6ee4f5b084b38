"""`deliverability explain`: what a rule checks, on what it rests, what it does to mail, and how to mend it."""

from __future__ import annotations

import argparse
from contextlib import suppress
from typing import Any

from deliverability.cli import words
from deliverability.cli.output import write
from deliverability.cli.parser import UsageError, say
from deliverability.cli.precedence import given
from deliverability.cli.settings import settings
from deliverability.core.errors import UnknownRule
from deliverability.core.profile import Profile, check_code, names_rule
from deliverability.core.rule import Rule
from deliverability.core.rule_pages import checked_template, rule_pages
from deliverability.registry import rule
from deliverability.render.rules import FORMATS, render_rule_list, render_rules


def run(options: argparse.Namespace, lang: str) -> int:
    """Explain the named rules in full, or list all of them."""
    chosen = settings(options, Profile(), FORMATS)
    if options.all and options.codes:
        raise UsageError(say(words.EXPLAIN_ALL_OR_SOME, lang))
    rules = _named(options.codes)
    told = given("rule_pages", options)
    pages = rule_pages(checked_template(str(told.value), told.where) if told else None)
    form: dict[str, Any] = {"lang": chosen.lang, "width": chosen.width, "color": chosen.color, "pages": pages}
    renderer = render_rules if options.codes or chosen.verbose else render_rule_list
    write(renderer(rules, chosen.format, **form), chosen)
    return 0


def _named(words: list[str]) -> tuple[Rule, ...]:
    with suppress(UnknownRule):  # a family, or a mistake
        if words:
            return tuple(sorted({rule(word) for word in words}, key=lambda found: found.code))
    from deliverability.registry import RULES

    known = [(rule.code, rule.name) for rule in RULES]
    for word in words:
        check_code(word, known)
    return tuple(r for r in RULES if not words or any(names_rule(word, r.code, r.name) for word in words))
