"""A story as it is told: what was heard, what was ordered, how it ended.

`a_case().heard(annulled()).orders(CloseApplication(...)).heard(closed(...)).orders(...).ends(...)`
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid5

from services.saga_coordinator.app import SERVICE
from services.saga_coordinator.saga import Case
from services.saga_coordinator.stages import GO_ON
from services.saga_coordinator.timeline import Happening
from shared.contracts.base import Message, Sealed, routing_key
from shared.contracts.eligibility import EligibilityConfirmed
from shared.contracts.identity_verification import IdentityRefusal, IdentityRefused, PhotoAccepted, PhotoReturned
from shared.contracts.intake import (
    ApplicationClosed,
    ApplicationRegistered,
    ApplicationSubmitted,
    CloseApplication,
    CloseRefused,
    FormAccepted,
    RecallRefused,
    RecallRegistration,
    RegistrationRecalled,
    WithdrawalRequested,
)
from shared.contracts.notification import CitizenNotified, NoticeChannel
from shared.contracts.payment import CancelInvoice, FeeLapsed, InvoiceCancelled, RefundCause, RefundFiled
from shared.contracts.production_dispatch import DocumentIssued, DocumentUncollected
from shared.contracts.ums_review import (
    AnnulmentGround,
    ReviewAnnulled,
    ReviewWithdrawn,
    WithdrawalRefused,
    WithdrawReview,
)
from shared.contracts.values import Contacts, Ending, FileRef, Instruction, Locale, Stage
from shared.engine.decision import Given, Later

ID = UUID(int=7)
RESUMES = tuple(GO_ON.values())
NOW = datetime(2025, 10, 6, 5, 0, tzinfo=UTC)  # a Monday, 10:00 in Almaty
DAY = timedelta(days=1)


@dataclass
class Telling:
    """One case; `orders` are given out as they are told of, `rows` and `waiting` are in the order of their making.

    What heals (to go on, to repeat) is `resumed`, apart from the orders of the stories.
    """

    case: Case = field(default_factory=lambda: Case(ID))
    now: datetime = NOW
    ordered: list[Message] = field(default_factory=list)
    resumed: list[Message] = field(default_factory=list)
    rows: list[Happening] = field(default_factory=list)
    waiting: list[tuple[datetime, Later]] = field(default_factory=list)
    ids: list[UUID] = field(default_factory=list)

    def heard(self, *events: Message) -> Telling:
        for event in events:
            self.decide(event)
        return self

    def orders(self, *commands: Message) -> Telling:
        """Exactly these since it was last told."""
        assert self.ordered == list(commands)
        self.ordered = []
        return self

    def orders_nothing(self) -> Telling:
        return self.orders()

    def passes(self, time: timedelta) -> Telling:
        """Both clocks move on; what comes due is heard at its moment."""
        until = self.now + time
        while due := min((row for row in self.waiting if row[0] <= until), key=lambda row: row[0], default=None):
            self.waiting.remove(due)
            self.now = max(self.now, due[0])
            self.decide(due[1].message)
        self.now = until
        return self

    def ends(self, ending: Ending) -> Telling:
        """The case has its ending, nothing runs and nothing waits to be begun."""
        assert (self.case.ending, self.case.story, self.case.pending) == (ending, "", ())
        return self.orders_nothing()

    def goes_on(self) -> Telling:
        """No ending, and no story."""
        assert (self.case.ending, self.case.story, self.case.pending) == (None, "", ())
        return self

    def decide(self, message: Message) -> None:
        self.ids.append(uuid5(ID, f"heard/{len(self.ids)}"))
        given = Given(message_id=self.ids[-1], now=self.now, said_at=self.now, machine=self.now)
        decision = SERVICE.by_key[routing_key(message)].does(self.case, message, given)
        self.case = decision.state
        for order in decision.says:
            (self.resumed if isinstance(order, RESUMES) else self.ordered).append(order)
        self.rows += [row for row in decision.appends if isinstance(row, Happening)]
        self._wait_for(decision.later)

    def _wait_for(self, rows: Iterable[Later]) -> None:
        """With a key, one application has at most one such row waiting."""
        for later in rows:
            if later.key is None or all(other.key != later.key for _, other in self.waiting):
                self.waiting.append((later.at or self.now + later.after, later))


def a_case() -> Telling:
    return Telling()


def eligible(expires: date = date(2025, 10, 20)) -> Message:
    return EligibilityConfirmed(application_id=ID, expires=expires)


def form(revision: int = 1) -> Message:
    picture = FileRef(reference="a/b", sha256="0" * 64)
    return FormAccepted(
        application_id=ID, revision=revision, region="71", point="7101",
        contacts=Sealed(Contacts(phone="+77010000001")), photo=picture, signature_sample=picture,
        instruction=Instruction(version="1", language=Locale.KK),
    )  # fmt: skip


def photo_returned(revision: int = 1) -> Message:
    return PhotoReturned(application_id=ID, revision=revision, attempts_left=4)


def photo(revision: int = 1) -> Message:
    return PhotoAccepted(
        application_id=ID, revision=revision, photo_sha256="0" * 64, signature_sha256="0" * 64, face_score=90
    )


def submitted() -> Message:
    return ApplicationSubmitted(
        application_id=ID, revision=1, received_on=NOW.date(), canonical_sha256="0" * 64, cms=Sealed("MIIB")
    )


def registered() -> Message:
    return ApplicationRegistered(
        application_id=ID, talon="T1", documentation_code="D1", region="71", point="7101",
        registered_on=NOW.date(), expires=date(2025, 10, 20),
    )  # fmt: skip


def identity_refused() -> Message:
    return IdentityRefused(application_id=ID, reason=IdentityRefusal.FACE_MISMATCH)


def withdrawal() -> Message:
    return WithdrawalRequested(application_id=ID, signed=True)


def withdrawn() -> Message:
    return ReviewWithdrawn(application_id=ID)


def too_late(decision: str = "ANNULLED") -> Message:
    return WithdrawalRefused(application_id=ID, decision=decision)


def annulled(*, after_approval: bool = False) -> Message:
    return ReviewAnnulled(
        application_id=ID, decision_id="d1", round=1, officer_id="o1", ground=AnnulmentGround.PHOTO,
        after_approval=after_approval,
    )  # fmt: skip


def lapsed() -> Message:
    return FeeLapsed(application_id=ID, invoice_id="i1")


def issued() -> Message:
    return DocumentIssued(application_id=ID, point="7101", officer_id="o2")


def uncollected() -> Message:
    return DocumentUncollected(application_id=ID, point="7101")


def closed(ending: Ending) -> Message:
    return ApplicationClosed(application_id=ID, ending=ending, closed_at=NOW)


def notified(ending: Ending) -> Message:
    return CitizenNotified(application_id=ID, ending=ending, channel=NoticeChannel.PORTAL, notice_id="n1")


def not_closed(ending: Ending) -> Message:
    return CloseRefused(application_id=ID, ending=ending, stage=Stage.SUBMITTED)


def recalled() -> Message:
    return RegistrationRecalled(application_id=ID, talon="T1")


def not_recalled() -> Message:
    return RecallRefused(application_id=ID, talon="T1", reason="IN_PRODUCTION")


def unpaid() -> Message:
    return InvoiceCancelled(application_id=ID, invoice_id="i1")


def refund(cause: RefundCause) -> Message:
    return RefundFiled(application_id=ID, case_id="c1", cause=cause, amount=1)


def close(ending: Ending) -> Message:
    return CloseApplication(application_id=ID, ending=ending)


def cancel(cause: RefundCause) -> Message:
    return CancelInvoice(application_id=ID, cause=cause)


RECALL = RecallRegistration(application_id=ID)
WITHDRAW_REVIEW = WithdrawReview(application_id=ID)
