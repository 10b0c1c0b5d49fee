"""Going on when something was lost: what was said is said again, what is waited for is asked again. Nothing changes."""

from __future__ import annotations

from collections.abc import Iterator

from services.identity_verification.consent import consent_request_of
from services.identity_verification.domain import confirmation_of, giving_up
from services.identity_verification.likeness import judging
from services.identity_verification.state import (
    CheckConsent,
    CheckSession,
    CompareFace,
    ConfirmPhone,
    Identification,
    IdentifyPerson,
    OpenSession,
    Phase,
    Question,
    RequestConsent,
    key_of,
)
from shared.contracts.base import Message
from shared.contracts.identity_verification import IdentityRefused, IdentityUnavailable
from shared.engine.decision import Decision, Given, Later
from shared.engine.waiting import Awaited, rows_of


def resume(state: Identification, given: Given) -> Decision[Identification]:
    """Facts under new ids, for whoever has not heard them; and the rows that must stand."""
    return Decision(state, *said_so_far(state), later=rows_of(awaited(state, given)))


def said_so_far(state: Identification) -> Iterator[Message]:
    """Every fact that somebody may still wait for. Of an application that has ended, or moved on, nothing."""
    id = state.application_id
    if state.closed:
        return
    if state.phase is Phase.CONSENT and state.answered_at is not None:
        yield consent_request_of(state)
    if state.phase is Phase.CONFIRMED:
        yield confirmation_of(state)
    if state.refusal is not None:
        yield IdentityRefused(application_id=id, reason=state.refusal)
    if state.silent:
        yield IdentityUnavailable(application_id=id, dependency=state.silent)
    for verdict in (state.accepted, state.returned, state.refused):
        if verdict is not None and verdict.revision == state.revision:
            yield verdict


def awaited(state: Identification, given: Given) -> Iterator[Awaited]:
    """The rows that stand while the state is as it is."""
    question = _question(state)
    if question is not None:
        yield Awaited(Later(question, clock="machine", key=key_of(question)))
        yield Awaited(giving_up(state, given), sure=False)
    if state.awaits_photo:
        yield Awaited(judging(state), instead=(CompareFace,))


def _question(state: Identification) -> Question | None:
    """What S1–S3 wait for the answer to."""
    id = state.application_id
    if state.over:
        return None
    match state.phase:
        case Phase.CONSENT if state.answered_at is None:
            return RequestConsent(application_id=id, send=state.consent_send)
        case Phase.CONSENT:
            return CheckConsent(application_id=id, send=state.consent_send)
        case Phase.PERSON:
            return IdentifyPerson(application_id=id)
        case Phase.PHONE:
            return ConfirmPhone(application_id=id)
        case Phase.SESSION if state.session_id is None:
            return OpenSession(application_id=id, attempt=state.attempt)
        case Phase.SESSION:
            return CheckSession(application_id=id, attempt=state.attempt)
    return None
