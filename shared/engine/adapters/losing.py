"""A lost connection is told as a loss: aio-pika cancels whoever waits on it, as if that task itself were to end."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from contextlib import contextmanager

log = logging.getLogger(__name__)


class Cancelled(ConnectionError):
    """The connection was lost while it was waited on."""


@contextmanager
def told_as_loss() -> Iterator[None]:
    """Raises `Cancelled` for a cancellation that nobody asked of this task; one that was asked for goes on its way.

    It stands around a time-out, never inside one.
    """
    task = asyncio.current_task()
    asked = task.cancelling() if task is not None else 0
    try:
        yield
    except asyncio.CancelledError:
        if task is None or task.cancelling() > asked:
            raise
        log.info("what waited on a lost connection was cancelled")
        raise Cancelled from None
