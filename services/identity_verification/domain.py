"""S1–S3: consent, the person, the phone, identification; strictly one after another. Pure."""

from __future__ import annotations

from datetime import timedelta

from services.identity_verification.answers import NotTaken, Phone, Session
from services.identity_verification.consent import ask_anew
from services.identity_verification.state import (
    CancelSession,
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
from services.identity_verification.turns import Decided, at_once, refused, soon, unavailable
from shared.contracts.base import Sealed
from shared.contracts.identity_verification import (
    IdentificationRequested,
    IdentityConfirmed,
    IdentityRefusal,
)
from shared.contracts.intake import ApplicationClosed, ApplicationOpened
from shared.engine.decision import Decision, Given, Later, Outage, Overdue
from shared.engine.service import Audited
from shared.law.person import Person

SILENT = timedelta(minutes=1)  # a system that has not answered for so long keeps the citizen waiting


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
    return Decision(begun, later=(at_once(RequestConsent(application_id=id, send=1)), giving_up(begun, given)))


def giving_up(state: Identification, given: Given) -> Later:
    return Later(
        GiveUpIdentification(application_id=state.application_id), given.rules.limits.unidentified, key="give-up"
    )


def person_identified(state: Identification, said: IdentifyPerson, given: Given) -> Decided:
    """S2, the first half: ГБД ФЛ knows the person."""
    if state.over or state.phase is not Phase.PERSON:
        return Decision(state)
    if isinstance(given.answers, Outage | Overdue):
        return unavailable(state, given.answers)
    if isinstance(given.answers, NotTaken):
        return ask_anew(state, given.answers, given)
    person: Person | None = given.answers
    asked = audit(state, "asked ГБД ФЛ", "answered")
    if person is None:
        return refused(state, IdentityRefusal.PERSON_NOT_FOUND, "S2", asked)
    known = state.but(phase=Phase.PHONE, person=Sealed(person))
    return Decision(known, later=(at_once(ConfirmPhone(application_id=state.application_id)),), appends=(asked,))


def phone_confirmed(state: Identification, said: ConfirmPhone, given: Given) -> Decided:
    """S2, the second half: the phone is the citizen's by БМГ."""
    if state.over or state.phase is not Phase.PHONE:
        return Decision(state)
    if isinstance(given.answers, Outage | Overdue):
        return unavailable(state, given.answers)
    if isinstance(given.answers, NotTaken):
        return ask_anew(state, given.answers, given)
    phone: Phone = given.answers
    asked = audit(state, "asked БМГ", "answered")
    if not phone.found:
        return refused(state, IdentityRefusal.PHONE_ABSENT, "S2", asked)
    if not phone.matches:
        return refused(state, IdentityRefusal.PHONE_OF_ANOTHER, "S2", asked)
    begun = state.but(phase=Phase.SESSION, attempt=1, answered_at=None)
    first = OpenSession(application_id=state.application_id, attempt=1)
    return Decision(begun, later=(at_once(first),), appends=(asked, step(state.application_id, "S2")))


def session_opened(state: Identification, said: OpenSession, given: Given) -> Decided:
    """S3: the citizen is sent to the page. A session that came after the ending is cancelled; so is the one that an
    unheard try may have opened, as soon as Digital-ID answers.
    """
    if isinstance(given.answers, Session) and (state.over or said.attempt != state.attempt):
        cancel = CancelSession(application_id=state.application_id, session_id=given.answers.session_id)
        return Decision(state, later=(at_once(cancel),))
    unheard = at_once(CancelSession(application_id=state.application_id, attempt=said.attempt))
    silent = isinstance(given.answers, Outage | Overdue)
    if state.over or state.phase is not Phase.SESSION or said.attempt != state.attempt or state.session_id:
        return Decision(state, later=(unheard,) if silent and not state.session_id else ())
    if isinstance(given.answers, Outage | Overdue):
        away = unavailable(state, given.answers)
        return Decision(away.state, *away.says, later=(unheard,))
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
    return Decision(opened, asked, later=(soon(look, 0, given),))


def session_checked(state: Identification, said: CheckSession, given: Given) -> Decided:
    """Passed: confirmed. Failed: again, up to five attempts in fifteen minutes."""
    if state.over or state.phase is not Phase.SESSION or said.attempt != state.attempt:
        return Decision(state)
    if isinstance(given.answers, Outage | Overdue):
        return unavailable(state, given.answers)
    session: Session = given.answers
    until = state.session_until
    assert until is not None
    if session.status == "PASSED":
        return _confirmed(state, session)
    if session.status in ("FAILED", "EXPIRED"):
        state = state.but(session_id=None)
        if said.attempt >= given.rules.limits.identification_attempts:
            return refused(state, IdentityRefusal.IDENTIFICATION_FAILED, "S3", _tried(state, session))
    if given.now >= until:
        return refused(state, IdentityRefusal.IDENTIFICATION_EXPIRED, "S3")
    if state.session_id is None:
        again = OpenSession(application_id=state.application_id, attempt=said.attempt + 1)
        next_one = state.but(attempt=said.attempt + 1, answered_at=None)
        return Decision(next_one, later=(at_once(again),), appends=(_tried(state, session),))
    look = CheckSession(application_id=state.application_id, attempt=said.attempt, look=said.look + 1)
    return Decision(state.but(answered_at=given.now), later=(soon(look, look.look, given),))


def _tried(state: Identification, session: Session) -> Audited:
    """An attempt that was lost, with its scores and why."""
    return audit(state, "identification", f"attempt {state.attempt} {session.status}: {session.told}")


def give_up(state: Identification, said: GiveUpIdentification, given: Given) -> Decided:
    """Thirty minutes unidentified. While a system keeps the citizen waiting, that system's own rule decides."""
    at = {Phase.CONSENT: "S1", Phase.SESSION: "S3"}.get(state.phase)
    if state.over or at is None or state.answered_at is None or given.now - state.answered_at > SILENT:
        return Decision(state)
    return refused(state, IdentityRefusal.UNIDENTIFIED_TOO_LONG, at)


def close(state: Identification, said: ApplicationClosed) -> Decided:
    """After the ending nothing is asked any more, and a session that may still be open is cancelled."""
    if state.closed:
        return Decision(state)
    closed = state.but(closed=True, session_id=None)
    if state.session_id is None:
        return Decision(closed)
    cancel = CancelSession(application_id=state.application_id, session_id=state.session_id)
    return Decision(closed, later=(at_once(cancel),))


def _confirmed(state: Identification, session: Session) -> Decided:
    confirmed = state.but(phase=Phase.CONFIRMED, session_id=None)
    later = (at_once(JudgePhoto(application_id=state.application_id, revision=state.revision)),)
    done = (step(state.application_id, "S3"), audit(state, "identification", f"passed: {session.told}"))
    said = confirmation_of(state)
    return Decision(confirmed, said, later=later if confirmed.awaits_photo else (), appends=done)


def confirmation_of(state: Identification) -> IdentityConfirmed:
    """What is said, and said again, once S1–S3 passed."""
    assert state.person is not None
    assert state.consents is not None
    return IdentityConfirmed(application_id=state.application_id, person=state.person, consents=state.consents)
