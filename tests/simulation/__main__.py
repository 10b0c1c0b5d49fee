"""`python -m tests.simulation --seeds 200` plays the seeds 1…200 in two processes; `--seed 7` plays and tells one."""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator

from tests.simulation.drawing import draw
from tests.simulation.mutants.hunt import Kill, hunt, hunt_again, hunt_all, keep, table
from tests.simulation.play import Report, play
from tests.simulation.pool import processes
from tests.simulation.shrink import kinds, shrink, what_is_left
from tests.simulation.sometimes.reached import never, wanted

ENOUGH = 5000
"""Seeds that must reach everything; fewer may miss something, which is told and nothing more."""
SHRUNK = 3
"""How many of the seeds that fail are made simpler; it takes some eighty plays each."""
WORDS = ("issued", "refused", "annulled", "withdrawn", "unpaid", "abandoned", "redirected", "not made", "not collected")


def play_all(seeds: Iterable[int]) -> Iterator[Report]:
    """In two processes, in the order of the seeds."""
    with processes() as pool:
        yield from pool.map(play, seeds, chunksize=2)


def tell(report: Report) -> None:
    """A seed that is wrong: what broke, and how it came to it."""
    print(f"\nseed {report.seed}: {len(report.violations)} violations; again: make simulate SEED={report.seed}")
    for line in report.story:
        print(f"  {line}")
    for violation in report.violations:
        print(f"  !! {violation}")


def tell_simply(report: Report) -> None:
    """The same as simple as it can be made: what bad luck it takes, and the story under that."""
    broken = kinds(report)
    luck, left_out = shrink(report.seed, draw(report.seed), lambda found: bool(broken & kinds(found)))
    tell(play(report.seed, luck, tell=True))
    print(f"  it takes: {what_is_left(luck)}")
    print(f"  it goes wrong too {', '.join(left_out) or 'with nothing less'}")


def show(done: int, wanted: int, started: float) -> None:
    """How far it is, on the error stream: in place on a terminal, else a line now and then."""
    terminal = sys.stderr.isatty()
    if done % (10 if terminal else max(20, wanted // 20)) and done != wanted:
        return
    took = time.perf_counter() - started
    left = took / done * (wanted - done)
    line = f"{done} of {wanted} seeds, {1000 * took / done:.0f} ms a seed, {left:.0f} s left"
    end = "" if terminal and done < wanted else "\n"
    print(f"\r\033[K{line}" if terminal else line, end=end, file=sys.stderr, flush=True)


def hunted(how: Callable[[str], Kill]) -> list[Kill]:
    """Every engine and service that is wrong, played until a rule finds it; the table."""
    with processes() as pool:
        kills = hunt_all(pool.map, how)
    print(table(kills))
    return kills


def summary(reports: list[Report], took: float) -> str:
    """What came of the seeds."""
    endings: Counter[str] = Counter()
    for report in reports:
        endings.update(report.endings)
    named = ", ".join(f"{endings[word]} {word}" for word in WORDS if endings[word])
    violations = sum(len(report.violations) for report in reports)
    applications = sum(report.applications for report in reports)
    crashes = sum(report.crashes for report in reports)
    return (
        f"{len(reports)} seeds, {violations} violations, {applications} applications, "
        f"{sum(endings[word] for word in WORDS)} endings ({named}), {crashes} crashes, "
        f"{1000 * took / max(1, len(reports)):.0f} ms a seed"
    )


def main(arguments: list[str]) -> int:
    """0 when nothing was violated, else 1."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--seeds", type=int, default=25, help="how many seeds")
    parser.add_argument("--first", type=int, default=1, help="the first of them")
    parser.add_argument("--seed", type=int, help="one seed, told in full")
    parser.add_argument("--mutants", action="store_true", help="hunt the mutants, table into tests/README.md")
    asked = parser.parse_args(arguments)
    started = time.perf_counter()
    if asked.mutants:
        kills = hunted(hunt)
        keep(kills)
        return 0 if all(kill.killed for kill in kills) else 1
    if asked.seed is not None:
        reports = [play(asked.seed, tell=True)]
        for line in reports[0].story:
            print(line)
        print("\n".join(f"!! {violation}" for violation in reports[0].violations))
        if reports[0].violations:
            tell_simply(reports[0])
        print(f"hash {reports[0].hash}")
    else:
        reports = []
        for report in play_all(range(asked.first, asked.first + asked.seeds)):
            reports.append(report)
            if report.violations:
                (tell_simply if sum(bool(other.violations) for other in reports) <= SHRUNK else tell)(report)
            show(len(reports), asked.seeds, started)
    print(summary(reports, time.perf_counter() - started))
    wrong = sum(len(report.violations) for report in reports)
    if asked.seed is not None:
        return 1 if wrong else 0
    missed, kills = never(report.seen for report in reports), hunted(hunt_again)
    for name in missed:
        print(f"never reached: {name}")
    killed = sum(kill.killed for kill in kills)
    reached = f"{len(missed)} of {len(wanted())} sometimes never reached" if missed else "all sometimes reached"
    print(f"simulate: {len(reports)} seeds, {wrong} violations, {killed}/{len(kills)} mutants killed, {reached}")
    return 1 if wrong or killed < len(kills) or (missed and len(reports) >= ENOUGH) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
