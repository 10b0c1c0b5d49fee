"""The hands of the demonstration: clock, people, faults, operations; all through the doors that everyone has."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import asyncpg
import httpx

from deploy.local import layout
from deploy.local.running import Running
from deploy.sandbox import keys
from deploy.sandbox.books import BOOKS, Books
from shared.process import PORTAL, PRODUCTION, SERVICES

SEED = "demo"
PROGRESS = "select count(*) from saga_coordinator.timeline"
OPEN_REFUNDS = """
select count(*) from payment.invoice, jsonb_array_elements(cases) as one
where one ->> 'phase' in ('FILING', 'FILED', 'ACCEPTED')
"""
UNSENT = "select count(*) from notification.due where name in ('send-sms', 'send-email')"
IN_HAND = " union all ".join(
    f"select id from {name.replace('-', '_')}.due where token is not null and lease_until > clock_timestamp()"
    for name in SERVICES
)
SIGNED = """
select count(*) as signed, count(*) filter (where "where" like 'workstation:%') as by_message
from ums_review.audit where what = 'sign-decision' and result in ('APPROVE', 'ANNUL')
"""
REFUSED = """
select distinct application_id from saga_coordinator.timeline
where name = 'production-refused' and detail like '%fault=TECHNICAL%'
"""


class Stage:
    """One running stack, as the demonstration directs it."""

    def __init__(self, stack: Running, http: httpx.AsyncClient, connection: asyncpg.Connection) -> None:
        self.stack, self.http, self.connection = stack, http, connection
        self.offset = timedelta()
        self._sent_again: set[UUID] = set()
        self._turn = asyncio.Lock()

    def url(self, name: str) -> str:
        port = next(process.port for process in self.stack.processes.list() if process.name == name)
        return f"http://127.0.0.1:{port}"

    @property
    def now(self) -> datetime:
        """Business time."""
        return datetime.now(UTC) + self.offset

    async def set_clock(self, moment: datetime) -> None:
        """The one row of the business clock, and the sandbox with it; services re-read it each second."""
        self.offset = moment - datetime.now(UTC)
        seconds = self.offset.total_seconds()
        await self._rows("update platform.clock set offset_seconds = $1 returning 1", seconds)
        for name in (layout.SANDBOX, PORTAL):
            await self._post(name, "/control/clock", {"offset_seconds": seconds})
        await asyncio.sleep(1.3)

    async def admit(self, count: int) -> None:
        """The crowd becomes known to the registers and to the portal."""
        for name in (layout.SANDBOX, PORTAL):
            await self._post(name, "/control/people", {"seed": SEED, "count": count})

    async def act(self, number: int) -> None:
        await self._post(layout.SANDBOX, "/control/act", {"act": number})

    async def start(self, personas: Sequence[str] = (), act: int | None = None, rate: float = 20.0) -> int:
        """Citizens begin; gives how many."""
        wanted = {"personas": list(personas), "act": act, "rate": rate}
        return int((await self._post(PORTAL, "/control/start", wanted, timeout=120.0))["begun"])

    async def fault(self, system: str, services: Sequence[str] = ()) -> None:
        """The system is down, or only these services of it."""
        await self._post(layout.SANDBOX, "/control/faults", {"system": system, "outage": True, "services": services})

    async def heal(self, *systems: str) -> None:
        """Nothing is wrong any more with these systems, or with any."""
        for at in [f"/control/faults/{system}" for system in systems] or ["/control/faults"]:
            answer = await self.http.delete(f"{self.url(layout.SANDBOX)}{at}")
            answer.raise_for_status()

    async def spoil(self, faults: Iterable[Mapping[str, Any]]) -> None:
        """The systems go wrong in this way from now on."""
        for fault in faults:
            await self._post(layout.SANDBOX, "/control/faults", fault)

    async def applications(self) -> list[dict[str, Any]]:
        found = await self._get(PORTAL, "/control/applications")
        rows = found["applications"]
        assert isinstance(rows, list)
        return rows

    async def given_up(self) -> list[str]:
        return list((await self._get(PORTAL, "/control/applications"))["given_up"])

    async def history(self, id: str) -> list[dict[str, Any]]:
        return list((await self._get(PORTAL, f"/control/applications/{id}"))["history"])

    async def books(self) -> Books:
        """What the outside systems hold."""
        return BOOKS.validate_python((await self._get(layout.SANDBOX, "/control/books"))["books"])

    def officers(self) -> dict[str, str]:
        """Officer → the region of their account."""
        return {account.id: account.region for account in keys.write(self.stack.folder.data / "keys")}

    async def progress(self) -> int:
        """How many lines all case timelines have."""
        return await self._count(PROGRESS)

    async def signed(self) -> tuple[int, int]:
        """How many signed decisions were taken, and how many of them came as messages of a workstation."""
        (row,) = await self._rows(SIGNED)
        return row["signed"], row["by_message"]

    async def in_hand(self) -> frozenset[str]:
        """The waiting rows that some process works on now: on a busy machine an answer may take its time."""
        return frozenset(str(row["id"]) for row in await self._rows(IN_HAND))

    async def open_refunds(self) -> int:
        """Refund cases that are on their way: those that wait for an account of the citizen's are not."""
        return await self._count(OPEN_REFUNDS)

    async def unsent(self) -> int:
        """SMS and e-mails that their gateways have not taken yet."""
        return await self._count(UNSENT)

    async def failing(self) -> set[str]:
        rows = await self._rows("select name from platform.dependency where failing_since is not null")
        return {row["name"] for row in rows}

    async def operate(self) -> None:
        """Operations send again what the central node refused technically."""
        officers = keys.write(self.stack.folder.data / "keys")
        bearer = next(account.bearer for account in officers if "operations" in account.roles)
        for row in await self._rows(REFUSED):
            id = row["application_id"]
            if id in self._sent_again:
                continue
            path = f"{self.url(PRODUCTION)}/operations/orders/{id}/send-again"
            answer = await self.http.post(path, headers=bearer)
            if answer.is_success:
                self._sent_again.add(id)

    async def dead_letters(self) -> list[str]:
        """Reason and origin of everything in the dead letters; they stay where they are."""
        broker = self.stack.broker.address
        management = urlsplit(broker.management_url)
        user, password = broker.administrator
        path = f"http://{management.hostname}:{management.port}/api/queues/%2F/dead-letters/get"
        wanted = {"count": 100, "ackmode": "ack_requeue_true", "encoding": "auto"}
        answer = await self.http.post(path, json=wanted, auth=(user, password))
        answer.raise_for_status()
        return [_letter(letter) for letter in answer.json()]

    async def _rows(self, question: str, *given: Any) -> list[asyncpg.Record]:
        """One question at a time: the connection can no more."""
        async with self._turn:
            return list(await self.connection.fetch(question, *given))

    async def _count(self, question: str) -> int:
        (row,) = await self._rows(question)
        return int(row[0])

    async def _get(self, name: str, path: str) -> dict[str, Any]:
        answer = await self.http.get(f"{self.url(name)}{path}")
        answer.raise_for_status()
        found = answer.json()
        assert isinstance(found, dict)
        return found

    async def _post(self, name: str, path: str, body: Any, timeout: float = 30.0) -> dict[str, Any]:
        answer = await self.http.post(f"{self.url(name)}{path}", json=body, timeout=timeout)
        answer.raise_for_status()
        found = json.loads(answer.content or b"{}")
        assert isinstance(found, dict)
        return found


def _letter(letter: dict[str, Any]) -> str:
    headers = letter["properties"].get("headers", {})
    told = ("message", "queue", "error", "x-first-death-queue")
    shown = {key: headers[key] for key in told if key in headers}
    return f"{letter['routing_key']} {shown}"
