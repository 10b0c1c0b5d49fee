"""ШЭП's asynchronous channel without its wire: what was sent by it, to whom, and how far it has come (domain.md 2.4).

A REQUEST is given its id, and brought to РП ДРН at once, unless it gets lost on the way there.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from deploy.sandbox.systems.ground import Callback, Ground, Refused, Said
from deploy.sandbox.systems.rpdrn import Registry
from shared.gateways.letters import Delivery, Standing


@dataclass(slots=True)
class PostOffice:
    """`pushed` are messages on their way out by id, as often as they are sent; of `stopped` none is sent any more."""

    ground: Ground
    registry: Registry
    standings: dict[str, Standing] = field(default_factory=dict)
    pushed: dict[str, Callback] = field(default_factory=dict)
    stopped: set[str] = field(default_factory=set)
    looked: int = 0

    def take(self, said: Said, now: datetime, *, undelivered: bool = False) -> str:
        """The id of the REQUEST. One that РП ДРН cannot do anything with is stopped."""
        id = self.ground.id(f"message {len(self.standings) + 1}")
        if undelivered:
            self.standings[id] = Standing.NOT_DELIVERED
        else:
            watched = self.registry.watch(said, id, now)
            self.standings[id] = Standing.DELIVERED if watched else Standing.DELIVERY_STOPPED
        return id

    def standing(self, id: str) -> Standing:
        """Raises `Refused` for a message that is none."""
        self.looked += 1
        if id not in self.standings:
            raise Refused("MESSAGE_NOT_FOUND", 404)
        return self.standings[id]

    def push(self, callback: Callback) -> bool:
        """Whether that message is to be sent (again)."""
        self.pushed[callback.id] = callback
        return callback.id not in self.stopped

    def heard(self, told: Delivery) -> None:
        """What its receiver says of a message: no more of it, or once more. Raises `Refused` for one that is none."""
        callback = self.pushed.get(told.message_id)
        if callback is None:
            raise Refused("MESSAGE_NOT_FOUND", 404)
        if not told.accepted and told.resend:
            self.stopped.discard(told.message_id)
            self.ground.owe(callback)
        else:
            self.stopped.add(told.message_id)
