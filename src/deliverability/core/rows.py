"""Named tuples whose definition costs little: rows that are only read (docs/decisions/0003).

`typing.NamedTuple` compiles the type of each field and a `__new__` when a class is defined, half a millisecond where the
annotations are text, and a command defines a hundred or two. Here `__new__` is compiled when the first row is made
(as in `core.values`) and annotations stay what they are. Otherwise it is the same, to type checkers as well.
"""

from __future__ import annotations

from collections import _tuplegetter  # type: ignore[attr-defined]  # the property of its named tuples, written in C
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

__all__ = ["NamedTuple"]


def _compile(cls: Any) -> None:
    """Put the compiled `__new__` in the place of its stand-in."""
    fields, defaults = cls._fields, cls._field_defaults
    names: dict[str, Any] = {"_new": tuple.__new__, **{f"_default_{name}": value for name, value in defaults.items()}}
    parameters = ", ".join(["_cls", *(f"{name}=_default_{name}" if name in defaults else name for name in fields)])
    exec(f"def __new__({parameters}): return _new(_cls, ({''.join([name + ', ' for name in fields])}))", names)  # noqa: S102 - names of our own fields
    new = names["__new__"]
    new.__module__, new.__qualname__ = cls.__module__, f"{cls.__qualname__}.__new__"
    new.__annotations__ = dict(cls.__annotations__)
    cls.__new__ = new


def _first_new(cls: Any, *arguments: Any, **named: Any) -> Any:
    _compile(cls)
    return cls.__new__(cls, *arguments, **named)


def _make(cls: Any, values: Iterable[Any]) -> Any:
    """The row of these values, in the order of the fields."""
    return cls(*values)


def _replace(self: Any, /, **changes: Any) -> Any:
    """The row with some of its fields changed."""
    row = tuple.__new__(type(self), map(changes.pop, self._fields, self))
    if changes:
        raise ValueError(f"no fields: {', '.join(sorted(changes))}")
    return row


def _asdict(self: Any) -> dict[str, Any]:
    """The fields by name."""
    return dict(zip(self._fields, self, strict=True))


def _repr(self: Any) -> str:
    shown = ", ".join([f"{name}={value!r}" for name, value in zip(self._fields, self, strict=True)])
    return f"{type(self).__name__}({shown})"


def _get_new_arguments(self: Any) -> tuple[Any, ...]:
    return tuple(self)


class _Signature:
    def __get__(self, instance: object, owner: Any) -> Any:
        import inspect  # noqa: PLC0415 - only for those who look at the code

        if owner.__new__ is _first_new:
            _compile(owner)
        whole = inspect.signature(owner.__new__)
        return whole.replace(parameters=list(whole.parameters.values())[1:])


_SHARED: dict[str, Any] = {
    "__slots__": (),
    "__new__": _first_new,
    "__repr__": _repr,
    "__getnewargs__": _get_new_arguments,
    "__replace__": _replace,
    "__signature__": _Signature(),
    "_make": classmethod(_make),
    "_replace": _replace,
    "_asdict": _asdict,
}


class _Definition(type):
    """Builds the class of the rows from the class statement: a plain subclass of tuple."""

    def __new__(cls, name: str, bases: tuple[type, ...], space: dict[str, Any]) -> Any:
        if not bases:
            return super().__new__(cls, name, bases, space)
        fields = tuple(space.get("__annotations__", ()))
        defaults = {field: space.pop(field) for field in fields if field in space}
        getters = {field: _tuplegetter(at, None) for at, field in enumerate(fields)}
        shared = {**_SHARED, "_fields": fields, "_field_defaults": defaults, "__match_args__": fields}
        return type(name, (tuple,), {**shared, **getters, **space})


if TYPE_CHECKING:
    from typing import NamedTuple  # noqa: TID251 - what it is to type checkers
else:

    class NamedTuple(metaclass=_Definition):
        """As `typing.NamedTuple`, for class statements."""
