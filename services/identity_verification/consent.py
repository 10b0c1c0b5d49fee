"""S1: consent is asked for, looked for, and asked for anew when a register does not take the token. Pure."""

from __future__ import annotations

from hashlib import sha256

from services.identity_verification.answers import Consent, NotTaken
from services.identity_verification.state import (
    CheckConsent,
    Identification,
    IdentifyPerson,
    Phase,
    RequestConsent,
    audit,
    step,
)
from services.identity_verification.turns import Decided, at_once, refused, soon, unavailable
from shared.contracts.base import Sealed
from shared.contracts.identity_verification import ConsentRequested, ConsentToken, IdentityRefusal
from shared.engine.decision import Decision, Given, Outage, Overdue


def consent_requested(state: Identification, said: RequestConsent, given: Given) -> Decided:
    """КДП has taken the request: the citizen is told, and we look for the answer; the ten minutes begin."""
    taken = state.answered_at is not None
    if state.over or state.phase is not Phase.CONSENT or said.send != state.consent_send or taken:
        return Decision(state)
    if isinstance(given.answers, Outage | Overdue):
        return unavailable(state, given.answers)
    until = state.consent_until or given.now + given.rules.limits.consent
    check = CheckConsent(application_id=state.application_id, send=said.send)
    asked = state.but(consent_until=until, answered_at=given.now)
    done = audit(state, "asked consent", "sent")
    return Decision(asked, consent_request_of(asked), later=(soon(check, 0, given),), appends=(done,))


def consent_request_of(state: Identification) -> ConsentRequested:
    """What is said, and said again, while the citizen's answer is awaited."""
    assert state.consent_until is not None
    return ConsentRequested(application_id=state.application_id, send=state.consent_send, until=state.consent_until)


def consent_checked(state: Identification, said: CheckConsent, given: Given) -> Decided:
    """Granted: S2. Denied or not answered in ten minutes: its own text, may start again at once."""
    if state.over or state.phase is not Phase.CONSENT or said.send != state.consent_send:
        return Decision(state)
    if isinstance(given.answers, Outage | Overdue):
        return unavailable(state, given.answers)
    answer: Consent = given.answers
    if answer.granted:
        granted = state.but(phase=Phase.PERSON, consents=Sealed(answer.tokens))
        first = () if state.consents else (step(state.application_id, "S1"),)
        done = (*first, audit(state, "consent", "granted"))
        return Decision(granted, later=(at_once(IdentifyPerson(application_id=state.application_id)),), appends=done)
    if answer.status == "DENIED":
        return refused(state, IdentityRefusal.CONSENT_DENIED, "S1")
    assert state.consent_until is not None
    sends, term = given.rules.limits.consent_sends, given.rules.limits.consent
    expired, left = answer.status == "EXPIRED", said.send < sends
    if given.now >= state.consent_until or (expired and not left):
        return refused(state, IdentityRefusal.CONSENT_EXPIRED, "S1")
    if left and (expired or given.now >= state.consent_until - term + term * said.send / sends):
        again = RequestConsent(application_id=state.application_id, send=said.send + 1)
        return Decision(state.but(consent_send=said.send + 1, answered_at=None), later=(at_once(again),))
    look = CheckConsent(application_id=state.application_id, send=said.send, look=said.look + 1)
    return Decision(state.but(answered_at=given.now), later=(soon(look, look.look, given),))


def was_refused(state: Identification, answer: Consent) -> bool:
    """Tokens that a register did not take: КДП tells of each set as long as it is asked about that request."""
    return digest_of(answer.tokens) in state.refused_consents


def digest_of(tokens: tuple[ConsentToken, ...]) -> str:
    """By which a set of tokens is known again, in whatever order it comes."""
    return sha256("\n".join(sorted(token.token for token in tokens)).encode()).hexdigest()


def ask_anew(state: Identification, said: NotTaken, given: Given) -> Decided:
    """S1 once more, by another SMS, as often as limits allow; then the citizen may start again at once. The register
    has answered: this is no outage of anybody's.
    """
    told = audit(state, "consent", f"not taken by {said.dependency}: {said.code}")
    assert state.consents is not None  # they were shown just now
    known = (*state.refused_consents, digest_of(state.consents.value))
    if state.consent_send >= given.rules.limits.consent_sends:
        return refused(state, IdentityRefusal.CONSENT_EXPIRED, "S1", told)
    send = state.consent_send + 1
    back = state.but(
        phase=Phase.CONSENT, consent_send=send, consent_until=None, answered_at=None, refused_consents=known
    )
    again = RequestConsent(application_id=state.application_id, send=send)
    return Decision(back, later=(at_once(again),), appends=(told,))
