"""Blocklists: which lists there are, how each is asked, what its answers mean.

- `check(target)` asks every list about an address or a domain: listed, clear, refused, dead or unknown.
"""

from deliverability.dnsbl.listing import Listing, State
from deliverability.dnsbl.lists import Blocklist, lists
from deliverability.dnsbl.lookup import check, check_plan

__all__ = ["Blocklist", "Listing", "State", "check", "check_plan", "lists"]
