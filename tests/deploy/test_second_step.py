"""The second step at the embedded issuer: the officer's own key over this sign-in's challenge, once and in time."""

from __future__ import annotations

import json
import re
from base64 import b64decode, b64encode
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
from deploy.identity.issuer import Issuer, key_in
from deploy.identity.second_step import STEP_LIVES, SecondStep
from deploy.identity.settings import IdentitySettings
from deploy.identity.signer import Signer
from deploy.sandbox import keys
from deploy.sandbox.authority import Authority, Signatory, Standing
from shared.security import jws
from shared.security.eds import LocalVerifier
from shared.web import oidc
from shared.web.officer_keys import OfficerKeys
from shared.web.officers import Officers
from shared.web.oidc import BY_KEY, BY_PASSWORD, SignInRefused, StepMissing
from shared.web.pages import handlers
from shared.web.site import Site
from tests.deploy.test_identity import AT, BACK, CLIENT, VERIFIER

NOW = datetime(2026, 1, 12, 5, 0, tzinfo=UTC)
SCRIPT = {"origin": AT, "accept": "application/json"}
_TICKET = re.compile(r'name="ticket" value="([^"]+)"')


class House:
    """An issuer of the sandbox whose clock the test turns; officers have software keys, or NCALayer in the browser."""

    def __init__(self, folder: Path, *, software: bool = True, second: bool = True) -> None:
        self.now, self.folder = NOW, folder
        accounts = keys.write(folder)
        self.officer, self.other = (each for each in accounts[:2])
        self.authority = Authority.kept_in(folder / keys.AUTHORITY, NOW)
        cheap = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
        self.password = generate(folder, accounts[:2], cheap)[self.officer.id]
        settings = IdentitySettings(key_folder=folder, issuer_url=AT, issuer_returns=BACK)
        site = Site(Path(__file__).parents[2] / "deploy/identity", "/authorize", links=["http://console.test"])
        held = OfficerKeys(Signer(folder, self.authority, Officers(folder)) if software else None, "ws://127.0.0.1:1")
        step = SecondStep(AT, Officers(folder), held, LocalVerifier(self.authority.trust), lambda: self.now)
        self.accounts = Accounts(folder / FOLDER, lambda: self.now)
        issuer = Issuer(settings, self.accounts, key_in(folder), site, lambda: self.now, step if second else None)
        app = Starlette(routes=issuer.routes(), exception_handlers=handlers(site))
        self.http = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=AT)
        self.client = oidc.Issuer(AT, CLIENT, self.http, acr=BY_KEY)

    async def knock(self, password: str | None = None, state: str = "state") -> httpx.Response:
        address = await self.client.address(state, "nonce", VERIFIER, BACK, "ru")
        form = {"account": self.officer.id, "password": password or self.password}
        return await self.http.post(address, data=form, headers={"origin": AT})

    async def begun(self) -> str:
        """The ticket of a sign-in whose password was right."""
        page = await self.knock()
        found = _TICKET.search(page.text)
        assert found is not None, page.text
        return found[1]

    async def text(self, ticket: str) -> bytes:
        answer = await self.posted("/authorize/key/text", ticket)
        assert answer.status_code == 200, answer.text
        return b64decode(answer.json()["text"])

    async def posted(self, path: str, ticket: str, state: str = "state", **form: str) -> httpx.Response:
        """What the page's script sends."""
        address = httpx.URL(await self.client.address(state, "nonce", VERIFIER, BACK, "ru")).copy_with(path=path)
        return await self.http.post(address, data={"ticket": ticket, **form}, headers=SCRIPT)

    async def signed(
        self, ticket: str, key: Signatory, text: bytes | None = None, state: str = "state"
    ) -> httpx.Response:
        cms = key.sign(await self.text(ticket) if text is None else text, self.now)
        return await self.posted("/authorize/key", ticket, state, cms=b64encode(cms).decode())

    def opens(self) -> bool:
        """Whether the right password leads anywhere now."""
        account = self.accounts.named(self.officer.id)
        return account is not None and account.may_enter(self.now)

    def key(self, standing: Standing = Standing.GOOD) -> Signatory:
        return self.authority.officer(self.officer.iin, self.officer.bin, standing)

    async def redeemed(self, address: str) -> oidc.Claims:
        code = parse_qs(urlsplit(address).query)["code"][0]
        return await self.client.redeem(code, "nonce", VERIFIER, BACK, self.now)


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    house = House(tmp_path)
    yield house
    await house.http.aclose()


async def test_the_password_gives_no_code_and_one_click_signs_with_the_software_key(house: House) -> None:
    page = await house.knock()
    assert (page.status_code, "location" in page.headers) == (200, False)
    assert "Войдите со своим ключом" in page.text
    ticket = await house.begun()
    address = httpx.URL(await house.client.address("state", "nonce", VERIFIER, BACK, "ru"))
    form, origin = {"ticket": ticket}, {"origin": AT}
    answer = await house.http.post(address.copy_with(path="/authorize/key"), data=form, headers=origin)
    assert answer.status_code == 303
    claims = await house.redeemed(answer.headers["location"])
    assert (claims.preferred_username, claims.acr) == (house.officer.id, BY_KEY)


