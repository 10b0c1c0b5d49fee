"""How citizens sign: a telephone scans the portal's code, NCALayer signs for the browser, or the key is at hand."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol
from uuid import UUID

import httpx

from deploy.sandbox.authority import Signatory
from deploy.sandbox.ncalayer import Cancelled, running, sign_in_browser
from deploy.sandbox.people import Citizen
from deploy.sandbox.persona import Signing
from deploy.sandbox.portal.acts import Sign
from deploy.sandbox.telephone import picture_of, sign_what_is_shown
from deploy.sandbox.websocket import Closed
from shared.clock import SystemClock
from shared.contracts.values import Channel


class Way(StrEnum):
    KEY = "KEY"
    BROWSER = "BROWSER"
    TELEPHONE = "TELEPHONE"


class Hindered(Exception):
    """It did not work this time."""


class Ways(Protocol):
    """Raises `Hindered`."""

    async def by_telephone(self, code: str, key: Signatory) -> None: ...
    async def in_browser(self, payload: bytes, key: Signatory) -> str: ...


def way_of(citizen: Citizen, act: Sign, revision: int) -> Way:
    """Every third one: those of the apps by telephone, those at the portal by NCALayer. Only what can go right."""
    if act.how is not Signing.GOOD or act.revision != revision or citizen.number % 3:
        return Way.KEY
    return Way.TELEPHONE if citizen.channel is Channel.MOBILE else Way.BROWSER


@dataclass(frozen=True, slots=True)
class RealWays:
    """Over real connections: the code is drawn and looked at, the browser's page speaks to a local NCALayer."""

    http: httpx.AsyncClient
    clock: SystemClock

    async def by_telephone(self, code: str, key: Signatory) -> None:
        try:
            status = await sign_what_is_shown(self.http, picture_of(code), key, self.clock.now())
        except httpx.HTTPError as error:
            raise Hindered(type(error).__name__) from None
        if not 200 <= status < 300:
            raise Hindered(str(status))

    async def in_browser(self, payload: bytes, key: Signatory) -> str:
        try:
            async with running(lambda: key, self.clock.now) as port:
                cms = await sign_in_browser(port, payload)
        except (Cancelled, Closed, OSError) as error:
            raise Hindered(type(error).__name__) from None
        assert base64.b64decode(cms)
        return cms


def page_of(id: UUID, code: str) -> str:
    """The page with the code, and no script."""
    picture = base64.b64encode(picture_of(code, side=4)).decode()
    return (
        "<!doctype html><html lang=kk><meta charset=utf-8><title>ЭЦҚ қою · Подписать</title>"
        "<h1>ЭЦҚ қою · Подписать ЭЦП</h1><p>eGov Mobile қосымшасымен сканерлеңіз · "
        f'Отсканируйте в eGov Mobile</p><img alt="QR" src="data:image/png;base64,{picture}"><p>{id}</p></html>'
    )
