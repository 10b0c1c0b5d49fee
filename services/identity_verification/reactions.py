"""What identity verification hears, what it asks, and which decision answers."""

from __future__ import annotations

from typing import Any

from services.identity_verification import consent, domain, likeness, resuming, signature_sample
from services.identity_verification.answers import EXPIRED, Consent, NotTaken, Phone, Session
from services.identity_verification.gateway import BMG, DIGITAL_ID, GBDFL, KDP, LABORATORY, UNDOING, World
from services.identity_verification.likeness import Judgement, Likeness, may_compare
from services.identity_verification.photo.thresholds import judged, thresholds_on
from services.identity_verification.state import (
    PEOPLE,
    PHONES,
    CancelSession,
    CheckConsent,
    CheckSession,
    CompareFace,
    ConfirmPhone,
    GiveUpIdentification,
    Identification,
    IdentifyPerson,
    JudgePhoto,
    OpenSession,
    Phase,
    RequestConsent,
)
from shared.contracts.identity_verification import ConsentToken, PhotoMarks, ResumeIdentification
from shared.contracts.intake import ApplicationClosed, ApplicationOpened, FormAccepted
from shared.engine.decision import Decision, Given
from shared.engine.service import Reaction
from shared.gateways.shep import ConsentRefused
from shared.law.person import Person

Decided = Decision[Identification]


def request_of(state: Identification, send: int) -> str:
    """The id of a consent request: the same however often it is made."""
    return f"{state.application_id}/{send}"


def _consent(state: Identification, access_name: str) -> ConsentToken:
    assert state.consents is not None
    return next(token for token in state.consents.value if token.access_name == access_name)


async def ask_for_consent(state: Identification, said: RequestConsent, world: World, given: Given) -> None:
    if state.phase is not Phase.CONSENT or state.closed or state.iin is None:
        return
    await world.consent.request(request_of(state, said.send), state.iin.value, given.rules.limits.consent_lifetime)


async def look_for_consent(state: Identification, said: CheckConsent, world: World, given: Given) -> Consent | None:
    """The citizen may answer any of the messages that were sent: the newest first. Tokens that a register has refused
    are no answer.
    """
    if state.phase is not Phase.CONSENT or state.closed or state.iin is None:
        return None
    iin, lifetime, answers = state.iin.value, given.rules.limits.consent_lifetime, []
    for send in range(said.send, 0, -1):
        answer = await world.consent.status_of(request_of(state, send), iin, lifetime, given.now)
        answers.append(EXPIRED if answer.granted and consent.was_refused(state, answer) else answer)
        if answers[-1].status in ("VALID", "DENIED"):
            return answers[-1]
    return answers[0]


async def ask_for_the_person(
    state: Identification, said: IdentifyPerson, world: World, given: Given
) -> Person | NotTaken | None:
    if state.phase is not Phase.PERSON or state.closed or state.iin is None:
        return None
    token, ask = _consent(state, PEOPLE), f"{state.application_id}/person"
    try:
        return await world.people.person_of(state.iin.value, token, ask)
    except ConsentRefused as refused:
        return NotTaken(refused.dependency, refused.code)


async def ask_for_the_phone(
    state: Identification, said: ConfirmPhone, world: World, given: Given
) -> Phone | NotTaken | None:
    if state.phase is not Phase.PHONE or state.closed or state.iin is None or state.phone is None:
        return None
    token = _consent(state, PHONES)
    ask = f"{state.application_id}/phone"
    try:
        return await world.phones.phone_of(state.iin.value, state.phone.value, token, ask)
    except ConsentRefused as refused:
        return NotTaken(refused.dependency, refused.code)


async def open_a_session(state: Identification, said: OpenSession, world: World, given: Given) -> Session | None:
    """After the ending too: an earlier try may have opened it unheard, and by its key it is found to be cancelled."""
    if state.phase is not Phase.SESSION or said.attempt != state.attempt or state.iin is None:
        return None
    return await world.digital_id.open_session(f"{state.application_id}/{said.attempt}", state.iin.value)


async def look_at_the_session(state: Identification, said: CheckSession, world: World, given: Given) -> Session | None:
    if state.phase is not Phase.SESSION or state.closed or state.session_id is None or state.iin is None:
        return None
    return await world.digital_id.session(state.session_id, state.iin.value)


