"""Every story of process.md section 4: what is heard, what is ordered, how it ends."""

from __future__ import annotations

import pytest

from shared.contracts.base import Message
from shared.contracts.eligibility import EligibilityRefused, EligibilityUnavailable
from shared.contracts.identity_verification import IdentityUnavailable, PhotoRefused
from shared.contracts.intake import (
    Circumstance,
    CircumstanceChanged,
    RegistrationRecalled,
    RegistrationRefused,
    RegistrationUnavailable,
)
from shared.contracts.payment import InvoiceCancelled, RefundCause
from shared.contracts.production_dispatch import ProductionFault, ProductionRefused
from shared.contracts.values import Ending
from shared.law.eligibility import Ground
from tests.services.saga_coordinator.telling import (
    DAY,
    ID,
    RECALL,
    WITHDRAW_REVIEW,
    a_case,
    annulled,
    cancel,
    close,
    closed,
    eligible,
    form,
    identity_refused,
    issued,
    lapsed,
    not_closed,
    not_recalled,
    photo,
    photo_returned,
    recalled,
    refund,
    registered,
    submitted,
    too_late,
    uncollected,
    unpaid,
    withdrawal,
    withdrawn,
)

DIED = CircumstanceChanged(application_id=ID, circumstance=Circumstance.DEATH)
REFUSALS = (
    identity_refused(),
    PhotoRefused(application_id=ID, revision=5),
    EligibilityRefused(application_id=ID, grounds=(Ground.INCAPABLE,)),
    RegistrationRefused(application_id=ID, code="X", text_kk="жоқ", text_ru="нет"),
    DIED,
)
SILENCES = (
    IdentityUnavailable(application_id=ID, dependency="bmg"),
    EligibilityUnavailable(application_id=ID, dependency="zags"),
    RegistrationUnavailable(application_id=ID, dependency="rpdrn"),
)


@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda said: type(said).__name__)
def test_any_refusal_of_an_opened_application_before_its_registration_closes_it(refusal: Message) -> None:
    (
        a_case()
        .heard(refusal)
        .orders(close(Ending.REFUSED))
        .heard(closed(Ending.REFUSED))
        .ends(Ending.REFUSED)
    )  # fmt: skip


def test_a_death_told_after_the_registration_is_the_officers_to_decide() -> None:
    a_case().heard(registered(), DIED).orders_nothing().goes_on()


def test_a_refusal_that_the_registration_overtook_lets_the_application_go_on() -> None:
    (
        a_case()
        .heard(DIED)
        .orders(close(Ending.REFUSED))
        .heard(registered(), not_closed(Ending.REFUSED))
        .orders_nothing()
        .goes_on()
    )


def test_an_annulment_frees_the_citizen_first_then_recalls_then_gives_the_money_back() -> None:
    (
        a_case()
        .heard(registered(), annulled())
        .orders(close(Ending.ANNULLED))
        .heard(closed(Ending.ANNULLED))
        .orders(RECALL)
        .heard(recalled())
        .orders(cancel(RefundCause.ANNULLED))
        .heard(refund(RefundCause.ANNULLED))
        .ends(Ending.ANNULLED)
    )


def test_an_annulled_application_that_paid_nothing_ends_with_its_invoice() -> None:
    telling = a_case().heard(annulled(), closed(Ending.ANNULLED), recalled())
    telling.orders(close(Ending.ANNULLED), RECALL, cancel(RefundCause.ANNULLED)).heard(unpaid()).ends(Ending.ANNULLED)


def test_a_recall_that_is_refused_goes_to_operations_and_the_money_still_goes_back() -> None:
    telling = a_case().heard(annulled(), closed(Ending.ANNULLED)).orders(close(Ending.ANNULLED), RECALL)
    telling.heard(not_recalled()).orders(cancel(RefundCause.ANNULLED))
    assert telling.case.attention == "RecallRefused"
    telling.heard(refund(RefundCause.ANNULLED)).ends(Ending.ANNULLED)


@pytest.mark.parametrize("cause", [RefundCause.SECOND, RefundCause.LATE, RefundCause.EXCESS, RefundCause.SHORT])
def test_a_refund_that_nobody_ordered_is_no_answer_to_the_order(cause: RefundCause) -> None:
    telling = a_case().heard(annulled(), closed(Ending.ANNULLED), recalled(), refund(cause))
    assert telling.case.story == "annulment"
    telling.heard(refund(RefundCause.ANNULLED))
    assert telling.case.story == ""


def test_a_withdrawal_ends_the_review_then_the_money_then_the_talon_and_closes_last() -> None:
    (
        a_case()
        .heard(registered(), withdrawal())
        .orders(WITHDRAW_REVIEW)
        .heard(withdrawn())
        .orders(cancel(RefundCause.WITHDRAWN))
        .heard(refund(RefundCause.WITHDRAWN))
        .orders(RECALL)
        .heard(recalled())
        .orders(close(Ending.WITHDRAWN))
        .heard(closed(Ending.WITHDRAWN))
        .ends(Ending.WITHDRAWN)
    )


