"""Whatever the order of arrival, the portal ends with the newest status: places grow along every way."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from services.notification.notices import notices_of
from services.notification.places import RANK, place_of
from services.notification.state import Correspondence, Order
from shared.contracts import eligibility as e
from shared.contracts import identity_verification as v
from shared.contracts import intake as i
from shared.contracts import payment as p
from shared.contracts import production_dispatch as d
from shared.contracts import ums_review as u
from shared.contracts.base import Message
from shared.contracts.intake import SignatureProblem
from shared.contracts.values import Ending, Stage
from tests.services.notification.events import CASE, ID, TALON, said
from tests.services.running import NOW


def orders(*events: Message) -> list[Order]:
    return [place_of(event, NOW + timedelta(seconds=n)).order for n, event in enumerate(events)]


def test_places_grow_along_the_whole_way() -> None:
    way = orders(
        said(i.ApplicationOpened),
        said(v.ConsentRequested, send=1),
        said(v.ConsentRequested, send=2),
        said(v.IdentificationRequested, attempt=1),
        said(v.IdentificationRequested, attempt=2),
        said(v.IdentityConfirmed),
        said(e.EligibilityConfirmed),
        said(i.FormReturned, revision=1),
        said(i.FormAccepted, revision=2),
        said(v.PhotoReturned, revision=2),
        said(i.FormAccepted, revision=3),
        said(v.PhotoAccepted, revision=3),
        said(i.SignatureReturned, revision=3),
        said(i.SignatureReturned, revision=3),
        said(i.SignatureReturned, revision=2, problem=SignatureProblem.STALE),
        said(i.FormReturned, revision=4),
        said(i.FormAccepted, revision=5),
        said(v.PhotoAccepted, revision=5),
        said(i.ApplicationSubmitted, revision=5),
        said(i.ApplicationRegistered),
        said(p.FeeRequested, round=1),
        said(p.FeeRequested, round=2),
        said(p.FeePaid),
        said(u.ReviewQueued, round=1),
        said(u.ReviewApproved, round=1),
        said(d.ProductionStarted, round=1),
        said(u.ReviewQueued, round=2),
        said(u.ReviewApproved, round=2),
        said(d.ProductionStarted, round=2),
        said(d.DocumentShipped),
        said(d.DocumentReady),
        said(d.CollectionReminded, days=10),
        said(d.CollectionReminded, days=30),
        said(d.DocumentIssued),
        said(i.ApplicationClosed),
    )
    assert way == sorted(way)
    assert len(set(way)) == len(way)


@pytest.mark.parametrize(
    ("last", "refusal"),
    [
        (said(v.IdentificationRequested, attempt=5), said(v.IdentityRefused)),
        (said(v.IdentityConfirmed), said(e.EligibilityRefused)),
        (said(v.IdentityConfirmed), said(e.EligibilityUnavailable)),
        (said(i.FormAccepted, revision=9), said(v.PhotoRefused, revision=9)),
        (said(i.FormAccepted, revision=9), said(v.IdentityRefused, reason=v.IdentityRefusal.FACE_MISMATCH)),
        (said(i.FormAccepted, revision=9), said(v.IdentityUnavailable)),
        (said(i.ApplicationSubmitted), said(i.RegistrationRefused)),
        (said(u.ReviewQueued, round=2), said(u.ReviewAnnulled, round=2)),
    ],
)
def test_a_refusal_is_above_what_it_refuses_and_below_the_ending(last: Message, refusal: Message) -> None:
    way = orders(last, refusal, said(i.ApplicationClosed, ending=Ending.REFUSED))
    assert way == sorted(way)


def test_an_application_signed_in_time_goes_on_above_a_refusal() -> None:
    way = orders(said(v.PhotoRefused), said(i.ApplicationSubmitted))
    assert way == sorted(way)


@pytest.mark.parametrize(
    "event",
    [
        said(i.SignatureReturned, revision=9, problem=SignatureProblem.NOT_ACCEPTED_YET),
        said(i.SignatureReturned, problem=SignatureProblem.ALREADY_SIGNED),
        said(u.WithdrawalRefused),
        said(i.CloseRefused),
    ],
)
def test_what_changes_nothing_of_the_way_goes_to_history_only(event: Message) -> None:
    opened, told = orders(said(i.ApplicationOpened), event)
    assert told < opened


def test_a_stale_signature_stands_in_the_round_of_the_revision_that_stands() -> None:
    stale: dict[str, Any] = {"revision": 1, "problem": SignatureProblem.STALE}
    assert place_of(said(i.SignatureReturned, **stale), NOW).round == 2
    assert place_of(said(i.SignatureReturned, **stale, current=5), NOW).round == 5


def test_a_later_stage_never_has_a_lower_rank() -> None:
    assert sorted(RANK, key=RANK.__getitem__) == list(Stage)


def test_a_refund_of_the_ending_is_told_above_it_and_only_when_it_is_told() -> None:
    event = said(p.RefundFiled)
    waits = Correspondence(ID, refunds={CASE: p.RefundCause.ANNULLED})
    assert notices_of(event, NOW, waits) == ()
    (notice,) = notices_of(event, NOW, waits.but(ended=Ending.ANNULLED))
    assert notice.place.order > place_of(said(i.ApplicationClosed), NOW).order
    assert notice.ending is Ending.ANNULLED


def test_other_money_comes_back_beside_the_way_and_again_after_the_ending() -> None:
    event = said(p.RefundRejected, correctable=True)
    known = Correspondence(ID, refunds={CASE: p.RefundCause.SECOND})
    (beside,) = notices_of(event, NOW, known)
    assert beside.place.order < place_of(said(i.ApplicationOpened), NOW).order
    assert beside.channels
    _, after = notices_of(event, NOW, known.but(ended=Ending.ISSUED))
    assert after.place.order > place_of(said(i.ApplicationClosed), NOW).order
    assert after.channels == ()


def test_the_newer_word_on_a_refund_is_the_greater() -> None:
    known = Correspondence(ID, refunds={CASE: p.RefundCause.ANNULLED}, ended=Ending.ANNULLED)
    words = [said(p.RefundFiled), said(p.RefundRejected), said(p.RefundAccepted), said(p.FeeRefunded)]
    told = [notices_of(word, NOW + timedelta(minutes=n), known)[0].place.order for n, word in enumerate(words)]
    assert told == sorted(told)


def test_two_cases_of_one_moment_stand_apart() -> None:
    other = "6f1cbb1c-0000-4000-8000-000000000001"
    known = Correspondence(ID, refunds={CASE: p.RefundCause.SECOND, other: p.RefundCause.LATE}, ended=Ending.ISSUED)
    first, second = said(p.RefundFiled), said(p.RefundFiled).model_copy(update={"case_id": other})
    places = [notice.place.order for word in (first, second) for notice in notices_of(word, NOW, known)]
    assert len(set(places)) == len(places) == 4


def test_what_is_ready_waits_for_its_talon() -> None:
    assert notices_of(said(d.DocumentReady), NOW, Correspondence(ID)) == ()
    (notice,) = notices_of(said(d.DocumentReady), NOW, Correspondence(ID, talon=TALON))
    assert TALON in notice.text.ru
