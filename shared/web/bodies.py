"""Reading what a caller sent: no more than allowed (413), of the declared type (415), whole and valid (422)."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final, TypeVar

from pydantic import BaseModel, ValidationError
from starlette.requests import Request

from shared.web.problems import Problem, invalid

JSON: Final = "application/json"
MOST_BYTES: Final = 64 * 1024

M = TypeVar("M", bound=BaseModel)


async def read_bytes(request: Request, media: Collection[str] = (JSON,), most: int = MOST_BYTES) -> bytes:
    """The body. Raises `Problem` 415 for another media type, 413 beyond `most` bytes (declared or real)."""
    kind, _, parameters = request.headers.get("content-type", "").partition(";")
    charset = parameters.strip().lower().removeprefix("charset=").strip('"')
    if kind.strip().lower() not in media or charset not in ("", "utf-8", "utf8"):
        raise Problem(415, "Another kind of body is wanted", f"Send {' or '.join(media)}.")
    too_large = Problem(413, "Too large", f"At most {most} bytes.", most=most)
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared) > most:
        raise too_large
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > most:
            raise too_large
    return bytes(body)


def read_as(model: type[M], body: bytes) -> M:
    """The model in a JSON body. Raises `Problem` 422 with every fault and its field."""
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        raise invalid(error) from None
