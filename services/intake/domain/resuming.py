"""Going on when something was lost: what was said is said again, what is waited for is asked again. Nothing changes."""

from __future__ import annotations

from collections.abc import Iterator

from services.intake.domain.application import Application, Turn, then
from services.intake.domain.door import opening_of
from services.intake.domain.ending import closing_of, settling
from services.intake.domain.facts import Registering
from services.intake.domain.registration import recalling, registering, registration_of
from services.intake.domain.reports import awaits_result, report_next, reporting, requesting
from services.intake.domain.requests import checking_withdrawal
from services.intake.domain.signing import checking, seeking, submission_of
from services.intake.domain.watching import watching
from shared.contracts.base import Message
from shared.contracts.intake import CircumstanceChanged, RegistrationUnavailable, ResultRequested, WithdrawalRequested
from shared.engine.decision import Decision
from shared.engine.waiting import Awaited, rows_of

RPDRN = "rpdrn"  # the one system that S13 can wait for in vain


def resume(state: Application) -> Turn:
    """Facts under new ids, for whoever has not heard them; and the rows that must stand."""
    again = Decision(state, *said_so_far(state), later=rows_of(awaited(state)))
    return then(again, report_next)


def said_so_far(state: Application) -> Iterator[Message]:
    """Every fact that somebody may still wait for, in its order."""
    id = state.application_id
    if state.ending is not None:
        yield closing_of(state)
        return
    if state.opened:
        yield opening_of(state)
    if state.form is not None:
        yield state.form
    yield from (CircumstanceChanged(application_id=id, circumstance=each) for each in state.circumstances)
    if state.submitted:
        yield submission_of(state)
    if state.refusal is not None:
        yield state.refusal
    if state.registration_overdue:
        yield RegistrationUnavailable(application_id=id, dependency=RPDRN)
    if state.registered:
        yield registration_of(state)
    if state.withdrawal is not None and state.withdrawal.cms is None:
        yield WithdrawalRequested(application_id=id, signed=state.withdrawal.signed)
    if state.result_request:
        yield ResultRequested(application_id=id, talon=state.talon, request_id=state.result_request)


def awaited(state: Application) -> Iterator[Awaited]:
    """The rows that stand while the state is as it is."""
    if state.ending is None and state.in_check:
        yield Awaited(checking(state))
    if state.ending is None and state.closing is not None and not state.in_check:
        yield Awaited(settling(state))
    if state.withdrawal is not None and state.withdrawal.cms is not None:
        yield Awaited(checking_withdrawal(state, state.withdrawal))
    if state.registering is Registering.SEEKING:
        yield Awaited(seeking(state))
    if state.registering is Registering.ASKING:
        yield Awaited(registering(state))
    if state.recalling:
        yield Awaited(recalling(state))
    if state.reporting:
        yield Awaited(reporting(state))
    if awaits_result(state):
        yield Awaited(requesting(state))
    if state.awaits_watch:
        yield Awaited(watching(state), sure=False)
