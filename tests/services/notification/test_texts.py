"""Every text is there in both languages, filled to the end, and the order's own text stands word for word."""

from __future__ import annotations

import string
from enum import StrEnum

import pytest

from services.identity_verification.photo.measures import PhotoFault
from services.identity_verification.signature_sample import SampleFault
from services.notification.notice import CODES, NOT_AVAILABLE
from services.notification.notices import KEPT, TOLD, notices_of
from services.notification.places import RULES
from services.notification.refusals import NEUTRAL, OWN_WAY
from services.notification.state import Correspondence
from services.notification.wording import OTHER, TEXTS, point, sentence, short, text
from shared.contracts.base import Message
from shared.contracts.identity_verification import IdentityRefusal
from shared.contracts.intake import ApplicationClosed, DoorRefusal, SignatureProblem
from shared.contracts.notification import NoticeChannel
from shared.contracts.payment import RefundCause
from shared.contracts.portal import Text
from shared.contracts.values import Ending, Locale, Stage
from shared.law.eligibility import Ground
from shared.process import TOLD as EVENTS
from shared.security.cms import SignatureFault
from tests.services.notification.events import CASE, ID, TALON, said
from tests.services.running import NOW

ALL_KNOWN = Correspondence(ID, talon=TALON, refunds={CASE: RefundCause.LATE}, ended=Ending.ISSUED, impatient=True)


def placeholders(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name is not None}


def texts_of_event(event: Message) -> list[Text]:
    return [text for notice in notices_of(event, NOW, ALL_KNOWN) for text in (notice.text, *notice.grounds)]


@pytest.mark.parametrize("kind", EVENTS, ids=lambda kind: kind.__name__)
def test_each_event_is_told_in_both_languages_and_no_placeholder_is_left(kind: type[Message]) -> None:
    texts = texts_of_event(said(kind))
    assert texts
    for told in texts:
        assert told.kk
        assert told.ru
        assert told.kk != told.ru
        assert not {"{", "}"} & set(told.kk + told.ru)


@pytest.mark.parametrize("ending", Ending)
def test_each_ending_is_told_in_both_languages(ending: Ending) -> None:
    assert texts_of_event(said(ApplicationClosed, ending=ending))


def test_all_that_is_heard_has_its_words_and_its_place() -> None:
    heard = set(EVENTS)
    assert heard == TOLD.keys() | set(KEPT)
    assert RULES.keys() <= heard


def test_both_tables_hold_the_same_texts_with_the_same_placeholders() -> None:
    kk, ru = TEXTS[Locale.KK], TEXTS[Locale.RU]
    assert kk.keys() == ru.keys()
    assert {key: placeholders(kk[key]) for key in kk} == {key: placeholders(ru[key]) for key in ru}


def test_the_order_is_quoted_word_for_word() -> None:
    assert text(f"status/{NOT_AVAILABLE}").ru == "оформление не доступно, обратитесь в ЦОН"


def test_the_codes_and_their_texts_are_one_list() -> None:
    assert {key.removeprefix("status/") for key in TEXTS[Locale.RU] if key.startswith("status/")} == CODES.keys()
    assert {key.removeprefix("short/") for key in TEXTS[Locale.RU] if key.startswith("short/")} <= CODES.keys()


@pytest.mark.parametrize(
    ("group", "codes"),
    [
        ("door", DoorRefusal),
        ("photo", [*PhotoFault, "FaceMismatch"]),
        ("sample", SampleFault),
        ("signature", SignatureProblem),
        ("cms", [fault for fault in SignatureFault if fault is not SignatureFault.NOT_OFFICER]),
        ("eligibility", [ground for ground in Ground if ground not in NEUTRAL]),
        ("identity", [reason for reason in IdentityRefusal if reason not in OWN_WAY]),
        ("stage", Stage),
    ],
)
def test_each_reason_has_a_sentence_of_its_own(group: str, codes: list[StrEnum]) -> None:
    own = [code for code in codes if code != SignatureProblem.INVALID]
    assert [code for code in own if f"{group}/{code}" not in TEXTS[Locale.RU]] == []


def test_a_reason_that_is_not_known_has_the_general_sentence() -> None:
    assert sentence("photo", "Unheard") == text(f"photo/{OTHER}")


@pytest.mark.parametrize("locale", Locale)
def test_sms_and_e_mail_say_the_status_and_nothing_that_must_be_filled_in(locale: Locale) -> None:
    sendable = [code for code, (_, channels) in CODES.items() if channels]
    endings = [NOT_AVAILABLE, "ANNULLED", "REG_REFUSED", "NOT_MADE", "ISSUED", *OWN_WAY.values()]
    for code in sendable + endings:
        assert placeholders(short(code, locale)) == set()


@pytest.mark.parametrize("locale", Locale)
@pytest.mark.parametrize("code", sorted(set(OWN_WAY.values())))
def test_why_the_phone_or_the_consent_failed_is_told_at_the_portal_only(code: str, locale: Locale) -> None:
    assert short(code, locale) != TEXTS[locale][f"status/{code}"]


def test_no_sms_for_what_happens_while_the_citizen_sits_before_the_screen() -> None:
    for code in ("CONSENT_WAIT", "IDENT_REQUIRED", "IDENT_FAILED", "FORM_RETURNED", "PHOTO_BAD", "SIGN_WAIT"):
        assert CODES[code][1] == ()


@pytest.mark.parametrize("code", ["REGISTERED", "PAY_WAIT", "READY", "REFUND_FILED", "REFUNDED", "REFUND_REJECTED"])
def test_what_the_citizen_waits_for_goes_out_by_sms(code: str) -> None:
    assert NoticeChannel.SMS in CODES[code][1]


def test_a_point_that_the_table_does_not_know_is_told_by_its_code() -> None:
    assert point("00-99") == Text(kk="00-99", ru="00-99")
    assert "Регистрационный пункт" in point("71-01").ru
