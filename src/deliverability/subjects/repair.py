"""Words that were taken apart or spelled with digits and signs: «F a c t u r a», «F4ctur4», «gr@tis»."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from deliverability.core.patterns import pattern
from deliverability.subjects.lexicon import Lexicon
from deliverability.subjects.normalize import Disguise, Folded, Mark, Token

_LEET = str.maketrans("0134579@$!|€8", "oieastgasiieb")
_LEET_L = str.maketrans("0134579@$!|€8", "oleastgaslleb")
_SIGNED = pattern(r"[a-z0-9]*[a-z][@$!|€][a-z](?:[a-z0-9@$!|€]*[a-z0-9])?")
_SIGN_BEFORE_LETTER = pattern(r"[@$!|€](?=[a-z])")
_MIXED = pattern(r"[a-z][0-9]|[0-9][a-z]|[a-z][@$!|€][a-z]|rn|vv")
_SPACED = pattern(r"(?<![^\W_])[^\W\d_]([\W_])[^\W\d_]\1[^\W\d_]\1[^\W\d_](?![^\W_])")
#: Letters in a row that were spaced before it is called that.
_FEW = 4
_MANY = 6


def repair(subject: str, folded: Folded, tokens: list[Token], lexicon: Lexicon) -> tuple[Folded, list[Token]]:
    """The words as they were meant, and a mark for each that was disguised."""
    marks: list[Mark] = []
    if len(tokens) >= _FEW and sum(1 for token in tokens if len(token.word) == 1) >= _FEW:
        tokens = _joined(folded, tokens, lexicon, marks)
    if _MIXED.search(folded.text):
        tokens = _unleeted(folded, tokens, lexicon, marks)
    if marks:
        folded = folded._replace(marks=(*folded.marks, *marks))
    return folded, tokens


def is_disguised(text: str, words: Sequence[str], lexicon: Lexicon) -> bool:
    """Whether `repair` may change the words of this folded text; True where only trying would tell."""
    lengths = list(map(len, words))
    # _FEW single letters in a row, then whether one and the same sign stands between them.
    in_a_row = lengths.count(1) >= _FEW and "1111" in "".join(["1" if length == 1 else "0" for length in lengths])
    if in_a_row and _SPACED.search(text):
        return True
    odd = {word for word in set(words) if "rn" in word or "vv" in word or not word.isalpha()}
    odd.update(_signed(text))
    return any(_meant(word, lexicon) for word in odd)


def _signed(text: str) -> Iterator[str]:
    """The words with a sign among their letters, looked for around the signs: the pattern would try at every letter."""
    done = 0
    for sign in _SIGN_BEFORE_LETTER.finditer(text):
        at = sign.start()
        if at > done and text[at - 1].isalpha():
            start, end = text.rfind(" ", done, at) + 1 or done, text.find(" ", at)
            done = end if end > 0 else len(text)
            yield from _SIGNED.findall(text[start:done])


def _is_known(word: str, lexicon: Lexicon) -> bool:
    return word in lexicon.phrases or word in lexicon.starts or word in lexicon.longest or word in lexicon.classes


def _joined(folded: Folded, tokens: Sequence[Token], lexicon: Lexicon, marks: list[Mark]) -> list[Token]:
    """Runs of single letters as one word, when the word is known or the run is long."""
    text = folded.text
    out: list[Token] = []
    at = 0
    while at < len(tokens):
        end = at
        gap = None
        while end < len(tokens) and len(tokens[end].word) == 1 and tokens[end].word.isalpha():
            if end > at:
                between = text[tokens[end - 1].end : tokens[end].start]
                if len(between) > 1 or (gap is not None and between != gap):
                    break
                gap = between
            end += 1
        word = "".join(token.word for token in tokens[at:end])
        if len(word) >= _FEW and gap and (_is_known(word, lexicon) or len(word) >= _MANY):
            out.append(Token(word, tokens[at].start, tokens[end - 1].end))
            span = folded.span(tokens[at].start, tokens[end - 1].end)
            marks.append(Mark(Disguise.SPACED, span.start, span.end))
        else:
            end = max(end, at + 1)
            out.extend(tokens[at:end])
        at = end
    return out


def _unleeted(folded: Folded, tokens: Sequence[Token], lexicon: Lexicon, marks: list[Mark]) -> list[Token]:
    """Words that become words of the lexicon once digits and signs are read as letters."""
    signed = {match.start(): match for match in _SIGNED.finditer(folded.text)}
    out: list[Token] = []
    skip = -1
    for token in tokens:
        if token.start < skip:
            continue
        match = signed.get(token.start)
        written = match.group() if match else token.word
        meant = _meant(written, lexicon)
        if meant:
            end = token.start + len(written)
            out.append(Token(meant, token.start, end))
            span = folded.span(token.start, end)
            marks.append(Mark(Disguise.LEET, span.start, span.end))
            skip = end
        else:
            out.append(token)
    return out


def _meant(written: str, lexicon: Lexicon) -> str:
    if len(written) < _FEW or _is_known(written, lexicon):
        return ""
    if written.isalpha():
        candidates = (
            [written.replace("rn", "m"), written.replace("vv", "w")] if "rn" in written or "vv" in written else []
        )
    elif sum(map(str.isalpha, written)) * 2 >= len(written):
        candidates = [written.translate(_LEET), written.translate(_LEET_L)]
    else:
        candidates = []
    return next((c for c in candidates if c != written and c.isalpha() and _is_known(c, lexicon)), "")
