"""All of the state's systems together: what is asked of them, what they owe by themselves, how slow they are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from deploy.sandbox.people import Citizen
from deploy.sandbox.systems.central_node import CentralNode
from deploy.sandbox.systems.digital_id import DigitalId
from deploy.sandbox.systems.gateway import Gateway
from deploy.sandbox.systems.ground import Callback, Ground, Pace, Plain, Said
from deploy.sandbox.systems.kdp import ConsentControl
from deploy.sandbox.systems.post import PostOffice
from deploy.sandbox.systems.registers import Registers
from deploy.sandbox.systems.revenue import RevenueAuthority
from deploy.sandbox.systems.rpdrn import Registry
from deploy.sandbox.systems.sms import SmsGateway
from deploy.sandbox.systems.temp_files import TempFiles

REST = {
    "digital-id": "digital-id",
    "gateway": "payment-gateway",
    "revenue": "revenue",
    "central-node": "central-node",
    "sms": "sms",
}
"""First part of the path → the dependency as breaker and p.12 know it."""


class State:
    """The state, deterministic for its seed. Every question carries `now`, the business time (aware).

    Raises `ground.Refused` for what a system cannot work with; a business no is an answer; None means not found.
    """

    def __init__(self, seed: int | str = 0, base: str = "http://sandbox", pace: Pace | None = None) -> None:
        self.ground = Ground(str(seed), base.rstrip("/"), pace or Pace())
        self.consents = ConsentControl(self.ground)
        self.registers = Registers(self.ground, self.consents)
        self.gateway_system = Gateway(self.ground)
        self.temp_files = TempFiles(self.ground)
        self.registry = Registry(self.ground, self.gateway_system, self.temp_files)
        self.post = PostOffice(self.ground, self.registry)
        self.digital_id_system = DigitalId(self.ground)
        self.revenue_authority = RevenueAuthority(self.ground, self.gateway_system)
        self.production = CentralNode(self.ground, self.registry)
        self.sms_gateway = SmsGateway()

    def admit(self, citizens: Iterable[Citizen]) -> None:
        """From now on the registers know these people; to know one twice changes nothing."""
        self.ground.admit(citizens)

    def shep(self, service_id: str, data: Said, now: datetime, correlation: str = "") -> Plain:
        """A service behind ШЭП; `correlation` is the same for the same thing asked again."""
        if service_id == "KDP_SERVICE":
            return self.consents.ask(data, correlation, now)
        if service_id == "EDS_TEMP_FILES":
            return self.temp_files.ask(data, now)
        if service_id.startswith("RPDRN_"):
            return self.registry.ask(service_id, data, now)
        return self.registers.ask(service_id, data, now)

    def digital_id(self, method: str, path: str, body: Said, now: datetime) -> Plain | None:
        return self.digital_id_system.ask(method, path, body, now)

    def gateway(self, method: str, path: str, body: Said, now: datetime) -> Plain | None:
        return self.gateway_system.ask(method, path, body, now)

    def revenue(self, method: str, path: str, body: Said, now: datetime) -> Plain | None:
        return self.revenue_authority.ask(method, path, body, now)

    def central_node(self, method: str, path: str, body: Said, now: datetime) -> Plain | None:
        return self.production.ask(method, path, body, now)

    def sms(self, method: str, path: str, body: Said, now: datetime) -> Plain | None:
        return self.sms_gateway.ask(method, path, body, now)

    def rest(self, system: str, method: str, path: str, body: Said, now: datetime) -> Plain | None:
        """One of `REST`, by the first part of its path; None: not found."""
        asked = {
            "digital-id": self.digital_id,
            "gateway": self.gateway,
            "revenue": self.revenue,
            "central-node": self.central_node,
            "sms": self.sms,
        }
        return asked[system](method, path, body, now)

    def delay(self, service_id: str, data: Mapping[str, Any]) -> float:
        """Machine seconds that this answer takes by the person's story."""
        if service_id != "RPDRN_REGISTER" or "applicationId" not in data:
            return 0.0
        return self.ground.treatment_of(str(data["applicationId"])).register_delay

    def due(self, now: datetime) -> tuple[Callback, ...]:
        """The call-backs that have fallen due by now, once each; whoever takes them sends them until they are heard."""
        self.production.work(now)
        ready = tuple(callback for callback in self.ground.waiting if callback.at <= now)
        self.ground.waiting = [callback for callback in self.ground.waiting if callback.at > now]
        return ready

    def next_at(self) -> datetime | None:
        """When `due` will have something next; None when nothing waits."""
        moments = [callback.at for callback in self.ground.waiting]
        produced = self.production.next_at()
        return min([*moments, *([produced] if produced else [])], default=None)

    def summary(self, now: datetime) -> Plain:
        """Counts only, for reports and invariants: no person's data."""
        return {
            "people": len(self.ground.people),
            "talons": len(self.registry.talons),
            "recalled": sum(held.recalled for held in self.registry.talons.values()),
            "watched": sum(bool(held.watch) for held in self.registry.talons.values()),
            "registered_twice": self.registry.standing_twice(),
            "invoices": len(self.gateway_system.invoices),
            "receipts": len(self.gateway_system.receipts),
            "received": sum(r.amount for i in self.gateway_system.invoices.values() for r in i.receipts),
            "refund_cases": len(self.revenue_authority.cases),
            "refund_filings": sum(case.filings for case in self.revenue_authority.cases.values()),
            "paid_out": sum(payout.amount for payout in self.revenue_authority.payouts(now)),
            "orders": len(self.production.orders),
            "made": sum(order.made for order in self.production.orders.values()),
            "sms": len(self.sms_gateway.messages),
            "sms_repeats": self.sms_gateway.repeats,
            "callbacks_waiting": len(self.ground.waiting),
        }


__all__ = ["REST", "Callback", "Pace", "State"]
