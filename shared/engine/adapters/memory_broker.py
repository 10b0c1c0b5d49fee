"""A model of RabbitMQ in one interpreter, for the simulation: same definitions, same promises, chosen bad luck.

Kept: exchanges, bindings, rights, prefetch, order within a queue, redelivery at the head with a count, delivery limit
and dead letters. All chance comes from the given `Ids`, all waiting goes through the given `Clock`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from shared.engine.adapters.memory_handles import MemoryListener, MemoryPublisher, Take
from shared.engine.adapters.memory_queue import Consumer, Kept, Queue
from shared.engine.ports import Clock, Ids
from shared.topology import DEAD_LETTERS, definitions


@dataclass(frozen=True, slots=True)
class Faults:
    """Probabilities of bad luck per message; `delay` is the longest of a publish or a delivery, in seconds.

    `lost`: a publish fails and was never taken. `unconfirmed`: it fails and was taken. `duplicated`: a queue gets it
    twice. `disconnected`: the connection breaks at an acknowledgement, which is lost.
    """

    lost: float = 0.0
    unconfirmed: float = 0.0
    duplicated: float = 0.0
    disconnected: float = 0.0
    delay: float = 0.0


NO_FAULTS = Faults()


class MemoryBroker:
    """Exchanges, queues and rights as in `topology.definitions`; `publisher` and `listener` give handles to it.

    `faults` may be replaced at any time.
    """

    def __init__(
        self, clock: Clock, ids: Ids, faults: Faults = NO_FAULTS, topology: Mapping[str, Any] | None = None
    ) -> None:
        made = definitions({}) if topology is None else topology
        self.clock, self.ids, self.faults, self.up = clock, ids, faults, True
        limits = {policy["name"]: policy["definition"].get("delivery-limit") for policy in made["policies"]}
        self.queues: dict[str, Queue] = {
            queue["name"]: Queue(limits.get(queue["name"], limits["work"])) for queue in made["queues"]
        }
        self._kinds: dict[str, str] = {exchange["name"]: exchange["type"] for exchange in made["exchanges"]}
        self._bound: dict[tuple[str, str], list[str]] = {}
        for binding in made["bindings"]:
            self._bound.setdefault((binding["source"], binding["routing_key"]), []).append(binding["destination"])
        self._routes: dict[tuple[str, str], list[str]] = {}
        self._instead: dict[str, str] = {
            policy["pattern"].strip("^$").replace("\\", ""): policy["definition"]["alternate-exchange"]
            for policy in made["policies"]
            if policy["apply-to"] == "exchanges"
        }
        self._writes = {right["user"]: re.compile(right["write"]) for right in made["permissions"]}
        self._topics = {
            (right["user"], right["exchange"]): re.compile(right["write"]) for right in made["topic_permissions"]
        }
        self._listeners: list[MemoryListener] = []

    def publisher(self, user: str) -> MemoryPublisher:
        """A handle of one incarnation of the service, or of the portal."""
        return MemoryPublisher(self, user)

    def listener(self, service: str, take: Take, prefetch: int | None = None, careful: bool = False) -> MemoryListener:
        """A handle that consumes the queues of the service (or of the portal) once it is started."""
        listener = MemoryListener(self, service, take, prefetch, careful)
        self._listeners.append(listener)
        return listener

    def may_say(self, user: str, exchange: str, key: str) -> bool:
        if exchange not in self._kinds or not self._writes[user].search(exchange):
            return False
        topic = self._topics.get((user, exchange))
        return topic is None or topic.search(key) is not None

    def route(self, exchange: str, key: str) -> list[str]:
        """The queues a message would reach."""
        known = self._routes.get((exchange, key))
        if known is None:
            known = self._routes[exchange, key] = self._routed(exchange, key)
        return known

    def _routed(self, exchange: str, key: str) -> list[str]:
        """Bound by the very key, by `*` for its last word, or to all; else whom the exchange names instead."""
        first, _, last = key.rpartition(".")
        keys = ("",) if self._kinds[exchange] == "fanout" else (key, *([f"{first}.*"] if last else ()), "#")
        bound = list(dict.fromkeys(name for each in keys for name in self._bound.get((exchange, each), ())))
        return self.route(self._instead[exchange], key) if not bound and exchange in self._instead else bound

    def put(self, message: Kept, exchange: str | None = None) -> bool:
        """Keep it in every queue it is bound to; False when there is none."""
        names = self.route(exchange or message.exchange, message.routing_key)
        for name in names:
            self.keep(name, message)
        return bool(names)

    def keep(self, name: str, message: Kept) -> None:
        """It has come to the queue of that name."""
        for _ in range(2 if self.chance(self.faults.duplicated) else 1):
            self.queues[name].waiting.append(replace(message))
        self.queues[name].serve()

    def give_back(self, name: str, consumer: Consumer) -> None:
        """The consumer is gone: what it had comes back at the head, in order, counted; too often, and it is dead."""
        queue = self.queues[name]
        if consumer in queue.consumers:
            queue.consumers.remove(consumer)
        returned = [replace(message, returned=message.returned + 1) for message in consumer.unacked.values()]
        consumer.unacked.clear()
        for message in reversed(returned):
            if queue.limit is None or message.returned <= queue.limit:
                queue.waiting.appendleft(message)
        for message in returned:
            if queue.limit is not None and message.returned > queue.limit:
                self.put(_dead(message, name), DEAD_LETTERS)
        queue.serve()

    @property
    def silent(self) -> list[Kept]:
        """What listeners have in hand that take nothing new."""
        return [message for listener in self._listeners for message in listener.silent]

    def disconnect(self) -> None:
        """Every connection is lost at once; listeners come back by themselves."""
        for listener in list(self._listeners):
            listener.lose_connection()

    def go_down(self) -> None:
        """Nothing is taken and nothing delivered until `come_up`; what is kept stays kept."""
        self.up = False
        self.disconnect()

    def come_up(self) -> None:
        self.up = True

    def dismiss(self, listener: MemoryListener) -> None:
        """It is gone for good."""
        self._listeners = [known for known in self._listeners if known is not listener]

    def chance(self, probability: float) -> bool:
        return probability > 0.0 and self.ids.jitter() < probability

    async def delay(self) -> None:
        if self.faults.delay > 0.0:
            await self.clock.sleep(self.ids.jitter() * self.faults.delay)


def _dead(message: Kept, queue: str) -> Kept:
    death = {"queue": queue, "reason": "delivery_limit", "exchange": message.exchange, "count": 1}
    first = {
        "x-first-death-reason": "delivery_limit",
        "x-first-death-queue": queue,
        "x-first-death-exchange": message.exchange,
    }
    return replace(message, exchange=DEAD_LETTERS, returned=0, headers={**message.headers, **first, "x-death": [death]})
