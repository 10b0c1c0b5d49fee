"""What must hold always (process.md 4), judged over the tables when all is over."""

from __future__ import annotations

from typing import Any


def judge(world: Any) -> list[str]:
    return [*world.house.chronicle.errors, *([world.calendar.why] if world.calendar.why else [])]
