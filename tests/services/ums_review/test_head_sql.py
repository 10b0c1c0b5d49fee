"""The head's numbers in PostgreSQL: of the region and the period alone, by the indexes that serve them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from services.ums_review.app import SERVICE
from services.ums_review.notes import SignedDecision
from services.ums_review.review import Registration, Review, Standing, Submission, Verdict
from services.ums_review.seconding import SecondEyes
from services.ums_review.web.tallies import _BARRED, Annulled, Barred, Decided, SqlTallies
from shared.clock import SeededIds
from shared.contracts.base import Sealed
from shared.contracts.ums_review import Choice
from shared.engine.adapters.postgres import PostgresStore, connect
from shared.engine.service import Audited
from tests.servers import Servers
from tests.services.ums_review.office import SEALER

pytestmark = pytest.mark.live
NOW = datetime(2025, 10, 8, 5, 0, tzinfo=UTC)
MONDAY = datetime(2025, 10, 5, 19, 0, tzinfo=UTC)
"""Midnight of Almaty."""


def decided(
    number: int, choice: str, at: datetime, officer: str = "17", region: str = "71", round: int = 1, *reasons: str
) -> SignedDecision:
    ground = "PHOTO" if choice == "ANNUL" else ""
    return SignedDecision(
        UUID(int=number), f"d{number}-{round}", round, choice, ground, reasons, officer, region, "l", at, "a" * 64,
        Sealed("Y21z"),
    )  # fmt: skip


def barred(number: int, officer: str) -> Audited:
    return Audited(UUID(int=number), f"officer:{officer}", "10.0.0.7", "take-review", "SAME_ADDRESS")


async def test_numbers_are_of_the_region_and_the_period(servers: Servers) -> None:
    address, passwords = await servers.new_database("ums_review")
    pool = await connect(address.url("ums_review", passwords["ums_review"]), SERVICE)
    waiting = Review(
        UUID(int=1), standing=Standing.QUEUED, round=1, region="71", talon="t-1", queued_at=NOW, iin_index="someone",
        due_on=date(2025, 10, 10), warned=70,
        submission=Submission(revision=1, received_on=date(2025, 10, 6), canonical_sha256="e" * 64),
        registration=Registration(talon="t-1", documentation_code="071-55", registered_on=date(2025, 10, 7)),
    )  # fmt: skip
    until = NOW + timedelta(minutes=5)
    held = Verdict(
        decision_id="d", round=1, choice=Choice.ANNUL, officer_id="17", region="71", lease_token="l", decided_at=NOW,
        signed_at=NOW, undo_until=NOW, payload_sha256="a" * 64, cms=Sealed("Y21z"), second=True,
    )  # fmt: skip
    signed = replace(waiting, standing=Standing.SIGNED, verdict=held, due_on=date(2025, 10, 13))
    states = [
        waiting,
        replace(waiting, application_id=UUID(int=2), due_on=date(2025, 10, 9), lease_officer="18", lease_until=until),
        replace(waiting, application_id=UUID(int=3), region="75"),
        replace(waiting, application_id=UUID(int=4), iin_index="me"),
        replace(waiting, application_id=UUID(int=5), standing=Standing.APPROVED),
        replace(signed, application_id=UUID(int=6)),
        replace(signed, application_id=UUID(int=7), verdict=held.model_copy(update={"seconded_by": "18"})),
    ]
    week = timedelta(weeks=1)
    made = [
        decided(11, "APPROVE", MONDAY), decided(11, "ANNUL", MONDAY + week, "18", "71", 2, "PHOTO_BLURRED"),
        decided(12, "ANNUL", MONDAY - timedelta(seconds=1), "17", "71", 1, "PHOTO_EYES"),
        decided(13, "ANNUL", MONDAY + timedelta(days=6), "17", "71", 1, "PHOTO_BLURRED", "PHOTO_EYES"),
        decided(14, "ANNUL", MONDAY, "17", "75", 1, "PHOTO_EYES"), decided(15, "APPROVE", MONDAY + 2 * week),
    ]  # fmt: skip
    async with PostgresStore(pool, SERVICE, SEALER, SeededIds(1)).transaction() as transaction:
        await transaction.load({state.application_id for state in states})
        await transaction.save({state.application_id: state for state in states})
        await transaction.append(made, NOW)
        tried = [(1, "18"), (2, "17"), (3, "18"), (4, "17"), (1, "17")]
        await transaction.append([barred(*each) for each in tried], NOW)
        await transaction.append([Audited(UUID(int=1), "officer:17", "10.0.0.7", "take-review", "DECIDED")], NOW)
        await transaction.append([SecondEyes(UUID(int=9), "71", wanted, "h") for wanted in (False, True)], NOW)
    tallies = SqlTallies(pool)
    found = await tallies.waiting("71", "me", NOW)
    assert [(case.application_id.int, case.holder, case.warned) for case in found] == [
        (2, "18", 70), (1, None, 70), (6, None, 70), (7, None, 70),
    ]  # fmt: skip
    assert (found[0].submitted_on, found[0].code) == (date(2025, 10, 6), "071-55")
    assert await tallies.decided("71", MONDAY, MONDAY + 2 * week) == [Decided("17", 1, 1, 1), Decided("18", 0, 1, 0)]
    assert (await tallies.second_eyes("71"), await tallies.second_eyes("75")) == (True, False)
    assert [(each.application_id.int, each.officer_id) for each in await tallies.held("71", "me")] == [(6, "17")]
    assert await tallies.held("75", "me") == []
    assert await tallies.barred("71", "me") == [
        Barred(NOW, UUID(int=number), "t-1", officer) for number, officer in ((1, "17"), (2, "17"), (1, "18"))
    ]
    first, second = date(2025, 10, 6), date(2025, 10, 13)
    assert await tallies.annulled("71", MONDAY, MONDAY + 2 * week) == [
        Annulled(first, "PHOTO", "PHOTO_BLURRED", 1), Annulled(first, "PHOTO", "PHOTO_EYES", 1),
        Annulled(second, "PHOTO", "PHOTO_BLURRED", 1),
    ]  # fmt: skip
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute("set local enable_seqscan = off")
        plan = "\n".join(
            row[0]
            for row in await connection.fetch(
                "explain select 1 from ums_review.decision where region = '71' and decided_at >= now()"
            )
        )
        plan += "\n".join(row[0] for row in await connection.fetch(f"explain {_BARRED}", "71", "me", 20))
    assert "decision_region" in plan
    assert "audit_same_address" in plan
    await pool.close()
