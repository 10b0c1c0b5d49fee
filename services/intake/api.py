"""Who knocks at intake: the portal with files and its look-up, and ШЭП with what РП ДРН says by itself."""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from services.intake.domain.application import Application, Upload
from services.intake.domain.form import PHOTO, SIGNATURE_SAMPLE
from services.intake.domain.own import KeepFile
from services.intake.domain.requests import upload_hindrance, uploaded
from services.intake.domain.statuses import knows
from services.intake.pushed import report_of
from shared.contracts.values import Ending, Stage
from shared.engine.engine import Engine
from shared.engine.work import Result
from shared.gateways.mailbox import MOST, XML, Mailbox, NotTaken
from shared.law.limits import Limits
from shared.security.images import ImageFault, ImageLimits, opened
from shared.security.objects import Objects
from shared.web.openapi import Endpoint, routes_of
from shared.web.problems import Problem, conflict, not_found, unprocessable
from shared.web.signed import token_in

PORTAL_TOKEN, PUSHED = "portal.token", "/shep/async"
BEGINNINGS = {"image/jpeg": b"\xff\xd8\xff", "image/png": b"\x89PNG\r\n\x1a\n"}
MOST_PIXELS = 25_000_000


class FileKept(BaseModel):
    """What the form then names."""

    reference: str
    sha256: str


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
    objects: Objects
    limits: Limits
    mailbox: Mailbox

    async def put_photo(self, request: Request, content: bytes) -> FileKept:
        side = self.limits.photo_max_side
        return await self._keep(request, content, PHOTO, ImageLimits(self.limits.photo_max_bytes, MOST_PIXELS, side))

    async def put_signature_sample(self, request: Request, content: bytes) -> FileKept:
        most, side = self.limits.signature_max_bytes, self.limits.signature_max_side
        return await self._keep(request, content, SIGNATURE_SAMPLE, ImageLimits(most, MOST_PIXELS, side))

    async def show(self, request: Request) -> ApplicationShown:
        state = await self._application(request.path_params["id"])
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
            letter = await self.mailbox.open(content)
            report = report_of(letter)
            if not knows(await self.engine.read(report.application_id), report):
                raise NotTaken("UnknownTalon")
            await self.engine.act(report, f"rpdrn/{letter.id}")
        except NotTaken as no:
            return Response(await self.mailbox.refusal(no), 500, media_type=XML)
        return Response(await self.mailbox.receipt(letter), media_type=XML)

    async def _keep(self, request: Request, content: bytes, purpose: str, limits: ImageLimits) -> FileKept:
        """The same content again is the same file: its first reference is given."""
        state = await self._application(request.path_params["id"])
        hindered = upload_hindrance(state)
        if hindered is not None:
            raise conflict("This application takes no files now.", hindered)
        media_type = request.headers["content-type"].partition(";")[0].strip().lower()
        await _looked_at(content, media_type, limits, self.limits.image_min_bytes)
        known = uploaded(state, purpose, hashlib.sha256(content).hexdigest())
        if known is not None:
            return FileKept(reference=known.reference, sha256=known.sha256)
        stored = await self.objects.put(content, media_type)
        message = KeepFile(
            application_id=state.application_id, purpose=purpose, reference=stored.reference, sha256=stored.sha256
        )
        outcome = await self.engine.act(message, f"{state.application_id}/{purpose}/{stored.reference}")
        kept = outcome.reply
        if outcome.result is Result.REPEATED:  # the outcome of the commit was unknown: the state tells
            kept = uploaded(await self._application(state.application_id), purpose, stored.sha256)
        if not isinstance(kept, Upload):
            await self.objects.remove(stored.reference)
            if isinstance(kept, str):
                raise conflict("This application takes no files now.", kept)
            raise Problem(503, "Not now", "Try again in a few seconds.", headers={"Retry-After": "3"})
        if kept.reference != stored.reference:
            await self.objects.remove(stored.reference)
        return FileKept(reference=kept.reference, sha256=kept.sha256)

    async def _application(self, id: UUID) -> Application:
        state: Application = await self.engine.read(id)
        if not state.opened:
            raise not_found("No such application was opened.")
        return state


async def _looked_at(content: bytes, media_type: str, limits: ImageLimits, least: int) -> None:
    """Raises `Problem` 415 when the content is of another type than declared, 422 when it is no whole image."""
    if not content.startswith(BEGINNINGS[media_type]) and any(map(content.startswith, BEGINNINGS.values())):
        raise Problem(415, "Another kind of body is wanted", "The content is not of the declared type.")
    if len(content) < least:
        raise unprocessable({"field": "body", "problem": ImageFault.FILE_SIZE})
    image = await asyncio.to_thread(opened, content, limits)
    if isinstance(image, ImageFault):
        raise unprocessable({"field": "body", "problem": image})


def intake_routes(
    engine: Engine, objects: Objects, key_folder: Path, limits: Limits, mailbox: Mailbox
) -> list[BaseRoute]:
    """The routes, `/openapi.json` and `/docs`."""
    counter = Counter(engine, objects, limits, mailbox)
    portal = token_in(key_folder / PORTAL_TOKEN)
    images = tuple(BEGINNINGS)
    endpoints = (
        Endpoint(
            "PUT", "/applications/{id:uuid}/files/photo", counter.put_photo, bytes, FileKept,
            "The photo (S9)", (401, 404, 409, 413, 415, 422), 201, images, limits.photo_max_bytes,
            allows=portal, secured="bearer",
        ),
        Endpoint(
            "PUT", "/applications/{id:uuid}/files/signature-sample", counter.put_signature_sample, bytes, FileKept,
            "The signature sample (S9)", (401, 404, 409, 413, 415, 422), 201, images, limits.signature_max_bytes,
            allows=portal, secured="bearer",
        ),
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
