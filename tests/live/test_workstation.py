"""A region decides at its own workstation: the feed, the lease, the signed message, the answer, and every refusal."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from functools import partial
from uuid import UUID

import aio_pika
import pytest
from aio_pika.abc import AbstractChannel
from aiormq.exceptions import ChannelAccessRefused

from deploy.demo.play import FIRST
from deploy.local import layout
from deploy.sandbox.people import crowd
from deploy.sandbox.personas import BY_NAME
from deploy.sandbox.workstation import outgoing
from shared.contracts.ums_review import Choice
from shared.contracts.workstation import DecisionRefused, DecisionSigned, DecisionTaken
from shared.process import PORTAL, REVIEW
from shared.topology import feed_of
from tests.live.desk import Desk, opened
from tests.live.house import House, until
from tests.live.house import opened as house_opened
from tests.servers import temporary_folder

pytestmark = pytest.mark.live

OURS, THEIRS, BY_CALL = "71", "75", "11"
"""Our own workstation, the sandbox's, and a region that has none."""
FIRST_OFFICER, SECOND_OFFICER = f"{OURS}-inspector-1", f"{OURS}-inspector-2"
OWN = "read its own feed"
SEED, PERSONA, CITIZENS = "workstation", "issued-paid", 6
AUDIT = """
select who, "where", result from ums_review.audit
where application_id = $1 and what = 'sign-decision' order by seq
"""
EXPIRE = "update ums_review.review set lease_until = now() - interval '1 second' where application_id = $1"
Cases = Mapping[str, list[UUID]]


@pytest.fixture(scope="module")
async def house() -> AsyncIterator[House]:
    """Its own stack: nobody stands in for the officers of our region."""
    with temporary_folder() as folder:
        folder.release()
        async with house_opened(folder, {"KUALIK_LEFT_TO_PEOPLE": OURS}, (OURS, THEIRS)) as house:
            yield house


@pytest.fixture(scope="module")
async def cases(house: House) -> Cases:
    """Two citizens of each region have begun; region → their applications."""
    await house.stage.set_clock(FIRST)
    wanted = {"seed": SEED, "today": FIRST.date().isoformat(), "count": CITIZENS, "personas": [PERSONA]}
    for name in (layout.SANDBOX, PORTAL):
        (await house.http.post(f"{house.stage.url(name)}/control/people", json=wanted)).raise_for_status()
    assert await house.stage.start([PERSONA]) == CITIZENS
    people = crowd(SEED, FIRST.date(), CITIZENS, [BY_NAME[PERSONA]])
    return {
        region: [each.application_id(0) for each in people if each.region == region]
        for region in (OURS, THEIRS, BY_CALL)
    }


@pytest.fixture(scope="module")
async def desk(house: House, cases: Cases) -> AsyncIterator[Desk]:
    async with opened(house, OURS) as desk:
        yield desk


async def has_ended(house: House, id: UUID) -> bool:
    rows = await house.stage.applications()
    return any(row["application_id"] == str(id) and row["ending"] == "issued" for row in rows)


async def tried(house: House, id: UUID) -> list[tuple[str, str, str]]:
    """Who tried to decide it, from where, and what came of it."""
    return [(row["who"], row["where"], row["result"]) for row in await house.connection.fetch(AUDIT, id)]


async def test_a_case_comes_by_the_feed_and_goes_on_by_a_message_however_often_that_comes(
    house: House, desk: Desk, cases: Cases
) -> None:
    id = cases[OURS][0]
    brought = await desk.brought(id)
    assert (brought.region, brought.round) == (OURS, 1)

    taken = await desk.taken(id, SECOND_OFFICER)  # received by us, held by nobody
    held = await desk.call(id, "take", FIRST_OFFICER)
    assert (held.status_code, held.json()["code"]) == (409, "HELD_BY_ANOTHER")
    back = {"lease_token": taken["lease_token"], "reason": "seen at another desk"}
    assert (await desk.call(id, "give-back", SECOND_OFFICER, back)).status_code == 204

    said = desk.signed(await desk.taken(id, FIRST_OFFICER), FIRST_OFFICER)
    row = outgoing(said, desk.sealer)
    first = await desk.asked(row)
    assert isinstance(first, DecisionTaken)
    assert (first.decision_id, first.region, first.round) == (said.decision_id, OURS, 1)
    answered = len(desk.answers)
    await desk.say(row)  # under its old id it is heard no more; under another it has the same answer
    assert await desk.asked(said) == first
    assert len(desk.answers) == answered + 1

    assert await until(partial(has_ended, house, id), 180, every=1.0)
    assert await desk.asked(said) == first
    assert await tried(house, id) == [(f"officer:{FIRST_OFFICER}", f"workstation:{OURS}", "APPROVE")]
    decided = await house.connection.fetch("select decision_id from ums_review.decision where application_id = $1", id)
    assert [row["decision_id"] for row in decided] == [said.decision_id]


