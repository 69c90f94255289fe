"""Values to JSON and back, for everything that must outlive a crash: events, answers, conversations.

Fields at their default are left out, unknown ones are ignored: an older and a newer version read each other.
"""

from __future__ import annotations

from functools import cache
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

T = TypeVar("T")


class Unreadable(ValueError):
    """Stored data does not fit the type any more."""


@cache
def _adapter(kind: type[T]) -> TypeAdapter[T]:
    return TypeAdapter(kind)


def encode(value: Any) -> dict[str, Any]:
    """A dataclass as plain JSON data."""
    data: dict[str, Any] = _adapter(type(value)).dump_python(value, mode="json", exclude_defaults=True)
    return data


def decode(kind: type[T], data: Any) -> T:
    """The inverse of `encode`. Raises Unreadable."""
    try:
        return _adapter(kind).validate_python(data)
    except ValidationError as error:
        raise Unreadable(f"{kind.__name__}: {error.error_count()} fields do not fit") from error
