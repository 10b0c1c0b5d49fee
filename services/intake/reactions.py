"""What intake hears, and which decision answers."""

from __future__ import annotations

from services.intake import asking as ask
from services.intake.domain import (
    door,
    ending,
    form,
    own,
    registration,
    reports,
    requests,
    resuming,
    retention,
    signing,
    statuses,
    telephone,
    watching,
)
from services.intake.domain.application import Application, Turn, then
from services.intake.domain.facts import Fact, Reported
from services.intake.gateway import OBJECTS, REGISTER, RPDRN
from shared.contracts.base import Message
from shared.contracts.eligibility import EligibilityConfirmed
from shared.contracts.identity_verification import IdentityRefused, PhotoAccepted, PhotoReturned
from shared.contracts.intake import CloseApplication, RecallRegistration, ResumeApplication
from shared.contracts.payment import FeePaid, FeeWaived
from shared.contracts.portal import (
    ApplicationSigned,
    ApplicationStarted,
    ApplicationWithdrawn,
    FeedbackLeft,
    FormFilled,
    RefundAccountCorrected,
)
from shared.contracts.production_dispatch import DocumentIssued, DocumentMade
from shared.contracts.ums_review import ReviewAnnulled, ReviewApproved, ReviewQueued
from shared.engine.decision import Decision, Given
from shared.engine.service import AskPolicy, Reaction
from shared.gateways.eds import eds_policy
from shared.web.forgeries import ON_RECORD


def open_when_application_started(state: Application, said: ApplicationStarted, given: Given) -> Turn:
    return door.open_application(state, said, given.answers, given)


def note_when_identity_refused(state: Application, said: IdentityRefused, given: Given) -> Turn:
    return door.note_identity_refused(state, said, given)


def keep_expiry_when_eligibility_confirmed(state: Application, said: EligibilityConfirmed, given: Given) -> Turn:
    return form.confirm_eligibility(state, said, given)


def judge_when_form_filled(state: Application, said: FormFilled, given: Given) -> Turn:
    return form.fill_form(state, said, given)


def admit_to_signing_when_photo_accepted(state: Application, said: PhotoAccepted, given: Given) -> Turn:
    return signing.accept_photo(state, said, given)


def await_revision_when_photo_returned(state: Application, said: PhotoReturned, given: Given) -> Turn:
    return signing.return_photo(state, said, given)


def keep_signature_when_application_signed(state: Application, said: ApplicationSigned, given: Given) -> Turn:
    return signing.sign(state, said, given)


def show_to_telephone(state: Application, said: own.ShowToTelephone, given: Given) -> Turn:
    return telephone.note_shown(state, said)


def sign_by_telephone(state: Application, said: own.SignByTelephone, given: Given) -> Turn:
    return telephone.sign_by_telephone(state, said, given)


def verify_signature(state: Application, said: own.VerifySignature, given: Given) -> Turn:
    return signing.settle_signature(state, said, given, lambda after: ending.close_as_ordered(after, given))


def verifier_of_signature(state: Application, said: own.VerifySignature) -> AskPolicy:
    return eds_policy(state.signature.cms if state.signature else None)


def verifier_of_withdrawal(state: Application, said: own.VerifyWithdrawal) -> AskPolicy:
    return eds_policy(said.cms)


def seek_registration(state: Application, said: own.SeekRegistration, given: Given) -> Turn:
    return signing.seek_registration(state, said, given)


def register_application(state: Application, said: own.RegisterApplication, given: Given) -> Turn:
    return registration.register(state, said, given)


def tidy_talons(state: Application, said: own.TidyTalons, given: Given) -> Turn:
    return registration.tidy(state, said, given)


def watch_talon(state: Application, said: own.WatchTalon, given: Given) -> Turn:
    return watching.note_watch(state, said, given.answers)


def report_when_fee_settled(state: Application, said: Message, given: Given) -> Turn:
    return reports.keep_fact(state, Fact(Reported.SETTLED, 0, given.said_at))


def report_stage(state: Application, said: own.ReportStage, given: Given) -> Turn:
    return reports.note_reported(state, said, given.answers)


def request_result(state: Application, said: own.RequestResult, given: Given) -> Turn:
    return reports.take_result_request(state, given.answers)


def report_when_review_queued(state: Application, said: ReviewQueued, given: Given) -> Turn:
    return reports.keep_fact(state, Fact(Reported.IN_REVIEW, said.round, given.said_at))


def report_when_review_approved(state: Application, said: ReviewApproved, given: Given) -> Turn:
    return reports.keep_fact(state, Fact(Reported.DECIDED, said.round, given.said_at, officer=said.officer_id))


def report_when_review_annulled(state: Application, said: ReviewAnnulled, given: Given) -> Turn:
    fact = Fact(Reported.DECIDED, said.round, given.said_at, ground=said.ground.value, officer=said.officer_id)
    return reports.keep_fact(state, fact)


