"""Many messages at once on one channel: what is not written is not counted, and what cannot be is said."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID

import pytest
from aiormq import spec
from hypothesis import given
from hypothesis import strategies as st
from pamqp.body import ContentBody
from pamqp.frame import marshal
from pamqp.header import ContentHeader

from shared.engine.adapters.wire import LONGEST_KEY, Written, publish, written
from shared.engine.rows import Fate, Outgoing

IDS = [UUID(int=number) for number in range(3)]


class Book:
    """The part of aiormq's channel that is used; nothing is ever confirmed by itself."""

    def __init__(self, room: int = 1) -> None:
        self.number, self.max_content_size, self.is_closed = 1, 1000, False
        self.delivery_tag = 7
        self.lock = asyncio.Lock()
        self.confirmations: dict[int, asyncio.Future[object]] = {}
        self.message_id_delivery_tag: dict[str, int] = {}
        self.write_queue: asyncio.Queue[Any] = asyncio.Queue(room)

    def create_future(self) -> asyncio.Future[object]:
        return asyncio.get_running_loop().create_future()


def row(
    body: bytes = b"{}", key: str = "key", id: UUID = IDS[0], application: UUID | None = None,
    headers: dict[str, str] | None = None,
) -> Outgoing:  # fmt: skip
    return Outgoing(id, "events", key, application, body, headers or {})


def message(wire: Any, id: UUID = IDS[0], **others: Any) -> Written:
    return written(wire, row(id=id, **others), "intake")


async def test_all_are_written_with_one_frame_of_the_connection_and_settled_each_by_itself() -> None:
    wire: Any = Book()
    asking = asyncio.create_task(publish(wire, [message(wire, id) for id in IDS], 5.0))
    frame = await wire.write_queue.get()
    assert frame.payload == b"".join(message(wire, id).frames for id in IDS)
    assert wire.message_id_delivery_tag == {str(id): tag for tag, id in enumerate(IDS, 8)}
    wire.confirmations[8].set_result(None)
    wire.confirmations[10].set_result(None)
    wire.confirmations[9].set_exception(ConnectionError())
    assert await asking == [Fate.CONFIRMED, None, Fate.CONFIRMED]
    assert wire.message_id_delivery_tag == {}


async def test_what_is_not_confirmed_in_time_has_failed() -> None:
    wire: Any = Book()
    assert await publish(wire, [message(wire)], 0.01) == [Fate.FAILED]


async def test_what_could_not_be_written_is_not_counted() -> None:
    wire: Any = Book(room=1)
    wire.write_queue.put_nowait(None)
    with pytest.raises(TimeoutError):
        await publish(wire, [message(wire, IDS[1]), message(wire, IDS[2])], 0.01)
    await asyncio.sleep(0)
    assert (wire.delivery_tag, wire.confirmations, wire.message_id_delivery_tag) == (7, {}, {})


async def test_on_a_closed_channel_nothing_is_written() -> None:
    wire: Any = Book()
    wire.is_closed = True
    assert await publish(wire, [message(wire)], 1.0) == [None]
    assert wire.write_queue.empty()


def test_a_long_body_goes_in_parts_and_an_empty_one_in_none() -> None:
    wire: Any = Book.__new__(Book)
    wire.number, wire.max_content_size = 1, 1000
    empty, part = len(message(wire, body=b"").frames), 8  # a frame's own bytes: seven before it, one after
    assert len(message(wire, body=b"x" * 2500).frames) == empty + 2500 + 3 * part


@pytest.mark.parametrize("key", ["k" * (LONGEST_KEY + 1), "қ" * (LONGEST_KEY // 2 + 1)])
def test_a_routing_key_that_amqp_cannot_carry_is_refused(key: str) -> None:
    wire: Any = Book.__new__(Book)
    wire.number, wire.max_content_size = 1, 1000
    with pytest.raises(ValueError, match="routing key"):
        message(wire, key=key)


words = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40)


@given(st.binary(max_size=2500), st.uuids(), st.none() | st.uuids(), words, words, st.dictionaries(words, words))
def test_it_is_written_as_pamqp_writes_it(
    body: bytes, id: UUID, application: UUID | None, key: str, app: str, headers: dict[str, str]
) -> None:
    wire: Any = Book.__new__(Book)
    wire.number, wire.max_content_size = 3, 1000
    said = spec.Basic.Properties(
        content_type="application/json", headers=dict(headers), delivery_mode=2, message_id=str(id), message_type=key,
        correlation_id=str(application) if application else None, app_id=app,
    )  # fmt: skip
    parts = [ContentBody(body[begin : begin + 1000]) for begin in range(0, len(body), 1000)]
    publishing = spec.Basic.Publish(exchange="events", routing_key=key, mandatory=True)
    frames: list[Any] = [publishing, ContentHeader(properties=said, body_size=len(body)), *parts]
    assert written(wire, row(body, key, id, application, headers), app).frames == b"".join(
        marshal(frame, 3) for frame in frames
    )
