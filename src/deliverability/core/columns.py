"""The columns of every table that a data frame can be made of, with their types.

    import polars as pl
    frame = pl.DataFrame(report.to_rows(), schema=dv.columns.OUTCOMES)

Without the types a library guesses them from the first values, and a column that happens to be empty (nothing was
unknown) gets another type than the same column of the next report. Every value is of the type named here, or None.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TypeAlias

Columns: TypeAlias = Mapping[str, type]

#: `Report.to_rows()`: one row an outcome.
OUTCOMES: Columns = MappingProxyType(
    {
        "audited": str,
        "code": str,
        "outcome": str,
        "severity": str,
        "subject": str,
        "area": str,
        "text": str,
        "because": str,
        "fingerprint": str,
    }
)
#: `Report.to_row()`: one row a report.
REPORTS: Columns = MappingProxyType(
    {
        "audited": str,
        "kind": str,
        "score": int,
        "grade": str,
        "coverage": float,
        "errors": int,
        "warnings": int,
        "infos": int,
        "unknown": int,
        "exit_code": int,
    }
)
#: `SpfTree.to_rows()`: one row a term, in the order of evaluation.
SPF_TERMS: Columns = MappingProxyType(
    {
        "depth": int,
        "domain": str,
        "term": str,
        "target": str,
        "owner": str,
        "counts": int,
        "total": int,
        "so_far": int,
        "state": str,
        "void": bool,
    }
)
#: `SubjectScore.to_row()` and `SubjectBatch.to_rows()`: one row a subject; filters' points are those of the subject alone.
SUBJECTS: Columns = MappingProxyType(
    {
        "subject": str,
        "risk": float,
        "band": str,
        "language": str,
        "features": str,
        "spamassassin": float,
        "rspamd": float,
        "suggestion": str,
    }
)
#: `SubjectScore.to_rows()`: one row for each word or form that weighs.
CONTRIBUTIONS: Columns = MappingProxyType(
    {"subject": str, "feature": str, "points": int, "matched": str, "reason": str, "source": str}
)
#: `Listing.to_row()`: one row for a target on a list.
LISTINGS: Columns = MappingProxyType(
    {"target": str, "list": str, "state": str, "meaning": str, "reason": str, "because": str}
)

_PANDAS = {str: "string", int: "Int64", float: "Float64", bool: "boolean"}


def pandas_dtypes(columns: Columns) -> dict[str, str]:
    """The same types by pandas' names, all of which know a missing value: `pd.DataFrame(rows, columns=[*c]).astype(pandas_dtypes(c))`."""
    return {name: _PANDAS[kind] for name, kind in columns.items()}
