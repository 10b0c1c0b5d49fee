"""What every message is: an immutable fact or order about one application, named by its class."""

from __future__ import annotations

import re
from functools import cache
from typing import Any, ClassVar, Generic, TypeVar, get_args
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, GetCoreSchemaHandler, GetJsonSchemaHandler, TypeAdapter
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

T = TypeVar("T")


class SealBroken(ValueError):
    """A sealed value could not be opened: wrong key, wrong application, or altered."""


class Sealer:
    """What seals and opens personal data: `seal(clear, bound_to)` and `open(token, bound_to)`; see shared/security."""

    def seal(self, clear: bytes, bound_to: UUID) -> str:
        raise SealBroken("this party has no key to seal with")

    def open(self, token: str, bound_to: UUID) -> bytes:
        raise SealBroken("this party has no key to open with")


class Sealed(Generic[T]):
    """Personal data that stands in clear only in memory.

    Written out it is a token `s1.…` bound to the application; without a key to open it stays a token,
    can be passed on unaltered, and `.value` raises `SealBroken`.
    """

    __slots__ = ("_clear", "token")

    def __init__(self, clear: T | None, token: str | None = None) -> None:
        self._clear = clear
        self.token = token

    @property
    def value(self) -> T:
        if self._clear is None:
            raise SealBroken("sealed, and not opened here")
        return self._clear

    @property
    def is_open(self) -> bool:
        return self._clear is not None

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Sealed):
            return NotImplemented
        if self._clear is None or other._clear is None:
            return self.token is not None and self.token == other.token
        return bool(self._clear == other._clear)

    def __hash__(self) -> int:
        return hash((Sealed, str(self._clear)))

    def __repr__(self) -> str:
        return "Sealed(***)"

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        inner: TypeAdapter[Any] = TypeAdapter((get_args(source) or (Any,))[0])

        def read(value: Any, info: core_schema.ValidationInfo) -> Sealed[Any]:
            if isinstance(value, Sealed):
                return value
            context = info.context or {}
            if not (isinstance(value, str) and value.startswith(("s1.", "p1."))):
                if context.get("wire"):
                    raise ValueError("personal data must be sealed")
                return cls(inner.validate_python(value))
            sealer, bound_to = context.get("sealer"), context.get("bound_to")
            if sealer is None or bound_to is None:
                return cls(None, value)
            return cls(inner.validate_json(sealer.open(value, bound_to)), value)

        def write(sealed: Sealed[Any], info: core_schema.SerializationInfo) -> str:
            if sealed.token is not None and not sealed.token.startswith("p1."):
                return sealed.token
            context: dict[str, Any] = info.context or {}
            sealer, bound_to = context.get("sealer"), context.get("bound_to")
            if sealer is None or bound_to is None:
                if sealed.token is not None:
                    return sealed.token
                raise SealBroken("personal data is never written in clear, and there is no key to seal it with")
            token: str = sealer.seal(inner.dump_json(sealed.value), bound_to)
            return token

        return core_schema.with_info_plain_validator_function(
            read,
            serialization=core_schema.plain_serializer_function_ser_schema(
                write, info_arg=True, return_schema=core_schema.str_schema()
            ),
        )

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {"type": "string", "format": "sealed", "pattern": r"^[sp]1\.", "description": "sealed personal data"}


class Value(BaseModel):
    """A part of a message: frozen, unknown fields are passed over (additive versions stay readable)."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


class Message(Value):
    """Something said about one application."""

    exchange: ClassVar[str] = ""
    ends_with: ClassVar[str] = ""
    """The field whose value ends the routing key behind a dot, so that whom it concerns can be bound to their part."""
    application_id: UUID


class PortalMessage(Message):
    """Said by the portal; only intake hears it."""

    exchange: ClassVar[str] = "portal"


class Event(Message):
    """A fact, said by its owner."""

    exchange: ClassVar[str] = "events"


class Command(Message):
    """An order to the one service that obeys it."""

    exchange: ClassVar[str] = "commands"


class PortalStatus(Message):
    """What the portal is told of an application."""

    exchange: ClassVar[str] = "portal.status"


class WorkstationMessage(Message):
    """Said by the workstation of the region that ends its key; only УМС review hears it."""

    exchange: ClassVar[str] = "workstation"
    ends_with: ClassVar[str] = "region"
    region: str = Field(max_length=16)


class WorkstationStatus(Message):
    """What the workstation of a region is told."""

    exchange: ClassVar[str] = "workstation.status"
    ends_with: ClassVar[str] = "region"
    region: str


class Own(Message):
    """A message a service says to itself, now or later. It never leaves the service."""

    exchange: ClassVar[str] = "own"


def routing_key(of: type[Message] | Message) -> str:
    """`EligibilityRefused` → `eligibility-refused`."""
    return _kebab(of.__name__ if isinstance(of, type) else type(of).__name__)


def published_key(message: Message) -> str:
    """The routing key it goes out under: `review-queued.75`, where a field ends it."""
    key = routing_key(message)
    return f"{key}.{getattr(message, message.ends_with)}" if message.ends_with else key


def bound_key(kind: type[Message]) -> str:
    """What a queue is bound by that gets them all: `review-queued.*`."""
    return f"{routing_key(kind)}.*" if kind.ends_with else routing_key(kind)


@cache
def _kebab(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", name).lower()


def write(message: Message, sealer: Sealer | None = None) -> bytes:
    """The message as JSON, its personal data sealed to its application."""
    return message.__pydantic_serializer__.to_json(
        message, context={"sealer": sealer, "bound_to": message.application_id}, exclude_none=True
    )


M = TypeVar("M", bound=Message)


def read(kind: type[M], body: bytes, application_id: UUID, sealer: Sealer | None = None, *, wire: bool = True) -> M:
    """The message in `body`. Raises pydantic's `ValidationError` or `SealBroken`, naming every fault."""
    return kind.model_validate_json(body, context={"sealer": sealer, "bound_to": application_id, "wire": wire})
