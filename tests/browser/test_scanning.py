"""The desk finds a card by the code of the citizen's notice: a scanner types it, or the page looks through a camera."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from deploy.sandbox.telephone import text_in
from services.production_dispatch.web.counter import HOME
from shared.documents.qr import picture_of
from tests.browser.chromium import opened
from tests.browser.served_desk import Served
from tests.browser.test_accessibility import broken
from tests.browser.walking import turned_away

TALON = "talon-1"
READS = """
window.BarcodeDetector = class {
  static getSupportedFormats() { return Promise.resolve(["ean_13", "qr_code"]); }
  detect(view) { return Promise.resolve(view.videoWidth ? [{ rawValue: "talon-1" }] : []); }
};
"""
CAMERA = """
navigator.mediaDevices.getUserMedia = async () => {
  const canvas = document.createElement("canvas");
  canvas.getContext("2d").fillRect(0, 0, 300, 150);
  window.tape = canvas.captureStream(10);
  return window.tape;
};
"""
SHUT = "navigator.mediaDevices.getUserMedia = () => Promise.reject(new Error('shut'));"
BLIND = "delete window.BarcodeDetector;"


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    with Served(tmp_path) as served:
        yield served


@pytest.mark.parametrize("script", [True, False], ids=["with-js", "without-js"])
def test_a_scanner_types_what_the_code_says_and_the_card_opens(browser: Browser, served: Served, script: bool) -> None:
    context = opened(browser, locale="kk", java_script_enabled=script)
    page = context.new_page()
    served.enter(page)
    expect(page.locator("#find")).to_be_focused()
    page.keyboard.type(text_in(picture_of(TALON)))
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{HOME}/cards/{TALON}")
    assert TALON in page.inner_text("h1")
    context.close()


@pytest.mark.parametrize("language", ["kk", "ru"])
def test_the_page_reads_the_code_through_the_camera(browser: Browser, served: Served, language: str) -> None:
    context = opened(browser, locale=language)
    context.add_init_script(READS + CAMERA)
    page = context.new_page()
    said = turned_away(page)
    served.enter(page)
    page.click("#scan-start")
    page.wait_for_url(f"**{HOME}/cards/{TALON}")
    context.close()
    assert said == []


def test_a_camera_that_sees_no_code_is_shut_by_the_same_button(browser: Browser, served: Served) -> None:
    context = opened(browser, locale="ru", bypass_csp=True)
    context.add_init_script(READS.replace("view.videoWidth", "false") + CAMERA)
    page = context.new_page()
    served.enter(page)
    page.click("#scan-start")
    expect(page.locator("#scan-view")).to_be_visible()
    expect(page.locator("#scan-told")).to_contain_text("Поднесите код")
    page.wait_for_function("window.tape && window.tape.active")
    assert broken(page) == []
    page.click("#scan-start")
    expect(page.locator("#scan-view")).to_be_hidden()
    assert page.evaluate("window.tape.active") is False
    context.close()


@pytest.mark.parametrize(("language", "words"), [("kk", "Камераны пайдалану мүмкін емес"), ("ru", "Камерой")])
def test_a_camera_that_is_not_given_is_told(browser: Browser, served: Served, language: str, words: str) -> None:
    context = opened(browser, locale=language)
    context.add_init_script(READS + SHUT)
    page = context.new_page()
    served.enter(page)
    page.click("#scan-start")
    expect(page.locator("#scan-told")).to_contain_text(words)
    expect(page.locator("#scan-view")).to_be_hidden()
    context.close()


def test_where_the_browser_reads_no_codes_nothing_of_it_is_shown(browser: Browser, served: Served) -> None:
    context = opened(browser, locale="ru")
    context.add_init_script(BLIND)
    page = context.new_page()
    served.enter(page)
    expect(page.locator("#find")).to_be_focused()
    expect(page.locator("#scan")).to_be_hidden()
    context.close()
