"""The second pair of eyes: decisions that wait for it, the look, and the head's switch."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from services.ums_review import acts
from services.ums_review.desk import problem_of
from services.ums_review.review import Review
from services.ums_review.seconding import SECOND as SECOND_WORD
from services.ums_review.seconding import payload
from services.ums_review.web.console import CASE, HOME, Console, Page
from services.ums_review.web.head import HEAD, HEADS
from services.ums_review.web.tallies import Tallies
from shared.contracts.base import Sealed
from shared.law.reasons import texts_of
from shared.security.canonical import CanonicalSecondWord
from shared.web.forgeries import house_of
from shared.web.languages import language_of
from shared.web.officer_keys import moment_in, moment_of, to_sign
from shared.web.officers import officer_of
from shared.web.pages import Form
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
            Page("POST", f"{CASE}/second/text", self.text),
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
            ncalayer=self.console.keys.by_browser(officer_of(request)),
        )  # fmt: skip

    async def text(self, request: Request) -> Response:
        """The canonical word at this moment, for the officer's own key."""
        form = await self.console.form(request, SECOND_WORD)
        review, moment = await self.console.case(request, SECOND_WORD), moment_of(self.console.room.clock.now())
        covered = _covered(request, review, form, moment)
        if covered is None:
            raise problem_of(acts.Code.NO_SUCH_DECISION)
        return to_sign(self.console.site, covered.canonical(), moment)

    async def answer(self, request: Request) -> Response:
        """Signed with the officer's key over the canonical word; of a decision that is gone nothing needs signing."""
        console, room, officer = self.console, self.console.room, officer_of(request)
        form, review = await console.form(request, SECOND_WORD), await console.case(request, SECOND_WORD)
        moment, proof = moment_in(form, room.clock.now()), None
        agrees, reason = _word(form)
        covered, id = _covered(request, review, form, moment), form.get("decision_id", "")
        if covered is not None:
            cms = await console.keys.cms(form, officer, covered.canonical(), moment)
            proof = await room.proof(request, SECOND_WORD, f"second/{id}", covered, moment, cms)
        act = acts.SecondDecision(
            application_id=review.application_id, decision_id=id, agrees=agrees,
            reason=Sealed(reason) if reason else None, decided_at=moment, proof=proof,
            **room.signs(request),
        )  # fmt: skip
        await room.done(act)
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


def _word(form: Form) -> tuple[bool, str | None]:
    """Whether the officer agrees, and why not. Raises `Problem` 422 for what is missing."""
    agrees, reason = form.get("agrees", ""), form.get("reason", "").strip()[:2000]
    if agrees not in ("yes", "no") or (agrees == "no" and not reason):
        raise unprocessable({"field": "second_reason" if agrees == "no" else "agrees", "problem": "missing"})
    return agrees == "yes", reason or None


def _covered(request: Request, review: Review, form: Form, moment: datetime) -> CanonicalSecondWord | None:
    """What the officer's CMS covers; nothing when the decision that was looked at does not stand any more."""
    agrees, reason = _word(form)
    verdict = review.verdict
    if verdict is None or verdict.decision_id != form.get("decision_id"):
        return None
    return payload(review, verdict, officer_of(request).id, moment, agrees=agrees, reason=reason)
