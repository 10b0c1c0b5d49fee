"""The store on PostgreSQL: one role and one schema for each service; SQL stands in these files and in the pages."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import asyncpg

from shared.contracts.base import Sealer
from shared.engine.adapters.postgres_due import DueRows, OutboxRows
from shared.engine.adapters.postgres_platform import PlatformRows, RunRows
from shared.engine.adapters.postgres_session import Pool, connect, session, translated
from shared.engine.adapters.postgres_transaction import PostgresTransaction
from shared.engine.columns import columns_of, from_row
from shared.engine.ports import Ids
from shared.engine.schema import quoted
from shared.engine.service import Service

__all__ = ["Pool", "PostgresStore", "connect"]


class PostgresStore(OutboxRows, DueRows, PlatformRows, RunRows):
    """See `shared.engine.ports.Store`: one incarnation's hold on the database."""

    def __init__(self, pool: Pool, service: Service, sealer: Sealer, ids: Ids) -> None:
        super().__init__(pool, service)
        self._sealer = sealer
        self.incarnation = ids.uuid()

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[PostgresTransaction]:
        """Commits when the block ends, and leaves nothing when it raises.

        Raises `StoreBusy` when nothing was done, `StoreLost` also when it is unknown whether the commit was.
        """
        async with session(self.pool) as held:
            block = held.connection.transaction()
            with translated():
                await block.start()
            transaction = PostgresTransaction(held, self.service, self._sealer)
            try:
                yield transaction
                await transaction.close()
                if held.broken:
                    raise RuntimeError("a statement of the transaction failed, and its error was passed over")
            except BaseException:
                with contextlib.suppress(asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError):
                    await block.rollback()
                raise
            with translated():
                await block.commit()

    async def read(self, id: UUID) -> Any:
        """The state as it was last committed, without a lock; the empty one when there is none."""
        table = self.service.table
        names = ", ".join(quoted(name) for name in columns_of(table.of).names)
        rows = await self.fetch(f"select {names} from {table.name} where application_id = $1", id)
        return from_row(table.of, dict(rows[0]), self._sealer) if rows else table.empty(id)
