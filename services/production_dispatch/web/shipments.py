"""Shipments at the point: what came is compared with the shipping register, cards checked in, differences reported."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from services.production_dispatch.messages import Act, CheckIn, Difference, RegisterKind, ReportDifference
from services.production_dispatch.production import Standing
from services.production_dispatch.registers import key_of
from services.production_dispatch.web.counter import HOME, ISSUERS, IssueDesk
from services.production_dispatch.web.finding import talons_of
from services.production_dispatch.web.lookups import Listed
from shared.law.registration_points import POINTS
from shared.web.pages import Form
from shared.web.parts import Page
from shared.web.problems import Problem, not_found, unprocessable

BACK: Final = 30
"""So many days of shipping registers are listed; a card expected for longer stands on the first page still."""
ARRIVED: Final = (Standing.READY, Standing.ISSUED, Standing.UNCOLLECTED)
DAY: Final = f"{HOME}/shipments/{{day}}"
MOST: Final = 2000


@dataclass(frozen=True, slots=True)
class Compared:
    """Talons that came as listed, that are missing, and that lie there without being of this list."""

    came: tuple[str, ...]
    missing: tuple[str, ...]
    surplus: tuple[str, ...]


def compared(cards: Sequence[Listed], how: str, talons: Sequence[str]) -> Compared:
    """`how`: `all` came; all `but` these; exactly `these`. Cards that are here already count as listed.

    Raises `Problem` 422 when a card that is said to be missing is not on the list.
    """
    expected = [card.talon for card in cards if card.standing == Standing.SHIPPED]
    listed = {card.talon for card in cards if card.standing in (Standing.SHIPPED, *ARRIVED)}
    named = set(talons)
    if how == "but" and named - set(expected):
        raise unprocessable({"field": "not_listed", "problem": "not_listed"})
    came = expected if how == "all" else [talon for talon in expected if (talon in named) == (how == "these")]
    surplus = sorted(named - listed) if how == "these" else []
    return Compared(tuple(came), tuple(talon for talon in expected if talon not in came), tuple(surplus))


@dataclass(frozen=True, slots=True)
class ShipmentPages:
    desk: IssueDesk

    def pages(self) -> tuple[Page, ...]:
        return (
            Page("GET", f"{HOME}/shipments", self.shipments, ISSUERS),
            Page("GET", DAY, self.shipment, ISSUERS),
            Page("POST", f"{DAY}/compare", self.compare, ISSUERS),
            Page("POST", f"{DAY}/check-in", self.check_in, ISSUERS),
        )

    async def shipments(self, request: Request) -> Response:
        point, today = self.desk.point(request), self.desk.today
        days = {key_of(RegisterKind.SHIPPED, point, day): day for day in (today - timedelta(n) for n in range(BACK))}
        found = await self.desk.lookups.list_shipments(point, [*days])
        return self.desk.show(
            request, "shipments.html", point=POINTS.get(point), back=BACK,
            shipments=[(days[each.register], each, _address(days[each.register], each.shipment)) for each in found],
        )  # fmt: skip

    async def shipment(self, request: Request) -> Response:
        """`?shipment=` is the centre's own register; its cards as they stand, and the form of what came."""
        day, shipment = _day(request), request.query_params.get("shipment", "")
        cards = await self._cards(request, day, shipment)
        told = await self.desk.lookups.differences([card.application_id for card in cards])
        done = {name: request.query_params.get(name, "") for name in ("came", "missing", "surplus")}
        return self.desk.show(
            request, "shipment.html", day=day, shipment=shipment, cards=cards, told=told, arrived=ARRIVED,
            expected=sum(card.standing == Standing.SHIPPED for card in cards), address=_address(day, shipment),
            done={name: int(value) for name, value in done.items() if value.isdecimal() and len(value) < 5},
        )  # fmt: skip

    async def compare(self, request: Request) -> Response:
        """What came beside the list; nothing is done yet."""
        form = await self.desk.form(request, "check-in")
        day, shipment = _day(request), form.get("shipment", "")
        how, talons = _came(form)
        found = compared(await self._cards(request, day, shipment), how, talons)
        return self.desk.show(
            request, "compare.html", day=day, shipment=shipment, found=found, how=how, talons="\n".join(talons),
            batch=self.desk.id(), address=_address(day, shipment),
        )  # fmt: skip

    async def check_in(self, request: Request) -> Response:
        """Compared once more as the list now stands; then each card is checked in and each new difference reported."""
        form = await self.desk.form(request, "check-in")
        day, shipment, batch = _day(request), form.get("shipment", ""), form.get("batch", "")[:40]
        if not batch:
            raise unprocessable({"field": "batch", "problem": "missing"})
        cards = await self._cards(request, day, shipment)
        found = compared(cards, *_came(form))
        told = await self.desk.lookups.differences([card.application_id for card in cards])
        before = {card.talon for card in cards if card.application_id in told}
        missing = tuple(talon for talon in found.missing if talon not in before)
        signs, register = self.desk.office.signs(request), key_of(RegisterKind.SHIPPED, self.desk.point(request), day)
        acts: list[Act] = []
        for talon in found.came:
            id = await self.desk.office.application_of(talon)
            acts.append(CheckIn(application_id=id, talon=talon, act_id=f"{batch}/{talon}", **signs))
        for what, talons in ((Difference.MISSING, missing), (Difference.SURPLUS, found.surplus)):
            for talon in talons:
                id = await self.desk.office.application_of(talon)
                acts.append(
                    ReportDifference(
                        application_id=id, talon=talon, act_id=f"{batch}/{talon}", listed_in=register,
                        shipment=shipment, what=what, **signs,
                    )
                )  # fmt: skip
        done = await asyncio.gather(*(self._done(act) for act in acts))
        counts = {"came": sum(done[: len(found.came)]), "missing": len(missing), "surplus": len(found.surplus)}
        return self.desk.to(f"{_address(day, shipment).removeprefix(HOME)}&{urlencode(counts)}")

    async def _done(self, act: Act) -> bool:
        """Whether it was taken; a card that was stopped on its way is refused, on record, and stays on the list."""
        try:
            await self.desk.office.done(act)
        except Problem as problem:
            if problem.status == 503:
                raise
            return False
        return True

    async def _cards(self, request: Request, day: date, shipment: str) -> list[Listed]:
        """Raises `Problem` 404 for a shipment that this point never had."""
        point = self.desk.point(request)
        cards = await self.desk.lookups.list_shipment(point, key_of(RegisterKind.SHIPPED, point, day), shipment)
        if not cards:
            raise not_found("There is no such shipment to your point.")
        return cards


def _came(form: Form) -> tuple[str, list[str]]:
    how = form.get("how", "")
    talons = talons_of(form.get("talons", ""))
    if how not in ("all", "but", "these") or len(talons) > MOST:
        raise unprocessable({"field": "how", "problem": "missing"})
    if how != "all" and not talons:
        raise unprocessable({"field": "talons", "problem": "missing"})
    return how, [talon for talon in talons if talon.isprintable()]


def _day(request: Request) -> date:
    try:
        return date.fromisoformat(request.path_params["day"])
    except ValueError:
        raise not_found() from None


def _address(day: date, shipment: str) -> str:
    return f"{HOME}/shipments/{day.isoformat()}?{urlencode({'shipment': shipment})}"
