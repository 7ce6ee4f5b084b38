"""The record to publish: the owner's own, with as little changed as its defects allow.

Every finding about one record proposes the same record, so that the fixes of an audit can be made together. Tags stay
in their order and what is right stays as it is written. What is changed:

- characters that came in with copying (quotation marks, HTML, backslashes, invisible characters) are taken out;
- missing semicolons and equals signs are put in, `v=DMARC1` is put first, `p=none` after it where no `p` stands;
- misspelt tags and values become what they were meant to be, or go where nobody can tell; of two equal tags the first
  stays; the tags that RFC 9989 removed go, `pct=0` becoming the `t=y` that stands for it (Appendix A.6);
- report addresses get `mailto:` and commas, and lose size limits; where there is none, one is added if the domain
  receives mail.

A policy is never made weaker than what is in force. It is made stricter in three cases, and the texts say so: a
misspelt policy, `np` where the domain itself is enforced, and a domain that is said never to send.
"""

from __future__ import annotations

import contextlib
import re
from dataclasses import dataclass

from deliverability.core.changes import Fix, RecordChange
from deliverability.core.names import public_suffix
from deliverability.core.patterns import pattern
from deliverability.dmarc.facts import DmarcFacts, foreign_texts, ignored_records
from deliverability.dmarc.problem import DmarcProblemKind
from deliverability.dmarc.record import (
    KNOWN_TAGS,
    POLICIES,
    REMOVED_TAGS,
    DmarcRecord,
    near_tag,
    parse,
    strictness,
)
from deliverability.dmarc.uri import read_uris, suggest
from deliverability.dmarc.walk import WalkStep

#: What a domain that never sends should publish (M3AAWG, RFC 9989 §4.7).
PARKED = "v=DMARC1; p=reject; sp=reject; np=reject"

