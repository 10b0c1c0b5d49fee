"""How outside systems are reached over HTTP: by httpx, to which a connection lost as it is made is lost."""

from __future__ import annotations

from typing import Any

import httpx


class Transport(httpx.AsyncHTTPTransport):
    """When the other side resets a connection at once, there is no socket left to look at, and what httpx's own parts
    then raise is no `httpx.HTTPError`. Nothing was sent: it is a `ConnectError` like any other.
    """

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        try:
            return await super().handle_async_request(request)
        except (AttributeError, OSError) as error:
            raise httpx.ConnectError("lost as it was made", request=request) from error


def client(*, most: int | None = None, **given: Any) -> httpx.AsyncClient:
    """A client for outside systems: no proxies of the environment, at most so many connections."""
    limits = httpx.Limits(max_connections=most)
    return httpx.AsyncClient(transport=Transport(trust_env=False, limits=limits), trust_env=False, **given)
