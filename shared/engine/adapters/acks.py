"""Acknowledgements that are ready together are told to the broker together, with `multiple`.

Tags of a channel count from 1 without a gap, so `multiple` is used only up to the last tag before which every one is
done: what was delivered and is still in hand, or has not even reached us, is never acknowledged along with others.
"""

from __future__ import annotations

import asyncio
from weakref import WeakKeyDictionary

from aiormq.abc import AbstractChannel

ASTRAY = 10_000
"""So many done tags behind one that is not: it was lost on its way to us, and from now on each is told by itself."""


class Acks:
    """The acknowledgements of one process, by the channel on which their deliveries came."""

    def __init__(self) -> None:
        self._of: WeakKeyDictionary[AbstractChannel, _Told] = WeakKeyDictionary()

    async def ack(self, channel: AbstractChannel, tag: int) -> None:
        """Returns when it is written out. Raises what the channel raises."""
        told = self._of.get(channel)
        if told is None:
            told = self._of[channel] = _Told()
        await told.ack(channel, tag)


class _Told:
    """What one channel was told."""

    def __init__(self) -> None:
        self._upto = 0  # this tag and all before it are told
        self._beyond: set[int] = set()  # told, but one before them is not
        self._ready: list[int] = []
        self._telling: asyncio.Task[None] | None = None
        self._astray = False

    async def ack(self, channel: AbstractChannel, tag: int) -> None:
        self._ready.append(tag)
        if self._telling is None:
            self._telling = asyncio.create_task(self._tell(channel))
        await asyncio.shield(self._telling)

    async def _tell(self, channel: AbstractChannel) -> None:
        """Starts one turn of the loop after the first of them is ready: those of the same batch are ready by then."""
        ready, self._ready, self._telling = self._ready, [], None
        together, alone = self._parted(sorted(ready))
        if together:
            await channel.basic_ack(together, multiple=True, wait=False)
        for tag in alone:
            await channel.basic_ack(tag, wait=False)

    def _parted(self, ready: list[int]) -> tuple[int, list[int]]:
        """The tag up to which all are done (0: none that is not told), and those that are told one by one."""
        together, alone = 0, list[int]()
        for tag in ready:
            while self._upto + 1 in self._beyond:
                self._upto += 1
                self._beyond.remove(self._upto)
            if tag == self._upto + 1 and not self._astray:
                self._upto = together = tag
            else:
                alone.append(tag)
                self._beyond.add(tag)
        if self._astray or len(self._beyond) > ASTRAY:
            self._astray = True
            self._beyond.clear()
        return together, alone