def test_a_withdrawal_before_anything_is_registered_goes_the_same_way() -> None:
    telling = a_case().heard(eligible(), withdrawal(), withdrawn(), InvoiceCancelled(application_id=ID))
    telling.heard(RegistrationRecalled(application_id=ID), closed(Ending.WITHDRAWN))
    telling.orders(WITHDRAW_REVIEW, cancel(RefundCause.WITHDRAWN), RECALL, close(Ending.WITHDRAWN))
    telling.ends(Ending.WITHDRAWN)


def test_a_withdrawal_after_the_decision_is_too_late_and_the_application_goes_on() -> None:
    telling = a_case().heard(registered(), withdrawal()).orders(WITHDRAW_REVIEW)
    telling.heard(too_late("APPROVED")).orders_nothing().goes_on()
    telling.heard(issued()).orders(close(Ending.ISSUED)).heard(closed(Ending.ISSUED)).ends(Ending.ISSUED)


def test_an_unpaid_application_is_recalled_and_closed() -> None:
    (
        a_case()
        .heard(registered(), lapsed())
        .orders(RECALL)
        .heard(recalled())
        .orders(close(Ending.UNPAID))
        .heard(closed(Ending.UNPAID))
        .ends(Ending.UNPAID)
    )


def test_an_unpaid_application_whose_recall_is_refused_still_ends() -> None:
    telling = a_case().heard(lapsed()).orders(RECALL).heard(not_recalled()).orders(close(Ending.UNPAID))
    telling.heard(closed(Ending.UNPAID)).ends(Ending.UNPAID)
    assert telling.case.attention == "RecallRefused"


def test_no_form_in_a_day_abandons_the_application() -> None:
    telling = a_case().heard(eligible()).passes(DAY).orders(close(Ending.ABANDONED))
    telling.heard(closed(Ending.ABANDONED)).passes(3 * DAY).ends(Ending.ABANDONED)


def test_no_signature_in_a_day_abandons_the_application() -> None:
    telling = a_case().heard(eligible(), form(), photo()).passes(DAY).orders(close(Ending.ABANDONED))
    telling.heard(closed(Ending.ABANDONED)).passes(3 * DAY).ends(Ending.ABANDONED)


def test_no_new_form_in_a_day_after_a_returned_photo_abandons_the_application() -> None:
    telling = a_case().heard(eligible(), form()).passes(DAY / 2).heard(photo_returned()).passes(DAY * 0.9)
    telling.orders_nothing().passes(DAY * 0.1).orders(close(Ending.ABANDONED))


def test_an_application_signed_in_time_goes_on_however_the_messages_crossed() -> None:
    telling = a_case().heard(eligible(), form(), photo()).passes(DAY).orders(close(Ending.ABANDONED))
    telling.heard(not_closed(Ending.ABANDONED), submitted(), registered()).goes_on().passes(3 * DAY).orders_nothing()


@pytest.mark.parametrize("silence", SILENCES, ids=lambda said: type(said).__name__)
def test_a_silent_system_before_the_registration_redirects(silence: Message) -> None:
    (
        a_case()
        .heard(silence)
        .orders(close(Ending.REDIRECTED))
        .heard(closed(Ending.REDIRECTED))
        .ends(Ending.REDIRECTED)
    )  # fmt: skip


@pytest.mark.parametrize("silence", SILENCES, ids=lambda said: type(said).__name__)
def test_no_outage_sends_a_registered_application_away(silence: Message) -> None:
    a_case().heard(registered(), silence).orders_nothing().goes_on()


def test_an_application_that_moved_on_is_not_redirected() -> None:
    telling = a_case().heard(SILENCES[0]).orders(close(Ending.REDIRECTED))
    telling.heard(not_closed(Ending.REDIRECTED)).orders_nothing().goes_on()


@pytest.mark.parametrize("fault", list(ProductionFault))
def test_a_refused_production_begins_no_story_before_the_officer_has_decided_anew(fault: ProductionFault) -> None:
    refused = ProductionRefused(application_id=ID, order_id="o1", round=1, fault=fault, reason="PHOTO_FORMAT")
    a_case().heard(registered(), refused).orders_nothing().goes_on()


def test_what_is_annulled_after_its_approval_ends_not_made_and_is_paid_back() -> None:
    (
        a_case()
        .heard(registered(), annulled(after_approval=True))
        .orders(close(Ending.NOT_MADE))
        .heard(closed(Ending.NOT_MADE))
        .orders(RECALL)
        .heard(recalled())
        .orders(cancel(RefundCause.NOT_MADE))
        .heard(refund(RefundCause.NOT_MADE))
        .ends(Ending.NOT_MADE)
    )


@pytest.mark.parametrize(("event", "ending"), [(issued(), Ending.ISSUED), (uncollected(), Ending.NOT_COLLECTED)])
def test_a_card_handed_over_or_never_fetched_ends_the_application(event: Message, ending: Ending) -> None:
    a_case().heard(registered(), event).orders(close(ending)).heard(closed(ending)).ends(ending)
