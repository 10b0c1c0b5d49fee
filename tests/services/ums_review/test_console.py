"""An officer at the console: sign-in, queue, case, decision, and every refusal as a page of its own."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from deploy.sandbox.pictures import signature_sample
from services.ums_review.review import Standing
from services.ums_review.web.console import HOME
from tests.services.ums_review import cases
from tests.services.ums_review.console import AT, Desk, desk_in

LONG = timedelta(seconds=30)


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with desk_in(tmp_path) as desk:
        yield desk


@pytest.fixture
async def patient(tmp_path: Path) -> AsyncIterator[Desk]:
    """With half a minute to undo."""
    async with desk_in(tmp_path, LONG) as desk:
        yield desk


def case_path(path: str) -> str:
    return f"{HOME}/cases/{path.rpartition('/')[2]}"


async def test_an_officer_signs_in_takes_the_next_case_and_approves_it(desk: Desk) -> None:
    path = await desk.office.arrive()
    browser = desk.browser()
    assert (await browser.sign_in()).url == f"{AT}{HOME}"
    assert cases.TALON in browser.text
    await browser.send("/next")
    assert browser.page.url == f"{AT}{case_path(path)}"
    for shown in (cases.CITIZEN, "ЦЕЛИНОГРАД", "Пошлина урегулирована", "Резкость", cases.CODE):
        assert shown in browser.text
    await browser.send("/preview", decision="APPROVE", documentation_code=cases.CODE)
    assert "Проверьте решение" in browser.text
    await browser.send("/decision")
    assert browser.page.url.path.endswith("/signed")
    await desk.office.said("review-approved")
    assert desk.office.state(path).standing is Standing.APPROVED


@pytest.mark.parametrize(("language", "word"), [("ru", "Изображение лица нечёткое."), ("kk", "Бет бейнесі анық емес.")])
async def test_the_preview_of_an_annulment_shows_what_the_citizen_reads_in_both_languages(
    desk: Desk, language: str, word: str
) -> None:
    path = await desk.office.arrive()
    browser = desk.browser(language)
    await browser.sign_in()
    await browser.send("/next")
    fields: dict[str, Any] = {"decision": "ANNUL", "ground": "PHOTO", "reason": ["PHOTO_BLURRED", "PHOTO_EYES"]}
    await browser.send("/preview", documentation_code=cases.CODE, note="при встрече", **fields)
    for text in (word, "Фотография не соответствует требованиям.", "Фотосурет талаптарға сай емес."):
        assert text in browser.text
    await browser.send("/decision")
    await desk.office.said("review-annulled")
    assert desk.office.state(path).standing is Standing.ANNULLED


async def test_a_decision_is_undone_from_the_page_that_follows_it(patient: Desk) -> None:
    path = await patient.office.arrive()
    browser = patient.browser()
    await browser.sign_in()
    await browser.send("/next")
    await browser.send("/preview", decision="APPROVE", documentation_code=cases.CODE)
    await browser.send("/decision")
    assert patient.office.state(path).standing is Standing.SIGNED
    await browser.send("/undo")
    assert patient.office.state(path).standing is Standing.QUEUED
    assert "Дело у вас до" in browser.text


async def test_a_case_is_given_back_with_a_reason_and_found_by_its_talon(desk: Desk) -> None:
    path = await desk.office.arrive()
    browser = desk.browser()
    await browser.sign_in()
    await browser.send("/next")
    refused = await browser.send("/give-back", reason=" ")
    assert refused.status_code == 422
    assert "Напишите, почему" in browser.text
    await browser.open(case_path(path))
    await browser.send("/give-back", reason="знаю заявителя")
    assert "Дело снова в очереди" in browser.text
    assert desk.office.state(path).lease_token is None
    await browser.open(HOME)
    found = await browser.send("/search", wanted=f" {cases.TALON}")
    assert found.url.path == case_path(path)
    await browser.send("/take")
    assert desk.office.state(path).lease_officer == "17"
    await browser.open(HOME)
    await browser.send("/search", wanted="71-000000-000009-9")
    assert "нет дела с талоном" in browser.text


async def test_images_are_shown_to_the_officer_of_the_region(desk: Desk) -> None:
    path = await desk.office.arrive(sample=signature_sample(1))
    browser = await desk.signed_in("17")
    for image in ("photo", "signature-sample", "signature-sample/preview"):
        answer = await browser.open(f"{case_path(path)}/images/{image}")
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("image/")


@pytest.mark.parametrize("language", ["kk", "ru"])
async def test_nothing_of_the_money_nor_any_token_is_on_the_page_of_the_case(desk: Desk, language: str) -> None:
    path = await desk.office.arrive()
    browser = desk.browser(language)
    await browser.sign_in()
    await browser.open(case_path(path))
    for hidden in (cases.IBAN, "cms-of-the-citizen", "exempt", "capacity"):
        assert hidden not in browser.text


async def test_every_page_has_a_strict_policy_and_nothing_inline(desk: Desk) -> None:
    path = await desk.office.arrive()
    browser = desk.browser()
    await browser.sign_in()
    await browser.send("/next")
    for at in (HOME, case_path(path), f"{HOME}/nothing"):
        await browser.open(at)
        assert not re.search(r"<style|<script(?![^>]* src=)| style=| on\w+=|javascript:", browser.page.text)
    await browser.open(case_path(path))
    policy = browser.page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert browser.page.headers["cache-control"] == "no-store"


async def test_the_language_is_switched_and_stays(desk: Desk) -> None:
    browser = desk.browser("kk")
    await browser.sign_in()
    assert "Кезек" in browser.text
    await browser.open(f"{HOME}/language/ru?back={HOME}?whose=mine")
    assert browser.page.url == f"{AT}{HOME}?whose=mine"
    assert "Очередь" in browser.text
    away = await browser.http.get(f"{AT}{HOME}/language/kk?back=//evil.example", follow_redirects=False)
    assert away.headers["location"] == HOME


async def test_a_form_of_another_session_or_site_does_nothing_and_is_on_record(desk: Desk) -> None:
    path = await desk.office.arrive()
    browser = await desk.signed_in("17")
    await browser.open(HOME)
    for csrf, origin in (("csrf-18", AT), ("", AT), ("csrf-17", "http://evil.example")):
        answer = await browser.post(f"{case_path(path)}/take", {"csrf": csrf}, origin)
        assert answer.status_code == 403
        assert "Эта форма не из вашего сеанса" in browser.text
    assert desk.office.state(path).lease_token is None
    assert desk.office.audits(path).count(("officer:17", "take-review", "CSRF")) == 3


async def test_another_region_is_told_so_and_sees_nothing(desk: Desk) -> None:
    path = await desk.office.arrive()
    browser = await desk.signed_in("75", region="75")
    answer = await browser.open(case_path(path))
    assert answer.status_code == 403
    assert "Дело относится к другому региону" in browser.text
    assert cases.CITIZEN not in browser.text
    assert ("officer:75", "view-case", "OTHER_REGION") in desk.office.audits(path)
    for wanted in (cases.TALON, cases.CITIZEN):
        await browser.open(HOME)
        await browser.send("/search", wanted=wanted)
        assert browser.page.url.path == f"{HOME}/search"
        assert "В вашем регионе нет дела" in browser.text


async def test_who_lost_the_case_is_told_and_nothing_is_decided(patient: Desk) -> None:
    path = await patient.office.arrive()
    browser = await patient.signed_in("17")
    await browser.open(case_path(path))
    await browser.send("/take")
    await browser.send("/preview", decision="APPROVE", documentation_code=cases.CODE)
    kept = browser.page
    await browser.open(case_path(path))
    await browser.send("/give-back", reason="ошибка")
    browser.page = kept
    answer = await browser.send("/decision")
    assert answer.status_code == 409
    assert "Дело больше не у вас" in browser.text
    other = await patient.signed_in("18")
    await other.open(case_path(path))
    await other.send("/take")
    await browser.open(f"{case_path(path)}/lease")
    assert "Дело у сотрудника 18" in browser.text


async def test_a_wrong_code_a_missing_ground_and_a_foreign_signature_are_refused(patient: Desk) -> None:
    path = await patient.office.arrive()
    browser = await patient.signed_in("17")
    await browser.open(case_path(path))
    await browser.send("/take")
    await browser.send("/preview", decision="ANNUL", documentation_code=cases.CODE)
    assert browser.page.status_code == 422
    assert "Выберите основание" in browser.text
    await browser.open(case_path(path))
    await browser.send("/preview", decision="APPROVE", documentation_code="000-00")
    assert "Код документирования не совпадает" in browser.text
    await browser.open(case_path(path))
    await browser.send("/preview", decision="APPROVE", documentation_code=cases.CODE)
    preview = browser.page
    await browser.send("/decision", documentation_code="000-00")
    assert browser.page.status_code == 409
    browser.page, patient.keys.broken = preview, True
    await browser.send("/decision")
    assert browser.page.status_code == 422
    assert "Подпись недействительна" in browser.text
    assert patient.office.state(path).standing is Standing.QUEUED