_MARKS = pattern('["“”„‟″«»‘’\u200b-\u200f\u2060\ufeff\u00ad]')
_ELEMENT = pattern(r"</?[A-Za-z][^<>]{0,200}>")
_ENTITY = pattern(r"&(quot|amp|nbsp|lt|gt|#[0-9]{1,5});", re.IGNORECASE)
_ENTITIES = {"amp": "&", "nbsp": " "}
_FOREIGN = pattern(r"[^\x20-\x7e]+")
_SPACES = pattern(r"[\s\u00a0]+")
# A known tag where a semicolon is missing before it, or stands as something else.
_NEXT_TAG = pattern(r"(?<=[\s,|])(?=(?:p|sp|np|adkim|aspf|fo|rua|ruf|psd|t|pct|rf|ri) ?[=:](?!//))")
_AFTER_VERSION = pattern(r"(?<=DMARC1)[:.|]")
_PIECE = pattern(r"([A-Za-z][A-Za-z0-9_]*) ?[=:]")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the proposed record has to have besides being right."""

    #: The `rua` URI to add where the record asks for no aggregate reports; "" adds none.
    rua: str = ""
    #: The name is the organization's own, and a record above it would say otherwise.
    psd_n: bool = False
    #: The record stands on a public suffix, where `psd=y` belongs.
    keep_psd_y: bool = False
    #: Its `np` is used: the record stands at the organizational domain.
    np_reject: bool = False
    #: The domain never sends.
    parked: bool = False


_NOTHING_MORE = Wanted()


def repaired(text: str, wanted: Wanted = _NOTHING_MORE) -> str:
    """The record that was meant, ready to publish. Defects that leave nothing to keep give `v=DMARC1; p=none`."""
    spaced = "; " if "; " in text or ";" not in text else ";"
    tags = _read(cleaned(text))
    _policies(tags, parked=wanted.parked)
    _letters(tags, wanted)
    for name in ("rua", "ruf"):
        if name in tags:
            tags[name] = _uris(name, tags[name])
            if not tags[name]:
                del tags[name]
    if wanted.rua and "rua" not in tags:
        tags["rua"] = wanted.rua
    _failure_options(tags)
    if wanted.np_reject:
        _protect_names(tags)
    ending = ";" if text.rstrip().endswith(";") else ""
    return spaced.join(["v=DMARC1", *(f"{name}={value}" for name, value in tags.items())]) + ending


def cleaned(text: str) -> str:
    """The text without what copying brought in: quotation marks, elements, entities, invisible characters."""
    with contextlib.suppress(UnicodeError):
        text = text.encode("latin-1").decode("utf-8")
    text = _ENTITY.sub(lambda match: _ENTITIES.get(match[1].lower(), ""), _ELEMENT.sub(" ", text))
    text = _SPACES.sub(" ", _MARKS.sub("", text).replace("\\", ""))
    return _SPACES.sub(" ", _FOREIGN.sub("", text)).strip()


def _read(text: str) -> dict[str, str]:
    """The tags that were meant, in their order, without `v`; the first of each name."""
    tags: dict[str, str] = {}
    pieces = [_piece(piece) for piece in _NEXT_TAG.sub(";", _AFTER_VERSION.sub(";", text)).split(";")]
    present = {name.lower() for name, _ in pieces}
    for name, value in pieces:
        if name.lower() == "mailto":
            tags["rua"] = f"{tags['rua']},mailto:{value}" if tags.get("rua") else f"mailto:{value}"
            continue
        meant = _meant(name, value, present)
        if meant == "pct" and value == "0" and "t" not in present:
            tags.setdefault("t", "y")  # RFC 9989 Appendix A.6
        elif meant in KNOWN_TAGS:
            tags.setdefault(meant, value)
    return tags


def _piece(text: str) -> tuple[str, str]:
    """The name and the value of one piece, the name "" where it has none."""
    piece = text.strip(" ,|")
    match = _PIECE.match(piece)
    return (match[1], piece[match.end() :].strip()) if match else ("", "")


def _meant(name: str, value: str, present: set[str]) -> str:
    """The known tag behind a name, or "" where it says nothing that can be kept."""
    word = name.lower()
    if word in KNOWN_TAGS or word in REMOVED_TAGS:
        return word
    near = near_tag(word, value) if word != "v" else ""
    return near if near not in present else ""


def _policies(tags: dict[str, str], *, parked: bool) -> None:
    for name in ("p", "sp", "np"):
        value = tags.get(name)
        if value is None or value.lower() in POLICIES:
            continue
        meant = parse(f"v=DMARC1;{name}={value}").of_kind(DmarcProblemKind.POLICY_INVALID)[0].suggestion
        if meant:
            tags[name] = meant
        elif name == "p":
            tags[name] = "none"  # what receivers act as (RFC 9989 §4.10.1)
        else:
            del tags[name]
    if "p" not in tags:
        _put_first(tags, "p", "none")
    if parked:
        tags.update(p="reject", sp="reject", np="reject")
        tags.pop("t", None)


def _put_first(tags: dict[str, str], name: str, value: str) -> None:
    rest = dict(tags)
    tags.clear()
    tags[name] = value
    tags.update(rest)


def _letters(tags: dict[str, str], wanted: Wanted) -> None:
    """`adkim`, `aspf`, `psd` and `t`: a wrong value becomes the one meant, or the default by leaving the tag out."""
    for name in ("adkim", "aspf", "psd", "t"):
        if name not in tags:
            continue
        problems = [p for p in parse(f"v=DMARC1;p=none;{name}={tags[name]}").problems if p.tag == name]
        if problems and problems[0].suggestion:
            tags[name] = problems[0].suggestion
        elif problems:
            del tags[name]
    if tags.get("psd", "").lower() == "y" and not wanted.keep_psd_y:
        del tags["psd"]
    if wanted.psd_n:
        tags["psd"] = "n"
    if tags.get("t", "").lower() == "y" and not _enforces(tags):
        del tags["t"]  # RFC 9989 §4.7, "t": no effect on none


def _enforces(tags: dict[str, str]) -> bool:
    return any(strictness(tags.get(name, "").lower()) for name in ("p", "sp", "np"))


def _uris(name: str, value: str) -> str:
    kept: list[str] = []
    for uri in read_uris(name, _join_scheme(value), 0)[0]:
        text = uri.text.removesuffix(f"!{uri.size}") if uri.size else uri.text
        good = text if uri.valid else suggest(text)
        if good and good not in kept:
            kept.append(good)
    return ",".join(kept)


def _join_scheme(value: str) -> str:
    return re.sub(r"(?i)(mailto:)\s+", r"\1", value)


def _failure_options(tags: dict[str, str]) -> None:
    if "fo" not in tags:
        return
    if "ruf" not in tags:
        del tags["fo"]
        return
    problems = [p for p in parse(f"v=DMARC1;p=none;ruf={tags['ruf']};fo={tags['fo']}").problems if p.tag == "fo"]
    if not problems:
        return
    fixed = problems[0].suggestion
    if "0" in fixed and "1" in fixed:
        fixed = ":".join(option for option in fixed.split(":") if option != "0")
    if fixed:
        tags["fo"] = fixed
    else:
        del tags["fo"]


def _protect_names(tags: dict[str, str]) -> None:
    """`np=reject` where the domain is enforced and names that do not exist are not."""
    p = strictness(tags.get("p", "").lower())
    np = strictness(tags.get("np", tags.get("sp", tags.get("p", ""))).lower())
    if p and not np:
        tags["np"] = "reject"


def wanted_for(facts: DmarcFacts, step: WalkStep, *, parked: bool) -> Wanted:
    """What the record at a step has to have."""
    organization = facts.policy.organizational_domain
    return Wanted(
        rua="" if parked or facts.mail_domain is None else f"mailto:dmarc@{facts.mail_domain}",
        psd_n=bool(record_above(facts)) and step.name == facts.registrable,
        keep_psd_y=public_suffix(step.name) == step.name,
        np_reject=step.name in (organization, facts.registrable),
        parked=parked,
    )


def record_above(facts: DmarcFacts) -> WalkStep | None:
    """A record at a public suffix above the domain that does not say `psd=y` (RFC 9989 §11.8)."""
    above = facts.steps[len(facts.own_steps) :]
    return next((step for step in above if step.record is not None and step.record.psd != "y"), None)


def best_record(records: tuple[DmarcRecord, ...]) -> DmarcRecord:
    """Of several records at one name the one to keep: that asks for reports, then the stricter, then the longer."""

    def rank(record: DmarcRecord) -> tuple[bool, bool, int, int]:
        reading = record.reading()
        return reading.usable, bool(record.valid_rua), strictness(reading.p), len(record.tags)

    return max(records, key=rank)


def proposal(facts: DmarcFacts, step: WalkStep, *, parked: bool = False) -> Fix | None:
    """What to change at `_dmarc.<step.name>`; None where nothing has to, or the name is not the owner's."""
    if step not in facts.own_steps or step.failed:
        return None
    wanted = wanted_for(facts, step, parked=parked)
    ignored = ignored_records(step)
    if step.records:
        kept = best_record(step.records).text
        present = [record.text for record in step.records]
    elif ignored:
        kept, present = ignored[0], []
    else:
        return None
    new = repaired(kept, wanted)
    foreign = () if facts.wildcard else foreign_texts(step)
    remove = tuple(dict.fromkeys(text for text in (*present, *ignored, *foreign) if text != new))
    return _publish(step, new, remove, add=new not in present)


