"""Zone files: what a name server would answer from them, and where they stop knowing."""

from __future__ import annotations

from ipaddress import ip_address
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deliverability.core.errors import InvalidDomainName, UnreadableFile
from deliverability.core.names import DomainName
from deliverability.core.questions import Answer, DnsQuestion, Failed, FailureKind, Found, MxRecord, NoData, NoName
from deliverability.sources import zonefile
from deliverability.sources.zone import ZoneSource

ZONE = """
$ORIGIN empresa.example.
$TTL 1h
@        IN SOA ns1 hostmaster ( 2026112201 2h 1h 2w 300 ) ; the numbers on one line
         IN NS  ns1
         600 IN MX 10 mx1
         IN 900 MX 20 MX2.Empresa.Example.
         TXT "v=spf1 " "mx -all"
         TXT "v=spf1 " "mx -all"
ns1      A   192.0.2.53
mx1      A   192.0.2.1
         AAAA 2001:db8::1
www      CNAME web
web      CNAME mx1
away     CNAME mail.elsewhere.example.
gone     CNAME nothere
circle   CNAME circle2
circle2  CNAME circle
a.b.c    TXT "deep"
*.wild   TXT "caught"
         MX 0 .
own.wild A 192.0.2.9
*.alias  CNAME mx1
old      DNAME new
host.new A 192.0.2.77
sub      NS ns.sub
         NS ns.other.example.
ns.sub   A 192.0.2.99
_25._tcp.mx1 TLSA 3 1 1 abababababababababababababababababababababababababababababababab
_443._tcp  SRV 1 1 443 mx1
"""
SOURCE = ZoneSource.from_text(ZONE)


def answer(name: str, record_type: str, source: ZoneSource = SOURCE) -> Answer:
    return source.answer(DnsQuestion(DomainName(name), record_type))  # type: ignore[arg-type]


def is_offline(got: Answer) -> bool:
    return isinstance(got, Failed) and got.kind is FailureKind.OFFLINE


def test_records_ttls_and_duplicates() -> None:
    assert answer("empresa.example", "TXT") == Found(((b"v=spf1 ", b"mx -all"),), 3600)
    assert answer("empresa.example", "MX") == Found(
        (MxRecord(10, "mx1.empresa.example"), MxRecord(20, "mx2.empresa.example")), 600
    )
    assert answer("mx1.empresa.example", "AAAA") == Found((ip_address("2001:db8::1"),), 3600)
    soa = answer("empresa.example", "SOA")
    assert isinstance(soa, Found)
    assert soa.records[0][2:] == (2026112201, 7200, 3600, 1209600, 300)
    tlsa = answer("_25._tcp.mx1.empresa.example", "TLSA")
    assert isinstance(tlsa, Found)
    assert tlsa.records == ((3, 1, 1, b"\xab" * 32),)


def test_absence_and_its_ttl() -> None:
    assert answer("nothere.empresa.example", "A") == NoName(300)
    assert answer("mx1.empresa.example", "TXT") == NoData(300)


def test_names_between_are_there_without_data() -> None:
    assert answer("b.c.empresa.example", "TXT") == NoData(300)
    assert answer("c.empresa.example", "TXT") == NoData(300)
    assert answer("x.b.c.empresa.example", "TXT") == NoName(300)
    assert answer("_tcp.empresa.example", "A") == NoData(300)


def test_wildcards() -> None:
    assert answer("x.wild.empresa.example", "TXT") == Found(((b"caught",),), 3600)
    assert answer("x.y.wild.empresa.example", "MX") == Found((MxRecord(0, DomainName("")),), 3600)
    assert answer("x.wild.empresa.example", "A") == NoData(300)
    assert answer("own.wild.empresa.example", "TXT") == NoData(300)  # a name of its own is not caught
    assert answer("x.own.wild.empresa.example", "TXT") == NoName(300)  # nor one below it
    assert answer("wild.empresa.example", "TXT") == NoData(300)
    assert answer("x.alias.empresa.example", "A") == Found((ip_address("192.0.2.1"),), 3600, ("mx1.empresa.example",))


def test_aliases() -> None:
    way = ("web.empresa.example", "mx1.empresa.example")
    assert answer("www.empresa.example", "A") == Found((ip_address("192.0.2.1"),), 3600, way)
    assert answer("www.empresa.example", "TXT") == NoData(300, way)
    assert answer("www.empresa.example", "CNAME") == Found(("web.empresa.example",), 3600)
    assert answer("gone.empresa.example", "A") == NoName(300, ("nothere.empresa.example",))
    circle = answer("circle.empresa.example", "A")
    assert isinstance(circle, Failed)
    assert circle.kind is FailureKind.LOOP


