"""`python -m tests.fuzz [--uploads N] [--seed N]`: mutated uploads at intake's door, and what was seen meanwhile."""

from __future__ import annotations

import argparse
import asyncio
import faulthandler
import sys
import tempfile
import time
from pathlib import Path

from shared.security.keyring import system_nonces
from shared.security.objects import FolderObjects
from tests.fuzz.door import Door, Seen, watched
from tests.fuzz.mutations import mutated
from tests.fuzz.seeds import seeds
from tests.services.intake.desk import desk_in

HANGS = 120.0
"""Seconds without one answer after which the stacks are written and all is over."""


async def knock(uploads: int, first: int, folder: Path) -> Seen:
    """`uploads` files, each made of a seed image by its number, one after another."""
    store = folder / "objects"
    (folder / "desk").mkdir()
    objects = FolderObjects(store, bytes(range(32)), system_nonces)
    originals = list(seeds().items())
    async with desk_in(folder / "desk", objects) as desk:
        door = Door(await desk.opened(), store)
        with watched(door.seen):
            for number in range(first, first + uploads):
                name, body = originals[number % len(originals)]
                media = "image/jpeg" if name.startswith("jpeg") == (number % 17 != 0) else "image/png"
                faulthandler.dump_traceback_later(HANGS, exit=True)
                await door.send(f"{number} ({name})", mutated(body, number), media)
                if sys.stdout.isatty() and number % 100 == 0:
                    print(f"\r{number - first} of {uploads}", end="", flush=True)
        faulthandler.cancel_dump_traceback_later()
    door.look()
    return door.seen


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--uploads", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0, help="the number of the first upload")
    asked = parser.parse_args()
    faulthandler.enable()
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="kualik-fuzz-") as folder:
        seen = asyncio.run(knock(asked.uploads, asked.seed, Path(folder).resolve()))
    answers = ", ".join(f"{count} × {status}" for status, count in sorted(seen.answers.items()))
    for each in seen.bad[:50]:
        print(f"fuzz: {each}")
    print(
        f"fuzz: {asked.uploads} uploads in {time.monotonic() - began:.0f} s: {answers}; {seen.kept} kept and opened "
        f"again, the slowest took {seen.slowest * 1000:.0f} ms, {len(seen.bad)} faults"
    )
    return 1 if seen.bad else 0


if __name__ == "__main__":
    sys.exit(main())
