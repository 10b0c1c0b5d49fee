"""The embedded issuer: one sign-in for one code, nothing for anybody else, and an account that rests after failures."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from argon2 import PasswordHasher
from starlette.applications import Starlette

from deploy.identity.account import FAILURES, REST
from deploy.identity.accounts import FOLDER, Accounts, generate
from deploy.identity.grants import CODE_LIVES
from deploy.identity.issuer import Issuer, key_in
from deploy.identity.settings import IdentitySettings
from deploy.sandbox.keys import OfficerAccount
from shared.web import oidc
from shared.web.oidc import SignInRefused
from shared.web.pages import handlers
from shared.web.site import Site

AT, BACK, CLIENT = "http://issuer.test", "http://console.test/console/signed-in", "kualik-console"
VERIFIER = "v" * 43
OFFICER = OfficerAccount("71-inspector-1", "850101300017", "000140000071", "71", None, ("inspector",), "")


class House:
    """An issuer whose clock the test turns."""

    def __init__(self, folder: Path) -> None:
        self.now = datetime(2026, 1, 12, 5, 0, tzinfo=UTC)
        cheap = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
        self.password = generate(folder, [OFFICER], cheap)[OFFICER.id]
        settings = IdentitySettings(key_folder=folder, issuer_url=AT, issuer_returns=BACK, second_step=False)
        site = Site(Path(__file__).parents[2] / "deploy/identity", "/authorize", links=["http://console.test"])
        accounts = Accounts(folder / FOLDER, lambda: self.now)
        issuer = Issuer(settings, accounts, key_in(folder), site, lambda: self.now)
        app = Starlette(routes=issuer.routes(), exception_handlers=handlers(site))
        self.http = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=AT)
        self.client = oidc.Issuer(AT, CLIENT, self.http)

    async def asked(self, **changes: str) -> httpx.URL:
        """The address of the sign-in page."""
        address = httpx.URL(await self.client.address("state", "nonce", VERIFIER, BACK, "ru"))
        return address.copy_merge_params(changes) if changes else address

    async def knock(self, password: str | None = None, origin: str = AT) -> httpx.Response:
        form = {"account": OFFICER.id, "password": password or self.password}
        return await self.http.post(await self.asked(), data=form, headers={"origin": origin})

    async def code(self) -> str:
        answer = await self.knock()
        found = parse_qs(urlsplit(answer.headers["location"]).query)
        assert found["state"] == ["state"]
        return found["code"][0]

    async def redeemed(self, code: str, verifier: str = VERIFIER, nonce: str = "nonce") -> oidc.Claims:
        return await self.client.redeem(code, nonce, verifier, BACK, self.now)


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    house = House(tmp_path)
    yield house
    await house.http.aclose()


async def test_the_claims_say_who_signed_in(house: House) -> None:
    claims = await house.redeemed(await house.code())
    assert (claims.preferred_username, claims.region, set(claims.roles)) == (OFFICER.id, "71", {"inspector"})


async def test_the_console_reaches_the_issuer_where_browsers_cannot(house: House) -> None:
    reached = []

    async def note(request: httpx.Request) -> None:
        reached.append(request.url.host)

    house.http.event_hooks = {"request": [note]}
    house.client = replace(house.client, inner="http://inside.test")
    address = await house.asked()
    code = await house.code()
    reached.clear()
    claims = await house.redeemed(code)
    assert str(address).startswith(f"{AT}/authorize?")
    assert claims.preferred_username == OFFICER.id
    assert reached == ["inside.test"] * 3


async def test_a_code_serves_once_in_time_and_with_its_own_verifier(house: House) -> None:
    code = await house.code()
    await house.redeemed(code)
    with pytest.raises(SignInRefused):
        await house.redeemed(code)
    with pytest.raises(SignInRefused):
        await house.redeemed(await house.code(), verifier="w" * 43)
    late = await house.code()
    house.now += CODE_LIVES + timedelta(seconds=1)
    with pytest.raises(SignInRefused):
        await house.redeemed(late)


async def test_a_token_of_another_question_issuer_or_client_is_not_believed(house: House) -> None:
    with pytest.raises(SignInRefused):
        await house.redeemed(await house.code(), nonce="another")
    code, other = await house.code(), replace(house.client, client="another")
    with pytest.raises(SignInRefused):
        await other.redeem(code, "nonce", VERIFIER, BACK, house.now)
    with pytest.raises(SignInRefused):
        await replace(house.client, url=f"{AT}/").redeem("x", "nonce", VERIFIER, BACK, house.now)


@pytest.mark.parametrize(
    "change",
    [{"redirect_uri": "http://evil.example/"}, {"client_id": "another"}, {"code_challenge_method": "plain"},
     {"response_type": "token"}, {"scope": "profile"}],
    ids=lambda change: next(iter(change)),
)  # fmt: skip
async def test_a_question_that_is_not_our_clients_leads_nowhere(house: House, change: dict[str, str]) -> None:
    answer = await house.http.get(await house.asked(**change))
    assert answer.status_code == 400
    assert "location" not in answer.headers


async def test_an_account_rests_after_failures_even_for_the_right_password(house: House, tmp_path: Path) -> None:
    for _ in range(FAILURES):
        assert (await house.knock("wrong")).status_code == 401
    locked = await house.knock()
    assert locked.status_code == 401
    again = House(tmp_path)
    assert (await again.knock()).status_code == 401, "a restart opens no lock"
    again.now += REST
    assert (await again.knock()).status_code == 303
    account = Accounts(tmp_path / FOLDER, lambda: house.now).named(OFFICER.id)
    assert account is not None
    assert account.may_enter(house.now)
    house.now += REST
    assert (await house.knock()).status_code == 303


async def test_a_form_of_another_site_does_not_sign_in(house: House) -> None:
    assert (await house.knock(origin="http://evil.example")).status_code == 403


async def test_passwords_are_kept_as_argon2id_and_by_their_owner_alone(house: House, tmp_path: Path) -> None:
    kept = tmp_path / FOLDER / "accounts.json"
    assert house.password not in kept.read_text()
    assert "$argon2id$" in kept.read_text()
    assert {path.stat().st_mode & 0o077 for path in (tmp_path / FOLDER).iterdir()} == {0}
