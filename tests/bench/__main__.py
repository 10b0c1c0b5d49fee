"""`python -m tests.bench [--quick] [--systems engine,naive]`: the chain in interleaved rounds, then the product.

Writes `build/bench.json` and `build/bench.svg`. Exits 0 whatever the figures are: bars are told, not enforced.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
import httpx
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from deploy.local.child import CommandFailed, together
from deploy.local.folder import RunFolder
from deploy.local.postgres import Postgres
from deploy.local.rabbitmq import RabbitMQ
from deploy.local.servers import Broker, Database, NoServer, broker_for, database_for
from deploy.local.stack import run
from shared.security import keyring
from tests.bench import envs, machine, picture, product, results
from tests.bench.chain import Chain, NotOnce
from tests.bench.driver import Lost
from tests.bench.figures import Run
from tests.bench.systems import System, systems
from tests.servers import Servers, temporary_folder

LOGS = Path("build/bench/logs")
FAILURES = (Lost, NotOnce, TimeoutError, RuntimeError, OSError, asyncpg.PostgresError)
Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is measured: rounds, applications in flight, seconds in which new ones begin, people of the product."""

    rounds: int
    window: int = 100
    seconds: float = 10.0
    admitted: int = 400
    longest: float = 240.0


QUICK = Plan(3, seconds=3.0, admitted=180, longest=60.0)
WHOLE = Plan(5)


class Screen:
    """A bar on a terminal, lines elsewhere."""

    def __init__(self, steps: int) -> None:
        self._console = Console(highlight=False)
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        self._progress = Progress(*columns, console=self._console, transient=True)
        self._task = self._progress.add_task("starting", total=steps)

    def __enter__(self) -> Screen:
        if self._console.is_terminal:
            self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def tell(self, text: str) -> None:
        """What happens now; on a terminal it takes the place of what was said before."""
        if self._console.is_terminal:
            self._progress.update(self._task, description=text)

    def done(self, text: str) -> None:
        """A step is done: a line that stays."""
        self._progress.advance(self._task)
        self._console.print(text, markup=False, soft_wrap=True)


async def measure(plan: Plan, chosen: Sequence[System], with_product: bool) -> dict[str, Any]:
    """The chain, interleaved, and the product; what cannot be measured is told and left out."""
    began = time.monotonic()
    with Screen(plan.rounds * len(chosen) + with_product) as screen:
        for peer in [system.name for system in chosen if system.name in envs.PEERS]:
            await envs.make(peer, screen.tell)
        rounds = await _chain(plan, chosen, screen)
        whole: dict[str, Any] = {}
        if with_product:
            whole = await _product(plan, screen)
    about = {**machine.description(), "took_s": round(time.monotonic() - began), "window": plan.window,
             "seconds": plan.seconds, "rounds": plan.rounds}  # fmt: skip
    return results.gathered(rounds, whole, about)


async def _product(plan: Plan, screen: Screen) -> dict[str, Any]:
    """Nothing when it could not be measured: what the chain has shown is kept."""
    try:
        whole = await product.measured(plan.admitted, plan.longest, screen.tell)
    except (*FAILURES, CommandFailed, httpx.HTTPError, LookupError) as failure:
        screen.done(f"product: not measured: {type(failure).__name__}: {failure}")
        return {}
    screen.done(f"product: {whole['issued']} of {whole['applications']} issued in {whole['seconds']} s")
    return whole


async def _chain(plan: Plan, chosen: Sequence[System], screen: Screen) -> dict[str, list[Run]]:
    rounds: dict[str, list[Run]] = {system.name: [] for system in chosen}
    with temporary_folder() as folder:
        broker, database = broker_for(folder, screen.tell), database_for(folder, screen.tell)
        try:
            await together(broker.start({}), database.start())
            keys = folder.data / "keys"
            keyring.generate(keys)
            chain = Chain(Servers(broker, database), keys, LOGS, _pids(broker, database), os.getpid())
            for number in range(plan.rounds):
                turned = [*chosen[number % len(chosen) :], *chosen[: number % len(chosen)]]
                for system in turned:
                    screen.tell(f"round {number + 1}: {system.name}")
                    found = await _once(chain, system, plan)
                    rounds[system.name] += [found] if found is not None else []
                    screen.done(_line(number + 1, system.name, found))
        finally:
            await together(broker.stop(keep=False), database.stop(keep=False))
    return rounds


async def _once(chain: Chain, system: System, plan: Plan) -> Run | None:
    try:
        return await chain.run(system, plan.window, plan.seconds)
    except FAILURES as failure:
        Console(stderr=True).print(f"{system.name}: {type(failure).__name__}: {failure}", markup=False)
        return None


def _line(number: int, name: str, found: Run | None) -> str:
    if found is None:
        return f"round {number}  {name:8} failed; see {LOGS}"
    cores = ", ".join(f"{party} {used / found.seconds:.2f}" for party, used in found.cpu.items())
    return (
        f"round {number}  {name:8} {found.rate:6.1f}/s  of {found.applications} applications   cores: {cores}   "
        f"calibration {found.calibration:.0f}, load {found.load:.1f}"
    )


def _pids(broker: Broker, database: Database) -> dict[str, tuple[int, ...]]:
    """Of servers of our own; a given one's processors are not seen."""
    return {
        "broker": (broker.node.pid,) if isinstance(broker, RabbitMQ) else (),
        "postgres": (database.server.pid,) if isinstance(database, Postgres) else (),
    }


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="under four minutes")
    parser.add_argument("--systems", default="", help="only these, separated by commas")
    parser.add_argument("--rounds", type=int, default=0)
    parser.add_argument("--seconds", type=float, default=0.0)
    parser.add_argument("--no-product", action="store_true")
    given = parser.parse_args()
    base = QUICK if given.quick else WHOLE
    plan = Plan(given.rounds or base.rounds, base.window, given.seconds or base.seconds, base.admitted, base.longest)
    os.environ.setdefault("KUALIK_CACHE", str(RunFolder().packages))
    try:
        chosen = systems([name for name in given.systems.split(",") if name])
        return run(bench(plan, chosen, not given.no_product))
    except (NoServer, CommandFailed, LookupError, envs.NoEnvironment) as failure:
        print(failure, file=sys.stderr)
        return 1


async def bench(plan: Plan, chosen: Sequence[System], with_product: bool) -> int:
    """Measure, write, tell."""
    result = await measure(plan, chosen, with_product)
    results.write(result)
    picture.keep(picture.drawn(result["chain"], _foot(result["machine"])), results.PICTURE)
    print("\n".join(["", *results.chain_table(result), "", *results.product_table(result), "", *results.bars(result)]))
    print(f"Written: {results.RESULT}, {results.PICTURE}; it took {result['machine']['took_s']} s")
    return 0


def _foot(about: dict[str, Any]) -> str:
    made = f"{about['window']} applications in flight, {about['rounds']} rounds"
    return f"{about['processor']}, {about['cores']} cores; {made}"


if __name__ == "__main__":
    sys.exit(main())
