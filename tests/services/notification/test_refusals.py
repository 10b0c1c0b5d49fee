"""Which refusal sends to ЦОН, which lets start again, and what is never named."""

from __future__ import annotations

import pytest

from services.notification.notice import Notice
from services.notification.notices import notices_of
from services.notification.refusals import NEUTRAL
from services.notification.state import Correspondence
from shared.contracts import identity_verification as v
from shared.contracts import intake as i
from shared.contracts.base import Message
from shared.contracts.eligibility import EligibilityRefused, EligibilityUnavailable
from shared.contracts.intake import DoorRefusal, SignatureProblem
from shared.contracts.portal import NextAction
from shared.contracts.ums_review import AnnulmentGround, ReviewAnnulled
from shared.contracts.values import Ending, Fault, Stage
from shared.law.eligibility import Ground
from shared.law.reasons import REASONS
from tests.services.notification.events import ID, said
from tests.services.running import NOW

TSON = "оформление не доступно, обратитесь в ЦОН"


def told(event: Message) -> Notice:
    (notice,) = notices_of(event, NOW, Correspondence(ID, impatient=True))
    return notice


def everything(notice: Notice) -> str:
    return " ".join(f"{text.kk} {text.ru}" for text in (notice.text, *notice.grounds))


@pytest.mark.parametrize(
    "event",
    [
        said(EligibilityRefused),
        said(EligibilityUnavailable),
        said(v.IdentityUnavailable),
        said(v.PhotoRefused),
        *(
            said(v.IdentityRefused, reason=reason)
            for reason in (
                v.IdentityRefusal.IDENTIFICATION_FAILED,
                v.IdentityRefusal.FACE_MISMATCH,
                v.IdentityRefusal.PERSON_NOT_FOUND,
            )
        ),
        *(
            said(i.ApplicationRefused, grounds=(ground,))
            for ground in (
                DoorRefusal.OUTSIDE_PILOT,
                DoorRefusal.OTHER_DOCUMENT,
                DoorRefusal.OTHER_REASON,
                DoorRefusal.OUTAGE,
                DoorRefusal.TOO_MANY_REFUSALS,
            )
        ),
        said(i.SignatureReturned, problem=SignatureProblem.OUTSIDE_WINDOW),
        said(i.ApplicationClosed, ending=Ending.REDIRECTED),
        said(i.ApplicationClosed, ending=Ending.REFUSED),
    ],
    ids=lambda event: type(event).__name__,
)
def test_what_the_order_sends_to_tson_opens_with_its_text_and_the_grounds_stand_apart(event: Message) -> None:
    notice = told(event)
    assert notice.code == "NOT_AVAILABLE"
    assert notice.text.ru == TSON
    assert notice.grounds
    assert all(TSON not in ground.ru for ground in notice.grounds)
    assert notice.next_action is NextAction.GO_TO_TSON


@pytest.mark.parametrize(
    "reason",
    [
        v.IdentityRefusal.CONSENT_DENIED,
        v.IdentityRefusal.CONSENT_EXPIRED,
        v.IdentityRefusal.PHONE_ABSENT,
        v.IdentityRefusal.PHONE_OF_ANOTHER,
        v.IdentityRefusal.IDENTIFICATION_EXPIRED,
        v.IdentityRefusal.UNIDENTIFIED_TOO_LONG,
    ],
)
def test_without_consent_or_phone_one_may_start_again_and_is_not_sent_to_tson(reason: v.IdentityRefusal) -> None:
    notice = told(said(v.IdentityRefused, reason=reason))
    assert notice.next_action is NextAction.START_AGAIN
    assert "ЦОН" not in everything(notice)
    assert "ХҚКО" not in everything(notice)


def test_consent_that_a_register_takes_no_more_has_the_text_of_consent_and_is_not_sent_to_tson() -> None:
    notice = told(said(EligibilityRefused, grounds=(Ground.CONSENT_ENDED,)))
    assert notice.code == "CONSENT_EXPIRED"
    assert notice.next_action is NextAction.START_AGAIN
    assert "ЦОН" not in everything(notice)


def test_every_ground_of_a_refusal_is_told_at_once() -> None:
    grounds = (Ground.UNDER_AGE, Ground.NO_PERMANENT_REGISTRATION, Ground.OUTSIDE_WINDOW_LATE)
    assert len(told(said(EligibilityRefused, grounds=grounds)).grounds) == 3


