"""A sink for e-mail over real SMTP: what comes is kept in memory, counted by Message-ID."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from email.message import Message
from email.parser import BytesParser
from email.policy import default
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session

from deploy.sandbox.http import Systems

KEPT = 5_000


@dataclass
class Mailbox:
    """`messages` by Message-ID; the same id again is one message and a repeat.

    Without slots: aiosmtpd looks through its handler's members, and Python 3.11.2 stumbles over those of a slotted one.
    """

    systems: Systems
    messages: dict[str, Message] = field(default_factory=dict, repr=False)
    ids: Counter[str] = field(default_factory=Counter)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 — aiosmtpd's
        weather = self.systems.faults.weather("smtp")
        await asyncio.sleep(weather.delay)
        if weather.fails:
            self.systems.note("smtp", "DATA", "failed")
            return "451 4.3.0 not now"
        content = envelope.content
        assert isinstance(content, bytes)
        message = BytesParser(policy=default).parsebytes(content)
        id = str(message["Message-ID"] or f"none-{self.ids.total()}")
        self.ids[id] += 1
        if len(self.messages) < KEPT:
            self.messages.setdefault(id, message)
        self.systems.note("smtp", "DATA", weather.outcome)
        if weather.lost:
            return "451 4.3.0 lost"
        return "250 2.0.0 kept"

    def counts(self) -> dict[str, Any]:
        return {"mails": len(self.ids), "mail_repeats": self.ids.total() - len(self.ids)}

    def server(self) -> SMTP:
        """One protocol object per connection."""
        return SMTP(self, enable_SMTPUTF8=True, hostname="sandbox", ident="kualik sandbox")
