"""What happened in one seed, in order: the story that is told when something is wrong, and the hash of a replay."""

from __future__ import annotations

import hashlib
import traceback
from collections.abc import Callable
from typing import Any
from uuid import UUID

from shared.telemetry import Silent
from tests.simulation.sometimes.seen import Slip

KEPT = 50_000


class Chronicle:
    """`note` adds a line; the hash is of every line with its moment, so that two runs differ where their lines do."""

    def __init__(self, time: Callable[[], float]) -> None:
        self._time, self._digest = time, hashlib.sha256()
        self.lines: list[tuple[float, str, str]] = []
        self.errors: list[str] = []
        self.broken: list[tuple[str, str]] = []
        self.written: list[Any] = []

    def note(self, who: str, what: str, of: UUID | str | None = None) -> None:
        now, whose = self._time(), str(of) if of is not None else ""
        self._digest.update(f"{now:.6f} {who} {what} {whose}\n".encode())
        if len(self.lines) < KEPT:
            self.lines.append((now, f"{who}: {what}", whose))

    def error(self, who: str, what: str, **about: Any) -> None:
        """Something that must not be, whatever the luck."""
        told = " ".join(f"{name}={value}" for name, value in about.items())
        self.errors.append(f"{who}: {what} {told}".rstrip())
        self.note(who, f"ERROR {what} {told}")

    @property
    def hash(self) -> str:
        return self._digest.hexdigest()

    def story(self, of: UUID | str | None = None, most: int = 400) -> list[str]:
        """The lines of one application and those that are everybody's, the last `most` of them."""
        told = [(at, what, whose) for at, what, whose in self.lines if of is None or whose in ("", str(of))]
        return [f"{at:10.3f} {what} {whose[:8]}" for at, what, whose in told[-most:]]


class Witness(Silent):
    """Telemetry that tells the chronicle of every decision, and of every one that raised, with the place."""

    def __init__(self, chronicle: Chronicle, service: str) -> None:
        self._chronicle, self._service = chronicle, service

    def failed(self, error: BaseException | str) -> None:
        if isinstance(error, Slip):
            self._chronicle.note(self._service, "slips")
        elif isinstance(error, Exception):
            place = traceback.extract_tb(error.__traceback__)[-1]
            where = f"{place.filename.rpartition('/')[2]}:{place.lineno}"
            self._chronicle.error(self._service, f"raised {type(error).__name__}", at=where, says=str(error)[:200])


class Lines:
    """The log of one incarnation; errors are told to the chronicle."""

    def __init__(self, chronicle: Chronicle, service: str) -> None:
        self._chronicle, self._service = chronicle, service

    def error(self, line: str, **about: Any) -> None:
        self._chronicle.error(self._service, line, **about)

    def warning(self, line: str, **about: Any) -> None:
        self._chronicle.note(self._service, line)

    info = debug = warning
