"""An officer's own key, by NCALayer: a decision is signed in the browser, and what goes wrong is told on the page."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from deploy.sandbox.authority import Signatory
from deploy.sandbox.authority import Standing as Of
from services.ums_review.review import Standing
from services.ums_review.web.console import HOME
from tests.browser.chromium import opened
from tests.browser.ncalayer import free_port, ncalayer, silent
from tests.browser.served import Served
from tests.browser.test_accessibility import broken
from tests.browser.walking import KEY, annul, approve, sign, take_next, told, turned_away
from tests.services.ums_review import cases
from tests.services.ums_review.office import _AUTHORITY, BIN, IINS

NOTE = "көзілдірік"
TITLES = {
    "absent": ("NCALayer жауап бермейді", "NCALayer не отвечает"),
    "cancelled": ("Сіз қол қоймадыңыз", "Вы не подписали"),
    "refused": ("NCALayer қол қоймады", "NCALayer не подписал"),
    "late": ("Уақытында қол қойылмады", "Подпись не поставлена вовремя"),
    "signature": ("Қолтаңба қабылданбады", "Подпись не принята"),
}


def key_of(id: str, standing: Of = Of.GOOD) -> Signatory:
    return _AUTHORITY.officer(IINS[id], BIN, standing)


@dataclass(frozen=True)
class At:
    """An officer without a software key at the page that asks for the signature."""

    served: Served
    port: int
    page: Page
    language: str

    def sign(self) -> None:
        sign(self.page)

    def told(self, name: str) -> None:
        """The fault is shown and focused, and all that was entered is still there."""
        fault = self.page.locator("#key-fault")
        expect(fault).to_contain_text(TITLES[name][self.language == "ru"])
        expect(fault).to_be_focused()
        assert self.page.url.endswith("/preview")
        assert self.page.input_value("input[name=note]") == NOTE
        assert self.page.input_value("input[name=cms]") == ""
        expect(self.page.locator("form[action$='/decision'] button")).to_be_enabled()
        assert self.served.desk.office.state(self.served.path).standing is Standing.QUEUED


@pytest.fixture(params=["kk", "ru"])
def at(browser: Browser, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[At]:
    port = free_port()
    with Served(tmp_path, ncalayer=f"ws://127.0.0.1:{port}") as served:
        context = opened(browser, locale=request.param)
        page = context.new_page()
        said = turned_away(page)
        served.enter(page)
        take_next(page)
        approve(page, cases.CODE, NOTE)
        yield At(served, port, page, request.param)
        context.close()
    assert said == []


def test_a_decision_is_signed_by_ncalayer_after_it_was_started(at: At) -> None:
    at.sign()
    at.told("absent")
    with ncalayer(at.port, key_of("17")):
        at.sign()
        at.page.wait_for_url("**/signed")
    state = at.served.desk.office.state(at.served.path)
    assert state.standing is Standing.SIGNED
    assert state.verdict is not None
    assert state.verdict.note is not None
    assert state.verdict.note.value == NOTE


def test_who_closes_the_window_has_decided_nothing_and_may_sign_then(at: At) -> None:
    chosen: list[Signatory | None] = [None, key_of("17")]
    with ncalayer(at.port, lambda: chosen.pop(0)):
        at.sign()
        at.told("cancelled")
        at.sign()
        at.page.wait_for_url("**/signed")


def test_a_key_that_is_not_an_employees_is_not_even_offered(at: At) -> None:
    with ncalayer(at.port, _AUTHORITY.citizen(IINS["17"])):
        at.sign()
        at.told("refused")


@pytest.mark.parametrize(
    ("key", "result"), [(key_of("18"), "OTHER_IIN"), (key_of("17", Of.REVOKED), "REVOKED")], ids=["another", "revoked"]
)
def test_another_persons_certificate_and_a_revoked_one_are_refused_and_on_record(
    at: At, key: Signatory, result: str
) -> None:
    with ncalayer(at.port, key):
        at.sign()
        at.told("signature")
    assert ("officer:17", "sign-decision", result) in at.served.desk.office.audits(at.served.path)


def test_who_does_not_sign_in_three_minutes_is_told_so(at: At) -> None:
    at.page.clock.install()
    with silent(at.port) as asked:
        at.sign()
        expect(at.page.locator("#key-status")).to_be_visible()
        assert asked.wait(60), "the three minutes are counted from the question"
        at.page.clock.fast_forward(181_000)
        at.told("late")


def test_a_lost_lease_is_told_on_the_page_too(at: At) -> None:
    other = at.served.run(at.served.desk.signed_in("17"))
    at.served.run(other.open(f"{HOME}/cases/{at.served.path.rpartition('/')[2]}"))
    at.served.run(other.send("/give-back", reason="…"))
    with ncalayer(at.port, key_of("17")):
        at.sign()
        expect(at.page.locator("#key-fault")).to_be_focused()
    assert at.page.input_value("input[name=note]") == NOTE


def test_the_second_officer_signs_their_word_by_ncalayer(browser: Browser, tmp_path: Path) -> None:
    port = free_port()
    with Served(tmp_path, ncalayer=f"ws://127.0.0.1:{port}") as served:
        pages = {id: opened(browser, locale="kk").new_page() for id in ("h", "17", "18")}
        for id, page in pages.items():
            served.enter(page, id)
        pages["h"].goto(f"{served.at}{HOME}/head")
        pages["h"].click("form[action$='/second-eyes'] button")
        first, second = pages["17"], pages["18"]
        take_next(first)
        annul(first, cases.CODE)
        with ncalayer(port, key_of("17")):
            sign(first)
            first.wait_for_url("**/signed")
        second.goto(f"{served.at}{HOME}/second")
        second.click("tbody a")
        second.fill("#reason", NOTE)
        with ncalayer(port, key_of("18")):
            second.click("main form[action$='/second'] button")
            expect(second.locator("#key-fault")).to_contain_text("Келісетініңізді белгілеңіз")
            expect(second.locator("#key-fault")).to_be_focused()
            assert second.input_value("#reason") == NOTE
            second.check("#agrees-yes")
            second.click("main form[action$='/second'] button")
            second.wait_for_selector("main > [role=status]")
        verdict = served.desk.office.state(served.path).verdict
        assert verdict is not None
        assert verdict.seconded_by == "18"
        for page in pages.values():
            page.context.close()


@pytest.mark.parametrize("language", ["kk", "ru"])
def test_the_second_step_of_the_sign_in_is_signed_by_ncalayer(browser: Browser, tmp_path: Path, language: str) -> None:
    port = free_port()
    with Served(tmp_path, ncalayer=f"ws://127.0.0.1:{port}") as served:
        known = json.loads((tmp_path / "officers.json").read_text())
        (tmp_path / "officers.json").write_text(json.dumps([{**each, "software_key": False} for each in known]))
        context = opened(browser, locale=language)
        page = context.new_page()
        page.goto(f"{served.at}{HOME}/sign-in")
        told(page, served.officer("17"))
        chosen: list[Signatory | None] = [None, key_of("18"), key_of("17")]
        page.click(KEY)
        expect(page.locator("#key-fault")).to_contain_text(TITLES["absent"][language == "ru"])
        with ncalayer(port, lambda: chosen.pop(0)):
            for name in ("cancelled", "signature"):
                page.click(KEY)
                expect(page.locator("#key-fault")).to_contain_text(TITLES[name][language == "ru"])
                expect(page.locator("#key-fault")).to_be_focused()
            page.click(KEY)
            page.wait_for_url(f"**{HOME}")
        assert page.get_attribute("html", "lang") == language
        context.close()


def test_the_page_and_its_fault_break_no_rule_of_accessibility(browser: Browser, tmp_path: Path) -> None:
    port = free_port()
    with Served(tmp_path, ncalayer=f"ws://127.0.0.1:{port}") as served:
        context = opened(browser, locale="kk", bypass_csp=True)
        page = context.new_page()
        served.enter(page)
        take_next(page)
        approve(page, cases.CODE)
        assert broken(page) == []
        sign(page)
        expect(page.locator("#key-fault")).to_be_focused()
        assert broken(page) == []
        context.close()


@pytest.mark.parametrize(("language", "text"), [("kk", "JavaScript қажет"), ("ru", "нужен JavaScript")])
def test_without_a_script_the_page_says_that_ncalayer_needs_one(
    browser: Browser, tmp_path: Path, language: str, text: str
) -> None:
    with Served(tmp_path, ncalayer="ws://127.0.0.1:1") as served:
        context = opened(browser, locale=language, java_script_enabled=False)
        page = context.new_page()
        served.enter(page)
        take_next(page)
        approve(page, cases.CODE)
        assert text in page.inner_text("#key")
        with page.expect_navigation():
            sign(page)
        assert text in page.inner_text("main")
        context.close()
        assert served.desk.office.state(served.path).standing is Standing.QUEUED
