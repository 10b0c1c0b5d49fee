"""An image of the case, as the object store keeps it, to the officer's eye."""

from __future__ import annotations

import asyncio
import hashlib

from starlette.responses import Response

from shared.contracts.values import FileRef
from shared.ink import cleaned
from shared.security.images import ImageFault, ImageLimits
from shared.security.objects import ENDINGS, ObjectBroken, ObjectMissing, Objects
from shared.web.problems import HEADERS, Problem, not_found

_MEDIA = {ending: media for media, ending in ENDINGS.items()}


async def image(objects: Objects, file: FileRef) -> Response:
    """Exactly what was accepted: another SHA-256 is never shown. Raises `Problem` 404 and 500."""
    content = await _accepted(objects, file)
    media = _MEDIA.get(file.reference.rpartition(".")[2], "application/octet-stream")
    return _shown(content, media)


async def preview(objects: Objects, file: FileRef) -> Response:
    """The sign of an accepted sample, cleaned of paper and shadow and cut out. Raises `Problem` 404 and 500."""
    cut = await asyncio.to_thread(cleaned, await _accepted(objects, file), ImageLimits())
    if isinstance(cut, ImageFault):
        raise _altered()
    return _shown(cut, "image/png")


async def _accepted(objects: Objects, file: FileRef) -> bytes:
    try:
        content = await objects.get(file.reference)
    except ObjectMissing:
        raise not_found("The image is not kept any more.") from None
    except ObjectBroken:
        raise _altered() from None
    if hashlib.sha256(content).hexdigest() != file.sha256:
        raise _altered()
    return content


def _shown(content: bytes, media: str) -> Response:
    headers = {**HEADERS, "Content-Disposition": "inline", "Content-Security-Policy": "default-src 'none'; sandbox"}
    return Response(content, media_type=media, headers=headers)


def _altered() -> Problem:
    return Problem(500, "The image is not what was accepted", "Operations must look at it.", code="IMAGE_ALTERED")
