"""`python -m tests.bench.on_naive <sharer>`: the same service as one writes it with FastStream, each message by itself.

All guarantees: inbox, locked state and outbox in one transaction, persistent mandatory publish with confirm, then the
outbox row is dropped and the message acknowledged. The pool is used well: no reset, prepared statements, a connection
for each message in hand. What a crash leaves in the outbox would need a sweeper; that is not measured.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import signal
import sys
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

import asyncpg
import uvloop
from faststream import AckPolicy
from faststream.rabbit import Channel, QueueType, RabbitBroker, RabbitExchange, RabbitMessage, RabbitQueue

from shared.contracts.base import routing_key
from tests.bench.hops import AFTER, EXCHANGE, SCHEMAS, Hopped, kinds_of, queue_of

IN_HAND = 10  # messages at once, as many as measured best (more gave no more)
Connection = Any

STATEMENTS = {
    "hear": "insert into {at}.inbox (exchange, message_id, sha256, at) values ($1, $2, $3, now()) "
    "on conflict do nothing returning 1",
    "lock": "select hops, note from {at}.passage where application_id = $1 for update",
    "begin": "insert into {at}.passage (application_id, hops, note) values ($1, $2, $3)",
    "save": "update {at}.passage set hops = $2, note = $3 where application_id = $1",
    "say": "insert into {at}.outbox (id, exchange, routing_key, application_id, body, headers, lease_until) "
    "values ($1, $2, $3, $4, $5, '{{}}', now() + interval '10 s')",
    "said": "delete from {at}.outbox where id = $1",
}


class Naive:
    """One service: its queues, each with a handler that does one message from end to end."""

    def __init__(self, sharer: int, pool: asyncpg.Pool, broker: RabbitBroker) -> None:
        self._pool, self._broker = pool, broker
        self._sql = {name: text.format(at=SCHEMAS[sharer - 1]) for name, text in STATEMENTS.items()}
        self._exchange = RabbitExchange(EXCHANGE, declare=False)

    def subscribe(self, kind: type[Hopped]) -> None:
        queue = RabbitQueue(queue_of(kind), queue_type=QueueType.QUORUM, durable=True, declare=False)
        subscriber = self._broker.subscriber(queue, ack_policy=AckPolicy.MANUAL)

        async def handle(body: kind, message: RabbitMessage) -> None:  # type: ignore[valid-type]
            await self.hear(body, message)

        handle.__annotations__ = {"body": kind, "message": RabbitMessage, "return": None}
        subscriber(handle)

    async def hear(self, body: Hopped, message: RabbitMessage) -> None:
        following = AFTER[type(body)](application_id=body.application_id, note=body.note)
        id = uuid5(NAMESPACE_URL, f"{message.message_id}/{routing_key(following)}")
        if await self._commit(body, message, following, id):
            await self._broker.publish(
                following, routing_key(following), self._exchange, mandatory=True, persist=True, message_id=str(id)
            )
            await self._pool.execute(self._sql["said"], id)
        await message.ack()

    async def _commit(self, body: Hopped, message: RabbitMessage, following: Hopped, id: UUID) -> bool:
        """Whether it was fresh; then its effects are written."""
        sql, key = self._sql, message.message_id
        async with self._pool.acquire() as connection, connection.transaction():
            digest = hashlib.sha256(message.body).digest()
            if await connection.fetchval(sql["hear"], EXCHANGE, key, digest) is None:
                return False
            found = await connection.fetchrow(sql["lock"], body.application_id)
            hops = 1 if found is None else found["hops"] + 1
            await connection.execute(sql["begin" if found is None else "save"], body.application_id, hops, body.note)
            await connection.execute(
                sql["say"],
                id,
                EXCHANGE,
                routing_key(following),
                body.application_id,
                following.model_dump_json().encode(),
            )
        return True


async def _keep(_: Connection) -> None:
    """No session is changed, so none is set back."""


async def main(sharer: int) -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    url = os.environ["KUALIK_DATABASE_URL"]
    async with asyncpg.create_pool(url, min_size=IN_HAND, max_size=IN_HAND, reset=_keep) as pool:
        broker = RabbitBroker(os.environ["KUALIK_AMQP_URL"], logger=None, default_channel=Channel(IN_HAND))
        naive = Naive(sharer, pool, broker)
        for kind in kinds_of(sharer):
            naive.subscribe(kind)
        await broker.start()
        await stop.wait()
        await broker.stop()


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1])))
