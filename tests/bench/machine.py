"""The machine while it is measured: its name, how fast it is just now, who uses its processors."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Iterable, Mapping
from pathlib import Path

import psutil

TURNS = 1_500_000


def description() -> dict[str, object]:
    """Processor, cores, memory and versions, for whoever reads the figures elsewhere."""
    model = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if "model name" in line
        ),
        platform.processor() or platform.machine(),
    )
    return {
        "processor": model,
        "cores": os.cpu_count(),
        "memory_gib": round(psutil.virtual_memory().total / 2**30, 1),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
    }


def calibration() -> float:
    """Million turns a second of a fixed loop: says whether two rounds had the same machine under them."""
    began, count = time.perf_counter(), 0
    for number in range(TURNS):
        count += number & 1
    return TURNS / (time.perf_counter() - began) / 1e6


def load() -> float:
    """How many processes wanted a processor during the last minute, on average."""
    return os.getloadavg()[0]


class Usage:
    """Processor seconds of each party (a process and all below it) since this was made."""

    def __init__(self, parties: Mapping[str, Iterable[int]]) -> None:
        self._parties = {party: tuple(roots) for party, roots in parties.items()}
        self._before = self._now()

    def spent(self) -> dict[str, float]:
        """By party. Who began since then counts from nothing; who ended meanwhile is not seen."""
        now = self._now()
        return {
            party: sum(max(0.0, used - self._before[party].get(pid, 0.0)) for pid, used in pids.items())
            for party, pids in now.items()
        }

    def _now(self) -> dict[str, dict[int, float]]:
        return {party: dict(_used(roots)) for party, roots in self._parties.items()}


def _used(roots: Iterable[int]) -> Iterable[tuple[int, float]]:
    for root in roots:
        try:
            process = psutil.Process(root)
            family = [process, *process.children(recursive=True)]
        except psutil.NoSuchProcess:
            continue
        for member in family:
            try:
                times = member.cpu_times()
            except psutil.NoSuchProcess:
                continue
            yield member.pid, times.user + times.system
