"""Why a signature failed: causes, the searches that prove them, and how each is told."""

from __future__ import annotations

from deliverability.dkim.diagnosis.causes import (
    Cause,
    Certainty,
    Diagnosis,
    DkimDiagnoses,
    SignatureDiagnosis,
)

__all__ = ["Cause", "Certainty", "Diagnosis", "DkimDiagnoses", "SignatureDiagnosis"]
