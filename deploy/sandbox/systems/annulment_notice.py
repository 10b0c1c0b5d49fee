"""The notice of annulment as the revenue authority reads it: complete, with a paper that says the same."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Mapping
from hashlib import sha256
from typing import Any, Final

from deploy.sandbox.systems.paper_text import Unreadable, text_of

HELD: Final = ("number", "date", "decision_id", "ground", "talon", "receipt_id", "amount", "kbk", "legal_ground")
"""What the data holds, beside the cause and the paper."""
PRINTED: Final = ("number", "decision_id", "talon", "receipt_id", "kbk")
"""What the paper says word for word."""


def fault_of_notice(notice: Mapping[str, Any], told: Mapping[str, Any], holder_iin: str) -> str:
    """Why the application is rejected; empty when nothing is wrong. `told` is what receipt and application say of the
    same names, `holder_iin` whose account it is: the paper must be about the same person.
    """
    if not all(notice.get(name) for name in HELD):
        return "NOTICE_INCOMPLETE"
    if any(notice[name] != value for name, value in told.items()):
        return "NOTICE_DIFFERS"
    if not notice.get("pdf"):
        return "NOTICE_PAPER_MISSING"
    try:
        paper = b64decode(notice["pdf"], validate=True)
        text = text_of(paper)
    except (ValueError, TypeError, Unreadable):
        return "NOTICE_PAPER_UNREADABLE"
    if sha256(paper).hexdigest() != notice.get("sha256"):
        return "NOTICE_PAPER_DIFFERS"
    printed = [str(notice[name]) for name in PRINTED] + [f"{notice['amount']}₸", holder_iin]
    return "" if all("".join(words.split()) in text for words in printed) else "NOTICE_PAPER_DIFFERS"
