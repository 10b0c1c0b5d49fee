"""What РП ДРН is told after S13 (p.4.2): each stage under the talon, in order, once; and S16.

Facts come as the other services say them, in any order; a stage is reported when the one before it has been.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from services.intake.domain.application import Application, Turn, by_service, then
from services.intake.domain.facts import Fact, Reported
from services.intake.domain.own import ReportStage, RequestResult
from shared.contracts.intake import ResultRequested
from shared.engine.decision import Decision, Later
from shared.engine.service import Step

_RANK = {Reported.SETTLED: 0, Reported.IN_REVIEW: 1, Reported.DECIDED: 1, Reported.MADE: 2, Reported.ISSUED: 3}


@dataclass(frozen=True, slots=True)
class Told:
    """РП ДРН has answered a report; `accepted` is its word."""

    accepted: bool


def keep_fact(state: Application, fact: Fact) -> Turn:
    """Keep a stage, once, and report what can be reported."""
    if any((known.stage, known.round) == (fact.stage, fact.round) for known in state.facts):
        return Decision(state)
    return report_next(replace(state, facts=tuple(sorted((*state.facts, fact), key=_place))))


def report_next(state: Application) -> Turn:
    """Begin the next report: one at a time, each with its number."""
    if not state.talon or state.reporting:
        return Decision(state)
    for index, fact in enumerate(state.facts):
        if fact.number:
            continue
        before = state.facts[index - 1] if index else None
        if not _follows(fact, before):
            return Decision(state)
        number = 1 + max(known.number for known in state.facts)
        facts = (*state.facts[:index], replace(fact, number=number), *state.facts[index + 1 :])
        state = replace(state, facts=facts, reporting=number)
        return Decision(state, later=(reporting(state),))
    return Decision(state)


def reporting(state: Application) -> Later:
    report = ReportStage(application_id=state.application_id, number=state.reporting)
    return Later(report, clock="machine", key=f"report/{state.reporting}")


def requesting(state: Application) -> Later:
    return Later(RequestResult(application_id=state.application_id), clock="machine", key="result")


def awaits_result(state: Application) -> bool:
    """The settlement is reported, and РП ДРН has not asked for the result yet (S16)."""
    reported = any(fact.stage is Reported.SETTLED and 0 < fact.number != state.reporting for fact in state.facts)
    return reported and not state.result_request and state.ending is None


def fact_of(state: Application, number: int) -> Fact | None:
    """The stage that is reported under that number."""
    return next((fact for fact in state.facts if fact.number == number), None)


def note_reported(state: Application, said: ReportStage, told: Told | None) -> Turn:
    """Reported: on to the next. After the settlement РП ДРН is asked for its request about the result (S16)."""
    fact = fact_of(state, said.number)
    if told is None or fact is None or state.reporting != said.number:
        return Decision(state)
    row = by_service(state, "ReportStage", f"{said.number} {fact.stage}: {'taken' if told.accepted else 'not taken'}")
    state = replace(state, reporting=0)
    asks = fact.stage is Reported.SETTLED and not state.result_request
    later = (requesting(state),) if asks else ()
    return then(Decision(state, later=later, appends=(row,)), report_next)


def take_result_request(state: Application, request_id: str | None) -> Turn:
    """S16, once. After the ending nobody is to be asked for a result any more."""
    if request_id is None or state.result_request or state.ending is not None:
        return Decision(state)
    requested = ResultRequested(application_id=state.application_id, talon=state.talon, request_id=request_id)
    return Decision(
        replace(state, result_request=request_id),
        requested,
        appends=(by_service(state, "RequestResult", request_id), Step(state.application_id, "S16", "done")),
    )


def _place(fact: Fact) -> tuple[int, int, bool]:
    return (_RANK[fact.stage], fact.round, fact.stage is Reported.DECIDED)


def _follows(fact: Fact, before: Fact | None) -> bool:
    """The stage before it is known (and, being before it in order, reported)."""
    if before is None:
        return fact.stage is Reported.SETTLED
    match fact.stage:
        case Reported.IN_REVIEW:
            first = before.stage is Reported.SETTLED and fact.round <= 1
            return first or (before.stage is Reported.DECIDED and before.round == fact.round - 1)
        case Reported.DECIDED:
            return before.stage is Reported.IN_REVIEW and before.round == fact.round
        case Reported.MADE:
            return before.stage is Reported.DECIDED and not before.ground
        case Reported.ISSUED:
            return before.stage is Reported.MADE
    return False
