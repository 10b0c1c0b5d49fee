"""What is sent to this service and what it answers. Every fault is told with its field."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from services.production_dispatch.messages import What
from shared.security.cms import LARGEST

Id = Annotated[str, Field(pattern=r"^[A-Za-z0-9._:-]{1,64}$")]


class Body(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class CardReported(BaseModel):
    """A call-back of the production centre; members that are not known here are passed over."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    callback_id: Id
    order_id: Id
    application_id: UUID
    what: What
    at: AwareDatetime
    register_id: Annotated[str, Field(max_length=64, pattern=r"^[\w./:-]*$")] | None = None


class ActBegun(Body):
    """`act_id` is the caller's own: the same act sent again is answered the same."""

    act_id: Id


class CardStated(ActBegun):
    """What the officer states of the hand-over (p.4.3)."""

    person_established: bool
    by_proxy: bool
    old_card_taken: bool


class CardHandedOver(CardStated):
    """`cms` is a detached CMS in base64 over the canonical hand-over (`CanonicalHandOver`) as of `moment`."""

    moment: AwareDatetime
    cms: Annotated[str, Field(min_length=1, max_length=LARGEST * 4 // 3)]


class ActDone(BaseModel):
    application_id: UUID
    standing: str


class CardLine(BaseModel):
    talon: str
    standing: str
    ready_on: date | None
    collect_until: date | None


class CardsPage(BaseModel):
    point: str
    page: int
    more: bool
    cards: tuple[CardLine, ...]


class CardShown(BaseModel):
    """What the desk needs to establish the person; the photo stands beside."""

    application_id: UUID
    talon: str
    standing: str
    point: str
    photo_sha256: str
    """Of the photo by which the person is established: it stands in what the officer signs."""
    iin: str
    surname: str
    name: str
    patronymic: str | None
    birth_date: date
    old_cards: tuple[str, ...]
    """Numbers of the identity cards that are valid for ГБД ФЛ: what is to be taken back."""
    ready_on: date | None
    collect_until: date | None
    circumstance: str | None
    issued_at: AwareDatetime | None


class RegisterLineShown(BaseModel):
    talon: str
    shipment: str


class RegisterShown(BaseModel):
    kind: str
    place: str
    day: date
    cut_at: AwareDatetime | None
    lines: tuple[RegisterLineShown, ...]


class AlertShown(BaseModel):
    application_id: UUID
    at: AwareDatetime
    what: str
    whom: str
    detail: str


class AlertsPage(BaseModel):
    page: int
    more: bool
    alerts: tuple[AlertShown, ...]
