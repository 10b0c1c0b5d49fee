"""What enters review and what ends it from outside. Pure: values in, values out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from services.ums_review.acts import PassTerm
from services.ums_review.naming import indexes_of
from services.ums_review.review import DECIDED, UNDECIDED, Form, PhotoCheck, Review, Standing, Submission
from shared.contracts.intake import CircumstanceChanged, FormAccepted
from shared.contracts.production_dispatch import ProductionFault, ProductionRefused
from shared.contracts.ums_review import AnnulmentGround, Choice, ReviewQueued, ReviewWithdrawn, WithdrawalRefused
from shared.engine.decision import ALMATY, Decision, Given, Later
from shared.engine.service import Audited, Step
from shared.law import terms
from shared.law.address import address_index
from shared.law.calendar import add_working_days

OFFICER, HEAD, OPERATIONS = "officer", "head", "operations"


@dataclass(frozen=True, slots=True)
class Alert:
    """A share of the review term has passed and nobody has decided: whom it concerns."""

    application_id: UUID
    region: str
    round: int
    percent: int
    whom: str


def gather(review: Review, given: Given, **facts: Any) -> Decision[Review]:
    """Keep a fact, and queue the case when nothing is missing. After that, facts of the way change nothing."""
    if review.standing is not Standing.GATHERING:
        return Decision(review)
    return advance(replace(review, **facts), given)


def gather_form(review: Review, form: FormAccepted, given: Given) -> Decision[Review]:
    """The last revision counts, in whatever order they are heard."""
    if review.form is not None and review.form.revision >= form.revision:
        return Decision(review)
    return gather(
        review,
        given,
        form=Form(
            revision=form.revision,
            region=form.region,
            point=form.point,
            contacts=form.contacts,
            photo=form.photo,
            signature_sample=form.signature_sample,
        ),
    )


def gather_photo(review: Review, photo: PhotoCheck, given: Given) -> Decision[Review]:
    if review.photo is not None and review.photo.revision >= photo.revision:
        return Decision(review)
    return gather(review, given, photo=photo)


def gather_submission(review: Review, submission: Submission, given: Given) -> Decision[Review]:
    if review.submission is not None:
        return Decision(review)
    return gather(review, given, submission=submission)


def advance(review: Review, given: Given) -> Decision[Review]:
    return queue(review, given) if review.complete else Decision(review)


def queue(review: Review, given: Given, *appends: Any) -> Decision[Review]:
    """Into the queue of the region the applicant chose (S17, p.10), with the term of one more round."""
    assert review.form
    assert review.person
    assert review.registration
    rules, round = given.rules, review.round + 1
    due_on = add_working_days(given.today, rules.terms.review, rules.calendar)
    queued = review.released(
        standing=Standing.QUEUED,
        round=round,
        region=review.form.region,
        talon=review.registration.talon,
        queued_at=given.now,
        due_on=due_on,
        warned=0,
        verdict=None,
        name_indexes=indexes_of(review.form.region, review.person.value, given.blind),
        address_index=address_index(review.person.value.registration, given.blind),
    )
    rows = (*appends, by_service(queued, "queue"))
    return Decision(queued, queuing_of(queued), later=warnings(queued, given), appends=rows)


def queuing_of(review: Review) -> ReviewQueued:
    """What is said, and said again, of a case in the queue."""
    assert review.region
    assert review.talon
    assert review.due_on
    return ReviewQueued(
        application_id=review.application_id, region=review.region, talon=review.talon, round=review.round,
        due_on=review.due_on,
    )  # fmt: skip


def requeue(review: Review, refusal: ProductionRefused, given: Given) -> Decision[Review]:
    """A substantive refusal goes back to the officer for a new signed decision, before the document is made."""
    stands = review.standing is Standing.APPROVED and not review.made and not review.closed
    if refusal.fault is not ProductionFault.SUBSTANTIVE or refusal.round != review.round or not stands:
        return Decision(review)
    assert review.verdict
    return queue(replace(review, spent=(*review.spent, review.verdict.decision_id)), given)


def heed_circumstance(review: Review, change: CircumstanceChanged) -> Decision[Review]:
    """From now on only an annulment by EXTRA_CHECKS; a decision not yet confirmed that says otherwise falls,
    and the officer takes the case again to see why.
    """
    if review.standing in (Standing.ANNULLED, Standing.WITHDRAWN, Standing.CLOSED) or review.circumstance is not None:
        return Decision(review)
    flagged = replace(review, circumstance=change.circumstance)
    if review.standing is not Standing.SIGNED:
        return Decision(flagged)
    assert review.verdict
    if review.verdict.choice is Choice.ANNUL and review.verdict.ground is AnnulmentGround.EXTRA_CHECKS:
        return Decision(flagged)
    return Decision(
        drop(flagged, Standing.QUEUED).released(),
        appends=(by_service(review, "drop-decision", "CIRCUMSTANCE_CHANGED"),),
    )


def drop(review: Review, standing: Standing) -> Review:
    """A signed decision comes to nothing; its id never serves again."""
    spent = (*review.spent, review.verdict.decision_id) if review.verdict else review.spent
    return replace(review, standing=standing, verdict=None, spent=spent)


def withdraw(review: Review) -> Decision[Review]:
    """The referee's row: before the decision the withdrawal wins, after it is refused. Asked again, the same answer."""
    answered = Standing.WITHDRAWN.value
    if review.withdrawal is not None:
        return Decision(review, _answer(review, review.withdrawal))
    if review.standing in DECIDED or review.approved_once:
        stands = (review.standing if review.standing in DECIDED else Standing.APPROVED).value
        refused = replace(review, withdrawal=stands)
        return Decision(refused, _answer(review, stands), appends=(by_service(review, "withdraw", stands),))
    # a tombstone when nothing was queued yet: nothing enters review later
    ended = drop(review, Standing.WITHDRAWN).released(withdrawal=answered)
    appends: list[Any] = [by_service(review, "withdraw", answered)]
    if review.standing in UNDECIDED:
        appends.append(Step(review.application_id, "S17", "skipped", answered))
    return Decision(ended, _answer(review, answered), appends=appends)


