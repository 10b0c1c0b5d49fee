"""Spans by application: the trace id is the application's own 128 bits, so nobody has to look a trace up."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from uuid import UUID

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanLimits, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
from opentelemetry.sdk.trace.sampling import ALWAYS_ON
from opentelemetry.trace import Link, NonRecordingSpan, SpanContext, SpanKind, StatusCode, TraceFlags

from shared.telemetry.attributes import ERROR, Attribute
from shared.telemetry.redaction import masked
from shared.telemetry.spans import Attributes, Kind, Span

_KINDS = {kind.name.lower(): kind for kind in SpanKind}
_TRACEPARENT = re.compile(r"[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-[0-9a-f]{2}")
_SAMPLED = TraceFlags(TraceFlags.SAMPLED)


class _Open:
    __slots__ = ("_span",)

    def __init__(self, span: trace.Span) -> None:
        self._span = span

    @property
    def traceparent(self) -> str:
        """What goes with a message, by W3C Trace Context."""
        context = self._span.get_span_context()
        return f"00-{context.trace_id:032x}-{context.span_id:016x}-{context.trace_flags:02x}"

    def set(self, attributes: Attributes) -> None:
        self._span.set_attributes(_clean(attributes))

    def failed(self, error: BaseException | str) -> None:
        """Mark as failed. Only the class of an exception is kept: its text may speak of a person."""
        name = error if isinstance(error, str) else type(error).__qualname__
        self._span.set_attribute(ERROR, masked(name))
        self._span.set_status(StatusCode.ERROR)


class Telemetry:
    """Spans of one service, exported in batches at least each second and on `close`. No baggage is read or written."""

    def __init__(self, service: str, exporter: SpanExporter) -> None:
        self._provider = TracerProvider(
            sampler=ALWAYS_ON,
            resource=Resource({"service.name": service, "service.namespace": "kualik", "process.pid": os.getpid()}),
            shutdown_on_exit=False,
            span_limits=SpanLimits(max_span_attributes=64, max_span_attribute_length=512),
        )
        self._provider.add_span_processor(
            BatchSpanProcessor(exporter, max_queue_size=8192, schedule_delay_millis=1000, max_export_batch_size=1024)
        )
        self._tracer = self._provider.get_tracer("kualik")

    @contextmanager
    def span(
        self,
        name: str,
        application_id: UUID | None = None,
        parent: str | None = None,
        kind: Kind = "internal",
        attributes: Attributes | None = None,
        links: Iterable[str] = (),
        start: int | None = None,
    ) -> Iterator[Span]:
        """Measure what is inside. `parent` and `links` are traceparents, `start` nanoseconds since 1970.

        A parent of another trace than the application's (a citizen's browser, another case) becomes a link.
        """
        opened = self._start(name, application_id, parent, kind, attributes, links, start)
        handle = _Open(opened)
        try:
            yield handle
        except BaseException as error:
            handle.failed(error)
            raise
        finally:
            opened.end()

    def record(
        self,
        name: str,
        application_id: UUID | None,
        parent: str | None,
        started_at_ns: int,
        ended_at_ns: int,
        attributes: Attributes | None = None,
        kind: Kind = "internal",
    ) -> str:
        """A span measured before it was known: how long a row waited in the outbox. Gives its traceparent."""
        span = self._start(name, application_id, parent, kind, attributes, (), started_at_ns)
        span.end(max(started_at_ns, ended_at_ns))
        return _Open(span).traceparent

    def flush(self) -> None:
        """Export now what has ended."""
        self._provider.force_flush()

    def close(self) -> None:
        """Export what has ended and stop; spans ended later are lost."""
        self._provider.shutdown()

    def _start(
        self,
        name: str,
        application_id: UUID | None,
        parent: str | None,
        kind: Kind,
        attributes: Attributes | None,
        links: Iterable[str],
        start: int | None,
    ) -> trace.Span:
        above = _context(parent)
        linked = [context for context in map(_context, links) if context]
        if application_id and not (above and above.trace_id == application_id.int):
            linked += [above] if above else []
            above = _invented(application_id)
        return self._tracer.start_span(
            name,
            context=trace.set_span_in_context(NonRecordingSpan(above), Context()) if above else Context(),
            kind=_KINDS[kind],
            attributes=_clean(attributes) if attributes else None,
            links=[Link(context) for context in linked],
            start_time=start,
        )


def _context(traceparent: str | None) -> SpanContext | None:
    found = _TRACEPARENT.fullmatch(traceparent) if traceparent else None
    return SpanContext(int(found[1], 16), int(found[2], 16), True, _SAMPLED) if found else None


def _invented(application_id: UUID) -> SpanContext:
    """The parent of all that has none: the application itself, the same in every service."""
    span_id = int.from_bytes(sha256(application_id.bytes).digest()[:8], "big") or 1
    return SpanContext(application_id.int, span_id, True, _SAMPLED)


def _clean(attributes: Attributes) -> dict[str, Attribute]:
    return {name: masked(value) if isinstance(value, str) else value for name, value in attributes.items()}
