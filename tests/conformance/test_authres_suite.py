"""The headers of the authres package's tests: RFC 8601's examples and others, with the fields that it reads from them.

Its checks are Python expressions; here each one that asks for a field is answered by our own parser. Where we differ,
the section of RFC 8601 says why.
"""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from deliverability.headers import parse_authentication_results
from deliverability.headers.authentication_results import AuthenticationResults, MethodResult
from tests.support.shared import SHARED, needs_shared, shared

SUITE = ("conformance", "authres-py", "cases.json")
pytestmark = needs_shared(*SUITE)

_FIELD = re.compile(r"(?:str\()?\w*arobj\.(authserv_id|results\[(\d+)\](?:\.properties\[(\d+)\])?(?:\.(\w+))?)\)?")
_REFUSAL = re.compile(r"parse\('Authentication-Results: (.*)'\)")


def _cases() -> list[dict[str, Any]]:
    if SHARED is None or not SHARED.joinpath(*SUITE).exists():
        return []
    cases: list[dict[str, Any]] = json.loads(shared(*SUITE).read_text())["cases"]
    return cases


def printed(result: MethodResult) -> str:
    """A result as authres prints it: values that are no token or address in quotes (RFC 8601 §2.2)."""
    words = [f"{result.method}={result.result}"]
    if result.reason is not None:
        words.append(f'reason="{result.reason}"')
    for kind, name, value in result.properties:
        words.append(f"{kind}.{name}=" + (f'"{value}"' if ":" in value else value))
    return " ".join(words)


def answer(read: AuthenticationResults, expression: str) -> str | None:
    """What our parser says to an expression of the suite; None for one that asks about Python objects."""
    if expression.startswith("for result in"):
        return "\n".join(f"'{word}'" for r in read.results for word in (r.method, r.result))
    asked = _FIELD.fullmatch(expression)
    if asked is None:
        return None
    whole, index, place, name = asked.groups()
    if whole == "authserv_id":
        return repr(read.authserv_id)
    result = read.results[int(index)]
    if place is not None:
        return repr(getattr(result.properties[int(place)], name))
    if name is None:
        return repr(printed(result))
    if name in ("method", "result", "reason"):
        return repr(str(getattr(result, name)))
    return repr(str(result.get(name.replace("_", ".", 1).replace("_", "-"))))


def test_the_suite_is_whole() -> None:
    cases = _cases()

    assert (len(cases), sum(len(case["checks"]) for case in cases)) == (19, 200)


@pytest.mark.parametrize("case", _cases(), ids=lambda case: case["header"][24:70])
def test_header(case: dict[str, Any]) -> None:
    read = parse_authentication_results(case["header"].partition(":")[2].strip())
    answered = 0
    for expression, expected in case["checks"]:
        ours = answer(read, expression)
        if ours is None:
            assert _explained(expression), expression
            continue
        answered += 1
        assert ours == expected, expression
    assert answered
    # RFC 8601 §2.2 wants ptype.property; this one header of the suite has pairs without a type, which are kept and told.
    assert bool(read.defects) == ("x-tls=pass version=" in case["header"])


def _explained(expression: str) -> bool:
    """Checks that are no question about the header."""
    if "AuthenticationResultsHeader(authserv_id" in expression:
        return True  # prints a header that was built: we only read
    if "smtp_mailfrom" in expression and expression.startswith("try"):
        return True  # an attribute of a Python class; our `get` answers None
    refused = _REFUSAL.search(expression)
    if refused is None:
        return False
    # RFC 8601 §2.2: a value with colons has to be quoted, so authres refuses the field. Receivers write it bare all the
    # same; we read it and tell the defect.
    read = parse_authentication_results(refused[1])
    return read.results[0].get("policy.iprev") == "2001:748:100:40::2:2" and bool(read.defects)
