"""КДП, ГБД ФЛ and БМГ through ШЭП; Digital-ID; the images behind their claim checks."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from services.identity_verification.answers import Consent, Phone, Session
from services.identity_verification.likeness import Likeness
from services.identity_verification.state import ACCESS_NAMES, PEOPLE, PHONES
from shared.contracts.identity_verification import ConsentToken
from shared.engine.service import AskPolicy
from shared.gateways.rest import Rest
from shared.gateways.shep import Shep
from shared.law.person import Person

LONG = timedelta(hours=2)  # [D] before registration a silent system redirects after this
KDP = AskPolicy("kdp", deadline=LONG)
GBDFL = AskPolicy("gbdfl", deadline=LONG)
BMG = AskPolicy("bmg", deadline=LONG, p12=True)
DIGITAL_ID = AskPolicy("digital-id", deadline=LONG, p12=True)
UNDOING = AskPolicy("digital-id")  # what is to be undone is tried until it is


class ConsentService(Protocol):
    """КДП. A request with a known id changes nothing. Raises `Unavailable("kdp")`."""

    async def request(self, request_id: str, iin: str, phone: str, lifetime: timedelta) -> None: ...
    async def status_of(self, request_id: str) -> Consent: ...


class PersonRegistry(Protocol):
    """ГБД ФЛ; None when it knows nobody of that IIN. Raises `Unavailable("gbdfl")`."""

    async def person_of(self, iin: str, consent: ConsentToken, ask: str) -> Person | None: ...


class MobileBase(Protocol):
    """БМГ. Raises `Unavailable("bmg")`."""

    async def phone_of(self, iin: str, phone: str, consent: ConsentToken, ask: str) -> Phone: ...


class DigitalId(Protocol):
    """Digital-ID. Keys make repeats harmless. Raises `Unavailable("digital-id")`."""

    async def open_session(self, key: str, iin: str) -> Session: ...
    async def session(self, session_id: str) -> Session: ...
    async def cancel(self, session_id: str) -> None: ...
    async def compare(self, key: str, iin: str, photo: bytes) -> Likeness: ...


class Images(Protocol):
    """The encrypted object store; raises `LookupError` for a reference it does not hold."""

    async def get(self, reference: str) -> bytes: ...


@dataclass(frozen=True, slots=True)
class World:
    consent: ConsentService
    people: PersonRegistry
    phones: MobileBase
    digital_id: DigitalId
    images: Images


@dataclass(frozen=True, slots=True)
class ShepIdentity:
    """КДП, ГБД ФЛ and БМГ through ШЭП."""

    shep: Shep
    now: Callable[[], datetime]

    async def request(self, request_id: str, iin: str, phone: str, lifetime: timedelta) -> None:
        question = {
            "action": "REQUEST",
            "request_id": request_id,
            "uin": iin,
            "phone": phone,
            "access_names": list(ACCESS_NAMES),
            "lifetime_minutes": int(lifetime.total_seconds() // 60),
        }
        await self.shep.ask("KDP_SERVICE", question, request_id, self.now())

    async def status_of(self, request_id: str) -> Consent:
        question = {"action": "STATUS", "request_id": request_id}
        answer = await self.shep.ask("KDP_SERVICE", question, f"{request_id}/status", self.now())
        tokens = [
            ConsentToken(
                access_name=token["access_name"],
                token="".join(token["code"].split()),
                public_key=token["public_key"],
                expires_at=token["expires_at"],
            )
            for token in answer.get("tokens") or []
        ]
        return Consent(str(answer.get("status") or "UNKNOWN"), tuple(tokens))

    async def person_of(self, iin: str, consent: ConsentToken, ask: str) -> Person | None:
        question = {"iin": iin, "kdpToken": consent.token, "publicKey": consent.public_key}
        answer = await self.shep.ask(PEOPLE, question, ask, self.now())
        return Person.model_validate(answer["person"]) if answer.get("person") else None

    async def phone_of(self, iin: str, phone: str, consent: ConsentToken, ask: str) -> Phone:
        question = {"iin": iin, "phone": phone, "kdpToken": consent.token, "publicKey": consent.public_key}
        answer = await self.shep.ask(PHONES, question, ask, self.now())
        return Phone(answer.get("found") == "true", answer.get("phone_matches") == "true")


@dataclass(frozen=True, slots=True)
class RestDigitalId:
    rest: Rest

    async def open_session(self, key: str, iin: str) -> Session:
        answer = await self.rest.post("/sessions", {"key": key, "iin": iin})
        return Session(str(answer["session_id"]), str(answer["url"]))

    async def session(self, session_id: str) -> Session:
        answer = await self.rest.get(f"/sessions/{session_id}")
        return Session(session_id, status=str(answer.get("status") or "EXPIRED"))

    async def cancel(self, session_id: str) -> None:
        await self.rest.post(f"/sessions/{session_id}/cancel", {})

    async def compare(self, key: str, iin: str, photo: bytes) -> Likeness:
        answer = await self.rest.post("/compare", {"key": key, "iin": iin, "photo": base64.b64encode(photo).decode()})
        return Likeness(bool(answer["match"]), int(answer["score"]))
