"""A system that is silent for minutes, and what happens when it answers again: probes, no herd, each in turn."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from importlib import import_module
from itertools import pairwise
from typing import Any

import asyncpg
import pytest

from shared.clock import SeededIds
from shared.engine.adapters.memory_store import MemoryPlatform, MemoryStore, MemoryTables
from shared.engine.engine import Engine, Ports
from shared.engine.rows import Dependency
from shared.engine.schema import tables_sql
from shared.engine.service import AskPolicy
from shared.engine.work import Context
from shared.gateways.policies import POLICIES
from shared.law.rules import RULES
from shared.process import SERVICES
from shared.telemetry import Silent
from tests.engine.house import KEYS, SEALER, SERVICE, Quiet, Wire
from tests.engine.offices import ORIGIN, SCHEMA, Loop, MemoryRoom, Office, PostgresRoom, Room, service_of
from tests.servers import Servers
from tests.simulation.virtual import VirtualClock, VirtualLoop, run

PER_SECOND = 5.0
OUTSIDE = [policy for name, policy in POLICIES.items() if name != "laboratory"]
"""That one is our own measuring of images: after ten minutes it holds nobody up."""
POLICY = AskPolicy("aissik", timeout=20.0, per_second=PER_SECOND)


@pytest.fixture(scope="session")
async def database(servers: Servers) -> PostgresRoom:
    address, passwords = await servers.new_database(SCHEMA)
    admin = await asyncpg.connect(address.url())
    await admin.execute(tables_sql(service_of({})))
    await admin.close()
    return PostgresRoom(address.url(), address.url(SCHEMA, passwords[SCHEMA]))


@pytest.fixture(params=["memory", pytest.param("postgres", marks=pytest.mark.live)])
def room(request: pytest.FixtureRequest) -> Room:
    """What a test says holds in both: over tables in memory, and over a real PostgreSQL while the clock is moved."""
    if request.param == "memory":
        return MemoryRoom()
    found: PostgresRoom = request.getfixturevalue("database")
    return found


@pytest.mark.parametrize("minutes", [9, 11])
def test_each_system_may_be_silent_for_minutes_and_p12_says_what_becomes_of_those_who_wait(
    room: Room, minutes: int
) -> None:
    """All at once. 9 minutes: everybody is answered. 11: the outage of БМГ and of biometrics sends everybody to ЦОН, no
    other one sends away anybody. Nobody is lost, nobody is asked twice, the first within 30 s and the rest at the rate
    of the table.
    """
    back, few = minutes * 60.0, room.crowd // len(OUTSIDE)

    async def main(loop: Loop) -> tuple[Office, dict[str, Dependency]]:
        office = Office(room, loop, back, OUTSIDE)
        await office.open()
        await office.fill(few)
        await office.clock.sleep(back - office.clock.monotonic() - 1.0)
        await office.look()
        before = dict(office.rows)
        await office.clock.sleep(1.0 + few / min(each.per_second for each in OUTSIDE) + 30.0)
        await office.look()
        return office, before

    office, before = room.play(main)
    for policy in OUTSIDE:
        name = policy.dependency
        assert before[name].failing_since is not None, f"the breaker of {name} is open"
        away = policy.p12 and minutes > 10
        lasts = before[name].in_outage(ORIGIN + timedelta(minutes=minutes))
        assert away or lasts is (minutes > 10), f"{name} is tried as long as somebody waits for it"
        assert policy.p12 is (name in {"bmg", "digital-id"}), "p.12 names no other"
        assert (office.answered(name), office.redirected(name)) == ((0, few) if away else (few, 0)), name
        calls = office.registries[name].after(back)
        if away:
            assert calls == [], f"whoever was sent away by {name} is asked about no more"
            continue
        assert office.rows[name].failing_since is None, f"the breaker of {name} is closed"
        in_turn(calls, back, policy.per_second, few)


def in_turn(calls: list[float], back: float, per_second: float, count: int) -> None:
    """So many, each once; the first within thirty seconds, then no more in a second than the table says."""
    assert calls[0] - back <= 30.0
    assert max(Counter(int(call - calls[0]) for call in calls).values()) <= per_second + 1
    assert len(calls) == count, "nobody is asked twice"
    assert calls[-1] - back <= count / per_second + 30.0


@pytest.mark.parametrize("name", SERVICES)
def test_every_question_of_every_service_is_asked_by_a_row_of_the_table(name: str) -> None:
    service = import_module(f"services.{name.replace('-', '_')}.app").SERVICE
    for reaction in service.reactions:
        if isinstance(reaction.policy, AskPolicy):
            row = POLICIES[reaction.policy.dependency]
            asked = reaction.policy
            assert replace(asked, timeout=row.timeout, deadline=row.deadline, p12=row.p12) == row
            assert row.p12 or not asked.p12


async def waited(
    room: Room, loop: Loop, back: float, count: int, seconds: float, policy: AskPolicy = POLICY, processes: int = 2
) -> Office:
    """So many wait for one system that is silent until `back`; what has become of them after those seconds."""
    office = Office(room, loop, back, [policy], processes)
    await office.open()
    await office.fill(count)
    await office.clock.sleep(seconds - office.clock.monotonic())
    await office.look()
    return office


@pytest.mark.parametrize("minutes", [9, 11])
def test_after_an_outage_the_first_is_asked_within_thirty_seconds_and_the_rest_at_the_rate_of_the_table(
    room: Room, minutes: int
) -> None:
    back, waiting = minutes * 60.0, room.crowd
    office = room.play(lambda loop: waited(room, loop, back, waiting, back + waiting / PER_SECOND + 30.0))
    assert office.answered("aissik") == waiting, "all that waited were asked in time"
    in_turn(office.registries["aissik"].after(back), back, PER_SECOND, waiting)


def test_while_it_is_silent_one_process_of_all_tries_it_now_and_then() -> None:
    room = MemoryRoom()
    office = room.play(lambda loop: waited(room, loop, 1e9, room.crowd, 600.0, processes=3))
    calls = office.registries["aissik"].after(60.0)
    gaps = [after - before for before, after in pairwise(calls)]
    assert 540 / 30 <= len(calls) <= 540 / 25 + 1
    assert all(25.0 <= gap <= 30.0 for gap in gaps), gaps


def test_one_who_waits_alone_is_asked_within_thirty_seconds_too() -> None:
    room = MemoryRoom()
    assert room.play(lambda loop: waited(room, loop, 400.0, 1, 430.0)).answered("aissik") == 1


def test_a_slow_system_is_asked_once_however_long_the_line_before_it() -> None:
    """Two at a time, nine seconds each: the last waits in hand for far longer than a lease of thirty seconds."""
    room = MemoryRoom()

    async def main(loop: Loop) -> Office:
        office = Office(room, loop, 0.0, [replace(POLICY, leases=2)])
        office.registries["aissik"].takes = 9.0
        await office.open()
        await office.fill(40)
        await office.clock.sleep(40 * 9.0)
        await office.look()
        return office

    office = room.play(main)
    assert office.answered("aissik") == 40
    assert len(office.registries["aissik"].calls) == 40


def test_the_service_is_told_what_lies_between_two() -> None:
    async def main(loop: VirtualLoop) -> list[str]:
        apart: list[str] = []

        def remember(name: str) -> timedelta:
            apart.append(name)
            return timedelta(seconds=1)

        platform = MemoryPlatform()
        clock: Any = VirtualClock(ORIGIN, platform)
        store = MemoryStore(MemoryTables(SERVICE, platform, clock), SEALER)
        context = Context(SERVICE, store, SEALER, Silent(), RULES, KEYS.blind_index, apart=remember)
        engine = Engine(context, Ports(store, Wire(), clock, SeededIds(1), None, Quiet()))  # type: ignore[arg-type]
        await store.tried("aissik", False, ORIGIN)
        await engine.start()
        await store.tried("aissik", True, ORIGIN + timedelta(minutes=1))
        await engine.start()
        return apart

    assert run(main) == ["aissik"]
