"""`python -m tests.chaos [--minutes M] [--seed S]`: load of all personas while victims fall, then the judgement."""

from __future__ import annotations

import argparse
import asyncio
import json
import secrets
import sys
import time
from contextlib import suppress
from pathlib import Path

import httpx
from rich.markup import escape

from deploy.demo.screen import console
from deploy.demo.stage import Stage
from deploy.local import daemon, layout
from deploy.local.folder import RunFolder
from deploy.local.stack import Stack, run
from shared.process import PORTAL, SERVICES
from tests.chaos import screen
from tests.chaos.crew import Crew
from tests.chaos.eyes import Eyes
from tests.chaos.judging import Verdict, verdict
from tests.chaos.line import Line
from tests.chaos.log import Log
from tests.chaos.rounds import rounds, settings
from tests.chaos.schedule import schedule
from tests.chaos.timetable import Timetable
from tests.chaos.ways import Ways

RESULT = Path("build/chaos.json")
RATE = 1.5  # citizens who come in a second
TELL_EVERY = 10.0  # seconds


async def chaos(minutes: float, seed: int, rate: float, keep: bool) -> int:
    """Exit code 0 when all figures are zero."""
    console.print(f"chaos: {minutes:g} minutes, SEED={seed}")
    folder = RunFolder(RunFolder().home / "chaos")
    folder.packages = RunFolder().packages
    planned, began = rounds(minutes), time.monotonic()

    def tell(text: str) -> None:
        if " ended with " not in text:  # that is what all this is about
            console.print(f"[dim]{time.monotonic() - began:6.1f} s[/]  {escape(text)}", soft_wrap=True)

    async with (
        Ways(seed, settings(planned)) as ways,
        Stack(folder, fresh=True, keep=keep, processes=ways.processes, tell=tell) as stack,
        httpx.AsyncClient(trust_env=False, timeout=30.0) as http,
        Line(stack.addresses.administrator_url) as line,
        Line(stack.addresses.administrator_url) as second_line,
    ):
        eyes, log, outside = Eyes(second_line), Log(), _outside(stack)
        async with Crew(stack, ways, http, eyes, log) as crew:
            stage = Stage(stack, http, await line.connection())
            timetable = Timetable(stage, line, crew, planned, seed, rate)
            await _perform(timetable, crew, eyes, minutes * 60, seed)
        more = {
            "every service comes back": [name for name in SERVICES if not await stack.processes.is_ready(name)],
            "who stands in for the outside lives on": [] if _outside(stack) == outside else ["it began anew"],
        }
        found = await verdict(stage, line, timetable.leaps, log, eyes, timetable.citizens, more)
    for act in timetable.broken_off:
        console.print(f"Did not come to rest: {act}", style="yellow")
    screen.show(found, log)
    _write(found, log, timetable, minutes, seed, rate)
    return 0 if found.good else 1


def _outside(stack: Stack) -> list[int]:
    """The processes that nobody kills: what they remember is what all is judged by."""
    return [stack.processes.pid(name) for name in (layout.SANDBOX, PORTAL)]


async def _perform(timetable: Timetable, crew: Crew, eyes: Eyes, seconds: float, seed: int) -> None:
    """The acts, and the trouble for so long; then what is left of the acts in peace."""

    async def trouble() -> None:
        await crew.work(schedule(seed, seconds), seconds)
        await crew.heal()
        console.print("Trouble ends: everything is healed, and the acts are played to their end.")

    async with asyncio.TaskGroup() as group:
        beside = [group.create_task(eyes.look()), group.create_task(_tell(timetable, crew.log))]
        troubling = group.create_task(trouble())
        await timetable.perform(seconds)
        await troubling
        for task in beside:
            task.cancel()


async def _tell(timetable: Timetable, log: Log) -> None:
    while True:
        await asyncio.sleep(TELL_EVERY)
        rows = None
        with suppress(httpx.HTTPError):
            rows = await timetable.stage.applications()
        doing = f"{timetable.now_doing}{f', awaits {len(timetable.awaited)}' if timetable.awaited else ''}"
        console.print(screen.progress(log, doing, rows), markup=False, soft_wrap=True)


def _write(found: Verdict, log: Log, timetable: Timetable, minutes: float, seed: int, rate: float) -> None:
    whole = {
        "seed": seed,
        "minutes": minutes,
        "rate": rate,
        "kills": len(log.fallen),
        "by_kind": {kind.value: count for kind, count in log.kinds.items()},
        **found.as_json(),
        "did_not_come_to_rest": timetable.broken_off,
        "leaps": [[log.seconds(leap.at), leap.offset.total_seconds()] for leap in timetable.leaps.made],
        "victims": log.as_json(),
    }
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(json.dumps(whole, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--seed", type=int, default=None, help="the same victims again")
    parser.add_argument("--rate", type=float, default=RATE, help="citizens who come in a second")
    parser.add_argument("--keep", action="store_true", help="leave data and logs under .local/chaos for a look")
    given = parser.parse_args()
    seed = given.seed if given.seed is not None else secrets.randbelow(1_000_000)
    try:
        return run(chaos(given.minutes, seed, given.rate, given.keep))
    except daemon.PLAIN as failure:
        console.print(str(failure), style="red", markup=False, soft_wrap=True)
        return 1


if __name__ == "__main__":
    sys.exit(main())
