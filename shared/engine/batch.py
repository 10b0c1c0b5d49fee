"""One batch, one transaction: which are fresh, lock and load, fold in order of arrival, save, commit."""

from __future__ import annotations

from collections.abc import Sequence

from shared.engine import laid_aside
from shared.engine.codec import Item, Unreadable, ask_row
from shared.engine.fold import fold
from shared.engine.ports import Transaction
from shared.engine.rows import Due, InboxKey, Outgoing, Seen
from shared.engine.work import Context, Moment, Outcome, Result, Work

Batch = Sequence[Item | Unreadable]


async def commit(context: Context, batch: Batch, moment: Moment) -> tuple[list[Outcome], list[Outgoing], list[Due]]:
    """Run the batch in one transaction; gives the outcomes in order, and what it added to outbox and due.

    Raises what the store raises; a raising decision stays within its item.
    """
    work = Work()
    async with context.store.transaction() as transaction:
        seen = await _recorded(transaction, batch, moment)
        finished = await _finished(transaction, batch)
        outcomes: dict[int, Outcome] = {}
        ready: list[tuple[int, Item]] = []
        for index, item in enumerate(batch):
            if isinstance(item, Item) and item.due is not None:
                if item.due.id in finished:
                    ready.append((index, item))
                else:
                    outcomes[index] = Outcome(Result.STALE)
            elif seen[index] is Seen.REPEATED:
                outcomes[index] = Outcome(Result.REPEATED)
            elif isinstance(item, Unreadable):
                outcomes[index] = Outcome(Result.UNREADABLE)
                laid_aside.unreadable(context, work, item, item.reason, moment)
            elif seen[index] is Seen.CLASHES:
                outcomes[index] = Outcome(Result.CLASHES)
                laid_aside.clashing(context, work, item, moment)
            elif item.reaction.asks is not None:
                outcomes[index] = Outcome(Result.WAITS)
                work.due.append(ask_row(item, context.sealer, moment.business, moment.machine))
            else:
                ready.append((index, item))
        if ready:
            await fold(context, transaction, work, ready, outcomes, moment)
        await _write(transaction, work, moment)
    return [outcomes[index] for index in range(len(batch))], work.outbox, work.due


async def _recorded(transaction: Transaction, batch: Batch, moment: Moment) -> dict[int, Seen]:
    """What the inbox knows of each item; the same id twice in one batch has one effect."""
    firsts: dict[InboxKey, tuple[int, bytes]] = {}
    seen: dict[int, Seen] = {}
    for index, item in enumerate(batch):
        if item.key is None:
            continue
        if item.key not in firsts:
            firsts[item.key] = (index, item.digest)
        else:
            seen[index] = Seen.REPEATED if firsts[item.key][1] == item.digest else Seen.CLASHES
    if firsts:
        known = await transaction.record({key: digest for key, (_, digest) in firsts.items()}, moment.machine)
        seen |= {index: known[key] for key, (index, _) in firsts.items()}
    return seen


async def _finished(transaction: Transaction, batch: Batch) -> set[object]:
    leased = {item.due.id: item.due.token for item in batch if isinstance(item, Item) and item.due is not None}
    held = {id: token for id, token in leased.items() if token is not None}
    return set(await transaction.finish(held)) if held else set()


async def _write(transaction: Transaction, work: Work, moment: Moment) -> None:
    changed = {id: state for id, state in work.touched.items() if state is not work.loaded[id]}
    if changed:
        await transaction.save(changed)
    if work.owners:
        await transaction.own(work.owners)
    if work.released:
        await transaction.release(work.released)
    if work.outbox:
        await transaction.add_outbox(work.outbox)
    if work.due:
        await transaction.add_due(work.due)
    if work.appends:
        await transaction.append(work.appends, moment.business)
