"""Who may touch a case and who holds it: leases are judged here, inside the transaction, by the act's machine time."""

from __future__ import annotations

from dataclasses import replace

from services.ums_review.acts import (
    Code,
    Done,
    ExtendLease,
    GiveBack,
    Leased,
    OfficersAct,
    ReadRecord,
    ReassignReview,
    RecordRefusal,
    Refusal,
    TakeReview,
    ViewReview,
)
from services.ums_review.notes import Note
from services.ums_review.review import DECIDED, Review, Standing
from shared.engine.decision import Decision, Given
from shared.engine.service import Audited


def stranger(review: Review, act: OfficersAct) -> Code | None:
    """Why this officer has nothing to do with this case: there is none, another region's (p.10), or their own.

    A case of their own address may be a relative's: they may look at it and do nothing else.
    """
    if review.standing is Standing.GATHERING or review.round == 0:
        return Code.UNKNOWN_CASE
    if act.officer_region != review.region:
        return Code.OTHER_REGION
    if act.officer_index == review.iin_index:
        return Code.OWN_APPLICATION
    if not isinstance(act, ViewReview) and review.is_home_of(act.officer_address):
        return Code.SAME_ADDRESS
    return None


def settled(review: Review) -> Code | None:
    """Why nothing can be done with the case any more."""
    if review.standing in DECIDED:
        return Code.DECIDED
    return {Standing.WITHDRAWN: Code.WITHDRAWN, Standing.CLOSED: Code.CLOSED}.get(review.standing)


def refused(review: Review, act: OfficersAct, what: str, code: Code) -> Decision[Review]:
    """Nothing changes, but the attempt is on record (order p.4.1)."""
    return Decision(review, appends=(audited(act, what, code.value),), reply=Refusal(code))


def audited(act: OfficersAct, what: str, result: str = "done") -> Audited:
    return Audited(act.application_id, f"officer:{act.officer_id}", act.where, what, result)


def take(review: Review, act: TakeReview, given: Given) -> Decision[Review]:
    """The case is this officer's for the lease; who holds it already gets the same token for longer."""
    what = "take-review"
    code = stranger(review, act) or settled(review)
    if code is None and review.standing is Standing.SIGNED:
        code = Code.ALREADY_SIGNED
    if code is None and review.held_by_another(act.officer_id, act.at):
        code = Code.HELD_BY_ANOTHER
    if code is not None:
        return refused(review, act, what, code)
    token = review.lease_token
    if token is None or not review.held_by(act.officer_id, token, act.at):
        token = str(given.uuid("lease"))
    until = act.at + given.rules.limits.review_lease
    taken = replace(review, lease_officer=act.officer_id, lease_token=token, lease_until=until)
    return Decision(taken, appends=(audited(act, what),), reply=Leased(token, until))


def extend(review: Review, act: ExtendLease, given: Given) -> Decision[Review]:
    """Only a lease that still runs can be made longer."""
    what = "extend-lease"
    code = _not_holding(review, act, act.lease_token)
    if code is not None:
        return refused(review, act, what, code)
    until = act.at + given.rules.limits.review_lease
    longer = replace(review, lease_until=until)
    return Decision(longer, appends=(audited(act, what),), reply=Leased(act.lease_token, until))


def give_back(review: Review, act: GiveBack, given: Given) -> Decision[Review]:
    """Back to the queue at once; the reason stays in the file."""
    what = "give-back"
    code = _not_holding(review, act, act.lease_token)
    if code is not None:
        return refused(review, act, what, code)
    note = Note(act.application_id, act.officer_id, what, act.reason)
    return Decision(review.released(), appends=(note, audited(act, what)), reply=Done())


def reassign(review: Review, act: ReassignReview, given: Given) -> Decision[Review]:
    """Whoever holds the case loses it; the new holder has the working day to open it. A signed decision stands."""
    what = "reassign-review"
    code = stranger(review, act) or settled(review)
    if code is None and review.standing is Standing.SIGNED:
        code = Code.ALREADY_SIGNED
    if code is None and act.to_index == review.iin_index:
        code = Code.OWN_APPLICATION
    if code is None and review.is_home_of(act.to_address):
        code = Code.SAME_ADDRESS
    if code is not None:
        return refused(review, act, what, code)
    moved = review.released()
    if act.to is not None:
        until = act.at + given.rules.limits.assigned_lease
        moved = replace(moved, lease_officer=act.to, lease_token=str(given.uuid("lease")), lease_until=until)
    rows = (Note(act.application_id, act.officer_id, what, act.reason), audited(act, what, f"to:{act.to or 'queue'}"))
    return Decision(moved, appends=rows, reply=Done())


def view(review: Review, act: ViewReview, given: Given) -> Decision[Review]:
    """Every look at personal data is on record, granted or not. A decided case of one's region may be looked up."""
    code = stranger(review, act)
    if code is not None:
        return refused(review, act, act.what.value, code)
    return Decision(review, appends=(audited(act, act.what.value),), reply=Done())


def record_refusal(review: Review, act: RecordRefusal, given: Given) -> Decision[Review]:
    return Decision(review, appends=(audited(act, act.what, act.result),))


def _not_holding(review: Review, act: OfficersAct, token: str) -> Code | None:
    code = stranger(review, act) or settled(review)
    if code is None and review.standing is Standing.SIGNED:
        code = Code.ALREADY_SIGNED
    if code is None and not review.held_by(act.officer_id, token, act.at):
        code = Code.LEASE_LOST
    return code


def read_record(state: Review, act: ReadRecord, given: Given) -> Decision[Review]:
    """An auditor's look at the record changes nothing and stands on it."""
    return Decision(state, appends=(audited(act, act.what),), reply=Done())
