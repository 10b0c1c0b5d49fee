"""Fetching of lists and OCSP answers: from the configured addresses only, bounded in size and time, kept on a shelf.

What a certificate says of where to ask is never followed: a signature cannot make this process call anybody.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, Protocol

import httpx
from cryptography import x509

from shared.engine.ports import Clock
from shared.security.revocation import Known, RevocationList, StatusAnswer, question, read_answer, read_list
from shared.security.shelf import Shelf
from shared.security.trust import Trust, TrustUnusable

LIST_BYTES: Final = 32 * 1024 * 1024
ANSWER_BYTES: Final = 64 * 1024
LIST_SECONDS: Final = 20.0
ANSWER_SECONDS: Final = 3.0
AT_ONCE: Final = 8
"""So many OCSP questions are under way at once."""
REST: Final = 30.0
"""Machine seconds before an OCSP responder that has failed is asked again; meanwhile the lists serve."""
AGAIN: Final = 5.0
"""Machine seconds between two fetches of the lists that somebody waits for."""
OFTEN, SELDOM = 30.0, 600.0
"""Machine seconds between two fetches of the lists, when they fail or are stale, and when all is well."""
SKEW: Final = timedelta(minutes=5)
"""How far the authority's clock may be ahead of ours."""
SWEPT: Final = 2 * 86_400.0
"""Machine seconds after which an OCSP answer is thrown away."""


class Trusts(Protocol):
    def __call__(self) -> Trust: ...


@dataclass(slots=True)
class Statuses:
    """Tells what is known of a certificate; what it lacks it fetches. `clock.now()` is business time."""

    http: httpx.AsyncClient
    shelf: Shelf
    trust: Trusts
    clock: Clock
    log: Any
    list_urls: tuple[str, ...] = ()
    answer_url: str = ""
    _rests_until: float = 0.0
    _fetched_at: float = -1e9
    _fetching: asyncio.Lock = field(default_factory=asyncio.Lock)
    _asking: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))

    async def about(
        self, certificate: x509.Certificate, chain: tuple[x509.Certificate, x509.Certificate], moment: datetime
    ) -> Known:
        """Everything that is at hand for a judgement at that moment (business time)."""
        answer = self.shelf.answer(certificate, chain[0])
        if (answer is None or answer.until < moment) and self.answer_url:
            answer = await self._ask(certificate, chain[0]) or answer
        known = Known(self.shelf.lists(chain), answer)
        if self.list_urls and any(known.list_of(each, moment) is None for each in chain):
            await self.refresh()
            known = Known(self.shelf.lists(chain), answer)
        return known

    async def run(self) -> None:
        """Keep the lists fresh, for ever."""
        while True:
            good = await self.refresh()
            await asyncio.to_thread(self.shelf.sweep, self.clock.machine_now().timestamp() - SWEPT)
            await self.clock.sleep(SELDOM if good else OFTEN)

    async def refresh(self) -> bool:
        """Fetch every list, unless somebody has just done so. Whether all that are needed are here and not stale."""
        async with self._fetching:
            if self.clock.monotonic() - self._fetched_at >= AGAIN:
                self._fetched_at = self.clock.monotonic()
                for url in self.list_urls:
                    await self._fetch_list(url)
        try:
            authorities = self.trust().authorities
        except TrustUnusable:
            return False
        known = Known(self.shelf.lists(authorities))
        return all(known.list_of(each, self.clock.now()) is not None for each in authorities)

    async def _fetch_list(self, url: str) -> None:
        content = await self._fetched("GET", url, LIST_BYTES, LIST_SECONDS)
        if content is None:
            return
        try:
            found = await asyncio.to_thread(read_list, content, self.trust().authorities)
        except TrustUnusable:
            found = None
        if found is None or not self._is_of_now(found):
            self.log.warning("revocation list refused", address=url, size=len(content))
        elif not self.shelf.put_list(found):
            self.log.warning("revocation list older than the one at hand", address=url)

    async def _ask(self, certificate: x509.Certificate, issuer: x509.Certificate) -> StatusAnswer | None:
        if self.clock.monotonic() < self._rests_until:
            return None
        async with self._asking:
            body = question(certificate, issuer)
            content = await self._fetched("POST", self.answer_url, ANSWER_BYTES, ANSWER_SECONDS, body)
        if content is None:
            self._rests_until = self.clock.monotonic() + REST
            return None
        found = read_answer(content, certificate, issuer)
        if found is None:
            self.log.warning("OCSP answer refused", address=self.answer_url, size=len(content))
        else:
            self.shelf.put_answer(certificate, found)
        return found

    async def _fetched(self, method: str, url: str, most: int, seconds: float, body: bytes = b"") -> bytes | None:
        """The body of a 200 within size and time, or None. No redirect is followed."""
        headers = {"Content-Type": "application/ocsp-request"} if body else {}
        try:
            async with asyncio.timeout(seconds), self.http.stream(
                method, url, content=body, headers=headers, follow_redirects=False, timeout=seconds
            ) as answer:  # fmt: skip
                held = bytearray()
                async for part in answer.aiter_raw():
                    held += part
                    if len(held) > most:
                        break
                if answer.status_code == httpx.codes.OK and len(held) <= most:
                    return bytes(held)
                self.log.warning("revocation data refused", address=url, status=answer.status_code, size=len(held))
        except (httpx.HTTPError, TimeoutError) as fault:
            self.log.warning("revocation data not fetched", address=url, fault=type(fault).__name__)
        return None

    def _is_of_now(self, found: RevocationList) -> bool:
        """A list that is stale already, or of the future, tells that a clock or a server is wrong."""
        now = self.clock.now()
        return found.since <= now + SKEW and now <= found.until
