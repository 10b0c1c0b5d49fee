"""E-mail addresses a notice can be sent to. Optional for the citizen; plain ASCII, one address, no display name."""

from __future__ import annotations

import re

LABEL = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
WORD = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
ADDRESS = re.compile(rf"(?P<box>{WORD}(?:\.{WORD})*)@(?:{LABEL}\.)+[A-Za-z](?:[A-Za-z0-9-]*[A-Za-z0-9])")


def is_email(written: str) -> bool:
    """At most 254 characters, at most 64 before the @ (RFC 5321); nothing in it can break out of a mail header."""
    found = ADDRESS.fullmatch(written) if len(written) <= 254 else None
    return found is not None and len(found["box"]) <= 64
