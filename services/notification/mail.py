"""E-mail over SMTP. The server's STARTTLS is used when it offers it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

import aiosmtplib

from shared.engine.rows import Unavailable

WRONG_ADDRESS = frozenset((501, 550, 551, 552, 553, 555))
"""Replies to RCPT that no repeat would change (RFC 5321): the address is at fault, not the server."""


@dataclass(frozen=True, slots=True)
class SmtpMail:
    """`sender` is the From address, whose domain ends the Message-ID; `timeout` in seconds for each command."""

    host: str
    port: int
    sender: str
    timeout: float = 5.0

    async def send(self, notice_id: str, address: str, subject: str, body: str, at: datetime) -> bool:
        """Whether the server took it; False when it refuses the address for good. Raises `Unavailable("smtp")`."""
        letter = self.letter(notice_id, address, subject, body, at)
        client = aiosmtplib.SMTP(hostname=self.host, port=self.port, timeout=self.timeout)
        try:
            async with client:
                await client.send_message(letter, sender=self.sender, recipients=[address])
        except aiosmtplib.SMTPRecipientsRefused as refused:
            if all(one.code in WRONG_ADDRESS for one in refused.recipients):
                return False
            raise Unavailable("smtp") from None
        except (aiosmtplib.SMTPException, OSError):
            raise Unavailable("smtp") from None
        return True

    def letter(self, notice_id: str, address: str, subject: str, body: str, at: datetime) -> EmailMessage:
        """The same for the same notice, but for its date."""
        letter = EmailMessage(policy=SMTP)
        letter["From"] = self.sender
        letter["To"] = address
        letter["Subject"] = subject
        letter["Date"] = format_datetime(at)
        letter["Message-ID"] = f"<{notice_id}@{self.sender.rpartition('@')[2]}>"
        letter["Auto-Submitted"] = "auto-generated"
        letter.set_content(body)
        return letter
