"""The cases: 1.2 million by one statement of SQL, and so many whole ones in front that every claim finds another."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Final
from uuid import UUID

import asyncpg

from services.ums_review.app import SERVICE
from services.ums_review.review import Review
from shared.clock import SystemIds
from shared.engine.adapters.postgres import PostgresStore
from shared.engine.columns import columns_of
from shared.law.regions import REGIONS
from tests.services.ums_review import cases
from tests.services.ums_review.office import KEYS, SEALER

ALL: Final = 1_200_000
REGION: Final = cases.REGION
BATCH: Final = 250
OTHERWISE: Final = {
    "application_id": "gen_random_uuid()",
    "standing": "case when n % 20 = 0 then 'QUEUED' when n % 7 = 0 then 'ANNULLED' else 'APPROVED' end",
    "region": "($1::text[])[1 + n % $2]",
    "talon": "'b-' || n",
    "queued_at": "$3::timestamptz - n * interval '20 seconds'",
    "due_on": "case when n % 20 = 0 then $4::date + (n / 20) % 3 else $4::date - 1 - n % 280 end",
    "iin_index": "md5(n::text)",
    "name_indexes": "jsonb_build_array(md5('s' || n % 4000), md5('n' || n))",
    "made": "n % 20 <> 0",
    "closed": "n % 20 <> 0",
    "approved_once": "n % 20 <> 0",
    **dict.fromkeys(("iin", "person", "birth_place", "submission"), "null"),
}
"""In what a generated case differs from the first whole one. One in twenty waits, due within three days; all others are
decided, over some nine months. What is sealed to a case and read of no decided one is left out."""
_COLUMNS = [column.name for column in columns_of(Review).all]
BACKGROUND: Final = " ".join(
    (
        "insert into ums_review.review (", ", ".join(_COLUMNS), ") select",
        ", ".join(OTHERWISE.get(name, f"t.{name}") for name in _COLUMNS),
        "from ums_review.review as t, generate_series(1, $5) as n where t.application_id = $6",
    )
)  # fmt: skip


async def fill(pool: asyncpg.Pool, admin: asyncpg.Connection, whole: int, background: int = ALL) -> None:
    """`whole` cases of the region wait that are due today, each sealed to itself; `background` lie around them."""
    model = (await cases.queued()).state
    store, now = PostgresStore(pool, SERVICE, SEALER, SystemIds()), datetime.now(UTC)
    for begin in range(0, whole, BATCH):
        some = [waiting(model, number, now) for number in range(begin, min(whole, begin + BATCH))]
        async with store.transaction() as transaction:
            await transaction.load({review.application_id for review in some})
            await transaction.save({review.application_id: review for review in some})
    regions = sorted(REGIONS)
    await admin.execute(
        BACKGROUND, regions, len(regions), now, now.date() + timedelta(days=1), background, UUID(int=1), timeout=900
    )
    for settles in ("vacuum (analyze) ums_review.review", "checkpoint"):
        await admin.execute(settles, timeout=600)


def waiting(model: Review, number: int, now: datetime) -> Review:
    """A case like the model that is another person's."""
    index = KEYS.blind_index(f"{number:012}")
    assert model.registration
    talon = f"w-{number}"
    return replace(
        model, application_id=UUID(int=number + 1), talon=talon, iin_index=index, queued_at=now - timedelta(hours=1),
        due_on=date.fromordinal(now.date().toordinal()),
        registration=model.registration.model_copy(update={"talon": talon}),
    )  # fmt: skip
