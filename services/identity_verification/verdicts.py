"""S10 by the image's SHA-256: the same image is fetched and judged once by a process, however often it is filed."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, Protocol, TypeVar

from shared.contracts.values import FileRef

V = TypeVar("V")
MOST = 512


class Images(Protocol):
    """The encrypted object store; raises `LookupError` for a reference it does not hold."""

    async def get(self, reference: str) -> bytes: ...


class Verdicts(Generic[V]):
    """The last verdicts of one check. Intake has made sure that reference and SHA-256 belong together."""

    def __init__(self, check: Callable[[bytes], V], most: int = MOST) -> None:
        self._check, self._most = check, most
        self._known: OrderedDict[str, V] = OrderedDict()

    async def of(self, file: FileRef, images: Images) -> V:
        known = self._known.get(file.sha256)
        if known is None:
            known = self._known[file.sha256] = self._check(await images.get(file.reference))
            if len(self._known) > self._most:
                self._known.popitem(last=False)
        return known
