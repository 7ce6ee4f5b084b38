"""What holds for every DMARC record, however odd."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from deliverability.dmarc import DmarcProblemKind, evaluate, parse
from deliverability.dmarc.record import POLICIES, SPECS, looks_like_dmarc, strictness
from deliverability.dmarc.repair import Wanted, repaired
from deliverability.sources.table import TableSource
from tests.support.growth import grows_at_most

K = DmarcProblemKind

policies = st.sampled_from(POLICIES)
addresses = st.from_regex(r"[a-z0-9]{1,8}(\.[a-z0-9]{1,5})?@[a-z]{1,9}\.example", fullmatch=True)
uris = st.lists(addresses.map("mailto:{}".format), min_size=1, max_size=3, unique=True).map(",".join)
values = {
    "p": policies,
    "sp": policies,
    "np": policies,
    "adkim": st.sampled_from("rs"),
    "aspf": st.sampled_from("rs"),
    "psd": st.sampled_from("nu"),
    "t": st.sampled_from("yn"),
    "rua": uris,
}
valid_tags = st.fixed_dictionaries({"p": policies}, optional={k: v for k, v in values.items() if k != "p"})
separators = st.sampled_from([";", "; ", " ; "])


@st.composite
def valid_records(draw: st.DrawFn) -> str:
    tags = draw(valid_tags)
    separator = draw(separators)
    return separator.join(["v=DMARC1", *(f"{k}={v}" for k, v in tags.items())]) + draw(st.sampled_from(["", ";"]))


# Text that is nearly a record finds more than text that is nothing.
pieces = st.sampled_from(
    ["v=DMARC1", "v=dmarc1", "p=", "none", "reject", "rua=", "mailto:", "a@x.example", ";", ";;", ",", " ", "=", ":", "!10m",
     "sp=", "fo=", "0:1", "“", '"', "\\", "<p>", "&quot;", "pct=", "t=y", "psd=y", "%", "%zz", "ñ", "\x00", "\n", "policy=", "rau="]
)  # fmt: skip
near_records = st.lists(st.one_of(pieces, st.text(max_size=4)), max_size=30).map("".join)


@given(st.one_of(st.text(), st.binary(), near_records))
@settings(max_examples=400, deadline=None)
def test_reading_never_raises_and_every_place_lies_in_the_text(text: str | bytes) -> None:
    record = parse(text)

    assert all(0 <= p.span.start <= p.span.end <= len(record.text) for p in record.problems)
    for spec in SPECS:
        reading = record.reading(spec)
        assert {reading.p, reading.sp, reading.np} <= set(POLICIES)
        assert reading.usable <= record.is_dmarc
        assert 0 <= reading.pct <= 100
    looks_like_dmarc(record.text)


@given(valid_records())
def test_a_valid_record_has_no_defect_and_prints_back(text: str) -> None:
    record = parse(text)

    assert str(record) == text
    assert record.is_dmarc
    assert record.problems == ()
    assert "; ".join(f"{tag.name}={tag.value}" for tag in record.tags) == text.replace(" ", "").replace(
        ";", "; "
    ).strip("; ")


@given(valid_records(), st.from_regex(r"x[a-z]{3,8}", fullmatch=True), st.text("abcz/.-_", max_size=10))
def test_an_unknown_tag_changes_nothing_but_the_list_of_defects(text: str, name: str, value: str) -> None:
    before, after = parse(text), parse(f"{text.rstrip('; ')}; {name}={value}")

    assert [problem.kind for problem in after.problems] == [K.UNKNOWN_TAG]
    for spec in SPECS:
        assert after.reading(spec) == before.reading(spec)
    assert [uri.text for uri in after.rua] == [uri.text for uri in before.rua]


@given(valid_records())
def test_the_octets_and_the_text_of_a_record_read_alike(text: str) -> None:
    assert parse(text) == parse(text.encode())


@given(near_records, st.booleans())
@settings(max_examples=400, deadline=None)
def test_a_repaired_record_is_right_and_repairing_it_again_changes_nothing(text: str, parked: bool) -> None:
    wanted = Wanted(rua="mailto:dmarc@x.example", np_reject=True, parked=parked)
    new = repaired(text, wanted)
    record = parse(new)

    assert record.is_dmarc
    assert record.problems == ()
    assert record.valid_rua
    assert repaired(new, wanted) == new
    assert not parked or record.reading().applied("np") == record.reading().applied("p") == "reject"


@given(valid_records())
def test_repairing_a_valid_record_changes_nothing(text: str) -> None:
    idle = "t=y" in text and not any(strictness(parse(text).reading().published(tag)) for tag in ("p", "sp", "np"))
    tidy = repaired(text)

    if not idle and "t=y" not in text:
        assert parse(tidy).reading() == parse(text).reading()
        assert tidy.replace(" ", "") == text.replace(" ", "")


@given(
    st.lists(st.tuples(st.sampled_from(["pass", "fail", "temperror", "none"]), st.text(max_size=12))),
    st.text(max_size=20),
)
@settings(deadline=None)
def test_evaluation_never_raises(dkim: list[tuple[str, str]], author: str) -> None:
    outcome = evaluate(author, spf=("pass", author), dkim=dkim, source=TableSource({}))

    assert outcome.result in ("none", "permerror")


def test_reading_grows_with_the_length_and_not_faster() -> None:
    def read(text: str) -> None:
        parse(text)
        repaired(text)

    shapes = [
        lambda n: "v=DMARC1; rua=" + "mailto:a@x.example," * n,
        lambda n: "v=DMARC1; rua=" + "mailto:a@x.example " * n,
        lambda n: "v=DMARC1;" + ";" * n * 10,
        lambda n: "v=DMARC1; p=" + " ," * n * 8,
        lambda n: "v=DMARC1; p=" + "<a" * n * 8,
        lambda n: "v=DMARC1; fo=" + "0:" * n * 8,
        lambda n: "v=DMARC1;" + "a=b;" * n * 4,
    ]
    for shape in shapes:
        short, long = shape(100), shape(800)
        # Eight times the text; a quadratic reader would need sixty-four times as long.
        assert grows_at_most(24, lambda: read(short), lambda: read(long)), shape(1)  # noqa: B023 - called at once
