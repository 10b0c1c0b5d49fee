"""The issue desk as pages: a card found, its owner established, the hand-over signed, shipments checked in."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path

import pytest

from services.production_dispatch.production import Alert
from services.production_dispatch.web.counter import HOME
from services.production_dispatch.web.finding import talon_of, talons_of
from services.production_dispatch.web.lookups import Listed
from services.production_dispatch.web.shipments import compared
from shared.engine.decision import ALMATY
from shared.security.evidence import KeptSignature
from shared.web.problems import Problem
from tests.engine.house import until
from tests.services.production_dispatch import cases
from tests.services.production_dispatch.counter import ELSEWHERE, ITSELF, SEALER
from tests.services.production_dispatch.house import House, house_in
from tests.services.ums_review.console import AT

OWNER = {"visitor": "owner", "established": "1", "old_card": "taken"}


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with house_in(tmp_path) as house:
        yield house


def today() -> str:
    return datetime.now(ALMATY).date().isoformat()


async def test_an_officer_finds_checks_in_and_hands_over_a_card_and_prints_the_receipt(house: House) -> None:
    id = await house.counter.at_its_point()
    browser = house.browser()
    assert (await browser.sign_in()).url == f"{AT}{HOME}"
    assert "talon-1" in browser.text
    await browser.open(f"{HOME}?find=https://portal.test/notice?talon=talon-1")
    assert browser.page.url == f"{AT}{HOME}/cards/talon-1"
    await browser.send("/check-in")
    for fact in (cases.CITIZEN, "готово к выдаче", "Кто пришёл?"):
        assert fact in browser.text
    await browser.send("/hand-over", **OWNER)
    assert "Прежнее удостоверение изъято" in browser.text
    assert house.counter.state(id).standing == "ISSUED"
    await until(lambda: len(house.counter.wire.said("document-issued")) == 1)
    receipt = await browser.open(f"{HOME}/cards/talon-1/receipt.pdf")
    assert (receipt.headers["content-type"], receipt.content[:5]) == ("application/pdf", b"%PDF-")
    kept = house.counter.tables.rows_of(KeptSignature, SEALER)
    assert [row.what.partition("/")[0] for row in kept] == ["hand-over"]
    assert await house.signed(id) == kept[0].payload_sha256
    assert (await browser.open(f"{HOME}/cards/talon-1/receipt.pdf")).content == receipt.content


@pytest.mark.parametrize(
    ("language", "words"), [("ru", "при личной явке владельца"), ("kk", "иесінің өзі келгенде")]
)  # fmt: skip
async def test_a_proxy_is_refused_with_the_clause_in_both_languages_and_the_refusal_is_signed(
    house: House, language: str, words: str
) -> None:
    id = await house.counter.at_its_point()
    browser = await house.signed_in()
    browser.http.headers["accept-language"] = language
    await browser.open(f"{HOME}/cards/talon-1")
    await browser.send("/check-in")
    await browser.send("/hand-over", visitor="proxy")
    assert browser.page.status_code == 200
    for text in (words, "доверенности исключена", "Сенімхат бойынша"):
        assert text in browser.text
    assert house.counter.state(id).standing == "READY"
    await until(lambda: len(house.counter.wire.said("issue-refused")) == 1)
    assert len(house.counter.tables.rows_of(KeptSignature, SEALER)) == 1
    await browser.open(f"{HOME}/cards/talon-1")
    await browser.send("/hand-over", **OWNER)
    assert house.counter.state(id).standing == "ISSUED"


async def test_a_face_that_is_not_the_owners_gets_nothing(house: House) -> None:
    id = await house.counter.at_its_point()
    browser = await house.signed_in()
    await browser.open(f"{HOME}/cards/talon-1")
    await browser.send("/check-in")
    await browser.send("/hand-over", visitor="unknown")
    assert "личность не установлена" in browser.text
    assert house.counter.audits(id)[-1][1:] == ("issue-card", "NOT_ESTABLISHED")


async def test_what_was_not_marked_is_asked_for_and_nothing_is_handed_over(house: House) -> None:
    id = await house.counter.at_its_point()
    browser = await house.signed_in()
    await browser.open(f"{HOME}/cards/talon-1")
    await browser.send("/check-in")
    assert (await browser.send("/hand-over")).status_code == 422
    assert "Отметьте, кто пришёл." in browser.text
    await browser.open(f"{HOME}/cards/talon-1")
    assert (await browser.send("/hand-over", visitor="owner")).status_code == 422
    for text in ("Сверьте лицо с фотографией", "что с прежним удостоверением"):
        assert text in browser.text
    assert house.counter.state(id).standing == "READY"


async def test_a_hand_over_sent_twice_is_one_and_one_whose_signature_does_not_hold_is_none(house: House) -> None:
    id = await house.counter.at_its_point()
    browser = await house.signed_in()
    await browser.open(f"{HOME}/cards/talon-1")
    await browser.send("/check-in")
    form = {"csrf": "csrf-70", "act_id": "once", **OWNER}
    house.keys.broken = True
    assert (await browser.post(f"{AT}{HOME}/cards/talon-1/hand-over", form)).status_code == 422
    assert house.counter.state(id).standing == "READY"
    assert house.counter.audits(id)[-1][1] == "issue-card"
    house.keys.broken = False
    for _ in range(2):
        answer = await browser.post(f"{AT}{HOME}/cards/talon-1/hand-over", form)
        assert (answer.status_code, answer.url.path) == (200, f"{HOME}/cards/talon-1/outcome")
    assert len(house.counter.tables.rows_of(KeptSignature, SEALER)) == 1


async def test_a_form_of_another_session_is_refused_and_on_record(house: House) -> None:
    id = await house.counter.at_its_point()
    browser = await house.signed_in()
    answer = await browser.post(f"{AT}{HOME}/cards/talon-1/hand-over", {"csrf": "another", "act_id": "x", **OWNER})
    assert answer.status_code == 403
    assert house.counter.audits(id)[-1][1:] == ("issue-card", "CSRF")


async def test_another_point_the_own_card_and_an_unknown_talon_are_told_by_pages_of_their_own(house: House) -> None:
    await house.counter.at_its_point()
    for who, status, words in (
        (ELSEWHERE, 403, "выдают в другом пункте"), (ITSELF, 403, "собственное удостоверение"),
    ):  # fmt: skip
        browser = await house.signed_in(who)
        assert (await browser.open(f"{HOME}/cards/talon-1")).status_code == status
        assert words in browser.text
        assert (await browser.open(f"{HOME}/cards/talon-1/receipt.pdf")).status_code in (403, 404)
    browser = await house.signed_in()
    assert (await browser.open(f"{HOME}?find=talon-9")).status_code == 404
    assert "По этому талону удостоверения нет" in browser.text


async def test_a_shipment_is_checked_in_and_its_differences_go_to_operations(house: House) -> None:
    ids = [await house.counter.at_its_point(number) for number in (1, 2, 3)]
    browser = await house.signed_in()
    await browser.open(f"{HOME}/shipments")
    assert "Р-1" in browser.text
    await browser.open(f"{HOME}/shipments/{today()}?shipment=Р-1")
    await browser.send("/compare", how="these", talons="talon-1\r\ntalon-3\r\n71-000000-000000-0")
    for text in ("В списке есть, в коробке нет", "talon-2", "71-000000-000000-0"):
        assert text in browser.text
    assert house.counter.state(ids[0]).standing == "SHIPPED", "nothing is done before it is confirmed"
    await browser.send("/check-in")
    for text in ("Принято 2 удостоверения.", "о 2 расхождениях", "сообщено о недостаче"):
        assert text in browser.text
    assert [house.counter.state(id).standing for id in ids] == ["READY", "SHIPPED", "READY"]
    alerts = [row for row in house.counter.tables.rows_of(Alert, SEALER) if row.what.startswith("SHIPMENT")]
    assert sorted(row.what for row in alerts) == ["SHIPMENT_MISSING", "SHIPMENT_SURPLUS"]
    await browser.send("/compare", how="all")
    assert "Поступление совпадает с реестром." in browser.text
    await browser.send("/check-in")
    assert house.counter.state(ids[1]).standing == "READY"


async def test_what_another_point_was_sent_is_not_shown(house: House) -> None:
    await house.counter.at_its_point()
    browser = await house.signed_in(ELSEWHERE)
    await browser.open(f"{HOME}/shipments")
    assert "Р-1" not in browser.text
    assert (await browser.open(f"{HOME}/shipments/{today()}?shipment=Р-1")).status_code == 404
    assert (await browser.open(f"{HOME}/shipments/yesterday")).status_code == 404


async def test_cards_that_nobody_comes_for_are_listed_by_their_days(house: House) -> None:
    await house.counter.at_its_point()
    browser = await house.signed_in()
    await browser.open(f"{HOME}/cards/talon-1")
    await browser.send("/check-in")
    assert "talon-1" in (await browser.open(f"{HOME}/waiting?days=0")).text
    assert "Столько не ждёт ни одно" in (await browser.open(f"{HOME}/waiting")).text
    assert (await browser.open(f"{HOME}/waiting?days=x")).status_code == 422


LIST = [Listed(cases.ID, talon, standing) for talon, standing in (("a", "SHIPPED"), ("b", "SHIPPED"), ("c", "READY"))]


def test_a_box_is_compared_with_its_list_however_it_was_counted() -> None:
    assert compared(LIST, "all", []).came == ("a", "b")
    but = compared(LIST, "but", ["b"])
    assert (but.came, but.missing, but.surplus) == (("a",), ("b",), ())
    these = compared(LIST, "these", ["a", "c", "x"])
    assert (these.came, these.missing, these.surplus) == (("a",), ("b",), ("x",))
    with pytest.raises(Problem):
        compared(LIST, "but", ["c"])


@pytest.mark.parametrize(
    "text",
    ["71-251006-000001-1", " 71-251006-000001-1\n", "https://egov.kz/n?lang=kk&talon=71-251006-000001-1",
     "Талон № 71-251006-000001-1, пункт 71-01", '."өәғ"ққ,өқққққ"ө"', '."ӨӘҒ"ҚҚ,ӨҚҚҚҚҚ"Ө"'],
)  # fmt: skip
def test_a_talon_is_read_from_whatever_the_citizen_shows_and_however_a_scanner_types_it(text: str) -> None:
    assert talon_of(text) == "71-251006-000001-1"


def test_a_box_is_scanned_one_on_a_line_or_several_and_under_a_kazakh_keyboard_too() -> None:
    scanned = '71-251006-000001-1\n."өәғ"ққ,өқққққәөә\nx, y;71-251006-000001-1'
    assert talons_of(scanned) == ["71-251006-000001-1", "71-251006-000002-2", "x", "y"]
