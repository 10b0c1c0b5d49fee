"""The people: the portal with its citizens, officers, issue desks, operations, and the systems that call back."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlparse
from uuid import UUID, uuid5

from deploy.sandbox.keys import OfficerAccount
from deploy.sandbox.persona import Persona, Verdict
from deploy.sandbox.portal.driver import Never, NotNow
from deploy.sandbox.staff import decision, desk_acts, signed_hand_over, verdict_on
from deploy.sandbox.stories_after import BY_CIRCUMSTANCE
from deploy.sandbox.systems.ground import Callback, Refused
from services.payment.invoice import Phase
from services.production_dispatch.production import Standing as Card
from services.ums_review.review import Standing
from shared.clock import SeededIds
from shared.contracts.base import PortalMessage, routing_key, write
from shared.contracts.portal import MessageRejected, StatusChanged
from shared.contracts.values import FileRef
from shared.engine.rows import Fate, Outgoing
from shared.law.limits import LIMITS as _LIMITS
from shared.process import INTAKE, PAYMENT, PORTAL, PRODUCTION, REVIEW
from shared.security.sealing import PortalSealer
from shared.web.officer_keys import moment_of
from tests.simulation.house import House
from tests.simulation.incarnation import KEYS
from tests.simulation.luck import CALLED, LAST_DAY
from tests.simulation.web import Reply, at_the_desk, place, pushed, signed

KINDS: dict[str, type[StatusChanged] | type[MessageRejected]] = {
    routing_key(kind): kind for kind in (StatusChanged, MessageRejected)
}
TIME_MENDS = (401, 404, 408, 409, 425, 429, 500, 503)
NOT_YET = ("NOT_SHIPPED", "NOT_READY", "UNKNOWN_TALON")
LIMITS = _LIMITS[-1]
LOOK_EVERY = 4.0  # seconds
THOUGHT = 1.0  # seconds between taking a case and deciding it, with rivals about


@dataclass(slots=True)
class Wires:
    """What the portal reaches. A message that is said again is the same bytes again."""

    house: House
    sealer: PortalSealer = field(init=False)
    publisher: Any = field(init=False)
    rows: dict[UUID, Outgoing] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.sealer = PortalSealer(KEYS.portal_public(), SeededIds(f"{self.house.seed} portal").nonce)
        self.publisher = self.house.broker.publisher(PORTAL)

    async def say(self, message: PortalMessage, message_id: UUID, headers: Mapping[str, str]) -> None:
        row = self.rows.get(message_id)
        if row is None:
            body = write(message, self.sealer)
            row = self.rows[message_id] = Outgoing(
                message_id, message.exchange, routing_key(message), message.application_id, body, dict(headers)
            )
        (fate,) = await self.publisher.publish([row])
        if fate is not Fate.CONFIRMED:
            raise NotNow(fate.value)
        if self.house.outside.troubled and self.house.chance.random() < self.house.luck.doubled_calls:
            await self.publisher.publish([row])

    async def grant(self, application_id: UUID) -> str:
        headers = {"Authorization": f"Bearer {place().key('portal.token').decode()}"}
        path = f"/applications/{application_id}/grants"
        return str(_taken(await self.house.knock(INTAKE, "POST", path, b"", headers))["grant"])

    async def upload(self, application_id: UUID, purpose: str, grant: str, content: bytes, media: str) -> FileRef:
        headers = {"Content-Type": media, "Authorization": f"Bearer {grant}"}
        path = f"/applications/{application_id}/files/{purpose}"
        return FileRef.model_validate(_taken(await self.house.knock(INTAKE, "PUT", path, content, headers)))

    async def code(self, application_id: UUID) -> str | None:
        raise Never("citizens of the simulation sign with a key at hand")

    async def visit(self, link: str) -> None:
        self._page("digital-id", link, {})

    async def pay(self, link: str, amount: int, key: str) -> None:
        self._page("gateway", link, {"amount": amount})

    def _page(self, system: str, link: str, body: dict[str, Any]) -> None:
        """The citizen's own browser: it is there when the citizen is."""
        path = urlparse(link).path.removeprefix(f"/{system}")
        self.house.chronicle.note("citizen", f"goes to {path}")
        try:
            if self.house.outside.state.rest(system, "POST", path, body, self.house.clock.now()) is None:
                raise Never("404")
        except Refused as refusal:
            raise Never(refusal.code) from None


def _taken(reply: Reply | None) -> Any:
    if reply is None or reply.status in TIME_MENDS:
        raise NotNow(str(reply.status if reply else "no answer"))
    if not reply.ok:
        raise Never(str(reply.status))
    return reply.json


