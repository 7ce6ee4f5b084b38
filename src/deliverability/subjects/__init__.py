"""Subjects of invoices: how risky words and form are, what open filters add, and better ones.

    from deliverability import subjects

    result = subjects.score("URGENTE!!! Factura pendiente", company="Ferrer e Hijos", number="2026-0042")
    result.band, result.contributions, result.engine_effects, result.suggestions

Words alone rarely decide over a mail: who sends it and how it is signed weigh far more.
"""

from deliverability.core.facts import SubjectWords
from deliverability.subjects.model import (
    Band,
    Contribution,
    DefectKind,
    EngineEffect,
    SubjectContext,
    SubjectDefect,
    SubjectScore,
    Suggestion,
)
from deliverability.subjects.scoring import Repeated, SubjectBatch, repeated, risk, score, score_many

__all__ = [
    "Band",
    "Contribution",
    "DefectKind",
    "EngineEffect",
    "Repeated",
    "SubjectBatch",
    "SubjectContext",
    "SubjectDefect",
    "SubjectScore",
    "SubjectWords",
    "Suggestion",
    "repeated",
    "risk",
    "score",
    "score_many",
]
