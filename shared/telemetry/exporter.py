"""Spans as lines of JSON in a file: a trace viewer for a machine that has nothing installed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult
from opentelemetry.trace import StatusCode, format_span_id, format_trace_id


class JsonLines(SpanExporter):
    """Appends to one file a process; at `largest` bytes it becomes `.1`, the former `.1` becomes `.2`, up to `kept`."""

    def __init__(self, file: Path, largest: int = 32 * 1024 * 1024, kept: int = 4) -> None:
        self.file = file
        self.largest = largest
        self.kept = kept
        file.parent.mkdir(parents=True, exist_ok=True)

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """One write a batch, so that a reader sees whole lines; a full disk loses spans and nothing else."""
        lines = "".join(json.dumps(line(span), ensure_ascii=False, separators=(",", ":")) + "\n" for span in spans)
        try:
            with self.file.open("a", encoding="utf-8") as out:
                out.write(lines)
                size = out.tell()
            if size >= self.largest:
                self._rotate()
        except OSError:
            return SpanExportResult.FAILURE
        return SpanExportResult.SUCCESS

    def _rotate(self) -> None:
        for number in range(self.kept - 1, 0, -1):
            older = self._numbered(number)
            if older.exists():
                older.replace(self._numbered(number + 1))
        self.file.replace(self._numbered(1))

    def _numbered(self, number: int) -> Path:
        return self.file.with_name(f"{self.file.stem}.{number}{self.file.suffix}")


def line(span: ReadableSpan) -> dict[str, Any]:
    """One span as `shared.telemetry.tree` reads it; times in nanoseconds since 1970."""
    context = span.get_span_context()
    return {
        "trace": format_trace_id(context.trace_id) if context else "",
        "span": format_span_id(context.span_id) if context else "",
        "parent": format_span_id(span.parent.span_id) if span.parent else "",
        "service": span.resource.attributes.get("service.name", ""),
        "name": span.name,
        "kind": span.kind.name.lower(),
        "start": span.start_time or 0,
        "end": span.end_time or 0,
        "failed": span.status.status_code is StatusCode.ERROR,
        "attributes": dict(span.attributes or {}),
        "links": [f"{format_trace_id(it.context.trace_id)}-{format_span_id(it.context.span_id)}" for it in span.links],
    }
