"""What spam filters on the way said of the message, in the fields they leave in it, as one table.

Each vendor has its own form; all are read into `Verdict`. A sender can write such fields too, and the filter of the
sender's own provider leaves them: `trusted` says whether the receiver surely wrote this one (`headers.claims`).
Numbers are read from ASCII digits only, of at most nine characters; anything else is None.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from deliverability.core.names import is_subdomain, query_name, registrable_domain
from deliverability.core.patterns import pattern
from deliverability.headers.claims import TrustedPart
from deliverability.headers.fields import Field, Headers
from deliverability.headers.symbols import code_of

_NUMBER = pattern(r"[+-]?[0-9]{1,6}(?:\.[0-9]{1,6})?")
_PAIR = pattern(r"([A-Za-z_]{1,40})[ \t]*[=:][ \t]*([^ \t;,]{0,200})")
_RSPAMD_SYMBOL = pattern(r"([A-Z][A-Z0-9_]{2,80})(?:\(([+-]?[0-9]{1,6}(?:\.[0-9]{1,6})?)\))?")
_RSPAMD_HEAD = pattern(
    r"[^;\[]{0,80}?([A-Za-z]{1,10})?[ \t]{0,4}\[[ \t]{0,4}([0-9.+-]{1,12})[ \t]{0,4}/[ \t]{0,4}([0-9.+-]{1,12})"
)
_SYMBOL = pattern(r"[A-Z0-9_]{3,80}(?:=[+-]?[0-9]{1,6}(?:\.[0-9]{1,6})?)?", 2)
#: Symbols of one verdict, and verdicts of one message, that are kept.
MAX_SYMBOLS = 200
MAX_VERDICTS = 50

SPAMASSASSIN, RSPAMD, MICROSOFT = "spamassassin", "rspamd", "microsoft"
PROOFPOINT, BARRACUDA, GMAIL, OVH = "proofpoint", "barracuda", "gmail", "ovh"


class Symbol(NamedTuple):
    """One rule of the filter that hit, its points where they are told, and the code of our check about it or ""."""

    name: str
    score: float | None = None
    meaning_code: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """One field of one filter. `score` and `threshold` are in the filter's own points."""

    system: str
    #: The filter's own word: "Yes", "add header", "SPM".
    verdict: str
    #: Whether that means spam (or phishing, malware, forgery, unwanted bulk); None: it does not say.
    spam: bool | None
    score: float | None
    threshold: float | None
    symbols: tuple[Symbol, ...]
    field: Field
    #: Whether the receiver surely wrote the field.
    trusted: bool = False
    #: Further pairs of the field, such as ("SCL", "5").
    details: tuple[tuple[str, str], ...] = ()

    def get(self, name: str) -> str:
        """A further pair of the field; "" when it is not there."""
        return next((value for key, value in self.details if key == name), "")


@dataclass(frozen=True, slots=True)
class Verdicts:
    """Every verdict in the message, from the top."""

    verdicts: tuple[Verdict, ...] = ()

    @property
    def trusted(self) -> tuple[Verdict, ...]:
        """The ones that the receiver surely wrote."""
        return tuple(verdict for verdict in self.verdicts if verdict.trusted)


def read_verdicts(headers: Headers, part: TrustedPart) -> Verdicts:
    """The filter verdicts of a message; `part` says which octets the receiver wrote."""
    found: list[Verdict] = []
    checker = _checker(headers)
    for field in headers.fields:
        reader = _READERS.get(field.key)
        if reader is None:
            continue
        verdict = reader(field, field.text[:20_000])
        if verdict is not None:
            found.append(_with_trust(verdict, part, checker))
        if len(found) >= MAX_VERDICTS:
            break
    return Verdicts(tuple(found))


def number(text: str) -> float | None:
    """A number at the beginning of a text."""
    matched = _NUMBER.match(text.strip())
    return float(matched[0]) if matched else None


def _checker(headers: Headers) -> str:
    """The host that says of itself that its filter ran ("SpamAssassin 4.0.0 (…) on mx.example")."""
    version = headers.text("X-Spam-Checker-Version").strip()
    return version.rpartition(" on ")[2] if " on " in version else headers.text("X-Rspamd-Server").strip()


def _with_trust(verdict: Verdict, part: TrustedPart, checker: str) -> Verdict:
    own = part.is_own(verdict.field)
    if verdict.system == MICROSOFT:
        # Exchange Online takes such fields of others away, or renames them to "…-Untrusted".
        own = own or part.microsoft
    elif not own and part.may_be_own(verdict.field):
        own = _same_house(checker, part.by)
    return _replaced(verdict, own)


