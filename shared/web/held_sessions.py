"""Sessions in the memory of one process, by the same rules as the table's: whoever restarts it ends them all."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from shared.web.sessions import IDLE, KEPT, LONGEST, Live, Session, handle_of


class HeldSessions:
    """Sessions with the moment at which each was last used."""

    def __init__(self) -> None:
        self.kept: dict[str, tuple[Session, datetime]] = {}
        self._whose: dict[str, tuple[str, datetime]] = {}

    async def begin(self, session: Session) -> None:
        over = [id for id, (each, _) in self.kept.items() if each.started_at <= session.started_at - LONGEST]
        for id in over:
            del self.kept[id]
        forgotten = [id for id, (_, began) in self._whose.items() if began <= session.started_at - KEPT]
        for id in forgotten:
            del self._whose[id]
        self.kept[session.id] = (session, session.started_at)
        self._whose[session.id] = (session.officer_id, session.started_at)

    async def find(self, id: str, now: datetime, *, active: bool = True) -> Session | None:
        session, seen = self.kept.get(id, (None, now))
        if session is None or seen <= now - IDLE or session.started_at <= now - LONGEST:
            return None
        if active:
            self.kept[id] = (session, now)
        return replace(session, seen_at=self.kept[id][1])

    async def whose(self, id: str) -> str | None:
        return self._whose[id][0] if id in self._whose else None

    async def of(self, officer_id: str, now: datetime) -> list[Live]:
        return [
            Live(handle_of(id), session.started_at, seen)
            for id, (session, seen) in self.kept.items()
            if session.officer_id == officer_id and await self.find(id, now, active=False)
        ]

    async def end_one(self, officer_id: str, handle: str, now: datetime) -> bool:
        named = [id for id, (s, _) in self.kept.items() if s.officer_id == officer_id and handle_of(id) == handle]
        for id in named:
            del self.kept[id]
        return bool(named)

    async def end(self, id: str, now: datetime) -> None:
        self.kept.pop(id, None)

    async def end_all(self, officer_id: str, now: datetime) -> int:
        ended = [id for id, (session, _) in self.kept.items() if session.officer_id == officer_id]
        for id in ended:
            del self.kept[id]
        return len(ended)
