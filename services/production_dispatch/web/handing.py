"""One card: photo and facts, the person established, the hand-over signed, what came of it, the receipt."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from functools import partial
from typing import Final
from urllib.parse import quote

from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response

from services.production_dispatch import bodies
from services.production_dispatch.api import HAND_OVER
from services.production_dispatch.messages import Answered, Code, IssueCard
from services.production_dispatch.production import Production, Standing
from services.production_dispatch.receipt import drawn, receipt_of
from services.production_dispatch.signing import payload_of
from services.production_dispatch.web.counter import CARD, ISSUERS, IssueDesk
from shared.law.registration_points import POINTS
from shared.web.officer_keys import moment_in, moment_of, to_sign
from shared.web.officers import officer_of
from shared.web.pages import Form
from shared.web.parts import Page
from shared.web.problems import HEADERS, Problem, invalid, not_found, unprocessable

TOLD_AT_THE_DESK: Final = (Code.PROXY, Code.NOT_ESTABLISHED)
"""Refusals that are outcomes: the officer states them, and the visitor is told why."""


@dataclass(frozen=True, slots=True)
class HandingPages:
    desk: IssueDesk

    def pages(self) -> tuple[Page, ...]:
        return (
            Page("GET", CARD, self.card, ISSUERS),
            Page("GET", f"{CARD}/photo", self.desk.counter.show_photo, ISSUERS),
            Page("POST", f"{CARD}/check-in", self.check_in, ISSUERS),
            Page("POST", f"{CARD}/hand-over/text", self.text, ISSUERS),
            Page("POST", f"{CARD}/hand-over", self.hand_over, ISSUERS),
            Page("GET", f"{CARD}/outcome", self.outcome, ISSUERS),
            Page("GET", f"{CARD}/receipt.pdf", self.receipt, ISSUERS),
        )

    async def card(self, request: Request) -> Response:
        """The look is on record. A card that is ready has the form of the hand-over, too."""
        card = await self.desk.counter.show_card(request)
        return self.desk.show(
            request, "card.html", card=card, point=POINTS.get(card.point), act_id=self.desk.id(),
            at=f"{self.desk.gate.site.home}/cards/{quote(card.talon)}",
            ncalayer=self.desk.keys.by_browser(officer_of(request)),
        )  # fmt: skip

    async def check_in(self, request: Request) -> Response:
        form = await self.desk.form(request, "check-in")
        await self.desk.counter.check_in(request, _begun(form))
        return self._to(request)

    async def text(self, request: Request) -> Response:
        """The canonical hand-over at this moment, for the officer's own key."""
        stated = _stated(await self.desk.form(request, HAND_OVER))
        production, moment = await self._production(request), moment_of(self.desk.office.engine.ports.clock.now())
        covered = payload_of(production, officer_of(request).id, stated, moment)
        return to_sign(self.desk.gate.site, covered.canonical(), moment)

    async def hand_over(self, request: Request) -> Response:
        """Signed with the officer's key over the canonical hand-over, then done as behind the API."""
        desk = self.desk
        form = await desk.form(request, HAND_OVER)
        stated, moment = _stated(form), moment_in(form, desk.office.engine.ports.clock.now())
        cms = partial(desk.keys.cms, form, officer_of(request), moment=moment)
        try:
            await desk.counter.hand_over(request, stated, moment, cms)
        except Problem as problem:
            if problem.extra.get("code") not in TOLD_AT_THE_DESK:
                raise
        return self._to(request, f"/outcome?act={quote(stated.act_id)}")

    async def outcome(self, request: Request) -> Response:
        """What the officer's own act came to, as it is kept."""
        production, answer = await self._answered(request)
        return self.desk.show(
            request, "outcome.html", talon=production.talon, answer=answer, standing=production.standing.value,
            at=f"{self.desk.gate.site.home}/cards/{quote(production.talon or '')}", taken=production.old_card_taken,
        )  # fmt: skip

    async def receipt(self, request: Request) -> Response:
        """The paper of a card that was handed over; drawn anew each time, the same bytes."""
        desk = self.desk
        await desk.counter.show_card(request)
        production = await self._production(request)
        if production.standing is not Standing.ISSUED:
            raise not_found("There is no receipt: the card was not handed over.")
        paper = receipt_of(production, await desk.lookups.signed(production.application_id))
        content = await asyncio.to_thread(drawn, paper)
        named = {"Content-Disposition": f'inline; filename="{production.talon}.pdf"'}
        return Response(content, media_type="application/pdf", headers={**HEADERS, **named})

    async def _answered(self, request: Request) -> tuple[Production, Answered]:
        production, wanted = await self._production(request), request.query_params.get("act", "")
        key = f"{IssueCard.__name__}/{officer_of(request).id}/{wanted}"
        answer = next((answer for answer in production.answers if answer.act_id == key), None)
        if answer is None:
            raise not_found("No act of yours bears this id.")
        return production, answer

    async def _production(self, request: Request) -> Production:
        """The card of the talon, at the officer's own point only. Raises `Problem` 404."""
        id = await self.desk.office.application_of(request.path_params["talon"])
        production: Production | None = await self.desk.office.engine.read(id)
        if production is None or production.point != self.desk.point(request):
            raise not_found("There is no card under this talon at your point.")
        return production

    def _to(self, request: Request, path: str = "") -> Response:
        return self.desk.to(f"/cards/{quote(request.path_params['talon'])}{path}")


def _begun(form: Form) -> bodies.ActBegun:
    try:
        return bodies.ActBegun(act_id=form.get("act_id", ""))
    except ValidationError as error:
        raise invalid(error) from None


def _stated(form: Form) -> bodies.CardStated:
    """What the officer marked. Who came decides; of the owner it must also be said what became of the old card."""
    visitor, old = form.get("visitor", ""), form.get("old_card", "")
    faults = [] if visitor in ("owner", "unknown", "proxy") else [{"field": "visitor", "problem": "missing"}]
    if visitor == "owner" and form.get("established") != "1":
        faults.append({"field": "established", "problem": "missing"})
    if visitor == "owner" and old not in ("taken", "absent"):
        faults.append({"field": "old_card", "problem": "missing"})
    if faults:
        raise unprocessable(*faults)
    try:
        return bodies.CardStated(
            act_id=form.get("act_id", ""), person_established=visitor == "owner", by_proxy=visitor == "proxy",
            old_card_taken=visitor == "owner" and old == "taken",
        )  # fmt: skip
    except ValidationError as error:
        raise invalid(error) from None
