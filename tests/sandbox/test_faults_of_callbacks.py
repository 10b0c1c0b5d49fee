"""Every switched fault of a call-back over real HTTP, at the doors that the services have: refused, and told again."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from deploy.sandbox import keys
from deploy.sandbox.callbacks import Callbacks
from deploy.sandbox.faults import Fault
from deploy.sandbox.http import Systems
from deploy.sandbox.systems.ground import Callback
from deploy.sandbox.systems.rpdrn import status_push, status_report
from shared.gateways.letters import Letter
from shared.gateways.mailbox import NotTaken
from shared.gateways.transport import client
from shared.web.problems import Problem
from shared.web.signed import signed_with
from tests.engine.house import until
from tests.gateways.wire import mailbox, sandbox
from tests.sandbox.crowds import NOW
from tests.sandbox.listening import listening

APPLICATION = "b6f9bd6e-0000-4000-8000-000000000001"
PUSHED = status_push("m-1", "r-1", status_report(APPLICATION, "t", "CHANGED", NOW, "DEATH"), NOW)
PAID = Callback("payment", "/callbacks/payment", {"callback_id": "c-1", "invoice_id": "i"}, "gateway.key", NOW)


def told(what: str, id: str) -> Callback:
    body = {"callback_id": id, "order_id": "o", "what": what}
    return Callback("production-dispatch", "/callbacks/production", body, "production.key", NOW)


@dataclass
class Doors:
    """What was taken, what was refused and why; and who sends."""

    systems: Systems
    folder: Path
    letters: list[Letter] = field(default_factory=list)
    bodies: list[dict[str, Any]] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    sender: Callbacks = field(init=False)

    def app(self) -> Starlette:
        routes = [Route("/shep/async", self._push, methods=["POST"])]
        for path, key in (("payment", "gateway.key"), ("production", "production.key")):
            check = signed_with(self.folder / key)
            routes.append(Route(f"/callbacks/{path}", self._signed(check), methods=["POST"]))
        return Starlette(routes=routes)

    async def _push(self, request: Request) -> Response:
        door = mailbox(self.systems.clock)
        try:
            letter = await door.open(await request.body())
        except NotTaken as no:
            self.refused.append(no.code)
            return Response(await door.refusal(no), 500, media_type="text/xml")
        self.letters.append(letter)
        return Response(await door.receipt(letter), media_type="text/xml")

    def _signed(self, check: Any) -> Any:
        async def take(request: Request) -> Response:
            body = await request.body()
            try:
                check(request, body)
            except Problem as no:
                self.refused.append(str(no.status))
                return no.response()
            self.bodies.append(json.loads(body))
            return Response(status_code=204)

        return take

    async def tell(self, callback: Callback, **wrong: Any) -> None:
        """Until it is heard, while its system goes wrong so."""
        self.systems.faults.switch(Fault(system=callback.system, **wrong))
        await asyncio.wait_for(self.sender.deliver(callback, pause=0.05), 10)

    async def tell_until_refused(self, callback: Callback, **wrong: Any) -> None:
        """It goes wrong until the first refusal, then no more; the same call-back is heard in the end."""
        self.systems.faults.switch(Fault(system=callback.system, **wrong))
        telling = asyncio.create_task(self.sender.deliver(callback, pause=0.05))
        await until(lambda: bool(self.refused))
        self.systems.faults.heal()
        await asyncio.wait_for(telling, 10)


@pytest.fixture
async def doors(tmp_path: Path) -> AsyncIterator[Doors]:
    keys.write(tmp_path)
    found = Doors(sandbox(), tmp_path)
    async with listening(found.app()) as base, client(timeout=5.0) as http:
        services = dict.fromkeys(("intake", "payment", "production-dispatch"), base)
        found.sender = Callbacks(found.systems, http, tmp_path, services)
        yield found


@pytest.mark.parametrize(
    ("wrong", "code"), [({"wrong_signature_rate": 1}, "BadSignature"), ({"truncated_rate": 1}, "Unreadable")]
)
async def test_a_spoiled_push_is_refused_for_its_own_reason_and_comes_again_whole(
    doors: Doors, wrong: dict[str, Any], code: str
) -> None:
    await doors.tell_until_refused(PUSHED, **wrong)
    assert set(doors.refused) == {code}
    assert [(letter.id, letter.data["reasonCode"]) for letter in doors.letters] == [("m-1", "DEATH")]
    assert doors.sender.sent == {"m-1"}


@pytest.mark.parametrize("wrong", [{"wrong_signature_rate": 1}, {"truncated_rate": 1}])
async def test_a_forged_or_broken_call_back_about_money_is_refused_and_comes_again_whole(
    doors: Doors, wrong: dict[str, Any]
) -> None:
    await doors.tell_until_refused(PAID, **wrong)
    assert set(doors.refused) == {"401"}
    assert doors.bodies == [PAID.body]
    spoilt = "wrong signature: 401" if "wrong_signature_rate" in wrong else "truncated: 401"
    assert doors.systems.exchanges.tally("callbacks")[spoilt] == len(doors.refused)


async def test_a_push_comes_twice_under_one_message_id(doors: Doors) -> None:
    await doors.tell(PUSHED, duplicate_rate=1)
    assert [letter.id for letter in doors.letters] == ["m-1", "m-1"]


async def test_a_call_back_comes_twice_under_one_id(doors: Doors) -> None:
    await doors.tell(PAID, duplicate_rate=1)
    assert doors.bodies == [PAID.body] * 2


async def test_a_late_call_back_is_late_by_so_much(doors: Doors) -> None:
    began = asyncio.get_running_loop().time()
    await doors.tell(PAID, late=0.3)
    assert asyncio.get_running_loop().time() - began >= 0.3
    assert doors.bodies == [PAID.body]


async def test_after_a_status_comes_an_older_one_under_another_id(doors: Doors) -> None:
    await doors.tell(PUSHED, stale_rate=1)
    newer, older = doors.letters
    assert newer.id == "m-1" != older.id
    moments = [datetime.fromisoformat(each.data["statusDate"]) for each in (newer, older)]
    assert moments[0] - moments[1] == timedelta(hours=1)


async def test_after_a_call_back_comes_the_one_before_it_about_the_same_thing(doors: Doors) -> None:
    for what, id in (("MADE", "c-1"), ("SHIPPED", "c-2")):
        await doors.tell(told(what, id), stale_rate=1 if what == "SHIPPED" else 0)
    assert [body["what"] for body in doors.bodies] == ["MADE", "SHIPPED", "MADE"]
    assert [body["callback_id"] for body in doors.bodies] == ["c-1", "c-2", "c-1"]


async def test_while_its_system_is_down_nothing_is_told_and_nothing_is_lost(doors: Doors) -> None:
    doors.systems.faults.switch(Fault(system="payment-gateway", outage=True))
    telling = asyncio.create_task(doors.sender.deliver(PAID, pause=0.02))
    await doors.tell(told("MADE", "c-9"))
    await until(lambda: doors.systems.exchanges.tally("callbacks")["failed"] >= 3)
    assert [body["callback_id"] for body in doors.bodies] == ["c-9"]
    doors.systems.faults.heal()
    await asyncio.wait_for(telling, 10)
    assert [body["callback_id"] for body in doors.bodies] == ["c-9", "c-1"]


async def test_all_call_backs_and_those_of_one_system_go_wrong_together(doors: Doors) -> None:
    doors.systems.faults.switch(Fault(system="callbacks", late=0.2, services=("payment",)))
    began = asyncio.get_running_loop().time()
    await doors.tell(PAID, late=0.2)
    assert asyncio.get_running_loop().time() - began >= 0.4
