"""E-mail over SMTP. The server's STARTTLS is used when it offers it. A letter with a code is a page, too; whoever reads
no pages has the same words as text.
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from html import escape
from typing import Final

import aiosmtplib

from services.notification.gateway import Code
from shared.documents.qr import picture_of
from shared.engine.rows import Unavailable

WRONG_ADDRESS = frozenset((501, 550, 551, 552, 553, 555))
"""Replies to RCPT that no repeat would change (RFC 5321): the address is at fault, not the server."""
_ADDRESS: Final = re.compile(r"https?://\S+")


@dataclass(frozen=True, slots=True)
class SmtpMail:
    """`sender` is the From address, whose domain ends the Message-ID; `timeout` in seconds for each command."""

    host: str
    port: int
    sender: str
    timeout: float = 5.0

    async def send(
        self, notice_id: str, address: str, subject: str, body: str, at: datetime, code: Code | None = None
    ) -> bool:
        """Whether the server took it; False when it refuses the address for good. Raises `Unavailable("smtp")`."""
        letter = await asyncio.to_thread(self.letter, notice_id, address, subject, body, at, code)
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

    def letter(
        self, notice_id: str, address: str, subject: str, body: str, at: datetime, code: Code | None = None
    ) -> EmailMessage:
        """The same for the same notice, but for its date."""
        letter = EmailMessage(policy=SMTP)
        letter["From"] = self.sender
        letter["To"] = address
        letter["Subject"] = subject
        letter["Date"] = format_datetime(at)
        letter["Message-ID"] = f"<{notice_id}@{self.sender.rpartition('@')[2]}>"
        letter["Auto-Submitted"] = "auto-generated"
        letter.set_content(body)
        if code is not None:
            _show(letter, notice_id, body, code)
        return letter


def _show(letter: EmailMessage, notice_id: str, body: str, code: Code) -> None:
    """The same words as a page, with the code below. Content id and boundaries follow from the notice, too."""
    cid = f"code-{notice_id}@{letter['Message-ID'].rpartition('@')[2].rstrip('>')}"
    letter.make_alternative(boundary=f"words-{notice_id}")
    letter.add_alternative(_page(letter["Subject"], body, code, cid), subtype="html")
    page = letter.get_body(("html",))
    assert isinstance(page, EmailMessage)
    page.make_related(boundary=f"page-{notice_id}")
    page.add_related(picture_of(code.text), "image", "png", cid=f"<{cid}>", filename="qr.png", disposition="inline")


def _page(subject: str, body: str, code: Code, cid: str) -> str:
    words = "".join(f"<p>{_ADDRESS.sub(_link, escape(each))}</p>\n" for each in body.strip().split("\n\n"))
    head = f'<meta charset="utf-8"><title>{escape(subject)}</title>'
    return (
        f'<!doctype html>\n<html lang="{code.language}"><head>{head}</head><body>\n'
        f'{words}<p><img src="cid:{cid}" alt="{escape(code.words)}"></p>\n</body></html>\n'
    )


def _link(found: re.Match[str]) -> str:
    return f'<a href="{found[0]}">{found[0]}</a>'