def _replaced(verdict: Verdict, trusted: bool) -> Verdict:
    return Verdict(
        verdict.system,
        verdict.verdict,
        verdict.spam,
        verdict.score,
        verdict.threshold,
        verdict.symbols,
        verdict.field,
        trusted,
        verdict.details,
    )


def _same_house(one: str, by: str | None) -> bool:
    first, second = query_name(one), query_name(by or "")
    if not first or not second:
        return False
    domain = registrable_domain(first)
    return is_subdomain(first, second) or (domain is not None and domain == registrable_domain(second))


def _pairs(text: str) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for key, value in _PAIR.findall(text):
        pairs.setdefault(key.lower(), value)
    return pairs


def _spam_status(field: Field, text: str) -> Verdict | None:
    """SpamAssassin: `Yes, score=7.2 required=5.0 tests=A,B=1.2 autolearn=no version=4.0.0`; amavis puts tests in `[…]`."""
    word = text.partition(",")[0].strip()[:40]
    pairs = _pairs(text)
    score = number(pairs.get("score", pairs.get("hits", "")))
    if score is None and word.lower() not in ("yes", "no"):
        return None
    threshold = number(pairs.get("required", pairs.get("tagged_above", "")))
    symbols = tuple(_spamassassin_symbols(text))
    return Verdict(SPAMASSASSIN, word, _yes(word), score, threshold, symbols, field)


def _spamassassin_symbols(text: str) -> Iterator[Symbol]:
    at = text.find("tests=")
    if at < 0:
        return
    listed = text[at + 6 :]
    if listed.startswith("["):
        listed = listed[1:].partition("]")[0]
    else:
        # Unfolding leaves blanks within the list; it ends where the next `word=` in lower case begins.
        end = _NEXT_KEY.search(listed)
        listed = listed[: end.start()] if end else listed
    for count, item in enumerate(_SYMBOL.findall(listed)):
        name, _, points = item.partition("=")
        if count >= MAX_SYMBOLS:
            return
        if name.lower() != "none":
            yield Symbol(name, number(points), code_of(SPAMASSASSIN, name))


_NEXT_KEY = pattern(r"[ \t](?:autolearn|version|bayes|shortcircuit|autolearn_force|scantime|bodylen|rbl)\b")


def _yes(word: str) -> bool | None:
    return {"yes": True, "true": True, "spam": True, "no": False, "false": False, "ham": False}.get(word.lower())


def _spam_score(field: Field, text: str) -> Verdict | None:
    score = number(text)
    return None if score is None else Verdict(SPAMASSASSIN, "", None, score, None, (), field)


def _flag(field: Field, text: str) -> Verdict | None:
    said = _yes(text.strip())
    return None if said is None else Verdict(SPAMASSASSIN, text.strip(), said, None, None, (), field)


def _level(field: Field, text: str) -> Verdict | None:
    stars = len(text.strip()) if set(text.strip()) <= {"*", "+", "s", "x"} else 0
    return Verdict(SPAMASSASSIN, "", None, float(stars), None, (), field) if 0 < stars <= 200 else None


def _spamd_result(field: Field, text: str) -> Verdict | None:
    """rspamd: `default: False [1.20 / 15.00]; SYMBOL(1.00)[options]; …`."""
    head = _RSPAMD_HEAD.match(text)
    if head is None:
        return None
    symbols = []
    for piece in text[head.end() :].split(";")[1 : MAX_SYMBOLS + 1]:
        found = _RSPAMD_SYMBOL.match(piece.strip())
        if found is not None:
            points = number(found[2]) if found[2] else None
            symbols.append(Symbol(found[1], points, code_of(RSPAMD, found[1])))
    word = head[1] or ""
    return Verdict(RSPAMD, word, _yes(word), number(head[2]), number(head[3]), tuple(symbols), field)


def _rspamd_score(field: Field, text: str) -> Verdict | None:
    score = number(text)
    if score is None:
        return None
    _, slash, limit = text.partition("/")
    return Verdict(RSPAMD, "", None, score, number(limit) if slash else None, (), field)


def _rspamd_action(field: Field, text: str) -> Verdict | None:
    word = text.strip().lower()[:40]
    spam = {"no action": False, "greylist": None, "add header": True, "rewrite subject": True, "reject": True}.get(word)
    return Verdict(RSPAMD, word, spam, None, None, (), field) if word else None


#: learn.microsoft.com, "Anti-spam message headers in cloud organizations", 2026-05.
_SFV_SPAM = frozenset({"SPM", "SKS", "BLK", "SKB"})
_SFV_CLEAN = frozenset({"NSPM", "SFE", "SKA", "SKI", "SKN", "SKQ"})
_CAT_BAD = frozenset(
    {
        "AMP",
        "BIMP",
        "BULK",
        "DIMP",
        "FTBP",
        "GIMP",
        "HPHISH",
        "HPHSH",
        "HSPM",
        "INTOS",
        "MALW",
        "OSPM",
        "PHSH",
        "SAP",
        "SPM",
    }
    | {"SPOOF", "UIMP"}
)


