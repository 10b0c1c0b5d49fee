"""A case whose rows are deleted in the database is found within thirty seconds of its budget, and driven to its end."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest

from deploy.demo.play import FIRST
from deploy.local import layout
from shared.process import COORDINATOR, PORTAL
from tests.live.house import House, opened, until
from tests.servers import temporary_folder

pytestmark = pytest.mark.live

BUDGET, FOUND_WITHIN = 10, 30  # seconds
PERSONA = "issued-paid"
LINES = "select what, name, detail, at from saga_coordinator.timeline where application_id = $1 order by seq"


@pytest.fixture(scope="module")
async def house() -> AsyncIterator[House]:
    """Its own stack, with a budget that a test can wait for."""
    with temporary_folder() as folder:
        folder.release()
        async with opened(folder, {"KUALIK_BUDGETS": json.dumps({"registered": BUDGET})}) as house:
            yield house


@pytest.fixture(scope="module")
async def lost(house: House) -> tuple[UUID, UUID]:
    """Two applications whose ask of АИС СИК is deleted while it waits; of the second, what watches it as well."""
    await house.stage.set_clock(FIRST)
    wanted = {"seed": "healing", "today": FIRST.date().isoformat(), "count": 2, "personas": [PERSONA]}
    for name in (layout.SANDBOX, PORTAL):
        (await house.http.post(f"{house.stage.url(name)}/control/people", json=wanted)).raise_for_status()
    await house.stage.fault("aissik")
    assert await house.stage.start([PERSONA]) == 2
    ids = [UUID(row["application_id"]) for row in await house.stage.applications()]

    async def both_are_told_of() -> bool:
        found = [line for id in ids for line in await lines(house, id) if line["what"] == "attempt"]
        return len({line["application_id"] for line in found if "aissik" in line["detail"]}) == 2

    assert await until(both_are_told_of, 90)
    first, second = ids
    await house.connection.execute("delete from payment.due where application_id = any($1::uuid[])", ids)
    await house.connection.execute("delete from saga_coordinator.due where application_id = $1", second)
    await house.stage.heal()
    return first, second


async def lines(house: House, id: UUID) -> list[dict[str, Any]]:
    return [{**dict(row), "application_id": id} for row in await house.connection.fetch(LINES, id)]


async def moment_of(house: House, id: UUID, what: str, name: str) -> datetime:
    at: datetime = next(line["at"] for line in await lines(house, id) if (line["what"], line["name"]) == (what, name))
    return at


async def has_ended(house: House, id: UUID) -> bool:
    rows = await house.stage.applications()
    return any(row["application_id"] == str(id) and row["ending"] == "issued" for row in rows)


def officer(house: House) -> dict[str, str]:
    return next(account.bearer for account in house.officers if "operations" in account.roles)


async def test_a_case_whose_ask_was_deleted_is_found_shown_with_why_and_driven_to_its_end(
    house: House, lost: tuple[UUID, UUID]
) -> None:
    id, _ = lost

    async def is_stuck() -> bool:
        return any(line["what"] == "stuck" for line in await lines(house, id))

    assert await until(is_stuck, BUDGET + 2 * FOUND_WITHIN)
    registered = await moment_of(house, id, "heard", "application-registered")
    found_after = (await moment_of(house, id, "stuck", "registered") - registered).total_seconds()
    print(f"found {found_after:.1f} s after the registration, with a budget of {BUDGET} s")
    assert BUDGET <= found_after <= BUDGET + FOUND_WITHIN
    (stuck,) = (line for line in await lines(house, id) if line["what"] == "stuck")
    assert stuck["detail"].startswith("aissik: UNAVAILABLE")
    assert await until(lambda: has_ended(house, id), 120, every=1.0)


async def test_a_case_that_lost_its_watch_too_is_listed_and_goes_on_when_operations_drive_it(
    house: House, lost: tuple[UUID, UUID]
) -> None:
    _, id = lost
    url, bearer = house.stage.url(COORDINATOR), officer(house)
    listed = (await house.http.get(f"{url}/operations/stuck", headers=bearer)).json()
    assert [case["application_id"] for case in listed["unwatched"]] == [str(id)]
    act = {"act_id": "live-1", "reason": "its rows were deleted"}
    answer = await house.http.post(f"{url}/operations/cases/{id}/drive", json=act, headers=bearer)
    assert answer.status_code == 202, answer.text
    assert await until(lambda: has_ended(house, id), 120, every=1.0)
    found = (await house.http.get(f"{url}/cases/{id}/timeline", headers=bearer)).json()["lines"]
    assert [line["name"] for line in found if line["kind"] == "act"] == ["drive-case"]
    assert {line["trace_id"] for line in found} == {id.hex}
