"""What both stores do alike: messages once, states under lock, claims, and nothing of what was not committed."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from shared.contracts.base import Sealed
from shared.engine.audit import verify
from shared.engine.rows import Seen, StoreBusy, StoreLost, StoreRefused
from tests.engine.store_beds import IDS, NOW, Account, Bed, Line, Receipt, Stage, audited, due, outgoing

ONE, OTHER = b"1" * 32, b"2" * 32
FIRST, SECOND = UUID(int=1), UUID(int=2)


async def _hear(bed: Bed, *ids: str, body: bytes = ONE) -> list[Seen]:
    async with bed.store.transaction() as transaction:
        seen = await transaction.record({("events", id): body for id in ids}, NOW)
    return [seen["events", id] for id in ids]


async def test_a_message_is_new_once(bed: Bed) -> None:
    assert await _hear(bed, "b", "a") == [Seen.NEW, Seen.NEW]
    assert await _hear(bed, "a", "c") == [Seen.REPEATED, Seen.NEW]


async def test_an_id_with_another_body_clashes(bed: Bed) -> None:
    await _hear(bed, "a")
    assert await _hear(bed, "a", "b", body=OTHER) == [Seen.CLASHES, Seen.NEW]


async def test_an_id_is_known_on_its_own_exchange_only(bed: Bed) -> None:
    await _hear(bed, "a")
    async with bed.store.transaction() as transaction:
        assert await transaction.record({("commands", "a"): ONE}, NOW) == {("commands", "a"): Seen.NEW}


async def test_a_message_twice_in_one_transaction_is_new_once(bed: Bed) -> None:
    key = ("events", "a")
    async with bed.store.transaction() as transaction:
        assert (await transaction.record({key: ONE}, NOW))[key] is Seen.NEW
        assert (await transaction.record({key: ONE}, NOW))[key] is Seen.REPEATED
        assert (await transaction.record({key: OTHER}, NOW))[key] is Seen.CLASHES


async def test_two_who_hear_the_same_message_at_once_do_it_once(bed: Bed) -> None:
    entered, go_on = asyncio.Event(), asyncio.Event()

    async def first() -> Seen:
        async with bed.store.transaction() as transaction:
            seen = await transaction.record({("events", "a"): ONE}, NOW)
            entered.set()
            await go_on.wait()
        return seen["events", "a"]

    async def second() -> Seen:
        await entered.wait()
        asyncio.get_running_loop().call_later(0.05, go_on.set)
        return (await _hear(bed, "a"))[0]

    assert [*await asyncio.gather(first(), second())] == [Seen.NEW, Seen.REPEATED]


async def test_an_application_never_heard_of_is_loaded_empty(bed: Bed) -> None:
    async with bed.store.transaction() as transaction:
        assert await transaction.load({FIRST, SECOND}) == {FIRST: Account(FIRST), SECOND: Account(SECOND)}
    assert await bed.store.read(IDS.uuid()) != Account(FIRST)
    assert await bed.store.read(FIRST) == Account(FIRST)


async def test_what_was_saved_is_loaded_whole(bed: Bed) -> None:
    full = Account(
        FIRST, Stage.SETTLED, 7, False, NOW.date(), NOW, SECOND, "Қазақша «текст» \\u0000 'x'", Sealed("900101300123"),
        (Line(1, Sealed("Asel")), Line(-2)), {"a": 1, "б": 2},
    )  # fmt: skip
    async with bed.store.transaction() as transaction:
        await transaction.load({FIRST, SECOND})
        await transaction.save({FIRST: full})
        assert (await transaction.load({FIRST}))[FIRST] == full
    assert await bed.store.read(FIRST) == full
    assert await bed.store.read(SECOND) == Account(SECOND)
    async with bed.store.transaction() as transaction:
        assert await transaction.load({FIRST}) == {FIRST: full}


async def test_two_transactions_on_one_application_follow_each_other(bed: Bed) -> None:
    async def count() -> None:
        async with bed.store.transaction() as transaction:
            account = (await transaction.load({FIRST}))[FIRST]
            await asyncio.sleep(0.01)
            await transaction.save({FIRST: replace(account, rounds=account.rounds + 1)})

    await asyncio.gather(*(count() for _ in range(5)))
    assert (await bed.store.read(FIRST)).rounds == 5


async def test_of_two_who_wait_for_each_other_one_is_told_to_begin_again(bed: Bed) -> None:
    both = asyncio.Barrier(2)

    async def crosswise(first: UUID, then: UUID) -> str:
        try:
            async with bed.store.transaction() as transaction:
                await transaction.load({first})
                await both.wait()
                await transaction.load({then})
        except StoreBusy:
            return "busy"
        return "done"

    assert sorted(await asyncio.gather(crosswise(FIRST, SECOND), crosswise(SECOND, FIRST))) == ["busy", "done"]


async def test_what_was_not_committed_was_never_there(bed: Bed) -> None:
    before = await bed.everything()

    async def half() -> None:
        async with bed.store.transaction() as transaction:
            await transaction.record({("events", "a"): ONE}, NOW)
            await transaction.load({FIRST})
            await transaction.save({FIRST: Account(FIRST, rounds=1)})
            await transaction.owners({"iin"})
            await transaction.own({"iin": FIRST})
            await transaction.add_outbox([outgoing()])
            await transaction.add_due([due()])
            await transaction.append([Receipt(FIRST, "x", 1, Sealed("Asel")), audited()], NOW)
            raise LookupError

    with pytest.raises(LookupError):
        await half()
    assert await bed.everything() == before
    assert await _hear(bed, "a") == [Seen.NEW]


async def test_a_transaction_whose_error_was_passed_over_does_not_commit(bed: Bed) -> None:
    receipt = Receipt(FIRST, "bank-1", 1, Sealed("Asel"))

    async def careless() -> None:
        async with bed.store.transaction() as transaction:
            await transaction.record({("events", "a"): ONE}, NOW)
            with pytest.raises(StoreRefused):
                await transaction.append([receipt, receipt], NOW)

    with pytest.raises(RuntimeError):
        await careless()
    assert await _hear(bed, "a") == [Seen.NEW]


async def test_a_key_has_one_owner_until_it_is_released_by_that_owner(bed: Bed) -> None:
    async with bed.store.transaction() as transaction:
        assert await transaction.owners({"b", "a"}) == {"a": None, "b": None}
        await transaction.own({"a": FIRST, "b": None})
    async with bed.store.transaction() as transaction:
        await transaction.release({"a": SECOND, "never claimed": SECOND})
        assert await transaction.owners({"a"}) == {"a": FIRST}
    async with bed.store.transaction() as transaction:
        await transaction.release({"a": FIRST})
        assert await transaction.owners({"a", "b"}) == {"a": None, "b": None}


async def test_of_two_who_claim_one_key_at_once_one_gets_it(bed: Bed) -> None:
    async def claim(id: UUID) -> UUID | None:
        async with bed.store.transaction() as transaction:
            owner = (await transaction.owners({"iin"}))["iin"]
            await asyncio.sleep(0.01)
            await transaction.own({"iin": owner or id})
        return owner or id

    winners = await asyncio.gather(*(claim(IDS.uuid()) for _ in range(4)))
    assert len(set(winners)) == 1


async def test_a_receipt_is_kept_once_under_its_outside_name(bed: Bed) -> None:
    async def keep(external_id: str | None) -> None:
        async with bed.store.transaction() as transaction:
            await transaction.append([Receipt(FIRST, external_id, 5, Sealed("Asel"))], NOW)

    await keep("bank-1")
    await keep(None)
    await keep(None)
    with pytest.raises(StoreRefused) as refused:
        await keep("bank-1")
    assert not isinstance(refused.value, StoreBusy | StoreLost)
    await keep("bank-2")
    assert [row["external_id"] for row in await bed.log_rows("receipt")] == ["bank-1", None, None, "bank-2"]


async def test_the_audit_trail_is_one_chain(bed: Bed) -> None:
    async def act(number: int) -> None:
        async with bed.store.transaction() as transaction:
            await transaction.append([audited(f"{number}"), audited("again")], NOW + timedelta(microseconds=number))

    await asyncio.gather(*(act(number) for number in range(5)))
    rows = await bed.log_rows("audit")
    assert [row["seq"] for row in rows] == list(range(1, 11))
    assert verify(rows) is None
    assert verify(rows, head=rows[-1]["hash"]) is None
    assert verify([*rows[:3], {**rows[3], "who": "officer:18"}, *rows[4:]]) == 4
    assert verify([*rows[:3], *rows[4:]]) == 4
    assert verify(rows[:-1], head=rows[-1]["hash"]) == 10


async def test_personal_data_never_stands_in_clear(bed: Bed) -> None:
    secret = "900101300123"
    async with bed.store.transaction() as transaction:
        await transaction.load({FIRST})
        sealed = Sealed[str](secret)
        await transaction.save({FIRST: Account(FIRST, iin=sealed, lines=(Line(1, sealed),))})
        await transaction.append([Receipt(FIRST, "x", 1, sealed)], NOW)
    everything = await bed.everything()
    assert secret not in everything
    assert everything.count("s1.2025-10.") == 3


async def test_a_field_that_does_not_hold_what_it_declares_is_refused_without_its_value(bed: Bed) -> None:
    wrong: list[dict[str, object]] = [
        {"iin": "900101300123"}, {"rounds": "900101300123"}, {"rounds": 2**63}, {"heard_at": NOW.replace(tzinfo=None)},
        {"note": "900101300123\0"}, {"note": None}, {"lines": ("900101300123",)}, {"marks": {"900101300123\0": 1}},
        {"expires": NOW},
    ]  # fmt: skip

    async def save(account: Account) -> None:
        async with bed.store.transaction() as transaction:
            await transaction.load({FIRST})
            await transaction.save({FIRST: account})

    for fields in wrong:
        with pytest.raises((TypeError, ValueError)) as refused:
            await save(replace(Account(FIRST), **fields))  # type: ignore[arg-type]
        assert "900101300123" not in str(refused.value)
