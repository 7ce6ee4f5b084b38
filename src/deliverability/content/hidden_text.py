"""Which hidden text of an HTML is a trick, and which is honest.

Honest: one preview line before everything else, with its filler of invisible characters; the version for another layout,
which a media query shows or which says the same as what is seen; blanks and single marks. Text that speaks to AI
assistants is no preview, wherever it stands.
"""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

from deliverability.content.css import Hiding
from deliverability.content.html_facts import Hidden, HtmlFacts
from deliverability.core.patterns import pattern

#: Characters that a preview line may have. Mail programs show about 140.
PREVIEW = 400
#: Share of the words of a hidden run that, when they are also seen, makes it another layout of the same.
_SAME = 0.8
_WORD = pattern(r"[^\W_]+")
_LETTERS = pattern(r"[^\W\d_]")
_ASSISTANTS = pattern(
    r"(?:ignor[ae]|disregard|forget|olvid[ae]|descart[ae]|haga caso omiso de|haz caso omiso de)\b[^.\n]{0,40}"
    r"\b(?:instructions?|prompts?|instrucciones|indicaciones|[oó]rdenes)\b"
    r"|\b(?:instructions?|instrucciones|note|nota|mensaje|message) (?:for|para|to) (?:the |el |la |los |any |all |un )?"
    r"(?:ai|ia|llm|assistants?|asistentes?|language models?|modelos? de lenguaje|chatbots?|copilot|gemini|chatgpt|claude)\b"
    r"|\b(?:as an? (?:ai|language model|llm)|como (?:asistente|modelo) (?:de )?(?:ia|lenguaje)|you are (?:an? )?(?:ai|assistant|gpt)"
    r"|eres un (?:asistente|modelo)|system prompt|prompt del sistema)\b"
    r"|\b(?:if you are|si (?:eres|es usted)) (?:an? |un |una )?(?:ai|ia|llm|language model|assistant|asistente|modelo)\b"
    r"|<\|(?:im_start|system|endoftext)\|>|\[/?INST\]",
    2,
)


class HiddenRun(NamedTuple):
    """Hidden text that is not honest."""

    how: Hiding
    text: str
    line: int
    for_assistants: bool = False


def words_of(text: str) -> Counter[str]:
    """The words of a text in lower case, each with its number of times. Linear in the text."""
    return Counter(_WORD.findall(text.lower()))


def speaks_to_assistants(text: str) -> bool:
    """Whether a text gives orders to a program that reads mail for somebody."""
    return _ASSISTANTS.search(text[:100_000]) is not None


def hidden_runs(html: HtmlFacts) -> list[HiddenRun]:
    """The hidden text of an HTML that a reader should have seen, or nobody should have written."""
    if not html.hidden and not html.comments:
        return []
    found: list[HiddenRun] = []
    seen: set[str] | None = None
    room = PREVIEW
    for run in html.hidden:
        if speaks_to_assistants(run.text):
            found.append(HiddenRun(run.how, run.text, run.line, True))
            continue
        letters = len(_LETTERS.findall(run.text))
        if run.how is Hiding.RESPONSIVE or (letters < 3 and not (run.within_word and letters)):
            continue
        if not run.after_text and letters <= room and run.how is not Hiding.COLOUR and not run.within_word:
            room -= letters
            continue
        if not run.within_word:
            seen = set(words_of(html.text)) if seen is None else seen
            if _is_seen_anyway(run, seen):
                continue
        found.append(HiddenRun(run.how, run.text, run.line))
    found += [
        HiddenRun(Hiding.DISPLAY, comment.text, comment.line, True)
        for comment in html.comments
        if speaks_to_assistants(comment.text)
    ]
    return found


def _is_seen_anyway(run: Hidden, seen: set[str]) -> bool:
    """Whether nearly all its words are also seen: the same content for another layout."""
    words = words_of(run.text)
    total = words.total()
    return total > 0 and sum(number for word, number in words.items() if word in seen) >= _SAME * total
