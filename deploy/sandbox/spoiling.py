"""How an answer is spoiled on its way: cut in half, signed wrongly, or an earlier one in its place."""

from __future__ import annotations

import re
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any, Final

KEPT: Final = 2_000
_SIGNATURE = re.compile(rb"SignatureValue>\s*(?=[A-Za-z0-9+/])")


def half(content: bytes) -> bytes:
    """The first half: framed rightly, and no whole document any more."""
    return content[: len(content) // 2]


def signed_wrongly(envelope: bytes) -> bytes:
    """Another value in the envelope's own signature, which stands first. What is signed with no XML ends otherwise."""
    found = _SIGNATURE.search(envelope)
    if found is None:
        return envelope[:-1] + bytes((envelope[-1] ^ 1,)) if envelope else envelope
    at = found.end()
    return envelope[:at] + (b"B" if envelope[at : at + 1] == b"A" else b"A") + envelope[at + 1 :]


@dataclass(slots=True)
class Earlier:
    """What was said first in answer to each question, of so many questions, the oldest forgotten first."""

    kept: OrderedDict[str, Any] = field(default_factory=OrderedDict)

    def than(self, question: str, answer: Any) -> Any:
        """The first answer to this question; this one when it is the first."""
        first = self.kept.setdefault(question, answer)
        while len(self.kept) > KEPT:
            self.kept.popitem(last=False)
        return first

    def before(self, question: str, answer: Any) -> Any:
        """The answer before this one, or None; from now on it is this one."""
        earlier = self.kept.pop(question, None)
        self.than(question, answer)
        return earlier
