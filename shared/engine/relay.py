"""Publishing what has been committed: pipelined, confirmed, dropped in bulk; what a crash left is swept up."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from shared.engine.ports import Clock, Publisher, Store
from shared.engine.rows import Fate, Outgoing, StoreBusy, StoreLost
from shared.telemetry import Spans, published

MOST_HELD = 5000
AT_ONCE = 200


class Relay:
    """Takes rows from the batch (they are leased to it for ten seconds) and from the sweeper."""

    def __init__(self, store: Store, publisher: Publisher, clock: Clock, telemetry: Spans, log: Any) -> None:
        self._store, self._publisher, self._clock, self._telemetry, self._log = store, publisher, clock, telemetry, log
        self._held: deque[tuple[float, Outgoing]] = deque()
        self._wake = asyncio.Event()
        self.busy = False

    def hand(self, rows: Sequence[Outgoing]) -> None:
        """What does not fit in memory stays in the outbox and is swept."""
        now = self._clock.monotonic()
        for row in rows:
            if len(self._held) < MOST_HELD:
                self._held.append((now, row))
        self._wake.set()

    @property
    def held(self) -> int:
        return len(self._held)

    async def run(self) -> None:
        """Publish for ever."""
        while True:
            if not self._held:
                self._wake.clear()
                self.busy = False
                await self._wake.wait()
            self.busy = True
            await self._publish([self._held.popleft() for _ in range(min(len(self._held), AT_ONCE))])

    async def sweep(self, every: float) -> None:
        """Every two seconds take the rows whose lease ran out: their holder crashed, or they did not fit."""
        while True:
            await self._clock.sleep(every)
            try:
                while rows := await self._store.take_outbox(AT_ONCE):
                    await self._publish([(self._clock.monotonic(), row) for row in rows])
            except (StoreBusy, StoreLost):
                continue

    async def _publish(self, held: list[tuple[float, Outgoing]]) -> None:
        rows = [row for _, row in held]
        late = [row.id for since, row in held if self._clock.monotonic() - since > 5.0]
        try:
            if late:
                await self._store.renew_outbox(late)
            fates = await self._publisher.publish(rows)
            confirmed = [row for row, fate in zip(rows, fates, strict=True) if fate is Fate.CONFIRMED]
            if confirmed:
                await self._store.drop_outbox([row.id for row in confirmed])
            self._trace(held, confirmed)
            delays = {
                row.id: timedelta(seconds=min(60.0, 2.0 ** min(row.attempts, 6)))
                for row, fate in zip(rows, fates, strict=True)
                if fate is not Fate.CONFIRMED
            }
            if delays:
                for row, fate in zip(rows, fates, strict=True):
                    if fate is Fate.RETURNED:
                        self._log.error(
                            "unroutable", exchange=row.exchange, routing_key=row.routing_key, id=str(row.id)
                        )
                await self._store.delay_outbox(delays)
        except (StoreBusy, StoreLost):
            self._log.warning("outbox out of reach", rows=len(rows))
            await self._clock.sleep(0.5)

    def _trace(self, held: list[tuple[float, Outgoing]], confirmed: list[Outgoing]) -> None:
        """How long each row waited in the outbox, as a span of its application."""
        taken = {row.id for row in confirmed}
        ended, now = int(self._clock.machine_now().timestamp() * 1e9), self._clock.monotonic()
        for since, row in held:
            if row.id in taken:
                started = ended - int((now - since) * 1e9)
                parent = row.headers.get("traceparent")
                attributes = published(row.exchange, row.routing_key, row.id, row.application_id or row.id)
                name = f"publish {row.routing_key}"
                self._telemetry.record(name, row.application_id, parent, started, ended, attributes, "producer")
