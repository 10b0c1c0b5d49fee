"""Server-sent events over a real connection: what a page is told, when a stream ends, and who may open one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import httpx
import pytest

from services.ums_review import acts
from services.ums_review.web.console import HOME
from services.ums_review.web.live import MOST_STREAMS
from shared.contracts.base import Sealed
from tests.engine.house import until
from tests.services.ums_review import cases
from tests.services.ums_review.console import Browser, Desk
from tests.services.ums_review.office import KEYS
from tests.services.ums_review.serving import served_desk

PATIENCE = 60.0
"""Seconds that no event takes."""


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with served_desk(tmp_path) as desk:
        yield desk


class Heard:
    """The events of one stream, as they come."""

    def __init__(self, answer: httpx.Response) -> None:
        self.answer, self._lines, self.last_id = answer, answer.aiter_lines(), ""

    async def next(self, *passing: str) -> str:
        """The name of the next event, signs of life and those in `passing` aside; nothing when the stream has ended."""
        name = ""
        async with asyncio.timeout(PATIENCE):
            async for line in self._lines:
                key, _, value = line.partition(": ")
                name = value if key == "event" else name
                self.last_id = value if key == "id" else self.last_id
                if not line and name and name not in ("beat", *passing):
                    return name
                name = name if line else ""
        return ""


@asynccontextmanager
async def listening(browser: Browser, path: str, last: str = "") -> AsyncIterator[Heard]:
    headers = {"last-event-id": last} if last else {}
    address = f"{browser.desk.at}{path}"
    async with browser.http.stream("GET", address, headers=headers, timeout=PATIENCE) as answer:
        yield Heard(answer)


def events_of(path: str) -> str:
    return f"{HOME}/cases/{path.rpartition('/')[2]}/events"


async def taken(desk: Desk, path: str, id: str = "17") -> None:
    async with httpx.AsyncClient(base_url=desk.at, headers={"authorization": f"Bearer token-{id}"}) as http:
        assert (await http.post(f"{path}/take")).status_code == 200


async def moved(desk: Desk, path: str, by: str = "another replica") -> None:
    """The head takes the case away, by an act that this process's pages do not hear of."""
    act = acts.ReassignReview(
        application_id=UUID(path.rpartition("/")[2]), officer_id="h", officer_region=cases.REGION,
        officer_index=KEYS.blind_index("850101300099"), where=by, at=desk.office.clock.machine_now(), to="18",
        to_index=KEYS.blind_index("850101300018"), reason=Sealed("leave"),
    )  # fmt: skip
    await desk.office.engine.act(act, by)


async def test_who_loses_a_case_is_told_whoever_took_it_away(desk: Desk) -> None:
    path = await desk.office.arrive()
    await taken(desk, path)
    browser = await desk.signed_in("17")
    async with listening(browser, events_of(path)) as heard:
        assert heard.answer.headers["content-type"].startswith("text/event-stream")
        assert heard.answer.headers["cache-control"] == "no-store"
        assert "default-src 'none'" in heard.answer.headers["content-security-policy"]
        assert await heard.next() == "lease", "as soon as it listens the page asks anew"
        await moved(desk, path)
        assert await heard.next() == "lease"
    assert "Дело у сотрудника 18" in (await browser.http.get(f"{desk.at}{events_of(path)[:-7]}/lease")).text


async def test_a_lease_that_is_about_to_run_out_is_told(tmp_path: Path) -> None:
    async with served_desk(tmp_path, review_lease=timedelta(seconds=121)) as desk:
        path = await desk.office.arrive()
        await taken(desk, path)
        browser = await desk.signed_in("17")
        async with listening(browser, events_of(path)) as heard:
            assert [await heard.next(), await heard.next()] == ["lease", "lease"]
        assert 'role="alert"' in (await browser.http.get(f"{desk.at}{events_of(path)[:-7]}/lease")).text


async def test_the_queue_is_told_when_its_counts_change_and_not_before(desk: Desk) -> None:
    path = await desk.office.arrive()
    browser = await desk.signed_in("18")
    other = await desk.signed_in("75", region="75")
    async with listening(browser, f"{HOME}/events") as heard, listening(other, f"{HOME}/events") as elsewhere:
        assert await heard.next() == await elsewhere.next() == "counts", "as soon as they listen"
        await taken(desk, path)
        assert await heard.next() == "counts"
        await desk.office.arrive(2)
        assert await heard.next() == "counts"
        desk.live.close()
        assert await heard.next() == await elsewhere.next() == "", "the other region heard of nothing"
    shown = (await browser.http.get(f"{desk.at}{HOME}/counts?whose=all")).text
    assert 'id="counts"' in shown
    assert "<html" not in shown