async def test_what_is_not_the_holders_own_decision_on_this_case_is_refused_by_its_code_and_on_record(
    house: House, desk: Desk, cases: Cases
) -> None:
    id, foreign = cases[OURS][1], cases[THEIRS][0]
    await desk.brought(id)
    taken = await desk.taken(id, FIRST_OFFICER)
    good = desk.signed(taken, FIRST_OFFICER)
    annuls = {"decision": Choice.ANNUL, "ground": "PHOTO", "reasons": ("PHOTO_BLURRED",)}

    async def refused(code: str, said: DecisionSigned) -> None:
        answer = await desk.asked(said)
        assert isinstance(answer, DecisionRefused), (code, answer)
        assert (answer.code, answer.decision_id, answer.region) == (code, said.decision_id, OURS)

    await refused("PAYLOAD_DIFFERS", desk.signed(taken, FIRST_OFFICER, **annuls))
    await refused("PAYLOAD_DIFFERS", desk.signed(taken, FIRST_OFFICER, officer_id=SECOND_OFFICER))
    await refused("INVALID", desk.signed(taken, FIRST_OFFICER, reasons=("NO_SUCH_REASON",)))
    await refused("ROUND_CHANGED", desk.signed(taken, FIRST_OFFICER, round=2))
    await refused("LEASE_LOST", desk.signed(taken, SECOND_OFFICER))  # the lease is the first officer's
    await refused("OTHER_REGION", desk.signed(taken, f"{THEIRS}-inspector-1"))

    key = outgoing(good, desk.sealer).routing_key
    of_theirs = outgoing(good.model_copy(update={"region": THEIRS}), desk.sealer)
    answer = await desk.asked(replace(of_theirs, routing_key=key))  # the broker lets no other key through
    assert isinstance(answer, DecisionRefused)
    assert (answer.code, answer.message_id, answer.decision_id) == ("OTHER_REGION", str(of_theirs.id), None)

    assert await until(partial(has_ended, house, foreign), 180, every=1.0)
    await refused("OTHER_REGION", good.model_copy(update={"application_id": foreign}))
    assert (f"workstation:{OURS}", f"workstation:{OURS}", "OTHER_REGION") in await tried(house, foreign)

    await house.connection.execute(EXPIRE, id)
    await refused("LEASE_LOST", good)
    assert (await desk.call(id, "take", f"{THEIRS}-inspector-1")).status_code == 403

    results = [result for _, where, result in await tried(house, id) if where == f"workstation:{OURS}"]
    assert results == [
        "PAYLOAD_DIFFERS", "PAYLOAD_DIFFERS", "INVALID", "ROUND_CHANGED", "LEASE_LOST", "OTHER_REGION", "OTHER_REGION",
        "LEASE_LOST",
    ]  # fmt: skip
    assert isinstance(await desk.asked(desk.signed(await desk.taken(id, FIRST_OFFICER), FIRST_OFFICER)), DecisionTaken)
    assert await until(partial(has_ended, house, id), 180, every=1.0)


async def test_the_sandboxs_workstation_decides_its_region_by_message_and_no_other(house: House, cases: Cases) -> None:
    for region in (THEIRS, BY_CALL):
        for id in cases[region]:
            assert await until(partial(has_ended, house, id), 180, every=1.0)
            approved = [(who, where) for who, where, result in await tried(house, id) if result == "APPROVE"]
            ((who, where),) = approved
            assert who == f"officer:{region}-inspector-1"
            assert (where == f"workstation:{region}") == (region == THEIRS)


async def test_the_user_of_a_region_reads_its_own_feed_and_speaks_for_itself_alone(house: House) -> None:
    url = house.stack.addresses.workstation_urls[THEIRS]

    def get(queue: str) -> Callable[[AbstractChannel], Awaitable[object]]:
        async def look(channel: AbstractChannel) -> object:
            return await (await channel.get_queue(queue, ensure=False)).get(fail=False)

        return look

    def say(exchange: str, key: str) -> Callable[[AbstractChannel], Awaitable[object]]:
        async def publish(channel: AbstractChannel) -> object:
            return await (await channel.get_exchange(exchange, ensure=False)).publish(aio_pika.Message(b"{}"), key)

        return publish

    async def bind(channel: AbstractChannel) -> object:
        own = await channel.get_queue(feed_of(THEIRS), ensure=False)
        return await own.bind("events", f"review-queued.{OURS}")

    attempts: dict[str, Callable[[AbstractChannel], Awaitable[object]]] = {
        OWN: get(feed_of(THEIRS)),
        "read another region's feed": get(feed_of(OURS)),
        "read the service's queue": get(f"{REVIEW}.decision-signed"),
        "decide for another region": say("workstation", f"decision-signed.{OURS}"),
        "put a case into a feed": say("events", f"review-queued.{THEIRS}"),
        "answer like the service": say("workstation.status", f"decision-taken.{OURS}"),
        "declare a queue": lambda channel: channel.declare_queue("mine", durable=True),
        "declare an exchange": lambda channel: channel.declare_exchange("mine", "topic", durable=True),
        "bind its feed to another region": bind,
        "delete its feed": lambda channel: channel.queue_delete(feed_of(THEIRS)),
    }
    allowed = []
    async with await aio_pika.connect(url) as connection:
        for what, attempt in attempts.items():
            channel = connection.channel(publisher_confirms=True)
            await channel.initialize()
            with suppress(ChannelAccessRefused):
                await attempt(channel)
                allowed.append(what)
    assert allowed == [OWN]
