"""Where the page of a rule is on the web: an address with `{code}` and `{lang}` in it, decided here and nowhere else.

The project itself names no address that it does not own. Who publishes the documents (`make site`) says where: in the
configuration, in the environment or by a flag; a package built for such a place may say it in its metadata, as the URL
with the label "Rules". Without any, nothing is linked, and outputs name `deliverability explain CODE`.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

from deliverability.core.errors import InvalidConfiguration
from deliverability.core.names import shown
from deliverability.core.patterns import pattern
from deliverability.core.text import Lang

#: The word for "no links", where the package has an address.
NONE = "none"
#: The label of the URL in the package's metadata (`[project.urls]`).
LABEL = "Rules"
_LONGEST = 500
_PLACEHOLDER = pattern(r"\{[^{}]*\}")
#: http or https, a host (no user before it), and of RFC 3986 §2 the characters that no format here has to fear.
_ADDRESS = pattern(
    r"https?://(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?"
    r"(?:[/?#][A-Za-z0-9/?#:@!$&+,;=._~%-]*)?"
)


@dataclass(frozen=True, slots=True)
class RulePages:
    """The pages of the rules; "" is none."""

    template: str = ""

    def of(self, code: str, lang: Lang) -> str:
        """The address of a rule's page in that language: ASCII without blanks, quotes, brackets or bars; "" for none."""
        return self.template.replace("{code}", code).replace("{lang}", lang)

    def more(self, code: str, lang: Lang) -> str:
        """Where to read more about a rule: its page, or else the command that shows the same."""
        return self.of(code, lang) or f"deliverability explain {code}"


def checked_template(template: str, where: str) -> str:
    """The template as it is, "" for `none`. Raises `InvalidConfiguration`, its message beginning with `where`."""
    if template.strip().lower() == NONE:
        return ""
    filled = template.replace("{code}", "SPF004").replace("{lang}", "en")
    if len(template) > _LONGEST or "{code}" not in template or not _ADDRESS.fullmatch(filled):
        unknown = next((one for one in _PLACEHOLDER.findall(template) if one not in ("{code}", "{lang}")), "")
        hint = f"; there is no {shown(unknown)}" if unknown else ""
        raise InvalidConfiguration(
            f"{where}: expected an http or https address with {{code}} in it, and {{lang}} where wanted, such as "
            f'"https://docs.empresa.example/{{lang}}/reference/rules/{{code}}.html", or "none"{hint}; '
            f"got {shown(template, 60)}"
        )
    return template


def rule_pages(told: str | None) -> RulePages:
    """The pages at the template that a profile has, None: at the one of the package."""
    return RulePages(of_the_package() if told is None else told)


@functools.cache
def of_the_package() -> str:
    """The template in the metadata of the installed package; "" where there is none, or none that is usable."""
    for label, address in project_urls():
        if label == LABEL:
            try:
                return checked_template(address, LABEL)
            except InvalidConfiguration:
                return ""
    return ""


def project_urls() -> tuple[tuple[str, str], ...]:
    """Labels and URLs in the metadata of the installed package."""
    from importlib.metadata import PackageNotFoundError, metadata  # noqa: PLC0415 - it loads the parser of mails

    try:
        found = metadata("deliverability").get_all("Project-URL") or []
    except PackageNotFoundError:  # run from a folder of sources
        return ()
    pairs = (str(entry).partition(",") for entry in found)
    return tuple((label.strip(), address.strip()) for label, _, address in pairs)
