"""The central node over HTTP: what is written to it and how its answers are read."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from services.production_dispatch.card import order_of
from services.production_dispatch.gateway import RestCentralNode
from services.production_dispatch.messages import NodeAnswer, OrderStatus
from services.production_dispatch.production import order_id_of
from shared.engine.rows import Unavailable
from shared.gateways.rest import Rest
from tests.services.production_dispatch.cases import ID, SUBSTANTIVE, VILLAGE, after, approved

ORDER_ID = order_id_of(ID)


def node(seen: list[tuple[str, str, Any]], status: int, answer: Any) -> RestCentralNode:
    def answered(request: httpx.Request) -> httpx.Response:
        seen.append((request.method, request.url.path, json.loads(request.content) if request.content else None))
        return httpx.Response(status, json=answer)

    http = httpx.AsyncClient(transport=httpx.MockTransport(answered))
    return RestCentralNode(Rest(http, "http://node", "central-node"))


async def test_an_order_is_written_with_its_id_round_and_card() -> None:
    order = order_of((await after(approved())).state)
    seen: list[tuple[str, str, Any]] = []
    answer = await node(seen, 200, {"status": "REFUSED", "fault": "SUBSTANTIVE", "reason": "WANTED"}).send(order)
    assert answer == NodeAnswer(OrderStatus.REFUSED, SUBSTANTIVE, "WANTED")
    method, path, body = seen[0]
    assert (method, path, body["order_id"], body["round"]) == ("POST", "/orders", ORDER_ID, 1)
    assert body["certified"]["birth_country"] == "398"
    assert VILLAGE not in json.dumps(body, ensure_ascii=False)


async def test_an_order_it_never_heard_of_is_unknown() -> None:
    assert await node([], 404, {}).status(ORDER_ID) == NodeAnswer(OrderStatus.UNKNOWN)


async def test_remake_and_cancel_bear_keys_that_stay_the_same() -> None:
    seen: list[tuple[str, str, Any]] = []
    central = node(seen, 200, {"status": "ACCEPTED"})
    await central.remake(ORDER_ID, "k/remake/1")
    await central.cancel(ORDER_ID, "k/cancel")
    assert [(path.rpartition("/")[2], body) for _, path, body in seen] == [
        ("remake", {"key": "k/remake/1"}), ("cancel", {"key": "k/cancel"}),
    ]  # fmt: skip


@pytest.mark.parametrize(("status", "answer"), [(500, {}), (200, {"status": "PERHAPS"}), (200, {})])
async def test_an_answer_that_is_none_is_an_outage_and_no_decision(status: int, answer: Any) -> None:
    with pytest.raises(Unavailable):
        await node([], status, answer).cancel(ORDER_ID, "k/cancel")


async def test_an_order_that_is_not_answered_is_not_sent_again_unasked() -> None:
    order = order_of((await after(approved())).state)
    seen: list[tuple[str, str, Any]] = []
    with pytest.raises(Unavailable):
        await node(seen, 503, {}).send(order)
    assert len(seen) == 1
