"""One thing the citizen is told, and the table of all codes: what comes next, and where else than at the portal."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from services.notification.places import Place
from services.notification.state import Correspondence, Wording
from services.notification.wording import sentences, text
from shared.contracts.notification import NoticeChannel
from shared.contracts.portal import NextAction, StatusChanged, Text
from shared.contracts.values import Ending, Fault, Stage

NOT_AVAILABLE = "NOT_AVAILABLE"
ELSEWHERE = (NoticeChannel.SMS, NoticeChannel.EMAIL)
BY_MAIL = (NoticeChannel.EMAIL,)

Next = NextAction
CODES: dict[str, tuple[NextAction, tuple[NoticeChannel, ...]]] = {
    NOT_AVAILABLE: (Next.GO_TO_TSON, ()),
    "LIVE_APPLICATION": (Next.NOTHING, ()),
    "START_AGAIN": (Next.START_AGAIN, ()),
    "OPENED": (Next.NOTHING, ()),
    "CONSENT_WAIT": (Next.GIVE_CONSENT, ()),
    "CONSENT_DENIED": (Next.START_AGAIN, ()),
    "CONSENT_EXPIRED": (Next.START_AGAIN, ()),
    "PHONE_ABSENT": (Next.START_AGAIN, ()),
    "PHONE_OF_ANOTHER": (Next.START_AGAIN, ()),
    "IDENT_REQUIRED": (Next.IDENTIFY, ()),
    "IDENT_FAILED": (Next.IDENTIFY, ()),
    "IDENT_EXPIRED": (Next.START_AGAIN, ()),
    "IDENTIFIED": (Next.NOTHING, ()),
    "ELIGIBLE": (Next.FILL_FORM, ()),
    "FORM_RETURNED": (Next.CORRECT_FORM, ()),
    "FORM_ACCEPTED": (Next.NOTHING, ()),
    "PHOTO_BAD": (Next.CORRECT_FORM, ()),
    "PHOTO_MISMATCH": (Next.CORRECT_FORM, ()),
    "SIGN_WAIT": (Next.SIGN, ()),
    "SIGN_BAD": (Next.SIGN, ()),
    "SUBMITTED": (Next.NOTHING, ()),
    "REG_REFUSED": (Next.GO_TO_TSON, ()),
    "REGISTERED": (Next.NOTHING, ELSEWHERE),
    "PAY_WAIT": (Next.PAY, ELSEWHERE),
    "EXEMPT": (Next.NOTHING, ()),
    "ZERO_RATE": (Next.NOTHING, ()),
    "PAID": (Next.NOTHING, ()),
    "ON_REVIEW": (Next.NOTHING, ()),
    "APPROVED": (Next.NOTHING, BY_MAIL),
    "ANNULLED": (Next.START_AGAIN, ()),
    "WITHDRAWAL_REFUSED": (Next.NOTHING, ELSEWHERE),
    "IN_PRODUCTION": (Next.NOTHING, ()),
    "SHIPPED": (Next.NOTHING, BY_MAIL),
    "READY": (Next.COLLECT, ELSEWHERE),
    "REMINDED": (Next.COLLECT, ELSEWHERE),
    "ISSUED": (Next.NOTHING, ()),
    "NOT_COLLECTED": (Next.GO_TO_TSON, ()),
    "NOT_MADE": (Next.GO_TO_TSON, ()),
    "TERM_PASSED": (Next.NOTHING, ELSEWHERE),
    "REFUND_FILED": (Next.NOTHING, ELSEWHERE),
    "REFUND_ACCOUNT_NEEDED": (Next.CORRECT_ACCOUNT, ELSEWHERE),
    "REFUND_ACCEPTED": (Next.NOTHING, BY_MAIL),
    "REFUND_OVERDUE": (Next.NOTHING, BY_MAIL),
    "REFUNDED": (Next.NOTHING, ELSEWHERE),
    "REFUND_ACCOUNT_FAULT": (Next.CORRECT_ACCOUNT, ELSEWHERE),
    "REFUND_REJECTED": (Next.NOTHING, ELSEWHERE),
    "GOES_ON": (Next.NOTHING, ()),
    "WITHDRAWN": (Next.START_AGAIN, ()),
    "UNPAID": (Next.START_AGAIN, ()),
    "ABANDONED": (Next.START_AGAIN, ()),
}
"""Code → next action, and the channels besides the portal. An ending is told everywhere, whatever its code."""

TALON_SHOWN = ("READY", "REMINDED")
"""Codes of a card that waits at the desk: their e-mail bears the talon as a QR code."""

UNPLACED = Place(Stage.OPENED, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Notice:
    """`about` tells two things of one code and place apart; `causes` is the ending that will repeat these words."""

    code: str
    text: Text
    grounds: tuple[Text, ...]
    next_action: NextAction
    channels: tuple[NoticeChannel, ...]
    place: Place = UNPLACED
    about: str = ""
    faults: tuple[Fault, ...] = ()
    link: str | None = None
    attempts_left: int | None = None
    revision: int | None = None
    talon: str | None = None
    amount: int | None = None
    until: datetime | None = None
    ending: Ending | None = None
    live_application: str | None = None
    causes: Ending | None = None

    @property
    def key(self) -> str:
        """The same for the same status, however often its event is heard."""
        rank, round, version = self.place.order
        return f"{self.code}/{rank}.{round}.{version}" + (f"/{self.about}" if self.about else "")

    @property
    def wording(self) -> Wording:
        return Wording(self.code, self.text, self.grounds, self.next_action, self.place.order)

    def but_next(self, next_action: NextAction) -> Notice:
        return replace(self, next_action=next_action)

    def status(self, known: Correspondence, at: datetime) -> StatusChanged:
        """What the portal is told."""
        return StatusChanged(
            application_id=known.application_id,
            code=self.code,
            stage=self.place.stage,
            rank=self.place.rank,
            round=self.place.round,
            version=self.place.version,
            text=self.text,
            grounds=self.grounds,
            faults=self.faults,
            next_action=self.next_action,
            link=self.link,
            attempts_left=self.attempts_left,
            revision=self.revision,
            talon=self.talon,
            amount=self.amount,
            until=self.until,
            ending=self.ending,
            live_application=self.live_application,
            at=at,
        )


def notice(
    code: str, grounds: Iterable[Text] = (), fields: dict[str, str | int | Text] | None = None, **details: Any
) -> Notice:
    """The notice of a code of the table; `fields` fill its text, `details` are fields of `Notice`."""
    next_action, channels = CODES[code]
    told = text(f"status/{code}", **(fields or {}))
    return Notice(code, told, sentences(*grounds), next_action, channels, **details)
