"""The page of the search: what is looked for comes by a form and never stands in an address."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from services.ums_review.searching import Sought, search
from services.ums_review.web.console import HOME, Console, Page


@dataclass(frozen=True, slots=True)
class SearchPages:
    console: Console

    def pages(self) -> tuple[Page, ...]:
        return Page("GET", f"{HOME}/search", self.again), Page("POST", f"{HOME}/search", self.search)

    async def again(self, request: Request) -> Response:
        """Who comes by the address alone begins anew: what was searched is not in it."""
        return self.console.to()

    async def search(self, request: Request) -> Response:
        """One case is opened at once; several are listed, the newest first."""
        console = self.console
        form = await console.form(request, "search")
        wanted = form.get("wanted", "")
        found = await search(console.room, request, wanted)
        if len(found.cases) == 1:
            return console.to(f"/cases/{found.cases[0].application_id}")
        bearers = {case.application_id: bearer for case, bearer in zip(found.cases, found.bearers, strict=False)}
        return console.show(
            request, "found.html", found=found.cases, by=found.by.value, bearers=bearers, more=found.more,
            talon=wanted.strip() if found.by is Sought.TALON else "",
        )  # fmt: skip