async def cancel_the_session(state: Identification, said: CancelSession, world: World, given: Given) -> None:
    """By its key the session of an attempt is found; nothing is asked twice of one that has an id."""
    id = said.session_id
    if not id and state.iin is not None:
        id = (await world.digital_id.open_session(f"{state.application_id}/{said.attempt}", state.iin.value)).session_id
    if id:
        await world.digital_id.cancel(id)


async def judge_the_photo(state: Identification, said: JudgePhoto, world: World, given: Given) -> Judgement | None:
    """S10 needs no outside system: the images are ours, and so are the measures and thresholds. What may fail is the
    process that measures, and the store."""
    if not state.awaits_photo or state.photo is None or state.sample is None:
        return None
    found = await world.photos.of(state.photo, world.images)
    photo = judged(found, thresholds_on(given.today, world.thresholds))
    sample = signature_sample.judged(
        await world.samples.of(state.sample, world.images), signature_sample.thresholds_on(given.today)
    )
    return Judgement(
        photo_reasons=tuple(map(str, photo.reasons)),
        signature_reasons=tuple(map(str, sample.reasons)),
        scores=photo.scores,
        flags=tuple(map(str, photo.flags)),
        signature_scores=sample.scores,
        signature_flags=tuple(map(str, sample.flags)),
        marks=PhotoMarks(width=found.size[0], height=found.size[1], points=found.marks) if found.marks else None,
    )


async def compare_the_face(state: Identification, said: CompareFace, world: World, given: Given) -> Likeness | None:
    if not may_compare(state) or said.revision != state.revision or state.iin is None or state.photo is None:
        return None
    photo = await world.images.get(state.photo.reference)
    return await world.digital_id.compare(f"{state.application_id}/face/{said.revision}", state.iin.value, photo)


def begin_when_application_opened(state: Identification, said: ApplicationOpened, given: Given) -> Decided:
    return domain.open_identification(state, said, given)


def judge_when_form_accepted(state: Identification, said: FormAccepted, given: Given) -> Decided:
    return likeness.form_accepted(state, said)


def stop_when_application_closed(state: Identification, said: ApplicationClosed, given: Given) -> Decided:
    return domain.close(state, said)


def resume_identification(state: Identification, command: ResumeIdentification, given: Given) -> Decided:
    return resuming.resume(state, given)


def session_cancelled(state: Identification, said: CancelSession, given: Given) -> Decided:
    """Nothing is left to be done."""
    return Decision(state)


def unless_over(decide: Any) -> Any:
    """An ask that found nothing to ask left no answer: the state has moved on, and nothing changes."""

    def guarded(state: Identification, said: Any, given: Given) -> Decided:
        return Decision(state) if given.answers is None else decide(state, said, given)

    guarded.__name__ = decide.__name__
    return guarded


REACTIONS = (
    Reaction(ApplicationOpened, begin_when_application_opened),
    Reaction(RequestConsent, consent.consent_requested, asks=ask_for_consent, policy=KDP),
    Reaction(CheckConsent, unless_over(consent.consent_checked), asks=look_for_consent, policy=KDP),
    Reaction(IdentifyPerson, domain.person_identified, asks=ask_for_the_person, policy=GBDFL),
    Reaction(ConfirmPhone, unless_over(domain.phone_confirmed), asks=ask_for_the_phone, policy=BMG),
    Reaction(OpenSession, unless_over(domain.session_opened), asks=open_a_session, policy=DIGITAL_ID),
    Reaction(CheckSession, unless_over(domain.session_checked), asks=look_at_the_session, policy=DIGITAL_ID),
    Reaction(GiveUpIdentification, domain.give_up),
    Reaction(FormAccepted, judge_when_form_accepted),
    Reaction(JudgePhoto, unless_over(likeness.photo_judged), asks=judge_the_photo, policy=LABORATORY),
    Reaction(CompareFace, unless_over(likeness.face_compared), asks=compare_the_face, policy=DIGITAL_ID),
    Reaction(CancelSession, session_cancelled, asks=cancel_the_session, policy=UNDOING),
    Reaction(ApplicationClosed, stop_when_application_closed),
    Reaction(ResumeIdentification, resume_identification),
)
