"""A person as ГБД ФЛ knows them (S2). Travels only inside `Sealed[Person]`; prints nothing of itself."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from pydantic import ConfigDict

from shared.contracts.base import Value

ALIVE = "0"
KAZAKHSTAN = "398"
IDENTITY_CARD = "002"
DOCUMENT_VALID = "00"
ADDRESS_REGISTERED = "1"
ADDRESS_NOT_INVALID = "0"


class Personal(Value):
    """Neither `repr` nor a validation error shows what stands in it: it may end up in a log or a span."""

    model_config = ConfigDict(hide_input_in_errors=True)

    def __repr_args__(self) -> tuple[tuple[None, str]]:
        return ((None, "***"),)


class Entry(Personal):
    """An entry of one of ГБД ФЛ's dictionaries."""

    code: str
    ru: str = ""
    kk: str = ""


class AddressKind(StrEnum):
    PERMANENT = "permanent"
    TEMPORARY = "temporary"


class Address(Personal):
    """A registration at an address; `ar_code` is its sixteen digits in the address register."""

    kind: AddressKind = AddressKind.PERMANENT
    country: Entry | None = None
    district: Entry | None = None
    region: Entry | None = None
    city: str | None = None
    street: str | None = None
    building: str | None = None
    corpus: str | None = None
    flat: str | None = None
    since: date | None = None
    until: date | None = None
    status: Entry | None = None
    invalidity: Entry | None = None
    ar_code: str | None = None


class BirthPlace(Personal):
    """The historical record of a birth place; abroad, the names of the divisions stand as plain words."""

    country: Entry | None = None
    district: Entry | None = None
    region: Entry | None = None
    foreign_district: str | None = None
    foreign_region: str | None = None
    city: str | None = None


class Capacity(Personal):
    """A court's decision on legal capacity; `until` is the day it ended."""

    status: Entry
    since: date
    until: date | None = None
    number: str = ""
    court: Entry | None = None


class IdentityDocument(Personal):
    """A document of the person and the names it was issued in. `expires` is its last valid day."""

    type: str
    number: str
    series: str | None = None
    issued: date
    expires: date | None = None
    issuer: Entry | None = None
    status: Entry
    invalidated: date | None = None
    surname: str | None = None
    name: str | None = None
    patronymic: str | None = None
    birth_date: date | None = None


class Person(Personal):
    iin: str
    surname: str = ""
    name: str = ""
    patronymic: str | None = None
    latin_surname: str | None = None
    latin_name: str | None = None
    birth_date: date
    gender: Entry
    nationality: Entry
    citizenship: Entry
    life_status: Entry
    death_date: date | None = None
    birth_place: BirthPlace | None = None
    capacity: Capacity | None = None
    registration: Address | None = None
    addresses: tuple[Address, ...] = ()
    documents: tuple[IdentityDocument, ...] = ()
    missing: bool = False
    """`missingStatus`: held by a court to be missing."""
    wanted: bool = False
    """`disappearStatus`: sought."""
    excluded: bool = False
    """`excludeStatus`: struck off the register, for whatever reason."""
    removed: bool = False
    """The record itself was withdrawn."""

    @property
    def valid_cards(self) -> tuple[IdentityDocument, ...]:
        """Identity cards that ГБД ФЛ calls valid, the newest first. S7 wants exactly one."""
        cards = (d for d in self.documents if d.type == IDENTITY_CARD and d.status.code == DOCUMENT_VALID)
        return tuple(sorted(cards, key=lambda card: card.issued, reverse=True))
