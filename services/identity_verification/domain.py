"""S1–S3: consent, the person, the phone, identification; strictly one after another. Pure."""

from __future__ import annotations

from datetime import timedelta

from services.identity_verification.answers import Consent, Phone, Session
from services.identity_verification.state import (
    CancelSession,
    CheckConsent,
    CheckSession,
    ConfirmPhone,
    GiveUpIdentification,
    Identification,
    IdentifyPerson,
    JudgePhoto,
    OpenSession,
    Phase,
    Question,
    RequestConsent,
    audit,
    key_of,
    step,
)
from shared.contracts.base import Sealed
from shared.contracts.identity_verification import (
    ConsentRequested,
    IdentificationRequested,
    IdentityConfirmed,
    IdentityRefusal,
    IdentityRefused,
    IdentityUnavailable,
)
from shared.contracts.intake import ApplicationClosed, ApplicationOpened
from shared.engine.decision import Decision, Given, Later, Outage, Overdue
from shared.engine.service import Audited
from shared.law.person import Person

Decided = Decision[Identification]
SLOWEST = 10  # looks grow rarer, to this many polls apart
ACTS = {"S1": "consent", "S2": "person and phone", "S3": "identification"}
SILENT = timedelta(minutes=1)  # a system that has not answered for so long keeps the citizen waiting


