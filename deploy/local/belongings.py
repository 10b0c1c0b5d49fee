"""Which processes are ours, proven: only those are ever signalled.

A recorded process is ours when boot, pid and start time agree. An unrecorded one is ours when its environment
carries our folder's mark, or when it is a PostgreSQL that works in our data folder (it overwrites its environment).
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

MARK = "KUALIK_RUN_FOLDER"
PROC = Path("/proc")
_TICKS = os.sysconf("SC_CLK_TCK")
PATIENCE = 4.0  # seconds between the polite signal and the last one


@dataclass(frozen=True)
class Footprint:
    """A process as recorded when it was started. `started` is in clock ticks since boot."""

    name: str
    pid: int
    started: int
    boot: str
    port: int | None = None

    @classmethod
    def of(cls, name: str, pid: int, port: int | None = None) -> Footprint:
        return cls(name, pid, started_at(pid) or 0, _boot(), port)

    @property
    def alive(self) -> bool:
        return self.boot == _boot() and started_at(self.pid) == self.started

    @property
    def uptime(self) -> float:
        """Seconds since it was started."""
        return float((PROC / "uptime").read_text().split()[0]) - self.started / _TICKS

    def to_json(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Footprint:
        return cls(**json.loads(text))


def started_at(pid: int) -> int | None:
    """Start time in clock ticks since boot; None when there is no such process or it is a zombie."""
    try:
        fields = (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] in "ZX" else int(fields[19])


def footprints(pids: Path) -> Iterator[Footprint]:
    """Every process recorded in a folder of pid files, alive or not."""
    for path in sorted(pids.glob("*.json")):
        with contextlib.suppress(OSError, ValueError, TypeError):
            yield Footprint.from_json(path.read_text(encoding="utf-8"))


def memory_of(pid: int) -> int:
    """Proportional memory (PSS) in bytes; 0 when the process is gone or not ours to read."""
    with contextlib.suppress(OSError):
        for line in (PROC / str(pid) / "smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    return 0


def program_of(pid: int) -> Path:
    """The executable that runs. Raises `OSError` when the process is gone."""
    return Path(os.readlink(PROC / str(pid) / "exe"))


def databases_in(data: Path) -> list[int]:
    """Every PostgreSQL process, server or child, that works in this data folder."""
    found = []
    for entry in PROC.iterdir():
        if entry.name.isdecimal() and _name(int(entry.name)) == "postgres":
            with contextlib.suppress(OSError):
                if Path(os.readlink(entry / "cwd")) == data:
                    found.append(int(entry.name))
    return found


def stop_leftovers(pids: Path, home: Path) -> list[str]:
    """Stop every process of the folder but ourselves and our ancestors; forget the records. Returns their names."""
    found = {foot.pid: foot for foot in footprints(pids) if foot.alive}
    for pid in _marked(home):
        found.setdefault(pid, Footprint.of(_name(pid), pid))
    for pid in _lineage():
        found.pop(pid, None)
    left = list(found.values())
    for foot in left:
        _signal(foot, signal.SIGINT if _name(foot.pid) == "postgres" else signal.SIGTERM)
        _signal(foot, signal.SIGCONT)
    deadline = time.monotonic() + PATIENCE
    while any(foot.alive for foot in left) and time.monotonic() < deadline:
        time.sleep(0.05)
    for foot in left:
        _signal(foot, signal.SIGKILL)
    deadline = time.monotonic() + PATIENCE
    while any(foot.alive for foot in left) and time.monotonic() < deadline:
        time.sleep(0.02)
    for path in pids.glob("*.json"):
        path.unlink(missing_ok=True)
    return [foot.name for foot in left]


def _signal(foot: Footprint, number: signal.Signals) -> None:
    if foot.started and foot.alive:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(foot.pid, number)


def _marked(home: Path) -> Iterator[int]:
    mark = f"{MARK}={home}".encode()
    for entry in PROC.iterdir():
        if not entry.name.isdecimal():
            continue
        with contextlib.suppress(OSError):
            works_here = _name(int(entry.name)) == "postgres" and _is_data_of(home, Path(os.readlink(entry / "cwd")))
            if works_here or mark in (entry / "environ").read_bytes().split(b"\0"):
                yield int(entry.name)


def _is_data_of(home: Path, folder: Path) -> bool:
    """A data folder says by a file beside it which run folder it belongs to."""
    owner = folder.parent / "belongs-to"
    return owner.is_file() and owner.read_text(encoding="utf-8").strip() == str(home)


def _lineage() -> Iterator[int]:
    pid = os.getpid()
    while pid > 1:
        yield pid
        try:
            pid = int((PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()[1])
        except OSError:
            return


def _name(pid: int) -> str:
    try:
        return (PROC / str(pid) / "comm").read_text().strip()
    except OSError:
        return "?"


def _boot() -> str:
    return (PROC / "sys/kernel/random/boot_id").read_text().strip()
