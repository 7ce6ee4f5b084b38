from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from deliverability.core.tags import TagDefectKind, read_tags


def kinds(text: str) -> list[TagDefectKind]:
    return [defect.kind for defect in read_tags(text).defects]


def test_spans_point_at_names_and_values() -> None:
    text = "v=DMARC1 ; p = none;"
    tags = read_tags(text)

    assert [(t.name, t.value) for t in tags.tags] == [("v", "DMARC1"), ("p", "none")]
    assert [text[slice(*t.value_span)] for t in tags.tags] == ["DMARC1", "none"]
    assert tags.defects == ()


def test_each_defect_is_told_with_its_place() -> None:
    assert kinds("a=1;;b=2") == [TagDefectKind.EMPTY]
    assert kinds("a=1;b") == [TagDefectKind.NO_EQUALS]
    assert kinds("a=1; =2") == [TagDefectKind.BAD_NAME]
    assert kinds("a=1;a=2") == [TagDefectKind.DUPLICATE]
    assert kinds("a=ñ\x00") == [TagDefectKind.NON_ASCII]
    assert kinds(";".join(["a=1"] * 500)).count(TagDefectKind.TOO_MANY) == 1


def test_a_value_may_be_empty_and_hold_equals_signs() -> None:
    tags = read_tags("p=; q=a=b")

    assert [(t.name, t.value) for t in tags.tags] == [("p", ""), ("q", "a=b")]
    assert tags.get("q") is tags.tags[1]
    assert tags.get("Q") is None


@given(st.text(max_size=200))
def test_any_text_gives_tags_and_defects_inside_the_text(text: str) -> None:
    read = read_tags(text)

    for tag in read.tags:
        assert text[slice(*tag.name_span)] == tag.name
        assert text[slice(*tag.value_span)] == tag.value
    for defect in read.defects:
        assert 0 <= defect.span.start <= defect.span.end <= len(text)


@given(st.text(alphabet='av=;: \t"DMARC1', max_size=400))
def test_any_text_of_the_grammar_s_own_letters(text: str) -> None:
    """Every piece between semicolons is a tag, a defect, or the blank end; tags stand in the order of the text."""
    read = read_tags(text)
    said = [(tag.name_span, tag.value_span) for tag in read.tags]
    broken = [d for d in read.defects if d.kind in ("empty", "no-equals", "bad-name")]
    pieces = text.split(";")

    assert len(read.tags) + len(broken) == len(pieces) - (not pieces[-1].strip(" \t\r\n"))
    assert said == sorted(said)
    assert all(";" not in tag.value and tag.value == tag.value.strip() for tag in read.tags)
