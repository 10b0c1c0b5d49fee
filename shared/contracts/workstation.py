"""What a region's workstation (РП ДРН's own program at its officers) says and is told by its feed (S17, p.11).

Taking a `ReviewQueued` from the feed is receiving, not holding the case: that is `POST /reviews/{id}/take`.
"""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from shared.contracts.base import Sealed, WorkstationMessage, WorkstationStatus
from shared.contracts.ums_review import AnnulmentGround, Choice
from shared.contracts.values import Fault


class DecisionSigned(WorkstationMessage):
    """A decision as the officer signed it, under the lease it was made under; `ground` and `reasons` only with ANNUL.

    `cms` is a detached CMS (base64) over the canonical decision, `decided_at` the business time in it, with its zone.
    """

    officer_id: str = Field(pattern=r"^[A-Za-z0-9._-]{1,64}$")
    decision_id: str = Field(pattern=r"^[A-Za-z0-9-]{1,64}$")
    lease_token: str = Field(min_length=1, max_length=64)
    round: int = Field(ge=1, le=1000)
    decision: Choice
    ground: AnnulmentGround | None = None
    reasons: tuple[str, ...] = Field(default=(), max_length=10)
    documentation_code: str = Field(min_length=1, max_length=64)
    decided_at: datetime
    note: Sealed[str] | None = None
    cms: Sealed[str]


class DecisionTaken(WorkstationStatus):
    """It stands, and is confirmed at `undo_until` (machine time) if nobody undoes it. Said again of the same decision.

    `second_eyes`: another officer of the region must agree first. Until it is confirmed it may still fall (withdrawn,
    undone, a circumstance has changed); the feed says no more of it, and where the case goes on it is in the queue of
    `GET /reviews`: whoever works by the feed looks there until it is empty.
    """

    decision_id: str
    round: int
    undo_until: datetime
    second_eyes: bool = False


class DecisionRefused(WorkstationStatus):
    """Nothing was done with it. `code` is one of those of `POST /reviews/{id}/decision`, what is wrong with the
    signature, or why the message could not be taken; what does not read has the `message_id` instead of `decision_id`.
    """

    decision_id: str | None = None
    message_id: str | None = None
    code: str
    faults: tuple[Fault, ...] = ()
