"""`python -m tests.bench.console [--quick]`: p95 of queue page, claim and decision beside the targets, and the knee.

The targets are those that OpenCRVS publishes. Exits 0 whatever the figures are: they are told, not enforced.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import socket
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import asyncpg
import httpx

from deploy.local.servers import broker_for, database_for
from services.ums_review.app import SERVICE
from services.ums_review.web.console import HOME
from shared.engine.adapters.postgres import connect
from tests.bench.console.cases import ALL, fill
from tests.bench.console.load import PACE, Load
from tests.bench.figures import percentile
from tests.bench.machine import Usage
from tests.servers import Servers, temporary_folder

TARGETS: Final = {"page": 40.0, "claim": 170.0, "decision": 340.0}
"""Milliseconds, p95."""
WARM: Final = 8.0
"""Seconds that count for nothing."""
STEPS: Final = (1, 2, 4, 8, 16)
NICE: Final = 10
"""Of the driver alone, once the servers run: what it needs for itself is not theirs."""
INTO: Final = Path("build/bench-console.json")


@asynccontextmanager
async def console(url: str, folder: Path) -> AsyncIterator[tuple[str, int]]:
    """The console's address and process while it runs."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    at = f"http://127.0.0.1:{port}"
    command = (sys.executable, "-m", "tests.bench.console.server", url, str(port), str(folder))
    child = await asyncio.create_subprocess_exec(*command)
    try:
        async with httpx.AsyncClient() as http:
            while child.returncode is None:
                try:
                    await http.get(f"{at}{HOME}")
                    break
                except httpx.ConnectError:
                    await asyncio.sleep(0.2)
        yield at, child.pid
    finally:
        child.terminate()
        await child.wait()


async def measure(at: str, pid: int, times: float, seconds: float) -> dict[str, Any]:
    used = Usage({"console": [pid]})
    limits = httpx.Limits(max_connections=200, max_keepalive_connections=200)
    async with httpx.AsyncClient(base_url=at, limits=limits, timeout=120, trust_env=False) as http:
        load = Load(http)
        await load.run(times, seconds)
    p95 = {kind: round(percentile(found, 0.95), 1) for kind, found in load.times.items()}
    p50 = {kind: round(percentile(found, 0.5), 1) for kind, found in load.times.items()}
    calls = {kind: len(found) for kind, found in load.times.items()}
    each = round(1000 * used.spent()["console"] / max(1, sum(calls.values())), 1)
    held = all(p95[kind] <= TARGETS[kind] for kind in PACE) and not load.failed
    told = {"times": times, "p50": p50, "p95": p95, "calls": calls, "processor_ms_a_call": each}
    return {**told, "failed": load.failed[:5], "holds": held}


async def bench(cases: int, seconds: float) -> dict[str, Any]:
    steps: list[dict[str, Any]] = []
    with temporary_folder() as folder:
        database = database_for(folder, print)
        await database.start()
        try:
            servers = Servers(broker_for(folder, print), database)
            address, passwords = await servers.new_database("ums_review")
            url = address.url("ums_review", passwords["ums_review"])
            admin, pool = await asyncpg.connect(address.url()), await connect(url, SERVICE)
            begin = time.monotonic()
            whole = int(sum(STEPS) * PACE["claim"] * seconds * 1.1) + 100
            await fill(pool, admin, whole, cases)
            filled = time.monotonic() - begin
            await admin.close()
            await pool.close()
            tell(f"{cases:,} cases and {whole:,} that are claimed, made in {filled:.0f} s")
            keys = folder.home / "officers"
            keys.mkdir()
            async with console(url, keys) as (at, pid):
                os.nice(NICE)
                await measure(at, pid, 1, WARM)
                for times in STEPS:
                    steps.append(await measure(at, pid, times, seconds))
                    tell(line(steps[-1]))
                    if not steps[-1]["holds"]:
                        break
        finally:
            await database.stop(keep=False)
    return {"cases": cases, "steps": steps, "load": os.getloadavg(), "cpus": os.cpu_count()}


def line(step: dict[str, Any]) -> str:
    told = ", ".join(f"{kind} {step['p95'][kind]} ms (target {TARGETS[kind]:g})" for kind in PACE)
    pace = " + ".join(f"{PACE[kind] * step['times']:g} {kind}s" for kind in PACE)
    told += f"; {step['processor_ms_a_call']:g} ms of a processor a call"
    return f"{pace} a second: p95 {told}{'' if step['holds'] else '  <- the knee'}"


def tell(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main() -> int:
    arguments = argparse.ArgumentParser(prog="make bench-console")
    arguments.add_argument("--quick", action="store_true", help="a tenth of the cases, six seconds a step")
    quick = arguments.parse_args().quick
    found = asyncio.run(bench(ALL // 10 if quick else ALL, 6.0 if quick else 30.0))
    INTO.parent.mkdir(exist_ok=True)
    INTO.write_text(json.dumps(found, indent=1))
    tell(f"bench-console: load average {found['load'][0]:.1f} on {found['cpus']} processors; {INTO} has all")
    return 0


if __name__ == "__main__":
    sys.exit(main())