def report_when_document_made(state: Application, said: DocumentMade, given: Given) -> Turn:
    return reports.keep_fact(state, Fact(Reported.MADE, 0, given.said_at))


def report_when_document_issued(state: Application, said: DocumentIssued, given: Given) -> Turn:
    return reports.keep_fact(state, Fact(Reported.ISSUED, 0, given.said_at, officer=said.officer_id))


def withdraw_when_application_withdrawn(state: Application, said: ApplicationWithdrawn, given: Given) -> Turn:
    return requests.withdraw(state, said, given)


def verify_withdrawal(state: Application, said: own.VerifyWithdrawal, given: Given) -> Turn:
    return requests.settle_withdrawal(state, said, given)


def pass_on_when_feedback_left(state: Application, said: FeedbackLeft, given: Given) -> Turn:
    return requests.take_feedback(state, said, given)


def pass_on_when_refund_account_corrected(state: Application, said: RefundAccountCorrected, given: Given) -> Turn:
    return requests.correct_account(state, said, given)


def close_application(state: Application, command: CloseApplication, given: Given) -> Turn:
    return ending.close_application(state, command, given)


def settle_abandonment(state: Application, said: own.SettleAbandonment, given: Given) -> Turn:
    return ending.settle_abandonment(state, said, given)


def recall_registration(state: Application, command: RecallRegistration, given: Given) -> Turn:
    return registration.recall_registration(state, command)


def resume_application(state: Application, command: ResumeApplication, given: Given) -> Turn:
    return then(resuming.resume(state), lambda after: Decision(after, later=retention.removing(after, given.rules)))


def keep_file(state: Application, said: own.KeepFile, given: Given) -> Turn:
    return requests.keep_file(state, said)


def heed_when_status_reported(state: Application, said: own.ReportStatus, given: Given) -> Turn:
    return statuses.note_status(state, said)


def remove_images(state: Application, said: own.RemoveImages, given: Given) -> Turn:
    return retention.note_removed(state, given.answers)


REACTIONS = (
    Reaction(
        ApplicationStarted, open_when_application_started, asks=ask.facts_for_the_door, claims=door.claim_of_start
    ),
    Reaction(IdentityRefused, note_when_identity_refused),
    Reaction(EligibilityConfirmed, keep_expiry_when_eligibility_confirmed),
    Reaction(own.KeepFile, keep_file),
    Reaction(FormFilled, judge_when_form_filled),
    Reaction(PhotoAccepted, admit_to_signing_when_photo_accepted),
    Reaction(PhotoReturned, await_revision_when_photo_returned),
    Reaction(ApplicationSigned, keep_signature_when_application_signed),
    Reaction(own.ShowToTelephone, show_to_telephone),
    Reaction(own.SignByTelephone, sign_by_telephone),
    Reaction(
        own.VerifySignature, verify_signature, asks=ask.check_signature, policy=verifier_of_signature,
        claims=signing.claim_of_place,
    ),
    Reaction(own.SeekRegistration, seek_registration, claims=signing.claim_of_place),
    Reaction(
        own.RegisterApplication, register_application, asks=ask.register_in_rpdrn, policy=REGISTER,
        claims=registration.claim_of_talon,
    ),
    Reaction(own.TidyTalons, tidy_talons, asks=ask.tidy_rpdrn, policy=RPDRN),
    Reaction(own.WatchTalon, watch_talon, asks=ask.watch_talon, policy=RPDRN),
    Reaction(own.ReportStatus, heed_when_status_reported),
    ON_RECORD,
    Reaction(FeePaid, report_when_fee_settled),
    Reaction(FeeWaived, report_when_fee_settled),
    Reaction(own.ReportStage, report_stage, asks=ask.report_stage, policy=RPDRN),
    Reaction(own.RequestResult, request_result, asks=ask.request_result, policy=RPDRN),
    Reaction(ReviewQueued, report_when_review_queued),
    Reaction(ReviewApproved, report_when_review_approved),
    Reaction(ReviewAnnulled, report_when_review_annulled),
    Reaction(DocumentMade, report_when_document_made),
    Reaction(DocumentIssued, report_when_document_issued),
    Reaction(ApplicationWithdrawn, withdraw_when_application_withdrawn),
    Reaction(own.VerifyWithdrawal, verify_withdrawal, asks=ask.check_withdrawal, policy=verifier_of_withdrawal),
    Reaction(FeedbackLeft, pass_on_when_feedback_left),
    Reaction(RefundAccountCorrected, pass_on_when_refund_account_corrected),
    Reaction(CloseApplication, close_application),
    Reaction(own.SettleAbandonment, settle_abandonment),
    Reaction(own.RemoveImages, remove_images, asks=ask.remove_images, policy=OBJECTS),
    Reaction(RecallRegistration, recall_registration),
    Reaction(ResumeApplication, resume_application),
)  # fmt: skip
