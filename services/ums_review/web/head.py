"""The head's page: the region's workload and ages, who decided what, why applications are annulled, reassigning."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from services.ums_review import acts
from services.ums_review.gateway import DECIDERS
from services.ums_review.review import Review
from services.ums_review.web import chart
from services.ums_review.web.console import HOME, Console, Page
from services.ums_review.web.exports import moment, table
from services.ums_review.web.tallies import LISTED, Annulled, Held, Tallies, at_risk, workload_of
from shared.contracts.base import Sealed
from shared.contracts.ums_review import AnnulmentGround
from shared.engine.decision import ALMATY
from shared.law.reasons import GROUND_TEXTS, REASONS
from shared.law.regions import REGIONS
from shared.web.languages import language_of
from shared.web.officers import Account, Role, officer_of
from shared.web.pages import Form
from shared.web.problems import unprocessable

HEAD: Final = f"{HOME}/head"
HEADS: Final = (Role.HEAD,)
WEEKS: Final = (4, 8, 26)
MOST_AT_ONCE: Final = 50
NOBODY: Final = "-"
GROUNDS: Final = tuple(ground.value for ground in AnnulmentGround)


@dataclass(frozen=True, slots=True)
class HeadPages:
    console: Console
    tallies: Tallies

    def pages(self) -> tuple[Page, ...]:
        return (
            Page("GET", HEAD, self.head, HEADS),
            Page("POST", f"{HEAD}/reassign", self.reassign, HEADS),
            Page("GET", f"{HEAD}/cases.csv", self.cases_csv, HEADS),
            Page("GET", f"{HEAD}/officers.csv", self.officers_csv, HEADS),
            Page("GET", f"{HEAD}/reasons.csv", self.reasons_csv, HEADS),
        )

    async def head(self, request: Request) -> Response:
        """`?weeks=8` is the period of what was decided; `?only=risk` leaves the cases whose term is at risk."""
        officer, weeks = officer_of(request), _weeks(request)
        cases, annulled = await self._waiting(request), await self._annulled(request)
        decided = await self.tallies.decided(officer.region, *self._period(weeks))
        risk, today = request.query_params.get("only") == "risk", self._today()
        shown = at_risk(cases, today) if risk else cases
        moved = request.query_params.get("moved", "")
        return self.console.show(
            request, "head.html",
            region=REGIONS[officer.region], today=today, weeks=weeks, usual=WEEKS, risk=risk,
            load=workload_of(cases, today),
            cases=shown[:LISTED], decided=decided, officers=self._officers(officer.region),
            columns=chart.columns(_by_week(annulled, *self._mondays(weeks)), GROUNDS), width=chart.WIDTH,
            height=chart.HEIGHT, grounds=_grounds(language_of(request)), reasons=_summed(annulled), texts=REASONS,
            moved=int(moved) if moved.isdecimal() and len(moved) < 4 else None,
            kept=request.query_params.get("kept", ""), nobody=NOBODY,
            second_eyes=await self.tallies.second_eyes(officer.region),
            barred=await self.tallies.barred(officer.region, self.console.room.index_of(officer)),
        )  # fmt: skip

    async def reassign(self, request: Request) -> Response:
        """Each case by an act of its own, judged and on record alone; what could not be moved is told."""
        form = await self.console.form(request, "reassign-review")
        room, officer = self.console.room, officer_of(request)
        cases, to, reason = _reassigned(form)
        holder = next((each for each in self._officers(officer.region) if each.id == to), None)
        if holder is None and to != NOBODY:
            raise unprocessable({"field": "to", "problem": "missing"})
        known = [id for id in cases if await self._reviewed(id)]
        head = {"to": None, "to_index": None, "reason": Sealed(reason), **room.signs(request)}
        if holder is not None:
            head.update(to=holder.id, to_index=room.index_of(holder), to_address=holder.address_index)
        orders = (acts.ReassignReview(application_id=id, **head) for id in known)
        replies = await asyncio.gather(*(room.act(order) for order in orders))
        moved = sum(not isinstance(reply, acts.Refusal) for reply in replies)
        return self.console.to(f"/head?moved={moved}&kept={len(cases) - moved}")

    async def cases_csv(self, request: Request) -> Response:
        rows = (
            (c.talon, c.round, c.submitted_on, moment(c.queued_at), c.due_on, c.warned, c.standing, c.holder, c.code)
            for c in await self._waiting(request)
        )
        head = ("talon", "round", "submitted_on", "in_review_since", "due_on", "warned_percent", "standing", "officer",
                "documentation_code")  # fmt: skip
        return table("cases", head, rows)

    async def officers_csv(self, request: Request) -> Response:
        decided = await self.tallies.decided(officer_of(request).region, *self._period(_weeks(request)))
        rows = ((d.officer_id, d.approved, d.annulled, d.overturned, f"{d.rate:.1f}") for d in decided)
        return table("officers", ("officer", "approved", "annulled", "overturned", "overturned_percent"), rows)

    async def reasons_csv(self, request: Request) -> Response:
        rows = ((each.week, each.ground, each.reason, each.times) for each in await self._annulled(request))
        return table("reasons", ("week", "ground", "reason", "times"), rows)

    async def _waiting(self, request: Request) -> Sequence[Held]:
        room, officer = self.console.room, officer_of(request)
        return await self.tallies.waiting(officer.region, room.index_of(officer), room.clock.machine_now())

    async def _annulled(self, request: Request) -> Sequence[Annulled]:
        return await self.tallies.annulled(officer_of(request).region, *self._period(_weeks(request)))

    async def _reviewed(self, id: UUID) -> bool:
        """Whether such a case was ever under review; nothing is made of an id that was never heard of."""
        review: Review | None = await self.console.room.engine.read(id)
        return review is not None and review.round > 0

    def _officers(self, region: str) -> list[Account]:
        """Who may decide in the region."""
        known = self.console.room.officers.all()
        return sorted((a for a in known if a.region == region and a.roles & set(DECIDERS)), key=lambda a: a.id)

    def _today(self) -> date:
        return self.console.room.clock.now().astimezone(ALMATY).date()

    def _mondays(self, weeks: int) -> tuple[date, ...]:
        this = self._today() - timedelta(days=self._today().weekday())
        return tuple(this - timedelta(weeks=back) for back in reversed(range(weeks)))

    def _period(self, weeks: int) -> tuple[datetime, datetime]:
        """Whole weeks of Almaty, this one among them."""
        first = datetime.combine(self._mondays(weeks)[0], time(), ALMATY)
        return first, first + timedelta(weeks=weeks)


def _weeks(request: Request) -> int:
    text = request.query_params.get("weeks", str(WEEKS[1]))
    if not (text.isascii() and text.isdecimal() and 1 <= int(text[:3]) <= 53):
        raise unprocessable({"field": "weeks", "problem": "out_of_range"})
    return int(text[:3])


def _reassigned(form: Form) -> tuple[list[UUID], str, str]:
    """The cases, the new holder and the reason. Raises `Problem` 422 with everything that is missing."""
    cases, reason, faults = [], form.get("reason", "").strip(), []
    try:
        cases = [*dict.fromkeys(UUID(value) for value in form.all("case"))]
    except ValueError:
        cases = []
    if not 0 < len(cases) <= MOST_AT_ONCE:
        faults.append({"field": "case", "problem": "cases_missing"})
    if not 0 < len(reason) <= 2000:
        faults.append({"field": "reason_of_moving", "problem": "missing"})
    if not form.get("to"):
        faults.append({"field": "to", "problem": "missing"})
    if faults:
        raise unprocessable(*faults)
    return cases, form["to"], reason


def _by_week(annulled: Iterable[Annulled], *mondays: date) -> list[tuple[str, dict[str, int]]]:
    """For each week how often each ground had a reason."""
    found: dict[date, dict[str, int]] = {monday: {} for monday in mondays}
    for each in annulled:
        week = found.setdefault(each.week, {})
        week[each.ground] = week.get(each.ground, 0) + each.times
    return [(f"{monday:%d.%m}", counts) for monday, counts in sorted(found.items())]


def _summed(annulled: Iterable[Annulled]) -> list[tuple[str, str, int]]:
    """Reasons of the whole period with their ground, the most frequent first."""
    found: dict[tuple[str, str], int] = {}
    for each in annulled:
        key = (each.ground, each.reason)
        found[key] = found.get(key, 0) + each.times
    return sorted(((*key, times) for key, times in found.items()), key=lambda row: (-row[2], row[1]))


def _grounds(language: str) -> dict[str, str]:
    return {ground.value: ru if language == "ru" else kk for ground, (ru, kk) in GROUND_TEXTS.items()}
