"""Single keys: quick for who wants them, silent while somebody types, with a modifier, or when switched off."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from services.ums_review.review import Standing
from services.ums_review.web.console import HOME
from tests.browser.chromium import opened
from tests.browser.served import Served
from tests.services.ums_review import cases


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    with Served(tmp_path) as served:
        yield served


@pytest.fixture
def page(browser: Browser, served: Served) -> Iterator[Page]:
    context = opened(browser, locale="kk")
    page = context.new_page()
    served.enter(page)
    yield page
    context.close()


def test_a_case_is_decided_by_single_keys_in_any_layout(page: Page, served: Served) -> None:
    page.keyboard.press("KeyN")
    expect(page.locator("h1")).to_be_focused()
    page.keyboard.press("KeyC")
    page.keyboard.type(cases.CODE)
    page.keyboard.press("Tab")
    page.keyboard.press("KeyA")
    expect(page.locator("#approve")).to_be_checked()
    page.keyboard.press("KeyV")
    page.wait_for_url("**/preview")
    page.keyboard.press("KeyS")
    expect(page.locator("form[action$='/decision'] button")).to_be_focused()
    assert served.desk.office.state(served.path).standing is Standing.QUEUED, "a single key signs nothing"
    page.keyboard.press("Enter")
    page.wait_for_url("**/signed")
    expect(page.locator("form[action$='/next'] button")).to_be_focused()
    page.keyboard.press("KeyU")
    expect(page.locator("#decision")).to_be_visible()


def test_a_key_is_only_a_letter_while_somebody_types_or_holds_a_modifier(page: Page) -> None:
    page.keyboard.press("KeyF")
    page.keyboard.type("nqk")
    expect(page.locator("#wanted")).to_have_value("nqk")
    expect(page.locator("#keys")).not_to_have_attribute("open", "")
    page.keyboard.press("Tab")
    page.keyboard.press("Shift+KeyN")
    page.keyboard.press("Alt+KeyN")
    page.keyboard.press("KeyK")
    expect(page.locator("#keys")).to_have_attribute("open", "")
    assert page.url.endswith(HOME)


def test_switched_off_they_stay_off(page: Page) -> None:
    page.keyboard.press("KeyK")
    page.uncheck("#keys-on")
    page.reload()
    expect(page.locator("#keys-on")).not_to_be_checked()
    page.keyboard.press("KeyK")
    page.keyboard.press("KeyN")
    expect(page.locator("#keys")).not_to_have_attribute("open", "")
    assert page.url.endswith(HOME)


def test_the_marks_on_the_photo_are_hidden_and_shown_by_a_key_and_the_photo_comes_closer_by_another(page: Page) -> None:
    page.keyboard.press("KeyN")
    expect(page.locator("h1")).to_be_focused()
    for _ in range(2):
        expect(page.locator(".kualik-marks")).to_be_visible()
        page.keyboard.press("KeyM")
        expect(page.locator(".kualik-marks")).to_be_hidden()
        page.keyboard.press("KeyM")
    page.keyboard.press("KeyZ")
    page.wait_for_url("**/photo")
    expect(page.locator(".kualik-marks text").first).to_be_visible()
