"""Types of values and rows: what a dataclass and a named tuple of the standard library do, without their cost."""

from __future__ import annotations

import copy
import dataclasses
import inspect
import pickle
import typing
from functools import cached_property
from typing import ClassVar

import pytest

from deliverability.core.rows import NamedTuple
from deliverability.core.values import field, frozen, mutable, replace


@frozen
class Value:
    """A value."""

    kind: ClassVar[str] = "value"
    name: str
    size: int = 3
    seen: tuple[str, ...] = field(default_factory=lambda: ("new",), repr=False)
    note: str = field(default="", compare=False)

    @property
    def double(self) -> int:
        return 2 * self.size

    @cached_property
    def parts(self) -> list[str]:
        return self.name.split(".")


@dataclasses.dataclass(frozen=True)
class Original:
    name: str
    size: int = 3
    seen: tuple[str, ...] = dataclasses.field(default_factory=lambda: ("new",), repr=False)
    note: str = dataclasses.field(default="", compare=False)


@mutable
class Draft:
    words: list[str] = field(default_factory=list)
    done: bool = False


@frozen
class Coded:
    code: str
    texts: tuple[str, ...]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Coded) and other.code == self.code

    def __hash__(self) -> int:
        return hash(self.code)


class Row(NamedTuple):
    """A row."""

    name: str
    size: int | None = None

    @property
    def shown(self) -> str:
        return f"{self.name}:{self.size}"


class Reference(typing.NamedTuple):
    """A row."""

    name: str
    size: int | None = None


def test_a_value_is_built_compared_and_shown_as_a_dataclass() -> None:
    value, original = Value("a.b", note="x"), Original("a.b", note="x")

    assert repr(value) == repr(original).replace("Original", "Value")
    assert value == Value("a.b", note="another")
    assert value != Value("a.b", 4)
    assert value != original
    assert hash(value) == hash(Value("a.b", note="another")) == hash(original)
    assert (value.double, value.parts, value.parts is value.parts, Value.kind) == (6, ["a", "b"], True, "value")
    assert Value.__match_args__ == Original.__match_args__


def test_the_first_comparison_may_come_before_the_first_construction() -> None:
    @frozen
    class Fresh:
        name: str

    one = object.__new__(Fresh)
    object.__setattr__(one, "name", "a")

    assert hash(one) == hash(Fresh("a"))
    assert one == Fresh("a")


@pytest.mark.parametrize("arguments", [(), ("a", 1, (), "", 5)])
def test_wrong_arguments_are_told_as_python_tells_them(arguments: tuple[object, ...]) -> None:
    with pytest.raises(TypeError, match=r"__init__\(\)"):
        Value(*arguments)  # type: ignore[arg-type]


def test_a_value_cannot_be_changed() -> None:
    value = Value("a")
    with pytest.raises(dataclasses.FrozenInstanceError, match="size"):
        value.size = 5  # type: ignore[misc]
    with pytest.raises(dataclasses.FrozenInstanceError, match="size"):
        del value.size
    with pytest.raises((AttributeError, TypeError)):
        value.other = 1  # type: ignore[attr-defined]


def test_a_mutable_one_can_and_is_no_key() -> None:
    draft, other = Draft(), Draft()
    draft.words.append("a")
    draft.done = True

    assert (draft.words, other.words) == (["a"], [])
    assert draft == Draft(["a"], done=True)
    with pytest.raises(TypeError, match="unhashable"):
        hash(draft)
    with pytest.raises(AttributeError):
        draft.other = 1  # type: ignore[attr-defined]


def test_methods_of_its_own_are_left_alone() -> None:
    assert Coded("A", ("x",)) == Coded("A", ("y",))
    assert len({Coded("A", ("x",)), Coded("A", ("y",))}) == 1


@pytest.mark.parametrize("change", [replace, dataclasses.replace])
def test_changed_values(change: typing.Callable[..., Value]) -> None:
    assert change(Value("a", note="kept"), size=9) == Value("a", 9)
    assert change(Value("a", note="kept"), size=9).note == "kept"
    with pytest.raises(TypeError):
        change(Value("a"), nothing=1)


def test_those_who_look_for_a_dataclass_find_one() -> None:
    assert dataclasses.is_dataclass(Value)
    assert [(f.name, f.repr, f.compare) for f in dataclasses.fields(Value)] == [
        (f.name, f.repr, f.compare) for f in dataclasses.fields(Original)
    ]
    assert dataclasses.asdict(Value("a")) == dataclasses.asdict(Original("a"))
    assert list(inspect.signature(Value).parameters) == list(inspect.signature(Original).parameters)
    assert inspect.signature(Value).parameters["size"].default == 3


@pytest.mark.parametrize("value", [Value("a"), Row("a", 2), Draft(["a"])])
def test_copies_and_pickles(value: object) -> None:
    assert copy.copy(value) == value
    assert copy.deepcopy(value) == value
    assert pickle.loads(pickle.dumps(value)) == value


def test_a_row_is_the_tuple_that_typing_makes() -> None:
    row, reference = Row("a"), Reference("a")

    assert row == reference == ("a", None)
    assert hash(row) == hash(reference)
    assert repr(row) == repr(reference).replace("Reference", "Row")
    assert row._asdict() == reference._asdict()
    assert row._replace(size=4) == reference._replace(size=4)
    assert Row._make(["b", 1]) == Reference._make(["b", 1])
    assert (Row._fields, Row._field_defaults) == (Reference._fields, Reference._field_defaults)
    assert Row.__match_args__ == Reference.__match_args__
    assert (row.shown, row.name, row[1]) == ("a:None", "a", None)
    assert list(inspect.signature(Row).parameters) == ["name", "size"]
    assert type(row) is Row
    assert isinstance(row, tuple)


def test_a_row_refuses_what_it_does_not_have() -> None:
    for wrong in (Row, lambda: Row("a", 1, 2), lambda: Row("a", more=1), lambda: Row._make(["a", 1, 2])):  # type: ignore[call-arg]
        with pytest.raises(TypeError):
            wrong()
    with pytest.raises(ValueError, match="more"):
        Row("a")._replace(more=1)  # type: ignore[call-arg]
    with pytest.raises(AttributeError):
        Row("a").name = "b"  # type: ignore[misc]
    with pytest.raises(AttributeError):
        Row("a").other = "b"  # type: ignore[attr-defined]
