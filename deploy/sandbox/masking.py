"""What was exchanged, fit to be looked at: the form is kept, and of the values only those that are nobody's data."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

MASK: Final = "•••"
LONGEST, MOST_ITEMS, DEEPEST = 1_000, 3, 12
"""Characters of one text; items of one list; levels of nesting."""

OPEN: Final = frozenset({
    "accepted", "accepted_on", "amount", "applicationId", "application_id", "at", "callback_id", "case_id",
    "correctable", "correlation", "error", "fault", "filed_at", "flow_session_failure_reasons",
    "flow_session_result", "found", "from", "ground", "invoice_id", "kbk", "kind", "match", "messageId",
    "messageResult", "next", "opened_at", "order_id", "page", "paid_at", "paid_on", "phoneMatches", "point",
    "reason", "reasonCode", "recalled", "receipt_id", "region", "register_id", "registered", "registeredAt",
    "result", "round", "spoiled", "stage", "stageDate", "status", "statusDate", "talon", "talonNumber",
    "technologies", "to", "type", "until", "what",
})  # fmt: skip
"""Names whose values may be seen: standings, codes, sums, moments, ids of cases. Whatever is not here is masked."""

_PLAIN = re.compile(r"[A-Za-z0-9_.:+-]{1,64}")
_PERSONAL = re.compile(r"\+?\d{10,12}|KZ[0-9A-Z]{18}")
"""An ИИН or БИН, a telephone, an account: never shown, whatever its name is."""


def masked(said: Any) -> str:
    """One line of JSON, shortened; empty for nothing."""
    if said is None or said == {}:
        return ""
    text = json.dumps(_seen(said, "", DEEPEST), ensure_ascii=False, separators=(", ", ": "))
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def _seen(said: Any, name: str, deep: int) -> Any:
    if deep == 0:
        return MASK
    if isinstance(said, Mapping):
        return {_name(str(key)): _seen(value, str(key), deep - 1) for key, value in said.items()}
    if isinstance(said, Sequence) and not isinstance(said, str | bytes | bytearray):
        more = [f"and {len(said) - MOST_ITEMS} more"] if len(said) > MOST_ITEMS else []
        return [*(_seen(each, name, deep - 1) for each in said[:MOST_ITEMS]), *more]
    if said is None or isinstance(said, bool):
        return said
    open_here = name in OPEN and _PLAIN.fullmatch(str(said)) and not _PERSONAL.fullmatch(str(said))
    return said if open_here and isinstance(said, str | int) else MASK


def _name(key: str) -> str:
    """Names come from outside too."""
    return key if _PLAIN.fullmatch(key) and not _PERSONAL.fullmatch(key) else MASK