def test_an_alias_that_leaves_the_zone_is_unknown_not_absent() -> None:
    got = answer("away.empresa.example", "A")

    assert is_offline(got)
    assert isinstance(got, Failed)
    assert "mail.elsewhere.example" in got.detail


def test_dname() -> None:
    found = Found((ip_address("192.0.2.77"),), 3600, ("host.new.empresa.example",))
    assert answer("host.old.empresa.example", "A") == found
    assert answer("old.empresa.example", "A") == NoData(300)
    assert answer("nobody.old.empresa.example", "A") == NoName(300, ("nobody.new.empresa.example",))


def test_below_a_delegation_only_what_is_written_there_is_known() -> None:
    assert answer("sub.empresa.example", "NS") == Found(("ns.other.example", "ns.sub.empresa.example"), 3600)
    assert answer("ns.sub.empresa.example", "A") == Found((ip_address("192.0.2.99"),), 3600)
    assert answer("sub.empresa.example", "DS") == NoData(300)
    for name, record_type in (("sub", "TXT"), ("_dmarc.sub", "TXT"), ("ns.sub", "AAAA"), ("x.y.sub", "MX")):
        assert is_offline(answer(f"{name}.empresa.example", record_type)), name


def test_what_the_zone_cannot_know() -> None:
    assert is_offline(answer("elsewhere.example", "TXT"))
    assert is_offline(answer("example", "NS"))
    assert is_offline(answer("empresa.example", "DS"))  # it stands in the parent zone
    asked = DnsQuestion(DomainName("empresa.example"), "SOA", False, ip_address("192.0.2.53"))
    assert is_offline(SOURCE.answer(asked))


def test_a_list_without_soa_never_says_absent() -> None:
    source = ZoneSource.from_text(
        'empresa.example. TXT "v=spf1 -all"\n_dmarc.empresa.example. 300 IN TXT "v=DMARC1; p=none"\n'
        "www.empresa.example. CNAME empresa.example."
    )

    assert answer("empresa.example", "TXT", source) == Found(((b"v=spf1 -all",),), 3600)
    assert answer("_dmarc.empresa.example", "TXT", source) == Found(((b"v=DMARC1; p=none",),), 300)
    assert answer("www.empresa.example", "TXT", source) == Found(((b"v=spf1 -all",),), 3600, ("empresa.example",))
    for name, record_type in (("empresa.example", "MX"), ("mail.empresa.example", "A"), ("www.empresa.example", "A")):
        assert is_offline(answer(name, record_type, source)), name
    assert source.apexes == ()
    assert source.names == ("_dmarc.empresa.example", "empresa.example", "www.empresa.example")


def test_several_zones_answer_for_each_other(tmp_path: Path) -> None:
    (tmp_path / "empresa.example.zone").write_text("@ SOA a b 1 2 3 4 5\n@ TXT one\nw CNAME x.sub\nsub NS ns.sub\n")
    (tmp_path / "db.sub.empresa.example").write_text("@ SOA a b 1 2 3 4 5\nx A 192.0.2.5\n@ TXT two\n")
    (tmp_path / "extra.txt").write_text('otra.example. TXT "three"\n')
    source = ZoneSource.from_file(*sorted(tmp_path.iterdir()))

    assert source.apexes == ("empresa.example", "sub.empresa.example")
    assert answer("sub.empresa.example", "TXT", source) == Found(((b"two",),), 3600)
    assert answer("w.empresa.example", "A", source) == Found(
        (ip_address("192.0.2.5"),), 3600, ("x.sub.empresa.example",)
    )
    assert answer("sub.empresa.example", "DS", source) == NoData(5)  # from the parent, which is here
    assert answer("otra.example", "TXT", source) == Found(((b"three",),), 3600)


def test_relative_names_need_an_origin() -> None:
    text = "@ TXT here\nwww A 192.0.2.1\n"

    assert answer("www.a.example", "A", ZoneSource.from_text(text, "A.Example")) == Found(
        (ip_address("192.0.2.1"),), 3600
    )
    with pytest.raises(UnreadableFile, match=r"line 1.*no final dot"):
        ZoneSource.from_text(text)
    with pytest.raises(InvalidDomainName):
        ZoneSource.from_text(text, "not a domain")


def test_the_origin_from_the_name_of_the_file() -> None:
    assert zonefile.domain_of_file("empresa.example.zone") == "empresa.example"
    assert zonefile.domain_of_file("db.Empresa.example") == "empresa.example"
    assert zonefile.domain_of_file("empresa.example.txt") == "empresa.example"
    assert zonefile.domain_of_file("zone.txt") is None


