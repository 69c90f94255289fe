"""Values to JSON and back, for everything that must outlive a crash: events, answers, conversations.

Fields at their default are left out, unknown ones are ignored: an older and a newer version read each other.
"""

from __future__ import annotations

from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

T = TypeVar("T")


class Unreadable(ValueError):
    """Stored data does not fit the type any more."""


_adapters: dict[Any, TypeAdapter[Any]] = {}


def _adapter(kind: Any) -> TypeAdapter[Any]:
    """The adapter of a type; building one takes milliseconds, so each is built once."""
    adapter = _adapters.get(kind)
    if adapter is None:
        adapter = _adapters[kind] = TypeAdapter(kind)
    return adapter


def encode(value: Any) -> dict[str, Any]:
    """A dataclass as plain JSON data."""
    data: dict[str, Any] = _adapter(type(value)).dump_python(value, mode="json", exclude_defaults=True)
    return data


def decode(kind: type[T], data: Any) -> T:
    """The inverse of `encode`. Raises Unreadable."""
    try:
        value: T = _adapter(kind).validate_python(data)
    except ValidationError as error:
        raise Unreadable(f"{kind.__name__}: {error.error_count()} fields do not fit") from error
    return value
