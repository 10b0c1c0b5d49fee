"""Private servers: data that outlives a crash, servers given by address, and plain words where there is no way."""

from __future__ import annotations

import asyncpg
import httpx
import pytest

from deploy.local import debian, docker, postgres
from deploy.local.addresses import BrokerAddress, DatabaseAddress
from deploy.local.servers import GIVEN, GivenBroker, GivenDatabase, NoServer, broker_for, database_for
from tests.servers import Servers, temporary_folder

QUEUE = {"name": "kept", "vhost": "/", "durable": True, "auto_delete": False, "arguments": {"x-queue-type": "quorum"}}


async def test_the_broker_keeps_its_queues_through_a_crash(servers: Servers) -> None:
    broker = await servers.define({"queues": [QUEUE]})
    await servers.broker.kill()
    await servers.broker.restart()
    async with httpx.AsyncClient(auth=broker.administrator) as client:
        found = await client.get(f"{broker.management_url}/api/queues/%2F/kept")
    assert found.json()["type"] == "quorum"


async def test_the_database_keeps_what_was_committed_through_a_crash(servers: Servers) -> None:
    before = await asyncpg.connect(servers.postgres_url)
    await before.execute("create table if not exists kept as select 7 as seven")
    await servers.database.kill()
    before.terminate()
    await servers.database.restart()
    after = await asyncpg.connect(servers.postgres_url)
    assert await after.fetchval("select seven from kept") == 7
    await after.close()


async def test_servers_given_by_address_are_used(servers: Servers, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in zip(GIVEN, (servers.amqp_url, servers.management_url, servers.postgres_url), strict=True):
        monkeypatch.setenv(name, value)
    with temporary_folder() as folder:
        broker, database = broker_for(folder, print), database_for(folder, print)
    assert isinstance(broker, GivenBroker)
    assert isinstance(database, GivenDatabase)
    assert (await broker.start({"queues": [{**QUEUE, "name": "given"}]})).url() == servers.amqp_url
    assert (await database.start()).url() == servers.postgres_url


def test_where_there_is_no_way_it_is_said_plainly(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (debian, docker, postgres):
        monkeypatch.setattr(module, "is_possible", lambda: False)
    for name in GIVEN:
        monkeypatch.delenv(name, raising=False)
    with temporary_folder() as folder:
        with pytest.raises(NoServer, match="KUALIK_RABBITMQ_URL"):
            broker_for(folder, print)
        with pytest.raises(NoServer, match="KUALIK_POSTGRES_URL"):
            database_for(folder, print)


def test_addresses_are_read_and_written_alike() -> None:
    broker = BrokerAddress.from_url("amqps://operator:a%2Fb@broker:5671/renewals", "https://broker:15671/")
    assert (broker.password, broker.vhost, broker.management_url) == ("a/b", "renewals", "https://broker:15671")
    assert broker.url() == "amqps://operator:a%2Fb@broker:5671/renewals"
    database = DatabaseAddress.from_url("postgresql://admin:p%40ss@db/postgres")
    assert database.url("payment", "word", "kualik") == "postgresql://payment:word@db:5432/kualik"
