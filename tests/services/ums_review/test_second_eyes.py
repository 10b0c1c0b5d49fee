"""A second pair of eyes on the annulment of a paid application, where the head of the region has asked for it."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from services.ums_review import acts
from services.ums_review.notes import Note, SecondWord
from services.ums_review.review import Standing
from services.ums_review.seconding import payload
from services.ums_review.web.console import HOME
from shared.contracts.payment import FeePaid, FeeWaived, WaiverGround
from shared.contracts.ums_review import ResumeReview, ReviewAnnulled, WithdrawReview
from shared.security.eds import LocalVerifier, Officer, Verified
from shared.security.evidence import KeptSignature
from shared.web.officers import Role
from tests.engine.house import until
from tests.services.running import APPLICATION, Run
from tests.services.ums_review import cases
from tests.services.ums_review.cases import a_run, annulment, by, facts, queued, take
from tests.services.ums_review.console import AT, Browser, Desk, desk_in
from tests.services.ums_review.office import _AUTHORITY, BIN, IINS, SEALER

ANNUL: dict[str, Any] = {"decision": "ANNUL", "ground": "PHOTO", "reason": ["PHOTO_BLURRED"]}
APPROVE: dict[str, Any] = {"decision": "APPROVE"}


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with desk_in(tmp_path) as desk:
        yield desk


async def switched(desk: Desk) -> Browser:
    head = await desk.signed_in("h", frozenset({Role.HEAD}))
    await head.open(f"{HOME}/head")
    await head.send("/second-eyes")
    assert "Достаточно одного сотрудника" in head.text
    return head


async def decided(desk: Desk, **fields: Any) -> Browser:
    browser = desk.browser()
    await browser.sign_in()
    await browser.send("/next")
    await browser.send("/preview", documentation_code=cases.CODE, **fields)
    await browser.send("/decision")
    return browser


async def looking(desk: Desk, path: str, who: str = "18") -> Browser:
    browser = await desk.signed_in(who)
    await browser.open(f"{HOME}/second")
    assert cases.TALON in browser.text
    await browser.open(f"{HOME}/cases/{path.rpartition('/')[2]}/second")
    return browser


async def test_it_waits_until_another_officer_agrees_and_is_confirmed_then(desk: Desk) -> None:
    path = await desk.office.arrive()
    await switched(desk)
    signer = await decided(desk, **ANNUL)
    assert "Решение ждёт взгляда другого сотрудника" in signer.text
    assert desk.office.state(path).standing is Standing.SIGNED
    assert [row.name for row in desk.office.tables.waiting() if "confirm" in row.name] == []
    await signer.open(f"{HOME}/cases/{path.rpartition('/')[2]}")
    assert "Решение ждёт взгляда другого сотрудника" in signer.text
    second = await looking(desk, path)
    assert "Изображение лица нечёткое." in second.text
    await second.send("/second", agrees="yes")
    assert "Ваш ответ записан." in second.text
    await desk.office.said("review-annulled")
    await until(lambda: desk.office.state(path).standing is Standing.ANNULLED)
    assert ("officer:18", "second-decision", "AGREES") in desk.office.audits(path)


async def test_who_does_not_agree_sends_the_case_back_with_a_reason(desk: Desk) -> None:
    path = await desk.office.arrive()
    await switched(desk)
    await decided(desk, **ANNUL)
    second = await looking(desk, path)
    assert (await second.send("/second", agrees="no")).status_code == 422
    second = await looking(desk, path)
    await second.send("/second", agrees="no", reason="лицо чёткое")
    state = desk.office.state(path)
    assert (state.standing, state.lease_officer, state.verdict) == (Standing.QUEUED, None, None)
    assert [note.text.value for note in desk.office.tables.rows_of(Note, SEALER)] == ["лицо чёткое"]


@pytest.mark.parametrize(
    ("word", "agrees", "reason"), [({"agrees": "yes"}, True, None), ({"agrees": "no", "reason": "анық"}, False, "анық")]
)
async def test_the_second_word_is_signed_and_kept_so_that_it_can_be_proved(
    desk: Desk, word: dict[str, str], agrees: bool, reason: str | None
) -> None:
    path = await desk.office.arrive()
    await switched(desk)
    await decided(desk, **ANNUL)
    state = desk.office.state(path)
    assert state.verdict
    second = await looking(desk, path)
    await second.send("/second", **word)
    (said,) = desk.office.tables.rows_of(SecondWord, SEALER)
    kept = desk.office.tables.rows_of(KeptSignature, SEALER)[-1]
    assert kept.what == f"second/{said.decision_id}"
    covered = payload(state, state.verdict, said.officer_id, said.decided_at, agrees=said.agrees, reason=reason)
    assert said.agrees is agrees
    expects = Officer(frozenset({BIN}), IINS["18"])
    found = await LocalVerifier(lambda: desk.office.trust).verify(
        b64decode(kept.cms.value), covered.canonical(), kept.judged_for, expects
    )
    assert isinstance(found, Verified)
    assert kept.payload_sha256 == covered.sha256()


async def signed_by(desk: Desk, browser: Browser, signer: str, agrees: str, stated: str) -> httpx.Response:
    """The answer to a word that `signer` signed as `agrees`, sent as `stated` with whatever the browser brings."""
    form = {**browser.hidden("/second"), "reason": "…"}
    at = str(browser.page.url)
    told = (await browser.http.post(f"{at}/text", data={**form, "agrees": agrees})).json()
    cms = _AUTHORITY.officer(IINS[signer], BIN).sign(b64decode(told["text"]))
    brought = {"moment": told["moment"], "cms": b64encode(cms).decode()}
    return await browser.http.post(at, data={**form, **brought, "agrees": stated})


@pytest.mark.parametrize(
    ("signer", "stated", "result"), [("17", "yes", "OTHER_IIN"), ("18", "no", "PAYLOAD_DIFFERS")],
    ids=["the first officer's key", "another word"],
)  # fmt: skip
async def test_a_word_under_another_signature_is_refused_and_on_record(
    desk: Desk, signer: str, stated: str, result: str
) -> None:
    path = await desk.office.arrive()
    await switched(desk)
    await decided(desk, **ANNUL)
    second = await looking(desk, path)
    assert (await signed_by(desk, second, signer, "yes", stated)).status_code == 422
    verdict = desk.office.state(path).verdict
    assert verdict
    assert verdict.held
    assert desk.office.audits(path)[-1] == ("officer:18", "second-decision", result)
    assert (await signed_by(desk, second, "18", "yes", "yes")).status_code == 200
    await desk.office.said("review-annulled")


async def test_of_a_decision_that_is_gone_there_is_nothing_to_sign(desk: Desk) -> None:
    path = await desk.office.arrive()
    await switched(desk)
    signer = await decided(desk, **ANNUL)
    second = await looking(desk, path)
    await signer.send("/undo")
    form = {**second.hidden("/second"), "agrees": "yes"}
    for at in ("/text", ""):
        assert (await second.http.post(f"{second.page.url}{at}", data=form)).status_code == 404
    assert [row.what.partition("/")[0] for row in desk.office.tables.rows_of(KeptSignature, SEALER)] == ["decision"]


async def test_nobody_is_their_own_second_pair_and_the_signer_can_cancel(desk: Desk) -> None:
    path = await desk.office.arrive()
    await switched(desk)
    signer = await decided(desk, **ANNUL)
    verdict = desk.office.state(path).verdict
    assert verdict
    target = f"{AT}{HOME}/cases/{path.rpartition('/')[2]}/second"
    own = await desk.signed_in("17")
    await own.open(target.removeprefix(AT))
    assert "Это решение подписали вы" in own.text
    form = {"csrf": "csrf-17", "decision_id": verdict.decision_id, "agrees": "yes"}
    assert (await own.post(target, form)).status_code == 403
    assert ("officer:17", "second-decision", "OWN_DECISION") in desk.office.audits(path)
    await signer.send("/undo")
    assert desk.office.state(path).standing is Standing.QUEUED
    stranger = await desk.signed_in("18")
    late = await stranger.post(target, {**form, "csrf": "csrf-18"})
    assert late.status_code == 404
    assert desk.office.state(path).standing is Standing.QUEUED


@pytest.mark.parametrize(
    ("asked", "fields", "said"), [(True, APPROVE, "review-approved"), (False, ANNUL, "review-annulled")]
)
async def test_an_approval_and_a_region_that_did_not_ask_need_one_officer(
    desk: Desk, asked: bool, fields: dict[str, Any], said: str
) -> None:
    await desk.office.arrive()
    if asked:
        await switched(desk)
    await decided(desk, **fields)
    await desk.office.said(said)


async def test_the_switch_is_of_the_heads_region_and_on_record(desk: Desk) -> None:
    head = await switched(desk)
    assert await desk.console.room.second_eyes(cases.REGION)
    assert not await desk.console.room.second_eyes("75")
    await head.send("/second-eyes")
    assert not await desk.console.room.second_eyes(cases.REGION)


async def held() -> tuple[Run, str]:
    run = await queued()
    lease = await take(run)
    act = annulment(run, lease.token, second_eyes=True)
    await run.hear(act)
    return run, act.decision_id


async def test_a_held_decision_outlives_its_undo_and_a_resumption_and_falls_to_a_withdrawal() -> None:
    run, _ = await held()
    await run.let_pass(timedelta(hours=30))
    await run.hear(ResumeReview(application_id=APPLICATION))
    await run.let_pass(timedelta(hours=1))
    assert (run.state.standing, run.said_of(ReviewAnnulled)) == (Standing.SIGNED, [])
    await run.hear(WithdrawReview(application_id=APPLICATION))
    assert run.state.standing is Standing.WITHDRAWN


async def test_agreed_it_can_still_be_undone_for_ten_seconds_and_agreed_twice_it_is_said_once() -> None:
    run, id = await held()
    agrees = {"decision_id": id, "agrees": True, "decided_at": by(run)["at"]}
    for _ in range(2):
        assert await run.hear(acts.SecondDecision(**by(run, officer="18"), **agrees)) == acts.Done()
    assert run.said_of(ReviewAnnulled) == []
    await run.let_pass(timedelta(seconds=10))
    assert len(run.said_of(ReviewAnnulled)) == 1
    assert await run.hear(acts.SecondDecision(**by(run, officer="18"), **agrees)) == acts.Refusal(acts.Code.DECIDED)


async def test_a_waived_duty_needs_one_officer_however_the_head_has_switched() -> None:
    run = a_run()
    for fact in facts():
        waived = FeeWaived(application_id=APPLICATION, ground=WaiverGround.EXEMPT)
        await run.hear(waived if isinstance(fact, FeePaid) else fact)
    lease = await take(run)
    await run.hear(annulment(run, lease.token, second_eyes=True))
    await run.let_pass(timedelta(seconds=10))
    assert len(run.said_of(ReviewAnnulled)) == 1
