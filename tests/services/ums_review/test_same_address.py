"""A case of the officer's own address: told before it is touched, refused whatever is tried, and seen by the head."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from services.ums_review import acts
from services.ums_review.acts import Code, Refusal
from services.ums_review.web.console import HOME
from shared.contracts.base import Sealed
from shared.contracts.identity_verification import IdentityConfirmed
from shared.contracts.ums_review import ResumeReview
from shared.contracts.workstation import DecisionRefused
from shared.web.officers import Role
from tests.law.people import a_person
from tests.services.running import APPLICATION, Run
from tests.services.ums_review import cases
from tests.services.ums_review import office as house
from tests.services.ums_review.cases import a_run, audits, by, facts, take
from tests.services.ums_review.console import Desk, desk_in
from tests.services.ums_review.office import Office
from tests.services.ums_review.station import Station

CODE = Code.SAME_ADDRESS


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with desk_in(tmp_path, timedelta(hours=1)) as desk:
        yield desk


@pytest.fixture
def office(desk: Desk) -> Office:
    return desk.office


async def at_home() -> Run:
    """A case in the queue whose applicant lives at `house.HOME`."""
    here = IdentityConfirmed(
        application_id=APPLICATION, person=Sealed(a_person(registration=house.HOME)), consents=Sealed(())
    )
    return await a_run().hear_all([here if isinstance(fact, IdentityConfirmed) else fact for fact in facts()])


def every_act(run: Run, address: str | None) -> list[acts.OfficersAct]:
    head = by(run, address=address)
    sealed = Sealed("x")
    return [
        acts.TakeReview(**head),
        acts.ExtendLease(**head, lease_token="t"),
        acts.GiveBack(**head, lease_token="t", reason=sealed),
        acts.ReassignReview(**head, to="18", to_index="index-of-18", reason=sealed),
        cases.decision(run, "t", address=address),
        acts.UndoDecision(**head, decision_id="d1"),
        acts.SecondDecision(**head, decision_id="d1", agrees=True, decided_at=run.now),
    ]


async def test_nobody_acts_on_a_case_of_their_own_address_and_the_attempt_is_on_record() -> None:
    run = await at_home()
    before, acting = run.state, every_act(run, run.state.address_index)
    for act in acting:
        assert await run.hear(act) == Refusal(CODE)
    assert run.state == before
    assert [result for _, _, result in audits(run)].count(CODE) == len(acting)


async def test_who_lives_elsewhere_or_whose_address_is_not_known_takes_it() -> None:
    for address in (None, "0" * 32):
        assert isinstance(await take(await at_home(), address=address), acts.Leased)


async def test_a_case_may_be_looked_at_before_it_is_left_to_another() -> None:
    run = await at_home()
    look = acts.ViewReview(**by(run, address=run.state.address_index), what=acts.Viewed.CASE)
    assert await run.hear(look) == acts.Done()


async def test_the_head_gives_nobody_a_case_of_their_address() -> None:
    run = await at_home()
    order = acts.ReassignReview(
        **by(run, officer="h"), to="18", to_index="x", to_address=run.state.address_index, reason=Sealed("x")
    )
    assert await run.hear(order) == Refusal(CODE)
    assert run.state.lease_officer is None


async def test_a_case_that_is_older_than_the_mark_gets_it_when_it_is_resumed() -> None:
    run = await at_home()
    whole = run.state
    run.state = replace(whole, address_index=None)
    await run.hear(ResumeReview(application_id=APPLICATION))
    assert run.state == whole


async def test_a_home_of_which_no_house_is_known_is_shared_with_nobody() -> None:
    run = await cases.queued()
    assert run.state.address_index is None
    assert isinstance(await take(run, address=None), acts.Leased)


async def test_the_api_marks_the_case_and_refuses_all_but_the_look(office: Office) -> None:
    path, other = await office.arrive(1, registration=house.HOME), await office.arrive(2)
    async with office.caller("18") as officer, office.caller("17") as colleague:
        marked = {line["application_id"]: line for line in (await officer.get("/reviews")).json()["reviews"]}
        assert {id: line["same_address"] for id, line in marked.items()} == {_id(path): True, _id(other): False}
        assert {line["others"] for line in marked.values()} == {1}, "both are of one person"
        refused = await officer.post(f"{path}/take")
        assert (refused.status_code, refused.json()["code"]) == (403, CODE)
        token = (await colleague.post(f"{path}/take")).json()["lease_token"]
        decided = await officer.post(f"{path}/decision", json=office.decision(path, token, "18"))
        assert (decided.status_code, decided.json()["code"]) == (403, CODE)
        assert (await officer.get(path)).json()["same_address"] is True
        assert (await colleague.get(path)).json()["same_address"] is False
        assert _id(other) == (await officer.post("/reviews/next")).json()["case"]["application_id"]
        assert (await officer.post("/reviews/next")).status_code == 204, "the next one is never the own address's"
    assert [row for row in office.audits(path) if row[2] == CODE] == [
        ("officer:18", "take-review", CODE), ("officer:18", "sign-decision", CODE),
    ]  # fmt: skip


async def test_a_decision_by_message_is_refused_by_the_same_code(office: Office) -> None:
    path, station = await office.arrive(registration=house.HOME), Station(office)
    token = await station.taken(path, "17")
    refused = await station.asked(station.decision(path, token, "18"))
    assert isinstance(refused, DecisionRefused)
    assert refused.code == CODE


@pytest.mark.parametrize(
    ("language", "mark", "told", "way"),
    [
        ("ru", "ваш адрес", "Заявитель зарегистрирован по вашему адресу", "Это дело решает другой сотрудник."),
        ("kk", "сіздің мекенжайыңыз", "сіздің мекенжайыңызда тіркелген", "Бұл істі басқа қызметкер шешеді."),
    ],
)
async def test_the_page_says_it_in_words_before_and_after(
    desk: Desk, language: str, mark: str, told: str, way: str
) -> None:
    path = await desk.office.arrive(registration=house.HOME)
    browser = desk.browser(language)
    await browser.sign_in("18")
    assert mark in browser.text
    await browser.open(f"{HOME}/cases/{_id(path)}")
    assert told in browser.text
    assert "/take" not in browser.text
    answer = await browser.post(f"{HOME}/cases/{_id(path)}/take", {"csrf": browser.csrf()})
    assert (answer.status_code, way in browser.text) == (403, True)
    await browser.open(HOME)
    await browser.send("/next")
    assert browser.page.url.query == b"whose=unassigned&empty=1"
    colleague = desk.browser(language)
    await colleague.sign_in("17")
    assert mark not in colleague.text


async def test_the_head_sees_who_was_refused(desk: Desk) -> None:
    path = await desk.office.arrive(registration=house.HOME)
    async with desk.office.caller("18") as officer:
        await officer.post(f"{path}/take")
    browser = await desk.signed_in("h", frozenset({Role.HEAD}))
    page = await browser.open(f"{HOME}/head")
    assert "Отказано: сотрудник живёт по адресу заявителя" in browser.text
    assert page.text.count(f"/cases/{_id(path)}") == 2, "among the cases, too"
    await browser.open(f"{HOME}/cases/{_id(path)}")
    assert "отказано: сотрудник живёт по адресу заявителя" in browser.text


async def test_the_second_pair_of_eyes_is_of_another_address(desk: Desk) -> None:
    path = await desk.office.arrive(registration=house.HOME)
    head: dict[str, Any] = {"officer_id": "h", "officer_region": cases.REGION, "officer_index": "h", "where": "here"}
    at = desk.office.clock.machine_now()
    wanted = acts.SwitchSecondEyes(application_id=APPLICATION, wanted=True, at=at, **head)
    await desk.office.engine.act(wanted, "switched")
    async with desk.office.caller("17") as officer:
        token = (await officer.post(f"{path}/take")).json()["lease_token"]
        annul: dict[str, Any] = {"decision": "ANNUL", "ground": "PHOTO", "reasons": ["PHOTO_BLURRED"]}
        await officer.post(f"{path}/decision", json=desk.office.decision(path, token, **annul))
    browser = desk.browser()
    await browser.sign_in("18")
    await browser.open(f"{HOME}/cases/{_id(path)}/second")
    assert "Заявитель зарегистрирован по вашему адресу" in browser.text
    assert 'name="agrees"' not in browser.page.text
    fields = {"csrf": browser.csrf(), "decision_id": "d-1", "agrees": "yes"}
    assert (await browser.post(f"{HOME}/cases/{_id(path)}/second", fields)).status_code == 403
    assert ("officer:18", "second-decision", CODE) in desk.office.audits(path)


async def test_neither_page_nor_row_nor_account_has_the_address(desk: Desk, tmp_path: Path) -> None:
    path = await desk.office.arrive(registration=house.HOME)
    assert desk.office.state(path).address_index == house.AT_HOME["18"]
    assert "ҮЛГІ КӨШЕСІ" not in (tmp_path / "officers.json").read_text()
    assert "ҮЛГІ КӨШЕСІ" not in repr(desk.office.tables.states)


def _id(path: str) -> str:
    return path.rpartition("/")[2]
