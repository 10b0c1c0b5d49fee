"""An open loop of officers: each kind of call comes by chance at its own pace (Poisson, the same in every run), and is
timed from the moment at which it was due.
"""

from __future__ import annotations

import asyncio
import re
import time
import uuid
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import accumulate, count
from random import Random
from typing import Final

import httpx

from services.ums_review.web.console import HOME
from tests.bench.console.server import CLERKS
from tests.services.ums_review import cases

PACE: Final = {"page": 30.0, "claim": 3.0, "decision": 1.0}
"""Calls a second at the measure of one."""
_TOKEN = re.compile(r'name="lease_token" value="([^"]+)"')


@dataclass(slots=True)
class Load:
    """Milliseconds of every call by its kind, and what did not end as it must."""

    http: httpx.AsyncClient
    times: dict[str, list[float]] = field(default_factory=lambda: {kind: [] for kind in PACE})
    failed: list[str] = field(default_factory=list)
    held: deque[tuple[int, str, str]] = field(default_factory=deque)
    _clerks: count[int] = field(default_factory=count)

    async def run(self, times: float, seconds: float) -> None:
        """`times` the pace for so long; until the last call is answered."""
        calls: dict[str, Callable[[int], Awaitable[str | None]]] = {
            "page": self.page, "claim": self.claim, "decision": self.decision
        }  # fmt: skip
        begin = time.monotonic()
        async with asyncio.TaskGroup() as group:
            for kind, pace in PACE.items():
                for due in moments(kind, pace * times, seconds):
                    group.create_task(self._call(kind, calls[kind], begin + due))

    async def _call(self, kind: str, call: Callable[[int], Awaitable[str | None]], due: float) -> None:
        await asyncio.sleep(max(0.0, due - time.monotonic()))
        if kind == "decision" and not self.held:
            return
        try:
            case = await call(next(self._clerks) % CLERKS)
        except (httpx.HTTPError, LookupError) as error:
            self.failed.append(f"{kind}: {error!r}")
            return
        self.times[kind].append((time.monotonic() - due) * 1000)
        if kind == "claim" and case:
            await self._look(case)

    async def page(self, clerk: int) -> None:
        answer = await self.http.get(HOME, headers=_cookie(clerk))
        _must(answer, 200)

    async def claim(self, clerk: int) -> str:
        answer = await self.http.post(f"{HOME}/next", headers=_cookie(clerk), data={"csrf": f"c-{clerk}"})
        _must(answer, 303, "/cases/")
        return f"{clerk} {answer.headers['location']}"

    async def decision(self, _: int) -> None:
        clerk, case, token = self.held.popleft()
        form = {
            "csrf": f"c-{clerk}", "lease_token": token, "decision": "APPROVE", "decision_id": str(uuid.uuid4()),
            "documentation_code": cases.CODE, "decided_at": datetime.now(UTC).isoformat(timespec="milliseconds"),
        }  # fmt: skip
        _must(await self.http.post(f"{case}/decision", headers=_cookie(clerk), data=form), 303, "/signed")

    async def _look(self, claimed: str) -> None:
        """The page of the case, which is not timed: its officer decides from there."""
        clerk, _, case = claimed.partition(" ")
        page = await self.http.get(case, headers=_cookie(int(clerk)))
        found = _TOKEN.search(page.text)
        if found:
            self.held.append((int(clerk), case, found[1]))
        else:
            self.failed.append(f"look: {page.status_code}")


def moments(kind: str, pace: float, seconds: float) -> list[float]:
    """As many calls as the pace makes, each when it comes: seconds from the beginning."""
    chance = Random(f"{kind} {pace}")
    return [*accumulate(chance.expovariate(pace) for _ in range(int(pace * seconds)))]


def _cookie(clerk: int) -> dict[str, str]:
    return {"cookie": f"kualik-session=s-{clerk}", "accept-language": "kk"}


def _must(answer: httpx.Response, status: int, leads: str = "") -> None:
    """Raises `LookupError` for an answer that is another."""
    if answer.status_code != status or leads not in answer.headers.get("location", ""):
        raise LookupError(f"{answer.status_code} {answer.headers.get('location', '')}")
