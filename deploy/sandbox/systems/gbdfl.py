"""ГБД ФЛ's answer as the wire has it: the tree of an invented person, with the names of its dictionaries."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from deploy.sandbox.systems.ground import Plain, Said
from shared.law.person import Address, BirthPlace, Capacity, Entry, IdentityDocument, Person

FOUND = ("00000", "Сообщение успешно обработано", "Хабарлама сәтті өңделді")
NOT_FOUND = ("NOT_FOUND", "Физическое лицо не найдено", "Жеке тұлға табылмады")
"""What the real code is, is not public."""

DOCUMENTS = {
    "001": ("ПАСПОРТ РК", "ҚР ПАСПОРТЫ"),
    "002": ("УДОСТОВЕРЕНИЕ РК", "ҚР ЖЕКЕ КУӘЛІГІ"),
}
STAYS = Entry(code="2", ru="Временная регистрация", kk="Уақытша тіркеу")
UNKNOWN = Entry(code="0")
ISSUER = Entry(code="002", ru="МВД РК", kk="ҚР ІІМ")


def answer_about(person: Person | None, said: Said, id: str, now: datetime) -> Plain:
    """`Response`: with the one person, or with none."""
    code, ru, kz = FOUND if person else NOT_FOUND
    whole: Plain = {
        "messageId": id,
        "messageDate": now.isoformat(),
        "requestId": str(said.get("messageId") or ""),
        "sender": _named(Entry(code="GBDFL", ru="ГБД ФЛ", kk="ЖТ МДҚ")),
        "receiver": _named(Entry(code=str(said.get("senderCode") or ""))),
        "messageResult": {"code": code, "nameRu": ru, "nameKz": kz},
    }
    return whole | ({"persons": {"person": [tree_of(person)]}} if person else {})


def tree_of(person: Person) -> Plain:
    """`Person` of the wire: everything that the law's person holds."""
    since, by = person.birth_date.isoformat(), _named(UNKNOWN)
    missing = {"missing": True, "missingDate": since, "missingNumber": "0", "gpTerritorial": by}
    sought = {"disappear": True, "disappearDate": since, "disappearNumber": "0", "gpTerritorial": by}
    return _held(
        iin=person.iin,
        surname=person.surname,
        name=person.name,
        patronymic=person.patronymic,
        engFirstName=person.latin_name,
        engSurname=person.latin_surname,
        birthDate=person.birth_date.isoformat(),
        deathDate=person.death_date.isoformat() if person.death_date else None,
        gender=_named(person.gender),
        nationality=_named(person.nationality),
        citizenship=_named(person.citizenship),
        lifeStatus=_named(person.life_status),
        birthPlace=_birth_place(person.birth_place),
        regAddress=_registration(person.registration),
        personCapableStatus=_capacity(person.capacity),
        missingStatus=missing if person.missing else None,
        disappearStatus=sought if person.wanted else None,
        excludeStatus={"excludeReason": by} if person.excluded else None,
        documents={"document": [_document(each, person) for each in person.documents]},
        addresses={"address": [{"type": _named(STAYS), **_place(each)} for each in person.addresses]},
        removed=person.removed,
    )


def _held(**parts: Any) -> Plain:
    return {name: value for name, value in parts.items() if value is not None}


def _named(entry: Entry) -> Plain:
    return {"code": entry.code, "nameRu": entry.ru, "nameKz": entry.kk}


def _perhaps(entry: Entry | None) -> Plain | None:
    return _named(entry) if entry else None


def _birth_place(place: BirthPlace | None) -> Plain:
    if place is None:
        return {}
    abroad = _held(districtName=place.foreign_district, regionName=place.foreign_region)
    return _held(
        country=_perhaps(place.country),
        district=_perhaps(place.district),
        region=_perhaps(place.region),
        foreignData=abroad or None,
        city=place.city,
    )


def _registration(address: Address | None) -> Plain | None:
    if address is None:
        return None
    codes = _held(status=_perhaps(address.status), invalidity=_perhaps(address.invalidity))
    return {**_place(address), **codes}


def _place(address: Address) -> Plain:
    return _held(
        country=_perhaps(address.country),
        district=_perhaps(address.district),
        region=_perhaps(address.region),
        city=address.city,
        street=address.street,
        building=address.building,
        corpus=address.corpus,
        flat=address.flat,
        beginDate=address.since.isoformat() if address.since else None,
        endDate=address.until.isoformat() if address.until else None,
        arCode=address.ar_code,
    )


def _capacity(capacity: Capacity | None) -> Plain | None:
    if capacity is None:
        return None
    return _held(
        capableStatus=_named(capacity.status),
        capableDate=capacity.since.isoformat(),
        capableEndDate=capacity.until.isoformat() if capacity.until else None,
        capableNumber=capacity.number,
        court=_named(capacity.court or UNKNOWN),
    )


def _document(document: IdentityDocument, person: Person) -> Plain:
    ru, kz = DOCUMENTS.get(document.type, ("", ""))
    return _held(
        type={"code": document.type, "nameRu": ru, "nameKz": kz},
        number=document.number,
        series=document.series,
        beginDate=document.issued.isoformat(),
        endDate=document.expires.isoformat() if document.expires else None,
        issueOrganization=_named(document.issuer or ISSUER),
        status=_named(document.status),
        invalidityDate=document.invalidated.isoformat() if document.invalidated else None,
        surname=document.surname,
        name=document.name,
        patronymic=document.patronymic,
        birthDate=(document.birth_date or person.birth_date).isoformat(),
    )
