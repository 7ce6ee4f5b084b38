"""Whatever the octets: nothing raises, nothing is lost, and what is written reads back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from deliverability.core.facts import Envelope, Moment, RawMessage, Receiving, Sending
from deliverability.core.limits import DEFAULT_LIMITS, Limits
from deliverability.headers import addresses, fields, words
from deliverability.headers.addresses import parse_addresses
from deliverability.headers.dates import parse_date, read_date
from deliverability.headers.facts import read_message
from deliverability.headers.fields import parse, text_of
from deliverability.headers.lines import read_lines
from deliverability.headers.message_id import parse_message_id, parse_references
from deliverability.headers.parameters import parse_parameterized
from deliverability.headers.rules import RULES
from deliverability.headers.words import decode_words
from deliverability.headers.writing import encode_words, write_date, write_mailbox, write_name

#: Octets in which the structures of headers turn up often.
PIECES = st.sampled_from(
    [b"\r\n", b"\n", b"\r", b" ", b"\t", b":", b",", b";", b"@", b"<", b">", b'"', b"\\", b"(", b")", b"[", b"]", b"=", b"?", b"=?utf-8?q?", b"?=", b"=?utf-8?b?", b"=C3", b"%C3", b"*0*=", b"''", b"a", b"From: ", b"Subject:", b"To: ", b"a@b.example", b"\xf1", b"\xc3\xb1", b"\0", b"22 Nov 2026 10:00 +0100", b"xn--"]
)  # fmt: skip
OCTETS = st.one_of(st.binary(max_size=300), st.lists(PIECES, max_size=40).map(b"".join))
VISIBLE = st.text(
    st.characters(min_codepoint=32, blacklist_categories=("Cs", "Cc"), max_codepoint=0x1F600), max_size=60
)


@given(OCTETS)
def test_the_fields_are_the_section_octet_by_octet(raw: bytes) -> None:
    headers = parse(raw)

    assert 0 <= headers.body_start <= len(raw)
    at = headers.fields[0].start if headers.fields else 0
    for field in headers:
        assert field.start == at
        assert raw[field.start : field.end] == field.raw
        assert field.name
        assert field.key == field.name.lower()
        at = field.end
    assert all(0 <= defect.offset <= len(raw) for defect in headers.defects)
    if headers.cut is None and headers.fields:
        assert raw[at : headers.body_start] in (b"", b"\n", b"\r\n", b"\r")


@given(OCTETS, st.sampled_from([b"", b"A: 1\r\n", b"A: 1\n", b"From x\n", b"\xef\xbb\xbf"]))
def test_the_short_way_and_the_long_way_read_the_same(raw: bytes, before: bytes) -> None:
    raw = before + raw
    long = fields._Reader(raw, DEFAULT_LIMITS, 0, len(raw))
    long.step_over_prefix()

    assert parse(raw) == long.read()


@given(OCTETS)
def test_values_never_raise_and_hold_no_half_characters(value: bytes) -> None:
    decoded = decode_words(value)
    listed = parse_addresses(value)
    parameters = parse_parameterized(value)
    length = len(text_of(value))

    decoded.text.encode("utf-8")
    for box in listed.mailboxes:
        "".join((box.display_name, box.local_part, box.domain, box.address)).encode("utf-8")
        assert 0 <= box.span.start <= box.span.end <= length
    "".join([parameters.value, *parameters.parameters.values()]).encode("utf-8")
    for defects in (decoded.defects, listed.defects, parameters.defects):
        assert all(0 <= defect.span.start <= defect.span.end <= length for defect in defects)
    parse_message_id(value)
    parse_references(value)
    read_date(value)
    read_lines(value)


@given(st.text(max_size=200))
def test_text_with_half_characters_never_raises(text: str) -> None:
    assert decode_words(text).text.encode("utf-8") is not None
    assert all(box.address.encode("utf-8") is not None for box in parse_addresses(text).mailboxes)


@given(OCTETS)
def test_plain_lists_read_the_same_from_tokens(value: bytes) -> None:
    text = text_of(value)
    plain = addresses._plainly(text)
    if plain is not None:
        assert addresses._Reader(text, DEFAULT_LIMITS).read().mailboxes == (plain,)


WORD = st.builds(
    "=?{}?{}?{}?=".format,
    st.sampled_from(["utf-8", "iso-8859-1", "us-ascii", "utf-16", "x-nada", "utf-8*es"]),
    st.sampled_from("QqBbX"),
    st.lists(st.sampled_from(["=C3=B1", "=F1", "=0A", "_", "a", "w7E=", "YWJj", "=3D", "=?", "?", "=E2=80=AE"])).map(
        "".join
    ),
)


@given(WORD)
def test_one_word_reads_the_same_the_long_way(text: str) -> None:
    short = words._one_word(text)
    if short is not None:
        assert words._Reader(text, words.WordDefectKind.RAW_UTF8).read() == short


LOCAL = st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=20)


@given(VISIBLE, LOCAL)
def test_a_mailbox_that_is_written_reads_back(name: str, local: str) -> None:
    name = " ".join(name.split())
    box = parse_addresses(write_mailbox(name, local, "empresa.example")).mailboxes

    assert [(b.display_name, b.local_part, b.domain) for b in box] == [(name, local, "empresa.example")]
    assert box[0].usable
    assert box[0].name_words.defects == ()


@given(VISIBLE)
def test_encoded_words_read_back(text: str) -> None:
    assert decode_words(encode_words(text)).text == text
    assert decode_words(encode_words(text)).defects == ()
    assert write_name(text).isascii()
    assert all(len(word) <= 75 for word in encode_words(text).split(" ") if word.startswith("=?"))


ZONES = st.integers(-1439, 1439).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@given(st.integers(0, 200_000_000_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC)), ZONES)
def test_a_date_that_is_written_reads_back(moment: datetime, zone: timezone) -> None:
    assert parse_date(write_date(moment.astimezone(zone))) == moment


@given(OCTETS)
def test_no_message_makes_a_rule_raise(raw: bytes) -> None:
    facts: dict[type, object] = {
        RawMessage: RawMessage(raw, len(raw)),
        Envelope: Envelope(),
        Receiving: Receiving(),
        Sending: Sending(),
        Moment: Moment(datetime(2026, 11, 22, tzinfo=UTC)),
    }
    facts.update(read_message(facts, Limits(header_fields=20)))
    for entry in RULES:
        for outcome in entry.run(facts):
            for lang in ("en", "es"):
                if hasattr(outcome, "advice"):
                    assert outcome.text(lang)
                    assert outcome.why(lang)
                    assert outcome.advice(lang)