@pytest.mark.parametrize("ground", sorted(NEUTRAL))
def test_incapacity_and_its_like_are_never_named(ground: Ground) -> None:
    notice = told(said(EligibilityRefused, grounds=(ground,)))
    assert [text.ru for text in notice.grounds] == ["Услуга не может быть оказана онлайн."]


def test_grounds_that_are_not_named_cannot_be_counted() -> None:
    notice = told(said(EligibilityRefused, grounds=(Ground.INCAPABLE, Ground.WANTED)))
    assert len(notice.grounds) == 1


def test_a_second_start_tells_the_live_application_and_its_stage() -> None:
    live = i.Resume(application_id="7", stage=Stage.REGISTERED)
    notice = told(said(i.ApplicationRefused, grounds=(DoorRefusal.LIVE_APPLICATION,), resume=live))
    assert notice.code == "LIVE_APPLICATION"
    assert notice.live_application == "7"
    assert notice.text.ru == "У Вас уже есть открытая заявка 7. Продолжите её: оплата пошлины."


def test_wrong_data_at_the_door_is_named_and_may_be_mended_at_once() -> None:
    grounds = (DoorRefusal.IIN_INVALID, DoorRefusal.PHONE_INVALID)
    notice = told(said(i.ApplicationRefused, grounds=grounds))
    assert (notice.code, notice.next_action, len(notice.grounds)) == ("START_AGAIN", NextAction.START_AGAIN, 2)


def test_a_refusal_of_registration_gives_the_words_of_rp_drn_and_names_tson() -> None:
    notice = told(said(i.RegistrationRefused))
    assert [text.ru for text in notice.grounds] == ["Причина"]
    assert "ЦОН" in notice.text.ru
    assert notice.next_action is NextAction.GO_TO_TSON


def test_an_annulment_gives_ground_and_reasons_word_for_word() -> None:
    notice = told(said(ReviewAnnulled, ground=AnnulmentGround.PHOTO, reasons=("PHOTO_EYES",)))
    reason = REASONS["PHOTO_EYES"]
    assert (notice.grounds[-1].ru, notice.grounds[-1].kk) == (reason.ru, reason.kk)
    assert (notice.code, notice.next_action) == ("ANNULLED", NextAction.START_AGAIN)


def test_an_annulment_after_approval_says_that_no_card_will_be_made() -> None:
    notice = told(said(ReviewAnnulled, after_approval=True))
    assert (notice.code, notice.next_action) == ("NOT_MADE", NextAction.GO_TO_TSON)


def test_a_returned_photo_names_every_defect_and_the_attempts_left() -> None:
    notice = told(said(v.PhotoReturned, photo_reasons=("Sharpness",), signature_reasons=("Blank",), attempts_left=2))
    assert [text.ru.partition(":")[0] for text in notice.grounds] == ["Фото", "Образец подписи"]
    assert (notice.attempts_left, notice.next_action) == (2, NextAction.CORRECT_FORM)
    assert "2" in notice.text.ru


def test_a_photo_of_another_face_is_told_as_such() -> None:
    assert told(said(v.PhotoReturned, photo_reasons=("FaceMismatch",))).code == "PHOTO_MISMATCH"


def test_a_returned_form_carries_every_fault_and_a_sentence_for_each() -> None:
    faults = (Fault(field="region", problem="unknown"), Fault(field="unheard", problem="of"))
    notice = told(said(i.FormReturned, faults=faults))
    assert notice.faults == faults
    assert len(notice.grounds) == 2


@pytest.mark.parametrize(
    ("problem", "next_action"),
    [
        (SignatureProblem.INVALID, NextAction.SIGN),
        (SignatureProblem.STALE, NextAction.SIGN),
        (SignatureProblem.NOT_ACCEPTED_YET, NextAction.NOTHING),
        (SignatureProblem.ALREADY_SIGNED, NextAction.NOTHING),
        (SignatureProblem.OUTSIDE_PILOT, NextAction.GO_TO_TSON),
    ],
)
def test_a_returned_signature_says_what_to_do(problem: SignatureProblem, next_action: NextAction) -> None:
    assert told(said(i.SignatureReturned, problem=problem)).next_action is next_action


def test_a_second_identification_tells_the_attempts_that_are_left_after_it() -> None:
    notice = told(said(v.IdentificationRequested, attempt=3, attempts_left=2))
    assert (notice.code, notice.attempts_left, notice.link) == ("IDENT_FAILED", 2, "https://id/1")
