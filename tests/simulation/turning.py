"""Days that end at the worst moment: when a chosen word is first said, the clock leaps to seconds before a boundary."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from shared.engine.decision import ALMATY
from shared.law.pilot import PILOT
from shared.law.window import renewal_window
from shared.process import INTAKE
from tests.simulation.calendar import Calendar
from tests.simulation.luck import Turn

LOOK_EVERY = 0.2  # seconds


@dataclass(slots=True)
class Turning:
    """Watches for the word, and turns the clock once."""

    calendar: Calendar

    async def work(self) -> None:
        house = self.calendar.house
        turn = house.luck.turn
        while turn is not None and house.troubled:
            await house.clock.sleep(LOOK_EVERY)
            if any(turn.word in said for said in house.broker.said.values()):
                midnight = datetime.combine(self._last_day(turn) + timedelta(days=1), time(), ALMATY)
                house.chronicle.note("turning", f"{turn.word}: the {turn.boundary} is about to end")
                self.calendar.leap_to(midnight - timedelta(seconds=turn.seconds))
                return

    def _last_day(self, turn: Turn) -> date:
        """The day after which the law is another one; one that is over already is the day itself."""
        house = self.calendar.house
        today = house.clock.now().astimezone(ALMATY).date()
        if turn.boundary == "pilot":
            last = PILOT.last
        elif turn.boundary == "year":
            last = date(today.year, 12, 31)
        elif turn.boundary == "window":
            expiries = [state.expires for state in house.states(INTAKE) if state.expires is not None]
            last = min((renewal_window(each).closes for each in expiries), default=today)
        else:
            last = today
        return max(last, today)
