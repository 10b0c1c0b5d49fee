"""The issue desk (S19, p.4.3, p.11): an officer of that very point hands the card to its owner in person."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from services.production_dispatch import progress
from services.production_dispatch.messages import (
    Act,
    Answered,
    CheckIn,
    Code,
    IssueCard,
    RecordRefusal,
    ReportDifference,
    ViewCard,
)
from services.production_dispatch.production import (
    STARTED,
    Alert,
    HandOver,
    Production,
    Standing,
    by_officer,
    to_operations,
)
from shared.contracts.production_dispatch import DocumentIssued, IssueRefused
from shared.engine.decision import Decision, Given
from shared.engine.service import Step

Decided = Decision[Production]

OVER = {
    Standing.STOPPED: Code.STOPPED,
    Standing.RETURNED: Code.STOPPED,
    Standing.ISSUED: Code.ISSUED_ALREADY,
    Standing.UNCOLLECTED: Code.UNCOLLECTED,
}


def check_in(production: Production, act: CheckIn, given: Given) -> Decided:
    """The card is at the point. Before its shipment was told this is kept, and the central node is asked."""
    code = stranger(production, act, act.talon) or OVER.get(production.standing)
    if code is None and production.standing not in STARTED:
        code = Code.NOT_SHIPPED
    if code is not None:
        refused = _refused(production, act, "check-in", code)
        return progress.then(refused, progress.mark_for_destruction) if code is Code.STOPPED else refused
    known = replace(production, checked_in_on=production.checked_in_on or given.today)
    moved = progress.advance(known, given)
    state, answer = moved.state.answered(act)
    look = () if state.standing is Standing.READY else (progress.look_at(state),)
    return Decision(
        state,
        *moved.says,
        later=(*moved.later, *look),
        appends=(*moved.appends, by_officer(act, "check-in")),
        reply=answer,
    )


def view(production: Production, act: ViewCard, given: Given) -> Decided:
    """Every look at a person's data is on record, granted or not (order p.4.1)."""
    code = stranger(production, act, act.talon)
    if code is None and given.blind(_iin(production)) == act.officer_index:
        code = Code.OWN_CARD
    _, answer = production.answered(act, code)
    return Decision(production, appends=(by_officer(act, "view-card", code or "done"),), reply=answer)


def issue(production: Production, act: IssueCard, given: Given) -> Decided:
    """To the person alone: established, on the talon, at the chosen point, by another officer than themselves."""
    code = stranger(production, act, act.talon) or OVER.get(production.standing)
    if code is None:
        code = _unfit(production, act, given)
    if code is not None:
        return _refused(production, act, "issue-card", code)
    issued = replace(
        production,
        standing=Standing.ISSUED,
        issued_at=given.now,
        issued_by=act.officer_id,
        old_card_taken=act.old_card_taken,
    )
    handed = _done(issued, act, "issue-card", "old card taken" if act.old_card_taken else "old card not taken")
    said = DocumentIssued(application_id=act.application_id, point=production.point or "", officer_id=act.officer_id)
    step = Step(act.application_id, "S19", "done")
    return Decision(handed.state, said, appends=(*handed.appends, step, *_proof(act)), reply=handed.reply)


def report_difference(production: Production, act: ReportDifference, given: Given) -> Decided:
    """Operations look for a card that is missing or lies at the wrong point; the card itself stays where it stands."""
    detail = f"{act.listed_in} {act.shipment} {act.talon} {act.officer_point}"
    alert = Alert(act.application_id, f"SHIPMENT_{act.what.value}", "operations", detail)
    noted = _done(production, act, "report-difference", act.what.value)
    return Decision(noted.state, appends=(*noted.appends, alert), reply=noted.reply)


def record_refusal(production: Production, act: RecordRefusal, given: Given) -> Decided:
    """It changes nothing and leaves its audit row."""
    reply = Answered(act_id=act.act_id, standing=production.standing.value)
    return Decision(production, appends=(by_officer(act, act.what, act.result),), reply=reply)


def stranger(production: Production, act: Act, talon: str) -> Code | None:
    """Why this officer has nothing to do with this card: there is none, another point's, another talon's."""
    if production.round == 0:
        return Code.UNKNOWN_TALON
    if act.officer_point != production.point:
        return Code.OTHER_POINT
    return Code.WRONG_TALON if talon != production.talon else None


def _unfit(production: Production, act: IssueCard, given: Given) -> Code | None:
    if given.blind(_iin(production)) == act.officer_index:
        return Code.OWN_CARD
    if production.standing is not Standing.READY:
        return Code.NOT_READY
    if act.proof is None:
        return Code.NOT_SIGNED
    if act.by_proxy:
        return Code.PROXY
    return None if act.person_established else Code.NOT_ESTABLISHED


def _iin(production: Production) -> str:
    assert production.certified
    return production.certified.value.person.iin


def _done(production: Production, act: Act, what: str, result: str = "done") -> Decided:
    state, answer = production.answered(act)
    return Decision(state, appends=(by_officer(act, what, result),), reply=answer)


def _refused(production: Production, act: Act, what: str, code: Code) -> Decided:
    """Nothing is handed over, and the attempt is on record; of a live application it is also said."""
    state, answer = production.answered(act, code)
    appends = [by_officer(act, what, code.value)]
    if not isinstance(act, IssueCard) or production.round == 0:
        return Decision(state, appends=appends, reply=answer)
    if code is Code.STOPPED:
        alert = to_operations(production, "ISSUE_TRIED_AFTER_STOP", act.officer_id)
        return Decision(state, appends=(*appends, alert), reply=answer)
    if production.standing in OVER:
        return Decision(state, appends=appends, reply=answer)
    said = IssueRefused(
        application_id=act.application_id, point=act.officer_point, officer_id=act.officer_id, reason=code.value
    )
    signed = _proof(act, code.value) if code in (Code.PROXY, Code.NOT_ESTABLISHED) else ()
    return Decision(state, said, appends=(*appends, *signed), reply=answer)


def _proof(act: IssueCard, reason: str = "") -> tuple[Any, ...]:
    """What the officer signed is kept with what came of it."""
    if act.proof is None or act.signed_for is None:
        return ()
    signed = HandOver(act.application_id, act.act_id, act.officer_id, reason, act.old_card_taken, act.signed_for)
    return signed, act.proof
