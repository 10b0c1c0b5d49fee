"""What else the citizen says, and that only the citizen says it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from services.intake.domain.citizen import Reason, reject_unreadable
from services.intake.domain.facts import Upload
from services.intake.domain.own import KeepFile, VerifyWithdrawal
from services.intake.domain.requests import MOST_UPLOADS
from services.intake.domain.wording import WORDING
from shared.contracts.base import Sealed
from shared.contracts.intake import CloseApplication, FeedbackReceived, RefundAccountChanged, WithdrawalRequested
from shared.contracts.portal import ApplicationWithdrawn, FeedbackLeft, MessageRejected, RefundAccountCorrected
from shared.contracts.values import Ending, RefundAccount
from shared.engine.codec import Unreadable
from shared.engine.rows import Delivery
from shared.engine.service import Audited
from shared.security.cms import SignatureFault
from shared.security.evidence import KeptSignature
from tests.services.intake.cases import (
    IBAN,
    ID,
    IIN,
    OTHER_IIN,
    a_registered,
    a_run,
    a_submitted,
    an_opened,
    only,
)
from tests.services.running import NOW


def withdrawn(**spoilt: Any) -> ApplicationWithdrawn:
    return ApplicationWithdrawn(**{"application_id": ID, "authenticated_iin": Sealed(IIN)} | spoilt)


def feedback(**spoilt: Any) -> FeedbackLeft:
    fields = {"application_id": ID, "authenticated_iin": Sealed(IIN), "rating": 5, "text": Sealed("рахмет")}
    return FeedbackLeft(**fields | spoilt)


def account(holder: str = IIN, iban: str = IBAN, who: str = IIN) -> RefundAccountCorrected:
    refund_account = Sealed(RefundAccount(iban=iban, holder_iin=holder))
    return RefundAccountCorrected(application_id=ID, authenticated_iin=Sealed(who), refund_account=refund_account)


def close() -> CloseApplication:
    return CloseApplication(application_id=ID, ending=Ending.WITHDRAWN)


async def test_before_registration_the_citizen_withdraws_with_a_word() -> None:
    run = await a_submitted()
    await run.hear(withdrawn())
    assert only(run, WithdrawalRequested).signed is False


async def test_after_registration_the_withdrawal_is_signed() -> None:
    run = await a_registered()
    await run.hear(withdrawn())
    assert (only(run, MessageRejected).reason, run.said_of(WithdrawalRequested)) == (Reason.SIGNATURE_REQUIRED, [])


async def test_a_signed_withdrawal_is_checked_over_its_own_words() -> None:
    run = await a_registered()
    await run.hear(withdrawn(cms=Sealed("Q01T")))
    await run.fire(VerifyWithdrawal)
    assert run.world.verifier.payloads[-1] == f"withdraw:{ID}".encode()
    assert only(run, WithdrawalRequested).signed is True
    assert [kept.what for kept in run.appended_of(KeptSignature)] == ["application", "withdrawal"]


async def test_a_badly_signed_withdrawal_is_rejected_under_the_portals_own_id() -> None:
    run = await a_registered()
    run.world.verifier.fault = SignatureFault.OTHER_IIN
    await run.hear(withdrawn(cms=Sealed("Q01T")), id=NOW_ID)
    await run.fire(VerifyWithdrawal)
    rejected = only(run, MessageRejected)
    assert (rejected.reason, rejected.message_id) == (Reason.SIGNATURE_INVALID, str(NOW_ID))


async def test_after_the_ending_there_is_nothing_to_withdraw() -> None:
    run = await an_opened()
    await run.hear_all([close(), withdrawn()])
    assert only(run, MessageRejected).reason == Reason.CLOSED


async def test_feedback_is_passed_on_also_after_the_ending() -> None:
    run = await an_opened()
    await run.hear_all([close(), feedback()])
    said = only(run, FeedbackReceived)
    assert (said.rating, said.text.value) == (5, "рахмет")


async def test_another_account_of_ones_own_is_passed_on_also_after_the_ending() -> None:
    run = await an_opened()
    await run.hear_all([close(), account()])
    assert only(run, RefundAccountChanged).refund_account.value.iban == IBAN


@pytest.mark.parametrize(
    ("said", "field"),
    [(account(holder=OTHER_IIN), "refund_account.holder_iin"), (account(iban="KZ00"), "refund_account.iban")],
)
async def test_an_account_that_cannot_serve_is_rejected_with_its_fault(
    said: RefundAccountCorrected, field: str
) -> None:
    run = await an_opened()
    await run.hear(said)
    rejected = only(run, MessageRejected)
    assert (rejected.reason, [fault.field for fault in rejected.faults]) == (Reason.FAULTY, [field])


@pytest.mark.parametrize(
    "said",
    [
        withdrawn(authenticated_iin=Sealed(OTHER_IIN)),
        feedback(authenticated_iin=Sealed(OTHER_IIN)),
        account(who=OTHER_IIN),
    ],
)
async def test_nobody_else_says_anything_of_an_application(said: Any) -> None:
    run = await an_opened()
    await run.hear(said)
    assert only(run, MessageRejected).reason == Reason.NOT_YOURS
    assert run.appended_of(Audited)[-1].who == f"citizen:index:{OTHER_IIN}"


@pytest.mark.parametrize("said", [withdrawn(), feedback(), account()])
async def test_of_an_unknown_application_nothing_is_taken(said: Any) -> None:
    run = a_run()
    await run.hear(said)
    assert only(run, MessageRejected).reason == Reason.UNKNOWN_APPLICATION


def keep(number: int = 1) -> KeepFile:
    return KeepFile(application_id=ID, purpose="photo", reference=f"{number:032x}.jpg", sha256=f"{number:064x}")


async def test_a_file_is_kept_once_however_often_it_comes() -> None:
    run = await an_opened()
    first = await run.hear(keep())
    again = await run.hear(keep().model_copy(update={"reference": "other.jpg"}))
    assert first == again == Upload("photo", f"{1:032x}.jpg", f"{1:064x}")


async def test_nobodys_disk_is_filled() -> None:
    run = await an_opened()
    await run.hear_all([keep(number) for number in range(MOST_UPLOADS)])
    assert await run.hear(keep(MOST_UPLOADS)) == "TOO_MANY_FILES"


async def test_after_the_signature_no_file_is_taken() -> None:
    run = await a_submitted()
    assert await run.hear(keep()) == "ALREADY_SIGNED"


async def test_for_an_application_that_is_not_open_no_file_is_taken() -> None:
    run = a_run()
    assert await run.hear(keep()) == "UNKNOWN_APPLICATION"
    opened = await an_opened()
    await opened.hear(close())
    assert await opened.hear(keep()) == "CLOSED"


@pytest.mark.parametrize("reason", [*Reason, "ID_REUSED", "TOO_LARGE", "UNKNOWN_TYPE"])
def test_every_reason_has_its_sentence_in_both_languages(reason: str) -> None:
    assert WORDING[reason].kk
    assert WORDING[reason].ru


def test_what_cannot_be_read_is_answered_with_every_fault() -> None:
    faults = ("phone", "missing"), ("iin", "missing")
    delivery = Delivery("intake.form-filled", "portal", "form-filled", "m-1", {}, b"{}")
    unread = Unreadable(delivery, "INVALID", ("portal", "m-1"), b"", ID, faults)
    answer = reject_unreadable(unread, NOW)
    assert answer is not None
    (said,) = answer.says
    assert isinstance(said, MessageRejected)
    assert reject_unreadable(replace(unread, delivery=replace(delivery, exchange="events")), NOW) is None
    assert (said.message_id, [fault.field for fault in said.faults]) == ("m-1", ["phone", "iin"])
    assert said.text is not None


NOW_ID = ID.__class__(int=77)
