"""What the engine and the gateways know of tracing, and the way to have none."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from typing import Literal, Protocol
from uuid import UUID

from shared.telemetry.attributes import Attribute

Kind = Literal["internal", "consumer", "producer", "client", "server"]
Attributes = Mapping[str, Attribute]


class Span(Protocol):
    """An open span: where children hang themselves, and what may still be said about it."""

    @property
    def traceparent(self) -> str: ...
    def set(self, attributes: Attributes) -> None: ...
    def failed(self, error: BaseException | str) -> None: ...


class Spans(Protocol):
    """What the engine and the gateways know of tracing; `Telemetry` or `Silent`."""

    def span(
        self,
        name: str,
        application_id: UUID | None = None,
        parent: str | None = None,
        kind: Kind = "internal",
        attributes: Attributes | None = None,
        links: Iterable[str] = (),
        start: int | None = None,
    ) -> AbstractContextManager[Span]: ...
    def record(
        self,
        name: str,
        application_id: UUID | None,
        parent: str | None,
        started_at_ns: int,
        ended_at_ns: int,
        attributes: Attributes | None = None,
        kind: Kind = "internal",
    ) -> str: ...
    def close(self) -> None: ...


class Silent:
    """The same interface, and nothing happens: simulation and tests."""

    traceparent = ""

    def span(self, name: str, *_: object, **__: object) -> Silent:
        return self

    def record(self, name: str, *_: object, **__: object) -> str:
        return ""

    def set(self, attributes: Attributes) -> None:
        """Nothing is kept."""

    def failed(self, error: BaseException | str) -> None:
        """Nothing is kept."""

    def flush(self) -> None:
        """Nothing waits."""

    def close(self) -> None:
        """Nothing is open."""

    def __enter__(self) -> Silent:
        return self

    def __exit__(self, *_: object) -> None:
        return None
