"""One private broker and one private database for a whole test session, in a folder of their own."""

from __future__ import annotations

import os
import secrets
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from deploy.local.addresses import BrokerAddress, DatabaseAddress
from deploy.local.broker_api import Definitions, upload
from deploy.local.child import together
from deploy.local.folder import RunFolder
from deploy.local.servers import Broker, Database, broker_for, database_for
from deploy.postgres.bootstrap import bootstrap, connected, make_schemas
from deploy.postgres.migrate import migrate, plan


@dataclass(frozen=True)
class Servers:
    """Real servers; `broker` and `database` can be killed and restarted."""

    broker: Broker
    database: Database

    @property
    def amqp_url(self) -> str:
        return self.broker.address.url()

    @property
    def management_url(self) -> str:
        return self.broker.address.management_url

    @property
    def postgres_url(self) -> str:
        """The administrator's address of the server's first database."""
        return self.database.address.url()

    async def new_database(self, *services: str) -> tuple[DatabaseAddress, Mapping[str, str]]:
        """A database of its own with the schemas, tables and roles of the services (in underscores).

        Returns the administrator's address of it, and each role's password.
        """
        server, name = self.database.address, f"test_{secrets.token_hex(5)}"
        passwords = dict.fromkeys(services, PASSWORD)
        await bootstrap(server.url(), name, passwords)
        address = replace(server, database=name)
        async with connected(address.url()) as connection:
            await make_schemas(connection, passwords)
            await migrate(connection, plan(list(services)))
        return address, passwords

    async def define(self, definitions: Definitions) -> BrokerAddress:
        """Give the broker these users, exchanges and queues, beside those it has."""
        await upload(self.broker.address, definitions)
        return self.broker.address


PASSWORD = secrets.token_urlsafe(12)  # of every role, for the session: roles belong to the server, not to a database


@pytest.fixture(scope="session")
async def servers() -> AsyncIterator[Servers]:
    """Started once, on the first use; nothing is left behind."""
    with temporary_folder() as folder:
        broker, database = broker_for(folder, print), database_for(folder, print)
        try:
            await together(broker.start({}), database.start())
            yield Servers(broker, database)
        finally:
            await together(broker.stop(keep=False), database.stop(keep=False))


@contextmanager
def temporary_folder() -> Iterator[RunFolder]:
    """A run folder that any user may pass through, acquired; packages are those of the repository's folder."""
    home = Path(tempfile.mkdtemp(prefix="kualik-tests-"))
    home.chmod(0o755)
    folder = RunFolder(home)
    if "KUALIK_CACHE" not in os.environ:
        folder.packages = RunFolder().packages
    folder.acquire()
    try:
        yield folder
    finally:
        folder.release()
        shutil.rmtree(home, ignore_errors=True)
