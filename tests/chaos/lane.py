"""One direction of one connection: bytes wait their time, in order, and are passed on, frozen or swallowed."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from random import Random

from tests.chaos.weather import Weather

MOST = 1 << 18  # bytes that wait here before the source is no longer read


class Lane:
    """Fed by `take` (no bytes: the source has said all), emptied into what it has been given by `join`."""

    def __init__(self, weather: Callable[[], Weather], chance: Random, ended: Callable[[], None]) -> None:
        self._weather, self._chance, self._ended = weather, chance, ended
        self.swallows = weather().hole  # a connection that begins in a hole never comes to life
        self.finished = False
        self._source: asyncio.Transport | None = None
        self._sink: asyncio.Transport | None = None
        self._waiting: deque[tuple[float, bytes]] = deque()
        self._size = 0
        self._free_at = 0.0  # when the last bytes will have gone, at the rate of the weather
        self._timer: asyncio.TimerHandle | None = None
        self._full = self._held = False

    def reads(self, source: asyncio.Transport | None) -> None:
        self._source = source
        self.look()

    def join(self, sink: asyncio.Transport | None) -> None:
        self._sink = sink
        self.look()

    def take(self, data: bytes) -> None:
        """In order: nothing overtakes what waits."""
        if self.finished or (self.swallows and data):
            return None
        if self.swallows:
            self.finished = True
            return self._ended()
        weather, now = self._weather(), asyncio.get_running_loop().time()
        if weather.clear and not self._waiting and self._sink is not None and not self._full:
            return self._pass_on(data)
        due = now + weather.latency + weather.jitter * self._chance.random()
        if self._waiting:
            due = max(due, self._waiting[-1][0])
        self._waiting.append((due, data))
        self._size += len(data)
        return self.look()

    def sink_is_full(self, full: bool) -> None:
        self._full = full
        self.look()

    def look(self) -> None:
        """Pass on what is due; come again when the next is."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        loop = asyncio.get_running_loop()
        while self._waiting and self._sink is not None and not self._full and not self._weather().hole:
            due, data = self._waiting[0]
            at = max(due, self._free_at)
            if at > loop.time():
                self._timer = loop.call_at(at, self.look)
                break
            rate = self._weather().rate
            if rate is not None:
                self._free_at = max(self._free_at, loop.time()) + len(data) / rate
            self._waiting.popleft()
            self._size -= len(data)
            self._pass_on(data)
        self._hold(self._size > MOST or (self._weather().hole and not self.swallows))

    def cut(self) -> None:
        """FIN at once; the rest is dropped."""
        self._waiting.clear()
        self._size = 0
        if not self.finished:
            self._pass_on(b"")

    def end(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._waiting.clear()
        self.finished = True

    def _pass_on(self, data: bytes) -> None:
        if data:
            if self._sink is not None and not self._sink.is_closing():
                self._sink.write(data)
            return
        self.finished = True
        if self._sink is not None and not self._sink.is_closing() and self._sink.can_write_eof():
            self._sink.write_eof()
        self._ended()

    def _hold(self, hold: bool) -> None:
        """Stop reading the source, so that its own buffers fill, or go on."""
        if self._source is None or self._source.is_closing() or hold == self._held:
            return
        self._held = hold
        if hold:
            self._source.pause_reading()
        else:
            self._source.resume_reading()
