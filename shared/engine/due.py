"""Working off what is due: rows are leased, kept while they are in hand, and each is in one hand at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime
from typing import Any
from uuid import UUID

from shared.engine.ports import Clock, Store
from shared.engine.rows import Due, StoreBusy, StoreLost

Work = Callable[[Due], Awaitable[None]]


class DueRounds:
    """All leases of one incarnation bear one token, so that a row whose lease ran out while the process was stopped,
    or had no store, is known again: whoever has it in hand goes on, and nobody begins beside them. A row that was put
    back, and is due again before the hand that did so is free, is another matter: its turn comes right after.
    """

    def __init__(self, store: Store, clock: Clock, log: Any, work: Work, token: UUID, at_once: int) -> None:
        self._store, self._clock, self._log, self._work = store, clock, log, work
        self._token, self._at_once = token, at_once
        self._in_hand: dict[UUID, tuple[Due, asyncio.Task[None]]] = {}
        self._next: dict[UUID, Due] = {}
        self._awake = asyncio.Event()
        self._more = False

    def wake(self) -> None:
        """Something may be due now."""
        self._awake.set()

    async def run(self) -> None:
        """Lease what is due and let each row be worked off, for ever."""
        clock, store = self._clock, self._store
        while True:
            self._awake.clear()  # before looking: what is added meanwhile wakes the nap at once
            room = self._at_once - len(self._in_hand)
            rows: list[Due] = []
            try:
                if room > 0:
                    rows = await store.take_due(room, clock.machine_now(), clock.now(), self._token)
            except (StoreBusy, StoreLost):
                await clock.sleep(0.5)
            self._more = room <= 0 or len(rows) == room
            for row in rows:
                if row.id not in self._in_hand:
                    self._begin(row)
                elif _moment(row) != _moment(self._in_hand[row.id][0]):
                    self._next[row.id] = row
            if room <= 0 or not self._more:
                nap = asyncio.get_running_loop().call_later(
                    store.patience(clock.machine_now(), clock.now()), self._awake.set
                )
                try:
                    await self._awake.wait()
                finally:
                    nap.cancel()

    async def keep(self, every: float) -> None:
        """Renew what is in hand, for ever: a row may wait for its turn, its answer and the store for longer than its
        lease. `every` is well below it, so that an ask that outlives a stop of the process has lost its time first.
        """
        while True:
            await self._clock.sleep(every)
            if self._in_hand:
                with suppress(StoreBusy, StoreLost):
                    await self._store.renew_due([*self._in_hand], self._token, self._clock.machine_now())

    def _begin(self, row: Due) -> None:
        task = asyncio.create_task(self._work_off(row))
        self._in_hand[row.id] = row, task
        task.add_done_callback(lambda _: self._let_go(row.id))

    def _let_go(self, id: UUID) -> None:
        """Only who had to leave rows for want of hands looks again at once."""
        _, task = self._in_hand.pop(id)
        following = self._next.pop(id, None)
        if following is not None and not task.cancelled():  # who is cancelled has been told to stop
            self._begin(following)
        if self._more:
            self._awake.set()

    async def _work_off(self, row: Due) -> None:
        try:
            await self._work(row)
        except (StoreBusy, StoreLost):
            self._log.warning("due row waits for the store", name=row.name)
        except Exception as error:  # it stays, and is looked at again when its lease has run out
            self._log.error("due row cannot be read", name=row.name, id=str(row.id), error=type(error).__name__)


def _moment(row: Due) -> tuple[datetime, int]:
    """What changes when a row is put back; a lease that is taken anew changes neither."""
    return row.due_at, row.attempts
