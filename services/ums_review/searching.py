"""The search of an officer: by talon, by IIN or by name. Neither is in an address, a row or a log in clear; every
case of a person that is shown bears a line of it (order p.4.1), and nobody finds themselves.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from starlette.requests import Request

from services.ums_review import acts
from services.ums_review.desk import Room
from services.ums_review.finding import MOST_FOUND, Earlier
from services.ums_review.naming import name_index
from services.ums_review.review import Review
from shared.web.officers import officer_of

MOST_LETTERS: Final = 128
IIN_LENGTH: Final = 12


class Sought(StrEnum):
    TALON = "talon"
    IIN = "iin"
    NAME = "name"


@dataclass(frozen=True, slots=True)
class Bearer:
    """Whose case it is: told where a name alone may be several people's."""

    name: str
    born: date


@dataclass(frozen=True, slots=True)
class Found:
    """`more`: there are older ones that are not shown. `bearers` are those of the cases, in their order, by name."""

    by: Sought
    cases: Sequence[Earlier]
    bearers: Sequence[Bearer] = ()
    more: bool = False


def sought(wanted: str) -> Sought:
    """Twelve digits are an IIN; a talon has digits, a name has none."""
    if len(wanted) == IIN_LENGTH and wanted.isascii() and wanted.isdecimal():
        return Sought.IIN
    return Sought.TALON if any(letter.isdecimal() for letter in wanted) else Sought.NAME


async def search(room: Room, request: Request, wanted: str) -> Found:
    """The cases of the officer's region, the newest first. In vain for a person or a name is on record, too."""
    wanted = wanted.strip()[:MOST_LETTERS]
    by, officer = sought(wanted), officer_of(request)
    if by is Sought.TALON:
        return Found(by, await room.finds.by_talon(officer.region, wanted))
    found = await _people(room, request, by, wanted)
    shown = found[:MOST_FOUND]
    what = acts.Viewed.FOUND_BY_IIN if by is Sought.IIN else acts.Viewed.FOUND_BY_NAME
    for case in shown:
        await room.act(acts.ViewReview(application_id=case.application_id, what=what, **room.signs(request)))
    if wanted and not shown:
        await room.record(request, officer.who, "NOTHING_FOUND")
    bearers = [await _bearer(room, case) for case in shown] if by is Sought.NAME else ()
    return Found(by, shown, bearers, more=len(found) > MOST_FOUND)


async def _people(room: Room, request: Request, by: Sought, wanted: str) -> Sequence[Earlier]:
    officer = officer_of(request)
    own = room.index_of(officer)
    if by is Sought.IIN:
        index = room.keys.blind_index(wanted)
        return await room.finds.of_person(officer.region, index) if index != own else ()
    index = name_index(officer.region, wanted, room.keys.blind_index)
    return await room.finds.of_name(officer.region, index, own) if index else ()


async def _bearer(room: Room, case: Earlier) -> Bearer:
    review: Review | None = await room.engine.read(case.application_id)
    assert review
    assert review.person
    person = review.person.value
    parts = (person.surname, person.name, person.patronymic)
    return Bearer(" ".join(part for part in parts if part), person.birth_date)
