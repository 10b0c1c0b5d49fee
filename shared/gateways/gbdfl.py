"""ГБД ФЛ as it answers (domain.md 3.2): the whole tree of a person, typed, with its dictionaries in both languages."""

from __future__ import annotations

from datetime import date, datetime

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

MESSAGE_PROCESSED = "00000"


class Record(BaseModel):
    """A part of the tree. What is not known here is passed over; neither `repr` nor an error shows what it holds."""

    model_config = ConfigDict(
        frozen=True, extra="ignore", alias_generator=to_camel, populate_by_name=True, hide_input_in_errors=True
    )

    def __repr_args__(self) -> tuple[tuple[None, str]]:
        return ((None, "***"),)


class Entry(Record):
    """An entry of a dictionary."""

    code: str
    name_ru: str = ""
    name_kz: str = ""
    change_date: datetime | None = None


class Certificate(Record):
    number: str
    begin_date: date | None = None
    issue_organisation: str | None = None


class ForeignData(Record):
    """The divisions of another country, in words."""

    district_name: str | None = None
    region_name: str | None = None


class BirthPlace(Record):
    country: Entry | None = None
    district: Entry | None = None
    region: Entry | None = None
    foreign_data: ForeignData | None = None
    city: str | None = None
    birth_te_code_ar: str | None = Field(None, alias="birthTeCodeAR")


class Place(Record):
    """What the address of registration and every other address have."""

    country: Entry | None = None
    district: Entry | None = None
    region: Entry | None = None
    foreign_data: ForeignData | None = None
    city: str | None = None
    street: str | None = None
    building: str | None = None
    corpus: str | None = None
    flat: str | None = None
    begin_date: date | None = None
    end_date: date | None = None
    ar_code: str | None = None


class RegAddress(Place):
    status: Entry | None = None
    invalidity: Entry | None = None


class Address(Place):
    type: Entry


class ImprisonedStatus(Record):
    imprisoned_status: Entry
    imprisoned_begin_date: date | None = None
    imprisoned_end_date: date | None = None


class CapableStatus(Record):
    """A court's decision on legal capacity."""

    capable_status: Entry
    capable_date: date
    capable_end_date: date | None = None
    capable_number: str = ""
    court: Entry | None = None


class MissingStatus(Record):
    missing: bool
    missing_date: date | None = None
    missing_end_date: date | None = None
    missing_number: str = ""
    gp_territorial: Entry | None = None


class DisappearStatus(Record):
    """Sought by inquiry, investigation or court."""

    disappear: bool
    disappear_date: date | None = None
    disappear_end_date: date | None = None
    disappear_number: str = ""
    gp_territorial: Entry | None = None


class ExcludeStatus(Record):
    """The IIN is struck off the register."""

    exclude_reason: Entry
    exclude_reason_date: date | None = None
    exclude_date: date | None = None
    exclude_participant: Entry | None = None


class RepatriationStatus(Record):
    repatriation_status: Entry | None = None
    repatriation_date: datetime | None = None
    repatriation_end_date: datetime | None = None
    repatriation_number: str | None = None
    repatriation_org: Entry | None = None
    repatriation_reason: Entry | None = None


class Document(Record):
    """`end_date` is the last valid day; the names are those it was issued in."""

    type: Entry
    number: str
    series: str | None = None
    begin_date: date
    end_date: date | None = None
    issue_organization: Entry
    status: Entry
    invalidity_date: date | None = None
    surname: str | None = None
    name: str | None = None
    patronymic: str | None = None
    birth_date: date | None = None


class Documents(Record):
    document: tuple[Document, ...] = ()


class Addresses(Record):
    address: tuple[Address, ...] = ()


class PersonRecord(Record):
    """`Person` of the wire; the law's own person is `shared.law.person.Person`."""

    iin: str
    surname: str | None = None
    name: str | None = None
    patronymic: str | None = None
    eng_first_name: str | None = None
    eng_surname: str | None = None
    birth_date: date
    death_date: date | None = None
    gender: Entry
    nationality: Entry
    citizenship: Entry
    life_status: Entry
    imprisoned_status: ImprisonedStatus | None = None
    birth_certificate: Certificate | None = None
    death_certificate: Certificate | None = None
    birth_place: BirthPlace | None = None
    reg_address: RegAddress | None = None
    person_capable_status: CapableStatus | None = None
    missing_status: MissingStatus | None = None
    disappear_status: DisappearStatus | None = None
    exclude_status: ExcludeStatus | None = None
    repatriation_status: RepatriationStatus | None = None
    documents: Documents = Documents()
    addresses: Addresses = Addresses()
    removed: bool = False


class Persons(Record):
    person: tuple[PersonRecord, ...] = ()


class Response(Record):
    message_id: str
    message_date: datetime
    request_id: str
    sender: Entry
    receiver: Entry
    message_result: Entry
    persons: Persons = Persons()
