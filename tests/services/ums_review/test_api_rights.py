"""Every call of the officers' API × every role × own and other region, generated from the calls themselves."""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from services.ums_review.routes import CASE, calls
from shared.web.officers import Role
from shared.web.openapi import Endpoint
from tests.services.ums_review import cases, office
from tests.services.ums_review.office import BIN, Office, office_in

REGIONS = {"own": cases.REGION, "other": "75"}
MOMENT = "2025-10-06T10:00:00+05:00"
MAY = (Role.INSPECTOR, Role.HEAD)


@pytest.fixture
async def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Office]:
    async with office_in(tmp_path) as desk:
        accounts = [
            {"id": f"{role}-{where}", "iin": f"8501013{number:05}", "bin": BIN, "region": region, "point": None,
             "roles": [role], "token_sha256": hashlib.sha256(f"token-{role}-{where}".encode()).hexdigest()}
            for number, role in enumerate(Role) for where, region in REGIONS.items()
        ]  # fmt: skip
        for account in accounts:
            monkeypatch.setitem(office.IINS, str(account["id"]), str(account["iin"]))
        (tmp_path / "officers.json").write_text(json.dumps(accounts))
        yield desk


async def test_every_call_lets_in_its_own_roles_of_the_region_and_nobody_else(desk: Office) -> None:
    path = await desk.arrive()
    for call in calls(desk.room):
        for role in Role:
            for where in REGIONS:
                before = refusals(desk, path)
                answer = await knock(desk, call, f"{role}-{where}", path)
                seen = (call.method, call.path, role, where, answer.text)
                if role not in MAY:
                    assert (answer.status_code, answer.json()["code"]) == (403, "ROLE"), seen
                elif call.path.startswith(CASE) and where == "other":
                    assert (answer.status_code, answer.json()["code"]) == (403, "OTHER_REGION"), seen
                    assert refusals(desk, path) == [*before, (f"officer:{role}-{where}", "OTHER_REGION")], seen
                else:
                    assert answer.status_code not in (401, 403, 422), seen
                    assert answer.status_code < 500, seen
                if where == "other":
                    assert cases.TALON not in answer.text, seen


async def test_without_a_known_token_no_call_answers(desk: Office) -> None:
    path = await desk.arrive()
    for call in calls(desk.room):
        for id in ("nobody", ""):
            assert (await knock(desk, call, id, path)).status_code == 401, call.path


def refusals(desk: Office, path: str) -> list[tuple[str, str]]:
    return [(who, result) for who, _, result in desk.audits(path) if result == "OTHER_REGION"]


async def knock(desk: Office, call: Endpoint, id: str, path: str) -> httpx.Response:
    """The call as that account, its body whole; a decision bears the account's own good signature."""
    bodies: dict[str, dict[str, Any]] = {
        "LeaseHeld": {"lease_token": "none"},
        "CaseGivenBack": {"lease_token": "none", "reason": "why"},
        "CaseWanted": {"wanted": cases.TALON},
        "DecisionUndone": {"decision_id": "d-1"},
        "SecondWordSigned": {"decision_id": "d-1", "agrees": True, "decided_at": MOMENT, "cms": "AA=="},
        "DecisionSigned": desk.decision(path, "none", signer=id if id in office.IINS else "17"),
    }
    target = call.path.replace(CASE, path)
    body = bodies[call.body.__name__] if call.body else None
    async with desk.caller(id) as http:
        return await http.request(call.method, target, json=body)
