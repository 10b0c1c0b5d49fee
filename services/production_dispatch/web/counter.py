"""What the pages of the issue desk work with, and whom they let in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from services.production_dispatch.api import Counter
from services.production_dispatch.office import Office
from services.production_dispatch.web.lookups import Lookups
from shared.engine.decision import ALMATY
from shared.web.gate import Gate
from shared.web.officer_keys import OfficerKeys
from shared.web.officers import Role, officer_of
from shared.web.pages import Form
from shared.web.problems import Problem, forbidden

HERE: Final = Path(__file__).parent
HOME: Final = "/issue-desk"
CARD: Final = f"{HOME}/cards/{{talon}}"
ISSUERS: Final = (Role.ISSUE,)


@dataclass(frozen=True, slots=True)
class IssueDesk:
    """What officers may do is judged by the same acts as behind the API; the point is that of the account."""

    office: Office
    counter: Counter
    gate: Gate
    lookups: Lookups
    keys: OfficerKeys

    @property
    def today(self) -> date:
        """Business date of Almaty."""
        return self.office.engine.ports.clock.now().astimezone(ALMATY).date()

    def point(self, request: Request) -> str:
        """The officer's registration point. Raises `Problem` 403 for who has none."""
        point = officer_of(request).point
        if point is None:
            raise forbidden("You belong to no registration point.", "NO_POINT")
        return point

    async def form(self, request: Request, what: str) -> Form:
        """The form of the page; one that is not of this session is on record, with the card if it names one.

        Raises `Problem`.
        """
        of_card = "talon" in request.path_params
        try:
            return await self.gate.form(request, recorded=not of_card)
        except Problem as problem:
            if problem.extra.get("code") == "CSRF" and of_card:
                await self.office.refused(request, request.path_params["talon"], what, "CSRF")
            raise

    def id(self) -> str:
        """A new act's own."""
        return str(self.office.engine.ports.ids.uuid())

    def show(self, request: Request, template: str, status: int = 200, **shown: Any) -> Response:
        return self.gate.site.page(request, template, status, **shown)

    def to(self, path: str = "") -> Response:
        """What was sent is done: look there."""
        return RedirectResponse(f"{HOME}{path}", 303, self.gate.site.headers)
