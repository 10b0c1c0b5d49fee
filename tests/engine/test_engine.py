"""What the engine promises of any service, over the memory twin (the suites of stores and brokers prove the twins)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from shared.contracts.base import Sealed
from shared.contracts.intake import ApplicationClosed, ApplicationOpened
from shared.contracts.payment import FeeLapsed, FeePaid, FeeWaived, WaiverGround
from shared.contracts.values import Channel, DocumentKind, Ending, Locale
from shared.engine.audit import verify
from shared.engine.decision import EPOCH
from shared.engine.engine import Pace
from shared.engine.rows import Dependency, Fate, StoreBusy, StoreLost, Unavailable
from shared.engine.service import Reaction, Service
from shared.engine.work import Result
from tests.engine.house import SERVICE, House, an_id, answers, lapsed, silent, until

ID = an_id(1)


def an_opening(number: int = 1) -> ApplicationOpened:
    return ApplicationOpened(
        application_id=an_id(number), iin=Sealed("900115390019"), iin_index="x", phone=Sealed("+77010000000"),
        document=DocumentKind.IDENTITY_CARD, channel=Channel.PORTAL, locale=Locale.KK,
    )  # fmt: skip


def a_lapse(number: int = 1) -> FeeLapsed:
    return FeeLapsed(application_id=an_id(number), invoice_id="1")


def a_payment() -> FeePaid:
    return FeePaid(application_id=ID, amount=786, receipt_id="r", paid_at=EPOCH)


def a_poison() -> FeeWaived:
    return FeeWaived(application_id=ID, ground=WaiverGround.EXEMPT)


@pytest.fixture
async def house() -> AsyncIterator[House]:
    house = House()
    task = await house.running()
    yield house
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_a_message_is_decided_committed_published_and_then_acknowledged(house: House) -> None:
    outcome = await house.engine.take(house.delivery(an_opening()))
    assert (outcome.result, outcome.reply, house.acked) == (Result.DONE, 1, ["m-1"])
    await until(lambda: len(house.wire.said("fee-lapsed")) == 1)
    await until(lambda: not house.tables.outbox)


async def test_heard_twice_it_has_one_effect(house: House) -> None:
    delivery = house.delivery(an_opening())
    one, two = await asyncio.gather(house.engine.take(delivery), house.engine.take(delivery))
    again = await house.engine.take(delivery)
    assert {one.result, two.result} | {again.result} == {Result.DONE, Result.REPEATED}
    assert house.state(ID).opened == 1


async def test_messages_of_one_application_in_one_batch_are_folded_in_order(house: House) -> None:
    await asyncio.gather(*(house.engine.take(house.delivery(an_opening(), f"m-{n}")) for n in range(50)))
    await until(lambda: len(house.wire.said("fee-lapsed")) == 50)
    bodies = [json.loads(row.body)["invoice_id"] for row in house.wire.said("fee-lapsed")]
    assert bodies == [str(n + 1) for n in range(50)]
    assert verify(house.tables.logs["payment.audit"]) is None


async def test_the_same_id_with_another_body_is_laid_aside_with_its_reason(house: House) -> None:
    await house.engine.take(house.delivery(a_lapse(), "m-1"))
    other = await house.engine.take(house.delivery(an_opening(), "m-1"))
    assert other.result is Result.CLASHES
    await until(lambda: len(house.wire.said("payment.id-reused")) == 1)
    assert house.state(ID).opened == 0


@pytest.mark.parametrize(
    ("body", "id", "reason"),
    [
        (b"{not json", "m", "not-json"),
        (b"[]", "m", "no-application-id"),
        (b'{"application_id": "%s"}' % str(ID).encode(), "m", "invalid"),
        (b'{"application_id": "%s", "x": "%s"}' % (str(ID).encode(), b"y" * 70000), "m", "too-large"),
        (b"{}", None, "no-message-id"),
    ],
)
async def test_bad_input_is_acknowledged_and_lies_sealed_in_the_dead_letters(
    house: House, body: bytes, id: str | None, reason: str
) -> None:
    outcome = await house.engine.take(house.delivery(body, id))
    assert outcome.result is Result.UNREADABLE
    await until(lambda: len(house.wire.said(f"payment.{reason}")) == 1)
    letter = house.wire.said(f"payment.{reason}")[0]
    assert json.loads(letter.body)["sealed"].startswith("s1.")
    assert letter.headers["reason"] == reason.replace("-", "_").upper()


async def test_personal_data_in_clear_is_refused_on_the_wire(house: House) -> None:
    body = json.dumps({**an_opening().model_dump(exclude={"iin", "phone"}, mode="json"), "iin": "900115390019"})
    outcome = await house.engine.take(house.delivery(body.encode(), routing_key="application-opened"))
    assert outcome.result is Result.UNREADABLE


async def test_a_poisonous_message_delays_no_other_and_is_dead_after_its_third_attempt(house: House) -> None:
    results = await asyncio.gather(
        house.engine.take(house.delivery(a_poison(), "bad")),
        *(house.engine.take(house.delivery(an_opening(n), f"good-{n}")) for n in range(20)),
    )
    assert [r.result for r in results] == [Result.FAILED] + [Result.DONE] * 20
    await until(lambda: len(house.wire.said("payment.decision-failed")) == 1)
    letter = house.wire.said("payment.decision-failed")[0]
    assert letter.headers["error"] == "ZeroDivisionError"
    assert not house.tables.due


async def test_an_unroutable_row_backs_off_alone(house: House) -> None:
    house.wire.fates["fee-lapsed"] = Fate.RETURNED
    await house.engine.take(house.delivery(an_opening()))
    await house.engine.take(house.delivery(a_poison(), "bad"))
    await until(lambda: len(house.wire.said("payment.decision-failed")) == 1)
    assert "unroutable" in house.log.lines
    assert [row.row.routing_key for row in house.tables.outbox.values()] == ["fee-lapsed"]


async def test_an_ask_waits_as_a_row_and_its_message_is_acknowledged_at_once() -> None:
    house = House(silent)
    task = await house.running()
    outcome = await house.engine.take(house.delivery(a_payment()))
    assert (outcome.result, house.acked) == (Result.WAITS, ["m-1"])
    await until(lambda: "aissik" in house.platform.dependencies)
    assert house.state(ID).answer == ""
    house.world = answers
    await until(lambda: house.state(ID).answer == "yes")
    assert house.platform.dependencies["aissik"].failing_since is None
    task.cancel()


async def test_after_ten_minutes_of_silence_the_answer_is_an_outage() -> None:
    house = House(silent)
    task = await house.running()
    await house.engine.take(house.delivery(a_payment()))
    await until(lambda: "aissik" in house.platform.dependencies)
    house.platform.offset = timedelta(minutes=10, seconds=1)
    await until(lambda: house.state(ID).answer == "Outage(dependency='aissik')")
    task.cancel()


async def test_p12_is_of_the_system_that_is_asked_and_no_other_that_fails_on_the_way() -> None:
    async def without_the_store() -> str:
        raise Unavailable("objects")

    house = House(without_the_store)
    house.platform.dependencies["objects"] = Dependency("objects", failing_since=house.clock.now() - timedelta(days=20))
    task = await house.running()
    await house.engine.take(house.delivery(a_payment()))
    await until(lambda: any(held.row.attempts > 1 for held in house.tables.due.values()))
    assert house.state(ID).answer == ""
    house.world = answers
    await until(lambda: house.state(ID).answer == "yes")
    assert house.platform.dependencies["objects"].failing_since is None
    task.cancel()


async def test_a_timer_goes_by_the_business_clock(house: House) -> None:
    closing = ApplicationClosed(application_id=ID, ending=Ending.ISSUED, closed_at=EPOCH)
    await house.engine.take(house.delivery(closing, "a"))
    await house.engine.take(house.delivery(closing, "b"))
    assert len(house.tables.due) == 1
    house.platform.offset = timedelta(hours=24, seconds=1)
    await until(lambda: house.state(ID).ticks == 1)


@pytest.mark.parametrize("moment", ["record", "commit", "committed", "drop_outbox"])
async def test_killed_at_any_moment_the_effect_is_had_once_and_nothing_is_lost(moment: str) -> None:
    house = House()
    struck: list[str] = []

    async def weather(statement: str) -> None:
        if statement == moment and not struck:
            struck.append(statement)
            house.store.kill()
            await asyncio.Event().wait()

    house.start(weather)
    first = await house.running()
    delivery = house.delivery(an_opening())
    taking = asyncio.create_task(house.engine.take(delivery))
    await until(lambda: bool(struck))
    taking.cancel()
    first.cancel()
    house.start()
    for held in house.tables.outbox:
        house.tables.outbox[held] = type(house.tables.outbox[held])(house.tables.outbox[held].row, 0.0)
    second = await house.running()
    await house.engine.take(delivery)
    await until(lambda: len({row.id for row in house.wire.said("fee-lapsed")}) == 1 and not house.tables.outbox)
    assert house.state(ID).opened == 1
    second.cancel()


@pytest.mark.parametrize("trouble", [StoreBusy, StoreLost])
async def test_a_store_in_trouble_delays_a_message_and_counts_against_nobody(trouble: type[Exception]) -> None:
    house = House()
    left = [3]

    async def weather(statement: str) -> None:
        if statement == "commit" and left[0]:
            left[0] -= 1
            raise trouble

    house.start(weather)
    task = await house.running()
    outcome = await house.engine.take(house.delivery(an_opening()))
    assert (outcome.result, house.state(ID).opened, house.engine.store_lost) == (Result.DONE, 1, False)
    task.cancel()


@pytest.mark.parametrize("trouble", [StoreBusy, StoreLost])
@pytest.mark.parametrize("moment", ["read", "tried", "platform"])
async def test_a_store_in_trouble_is_no_failure_of_an_ask_nor_of_a_start(moment: str, trouble: type[Exception]) -> None:
    house = House(silent)
    left = [1]

    async def weather(statement: str) -> None:
        if statement == moment and left[0]:
            left[0] -= 1
            raise trouble

    house.start(weather)
    task = await house.running()
    await house.engine.take(house.delivery(a_payment()))
    await until(lambda: not left[0])
    assert not task.done()
    assert [held.row.failures for held in house.tables.due.values()] == [0]
    assert not house.wire.said("payment.decision-failed")
    task.cancel()


async def test_a_commit_of_unknown_outcome_is_repeated_and_the_inbox_says_what_happened() -> None:
    house = House()
    left = [1]

    async def weather(statement: str) -> None:
        if statement == "committed" and left[0]:
            left[0] -= 1
            raise StoreLost

    house.start(weather)
    task = await house.running()
    outcome = await house.engine.take(house.delivery(an_opening()))
    assert outcome.result is Result.REPEATED
    assert house.state(ID).opened == 1
    task.cancel()


async def test_an_http_call_is_a_message_with_the_callers_own_id(house: House) -> None:
    one = await house.engine.act(an_opening(), "call-1")
    two = await house.engine.act(an_opening(), "call-1")
    assert (one.reply, two.result) == (1, Result.REPEATED)


def test_a_service_hears_each_message_once() -> None:
    reactions = (Reaction(FeeLapsed, lapsed), Reaction(FeeLapsed, lapsed))
    with pytest.raises(ValueError, match="hears one message twice"):
        Service("payment", SERVICE.table, reactions)


async def test_more_due_rows_than_hands_starve_nobody() -> None:
    house = House()
    house.pace = Pace(refresh=0.01, sweep=0.02, careful=0.0, due_at_once=4)
    house.start()
    task = await house.running()
    closing = [ApplicationClosed(application_id=an_id(n), ending=Ending.ISSUED, closed_at=EPOCH) for n in range(40)]
    await asyncio.gather(*(house.engine.take(house.delivery(said, f"c-{n}")) for n, said in enumerate(closing)))
    house.platform.offset = timedelta(hours=24, seconds=1)
    await until(lambda: all(house.state(an_id(n)).ticks == 1 for n in range(40)))
    task.cancel()
