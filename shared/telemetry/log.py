"""Logs as lines of JSON, by structlog: one shape for our own lines and for those of the libraries."""

from __future__ import annotations

import json
import logging
import sys
import traceback
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any

import structlog
from structlog.typing import EventDict, Processor

from shared.telemetry.redaction import masked_deep


def configure(service: str, file: Path | None = None, level: str = "INFO") -> None:
    """Write to `file` (rotated at 32 MiB, four kept) or to standard output; call once, before anything logs.

    Application and message ids come from `structlog.contextvars`; no line holds an exception's text.
    """

    def named(_: Any, __: str, event: EventDict) -> EventDict:
        event["service"] = service
        return event

    common: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
        named,
        fault,
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.stdlib.PositionalArgumentsFormatter(),
            *common,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = _handler(file)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=common,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, redact, _written],
        )
    )
    root = logging.getLogger()
    for former in root.handlers[:]:
        root.removeHandler(former)
        former.close()
    root.addHandler(handler)
    root.setLevel(level)
    for noisy in ("aio_pika", "aiormq", "asyncio", "httpx", "httpcore", "uvicorn.access"):
        logging.getLogger(noisy).setLevel(max(logging.WARNING, root.level))


def fault(_: Any, __: str, event: EventDict) -> EventDict:
    """An exception becomes its class and the places it passed; its text may speak of a person."""
    given = event.pop("exc_info", None)
    event.pop("exc_text", None)
    if given is True:
        given = sys.exc_info()
    error = given[1] if isinstance(given, tuple) else given
    if isinstance(error, BaseException):
        event["error"] = type(error).__qualname__
        passed = traceback.extract_tb(error.__traceback__)[-8:]
        event["where"] = [f"{Path(place.filename).name}:{place.lineno}" for place in passed]
    return event


def redact(_: Any, __: str, event: EventDict) -> EventDict:
    """Mask what looks like an ИИН, a phone or an e-mail address in every value."""
    return {name: masked_deep(value) for name, value in event.items()}


def _written(_: Any, __: str, event: EventDict) -> str:
    return json.dumps(event, ensure_ascii=False, separators=(",", ":"))


def _handler(file: Path | None) -> logging.Handler:
    if file is None:
        return logging.StreamHandler(sys.stdout)
    file.parent.mkdir(parents=True, exist_ok=True)
    return RotatingFileHandler(file, maxBytes=32 * 1024 * 1024, backupCount=4, encoding="utf-8")
