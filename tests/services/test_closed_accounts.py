"""An account that an administrator has closed: console, issue desk and both JSON APIs know it no more, at once."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from services.production_dispatch.web.counter import HOME as ISSUE_DESK
from services.ums_review.web.console import HOME as CONSOLE
from tests.services.production_dispatch.counter import DESK
from tests.services.production_dispatch.house import house_in
from tests.services.ums_review.console import desk_in

Knock = Callable[[], Awaitable[int]]
OFFICER = "17"


def say(folder: Path, id: str, **said: Any) -> None:
    """What the issuer writes of one account."""
    path = folder / "officers.json"
    rows = json.loads(path.read_text())
    path.write_text(json.dumps([{**row, **(said if row["id"] == id else {})} for row in rows]))


async def closed_and_opened(folder: Path, id: str, page: Knock, call: Knock) -> None:
    assert (await page(), await call()) == (200, 200)
    say(folder, id, active=False)
    assert (await page(), await call()) == (401, 401)
    say(folder, id, active=True)
    assert (await page(), await call()) == (200, 200)


def calls(client: httpx.AsyncClient, path: str) -> Knock:
    async def call() -> int:
        return (await client.get(path)).status_code

    return call


async def test_console_and_its_api_refuse_a_closed_account(tmp_path: Path) -> None:
    async with desk_in(tmp_path) as desk, desk.office.caller(OFFICER) as api:
        browser = await desk.signed_in(OFFICER)
        await closed_and_opened(
            tmp_path, OFFICER, calls(browser.http, f"{desk.at}{CONSOLE}"), calls(api, "/reviews"),
        )  # fmt: skip


async def test_issue_desk_and_its_api_refuse_a_closed_account(tmp_path: Path) -> None:
    async with house_in(tmp_path) as house, house.counter.caller(DESK) as api:
        browser = await house.signed_in(DESK)
        await closed_and_opened(
            tmp_path, DESK, calls(browser.http, f"{house.at}{ISSUE_DESK}"), calls(api, "/desk/cards"),
        )  # fmt: skip


@pytest.mark.parametrize(("later", "status"), [(timedelta(0), 401), (timedelta(seconds=-1), 200)])
async def test_a_session_is_over_that_had_begun_when_all_were_ended(
    tmp_path: Path, later: timedelta, status: int
) -> None:
    async with desk_in(tmp_path) as desk:
        browser = await desk.signed_in(OFFICER)
        began = desk.sessions.kept[f"session-{OFFICER}"][0].started_at
        say(tmp_path, OFFICER, sessions_from=(began + later).isoformat())
        assert (await browser.open(CONSOLE)).status_code == status
