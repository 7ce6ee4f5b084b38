"""Asking the web about a message, only where the user allows it: do its links work, does its unsubscribe address.

Theory of operation. To open a link of somebody's mail is to act in the reader's place: the request is logged, counted
as a click, and in real mail a mere GET unsubscribes, confirms or pays, whatever RFC 9110 §9.2.1 says of safe methods.
So a link is sorted before anything is sent:

- what speaks of unsubscribing, or stands in List-Unsubscribe, is left alone;
- what speaks of confirming or paying is left alone when it carries what looks like somebody's token;
- what merely carries a token is asked with HEAD only; if that is refused, nothing is told;
- the rest is asked with HEAD, and with GET where the server does not answer HEAD well.

Each redirection is sorted in the same way before it is followed. What a page answers is held against the link only
when it is plain: a page that wants a login, or keeps programs out (401, 403, 429), is no broken link.

The unsubscribe address is asked once, with the POST of RFC 8058 §3.2, and only the one that the user names for it:
that request is meant to unsubscribe, and a GET besides it would prove nothing that is worth the risk.
"""

from __future__ import annotations

import functools
import itertools
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from urllib.parse import unquote, urlsplit

from deliverability.content.links import Link, Links, host_name
from deliverability.content.probe import LeftAlone, LinkCheck, LinkProbe, LinkProblem
from deliverability.core.data import read_table
from deliverability.core.limits import Limits
from deliverability.core.patterns import pattern
from deliverability.core.plan import Source
from deliverability.headers.unsubscribe import ONE_CLICK, ListHeaders, UnsubscribeProbe
from deliverability.sources.probe import Page, PageProblem, Visitor

