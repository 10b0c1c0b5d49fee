"""Days pass: when everybody waits for the business clock, it leaps to the next moment that anything waits for."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, time, timedelta

from deploy.sandbox.portal.driver import Portal
from shared.engine.decision import ALMATY
from shared.engine.rows import Due
from shared.process import NOTIFICATION, PAYMENT
from tests.simulation.actors import CallBacks, People
from tests.simulation.house import House

LOOK_EVERY = 5.0  # seconds
LOOKS = 3
"""How often nothing is to be done before all is over."""
SOON = 46.0
"""Seconds of machine time: an ask that failed comes again within them."""
LOOKED = ("follow-refund", "inquire-invoice", "step-overdue", "reconcile-daily")
"""Rows that come again and again by themselves, or only remind."""
SECOND_LOOK = "tidy-talons"
"""What may have come to pass late is looked for minutes later."""
ENDING = "tell-ending"
DAY = timedelta(days=1)
MOST_ROUNDS, ROUND = 3, 400.0  # seconds of machine time until a day's comparison is over
HORIZON = timedelta(days=400)
HURRY = (*(timedelta(minutes=m) for m in (4, 11, 180)), *(timedelta(days=d) for d in (1, 3, 40)))
MOST_SECONDS = 3 * 3600.0
MOST_TURNS = 60_000
UNAWAITED = ("remove-images",)
"""Done when its day comes anyway; nobody's story waits for it."""


@dataclass(slots=True)
class Calendar:
    """`over` when nothing waits any more; `why` when it had to be stopped before."""

    house: House
    portal: Portal
    people: People
    callbacks: CallBacks
    leaps: int = 0
    why: str = ""
    rounds: int = 0
    """Days that were waited for the daily round, because a receipt was never called back."""
    leapt_at: datetime = field(init=False)

    def __post_init__(self) -> None:
        self.leapt_at = self.house.clock.now()

    async def pass_by(self) -> None:
        """Until the end."""
        clock, start, quiet = self.house.clock, self.house.clock.now(), 0
        while True:
            await clock.sleep(LOOK_EVERY)
            if self.house.troubled:
                start = clock.now()
            if self.house.chronicle.broken:
                return
            if clock.monotonic() > MOST_SECONDS or self.house.loop.turns > MOST_TURNS:
                self.why = "it does not come to rest"
                return
            if self.busy():
                quiet = 0
                continue
            quiet += 1
            then = self._next()
            if then is None and self.rounds < MOST_ROUNDS and self._money_is_missed():
                self.rounds += 1
                tomorrow = clock.now().astimezone(ALMATY).date() + DAY
                self._leap(datetime.combine(tomorrow, time(12), ALMATY))
                await clock.sleep(ROUND)
                continue
            if then is None:
                if quiet < LOOKS or self._ending_untold():
                    continue  # somebody may not have seen yet what there is to do
                return
            if then - start > HORIZON:
                self.why = "something waits beyond the horizon"
                return
            self._leap(then)
            quiet = 0

    def _money_is_missed(self) -> bool:
        """A receipt that nobody told of is found by the comparison of the day."""
        house = self.house
        known = {one.receipt_id for invoice in house.states(PAYMENT) for one in invoice.receipts}
        return bool(house.luck.forgotten) and not house.outside.state.gateway_system.receipts.keys() <= known

    def _ending_untold(self) -> bool:
        """An ending waits a minute for what led to it, and is told then."""
        house = self.house
        waiting = [held.row for held in house.tables[NOTIFICATION].due.values() if held.row.name == ENDING]
        return any(house.state(NOTIFICATION, row.application_id).ended is None for row in waiting)

    async def hurry(self) -> None:
        """While anything may go wrong time leaps, whoever is at work."""
        house = self.house
        while house.luck.leaps and house.troubled:
            await house.clock.sleep(house.chance.expovariate(1 / 30))
            self._leap(house.clock.now() + house.chance.choice(HURRY))

    def busy(self) -> str:
        """What still goes on by itself; empty when everybody waits for the business clock."""
        house = self.house
        if not house.whole or not house.broker.at_rest or any(t.outbox for t in house.tables.values()):
            return "messages"
        if self.portal.in_hand or self.callbacks.open or self.people.waits:
            return "people"
        if house.outside.any_down or house.outside.on_the_way:
            return "people"
        machine, business = house.clock.machine_now(), house.clock.now()
        for tables in house.tables.values():
            for held in tables.due.values():
                row: Due = held.row
                if row.clock == "business":
                    if row.due_at <= business:
                        return row.name
                elif row.name == SECOND_LOOK and house.luck.late_effects:
                    return row.name
                elif row.name in LOOKED:
                    if row.name == "follow-refund" and datetime.fromisoformat(row.headers["said-at"]) < self.leapt_at:
                        return row.name
                elif (row.due_at - machine).total_seconds() < SOON:
                    return row.name
        return ""

    def _next(self) -> datetime | None:
        rows = [held.row for tables in self.house.tables.values() for held in tables.due.values()]
        moments = [row.due_at for row in rows if row.clock == "business" and row.name not in UNAWAITED]
        owed = self.house.outside.state.next_at()
        if owed is not None:
            moments.append(owed)
        if any(row.name == "follow-refund" for row in rows):
            moments.append(self.house.clock.now() + DAY)
        return min(moments, default=None)

    def leap_to(self, then: datetime) -> None:
        """At once, whoever is at work."""
        self._leap(then)

    def _leap(self, then: datetime) -> None:
        now = self.house.clock.now()
        late = timedelta(seconds=self.house.chance.random() * 2)
        self.house.platform.offset += max(timedelta(), then - now) + late
        self.leapt_at = self.house.clock.now()
        self.leaps += 1
        for incarnation in self.house.alive.values():
            incarnation.engine.wake()
        self.house.chronicle.note("calendar", f"leaps to {self.leapt_at:%Y-%m-%d %H:%M:%S}")
