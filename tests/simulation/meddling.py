"""What nobody's story tells: citizens, payers, officers and desks who act out of turn, at any moment, through the doors
that everyone has; and a portal whose messages cannot be taken.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID, uuid5

from deploy.sandbox.persona import Paying, Signing
from deploy.sandbox.portal import papers
from deploy.sandbox.portal.acts import BESIDE, Correct, Fill, Pay, Praise, Sign, Start
from deploy.sandbox.portal.driver import NotNow, Portal
from deploy.sandbox.portal.errand import Errand
from deploy.sandbox.staff import decision, other_point, signed_hand_over
from deploy.sandbox.stories_after import BY_CHECKS
from shared.contracts.base import PortalMessage, Sealed
from shared.contracts.intake import Circumstance
from shared.contracts.portal import ApplicationWithdrawn
from shared.engine.rows import Outgoing
from shared.process import PAYMENT, PORTAL, PRODUCTION, REVIEW
from shared.web.officer_keys import moment_of
from tests.simulation.house import House
from tests.simulation.web import at_the_desk, place

MOST = 25  # acts of one seed
Json = dict[str, Any]


def tell_of_change(house: House, errand: Errand, number: int) -> None:
    """РП ДРН tells that something changed with the person, under the talon that it gave."""
    registry = house.outside.state.registry
    talons = [held for held in registry.of(str(errand.application_id)) if not held.recalled]
    if talons:
        what, now = house.chance.choice(list(Circumstance)).value, house.clock.now()
        registry.tell(talons[0], "CHANGED", now, what, f" {number}")


async def check_in(house: House, errand: Errand) -> None:
    """The card's own desk has it in hand, whatever has been told of it."""
    card = house.state(PRODUCTION, errand.application_id)
    officer = next((each for each in place().officers if card.point and each.point == card.point), None)
    if officer is not None:
        headers = {**officer.bearer, "Content-Type": "application/json"}
        with suppress(NotNow):
            body = json.dumps({"act_id": "early"}).encode()
            await house.knock(PRODUCTION, "POST", f"/desk/talons/{card.talon}/check-in", body, headers)