_WORD = pattern(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_OPAQUE = pattern(r"[A-Za-z0-9_.~+-]{16,}")
_ADDRESS = pattern(r"[^\s/@=&]{1,64}@[A-Za-z0-9.-]{3,}")
_FORM = pattern(r"<form\b", re.IGNORECASE)
_PASSWORD = pattern(r"<input\b[^>]{0,500}\btype\s*=\s*[\"']?password", re.IGNORECASE)
#: Statuses by which a server keeps programs out, or asks for patience: they say nothing about a reader's browser.
_NOT_FOR_US = frozenset({401, 402, 403, 405, 406, 407, 408, 409, 412, 421, 423, 425, 426, 428, 429, 431, 451, 503})
_REDIRECTS = frozenset({301, 302, 303, 307, 308})


@dataclass(frozen=True, slots=True)
class Probes:
    """What the user allows to be asked."""

    #: Open the links of the message.
    links: bool = False
    #: The unsubscribe address with a test token of the sender's own; "" for none.
    unsubscribe: str = ""
    #: Makes what asks; None is one that goes to the public Internet only.
    visitor: Callable[[Source | None, Limits], Visitor] | None = None


class Care(Enum):
    """How a link may be asked."""

    OPEN = auto()
    HEAD_ONLY = auto()
    LEAVE = auto()
    #: Not asked either: a browser might go elsewhere.
    UNCLEAR = auto()


async def probe_facts(
    facts: Mapping[type, object], probes: Probes, source: Source | None, limits: Limits
) -> dict[type, object]:
    """The facts `LinkProbe` and `UnsubscribeProbe`, as far as they are allowed."""
    make = probes.visitor or (lambda source, limits: Visitor(source, limits=limits))
    found: dict[type, object] = {}
    async with make(source, limits) as visitor:
        links, lists = facts.get(Links), facts.get(ListHeaders)
        if probes.links and isinstance(links, Links):
            listed = lists if isinstance(lists, ListHeaders) else ListHeaders()
            found[LinkProbe] = await _links(visitor, links, listed, limits)
        if probes.unsubscribe:
            found[UnsubscribeProbe] = await _unsubscribe(visitor, probes.unsubscribe)
    return found


_WHY = {Care.LEAVE: LeftAlone.ACTS, Care.UNCLEAR: LeftAlone.UNCLEAR}


# --- links ----------------------------------------------------------------------------------------------------------


async def _links(visitor: Visitor, links: Links, lists: ListHeaders, limits: Limits) -> LinkProbe:
    sorted_links = _to_ask(links, lists)
    asked = [url for url, (_, care) in sorted_links.items() if care in (Care.OPEN, Care.HEAD_ONLY)]
    within = tuple(asked[: limits.probe_links])

    async def one(url: str) -> LinkCheck:
        link, care = sorted_links[url]
        return await _check(visitor, url, link.target.host, careful=care is Care.HEAD_ONLY, limits=limits)

    checks = dict(zip(within, await visitor.each(one, within), strict=True))
    return LinkProbe(tuple(checks.get(url) or _left_alone(url, *sorted_links[url]) for url in sorted_links))


def _left_alone(url: str, link: Link, care: Care) -> LinkCheck:
    return LinkCheck(url, link.target.host, left_alone=_WHY.get(care, LeftAlone.LIMIT))


def _to_ask(links: Links, lists: ListHeaders) -> dict[str, tuple[Link, Care]]:
    """Each different address once, with how it may be asked; the strictest where several links lead there."""
    own = {_bare(uri.uri) for uri in lists.uris}
    found: dict[str, tuple[Link, Care]] = {}
    for link in links.web:
        target = link.target
        if link.hidden or link.origin == "form" or not target.host:
            continue
        url = target.url.partition("#")[0]
        care = Care.LEAVE if _bare(url) in own else care_of(url, link.text)
        care = Care.UNCLEAR if _readings_differ(link) and care is not Care.LEAVE else care
        if url in found:
            care = max(care, found[url][1], key=lambda one: one.value)
        found[url] = (link, care)
    return found


def _readings_differ(link: Link) -> bool:
    """Whether a browser and our HTTP client would go to different places, or a gateway stands before the target."""
    target = link.target
    try:
        host = urlsplit(target.url).hostname or ""
    except ValueError:
        return True
    return bool(target.hazards or target.gateway) or host_name(host) != target.host


def _bare(url: str) -> str:
    """An address without its query: the same page of a mailing program, whoever it is for. A site's own page is itself."""
    whole = url.partition("#")[0].rstrip("/").lower()
    page = whole.partition("?")[0].rstrip("/")
    return page if page.count("/") > 2 else whole


def care_of(url: str, text: str = "") -> Care:
    """How an address may be asked, by its words, by what it shows, and by whether it carries somebody's token."""
    table = _acting()
    try:
        parts = urlsplit(url)
    except ValueError:
        return Care.LEAVE
    carried = unquote(f"{parts.path}?{parts.query}")
    words = set(_WORD.findall(_plain(carried)))
    words |= {piece for word in words for piece in word.split("-")}
    shown = _plain(text)
    if words & table["never"] or any(phrase in shown for phrase in table["never_text"]):
        return Care.LEAVE
    if not _has_token(carried):
        return Care.OPEN
    acts = words & table["with_token"] or table["with_token"] & set(_WORD.findall(shown))
    return Care.LEAVE if acts else Care.HEAD_ONLY


def _has_token(carried: str) -> bool:
    """Whether an address names one reader: an e-mail address, or a long run of letters and digits mixed."""
    if _ADDRESS.search(carried):
        return True
    pieces = _OPAQUE.findall(carried)
    return any(_is_mixed(piece) for piece in pieces)


def _is_mixed(piece: str) -> bool:
    """`factura-2026-0042-empresa.pdf` is words and numbers; `8f3a91bc77d04e5f` changes between them all the time."""
    kinds = ["0" if c.isdigit() else "a" if c.islower() else "A" if c.isupper() else " " for c in piece]
    changes = sum(one != two and " " not in (one, two) for one, two in itertools.pairwise(kinds))
    return changes >= 4


async def _check(visitor: Visitor, url: str, host: str, *, careful: bool, limits: Limits) -> LinkCheck:
    """What the link answers, redirections followed as far as they may be."""
    here = url
    for _ in range(limits.probe_redirects + 1):
        page = await _page(visitor, here, careful=careful)
        if page.status not in _REDIRECTS or not page.location:
            return _judged(url, host, page, careful=careful)
        here = page.location
        care = care_of(here)
        if care is Care.LEAVE:
            return LinkCheck(url, host, failed=True, detail="it redirects to an address that is not opened")
        careful = careful or care is Care.HEAD_ONLY
    return LinkCheck(url, host, LinkProblem.LOOP, here[:200])


async def _page(visitor: Visitor, url: str, *, careful: bool) -> Page:
    page = await visitor.ask("HEAD", url)
    # RFC 9110 §9.3.2: HEAD answers as GET would; many a server does not know that.
    badly = page.status >= 400 if page.status is not None else page.problem is PageProblem.UNREACHABLE
    return await visitor.ask("GET", url) if badly and not careful else page


def _judged(url: str, host: str, page: Page, *, careful: bool) -> LinkCheck:
    if page.problem is PageProblem.NO_HOST:
        return LinkCheck(url, host, LinkProblem.NO_HOST)
    if page.problem is PageProblem.CERTIFICATE:
        return LinkCheck(url, host, LinkProblem.CERTIFICATE, page.detail)
    if page.status is None:
        return LinkCheck(url, host, failed=True, detail=page.detail)
    if page.status < 300 or page.status == 304:
        return LinkCheck(url, host)
    if careful or page.status < 400 or page.status in _NOT_FOR_US:
        return LinkCheck(url, host, failed=True, detail=str(page.status))
    return LinkCheck(url, host, LinkProblem.STATUS, str(page.status))


# --- List-Unsubscribe -----------------------------------------------------------------------------------------------


async def _unsubscribe(visitor: Visitor, url: str) -> UnsubscribeProbe:
    """RFC 8058 §3.2: one POST without cookies or credentials; §3.1: a redirection is not followed, it is the fault."""
    if web_scheme(url) != "https":
        return UnsubscribeProbe(url, problem="not https")
    page = await visitor.ask(
        "POST",
        url,
        content=ONE_CLICK.encode("ascii"),
        headers={"content-type": "application/x-www-form-urlencoded"},
    )
    problem = "" if page.status is not None else page.detail or (page.problem.value if page.problem else "")
    return UnsubscribeProbe(url, page.status, page.location, asks_something(page.body), problem=problem)


def web_scheme(url: str) -> str:
    """The scheme of an address, lower case; "" where it has none or no host."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return parts.scheme.lower() if parts.hostname else ""


def asks_something(body: bytes) -> bool:
    """Whether the page that answered wants a password, or a form on it wants a confirmation."""
    text = body.decode("utf-8", "replace")
    if _PASSWORD.search(text):
        return True
    plain = _plain(text)
    return bool(_FORM.search(text)) and any(phrase in plain for phrase in _acting()["asks"])


def _plain(text: str) -> str:
    """Lower case, without accents, blanks as one."""
    folded = unicodedata.normalize("NFKD", text).lower()
    return " ".join("".join(c for c in folded if not unicodedata.combining(c)).split())


@functools.cache
def _acting() -> Mapping[str, frozenset[str]]:
    table = read_table("deliverability.audits", "acting.toml")
    return {key: frozenset(words) for key, words in table.items()}
