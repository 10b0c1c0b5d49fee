"""The console's pages as data: for every address the method, the handler and the roles that may use it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute

from services.ums_review.acts import Viewed, ViewReview
from services.ums_review.api import Reviews
from services.ums_review.desk import Room, problem_of
from services.ums_review.gateway import DECIDERS
from services.ums_review.leases import stranger
from services.ums_review.review import Review
from services.ums_review.web.live import Live
from services.ums_review.web.lookups import Lookups
from shared.web import parts
from shared.web.gate import Gate
from shared.web.officer_keys import OfficerKeys
from shared.web.officers import Account, Role
from shared.web.pages import Form
from shared.web.parts import routes_behind
from shared.web.problems import Problem
from shared.web.site import Site

HERE: Final = Path(__file__).parent
HOME: Final = "/console"
CASE: Final = f"{HOME}/cases/{{id:uuid}}"


@dataclass(frozen=True, slots=True)
class Page(parts.Page):
    """One address, for who decides unless it says otherwise."""

    roles: tuple[Role, ...] = DECIDERS


@dataclass(frozen=True, slots=True)
class Console:
    """What the pages work with; what officers may do is judged by the same acts as behind the API."""

    room: Room
    reviews: Reviews
    gate: Gate
    site: Site
    lookups: Lookups
    keys: OfficerKeys
    live: Live

    async def case(self, request: Request, what: str) -> Review:
        """The case of the path, if this officer may have to do with it. Raises `Problem`, on record."""
        review = await self.room.review(request)
        looks = ViewReview(application_id=review.application_id, what=Viewed.CASE, **self.room.signs(request))
        code = stranger(review, looks)
        if code is not None:
            raise await self.room.refuse(request, what, problem_of(code), code.value)
        return review

    async def form(self, request: Request, what: str) -> Form:
        """The form of the page; one that is not ours is on record, with the case if it names one. Raises `Problem`."""
        of_case = "id" in request.path_params
        try:
            return await self.gate.form(request, recorded=not of_case)
        except Problem as problem:
            if problem.extra.get("code") == "CSRF" and of_case:
                await self.room.review(request)
                raise await self.room.refuse(request, what, problem, "CSRF") from None
            raise

    def lease_of(self, review: Review, officer: Account) -> str | None:
        """The token of the lease by which this officer holds the case now."""
        now, token = self.room.clock.machine_now(), review.lease_token
        return token if token is not None and review.held_by(officer.id, token, now) else None

    def show(self, request: Request, template: str, status: int = 200, **shown: Any) -> Response:
        return self.site.page(request, template, status, **shown)

    def to(self, path: str = "") -> Response:
        """What was sent is done: look there."""
        return RedirectResponse(f"{HOME}{path}", 303, self.site.headers)


def console_routes(console: Console, pages: tuple[Page, ...]) -> list[BaseRoute]:
    """One route per address, then the door."""
    return routes_behind(console.gate, pages)
