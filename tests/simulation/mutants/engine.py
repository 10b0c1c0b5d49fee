"""Engines that are wrong: inbox, outbox, due rows, batches, the audit chain."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from shared.engine import batch, fold
from shared.engine.adapters.memory_store import MemoryStore
from shared.engine.adapters.memory_tables import MemoryTables
from shared.engine.adapters.memory_transaction import MemoryTransaction
from shared.engine.audit import link
from shared.engine.codec import understand
from shared.engine.columns import columns_of
from shared.engine.engine import Engine
from shared.engine.relay import Relay
from shared.engine.rows import Seen, StoreLost
from tests.simulation.mutants.mutant import Mutant, Patch


def _no_inbox() -> Sequence[Patch]:
    record = MemoryTransaction.record

    async def forgetful(self: Any, keys: Mapping[Any, bytes], now: Any) -> Any:
        await record(self, keys, now)
        return dict.fromkeys(keys, Seen.NEW)

    return [(MemoryTransaction, "record", forgetful)]


def _inbox_apart() -> Sequence[Patch]:
    record = MemoryTransaction.record

    async def hasty(self: Any, keys: Mapping[Any, bytes], now: Any) -> Any:
        seen = await record(self, keys, now)
        self._tables.inbox |= {key: (keys[key], now) for key, found in seen.items() if found is Seen.NEW}
        return seen

    return [(MemoryTransaction, "record", hasty)]


def _hasty_ack() -> Sequence[Patch]:
    async def take(self: Any, delivery: Any) -> Any:
        item = understand(delivery, self.context.service, self.context.sealer, self.ports.clock.now())
        await delivery.ack()
        return await self._enqueue(item)

    return [(Engine, "take", take)]


def _unknown_is_done() -> Sequence[Patch]:
    transaction = MemoryStore.transaction

    class Trusting:
        """Whatever becomes of the commit, nobody hears of it."""

        def __init__(self, store: Any) -> None:
            self.whole = transaction(store)

        async def __aenter__(self) -> Any:
            return await self.whole.__aenter__()

        async def __aexit__(self, *error: Any) -> bool:
            try:
                await self.whole.__aexit__(*error)
                return False
            except StoreLost:
                return error[0] is None

    return [(MemoryStore, "transaction", lambda self: Trusting(self))]


def _no_outbox() -> Sequence[Patch]:
    async def add_outbox(self: Any, rows: Any) -> None:
        return None

    return [(MemoryTransaction, "add_outbox", add_outbox)]


def _dropped_first() -> Sequence[Patch]:
    publish = Relay._publish

    async def eager(self: Any, held: Any) -> None:
        await self._store.drop_outbox([row.id for _, row in held])
        await publish(self, held)

    return [(Relay, "_publish", eager)]


def _never_dropped() -> Sequence[Patch]:
    async def drop_outbox(self: Any, ids: Any) -> None:
        return None

    return [(MemoryStore, "drop_outbox", drop_outbox)]


def _timers_lost() -> Sequence[Patch]:
    add_due = MemoryTransaction.add_due

    async def forgetful(self: Any, rows: Any) -> None:
        soon = timedelta(hours=1)
        await add_due(self, [row for row in rows if row.clock == "machine" or row.due_at - row.since < soon])

    return [(MemoryTransaction, "add_due", forgetful)]


def _fold_forgets() -> Sequence[Patch]:
    async def forgetful(context: Any, transaction: Any, work: Any, ready: Any, outcomes: Any, moment: Any) -> None:
        loaded: dict[Any, Any] = {}
        for one in reversed(ready):
            await fold.fold(context, transaction, work, [one], outcomes, moment)
            loaded |= work.touched
        work.touched = loaded

    return [(batch, "fold", forgetful)]


def _any_token() -> Sequence[Patch]:
    finish = MemoryTransaction.finish

    async def whoever(self: Any, leased: Mapping[Any, Any]) -> set[Any]:
        await finish(self, leased)
        return set(leased)

    return [(MemoryTransaction, "finish", whoever)]


def _twice_on_repeat() -> Sequence[Patch]:
    append, end = MemoryTransaction.append, MemoryTransaction.end
    left: dict[int, list[Any]] = {}

    async def again(self: Any, rows: Any, now: Any) -> None:
        lines = [row for row in rows if not hasattr(row, "external_id")]
        await append(self, [*left.pop(id(self._tables), []), *rows], now)
        self.gathered = lines

    def over(self: Any) -> None:
        if self._appended:
            left[id(self._tables)] = getattr(self, "gathered", [])
        end(self)

    def commit(self: Any) -> None:
        was(self)
        left.pop(id(self._tables), None)

    was = MemoryTransaction.commit
    parts = {"append": again, "end": over, "commit": commit}
    return [(MemoryTransaction, part, instead) for part, instead in parts.items()]


def _head_read_once() -> Sequence[Patch]:
    heads: dict[tuple[int, str], tuple[Any, bytes]] = {}
    add = MemoryTables.add

    def unlocked(self: Any, log: Any, row: Any, now: Any) -> None:
        if not log.chained:
            add(self, log, row, now)
            return
        key = (id(self), log.name)
        if heads.get(key, (None,))[0] != now:
            heads[key] = (now, self.head(log))
        rows, prev = self.logs[log.name], heads[key][1]
        whole = {"seq": len(rows) + 1, "at": now, **dict(zip(columns_of(log.of).names, row, strict=True))}
        rows.append({**whole, "prev": prev, "hash": link(log.of, whole, whole["seq"], now, prev)})

    return [(MemoryTables, "add", unlocked)]


ENGINES = (
    Mutant("no inbox", "The inbox is written and never read.", ("heard_once",), _no_inbox),
    Mutant("inbox apart", "The inbox is committed before the effects.", ("one_ending",), _inbox_apart),
    Mutant("ack before commit", "A message is acknowledged before it is committed.", ("nothing_accepted_is_lost",),
           _hasty_ack),
    Mutant("unknown is done", "A commit whose outcome is unknown is taken for done.", ("nothing_accepted_is_lost",),
           _unknown_is_done),
    Mutant("outbox dropped", "What is said is held in memory only.", ("one_ending",), _no_outbox),
    Mutant("dropped before confirmed", "An outbox row is deleted before the broker confirms it.", ("one_ending",),
           _dropped_first),
    Mutant("said for ever", "A confirmed row stays in the outbox, and is swept again and again.",
           ("nothing_is_said_for_ever",), _never_dropped),
    Mutant("timer lost", "A deadline beyond the next hour is not written.", ("one_ending",), _timers_lost),
    Mutant("fold forgets", "Within a batch each message is decided over the state as it was loaded.",
           ("one_ending", "no_step_left_out", "one_notice", "the_ending_says_what_was_decided"), _fold_forgets),
    Mutant("any token", "A due row is decided by whoever once had its lease.", ("finished_by_its_holder",), _any_token,
           lambda luck: luck.stalls_from is not None),
    Mutant("written twice on repeat", "Rows of a batch that is repeated are written twice.", ("heard_once",),
           _twice_on_repeat),
    Mutant("head not locked", "Rows of one moment are chained to the same head.", ("audit_unbroken",), _head_read_once),
)  # fmt: skip
