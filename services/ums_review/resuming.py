"""Going on when something was lost: what was said is said again, a signed decision is confirmed. Nothing
changes, but that a row which is older than the search by name, or the mark of a common address, has what they go by.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from services.ums_review.deciding import annulment_of, approval_of, confirming
from services.ums_review.domain import queuing_of, warnings
from services.ums_review.naming import indexes_of
from services.ums_review.review import UNDECIDED, Review, Standing
from shared.contracts.base import Message
from shared.engine.decision import Decision, Given
from shared.engine.waiting import Awaited, rows_of
from shared.law.address import address_index


def resume(review: Review, given: Given) -> Decision[Review]:
    """Facts under new ids, for whoever has not heard them; and the rows that must stand."""
    if review.region and review.person and not (review.name_indexes and review.address_index):
        person = review.person.value
        names, address = indexes_of(review.region, person, given.blind), address_index(person.registration, given.blind)
        review = replace(review, name_indexes=names, address_index=address)
    return Decision(review, *said_so_far(review), later=rows_of(awaited(review, given)))


def said_so_far(review: Review) -> Iterator[Message]:
    """Where the case stands. An annulment also after the ending: a refund is filed with its notice."""
    if review.standing in UNDECIDED:
        yield queuing_of(review)
    if review.standing is Standing.APPROVED and not review.closed and review.verdict:
        yield approval_of(review, review.verdict)
    if review.standing is Standing.ANNULLED and review.verdict:
        yield annulment_of(review, review.verdict)


def awaited(review: Review, given: Given) -> Iterator[Awaited]:
    """The rows that stand while the review is as it is; a queued case waits for its officers."""
    if review.standing is Standing.SIGNED and review.verdict and not review.verdict.held:
        yield Awaited(confirming(review.verdict, review))
    if review.standing in UNDECIDED:
        yield from (Awaited(warning, sure=False) for warning in warnings(review, given))
