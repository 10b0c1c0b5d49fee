"""The facts that intake keeps of one application, as they came."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from shared.contracts.base import Sealed
from shared.contracts.portal import FormFilled


@dataclass(frozen=True, slots=True)
class Upload:
    """A file of this application in the object store. `sent` is the SHA-256 of what came, `sha256` of what is kept."""

    purpose: str
    reference: str
    sha256: str
    sent: str = ""
    grant: str = ""  # by its name


@dataclass(frozen=True, slots=True)
class WaitingForm:
    """A form that came before it can be judged: before eligibility is known, or while a signature is being checked."""

    form: FormFilled
    said_at: datetime
    message_id: UUID


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """The citizen gives up. `cms` stands while it is being checked; `message_id` is the portal's."""

    message_id: str
    signed: bool
    cms: Sealed[str] | None = None


@dataclass(frozen=True, slots=True)
class Signature:
    """The signature of a revision; `received_at` is what window and pilot are judged by. The CMS goes after S13."""

    revision: int
    received_at: datetime
    cms: Sealed[str] | None
    valid: bool = False
    sha256: str = ""


class Registering(StrEnum):
    """Whether the application is on its way into РП ДРН."""

    NO = "no"
    SEEKING = "seeking"  # an earlier registration of the person must be recalled first
    ASKING = "asking"  # РП ДРН is being asked; the outcome is not known


class Reported(StrEnum):
    """The stages that РП ДРН is told, as it is told them (p.4.2)."""

    SETTLED = "SETTLED"
    IN_REVIEW = "IN_REVIEW"
    DECIDED = "DECIDED"
    MADE = "MADE"
    ISSUED = "ISSUED"


@dataclass(frozen=True, slots=True)
class Fact:
    """A stage after S13, with its place in the order; `number` is given when its report begins, 0 until then."""

    stage: Reported
    round: int
    at: datetime
    ground: str = ""
    officer: str = ""
    number: int = 0
