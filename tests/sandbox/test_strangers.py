"""Another site's page moves nothing in the sandbox; its own pages, and what is no browser, do."""

from __future__ import annotations

import httpx
import pytest

from deploy.sandbox.__main__ import application
from deploy.sandbox.authority import Authority
from deploy.sandbox.control import MOST_PEOPLE
from deploy.sandbox.portal.__main__ import portal_application
from deploy.sandbox.portal.driver import Portal
from deploy.sandbox.settings import SandboxSettings
from deploy.sandbox.smtp import Mailbox
from shared.clock import SystemClock
from tests.gateways.wire import sandbox
from tests.sandbox.crowds import NOW
from tests.sandbox.test_portal import Wires

AUTHORITY = Authority(NOW, b"strangers")
CHANGING = (
    "/control/people", "/control/clock", "/control/act", "/control/consent", "/control/pay/INV-1", "/control/misstate",
    "/control/well", "/control/faults", "/gateway/pay/INV-1", "/gateway/invoices/INV-1/cancel",
)  # fmt: skip
PORTAL = (
    "/control/people",
    "/control/clock",
    "/control/start",
    "/applications/5f0c7c3e-0000-4000-8000-000000000001/sign",
)
STRANGERS = (
    {"Origin": "http://elsewhere"},
    {"Origin": "http://127.0.0.1:9"},
    {"Origin": "null"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site", "Origin": "http://127.0.0.1:8000"},
    {"Origin": "http://bent.example:8000", "Host": "bent.example:8000", "Sec-Fetch-Site": "same-origin"},
)
OWN: tuple[dict[str, str], ...] = (
    {},
    {"Origin": "http://127.0.0.1:8000", "Sec-Fetch-Site": "same-origin"},
    {"Origin": "http://localhost:8000", "Host": "localhost:8000"},
    {"Origin": "http://named.example:8000", "Host": "named.example:8000"},
    {"Sec-Fetch-Site": "none"},
)


def browser(of: str) -> httpx.AsyncClient:
    if of == "portal":
        settings = SandboxSettings(sandbox_url="http://named.example")
        app = portal_application(Portal(Wires(), AUTHORITY, SystemClock()), lambda: True, settings)
    else:
        systems = sandbox()
        systems.state.ground.base = "http://named.example"
        app = application(systems, Mailbox(systems), AUTHORITY)
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1:8000")


@pytest.mark.parametrize(("of", "paths"), [("sandbox", CHANGING), ("portal", PORTAL)])
async def test_another_sites_page_changes_nothing_and_our_own_does(of: str, paths: tuple[str, ...]) -> None:
    async with browser(of) as http:
        for path in paths:
            for headers in STRANGERS:
                assert (await http.post(path, headers=headers, content=b"{}")).status_code == 403, (path, headers)
            for headers in OWN:
                assert (await http.post(path, headers=headers, content=b"{}")).status_code != 403, (path, headers)


async def test_a_strangers_link_may_be_followed() -> None:
    async with browser("sandbox") as http:
        assert (await http.get("/control", headers={"Sec-Fetch-Site": "cross-site"})).status_code == 200


@pytest.mark.parametrize("of", ["sandbox", "portal"])
async def test_only_so_many_people_are_made_in_one_call(of: str) -> None:
    async with browser(of) as http:
        many = {"seed": "1", "count": MOST_PEOPLE + 1}
        assert (await http.post("/control/people", json=many)).status_code == 422
