"""What lies outside of some networks, told by ranges, is what trying each address tells."""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network

from hypothesis import given
from hypothesis import strategies as st

from deliverability.spf.networks import Coverage, Network

#: Networks that touch and overlap, at both ends of the space too.
NETWORKS: st.SearchStrategy[Network] = st.one_of(
    st.builds(
        lambda base, part, length: IPv4Network((base + part, length), strict=False),
        st.sampled_from([0, 0xC0000200, 0xFFFFFFE0]),
        st.integers(0, 31),
        st.integers(27, 32),
    ),
    st.builds(
        lambda base, part, length: IPv6Network((base + part, length), strict=False),
        st.sampled_from([0, 2**128 - 32]),
        st.integers(0, 31),
        st.integers(123, 128),
    ),
)


@given(st.lists(NETWORKS, max_size=8), NETWORKS)
def test_the_first_address_outside(held: list[Network], network: Network) -> None:
    slowly = (address for address in network if not any(address in one for one in held))

    assert Coverage(held).first_outside(network) == next(slowly, None)
