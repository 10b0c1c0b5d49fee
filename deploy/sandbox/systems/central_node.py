"""The central node of РП ДРН and the production centre: orders taken or refused, cards made, spoiled, shipped (S18)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from deploy.sandbox.systems.ground import Callback, Ground, Plain, Said, need, whole
from deploy.sandbox.systems.rpdrn import Registry
from shared.contracts.production_dispatch import ProductionFault

REASONS = {ProductionFault.TECHNICAL: "RECEPTION_FAILED", ProductionFault.SUBSTANTIVE: "INPUT_CONTROL"}


class Standing(StrEnum):
    ACCEPTED = "ACCEPTED"
    REFUSED = "REFUSED"
    MADE = "MADE"
    SPOILED = "SPOILED"
    SHIPPED = "SHIPPED"
    CANCELLED = "CANCELLED"


@dataclass(slots=True)
class Order:
    id: str
    application_id: str
    talon: str
    point: str
    round: int
    standing: Standing
    fault: ProductionFault | None = None
    spoiled: int = 0
    made: int = 0
    register_id: str | None = None
    next: tuple[Standing, datetime] | None = None

    def shown(self) -> Plain:
        fault = {"fault": self.fault.value, "reason": REASONS[self.fault]} if self.fault else {}
        shipped = {"register_id": self.register_id} if self.register_id else {}
        return {"status": self.standing.value, "round": self.round, "spoiled": self.spoiled, **fault, **shipped}


@dataclass(slots=True)
class CentralNode:
    ground: Ground
    registry: Registry
    orders: dict[str, Order] = field(default_factory=dict)
    refusals: dict[str, int] = field(default_factory=dict)

    def ask(self, method: str, path: str, said: Said, now: datetime) -> Plain | None:
        """`POST /orders`, `GET /orders/{id}`, `POST …/remake`, `POST …/cancel`; None: not found."""
        self.work(now)
        match (method, *path.strip("/").split("/")):
            case ("POST", "orders"):
                return self._order(said, now)
            case ("GET", "orders", id):
                return self.orders[id].shown() if id in self.orders else {"status": "UNKNOWN"}
            case ("POST", "orders", id, "remake") if id in self.orders:
                return self._remake(self.orders[id], now)
            case ("POST", "orders", id, "cancel") if id in self.orders:
                return self._cancel(self.orders[id])
        return None

    def work(self, now: datetime) -> None:
        """What the production centre has done by now, told by call-backs."""
        for order in self.orders.values():
            while order.next is not None and order.next[1] <= now:
                self._advance(order, *order.next)

    def next_at(self) -> datetime | None:
        """When it will have done something next."""
        return min((order.next[1] for order in self.orders.values() if order.next), default=None)

    def _order(self, said: Said, now: datetime) -> Plain:
        """The same order and round is the same answer, but a technical refusal, which is tried anew."""
        id, talon, point = need(said, "order_id", "talon", "point")
        round, known = whole(said, "round"), self.orders.get(id)
        if known and round <= known.round and known.fault is not ProductionFault.TECHNICAL:
            return known.shown()
        need(said, "certified", "region")
        held = self.registry.talons.get(talon)
        application_id = held.application_id if held else self.ground.id(f"stranger {talon}")
        fault = self._fault(application_id) if held else ProductionFault.SUBSTANTIVE
        order = Order(id, application_id, talon, point, round, Standing.REFUSED if fault else Standing.ACCEPTED, fault)
        self.orders[id] = order
        if fault is None:
            self._begin(order, now)
        return order.shown()

    def _fault(self, application_id: str) -> ProductionFault | None:
        before = self.refusals.get(application_id, 0)
        faults = self.ground.treatment_of(application_id).order_refusals
        if before >= len(faults):
            return None
        self.refusals[application_id] = before + 1
        return faults[before]

    def _begin(self, order: Order, now: datetime) -> None:
        treatment = self.ground.treatment_of(order.application_id)
        what = Standing.SPOILED if order.spoiled < treatment.spoiled else Standing.MADE
        order.next = (what, now + (treatment.made_after or self.ground.pace.made))

    def _remake(self, order: Order, now: datetime) -> Plain:
        if order.standing is Standing.SPOILED:
            order.standing = Standing.ACCEPTED
            self._begin(order, now)
        return order.shown()

    def _cancel(self, order: Order) -> Plain:
        """What is not made yet will not be."""
        if order.standing not in (Standing.MADE, Standing.SHIPPED):
            order.standing, order.next = Standing.CANCELLED, None
        return order.shown()

    def _advance(self, order: Order, what: Standing, at: datetime) -> None:
        order.standing, order.next = what, None
        if what is Standing.SPOILED:
            order.spoiled += 1
        elif what is Standing.MADE:
            order.made += 1
            order.next = (Standing.SHIPPED, at + self.ground.pace.shipped)
        turn = order.spoiled if what is Standing.SPOILED else order.round
        body = {
            "callback_id": self.ground.id(f"order {order.id} {what.value} {turn}"),
            "order_id": order.id,
            "application_id": order.application_id,
            "what": what.value,
            "at": at.isoformat(),
        }
        if what is Standing.SHIPPED:
            body["register_id"] = order.register_id = f"REG-{order.point}-{at:%y%m%d}"
        self.ground.owe(Callback("production-dispatch", "/callbacks/production", body, "production.key", at))
