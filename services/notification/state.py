"""What notification knows of one application and has told of it, and the messages it says to itself."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from shared.contracts.base import Own, Sealed
from shared.contracts.notification import NoticeChannel
from shared.contracts.payment import RefundCause
from shared.contracts.portal import NextAction, Text
from shared.contracts.values import Ending, Locale, Stage

Order = tuple[int, int, int]
"""(rank, round, version): by which the portal knows what is the newest."""


@dataclass(frozen=True, slots=True)
class Wording:
    """What was told, kept because the ending repeats it: a refusal or an annulment."""

    code: str
    text: Text
    grounds: tuple[Text, ...]
    next_action: NextAction
    order: Order


@dataclass(frozen=True, slots=True)
class Kept:
    """An event that came before what its notice needs: its routing key and JSON. It holds no personal data."""

    kind: str
    body: str
    said_at: datetime


@dataclass(frozen=True, slots=True, order=True)
class Errand:
    """A notice still to be sent by SMS or e-mail: the address, or its confirmation, is not known yet."""

    key: str
    channel: NoticeChannel
    code: str
    ending: Ending | None = None


@dataclass(frozen=True, slots=True)
class Correspondence:
    """`told` are the keys of the statuses said, `sending` what SMS gateway or mail server is asked to send, `sent` the
    notice ids that they have answered.

    `phone` is the one that БМГ was asked about; `email_revision` the form it came with (0: the start).
    `refunds` are the causes by case, `causes` what an ending of that kind repeats, `newest` and `stage` those of
    the greatest status, `impatient` that an ending is told without its cause.
    """

    application_id: UUID
    locale: Locale | None = None
    phone: Sealed[str] | None = None
    email: Sealed[str] | None = None
    email_revision: int = -1
    identified: bool = False
    talon: str | None = None
    refunds: dict[str, RefundCause] = field(default_factory=dict)
    causes: dict[Ending, Wording] = field(default_factory=dict)
    ended: Ending | None = None
    impatient: bool = False
    kept: tuple[Kept, ...] = ()
    told: tuple[str, ...] = ()
    errands: tuple[Errand, ...] = ()
    sending: tuple[Errand, ...] = ()
    sent: tuple[str, ...] = ()
    stage: Stage | None = None
    newest: Order = (-1, -1, -1)

    def but(self, **changes: Any) -> Correspondence:
        return replace(self, **changes)

    def may_be_sent(self, errand: Errand) -> bool:
        """No SMS before БМГ confirmed the number; e-mail only to an address that was given."""
        if self.locale is None:
            return False
        if errand.channel is NoticeChannel.SMS:
            return self.identified and self.phone is not None
        return self.email is not None


def notice_id(application_id: UUID, key: str, channel: NoticeChannel) -> str:
    """One id per status and channel, however often it is said or sent."""
    return str(uuid5(application_id, f"{key}/{channel}"))


class SendSms(Own):
    """Send the status `code` by SMS; `ending` when it is the ending."""

    key: str
    code: str
    ending: Ending | None = None


class SendEmail(Own):
    """Send the status `code` by e-mail; `ending` when it is the ending."""

    key: str
    code: str
    ending: Ending | None = None


class TellEnding(Own):
    """Its cause has not been heard for a while: the ending is told without it."""


class TellOfDelay(Own):
    """The term of the whole service has passed (p.4.2): the citizen is told, unless the card is ready by now."""
