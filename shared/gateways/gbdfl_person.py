"""What the law needs of ГБД ФЛ's answer (domain.md 3.4): the person, judged by codes and dates of the wire."""

from __future__ import annotations

from shared.gateways import gbdfl
from shared.law.person import (
    Address,
    AddressKind,
    BirthPlace,
    Capacity,
    Entry,
    IdentityDocument,
    Person,
)


class NotOnePerson(ValueError):
    """The answer names several people, or somebody who was not asked for."""


def person_in(answer: gbdfl.Response, iin: str) -> Person | None:
    """The person asked for; None when ГБД ФЛ knows nobody. Raises `NotOnePerson`."""
    people = answer.persons.person
    if not people:
        return None
    if len(people) > 1 or people[0].iin != iin:
        raise NotOnePerson
    return person_of(people[0])


def person_of(record: gbdfl.PersonRecord) -> Person:
    """A status of being missing or sought stands until the wire gives it an end; an exclusion always stands."""
    missing, sought = record.missing_status, record.disappear_status
    return Person(
        iin=record.iin,
        surname=record.surname or "",
        name=record.name or "",
        patronymic=record.patronymic,
        latin_surname=record.eng_surname,
        latin_name=record.eng_first_name,
        birth_date=record.birth_date,
        gender=_entry(record.gender),
        nationality=_entry(record.nationality),
        citizenship=_entry(record.citizenship),
        life_status=_entry(record.life_status),
        death_date=record.death_date or (record.death_certificate.begin_date if record.death_certificate else None),
        birth_place=_birth_place(record.birth_place),
        capacity=_capacity(record.person_capable_status),
        registration=_registration(record.reg_address),
        addresses=tuple(_address(each, AddressKind.TEMPORARY) for each in record.addresses.address),
        documents=tuple(_document(each) for each in record.documents.document),
        missing=missing is not None and missing.missing and missing.missing_end_date is None,
        wanted=sought is not None and sought.disappear and sought.disappear_end_date is None,
        excluded=record.exclude_status is not None,
        removed=record.removed,
    )


def _entry(entry: gbdfl.Entry) -> Entry:
    return Entry(code=entry.code, ru=entry.name_ru, kk=entry.name_kz)


def _perhaps(entry: gbdfl.Entry | None) -> Entry | None:
    return _entry(entry) if entry is not None else None


def _birth_place(place: gbdfl.BirthPlace | None) -> BirthPlace | None:
    if place is None or place == gbdfl.BirthPlace():
        return None
    abroad = place.foreign_data or gbdfl.ForeignData()
    return BirthPlace(
        country=_perhaps(place.country),
        district=_perhaps(place.district),
        region=_perhaps(place.region),
        foreign_district=abroad.district_name,
        foreign_region=abroad.region_name,
        city=place.city,
    )


def _capacity(status: gbdfl.CapableStatus | None) -> Capacity | None:
    if status is None:
        return None
    return Capacity(
        status=_entry(status.capable_status),
        since=status.capable_date,
        until=status.capable_end_date,
        number=status.capable_number,
        court=_perhaps(status.court),
    )


def _registration(place: gbdfl.RegAddress | None) -> Address | None:
    if place is None:
        return None
    codes = {"status": _perhaps(place.status), "invalidity": _perhaps(place.invalidity)}
    return _address(place, AddressKind.PERMANENT).model_copy(update=codes)


def _address(place: gbdfl.Place, kind: AddressKind) -> Address:
    return Address(
        kind=kind,
        country=_perhaps(place.country),
        district=_perhaps(place.district),
        region=_perhaps(place.region),
        city=place.city,
        street=place.street,
        building=place.building,
        corpus=place.corpus,
        flat=place.flat,
        since=place.begin_date,
        until=place.end_date,
        ar_code=place.ar_code,
    )


def _document(document: gbdfl.Document) -> IdentityDocument:
    return IdentityDocument(
        type=document.type.code,
        number=document.number,
        series=document.series,
        issued=document.begin_date,
        expires=document.end_date,
        issuer=_entry(document.issue_organization),
        status=_entry(document.status),
        invalidated=document.invalidity_date,
        surname=document.surname,
        name=document.name,
        patronymic=document.patronymic,
        birth_date=document.birth_date,
    )
