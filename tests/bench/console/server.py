"""`python -m tests.bench.console.server <database> <port> <folder>`: the console as one process over its database.

What is said is confirmed at once, for no broker is here; officers sign with keys in this process, and CMS are checked.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final, cast

import uvicorn
import uvloop
from starlette.applications import Starlette

from deploy.sandbox.authority import Authority
from services.ums_review.api import Reviews
from services.ums_review.app import SERVICE
from services.ums_review.desk import Room
from services.ums_review.finding import SqlFinds
from services.ums_review.store import SqlQueue
from services.ums_review.web import pages_of
from services.ums_review.web.console import HERE, HOME, Console, console_routes
from services.ums_review.web.live import Live, SqlLooks
from services.ums_review.web.lookups import SqlLookups
from services.ums_review.web.records import SqlRecords
from services.ums_review.web.tallies import SqlTallies
from shared.clock import SystemClock, SystemIds
from shared.engine.adapters.postgres import PostgresStore, connect
from shared.engine.engine import Engine, Ports
from shared.engine.ports import Publisher
from shared.engine.rows import Fate, Outgoing
from shared.engine.work import Context
from shared.law.rules import RULES
from shared.security.eds import LocalVerifier
from shared.security.objects import MemoryObjects
from shared.telemetry import Silent
from shared.web.gate import Gate
from shared.web.knocks import recording
from shared.web.officer_keys import OfficerKeys
from shared.web.officers import OFFICERS, OFFICES, Officers
from shared.web.sessions import Session, SqlSessions
from shared.web.site import Site
from tests.bench.console.cases import REGION
from tests.engine.house import Quiet
from tests.services.ums_review.office import KEYS, SEALER

CLERKS: Final = 60
BIN: Final = "140940009999"
_AUTHORITY = Authority(datetime.now(UTC), b"bench of the console")


def iin_of(clerk: int) -> str:
    return f"8501013{clerk:05}"


def officers_in(folder: Path) -> Officers:
    accounts = [
        {"id": str(n), "iin": iin_of(n), "bin": BIN, "region": REGION, "point": None, "roles": ["inspector"],
         "token_sha256": hashlib.sha256(f"bench-{n}".encode()).hexdigest()}
        for n in range(CLERKS)
    ]  # fmt: skip
    (folder / OFFICERS).write_text(json.dumps(accounts))
    (folder / OFFICES).write_text(json.dumps({REGION: [BIN]}))
    return Officers(folder)


class Confirming:
    """A broker that takes everything."""

    async def publish(self, rows: Sequence[Outgoing]) -> list[Fate]:
        return [Fate.CONFIRMED for _ in rows]


class Keys:
    """The officers' software keys."""

    def __init__(self) -> None:
        self._of = {str(n): _AUTHORITY.officer(iin_of(n), BIN) for n in range(CLERKS)}

    async def sign(self, officer_id: str, payload: bytes, moment: datetime) -> bytes:
        return self._of[officer_id].sign(payload, moment)


async def serve(url: str, port: int, folder: Path) -> None:
    pool, clock, ids = await connect(url, SERVICE), SystemClock(), SystemIds()
    store = PostgresStore(pool, SERVICE, SEALER, ids)
    context = Context(SERVICE, store, SEALER, Silent(), RULES, KEYS.blind_index)
    engine = Engine(context, Ports(store, cast(Publisher, Confirming()), clock, ids, None, Quiet()))
    trust, officers, site = _AUTHORITY.trust(), officers_in(folder), Site(HERE, HOME)
    objects, verifier = MemoryObjects(KEYS.object_key, ids.nonce), LocalVerifier(lambda: trust)
    room = Room(engine, officers, SqlQueue(pool), SqlFinds(pool), verifier, objects, clock, KEYS, RULES)
    at, issuer = f"http://127.0.0.1:{port}", cast(Any, None)
    gate = Gate(site, SqlSessions(pool), officers, issuer, clock, ids.nonce, Quiet(), at, recording(engine))
    live, keys = Live(SqlLooks(pool), clock), OfficerKeys(Keys(), "")
    console = Console(room, Reviews(room), gate, site, SqlLookups(pool), keys, live)
    begun = clock.machine_now() - timedelta(seconds=1)
    for n in range(CLERKS):
        await gate.sessions.begin(Session(f"s-{n}", str(n), REGION, frozenset({"inspector"}), f"c-{n}", begun))
    app = Starlette(routes=console_routes(console, pages_of(console, SqlTallies(pool), SqlRecords(pool))))
    settings = uvicorn.Config(
        app, port=port, log_level="warning", access_log=False, lifespan="off", timeout_keep_alive=60
    )
    server = uvicorn.Server(settings)
    await engine.start()
    async with asyncio.TaskGroup() as group:
        running = group.create_task(engine.run())
        await server.serve()
        running.cancel()


if __name__ == "__main__":
    uvloop.run(serve(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3])))
