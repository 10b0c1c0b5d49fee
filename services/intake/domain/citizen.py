"""Who may say something of an application, and how a portal message that cannot be taken is answered."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from services.intake.domain.application import Application, Turn, audited
from services.intake.domain.wording import text_of
from shared.contracts.base import Sealed
from shared.contracts.portal import MessageRejected
from shared.contracts.values import Fault
from shared.engine.codec import Unreadable
from shared.engine.decision import Decision, Given


class Reason(StrEnum):
    """Why a message of the portal is not taken. Those of the engine are in `wording`, too."""

    UNKNOWN_APPLICATION = "UNKNOWN_APPLICATION"
    NOT_YOURS = "NOT_YOURS"
    CLOSED = "CLOSED"
    ALREADY_SIGNED = "ALREADY_SIGNED"
    REVISION_USED = "REVISION_USED"
    SUPERSEDED = "SUPERSEDED"
    DEADLINE_PASSED = "DEADLINE_PASSED"
    SIGNATURE_REQUIRED = "SIGNATURE_REQUIRED"
    SIGNATURE_INVALID = "SIGNATURE_INVALID"
    FAULTY = "FAULTY"


def hindrance(state: Application, authenticated_iin: Sealed[str], *, closed_too: bool = False) -> Reason | None:
    """Why this person may say nothing of this application now; None when they may."""
    if not state.opened or state.iin is None:
        return Reason.UNKNOWN_APPLICATION
    if state.iin.value != authenticated_iin.value:
        return Reason.NOT_YOURS
    if not closed_too and (state.ending is not None or state.registration_refused):
        return Reason.CLOSED
    return None


def not_taken(
    state: Application, what: str, reason: Reason, given: Given, *,
    message_id: str = "", authenticated_iin: Sealed[str] | None = None, faults: Iterable[Fault] = (),
) -> Turn:  # fmt: skip
    """Nothing is done with the message; the portal is told why, and the act is kept in the audit trail."""
    who = f"citizen:{given.blind(authenticated_iin.value)}" if authenticated_iin else ""
    return Decision(
        state,
        rejection(state.application_id, message_id or str(given.message_id), reason, tuple(faults)),
        appends=(audited(state, what, f"rejected: {reason}", who=who),),
    )


def rejection(application_id: UUID, message_id: str, reason: str, faults: tuple[Fault, ...] = ()) -> MessageRejected:
    return MessageRejected(
        application_id=application_id, message_id=message_id, reason=reason, faults=faults, text=text_of(reason)
    )


def reject_unreadable(item: Unreadable, at: datetime) -> Decision[None] | None:
    """What the engine says of a portal message that it cannot even read (`Service.rejects`)."""
    if item.delivery.exchange != "portal" or item.application_id is None:
        return None
    named = tuple(Fault(field=field, problem=problem) for field, problem in item.faults)
    return Decision(None, rejection(item.application_id, item.delivery.message_id or "", item.reason, named))