@dataclass(slots=True)
class Meddler:
    """One act now and then, until nothing goes wrong any more. All chance is its own: seeds without it are the same."""

    house: House
    portal: Portal
    acts: int = 0
    said: list[tuple[PortalMessage, UUID]] = field(default_factory=list)

    async def work(self) -> None:
        house = self.house
        ways: list[Callable[[Errand], Awaitable[None]]] = [
            self._files_again, self._signs_again, self._starts_again, self._speaks, self._gives_up_badly,
            self._speaks_for_another, self._garbles, self._pays, self._tells_of_change, self._decides_otherwise,
            self._looks, self._stands_at_the_desk, self._operates,
        ]  # fmt: skip
        while house.luck.meddling and self.acts < MOST:
            await house.clock.sleep(house.chance.expovariate(1 / house.luck.meddling))
            if not house.troubled:
                return
            errands = [each for each in self.portal.errands.values() if each.course != BESIDE]
            if errands:
                self.acts += 1
                try:
                    await house.chance.choice(ways)(house.chance.choice(errands))
                except NotNow:
                    house.chronicle.note("meddler", "was not heard")

    async def _files_again(self, errand: Errand) -> None:
        """Another revision than it is time for."""
        revision = max(1, errand.revision + self.house.chance.choice((1, 1, 2)))
        self.portal.follow(replace(errand, revision=max(errand.revision, revision)), (Fill(revision),))

    async def _signs_again(self, errand: Errand) -> None:
        known = [revision for id, revision in self.portal.forms if id == errand.application_id]
        if known:
            how = self.house.chance.choice((Signing.GOOD, Signing.GOOD, Signing.BROKEN))
            self.portal.follow(errand, (Sign(self.house.chance.choice(known), how, 1000 + self.acts),))

    async def _starts_again(self, errand: Errand) -> None:
        """The same application under another message, or other ones of the same person."""
        start = papers.started(errand, Start(errand.course))
        await self._say(start)
        for number in range(self.house.chance.choice((0, 0, 1, 4))):
            id = uuid5(errand.application_id, f"beside {self.acts} {number}")
            await self._say(start.model_copy(update={"application_id": id}))
            await self.house.clock.sleep(2.0)

    async def _speaks(self, errand: Errand) -> None:
        self.portal.follow(errand, (self.house.chance.choice((Praise(3), Correct())),))

    async def _gives_up_badly(self, errand: Errand) -> None:
        """Without the signature that is needed, or with one over something else."""
        key = place().authority.citizen(errand.citizen.iin)
        cms = b64encode(key.sign(b"something else", self.house.clock.now())).decode()
        await self._say(
            ApplicationWithdrawn(
                application_id=errand.application_id,
                authenticated_iin=Sealed(errand.citizen.iin),
                cms=Sealed(cms) if self.house.chance.random() < 0.7 else None,
            )
        )

    async def _speaks_for_another(self, errand: Errand) -> None:
        """Of an application that is somebody else's, or nobody's."""
        praise = papers.praised(errand, Praise(1))
        stranger = praise.model_copy(update={"authenticated_iin": Sealed(errand.citizen.other_iin)})
        nobody = praise.model_copy(update={"application_id": uuid5(errand.application_id, f"nobody {self.acts}")})
        await self._say(self.house.chance.choice((stranger, nobody)))

    async def _garbles(self, errand: Errand) -> None:
        """A body that does not read, a word that stands for nothing, an id that was used for something else."""
        id = uuid5(errand.application_id, f"garbled {self.acts}")
        body = json.dumps({"application_id": str(errand.application_id), "revision": "?"}).encode()
        key = self.house.chance.choice(("form-filled", "application-danced", "feedback-left"))
        if self.said and key == "feedback-left":
            id = self.house.chance.choice(self.said)[1]
        publisher = self.house.broker.publisher(PORTAL)
        await publisher.publish([Outgoing(id, "portal", key, errand.application_id, body, {})])

    async def _pays(self, errand: Errand) -> None:
        """Money to any invoice that there ever was, of any sum."""
        gateway, chance = self.house.outside.state.gateway_system, self.house.chance
        if not gateway.invoices:
            return
        invoice = chance.choice(list(gateway.invoices.values()))
        how = chance.choice((Paying.RIGHT, Paying.UNDER, Paying.OVER))
        amount = invoice.amount + {Paying.RIGHT: 0, Paying.UNDER: -100, Paying.OVER: 214}.get(how, 0)
        if amount > 0:
            self.portal.follow(errand, (Pay(gateway.page(invoice.id), amount, 1000 + self.acts),))

    async def _tells_of_change(self, errand: Errand) -> None:
        """РП ДРН calls at any moment, also before intake knows the talon."""
        tell_of_change(self.house, errand, self.acts)

    async def _decides_otherwise(self, errand: Errand) -> None:
        """Takes the case, whatever it is, and signs over something that it is not."""
        id = errand.application_id
        officer = self._of("inspector", self.house.state(REVIEW, id).region)
        taken = await self._post(officer, REVIEW, f"/reviews/{id}/take", None)
        if taken is None:
            return
        case = dict(taken["case"])
        case |= self.house.chance.choice(({"round": case["round"] + 1}, {"documentation_code": "0"}, {}))
        moment = self.house.clock.now().replace(microsecond=0)
        body = decision({**taken, "case": case}, BY_CHECKS, officer.id, officer.signatory(place().authority), moment)
        spoiled = case != taken["case"]
        if spoiled:
            wrong = {**body, "decision_id": f"spoiled-{self.acts}"}
            await self._post(officer, REVIEW, f"/reviews/{id}/decision", wrong)
        lease = {"lease_token": taken["lease_token"]}
        await self._post(officer, REVIEW, f"/reviews/{id}/extend", lease)
        if self.house.chance.random() < 0.8:
            await self._post(officer, REVIEW, f"/reviews/{id}/give-back", {**lease, "reason": "a mistake"})

    async def _looks(self, errand: Errand) -> None:
        """Reads what there is to read, of any case and any card."""
        id, card = errand.application_id, self.house.state(PRODUCTION, errand.application_id)
        officer = self._of("inspector", self.house.chance.choice([self.house.state(REVIEW, id).region, None]))
        await self._call(officer, REVIEW, "GET", f"/reviews/{id}", None)
        if card.talon:
            await self._call(self._at(card.point), PRODUCTION, "GET", f"/desk/talons/{card.talon}", None)

    async def _stands_at_the_desk(self, errand: Errand) -> None:
        """Comes for the card before it is there, after it is gone, without being established, to another point."""
        card, chance = self.house.state(PRODUCTION, errand.application_id), self.house.chance
        if not card.talon:
            return
        point = chance.choice((card.point, card.point, other_point(card.point)))
        body = {"act_id": f"meddler-{self.acts}", "person_established": chance.random() < 0.5, "by_proxy": False,
                "old_card_taken": False}  # fmt: skip
        what = chance.choice(("issue", "issue", "check-in"))
        if card.standing == "READY" and what == "issue":
            body["person_established"] = False
        officer, moment = self._at(point), moment_of(self.house.clock.now())
        key = officer.signatory(place().authority)
        signed = signed_hand_over(body, at_the_desk(card), officer.id, key, moment)
        await self._call(officer, PRODUCTION, "POST", f"/desk/talons/{card.talon}/{what}",
                         signed if what == "issue" else {"act_id": body["act_id"]})  # fmt: skip

    async def _operates(self, errand: Errand) -> None:
        """Operations mend what is not broken."""
        what = self.house.chance.choice(("send-again", "remake", "release"))
        service = PAYMENT if what == "release" else PRODUCTION
        path = f"/operations/{'' if service == PAYMENT else 'orders/'}"
        path += f"release/{errand.application_id}" if service == PAYMENT else f"{errand.application_id}/{what}"
        await self._call(self._of("operations", None), service, "POST", path,
                         None if service == PAYMENT else {"act_id": f"meddler-{self.acts}"})  # fmt: skip

    def _of(self, role: str, region: str | None) -> Any:
        every = [each for each in place().officers if role in each.roles]
        return self.house.chance.choice([each for each in every if each.region == region] or every)

    def _at(self, point: str | None) -> Any:
        return next(each for each in place().officers if each.point == point)

    async def _say(self, message: PortalMessage) -> None:
        self.acts += 1
        id = uuid5(message.application_id, f"meddler {self.acts}")
        self.said.append((message, id))
        await self.portal.wires.say(message, id, papers.headers(message, self.house.clock.now()))

    async def _post(self, officer: Any, service: str, path: str, body: Json | None) -> Json | None:
        reply = await self._call(officer, service, "POST", path, body)
        return reply.json if reply is not None and reply.ok else None

    async def _call(self, officer: Any, service: str, method: str, path: str, body: Json | None) -> Any:
        content = json.dumps(body).encode() if body is not None else b""
        headers = {**officer.bearer, **({"Content-Type": "application/json"} if content else {})}
        return await self.house.knock(service, method, path, content, headers)
