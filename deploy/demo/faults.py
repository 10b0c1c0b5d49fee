"""`FAULTS=on`: everything that the applications meet goes wrong now and then, and one system is down for a while."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final

from deploy.sandbox.faults import KINDS

SHARE: Final = 0.2
"""Of all calls fail so many; of all call-backs so many come twice, and so many have older news after them."""
DELAY: Final = 0.2
LATE: Final = 1.5
"""Machine seconds: before each answer, and by which each call-back comes late."""
GARBLED: Final = 0.03
"""Of all answers so many are signed wrongly, cut in half, or earlier ones."""
DOWN: Final = "zags"
DOWN_AFTER: Final = 4.0
DOWN_FOR: Final = 25.0
"""Machine seconds of the first act."""

_WANTED: Final[dict[str, Any]] = {
    "delay": DELAY,
    "error_rate": SHARE,
    "wrong_signature_rate": GARBLED,
    "truncated_rate": GARBLED,
    "stale_rate": GARBLED,
    "duplicate_rate": SHARE,
    "late": LATE,
}


def everywhere(but: Collection[str] = ()) -> list[dict[str, Any]]:
    """How each system is switched, `but` these: whatever can go wrong with it does. Call-backs as their systems."""
    return [
        {"system": system, **{name: share for name, share in _WANTED.items() if name in kind.faults}}
        for system, kind in KINDS.items()
        if system not in ("callbacks", *but)
    ]
