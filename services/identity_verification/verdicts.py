"""S10 by the image's SHA-256: the same image is fetched and measured once by a process, however often it is filed."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, nullcontext
from typing import Any, Generic, Protocol, TypeVar

from shared.contracts.values import FileRef

V = TypeVar("V")
MOST = 512


class Images(Protocol):
    """The encrypted object store; raises `LookupError` for a reference it does not hold."""

    async def get(self, reference: str) -> bytes: ...


class Verdicts(Generic[V]):
    """What was last found by one check. Intake has made sure that reference and SHA-256 belong together.

    An image is fetched only when its `turn` has come: however many wait, one lies in memory.
    """

    def __init__(
        self,
        check: Callable[[bytes], Awaitable[V]],
        turn: AbstractAsyncContextManager[Any] | None = None,
        most: int = MOST,
    ) -> None:
        self._check, self._most = check, most
        self._turn = turn or nullcontext()
        self._known: OrderedDict[str, V] = OrderedDict()

    async def of(self, file: FileRef, images: Images) -> V:
        known = self._known.get(file.sha256)
        if known is not None:
            return known
        async with self._turn:
            known = self._known.get(file.sha256)
            if known is None:
                known = self._known[file.sha256] = await self._check(await images.get(file.reference))
                if len(self._known) > self._most:
                    self._known.popitem(last=False)
            return known
