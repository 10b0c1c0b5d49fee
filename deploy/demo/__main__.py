"""`python -m deploy.demo [--applications N] [--faults on]`: play the acts, print what became of all, check rules."""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import httpx
from pydantic import TypeAdapter

from deploy.containers.composed import Composed
from deploy.demo.evidence import AfterTrouble, DatabaseEvidence
from deploy.demo.play import FIRST, SETTINGS, Play
from deploy.demo.privacy import leaks
from deploy.demo.report import Report, report_on
from deploy.demo.screen import console, endings_table, parts_table, rules_table
from deploy.demo.stage import SEED, Stage
from deploy.local import daemon, layout
from deploy.local.folder import RunFolder
from deploy.local.processes import Process
from deploy.local.running import Addressed
from deploy.local.stack import Stack, run
from deploy.oracle.evidence import Told
from deploy.postgres.bootstrap import connected
from deploy.sandbox.people import REGIONS, Citizen, crowd
from deploy.sandbox.personas import PERSONAS
from shared.contracts.base import Sealer
from shared.security import keyring
from shared.security.sealing import KeyringSealer

RESULT = Path("build/demo.json")
TRACES = Path("build/spans")
TOLD = TypeAdapter(Told)
WORKSTATIONS = REGIONS[1:2]
"""Regions whose officer decides by message; in containers none does."""
EvidenceOf = Callable[[Sealer, timedelta], DatabaseEvidence]


def processes(folder: RunFolder, addresses: layout.Addresses) -> Sequence[Process]:
    """The whole stack, with the demonstration's terms."""
    return [replace(each, env={**each.env, **SETTINGS}) for each in layout.processes(folder, addresses)]


async def demo(applications: int, keep: bool, faults: bool = False) -> int:
    """Through processes of our own."""
    folder = RunFolder(RunFolder().home / "demo")
    folder.packages = RunFolder().packages
    stack = Stack(folder, fresh=True, keep=keep, processes=processes, workstations_of=WORKSTATIONS)
    return await performed(stack, applications, faults)


async def demo_composed(applications: int, keep: bool, faults: bool = False) -> int:
    """The same through the containers of docker-compose.yml."""
    return await performed(Composed(RunFolder(RunFolder().home / "compose"), SETTINGS, keep=keep), applications, faults)


async def performed(begins: AbstractAsyncContextManager[Addressed], applications: int, faults: bool) -> int:
    """All acts on the stack that begins, judged and shown; 0 when all is well, else 1."""
    citizens = crowd(SEED, FIRST.date(), applications)
    async with (
        begins as stack,
        httpx.AsyncClient(trust_env=False, timeout=30.0) as http,
        connected(stack.addresses.administrator_url) as connection,
    ):
        stage = Stage(stack, http, connection)
        play = Play(stage, citizens, faults=faults)
        console.print(f"The sandbox's switches and exchanges: {stage.url(layout.SANDBOX)}/control", style="dim")
        await play.perform()
        if isinstance(stack, Composed):
            await stack.collect()
        report = await judged(stage, play, citizens, AfterTrouble if faults else DatabaseEvidence)
        keep_traces(stack.folder)
        signed, by_message = await stage.signed()
    console.print(f"{by_message} of {signed} signed decisions came as messages of a region's workstation", style="dim")
    show(report)
    return 0 if report.good else 1


async def judged(
    stage: Stage, play: Play, citizens: Sequence[Citizen], evidence_of: EvidenceOf = DatabaseEvidence
) -> Report:
    """Read everything that was written, and judge it."""
    keys = keyring.load(stage.stack.folder.data / "keys")
    evidence = evidence_of(KeyringSealer(keys, keyring.system_nonces, lambda: "2025-10"), play.leap)
    await evidence.gather(stage.connection)
    for row in await stage.applications():
        told = [status for status in await stage.history(row["application_id"]) if "rank" in status]
        evidence.show(UUID(row["application_id"]), [TOLD.validate_python(status) for status in told])
    evidence.found_dead(await stage.dead_letters())
    evidence.found_citizens(citizens)
    evidence.found_officers(stage.officers())
    evidence.found_books(await stage.books())
    report = report_on(evidence, citizens)
    found = await leaks(stage.stack.folder, stage.connection, citizens)
    unsent = await stage.unsent()
    more = {
        "every notice is sent": [f"{unsent} SMS and e-mails wait"] if unsent else [],
        "no personal data in clear outside the services": found,
    }
    return replace(report, broken={**report.broken, **more})


def keep_traces(folder: RunFolder) -> None:
    """The spans outlive the demonstration: `make trace APPLICATION=…` reads them."""
    shutil.rmtree(TRACES, ignore_errors=True)
    shutil.copytree(folder.data / "spans", TRACES)


def show(report: Report) -> None:
    console.print(endings_table(report.lines), parts_table(report.parts), rules_table(report.broken, report.unjudged))
    for title, found in (("Ended otherwise", report.wrong), ("Not seen", report.unseen)):
        for line in found[:40]:
            console.print(f"{title}: {line}", style="red", markup=False, soft_wrap=True)
    for rule, found in report.broken.items():
        for line in found[:10]:
            console.print(f"Violated: {rule}: {line}", style="red", markup=False, soft_wrap=True)
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(json.dumps(report.as_json(), ensure_ascii=False, indent=2) + "\n")
    seen = sum(name != "(none yet)" for name in report.endings)
    console.print(f"demo: {report.applications} applications, {seen} endings, {report.violations} violations")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m deploy.demo", description=__doc__)
    least = len(PERSONAS)
    parser.add_argument("--applications", type=int, default=200, metavar="N", help=f"at least {least}, one of each")
    parser.add_argument("--keep", action="store_true", help="leave data and logs under .local/demo for a look")
    parser.add_argument("--faults", choices=("on", "off"), default="off", help="everything goes wrong now and then")
    parser.add_argument("--target", choices=("local", "compose"), default="local", help="processes here, or containers")
    given = parser.parse_args()
    play = {"local": demo, "compose": demo_composed}[given.target]
    try:
        return run(play(max(given.applications, least), given.keep, given.faults == "on"))
    except daemon.PLAIN as failure:
        console.print(str(failure), style="red", markup=False, soft_wrap=True)
        return 1


if __name__ == "__main__":
    sys.exit(main())
