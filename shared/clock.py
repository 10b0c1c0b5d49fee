"""The only place where time is read and chance is drawn; everything else is given both."""

from __future__ import annotations

import asyncio
import os
import random
import time
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

ALMATY = ZoneInfo("Asia/Almaty")


class SystemClock:
    """Machine time, and business time at an offset from it.

    The offset is one row of the database; whoever re-reads it each second tells it here. Leases, back-off,
    time-outs and tokens of security use the machine's time, everything a citizen can notice the business time.
    """

    def __init__(self, offset: timedelta = timedelta()) -> None:
        self.offset = offset

    def now(self) -> datetime:
        """Business time, aware, UTC."""
        return self.machine_now() + self.offset

    def today(self) -> date:
        """The business date in Asia/Almaty."""
        return self.now().astimezone(ALMATY).date()

    def machine_now(self) -> datetime:
        """Machine time, aware, UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Seconds since an arbitrary moment; never goes back."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Let others run for that long; zero or less is one turn of the loop."""
        await asyncio.sleep(max(0.0, seconds))

    def set_offset(self, offset: timedelta) -> None:
        """Business time is from now on machine time plus this."""
        self.offset = offset


class SystemIds:
    """Ids, nonces and jitter from the machine's own source of chance."""

    def uuid(self) -> UUID:
        return uuid4()

    def nonce(self, size: int) -> bytes:
        """`size` bytes fit for a cipher or a token."""
        return os.urandom(size)

    def jitter(self) -> float:
        """0 ≤ jitter < 1."""
        return random.random()


class SeededIds:
    """The same ids, nonces and jitter for the same seed: for the simulation, never where keys are real."""

    def __init__(self, seed: int | str) -> None:
        self._chance = random.Random(seed)

    def uuid(self) -> UUID:
        return UUID(int=self._chance.getrandbits(128), version=4)

    def nonce(self, size: int) -> bytes:
        return self._chance.randbytes(size)

    def jitter(self) -> float:
        """0 ≤ jitter < 1."""
        return self._chance.random()
