"""ИС ЗАГС and the address register, each asked with the citizen's own consent for it (S5, S6)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Protocol, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.alias_generators import to_camel

from services.eligibility.domain import Registers
from shared.contracts.identity_verification import ConsentToken
from shared.engine.decision import Given
from shared.engine.rows import Unavailable
from shared.gateways.catalogue import ADDRESSES, CIVIL_ACTS, dependency_of
from shared.gateways.consents import Renewed
from shared.gateways.policies import POLICIES
from shared.gateways.shep import ConsentRefused, Shep
from shared.law.civil_registry import Act, Attribute, CivilRecord
from shared.law.person import Address, AddressKind, Entry

CIVIL_REGISTRY, ADDRESS_REGISTER = CIVIL_ACTS, ADDRESSES
POLICY = POLICIES["zags"]


class CivilRegistry(Protocol):
    """ИС ЗАГС. Raises `Unavailable("zags")`."""

    async def record_of(self, iin: str, consent: ConsentToken, ask: str) -> CivilRecord: ...


class AddressRegister(Protocol):
    """The address register; None when it confirms no registration. Raises `Unavailable("address-register")`."""

    async def address_of(self, iin: str, consent: ConsentToken, ask: str) -> Address | None: ...


class ConsentRenewals(Protocol):
    """КДП, when a token is taken no more; None when it wants the citizen's word. Raises `Unavailable("kdp")`."""

    async def again(
        self, access_name: str, request_id: str, iin: str, lifetime: timedelta, at: datetime
    ) -> Renewed | None: ...


@dataclass(frozen=True, slots=True)
class World:
    civil_registry: CivilRegistry
    address_register: AddressRegister
    renewals: ConsentRenewals


class _Wire(BaseModel):
    model_config = ConfigDict(
        extra="ignore", alias_generator=to_camel, populate_by_name=True, hide_input_in_errors=True
    )


class _Entry(_Wire):
    code: str
    name_ru: str = ""
    name_kz: str = ""

    def entry(self) -> Entry:
        return Entry(code=self.code, ru=self.name_ru, kk=self.name_kz)


class _Field(StrEnum):
    SURNAME = "SURNAME"
    NAME = "NAME"
    PATRONYMIC = "PATRONYMIC"
    BIRTH_DATE = "BIRTH_DATE"
    NATIONALITY = "NATIONALITY"


class _Act(_Wire):
    field: _Field
    act_number: str
    act_date: date


class _Record(_Wire):
    surname: str | None = None
    name: str | None = None
    patronymic: str | None = None
    birth_date: date | None = None
    nationality: _Entry | None = None
    birth_place: str | None = None
    birth_country: _Entry | None = None


class _Civil(_Wire):
    act: tuple[_Act, ...] = ()
    record: _Record = _Record()

    def record_of(self) -> CivilRecord:
        held, acts = self.record, self.act
        return CivilRecord(
            acts=tuple(Act(field=Attribute[a.field.name], number=a.act_number, date=a.act_date) for a in acts),
            surname=held.surname,
            name=held.name,
            patronymic=held.patronymic,
            birth_date=held.birth_date,
            nationality=held.nationality.entry() if held.nationality else None,
            birth_place=held.birth_place,
            birth_country=held.birth_country.entry() if held.birth_country else None,
        )


class _Registration(_Wire):
    permanent: bool
    country: _Entry | None = None
    district: _Entry | None = None
    region: _Entry | None = None
    city: str | None = None
    street: str | None = None
    building: str | None = None
    corpus: str | None = None
    flat: str | None = None
    begin_date: date | None = None
    end_date: date | None = None
    status: _Entry | None = None
    invalidity: _Entry | None = None
    ar_code: str | None = None

    def address(self) -> Address:
        named = {name: getattr(self, name) for name in ("country", "district", "region", "status", "invalidity")}
        return Address(
            kind=AddressKind.PERMANENT if self.permanent else AddressKind.TEMPORARY,
            city=self.city,
            street=self.street,
            building=self.building,
            corpus=self.corpus,
            flat=self.flat,
            since=self.begin_date,
            until=self.end_date,
            ar_code=self.ar_code,
            **{name: entry.entry() for name, entry in named.items() if entry is not None},
        )


class _Confirmed(_Wire):
    registration: _Registration | None = None


W = TypeVar("W", bound=_Wire)
T = TypeVar("T")


def _read(kind: type[W], answer: dict[str, object], service_id: str) -> W:
    """An answer that does not read is no answer. Raises `Unavailable`, without what stood there."""
    try:
        return kind.model_validate(answer)
    except ValidationError:
        raise Unavailable(dependency_of(service_id)) from None


@dataclass(frozen=True, slots=True)
class ShepRegisters:
    """Both registers through ШЭП; `ask` is the same whenever the same thing is asked again; `now` is machine time."""

    shep: Shep
    now: Callable[[], datetime]

    async def record_of(self, iin: str, consent: ConsentToken, ask: str) -> CivilRecord:
        answer = await self.shep.ask(CIVIL_REGISTRY, _question(iin, consent), ask, self.now())
        return _read(_Civil, answer, CIVIL_REGISTRY).record_of()

    async def address_of(self, iin: str, consent: ConsentToken, ask: str) -> Address | None:
        answer = await self.shep.ask(ADDRESS_REGISTER, _question(iin, consent), ask, self.now())
        found = _read(_Confirmed, answer, ADDRESS_REGISTER).registration
        return found.address() if found else None


async def registers_of(iin: str, consents: tuple[ConsentToken, ...], world: World, ask: str, given: Given) -> Registers:
    """Both answers; neither is asked without its consent. A token that a register does not take is renewed once, with
    no SMS: the citizen has answered just now. Raises `Unavailable`, also while КДП still makes the token, and
    `ConsentRefused` when it gives none.
    """
    held = {consent.access_name: consent for consent in consents}

    async def asked(name: str, question: Callable[[str, ConsentToken, str], Awaitable[T]], as_what: str) -> T:
        try:
            if held[name].expires_at <= given.now:
                raise ConsentRefused(dependency_of(name), "CONSENT_EXPIRED")
            return await question(iin, held[name], as_what)
        except ConsentRefused:
            lifetime = given.rules.limits.consent_lifetime
            fresh = await world.renewals.again(name, as_what, iin, lifetime, given.now)
            if fresh is not None and fresh.status == "PENDING":
                raise Unavailable("kdp") from None
            if fresh is None or fresh.token is None:
                raise
            return await question(iin, fresh.token, as_what)

    return Registers(
        civil=await asked(CIVIL_REGISTRY, world.civil_registry.record_of, f"{ask}/civil"),
        address=await asked(ADDRESS_REGISTER, world.address_register.address_of, f"{ask}/address"),
    )


def _question(iin: str, consent: ConsentToken) -> dict[str, str]:
    return {"iin": iin, "kdpToken": consent.token, "publicKey": consent.public_key}
