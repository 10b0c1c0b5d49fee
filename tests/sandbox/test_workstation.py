"""The stood-in workstation: the feed says when to look, what is signed goes as a message, an answer is waited for."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest

from deploy.sandbox import keys, workstation
from deploy.sandbox.__main__ import workstations
from deploy.sandbox.authority import Authority
from deploy.sandbox.http import Systems
from deploy.sandbox.settings import SandboxSettings
from deploy.sandbox.staffing import Staffing
from deploy.sandbox.workstation import Workstation
from shared.clock import SeededIds
from shared.contracts.base import read, routing_key, write
from shared.contracts.ums_review import ReviewQueued
from shared.contracts.workstation import DecisionRefused, DecisionSigned, DecisionTaken
from shared.engine.rows import Fate, Outgoing
from shared.security import keyring
from shared.security.keyring import Keyring
from shared.security.sealing import KeyringSealer, PortalSealer
from tests.sandbox.crowds import NOW, person, state_of
from tests.sandbox.test_staffing import Office

KEYS = Keyring.derived(b"workstation")
OPENS = KeyringSealer(KEYS, SeededIds(1).nonce, lambda: "2026-01")
ID, REGION = UUID(int=7), "71"
LINE = {"application_id": str(ID), "round": 1, "standing": "QUEUED"}


class Broker:
    """It takes everything, or nothing."""

    def __init__(self) -> None:
        self.rows: list[Outgoing] = []
        self.up = True

    async def publish(self, rows: Sequence[Outgoing]) -> list[Fate]:
        self.rows += rows if self.up else ()
        return [Fate.CONFIRMED if self.up else Fate.FAILED] * len(rows)


class Bench:
    """An inspector of the region at their workstation."""

    def __init__(self, http: httpx.AsyncClient, folder: Path) -> None:
        self.broker, self.notes = Broker(), list[str]()
        sealer = PortalSealer(KEYS.portal_public(), SeededIds(2).nonce)
        self.station = Workstation(REGION, self.broker, sealer, self.notes.append)
        systems = Systems(state_of(person("issued-paid")))
        accounts = keys.write(folder)
        self.officer = next(each for each in accounts if each.region == REGION)
        self.staffing = Staffing(
            systems, http, Authority(NOW, b"staff"), accounts, "http://office", "http://office",
            stations={REGION: self.station},
        )  # fmt: skip

    async def work(self) -> int:
        return await self.staffing.review_once(self.officer)

    def brings(self, said: ReviewQueued | DecisionTaken | DecisionRefused) -> None:
        self.station.hear(f"{routing_key(said)}.{REGION}", write(said))

    def said(self) -> list[DecisionSigned]:
        return [read(DecisionSigned, row.body, ID, OPENS) for row in self.broker.rows]


QUEUED = ReviewQueued(application_id=ID, region=REGION, talon="t", round=1, due_on=NOW.date())
TAKEN = DecisionTaken(application_id=ID, region=REGION, decision_id="d", round=1, undo_until=NOW)
REFUSED = DecisionRefused(application_id=ID, region=REGION, decision_id="d", code="LEASE_LOST")


@pytest.fixture
def office() -> Office:
    return Office()


@pytest.fixture
def bench(office: Office, tmp_path: Path) -> Bench:
    http = httpx.AsyncClient(transport=httpx.ASGITransport(office.app()))
    return Bench(http, tmp_path)


async def test_an_empty_queue_is_looked_at_again_only_when_the_feed_brings_a_case(office: Office, bench: Bench) -> None:
    assert await bench.work() == 0
    office.reviews = [LINE]
    assert await bench.work() == 0, "nobody has told of it"
    bench.brings(QUEUED)
    assert await bench.work() == 1


async def test_what_waited_before_the_feed_was_heard_is_found_at_the_start(office: Office, bench: Bench) -> None:
    office.reviews = [LINE]
    assert await bench.work() == 1


async def test_a_decision_is_published_sealed_under_its_lease_and_not_called(office: Office, bench: Bench) -> None:
    office.reviews = [LINE]
    await bench.work()
    (row,) = bench.broker.rows
    assert (row.exchange, row.routing_key, row.application_id) == ("workstation", f"decision-signed.{REGION}", ID)
    (said,) = bench.said()
    assert (said.lease_token, said.officer_id, said.decision) == ("l", bench.officer.id, "APPROVE")
    assert said.cms.value.encode() not in row.body
    assert office.acts == []


async def test_until_it_is_answered_nothing_is_said_twice_and_a_refusal_is_decided_anew(
    office: Office, bench: Bench
) -> None:
    office.reviews = [LINE]
    assert [await bench.work(), await bench.work()] == [1, 0]
    bench.brings(REFUSED)
    assert await bench.work() == 1
    bench.brings(TAKEN)
    office.reviews = []
    assert await bench.work() == 0
    assert bench.notes == ["LEASE_LOST", "taken"]


async def test_what_the_broker_did_not_take_or_nobody_answers_is_decided_anew(
    office: Office, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.reviews = [LINE]
    bench.broker.up = False
    assert [await bench.work(), len(bench.broker.rows)] == [0, 0]
    bench.broker.up = True
    monkeypatch.setattr(workstation, "PATIENCE", 0.0)
    assert [await bench.work(), await bench.work()] == [1, 1]


async def test_a_queue_that_cannot_be_read_is_looked_at_again(office: Office, bench: Bench) -> None:
    async def fails(_: httpx.Request) -> httpx.Response:
        return httpx.Response(503)

    http, bench.staffing.http = bench.staffing.http, httpx.AsyncClient(transport=httpx.MockTransport(fails))
    with pytest.raises(httpx.HTTPStatusError):
        await bench.work()
    bench.staffing.http, office.reviews = http, [LINE]
    assert await bench.work() == 1


@pytest.mark.parametrize(
    ("key", "body"), [("fee-paid", b"{}"), ("review-queued.71", b"{"), ("decision-taken.71", b"{}")]
)
def test_what_does_not_read_is_no_message_of_a_feed(bench: Bench, key: str, body: bytes) -> None:
    with pytest.raises(ValueError):
        bench.station.hear(key, body)


async def test_only_regions_whose_inspectors_are_stood_in_for_are_played(bench: Bench, tmp_path: Path) -> None:
    """Another party's feed is not emptied by us: 10 has no officers here, 71 is left to people."""
    keyring.generate(tmp_path)
    urls: dict[str, Any] = {region: f"amqp://127.0.0.1:1/{region}" for region in ("71", "75", "10")}
    settings = SandboxSettings(key_folder=tmp_path, workstation_urls=urls)
    assert list(workstations(settings, bench.staffing)) == ["71", "75"]
    bench.staffing.left_to_people = "71"
    assert list(workstations(settings, bench.staffing)) == ["75"]
    assert workstations(SandboxSettings(key_folder=tmp_path), bench.staffing) == {}
