"""What befalls the house as a whole: restarts, broken connections, a broker that is gone, a citizen who gives up."""

from __future__ import annotations

from dataclasses import dataclass, replace

from deploy.sandbox.portal.acts import Withdraw
from deploy.sandbox.portal.driver import Portal
from shared.engine.rows import Dependency
from tests.simulation.house import BROKER, House
from tests.simulation.luck import WAYS, Gap


@dataclass(frozen=True, slots=True)
class Misfortune:
    """Each runs beside everything else, until nothing goes wrong any more."""

    house: House
    portal: Portal

    async def restarts(self) -> None:
        house = self.house
        while house.luck.restarts:
            await house.clock.sleep(house.chance.expovariate(1 / house.luck.restarts))
            if not house.troubled:
                return
            if house.alive:
                house.loop.create_task(house.restart(house.chance.choice(list(house.alive))))

    async def cuts(self) -> None:
        house = self.house
        while house.luck.cut:
            await house.clock.sleep(house.chance.expovariate(1 / house.luck.cut))
            if not house.troubled:
                return
            house.chronicle.note(BROKER, "closes every connection")
            house.broker.disconnect()

    async def gaps(self) -> None:
        house = self.house
        for gap in house.luck.gaps:
            if gap.of in WAYS:
                house.loop.create_task(self._without_a_way(gap))
            if gap.of != BROKER:
                continue
            await house.clock.sleep(gap.since)
            house.chronicle.note(BROKER, "goes down")
            house.broker.go_down()
            await house.clock.sleep(gap.until - gap.since)
            house.chronicle.note(BROKER, "is up again")
            house.broker.come_up()

    async def _without_a_way(self, gap: Gap) -> None:
        """Operations switch ПЭП or the mobile app off, and on again (p.12)."""
        rows = self.house.platform.dependencies
        await self.house.clock.sleep(gap.since)
        rows[gap.of] = replace(rows.get(gap.of, Dependency(gap.of)), switched_off=True)
        await self.house.clock.sleep(gap.until - gap.since)
        rows[gap.of] = replace(rows[gap.of], switched_off=False)

    async def second_thoughts(self) -> None:
        """The citizen signs the withdrawal, and goes on as if nothing were: what comes first must win."""
        house, portal = self.house, self.portal
        if house.luck.changes_mind is None:
            return
        await house.clock.sleep(house.luck.changes_mind)
        for errand in list(portal.errands.values())[:1]:
            shown = portal.boards[errand.application_id].history
            opened = shown and errand.persona.ending is not None
            if opened and not errand.ended and not errand.withdrawn and house.troubled:
                portal.follow(replace(errand, withdrawn=True), (Withdraw(signed=True),))
