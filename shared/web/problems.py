"""What an HTTP caller is told when the answer is no: problem details (RFC 9457), never a person's data."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from typing import Any, Final

import structlog
from pydantic import BaseModel, ConfigDict, ValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from shared.contracts.values import Fault
from shared.engine.rows import StoreBusy, StoreLost, Unavailable

PROBLEM_JSON: Final = "application/problem+json"
HEADERS: Final = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}

_log = structlog.get_logger("shared.web")


class Problem(Exception):
    """An HTTP no. `extra` members are machine-readable: `code`, `faults`, and what else the caller may act on."""

    def __init__(
        self, status: int, title: str, detail: str = "", *, headers: Mapping[str, str] | None = None, **extra: Any
    ) -> None:
        super().__init__(f"{status} {title}")
        self.status, self.title, self.detail, self.extra = status, title, detail, extra
        self.headers = dict(headers or {})

    def response(self) -> Response:
        body = {"type": "about:blank", "title": self.title, "status": self.status}
        if self.detail:
            body["detail"] = self.detail
        return JSONResponse(
            {**body, **self.extra}, self.status, media_type=PROBLEM_JSON, headers={**HEADERS, **self.headers}
        )


class ProblemDetails(BaseModel):
    """The shape of every refusal, for the OpenAPI document."""

    model_config = ConfigDict(extra="allow")

    type: str
    title: str
    status: int
    detail: str | None = None
    code: str | None = None
    faults: tuple[Fault, ...] | None = None


def unauthorized(detail: str = "A bearer token is needed.") -> Problem:
    return Problem(401, "Who are you?", detail, headers={"WWW-Authenticate": "Bearer"})


def forbidden(detail: str, code: str = "FORBIDDEN") -> Problem:
    return Problem(403, "Not yours to do", detail, code=code)


def not_found(detail: str = "There is nothing under this address.") -> Problem:
    return Problem(404, "Not found", detail)


def conflict(detail: str, code: str, **extra: Any) -> Problem:
    return Problem(409, "It stands otherwise", detail, code=code, **extra)


def invalid(error: ValidationError) -> Problem:
    """422 with every fault and its field; what was sent is not quoted."""
    faults = [
        {"field": ".".join(map(str, fault["loc"])), "problem": fault["type"]}
        for fault in error.errors(include_url=False, include_context=False, include_input=False)
    ]
    return unprocessable(*faults)


def unprocessable(*faults: Mapping[str, str]) -> Problem:
    return Problem(422, "The body does not hold", "Every fault stands with its field.", faults=list(faults))


def not_signed_so(fault: str) -> Problem:
    """422 of a signature that does not hold; `fault` is the `SignatureFault`."""
    faults = [{"field": "cms", "problem": fault}]
    return Problem(422, "The signature is not accepted", "The fault says why.", code="SIGNATURE", faults=faults)


async def answered(handle: Callable[[], Awaitable[Response]]) -> Response:
    """What `handle` answers; whatever it raises becomes a problem, an unforeseen error one without a word of it."""
    try:
        return await handle()
    except Problem as problem:
        return problem.response()
    except HTTPException as error:
        return of_http(error).response()
    except (Unavailable, StoreLost, StoreBusy):
        return Problem(503, "Not now", "Try again in a few seconds.", headers={"Retry-After": "3"}).response()
    except ClientDisconnect:
        return Problem(400, "The caller has gone").response()
    except Exception as error:  # noqa: BLE001  the caller gets an answer, the log the class and the place
        _log.error("an endpoint failed", exc_info=error)
        return Problem(500, "Our fault", "It has been noted; nothing is known to be done.").response()


def of_http(error: HTTPException) -> Problem:
    return Problem(error.status_code, HTTPStatus(error.status_code).phrase, headers=error.headers)


async def _of_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return of_http(error).response()


EXCEPTION_HANDLERS: Final[dict[Any, Any]] = {HTTPException: _of_http}
"""For `Starlette(exception_handlers=…)`: unknown paths and methods are problems too."""
