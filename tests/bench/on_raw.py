"""`python -m tests.bench.on_raw <sharer>`: the floor, the same service on aiormq and asyncpg with nothing between.

Takes what waits, at most a hundred; inbox, lock, load, decide in order of arrival, save and outbox as multi-row
statements in one transaction; acknowledges with `multiple`; publishes pipelined, persistent, mandatory; a nack or a
return stops the process. The next batch is committed while the last one is published.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import signal
import sys
from collections.abc import Sequence
from uuid import NAMESPACE_URL, UUID, uuid5

import aiormq
import asyncpg
import uvloop
from aiormq.abc import DeliveredMessage

from shared.contracts.base import read, routing_key, write
from tests.bench.hops import AFTER, EXCHANGE, KINDS, SCHEMAS, Hopped, kinds_of, queue_of

MOST, PREFETCH = 100, 100
KIND_OF = {routing_key(kind): kind for kind in KINDS}
Row = tuple[UUID, str, UUID, bytes]  # id, routing key, application, body


class Raw:
    """One service; `run` never returns."""

    def __init__(self, sharer: int, connection: asyncpg.Connection, drops: asyncpg.Connection) -> None:
        self._connection, self._drops = connection, drops
        self._waiting: asyncio.Queue[DeliveredMessage] = asyncio.Queue()
        self._said: asyncio.Queue[list[Row]] = asyncio.Queue()
        at = SCHEMAS[sharer - 1]
        self._record = (
            f"insert into {at}.inbox (exchange, message_id, sha256, at) select '{EXCHANGE}', n.*, now() "
            "from unnest($1::text[], $2::bytea[]) n on conflict do nothing returning message_id"
        )
        self._lock = (
            f"select application_id, hops from {at}.passage where application_id = any($1::uuid[]) "
            "order by application_id for update"
        )
        self._save = (
            f"insert into {at}.passage (application_id, hops, note) select * from unnest($1::uuid[], $2::int[], "
            "$3::text[]) on conflict (application_id) do update set hops = excluded.hops, note = excluded.note"
        )
        self._say = (
            f"insert into {at}.outbox (id, exchange, routing_key, application_id, body, headers, lease_until) "
            f"select n.id, '{EXCHANGE}', n.k, n.a, n.b, '{{}}', now() + interval '10 s' "
            "from unnest($1::uuid[], $2::text[], $3::uuid[], $4::bytea[]) n(id, k, a, b)"
        )
        self._drop = f"delete from {at}.outbox where id = any($1::uuid[])"

    async def hear(self, message: DeliveredMessage) -> None:
        self._waiting.put_nowait(message)

    async def run(self, publishing: aiormq.Channel) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(self._batches())
            group.create_task(self._relay(publishing))

    async def _batches(self) -> None:
        while True:
            batch = [await self._waiting.get()]
            while len(batch) < MOST and not self._waiting.empty():
                batch.append(self._waiting.get_nowait())
            said = await self._commit(batch)
            last: dict[int, DeliveredMessage] = {}
            for message in batch:
                last[id(message.channel)] = message
            for message in last.values():
                await message.channel.basic_ack(message.delivery_tag or 0, multiple=True, wait=False)
            if said:
                self._said.put_nowait(said)

    async def _commit(self, batch: Sequence[DeliveredMessage]) -> list[Row]:
        firsts: dict[str, DeliveredMessage] = {}
        for message in batch:
            firsts.setdefault(str(message.header.properties.message_id), message)
        keys = sorted(firsts)
        async with self._connection.transaction():
            digests = [hashlib.sha256(firsts[key].body).digest() for key in keys]
            fresh = {row[0] for row in await self._connection.fetch(self._record, keys, digests)}
            heard: list[tuple[str, Hopped]] = []
            for key, message in firsts.items():
                if key in fresh:
                    kind = KIND_OF[message.routing_key or ""]
                    heard.append((key, read(kind, message.body, UUID(int=0))))
            if not heard:
                return []
            applications = sorted({message.application_id for _, message in heard})
            hops = dict.fromkeys(applications, 0)
            hops |= {row[0]: row[1] for row in await self._connection.fetch(self._lock, applications)}
            notes, said = dict[UUID, str](), list[Row]()
            for key, hopped in heard:
                id, following = hopped.application_id, AFTER[type(hopped)]
                hops[id], notes[id] = hops[id] + 1, hopped.note
                word, next_key = following(application_id=id, note=hopped.note), routing_key(following)
                said.append((uuid5(NAMESPACE_URL, f"{key}/{next_key}"), next_key, id, write(word)))
            counted = [hops[id] for id in applications], [notes[id] for id in applications]
            await self._connection.execute(self._save, applications, *counted)
            await self._connection.execute(self._say, *map(list, zip(*said, strict=True)))
        return said

    async def _relay(self, channel: aiormq.Channel) -> None:
        while True:
            rows = await self._said.get()
            await asyncio.gather(*(self._publish(channel, row) for row in rows))
            await self._drops.execute(self._drop, [row[0] for row in rows])

    async def _publish(self, channel: aiormq.Channel, row: Row) -> None:
        """Raises `DeliveryError` on a nack, `PublishError` when nobody is bound."""
        properties = aiormq.spec.Basic.Properties(
            delivery_mode=2, message_id=str(row[0]), content_type="application/json", correlation_id=str(row[2])
        )
        await channel.basic_publish(
            row[3], exchange=EXCHANGE, routing_key=row[1], properties=properties, mandatory=True, wait=False, timeout=5
        )


async def main(sharer: int) -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    url, broker = os.environ["KUALIK_DATABASE_URL"], os.environ["KUALIK_AMQP_URL"]
    raw = Raw(sharer, await asyncpg.connect(url), await asyncpg.connect(url))
    hearing, saying = await aiormq.connect(broker), await aiormq.connect(broker)
    publishing = await saying.channel(publisher_confirms=True, on_return_raises=True)
    assert isinstance(publishing, aiormq.Channel)
    channel = await hearing.channel(publisher_confirms=False)
    await channel.basic_qos(prefetch_count=PREFETCH)
    for kind in kinds_of(sharer):
        await channel.basic_consume(queue_of(kind), raw.hear)
    running = asyncio.ensure_future(raw.run(publishing))
    await asyncio.wait((running, asyncio.ensure_future(stop.wait())), return_when=asyncio.FIRST_COMPLETED)
    if running.done():
        running.result()
    await hearing.close()
    await saying.close()


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1])))
