"""The administrator at work: every act takes effect at once, is on record, and stands after a restart."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from deploy.identity.administering import ONE_TIME_LIVES
from deploy.identity.register import FILE
from deploy.identity.settings import ADMINISTRATION as HOME
from deploy.sandbox.people import iin_of
from shared.web.oidc import BY_KEY, Claims, Issuer, SignInRefused
from tests.deploy.administered import ADMINISTRATOR, INSPECTOR, NOW, House, administered
from tests.services.ums_review.console import Browser

ONE = f"{HOME}/of/{INSPECTOR}"
CHOSEN = "an own password"


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with administered(tmp_path) as house:
        yield house


async def at_one(house: House, path: str = ONE) -> Browser:
    browser = await house.signed_in()
    await browser.open(path)
    return browser


def word(browser: Browser) -> str:
    """The one-time password that the page shows."""
    found = re.search(r'id="word">([^<]+)<', browser.text)
    assert found is not None, browser.text
    return found[1]


async def claims(browser: Browser, client: Issuer, house: House) -> Claims:
    """What the console is told of the sign-in that has just come to its end."""
    code = parse_qs(urlsplit(browser.page.headers["location"]).query)["code"][0]
    return await client.redeem(code, "nonce", "v" * 43, "http://console.test/console/signed-in", house.now)


async def test_the_list_says_of_each_account_how_it_stands(house: House) -> None:
    browser = await house.signed_in()
    row = browser.text.partition(f">{ADMINISTRATOR}<")[2].partition("</tr>")[0]
    for told in ("Администратор", "город Астана", "действует", "12 января 2026, 10:00", "включён, ключ в песочнице"):
        assert told in row, told
    await browser.open(f"{HOME}?find=71&role=head")
    assert browser.text.count("/accounts/of/") == 1
    await browser.open(f"{HOME}?find=nobody")
    assert "Таких учётных записей нет" in browser.text
    csrf = browser.csrf()
    await browser.open(f"{HOME}/of/nobody")
    assert (browser.page.status_code, "UNKNOWN_ACCOUNT" in browser.text) == (404, False), "to look is no attempt"
    for path in ("do/lock", "password"):
        await browser.post(f"{house.at}{HOME}/of/nobody/{path}", {"csrf": csrf})
        assert (browser.page.status_code, "UNKNOWN_ACCOUNT" in browser.text) == (404, True)
    assert [row.result for row in house.record()[:2]] == ["UNKNOWN_ACCOUNT"] * 2


@pytest.mark.parametrize(("closes", "opens"), [("lock", "unlock"), ("disable", "enable")])
async def test_who_is_closed_is_known_to_nobody_until_opened_again(house: House, closes: str, opens: str) -> None:
    officers, began = house.officers(), house.now
    browser = await at_one(house)
    house.now += timedelta(minutes=1)
    await browser.send(f"/do/{closes}")
    assert officers.named(INSPECTOR) is None
    knock, _ = await house.at_console(house.passwords[INSPECTOR])
    assert (knock.page.status_code, "Неверная учётная запись" in knock.text) == (401, True)
    house.started()
    assert officers.named(INSPECTOR) is None, "a restart opens nothing"
    browser = await at_one(house)
    await browser.send(f"/do/{opens}")
    known = officers.named(INSPECTOR)
    assert known is not None
    assert not known.bears("71", began), "its earlier sessions stay over"
    knock, client = await house.at_console(house.passwords[INSPECTOR])
    await knock.send("/authorize/key")
    assert (await claims(knock, client, house)).preferred_username == INSPECTOR


async def test_signing_out_everywhere_ends_every_session_that_had_begun(house: House) -> None:
    browser = await at_one(house)
    house.now += timedelta(minutes=1)
    await browser.send("/do/sign-out")
    known = house.officers().named(INSPECTOR)
    assert known is not None
    assert (known.bears("71", house.now), known.bears("71", house.now + timedelta(seconds=1))) == (False, True)


async def test_a_one_time_password_is_shown_once_and_opens_nothing_until_another_is_chosen(house: House) -> None:
    browser = await at_one(house)
    await browser.send("/password")
    once = word(browser)
    await browser.open(ONE)
    assert once not in browser.text
    assert INSPECTOR not in (house.folder / "identity/demonstration.json").read_text(), "a stale one is printed nowhere"
    old, _ = await house.at_console(house.passwords[INSPECTOR])
    assert old.page.status_code == 401
    knock, client = await house.at_console(once)
    await knock.send("/authorize/key")
    assert knock.page.status_code == 303
    assert "code=" not in knock.page.headers["location"].replace("code_challenge", "").replace("=code", "")
    await knock.open(knock.page.headers["location"])
    for wrong in ({"password": "short", "again": "short"}, {"password": CHOSEN, "again": "other"},
                  {"password": once, "again": once}):  # fmt: skip
        await knock.send("/authorize/password", **wrong)
        assert (knock.page.status_code, "Этот пароль не принят" in knock.text) == (422, True)
    await knock.send("/authorize/password", password=CHOSEN, again=CHOSEN)
    assert (await claims(knock, client, house)).acr == BY_KEY
    house.started()
    again, client = await house.at_console(CHOSEN)
    await again.send("/authorize/key")
    assert (await claims(again, client, house)).preferred_username == INSPECTOR
    assert (await house.at_console(once))[0].page.status_code == 401


@pytest.mark.parametrize("ends", ["do/sign-out", "password"])
async def test_a_sign_in_that_had_begun_is_cut_off_with_the_sessions(house: House, ends: str) -> None:
    with_key, client = await house.at_console(house.passwords[INSPECTOR])
    with_code, _ = await house.at_console(house.passwords[INSPECTOR])
    await with_code.send("/authorize/key")
    browser = await at_one(house)
    await browser.send(f"/{ends}")
    await with_key.send("/authorize/key")
    assert (with_key.page.status_code, "SIGN_IN" in with_key.text) == (403, True)
    with pytest.raises(SignInRefused):
        await claims(with_code, client, house)


async def test_whoever_has_the_address_alone_chooses_no_password(house: House) -> None:
    browser = await at_one(house)
    await browser.send("/password")
    knock, _ = await house.at_console(word(browser))
    await knock.send("/authorize/key")
    address = knock.page.headers["location"]
    other = house.browser()
    assert (await other.open(address)).status_code == 403
    await other.post(f"{house.at}{address}", {"password": CHOSEN, "again": CHOSEN}, origin=house.at)
    assert other.page.status_code == 403
    assert (await knock.open(address)).status_code == 200


async def test_a_one_time_password_is_over_after_three_days(house: House) -> None:
    browser = await at_one(house)
    await browser.send("/password")
    once = word(browser)
    house.now += ONE_TIME_LIVES
    assert (await house.at_console(once))[0].page.status_code == 401
    assert house.record()[0].result == "PASSWORD_OVER"


async def test_a_new_account_signs_in_and_the_services_know_its_officer(house: House) -> None:
    iin = iin_of(NOW.date().replace(year=1990), True, Random(1))
    browser = await at_one(house, f"{HOME}/new")
    form: dict[str, Any] = {"id": "71-inspector-3", "iin": iin, "office": "71/000140000071", "point": "71-01"}
    form |= {"role": ["inspector", "issue"], "software_key": "1"}
    await browser.send("/new", **form)
    once = word(browser)
    known = house.officers().named("71-inspector-3")
    assert known is not None
    assert (known.iin, known.region, known.point, set(known.roles)) == (iin, "71", "71-01", {"inspector", "issue"})
    assert "$argon2id$" in (house.folder / "identity" / FILE).read_bytes().decode(errors="replace")
    knock, client = await house.at_console(once, "71-inspector-3")
    await knock.send("/authorize/key")
    await knock.open(knock.page.headers["location"])
    await knock.send("/authorize/password", password=CHOSEN, again=CHOSEN)
    told = await claims(knock, client, house)
    assert (told.region, set(told.roles)) == ("71", {"inspector", "issue"})
    await browser.open(f"{HOME}/new")
    await browser.send("/new", **{**form, "id": "71-inspector-4"})
    assert (browser.page.status_code, "уже есть учётная запись" in browser.text) == (422, True), (
        "one person, one account"
    )
    await browser.open(f"{HOME}/new")
    await browser.send("/new", **form)
    assert (browser.page.status_code, "ACCOUNT_EXISTS" in browser.text) == (409, True)
    assert iin not in str(house.record())


async def test_a_form_that_says_nothing_is_told_everything_that_is_missing(house: House) -> None:
    browser = await at_one(house, f"{HOME}/new")
    await browser.send("/new", id="x", iin="123", office="71/1", role="emperor", point="75-01")
    assert browser.page.status_code == 422
    for told in ("от 3 до 64", "ИИН сотрудника", "регион и организацию", "хотя бы одну роль", "регистрационный пункт"):
        assert told in browser.text
    assert "x" not in house.accounts().register.all()


async def test_changed_roles_are_the_services_at_once(house: House) -> None:
    browser = await at_one(house)
    await browser.send("/roles", role=["head", "emperor"])
    known = house.officers().named(INSPECTOR)
    assert known is not None
    assert set(known.roles) == {"head"}
    await browser.send("/roles")
    assert browser.page.status_code == 422


async def test_nobody_changes_their_own_account_and_the_attempt_is_on_record(house: House) -> None:
    browser = await at_one(house, f"{HOME}/of/{ADMINISTRATOR}")
    assert "её меняет другой администратор" in browser.text
    assert "/do/" not in browser.page.text
    csrf, own = browser.csrf(), f"{house.at}{HOME}/of/{ADMINISTRATOR}"
    for path in ("do/disable", "password", "roles"):
        await browser.post(f"{own}/{path}", {"csrf": csrf, "role": "head"})
        assert (browser.page.status_code, "OWN_ACCOUNT" in browser.text) == (403, True)
    assert [row.result for row in house.record()[:3]] == ["OWN_ACCOUNT"] * 3
    await browser.open(HOME)
    assert browser.page.status_code == 200


async def test_who_did_what_to_whom_is_on_record_and_an_altered_row_is_seen(house: House) -> None:
    await house.at_console("wrong")
    browser = await at_one(house)
    await browser.send("/do/lock")
    newest, *_ = house.record()
    assert (newest.who, newest.what, newest.result, newest.at) == (
        f"officer:{ADMINISTRATOR}", f"lock-account {INSPECTOR}", "done", NOW,
    )  # fmt: skip
    assert ("officer:71-inspector-1", "sign-in", "WRONG_PASSWORD") in {
        (r.who, r.what, r.result) for r in house.record()
    }
    await browser.open(f"{HOME}/record")
    assert "Цепочка журнала цела" in browser.text
    assert f"Учётная запись заблокирована: {INSPECTOR}" in browser.text
    with closing(sqlite3.connect(house.folder / "identity" / FILE)) as register:
        with pytest.raises(sqlite3.DatabaseError, match="only added"):
            register.execute("update audit set who = 'officer:another' where seq = 2")
        register.execute("drop trigger audit_stands")
        register.execute("update audit set who = 'officer:another' where seq = 2")
        register.commit()
    await browser.open(f"{HOME}/record")
    assert "Строка 2 изменена" in browser.text


async def test_what_the_services_read_is_mended_at_the_next_start(house: House) -> None:
    path = house.folder / "officers.json"
    stood = path.read_bytes()
    browser = await at_one(house)
    await browser.send("/do/disable")
    path.write_bytes(stood)  # as if the process had died between the commit and the file
    assert house.officers().named(INSPECTOR) is not None
    house.started()
    assert house.officers().named(INSPECTOR) is None


async def test_a_refused_write_leaves_neither_change_nor_record(house: House) -> None:
    register, known = house.accounts().register, house.record()
    with pytest.raises(LookupError):
        register.change(NOW, lambda accounts: (_ for _ in ()).throw(LookupError()))
    assert house.record() == known


async def test_the_register_is_its_owners_alone(house: House) -> None:
    await house.signed_in()
    assert {path.stat().st_mode & 0o077 for path in (house.folder / "identity").iterdir()} == {0}
