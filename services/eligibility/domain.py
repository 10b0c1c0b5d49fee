"""Who may renew online and, if not, why not. Pure: values in, values out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from shared.contracts.base import Message, Sealed
from shared.contracts.eligibility import EligibilityConfirmed, EligibilityRefused, EligibilityUnavailable
from shared.contracts.identity_verification import IdentityConfirmed
from shared.contracts.intake import ApplicationClosed
from shared.engine.decision import Decision, Outage, Overdue
from shared.engine.service import Audited, Step
from shared.law.birth_place import recorded_birth_place
from shared.law.civil_registry import CivilRecord
from shared.law.eligibility import Ground, grounds_for_refusal
from shared.law.person import KAZAKHSTAN, Address, Person
from shared.law.rules import Rules


@dataclass(frozen=True, slots=True)
class Assessment:
    """Of what was found, only what was said is kept, to be said again."""

    application_id: UUID
    settled: bool = False
    closed: bool = False
    confirmed: EligibilityConfirmed | None = None
    refused: EligibilityRefused | None = None
    unavailable: EligibilityUnavailable | None = None

    @property
    def said(self) -> Message | None:
        return self.confirmed or self.refused or self.unavailable

    def saying(self, said: EligibilityConfirmed | EligibilityRefused | EligibilityUnavailable) -> Assessment:
        """Settled, with this word."""
        match said:
            case EligibilityConfirmed():
                return replace(self, settled=True, confirmed=said)
            case EligibilityRefused():
                return replace(self, settled=True, refused=said)
        return replace(self, settled=True, unavailable=said)


@dataclass(frozen=True, slots=True)
class Registers:
    """What the two registers hold of the person; no address means that none is confirmed."""

    civil: CivilRecord
    address: Address | None


@dataclass(frozen=True, slots=True)
class ConsentEnded:
    """A register (`dependency`) does not take the citizen's consent, and there is none without their word."""

    dependency: str
    code: str


STEPS = {
    "S4": frozenset({Ground.UNDER_AGE, Ground.INCAPABLE, Ground.DECEASED, Ground.NOT_CITIZEN, Ground.EXCLUDED,
                     Ground.MISSING, Ground.WANTED}),
    "S5": frozenset({Ground.CIVIL_ACT_CHANGED, Ground.DATA_DIFFER}),
    "S6": frozenset({Ground.NO_PERMANENT_REGISTRATION}),
    "S7": frozenset({Ground.NO_VALID_CARD, Ground.SEVERAL_VALID_CARDS, Ground.NO_EXPIRY_DATE, Ground.OUTSIDE_PILOT,
                     Ground.OUTSIDE_WINDOW_EARLY, Ground.OUTSIDE_WINDOW_LATE}),
}  # fmt: skip


def assess(
    assessment: Assessment,
    said: IdentityConfirmed,
    registers: Registers | ConsentEnded | Outage | Overdue,
    today: date,
    rules: Rules,
) -> Decision[Assessment]:
    """Settle S4–S7, once, on `today` (Almaty). Asked again, or after the ending, it stays silent."""
    if assessment.settled or assessment.closed:
        return Decision(assessment)
    if isinstance(registers, ConsentEnded):
        return _without_consent(assessment, registers)
    if not isinstance(registers, Registers):
        silent = EligibilityUnavailable(application_id=said.application_id, dependency=registers.dependency)
        return Decision(assessment.saying(silent), silent)
    person = said.person.value
    grounds = grounds_for_refusal(person, registers.civil, registers.address, today, rules.pilot)
    asked = _asked(assessment, "answered")
    answer = _answer(said.application_id, person, registers, grounds)
    return Decision(assessment.saying(answer), answer, appends=(asked, *_steps(said.application_id, grounds)))


def _without_consent(assessment: Assessment, ended: ConsentEnded) -> Decision[Assessment]:
    """Nobody's outage, and no judgement: an ending of its own text, after which the citizen may start again at once."""
    id, ground = assessment.application_id, Ground.CONSENT_ENDED
    refused = EligibilityRefused(application_id=id, grounds=(ground,))
    asked = _asked(assessment, f"consent not taken by {ended.dependency}: {ended.code}")
    return Decision(assessment.saying(refused), refused, appends=(asked, Step(id, "S4", "refused", ground)))


def _asked(assessment: Assessment, result: str) -> Audited:
    return Audited(assessment.application_id, "service", "eligibility", "asked ЗАГС and the address register", result)


def resume(assessment: Assessment) -> Decision[Assessment]:
    """What was found is said again, under a new id. Unsettled, it waits for the identity, which is said again too."""
    said = assessment.said
    return Decision(assessment) if said is None or assessment.closed else Decision(assessment, said)


def close(assessment: Assessment, said: ApplicationClosed) -> Decision[Assessment]:
    """After the ending nothing is assessed any more."""
    return Decision(replace(assessment, closed=True))


def _answer(
    application_id: UUID, person: Person, registers: Registers, grounds: tuple[Ground, ...]
) -> EligibilityConfirmed | EligibilityRefused:
    if grounds:
        return EligibilityRefused(application_id=application_id, grounds=grounds)
    expires = person.valid_cards[0].expires
    assert expires is not None  # no end date is a ground
    place = recorded_birth_place(person, registers.civil)
    return EligibilityConfirmed(
        application_id=application_id,
        expires=expires,
        birth_place=Sealed(place) if place else None,
        birth_country=place.country.code if place and place.country else KAZAKHSTAN,
    )


def _steps(application_id: UUID, grounds: tuple[Ground, ...]) -> tuple[Step, ...]:
    """One row a step; the rest of the algorithm is not begun when one of them refuses."""
    return tuple(
        Step(application_id, step, "refused" if stops & set(grounds) else "done") for step, stops in STEPS.items()
    )
