"""What both stores do alike with rows that wait: the outbox, what is due, the runs of a service, the shared rows."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

from shared.engine.rows import IN_LINE, Due, Outgoing, Seen
from tests.engine.store_beds import IDS, NOW, Bed, due, outgoing

LATER = NOW + timedelta(hours=1)


async def _say(bed: Bed, *rows: Outgoing) -> None:
    async with bed.store.transaction() as transaction:
        await transaction.add_outbox(rows)


async def _wait(bed: Bed, *rows: Due) -> None:
    async with bed.store.transaction() as transaction:
        await transaction.add_due(rows)


async def _finish(bed: Bed, *rows: Due) -> set[object]:
    async with bed.store.transaction() as transaction:
        return {*await transaction.finish({row.id: row.token for row in rows if row.token})}


async def _due_now(bed: Bed, limit: int = 10) -> list[Due]:
    return await bed.store.take_due(limit, NOW, NOW, IDS.uuid())


async def test_what_was_just_said_is_left_to_who_said_it(bed: Bed) -> None:
    row = outgoing()
    await _say(bed, row)
    assert await bed.store.take_outbox(10) == []
    await bed.pass_time(10.1)
    assert await bed.another().take_outbox(10) == [row]
    assert await bed.store.take_outbox(10) == []


async def test_whoever_renews_an_outbox_row_keeps_it(bed: Bed) -> None:
    kept, left = outgoing(), outgoing()
    await _say(bed, kept, left)
    await bed.pass_time(6)
    await bed.store.renew_outbox([kept.id])
    await bed.pass_time(6)
    assert await bed.store.take_outbox(10) == [left]


async def test_a_sweep_takes_no_more_than_it_asks_for_and_the_oldest_first(bed: Bed) -> None:
    old, young = [outgoing() for _ in range(3)], outgoing()
    await _say(bed, *old)
    await bed.pass_time(1)
    await _say(bed, young)
    await bed.pass_time(11)
    assert {row.id for row in await bed.store.take_outbox(3)} == {row.id for row in old}
    assert await bed.store.take_outbox(3) == [young]


async def test_what_the_broker_has_is_dropped_and_what_it_sent_back_waits_longer(bed: Bed) -> None:
    gone, back = outgoing(), outgoing()
    await _say(bed, gone, back)
    await bed.store.drop_outbox([gone.id])
    await bed.store.delay_outbox({back.id: timedelta(seconds=60), gone.id: timedelta(seconds=1)})
    await bed.pass_time(59)
    assert await bed.store.take_outbox(10) == []
    await bed.pass_time(2)
    assert await bed.store.take_outbox(10) == [replace(back, attempts=1)]


async def test_the_same_saying_stands_once(bed: Bed) -> None:
    row = outgoing()
    await _say(bed, row)
    await _say(bed, row)
    await bed.pass_time(11)
    assert await bed.store.take_outbox(10) == [row]


async def test_each_clock_makes_its_own_rows_due_the_oldest_first(bed: Bed) -> None:
    machine, business = due(at=LATER), due(at=LATER - timedelta(minutes=1), clock="business")
    await _wait(bed, machine, business)
    assert await _due_now(bed) == []
    token = IDS.uuid()
    assert await bed.store.take_due(10, LATER, NOW, token) == [replace(machine, token=token)]
    assert await bed.store.take_due(10, NOW, LATER, token) == [replace(business, token=token)]
    await bed.pass_time(31)
    taken = await bed.store.take_due(10, LATER, LATER, token)
    assert [row.id for row in taken] == [business.id, machine.id]


async def test_of_many_due_rows_the_oldest_are_taken(bed: Bed) -> None:
    rows = [
        due(at=NOW - timedelta(seconds=age), clock=clock)
        for age, clock in ((1, "machine"), (4, "business"), (2, "business"), (3, "machine"))
    ]
    await _wait(bed, *rows)
    assert [row.id for row in await _due_now(bed, 2)] == [rows[1].id, rows[3].id]
    assert [row.id for row in await _due_now(bed, 2)] == [rows[2].id, rows[0].id]


async def test_a_leased_row_is_nobody_elses_until_the_lease_runs_out(bed: Bed) -> None:
    row = due()
    await _wait(bed, row)
    (first,) = await _due_now(bed)
    assert await _due_now(bed) == []
    await bed.pass_time(20)
    assert first.token is not None
    await bed.store.renew_due([first.id], first.token, NOW)
    await bed.pass_time(20)
    assert await _due_now(bed) == []
    await bed.pass_time(11)
    (second,) = await _due_now(bed)
    await bed.store.renew_due([first.id], first.token, NOW)
    assert await _finish(bed, first) == set()
    assert await _finish(bed, second) == {row.id}
    await bed.pass_time(31)
    assert await _due_now(bed) == []


async def test_a_row_that_is_being_finished_is_not_taken(bed: Bed) -> None:
    row = due()
    await _wait(bed, row)
    (taken,) = await _due_now(bed)
    await bed.pass_time(31)
    assert taken.token is not None
    async with bed.store.transaction() as transaction:
        assert await transaction.finish({taken.id: taken.token}) == {taken.id}
        assert await _due_now(bed) == []
    assert await _due_now(bed) == []


async def test_a_failed_row_comes_again_when_its_next_attempt_is_due(bed: Bed) -> None:
    await _wait(bed, due(clock="business"))
    (taken,) = await _due_now(bed)
    assert taken.token is not None
    again = replace(taken.again(NOW + timedelta(seconds=5), failures=1), body=b"answers")
    await bed.store.retry_due(again, IDS.uuid())
    await bed.pass_time(31)
    (still,) = await _due_now(bed)
    assert (still.attempts, still.clock) == (0, "business")
    assert still.token is not None
    await bed.store.retry_due(again, still.token)
    assert await _due_now(bed) == []
    token = IDS.uuid()
    assert await bed.store.take_due(10, NOW + timedelta(seconds=5), NOW, token) == [replace(again, token=token)]


async def test_a_row_may_be_finished_and_laid_down_again_in_one_transaction(bed: Bed) -> None:
    await _wait(bed, due())
    (taken,) = await _due_now(bed)
    assert taken.token is not None
    async with bed.store.transaction() as transaction:
        await transaction.finish({taken.id: taken.token})
        await transaction.add_due([taken.again(NOW, failures=1)])
    (again,) = await _due_now(bed)
    assert (again.id, again.attempts, again.failures) == (taken.id, 1, 1)


async def test_a_row_with_a_key_stands_once_however_often_it_is_asked_for(bed: Bed) -> None:
    row = due()
    await _wait(bed, row)
    await _wait(bed, replace(row, due_at=LATER, body=b"other"), due(at=LATER))
    (taken,) = await _due_now(bed)
    assert taken == replace(row, token=taken.token)


async def test_it_is_worth_while_to_ask_again_before_the_next_row_is_due(bed: Bed) -> None:
    await _wait(bed, due(at=NOW + timedelta(seconds=7)), due(at=NOW + timedelta(seconds=70), clock="business"))
    assert 0 < bed.store.patience(NOW, NOW) <= 7


async def test_a_run_that_did_not_end_is_noticed_by_the_next(bed: Bed) -> None:
    first = bed.store
    assert await first.begin(NOW) is False
    assert await first.begin(NOW) is False
    second = bed.another()
    assert await second.begin(NOW) is True
    await second.end(NOW)
    assert await bed.another().begin(NOW) is False


async def test_the_inbox_is_swept_in_batches_and_only_of_what_is_old(bed: Bed) -> None:
    async with bed.store.transaction() as transaction:
        await transaction.record({("events", f"old {n}"): b"x" for n in range(5)}, NOW - timedelta(days=91))
        await transaction.record({("events", "young"): b"x"}, NOW - timedelta(days=89))
    before = NOW - timedelta(days=90)
    assert [await bed.store.sweep_inbox(before, 2) for _ in range(4)] == [2, 2, 1, 0]
    async with bed.store.transaction() as transaction:
        seen = await transaction.record({("events", "young"): b"x", ("events", "old 1"): b"x"}, NOW)
    assert seen == {("events", "young"): Seen.REPEATED, ("events", "old 1"): Seen.NEW}


async def test_the_business_clock_is_one_row(bed: Bed) -> None:
    assert (await bed.store.platform()).offset == timedelta()
    await bed.set_offset(86400.5)
    assert (await bed.another().platform()).offset == timedelta(days=1, seconds=0.5)


async def test_an_outage_begins_with_the_first_failure_and_ends_with_one_success(bed: Bed) -> None:
    minutes = [NOW + timedelta(minutes=n) for n in range(30)]
    assert (await bed.store.platform()).dependencies == {}
    assert (await bed.store.tried("bmg", True, minutes[0])).last_success == minutes[0]
    known = await bed.store.tried("bmg", False, minutes[1])
    for minute in minutes[2:13]:
        known = await bed.store.tried("bmg", False, minute)
        assert (known.failing_since, known.last_success, known.last_try) == (minutes[1], minutes[0], minute)
        assert known.in_outage(minute) is (minute > minutes[11])
    assert (await bed.another().platform()).dependencies == {"bmg": known}
    known = await bed.store.tried("bmg", True, minutes[13])
    assert (known.failing_since, known.last_success) == (None, minutes[13])


async def test_a_success_is_not_written_again_within_five_seconds(bed: Bed) -> None:
    await bed.store.tried("bmg", True, NOW)
    assert (await bed.store.tried("bmg", True, NOW + timedelta(seconds=4))).last_success == NOW
    assert (await bed.store.tried("bmg", False, NOW + timedelta(seconds=4.5))).failing_since is not None
    assert (await bed.store.tried("bmg", True, NOW + timedelta(seconds=4.6))).failing_since is None
    assert (await bed.store.tried("bmg", True, NOW + timedelta(seconds=10))).last_try == NOW + timedelta(seconds=10)


async def test_a_failing_system_is_tried_by_one_of_all_processes_at_a_time(bed: Bed) -> None:
    every, other = timedelta(seconds=25), bed.another()
    assert not await bed.store.may_probe("bmg", every, NOW), "nobody has asked it yet"
    await bed.store.tried("bmg", False, NOW)
    later = NOW + timedelta(seconds=24)
    assert not await bed.store.may_probe("bmg", every, later)
    later += timedelta(seconds=1)
    assert [await store.may_probe("bmg", every, later) for store in (bed.store, other)] == [True, False]
    assert await other.may_probe("bmg", every, later + every)


async def test_what_waits_for_a_system_comes_one_by_one_the_oldest_first_when_it_answers_again(bed: Bed) -> None:
    rows = [replace(due(), since=NOW + timedelta(seconds=age), due_at=NOW) for age in (3, 1, 2)]
    stranger = replace(due(), due_at=NOW)
    await _wait(bed, *rows, stranger)
    for taken in await _due_now(bed):
        assert taken.token is not None
        waits_for = "zags" if taken.id == stranger.id else "bmg"
        await bed.store.retry_due(taken.again(NOW + timedelta(hours=1), waits_for=waits_for), taken.token)
    assert await bed.store.resume_due("bmg", timedelta(seconds=2), NOW) == 3
    assert await bed.store.resume_due("bmg", timedelta(seconds=2), NOW) == 0, "once"
    came = []
    for second in range(6):
        token = uuid4()
        came += [(second, row.id) for row in await bed.store.take_due(9, NOW + timedelta(seconds=second), NOW, token)]
    assert came == [(0, rows[1].id), (2, rows[2].id), (4, rows[0].id)]


async def test_who_comes_when_a_line_has_formed_stands_behind_it(bed: Bed) -> None:
    apart, later = timedelta(seconds=2), NOW + timedelta(hours=1)
    rows = [replace(due(), since=NOW + timedelta(seconds=age), due_at=NOW) for age in (3, 2, 1)]
    await _wait(bed, *rows)
    taken = {row.id: row for row in await _due_now(bed)}

    async def put_back(*ids: UUID) -> None:
        for row in (taken[id] for id in ids):
            assert row.token is not None
            await bed.store.retry_due(row.again(later, waits_for="bmg"), row.token)

    await put_back(rows[0].id, rows[1].id)
    assert await bed.store.resume_due("bmg", apart, NOW) == 2
    await put_back(rows[2].id)
    assert await bed.store.resume_due("bmg", apart, NOW + timedelta(seconds=1)) == 1
    line = await bed.store.take_due(9, NOW + timedelta(seconds=9), NOW, uuid4())
    seconds = [(row.id, (row.due_at - NOW).total_seconds()) for row in line]
    assert seconds == [(rows[1].id, 0.0), (rows[0].id, 2.0), (rows[2].id, 4.0)], "the oldest of all came late"
    assert {row.waits_for for row in line} == {f"bmg{IN_LINE}"}
