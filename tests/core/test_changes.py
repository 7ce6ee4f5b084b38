from __future__ import annotations

from deliverability.core.changes import Changed, RecordChange, merge, record_value
from deliverability.core.names import DomainName
from deliverability.core.questions import Answer, DnsQuestion, Failed, Found, MxRecord, NoData, NoName, RecordType
from deliverability.sources.table import TableSource

NAME = DomainName("empresa.example")
TABLE = TableSource(
    {
        "empresa.example/TXT": ["v=spf1 -all", "google-site-verification=x"],
        "_dmarc.empresa.example/CNAME": ["dmarc.host.example"],
        "dmarc.host.example/TXT": ["v=DMARC1; p=none"],
        "roto.example/TXT": {"fault": "servfail"},
    }
)


def after(change: RecordChange, name: str, record_type: RecordType = "TXT") -> Answer:
    return Changed(TABLE, [change]).answer(DnsQuestion(DomainName(name), record_type))


def values(answer: Answer) -> list[str]:
    assert isinstance(answer, Found)
    return [record_value(record) for record in answer.records]


def test_a_replaced_record_leaves_the_others() -> None:
    change = RecordChange(NAME, "TXT", add=("v=spf1 ~all",), remove=("v=spf1 -all",))

    assert values(after(change, NAME)) == ["google-site-verification=x", "v=spf1 ~all"]


def test_removing_everything_is_no_data_and_adding_to_nothing_is_found() -> None:
    gone = RecordChange(NAME, "TXT", remove=("v=spf1 -all", "google-site-verification=x"))
    new = RecordChange(DomainName("nuevo.example"), "MX", add=("10 mx.nuevo.example",))

    assert isinstance(after(gone, NAME), NoData)
    assert after(new, "nuevo.example", "MX") == Found((MxRecord(10, DomainName("mx.nuevo.example")),), 3600)
    assert isinstance(after(new, "nuevo.example", "A"), NoData)
    assert isinstance(after(new, "otro.example", "A"), NoName)


def test_an_alias_that_is_taken_away_hides_what_it_pointed_at() -> None:
    name = DomainName("_dmarc.empresa.example")
    cut = RecordChange(name, "CNAME", remove=("dmarc.host.example",))
    own = RecordChange(name, "TXT", add=("v=DMARC1; p=reject",))

    assert isinstance(after(cut, name), NoData)
    assert values(Changed(TABLE, [cut, own]).answer(DnsQuestion(name, "TXT"))) == ["v=DMARC1; p=reject"]


def test_what_could_not_be_asked_stays_so_when_only_something_is_removed() -> None:
    assert isinstance(after(RecordChange(DomainName("roto.example"), "TXT", remove=("x",)), "roto.example"), Failed)


def test_long_text_is_cut_into_strings_of_255_octets() -> None:
    change = RecordChange(NAME, "TXT", add=("x" * 300,))

    assert [len(part) for part in change.strings[0]] == [255, 45]


def test_successive_changes_become_one() -> None:
    first = RecordChange(NAME, "TXT", add=("b",), remove=("a",))
    second = RecordChange(NAME, "TXT", add=("c",), remove=("b",))

    assert merge([first, second]) == (RecordChange(NAME, "TXT", add=("c",), remove=("a",)),)
