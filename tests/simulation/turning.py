"""What comes at the worst moment: when a chosen word is first said the day is about to end, or somebody does something
that nobody waits for.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from deploy.sandbox.portal.acts import BESIDE, Fill, Pay, Withdraw
from deploy.sandbox.portal.driver import Portal
from deploy.sandbox.portal.errand import Errand
from services.ums_review.review import Standing
from shared.engine.decision import ALMATY
from shared.law.pilot import PILOT
from shared.law.window import renewal_window
from shared.process import IDENTITY, INTAKE, REVIEW
from tests.simulation.calendar import Calendar
from tests.simulation.luck import BOUNDARIES, CHECKS_IN, IDENTIFYING, PASSES, SIGNED, Turn
from tests.simulation.meddling import check_in, tell_of_change

LOOK_EVERY = 0.5  # seconds


@dataclass(slots=True)
class Turning:
    """Watches for the word, and turns things once."""

    calendar: Calendar
    portal: Portal

    async def work(self) -> None:
        """All turns of the luck, each when its word is said."""
        luck, house = self.calendar.house.luck, self.calendar.house
        for turn in luck.turns:
            house.loop.create_task(self._await(turn)).add_done_callback(lambda task: house.over("a turn", task))
        if luck.turn is not None:
            await self._await(luck.turn)

    async def _await(self, turn: Turn) -> None:
        house = self.calendar.house
        while house.troubled:
            await house.clock.sleep(LOOK_EVERY)
            errand = self._said_of(turn)
            if errand is None:
                continue
            house.chronicle.note("turning", f"{turn.word}: {turn.what}")
            if turn.what in BOUNDARIES:
                midnight = datetime.combine(self._last_day(turn) + timedelta(days=1), time(), ALMATY)
                self.calendar.leap_to(midnight - timedelta(seconds=turn.seconds))
            else:
                await house.clock.sleep(turn.seconds)
                self._act(turn, errand)
                if turn.what == CHECKS_IN:
                    await check_in(house, errand)
            return

    def _said_of(self, turn: Turn) -> Errand | None:
        """Of whose application the word has been said."""
        house, word = self.calendar.house, turn.word
        for errand in self.portal.errands.values():
            id = errand.application_id
            if errand.course == BESIDE or turn.course not in (None, errand.course):
                continue
            if word == SIGNED:
                if house.state(REVIEW, id).standing is Standing.SIGNED:
                    return errand
            elif word == IDENTIFYING:
                if house.state(IDENTITY, id).session_id:
                    return errand
            elif word in house.broker.said.get(str(id), ()):
                return errand
        return None

    def _act(self, turn: Turn, errand: Errand) -> None:
        house = self.calendar.house
        if turn.what == PASSES:
            self.calendar.leap_to(house.clock.now() + timedelta(seconds=turn.by))
        elif turn.what == "files again":
            again = max(1, errand.revision + 1)
            self.portal.follow(replace(errand, revision=again), (Fill(again),))
        elif turn.what == "change":
            tell_of_change(house, errand, 0)
        elif turn.what == "money" and errand.invoice is not None:
            self.portal.follow(errand, (Pay(*errand.invoice, 900),))
        elif turn.what == "gives up" and not (errand.withdrawn or errand.ended):
            self.portal.follow(replace(errand, withdrawn=True), (Withdraw(signed=True),))

    def _last_day(self, turn: Turn) -> date:
        """The day after which the law is another one; one that is over already is the day itself."""
        house = self.calendar.house
        today = house.clock.now().astimezone(ALMATY).date()
        if turn.what == "pilot":
            last = PILOT.last
        elif turn.what == "year":
            last = date(today.year, 12, 31)
        elif turn.what == "window":
            expiries = [state.expires for state in house.states(INTAKE) if state.expires is not None]
            last = min((renewal_window(each).closes for each in expiries), default=today)
        else:
            last = today
        return max(last, today)
