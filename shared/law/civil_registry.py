"""A person as ИС ЗАГС knows them (S5): what was changed, when, and how the record stands now."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from shared.law.person import Entry, Personal


class Attribute(StrEnum):
    """The five whose change sends a person to ЦОН (S5)."""

    SURNAME = "surname"
    NAME = "name"
    PATRONYMIC = "patronymic"
    BIRTH_DATE = "birth-date"
    NATIONALITY = "nationality"


class Act(Personal):
    """An act of civil status that changed one of the five."""

    field: Attribute
    number: str
    date: date


class CivilRecord(Personal):
    """The present record; a field that ЗАГС holds nothing of is None. Many were born before its registers were."""

    acts: tuple[Act, ...] = ()
    surname: str | None = None
    name: str | None = None
    patronymic: str | None = None
    birth_date: date | None = None
    nationality: Entry | None = None
    birth_place: str | None = None
    birth_country: Entry | None = None
