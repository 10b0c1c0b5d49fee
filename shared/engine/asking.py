"""Asking the world for due rows: no transaction open, no message held, one shared row per outside system."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from shared.contracts.attempts import Failure
from shared.contracts.base import Message, Own, read
from shared.engine.codec import Item, header_time
from shared.engine.decision import Given, Outage, Overdue
from shared.engine.ports import Clock, Ids
from shared.engine.rows import IN_LINE, Dependency, Due, Outgoing, Platform, StoreBusy, StoreLost, Unavailable
from shared.engine.service import AskPolicy
from shared.engine.telling import failure, is_told
from shared.engine.work import Context

PROBERS = 4.0  # seconds over which those that wait come to see whether one of them may try
MISSED = timedelta(seconds=2)
"""Longer than it takes until somebody looks whether a line has formed (`Pace.refresh`)."""
Hand = Callable[[Item], Awaitable[Any]]


class Asking:
    """Turns leased due rows into items; what is not available yet goes back with its next attempt."""

    def __init__(
        self, context: Context, world: Any, clock: Clock, ids: Ids, platform: Callable[[], Platform],
        put_back: Callable[[], None], publish: Callable[[Sequence[Outgoing]], None], lines_up: Callable[[str], bool],
    ) -> None:  # fmt: skip
        self._context, self._world, self._clock, self._ids, self._platform = context, world, clock, ids, platform
        self._put_back, self._publish, self._lines_up = put_back, publish, lines_up
        self._leases: dict[str, asyncio.Semaphore] = {}

    async def work_off(self, row: Due, hand: Hand) -> None:
        """Ask, if the row's reaction asks, and hand the item to the batch; or put the row back."""
        item = self._item(row)
        if item.reaction.asks is None:
            await hand(item)
            return
        store = self._context.store
        state = await store.read(row.application_id)
        policy = item.reaction.policy_for(state, item.message)
        with self._context.telemetry.span(
            f"ask {row.name}", row.application_id, row.headers.get("traceparent"), kind="client",
            attributes={"attempt": row.attempts + 1, "dependency": policy.dependency if policy else "own"},
        ) as span:  # fmt: skip
            try:
                answers = await self._ask(item, state, row, policy)
            except StillWaits:
                span.failed("unavailable")
                return
            except (StoreBusy, StoreLost):  # nobody's failure: the row's lease runs out, and it is asked again
                span.failed("store")
                raise
            except Exception as error:
                span.failed(error)
                await hand(replace(item, error=type(error).__name__))
                return
            headers = {**item.headers, "traceparent": span.traceparent}
        await hand(replace(item, answers=answers, headers=headers))

    def _item(self, row: Due) -> Item:
        reaction = self._context.service.by_key[row.name]
        message = read(reaction.hears, row.body, row.application_id, self._context.sealer)
        said_at = header_time(row.headers, "said-at", row.since)
        return Item(message, reaction, happening(row, message), said_at, row.headers, due=row)

    async def _ask(self, item: Item, state: Any, row: Due, policy: AskPolicy | None) -> Any:
        asks = item.reaction.asks
        assert asks is not None
        given = Given(
            message_id=item.message_id,
            now=self._clock.now(),
            said_at=item.said_at,
            outages=self._platform().outages(self._clock.now()),
            rules=self._context.rules,
            blind=self._context.blind,
        )
        if policy is None:
            return await asks(state, item.message, self._world, given)
        async with self._leases.setdefault(policy.dependency, asyncio.Semaphore(policy.leases)):
            known = self._platform().dependencies.get(policy.dependency)
            if row.waits_for == policy.dependency and self._lines_up(policy.dependency):
                await self._wait_in_line(row)
            if known is not None and not await self._may_try(known, policy, given.now):
                return await self._give_up_or_put_back(row, policy, known, given.now, Failure.HELD_BACK)
            try:
                async with asyncio.timeout(policy.timeout):
                    answers = await asks(state, item.message, self._world, given)
            except (Unavailable, TimeoutError) as error:
                failed = error.dependency if isinstance(error, Unavailable) else policy.dependency
                why = Failure.UNAVAILABLE if isinstance(error, Unavailable) else Failure.TIMEOUT
                now = await self._context.store.tried(failed, False, self._clock.now())
                return await self._give_up_or_put_back(row, policy, now, self._clock.now(), why)
            answered = self._clock.now()
            if known is None or not known.has_just_answered(answered):
                await self._context.store.tried(policy.dependency, True, answered)
            waited = row.waits_for.removesuffix(IN_LINE)
            if waited not in ("", policy.dependency):  # what else failed on the way has answered too
                await self._context.store.tried(waited, True, answered)
            return answers

    async def _wait_in_line(self, row: Due) -> None:
        """It was in hand when those that waited with it got their turns: the next look at the line gives it its own."""
        assert row.token is not None
        at = self._clock.machine_now() + MISSED
        await self._context.store.retry_due(row.again(at, waits_for=row.waits_for), row.token)
        raise StillWaits

    async def _may_try(self, known: Dependency, policy: AskPolicy, now: datetime) -> bool:
        """The breaker: while the dependency fails, one try per `probe` seconds, of one of all processes."""
        if known.switched_off:
            return False
        probe = timedelta(seconds=policy.probe)
        if known.failing_since is None or now - known.failing_since < probe:
            return True
        return await self._context.store.may_probe(known.name, probe, now)

    async def _give_up_or_put_back(
        self, row: Due, policy: AskPolicy, known: Dependency, now: datetime, why: Failure
    ) -> Any:
        if policy.p12 and known.name == policy.dependency and known.in_outage(now):
            return Outage(known.name)
        if policy.deadline is not None and now - row.since > policy.deadline:
            return Overdue(known.name)
        assert row.token is not None
        pause = min(policy.first * 2 ** min(row.attempts, 16), policy.most) * (0.5 + self._ids.jitter())
        if why is Failure.HELD_BACK and known.last_try is not None and not known.switched_off:
            probed = policy.probe - (now - known.last_try).total_seconds()
            pause = min(pause, max(0.0, probed) + PROBERS * self._ids.jitter())
        at = self._clock.machine_now() + timedelta(seconds=pause)
        if self._context.service.tells(row.application_id) and is_told(row.attempts + 1):
            await self._tell(failure(self._context, row, why, row.attempts + 1, known.name, now, self._ids.uuid()))
        await self._context.store.retry_due(row.again(at, waits_for=known.name), row.token)
        self._put_back()
        raise StillWaits

    async def _tell(self, said: Outgoing) -> None:
        """Before the row is put back: a crash in between tells it twice, and never not at all."""
        async with self._context.store.transaction() as transaction:
            await transaction.add_outbox([said])
        self._publish([said])


def happening(row: Due, message: Message) -> UUID:
    """The message's id. What a service says to itself may stand again under the key it had: that is another message,
    and what follows from it has other ids, or whoever hears it would take it for a repeat.
    """
    return uuid5(row.id, row.since.astimezone(UTC).isoformat()) if isinstance(message, Own) else row.id


class StillWaits(Exception):
    """The row was put back; nothing to hand on."""
