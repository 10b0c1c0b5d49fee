"""What officers do, as messages of this service to itself, and what they are answered after the commit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from shared.contracts.base import Own, Sealed
from shared.contracts.ums_review import AnnulmentGround, Choice
from shared.contracts.workstation import DecisionSigned
from shared.security.evidence import KeptSignature


class OfficersAct(Own):
    """Who acts (from the officer's account, never from the body), from where, and `at` which machine time.

    `officer_index` and `officer_address` are the blind indexes of their IIN and, where it is known, of their address.
    """

    officer_id: str
    officer_region: str
    officer_index: str
    officer_address: str | None = None
    where: str
    at: datetime


class TakeReview(OfficersAct):
    pass


class ExtendLease(OfficersAct):
    lease_token: str


class GiveBack(OfficersAct):
    """The reason is for the file and stays here."""

    lease_token: str
    reason: Sealed[str]


class ReassignReview(OfficersAct):
    """The head gives a case to an officer of the region (`to`, with the blind indexes of IIN and address), or back to
    the queue. The reason is for the file.
    """

    to: str | None
    to_index: str | None
    to_address: str | None = None
    reason: Sealed[str]


class Viewed(StrEnum):
    CASE = "view-case"
    PHOTO = "view-photo"
    SIGNATURE_SAMPLE = "view-signature-sample"
    FOUND_BY_IIN = "find-by-iin"
    FOUND_BY_NAME = "find-by-name"


class ViewReview(OfficersAct):
    """Personal data is asked for (order p.4.1)."""

    what: Viewed


class SignDecision(OfficersAct):
    """A decision whose CMS was found valid over the payload with this hash, made of the case as it then stood."""

    decision_id: str
    lease_token: str
    round: int
    choice: Choice
    ground: AnnulmentGround | None = None
    reasons: tuple[str, ...] = ()
    note: Sealed[str] | None = None
    documentation_code: str
    decided_at: datetime
    payload_sha256: str
    cms: Sealed[str]
    proof: KeptSignature | None = None
    second_eyes: bool = False
    """Whether the region's head has asked for a second pair of eyes when this was signed."""


class VerifyDecision(Own):
    """A decision that came as a message at `heard_at` (business time) waits for the check of its signature."""

    signed: DecisionSigned
    heard_at: datetime


class SecondDecision(OfficersAct):
    """Another officer has looked at a held decision: it goes on, or the case goes back with a reason for the file.

    `proof` is the officer's signature over that word as of `decided_at`, found valid.
    """

    decision_id: str
    agrees: bool
    reason: Sealed[str] | None = None
    decided_at: datetime
    proof: KeptSignature | None = None


class SwitchSecondEyes(OfficersAct):
    """Of the house: the head wants a second pair of eyes on annulments of paid applications, or no more."""

    wanted: bool


class UndoDecision(OfficersAct):
    decision_id: str


class ReadRecord(OfficersAct):
    """Of the house: an auditor looks at the record; `what` says for which rows."""

    what: str


class RecordRefusal(OfficersAct):
    """An act that was refused before it came to a decision (its signature does not hold): it leaves its audit row."""

    what: str
    result: str


class ConfirmDecision(Own):
    """The time to undo is over (machine clock)."""

    decision_id: str


class PassTerm(Own):
    """So many percent of the review term of that round have passed (business clock)."""

    round: int
    percent: int


class Code(StrEnum):
    """Why an act is refused."""

    UNKNOWN_CASE = "UNKNOWN_CASE"
    OTHER_REGION = "OTHER_REGION"
    OWN_APPLICATION = "OWN_APPLICATION"
    SAME_ADDRESS = "SAME_ADDRESS"
    DECIDED = "DECIDED"
    WITHDRAWN = "WITHDRAWN"
    CLOSED = "CLOSED"
    ALREADY_SIGNED = "ALREADY_SIGNED"
    HELD_BY_ANOTHER = "HELD_BY_ANOTHER"
    LEASE_LOST = "LEASE_LOST"
    ROUND_CHANGED = "ROUND_CHANGED"
    CIRCUMSTANCE_CHANGED = "CIRCUMSTANCE_CHANGED"
    DOCUMENTATION_CODE = "DOCUMENTATION_CODE"
    DECISION_ID_SPENT = "DECISION_ID_SPENT"
    NO_SUCH_DECISION = "NO_SUCH_DECISION"
    NOT_YOUR_DECISION = "NOT_YOUR_DECISION"
    OWN_DECISION = "OWN_DECISION"


@dataclass(frozen=True, slots=True)
class Refusal:
    code: Code


@dataclass(frozen=True, slots=True)
class Leased:
    token: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Signed:
    """Accepted; can be undone until then (machine time)."""

    decision_id: str
    undo_until: datetime


@dataclass(frozen=True, slots=True)
class Done:
    pass
