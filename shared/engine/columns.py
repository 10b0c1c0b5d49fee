"""How a frozen dataclass stands in a table: one column a field, scalars native, everything else jsonb.

`Sealed[...]` fields stand as their tokens, sealed to the row's application. What the database would refuse or bend
(a naive moment, a NUL, a number beyond 64 bits, a field that does not hold what it declares) is refused here, on every
store alike, by a `TypeError` or `ValueError` that names the column and never the value.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import UTC, date, datetime
from enum import Enum, StrEnum
from itertools import repeat
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints
from uuid import UUID

from pydantic import TypeAdapter, ValidationError
from pydantic_core import PydanticSerializationError

from shared.contracts.base import SealBroken, Sealed, Sealer

_NATIVE: Mapping[type, str] = {
    UUID: "uuid",
    str: "text",
    bool: "boolean",
    int: "bigint",
    date: "date",
    datetime: "timestamptz",
    bytes: "bytea",
}
_SEALED, _JSON = "sealed", "jsonb"
_NUL_IN_JSON = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")
_MOST = 2**63


@dataclass(frozen=True, slots=True)
class Column:
    """One field in the table: its SQL type, whether null may stand in it, and how it is written and read."""

    name: str
    sql: str
    nullable: bool
    kind: type | str
    adapter: TypeAdapter[Any] | None = None

    def encode(self, value: Any, context: dict[str, Any]) -> Any:
        if value is None:
            if self.nullable:
                return None
            raise TypeError(f"column {self.name} may not be empty")
        if self.adapter is not None:
            return self._written(value, context)
        assert isinstance(self.kind, type)
        if not isinstance(value, self.kind) or (self.kind is date and isinstance(value, datetime)):
            raise TypeError(f"column {self.name} holds a {type(value).__name__}, not a {self.kind.__name__}")
        if isinstance(value, Enum):
            return value.value
        if isinstance(value, datetime):
            if value.tzinfo is None:
                raise ValueError(f"column {self.name} holds a moment without its zone")
            return value.astimezone(UTC)
        if isinstance(value, int) and not -_MOST <= value < _MOST:
            raise ValueError(f"column {self.name} holds a number beyond 64 bits")
        if isinstance(value, str) and "\0" in value:
            raise ValueError(f"column {self.name} holds a NUL")
        return value

    def decode(self, value: Any, context: dict[str, Any]) -> Any:
        if value is None:
            return None
        if self.adapter is None:
            assert isinstance(self.kind, type)
            return self.kind(value) if issubclass(self.kind, Enum) else value
        try:
            if self.kind == _SEALED:
                return self.adapter.validate_python(value, context=context)
            return self.adapter.validate_json(value, context=context)
        except ValidationError as error:
            raise ValueError(f"column {self.name} does not read: {error.errors()[0]['type']}") from None

    def _written(self, value: Any, context: dict[str, Any]) -> str:
        assert self.adapter is not None
        try:
            if self.kind == _SEALED:
                if not isinstance(value, Sealed):
                    raise TypeError(f"column {self.name} is for sealed values only")
                return str(self.adapter.dump_python(value, context=context))
            text = self.adapter.dump_json(value, context=context, warnings="error").decode()
        except PydanticSerializationError as error:
            if SealBroken.__name__ in str(error):
                raise SealBroken(f"column {self.name} cannot be sealed") from None
            raise TypeError(f"column {self.name} does not hold what it declares") from None
        if _NUL_IN_JSON.search(text):
            raise ValueError(f"column {self.name} holds a NUL")
        return text


@dataclass(frozen=True, slots=True)
class Columns:
    """All columns of a dataclass, in the order of its fields."""

    of: type[Any]
    all: tuple[Column, ...]
    names: tuple[str, ...]

    def values(self, value: Any) -> Iterator[Any]:
        """What stands in its fields, in this order."""
        return map(getattr, repeat(value), self.names)

    def __contains__(self, name: str) -> bool:
        return name in self.names


_KNOWN: dict[type[Any], Columns] = {}


def columns_of(of: type[Any]) -> Columns:
    """Raises `TypeError` when it is no dataclass."""
    known = _KNOWN.get(of)
    if known is None:
        if not is_dataclass(of):
            raise TypeError(f"{of.__name__} is no dataclass")
        hints = get_type_hints(of, include_extras=True)
        columns = tuple(_column(field.name, hints[field.name]) for field in fields(of))
        known = _KNOWN[of] = Columns(of, columns, tuple(column.name for column in columns))
    return known


def to_row(value: Any, sealer: Sealer | None) -> tuple[Any, ...]:
    """The value's columns as asyncpg takes them. Raises `TypeError`, `ValueError`, `SealBroken`; see the module."""
    columns = columns_of(type(value))
    context = _context(sealer, getattr(value, "application_id", None))
    return tuple(column.encode(of, context) for column, of in zip(columns.all, columns.values(value), strict=True))


def rewritten(value: Any, sealer: Sealer | None, read: tuple[Any, tuple[Any, ...]] | None) -> tuple[Any, ...]:
    """As `to_row`; where it is what was `read`, a value and its columns, the columns are taken over as they are."""
    if read is None:
        return to_row(value, sealer)
    before, row = read
    columns = columns_of(type(value))
    context = _context(sealer, getattr(value, "application_id", None))
    new, old = columns.values(value), columns.values(before)
    return tuple(
        [
            as_it_is if now is was else column.encode(now, context)
            for column, now, was, as_it_is in zip(columns.all, new, old, row, strict=True)
        ]
    )


def reread(row: tuple[Any, ...], sealer: Sealer | None, read: tuple[Any, tuple[Any, ...]]) -> Any:
    """The value in those columns; where a column is the very one of what was `read`, its value is taken over."""
    before, known = read
    columns = columns_of(type(before))
    context = _context(sealer, before.application_id)
    return columns.of(
        *[
            as_it_is if new is was else column.decode(new, context)
            for column, new, was, as_it_is in zip(columns.all, row, known, columns.values(before), strict=True)
        ]
    )


def from_row(of: type[Any], row: Mapping[str, Any], sealer: Sealer | None) -> Any:
    """The value in a row of those columns (others are passed over). Raises `ValueError` when it does not read."""
    context = _context(sealer, row.get("application_id"))
    return of(**{column.name: column.decode(row[column.name], context) for column in columns_of(of).all})


def _context(sealer: Sealer | None, bound_to: UUID | None) -> dict[str, Any]:
    return {"sealer": sealer, "bound_to": bound_to}


def _column(name: str, hint: Any) -> Column:
    bare, nullable = _without_none(hint)
    if get_origin(bare) is Sealed or bare is Sealed:
        return Column(name, "text", nullable, _SEALED, TypeAdapter(bare))
    native = _native(bare)
    if native is not None:
        sql = _NATIVE.get(native, "text")
        return Column(name, sql, nullable, native)
    return Column(name, _JSON, nullable, _JSON, TypeAdapter(bare))


def _without_none(hint: Any) -> tuple[Any, bool]:
    if get_origin(hint) in (Union, UnionType) and NoneType in get_args(hint):
        others = tuple(part for part in get_args(hint) if part is not NoneType)
        return Union[others], True  # noqa: UP007  the parts are known only here
    return hint, False


def _native(hint: Any) -> type | None:
    """The scalar type a hint comes down to, or None."""
    if get_origin(hint) is Annotated:
        return _native(get_args(hint)[0])
    if get_origin(hint) is Literal and all(type(word) is str for word in get_args(hint)):
        return str
    if isinstance(hint, type) and (hint in _NATIVE or issubclass(hint, StrEnum)):
        return hint
    return None
