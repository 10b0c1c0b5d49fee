"""The place of birth as recorded (p.5.4): ЗАГС's words untouched, else the historical record; never typed by anyone."""

from __future__ import annotations

from enum import StrEnum

from shared.law.civil_registry import CivilRecord
from shared.law.person import BirthPlace, Entry, Person, Personal


class BirthPlaceSource(StrEnum):
    CIVIL_REGISTRY = "civil-registry"
    HISTORICAL = "historical"


class RecordedBirthPlace(Personal):
    """`text` verbatim; only `country` is ever printed on a card (order p.5)."""

    text: str
    country: Entry | None = None
    source: BirthPlaceSource


def recorded_birth_place(person: Person, civil: CivilRecord) -> RecordedBirthPlace | None:
    """What ЗАГС says, word for word; else what ГБД ФЛ has kept, with its old names; None when neither knows."""
    kept = person.birth_place
    if civil.birth_place:
        country = civil.birth_country or (kept.country if kept else None)
        return RecordedBirthPlace(text=civil.birth_place, country=country, source=BirthPlaceSource.CIVIL_REGISTRY)
    if kept:
        return RecordedBirthPlace(text=_as_kept(kept), country=kept.country, source=BirthPlaceSource.HISTORICAL)
    return None


def _as_kept(place: BirthPlace) -> str:
    """Historical divisions are not mapped to those of today (p.5.4)."""
    parts = (
        place.country.ru if place.country else None,
        place.foreign_district or (place.district.ru if place.district else None),
        place.foreign_region or (place.region.ru if place.region else None),
        place.city,
    )
    return ", ".join(part for part in parts if part)