def _forefront(field: Field, text: str) -> Verdict | None:
    """`CIP:192.0.2.1;CTRY:ES;LANG:es;SCL:1;SRV:;IPV:NLI;SFV:NSPM;H:mail.example;PTR:…;CAT:NONE;SFS:(…);DIR:INB;`."""
    details = []
    for piece in text.split(";")[:60]:
        key, colon, value = piece.partition(":")
        if colon and 0 < len(key.strip()) <= 20:
            details.append((key.strip().upper(), value.strip()[:300]))
    pairs = dict(reversed(details))
    if not {"SFV", "SCL", "CAT"} & pairs.keys():
        return None
    verdict, category, score = pairs.get("SFV", ""), pairs.get("CAT", ""), number(pairs.get("SCL", ""))
    symbols = [Symbol(f"SFV:{verdict}")] if verdict else []
    if category and category != "NONE":
        symbols.append(Symbol(f"CAT:{category}", None, code_of(MICROSOFT, f"CAT:{category}")))
    spam = None
    if verdict in _SFV_SPAM or category in _CAT_BAD or (score is not None and score >= 5):
        spam = True
    elif verdict in _SFV_CLEAN or (score is not None and score >= -1):
        spam = False
    return Verdict(MICROSOFT, verdict, spam, score, 5.0, tuple(symbols), field, details=tuple(details))


def _microsoft_bulk(field: Field, text: str) -> Verdict | None:
    """`X-Microsoft-Antispam: BCL:0;…`: how much the source of bulk mail is complained about, 0 to 9."""
    pairs = {key.upper(): value for key, value in _pairs(text).items()}
    level = number(pairs.get("BCL", ""))
    if level is None:
        return None
    # 7 is the default threshold for bulk mail.
    return Verdict(MICROSOFT, "BCL", level >= 7, level, 7.0, (), field, details=(("BCL", f"{level:g}"),))


def _microsoft_level(field: Field, text: str) -> Verdict | None:
    level = number(text)
    if level is None:
        return None
    return Verdict(MICROSOFT, "SCL", level >= 5, level, 5.0, (), field, details=(("SCL", f"{level:g}"),))


def _proofpoint(field: Field, text: str) -> Verdict | None:
    """`rule=notspam policy=default score=0 spamscore=0 …`."""
    pairs = _pairs(text)
    rule = pairs.get("rule", "")[:80]
    if not rule and "score" not in pairs:
        return None
    spam = None if not rule else ("spam" in rule.lower() and not rule.lower().startswith("notspam"))
    return Verdict(PROOFPOINT, rule, spam, number(pairs.get("score", "")), None, (), field)


def _barracuda(field: Field, text: str) -> Verdict | None:
    """`No, SCORE=0.50 using global scores of TAG_LEVEL=3.5 … tests=A, B`."""
    word = text.partition(",")[0].strip()[:40]
    pairs = _pairs(text)
    if _yes(word) is None and "score" not in pairs:
        return None
    limit = number(pairs.get("tag_level", pairs.get("kill_level", "")))
    # Its rules carry SpamAssassin's names.
    symbols = tuple(_spamassassin_symbols(text))
    return Verdict(BARRACUDA, word, _yes(word), number(pairs.get("score", "")), limit, symbols, field)


def _gmail(field: Field, text: str) -> Verdict | None:
    level = number(text)
    return None if level is None else Verdict(GMAIL, field.name, level > 0, level, None, (), field)


def _ovh(field: Field, text: str) -> Verdict | None:
    word = text.strip()[:40]
    return Verdict(OVH, word, word.upper() not in ("OK", "HAM"), None, None, (), field) if word else None


_READERS: Mapping[str, Callable[[Field, str], Verdict | None]] = {
    "x-spam-status": _spam_status,
    "x-spam-score": _spam_score,
    "x-spam-flag": _flag,
    "x-spam-level": _level,
    "x-spamd-result": _spamd_result,
    "x-rspamd-result": _spamd_result,
    "x-rspamd-score": _rspamd_score,
    "x-rspamd-action": _rspamd_action,
    "x-spam-action": _rspamd_action,
    "x-forefront-antispam-report": _forefront,
    "x-microsoft-antispam": _microsoft_bulk,
    "x-ms-exchange-organization-scl": _microsoft_level,
    "x-proofpoint-spam-details": _proofpoint,
    "x-barracuda-spam-status": _barracuda,
    "x-gm-spam": _gmail,
    "x-gm-phishy": _gmail,
    "x-vr-spamstate": _ovh,
    "x-ovh-spam-status": _ovh,
}
