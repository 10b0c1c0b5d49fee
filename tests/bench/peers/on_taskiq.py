"""The chain in TaskIQ: `taskiq worker on_taskiq:broker`. A task for each hop writes the state, then sends the next.

Durable quorum queue, acknowledged when it is done, confirmed publishes; no inbox, no outbox: a state may be written
twice.
"""

from __future__ import annotations

import json
import os
import uuid
from typing import Any

import asyncpg
from aio_pika import DeliveryMode, Message
from taskiq import TaskiqEvents
from taskiq_aio_pika import AioPikaBroker

HOPS = int(os.environ["BENCH_HOPS"])
ARRIVED = os.environ["BENCH_ARRIVED"]
SAVE = (
    "insert into passage (application_id, hops, note) values ($1, 1, $2) on conflict (application_id) "
    "do update set hops = passage.hops + 1, note = excluded.note"
)

broker = AioPikaBroker(os.environ["BENCH_AMQP_URL"], qos=50)
pools: list[Any] = []


@broker.on_event(TaskiqEvents.WORKER_STARTUP)
async def connect(_: Any) -> None:
    pools.append(await asyncpg.create_pool(os.environ["BENCH_DATABASE_URL"], min_size=4, max_size=10))


@broker.task(task_name="hop")
async def hop(application: str, number: int, note: str) -> None:
    await pools[0].execute(SAVE, uuid.UUID(application), note)
    if number < HOPS:
        await hop.kiq(application, number + 1, note)
        return
    word = json.dumps({"application_id": application}).encode()
    message = Message(word, delivery_mode=DeliveryMode.PERSISTENT)
    await broker.write_channel.default_exchange.publish(message, ARRIVED)
