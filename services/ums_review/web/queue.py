"""The queue of the officer's region by urgency, and the ways to take a case or give it back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response

from services.ums_review import bodies
from services.ums_review.desk import case_id
from services.ums_review.gateway import DECIDERS
from services.ums_review.urgency import Urgency, urgency_of
from services.ums_review.web.audit import AUDITORS
from services.ums_review.web.console import CASE, HOME, Console, Page
from services.ums_review.web.lookups import MOST
from shared.engine.decision import ALMATY
from shared.law.regions import REGIONS
from shared.web.officers import officer_of
from shared.web.problems import invalid


@dataclass(frozen=True, slots=True)
class Group:
    """Lines of the same urgency."""

    name: Urgency
    lines: tuple[bodies.QueueLine, ...]


def grouped(lines: Iterable[bodies.QueueLine], today: date) -> list[Group]:
    """The most urgent first; a group without a line is left out."""
    found: dict[Urgency, list[bodies.QueueLine]] = {urgency: [] for urgency in Urgency}
    for line in lines:
        found[urgency_of(date.fromisoformat(line.due_on), line.days_left, today)].append(line)
    return [Group(name, tuple(chosen)) for name, chosen in found.items() if chosen]


@dataclass(frozen=True, slots=True)
class QueuePages:
    console: Console

    def pages(self) -> tuple[Page, ...]:
        return (
            Page("GET", HOME, self.queue, (*DECIDERS, *AUDITORS)),
            Page("GET", f"{HOME}/counts", self.counts, quiet=True),
            Page("POST", f"{HOME}/next", self.take_next),
            Page("POST", f"{CASE}/take", self.take),
            Page("POST", f"{CASE}/extend", self.extend),
            Page("POST", f"{CASE}/give-back", self.give_back),
        )

    async def queue(self, request: Request) -> Response:
        """`?whose=mine|unassigned|all&due=overdue|soon|in-time&page=1`. Who decides nothing is led to the record."""
        console, officer, room = self.console, officer_of(request), self.console.room
        if not officer.roles & set(DECIDERS):
            return console.to("/audit")
        listed = await console.reviews.list_reviews(request)
        return console.show(
            request, "queue.html",
            groups=grouped(listed.reviews, room.clock.now().astimezone(ALMATY).date()),
            **await self._counts(request), page=listed.page, more=listed.more, empty="empty" in request.query_params,
            given_back="given-back" in request.query_params, region=REGIONS[officer.region],
            days=date.fromisoformat, moments=datetime.fromisoformat,
        )  # fmt: skip

    async def counts(self, request: Request) -> Response:
        """Only the counts, for a page that was told that they are others, or asks again and again."""
        return self.console.show(request, "counts.html", **await self._counts(request))

    async def _counts(self, request: Request) -> dict[str, Any]:
        officer, room, asked = officer_of(request), self.console.room, request.query_params
        index, now = room.index_of(officer), room.clock.machine_now()
        counts = await self.console.lookups.counts(officer.region, officer.id, index, now)
        return {"counts": counts, "most": MOST, "whose": asked.get("whose") or "all", "due": asked.get("due") or ""}

    async def take_next(self, request: Request) -> Response:
        await self.console.form(request, "take-review")
        taken = await self.console.reviews.take_next(request)
        return self.console.to(f"/cases/{taken.case.application_id}" if taken else "?whose=unassigned&empty=1")

    async def take(self, request: Request) -> Response:
        await self.console.form(request, "take-review")
        await self.console.reviews.take(request)
        return self.console.to(f"/cases/{case_id(request)}")

    async def extend(self, request: Request) -> Response:
        """From a page with a script the new time alone is answered."""
        form = await self.console.form(request, "extend-lease")
        try:
            held = bodies.LeaseHeld(lease_token=form.get("lease_token", ""))
        except ValidationError as error:
            raise invalid(error) from None
        await self.console.reviews.extend(request, held)
        script = request.headers.get("hx-request") == "true"
        return self.console.to(f"/cases/{case_id(request)}{'/lease' if script else ''}")

    async def give_back(self, request: Request) -> Response:
        form = await self.console.form(request, "give-back")
        try:
            back = bodies.CaseGivenBack(lease_token=form.get("lease_token", ""), reason=form.get("reason", "").strip())
        except ValidationError as error:
            raise invalid(error) from None
        await self.console.reviews.give_back(request, back)
        return self.console.to("?whose=unassigned&given-back=1")
