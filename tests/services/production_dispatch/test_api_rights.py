"""Every call of the desk's API × every role × own and other point, generated from the calls themselves."""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest

from services.production_dispatch.routes import CARD, at_the_desk, for_operations
from shared.security.evidence import KeptSignature
from shared.web.officers import Role
from shared.web.openapi import Endpoint
from tests.services.production_dispatch import cases, counter
from tests.services.production_dispatch.counter import BIN, SEALER, Counter, counter_in

POINTS = {"own": cases.POINT, "other": cases.ELSEWHERE}
MAY = {
    "/desk": (Role.ISSUE,),
    "/operations": (Role.OPERATIONS,),
    "/registers": (Role.OPERATIONS, Role.AUDITOR, Role.HEAD, Role.ISSUE),
}


@pytest.fixture
async def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Counter]:
    async with counter_in(tmp_path) as desk:
        accounts = [
            {"id": f"{role}-{where}", "iin": f"8501013{number:05}", "bin": BIN, "region": cases.REGION, "point": point,
             "roles": [role], "token_sha256": hashlib.sha256(f"token-{role}-{where}".encode()).hexdigest()}
            for number, role in enumerate(Role) for where, point in POINTS.items()
        ]  # fmt: skip
        for account in accounts:
            monkeypatch.setitem(counter.IINS, str(account["id"]), str(account["iin"]))
        (tmp_path / "officers.json").write_text(json.dumps(accounts))
        yield desk


def calls(desk: Counter) -> tuple[Endpoint, ...]:
    return (*at_the_desk(desk.office), *for_operations(desk.office))


async def test_every_call_lets_in_its_own_roles_of_the_point_and_nobody_else(desk: Counter) -> None:
    id = await desk.at_its_point()
    for call in calls(desk):
        for role in Role:
            for where in POINTS:
                who = f"{role}-{where}"
                answer = await knock(desk, call, who, id)
                seen = (call.method, call.path, who, answer.status_code)
                if role not in next(roles for start, roles in MAY.items() if call.path.startswith(start)):
                    assert (answer.status_code, answer.json()["code"]) == (403, "ROLE"), seen
                elif call.path.startswith(CARD) and where == "other":
                    assert (answer.status_code, answer.json()["code"]) == (403, "OTHER_POINT"), seen
                    assert (desk.audits(id)[-1][0], desk.audits(id)[-1][2]) == (f"officer:{who}", "OTHER_POINT"), seen
                    assert cases.CITIZEN not in answer.text, seen
                else:
                    assert answer.status_code not in (401, 403, 422), seen
                    assert answer.status_code < 500, seen
    assert (desk.state(id).standing, desk.state(id).issued_by) == ("ISSUED", "issue-own")
    assert len(desk.tables.rows_of(KeptSignature, SEALER)) == 1


async def test_without_a_known_token_no_call_answers(desk: Counter) -> None:
    id = await desk.at_its_point()
    for call in calls(desk):
        for who in ("nobody", ""):
            assert (await knock(desk, call, who, id)).status_code == 401, call.path


async def knock(desk: Counter, call: Endpoint, who: str, id: UUID) -> httpx.Response:
    """The call as that account, its body whole; a hand-over bears the account's own good signature."""
    bodies: dict[str, dict[str, Any]] = {"ActBegun": {"act_id": who}, "CardHandedOver": desk.handed(id, who)}
    target = call.path.replace("{talon}", "talon-1").replace("{id:uuid}", str(id))
    target = target.replace("{kind}", "sent").replace("{place}", cases.REGION).replace("{day}", "2025-10-06")
    async with desk.caller(who) as http:
        return await http.request(call.method, target, json=bodies[call.body.__name__] if call.body else None)
