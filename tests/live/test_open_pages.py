"""A page that listens (server-sent events) to a process that is told to stop."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest

from services.ums_review.web.console import HOME
from shared.process import REVIEW
from shared.web.gate import SESSION
from shared.web.sessions import digest
from tests.live.house import House

pytestmark = pytest.mark.live
COOKIE = "a-page-that-listens"
BEGIN = """
insert into ums_review.web_session (id_sha256, officer_id, region, roles, csrf, started_at, seen_at)
values ($1, $2, $3, '{inspector}', 'proof', $4, $4)
"""


async def test_an_orderly_stop_ends_every_stream_whole_and_the_next_incarnation_takes_them_up(house: House) -> None:
    """Whoever held the stop up would be cut off in the midst of an answer, which the client would call an error."""
    officer = next(officer for officer in house.officers if "inspector" in officer.roles)
    await house.connection.execute(BEGIN, digest(COOKIE), officer.id, officer.region, datetime.now(UTC))
    address, headers = f"{house.stage.url(REVIEW)}{HOME}/events", {"cookie": f"{SESSION}={COOKIE}"}
    async with house.http.stream("GET", address, headers=headers) as answer:
        assert answer.status_code == 200
        lines = answer.aiter_lines()
        while await anext(lines) != "event: counts":
            pass
        stopping = asyncio.create_task(house.stack.processes.stop(REVIEW))
        rest = [line async for line in lines]
        await stopping
    assert "event: enough" not in rest
    await house.stack.processes.restart(REVIEW)
    async with house.http.stream("GET", address, headers=headers) as answer:
        assert answer.status_code == 200
