"""The second officer's calls: the decisions of the region that wait for one, and the signed word on one of them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from starlette.requests import Request

from services.ums_review import acts, bodies
from services.ums_review.desk import Room
from services.ums_review.review import Review
from services.ums_review.seconding import SECOND, payload
from shared.contracts.base import Sealed
from shared.security.canonical import CanonicalSecondWord
from shared.web.officers import officer_of


@dataclass(frozen=True, slots=True)
class SecondLooks:
    """For the pages as for the API; what may be said of which decision is judged by `seconding.second`."""

    room: Room

    async def list_held(self, request: Request) -> bodies.HeldDecisions:
        officer = officer_of(request)
        held = await self.room.held(officer.region, self.room.index_of(officer))
        lines = tuple(
            bodies.HeldDecision(
                application_id=each.application_id, talon=each.talon, officer_id=each.officer_id, due_on=each.due_on
            )
            for each in held
        )
        wanted = await self.room.second_eyes(officer.region)
        return bodies.HeldDecisions(region=officer.region, second_eyes=wanted, decisions=lines)

    async def say(self, request: Request, body: bodies.SecondWordSigned) -> bodies.SecondWordTaken:
        """The same word again gets the same answer."""

        async def brought(_: bytes) -> str:
            return body.cms

        review = await self.room.review(request)
        await self.answer(request, review, body, body.decided_at, brought)
        stands: Review = await self.room.engine.read(review.application_id)
        verdict = stands.verdict if body.agrees else None
        until = verdict.undo_until if verdict and verdict.decision_id == body.decision_id else None
        return bodies.SecondWordTaken(
            decision_id=body.decision_id, agrees=body.agrees, undo_until=until.isoformat() if until else None
        )

    def covered(
        self, request: Request, review: Review, stated: bodies.SecondWordStated, moment: datetime
    ) -> CanonicalSecondWord | None:
        """What the officer's CMS covers; nothing when the decision that was looked at does not stand any more."""
        verdict = review.verdict
        if verdict is None or verdict.decision_id != stated.decision_id:
            return None
        return payload(review, verdict, officer_of(request).id, moment, agrees=stated.agrees, reason=stated.reason)

    async def answer(
        self, request: Request, review: Review, stated: bodies.SecondWordStated, moment: datetime,
        cms: Callable[[bytes], Awaitable[str]],
    ) -> None:  # fmt: skip
        """`cms` gives the signature over the canonical word; of a decision that is gone nothing needs signing.

        Raises `Problem`: of a signature that does not hold, or what the refusal of the word is.
        """
        room, proof = self.room, None
        covered = self.covered(request, review, stated, moment)
        if covered is not None:
            signed = await cms(covered.canonical())
            proof = await room.proof(request, SECOND, f"second/{stated.decision_id}", covered, signed)
        act = acts.SecondDecision(
            application_id=review.application_id, decision_id=stated.decision_id, agrees=stated.agrees,
            reason=Sealed(stated.reason) if stated.reason else None, decided_at=moment, proof=proof,
            **room.signs(request),
        )  # fmt: skip
        await room.done(act)
