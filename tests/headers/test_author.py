"""Whose mail it is, from From (RFC 9989 §5.3.1)."""

from __future__ import annotations

import pytest

from deliverability.core.facts import AuthorProblem
from deliverability.headers.author import read_author
from deliverability.headers.facts import read_headers
from deliverability.headers.fields import parse


@pytest.mark.parametrize(
    ("value", "domain", "problem"),
    [
        ("Ana <ana@empresa.example>", "empresa.example", None),
        # Half of a name without quotes is no address, so it names no further domain.
        ("Muñoz, S.L. <a@empresa.example>", "empresa.example", None),
        ("Muñoz, Pérez, S.L. <a@empresa.example>", "empresa.example", None),
        ("a@uno.example, b@uno.example", "uno.example", None),
        ("a@uno.example, b@dos.example", None, AuthorProblem.SEVERAL_DOMAINS),
        ("Muñoz", None, AuthorProblem.UNREADABLE),
    ],
)
def test_author_domain(value: str, domain: str | None, problem: AuthorProblem | None) -> None:
    headers = parse(f"From: {value}\r\n\r\n".encode())
    author = read_author(headers)

    assert (author.domain, author.problem) == (domain, problem)
    assert read_author(headers, listed=read_headers(headers).author_list) == author


def test_the_address_is_the_one_with_a_domain() -> None:
    assert read_author(parse(b"From: Empresa, S.L. <a@empresa.example>\r\n\r\n")).address == ("a@empresa.example")
