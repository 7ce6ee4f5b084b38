"""Values: what nearly every type of this project is. A class of annotated fields, frozen and slotted.

    @frozen
    class Mailbox:
        display_name: str
        address: str
        comments: tuple[str, ...] = ()

Theory of operation. `@dataclass(frozen=True, slots=True)` of the standard library says the same, and type checkers treat
the two alike (PEP 681). But it compiles seven methods when a class is defined, 0.35 ms on a machine where a whole Python
starts in 9, and a command that audits one message defines two hundred types of which it fills half
(docs/decisions/0013). Here a class is built once, with `__slots__`, at the end of its class statement. `__init__`,
`__eq__` and `__hash__`, which are called in numbers, are compiled all together when one of them is first called; until
then stand-ins are in their places. The rest is the same few functions for all classes.

Two values are equal when they are of one type and their compared fields are equal; the hash is that of the same fields.
A class that has a `cached_property` keeps a `__dict__` for it. A method that the class defines itself is left alone.

`dataclasses.replace`, `fields`, `asdict`, `is_dataclass`, `copy.replace` and `inspect.signature` take such classes as
well: what they look for is made when one of them asks. What dataclasses can and these cannot: inherit fields, `InitVar`,
`kw_only`, `__post_init__`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar, dataclass_transform

from deliverability.core.rows import NamedTuple

if TYPE_CHECKING:
    # To type checkers, which learn from it the type of each field.
    from dataclasses import replace
else:

    def replace(item: Any, /, **changes: Any) -> Any:
        """The value with some of its fields changed."""
        for name in item.__match_args__:
            if name not in changes:
                changes[name] = getattr(item, name)
        return type(item)(**changes)


__all__ = ["field", "frozen", "mutable", "replace"]

T = TypeVar("T")


class _Unset:
    """Stands where a field has no default, and where an argument with a default made each time was left out."""

    def __repr__(self) -> str:
        return "<made anew>"


_UNSET: Any = _Unset()


class _Field(NamedTuple):
    default: Any = _UNSET
    default_factory: Callable[[], Any] | None = None
    repr: bool = True
    compare: bool = True


def field(
    *,
    default: Any = _UNSET,
    default_factory: Callable[[], Any] | None = None,
    repr: bool = True,  # noqa: A002 - the words of dataclasses
    compare: bool = True,
) -> Any:
    """A field with more to say than its type: a default made anew each time, or left out of `repr` or of `==`."""
    return _Field(default, default_factory, repr, compare)


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def frozen(cls: type[T]) -> type[T]:
    """The class as one of values: its fields are set once, and it can be a key where they can."""
    return _built(cls, _FROZEN)


@dataclass_transform(field_specifiers=(field,))
def mutable(cls: type[T]) -> type[T]:
    """The same for what is filled while something is read: its fields may be set, and it is no key."""
    return _built(cls, _MUTABLE)


def _built(cls: type[T], shared: dict[str, Any]) -> type[T]:
    own = dict(vars(cls))
    fields: dict[str, _Field] = {}
    for name, kind in own.get("__annotations__", {}).items():
        if not str(kind).startswith("ClassVar"):
            value = own.pop(name, _UNSET)
            fields[name] = value if isinstance(value, _Field) else _Field(value)
    for name in ("__dict__", "__weakref__"):  # descriptors of the class as it was written
        own.pop(name, None)
    if own.get("__hash__", _UNSET) is None:  # Python's own doing where a class defines __eq__ alone
        del own["__hash__"]
    cached = any(isinstance(value, cached_property) for value in own.values())
    space = {
        **shared,
        "__slots__": (*fields, "__dict__") if cached else tuple(fields),
        "__match_args__": tuple(fields),
        "_own_fields": fields,
        **own,
    }
    built: Any = type(cls)
    built = built(cls.__name__, cls.__bases__, space)
    built.__qualname__ = cls.__qualname__
    return built  # type: ignore[no-any-return]


def _compile(cls: Any) -> None:
    """Put the compiled methods in the places of their stand-ins: written as one would write them by hand."""
    fields: dict[str, _Field] = cls._own_fields
    is_frozen = cls.__setattr__ is _refuse_set
    names: dict[str, Any] = {"_UNSET": _UNSET}
    parameters, body = ["self"], []
    for name, described in fields.items():
        default = value = name
        if described.default_factory is not None:
            names[f"_make_{name}"] = described.default_factory
            default, value = f"{name}=_UNSET", f"_make_{name}() if {name} is _UNSET else {name}"
        elif described.default is not _UNSET:
            names[f"_default_{name}"] = described.default
            default = f"{name}=_default_{name}"
        parameters.append(default)
        # Each slot sets itself: two thirds of the time of `object.__setattr__`, which looks the slot up.
        names[f"_set_{name}"] = cls.__dict__[name].__set__
        body.append(f"_set_{name}(self, {value})" if is_frozen else f"self.{name} = {value}")
    mine, theirs = (
        "".join([f"{who}.{name}, " for name, described in fields.items() if described.compare])
        for who in ("self", "other")
    )
    source = (
        f"def __init__({', '.join(parameters)}):\n    {'; '.join(body) or 'pass'}\n"
        f"def __eq__(self, other):\n    return ({mine}) == ({theirs}) if type(self) is type(other) else NotImplemented\n"
        f"def __hash__(self):\n    return hash(({mine}))\n"
    )
    exec(source, names)  # noqa: S102 - made of the names of our own fields
    names["__init__"].__annotations__ = {name: cls.__annotations__[name] for name in fields}
    for name, stand_in in _STAND_INS.items():
        if cls.__dict__.get(name) is stand_in:
            names[name].__module__, names[name].__qualname__ = cls.__module__, f"{cls.__qualname__}.{name}"
            setattr(cls, name, names[name])


def _first_init(self: Any, *arguments: Any, **named: Any) -> None:
    cls = type(self)
    _compile(cls)
    cls.__init__(self, *arguments, **named)


def _first_eq(self: Any, other: object) -> Any:
    cls: Any = type(self)
    _compile(cls)
    return cls.__eq__(self, other)


def _first_hash(self: Any) -> int:
    cls: Any = type(self)
    _compile(cls)
    return cls.__hash__(self)  # type: ignore[no-any-return]


def _repr(self: Any) -> str:
    fields: dict[str, _Field] = self._own_fields
    shown = ", ".join([f"{name}={getattr(self, name)!r}" for name, described in fields.items() if described.repr])
    return f"{type(self).__qualname__}({shown})"


def _refuse_set(self: Any, name: str, value: object) -> None:
    from dataclasses import FrozenInstanceError  # noqa: PLC0415 - what callers of a dataclass expect to catch

    raise FrozenInstanceError(f"cannot assign to field {name!r}")


def _refuse_delete(self: Any, name: str) -> None:
    from dataclasses import FrozenInstanceError  # noqa: PLC0415

    raise FrozenInstanceError(f"cannot delete field {name!r}")


def _get_state(self: Any) -> list[Any]:
    return [getattr(self, name) for name in self.__match_args__]


def _set_state(self: Any, state: list[Any]) -> None:
    for name, value in zip(self.__match_args__, state, strict=True):
        object.__setattr__(self, name, value)


class _OnRequest:
    """An attribute of the class, made when somebody asks for it."""

    def __init__(self, make: Callable[[Any], Any]) -> None:
        self.make = make

    def __get__(self, instance: object, owner: type) -> Any:
        return self.make(owner)


def _signature(cls: Any) -> Any:
    import inspect  # noqa: PLC0415 - only for those who look at the code

    if cls.__init__ is _first_init:
        _compile(cls)
    whole = inspect.signature(cls.__init__)
    return whole.replace(parameters=list(whole.parameters.values())[1:])


def _dataclass_fields(cls: Any) -> dict[str, Any]:
    import dataclasses  # noqa: PLC0415 - only for those who treat it as a dataclass

    described: list[Any] = []
    for name, own in cls._own_fields.items():
        options: dict[str, Any] = {"repr": own.repr, "compare": own.compare}
        if own.default_factory is not None:
            options["default_factory"] = own.default_factory
        elif own.default is not _UNSET:
            options["default"] = own.default
        described.append((name, cls.__annotations__[name], dataclasses.field(**options)))
    twin: Any = dataclasses.make_dataclass(cls.__name__, described)
    cls.__dataclass_fields__ = twin.__dataclass_fields__
    return cls.__dataclass_fields__  # type: ignore[no-any-return]


_STAND_INS: dict[str, Any] = {"__init__": _first_init, "__eq__": _first_eq, "__hash__": _first_hash}
_FROZEN: dict[str, Any] = {
    **_STAND_INS,
    "__repr__": _repr,
    "__replace__": replace,
    "__signature__": _OnRequest(_signature),
    "__dataclass_fields__": _OnRequest(_dataclass_fields),
    "__setattr__": _refuse_set,
    "__delattr__": _refuse_delete,
    "__getstate__": _get_state,
    "__setstate__": _set_state,
}
_MUTABLE: dict[str, Any] = {
    **_FROZEN,
    "__hash__": None,
    "__setattr__": object.__setattr__,
    "__delattr__": object.__delattr__,
}