def _answer(review: Review, withdrawal: str) -> ReviewWithdrawn | WithdrawalRefused:
    if withdrawal == Standing.WITHDRAWN:
        return ReviewWithdrawn(application_id=review.application_id)
    return WithdrawalRefused(application_id=review.application_id, decision=withdrawal)


def close(review: Review) -> Decision[Review]:
    """The ending was said: what is undecided leaves the queue, and nothing enters review any more."""
    if review.closed:
        return Decision(review)
    if review.standing in (*DECIDED, Standing.WITHDRAWN):
        return Decision(replace(review, closed=True))
    return Decision(drop(review, Standing.CLOSED).released(closed=True))


def note_made(review: Review) -> Decision[Review]:
    """The document exists: no refusal of production brings the case back."""
    return Decision(replace(review, made=True))


def warn(review: Review, passed: PassTerm) -> Decision[Review]:
    """70, 90, 100 % of the term: to the officer, the head, operations. No term decides."""
    if review.standing not in UNDECIDED or passed.round != review.round or passed.percent <= review.warned:
        return Decision(review)
    alert = Alert(
        review.application_id, review.region or "", review.round, passed.percent, whom_to_warn(passed.percent)
    )
    return Decision(
        replace(review, warned=passed.percent),
        appends=(alert, by_service(review, "warn", f"{passed.percent} {alert.whom}")),
    )


def whom_to_warn(percent: int) -> str:
    if percent >= 100:
        return OPERATIONS
    return HEAD if percent >= 90 else OFFICER


def warnings(review: Review, given: Given) -> Iterable[Later]:
    """The timers of the term that began when the case was queued; those that have passed are left out."""
    assert review.queued_at
    rules, begun = given.rules, review.queued_at.astimezone(ALMATY).date()
    for passed in terms.warnings(begun, rules.terms.review, rules.terms, rules.calendar):
        if passed.percent <= review.warned:
            continue
        message = PassTerm(application_id=review.application_id, round=review.round, percent=passed.percent)
        yield Later(message, at=passed.at, key=f"review-term/{review.round}/{passed.percent}")


def by_service(review: Review, what: str, result: str = "done") -> Audited:
    return Audited(review.application_id, "service", "ums-review", what, result)
