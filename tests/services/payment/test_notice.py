"""The notice of annulment: what it says, in whose languages, and that it is the same file each time."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from hashlib import sha256

import pytest

from deploy.sandbox.systems.paper_text import text_of
from services.payment.notice import drawn
from shared.contracts.ums_review import AnnulmentGround
from shared.law.reasons import reasons_of, texts_of
from tests.sandbox.notices import NOTICE
from tests.services.payment.stage import Outside, annulled, cancel, charged, receipt


def squeezed(text: str) -> str:
    return "".join(text.split())


def test_the_paper_says_number_talon_receipt_sum_and_budget_code() -> None:
    text = text_of(drawn(NOTICE))
    numbers = (f"№ {NOTICE.number}, 03.12.2025", NOTICE.talon, NOTICE.decision_id, "RC-1, 03.12.2025")
    for said in (*numbers, "786 ₸", "108126"):
        assert text.count(squeezed(said)) >= 2, said


@pytest.mark.parametrize("ground", list(AnnulmentGround))
def test_the_paper_names_ground_and_every_reason_in_both_languages(ground: AnnulmentGround) -> None:
    codes = tuple(reason.code for reason in reasons_of(ground))
    text = text_of(drawn(replace(NOTICE, ground=ground, reasons=codes)))
    for locale in ("kk", "ru"):
        for sentence in texts_of(ground, codes, locale):
            assert squeezed(sentence) in text


def test_the_same_notice_is_the_same_file_and_another_one_is_not() -> None:
    assert sha256(drawn(NOTICE)).digest() == sha256(drawn(replace(NOTICE))).digest()
    assert drawn(NOTICE) != drawn(replace(NOTICE, amount=787))


def test_a_claim_of_2026_names_the_code_of_2026() -> None:
    text = text_of(drawn(replace(NOTICE, made_on=date(2026, 1, 5))))
    assert squeezed("Налоговый кодекс от 18.07.2025 № 214-VIII") in text


def test_the_person_stands_on_the_paper_only_and_never_in_what_is_printed_for_developers() -> None:
    assert NOTICE.iin in text_of(drawn(NOTICE))
    assert NOTICE.iin not in repr(NOTICE)
    assert NOTICE.iin not in str(NOTICE.told())


async def test_the_notice_bears_the_day_of_the_decision_however_late_it_is_heard_and_filed() -> None:
    outside = Outside()
    run = await charged(outside)
    decided = run.now
    await run.hear_all((receipt(), cancel()))
    await run.let_pass(timedelta(days=3))
    await run.hear(annulled(), said_at=decided)
    await run.let_pass(timedelta(seconds=1))
    [claim] = outside.revenue.filed
    assert claim.notice is not None
    assert claim.notice.made_on == date(2025, 10, 6)


async def test_an_annulment_said_again_days_later_makes_the_notice_of_the_day_of_the_decision() -> None:
    outside = Outside()
    run = await charged(outside)
    again = annulled().model_copy(update={"decided_at": run.now})
    await run.hear_all((receipt(), cancel()))
    await run.let_pass(timedelta(days=3))
    await run.hear(again)
    await run.let_pass(timedelta(seconds=1))
    [claim] = outside.revenue.filed
    assert claim.notice is not None
    assert claim.notice.made_on == date(2025, 10, 6)


async def test_a_refund_whose_notice_has_no_day_waits_until_the_annulment_is_said_again() -> None:
    outside = Outside()
    run = await charged(outside)
    run.state = run.state.but(notice_round=1, notice_id="d-1", notice_ground="PHOTO")
    await run.hear_all((receipt(), cancel()))
    await run.let_pass(timedelta(seconds=1))
    assert not outside.revenue.filed
    await run.hear(annulled())
    await run.let_pass(timedelta(seconds=1))
    [claim] = outside.revenue.filed
    assert claim.notice is not None
