"""What was reached in one seed: names only. Decisions are overheard as they are made, the engine as it settles.

Nothing of production knows of it: reactions are wrapped as data, the parts of an engine on the instance.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cache, wraps
from typing import Any, NamedTuple

from shared.contracts.base import Own, routing_key
from shared.engine.decision import Decision, Given
from shared.engine.engine import Engine
from shared.engine.rows import Delivery, StoreBusy
from shared.engine.service import Reaction, Service
from shared.engine.work import Outcome, Result

Seen = set[str]


class Decided(NamedTuple):
    """One decision as it was made: the state before, what was heard, what was given, what came of it."""

    before: Any
    said: Any
    given: Given
    decision: Decision[Any]

    @property
    def after(self) -> Any:
        return self.decision.state

    @property
    def silent(self) -> bool:
        """It changed nothing, said nothing, and will do nothing."""
        d = self.decision
        return not (d.says or d.later or d.appends) and bool(d.state == self.before)

    def says(self, *kinds: type[Any]) -> bool:
        return any(isinstance(each, kinds) for each in self.decision.says)

    def later(self, *kinds: type[Any]) -> bool:
        return any(isinstance(each.message, kinds) for each in self.decision.later)

    def wrote(self, what: str) -> bool:
        """Whether an audit row of that act was written."""
        return any(getattr(row, "what", None) == what for row in self.decision.appends)


Observer = Callable[[str, Decided, Seen], "list[str]"]
"""Names what a decision of that service reached; what was seen before need not be looked for."""


class Slip(Exception):
    """A decision raised for no reason: bad luck."""


@dataclass(slots=True)
class Ear:
    """What hears the decisions of the one world that is being played, and whether one slips."""

    seen: Seen = field(default_factory=set)
    slips: Callable[[Any], bool] = lambda message: False


EAR = Ear()
_KNOWN: dict[int, tuple[Service, Service]] = {}


def overheard(service: Service, observe: Observer) -> Service:
    """The same service; each decision tells `EAR` what it reached, and may slip."""
    known = _KNOWN.get(id(service))
    if known is None:
        keen = tuple(_overheard(each, service.name, observe) for each in service.reactions)
        known = _KNOWN[id(service)] = service, replace(service, reactions=keen)
    return known[1]


def _overheard(reaction: Reaction, service: str, observe: Observer) -> Reaction:
    does = reaction.does

    @wraps(does)
    def decide(state: Any, message: Any, given: Given) -> Decision[Any]:
        if EAR.slips(message):
            raise Slip
        decision = does(state, message, given)
        EAR.seen.update(observe(service, Decided(state, message, given, decision), EAR.seen))
        return decision

    return replace(reaction, does=decide)


@cache
def key_of(kind: type[Any]) -> str:
    """What a message of that kind is called here: a message to oneself is called so too."""
    return f"{routing_key(kind)}{' (own)' if issubclass(kind, Own) else ''}"


class Keen(Engine):
    """An engine that tells what befell it."""

    def __init__(self, context: Any, ports: Any, pace: Any, seen: Seen, broken: list[tuple[str, str]]) -> None:
        super().__init__(context, ports, pace)
        self._seen, self._broken = seen, broken
        store = ports.store
        _overhear(store, "take_outbox", lambda rows: seen.add("the sweeper takes an expired row") if rows else None)
        _overhear(store, "delay_outbox", lambda _: seen.add("a publish without its confirm is put off"))
        _overhear(store, "renew_outbox", lambda _: seen.add("the relay renews what it holds for long"))
        _overhear(store, "retry_due", lambda _: seen.add("an ask is put back"))
        _overhear(store, "begin", lambda unclean: seen.add(STARTS[unclean]))
        asking: Any = self._asking
        may = asking._may_try

        async def may_try(known: Any, *rest: Any) -> bool:
            allowed: bool = await may(known, *rest)
            if not allowed:
                seen.add("the breaker is open: nobody asks")
            elif known.failing_since is not None:
                seen.add("the breaker lets one try")
            return allowed

        asking._may_try = may_try

    async def take(self, delivery: Delivery) -> Outcome:
        if delivery.deliveries > 1:
            self._seen.add("a message is delivered again")
        return await super().take(delivery)

    def _settle(self, batch: Any, outcomes: list[Outcome], outbox: Any, due: Any) -> None:
        results = {outcome.result for outcome in outcomes}
        self._seen.update(RESULTS[result] for result in results)
        if len(batch) > 1:
            self._seen.add("several messages share a batch")
        if self.store_lost:
            self._seen.add("a batch is committed after the store was lost")
            if results <= {Result.REPEATED, Result.STALE}:
                self._seen.add("a batch is repeated after a commit of unknown outcome")
        for waiting, outcome in zip(batch, outcomes, strict=True):
            row = getattr(waiting.item, "due", None)
            if row is None or outcome.result is not Result.DONE:
                continue
            if row.failures:
                self._seen.add("a failed row is tried alone, and done")
            store: Any = self.ports.store
            holder = store.tables.due.holders.get(row.id, row.token)
            if holder != row.token:
                self._broken.append(("finished_by_its_holder", f"{row.name} {row.id} was finished with a lost lease"))
        super()._settle(batch, outcomes, outbox, due)


STARTS = {True: "a start after a crash", False: "a start after an orderly end, or the first"}
RESULTS = {
    Result.DONE: "the engine decides",
    Result.WAITS: "a message that asks becomes a row",
    Result.REPEATED: "the inbox knows a message",
    Result.CLASHES: "one id comes with two bodies",
    Result.UNREADABLE: "a message cannot be read",
    Result.STALE: "a due row's lease is lost",
    Result.FAILED: "a decision fails",
}


def _overhear(of: Any, method: str, tell: Callable[[Any], object]) -> None:
    """What the method of that one object gives is told."""
    does = getattr(of, method)

    async def keen(*args: Any) -> Any:
        found = await does(*args)
        tell(found)
        return found

    setattr(of, method, keen)


__all__ = ["Decided", "Keen", "Seen", "StoreBusy", "key_of", "overheard"]
