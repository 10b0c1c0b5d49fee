"""Where images are measured: OpenCV and its memory in a process of their own, one image after another."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from services.identity_verification.photo.findings import Findings
from services.identity_verification.signature_sample import SampleFindings
from services.identity_verification.verdicts import Verdicts
from shared.engine.rows import Unavailable
from shared.isolated import Broken, Isolated, Starved

SECONDS = 10.0
"""Of the processor, for one image: it takes a fifth of a second, however long it may have to wait for its turn."""
PHOTO, SAMPLE = b"P", b"S"
DEPENDENCY = "laboratory"
TRIES = 2


class Laboratory:
    """A process that dies, cannot finish or gets no processor says nothing of the image, and nothing is remembered:
    `Unavailable("laboratory")` is raised, the engine asks again by its policy, and after that the officer looks.
    """

    def __init__(
        self, worker: Callable[[bytes], Awaitable[bytes]] | None = None, tell: Callable[..., object] | None = None
    ) -> None:
        self._worker = worker or Isolated(f"{__name__}:examined", SECONDS)
        self._tell = tell
        turn = asyncio.Semaphore(1)
        self.photos: Verdicts[Findings] = Verdicts(self.photo, turn)
        self.samples: Verdicts[SampleFindings] = Verdicts(self.sample, turn)

    async def photo(self, content: bytes) -> Findings:
        """Raises `Unavailable`."""
        return Findings.read(await self._asked(PHOTO + content))

    async def sample(self, content: bytes) -> SampleFindings:
        """Raises `Unavailable`."""
        return SampleFindings.read(await self._asked(SAMPLE + content))

    async def _asked(self, content: bytes) -> bytes:
        """At once again if the process ended: it may have done so for reasons of its own. Raises `Unavailable`."""
        for _ in range(TRIES):
            try:
                return await self._worker(content)
            except Broken as broken:
                if self._tell:
                    self._tell("an image was not measured", error=str(broken), size=len(content) - 1)
                if isinstance(broken, Starved):
                    break
        raise Unavailable(DEPENDENCY)


def examined(request: bytes) -> bytes:
    """In the process of its own."""
    from services.identity_verification.photo.measuring import measured
    from services.identity_verification.strokes import measured_sample

    kind, content = request[:1], request[1:]
    return measured(content).written() if kind == PHOTO else measured_sample(content).written()
