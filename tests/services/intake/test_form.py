"""S8, S9: format-logic control with every fault, and the way of revisions (p.8)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from services.intake.domain.citizen import Reason
from services.intake.domain.own import VerifySignature
from shared.contracts.base import Sealed
from shared.contracts.intake import FormAccepted, FormReturned
from shared.contracts.portal import MessageRejected
from shared.contracts.values import Contacts, FileRef, Instruction, Locale, RefundAccount, Stage
from shared.engine.service import Step
from shared.security.cms import SignatureFault
from tests.services.intake.cases import (
    IBAN,
    IIN,
    OTHER_IIN,
    PHOTO,
    SAMPLE,
    a_form,
    a_photo_accepted,
    a_run,
    a_submitted,
    an_eligible,
    an_opened,
    eligible,
    only,
    photo_accepted,
    photo_returned,
    signed,
    upload,
)


async def faults(**spoilt: Any) -> set[tuple[str, str]]:
    run = await an_eligible()
    await run.hear(a_form(**spoilt))
    return {(fault.field, fault.problem) for fault in only(run, FormReturned).faults}


async def test_a_form_in_order_is_accepted_as_it_was_filled() -> None:
    run = await an_eligible()
    await run.hear(a_form())
    accepted, form = only(run, FormAccepted), a_form()
    assert all(getattr(accepted, name) == getattr(form, name) for name in FormAccepted.model_fields)
    assert run.state.stage is Stage.FORM_ACCEPTED


@pytest.mark.parametrize(
    ("spoilt", "fault"),
    [
        ({"region": "99", "point": "71-01"}, ("region", "unknown")),
        ({"point": "75-01"}, ("point", "not-of-this-region")),
        ({"contacts": Sealed(Contacts(phone="112"))}, ("contacts.phone", "not-a-mobile-number")),
        ({"contacts": Sealed(Contacts(phone="+77011234567", email="@"))}, ("contacts.email", "not-an-address")),
        ({"signature_sample": PHOTO}, ("signature_sample", "same-as-photo")),
        ({"photo": SAMPLE}, ("photo", "another-purpose")),
        ({"photo": FileRef(reference=PHOTO.reference, sha256="c" * 64)}, ("photo", "another-content")),
        ({"photo": FileRef(reference="elsewhere.jpg", sha256="c" * 64)}, ("photo", "unknown-file")),
        ({"refund_account": None}, ("refund_account", "missing")),
        (
            {"refund_account": Sealed(RefundAccount(iban=IBAN, holder_iin=OTHER_IIN))},
            ("refund_account.holder_iin", "not-the-applicant"),
        ),
        (
            {"refund_account": Sealed(RefundAccount(iban="KZ87125KZT5004100100", holder_iin=IIN))},
            ("refund_account.iban", "not-an-account"),
        ),
        ({"instruction": Instruction(version="?", language=Locale.RU)}, ("instruction.version", "not-a-version")),
    ],
)
async def test_each_fault_returns_the_form(spoilt: dict[str, Any], fault: tuple[str, str]) -> None:
    assert fault in await faults(**spoilt)


async def test_every_fault_is_named_at_once() -> None:
    found = await faults(region="99", contacts=Sealed(Contacts(phone="1", email="1")), refund_account=None)
    assert {field for field, _ in found} == {"region", "point", "contacts.phone", "contacts.email", "refund_account"}


async def test_a_form_without_account_and_refund_application_is_in_order() -> None:
    run = await an_eligible()
    await run.hear(a_form(refund_account=None, refund_application=False))
    assert run.said_of(FormAccepted)


async def rejection(run: Any, *messages: Any) -> str:
    await run.hear_all(messages)
    rejected = only(run, MessageRejected)
    assert rejected.text is not None
    return str(rejected.reason)


async def test_a_form_of_an_unknown_application_is_rejected_to_the_portal() -> None:
    assert await rejection(a_run(), a_form()) == Reason.UNKNOWN_APPLICATION


async def test_a_form_of_another_person_is_not_theirs_to_fill() -> None:
    assert await rejection(await an_eligible(), a_form(authenticated_iin=Sealed(OTHER_IIN))) == Reason.NOT_YOURS


async def test_the_rejection_names_the_message_it_answers() -> None:
    run = a_run()
    await run.hear(a_form(), id=run.application_id)
    assert only(run, MessageRejected).message_id == str(run.application_id)


async def test_a_revision_is_used_once() -> None:
    assert await rejection(await an_eligible(), a_form(), a_form()) == Reason.REVISION_USED


async def test_a_returned_revision_is_used_too() -> None:
    assert await rejection(await an_eligible(), a_form(region="99"), a_form()) == Reason.REVISION_USED


async def test_a_later_revision_takes_the_place_of_the_one_before() -> None:
    run = await an_eligible()
    await run.hear_all([a_form(), a_form(2, region="75", point="75-01")])
    assert (run.state.form.revision, run.state.form.region) == (2, "75")


async def test_after_a_returned_photo_the_new_revision_is_judged_alone() -> None:
    run = await an_eligible()
    await run.hear_all([a_form(), photo_returned()])
    stages = [run.state.stage]
    await run.hear_all([a_form(2), photo_accepted(2)])
    assert [*stages, run.state.stage] == [Stage.ELIGIBLE, Stage.PHOTO_ACCEPTED]


async def test_a_late_verdict_on_an_old_revision_admits_nothing_to_signing() -> None:
    run = await an_eligible()
    await run.hear_all([a_form(), a_form(2), photo_accepted(1)])
    assert run.state.stage is Stage.FORM_ACCEPTED


async def test_no_revision_follows_a_valid_signature() -> None:
    assert await rejection(await a_submitted(), a_form(2)) == Reason.ALREADY_SIGNED


async def test_a_revision_that_comes_while_the_signature_is_checked_waits_and_loses_when_it_is_valid() -> None:
    run = await a_photo_accepted()
    await run.hear_all([signed(), a_form(2)])
    assert len(run.said_of(FormAccepted)) == 1
    await run.fire(VerifySignature)
    assert (only(run, MessageRejected).reason, run.state.form.revision) == (Reason.ALREADY_SIGNED, 1)


async def test_a_revision_that_comes_while_the_signature_is_checked_is_taken_when_it_is_not_valid() -> None:
    run = await a_photo_accepted()
    run.world.verifier.fault = SignatureFault.REVOKED
    await run.hear_all([signed(), a_form(2)])
    await run.fire(VerifySignature)
    assert run.state.form.revision == 2


async def test_a_form_that_comes_before_eligibility_is_known_waits_for_it() -> None:
    run = await an_opened()
    await upload(run)
    await run.hear(a_form())
    assert not run.said_of(FormAccepted)
    await run.hear(eligible())
    assert run.said_of(FormAccepted)


async def test_of_two_forms_that_wait_the_later_is_judged_and_the_earlier_is_told() -> None:
    run = await an_opened()
    await upload(run)
    await run.hear_all([a_form(), a_form(2), eligible()])
    assert only(run, FormAccepted).revision == 2
    assert only(run, MessageRejected).reason == Reason.SUPERSEDED


@pytest.mark.parametrize(("after", "taken"), [(timedelta(hours=24), True), (timedelta(hours=24, seconds=1), False)])
async def test_a_form_said_after_the_deadline_loses(after: timedelta, taken: bool) -> None:
    run = await an_eligible()
    said_at = run.now + after
    await run.let_pass(timedelta(hours=25))
    await run.hear(a_form(), said_at=said_at)
    assert bool(run.said_of(FormAccepted)) is taken
    assert taken or only(run, MessageRejected).reason == Reason.DEADLINE_PASSED


async def test_a_returned_photo_gives_the_citizen_the_whole_time_again() -> None:
    run = await an_eligible()
    await run.hear(a_form())
    await run.let_pass(timedelta(hours=23))
    await run.hear(photo_returned())
    await run.let_pass(timedelta(hours=23))
    await run.hear(a_form(2))
    assert len(run.said_of(FormAccepted)) == 2


async def test_s8_and_s9_stand_in_the_stage_record_with_the_reason_of_a_return() -> None:
    run = await an_eligible()
    await run.hear_all([a_form(region="99"), a_form(2)])
    rows = [(row.step, row.result, row.reason) for row in run.appended_of(Step)]
    assert rows == [
        ("S8", "refused", "region, point"), ("S9", "refused", "region, point"), ("S8", "done", ""), ("S9", "done", ""),
    ]  # fmt: skip
