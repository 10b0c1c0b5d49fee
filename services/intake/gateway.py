"""РП ДРН through ШЭП, the check of ЭЦП, and our own records, as intake asks them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Protocol, TypeVar
from uuid import UUID, uuid5

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel

from services.intake.domain.door import DoorFacts
from services.intake.domain.facts import Fact
from services.intake.domain.registration import Refused, Talon
from services.intake.domain.watching import Fate
from shared.contracts.values import FileRef
from shared.engine.rows import Unavailable
from shared.gateways import catalogue
from shared.gateways.letters import Standing
from shared.gateways.policies import LONG, POLICIES
from shared.gateways.post import Post
from shared.gateways.shep import Shep
from shared.gateways.temp_files import TempFiles
from shared.security.eds import SignatureVerifier
from shared.security.objects import ObjectBroken, Objects

RPDRN, OBJECTS = POLICIES["rpdrn"], POLICIES["objects"]
REGISTER = replace(RPDRN, deadline=LONG)
"""Before registration a silent РП ДРН redirects; afterwards it is asked for ever."""


@dataclass(frozen=True, slots=True)
class Registration:
    """What РП ДРН is given at S13: no more than it needs to give a talon."""

    application_id: UUID
    iin: str
    region: str
    point: str
    photo: FileRef
    signature_sample: FileRef
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
    async def watch(self, talon: str, application_id: UUID) -> str:
        """Asks to be told of the talon: the id of the REQUEST. Asked twice, it is told once."""
        ...

    async def fate_of(self, request: str) -> Fate: ...


class OwnRecords(Protocol):
    """What intake itself has written: facts for the door, and who holds a talon."""

    async def door_facts(self, iin_index: str, since: datetime) -> DoorFacts: ...
    async def holder_of(self, talon: str) -> UUID | None: ...


@dataclass(frozen=True, slots=True)
class World:
    own: OwnRecords
    register: DocumentRegister
    verifier: SignatureVerifier
    images: Objects


class Images(Protocol):
    """The encrypted object store; raises `LookupError` for a reference it does not hold."""

    async def get(self, reference: str) -> bytes: ...


class _Wire(BaseModel):
    model_config = ConfigDict(
        extra="ignore", alias_generator=to_camel, populate_by_name=True, hide_input_in_errors=True
    )


class _Talon(_Wire):
    talon_number: str = Field(min_length=1)
    documentation_code: str
    registered_at: AwareDatetime
    recalled: bool = False

    def known(self) -> Talon:
        return Talon(self.talon_number, self.documentation_code, self.registered_at, self.recalled)


class _Found(_Wire):
    registration: tuple[_Talon, ...] = ()


class _Registered(_Wire):
    registered: bool
    code: str = ""
    message_kz: str = ""
    message_ru: str = ""


class _Recalled(_Wire):
    recalled: bool
    code: str = "NOT_RECALLED"


class _Accepted(_Wire):
    accepted: bool


class _Result(_Wire):
    request_id: str = Field(min_length=1)


W = TypeVar("W", bound=_Wire)
_FATES = {Standing.ON_DELIVERY: Fate.UNDER_WAY, Standing.DELIVERED: Fate.DELIVERED}


@dataclass(frozen=True, slots=True)
class ShepRegister:
    """РП ДРН through ШЭП's two channels; `now` is machine time. Images go to its temporary files first, their names go
    along.
    """

    shep: Shep
    now: Callable[[], datetime]
    images: Images
    post: Post

    async def talons_of(self, application_id: UUID) -> tuple[Talon, ...]:
        data = {"applicationId": str(application_id)}
        found = await self._ask(catalogue.FIND, data, _key(application_id, "find"), _Found)
        return tuple(talon.known() for talon in found.registration)

    async def register(self, registration: Registration) -> Talon | Refused:
        key = _key(registration.application_id, "register/1")
        data = {
            "key": key,
            "applicationId": str(registration.application_id),
            "iin": registration.iin,
            "region": registration.region,
            "point": registration.point,
            "photo": await self._upload(registration.photo, key),
            "signatureSample": await self._upload(registration.signature_sample, key),
            "formSha256": registration.canonical_sha256,
            "formSignature": registration.cms,
        }
        answer = await self.shep.ask(catalogue.REGISTER, data, key, self.now())
        said = _read(_Registered, answer)
        if said.registered:
            return _read(_Talon, answer).known()
        return Refused(said.code, said.message_kz, said.message_ru)

    async def recall(self, talon: str, reason: str) -> str:
        data = {"talonNumber": talon, "reason": reason}
        said = await self._ask(catalogue.RECALL, data, f"recall/{talon}", _Recalled)
        return "" if said.recalled else said.code

    async def report(self, talon: str, fact: Fact) -> bool:
        data = {
            "talonNumber": talon,
            "number": fact.number,
            "stage": fact.stage.value,
            "stageDate": fact.at.isoformat(),
            "ground": fact.ground or None,
            "officer": fact.officer or None,
        }
        return (await self._ask(catalogue.STAGE, data, f"stage/{talon}/{fact.number}", _Accepted)).accepted

    async def result_request(self, talon: str) -> str:
        return (await self._ask(catalogue.RESULT, {"talonNumber": talon}, f"result/{talon}", _Result)).request_id

    async def watch(self, talon: str, application_id: UUID) -> str:
        data = {"talonNumber": talon, "applicationId": str(application_id)}
        return await self.post.request(catalogue.STATUSES_PUSHED, data, self.now())

    async def fate_of(self, request: str) -> Fate:
        return _FATES.get(await self.post.standing(catalogue.STATUSES_PUSHED, request), Fate.LOST)

    async def _upload(self, file: FileRef, key: str) -> dict[str, str]:
        """Put there anew for every try: what was put for one that failed lives for hours only."""
        content = await self.images.get(file.reference)
        if hashlib.sha256(content).hexdigest() != file.sha256:
            raise ObjectBroken("the object is not the one that was signed for")
        mime = "image/png" if file.reference.endswith(".png") else "image/jpeg"
        ask = f"{key}/{file.sha256}"
        identifier = await TempFiles(self.shep).put(file.reference, mime, content, ask, self.now())
        return {"fileIdentifier": identifier, "sha256": file.sha256}

    async def _ask(self, service_id: str, data: Mapping[str, Any], ask: str, kind: type[W]) -> W:
        return _read(kind, await self.shep.ask(service_id, data, ask, self.now()))


def _read(kind: type[W], answer: Mapping[str, Any]) -> W:
    """An answer that does not read is no answer. Raises `Unavailable`, without what stood there."""
    try:
        return kind.model_validate(answer)
    except ValidationError:
        raise Unavailable(RPDRN.dependency) from None


def _key(application_id: UUID, purpose: str) -> str:
    return str(uuid5(application_id, purpose))
