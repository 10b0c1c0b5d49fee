"""What else the citizen says: uploads, withdrawal, feedback, another account; it goes on to whom it concerns."""

from __future__ import annotations

from dataclasses import replace

from services.intake.domain.application import Application, Turn, audited
from services.intake.domain.citizen import Reason, hindrance, not_taken
from services.intake.domain.facts import Upload, Withdrawal
from services.intake.domain.form import account_faults
from services.intake.domain.own import KeepFile, VerifyWithdrawal
from services.intake.domain.signing import Checked, recorded
from shared.contracts.base import Sealed
from shared.contracts.intake import FeedbackReceived, RefundAccountChanged, WithdrawalRequested
from shared.contracts.portal import ApplicationWithdrawn, FeedbackLeft, RefundAccountCorrected
from shared.engine.decision import Decision, Given, Later

MOST_UPLOADS = 40
"""Files of one application: enough for every attempt, too few to fill a disk."""


GRANT_USED = "GRANT_USED"
"""Another file has come by this grant."""


def upload_hindrance(state: Application) -> str | None:
    """Why no file is taken for this application; None when one is."""
    if not state.opened:
        return "UNKNOWN_APPLICATION"
    if state.ending is not None or state.registration_refused:
        return "CLOSED"
    if state.submitted:
        return "ALREADY_SIGNED"
    return "TOO_MANY_FILES" if len(state.uploads) >= MOST_UPLOADS else None


def uploaded(state: Application, purpose: str, sha256: str) -> Upload | None:
    """The upload for that purpose that came, or is kept, with that SHA-256."""
    of_purpose = (each for each in state.uploads if each.purpose == purpose)
    return next((each for each in of_purpose if sha256 in (each.sha256, each.sent)), None)


def is_spent(state: Application, purpose: str, grant: str) -> bool:
    """Whether a file for that purpose has come by this grant already."""
    return bool(grant) and any((each.purpose, each.grant) == (purpose, grant) for each in state.uploads)


def keep_file(state: Application, said: KeepFile) -> Turn:
    """S9: the file belongs to this application; the same content again is the same upload. Replies with the upload."""
    known = uploaded(state, said.purpose, said.sha256)
    hindered = upload_hindrance(state)
    if hindered is None and known is None and is_spent(state, said.purpose, said.grant):
        hindered = GRANT_USED
    if known is not None or hindered is not None:
        return Decision(state, reply=known if hindered is None else hindered)
    upload = Upload(said.purpose, said.reference, said.sha256, said.sent, said.grant)
    row = audited(state, "KeepFile", said.purpose)
    return Decision(replace(state, uploads=(*state.uploads, upload)), appends=(row,), reply=upload)


def withdraw(state: Application, said: ApplicationWithdrawn, given: Given) -> Turn:
    """The citizen gives up; once registered, only with a valid ЭЦП."""
    reason = hindrance(state, said.authenticated_iin)
    if reason is None and state.talon and said.cms is None:
        reason = Reason.SIGNATURE_REQUIRED
    if reason is not None:
        return not_taken(state, "ApplicationWithdrawn", reason, given, authenticated_iin=said.authenticated_iin)
    withdrawal = Withdrawal(str(given.message_id), signed=bool(state.talon), cms=said.cms if state.talon else None)
    if withdrawal.cms is None:
        return _withdrawn(state, withdrawal)
    asked = replace(state, withdrawal=withdrawal)
    row = audited(state, "ApplicationWithdrawn", "signature received")
    return Decision(asked, later=(checking_withdrawal(asked, withdrawal),), appends=(row,))


def checking_withdrawal(state: Application, withdrawal: Withdrawal) -> Later:
    assert withdrawal.cms is not None
    check = VerifyWithdrawal(
        application_id=state.application_id, cms=withdrawal.cms, message_id=withdrawal.message_id
    )  # fmt: skip
    return Later(check, clock="machine", key=f"withdrawal/{withdrawal.message_id}")


def settle_withdrawal(state: Application, said: VerifyWithdrawal, given: Given) -> Turn:
    """The ЭЦП over the withdrawal has been checked."""
    checked: Checked = given.answers
    if state.withdrawal is not None and state.withdrawal.message_id == said.message_id:
        state = replace(state, withdrawal=None)
    if state.ending is not None:
        return not_taken(state, "ApplicationWithdrawn", Reason.CLOSED, given, message_id=said.message_id)
    if checked.fault:
        return not_taken(state, "ApplicationWithdrawn", Reason.SIGNATURE_INVALID, given, message_id=said.message_id)
    return recorded(_withdrawn(state, Withdrawal(said.message_id, signed=True)), checked.kept)


def take_feedback(state: Application, said: FeedbackLeft, given: Given) -> Turn:
    """Of one's own application, at any time, after the ending too."""
    reason = hindrance(state, said.authenticated_iin, closed_too=True)
    if reason is not None:
        return not_taken(state, "FeedbackLeft", reason, given, authenticated_iin=said.authenticated_iin)
    received = FeedbackReceived(application_id=state.application_id, rating=said.rating, text=said.text)
    return Decision(state, received, appends=(audited(state, "FeedbackLeft", "passed on"),))


def correct_account(state: Application, said: RefundAccountCorrected, given: Given) -> Turn:
    """Another account of one's own, for the same refund case; refunds outlive the ending."""
    what, iin = "RefundAccountCorrected", said.authenticated_iin
    reason = hindrance(state, iin, closed_too=True)
    if reason is not None:
        return not_taken(state, what, reason, given, authenticated_iin=iin)
    faults = account_faults(said.refund_account.value, state)
    if faults:
        return not_taken(state, what, Reason.FAULTY, given, authenticated_iin=iin, faults=faults)
    changed = RefundAccountChanged(
        application_id=state.application_id, refund_account=Sealed(said.refund_account.value)
    )
    return Decision(state, changed, appends=(audited(state, what, "passed on"),))


def _withdrawn(state: Application, withdrawal: Withdrawal) -> Turn:
    row = audited(state, "ApplicationWithdrawn", "signed" if withdrawal.signed else "before registration")
    requested = WithdrawalRequested(application_id=state.application_id, signed=withdrawal.signed)
    return Decision(replace(state, withdrawal=withdrawal), requested, appends=(row,))
