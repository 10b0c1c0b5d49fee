"""РП ДРН through ШЭП, the check of ЭЦП, and our own records, as intake asks them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID, uuid5

from pydantic import BaseModel, ConfigDict, TypeAdapter

from services.intake.domain.application import Fact
from services.intake.domain.door import DoorFacts
from services.intake.domain.registration import Refused, Talon
from shared.gateways.policies import LONG, POLICIES
from shared.gateways.shep import Shep
from shared.security.eds import SignatureVerifier

RPDRN, EDS = POLICIES["rpdrn"], POLICIES["eds"]
REGISTER = replace(RPDRN, deadline=LONG)
"""Before registration a silent РП ДРН redirects; afterwards it is asked for ever."""


@dataclass(frozen=True, slots=True)
class Registration:
    """What РП ДРН is given at S13: no more than it needs to give a talon."""

    application_id: UUID
    iin: str
    region: str
    point: str
    photo: str
    signature_sample: str
    canonical_sha256: str
    cms: str


class DocumentRegister(Protocol):
    """ППО РП ДРН; it promises no idempotency, so `talons_of` comes before every register. Raises `Unavailable`."""

    async def talons_of(self, application_id: UUID) -> tuple[Talon, ...]: ...
    async def register(self, registration: Registration) -> Talon | Refused: ...
    async def recall(self, talon: str, reason: str) -> str:
        """Empty when it is recalled, else the code of the refusal."""
        ...

    async def report(self, talon: str, fact: Fact) -> bool: ...
    async def result_request(self, talon: str) -> str: ...


class OwnRecords(Protocol):
    """What intake itself has written: facts for the door, and who holds a talon."""

    async def door_facts(self, iin_index: str, since: datetime) -> DoorFacts: ...
    async def holder_of(self, talon: str) -> UUID | None: ...


@dataclass(frozen=True, slots=True)
class World:
    own: OwnRecords
    register: DocumentRegister
    verifier: SignatureVerifier


class _Talon(BaseModel):
    model_config = ConfigDict(extra="ignore")

    talon: str
    documentation_code: str
    registered_at: datetime
    recalled: bool = False

    def known(self) -> Talon:
        return Talon(self.talon, self.documentation_code, self.registered_at, self.recalled)


_TALONS: TypeAdapter[list[_Talon]] = TypeAdapter(list[_Talon])


@dataclass(frozen=True, slots=True)
class ShepRegister:
    """РП ДРН through ШЭП."""

    shep: Shep
    now: Callable[[], datetime]

    async def talons_of(self, application_id: UUID) -> tuple[Talon, ...]:
        data = {"application_id": str(application_id)}
        answer = await self._ask("RPDRN_FIND", data, _key(application_id, "find"))
        return tuple(talon.known() for talon in _TALONS.validate_python(answer.get("talons") or []))

    async def register(self, registration: Registration) -> Talon | Refused:
        key = _key(registration.application_id, "register/1")
        data = {
            "key": key,
            "application_id": str(registration.application_id),
            "iin": registration.iin,
            "region": registration.region,
            "point": registration.point,
            "photo": registration.photo,
            "signature_sample": registration.signature_sample,
            "canonical_sha256": registration.canonical_sha256,
            "cms": registration.cms,
        }
        answer = await self._ask("RPDRN_REGISTER", data, key)
        if _yes(answer.get("registered")):
            return _Talon.model_validate(answer).known()
        return Refused(*(str(answer.get(name) or "") for name in ("code", "text_kk", "text_ru")))

    async def recall(self, talon: str, reason: str) -> str:
        answer = await self._ask("RPDRN_RECALL", {"talon": talon, "reason": reason}, f"recall/{talon}")
        return "" if _yes(answer.get("recalled")) else str(answer.get("code") or "NOT_RECALLED")

    async def report(self, talon: str, fact: Fact) -> bool:
        data = {
            "talon": talon,
            "number": fact.number,
            "stage": fact.stage.value,
            "at": fact.at.isoformat(),
            "ground": fact.ground or None,
            "officer": fact.officer or None,
        }
        answer = await self._ask("RPDRN_STAGE", data, f"stage/{talon}/{fact.number}")
        return _yes(answer.get("accepted"))

    async def result_request(self, talon: str) -> str:
        answer = await self._ask("RPDRN_RESULT", {"talon": talon}, f"result/{talon}")
        return str(answer["request_id"])

    async def _ask(self, service_id: str, data: Mapping[str, Any], message_id: str) -> dict[str, Any]:
        return await self.shep.ask(service_id, data, message_id, self.now())


def _key(application_id: UUID, purpose: str) -> str:
    return str(uuid5(application_id, purpose))


def _yes(said: object) -> bool:
    return said in (True, "true")
