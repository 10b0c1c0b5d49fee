"""The systems of the chain: what each runs, over which queues and tables, and how an application enters it."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg

from shared.contracts.base import routing_key, write
from shared.engine.schema import tables_sql
from tests.bench.driver import First
from tests.bench.envs import program
from tests.bench.hops import ARRIVED_QUEUE, EXCHANGE, HOPS, KINDS, NOTE, SCHEMAS, SHARERS, service_of, topology

PEERS = Path(__file__).with_name("peers")
WORKERS = 2  # processes of a system that is not made of services: as many as the machine measured on has cores
PLAIN_TABLE = (
    "create table passage (application_id uuid primary key, hops integer not null, note text not null) "
    "with (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.05)"
)


@dataclass(frozen=True, slots=True)
class Command:
    """One process to start: what it runs, and what it knows beside the addresses."""

    argv: Sequence[str]
    env: Mapping[str, str] = field(default_factory=dict)
    schema: str = ""
    folder: Path | None = None


@dataclass(frozen=True, slots=True)
class System:
    """`enter` is None for one that needs no broker: its processes keep the loop themselves (see peers/on_dbos.py)."""

    name: str
    what: str
    commands: Callable[[int, float], Sequence[Command]]
    enter: Callable[[UUID], First] | None
    topology: Mapping[str, Any]
    services: tuple[str, ...] = ()

    async def prepare(self, connection: asyncpg.Connection) -> None:
        """Its tables, in a database of its own."""
        if not self.services:
            await connection.execute(PLAIN_TABLE)
            return
        for sharer in range(1, SHARERS + 1):
            await connection.execute(tables_sql(service_of(sharer)))

    async def hops_of(self, connection: asyncpg.Connection) -> dict[UUID, int]:
        """Application → hops that stand written, over all its states."""
        tables = [f"{schema}.passage" for schema in self.services] or ["passage"]
        rows = " union all ".join(f"select application_id, hops from {table}" for table in tables)
        found = await connection.fetch(f"select application_id, sum(hops)::int as hops from ({rows}) r group by 1")
        return {row["application_id"]: row["hops"] for row in found}

    async def left_over(self, connection: asyncpg.Connection) -> int:
        """Rows that stand in outboxes."""
        counts = [await connection.fetchval(f"select count(*) from {schema}.outbox") for schema in self.services]
        return sum(counts)


def _ours(module: str) -> Callable[[int, float], Sequence[Command]]:
    def commands(window: int, seconds: float) -> Sequence[Command]:
        return [
            Command((sys.executable, "-m", f"tests.bench.{module}", str(number)), schema=SCHEMAS[number - 1])
            for number in range(1, SHARERS + 1)
        ]

    return commands


def _enter_chain(id: UUID) -> First:
    first = KINDS[0](application_id=id, note=NOTE)
    headers: dict[str, str | None] = {"said-at": datetime.now(UTC).isoformat()}
    return First(EXCHANGE, routing_key(first), write(first), headers, str(uuid4()))


def _enter_celery(id: UUID) -> First:
    task = str(uuid4())
    body = json.dumps([[str(id), 1, NOTE], {}, {"callbacks": None, "errbacks": None, "chain": None, "chord": None}])
    headers: dict[str, str | None] = {"lang": "py", "task": "hop", "id": task, "root_id": task, "parent_id": None}
    return First("", "hops", body.encode(), headers, task)


def _enter_taskiq(id: UUID) -> First:
    task = str(uuid4())
    told = {"task_id": task, "task_name": "hop", "labels": {}, "labels_types": {}, "args": [str(id), 1, NOTE],
            "kwargs": {}}  # fmt: skip
    headers: dict[str, str | None] = {"task_id": task, "task_name": "hop"}
    return First("taskiq", "taskiq", json.dumps(told).encode(), headers, task)


def _celery(window: int, seconds: float) -> Sequence[Command]:
    argv = (program("celery", "celery"), "-A", "on_celery", "worker", "--concurrency", str(WORKERS), "--loglevel",
            "ERROR", "--without-gossip", "--without-mingle", "--without-heartbeat", "-Q", "hops")  # fmt: skip
    return [Command(argv, _KNOWS, folder=PEERS)]


def _taskiq(window: int, seconds: float) -> Sequence[Command]:
    argv = (program("taskiq", "taskiq"), "worker", "on_taskiq:broker", "--workers", str(WORKERS), "--log-level",
            "ERROR")  # fmt: skip
    return [Command(argv, _KNOWS, folder=PEERS)]


def _dbos(window: int, seconds: float) -> Sequence[Command]:
    argv = (program("dbos", "python"), "on_dbos.py", str(max(1, window // WORKERS)), str(seconds))
    return [Command(argv, _KNOWS, folder=PEERS)] * WORKERS


def _plain(*queues: str) -> Mapping[str, Any]:
    return {
        "queues": [{"name": queue, "durable": True, "auto_delete": False, "arguments": {"x-queue-type": "quorum"}}
                   for queue in queues],
        "exchanges": [], "bindings": [],
    }  # fmt: skip


def _taskiq_topology() -> Mapping[str, Any]:
    """What its workers declare, so that the first message need not wait for them."""
    dead = {"x-dead-letter-exchange": "", "x-dead-letter-routing-key": "taskiq.dead_letter"}
    own = {"name": "taskiq", "durable": True, "auto_delete": False, "arguments": {"x-queue-type": "quorum", **dead}}
    return {
        "queues": [own, *_plain(ARRIVED_QUEUE)["queues"]],
        "exchanges": [{"name": "taskiq", "type": "topic", "durable": True, "auto_delete": False, "internal": False,
                       "arguments": {}}],
        "bindings": [{"source": "taskiq", "destination": "taskiq", "destination_type": "queue",
                      "routing_key": "taskiq", "arguments": {}}],
    }  # fmt: skip


_KNOWS = {"BENCH_HOPS": str(HOPS), "BENCH_NOTE": NOTE, "BENCH_ARRIVED": ARRIVED_QUEUE, "PYTHONDONTWRITEBYTECODE": "1"}
_EIGHT = f"{SHARERS} services"
SYSTEMS = (
    System("engine", f"shared/engine as the services run it, {_EIGHT}", _ours("on_engine"), _enter_chain, topology(),
           SCHEMAS),
    System("naive", f"FastStream, one message at a time in each of 10 hands, {_EIGHT}", _ours("on_naive"),
           _enter_chain, topology(), SCHEMAS),
    System("raw", f"aiormq and asyncpg in batches, nothing between, {_EIGHT}", _ours("on_raw"), _enter_chain,
           topology(), SCHEMAS),
    System("dbos", f"DBOS, a step and a state write each hop, {WORKERS} processes", _dbos, None, {}),
    System("celery", f"Celery and a state write each hop, {WORKERS} processes", _celery, _enter_celery,
           _plain("hops", ARRIVED_QUEUE)),
    System("taskiq", f"TaskIQ and a state write each hop, {WORKERS} processes", _taskiq, _enter_taskiq,
           _taskiq_topology()),
)  # fmt: skip
OURS = ("engine", "naive", "raw")


def systems(names: Sequence[str]) -> tuple[System, ...]:
    """By name, in the bench's order; all when none is named. Raises `LookupError`."""
    unknown = set(names) - {system.name for system in SYSTEMS}
    if unknown:
        raise LookupError(f"no such system: {', '.join(sorted(unknown))}")
    return tuple(system for system in SYSTEMS if not names or system.name in names)


def environment(command: Command, amqp_url: str, database_url: str, keys: Path) -> dict[str, str]:
    """What a process of the bench is told: addresses, and for ours the settings that every service has."""
    return {
        **os.environ,
        "KUALIK_AMQP_URL": amqp_url,
        "KUALIK_DATABASE_URL": database_url,
        "KUALIK_KEY_FOLDER": str(keys),
        "KUALIK_TRUST_FOLDER": str(keys),
        "KUALIK_REVOCATION_FOLDER": str(keys),
        "KUALIK_LOG_LEVEL": "WARNING",
        "BENCH_AMQP_URL": amqp_url,
        "BENCH_DATABASE_URL": database_url,
        **command.env,
    }
