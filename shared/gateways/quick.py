"""Two quick tries within three seconds; whatever fails longer waits as a due row."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

from tenacity import AsyncRetrying, retry_if_exception_type, stop_after_attempt, stop_after_delay, wait_random

from shared.engine.rows import Unavailable

T = TypeVar("T")


async def twice(send: Callable[[], Awaitable[T]]) -> T:
    """What `send` gives; its `Unavailable` is tried once more after a moment, then raised."""
    async for attempt in AsyncRetrying(
        stop=stop_after_attempt(2) | stop_after_delay(3.0),
        wait=wait_random(0.05, 0.25),
        retry=retry_if_exception_type(Unavailable),
        reraise=True,
    ):
        with attempt:
            return await send()
    raise AssertionError("tenacity ends with an answer or an exception")
