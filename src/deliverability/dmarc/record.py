"""DMARC records: every tag of RFC 9989 §4.7, every defect with its place, and what each specification makes of it.

`parse` is total. A text that does not start with `v=DMARC1` is no DMARC record (`is_dmarc` is False): receivers ignore
it as a whole, but it is read all the same, since it may be one that was meant to be a record. In a record, what cannot
be used is ignored or replaced by the tag's default (RFC 9989 §4.8), and each such place is a `DmarcProblem`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeAlias

from deliverability.core.limits import DEFAULT_LIMITS
from deliverability.core.patterns import pattern
from deliverability.core.span import Span, record_text
from deliverability.core.tags import Tag, TagDefect, TagDefectKind, TagList, read_tags
from deliverability.dmarc.problem import DmarcProblem, DmarcProblemKind
from deliverability.dmarc.uri import ReportUri, read_uris, suggest

K = DmarcProblemKind

Policy: TypeAlias = Literal["none", "quarantine", "reject"]
Spec: TypeAlias = Literal["9989", "7489"]
AppliesAs: TypeAlias = Literal["p", "sp", "np"]

#: From the weakest to the strictest.
POLICIES: tuple[Policy, ...] = ("none", "quarantine", "reject")
SPECS: tuple[Spec, ...] = ("9989", "7489")

#: The tags of RFC 9989 §4.7, besides `v`.
KNOWN_TAGS = ("p", "sp", "np", "adkim", "aspf", "fo", "rua", "ruf", "psd", "t")
#: In RFC 7489 §6.3, removed by RFC 9989 Appendix C.5.2.
REMOVED_TAGS = ("pct", "rf", "ri")

#: Values of the one-letter tags; the first is the default (RFC 9989 §4.7).
_LETTERS = {"adkim": "rs", "aspf": "rs", "t": "ny", "psd": "uyn"}
# "strict" is answered by the relaxed that is in force: a spelling put right may not fail mail that passes today.
_WORDS = {"relaxed": "r", "strict": "r", "yes": "y", "no": "n", "true": "y", "false": "n", "1": "y", "0": "n"}

# RFC 9989 §4.8 dmarc-version: the name matches in either case, the value does not, nothing stands before it.
_VERSION = pattern(r"[vV][ \t]*=[ \t]*DMARC1[ \t]*(?:;|\Z)")
_VERSION_OPEN = pattern(r"[vV][ \t]*=[ \t]*DMARC1(?=[\s,:|])")
_VERSION_FOLDED = pattern(r"v\s*=\s*dmarc1\s*(?:;|\Z)", re.IGNORECASE)
_LOOKALIKE = pattern(r"\bv[ \t]{0,8}[=:]{0,2}[ \t\"'\\“”‘’«»]{0,8}dmarc|\A\W{0,8}dmarc1?[ \t]{0,8};", re.IGNORECASE)

# A known tag after white space or a comma: a semicolon is missing there. Written so that no run is scanned twice.
_NEXT_TAG = pattern(r"(?<=[\s,])(?:p|sp|np|adkim|aspf|fo|rua|ruf|psd|t|pct|rf|ri)[ \t]{0,8}=")
_COLON = pattern(r"\s*(p|sp|np|adkim|aspf|fo|rua|ruf|psd|t|pct|rf|ri)[ \t]*:[ \t]*(\S.*)", re.DOTALL)
_QUOTES = pattern('["“”„‟″«»‘’]|â\x80[\x98\x99\x9c\x9d\x9e]')
_MARKS = pattern('["“”„‟″«»‘’â<&\\\\]')  # what the searches below start with
_HTML = pattern(r"</?[A-Za-z][^<>]{0,200}>|&(?:quot|amp|nbsp|lt|gt|#[0-9]{1,5});", re.IGNORECASE)

_ALIASES = {
    "policy": "p",
    "action": "p",
    "subpolicy": "sp",
    "subdomain": "sp",
    "spf": "aspf",
    "dkim": "adkim",
    "report": "rua",
    "reports": "rua",
    "aggregate": "rua",
    "failure": "ruf",
    "test": "t",
    "testing": "t",
    "percent": "pct",
}


class Reading(NamedTuple):
    """What one specification makes of a record.

    `usable` False: the record was found, and no DMARC processing follows (RFC 9989 §4.10.1, RFC 7489 §6.6.3).
    The policies are those in force after the fallbacks of `sp` and `np`, before `t` and `pct`.
    """

    spec: Spec
    usable: bool
    p: Policy
    sp: Policy
    np: Policy
    #: RFC 9989 §4.7: test mode, each policy is applied one level lower.
    testing: bool = False
    #: RFC 7489 §6.6.4: the share of failing messages that the policy is for, 0..100.
    pct: int = 100
    psd: Literal["y", "n", "u"] = "u"

    def published(self, tag: AppliesAs) -> Policy:
        """The policy that `p`, `sp` or `np` comes to, before test mode."""
        return {"p": self.p, "sp": self.sp, "np": self.np}[tag]

    def applied(self, tag: AppliesAs) -> Policy:
        """The policy that failing messages meet: one level lower in test mode (RFC 9989 §4.7, "t")."""
        return lowered(self.published(tag)) if self.testing else self.published(tag)


def strictness(policy: str) -> int:
    """0 for none, 1 for quarantine, 2 for reject."""
    return POLICIES.index(policy) if policy in POLICIES else 0


def lowered(policy: Policy) -> Policy:
    """One level below: reject is quarantine, quarantine is none, none stays."""
    return POLICIES[max(0, strictness(policy) - 1)]


@dataclass(frozen=True, slots=True)
class DmarcRecord:
    """One TXT record read as DMARC. Tag values are None where the tag is absent or not usable."""

    text: str
    #: It starts with `v=DMARC1`; otherwise receivers ignore all of it (RFC 9989 §4.7).
    is_dmarc: bool
    tags: tuple[Tag, ...]
    problems: tuple[DmarcProblem, ...]
    p: Policy | None = None
    sp: Policy | None = None
    np: Policy | None = None
    adkim: Literal["r", "s"] = "r"
    aspf: Literal["r", "s"] = "r"
    psd: Literal["y", "n", "u"] = "u"
    t: Literal["y", "n"] = "n"
    fo: tuple[str, ...] = ("0",)
    rua: tuple[ReportUri, ...] = ()
    ruf: tuple[ReportUri, ...] = ()
    #: RFC 7489 only, 0..100.
    pct: int = 100
    #: Over `Limits.txt_octets`: what lies beyond was not read, and the record is taken as malformed.
    too_long: bool = False

    def __str__(self) -> str:
        return self.text

    def has(self, name: str) -> bool:
        """Whether the tag stands in the record, usable or not."""
        return any(tag.name == name for tag in self.tags)

    def get(self, name: str) -> Tag | None:
        """The first tag of that name."""
        return next((tag for tag in self.tags if tag.name == name), None)

    def of_kind(self, *kinds: DmarcProblemKind) -> tuple[DmarcProblem, ...]:
        """The defects of these kinds, in the order of the record."""
        return tuple(problem for problem in self.problems if problem.kind in kinds)

    @property
    def valid_rua(self) -> tuple[ReportUri, ...]:
        """The aggregate-report URIs that are syntactically valid."""
        return tuple(uri for uri in self.rua if uri.valid)

    @property
    def valid_ruf(self) -> tuple[ReportUri, ...]:
        """The failure-report URIs that are syntactically valid."""
        return tuple(uri for uri in self.ruf if uri.valid)

    @property
    def asks_for_reports(self) -> bool:
        """Whether `rua` holds a syntactically valid URI, of whatever scheme (RFC 9989 §4.10.1, RFC 7489 §6.6.3)."""
        return any(uri.syntactic for uri in self.rua)

    def reading(self, spec: Spec = "9989") -> Reading:
        """What the specification makes of this record.

        RFC 9989 §4.7 has a missing `p` read as `p=none` in an otherwise valid record; §4.10.1 has a record without a
        valid `p`, or with an invalid `sp` or `np`, act as `p=none` if it asks for reports, and not at all if it does
        not. We take the first for `p` absent and the second for values that are wrong. RFC 7489 §6.6.3 step 6 treats
        both cases in the second way, and knows neither `np`, `psd` nor `t`.
        """
        return _reading_9989(self) if spec == "9989" else _reading_7489(self)


def _reading_9989(record: DmarcRecord) -> Reading:
    testing = record.t == "y"
    usable = record.is_dmarc and not record.too_long
    if any(record.has(name) and getattr(record, name) is None for name in ("p", "sp", "np")):
        # RFC 9989 §4.10.1: act as if "p=none" was retrieved, or apply no DMARC at all.
        return Reading("9989", usable and record.asks_for_reports, "none", "none", "none", testing, psd=record.psd)
    p = record.p or "none"  # RFC 9989 §4.7, "p"
    sp = record.sp or p
    return Reading("9989", usable, p, sp, record.np or sp, testing, psd=record.psd)  # RFC 9989 §4.7, "np"


def _reading_7489(record: DmarcRecord) -> Reading:
    usable = record.is_dmarc and not record.too_long
    if record.p is None or (record.has("sp") and record.sp is None):
        # RFC 7489 §6.6.3 step 6
        return Reading("7489", usable and record.asks_for_reports, "none", "none", "none", pct=record.pct)
    sp = record.sp or record.p
    return Reading("7489", usable, record.p, sp, sp, pct=record.pct)


def parse(record: str | bytes) -> DmarcRecord:
    """Read one TXT record as DMARC (RFC 9989 §4.7, §4.8). Never raises; spans count octets of bytes, characters of text.

    The character-strings of a TXT record are joined with nothing between before they come here (RFC 9989 §4.5).

    >>> record = parse("v=DMARC1; p=quarantine; adkim=s")
    >>> record.p, record.adkim, record.problems
    ('quarantine', 's', ())
    """
    text = record_text(record)
    limit = DEFAULT_LIMITS.txt_octets
    tag_list = read_tags(text[:limit])
    reader = _Reader(tag_list)
    if len(text) > limit:
        reader.add(K.TOO_LONG, Span(limit, len(text)), "")
    is_dmarc = _VERSION.match(text) is not None
    if not is_dmarc:
        reader.version(text[:limit])
    reader.list_defects()
    reader.characters(text[:limit])
    for tag in tag_list.tags:
        reader.tag(tag)
    reader.finish(is_dmarc=is_dmarc)
    problems = tuple(sorted(reader.problems, key=lambda problem: (problem.span, problem.kind)))
    return DmarcRecord(
        text,
        is_dmarc,
        tag_list.tags,
        problems,
        too_long=len(text) > limit,
        **reader.values,  # type: ignore[arg-type]
    )


def looks_like_dmarc(text: str) -> bool:
    """Whether a text that is no DMARC record was probably meant to be one."""
    return _LOOKALIKE.search(text[:2000]) is not None


class _Reader:
    """Goes once over the tags of a record and collects values and defects."""

    def __init__(self, tag_list: TagList) -> None:
        self.text = tag_list.text
        self.list = tag_list
        self.values: dict[str, object] = {}
        self.problems: list[DmarcProblem] = []
        self._seen: set[str] = set()

    def add(
        self, kind: DmarcProblemKind, span: Span, text: str, tag: str = "", suggestion: str = "", used: str = ""
    ) -> None:
        self.problems.append(DmarcProblem(kind, span, text, tag, suggestion, used))

    def version(self, text: str) -> None:
        """Say why the record does not count as DMARC (RFC 9989 §4.7, "v")."""
        stripped = text.lstrip()
        first = self.list.tags[0] if self.list.tags else None
        later = next((t for t in self.list.tags[1:] if t.name in ("v", "V") and t.value.upper() == "DMARC1"), None)
        if stripped != text and _VERSION.match(stripped):
            self.add(K.VERSION_LEADING_SPACE, Span(0, len(text) - len(stripped)), "", "v", "v=DMARC1;")
        elif opened := _VERSION_OPEN.match(stripped):
            end = len(text) - len(stripped) + opened.end()
            self.add(K.VERSION_SEPARATOR, Span(end, end + 1), text[end : end + 1], "v", "; ")
        elif folded := _VERSION_FOLDED.match(stripped):
            start = len(text) - len(stripped)
            self.add(K.VERSION_CASE, Span(start, start + folded.end()), folded[0], "v", "v=DMARC1;")
        elif later is not None:
            span = Span(later.name_span.start, later.value_span.end)
            self.add(K.VERSION_NOT_FIRST, span, text[slice(*span)], "v", "v=DMARC1;")
        elif first is not None and first.name in ("v", "V"):
            self.add(K.VERSION_VALUE, first.value_span, first.value, "v", "DMARC1")
        else:
            self.add(K.VERSION_MISSING, Span(0, 0), "", "v", "v=DMARC1;")

    def list_defects(self) -> None:
        """The defects of the list itself, with a closer look at pieces that are no tags."""
        kinds = {
            TagDefectKind.EMPTY: K.EMPTY_TAG,
            TagDefectKind.DUPLICATE: K.DUPLICATE,
            TagDefectKind.NON_ASCII: K.NON_ASCII,
            TagDefectKind.TOO_MANY: K.TOO_MANY_TAGS,
        }
        for defect in self.list.defects:
            if defect.kind in kinds:
                tag = defect.text if defect.kind is TagDefectKind.DUPLICATE else ""
                self.add(kinds[defect.kind], defect.span, defect.text, tag)
            else:
                self._no_tag(defect)

    def _no_tag(self, defect: TagDefect) -> None:
        end = self.text.find(";", defect.span.start)
        piece = self.text[defect.span.start : end if end >= 0 else len(self.text)].rstrip()
        span = Span(defect.span.start, defect.span.start + len(piece))
        colon = _COLON.fullmatch(piece[:4000])
        if colon is not None:
            self.add(K.COLON, span, piece, colon[1], f"{colon[1]}={colon[2]}")
        elif piece[:7].lower() == "mailto:":
            self.add(K.URI_SEMICOLON, span, piece, "rua", suggest(piece))
        else:
            self.add(K.NO_EQUALS if defect.kind is TagDefectKind.NO_EQUALS else K.BAD_NAME, span, piece)

    def characters(self, text: str) -> None:
        """Quotation marks, backslashes and HTML that came in with copying; one defect of each kind."""
        if _MARKS.search(text) is None:
            return
        for kind, found in (
            (K.QUOTES, _QUOTES.search(text)),
            (K.HTML, _HTML.search(text)),
            (K.BACKSLASH, re.search(r"\\", text)),
        ):
            if found is not None:
                self.add(kind, Span(*found.span()), found[0])

    def tag(self, tag: Tag) -> None:
        """Read one tag; a second one of the same name is left out (its defect is already there)."""
        name = tag.name
        if name in self._seen:
            return
        self._seen.add(name)
        gap = _NEXT_TAG.search(tag.value) if "=" in tag.value else None
        if gap is not None and (name in KNOWN_TAGS or name in REMOVED_TAGS):
            before = tag.value[: gap.start()].rstrip("\t\r\n\f\v ,")
            start, length = tag.value_span.start + len(before), gap.start() - len(before)
            self.add(K.MISSING_SEPARATOR, Span(start, start + length), self.text[start : start + length], name, "; ")
        if name in ("p", "sp", "np"):
            self._policy(tag)
        elif name in _LETTERS:
            self._letter(tag)
        elif name == "fo":
            self._fo(tag)
        elif name in ("rua", "ruf"):
            self._uris(tag)
        elif name in REMOVED_TAGS:
            self._removed(tag)
        elif name not in ("v", "V"):
            self._unknown(tag)

    def _policy(self, tag: Tag) -> None:
        word = tag.value.lower()  # RFC 9989 §4.8: ABNF strings match in any case (RFC 5234 §2.3)
        if word in POLICIES:
            self.values[tag.name] = word
        else:
            self.add(K.POLICY_INVALID, _place(tag), tag.value, tag.name, _near_policy(word), "none")

    def _letter(self, tag: Tag) -> None:
        letters = _LETTERS[tag.name]
        word = tag.value.lower()
        if len(word) == 1 and word in letters:
            self.values[tag.name] = word
            return
        meant = _WORDS.get(word[:8], "")
        kind = K.VALUE_INVALID if word else K.VALUE_EMPTY
        suggestion = meant if meant and meant in letters else ""
        self.add(kind, _place(tag), tag.value, tag.name, suggestion, letters[0])

    def _fo(self, tag: Tag) -> None:
        """RFC 9989 §4.8 dmarc-fo: each of `d` and `s` at most once, and one of `0` and `1`."""
        options = [option.strip() for option in tag.value.lower().split(":")]
        known = list(dict.fromkeys(option for option in options if option in ("0", "1", "d", "s")))
        if known != options:
            self.add(K.FO_INVALID, _place(tag), tag.value, "fo", ":".join(known), "0")
        elif "0" in known and "1" in known:
            suggestion = ":".join(option for option in known if option != "0")
            self.add(K.FO_CONFLICT, _place(tag), tag.value, "fo", suggestion, "0")
        else:
            self.values["fo"] = tuple(known)

    def _uris(self, tag: Tag) -> None:
        if not tag.value:
            self.add(K.URI_EMPTY, _place(tag), "", tag.name)
            return
        uris, problems = read_uris(tag.name, tag.value, tag.value_span.start)
        self.values[tag.name] = uris
        self.problems.extend(problems)

    def _removed(self, tag: Tag) -> None:
        self.add(K.REMOVED_TAG, Span(tag.name_span.start, tag.value_span.end), tag.value, tag.name)
        if tag.name == "pct" and re.fullmatch(r"[0-9]{1,3}", tag.value) and int(tag.value) <= 100:
            self.values["pct"] = int(tag.value)

    def _unknown(self, tag: Tag) -> None:
        if tag.name.lower() in (*KNOWN_TAGS, *REMOVED_TAGS):
            # RFC 6376 §3.2: tag names are case-sensitive.
            self.add(K.TAG_CASE, tag.name_span, tag.name, tag.name, tag.name.lower())
        else:
            self.add(K.UNKNOWN_TAG, tag.name_span, tag.name, tag.name, near_tag(tag.name, tag.value))

    def finish(self, *, is_dmarc: bool) -> None:
        """What can only be told once all tags are read."""
        if is_dmarc and not self.list.get("p"):
            end = self.list.tags[0].value_span.end if self.list.tags else 0
            self.add(K.POLICY_MISSING, Span(end, end), "", "p", used="none")
        fo = self.list.get("fo")
        if fo is not None and not self.list.get("ruf"):
            # RFC 9989 §4.7, "fo": MUST be ignored without ruf.
            self.add(K.FO_WITHOUT_RUF, Span(fo.name_span.start, fo.value_span.end), fo.value, "fo")


def _place(tag: Tag) -> Span:
    """The value, or the name where the value is empty."""
    return tag.value_span if tag.value else tag.name_span


def _near_policy(word: str) -> str:
    """The policy that a misspelt word stands for, or ""."""
    start = word[:40]
    for policy in POLICIES:
        if start.startswith(policy) or (len(start) >= 3 and _one_edit_apart(start, policy)):
            return policy
    return {"quarantined": "quarantine", "rejected": "reject", "quaratine": "quarantine"}.get(start, "")


def near_tag(name: str, value: str = "") -> str:
    """The known tag that an unknown name was probably meant to be, or ""."""
    word = name.lower()[:16]
    if word in _ALIASES:
        return _ALIASES[word]
    if len(word) < 2:
        return ""
    near = [tag for tag in (*KNOWN_TAGS, *REMOVED_TAGS) if len(tag) >= 2 and _one_edit_apart(word, tag)]
    if len(near) > 1 and "mailto:" in value[:40].lower():
        near = [tag for tag in near if tag == "rua"]
    return near[0] if len(near) == 1 else ""


def _one_edit_apart(first: str, second: str) -> bool:
    """Whether one insertion, deletion, replacement or swap of neighbours makes `first` into `second`."""
    if first == second or abs(len(first) - len(second)) > 1:
        return False
    head = 0
    while head < min(len(first), len(second)) and first[head] == second[head]:
        head += 1
    a, b = first[head:], second[head:]
    return a[1:] == b[1:] or a[1:] == b or a == b[1:] or (a[:2] == b[1::-1] and len(b) > 1 and a[2:] == b[2:])
