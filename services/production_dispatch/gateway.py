"""The central node of РП ДРН with its production centre. It promises no idempotency: it is asked first, then told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from pydantic import BaseModel, ConfigDict, ValidationError

from services.production_dispatch.card import Order
from services.production_dispatch.messages import NodeAnswer, OrderStatus
from shared.contracts.production_dispatch import ProductionFault
from shared.engine.rows import Unavailable
from shared.gateways.policies import POLICIES
from shared.gateways.rest import Rest

CENTRAL_NODE = POLICIES["central-node"]


class CentralNode(Protocol):
    """`key` names what is asked for, the same however often. Raises `Unavailable("central-node")`."""

    async def status(self, order_id: str) -> NodeAnswer: ...
    async def send(self, order: Order) -> NodeAnswer: ...
    async def remake(self, order_id: str, key: str) -> NodeAnswer: ...
    async def cancel(self, order_id: str, key: str) -> NodeAnswer: ...


@dataclass(frozen=True, slots=True)
class World:
    central_node: CentralNode


class _Answer(BaseModel):
    """What it answers; members that are not known here are passed over."""

    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)

    status: OrderStatus
    fault: ProductionFault | None = None
    reason: str | None = None
    register_id: str | None = None


@dataclass(frozen=True, slots=True)
class RestCentralNode:
    rest: Rest

    async def status(self, order_id: str) -> NodeAnswer:
        answer = await self.rest.get(f"/orders/{order_id}")
        return _read(answer) if answer else NodeAnswer(OrderStatus.UNKNOWN)

    async def send(self, order: Order) -> NodeAnswer:
        return _read(await self.rest.post("/orders", order.model_dump(mode="json"), once=True))

    async def remake(self, order_id: str, key: str) -> NodeAnswer:
        return _read(await self.rest.post(f"/orders/{order_id}/remake", {"key": key}))

    async def cancel(self, order_id: str, key: str) -> NodeAnswer:
        return _read(await self.rest.post(f"/orders/{order_id}/cancel", {"key": key}))


def _read(answer: dict[str, Any]) -> NodeAnswer:
    """An answer that is none is an outage: nobody may decide upon it."""
    try:
        found = _Answer.model_validate(answer)
    except ValidationError:
        raise Unavailable(CENTRAL_NODE.dependency) from None
    return NodeAnswer(found.status, found.fault, found.reason or "", found.register_id or "")
