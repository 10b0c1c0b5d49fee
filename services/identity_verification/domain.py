"""S1–S3: consent, the person, the phone, identification; strictly one after another. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

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
    RequestConsent,
    audit,
    step,
)
from shared.contracts.base import Sealed
from shared.contracts.identity_verification import (
    ConsentRequested,
    ConsentToken,
    IdentificationRequested,
    IdentityConfirmed,
    IdentityRefusal,
    IdentityRefused,
    IdentityUnavailable,
)
from shared.contracts.intake import ApplicationClosed, ApplicationOpened
from shared.engine.decision import Decision, Given, Later, Outage, Overdue
from shared.law.person import Person

Decided = Decision[Identification]
SLOWEST = 10  # looks grow rarer, to this many polls apart


@dataclass(frozen=True, slots=True)
class Consent:
    """What КДП says: UNKNOWN, PENDING, VALID, DENIED or EXPIRED; with VALID a token for each access name."""

    status: str
    tokens: tuple[ConsentToken, ...] = ()


@dataclass(frozen=True, slots=True)
class Phone:
    found: bool
    matches: bool


@dataclass(frozen=True, slots=True)
class Session:
    """A session of Digital-ID: its page, and PROGRESS, PASSED, FAILED or EXPIRED."""

    session_id: str
    url: str = ""
    status: str = "PROGRESS"


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
        consent_until=given.now + given.rules.limits.consent,
    )
    give_up = Later(GiveUpIdentification(application_id=id), given.rules.limits.unidentified, key="give-up")
    return Decision(begun, later=(_now(RequestConsent(application_id=id, send=1)), give_up))


def consent_requested(state: Identification, said: RequestConsent, given: Given) -> Decided:
    """КДП has taken the request: the citizen is told, and we look for the answer."""
    if state.over or state.phase is not Phase.CONSENT or said.send != state.consent_send:
        return Decision(state)
    if isinstance(given.answers, Outage | Overdue):
        return _unavailable(state, given.answers)
    assert state.consent_until is not None
    requested = ConsentRequested(application_id=state.application_id, send=said.send, until=state.consent_until)
    check = CheckConsent(application_id=state.application_id, send=said.send)
    return Decision(state, requested, later=(_soon(check, 0, given),), appends=(audit(state, "asked consent", "sent"),))


def consent_checked(state: Identification, said: CheckConsent, given: Given) -> Decided:
    """Granted: S2. Denied or not answered in ten minutes: its own text, may start again at once."""
    if state.over or state.phase is not Phase.CONSENT or said.send != state.consent_send:
        return Decision(state)
    if isinstance(given.answers, Outage | Overdue):
        return _unavailable(state, given.answers)
    answer: Consent = given.answers
    if answer.status == "VALID":
        granted = state.but(phase=Phase.PERSON, consents=Sealed(answer.tokens))
        done = (step(state.application_id, "S1"), audit(state, "consent", "granted"))
        return Decision(granted, later=(_now(IdentifyPerson(application_id=state.application_id)),), appends=done)
    if answer.status == "DENIED":
        return _refused(state, IdentityRefusal.CONSENT_DENIED, "S1")
    assert state.consent_until is not None
    if answer.status == "EXPIRED" or given.now >= state.consent_until:
        return _refused(state, IdentityRefusal.CONSENT_EXPIRED, "S1")
    sends = given.rules.limits.consent_sends
    began = state.consent_until - given.rules.limits.consent
    if said.send < sends and given.now >= began + given.rules.limits.consent * said.send / sends:
        again = RequestConsent(application_id=state.application_id, send=said.send + 1)
        return Decision(state.but(consent_send=said.send + 1), later=(_now(again),))
    look = CheckConsent(application_id=state.application_id, send=said.send, look=said.look + 1)
    return Decision(state, later=(_soon(look, look.look, given),))


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
    begun = state.but(phase=Phase.SESSION, attempt=1, session_until=given.now + given.rules.limits.identification)
    first = OpenSession(application_id=state.application_id, attempt=1)
    return Decision(begun, later=(_now(first),), appends=(asked, step(state.application_id, "S2")))


def session_opened(state: Identification, said: OpenSession, given: Given) -> Decided:
    """S3: the citizen is sent to the page; a session that came after the ending is cancelled."""
    if isinstance(given.answers, Session) and (state.over or said.attempt != state.attempt):
        cancel = CancelSession(application_id=state.application_id, session_id=given.answers.session_id)
        return Decision(state, later=(_now(cancel),))
    if state.over or state.phase is not Phase.SESSION or said.attempt != state.attempt:
        return Decision(state)
    if isinstance(given.answers, Outage | Overdue):
        return _unavailable(state, given.answers)
    session: Session = given.answers
    assert state.session_until is not None
    asked = IdentificationRequested(
        application_id=state.application_id,
        url=session.url,
        attempt=said.attempt,
        attempts_left=given.rules.limits.identification_attempts - said.attempt,
        until=state.session_until,
    )
    look = CheckSession(application_id=state.application_id, attempt=said.attempt)
    return Decision(state.but(session_id=session.session_id), asked, later=(_soon(look, 0, given),))


def session_checked(state: Identification, said: CheckSession, given: Given) -> Decided:
    """Passed: the identity is confirmed. Failed: again, up to five attempts in fifteen minutes."""
    if state.over or state.phase is not Phase.SESSION or said.attempt != state.attempt:
        return Decision(state)
    if isinstance(given.answers, Outage | Overdue):
        return _unavailable(state, given.answers)
    session: Session = given.answers
    assert state.session_until is not None
    if session.status == "PASSED":
        return _confirmed(state)
    if session.status in ("FAILED", "EXPIRED") and said.attempt >= given.rules.limits.identification_attempts:
        return _refused(state, IdentityRefusal.IDENTIFICATION_FAILED, "S3")
    if given.now >= state.session_until:
        return _refused(state, IdentityRefusal.IDENTIFICATION_EXPIRED, "S3")
    if session.status in ("FAILED", "EXPIRED"):
        again = OpenSession(application_id=state.application_id, attempt=said.attempt + 1)
        return Decision(state.but(attempt=said.attempt + 1, session_id=None), later=(_now(again),))
    look = CheckSession(application_id=state.application_id, attempt=said.attempt, look=said.look + 1)
    return Decision(state, later=(_soon(look, look.look, given),))


def give_up(state: Identification, said: GiveUpIdentification, given: Given) -> Decided:
    """Thirty minutes unidentified. While a system keeps the citizen waiting, that system's own rule decides."""
    if state.over or state.phase not in (Phase.CONSENT, Phase.SESSION):
        return Decision(state)
    if state.phase is Phase.SESSION and state.session_id is None:
        return Decision(state)
    return _refused(state, IdentityRefusal.UNIDENTIFIED_TOO_LONG, "S3" if state.phase is Phase.SESSION else "S1")


