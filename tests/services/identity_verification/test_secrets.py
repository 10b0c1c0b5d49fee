"""The tokens of КДП are secrets: sealed wherever they lie, and in no log, span or row of a whole run."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

from services.identity_verification.app import SERVICE
from services.identity_verification.state import Phase
from shared.clock import SeededIds, SystemClock
from shared.engine.adapters.memory_store import MemoryPlatform, MemoryStore, MemoryTables
from shared.engine.engine import Engine, Pace, Ports
from shared.engine.ports import Publisher
from shared.engine.work import Context
from shared.law.rules import Rules
from shared.security.keyring import Keyring
from shared.security.sealing import KeyringSealer
from shared.settings import Settings
from shared.telemetry import telemetry_of
from tests.engine.house import Wire, until
from tests.services.identity_verification.outside import GRANTED, Outside, opened
from tests.services.running import NOW

KEYS = Keyring.derived(b"identity")
SEALER = KeyringSealer(KEYS, SeededIds(1).nonce, lambda: "2025-10")


class Lines:
    """A log with all that is said to it."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def info(self, line: str, **also: object) -> None:
        self.lines.append(f"{line} {also!r}")

    warning = error = info


class Slow(Outside):
    """ГБД ФЛ answers when its question has been seen to stand as a row."""

    seen = ""

    async def person_of(self, iin: str, consent: Any, ask: str) -> Any:
        await until(lambda: "identify-person" in self.seen)
        return await super().person_of(iin, consent, ask)


def texts_in(folder: Path) -> list[str]:
    return [path.read_text() for path in folder.iterdir()]


async def test_no_token_stands_in_clear_in_any_row_log_or_span_of_a_run(tmp_path: Path) -> None:
    clock, log, wire, spans = SystemClock(), Lines(), Wire(), tmp_path / "spans.jsonl"
    tables = MemoryTables(SERVICE, MemoryPlatform(NOW - clock.machine_now()), clock)
    store, pause = MemoryStore(tables, SEALER), timedelta(milliseconds=5)
    telemetry = telemetry_of("identity-verification", Settings(traces_file=spans))
    rules = Rules(poll=timedelta(milliseconds=20))
    context = Context(SERVICE, store, SEALER, telemetry, rules, KEYS.blind_index, try_again=(pause, pause, pause))
    outside = Slow()
    ports = Ports(store, cast(Publisher, wire), clock, SeededIds(2), outside.world(), log)
    engine = Engine(context, ports, Pace(refresh=0.05, sweep=0.05, careful=0.0))

    def confirmed() -> bool:
        outside.seen += repr((tables.states, tables.due, tables.logs, tables.outbox))
        return bool(wire.said("identity-confirmed"))

    await engine.start()
    running = asyncio.create_task(engine.run())
    try:
        await engine.act(opened(), "opened")
        await until(confirmed)
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        telemetry.close()
    state = tables.state_of(opened().application_id, SEALER)
    assert state.phase is Phase.CONFIRMED
    assert state.consents is not None
    assert state.consents.value == GRANTED.tokens
    written = "".join([outside.seen, *log.lines, repr(wire.sent), *texts_in(tmp_path)])
    assert "identify-person" in written
    for token in GRANTED.tokens:
        assert token.token not in written
        assert token.public_key not in written
