"""What the bench says of its runs: medians, ratios round by round, percentiles, and which bars hold. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

ENGINE = "engine"
BARS: Mapping[str, float] = {"naive": 2.5, "raw": 0.6, "dbos": 4.0, "celery": 2.5, "taskiq": 1.2}
"""System → how many times its rate the engine's has to be, at least."""


@dataclass(frozen=True, slots=True)
class Run:
    """One system once: applications a second over the whole run, seconds each took, processor seconds by party."""

    rate: float
    applications: int
    latencies: tuple[float, ...]
    cpu: Mapping[str, float]
    seconds: float
    calibration: float
    load: float


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least this share of them does not exceed; 0 when there are none."""
    ordered = sorted(values)
    if not ordered:
        return 0.0
    place = max(0, min(len(ordered) - 1, -int(-share * len(ordered) // 1) - 1))
    return ordered[place]


def ratios(ours: Sequence[float], theirs: Sequence[float]) -> list[float]:
    """Round by round; a round that one of them lost is left out."""
    return [mine / other for mine, other in zip(ours, theirs, strict=False) if mine and other]


def all_ratios(chain: Mapping[str, Sequence[float]]) -> dict[str, dict[str, object]]:
    """The engine against each other system: the ratio of every round, their median, the bar and whether it holds."""
    found: dict[str, dict[str, object]] = {}
    for system, rates in chain.items():
        by_round = ratios(chain.get(ENGINE, ()), rates)
        if system == ENGINE or not by_round:
            continue
        middle, bar = median(by_round), BARS.get(system)
        found[system] = {
            "rounds": [round(ratio, 2) for ratio in by_round],
            "median": round(middle, 2),
            "bar": bar,
            "holds": bar is not None and middle >= bar,
        }
    return found


def summary(runs: Sequence[Run]) -> dict[str, object]:
    """One system's line: medians over its rounds; milliseconds of latency, processor milliseconds an application."""
    each = [latency for run in runs for latency in run.latencies]
    total = sum(run.applications for run in runs)
    parties = sorted({party for run in runs for party in run.cpu})
    return {
        "rate": round(median(run.rate for run in runs), 1),
        "applications": total,
        "p50_ms": round(percentile(each, 0.5) * 1000, 1),
        "p95_ms": round(percentile(each, 0.95) * 1000, 1),
        "cores": {party: round(median(run.cpu.get(party, 0.0) / run.seconds for run in runs), 2) for party in parties},
        "cpu_ms": {party: round(sum(run.cpu.get(party, 0.0) for run in runs) / total * 1000, 2) for party in parties},
    }