def close(state: Identification, said: ApplicationClosed) -> Decided:
    """After the ending nothing is asked any more, and an open session is cancelled."""
    if state.closed:
        return Decision(state)
    closed = state.but(closed=True)
    if state.phase is not Phase.SESSION or state.session_id is None:
        return Decision(closed)
    cancel = CancelSession(application_id=state.application_id, session_id=state.session_id)
    return Decision(closed, later=(_now(cancel),))


def _confirmed(state: Identification) -> Decided:
    assert state.person is not None
    assert state.consents is not None
    said = IdentityConfirmed(application_id=state.application_id, person=state.person, consents=state.consents)
    confirmed = state.but(phase=Phase.CONFIRMED)
    later = (_now(JudgePhoto(application_id=state.application_id, revision=state.revision)),)
    done = (step(state.application_id, "S3"), audit(state, "identification", "passed"))
    return Decision(confirmed, said, later=later if confirmed.awaits_photo else (), appends=done)


def _refused(state: Identification, reason: IdentityRefusal, at: str, *also: object) -> Decided:
    said = IdentityRefused(application_id=state.application_id, reason=reason)
    refused = (*also, step(state.application_id, at, "refused", reason), audit(state, "identification", reason))
    return Decision(state.but(phase=Phase.REFUSED), said, appends=refused)


def _unavailable(state: Identification, silence: Outage | Overdue) -> Decided:
    said = IdentityUnavailable(application_id=state.application_id, dependency=silence.dependency)
    return Decision(state.but(phase=Phase.UNAVAILABLE), said)


def _now(message: object) -> Later:
    return Later(message, clock="machine")  # type: ignore[arg-type]


def _soon(message: object, look: int, given: Given) -> Later:
    return Later(message, pause(look, given.rules.poll), clock="machine")  # type: ignore[arg-type]
