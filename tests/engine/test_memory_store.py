"""A process that dies in memory dies as a real one does: nothing answers, nothing half done stays, others go on."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from shared.engine.adapters.memory_store import MemoryStore
from shared.engine.rows import Seen, StoreBusy, StoreLost
from tests.engine.store_beds import NOW, SEALER, Account, MemoryBed, due, outgoing

FIRST, SECOND = UUID(int=1), UUID(int=2)


async def _never(awaitable: Any) -> None:
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(awaitable, 0.02)


async def test_a_dead_handle_answers_nothing() -> None:
    bed = MemoryBed()
    dead = bed.another()
    dead.kill()

    async def begins() -> None:
        async with dead.transaction():
            raise AssertionError("a dead process began something")

    for call in (begins(), dead.read(FIRST), dead.take_outbox(1), dead.platform(), dead.begin(NOW),
                 dead.take_due(1, NOW, NOW, FIRST), dead.sweep_inbox(NOW, 1)):  # fmt: skip
        await _never(call)


async def test_what_a_killed_process_had_not_committed_is_undone_and_its_locks_are_free() -> None:
    bed = MemoryBed()
    doomed, before = bed.another(), await bed.everything()
    reached = asyncio.Event()

    async def half() -> None:
        async with doomed.transaction() as transaction:
            await transaction.record({("events", "a"): b"x"}, NOW)
            account = (await transaction.load({FIRST}))[FIRST]
            await transaction.save({FIRST: replace(account, rounds=1)})
            await transaction.add_outbox([outgoing()])
            await transaction.add_due([due()])
            reached.set()
            await asyncio.sleep(0)

    task = asyncio.create_task(half())
    await reached.wait()
    doomed.kill()
    assert await bed.everything() == before
    async with bed.store.transaction() as transaction:
        assert (await transaction.record({("events", "a"): b"x"}, NOW))["events", "a"] is Seen.NEW
        assert (await transaction.load({FIRST}))[FIRST] == Account(FIRST)
    await _never(task)


async def test_one_who_dies_waiting_for_a_lock_is_passed_over() -> None:
    bed = MemoryBed()
    doomed = bed.another()
    order: list[str] = []

    async def use(store: MemoryStore, name: str) -> None:
        async with store.transaction() as transaction:
            await transaction.load({FIRST})
            order.append(name)

    async with bed.store.transaction() as transaction:
        await transaction.load({FIRST})
        waits = asyncio.create_task(use(doomed, "doomed"))
        await asyncio.sleep(0)
        after = asyncio.create_task(use(bed.another(), "next"))
        await asyncio.sleep(0)
        doomed.kill()
    await after
    await _never(waits)
    assert order == ["next"]


async def test_a_cancelled_waiter_leaves_the_queue() -> None:
    bed = MemoryBed()

    async def use() -> None:
        async with bed.store.transaction() as transaction:
            await transaction.load({FIRST})

    async with bed.store.transaction() as transaction:
        await transaction.load({FIRST})
        cancelled, patient = asyncio.create_task(use()), asyncio.create_task(use())
        await asyncio.sleep(0)
        cancelled.cancel()
    await patient
    assert cancelled.cancelled()
    assert not bed.tables.locks.is_held(("state", FIRST))


async def test_a_ring_of_three_is_broken_once() -> None:
    bed = MemoryBed()
    ids = [UUID(int=n) for n in range(3)]
    all_in = asyncio.Barrier(3)

    async def step(number: int) -> bool:
        try:
            async with bed.store.transaction() as transaction:
                await transaction.load({ids[number]})
                await all_in.wait()
                await transaction.load({ids[(number + 1) % 3]})
        except StoreBusy:
            return False
        return True

    assert sorted(await asyncio.gather(*map(step, range(3)))) == [False, True, True]


@pytest.mark.parametrize(("point", "kept"), [("record", 0), ("commit", 0), ("committed", 1)])
async def test_a_lost_store_may_or_may_not_have_committed(point: str, kept: int) -> None:
    bed = MemoryBed()

    async def weather(reached: str) -> None:
        if reached == point:
            raise StoreLost(point)

    stormy = MemoryStore(bed.tables, SEALER, weather)
    with pytest.raises(StoreLost):
        async with stormy.transaction() as transaction:
            await transaction.record({("events", "a"): b"x"}, NOW)
    assert len(bed.tables.inbox) == kept


async def test_what_stands_in_memory_can_be_looked_at() -> None:
    bed = MemoryBed()
    said, waits = outgoing(), due()
    async with bed.store.transaction() as transaction:
        await transaction.load({FIRST})
        await transaction.add_outbox([said])
        await transaction.add_due([waits])
    assert bed.tables.all_states(SEALER) == {FIRST: Account(FIRST)}
    assert bed.tables.unsent() == [said]
    assert bed.tables.waiting() == [waits]
