"""The SMS gateway: the same id is one message."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from deploy.sandbox.systems.ground import Plain, Said, need


@dataclass(frozen=True, slots=True)
class Sms:
    id: str
    phone: str = field(repr=False)
    text: str = field(repr=False)
    at: datetime


@dataclass(slots=True)
class SmsGateway:
    messages: dict[str, Sms] = field(default_factory=dict)
    repeats: int = 0

    def ask(self, method: str, path: str, said: Said, now: datetime) -> Plain | None:
        """`POST /messages`, `GET /messages/{id}`; None: not found."""
        match (method, *path.strip("/").split("/")):
            case ("POST", "messages"):
                id, phone, text = need(said, "id", "phone", "text")
                self.repeats += id in self.messages
                self.messages.setdefault(id, Sms(id, phone, text, now))
                return {"status": "SENT"}
            case ("GET", "messages", id) if id in self.messages:
                return {"status": "SENT"}
        return None
