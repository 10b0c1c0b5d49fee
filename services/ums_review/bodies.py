"""What officers send. Every fault is told with its field."""

from __future__ import annotations

import base64
import binascii
from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from services.ums_review.searching import MOST_LETTERS, Sought
from shared.contracts.ums_review import AnnulmentGround, Choice
from shared.law.reasons import REASONS, foreign
from shared.security.cms import LARGEST


def _base64(text: str) -> str:
    try:
        base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise PydanticCustomError("not_base64", "not base64") from None
    return text


def _reason(code: str) -> str:
    if code not in REASONS:
        raise PydanticCustomError("unknown_reason", "not a reason of the table")
    return code


def _clear(text: str) -> str:
    if "\0" in text:
        raise PydanticCustomError("control_character", "a control character")
    return text


Token = Annotated[str, Field(min_length=1, max_length=64)]
DecisionId = Annotated[str, Field(pattern=r"^[A-Za-z0-9-]{1,64}$")]
FreeText = Annotated[str, Field(min_length=1, max_length=2000), AfterValidator(_clear)]


class Body(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class LeaseHeld(Body):
    lease_token: Token


class CaseGivenBack(LeaseHeld):
    """`reason` is for the file; it leaves the service as little as the case does."""

    reason: FreeText


class DecisionDrafted(LeaseHeld):
    """A decision that is not signed yet; `ground` and `reasons` only with ANNUL."""

    decision_id: DecisionId
    decision: Choice
    ground: AnnulmentGround | None = None
    reasons: tuple[Annotated[str, AfterValidator(_reason)], ...] = Field(default=(), max_length=10)
    note: FreeText | None = None
    documentation_code: str = Field(min_length=1, max_length=64)
    decided_at: AwareDatetime

    @model_validator(mode="after")
    def _fits(self) -> DecisionDrafted:
        """p.11: an annulment has one of three grounds, and reasons of that ground; an approval has neither."""
        if self.decision is Choice.APPROVE and (self.ground is not None or self.reasons):
            raise PydanticCustomError("ground_of_approval", "an approval has neither ground nor reasons")
        if self.decision is Choice.ANNUL and self.ground is None:
            raise PydanticCustomError("ground_missing", "an annulment has a ground")
        if self.decision is Choice.ANNUL and not self.reasons:
            raise PydanticCustomError("reasons_missing", "an annulment has at least one reason")
        if len(set(self.reasons)) != len(self.reasons):
            raise PydanticCustomError("reason_twice", "a reason stands twice")
        if self.ground is not None and foreign(self.ground, self.reasons):
            raise PydanticCustomError("reason_of_another_ground", "a reason is of another ground")
        return self


class DecisionSigned(DecisionDrafted):
    """`cms` is a detached CMS in base64 over the canonical decision."""

    cms: Annotated[str, Field(min_length=1, max_length=LARGEST * 4 // 3), AfterValidator(_base64)]


class CaseWanted(Body):
    """A talon, an IIN, or a surname with or without name and patronymic."""

    wanted: str = Field(min_length=1, max_length=MOST_LETTERS)


class DecisionUndone(Body):
    decision_id: DecisionId


class SecondWordStated(Body):
    """What a second officer says of a held decision; why not, for the file, when they do not agree."""

    decision_id: DecisionId
    agrees: bool
    reason: FreeText | None = None

    @model_validator(mode="after")
    def _fits(self) -> SecondWordStated:
        if not self.agrees and self.reason is None:
            raise PydanticCustomError("reason_missing", "who does not agree says why")
        return self


class SecondWordSigned(SecondWordStated):
    """`cms` is a detached CMS in base64 over the canonical second word as of `decided_at`."""

    decided_at: AwareDatetime
    cms: Annotated[str, Field(min_length=1, max_length=LARGEST * 4 // 3), AfterValidator(_base64)]


class QueueLine(BaseModel):
    """`held_until` is machine time; `days_left` are working days.

    `others`: more cases of the same person in the region. `same_address`: the applicant is registered where you are, so
    another officer decides.
    """

    application_id: UUID
    talon: str
    round: int
    due_on: str
    days_left: int
    warned: int
    standing: str
    held_by: str | None
    held_until: str | None
    others: int
    same_address: bool


class QueuePage(BaseModel):
    region: str
    page: int
    more: bool
    reviews: tuple[QueueLine, ...]


class CaseFound(BaseModel):
    """`name` and `born` only in a search by name."""

    application_id: UUID
    talon: str
    queued_at: AwareDatetime
    standing: str
    name: str | None = None
    born: date | None = None


class CasesFound(BaseModel):
    """The newest first; `more` when older ones are not shown."""

    by: Sought
    more: bool
    cases: tuple[CaseFound, ...]


class DecisionAccepted(BaseModel):
    """`undo_until` is machine time; `confirmed` when it can no longer be undone."""

    decision_id: str
    undo_until: str
    confirmed: bool


class HeldDecision(BaseModel):
    """A signed annulment that another officer must look at."""

    application_id: UUID
    talon: str
    officer_id: str
    due_on: date


class HeldDecisions(BaseModel):
    """Most urgent first; `second_eyes`: whether the head asks for it of what is signed from now on."""

    region: str
    second_eyes: bool
    decisions: tuple[HeldDecision, ...]


class SecondWordTaken(BaseModel):
    """`undo_until` (machine time) of a decision that was agreed to; without one the case is free again."""

    decision_id: str
    agrees: bool
    undo_until: str | None


class ReasonShown(BaseModel):
    code: str
    ground: AnnulmentGround
    ru: str
    kk: str


class ReasonsShown(BaseModel):
    reasons: tuple[ReasonShown, ...]
