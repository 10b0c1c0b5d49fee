"""What every decision of S1–S3 may come to: refused, nobody there, asked at once, looked at again. Pure."""

from __future__ import annotations

from datetime import timedelta

from services.identity_verification.state import Identification, Phase, Question, audit, key_of, step
from shared.contracts.identity_verification import IdentityRefusal, IdentityRefused, IdentityUnavailable
from shared.engine.decision import Decision, Given, Later, Outage, Overdue

Decided = Decision[Identification]
SLOWEST = 10  # looks grow rarer, to this many polls apart
ACTS = {"S1": "consent", "S2": "person and phone", "S3": "identification"}


def pause(look: int, poll: timedelta) -> timedelta:
    """Machine time to the next look."""
    return poll * min(SLOWEST, 1 + look // 4)


def refused(state: Identification, reason: IdentityRefusal, at: str, *also: object) -> Decided:
    said = IdentityRefused(application_id=state.application_id, reason=reason)
    row = (*also, step(state.application_id, at, "refused", reason), audit(state, ACTS[at], reason))
    return Decision(state.but(phase=Phase.REFUSED, refusal=reason), said, appends=row)


def unavailable(state: Identification, silence: Outage | Overdue) -> Decided:
    said = IdentityUnavailable(application_id=state.application_id, dependency=silence.dependency)
    return Decision(state.but(phase=Phase.UNAVAILABLE, silent=silence.dependency), said)


def at_once(message: Question) -> Later:
    return Later(message, clock="machine", key=key_of(message))


def soon(message: Question, look: int, given: Given) -> Later:
    return Later(message, pause(look, given.rules.poll), clock="machine", key=key_of(message))
