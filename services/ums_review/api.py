"""The officers' desk over HTTP: the queue, the case, the decision (S17, p.11)."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from enum import StrEnum
from typing import Final, TypeVar

from starlette.requests import Request
from starlette.responses import Response

from services.ums_review import acts, bodies, view
from services.ums_review.deciding import SIGN, payload
from services.ums_review.desk import Room, case_id
from services.ums_review.images import image, preview
from services.ums_review.review import DECIDED, Review
from services.ums_review.searching import search
from services.ums_review.store import Whose
from services.ums_review.urgency import Urgency, due_days
from shared.contracts.base import Sealed
from shared.engine.decision import ALMATY
from shared.law.calendar import working_days_between
from shared.law.reasons import REASONS
from shared.web.officers import officer_of
from shared.web.problems import unprocessable

E = TypeVar("E", bound=StrEnum)
PAGE: Final = 50
NEXT: Final = 20
"""So many cases are tried for one `next` before the queue counts as empty: others take them meanwhile."""


class Reviews:
    """The calls of an officer's desk; what they may and may not do is decided by the engine's decisions."""

    def __init__(self, room: Room) -> None:
        self._room = room

    async def list_reviews(self, request: Request) -> bodies.QueuePage:
        room, officer = self._room, officer_of(request)
        whose, page = _chosen(request, "whose", Whose) or Whose.ALL, _page(request)
        today = self._today()
        due = due_days(_chosen(request, "due", Urgency), today, room.rules.calendar)
        lines = await room.queue.list_reviews(
            officer.region, officer.id, room.index_of(officer), whose, room.clock.machine_now(), (page - 1) * PAGE,
            PAGE + 1, due, officer.address_index,
        )  # fmt: skip
        shown = tuple(
            bodies.QueueLine(
                application_id=line.application_id,
                talon=line.talon,
                round=line.round,
                due_on=line.due_on.isoformat(),
                days_left=working_days_between(today, line.due_on, room.rules.calendar),
                warned=line.warned,
                standing=line.standing,
                held_by=line.held_by,
                held_until=line.held_until.isoformat() if line.held_until else None,
                others=line.others,
                same_address=line.same_address,
            )
            for line in lines[:PAGE]
        )
        return bodies.QueuePage(region=officer.region, page=page, more=len(lines) > PAGE, reviews=shown)

    async def search(self, request: Request, body: bodies.CaseWanted) -> bodies.CasesFound:
        """In the body, so that no IIN and no name stands in an address."""
        found = await search(self._room, request, body.wanted)
        bearers = found.bearers or (None,) * len(found.cases)
        cases = tuple(
            bodies.CaseFound(**asdict(case), **(asdict(bearer) if bearer else {}))
            for case, bearer in zip(found.cases, bearers, strict=True)
        )
        return bodies.CasesFound(by=found.by, more=found.more, cases=cases)

    async def take_next(self, request: Request) -> view.TakenCase | None:
        """The most urgent case that nobody holds; nothing (204) when there is none."""
        room, officer = self._room, officer_of(request)
        lines = await room.queue.list_reviews(
            officer.region, officer.id, room.index_of(officer), Whose.UNASSIGNED, room.clock.machine_now(), 0, NEXT,
            address=officer.address_index,
        )  # fmt: skip
        for line in (line for line in lines if not line.same_address):
            reply = await room.act(acts.TakeReview(application_id=line.application_id, **room.signs(request)))
            if isinstance(reply, acts.Leased):
                return self._taken(await room.engine.read(line.application_id), reply)
        return None

    async def take(self, request: Request) -> view.TakenCase:
        await self._room.review(request)
        lease = await self._room.done(acts.TakeReview(application_id=case_id(request), **self._room.signs(request)))
        return self._taken(await self._room.review(request), lease)

    async def extend(self, request: Request, body: bodies.LeaseHeld) -> view.Lease:
        await self._room.review(request)
        act = acts.ExtendLease(
            application_id=case_id(request), lease_token=body.lease_token, **self._room.signs(request)
        )
        lease: acts.Leased = await self._room.done(act)
        return view.Lease(lease_token=lease.token, until=lease.until)

    async def give_back(self, request: Request, body: bodies.CaseGivenBack) -> None:
        await self._room.review(request)
        act = acts.GiveBack(
            application_id=case_id(request), lease_token=body.lease_token, reason=Sealed(body.reason),
            **self._room.signs(request),
        )  # fmt: skip
        await self._room.done(act)

    async def show(self, request: Request) -> view.Case:
        review = await self._room.review(request)
        await self._look(request, acts.Viewed.CASE)
        address = officer_of(request).address_index
        return view.case_of(review, self._today(), self._room.rules.calendar, address)

    async def photo(self, request: Request) -> Response:
        review = await self._room.review(request)
        await self._look(request, acts.Viewed.PHOTO)
        assert review.form
        return await image(self._room.objects, review.form.photo)

    async def signature_sample(self, request: Request) -> Response:
        review = await self._room.review(request)
        await self._look(request, acts.Viewed.SIGNATURE_SAMPLE)
        assert review.form
        return await image(self._room.objects, review.form.signature_sample)

    async def signature_preview(self, request: Request) -> Response:
        review = await self._room.review(request)
        await self._look(request, acts.Viewed.SIGNATURE_SAMPLE)
        assert review.form
        return await preview(self._room.objects, review.form.signature_sample)

    async def decide(self, request: Request, body: bodies.DecisionSigned) -> bodies.DecisionAccepted:
        """The ЭЦП is checked first, over what the case holds now; lease, region and round are judged at the commit."""
        room, officer = self._room, officer_of(request)
        review = await room.review(request)
        signed = payload(
            review, officer.id, body.decision, body.ground, body.reasons, body.documentation_code, body.decided_at
        )
        proof = await room.proof(request, SIGN, f"decision/{body.decision_id}", signed, body.cms)
        act = acts.SignDecision(
            application_id=review.application_id,
            decision_id=body.decision_id,
            lease_token=body.lease_token,
            round=review.round,
            choice=body.decision,
            ground=body.ground,
            reasons=body.reasons,
            note=Sealed(body.note) if body.note is not None else None,
            documentation_code=body.documentation_code,
            decided_at=body.decided_at,
            payload_sha256=signed.sha256(),
            cms=Sealed(body.cms),
            proof=proof,
            second_eyes=await room.second_eyes(officer.region),
            **room.signs(request),
        )
        accepted: acts.Signed = await room.done(act)
        stands: Review = await room.engine.read(review.application_id)
        return bodies.DecisionAccepted(
            decision_id=accepted.decision_id,
            undo_until=accepted.undo_until.isoformat(),
            confirmed=stands.standing in DECIDED,
        )

    async def undo(self, request: Request, body: bodies.DecisionUndone) -> None:
        await self._room.review(request)
        act = acts.UndoDecision(
            application_id=case_id(request), decision_id=body.decision_id, **self._room.signs(request)
        )
        await self._room.done(act)

    async def list_reasons(self, request: Request) -> bodies.ReasonsShown:
        shown = (bodies.ReasonShown(code=r.code, ground=r.ground, ru=r.ru, kk=r.kk) for r in REASONS.values())
        return bodies.ReasonsShown(reasons=tuple(shown))

    async def _look(self, request: Request, what: acts.Viewed) -> None:
        await self._room.done(acts.ViewReview(application_id=case_id(request), what=what, **self._room.signs(request)))

    def _taken(self, review: Review, lease: acts.Leased) -> view.TakenCase:
        return view.taken(review, lease, self._today(), self._room.rules.calendar)

    def _today(self) -> date:
        return self._room.clock.now().astimezone(ALMATY).date()


def _chosen(request: Request, name: str, of: type[E]) -> E | None:
    """The word of the query, if there is one. Raises `Problem` 422 for one that is not known."""
    word = request.query_params.get(name)
    try:
        return of(word) if word else None
    except ValueError:
        raise unprocessable({"field": name, "problem": "enum"}) from None


def _page(request: Request) -> int:
    page = request.query_params.get("page", "1")
    if not (page.isascii() and page.isdecimal() and 1 <= int(page[:6]) <= 10_000):
        raise unprocessable({"field": "page", "problem": "out_of_range"})
    return int(page[:6])
