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
from deploy.sandbox.telephone import Unreadable, sign_what_is_shown
from deploy.sandbox.websocket import Closed
from shared.clock import SystemClock
from shared.contracts.values import Channel
from shared.documents.qr import picture_of


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
        except (httpx.HTTPError, Unreadable) as error:  # who does not see the code asks for another
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


STYLE = (
    "body{font:16px/1.5 'Noto Sans',Arial,sans-serif;max-width:40rem;margin:2rem auto;padding:0 1rem;color:#1b1f24}"
    "h1{font-size:1.5rem}img{display:block;image-rendering:pixelated}small{color:#5a636e}"
    "button{font:inherit;padding:.5rem 1rem;margin:.3rem .6rem .3rem 0}"
    "button{border:1px solid #0b6bcb;border-radius:6px;background:#0b6bcb;color:#fff}"
)
BUTTONS = {
    Way.TELEPHONE: "Телефонмен қол қою · Подписать телефоном",
    Way.BROWSER: "NCALayer арқылы қол қою · Подписать через NCALayer",
}


def page_of(id: UUID, code: str) -> str:
    """The page with the code, a button for the telephone and one for NCALayer that are stood in for, and no script."""
    picture = base64.b64encode(picture_of(code, side=4)).decode()
    buttons = "".join(f"<button name=way value={way}>{words}</button>" for way, words in BUTTONS.items())
    return (
        "<!doctype html><html lang=kk><meta charset=utf-8><meta name=viewport content='width=device-width'>"
        f"<title>ЭЦҚ қою · Подписать</title><style>{STYLE}</style>"
        "<h1>ЭЦҚ қою · Подписать ЭЦП</h1><p>eGov Mobile қосымшасымен сканерлеңіз, 180 секунд · "
        f'Отсканируйте в eGov Mobile, 180 секунд</p><img alt="QR" src="data:image/png;base64,{picture}">'
        f"<form method=post action=/applications/{id}/sign>{buttons}</form>"
        f"<p><small>Құмсалғыш: телефон мен NCALayer ойдан шығарылған · Песочница: телефон и NCALayer ненастоящие"
        f"<br>{id}</small></p></html>"
    )
