"""Whose browser may change something here: only one that shows a page of this sandbox, under a name that is ours."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from shared.web.problems import Problem

READING: Final = frozenset({"GET", "HEAD", "OPTIONS"})
OWN_SITES: Final = (None, "same-origin", "none")


def is_stranger(headers: Headers, names: Iterable[str] = ()) -> bool:
    """Whether another page's form or script is what calls. What is no browser says neither where from nor of which
    site, and is none. A name that is not ours may have been bent to our address: it is no page of ours either.
    """
    origin, site, host = headers.get("origin"), headers.get("sec-fetch-site"), headers.get("host", "")
    if origin is None and site is None:
        return False
    if site not in OWN_SITES or (origin is not None and urlsplit(origin).netloc != host):
        return True
    return not _is_ours(urlsplit(f"//{host}").hostname or "", names)


class NoStrangers:
    """Refuses with 403 whatever would change something at a stranger's word. `names` are our hosts' besides loopback's;
    an address that is no name cannot be bent.
    """

    def __init__(self, app: ASGIApp, names: Iterable[str] = ()) -> None:
        self._app, self._names = app, frozenset(name for name in names if name)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        changes = scope["type"] == "http" and scope["method"] not in READING
        if changes and is_stranger(Headers(scope=scope), self._names):
            answer = Problem(403, "Not from there", "Only the sandbox's own page may change something.").response()
            await answer(scope, receive, send)
            return
        await self._app(scope, receive, send)


def _is_ours(name: str, names: Iterable[str]) -> bool:
    if name == "localhost" or name in names:
        return True
    with suppress(ValueError):
        ip_address(name)
        return True
    return False
