"""The second pair of eyes: decisions that wait for it, the look, and the head's switch."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Final

from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response

from services.ums_review import acts, bodies
from services.ums_review.desk import problem_of
from services.ums_review.second_looks import SecondLooks
from services.ums_review.seconding import SECOND as SECOND_WORD
from services.ums_review.web.console import CASE, HOME, Console, Page
from services.ums_review.web.head import HEAD, HEADS
from shared.law.reasons import texts_of
from shared.web.forgeries import house_of
from shared.web.languages import language_of
from shared.web.officer_keys import moment_in, moment_of, to_sign
from shared.web.officers import officer_of
from shared.web.pages import Form
from shared.web.problems import Problem, invalid, unprocessable

SECOND: Final = f"{HOME}/second"


@dataclass(frozen=True, slots=True)
class SecondPages:
    console: Console
    looks: SecondLooks

    def pages(self) -> tuple[Page, ...]:
        return (
            Page("GET", SECOND, self.waiting),
            Page("GET", f"{CASE}/second", self.look),
            Page("POST", f"{CASE}/second/text", self.text),
            Page("POST", f"{CASE}/second", self.answer),
            Page("POST", f"{HEAD}/second-eyes", self.switch, HEADS),
        )

    async def waiting(self, request: Request) -> Response:
        held = await self.looks.list_held(request)
        return self.console.show(request, "second.html", listed=held, done="done" in request.query_params)

    async def look(self, request: Request) -> Response:
        """What was decided and what the citizen would read; the case itself is a link away."""
        review, language = await self.console.case(request, "view-decision"), language_of(request)
        verdict, officer = review.verdict, officer_of(request)
        if verdict is None or not verdict.held:
            raise Problem(409, "It stands otherwise", code="NO_SUCH_DECISION")
        lines = texts_of(verdict.ground, verdict.reasons, language) if verdict.ground else ()
        return self.console.show(
            request, "second_look.html", id=review.application_id, talon=review.talon, verdict=verdict, lines=lines,
            own=verdict.officer_id == officer.id, same_address=review.is_home_of(officer.address_index),
            ncalayer=self.console.keys.by_browser(officer),
        )  # fmt: skip

    async def text(self, request: Request) -> Response:
        """The canonical word at this moment, for the officer's own key."""
        form = await self.console.form(request, SECOND_WORD)
        review, moment = await self.console.case(request, SECOND_WORD), moment_of(self.console.room.clock.now())
        covered = self.looks.covered(request, review, _stated(form), moment)
        if covered is None:
            raise problem_of(acts.Code.NO_SUCH_DECISION)
        return to_sign(self.console.site, covered.canonical(), moment)

    async def answer(self, request: Request) -> Response:
        """Signed with the officer's key over the canonical word, then said as behind the API."""
        console = self.console
        form, review = await console.form(request, SECOND_WORD), await console.case(request, SECOND_WORD)
        stated, moment = _stated(form), moment_in(form, console.room.clock.now())
        cms = partial(console.keys.cms, form, officer_of(request), moment=moment)
        await self.looks.answer(request, review, stated, moment, cms)
        return console.to("/second?done=1")

    async def switch(self, request: Request) -> Response:
        form, room = await self.console.form(request, "switch-second-eyes"), self.console.room
        if form.get("wanted") not in ("1", "0"):
            raise unprocessable({"field": "wanted", "problem": "missing"})
        house = house_of(room.engine.context.service.name)
        await room.done(
            acts.SwitchSecondEyes(application_id=house, wanted=form["wanted"] == "1", **room.signs(request))
        )
        return self.console.to("/head")


def _stated(form: Form) -> bodies.SecondWordStated:
    """Whether the officer agrees, and why not. Raises `Problem` 422 for what is missing."""
    agrees, reason = form.get("agrees", ""), form.get("reason", "").strip()[:2000]
    if agrees not in ("yes", "no") or (agrees == "no" and not reason):
        raise unprocessable({"field": "second_reason" if agrees == "no" else "agrees", "problem": "missing"})
    try:
        return bodies.SecondWordStated(
            decision_id=form.get("decision_id", ""), agrees=agrees == "yes", reason=reason or None
        )
    except ValidationError as error:
        raise invalid(error) from None
