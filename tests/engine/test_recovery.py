"""A system that is silent for minutes, and what happens when it answers again: probes, no herd, each in turn."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from importlib import import_module
from itertools import pairwise
from typing import Any
from uuid import UUID, uuid5

import pytest

from shared.clock import SeededIds
from shared.contracts.payment import FeePaid
from shared.engine.adapters.memory_store import MemoryPlatform, MemoryStore, MemoryTables
from shared.engine.decision import Outage
from shared.engine.engine import Engine, Pace, Ports
from shared.engine.rows import Dependency, Unavailable
from shared.engine.service import AskPolicy, Reaction, Service
from shared.engine.work import Context
from shared.gateways.policies import POLICIES
from shared.law.rules import RULES
from shared.process import SERVICES
from shared.telemetry import Silent
from tests.engine.house import KEYS, SEALER, SERVICE, Quiet, Wire, answered, ask
from tests.simulation.virtual import VirtualClock, VirtualLoop, run

ORIGIN = datetime(2025, 10, 6, 4, tzinfo=UTC)
WAITING, PER_SECOND = 200, 5.0
FEW = 12
OUTSIDE = {name: policy for name, policy in POLICIES.items() if name != "laboratory"}
"""That one is our own measuring of images: after ten minutes it holds nobody up."""
POLICY = AskPolicy("aissik", timeout=20.0, per_second=PER_SECOND)


@dataclass
class Registry:
    """Silent until a moment; every call with its moment."""

    clock: VirtualClock
    answers_from: float
    name: str = "aissik"
    takes: float = 0.0
    calls: list[float] = field(default_factory=list)

    async def __call__(self) -> str:
        self.calls.append(self.clock.monotonic())
        await self.clock.sleep(self.takes)
        if self.clock.monotonic() < self.answers_from:
            raise Unavailable(self.name)
        return "yes"

    def after(self, moment: float) -> list[float]:
        return [call for call in self.calls if call >= moment]


def paid(number: int) -> FeePaid:
    id = uuid5(UUID(int=7), str(number))
    return FeePaid(application_id=id, receipt_id=f"R-{number}", amount=786, paid_at=ORIGIN)


class Office:
    """Several processes of one service over the same tables, in virtual time."""

    def __init__(self, loop: VirtualLoop, answers_from: float, policy: AskPolicy = POLICY, processes: int = 2) -> None:
        self.loop, self.platform = loop, MemoryPlatform()
        self.clock = VirtualClock(ORIGIN, self.platform)
        self.registry = Registry(self.clock, answers_from, policy.dependency)
        reactions = [each for each in SERVICE.reactions if each.hears is not FeePaid]
        service = Service("payment", SERVICE.table, (*reactions, Reaction(FeePaid, answered, asks=ask, policy=policy)))
        self.tables = MemoryTables(service, self.platform, self.clock)
        self.policy = policy
        self.engines = [self._engine(service, policy, number) for number in range(processes)]

    def _engine(self, service: Service, policy: AskPolicy, number: int) -> Engine:
        store = MemoryStore(self.tables, SEALER)
        apart = timedelta(seconds=1 / policy.per_second)
        context = Context(service, store, SEALER, Silent(), RULES, KEYS.blind_index, apart=lambda name: apart)
        world: Callable[[], Awaitable[str]] = self.registry
        ports = Ports(store, Wire(), self.clock, SeededIds(number), world, Quiet())  # type: ignore[arg-type]
        return Engine(context, ports, Pace(inbox_every=1e9))

    async def open(self) -> None:
        for engine in self.engines:
            await engine.start()
            self.loop.create_task(engine.run())

    async def fill(self, count: int) -> None:
        for number in range(count):
            await self.engines[0].act(paid(number), f"callback/{number}")

    def answered(self) -> int:
        return sum(state.answer == "yes" for state in self.tables.all_states(SEALER).values())

    def redirected(self) -> int:
        """Of how many it was decided that they go to ЦОН (p.12)."""
        told = str(Outage(self.policy.dependency))
        return sum(state.answer == told for state in self.tables.all_states(SEALER).values())

    def row(self) -> Dependency:
        """The breaker, as all processes see it."""
        return self.platform.dependencies[self.policy.dependency]


async def played(loop: VirtualLoop, policy: AskPolicy, minutes: int, waiting: int) -> tuple[Office, Dependency]:
    """Down for so long, then up until all that waited must have been asked; and the breaker just before it was."""
    office = Office(loop, back := minutes * 60.0, policy)
    await office.open()
    await office.fill(waiting)
    await office.clock.sleep(back - 1.0)
    before = office.row()
    await office.clock.sleep(1.0 + waiting / policy.per_second + 30.0)
    return office, before


@pytest.mark.parametrize("minutes", [9, 11])
@pytest.mark.parametrize("policy", OUTSIDE.values(), ids=OUTSIDE)
def test_each_system_may_be_silent_for_minutes_and_p12_says_what_becomes_of_those_who_wait(
    policy: AskPolicy, minutes: int
) -> None:
    """9 minutes: everybody is answered. 11: the outage of БМГ and of biometrics sends everybody to ЦОН, no other one
    sends away anybody. Nobody is lost, nobody is asked twice, the first within 30 s and the rest at the table's rate.
    """
    office, before = run(lambda loop: played(loop, policy, minutes, FEW))
    assert before.failing_since is not None, "the breaker is open"
    now = ORIGIN + timedelta(minutes=minutes)
    assert before.in_outage(now) is (minutes > 10)
    away = policy.p12 and minutes > 10
    assert policy.p12 is (policy.dependency in {"bmg", "digital-id"}), "p.12 names no other"
    assert (office.answered(), office.redirected()) == ((0, FEW) if away else (FEW, 0))
    calls = office.registry.after(minutes * 60.0)
    if away:
        assert calls == [], "whoever was sent away is asked about no more"
        return
    assert office.row().failing_since is None, "the breaker is closed"
    assert calls[0] - minutes * 60.0 <= 30.0
    assert max(Counter(int(call - calls[0]) for call in calls).values()) <= policy.per_second + 1
    assert len(calls) == FEW


@pytest.mark.parametrize("name", SERVICES)
def test_every_question_of_every_service_is_asked_by_a_row_of_the_table(name: str) -> None:
    service = import_module(f"services.{name.replace('-', '_')}.app").SERVICE
    for reaction in service.reactions:
        if isinstance(reaction.policy, AskPolicy):
            row = POLICIES[reaction.policy.dependency]
            asked = reaction.policy
            assert replace(asked, timeout=row.timeout, deadline=row.deadline, p12=row.p12) == row
            assert row.p12 or not asked.p12


@pytest.mark.parametrize("minutes", [9, 11])
def test_after_an_outage_the_first_is_asked_within_thirty_seconds_and_the_rest_at_the_rate_of_the_table(
    minutes: int,
) -> None:
    back = minutes * 60.0

    async def main(loop: VirtualLoop) -> Office:
        office = Office(loop, back)
        await office.open()
        await office.fill(WAITING)
        await office.clock.sleep(back + WAITING / PER_SECOND + 30.0)
        return office

    office = run(main)
    assert office.answered() == WAITING, "all that waited were asked in time"
    calls = office.registry.after(back)
    assert calls[0] - back <= 30.0
    a_second = Counter(int(call - calls[0]) for call in calls)
    assert max(a_second.values()) <= PER_SECOND + 1
    assert len(calls) == WAITING, "nobody is asked twice"


def test_while_it_is_silent_one_process_of_all_tries_it_now_and_then() -> None:
    async def main(loop: VirtualLoop) -> Office:
        office = Office(loop, 1e9, processes=3)
        await office.open()
        await office.fill(WAITING)
        await office.clock.sleep(600.0)
        return office

    office = run(main)
    calls = office.registry.after(60.0)
    gaps = [after - before for before, after in pairwise(calls)]
    assert 540 / 30 <= len(calls) <= 540 / 25 + 1
    assert all(25.0 <= gap <= 30.0 for gap in gaps), gaps


def test_one_who_waits_alone_is_asked_within_thirty_seconds_too() -> None:
    async def main(loop: VirtualLoop) -> Office:
        office = Office(loop, 400.0)
        await office.open()
        await office.fill(1)
        await office.clock.sleep(430.0)
        return office

    assert run(main).answered() == 1


def test_a_slow_system_is_asked_once_however_long_the_line_before_it() -> None:
    """Two at a time, nine seconds each: the last waits in hand for far longer than a lease of thirty seconds."""

    async def main(loop: VirtualLoop) -> Office:
        office = Office(loop, 0.0, replace(POLICY, leases=2))
        office.registry.takes = 9.0
        await office.open()
        await office.fill(40)
        await office.clock.sleep(40 * 9.0)
        return office

    office = run(main)
    assert office.answered() == 40
    assert len(office.registry.calls) == 40


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
