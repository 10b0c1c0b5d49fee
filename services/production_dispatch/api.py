"""Who knocks: the production centre with its call-backs, the issue desk (S19), operations."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from datetime import date, datetime
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from services.production_dispatch import bodies
from services.production_dispatch.messages import (
    Answered,
    CheckIn,
    HearProduction,
    IssueCard,
    RegisterKind,
    RemakeAgain,
    Report,
    SendAgain,
    ViewCard,
)
from services.production_dispatch.office import Office, problem_of, taken
from services.production_dispatch.production import Production
from services.production_dispatch.signing import payload_of
from shared.engine.work import Result
from shared.security.canonical import CanonicalHandOver
from shared.security.eds import Officer
from shared.security.evidence import KeptSignature
from shared.security.objects import ENDINGS, ObjectBroken, ObjectMissing
from shared.web.officer_keys import Unproved, proved
from shared.web.officers import officer_of
from shared.web.problems import HEADERS, Problem, forbidden, not_found, unprocessable

PAGE: Final = 50
HAND_OVER: Final = "issue-card"
_STATED: Final = set(bodies.CardStated.model_fields)
_MEDIA: Final = {ending: media for media, ending in ENDINGS.items()}


class Counter:
    """The calls; what may and may not be done is decided by the engine's decisions."""

    def __init__(self, office: Office) -> None:
        self._office = office

    async def hear_production(self, request: Request, body: bodies.CardReported) -> None:
        """A call-back heard again is answered like the first (204)."""
        report = Report(callback_id=body.callback_id, what=body.what, at=body.at, register_id=body.register_id or "")
        said = HearProduction(application_id=body.application_id, order_id=body.order_id, report=report)
        outcome = await self._office.engine.act(said, f"production/{body.order_id}/{body.callback_id}")
        if outcome.result is Result.REPEATED:
            return
        answer: Answered = taken(outcome)
        if answer.code is not None:
            raise problem_of(answer.code)

    async def list_cards(self, request: Request) -> bodies.CardsPage:
        page, point = page_of(request), _point(request)
        cards = await self._office.cards.list_cards(point, (page - 1) * PAGE, PAGE + 1)
        lines = tuple(
            bodies.CardLine(
                talon=card.talon, standing=card.standing, ready_on=card.ready_on, collect_until=card.collect_until
            )
            for card in cards[:PAGE]
        )
        return bodies.CardsPage(point=point, page=page, more=len(cards) > PAGE, cards=lines)

    async def check_in(self, request: Request, body: bodies.ActBegun) -> bodies.ActDone:
        talon = _talon(request)
        id = await self._office.application_of(talon)
        act = CheckIn(application_id=id, talon=talon, act_id=body.act_id, **self._office.signs(request))
        answer = await self._office.done(act)
        return bodies.ActDone(application_id=id, standing=answer.standing)

    async def show_card(self, request: Request) -> bodies.CardShown:
        production = await self._looked_at(request)
        assert production.certified
        person = production.certified.value.person
        return bodies.CardShown(
            application_id=production.application_id,
            talon=production.talon or "",
            standing=production.standing.value,
            point=production.point or "",
            photo_sha256=production.certified.value.photo.sha256,
            iin=person.iin,
            surname=person.surname,
            name=person.name,
            patronymic=person.patronymic,
            birth_date=person.birth_date,
            old_cards=tuple(card.number for card in person.valid_cards),
            ready_on=production.ready_on,
            collect_until=production.collect_until,
            circumstance=production.circumstance.value if production.circumstance else None,
            issued_at=production.issued_at,
        )

    async def show_photo(self, request: Request) -> Response:
        """Exactly what was certified: another SHA-256 is never shown."""
        production = await self._looked_at(request)
        assert production.certified
        file = production.certified.value.photo
        try:
            content = await self._office.objects.get(file.reference)
        except ObjectMissing:
            raise not_found("The image is not kept any more.") from None
        except ObjectBroken:
            content = b""
        if hashlib.sha256(content).hexdigest() != file.sha256:
            raise Problem(
                500, "The image is not what was certified", "Operations must look at it.", code="IMAGE_ALTERED"
            )
        media = _MEDIA.get(file.reference.rpartition(".")[2], "application/octet-stream")
        policy = {"Content-Disposition": "inline", "Content-Security-Policy": "default-src 'none'; sandbox"}
        return Response(content, media_type=media, headers={**HEADERS, **policy})

    async def issue_card(self, request: Request, body: bodies.CardHandedOver) -> bodies.ActDone:
        """The ЭЦП is checked first; the act itself is judged at its commit."""

        async def brought(_: bytes) -> str:
            return body.cms

        return await self.hand_over(request, body, body.moment, brought)

    async def hand_over(
        self, request: Request, stated: bodies.CardStated, moment: datetime, cms: Callable[[bytes], Awaitable[str]]
    ) -> bodies.ActDone:
        """`cms` gives the signature over the canonical hand-over of a card of the officer's own point.

        Of any other there is nothing to sign: it is refused without.
        """
        office, officer, talon = self._office, officer_of(request), _talon(request)
        id = await office.application_of(talon)
        act = IssueCard(application_id=id, talon=talon, **stated.model_dump(include=_STATED), **office.signs(request))
        production: Production | None = await office.engine.read(id)
        if production is not None and production.round and production.point == officer.point:
            covered = payload_of(production, officer.id, stated, moment)
            proof = await self._proof(request, act, covered, await cms(covered.canonical()))
            act = act.model_copy(update={"proof": proof, "signed_for": moment})
        answer = await office.done(act)
        return bodies.ActDone(application_id=id, standing=answer.standing)

    async def _proof(self, request: Request, act: IssueCard, signed: CanonicalHandOver, cms: str) -> KeptSignature:
        """Raises `Problem` 422 of a signature that does not hold or was made for another time; both are on record."""
        office, officer = self._office, officer_of(request)
        found = await proved(
            office.verifier, cms, signed, office.engine.ports.clock.now(),
            Officer(office.officers.bins_of(officer), officer.iin), act.application_id, f"hand-over/{act.act_id}",
        )  # fmt: skip
        if isinstance(found, Unproved):
            await office.refused(request, act.talon, HAND_OVER, found.result)
            raise found.problem
        return found

    async def send_again(self, request: Request, body: bodies.ActBegun) -> bodies.ActDone:
        act = SendAgain(application_id=request.path_params["id"], act_id=body.act_id, **self._office.signs(request))
        answer = await self._office.done(act)
        return bodies.ActDone(application_id=act.application_id, standing=answer.standing)

    async def remake(self, request: Request, body: bodies.ActBegun) -> bodies.ActDone:
        act = RemakeAgain(application_id=request.path_params["id"], act_id=body.act_id, **self._office.signs(request))
        answer = await self._office.done(act)
        return bodies.ActDone(application_id=act.application_id, standing=answer.standing)

    async def show_register(self, request: Request) -> bodies.RegisterShown:
        kind, day = _kind(request), _day(request)
        found = await self._office.cards.find_register(kind, request.path_params["place"], day)
        lines = tuple(bodies.RegisterLineShown(talon=talon, shipment=shipment) for talon, shipment in found.lines)
        return bodies.RegisterShown(kind=kind.value, place=found.place, day=day, cut_at=found.cut_at, lines=lines)

    async def list_alerts(self, request: Request) -> bodies.AlertsPage:
        page = page_of(request)
        found = await self._office.cards.list_alerts((page - 1) * PAGE, PAGE + 1)
        shown = tuple(
            bodies.AlertShown(
                application_id=alert.application_id, at=alert.at, what=alert.what, whom=alert.whom, detail=alert.detail
            )
            for alert in found[:PAGE]
        )
        return bodies.AlertsPage(page=page, more=len(found) > PAGE, alerts=shown)

    async def _looked_at(self, request: Request) -> Production:
        """The card under the talon, once the look is on record (order p.4.1)."""
        talon = _talon(request)
        id = await self._office.application_of(talon)
        await self._office.done(ViewCard(application_id=id, talon=talon, act_id="", **self._office.signs(request)))
        return await self._office.state(id)


def _talon(request: Request) -> str:
    talon: str = request.path_params["talon"]
    if len(talon) > 64 or not talon.isprintable():
        raise not_found("There is no card under this talon.")
    return talon


def _point(request: Request) -> str:
    point = officer_of(request).point
    if point is None:
        raise forbidden("You belong to no registration point.", "NO_POINT")
    return point


def page_of(request: Request) -> int:
    page = request.query_params.get("page", "1")
    if not (page.isascii() and page.isdecimal() and 1 <= int(page[:6]) <= 10_000):
        raise unprocessable({"field": "page", "problem": "out_of_range"})
    return int(page[:6])


def _kind(request: Request) -> RegisterKind:
    try:
        return RegisterKind(request.path_params["kind"].upper())
    except ValueError:
        raise not_found() from None


def _day(request: Request) -> date:
    try:
        return date.fromisoformat(request.path_params["day"])
    except ValueError:
        raise not_found() from None
