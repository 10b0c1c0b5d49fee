"""Invented citizens, the same for the same seed: unreal names, valid IINs, and exactly the grounds of their story."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache
from random import Random
from uuid import NAMESPACE_OID, UUID, uuid5

from deploy.sandbox.persona import IinGiven, Persona
from deploy.sandbox.personas import PERSONAS, cast
from deploy.sandbox.records import civil_record, identity_card, permanent_address, person_of, shared_home
from shared.contracts.values import Channel, Locale
from shared.law.civil_registry import CivilRecord
from shared.law.eligibility import Ground
from shared.law.iin import check_digit
from shared.law.person import Address, Person
from shared.law.registration_points import points_of

REGIONS = ("71", "75", "11")
"""Where the citizens of the sandbox apply; there are officers in each."""

_PLACE = {"city", "street", "building", "flat", "ar_code"}
_CODES = ("700", "701", "702", "705", "707", "747", "771", "775", "776", "777", "778")
_MALE, _FEMALE = ("3", "5"), ("4", "6")


@dataclass(frozen=True, slots=True)
class Citizen:
    """One person: what the registers know, how they can be reached, where they apply, and whose story they live.

    `iban` is an account of their own, `spare_iban` another. Prints nothing of itself but number and persona.
    """

    seed: str
    number: int
    persona: Persona
    person: Person = field(repr=False)
    civil: CivilRecord = field(repr=False)
    address: Address | None = field(repr=False)
    phone: str = field(repr=False)
    email: str | None = field(repr=False)
    locale: Locale
    channel: Channel
    region: str
    point: str
    iban: str = field(repr=False)
    spare_iban: str = field(repr=False)
    other_iin: str = field(repr=False)
    """A valid IIN of somebody else."""

    @property
    def iin(self) -> str:
        return self.person.iin

    @property
    def name(self) -> str:
        """`persona/number`: what they are called in reports."""
        return f"{self.persona.name}/{self.number:04}"

    @property
    def given_iin(self) -> str:
        """The IIN that they type."""
        given = self.persona.conduct.iin
        if given is IinGiven.OF_ANOTHER:
            return self.other_iin
        return self.iin if given is IinGiven.OWN else self.iin[:-1] + str((int(self.iin[-1]) + 1) % 10)

    @property
    def given_phone(self) -> str:
        """The number that they type; a landline serves for nothing."""
        return self.phone if self.persona.conduct.mobile else f"+7717{self.number % 10_000_000:07}"

    def application_id(self, course: int) -> UUID:
        """The id of their nth application, from 0; −1 is one started beside a live one."""
        return _application_id(self.seed, self.number, course)

    def courses(self) -> dict[UUID, tuple[int, Persona]]:
        """Every application that they may start, and whose story it is."""
        numbered = {self.application_id(n): (n, persona) for n, persona in enumerate(self.persona.courses)}
        return numbered | {self.application_id(-1): (-1, self.persona)}


@lru_cache(maxsize=4096)
def _application_id(seed: str, number: int, course: int) -> UUID:
    return uuid5(NAMESPACE_OID, f"kualik sandbox {seed} {number} {course}")


def crowd(
    seed: int | str, today: date, count: int | None = None, personas: Iterable[Persona] = PERSONAS, first: int = 0
) -> tuple[Citizen, ...]:
    """So many citizens (one of each persona when no number is given), fit for their stories on `today` (Almaty).

    `first` is the number of the first: crowds whose numbers differ have no phone, name or application in common.
    """
    each = tuple(personas)
    taken: set[str] = set()
    wanted = cast(len(each) if count is None else count, each)
    return tuple(_citizen(str(seed), number, persona, today, taken) for number, persona in enumerate(wanted, first))


def iin_of(born: date, female: bool, chance: Random) -> str:
    """A valid IIN; serials that have no check digit are passed over."""
    sex = (_FEMALE if female else _MALE)[born.year >= 2000]
    while True:
        eleven = f"{born:%y%m%d}{sex}{chance.randrange(10_000):04}"
        digit = check_digit(eleven)
        if digit is not None:
            return f"{eleven}{digit}"


def iban(chance: Random) -> str:
    """A Kazakh IBAN with right check digits, of a bank (`000`) that does not exist."""
    account = f"000{chance.randrange(10**13):013}"
    spelt = "".join(str(int(letter, 36)) for letter in f"{account}KZ00")
    return f"KZ{98 - int(spelt) % 97:02}{account}"


def _citizen(seed: str, number: int, persona: Persona, today: date, taken: set[str]) -> Citizen:
    chance = Random(f"{seed} {number}")
    grounds = persona.grounds
    female = chance.random() < 0.5
    born = _born(today, Ground.UNDER_AGE in grounds, chance)
    iin, other = _untaken(born, female, chance, taken), _untaken(date(1980, 5, 17), not female, chance, taken)
    card = identity_card(today, born, grounds, chance)
    address = None if Ground.NO_PERMANENT_REGISTRATION in grounds else permanent_address(today, chance)
    if address and persona.lives_with_officer:
        address = address.model_copy(update=shared_home().model_dump(include=_PLACE))
    person = person_of(iin, born, female, grounds, card, address, today, chance)
    region = REGIONS[number % len(REGIONS)]
    points = points_of(region)
    return Citizen(
        seed=seed,
        number=number,
        persona=persona,
        person=person,
        civil=civil_record(person, grounds, card, chance),
        address=address,
        phone=f"+7{chance.choice(_CODES)}{number % 10_000_000:07}",
        email=f"ulgi.{number}@example.kz" if chance.random() < 0.6 else None,
        locale=chance.choice(tuple(Locale)),
        channel=chance.choice(tuple(Channel)),
        region=region,
        point=points[number % len(points)].code,
        iban=iban(chance),
        spare_iban=iban(chance),
        other_iin=other,
    )


def _born(today: date, under_age: bool, chance: Random) -> date:
    years = 16 if under_age else chance.randrange(26, 60)
    return date(today.year - years, 1, 1) - timedelta(days=chance.randrange(1, 300))


def _untaken(born: date, female: bool, chance: Random, taken: set[str]) -> str:
    """Serials run out for one day of birth only in crowds of thousands born on it: the draw is simply repeated."""
    while True:
        iin = iin_of(born, female, chance)
        if iin not in taken:
            taken.add(iin)
            return iin
