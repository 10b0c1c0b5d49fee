"""Who knocks at intake: the portal with its look-up, whoever it gave a grant, ШЭП with what РП ДРН says by itself."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from services.intake.domain.statuses import knows
from services.intake.mobile import Mobile
from services.intake.pushed import report_of
from services.intake.uploading import Uploads, opened_application
from shared.contracts.values import Ending, Stage
from shared.engine.engine import Engine
from shared.gateways.letters import Letter
from shared.gateways.mailbox import MOST, XML, Mailbox, NotTaken
from shared.security.distrust import OutsideItsSchema, Stale
from shared.web.forgeries import noting
from shared.web.openapi import Endpoint, routes_of
from shared.web.signed import token_in

PORTAL_TOKEN, PUSHED, SHEP = "portal.token", "/shep/async", "ШЭП"
OF_SHEP = frozenset({OutsideItsSchema.__name__, Stale.__name__})
"""Faults of a message that bears its signature."""


class ApplicationShown(BaseModel):
    """Where an application stands; no personal data. `revision` is the form's, `talon` there since S13."""

    application_id: UUID
    stage: Stage
    ending: Ending | None = None
    revision: int | None = None
    talon: str | None = None
    registry_status: str | None = None
    """As РП ДРН says itself."""


@dataclass(frozen=True, slots=True)
class Counter:
    """Where the portal and ШЭП are served."""

    engine: Engine
    mailbox: Mailbox
    note_forgery: Callable[[Request], Awaitable[None]]

    async def show(self, request: Request) -> ApplicationShown:
        state = await opened_application(self.engine, request.path_params["id"])
        return ApplicationShown(
            application_id=state.application_id,
            stage=state.stage,
            ending=state.ending,
            revision=state.form.revision if state.form else None,
            talon=state.talon or None,
            registry_status=state.registry_status or None,
        )

    async def take_push(self, request: Request, content: bytes) -> Response:
        """The same message again is answered alike. What is not taken ШЭП sends again."""
        try:
            letter = await self._opened(request, content)
            report = report_of(letter)
            if not knows(await self.engine.read(report.application_id), report):
                raise NotTaken("UnknownTalon")
            await self.engine.act(report, f"rpdrn/{letter.id}")
        except NotTaken as no:
            return Response(await self.mailbox.refusal(no), 500, media_type=XML)
        return Response(await self.mailbox.receipt(letter), media_type=XML)

    async def _opened(self, request: Request, content: bytes) -> Letter:
        """What does not prove that it is of ШЭП is on record. Raises `NotTaken`."""
        try:
            return await self.mailbox.open(content)
        except NotTaken as no:
            if no.code not in OF_SHEP:
                await self.note_forgery(request)
            raise


def intake_routes(
    engine: Engine, key_folder: Path, mailbox: Mailbox, uploads: Uploads, mobile: Mobile
) -> list[BaseRoute]:
    """The routes, `/openapi.json` and `/docs`."""
    counter = Counter(engine, mailbox, noting(engine, SHEP))
    portal = token_in(key_folder / PORTAL_TOKEN)
    endpoints = (
        *uploads.endpoints(portal),
        *mobile.endpoints(portal),
        Endpoint(
            "GET", "/applications/{id:uuid}/status", counter.show, None, ApplicationShown,
            "Where an application stands", (401, 404), allows=portal, secured="bearer",
        ),
        Endpoint(
            "POST", PUSHED, counter.take_push, bytes, None,
            "ШЭП pushes a status of РП ДРН: signed SOAP", (413, 415, 500), media=(XML,), most=MOST, gives=XML,
        ),
    )  # fmt: skip
    return [*routes_of(endpoints, "Intake")]