async def test_the_token_says_how_somebody_signed_in(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    tokens = list[str]()
    monkeypatch.setattr(oidc, "_believed", lambda token, keys: tokens.append(token))
    answer = await house.signed(await house.begun(), house.key())
    with pytest.raises(AttributeError):
        await house.redeemed(answer.json()["to"])
    claims = jws.claims_of(tokens[0], key_in(house.folder).private.public_key())
    assert (claims["acr"], claims["amr"]) == (BY_KEY, ["pwd", "swk", "mfa"])


async def test_the_officers_own_key_lets_them_in_from_the_browser(house: House) -> None:
    answer = await house.signed(await house.begun(), house.key())
    assert (await house.redeemed(answer.json()["to"])).acr == BY_KEY


@pytest.mark.parametrize("what", [Standing.REVOKED, Standing.EXPIRED, Standing.TO_SIGN_IN], ids=str)
async def test_a_certificate_that_is_no_good_lets_nobody_in(house: House, what: Standing) -> None:
    answer = await house.signed(await house.begun(), house.key(what))
    told = {Standing.REVOKED: "отозван", Standing.EXPIRED: "истёк", Standing.TO_SIGN_IN: "ключ для входа"}
    assert answer.status_code == 422
    assert told[what] in " ".join(answer.json()["faults"])


async def test_another_officers_key_lets_nobody_in_and_locks_like_a_wrong_password(house: House) -> None:
    ticket, other = await house.begun(), house.other.signatory(house.authority)
    assert (await house.knock("wrong")).status_code == 401
    for _ in range(FAILURES - 1):
        answer = await house.signed(ticket, other)
        assert answer.status_code == 422
        assert "другому человеку" in " ".join(answer.json()["faults"])
    assert not house.opens()
    assert (await house.posted("/authorize/key/text", ticket)).status_code == 403
    assert (await house.knock()).status_code == 401
    house.now += REST
    assert (await house.signed(await house.begun(), house.key())).status_code == 200
    assert (await house.knock("wrong")).status_code == 401
    assert house.opens(), "who has signed in begins anew"


async def test_the_right_password_alone_forgives_no_failure(house: House) -> None:
    for _ in range(FAILURES):
        await house.begun()
        assert house.opens()
        await house.knock("wrong")
    assert not house.opens()


async def test_a_challenge_serves_once(house: House) -> None:
    ticket = await house.begun()
    text = await house.text(ticket)
    assert (await house.signed(ticket, house.other.signatory(house.authority), text)).status_code == 422
    again = await house.signed(ticket, house.key(), text)
    assert again.status_code == 422, "it was used up by the first signature"
    fresh = await house.text(ticket)
    await house.text(ticket)
    assert (await house.signed(ticket, house.key(), fresh)).status_code == 422, "a newer one has taken its place"
    good = await house.text(ticket)
    assert (await house.signed(ticket, house.key(), good)).status_code == 200
    assert (await house.signed(ticket, house.key(), good)).status_code == 403, "the sign-in is over"
    assert (await house.signed(await house.begun(), house.key(), good)).status_code == 422, "it was another's"


async def test_a_challenge_and_its_page_serve_for_minutes_and_for_one_sign_in(house: House) -> None:
    ticket = await house.begun()
    text = await house.text(ticket)
    assert json.loads(text)["kind"] == "sign-in"
    assert (await house.signed(ticket, house.key(), text, state="another")).status_code == 403
    house.now += STEP_LIVES - timedelta(seconds=1)
    late = await house.text(ticket)
    house.now += timedelta(seconds=1)
    assert (await house.signed(ticket, house.key(), late)).status_code == 403
    assert (await house.signed("made up", house.key(), late)).status_code == 403


async def test_who_has_no_software_key_is_told_what_signs(tmp_path: Path) -> None:
    house = House(tmp_path, software=False)
    page = await house.knock()
    assert "ws://127.0.0.1:1" in page.text
    ticket = await house.begun()
    unsigned = await house.posted("/authorize/key", ticket)
    assert (unsigned.status_code, "JavaScript" in unsigned.text) == (422, True)
    assert house.opens()
    assert (await house.signed(ticket, house.key())).status_code == 200
    await house.http.aclose()


async def test_a_service_that_demands_the_key_believes_no_password_alone(tmp_path: Path) -> None:
    house = House(tmp_path, second=False)
    back = await house.knock()
    with pytest.raises(StepMissing):
        await house.redeemed(back.headers["location"])
    house.client = replace(house.client, acr="")
    claims = await house.redeemed((await house.knock()).headers["location"])
    assert claims.acr == BY_PASSWORD
    with pytest.raises(SignInRefused):
        await house.redeemed(back.headers["location"])
    await house.http.aclose()


async def test_a_form_of_another_site_signs_nothing(house: House) -> None:
    ticket = await house.begun()
    address = httpx.URL(await house.client.address("state", "nonce", VERIFIER, BACK, "ru"))
    for path in ("/authorize/key", "/authorize/key/text"):
        origin = {"origin": "http://evil.example"}
        answer = await house.http.post(address.copy_with(path=path), data={"ticket": ticket}, headers=origin)
        assert answer.status_code == 403
