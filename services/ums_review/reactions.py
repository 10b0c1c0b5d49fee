"""What the review hears: what an application gathers on its way, orders, and its officers' acts."""

from __future__ import annotations

from services.ums_review import acts as a
from services.ums_review import deciding, domain, leases, resuming, seconding, workstation
from services.ums_review.gateway import check_decision, verifier_of
from services.ums_review.review import PhotoCheck, Registration, Review, Submission
from shared.contracts.eligibility import EligibilityConfirmed
from shared.contracts.identity_verification import IdentityConfirmed, PhotoAccepted
from shared.contracts.intake import (
    ApplicationClosed,
    ApplicationOpened,
    ApplicationRegistered,
    ApplicationSubmitted,
    CircumstanceChanged,
    FormAccepted,
    ResultRequested,
)
from shared.contracts.payment import FeePaid, FeeWaived
from shared.contracts.production_dispatch import DocumentMade, ProductionRefused
from shared.contracts.ums_review import ResumeReview, WithdrawReview
from shared.contracts.workstation import DecisionSigned
from shared.engine.decision import Decision, Given
from shared.engine.service import Reaction
from shared.web.knocks import ON_RECORD


def gather_when_application_opened(review: Review, event: ApplicationOpened, given: Given) -> Decision[Review]:
    return domain.gather(review, given, iin=event.iin, iin_index=event.iin_index, document=event.document)


def gather_when_identity_confirmed(review: Review, event: IdentityConfirmed, given: Given) -> Decision[Review]:
    return domain.gather(review, given, person=event.person)


def gather_when_eligibility_confirmed(review: Review, event: EligibilityConfirmed, given: Given) -> Decision[Review]:
    return domain.gather(
        review, given, eligible=True, expires=event.expires, birth_place=event.birth_place,
        birth_country=event.birth_country,
    )  # fmt: skip


def gather_when_form_accepted(review: Review, event: FormAccepted, given: Given) -> Decision[Review]:
    return domain.gather_form(review, event, given)


def gather_when_photo_accepted(review: Review, event: PhotoAccepted, given: Given) -> Decision[Review]:
    return domain.gather_photo(
        review, PhotoCheck(**event.model_dump(exclude={"application_id", "marks"}), marks=event.marks), given
    )


def gather_when_application_submitted(review: Review, event: ApplicationSubmitted, given: Given) -> Decision[Review]:
    submission = Submission(
        revision=event.revision, received_on=event.received_on, canonical_sha256=event.canonical_sha256
    )
    return domain.gather_submission(review, submission, given)


def gather_when_application_registered(review: Review, event: ApplicationRegistered, given: Given) -> Decision[Review]:
    registration = Registration(
        talon=event.talon, documentation_code=event.documentation_code, registered_on=event.registered_on
    )
    return domain.gather(review, given, registration=registration)


def gather_when_fee_paid(review: Review, event: FeePaid, given: Given) -> Decision[Review]:
    """That it is settled, and no more: neither sum nor receipt."""
    return domain.gather(review, given, settled=True, paid=True)


def gather_when_fee_waived(review: Review, event: FeeWaived, given: Given) -> Decision[Review]:
    return domain.gather(review, given, settled=True)


def queue_when_result_requested(review: Review, event: ResultRequested, given: Given) -> Decision[Review]:
    return domain.gather(review, given, asked=True)


def queue_again_when_production_refused(review: Review, event: ProductionRefused, given: Given) -> Decision[Review]:
    return domain.requeue(review, event, given)


def heed_when_circumstance_changed(review: Review, event: CircumstanceChanged, given: Given) -> Decision[Review]:
    return domain.heed_circumstance(review, event)


def note_when_document_made(review: Review, event: DocumentMade, given: Given) -> Decision[Review]:
    return domain.note_made(review)


def close_when_application_closed(review: Review, event: ApplicationClosed, given: Given) -> Decision[Review]:
    return domain.close(review)


def withdraw_review(review: Review, command: WithdrawReview, given: Given) -> Decision[Review]:
    return domain.withdraw(review)


def resume_review(review: Review, command: ResumeReview, given: Given) -> Decision[Review]:
    return resuming.resume(review, given)


def verify_when_decision_signed(review: Review, said: DecisionSigned, given: Given) -> Decision[Review]:
    return workstation.hear(review, said, given)


def warn_when_term_passed(review: Review, passed: a.PassTerm, given: Given) -> Decision[Review]:
    return domain.warn(review, passed)


REACTIONS: tuple[Reaction, ...] = (
    Reaction(ApplicationOpened, gather_when_application_opened),
    Reaction(IdentityConfirmed, gather_when_identity_confirmed),
    Reaction(EligibilityConfirmed, gather_when_eligibility_confirmed),
    Reaction(FormAccepted, gather_when_form_accepted),
    Reaction(PhotoAccepted, gather_when_photo_accepted),
    Reaction(ApplicationSubmitted, gather_when_application_submitted),
    Reaction(ApplicationRegistered, gather_when_application_registered),
    Reaction(FeePaid, gather_when_fee_paid),
    Reaction(FeeWaived, gather_when_fee_waived),
    Reaction(ResultRequested, queue_when_result_requested),
    Reaction(a.TakeReview, leases.take),
    Reaction(a.ReassignReview, leases.reassign),
    Reaction(a.SecondDecision, seconding.second),
    Reaction(a.SwitchSecondEyes, seconding.switch),
    Reaction(a.ExtendLease, leases.extend),
    Reaction(a.GiveBack, leases.give_back),
    Reaction(a.ViewReview, leases.view),
    Reaction(a.SignDecision, deciding.sign),
    Reaction(DecisionSigned, verify_when_decision_signed),
    Reaction(a.VerifyDecision, workstation.settle, asks=check_decision, policy=verifier_of),
    Reaction(a.UndoDecision, deciding.undo),
    Reaction(a.ConfirmDecision, deciding.confirm),
    Reaction(a.RecordRefusal, leases.record_refusal),
    Reaction(a.ReadRecord, leases.read_record),
    Reaction(a.PassTerm, warn_when_term_passed),
    Reaction(ProductionRefused, queue_again_when_production_refused),
    Reaction(CircumstanceChanged, heed_when_circumstance_changed),
    Reaction(DocumentMade, note_when_document_made),
    Reaction(ApplicationClosed, close_when_application_closed),
    Reaction(WithdrawReview, withdraw_review),
    Reaction(ResumeReview, resume_review),
    ON_RECORD,
)