def pause(look: int, poll: timedelta) -> timedelta:
    """Machine time to the next look."""
    return poll * min(SLOWEST, 1 + look // 4)


def open_identification(state: Identification, said: ApplicationOpened, given: Given) -> Decided:
    """S1 begins; an application that has ended already (or was heard before) stays as it is."""
    if state.closed or state.phase is not Phase.UNKNOWN:
        return Decision(state)
    id = state.application_id
    begun = state.but(
        phase=Phase.CONSENT,
        iin=said.iin,
        iin_index=said.iin_index,
        phone=said.phone,
        consent_send=1,
    )
    return Decision(begun, later=(_now(RequestConsent(application_id=id, send=1)), giving_up(begun, given)))


def giving_up(state: Identification, given: Given) -> Later:
    return Later(
        GiveUpIdentification(application_id=state.application_id), given.rules.limits.unidentified, key="give-up"
    )


def consent_requested(state: Identification, said: RequestConsent, given: Given) -> Decided:
    """КДП has taken the request: the citizen is told, and we look for the answer; the ten minutes begin."""
    taken = state.answered_at is not None
    if state.over or state.phase is not Phase.CONSENT or said.send != state.consent_send or taken:
        return Decision(state)
    if isinstance(given.answers, Outage | Overdue):
        return _unavailable(state, given.answers)
    until = state.consent_until or given.now + given.rules.limits.consent
    check = CheckConsent(application_id=state.application_id, send=said.send)
    asked = state.but(consent_until=until, answered_at=given.now)
    done = audit(state, "asked consent", "sent")
    return Decision(asked, consent_request_of(asked), later=(_soon(check, 0, given),), appends=(done,))


def consent_request_of(state: Identification) -> ConsentRequested:
    """What is said, and said again, while the citizen's answer is awaited."""
    assert state.consent_until is not None
    return ConsentRequested(application_id=state.application_id, send=state.consent_send, until=state.consent_until)


def consent_checked(state: Identification, said: CheckConsent, given: Given) -> Decided:
    """Granted: S2. Denied or not answered in ten minutes: its own text, may start again at once."""
    if state.over or state.phase is not Phase.CONSENT or said.send != state.consent_send:
        return Decision(state)
    if isinstance(given.answers, Outage | Overdue):
        return _unavailable(state, given.answers)
    answer: Consent = given.answers
    if answer.granted:
        granted = state.but(phase=Phase.PERSON, consents=Sealed(answer.tokens))
        done = (step(state.application_id, "S1"), audit(state, "consent", "granted"))
        return Decision(granted, later=(_now(IdentifyPerson(application_id=state.application_id)),), appends=done)
    if answer.status == "DENIED":
        return _refused(state, IdentityRefusal.CONSENT_DENIED, "S1")
    assert state.consent_until is not None
    sends, term = given.rules.limits.consent_sends, given.rules.limits.consent
    expired, left = answer.status == "EXPIRED", said.send < sends
    if given.now >= state.consent_until or (expired and not left):
        return _refused(state, IdentityRefusal.CONSENT_EXPIRED, "S1")
    if left and (expired or given.now >= state.consent_until - term + term * said.send / sends):
        again = RequestConsent(application_id=state.application_id, send=said.send + 1)
        return Decision(state.but(consent_send=said.send + 1, answered_at=None), later=(_now(again),))
    look = CheckConsent(application_id=state.application_id, send=said.send, look=said.look + 1)
    return Decision(state.but(answered_at=given.now), later=(_soon(look, look.look, given),))


def person_identified(state: Identification, said: IdentifyPerson, given: Given) -> Decided:
    """S2, the first half: ГБД ФЛ knows the person."""
    if state.over or state.phase is not Phase.PERSON:
        return Decision(state)
    if isinstance(given.answers, Outage | Overdue):
        return _unavailable(state, given.answers)
    person: Person | None = given.answers
    asked = audit(state, "asked ГБД ФЛ", "answered")
    if person is None:
        return _refused(state, IdentityRefusal.PERSON_NOT_FOUND, "S2", asked)
    known = state.but(phase=Phase.PHONE, person=Sealed(person))
    return Decision(known, later=(_now(ConfirmPhone(application_id=state.application_id)),), appends=(asked,))


def phone_confirmed(state: Identification, said: ConfirmPhone, given: Given) -> Decided:
    """S2, the second half: the phone is the citizen's by БМГ."""
    if state.over or state.phase is not Phase.PHONE:
        return Decision(state)
    if isinstance(given.answers, Outage | Overdue):
        return _unavailable(state, given.answers)
    phone: Phone = given.answers
    asked = audit(state, "asked БМГ", "answered")
    if not phone.found:
        return _refused(state, IdentityRefusal.PHONE_ABSENT, "S2", asked)
    if not phone.matches:
        return _refused(state, IdentityRefusal.PHONE_OF_ANOTHER, "S2", asked)
    begun = state.but(phase=Phase.SESSION, attempt=1, answered_at=None)
    first = OpenSession(application_id=state.application_id, attempt=1)
    return Decision(begun, later=(_now(first),), appends=(asked, step(state.application_id, "S2")))


def session_opened(state: Identification, said: OpenSession, given: Given) -> Decided:
    """S3: the citizen is sent to the page; a session that came after the ending is cancelled."""
    if isinstance(given.answers, Session) and (state.over or said.attempt != state.attempt):
        cancel = CancelSession(application_id=state.application_id, session_id=given.answers.session_id)
        return Decision(state, later=(_now(cancel),))
    if state.over or state.phase is not Phase.SESSION or said.attempt != state.attempt or state.session_id:
        return Decision(state)
    if isinstance(given.answers, Outage | Overdue):
        return _unavailable(state, given.answers)
    session: Session = given.answers
    until = state.session_until or given.now + given.rules.limits.identification
    asked = IdentificationRequested(
        application_id=state.application_id,
        url=session.url,
        attempt=said.attempt,
        attempts_left=given.rules.limits.identification_attempts - said.attempt,
        until=until,
    )
    opened = state.but(session_id=session.session_id, session_until=until, answered_at=given.now)
    look = CheckSession(application_id=state.application_id, attempt=said.attempt)
    return Decision(opened, asked, later=(_soon(look, 0, given),))


def session_checked(state: Identification, said: CheckSession, given: Given) -> Decided:
    """Passed: confirmed. Failed: again, up to five attempts in fifteen minutes."""
    if state.over or state.phase is not Phase.SESSION or said.attempt != state.attempt:
        return Decision(state)
    if isinstance(given.answers, Outage | Overdue):
        return _unavailable(state, given.answers)
    session: Session = given.answers
    until = state.session_until
    assert until is not None
    if session.status == "PASSED":
        return _confirmed(state, session)
    if session.status in ("FAILED", "EXPIRED"):
        state = state.but(session_id=None)
        if said.attempt >= given.rules.limits.identification_attempts:
            return _refused(state, IdentityRefusal.IDENTIFICATION_FAILED, "S3", _tried(state, session))
    if given.now >= until:
        return _refused(state, IdentityRefusal.IDENTIFICATION_EXPIRED, "S3")
    if state.session_id is None:
        again = OpenSession(application_id=state.application_id, attempt=said.attempt + 1)
        next_one = state.but(attempt=said.attempt + 1, answered_at=None)
        return Decision(next_one, later=(_now(again),), appends=(_tried(state, session),))
    look = CheckSession(application_id=state.application_id, attempt=said.attempt, look=said.look + 1)
    return Decision(state.but(answered_at=given.now), later=(_soon(look, look.look, given),))


def _tried(state: Identification, session: Session) -> Audited:
    """An attempt that was lost, with its scores and why."""
    return audit(state, "identification", f"attempt {state.attempt} {session.status}: {session.told}")


def give_up(state: Identification, said: GiveUpIdentification, given: Given) -> Decided:
    """Thirty minutes unidentified. While a system keeps the citizen waiting, that system's own rule decides."""
    at = {Phase.CONSENT: "S1", Phase.SESSION: "S3"}.get(state.phase)
    if state.over or at is None or state.answered_at is None or given.now - state.answered_at > SILENT:
        return Decision(state)
    return _refused(state, IdentityRefusal.UNIDENTIFIED_TOO_LONG, at)


def close(state: Identification, said: ApplicationClosed) -> Decided:
    """After the ending nothing is asked any more, and a session that may still be open is cancelled."""
    if state.closed:
        return Decision(state)
    closed = state.but(closed=True, session_id=None)
    if state.session_id is None:
        return Decision(closed)
    cancel = CancelSession(application_id=state.application_id, session_id=state.session_id)
    return Decision(closed, later=(_now(cancel),))


def _confirmed(state: Identification, session: Session) -> Decided:
    confirmed = state.but(phase=Phase.CONFIRMED, session_id=None)
    later = (_now(JudgePhoto(application_id=state.application_id, revision=state.revision)),)
    done = (step(state.application_id, "S3"), audit(state, "identification", f"passed: {session.told}"))
    said = confirmation_of(state)
    return Decision(confirmed, said, later=later if confirmed.awaits_photo else (), appends=done)


def confirmation_of(state: Identification) -> IdentityConfirmed:
    """What is said, and said again, once S1–S3 passed."""
    assert state.person is not None
    assert state.consents is not None
    return IdentityConfirmed(application_id=state.application_id, person=state.person, consents=state.consents)


def _refused(state: Identification, reason: IdentityRefusal, at: str, *also: object) -> Decided:
    said = IdentityRefused(application_id=state.application_id, reason=reason)
    refused = (*also, step(state.application_id, at, "refused", reason), audit(state, ACTS[at], reason))
    return Decision(state.but(phase=Phase.REFUSED, refusal=reason), said, appends=refused)


def _unavailable(state: Identification, silence: Outage | Overdue) -> Decided:
    said = IdentityUnavailable(application_id=state.application_id, dependency=silence.dependency)
    return Decision(state.but(phase=Phase.UNAVAILABLE, silent=silence.dependency), said)


def _now(message: Question) -> Later:
    return Later(message, clock="machine", key=key_of(message))


def _soon(message: Question, look: int, given: Given) -> Later:
    return Later(message, pause(look, given.rules.poll), clock="machine", key=key_of(message))
