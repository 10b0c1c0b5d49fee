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
    seen_at: datetime | None = field(default=None, compare=False)

    @property
    def ends_at(self) -> datetime:
        """When it is over if the person does nothing more."""
        return min((self.seen_at or self.started_at) + IDLE, self.started_at + LONGEST)


@dataclass(frozen=True, slots=True)
class Live:
    """One session of a person, for that person. `handle` names it and opens nothing."""

    handle: str
    started_at: datetime
    seen_at: datetime


class Sessions(Protocol):
    """Where they are kept, by the SHA-256 of their id."""

    async def begin(self, session: Session) -> None: ...

    async def find(self, id: str, now: datetime, *, active: bool = True) -> Session | None:
        """The session while it lives. `active`: the person did something, and so it is idle from now."""
        ...

    async def whose(self, id: str) -> str | None:
        """The officer whose session it is or was, while that is still known."""
        ...

    async def of(self, officer_id: str, now: datetime) -> list[Live]:
        """Those of the person that live, the last used first."""
        ...

    async def end(self, id: str, now: datetime) -> None: ...

    async def end_one(self, officer_id: str, handle: str, now: datetime) -> bool:
        """End the person's session of that handle; whether it lived."""
        ...

    async def end_all(self, officer_id: str, now: datetime) -> int:
        """End every session of the person; how many there were."""
        ...


_BEGIN = """
insert into web_session (id_sha256, officer_id, region, roles, csrf, started_at, seen_at)
values ($1, $2, $3, $4, $5, $6, $6)
"""
_USE = """
update web_session set seen_at = greatest(seen_at, $4)
where id_sha256 = $1 and ended_at is null and seen_at > $2 and started_at > $3
returning officer_id, region, roles, csrf, started_at, seen_at
"""
_LOOK = """
select officer_id, region, roles, csrf, started_at, seen_at from web_session
where id_sha256 = $1 and ended_at is null and seen_at > $2 and started_at > $3
"""
_OF = """
select left(encode(id_sha256, 'hex'), 16) as handle, started_at, seen_at from web_session
where officer_id = $1 and ended_at is null and seen_at > $2 and started_at > $3 order by seen_at desc, id_sha256
"""
_END_ONE = """
update web_session set ended_at = $4
where officer_id = $1 and ended_at is null and seen_at > $2 and started_at > $3
  and left(encode(id_sha256, 'hex'), 16) = $5
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
        lives = (digest(id), now - IDLE, now - LONGEST)
        if active:
            row = await self._pool.fetchrow(_USE, *lives, now, timeout=5)
        else:
            row = await self._pool.fetchrow(_LOOK, *lives, timeout=5)
        return Session(id, **{**dict(row), "roles": frozenset(row["roles"])}) if row else None

    async def whose(self, id: str) -> str | None:
        found: str | None = await self._pool.fetchval(_WHOSE, digest(id), timeout=5)
        return found

    async def of(self, officer_id: str, now: datetime) -> list[Live]:
        rows = await self._pool.fetch(_OF, officer_id, now - IDLE, now - LONGEST, timeout=5)
        return [Live(**dict(row)) for row in rows]

    async def end_one(self, officer_id: str, handle: str, now: datetime) -> bool:
        done = await self._pool.execute(_END_ONE, officer_id, now - IDLE, now - LONGEST, now, handle, timeout=5)
        return bool(done.endswith(" 1"))

    async def end(self, id: str, now: datetime) -> None:
        await self._pool.execute(_END, digest(id), now, timeout=5)

    async def end_all(self, officer_id: str, now: datetime) -> int:
        done = await self._pool.execute(_END_ALL, officer_id, now, now - IDLE, timeout=5)
        return int(done.rpartition(" ")[2])


def digest(id: str) -> bytes:
    return hashlib.sha256(id.encode()).digest()


def handle_of(id: str) -> str:
    return digest(id).hex()[:16]


def token(nonce: Callable[[int], bytes]) -> str:
    """256 random bits, as text fit for cookies and addresses."""
    return base64.urlsafe_b64encode(nonce(32)).decode().rstrip("=")
