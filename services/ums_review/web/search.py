"""The search: by talon, or by IIN, which is never in an address, a row or a log; a found person's case is on record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from services.ums_review import acts
from services.ums_review.web.console import HOME, Console, Page
from services.ums_review.web.lookups import Earlier
from shared.web.officers import officer_of

MOST_LETTERS = 64
IIN_LENGTH = 12


@dataclass(frozen=True, slots=True)
class SearchPages:
    console: Console

    def pages(self) -> tuple[Page, ...]:
        return Page("GET", f"{HOME}/search", self.again), Page("POST", f"{HOME}/search", self.search)

    async def again(self, request: Request) -> Response:
        """Who comes by the address alone begins anew: what was searched is not in it."""
        return self.console.to()

    async def search(self, request: Request) -> Response:
        """One case is opened at once; several of a person are listed, the newest first."""
        console = self.console
        form = await console.form(request, "search")
        wanted = form.get("wanted", "").strip()[:MOST_LETTERS]
        by_person = len(wanted) == IIN_LENGTH and wanted.isascii() and wanted.isdecimal()
        found = await (self._of_person if by_person else self._of_talon)(request, wanted)
        if len(found) == 1:
            return console.to(f"/cases/{found[0].application_id}")
        if by_person and not found:
            await console.gate.record(request, officer_of(request).who, "NOTHING_FOUND")
        return console.show(request, "found.html", found=found, by_person=by_person, wanted="" if by_person else wanted)

    async def _of_talon(self, request: Request, talon: str) -> Sequence[Earlier]:
        return await self.console.lookups.by_talon(officer_of(request).region, talon) if talon else ()

    async def _of_person(self, request: Request, iin: str) -> Sequence[Earlier]:
        """Nobody finds themselves. Every case that is shown bears a line of it."""
        room, officer = self.console.room, officer_of(request)
        index = room.keys.blind_index(iin)
        if index == room.index_of(officer):
            return ()
        found = await self.console.lookups.of_person(officer.region, index)
        for case in found:
            looked = acts.ViewReview(
                application_id=case.application_id, what=acts.Viewed.FOUND_BY_IIN, **room.signs(request)
            )
            await room.act(looked)
        return found
