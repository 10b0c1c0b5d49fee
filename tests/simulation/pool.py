"""Two processes that play: what the imports and the first seed made stays for good in each."""

from __future__ import annotations

import gc
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from tests.simulation.play import play

PROCESSES = 2


def _ready() -> None:
    """No collection need look through what every seed uses."""
    play(1)
    gc.collect()
    gc.freeze()


def processes() -> ProcessPoolExecutor:
    """To be entered as a context."""
    return ProcessPoolExecutor(PROCESSES, get_context("spawn"), _ready)