def own_record(facts: DmarcFacts, step: WalkStep, *, parked: bool = False) -> Fix | None:
    """The record that a CNAME at `_dmarc` leads to, published by the owner in its place."""
    aliases = step.aliases
    if not aliases:
        return None
    text = repaired(step.record.text if step.record else "v=DMARC1; p=none", wanted_for(facts, step, parked=parked))
    return _publish(step, text, (), add=True)


def _publish(step: WalkStep, new: str, remove: tuple[str, ...], *, add: bool) -> Fix | None:
    name = step.question.name
    aliases = step.aliases
    if aliases:  # RFC 1034 §3.6.2: nothing else may stand beside a CNAME
        return Fix((RecordChange(name, "CNAME", remove=(aliases[0],)), RecordChange(name, "TXT", add=(new,))))
    change = RecordChange(name, "TXT", (new,) if add else (), remove)
    return Fix((change,)) if change.add or change.remove else None


def first_record(facts: DmarcFacts, *, parked: bool = False) -> Fix:
    """The record for a domain that has none: at the registrable domain, from where it covers every name below.

    A record found at a wrong name is moved; of several records one is kept; a text at `_dmarc` that was meant to be a
    record is put right.
    """
    step = next((s for s in facts.own_steps if s.records or ignored_records(s)), None)
    if step is not None:
        fixed = proposal(facts, step, parked=parked)
        if fixed is not None:
            return fixed
    wish = facts.name if facts.misplaced else facts.registrable
    target = next((s for s in facts.own_steps if s.name == wish), facts.steps[0])
    base = facts.misplaced[0].text if facts.misplaced else "v=DMARC1; p=none"
    new = repaired(PARKED if parked else base, wanted_for(facts, target, parked=parked))
    moved = tuple(RecordChange(found.question.name, "TXT", remove=(found.text,)) for found in facts.misplaced)
    published = _publish(target, new, (), add=True)
    return Fix((*(published.changes if published else ()), *moved))
