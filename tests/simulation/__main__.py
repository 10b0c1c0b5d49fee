"""`python -m tests.simulation --seeds 200` plays the seeds 1…200 in two processes; `--seed 7` plays and tells one."""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from tests.simulation.play import Report, play

PROCESSES = 2
WORDS = ("issued", "refused", "annulled", "withdrawn", "unpaid", "abandoned", "redirected", "not made", "not collected")


def play_all(seeds: Iterable[int]) -> Iterator[Report]:
    """In two processes, in the order of the seeds."""
    with ProcessPoolExecutor(PROCESSES, get_context("spawn")) as pool:
        yield from pool.map(play, seeds, chunksize=2)


def tell(report: Report) -> None:
    """A seed that is wrong: what broke, and how it came to it."""
    print(f"\nseed {report.seed}: {len(report.violations)} violations; again: make simulate SEED={report.seed}")
    for line in report.story:
        print(f"  {line}")
    for violation in report.violations:
        print(f"  !! {violation}")


def summary(reports: list[Report], took: float) -> str:
    """The last line."""
    endings: Counter[str] = Counter()
    for report in reports:
        endings.update(report.endings)
    named = ", ".join(f"{endings[word]} {word}" for word in WORDS if endings[word])
    violations = sum(len(report.violations) for report in reports)
    applications = sum(report.applications for report in reports)
    crashes = sum(report.crashes for report in reports)
    return (
        f"simulate: {len(reports)} seeds, {violations} violations, {applications} applications, "
        f"{sum(endings[word] for word in WORDS)} endings ({named}), {crashes} crashes, "
        f"{1000 * took / max(1, len(reports)):.0f} ms a seed"
    )


def main(arguments: list[str]) -> int:
    """0 when nothing was violated, else 1."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--seeds", type=int, default=25, help="how many seeds")
    parser.add_argument("--first", type=int, default=1, help="the first of them")
    parser.add_argument("--seed", type=int, help="one seed, told in full")
    asked = parser.parse_args(arguments)
    started = time.perf_counter()
    if asked.seed is not None:
        reports = [play(asked.seed, tell=True)]
        for line in reports[0].story:
            print(line)
        print("\n".join(f"!! {violation}" for violation in reports[0].violations))
        print(f"hash {reports[0].hash}")
    else:
        reports = []
        for report in play_all(range(asked.first, asked.first + asked.seeds)):
            reports.append(report)
            if report.violations:
                tell(report)
            if len(reports) % 20 == 0:
                print(f"{len(reports)} seeds", file=sys.stderr, flush=True)
    print(summary(reports, time.perf_counter() - started))
    return 1 if any(report.violations for report in reports) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