def test_a_cname_beside_other_records_is_kept_for_the_audit_to_say() -> None:
    source = ZoneSource.from_text('a.example. CNAME b.example.\na.example. MX 10 c.example.\nb.example. TXT "x"')

    assert isinstance(answer("a.example", "MX", source), Found)
    assert isinstance(answer("a.example", "CNAME", source), Found)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("$INCLUDE /etc/passwd", r"\$INCLUDE is not followed"),
        ("$GENERATE 1-4000000000 h$ A 192.0.2.1", r"\$GENERATE"),
        ("a.example. FOO x", "no record type"),
        ("a.example. A 192.0.2", r'"a\.example\. A 192\.0\.2" is no record that can be read$'),
        ("a.example. A 192.0.2.1 192.0.2.2", "EOL"),
        ("a.example.", "too early"),
        ("a.example. 300 IN", "too early"),
        ("a..example. A 192.0.2.1", "label is empty"),
        ('a.example. TXT "open', "a quotation mark or a parenthesis is not closed$"),
        ("a.example. TXT ( x", "parenthes"),
        ("a.example. MX 70000 b.example.", "16-bit"),
        ("a.example. CH TXT x", "Internet"),
        ("$TTL soon", "seconds"),
        ('a.example. TXT "' + "x" * 256 + '"', "more than 255 octets; cut it into several"),
        ("a.example. TXT \\", "no record that can be read$"),
        ("a.example. TXT \\999", "no record that can be read$"),
        ("a." * 200 + "example. A 192.0.2.1", "255"),
    ],
)
def test_a_broken_line_is_named(line: str, says: str) -> None:
    with pytest.raises(UnreadableFile, match=says) as caught:
        ZoneSource.from_text(f"; a comment\nok.example. A 192.0.2.1\n{line}\n", "a.example")

    message = str(caught.value)
    assert "line 3" in message
    assert "\n" not in message


def test_unreadable_files(tmp_path: Path) -> None:
    latin = tmp_path / "latin.zone"
    latin.write_bytes(b"a.example. A 192.0.2.1\n; espa\xf1ol\n")
    with pytest.raises(UnreadableFile, match="line 2: not UTF-8"):
        ZoneSource.from_file(latin)
    with pytest.raises(UnreadableFile, match="cannot be read"):
        ZoneSource.from_file(tmp_path / "absent.zone")
    with pytest.raises(UnreadableFile, match="cannot be read"):
        ZoneSource.from_file(tmp_path)


def test_size_limits(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(zonefile, "MAX_RECORDS", 3)
    with pytest.raises(UnreadableFile, match="more than 3 records"):
        ZoneSource.from_text("a.example. A 192.0.2.1\n" * 4)
    monkeypatch.setattr(zonefile, "MAX_OCTETS", 20)
    with pytest.raises(UnreadableFile, match="larger"):
        ZoneSource.from_text("a.example. A 192.0.2.1\n")
    (tmp_path / "big.zone").write_text("a.example. A 192.0.2.1\n")
    with pytest.raises(UnreadableFile, match="larger"):
        ZoneSource.from_file(tmp_path / "big.zone")


def test_a_byte_order_mark_and_windows_line_ends(tmp_path: Path) -> None:
    file = tmp_path / "empresa.example.txt"
    file.write_bytes(b'\xef\xbb\xbf@ TXT "v=spf1 -all"\r\nwww A 192.0.2.1\r\n')

    assert answer("empresa.example", "TXT", ZoneSource.from_file(file)) == Found(((b"v=spf1 -all",),), 3600)


_WORDS = st.sampled_from(
    [
        "@",
        "a",
        "b.example.",
        "IN",
        "300",
        "1h",
        "A",
        "TXT",
        "MX",
        "SOA",
        "CNAME",
        "NS",
        "10",
        "192.0.2.1",
        '"x',
        "(",
        ")",
        "$TTL",
        "$ORIGIN",
        ";",
        "\\",
        '"',
        "*",
        "é",
        "\\032",
        "TYPE65280",
        "\\#",
        "\n",
        "\n",
        "\t",
        "\x00",
    ]
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(_WORDS, max_size=40).map(" ".join) | st.text(max_size=200))
def test_any_text_is_a_zone_or_an_unreadable_file(text: str) -> None:
    try:
        source = ZoneSource.from_text(text, "a.example")
    except UnreadableFile:
        return
    for name in (*source.names, DomainName("x.a.example")):
        for record_type in ("A", "TXT", "MX", "CNAME", "SOA"):
            assert isinstance(answer(name, record_type, source), (Found, NoData, NoName, Failed))
