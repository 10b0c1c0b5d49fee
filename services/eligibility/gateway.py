"""ИС ЗАГС and the address register, each asked with the citizen's own consent for it (S5, S6)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from services.eligibility.domain import Registers
from shared.contracts.identity_verification import ConsentToken
from shared.gateways.policies import POLICIES
from shared.gateways.shep import Shep
from shared.law.civil_registry import CivilRecord
from shared.law.person import Address

CIVIL_REGISTRY, ADDRESS_REGISTER = "ZAGS_RECORD", "ADDRESS_REGISTER"
POLICY = POLICIES["zags"]


class CivilRegistry(Protocol):
    """ИС ЗАГС. Raises `Unavailable("zags")`."""

    async def record_of(self, iin: str, consent: ConsentToken, ask: str) -> CivilRecord: ...


class AddressRegister(Protocol):
    """The address register; None when it confirms no registration. Raises `Unavailable("address-register")`."""

    async def address_of(self, iin: str, consent: ConsentToken, ask: str) -> Address | None: ...


@dataclass(frozen=True, slots=True)
class World:
    civil_registry: CivilRegistry
    address_register: AddressRegister


@dataclass(frozen=True, slots=True)
class ShepRegisters:
    """Both registers through ШЭП; `ask` is the message id, the same whenever the same thing is asked again."""

    shep: Shep
    now: Callable[[], datetime]

    async def record_of(self, iin: str, consent: ConsentToken, ask: str) -> CivilRecord:
        answer = await self.shep.ask(CIVIL_REGISTRY, _question(iin, consent), ask, self.now())
        return CivilRecord.model_validate(answer.get("record") or {})

    async def address_of(self, iin: str, consent: ConsentToken, ask: str) -> Address | None:
        answer = await self.shep.ask(ADDRESS_REGISTER, _question(iin, consent), ask, self.now())
        found = answer.get("address")
        return Address.model_validate(found) if found else None


async def registers_of(iin: str, consents: tuple[ConsentToken, ...], world: World, ask: str) -> Registers:
    """Both answers; neither is asked without its consent. Raises `Unavailable`."""
    token = {consent.access_name: consent for consent in consents}
    return Registers(
        civil=await world.civil_registry.record_of(iin, token[CIVIL_REGISTRY], f"{ask}/civil"),
        address=await world.address_register.address_of(iin, token[ADDRESS_REGISTER], f"{ask}/address"),
    )


def _question(iin: str, consent: ConsentToken) -> dict[str, str]:
    return {"iin": iin, "kdpToken": consent.token, "publicKey": consent.public_key}
