"""Who may renew online and, if not, why not: S4–S7, p.2.4, p.6, p.7. Every ground at once, in the order of `Ground`."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from shared.law.civil_registry import Attribute, CivilRecord
from shared.law.names import same_name
from shared.law.person import (
    ADDRESS_NOT_INVALID,
    ADDRESS_REGISTERED,
    ALIVE,
    KAZAKHSTAN,
    Address,
    AddressKind,
    Entry,
    IdentityDocument,
    Person,
)
from shared.law.pilot import Pilot
from shared.law.window import renewal_window

FULL_AGE = 18


class Ground(StrEnum):
    """Why the application is not taken online. Which of them may be told to whom is for `notification` to know."""

    OUTSIDE_PILOT = "outside-pilot"
    DECEASED = "deceased"
    EXCLUDED = "excluded"
    MISSING = "missing"
    WANTED = "wanted"
    NOT_CITIZEN = "not-citizen"
    UNDER_AGE = "under-age"
    INCAPABLE = "incapable"
    CIVIL_ACT_CHANGED = "civil-act-changed"
    DATA_DIFFER = "data-differ"
    NO_PERMANENT_REGISTRATION = "no-permanent-registration"
    NO_VALID_CARD = "no-valid-card"
    SEVERAL_VALID_CARDS = "several-valid-cards"
    NO_EXPIRY_DATE = "no-expiry-date"
    OUTSIDE_WINDOW_EARLY = "outside-window-early"
    OUTSIDE_WINDOW_LATE = "outside-window-late"
    CONSENT_ENDED = "consent-ended"  # of the registers' own: nothing was judged, the citizen may start again at once


def grounds_for_refusal(
    person: Person,
    civil: CivilRecord,
    address: Address | None,
    today: date,
    pilot: Pilot,
    restored: frozenset[str] = frozenset(),
) -> tuple[Ground, ...]:
    """Every ground that holds on `today` (Almaty), so that the citizen learns them all at once; none means yes.

    `address` is what the address register confirms of the registration; `restored` are the codes by which
    ГБД ФЛ says that capacity was given back.
    """
    card = next(iter(person.valid_cards), None)
    checks = {
        Ground.OUTSIDE_PILOT: not pilot.contains(today),  # order p.7
        Ground.DECEASED: is_deceased(person),
        Ground.EXCLUDED: person.excluded or person.removed,
        Ground.MISSING: person.missing,
        Ground.WANTED: person.wanted,  # p.6: nothing that needs a conclusion
        Ground.NOT_CITIZEN: person.citizenship.code != KAZAKHSTAN,  # p.2.4
        Ground.UNDER_AGE: age_on(today, person.birth_date) < FULL_AGE,  # S4: full capacity begins at 18
        Ground.INCAPABLE: is_incapable(person, today, restored),  # S4
        Ground.CIVIL_ACT_CHANGED: changed_since_issue(civil, card),  # S5
        Ground.DATA_DIFFER: bool(differing_attributes(person, civil, card)),  # S5
        Ground.NO_PERMANENT_REGISTRATION: not is_permanently_registered(person, address, today),  # S6
    }
    return (*(ground for ground, holds in checks.items() if holds), *card_grounds(person, today))


def is_deceased(person: Person) -> bool:
    return person.life_status.code != ALIVE or person.death_date is not None


def age_on(today: date, born: date) -> int:
    """Full years; who was born on 29 February is a year older on 1 March of a common year."""
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def is_incapable(person: Person, today: date, restored: frozenset[str] = frozenset()) -> bool:
    """A court's decision is in force (S4). No decision on record means full capacity."""
    decision = person.capacity
    if decision is None or decision.status.code in restored:
        return False
    return decision.since <= today and (decision.until is None or today <= decision.until)


def changed_since_issue(civil: CivilRecord, card: IdentityDocument | None) -> bool:
    """An act dated on or after the card's first day changed one of the five: the card may not know of it (S5)."""
    return card is not None and any(act.date >= card.issued for act in civil.acts)


def differing_attributes(person: Person, civil: CivilRecord, card: IdentityDocument | None) -> tuple[Attribute, ...]:
    """Which of the five ГБД ФЛ holds otherwise than ЗАГС or the card does (S5)."""
    records = (civil, card) if card else (civil,)
    differing = {attribute for record in records for attribute in _differing(person, record)}
    return tuple(attribute for attribute in Attribute if attribute in differing)


def is_permanently_registered(person: Person, address: Address | None, today: date) -> bool:
    """ГБД ФЛ shows a permanent registration in force, and the address register confirms the same address (S6)."""
    held = person.registration
    if held is None or address is None or not (_in_force(held, today) and _in_force(address, today)):
        return False
    return held.ar_code == address.ar_code


def card_grounds(person: Person, today: date) -> tuple[Ground, ...]:
    """Exactly one valid card, with an end date, in the window (S7, p.7): otherwise the one ground that speaks of it."""
    cards = person.valid_cards
    if len(cards) != 1:
        return (Ground.SEVERAL_VALID_CARDS if cards else Ground.NO_VALID_CARD,)
    if cards[0].expires is None:
        return (Ground.NO_EXPIRY_DATE,)
    window = renewal_window(cards[0].expires)
    if window.contains(today):
        return ()
    return (Ground.OUTSIDE_WINDOW_EARLY if window.is_ahead_of(today) else Ground.OUTSIDE_WINDOW_LATE,)


def _differing(person: Person, record: CivilRecord | IdentityDocument) -> set[Attribute]:
    """What a record does not hold cannot differ; an absent patronymic is held by a record that holds the names."""
    named = record.surname is not None or record.name is not None
    nationality: Entry | None = record.nationality if isinstance(record, CivilRecord) else None
    checks = {
        Attribute.SURNAME: record.surname is not None and not same_name(record.surname, person.surname),
        Attribute.NAME: record.name is not None and not same_name(record.name, person.name),
        Attribute.PATRONYMIC: named and not same_name(record.patronymic, person.patronymic),
        Attribute.BIRTH_DATE: record.birth_date not in (None, person.birth_date),
        Attribute.NATIONALITY: nationality is not None and nationality.code != person.nationality.code,
    }
    return {attribute for attribute, differs in checks.items() if differs}


def _in_force(address: Address, today: date) -> bool:
    """Permanent, registered, not annulled, in Kazakhstan, begun, not ended, and with a code of the address register."""
    codes = (address.status, address.invalidity, address.country)
    return (
        address.kind is AddressKind.PERMANENT
        and tuple(entry and entry.code for entry in codes) == (ADDRESS_REGISTERED, ADDRESS_NOT_INVALID, KAZAKHSTAN)
        and address.since is not None
        and address.since <= today
        and (address.until is None or today <= address.until)
        and bool(address.ar_code)
    )
