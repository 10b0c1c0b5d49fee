"""What intake says to itself: looks at the world that wait as rows, and acts that come by HTTP."""

from __future__ import annotations

from enum import StrEnum

from pydantic import AwareDatetime

from shared.contracts.base import Own, Sealed
from shared.contracts.intake import Circumstance


class KeepFile(Own):
    """An upload was put into the object store; `purpose` is photo or signature-sample. See `Upload`."""

    purpose: str
    reference: str
    sha256: str
    sent: str = ""
    grant: str = ""


class RemoveImages(Own):
    """The term of an ended application's images is over (business clock)."""


class VerifySignature(Own):
    """Check the `number`-th signature of the application; a valid one claims the person's place in РП ДРН."""

    number: int
    iin_index: str


class ShowToTelephone(Own):
    """eGov Mobile fetched the form to sign it."""

    revision: int


class SignByTelephone(Own):
    """eGov Mobile brought the signature of that revision (base64 of its CMS)."""

    revision: int
    cms: Sealed[str]


class SeekRegistration(Own):
    """Look again whether the person's earlier registration has been recalled (S13 waits for it)."""

    iin_index: str


class RegisterApplication(Own):
    """S13: inquire, then register."""


class TidyTalons(Own):
    """Recall every talon of the application that is not kept."""


class WatchTalon(Own):
    """Ask РП ДРН to tell what becomes of the registration; or look what became of the REQUEST `sent` for it."""

    sent: str = ""


class ReportStage(Own):
    """Tell РП ДРН the stage of that number (p.4.2)."""

    number: int


class RequestResult(Own):
    """S16: take the request of РП ДРН about the result."""


class VerifyWithdrawal(Own):
    """Check the ЭЦП of a withdrawal after registration; `message_id` is the portal's."""

    cms: Sealed[str]
    message_id: str


class SettleAbandonment(Own):
    """The grace for messages still on their way is over: close, if nothing came in time."""


class RegistryStatus(StrEnum):
    """How a registration stands at РП ДРН, as it says itself."""

    REGISTERED = "REGISTERED"
    CHANGED = "CHANGED"
    RECALLED = "RECALLED"
    ISSUED = "ISSUED"


class ReportStatus(Own):
    """РП ДРН said by the asynchronous channel how the registration stands since `registry_status_at` (its own date),
    and with CHANGED what changed with the person (p.4.1).
    """

    talon: str
    status: RegistryStatus
    registry_status_at: AwareDatetime
    circumstance: Circumstance | None = None
