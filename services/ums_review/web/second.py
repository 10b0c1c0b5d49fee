"""The second pair of eyes: decisions that wait for it, the look, and the head's switch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from services.ums_review import acts
from services.ums_review.desk import case_id
from services.ums_review.web.console import CASE, HOME, Console, Page
from services.ums_review.web.head import HEAD, HEADS
from services.ums_review.web.tallies import Tallies
from shared.contracts.base import Sealed
from shared.law.reasons import texts_of
from shared.web.forgeries import house_of
from shared.web.languages import language_of
from shared.web.officers import officer_of
from shared.web.problems import Problem, unprocessable

SECOND: Final = f"{HOME}/second"


@dataclass(frozen=True, slots=True)
class SecondPages:
    console: Console
    tallies: Tallies

    def pages(self) -> tuple[Page, ...]:
        return (
            Page("GET", SECOND, self.waiting),
            Page("GET", f"{CASE}/second", self.look),
            Page("POST", f"{CASE}/second", self.answer),
            Page("POST", f"{HEAD}/second-eyes", self.switch, HEADS),
        )

    async def waiting(self, request: Request) -> Response:
        officer, room = officer_of(request), self.console.room
        held = await self.tallies.held(officer.region, room.index_of(officer))
        return self.console.show(
            request, "second.html", held=held, wanted=await self.tallies.second_eyes(officer.region),
            done="done" in request.query_params,
        )  # fmt: skip

    async def look(self, request: Request) -> Response:
        """What was decided and what the citizen would read; the case itself is a link away."""
        review, language = await self.console.case(request, "view-decision"), language_of(request)
        verdict = review.verdict
        if verdict is None or not verdict.held:
            raise Problem(409, "It stands otherwise", code="NO_SUCH_DECISION")
        lines = texts_of(verdict.ground, verdict.reasons, language) if verdict.ground else ()
        return self.console.show(
            request, "second_look.html", id=review.application_id, talon=review.talon, verdict=verdict, lines=lines,
            own=verdict.officer_id == officer_of(request).id,
        )  # fmt: skip

    async def answer(self, request: Request) -> Response:
        form, room = await self.console.form(request, "second-decision"), self.console.room
        await self.console.case(request, "second-decision")
        agrees, reason = form.get("agrees", ""), form.get("reason", "").strip()[:2000]
        if agrees not in ("yes", "no") or (agrees == "no" and not reason):
            raise unprocessable({"field": "second_reason" if agrees == "no" else "agrees", "problem": "missing"})
        act = acts.SecondDecision(
            application_id=case_id(request), decision_id=form.get("decision_id", ""), agrees=agrees == "yes",
            reason=Sealed(reason) if reason else None, **room.signs(request),
        )  # fmt: skip
        await room.done(act)
        return self.console.to("/second?done=1")

    async def switch(self, request: Request) -> Response:
        form, room = await self.console.form(request, "switch-second-eyes"), self.console.room
        if form.get("wanted") not in ("1", "0"):
            raise unprocessable({"field": "wanted", "problem": "missing"})
        house = house_of(room.engine.context.service.name)
        await room.done(
            acts.SwitchSecondEyes(application_id=house, wanted=form["wanted"] == "1", **room.signs(request))
        )
        return self.console.to("/head")
