"""What the registers hold of an invented person: all in order, but for the grounds that their story asks for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from random import Random

from shared.law.civil_registry import Act, Attribute, CivilRecord
from shared.law.eligibility import Ground
from shared.law.person import (
    ADDRESS_NOT_INVALID,
    ADDRESS_REGISTERED,
    ALIVE,
    DOCUMENT_VALID,
    IDENTITY_CARD,
    KAZAKHSTAN,
    Address,
    AddressKind,
    BirthPlace,
    Capacity,
    Entry,
    IdentityDocument,
    Person,
)

Grounds = frozenset[Ground]

COUNTRY = Entry(code=KAZAKHSTAN, ru="КАЗАХСТАН", kk="ҚАЗАҚСТАН")
_ROOTS = ("ҮЛГІ", "СЫНАҚ", "МЫСАЛ", "НҰСҚА", "ЖАСАНДЫ", "ОЙДАН", "БЕЛГІ", "ҚИЯЛ")
_NAMES = ("МЫСАЛ", "ҮЛГІ", "СЫНАҚ", "ӨРНЕК", "ЕЛЕС", "НҰСҚА", "ӘЗІРША", "ҚИЯЛ", "ҺӘМЗЕ", "ІЗДЕ")
_TOWNS = ("ҮЛГІТАУ", "МЫСАЛКӨЛ", "СЫНАҚАТА")
_VALID, _UNFIT = Entry(code=DOCUMENT_VALID, ru="ДОКУМЕНТ ДЕЙСТВИТЕЛЕН", kk="ҚҰЖАТ ЖАРАМДЫ"), Entry(code="07")


def identity_card(today: date, born: date, grounds: Grounds, chance: Random) -> IdentityDocument:
    """Expiring soon, issued ten years before less a day; out of the window by one day when the story asks for it."""
    left = chance.randrange(8, 25)
    if Ground.OUTSIDE_WINDOW_EARLY in grounds:
        left = 31
    elif Ground.OUTSIDE_WINDOW_LATE in grounds:
        left = -11
    expires = today + timedelta(days=left)
    day_after = expires + timedelta(days=1)
    issued = date(day_after.year - 10, day_after.month, min(day_after.day, 28))
    if Ground.UNDER_AGE in grounds:
        issued = today - timedelta(days=60)
    return IdentityDocument(
        type=IDENTITY_CARD,
        number=f"{chance.randrange(10**9):09}",
        issued=issued,
        expires=expires,
        issuer=Entry(code="002", ru="МВД РК", kk="ҚР ІІМ"),
        status=_UNFIT if Ground.NO_VALID_CARD in grounds else _VALID,
        birth_date=born,
    )


def permanent_address(today: date, chance: Random) -> Address:
    return Address(
        country=COUNTRY,
        city=chance.choice(_TOWNS),
        street="ҮЛГІ КӨШЕСІ",
        building=str(chance.randrange(1, 200)),
        flat=str(chance.randrange(1, 90)),
        since=today - timedelta(days=chance.randrange(400, 4000)),
        status=Entry(code=ADDRESS_REGISTERED),
        invalidity=Entry(code=ADDRESS_NOT_INVALID),
        ar_code=f"02013{chance.randrange(10**11):011}",
    )


def shared_home() -> Address:
    """Where a citizen lives at an officer's address; nobody else of the sandbox has a house of this number."""
    return Address(city=_TOWNS[0], street="ҮЛГІ КӨШЕСІ", building="207", flat="7", ar_code="0201300000002077")


def person_of(
    iin: str,
    born: date,
    female: bool,
    grounds: Grounds,
    card: IdentityDocument,
    address: Address | None,
    today: date,
    chance: Random,
) -> Person:
    """ГБД ФЛ's record."""
    names: dict[str, str | None] = {
        "surname": f"{chance.choice(_ROOTS)}БАЕВ{'А' if female else ''}",
        "name": chance.choice(_NAMES),
        "patronymic": f"{chance.choice(_ROOTS)}{'ҚЫЗЫ' if female else 'ҰЛЫ'}" if chance.random() < 0.85 else None,
    }
    documents: Sequence[IdentityDocument] = (card.model_copy(update=names),)
    if Ground.SEVERAL_VALID_CARDS in grounds:
        documents = (*documents, documents[0].model_copy(update={"number": f"{int(card.number) ^ 1:09}"}))
    foreign = Ground.NOT_CITIZEN in grounds
    return Person(
        iin=iin,
        surname=names["surname"] or "",
        name=names["name"] or "",
        patronymic=names["patronymic"],
        latin_surname="ULGI",
        latin_name="MYSAL",
        birth_date=born,
        gender=Entry(code="2", ru="Женский", kk="Әйел") if female else Entry(code="1", ru="Мужской", kk="Ер"),
        nationality=Entry(code="005", ru="КАЗАХ", kk="ҚАЗАҚ"),
        citizenship=Entry(code="643") if foreign else COUNTRY,
        life_status=Entry(code=ALIVE, ru="Нормальный", kk="Қалыпты"),
        birth_place=BirthPlace(country=COUNTRY, district=Entry(code="1902", ru="ЦЕЛИНОГРАДСКАЯ"), city="ҮЛГІЛІ"),
        capacity=_capacity(today) if Ground.INCAPABLE in grounds else None,
        registration=address,
        addresses=() if address else (permanent_address(today, chance).model_copy(update=_TEMPORARY),),
        documents=tuple(documents),
    )


def civil_record(person: Person, grounds: Grounds, card: IdentityDocument, chance: Random) -> CivilRecord:
    """ИС ЗАГС's record; one in five was born before its registers were, and stands there with no place of birth."""
    changed = card.issued + timedelta(days=chance.randrange(30, 60))
    act = Act(field=Attribute.SURNAME, number=f"{chance.randrange(10**6):06}", date=changed)
    known = chance.random() < 0.8
    return CivilRecord(
        acts=(act,) if Ground.CIVIL_ACT_CHANGED in grounds else (),
        surname=person.surname,
        name=person.name,
        patronymic=person.patronymic,
        birth_date=person.birth_date,
        nationality=person.nationality,
        birth_place=f"{chance.choice(_TOWNS)} ауылы" if known else None,
        birth_country=COUNTRY if known else None,
    )


_TEMPORARY = {"kind": AddressKind.TEMPORARY, "status": None, "invalidity": None}
"""ГБД ФЛ gives states to the address of registration only."""


def _capacity(today: date) -> Capacity:
    return Capacity(status=Entry(code="1"), since=today - timedelta(days=500), number="0-000", court=Entry(code="0"))
