"""Sessions of people who signed in: rows here, only a random id in the browser; over when idle, old or ended."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Protocol

import asyncpg

IDLE: Final = timedelta(minutes=30)
LONGEST: Final = timedelta(hours=12)
KEPT: Final = timedelta(days=30)
"""Rows of sessions that are over are kept so long, then forgotten at somebody's sign-in."""


@dataclass(frozen=True, slots=True)
class Session:
    """Who signed in, as the issuer said it. `csrf` stands in every form of the session. Times are machine time."""

    id: str = field(repr=False)
    officer_id: str
    region: str
    roles: frozenset[str]
    csrf: str = field(repr=False)
    started_at: datetime


class Sessions(Protocol):
    """Where they are kept, by the SHA-256 of their id."""

    async def begin(self, session: Session) -> None: ...

    async def find(self, id: str, now: datetime, *, active: bool = True) -> Session | None:
        """The session while it lives. `active`: the person did something, and so it is idle from now."""
        ...

    async def whose(self, id: str) -> str | None:
        """The officer whose session it is or was, while that is still known."""
        ...

    async def end(self, id: str, now: datetime) -> None: ...

    async def end_all(self, officer_id: str, now: datetime) -> int:
        """End every session of the person; how many there were."""
        ...


_BEGIN = """
insert into web_session (id_sha256, officer_id, region, roles, csrf, started_at, seen_at)
values ($1, $2, $3, $4, $5, $6, $6)
"""
_FIND = """
update web_session set seen_at = case when $5 then greatest(seen_at, $2) else seen_at end
where id_sha256 = $1 and ended_at is null and seen_at > $3 and started_at > $4
returning officer_id, region, roles, csrf, started_at
"""
_WHOSE = "select officer_id from web_session where id_sha256 = $1"
_END = "update web_session set ended_at = $2 where id_sha256 = $1 and ended_at is null"
_END_ALL = "update web_session set ended_at = $2 where officer_id = $1 and ended_at is null and seen_at > $3"


class SqlSessions:
    """In the table `web_session` of the service's own schema."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def begin(self, session: Session) -> None:
        kept = session.started_at - KEPT
        await self._pool.execute("delete from web_session where started_at < $1", kept, timeout=5)
        await self._pool.execute(
            _BEGIN, digest(session.id), session.officer_id, session.region, sorted(session.roles), session.csrf,
            session.started_at, timeout=5,
        )  # fmt: skip

    async def find(self, id: str, now: datetime, *, active: bool = True) -> Session | None:
        row = await self._pool.fetchrow(_FIND, digest(id), now, now - IDLE, now - LONGEST, active, timeout=5)
        if row is None:
            return None
        return Session(id, row["officer_id"], row["region"], frozenset(row["roles"]), row["csrf"], row["started_at"])

    async def whose(self, id: str) -> str | None:
        found: str | None = await self._pool.fetchval(_WHOSE, digest(id), timeout=5)
        return found

    async def end(self, id: str, now: datetime) -> None:
        await self._pool.execute(_END, digest(id), now, timeout=5)

    async def end_all(self, officer_id: str, now: datetime) -> int:
        done = await self._pool.execute(_END_ALL, officer_id, now, now - IDLE, timeout=5)
        return int(done.rpartition(" ")[2])


def digest(id: str) -> bytes:
    return hashlib.sha256(id.encode()).digest()


def token(nonce: Callable[[int], bytes]) -> str:
    """256 random bits, as text fit for cookies and addresses."""
    return base64.urlsafe_b64encode(nonce(32)).decode().rstrip("=")
