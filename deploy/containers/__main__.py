"""`python -m deploy.containers up|down|status|logs [SERVICE]|check`: the compose stack of `.local/compose`."""

from __future__ import annotations

import argparse
import asyncio
import sys
from datetime import date

from deploy.containers.composed import OTHER_SOURCE, Composed, image_is_fresh
from deploy.local import trying, workstations
from deploy.local.__main__ import a_day
from deploy.local.business_day import BusinessDay
from deploy.local.child import CommandFailed
from deploy.local.daemon import addresses_of
from deploy.local.folder import AlreadyRunning, RunFolder


async def up(folder: RunFolder, today: date | None) -> None:
    """As `make up` does it: a region and two desks left to people, citizens who apply, demo accounts printed."""
    async with Composed(folder, trying.LEFT, begins=BusinessDay(today), keep=True) as stack:
        await trying.let_in(stack)
        at = {**addresses_of(stack), **workstations.shown(folder, stack.addresses.workstations)}
        for name, address in {**at, **trying.accounts(folder)}.items():
            print(f"  {name:22} {address}")


async def act(action: str, service: str | None, today: date | None) -> int:
    folder = RunFolder(RunFolder().home / "compose")
    project = Composed(folder).project
    if action == "check":
        if not image_is_fresh():
            raise CommandFailed(OTHER_SOURCE)
        return 0
    if action == "up":
        await up(folder, today)
        return 0
    if not project.variables.exists():
        print("Nothing was started by compose; make up TARGET=compose starts it.")
        return 0
    words = {"down": ["down", "-v", "--remove-orphans"], "status": ["ps"], "logs": ["logs", "--tail", "200"]}[action]
    print(await project.compose(*words, *([service] if service and action == "logs" else [])))
    return 0


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m deploy.containers", description=__doc__)
    parser.add_argument("action", choices=("up", "down", "status", "logs", "check"))
    parser.add_argument("service", nargs="?")
    parser.add_argument("--today", type=a_day, metavar="2025-10-06", help="the business day to begin on")
    given = parser.parse_args()
    try:
        return asyncio.run(act(given.action, given.service, given.today))
    except (CommandFailed, AlreadyRunning) as failure:
        print(failure, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
