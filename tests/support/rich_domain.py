"""A domain that has everything, as a table: what an audit of it asks is what the audit costs at most.

Built like a large company's: 5 MX hosts with both kinds of address, SPF of 9 lookups in 4 levels, 5 DKIM keys (two of them
aliases at a provider), DMARC with two outside report addresses.
"""

from __future__ import annotations

from typing import Any

from deliverability.sources.table import TableSource

DOMAIN = "rich.test"
_KEY = (
    "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAl6VKUZm8NQZJyl1O7r6csnSD9iniz5PgAQChT1YC8W4auQoLY5CHeJjZ"
    "82o9QNxmxIlcVHzFu+MLsrb/B4qXg8hGCbxNeOper/hahHMfQN0EKU4sDMhZkklJPD5rKqps/cagaqpxiATfHMJPwZ6VKs3bMTSI"
    "ZuFuiKfkcS71jhEuLkrewdRypHbHzI9N5nfncEkniwYcfSIXUOfoEW68KoNjFFxhdHkQ4D6hlgtM4aIZ12uQ1cHlVRSYoUMDpnAL"
    "cHMPckaYtXdyrKqXuoC7DM48gZUs77Au2F0LhAbTrATXo7Ob1E71rGdfnekz6cQqAqI+3Iu7gEEInUcpPr02NQIDAQAB"
)
_MX = ("aspmx.l", "alt1.aspmx.l", "alt2.aspmx.l", "alt3.aspmx.l", "alt4.aspmx.l")


def rich_table() -> dict[str, Any]:
    """Every record, in the form of `TableSource`."""
    table: dict[str, Any] = {
        "rich.test/A": ["192.0.2.1"],
        "rich.test/AAAA": ["2001:db8::1"],
        "rich.test/MX": [f"{10 * place} {host}.google.com" for place, host in enumerate(_MX, 1)],
        "rich.test/NS": ["ns1.dnshost.test", "ns2.dnshost.test"],
        "rich.test/SOA": ["ns1.dnshost.test hostmaster.dnshost.test 2026010101 7200 3600 1209600 3600"],
        "rich.test/TXT": [
            "v=spf1 ip4:192.0.2.1 include:_spf.google.com include:email.freshdesk.com include:servers.mcsv.net ~all",
            "google-site-verification=5f1c7d2a90",
            "MS=ms12345678",
        ],
        "_spf.google.com/TXT": [
            "v=spf1 include:_netblocks.google.com include:_netblocks2.google.com include:_netblocks3.google.com ~all"
        ],
        "_netblocks.google.com/TXT": ["v=spf1 ip4:192.0.2.64/28 ip4:192.0.2.80/28 ~all"],
        "_netblocks2.google.com/TXT": ["v=spf1 ip6:2001:db8:10::/64 ~all"],
        "_netblocks3.google.com/TXT": ["v=spf1 ip4:192.0.2.96/28 ~all"],
        "email.freshdesk.com/TXT": ["v=spf1 include:sendgrid.net include:fdspf.freshdesk.com ~all"],
        "fdspf.freshdesk.com/TXT": ["v=spf1 include:fdspfus.freshdesk.com ip4:198.51.100.64/28 ~all"],
        "fdspfus.freshdesk.com/TXT": ["v=spf1 ip4:198.51.100.80/28 ~all"],
        "sendgrid.net/TXT": ["v=spf1 ip4:198.51.100.96/28 ~all"],
        "servers.mcsv.net/TXT": ["v=spf1 ip4:203.0.113.96/28 -all"],
        "_dmarc.rich.test/TXT": [
            "v=DMARC1; p=reject; sp=reject; adkim=s; aspf=s; "
            "rua=mailto:d@agari.test,mailto:d@dmarcian.test; ruf=mailto:f@dmarcian.test; fo=1"
        ],
        "google._domainkey.rich.test/TXT": [f"v=DKIM1; k=rsa; p={_KEY}"],
        "k1._domainkey.rich.test/TXT": [f"v=DKIM1; k=rsa; p={_KEY}"],
        "s1._domainkey.rich.test/CNAME": ["s1.domainkey.u1.wl.sendgrid.net"],
        "s2._domainkey.rich.test/CNAME": ["s2.domainkey.u1.wl.sendgrid.net"],
        "s1.domainkey.u1.wl.sendgrid.net/TXT": [f"k=rsa; t=s; p={_KEY}"],
        "s2.domainkey.u1.wl.sendgrid.net/TXT": [f"k=rsa; t=s; p={_KEY}"],
        "ns1.dnshost.test/A": ["203.0.113.53"],
        "ns2.dnshost.test/A": ["198.51.100.53"],
    }
    for place, host in enumerate(_MX, 1):
        table[f"{host}.google.com/A"] = [f"192.0.2.{place + 20}"]
        table[f"{host}.google.com/AAAA"] = [f"2001:db8:1::{place}"]
        table[f"{place + 20}.2.0.192.in-addr.arpa/PTR"] = [f"{host}.google.com"]
    for reporter in ("agari.test", "dmarcian.test"):
        table[f"rich.test._report._dmarc.{reporter}/TXT"] = ["v=DMARC1"]
        table[f"{reporter}/MX"] = [f"10 mx.{reporter}"]
        table[f"mx.{reporter}/A"] = ["203.0.113.25"]
    return table


def rich_source() -> TableSource:
    """The table as a source that knows."""
    return TableSource(rich_table())
