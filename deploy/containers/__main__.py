"""`python -m deploy.containers up|down|status|logs [SERVICE]`: the compose stack that lives in `.local/compose`."""

from __future__ import annotations

import argparse
import asyncio
import sys

from deploy.containers.composed import Composed
from deploy.local.child import CommandFailed
from deploy.local.folder import AlreadyRunning, RunFolder


async def up(folder: RunFolder) -> None:
    async with Composed(folder, keep=True) as stack:
        for process in stack.processes.list():
            print(f"  {process.name:24} http://127.0.0.1:{process.port}")
        broker = stack.broker.address
        print(f"  {'RabbitMQ':24} {broker.management_url}  ({broker.user} / {broker.password})")
        print(f"  {'PostgreSQL':24} {stack.addresses.administrator_url}")


async def act(action: str, service: str | None) -> int:
    folder = RunFolder(RunFolder().home / "compose")
    project = Composed(folder).project
    if action == "up":
        await up(folder)
        return 0
    if not project.variables.exists():
        print("Nothing was started by compose; make up TARGET=compose starts it.")
        return 0
    words = {"down": ["down", "-v", "--remove-orphans"], "status": ["ps"], "logs": ["logs", "--tail", "200"]}[action]
    print(await project.compose(*words, *([service] if service and action == "logs" else [])))
    return 0


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m deploy.containers", description=__doc__)
    parser.add_argument("action", choices=("up", "down", "status", "logs"))
    parser.add_argument("service", nargs="?")
    given = parser.parse_args()
    try:
        return asyncio.run(act(given.action, given.service))
    except (CommandFailed, AlreadyRunning) as failure:
        print(failure, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
