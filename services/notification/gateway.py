"""The SMS gateway and the mail server: both take the notice id, by which a repeat is known."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from shared.gateways.policies import POLICIES
from shared.gateways.rest import Rest

SMS, SMTP = POLICIES["sms"], POLICIES["smtp"]


class SmsGateway(Protocol):
    """Two messages of one id are one message. Raises `Unavailable("sms")`."""

    async def send(self, notice_id: str, phone: str, text: str) -> None: ...


@dataclass(frozen=True, slots=True)
class Code:
    """What a letter shows as a QR code; `words` stand for it where it is not seen, `language` is the letter's."""

    text: str
    words: str
    language: str


class MailServer(Protocol):
    """The notice id is in the Message-ID. False: the address is refused for good. Raises `Unavailable("smtp")`."""

    async def send(
        self, notice_id: str, address: str, subject: str, body: str, at: datetime, code: Code | None = None
    ) -> bool: ...


@dataclass(frozen=True, slots=True)
class World:
    """`portal_url` is where the citizen reads the rest."""

    sms: SmsGateway
    mail: MailServer
    portal_url: str

    def link(self, application_id: UUID) -> str:
        return f"{self.portal_url.rstrip('/')}/applications/{application_id}"


@dataclass(frozen=True, slots=True)
class RestSms:
    rest: Rest

    async def send(self, notice_id: str, phone: str, text: str) -> None:
        await self.rest.post("/messages", {"id": notice_id, "phone": phone, "text": text})
