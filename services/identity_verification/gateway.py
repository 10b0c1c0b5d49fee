"""ГБД ФЛ and БМГ through ШЭП, what КДП and Digital-ID are asked, the images; their clients stand beside this."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from services.identity_verification.answers import Consent, Phone, Session
from services.identity_verification.likeness import Likeness
from services.identity_verification.photo.findings import Findings
from services.identity_verification.photo.thresholds import THRESHOLDS, Thresholds
from services.identity_verification.signature_sample import SampleFindings
from services.identity_verification.state import PEOPLE, PHONES
from services.identity_verification.verdicts import Images, Verdicts
from shared.contracts.base import Value
from shared.contracts.identity_verification import ConsentToken
from shared.engine.rows import Unavailable
from shared.gateways import gbdfl
from shared.gateways.gbdfl_person import NotOnePerson, person_in
from shared.gateways.policies import POLICIES, without_end
from shared.gateways.shep import Shep
from shared.law.person import Person

V = TypeVar("V", bound=BaseModel)
KDP, GBDFL, BMG, DIGITAL_ID = (POLICIES[name] for name in ("kdp", "gbdfl", "bmg", "digital-id"))
LABORATORY = POLICIES["laboratory"]
UNDOING = without_end("digital-id")


class ConsentService(Protocol):
    """КДП. A request with a known id changes nothing. Raises `Unavailable("kdp")`."""

    async def request(self, request_id: str, iin: str, lifetime: timedelta) -> None: ...
    async def status_of(self, request_id: str, iin: str, lifetime: timedelta, at: datetime) -> Consent: ...


class PersonRegistry(Protocol):
    """ГБД ФЛ; None when it knows nobody of that IIN. Raises `Unavailable("gbdfl")`."""

    async def person_of(self, iin: str, consent: ConsentToken, ask: str) -> Person | None: ...


class MobileBase(Protocol):
    """БМГ. Raises `Unavailable("bmg")`."""

    async def phone_of(self, iin: str, phone: str, consent: ConsentToken, ask: str) -> Phone: ...


class DigitalId(Protocol):
    """Digital-ID. Keys make repeats harmless. Raises `Unavailable("digital-id")`."""

    async def open_session(self, key: str, iin: str) -> Session: ...
    async def session(self, session_id: str, iin: str) -> Session: ...
    async def cancel(self, session_id: str) -> None: ...
    async def compare(self, key: str, iin: str, photo: bytes) -> Likeness: ...


@dataclass(frozen=True, slots=True)
class World:
    consent: ConsentService
    people: PersonRegistry
    phones: MobileBase
    digital_id: DigitalId
    images: Images
    photos: Verdicts[Findings]
    samples: Verdicts[SampleFindings]
    thresholds: tuple[Thresholds, ...] = THRESHOLDS


class _Known(Value):
    model_config = ConfigDict(extra="ignore")

    found: bool
    phone_matches: bool = Field(alias="phoneMatches")


def _read(kind: type[V], answer: Mapping[str, Any], dependency: str) -> V:
    """An answer that does not read is no answer. Raises `Unavailable`, without what stood there."""
    try:
        return kind.model_validate(answer)
    except ValidationError:
        raise Unavailable(dependency) from None


@dataclass(frozen=True, slots=True)
class ShepIdentity:
    """ГБД ФЛ and БМГ through ШЭП; `now` is machine time."""

    shep: Shep
    now: Callable[[], datetime]

    async def person_of(self, iin: str, consent: ConsentToken, ask: str) -> Person | None:
        question = {
            "messageId": ask,
            "messageDate": self.now().isoformat(),
            "senderCode": self.shep.login.sender,
            "iin": iin,
            "kdpToken": consent.token,
            "publicKey": consent.public_key,
        }
        answer = await self.shep.ask(PEOPLE, question, ask, self.now())
        if not answer:
            return None
        try:
            return person_in(_read(gbdfl.Response, answer, GBDFL.dependency), iin)
        except NotOnePerson:
            raise Unavailable(GBDFL.dependency) from None

    async def phone_of(self, iin: str, phone: str, consent: ConsentToken, ask: str) -> Phone:
        question = {"iin": iin, "phone": phone, "kdpToken": consent.token, "publicKey": consent.public_key}
        answer = await self.shep.ask(PHONES, question, ask, self.now())
        known = _read(_Known, answer, BMG.dependency)
        return Phone(known.found, known.phone_matches)
