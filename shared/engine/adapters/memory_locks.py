"""Row locks as PostgreSQL has them: held until the transaction ends, handed on in order, a ring of waiters broken."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Hashable

from shared.engine.rows import StoreBusy


class Party:
    """Who takes locks: one transaction."""

    def __init__(self) -> None:
        self.held: dict[Hashable, None] = {}
        self.waits_for: Hashable | None = None


class Locks:
    """One lock a key. Deterministic: first come, first served."""

    def __init__(self) -> None:
        self._owners: dict[Hashable, Party] = {}
        self._queues: dict[Hashable, deque[tuple[Party, asyncio.Future[None]]]] = {}

    def is_held(self, key: Hashable) -> bool:
        return key in self._owners

    async def take(self, party: Party, key: Hashable) -> None:
        """Wait for the lock. Raises `StoreBusy` when that would be waiting for oneself, over others."""
        owner = self._owners.get(key)
        if owner is None:
            self._grant(party, key)
        elif owner is not party:
            if self._leads_to(owner, party):
                raise StoreBusy("a deadlock")
            turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._queues.setdefault(key, deque()).append((party, turn))
            party.waits_for = key
            try:
                await turn
            finally:
                self._forget(party)

    def free(self, party: Party) -> None:
        """Everything the party holds goes to whoever waits next; it waits for nothing any more."""
        self._forget(party)
        for key in list(party.held):
            del self._owners[key]
            queue = self._queues.get(key)
            while queue and key not in self._owners:
                heir, turn = queue.popleft()
                if not turn.done():
                    heir.waits_for = None
                    self._grant(heir, key)
                    turn.set_result(None)
            if not queue:
                self._queues.pop(key, None)
        party.held.clear()

    def _grant(self, party: Party, key: Hashable) -> None:
        self._owners[key] = party
        party.held[key] = None

    def _forget(self, party: Party) -> None:
        key, party.waits_for = party.waits_for, None
        if key is not None and key in self._queues:
            self._queues[key] = deque(entry for entry in self._queues[key] if entry[0] is not party)

    def _leads_to(self, owner: Party, party: Party) -> bool:
        seen: set[int] = set()
        while owner.waits_for is not None and id(owner) not in seen:
            seen.add(id(owner))
            following = self._owners.get(owner.waits_for)
            if following is party:
                return True
            if following is None:
                return False
            owner = following
        return False
