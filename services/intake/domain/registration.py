"""S13: into РП ДРН once, under one talon; and out of it again when the application ends without a card."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from services.intake.domain.application import Application, Turn, by_service, let_go, then
from services.intake.domain.facts import Registering
from services.intake.domain.own import RegisterApplication, TidyTalons
from services.intake.domain.reports import report_next
from services.intake.domain.watching import watching
from shared.contracts.intake import (
    ApplicationRegistered,
    RecallRefused,
    RecallRegistration,
    RegistrationRecalled,
    RegistrationRefused,
    RegistrationUnavailable,
)
from shared.engine.decision import ALMATY, Decision, Given, Later, Outage, Overdue
from shared.engine.service import Step

SECOND_LOOK = timedelta(minutes=5)
"""Machine time after which a talon of a register that was thought lost would have shown itself."""


@dataclass(frozen=True, slots=True)
class Talon:
    """A registration as РП ДРН knows it."""

    number: str
    documentation_code: str
    registered_at: datetime
    recalled: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """Talons of the application that stand, the first registered first. More than one: the others go."""

    talons: tuple[Talon, ...]


@dataclass(frozen=True, slots=True)
class Refused:
    """РП ДРН does not register."""

    code: str
    text_kk: str
    text_ru: str


@dataclass(frozen=True, slots=True)
class Nothing:
    """Nothing stands in РП ДРН, and nothing was asked of it: the application had ended."""


@dataclass(frozen=True, slots=True)
class Tidied:
    """`kept` is the talon that stays, if any; `recalled` went, `refused` are those that РП ДРН would not recall."""

    kept: str = ""
    recalled: tuple[str, ...] = ()
    refused: tuple[tuple[str, str], ...] = ()


class TalonHeldByAnother(Exception):
    """РП ДРН gave a talon that another application holds: into the dead letters, operations are alerted."""


def claim_of_talon(said: RegisterApplication, given: Given) -> str | None:
    return f"talon:{given.answers.talons[0].number}" if isinstance(given.answers, Found) else None


def register(state: Application, said: RegisterApplication, given: Given) -> Turn:
    """What РП ДРН answered. A talon that comes after the end is recalled at once. Raises `TalonHeldByAnother`."""
    if state.registering is not Registering.ASKING:
        return Decision(state)
    state = replace(state, registering=Registering.NO)
    match given.answers:
        case Found(talons):
            if given.owner != state.application_id:
                raise TalonHeldByAnother
            return let_go(_registered(state, talons))
        case Refused():
            return let_go(then(_refused(state, given.answers), _answer_recall))
        case Overdue() | Outage():
            return _overdue(state, given.answers.dependency)
    return let_go(then(Decision(state, later=(_second_look(state),)), _answer_recall))


def recall_registration(state: Application, command: RecallRegistration) -> Turn:
    """Recall what is registered, and wait for what is on its way in. Ordered again, it is answered again."""
    state = replace(state, recall_ordered=True)
    if state.registering is Registering.ASKING or state.recalling:
        return Decision(state)
    if state.talon and not state.recalled:
        return _recall(state)
    return let_go(_answer_recall(replace(state, registering=Registering.NO)))


def tidy(state: Application, said: TidyTalons, given: Given) -> Turn:
    """РП ДРН has been tidied: a second talon is gone, or the registration itself."""
    found = given.answers
    assert isinstance(found, Tidied)
    rows = [by_service(state, "RecallRegistration", f"recalled {talon}") for talon in found.recalled]
    rows += [by_service(state, "RecallRegistration", f"refused {talon}: {code}") for talon, code in found.refused]
    no = [RecallRefused(application_id=state.application_id, talon=talon, reason=code) for talon, code in found.refused]
    if found.kept or not state.recalling:
        return Decision(state, *(each for each in no if each.talon != state.talon), appends=rows)
    state = replace(state, recalling=False)
    if no:
        return Decision(state, no[0], appends=rows)
    state = replace(state, recalled=True, talon=state.talon or next(iter(found.recalled), ""))
    return let_go(then(Decision(state, appends=rows), _answer_recall))


def _registered(state: Application, talons: tuple[Talon, ...]) -> Turn:
    first, *others = talons
    live = state.may_register
    state = replace(
        state,
        talon=first.number,
        documentation_code=first.documentation_code,
        registered_on=first.registered_at.astimezone(ALMATY).date(),
        signature=replace(state.signature, cms=None) if state.signature else None,
    )
    row = by_service(state, "RegisterApplication", f"talon {first.number}")
    if not live:
        return then(Decision(state, appends=(row,)), _recall)
    now = (Later(TidyTalons(application_id=state.application_id), clock="machine"),) if others else ()
    rows = (row, Step(state.application_id, "S13", "done"))
    later = (*now, _second_look(state), watching(state))
    done = Decision(state, registration_of(state), later=later, appends=rows)
    return then(done, report_next)


def registration_of(state: Application) -> ApplicationRegistered:
    """What is said, and said again, of an application that is registered."""
    assert state.form is not None
    assert state.expires is not None
    assert state.registered_on is not None
    return ApplicationRegistered(
        application_id=state.application_id, talon=state.talon, documentation_code=state.documentation_code,
        region=state.form.region, point=state.form.point, registered_on=state.registered_on, expires=state.expires,
    )  # fmt: skip


def _refused(state: Application, no: Refused) -> Turn:
    rows = (
        by_service(state, "RegisterApplication", f"refused: {no.code}"),
        Step(state.application_id, "S13", "refused", no.code),
    )
    if not state.may_register:
        return Decision(state, appends=rows[:1])
    refused = RegistrationRefused(
        application_id=state.application_id, code=no.code, text_kk=no.text_kk, text_ru=no.text_ru
    )
    return Decision(replace(state, registration_refused=True, refusal=refused), refused, appends=rows)


def _overdue(state: Application, dependency: str) -> Turn:
    """Silent past the step's own deadline: the citizen is redirected, and what may stand there is looked for.

    The last try may have its effect after that look: there is a second one.
    """
    says = (
        (RegistrationUnavailable(application_id=state.application_id, dependency=dependency),)
        if state.may_register
        else ()
    )
    row = by_service(state, "RegisterApplication", f"{dependency} silent past the deadline")
    overdue = replace(state, registration_overdue=True)
    return then(Decision(overdue, *says, later=(_second_look(state),), appends=(row,)), _recall)


def _second_look(state: Application) -> Later:
    return Later(TidyTalons(application_id=state.application_id), SECOND_LOOK, clock="machine", key="second-look")


def _recall(state: Application) -> Turn:
    state = replace(state, recall_due=True, recalling=True)
    return Decision(state, later=(recalling(state),))


def recalling(state: Application) -> Later:
    return Later(TidyTalons(application_id=state.application_id), clock="machine", key="recall")


def registering(state: Application) -> Later:
    return Later(RegisterApplication(application_id=state.application_id), clock="machine", key="register")


def _answer_recall(state: Application) -> Turn:
    """Nothing is registered (any more): said when it was ordered, and whenever a talon has gone."""
    if not state.recall_ordered and not (state.recalled and state.talon):
        return Decision(state)
    return Decision(state, RegistrationRecalled(application_id=state.application_id, talon=state.talon or None))
