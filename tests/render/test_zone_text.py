"""Records to paste: read back by dnspython they are the records that were meant."""

from __future__ import annotations

import dns.rdata
import dns.zone
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deliverability.core.changes import RecordChange
from deliverability.core.names import DomainName
from deliverability.render.changes import render_changes
from deliverability.render.zone_text import diff, host_part, record_data, record_line
from tests.support.inert import harmful

NAME = DomainName("_dmarc.empresa.example")


@given(st.binary(max_size=2000))
def test_any_octets_come_back_from_the_zone_file_form(octets: bytes) -> None:
    data = record_data("TXT", octets.decode("latin-1"))

    read = dns.rdata.from_text("IN", "TXT", data)
    assert b"".join(read.strings) == octets
    assert all(len(string) <= 255 for string in read.strings)
    assert data.isascii()
    assert data.isprintable()


@pytest.mark.parametrize(
    ("record_type", "value", "data"),
    [
        ("MX", "10 mx.example", "10 mx.example."),
        ("MX", "0 .", "0 ."),
        ("CNAME", "a.example", "a.example."),
        ("CNAME", "a.example.", "a.example."),
        ("A", "192.0.2.1", "192.0.2.1"),
        ("TXT", 'say "hi" \\ ñ', '"say \\"hi\\" \\\\ \\241"'),
    ],
)
def test_data_by_type(record_type: str, value: str, data: str) -> None:
    assert record_data(record_type, value) == data  # type: ignore[arg-type]


def test_a_line_names_everything() -> None:
    assert (
        record_line(NAME, "TXT", "v=DMARC1; p=none", ttl=3600)
        == '_dmarc.empresa.example. 3600 IN TXT "v=DMARC1; p=none"'
    )


CHANGE = RecordChange(NAME, "TXT", ("v=DMARC1; p=none",), ("v=DMARC1; p=none",))


def test_the_three_syntaxes() -> None:
    bind = render_changes([CHANGE], "bind", domain="empresa.example", lang="en")
    table = render_changes([CHANGE], "table", domain="empresa.example", lang="es")

    assert bind.splitlines() == [
        '; remove: _dmarc.empresa.example. IN TXT "v=DMARC1; p=none"',
        '_dmarc.empresa.example. 3600 IN TXT "v=DMARC1; p=none"',
    ]
    assert "  Nombre  _dmarc   (nombre completo: _dmarc.empresa.example)" in table
    assert "  Valor   v=DMARC1; p=none\n" in table
    assert diff([CHANGE]).splitlines()[0] == '- _dmarc.empresa.example. IN TXT "v=DMARC1; p=none"'
    assert diff([CHANGE]).splitlines()[1].startswith("+ ")


@pytest.mark.parametrize(("syntax", "mark"), [("bind", "; For "), ("diff", "# For "), ("table", "For ")])
def test_records_of_other_zones_come_last_and_say_so(syntax: str, mark: str) -> None:
    foreign = RecordChange(DomainName("empresa.example._report._dmarc.otra.example"), "TXT", ("v=DMARC1",))
    text = render_changes([foreign, CHANGE], syntax, domain="avisos.empresa.example", lang="en")

    note = f"{mark}whoever manages {foreign.name}; it is not in the zone of avisos.empresa.example:"
    assert text.index("p=none") < text.index(note) < text.index("DMARC1", text.index(note))
    assert text.count("whoever manages") == 1


def test_a_long_value_in_a_panel_is_whole() -> None:
    change = RecordChange(NAME, "TXT", ("x" * 5000,))

    assert "x" * 5000 in render_changes([change], "table", domain="empresa.example", lang="en")


@pytest.mark.parametrize("syntax", ["bind", "table", "diff"])
def test_hostile_values_are_inert(syntax: str) -> None:
    change = RecordChange(NAME, "TXT", ("\x1b[31m\x9b\u202e\nNEW",), ("a\r\nb",))
    text = render_changes([change], syntax, domain="empresa.example", lang="en")

    assert harmful(text) == []
    assert not any(line.startswith("NEW") for line in text.splitlines())


@pytest.mark.parametrize(
    ("name", "host"),
    [("empresa.example", "@"), ("_dmarc.empresa.example", "_dmarc"), ("otherempresa.example", "otherempresa.example.")],
)
def test_the_host_of_a_panel(name: str, host: str) -> None:
    assert host_part(DomainName(name), "empresa.example") == host


def test_a_zone_file_of_changes_loads_as_it_is() -> None:
    foreign = RecordChange(DomainName("empresa.example._report._dmarc.otra.example"), "TXT", ("v=DMARC1",), ("x",))
    soa = "$ORIGIN empresa.example.\n@ 60 IN SOA ns h 1 2 3 4 5\n@ 60 IN NS ns.otra.example.\n"
    text = soa + render_changes([foreign, CHANGE], "bind", domain="empresa.example", lang="es")

    zone = dns.zone.from_text(text, origin="empresa.example.", relativize=False)
    assert {str(name) for name in zone.nodes} == {"empresa.example.", "_dmarc.empresa.example."}
