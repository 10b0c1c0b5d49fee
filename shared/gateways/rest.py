"""The outside systems that speak JSON over HTTP: Digital-ID, payment gateway, revenue, central node, SMS."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import httpx

from shared.engine.rows import Unavailable
from shared.gateways.quick import twice

Answer = dict[str, Any]


class Rest:
    """One outside system. Raises `Unavailable(dependency)` when it does not answer; 404 answers as an empty dict."""

    def __init__(self, http: httpx.AsyncClient, base: str, dependency: str, timeout: float = 8.0) -> None:
        self._http, self._base, self._dependency, self._timeout = http, base.rstrip("/"), dependency, timeout

    async def get(self, path: str) -> Answer:
        return await self._send("GET", path, None)

    async def post(self, path: str, body: Mapping[str, Any], *, once: bool = False) -> Answer:
        """`body` carries its own idempotency key where the other side promises one. `once` where it promises none: an
        answer that was lost may have been a yes, so whoever asks again inquires first (process.md 4).
        """
        return await self._send("POST", path, body, once)

    async def put(self, path: str, body: Mapping[str, Any]) -> Answer:
        return await self._send("PUT", path, body)

    async def _send(self, method: str, path: str, body: Mapping[str, Any] | None, once: bool = False) -> Answer:
        async def send() -> Answer:
            try:
                answer = await self._http.request(method, f"{self._base}{path}", json=body, timeout=self._timeout)
                if answer.status_code == 404:
                    return {}
                if answer.status_code >= 400:
                    raise Unavailable(self._dependency)
                found = answer.json()
            except (httpx.HTTPError, ValueError):
                raise Unavailable(self._dependency) from None
            return found if isinstance(found, dict) else {}

        return await send() if once else await twice(send)
