"""The text of a first configuration: TOML with comments in the reader's language, where guesses are marked.

A guess is a line that begins with `#? `: taken away, the mark leaves a valid line. Outside text stands in strings, escaped
as TOML wants it, or in comments as `render.safe` leaves it: one line, nothing that acts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from textwrap import wrap

from deliverability.audits.proposal import Guess, KnownKey, Proposal
from deliverability.cli import words_init as words
from deliverability.cli.parser import say
from deliverability.core.text import Lang
from deliverability.render.safe import safe

GUESS = "#? "
#: Columns of a comment.
_WIDTH = 96
#: How long the ignore that is shown as an example would last.
_SOME_MONTHS = timedelta(days=182)


def configuration(proposals: Sequence[Proposal], *, lang: Lang, today: date, prefix: str = "") -> str:
    """The whole file, or with a prefix such as `tool.deliverability` the tables to add to another."""
    writer = _Writer(lang)
    lines = [f"[{prefix}]"] if prefix else []  # the comments below it go when the table goes
    lines += [*writer.comment(words.HEAD), *writer.comment(words.WRITTEN, day=today.isoformat())]
    lines += [*writer.comment(words.MARK), ""]
    lines += [f"domains = {array(one.domain for one in proposals)}", f"lang = {string(lang)}", ""]
    lines += [
        *writer.comment(words.FAIL_ON),
        'fail_on = "error"',
        *writer.comment(words.INCOMPLETE),
        'incomplete = "fail"',
        "",
    ]
    lines += [*writer.comment(words.IGNORE), *writer.example(today)]
    for proposal in proposals:
        lines += ["", f"[{prefix}{'.' if prefix else ''}domain.{string(proposal.domain)}]"]
        lines += _in_paragraphs(writer.domain(proposal))
    return "\n".join(lines) + "\n"


class _Writer:
    def __init__(self, lang: Lang) -> None:
        self._lang = lang

    def comment(self, text: tuple[str, str], **fields: str) -> list[str]:
        """A comment, wrapped."""
        said = say(text, self._lang)
        whole = said.format(**{key: safe(value, 400) for key, value in fields.items()}) if fields else said
        return [f"# {line}" for line in wrap(whole, _WIDTH - 2, break_on_hyphens=False)]

    def example(self, today: date) -> list[str]:
        """An ignore as it would be written."""
        reason, until = string(say(words.IGNORE_REASON, self._lang)), (today + _SOME_MONTHS).isoformat()
        return ["# ignore = [", f'#     {{ code = "SPF004", reason = {reason}, until = {until} }},', "# ]"]

    def domain(self, one: Proposal) -> Iterator[str]:
        """The table of one domain."""
        if one.unanswered:
            yield from (*self.comment(words.NOT_ANSWERED, names=", ".join(one.unanswered)), "")
        if one.parked:
            yield from (*self.comment(words.PARKED), f"{GUESS}sends = false")
            return
        yield from self._selectors(one)
        if one.providers:
            yield from self.comment(words.PROVIDERS, names=", ".join(found.provider.name for found in one.providers))
            yield f"{GUESS}providers = {array(found.provider.id for found in one.providers)}"
        yield from self._addresses(one)
        if one.smtp_host:
            yield from self._guess(words.SMTP_HOST, one.smtp_host, "smtp_host", single=True)
        if one.mailboxes:
            yield from (*self.comment(words.MAILBOXES, name=one.mailboxes), f"{GUESS}human_mailboxes = true")
        yield from (*self.comment(words.ENVELOPE), f"# envelope_domain = {string(self._bounces(one))}")
        yield from (*self.comment(words.VOLUME), "# daily_volume = 300")

    def _selectors(self, one: Proposal) -> Iterator[str]:
        known = one.selectors
        if not known:
            text = words.NO_SELECTORS if one.keys_told else words.SELECTORS_UNKNOWN
            yield from (*self.comment(text), '# selectors = ["s1"]')
            return
        yield from self.comment(words.SELECTORS)
        yield from (f"#   {safe(key.selector, 80)}: {_about(key)}" for key in known)
        yield from self.comment(words.SELECTORS_MORE)
        yield f"selectors = {array(key.selector for key in known)}"

    def _bounces(self, one: Proposal) -> str:
        return f"{say(words.BOUNCES, self._lang)}.{one.domain}"

    def _addresses(self, one: Proposal) -> Iterator[str]:
        if one.networks:
            yield from self.comment(words.NETWORKS, networks=", ".join(one.networks))
        if one.ips:
            yield from self._guess(words.IPS[one.ips.origin.value], one.ips, "ips")
        else:
            yield from (*self.comment(words.NO_IPS), '# ips = ["192.0.2.25"]')
        if one.helo:
            yield from self._guess(words.HELO, one.helo, "helo", single=True)

    def _guess(self, text: tuple[str, str], guess: Guess, key: str, *, single: bool = False) -> Iterator[str]:
        yield from self.comment(text, seen=", ".join(guess.seen))
        yield f"{GUESS}{key} = {string(guess.values[0]) if single else array(guess.values)}"


def _in_paragraphs(lines: Iterable[str]) -> Iterator[str]:
    """The lines with an empty one behind each setting that a comment follows."""
    before = ""
    for line in lines:
        if " = " in before and line.startswith("# ") and " = " not in line:
            yield ""
        yield line
        before = line


def _about(key: KnownKey) -> str:
    bits = f" {key.bits}" if key.bits else ""
    return f"{safe(key.key_type, 20).upper()}{bits}"


def array(values: Iterable[str]) -> str:
    """A list of strings."""
    return f"[{', '.join(string(value) for value in values)}]"


def string(text: str) -> str:
    """A basic string of TOML 1.0: quotes, backslashes and everything that does not print are written as escapes."""
    return f'"{"".join(_escaped(character) for character in text)}"'


def _escaped(character: str) -> str:
    code = ord(character)
    if character in '"\\':
        return f"\\{character}"
    if 0xD800 <= code <= 0xDFFF:  # no Unicode scalar value, which TOML cannot hold
        return "\\uFFFD"
    if character.isprintable():
        return character
    return f"\\u{code:04X}" if code <= 0xFFFF else f"\\U{code:08X}"
