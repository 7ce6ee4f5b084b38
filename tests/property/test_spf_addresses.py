"""The reader of dotted quads against the one of the standard library."""

from __future__ import annotations

from ipaddress import AddressValueError, IPv4Address

from hypothesis import example, given
from hypothesis import strategies as st

from deliverability.spf.program import ip4_number

#: Nearly addresses: leading zeros, too large, too many parts, signs, spaces, digits that are not ASCII.
NEARLY = st.lists(st.text("0123456789+- x٣", max_size=4) | st.integers(0, 300).map(str), min_size=3, max_size=5).map(
    ".".join
)


@given(st.ip_addresses(v=4).map(str) | NEARLY)
@example("192.0.2.010")
@example("192.0.2.256")
@example("192.0.2")
@example("192.0.2.1\n")
def test_a_quad_is_what_the_standard_library_takes_for_one(text: str) -> None:
    try:
        expected = int(IPv4Address(text))
    except AddressValueError:
        expected = None
    assert ip4_number(text) == expected
