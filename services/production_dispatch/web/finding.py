"""The first page of the desk: a card by its talon or by the code on the citizen's notice; the cards that wait."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from urllib.parse import parse_qs, quote, urlsplit

from starlette.requests import Request
from starlette.responses import Response

from services.production_dispatch.api import PAGE, page_of
from services.production_dispatch.web.counter import HOME, ISSUERS, IssueDesk
from shared.law.registration_points import POINTS
from shared.web.parts import Page
from shared.web.problems import unprocessable

DAYS: Final = (10, 30, 60)
"""As long as the reminders take (S19); another number is asked for by the address."""
_TALON: Final = re.compile(r"\b\d{2}-\d{6}-\d{6}-\d\b")
_TYPED: Final = str.maketrans('"әіңғ,.үұқө', "1234567890-")
"""What the keys 1…0 and - type under the Kazakh layout: a scanner that poses as a keyboard presses just these."""
_BETWEEN: Final = re.compile(r"[\s,;]+")


def talon_of(text: str) -> str:
    """The talon in what was typed or scanned: itself, an address with `?talon=`, or any text in which it stands."""
    text = text.strip()
    named = parse_qs(urlsplit(text).query).get("talon") if "talon=" in text else None
    if named:
        return named[0].strip()[:64]
    found = _TALON.search(text) or _TALON.search(_untyped(text))
    return found[0] if found else text[:64]


def talons_of(text: str) -> list[str]:
    """Each once, in order: one or more on a line, or what a scanner typed on it."""
    lines = [[line] if _TALON.fullmatch(_untyped(line.strip())) else _BETWEEN.split(line) for line in text.splitlines()]
    return [*dict.fromkeys(talon_of(word) for words in lines for word in words if word)]


def _untyped(text: str) -> str:
    return text.lower().translate(_TYPED)


@dataclass(frozen=True, slots=True)
class FindingPages:
    desk: IssueDesk

    def pages(self) -> tuple[Page, ...]:
        return (
            Page("GET", HOME, self.home, ISSUERS),
            Page("GET", f"{HOME}/waiting", self.waiting, ISSUERS),
        )

    async def home(self, request: Request) -> Response:
        """`?find=` leads to the card; `?page=` turns the list of what is here or on its way."""
        point = self.desk.point(request)
        sought = talon_of(request.query_params.get("find", ""))
        if sought and sought.isprintable() and "/" not in sought:
            return self.desk.to(f"/cards/{quote(sought)}")
        listed = await self.desk.counter.list_cards(request)
        return self.desk.show(request, "home.html", point=POINTS.get(point), listed=listed, unread=bool(sought))

    async def waiting(self, request: Request) -> Response:
        """`?days=30&page=1`: ready at the point for so many calendar days and not collected."""
        point, page = self.desk.point(request), page_of(request)
        text = request.query_params.get("days", str(DAYS[0]))
        if not (text.isascii() and text.isdecimal() and 0 <= int(text[:4]) <= 999):
            raise unprocessable({"field": "days", "problem": "out_of_range"})
        days, today = int(text[:4]), self.desk.today
        cards = await self.desk.lookups.list_waiting(point, today - timedelta(days=days), (page - 1) * PAGE, PAGE + 1)
        return self.desk.show(
            request, "waiting.html", point=POINTS.get(point), days=days, usual=DAYS, page=page,
            more=len(cards) > PAGE, today=today, cards=cards[:PAGE],
        )  # fmt: skip
