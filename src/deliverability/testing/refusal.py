"""Questions to the world that a test may not put: the answer they get, and what the test then fails with."""

from __future__ import annotations

from collections.abc import Sequence

from deliverability.core.names import escape_controls
from deliverability.core.questions import Answer, Failed, FailureKind, Question
from deliverability.core.text import Text
from deliverability.testing.current import CURRENT

#: Refused questions that a failure lists.
_MOST_LISTED = 10
HOW_TO_ALLOW = Text(
    "Write the answers down with `dns_zone`, record them once with `pytest --deliverability-record`, or allow live "
    "questions: `@pytest.mark.deliverability(live=True)` for one test, `--deliverability-live` for one run, "
    "`deliverability_live = true` in the settings of pytest for all.",
    "Escriba las respuestas con `dns_zone`, grábelas una vez con `pytest --deliverability-record` o permita las consultas "
    "reales: `@pytest.mark.deliverability(live=True)` para una prueba, `--deliverability-live` para una ejecución, "
    "`deliverability_live = true` en los ajustes de pytest para todas.",
)
#: The detail of the answer that such a question gets.
NOT_ALLOWED = "live questions are off in this test"
_HEAD = Text(
    "Could not ask, because live questions are off in this test:",
    "No se pudo consultar, porque las consultas reales están desactivadas en esta prueba:",
)
_MORE = Text("… and {n} more", "… y {n} más")


def refusal(asked: object) -> Failed:
    """The answer instead of asking; what was asked is remembered for the test that runs."""
    words = escape_controls(str(asked)[:200])
    if words not in CURRENT.refused:
        CURRENT.refused.append(words)
    return Failed(FailureKind.OFFLINE, NOT_ALLOWED)


class Refused:
    """A source that asks nobody, and lets its test fail."""

    def answer(self, question: Question) -> Answer:
        """Always "could not ask"."""
        return refusal(question)


def complaint(refused: Sequence[str]) -> str:
    """What the running test fails with, since it would have asked the world."""
    from deliverability.testing.auditing import language_of  # noqa: PLC0415 - which imports this module

    lang = language_of(CURRENT.item)
    listed = [f"  {words}" for words in refused[:_MOST_LISTED]]
    if len(refused) > _MOST_LISTED:
        listed.append("  " + _MORE.format(lang, {"n": len(refused) - _MOST_LISTED}))
    return "\n".join([_HEAD.format(lang), *listed, HOW_TO_ALLOW.format(lang)])
