"""The run folder: `.local/` in the repository, or KUALIK_HOME. One run at a time; it keeps its ports and passwords."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import secrets
import shutil
import socket
from itertools import chain
from pathlib import Path
from typing import IO

from deploy.local import belongings

REPOSITORY = Path(__file__).resolve().parents[2]
FIRST_PORT, LAST_PORT = 15_000, 30_000  # below the range from which Linux takes ports for outgoing connections


class AlreadyRunning(RuntimeError):
    """Another live run holds this folder; the text says which, and what to do."""


class RunFolder:
    """Paths, ports, passwords and the lock of one run."""

    def __init__(self, home: Path | None = None) -> None:
        given = os.environ.get("KUALIK_HOME")
        self.home = (home or (Path(given) if given else REPOSITORY / ".local")).expanduser().resolve()
        self.run = self.home / "run"
        self.logs = self.run / "logs"
        self.pids = self.run / "pids"
        self.data = self.home / "data"
        cache = os.environ.get("KUALIK_CACHE")
        self.packages = Path(cache).expanduser().resolve() if cache else self.home / "debian"
        self._lock: IO[str] | None = None

    @property
    def mark(self) -> dict[str, str]:
        """The environment variable by which a process is known as started from this folder."""
        return {belongings.MARK: str(self.home)}

    @property
    def name(self) -> str:
        """A short name, unlike that of any other folder."""
        return f"kualik-{hashlib.sha256(str(self.home).encode()).hexdigest()[:10]}"

    def acquire(self) -> list[str]:
        """Take the folder and clean what a killed run left in it.

        Returns the names of the processes that had to be stopped. Raises `AlreadyRunning`.
        """
        for path in (self.home, self.run, self.logs, self.pids, self.data):
            path.mkdir(parents=True, exist_ok=True)
        self.run.chmod(0o700)
        lock = (self.run / "lock").open("a+", encoding="utf-8")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = self.holder()
            lock.close()
            who = f"process {holder.pid}, for {holder.uptime:.0f} s" if holder else "a process that is just starting"
            raise AlreadyRunning(
                f"Kuälik already runs in {self.home} ({who}). "
                "Stop it with `python -m deploy.local down`, or give this run a folder of its own: KUALIK_HOME=…"
            ) from None
        self._lock = lock
        stopped = belongings.stop_leftovers(self.pids, self.home)
        lock.truncate(0)
        lock.write(belongings.Footprint.of("run", os.getpid()).to_json())
        lock.flush()
        return stopped

    def release(self) -> None:
        """Let the next run have the folder; whatever of ours still lives is stopped first."""
        if self._lock is None:
            return
        belongings.stop_leftovers(self.pids, self.home)
        self._lock.truncate(0)
        self._lock.close()
        self._lock = None

    def holder(self) -> belongings.Footprint | None:
        """The live process that holds the folder, or None."""
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
            holder = belongings.Footprint.from_json((self.run / "lock").read_text(encoding="utf-8"))
            if holder.alive:
                return holder
        return None

    def wipe(self) -> None:
        """Forget the data of earlier runs; only the holder of the folder may."""
        assert self._lock is not None, "the folder must be acquired first"
        for path in (self.data, self.logs):
            shutil.rmtree(path, ignore_errors=True)
            path.mkdir()

    def secret(self, name: str) -> str:
        """A password made once for this folder."""
        kept = self._read("secrets.json")
        if name not in kept:
            kept[name] = secrets.token_urlsafe(18)
            self._write("secrets.json", kept)
        return str(kept[name])

    def port(self, name: str) -> int:
        """A free port on 127.0.0.1: the one of the last run when it is still free."""
        taken = set(self._read("ports.json").values())
        port = self._read("ports.json").get(name)
        if type(port) is int and _is_free(port):
            return port
        start = FIRST_PORT + int(hashlib.sha256(f"{self.home} {name}".encode()).hexdigest(), 16) % 10_000
        for candidate in chain(range(start, LAST_PORT), range(FIRST_PORT, start)):
            if candidate not in taken and _is_free(candidate):
                self._write("ports.json", {**self._read("ports.json"), name: candidate})
                return candidate
        raise RuntimeError(f"No free port between {FIRST_PORT} and {LAST_PORT} on 127.0.0.1.")

    def _read(self, file: str) -> dict[str, object]:
        try:
            found: object = json.loads((self.run / file).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}

    def _write(self, file: str, content: dict[str, object]) -> None:
        write_private(self.run / file, json.dumps(content, indent=1))


def write_private(path: Path, text: str) -> None:
    """Write a file only we may read, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(path.name + ".new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
    fresh.replace(path)


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
