"""Where a status stands among the others of its application: stage, rank, round, version. Pure functions of the event.

The portal shows the greatest (rank, round, version) and puts the rest into history, so the order of arrival is of no
account. `rank` is the order of the stage; stages through which an application can pass again share the rank of the
last of them (form, photo and signature; review and production), and there the round says how often: the revision of the
form, the round of review. `version` is the place of the kind of event within its round; what can be said again within
one round is ordered by the moment at which it was said. *Aside* is below all else: it goes to history only.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zlib import crc32

from services.notification.state import Order
from shared.contracts import eligibility as e
from shared.contracts import identity_verification as v
from shared.contracts import intake as i
from shared.contracts import payment as p
from shared.contracts import production_dispatch as d
from shared.contracts import ums_review as u
from shared.contracts.base import Message
from shared.contracts.intake import SignatureProblem
from shared.contracts.values import Stage

RANK = {stage: at for at, stage in enumerate(Stage)}
LAST = 1001
"""A round after every revision: what ends the loop of form, photo and signature."""

FORM, REVIEW, HAND_OVER = Stage.PHOTO_ACCEPTED, Stage.IN_PRODUCTION, Stage.READY


@dataclass(frozen=True, slots=True)
class Place:
    stage: Stage
    rank: int
    round: int
    version: int

    @property
    def order(self) -> Order:
        return self.rank, self.round, self.version


Number = Callable[[Any], int]


@dataclass(frozen=True, slots=True)
class Rule:
    """`among` is the stage whose rank is shared; `nth` counts within the round; `again`: ordered by the moment."""

    stage: Stage
    version: int
    among: Stage | None = None
    round: Number | int = 0
    nth: Number | int = 0
    again: bool = False

    def place(self, event: Any, said_at: datetime) -> Place:
        later = _moment(said_at, event) if self.again else _number(self.nth, event)
        rank = RANK[self.among or self.stage]
        return Place(self.stage, rank, _number(self.round, event), self.version + later)


def _revision(event: Any) -> int:
    return int(event.revision)


def _round(event: Any) -> int:
    return int(event.round)


RULES: dict[type[Message], Rule] = {
    i.ApplicationOpened: Rule(Stage.OPENED, 10, round=1),
    v.ConsentRequested: Rule(Stage.OPENED, 100, round=1, nth=lambda said: said.send),
    v.IdentificationRequested: Rule(Stage.OPENED, 200, round=1, nth=lambda said: said.attempt),
    v.IdentityRefused: Rule(Stage.OPENED, 900, round=1),
    v.IdentityConfirmed: Rule(Stage.IDENTIFIED, 10),
    e.EligibilityRefused: Rule(Stage.IDENTIFIED, 900),
    e.EligibilityUnavailable: Rule(Stage.IDENTIFIED, 910),
    e.EligibilityConfirmed: Rule(Stage.ELIGIBLE, 10, FORM),
    i.FormReturned: Rule(Stage.ELIGIBLE, 10, FORM, _revision),
    i.FormAccepted: Rule(Stage.FORM_ACCEPTED, 20, FORM, _revision),
    v.PhotoReturned: Rule(Stage.ELIGIBLE, 30, FORM, _revision),
    v.PhotoAccepted: Rule(Stage.PHOTO_ACCEPTED, 40, FORM, _revision),
    v.PhotoRefused: Rule(Stage.FORM_ACCEPTED, 900, FORM, LAST),
    v.IdentityUnavailable: Rule(Stage.OPENED, 920, FORM, LAST),
    i.ApplicationSubmitted: Rule(Stage.SUBMITTED, 10),
    i.RegistrationRefused: Rule(Stage.SUBMITTED, 900),
    i.ApplicationRegistered: Rule(Stage.REGISTERED, 10),
    p.FeeRequested: Rule(Stage.REGISTERED, 20, round=_round),
    p.FeeWaived: Rule(Stage.SETTLED, 10),
    p.FeePaid: Rule(Stage.SETTLED, 20),
    u.ReviewQueued: Rule(Stage.IN_REVIEW, 10, REVIEW, _round),
    u.ReviewApproved: Rule(Stage.APPROVED, 20, REVIEW, _round),
    d.ProductionStarted: Rule(Stage.IN_PRODUCTION, 30, REVIEW, _round),
    u.ReviewAnnulled: Rule(Stage.IN_REVIEW, 900, REVIEW, _round),
    d.DocumentShipped: Rule(Stage.IN_PRODUCTION, 10, HAND_OVER),
    d.DocumentReady: Rule(Stage.READY, 20),
    d.CollectionReminded: Rule(Stage.READY, 100, nth=lambda said: said.days),
    d.DocumentUncollected: Rule(Stage.READY, 100_000),
    d.DocumentIssued: Rule(Stage.READY, 100_010),
    i.ApplicationRefused: Rule(Stage.CLOSED, 10),
    i.ApplicationClosed: Rule(Stage.CLOSED, 10, round=1),
}
READY = (RANK[Stage.READY], 0, 20)
REFUSED_AT_S11 = Rule(Stage.FORM_ACCEPTED, 910, FORM, LAST)
SIGNATURE_RETURNED = Rule(Stage.PHOTO_ACCEPTED, 50, FORM, lambda said: _signed(said), again=True)
REFUND_AFTER_THE_ENDING = Rule(Stage.CLOSED, 10, round=2, again=True)


def place_of(event: Message, said_at: datetime) -> Place:
    """Where what is told of this event stands. Refunds have places of their own, see below."""
    match event:
        case v.IdentityRefused(reason=v.IdentityRefusal.FACE_MISMATCH):
            return REFUSED_AT_S11.place(event, said_at)
        case i.SignatureReturned(problem=SignatureProblem.NOT_ACCEPTED_YET):
            return aside(Stage.FORM_ACCEPTED, said_at, event)
        case i.SignatureReturned(problem=SignatureProblem.ALREADY_SIGNED):
            return aside(Stage.SUBMITTED, said_at, event)
        case i.SignatureReturned():
            return SIGNATURE_RETURNED.place(event, said_at)
        case u.WithdrawalRefused():
            return aside(Stage.APPROVED, said_at, event)
        case i.CloseRefused():
            return aside(event.stage, said_at, event)
    return RULES[type(event)].place(event, said_at)


def aside(stage: Stage, said_at: datetime, event: Message) -> Place:
    """Below every status of the way: told, and seen in history, but never instead of what stands."""
    return Place(stage, 0, 0, _moment(said_at, event))


def after_the_ending(event: Message, said_at: datetime) -> Place:
    """A refund goes on when the application has ended, and is then the newest."""
    return REFUND_AFTER_THE_ENDING.place(event, said_at)


def _signed(event: i.SignatureReturned) -> int:
    """The round of a signature that came back is that of the revision that stands; a stale one is older than it."""
    if event.current is not None:
        return event.current
    return event.revision + (event.problem is SignatureProblem.STALE)


def _number(given: Number | int, event: Any) -> int:
    return given if isinstance(given, int) else given(event)


def _moment(at: datetime, event: Any) -> int:
    """Thousandths of a millisecond; what one moment says of several refund cases is told apart by the case."""
    return int(at.timestamp() * 1000) * 1000 + crc32(str(getattr(event, "case_id", "")).encode()) % 1000