async def test_a_browser_that_comes_again_is_told_only_what_it_missed(desk: Desk) -> None:
    path = await desk.office.arrive()
    browser = await desk.signed_in("18")
    async with listening(browser, f"{HOME}/events") as heard:
        assert await heard.next() == "counts"
        await taken(desk, path)
        assert await heard.next() == "counts"
        last = heard.last_id
    await moved(desk, path)
    async with listening(browser, f"{HOME}/events", last) as heard:
        assert await heard.next() == "counts"
        last = heard.last_id
    async with listening(browser, f"{HOME}/events", last) as heard:
        await until(lambda: desk.live.streams == 1)
        desk.live.close()
        assert await heard.next() == ""


async def test_a_stream_ends_with_its_session_and_another_is_not_opened(desk: Desk) -> None:
    path = await desk.office.arrive()
    browser = await desk.signed_in("17")
    async with listening(browser, events_of(path)) as heard:
        assert await heard.next() == "lease"
        await desk.sessions.end("session-17", desk.office.clock.machine_now())
        assert [await heard.next(), await heard.next()] == ["session", ""]
    async with listening(browser, events_of(path)) as refused:
        assert refused.answer.status_code == 401
    await until(lambda: desk.live.streams == 0)


async def test_a_stream_keeps_no_session_alive(desk: Desk) -> None:
    browser = await desk.signed_in("17")
    before = [live.seen_at for live in await desk.sessions.of("17", desk.office.clock.machine_now())]
    async with listening(browser, f"{HOME}/events") as heard:
        async with asyncio.timeout(PATIENCE):
            async for line in heard.answer.aiter_lines():
                if line == "event: beat":
                    break
        assert [live.seen_at for live in await desk.sessions.of("17", desk.office.clock.machine_now())] == before


async def test_an_officer_has_so_many_streams_and_the_oldest_makes_room(desk: Desk) -> None:
    browser, other = await desk.signed_in("17"), await desk.signed_in("18")
    async with listening(other, f"{HOME}/events"), listening(browser, f"{HOME}/events") as oldest:
        await until(lambda: desk.live.streams == 2)
        for more in range(MOST_STREAMS - 1):
            await opened(desk, browser, more + 3)
        assert desk.live.streams == MOST_STREAMS + 1
        await opened(desk, browser, MOST_STREAMS + 1)
        assert [await oldest.next("counts"), await oldest.next()] == ["enough", ""]


async def opened(desk: Desk, browser: Browser, streams: int) -> None:
    """One more, open for as long as its desk is."""
    request = browser.http.build_request("GET", f"{desk.at}{HOME}/events", timeout=PATIENCE)
    answer = await browser.http.send(request, stream=True)
    assert answer.status_code == 200
    await until(lambda: desk.live.streams >= streams)


async def test_who_goes_away_is_forgotten(desk: Desk) -> None:
    browser = await desk.signed_in("17")
    async with listening(browser, f"{HOME}/events"):
        await until(lambda: desk.live.streams == 1)
    await until(lambda: desk.live.streams == 0)


async def test_a_process_that_stops_is_not_held_up(tmp_path: Path) -> None:
    async with served_desk(tmp_path) as desk:
        browser = await desk.signed_in("17")
        async with listening(browser, f"{HOME}/events") as heard:
            assert await heard.next() == "counts"
            desk.live.close()
            assert await heard.next() == "", "without a word: the browser comes again, to whoever serves then"
        async with listening(browser, f"{HOME}/events") as late:
            assert await late.next("counts") == ""


async def test_the_case_of_another_region_is_not_listened_to(desk: Desk) -> None:
    path = await desk.office.arrive()
    browser = await desk.signed_in("75", region="75")
    async with listening(browser, events_of(path)) as refused:
        assert refused.answer.status_code == 403
    assert ("officer:75", "extend-lease", "OTHER_REGION") in desk.office.audits(path)
    assert desk.live.streams == 0
