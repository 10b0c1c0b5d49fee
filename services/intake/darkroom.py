"""Where uploads are written anew: Pillow and its memory in a process of their own, one image after another.

The loop is not held up by it, and a file that breaks its reader breaks a process that knows no key and no address.
"""

from __future__ import annotations

import struct
from collections.abc import Awaitable, Callable

from shared.engine.rows import Unavailable
from shared.isolated import Broken, Isolated, Starved
from shared.security.cleaning import Clean, cleaned
from shared.security.images import ImageFault, ImageLimits

DEPENDENCY = "darkroom"
SECONDS = 5.0
"""Of the processor, for one image: the largest allowed takes a fifth of one."""
PATIENCE = 20.0
"""By the clock on the wall: then whoever sent it is told to come again."""
TRIES = 2
LIMITS = struct.Struct(">III")
CLEAN, FAULT = b"C", b"F"


class Darkroom:
    """Call it with a file and its limits. What is clean, or why it is no image; raises `Unavailable` when the process
    died or got no processor: nothing is said of the file then, and nothing is kept.
    """

    def __init__(
        self, worker: Callable[[bytes], Awaitable[bytes]] | None = None, tell: Callable[..., object] | None = None
    ) -> None:
        self._worker = worker or Isolated(f"{__name__}:washed", SECONDS, patience=PATIENCE)
        self._tell = tell

    async def __call__(self, content: bytes, limits: ImageLimits) -> Clean | ImageFault:
        request = LIMITS.pack(limits.bytes, limits.pixels, limits.side) + content
        for _ in range(TRIES):
            try:
                return read(await self._worker(request))
            except Broken as broken:
                if self._tell:
                    self._tell("an upload was not written anew", error=str(broken), size=len(content))
                if isinstance(broken, Starved):
                    break
        raise Unavailable(DEPENDENCY)


def read(answer: bytes) -> Clean | ImageFault:
    """What `washed` wrote."""
    if answer[:1] == FAULT:
        return ImageFault(answer[1:].decode())
    media_type, _, content = answer[1:].partition(b"\n")
    return Clean(content, media_type.decode())


def washed(request: bytes) -> bytes:
    """In the process of its own."""
    limits = ImageLimits(*LIMITS.unpack(request[: LIMITS.size]))
    found = cleaned(request[LIMITS.size :], limits)
    if isinstance(found, ImageFault):
        return FAULT + found.encode()
    return CLEAN + found.media_type.encode() + b"\n" + found.content
