"""Intake's own routes with the store in memory and the images in a folder; and the eyes that watch what it opens."""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from shared.security.objects import ObjectBroken, ObjectMissing
from tests.fuzz.seeds import SECRET
from tests.services.intake.desk import PHOTO, SAMPLE, Desk

SLOW = 2.0
"""Seconds that one upload may take: by the wall, unless others had the processor."""
FINE = {201, 413, 415, 422}
SIGNS = (b"\x89PNG", b"IHDR", b"JFIF", b"Exif", SECRET)
"""What a picture, or its maker, would show by. Five bytes do not come by chance."""
FILES = 30
"""An application takes forty: then its table forgets it, and it begins anew."""


@dataclass
class Seen:
    """What came of the uploads; `bad` should stay empty."""

    answers: Counter[int] = field(default_factory=Counter)
    bad: list[str] = field(default_factory=list)
    slowest: float = 0.0
    opened: set[str] = field(default_factory=set)
    kept: int = 0


@dataclass
class Door:
    """`send` puts one file; `look` searches the disk. `store` is where images may lie."""

    desk: Desk
    store: Path
    seen: Seen = field(default_factory=Seen)
    begun: int = 1

    async def send(self, name: str, body: bytes, media: str) -> None:
        cpu, wall = time.process_time(), time.monotonic()
        answer = await self.desk.put(PHOTO if media == "image/jpeg" else SAMPLE, body, media)
        took = min(time.process_time() - cpu, time.monotonic() - wall)
        seen = self.seen
        seen.answers[answer.status_code] += 1
        seen.slowest = max(seen.slowest, took)
        if answer.status_code not in FINE:
            seen.bad.append(f"{name}: {answer.status_code}")
        if took > SLOW:
            seen.bad.append(f"{name}: {took:.1f} s")
        if answer.status_code == 201:
            await self._look_at(name, answer.json()["reference"])

    async def _look_at(self, name: str, reference: str) -> None:
        """It opens, and nothing of its maker came through."""
        self.seen.kept += 1
        try:
            content = await self.desk.objects.get(reference)
        except (ObjectBroken, ObjectMissing) as fault:
            self.seen.bad.append(f"{name}: {type(fault).__name__}")
            return
        if SECRET in content:
            self.seen.bad.append(f"{name}: metadata came through")
        if len(self.desk.state().uploads) >= FILES:
            self.begun += 1
            self.desk.tables.states.clear()
            await self.desk.opened(self.begun)

    def look(self) -> None:
        """Every file of the store bears no sign of what it is and is its owner's alone, and there are no others."""
        for path in (each for each in self.store.rglob("*") if each.is_file()):
            if any(sign in path.read_bytes() for sign in SIGNS) or path.stat().st_mode & 0o077:
                self.seen.bad.append(f"{path.name} shows something")
        strangers = [path for path in self.seen.opened if not Path(path).resolve().is_relative_to(self.store)]
        self.seen.bad += [f"{path} was written" for path in sorted(strangers)]


@contextmanager
def watched(seen: Seen) -> Iterator[None]:
    """Every file that Python opens to write, and every folder and name that it makes."""
    at_work = True

    def eye(event: str, args: tuple[Any, ...]) -> None:
        if not at_work:
            return
        made = event in ("os.mkdir", "os.rename", "os.link", "os.symlink")
        if isinstance(args[0], str) and (made or (event == "open" and _writes(args[1], args[2]))):
            seen.opened.add(args[0])

    sys.addaudithook(eye)
    try:
        yield
    finally:
        at_work = False


def _writes(mode: str | None, flags: int) -> bool:
    return bool(flags & 0b11) if mode is None else any(letter in mode for letter in "wax+")