@dataclass(slots=True)
class People:
    """Officers, desks and operations; each looks every few seconds whether there is something to do, and does it."""

    house: House
    seen: dict[tuple[UUID, int], datetime] = field(default_factory=dict)
    visits: dict[str, int] = field(default_factory=dict)
    remade: set[tuple[UUID, int]] = field(default_factory=set)
    held: dict[UUID, Reply] = field(default_factory=dict)
    away: dict[UUID, tuple[OfficerAccount, Reply]] = field(default_factory=dict)
    """Who took a case and walked away, and the lease they had."""
    waits: bool = False
    """Somebody has something to do here and now, and has not done it yet."""

    async def work(self) -> None:
        while True:
            await self.house.clock.sleep(LOOK_EVERY)
            tables, waits = self.house.tables, False
            for review in tables[REVIEW].columns():
                if review["standing"] == Standing.QUEUED:
                    waits |= await self._review(review["application_id"], review["region"], review["round"])
            for card in tables[PRODUCTION].columns():
                if card["standing"] in (Card.SHIPPED, Card.READY):
                    waits |= await self._desk(card["application_id"], card["talon"], card["point"])
                elif card["standing"] == Card.HELD:
                    waits = True
                    await self._operate(PRODUCTION, f"/operations/orders/{card['application_id']}/send-again")
                elif card["told_spoiled"] >= LIMITS.spoiled_cards and card["standing"] == Card.IN_PRODUCTION:
                    waits |= await self._remake(card["application_id"])
            for invoice in tables[PAYMENT].columns():
                if invoice["phase"] == Phase.HELD:
                    waits = True
                    await self._operate(PAYMENT, f"/operations/release/{invoice['application_id']}")
            self.waits = waits

    async def _review(self, id: UUID, region: str, round: int) -> bool:
        """Take the case and decide it; sometimes the officer thinks again, undoes it and gives the case back."""
        now, persona = self.house.clock.now(), self._persona(id)
        waited = (now - self.seen.setdefault((id, round), now)).total_seconds()
        changed = self.house.state(REVIEW, id).circumstance is not None
        verdict = verdict_on(persona, round, waited, self._act, changed)
        if verdict is None:
            return persona is not None and waited < persona.hold.total_seconds()
        inspectors = [each for each in place().officers if each.region == region and "inspector" in each.roles]
        chance = self.house.chance
        if self.house.luck.walks_away:
            return await self._review_left(id, round, inspectors, verdict)
        first = chance.choice(inspectors)
        if not self.house.troubled or chance.random() >= self.house.luck.rivals:
            await self._decide(id, round, first, verdict)
            return True
        strangers = [each for each in place().officers if each.region != region and "inspector" in each.roles]
        second = chance.choice([each for each in inspectors if each is not first] or strangers)
        spawn, rivals = self.house.loop.create_task, [first, second, chance.choice(strangers)]
        chance.shuffle(rivals)
        await asyncio.wait({spawn(self._decide(id, round, each, verdict, each is rivals[0])) for each in rivals})
        return True

    async def _review_left(self, id: UUID, round: int, inspectors: list[OfficerAccount], verdict: Verdict) -> bool:
        """The first who takes the case walks away. When another could take it, both decide: one holds nothing."""
        away, lease = self.away.get(id, (None, None))
        officer = self.house.chance.choice([each for each in inspectors if each is not away])
        taken = await self._post(officer, REVIEW, f"/reviews/{id}/take", None)
        if taken is None:
            return True
        if away is None or lease is None:
            self.away[id] = officer, taken
            return True
        if int(lease.json["case"]["round"]) == round:
            await self._sign(id, away, verdict, lease)
        await self._decide(id, round, officer, verdict)
        return True

    async def _decide(
        self, id: UUID, round: int, officer: OfficerAccount, verdict: Verdict, thinks: bool = False
    ) -> None:
        """Whoever has not got the case tries it with the lease that is somebody else's; who `thinks` tries it later."""
        taken = await self._post(officer, REVIEW, f"/reviews/{id}/take", None)
        if taken is None:
            taken = self.held.get(id)
        if taken is None or int(taken.json["case"]["round"]) != round:
            return
        self.held[id] = taken
        if thinks:
            await self.house.clock.sleep(THOUGHT)
        await self._sign(id, officer, verdict, taken)

    async def _sign(self, id: UUID, officer: OfficerAccount, verdict: Verdict, taken: Reply) -> None:
        """Decide with that lease; sometimes think again."""
        chance = self.house.chance
        if taken.json["case"].get("circumstance"):
            verdict = BY_CIRCUMSTANCE  # nothing else is left
        moment = moment_of(self.house.clock.now())
        body = decision(taken.json, verdict, officer.id, officer.signatory(place().authority), moment)
        decided = await self._call(officer, REVIEW, "POST", f"/reviews/{id}/decision", body)
        spent = decided is not None and not decided.ok and decided.json.get("code") == "DECISION_ID_SPENT"
        if spent or (self.house.troubled and chance.random() < 0.1):
            undone = {"decision_id": body["decision_id"]}
            await self._call(officer, REVIEW, "DELETE", f"/reviews/{id}/decision", undone)
            lease = {"lease_token": taken.json["lease_token"], "reason": "another look"}
            await self._call(officer, REVIEW, "POST", f"/reviews/{id}/give-back", lease)

    async def _desk(self, id: UUID, talon: str, point: str) -> bool:
        """The next act of the card; one that is refused is done too, unless the card only was not ready for it."""
        acts, at = desk_acts(self._persona(id), talon, point), self.visits.get(talon, 0)
        if at >= len(acts):
            return False
        officer = next(each for each in place().officers if each.point == acts[at].point)
        body: Mapping[str, Any] = acts[at].body
        if acts[at].what == "issue":
            card, moment = at_the_desk(self.house.state(PRODUCTION, id)), moment_of(self.house.clock.now())
            body = signed_hand_over(body, card, officer.id, officer.signatory(place().authority), moment)
        reply = await self._call(officer, PRODUCTION, "POST", acts[at].path, body)
        if reply is not None and (reply.ok or (400 <= reply.status < 500 and reply.json.get("code") not in NOT_YET)):
            self.visits[talon] = at + 1
        return True

    async def _remake(self, id: UUID) -> bool:
        """The last automatic remake is spent: operations order one more."""
        card = self.house.state(PRODUCTION, id)
        if not card.awaits_remake or (id, card.spoiled) in self.remade:
            return False
        if await self._operate(PRODUCTION, f"/operations/orders/{id}/remake"):
            self.remade.add((id, card.spoiled))
        return True

    async def _operate(self, service: str, path: str) -> bool:
        """Whether it was taken."""
        officer = next(each for each in place().officers if "operations" in each.roles)
        number = self.visits[path] = self.visits.get(path, 0) + 1
        body = {"act_id": str(uuid5(UUID(int=self.house.seed), f"{path} {number}"))} if service == PRODUCTION else None
        reply = await self._call(officer, service, "POST", path, body)
        return reply is not None and reply.ok

    async def _post(self, officer: OfficerAccount, service: str, path: str, body: Any) -> Reply | None:
        reply = await self._call(officer, service, "POST", path, body)
        return reply if reply is not None and reply.ok else None

    async def _call(self, officer: OfficerAccount, service: str, method: str, path: str, body: Any) -> Reply | None:
        content = json.dumps(body).encode() if body is not None else b""
        headers = {**officer.bearer, **({"Content-Type": "application/json"} if content else {})}
        return await self.house.knock(service, method, path, content, headers)

    @property
    def _act(self) -> int:
        return 3 if self.house.clock.today() > LAST_DAY else 1

    def _persona(self, id: UUID) -> Persona | None:
        course = self.house.outside.state.ground.courses.get(id)
        return course[2] if course else None


@dataclass(slots=True)
class CallBacks:
    """What the state owes is sent until it is heard; sometimes twice."""

    house: House
    open: int = 0

    async def work(self) -> None:
        while True:
            for callback in self.house.outside.state.due(self.house.clock.now()):
                self.open += 1
                self.house.loop.create_task(self._deliver(callback))
            await self.house.clock.sleep(LOOK_EVERY)

    async def _deliver(self, callback: Callback) -> None:
        house, pause = self.house, 0.5
        content, headers = signed(place().key(callback.key), callback.body) if callback.key else pushed(callback.body)
        if house.outside.troubled:
            await house.clock.sleep(house.chance.random() * 2 + house.late_by(CALLED, callback.to))
            if callback.to == PAYMENT and house.chance.random() < house.luck.forgotten:
                house.chronicle.note("outside", f"forgets to tell of {callback.id}")
                self.open -= 1
                return
        while True:
            reply = await house.knock(callback.to, "POST", callback.path, content, headers)
            if reply is not None and reply.ok:
                break
            await house.clock.sleep(pause)
            pause = min(2 * pause, 20.0)
        self.open -= 1
