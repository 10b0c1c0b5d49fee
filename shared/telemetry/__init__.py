"""What a service tells of its work: spans by application (here), logs (`log`), one application's tree (`tree`)."""

from __future__ import annotations

import os

from shared.settings import Settings
from shared.telemetry.attributes import processed, published
from shared.telemetry.spans import Silent, Span, Spans
from shared.telemetry.tracing import Telemetry

__all__ = ["Silent", "Span", "Spans", "Telemetry", "processed", "published", "telemetry_of"]


def telemetry_of(service: str, settings: Settings) -> Spans:
    """OTLP/HTTP when a collector is named, else lines in a file, else silence."""
    if settings.otlp_endpoint:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

        return Telemetry(service, OTLPSpanExporter(endpoint=f"{settings.otlp_endpoint.rstrip('/')}/v1/traces"))
    if settings.traces_file is not None:
        from shared.telemetry.exporter import JsonLines

        file = settings.traces_file
        return Telemetry(service, JsonLines(file if file.suffix else file / f"{service}-{os.getpid()}.jsonl"))
    return Silent()
