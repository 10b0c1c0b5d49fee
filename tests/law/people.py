"""A person for whom every rule says yes; each test spoils one thing."""

from __future__ import annotations

from datetime import date
from typing import Any

from shared.law.civil_registry import CivilRecord
from shared.law.person import Address, BirthPlace, Entry, IdentityDocument, Person

TODAY = date(2026, 1, 15)
NAMES = {"surname": "ҮЛГІБАЕВ", "name": "МЫСАЛ", "patronymic": "ҮЛГІБАЙҰЛЫ"}
BORN = date(1990, 1, 15)
KAZAKHSTAN = Entry(code="398", ru="Казахстан", kk="Қазақстан")


def an_address(**spoilt: Any) -> Address:
    fields: dict[str, Any] = {
        "country": KAZAKHSTAN,
        "city": "АСТАНА",
        "since": date(2015, 3, 1),
        "status": Entry(code="1"),
        "invalidity": Entry(code="0"),
        "ar_code": "0201300000000001",
    }
    return Address(**fields | spoilt)


def a_card(**spoilt: Any) -> IdentityDocument:
    fields: dict[str, Any] = {
        "type": "002",
        "number": "012345678",
        "issued": date(2016, 1, 21),
        "expires": date(2026, 1, 20),
        "status": Entry(code="00"),
        "birth_date": BORN,
        **NAMES,
    }
    return IdentityDocument(**fields | spoilt)


def a_person(**spoilt: Any) -> Person:
    fields: dict[str, Any] = {
        "iin": "900115390019",
        "birth_date": BORN,
        "gender": Entry(code="1"),
        "nationality": Entry(code="005"),
        "citizenship": KAZAKHSTAN,
        "life_status": Entry(code="0"),
        "birth_place": BirthPlace(
            country=KAZAKHSTAN, district=Entry(code="1902", ru="ЦЕЛИНОГРАДСКАЯ"), city="ЦЕЛИНОГРАД"
        ),
        "registration": an_address(),
        "documents": (a_card(),),
        **NAMES,
    }
    return Person(**fields | spoilt)


def a_record(**spoilt: Any) -> CivilRecord:
    fields: dict[str, Any] = {"birth_date": BORN, "nationality": Entry(code="005"), **NAMES}
    return CivilRecord(**fields | spoilt)
