"""Upload grants: whoever holds one may put one photo and one signature sample into one application, for a while (S9).

A grant is `g1.<base64url>` of its end, its name and a tag over both and the application. Nothing is kept of those that
are out; that a grant was used stands with the file that came by it.
"""

from __future__ import annotations

import binascii
import hashlib
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

NAME: Final = 12
"""Bytes of a grant's name: draw as many."""
_END: Final = 8
_TAG: Final = 16


@dataclass(frozen=True, slots=True)
class Grants:
    """Makes and reads them. Moments are machine time."""

    key: bytes = field(repr=False)

    def issue(self, application_id: UUID, until: datetime, name: bytes) -> str:
        body = int(until.timestamp()).to_bytes(_END) + name
        return "g1." + urlsafe_b64encode(body + self._tag(application_id, body)).decode().rstrip("=")

    def name_in(self, grant: str, application_id: UUID, now: datetime) -> str | None:
        """The name (hex) of a grant of ours for that application that has not ended; None for all else."""
        kind, _, text = grant.partition(".")
        try:
            whole = _bytes(text)
        except (binascii.Error, ValueError):
            return None
        body, tag = whole[: _END + NAME], whole[_END + NAME :]
        if kind != "g1" or not hmac.compare_digest(tag, self._tag(application_id, body)):
            return None
        return body[_END:].hex() if now < end_of(grant) else None

    def _tag(self, application_id: UUID, body: bytes) -> bytes:
        return hmac.digest(self.key, b"g1" + application_id.bytes + body, hashlib.sha256)[:_TAG]


def end_of(grant: str) -> datetime:
    """When a grant of ours ends."""
    return datetime.fromtimestamp(int.from_bytes(_bytes(grant.partition(".")[2])[:_END]), UTC)


def _bytes(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
