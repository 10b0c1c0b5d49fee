"""What the portal says (ПЭП and the mobile apps), and what it is told. Only intake hears `portal`."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from pydantic import Field

from shared.contracts.base import PortalMessage, PortalStatus, Sealed, Value
from shared.contracts.values import (
    Channel,
    Contacts,
    DocumentKind,
    Ending,
    Fault,
    FileRef,
    Instruction,
    Locale,
    Reason,
    RefundAccount,
    Stage,
)


class ApplicationStarted(PortalMessage):
    """A citizen asks to renew (p.7). `authenticated_iin` is whom the portal signed in."""

    iin: Sealed[str]
    authenticated_iin: Sealed[str]
    document: DocumentKind
    reason: Reason
    phone: Sealed[str]
    email: Sealed[str] | None = None
    channel: Channel
    locale: Locale


class FormFilled(PortalMessage):
    """S8, S9: the form of one revision; the citizen alone fills it (p.8)."""

    authenticated_iin: Sealed[str]
    revision: int = Field(ge=1, le=1000)
    region: str = Field(max_length=16)
    point: str = Field(max_length=16)
    contacts: Sealed[Contacts]
    photo: FileRef
    signature_sample: FileRef
    refund_account: Sealed[RefundAccount] | None = None
    refund_application: bool = False
    instruction: Instruction


class ApplicationSigned(PortalMessage):
    """S12: a detached CMS (base64) over the canonical application of that revision."""

    authenticated_iin: Sealed[str]
    revision: int = Field(ge=1, le=1000)
    cms: Sealed[str]


class ApplicationWithdrawn(PortalMessage):
    """The citizen gives up; after registration the withdrawal bears a CMS over `withdraw:<application id>`."""

    authenticated_iin: Sealed[str]
    cms: Sealed[str] | None = None


class FeedbackLeft(PortalMessage):
    authenticated_iin: Sealed[str]
    rating: int = Field(ge=1, le=5)
    text: Sealed[str] | None = None


class RefundAccountCorrected(PortalMessage):
    """After an account fault the citizen names another account of their own; the same refund case goes on."""

    authenticated_iin: Sealed[str]
    refund_account: Sealed[RefundAccount]


class NextAction(StrEnum):
    """What the citizen does next, if anything."""

    NOTHING = "NOTHING"
    GIVE_CONSENT = "GIVE_CONSENT"
    IDENTIFY = "IDENTIFY"
    FILL_FORM = "FILL_FORM"
    CORRECT_FORM = "CORRECT_FORM"
    SIGN = "SIGN"
    PAY = "PAY"
    COLLECT = "COLLECT"
    GO_TO_TSON = "GO_TO_TSON"
    START_AGAIN = "START_AGAIN"
    CORRECT_ACCOUNT = "CORRECT_ACCOUNT"


class Text(Value):
    kk: str
    ru: str


class StatusChanged(PortalStatus):
    """Said by notification. (`rank`, `round`, `version`) never goes back; a lower one goes to history only.

    `grounds` are separate sentences; `faults` name fields; `link` is where the next action is done.
    """

    code: str
    stage: Stage
    rank: int
    round: int
    version: int
    text: Text
    grounds: tuple[Text, ...] = ()
    faults: tuple[Fault, ...] = ()
    next_action: NextAction = NextAction.NOTHING
    link: str | None = None
    attempts_left: int | None = None
    revision: int | None = None
    talon: str | None = None
    amount: int | None = None
    until: datetime | None = None
    ending: Ending | None = None
    live_application: str | None = None
    at: datetime


class MessageRejected(PortalStatus):
    """Said by intake: a portal message that could not be taken, with every fault; nothing was done with it."""

    message_id: str
    reason: str
    faults: tuple[Fault, ...] = ()
    text: Text | None = None
