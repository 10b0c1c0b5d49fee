"""Uploads (S9): whoever holds a grant puts a photo and a signature sample; what is kept is written anew and sealed."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, Field
from starlette.requests import Request

from services.intake.domain.application import Application
from services.intake.domain.facts import Upload
from services.intake.domain.form import PHOTO, SIGNATURE_SAMPLE
from services.intake.domain.own import KeepFile
from services.intake.domain.requests import GRANT_USED, is_spent, upload_hindrance, uploaded
from shared.engine.engine import Engine
from shared.engine.work import Result
from shared.law.limits import Limits
from shared.security.cleaning import Clean, cleaned
from shared.security.grants import NAME, Grants
from shared.security.images import ImageFault, ImageLimits
from shared.security.objects import Objects
from shared.web.openapi import Allows, Endpoint
from shared.web.problems import Problem, conflict, not_found, unauthorized, unprocessable
from shared.web.signed import bearer

BEGINNINGS = {"image/jpeg": b"\xff\xd8\xff", "image/png": b"\x89PNG\r\n\x1a\n"}
AT_ONCE = 2
"""So many images are written anew at once by one process: each may take 150 MB while it lasts."""


class UploadGranted(BaseModel):
    """A grant for one photo and one signature sample, to be sent as bearer token; `until` is machine time."""

    grant: str = Field(repr=False)
    until: datetime


class FileKept(BaseModel):
    """What the form then names; `sha256` is of what is kept, which is what is signed, not of what was sent."""

    reference: str
    sha256: str


Cleaning = Callable[[bytes, ImageLimits], Awaitable[Clean | ImageFault]]


async def in_a_thread(content: bytes, limits: ImageLimits) -> Clean | ImageFault:
    """In this process: for tests and the simulation."""
    return await asyncio.to_thread(cleaned, content, limits)


@dataclass(frozen=True, slots=True)
class Uploads:
    """Where files are taken, and the portal gets its grants. `clean` writes an image anew."""

    engine: Engine
    objects: Objects
    limits: Limits
    grants: Grants
    clean: Cleaning = in_a_thread
    hands: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))

    async def grant_upload(self, request: Request) -> UploadGranted:
        """For an application that takes files now. Whoever holds it needs no token of the portal."""
        state = await opened_application(self.engine, request.path_params["id"])
        hindered = upload_hindrance(state)
        if hindered is not None:
            raise conflict("This application takes no files now.", hindered)
        ports = self.engine.ports
        until = ports.clock.machine_now() + self.limits.upload_grant
        return UploadGranted(grant=self.grants.issue(state.application_id, until, ports.ids.nonce(NAME)), until=until)

    def granted(self, request: Request) -> None:
        """A judge for `Endpoint.allows`: the caller holds a grant for the application that the path names."""
        id, now = request.path_params["id"], self.engine.ports.clock.machine_now()
        request.state.grant = self.grants.name_in(bearer(request), id, now)
        if request.state.grant is None:
            raise unauthorized("This is no grant for this application, or no longer.")

    async def put_photo(self, request: Request, content: bytes) -> FileKept:
        limits = self.limits
        most, side = limits.photo_max_bytes, limits.photo_max_side
        return await self._keep(request, content, PHOTO, ImageLimits(most, limits.image_max_pixels, side))

    async def put_signature_sample(self, request: Request, content: bytes) -> FileKept:
        limits = self.limits
        most, side = limits.signature_max_bytes, limits.signature_max_side
        return await self._keep(request, content, SIGNATURE_SAMPLE, ImageLimits(most, limits.image_max_pixels, side))

    async def _keep(self, request: Request, content: bytes, purpose: str, limits: ImageLimits) -> FileKept:
        """The same content again is the same file: its first reference is given."""
        state = await opened_application(self.engine, request.path_params["id"])
        hindered = upload_hindrance(state)
        if hindered is not None:
            raise conflict("This application takes no files now.", hindered)
        sent = hashlib.sha256(content).hexdigest()
        known = uploaded(state, purpose, sent)
        if known is not None:
            return FileKept(reference=known.reference, sha256=known.sha256)
        if is_spent(state, purpose, request.state.grant):
            raise conflict("Another file has come by this grant.", GRANT_USED)
        clean = await self._cleaned(content, request.headers["content-type"], limits)
        stored = await self.objects.put(clean.content, clean.media_type)
        message = KeepFile(
            application_id=state.application_id, purpose=purpose, reference=stored.reference, sha256=stored.sha256,
            sent=sent, grant=request.state.grant,
        )  # fmt: skip
        outcome = await self.engine.act(message, f"{state.application_id}/{purpose}/{stored.reference}")
        kept = outcome.reply
        if outcome.result is Result.REPEATED:  # the outcome of the commit was unknown: the state tells
            kept = uploaded(await opened_application(self.engine, state.application_id), purpose, stored.sha256)
        if not isinstance(kept, Upload):
            if outcome.result is not Result.FAILED:  # a decision that failed is tried again, and may keep the file yet
                await self.objects.remove(stored.reference)
            if isinstance(kept, str):
                raise conflict("This application takes no files now.", kept)
            raise Problem(503, "Not now", "Try again in a few seconds.", headers={"Retry-After": "3"})
        if kept.reference != stored.reference:
            await self.objects.remove(stored.reference)
        return FileKept(reference=kept.reference, sha256=kept.sha256)

    async def _cleaned(self, content: bytes, declared: str, limits: ImageLimits) -> Clean:
        """Raises `Problem` 415 when the content is of another type than declared, 422 when it is no whole image."""
        media_type = declared.partition(";")[0].strip().lower()
        if not content.startswith(BEGINNINGS[media_type]) and any(map(content.startswith, BEGINNINGS.values())):
            raise Problem(415, "Another kind of body is wanted", "The content is not of the declared type.")
        if len(content) < self.limits.image_min_bytes:
            raise unprocessable({"field": "body", "problem": ImageFault.FILE_SIZE})
        async with self.hands:
            found = await self.clean(content, limits)
        if isinstance(found, ImageFault):
            raise unprocessable({"field": "body", "problem": found})
        return found

    def endpoints(self, portal: Allows) -> tuple[Endpoint, ...]:
        """`portal` judges whether the portal knocks."""
        limits, images, errors = self.limits, tuple(BEGINNINGS), (401, 404, 409, 413, 415, 422)
        return (
            Endpoint(
                "POST", "/applications/{id:uuid}/grants", self.grant_upload, None, UploadGranted,
                "A grant to upload one photo and one signature sample", (401, 404, 409), 201, allows=portal,
                secured="bearer",
            ),
            Endpoint(
                "PUT", "/applications/{id:uuid}/files/photo", self.put_photo, bytes, FileKept,
                "The photo (S9)", errors, 201, images, limits.photo_max_bytes, allows=self.granted, secured="bearer",
            ),
            Endpoint(
                "PUT", "/applications/{id:uuid}/files/signature-sample", self.put_signature_sample, bytes, FileKept,
                "The signature sample (S9)", errors, 201, images, limits.signature_max_bytes, allows=self.granted,
                secured="bearer",
            ),
        )  # fmt: skip


async def opened_application(engine: Engine, id: UUID) -> Application:
    """Raises `Problem` 404 for an application that was not opened."""
    state: Application = await engine.read(id)
    if not state.opened:
        raise not_found("No such application was opened.")
    return state
