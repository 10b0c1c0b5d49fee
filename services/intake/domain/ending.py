"""The one ending (process 4): intake is the referee between signed in time and abandoned; the IIN is freed with it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from services.intake.domain.application import Application, Turn, by_service, let_go, then
from services.intake.domain.citizen import Reason
from services.intake.domain.door import person_key
from services.intake.domain.facts import Registering
from services.intake.domain.form import drop_waiting_form
from services.intake.domain.own import SettleAbandonment
from services.intake.domain.retention import removing
from shared.contracts.intake import ApplicationClosed, CloseApplication, CloseRefused
from shared.contracts.values import Ending, Stage
from shared.engine.decision import Decision, Given, Later

GRACE = timedelta(seconds=10)
"""Machine time for what the portal published in time and the broker has not brought yet."""
BEFORE_REGISTRATION = frozenset({Ending.REFUSED, Ending.ABANDONED, Ending.REDIRECTED})


def close_application(state: Application, command: CloseApplication, given: Given) -> Turn:
    """Close, refuse to, or wait for the one thing that decides. Ordered again, it is answered again."""
    ending = command.ending
    if state.ending is not None:
        return Decision(state, closing_of(state))
    if ending in BEFORE_REGISTRATION and _moved_on(state, ending, given):
        return Decision(state, CloseRefused(application_id=state.application_id, ending=ending, stage=state.stage))
    if state.closing is not None and ending in (Ending.ABANDONED, Ending.REDIRECTED):
        return Decision(state)
    if ending is Ending.ABANDONED and state.opened:
        return Decision(replace(state, closing=ending), later=(settling(state),))
    if ending is Ending.REDIRECTED and state.in_check:
        return Decision(replace(state, closing=ending))
    return close(state, ending, given)


def settling(state: Application) -> Later:
    return Later(SettleAbandonment(application_id=state.application_id), GRACE, clock="machine", key="grace")


def settle_abandonment(state: Application, said: SettleAbandonment, given: Given) -> Turn:
    """Nothing came in time: close. A signature still being checked decides by itself."""
    if state.closing is None or state.ending is not None or state.in_check:
        return Decision(state)
    return close(state, state.closing, given)


def close_as_ordered(state: Application, given: Given) -> Turn:
    """The signature that the ending waited for was not valid."""
    return close(state, state.closing, given) if state.closing is not None else Decision(state)


def close(state: Application, ending: Ending, given: Given) -> Turn:
    """Say the ending, once; free the IIN; what is still under way is undone when it answers."""
    told = drop_waiting_form(state, Reason.CLOSED, given)
    registering = Registering.ASKING if state.registering is Registering.ASKING else Registering.NO
    ended = replace(told.state, ending=ending, closed_at=given.now, closing=None, registering=registering)
    done = Decision(
        ended,
        closing_of(ended),
        appends=(by_service(ended, "CloseApplication", ending, where="saga-coordinator"),),
        later=removing(ended, given.rules),
        release=(person_key(ended.iin_index),) if ended.iin_index else (),
    )
    return let_go(then(told, lambda _: done))


def _moved_on(state: Application, ending: Ending, given: Given) -> bool:
    """The application has moved since the ending was ordered."""
    if state.registered:
        return True
    if ending is Ending.REFUSED:
        return False
    if state.submitted:
        return not state.registration_overdue
    if ending is Ending.REDIRECTED or state.in_check:
        return False
    due = state.due(given.rules)
    return state.stage is Stage.FORM_ACCEPTED if due is None else given.now < due


def closing_of(state: Application) -> ApplicationClosed:
    assert state.ending is not None
    assert state.closed_at is not None
    return ApplicationClosed(application_id=state.application_id, ending=state.ending, closed_at=state.closed_at)
