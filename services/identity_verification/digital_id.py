"""Digital-ID over REST: sessions as `api/v1/flows` has them, their results, and the likeness of a photo (S3, S11)."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from services.identity_verification.answers import Session
from services.identity_verification.likeness import Likeness
from shared.engine.rows import Unavailable
from shared.gateways.rest import Rest

V = TypeVar("V", bound="_Said")
SESSIONS = "/api/v1/flows/session"
EXPIRED = "SESSION_EXPIRED"


class _Said(BaseModel):
    """Of what comes only what is named here is looked at; nothing of it is ever printed."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


class _Created(_Said):
    session_id: str = Field(min_length=1, max_length=128)


class _Liveness(_Said):
    result: bool
    prediction: float = Field(0.0, ge=0.0, le=1.0)


class _Faces(_Said):
    result: bool
    prediction_percent: float = Field(0.0, ge=0.0, le=100.0)


class _Owner(_Said):
    iin: str


class _Document(_Said):
    owner: _Owner | None = Field(None, alias="docOwner")


class _Result(_Said):
    status: str
    result: bool | None = Field(None, alias="flow_session_result")
    reasons: tuple[str, ...] = Field((), alias="flow_session_failure_reasons", max_length=20)
    liveness: _Liveness | None = Field(None, alias="liveness_result")
    faces: _Faces | None = Field(None, alias="face2face_result")
    document: _Document | None = Field(None, alias="edocument_result")

    def shortcomings(self, iin: str) -> tuple[str, ...]:
        """Everything for which it is not passed, by their words or ours: a living face, that of this very person."""
        owner = self.document.owner if self.document else None
        checks = {
            "NOT_PASSED": bool(self.result),
            "NO_LIVENESS": self.liveness is not None and self.liveness.result,
            "NO_LIKENESS": self.faces is not None and self.faces.result,
            "ANOTHER_PERSON": owner is None or owner.iin == iin,
        }
        return self.reasons or tuple(name for name, holds in checks.items() if not holds)


class _Compared(_Said):
    match: bool
    score: int = Field(ge=0, le=100)


@dataclass(frozen=True, slots=True)
class RestDigitalId:
    """`page` is where people show their faces. Raises `Unavailable("digital-id")`."""

    rest: Rest
    page: str
    api_key: str = field(repr=False)

    async def open_session(self, key: str, iin: str) -> Session:
        asked = {"api_key": self.api_key, "metadata": {"key": key, "iin": iin}}
        created = _read(_Created, await self.rest.post(f"{SESSIONS}/create/", asked))
        return Session(created.session_id, f"{self.page.rstrip('/')}/flow/{quote(created.session_id)}?locale=kz")

    async def session(self, session_id: str, iin: str) -> Session:
        """One that nobody knows has expired. The result lags a few seconds behind the page."""
        query = f"session_id={quote(session_id)}&flow_api_key={quote(self.api_key)}"
        found = await self.rest.get(f"{SESSIONS}/result/?{query}")
        if not found:
            return Session(session_id, status="EXPIRED")
        result = _read(_Result, found)
        if result.status != "FINISHED":
            return Session(session_id)
        lacks = result.shortcomings(iin)
        return Session(
            session_id,
            status="PASSED" if not lacks else "EXPIRED" if EXPIRED in lacks else "FAILED",
            liveness=round(100 * result.liveness.prediction) if result.liveness else None,
            likeness=round(result.faces.prediction_percent) if result.faces else None,
            reasons=lacks,
        )

    async def cancel(self, session_id: str) -> None:
        await self.rest.post(f"/sessions/{quote(session_id)}/cancel", {})

    async def compare(self, key: str, iin: str, photo: bytes) -> Likeness:
        asked = {"key": key, "iin": iin, "photo": base64.b64encode(photo).decode()}
        compared = _read(_Compared, await self.rest.post("/compare", asked))
        return Likeness(compared.match, compared.score)


def _read(kind: type[V], answer: Mapping[str, Any]) -> V:
    """An answer that does not read is no answer. Raises `Unavailable`, without what stood there."""
    try:
        return kind.model_validate(answer)
    except ValidationError:
        raise Unavailable("digital-id") from None
