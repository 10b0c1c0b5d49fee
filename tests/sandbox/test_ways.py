"""How citizens of the sandbox sign: every third one by telephone or in the browser, and again when it did not work."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass, field, replace
from uuid import UUID

import httpx
import pytest
from starlette.applications import Starlette

from deploy.sandbox.authority import Signatory
from deploy.sandbox.people import Citizen
from deploy.sandbox.persona import Signing
from deploy.sandbox.portal import driver
from deploy.sandbox.portal.acts import Sign
from deploy.sandbox.portal.control import PortalControl
from deploy.sandbox.portal.driver import Portal
from deploy.sandbox.portal.ways import Hindered, RealWays, Way, page_of, way_of
from deploy.sandbox.telephone import text_in
from shared.clock import SystemClock
from shared.contracts.portal import NextAction
from shared.contracts.values import Channel, Stage
from shared.documents.qr import picture_of
from shared.security.eds import Citizen as Signer
from shared.security.eds import LocalVerifier, Verified
from tests.sandbox.crowds import person
from tests.sandbox.test_portal import AUTHORITY, Wires, settled, status

GOOD = Sign(1, Signing.GOOD, 1)


@dataclass
class Ways:
    """Does not work the first time."""

    hindered: int = 1
    scanned: list[str] = field(default_factory=list)

    async def by_telephone(self, code: str, key: Signatory) -> None:
        self._hinder()
        self.scanned.append(code)

    async def in_browser(self, payload: bytes, key: Signatory) -> str:
        self._hinder()
        return base64.b64encode(key.sign(payload)).decode()

    def _hinder(self) -> None:
        self.hindered -= 1
        if self.hindered >= 0:
            raise Hindered("not yet")


def citizen(channel: Channel, number: int = 3) -> Citizen:
    return replace(person("issued-paid"), channel=channel, number=number)


@pytest.mark.parametrize(
    ("channel", "number", "act", "way"),
    [
        (Channel.MOBILE, 3, GOOD, Way.TELEPHONE),
        (Channel.PORTAL, 3, GOOD, Way.BROWSER),
        (Channel.MOBILE, 4, GOOD, Way.KEY),
        (Channel.MOBILE, 3, replace(GOOD, how=Signing.BROKEN), Way.KEY),
        (Channel.MOBILE, 3, replace(GOOD, revision=2), Way.KEY),
    ],
)
def test_what_is_to_go_wrong_is_signed_with_the_key_at_hand(channel: Channel, number: int, act: Sign, way: Way) -> None:
    assert way_of(citizen(channel, number), act, 1) is way


@pytest.mark.parametrize("channel", list(Channel))
async def test_a_signature_that_did_not_work_is_tried_again(channel: Channel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(driver, "PAUSE", 0.01)
    wires, ways, who = Wires(), Ways(), citizen(channel)
    portal = Portal(wires, AUTHORITY, SystemClock(), ways=ways)
    portal.admit([who])
    await portal.start([who], 1000)
    id = who.application_id(0)
    for stage, action in ((Stage.ELIGIBLE, NextAction.FILL_FORM), (Stage.PHOTO_ACCEPTED, NextAction.SIGN)):
        portal.hear(status(id, stage, action))
        await settled(portal)
    by_message = [key for key, _ in wires.said].count("application-signed")
    assert (by_message, len(ways.scanned)) == ((0, 1) if channel is Channel.MOBILE else (1, 0))
    assert (portal.given_up, ways.hindered) == ([], -1)


async def test_the_browser_signs_by_ncalayer_over_a_real_socket() -> None:
    clock = SystemClock()
    async with httpx.AsyncClient() as http:
        cms = await RealWays(http, clock).in_browser(b"payload", AUTHORITY.citizen("900115390019"))
    answer = await LocalVerifier(AUTHORITY.trust).verify(
        base64.b64decode(cms), b"payload", clock.now(), Signer("900115390019")
    )
    assert isinstance(answer, Verified)


async def test_a_telephone_that_gets_a_no_or_no_answer_or_sees_no_code_is_hindered() -> None:
    async def no(request: httpx.Request) -> httpx.Response:
        if "lost" in str(request.url):
            raise httpx.ConnectError("lost")
        return httpx.Response(404)

    async with httpx.AsyncClient(transport=httpx.MockTransport(no)) as http:
        ways = RealWays(http, SystemClock())
        for code, why in (
            ("mobileSign:http://here/1", "404"),
            ("mobileSign:http://lost/1", "ConnectError"),
            ("http://of-another-app/1", "Unreadable"),
        ):
            with pytest.raises(Hindered, match=why):
                await ways.by_telephone(code, AUTHORITY.citizen("900115390019"))


@pytest.mark.parametrize("way", [Way.TELEPHONE, Way.BROWSER])
async def test_a_person_signs_by_a_button_of_the_page(way: Way) -> None:
    wires, ways, who = Wires(), Ways(hindered=0), replace(person("abandoned-at-signing"), number=4)
    portal = Portal(wires, AUTHORITY, SystemClock(), ways=ways)
    portal.admit([who])
    await portal.start([who], 1000)
    id = who.application_id(0)
    for stage, action in ((Stage.ELIGIBLE, NextAction.FILL_FORM), (Stage.PHOTO_ACCEPTED, NextAction.SIGN)):
        portal.hear(status(id, stage, action))
        await settled(portal)
    app = Starlette(routes=PortalControl(portal, lambda: True).routes())
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://portal") as browser:
        shown = (await browser.get(f"/applications/{id}")).text
        assert f"href=/applications/{id}/sign" in shown
        assert f"value={way}" in (await browser.get(f"/applications/{id}/sign")).text
        answers = [await browser.post(f"/applications/{id}/sign", data={"way": said}) for said in (way, way, "LIE")]
        other = await browser.post(f"/applications/{UUID(int=9)}/sign", data={"way": way})
    assert [answer.status_code for answer in (*answers, other)] == [303, 303, 422, 409]
    signed = [message_id for key, message_id in wires.said if key == "application-signed"]
    assert (len(set(signed)), len(ways.scanned)) == ((0, 2) if way is Way.TELEPHONE else (2, 0))


def test_the_page_shows_the_code_and_has_no_script() -> None:
    page = page_of(person("issued-paid").application_id(0), "mobileSign:https://intake.example/mgov/1")
    assert base64.b64encode(picture_of("mobileSign:https://intake.example/mgov/1", side=4)).decode() in page
    assert "<script" not in page


async def test_a_card_that_waits_shows_its_talon_as_the_code_that_the_desk_scans() -> None:
    portal, talon = Portal(Wires(), AUTHORITY, SystemClock()), "71-251006-000017-3"
    waiting, issued = (person("issued-paid", number).application_id(0) for number in (1, 2))
    portal.hear(status(waiting, Stage.READY, NextAction.COLLECT, talon=talon))
    portal.hear(status(issued, Stage.READY, NextAction.COLLECT, talon=talon))
    portal.hear(status(issued, Stage.CLOSED))
    app = Starlette(routes=PortalControl(portal, lambda: True).routes())
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://portal") as browser:
        pages = [(await browser.get(f"/applications/{id}")).text for id in (waiting, issued)]
    (picture,) = re.findall(r'<img alt="[^"]*№ 71-251006-000017-3" src="data:image/png;base64,([^"]+)">', pages[0])
    assert text_in(base64.b64decode(picture)) == talon
    assert "<img" not in pages[1]
