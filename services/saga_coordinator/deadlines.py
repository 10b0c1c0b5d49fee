"""The coordinator's own deadlines of form and signature (S8, S12). Never cancelled: their guards ignore stale ones."""

from __future__ import annotations

from datetime import timedelta

from services.saga_coordinator.saga import Case
from services.saga_coordinator.stages import signing_ends
from shared.contracts.base import Message, Own
from shared.contracts.eligibility import EligibilityConfirmed
from shared.contracts.identity_verification import PhotoAccepted, PhotoReturned
from shared.contracts.intake import FormReturned
from shared.engine.decision import Given, Later

AGAIN = timedelta(seconds=20)  # machine time: the two services may have read the clock a moment apart


class FormOverdue(Own):
    """No form in time after the return of revision `returned` (0: none yet)."""

    returned: int


class SigningOverdue(Own):
    """No signature in time on revision `revision`."""

    revision: int


def form_is_awaited(case: Case, said: FormOverdue) -> bool:
    """The deadline that passed is the one that stands."""
    awaited = case.eligible and case.form_revision <= case.returned_revision and not case.submitted
    return case.ending is None and awaited and said.returned == case.returned_revision


def signature_is_awaited(case: Case, said: SigningOverdue) -> bool:
    return case.ending is None and not case.submitted and said.revision == case.photo_revision


def again(said: FormOverdue | SigningOverdue) -> Later:
    """Should intake refuse because its own deadline is a little later, the same is asked again after a while."""
    return Later(said, AGAIN, clock="machine", key=_key(said))


def own_deadlines(case: Case, stage: str) -> tuple[Later, ...]:
    """The deadline of that stage once more, now, should its timer be lost."""
    id = case.application_id
    if stage == "form":
        form = FormOverdue(application_id=id, returned=case.returned_revision)
        return (Later(form, clock="machine", key=_key(form)),)
    if stage == "signing":
        signing = SigningOverdue(application_id=id, revision=case.photo_revision)
        return (Later(signing, clock="machine", key=_key(signing)),)
    return ()


def deadlines(event: Message, case: Case, given: Given) -> tuple[Later, ...]:
    """The timers an event starts, counted from when it was said."""
    match event:
        case EligibilityConfirmed():
            first = _form(case, 0, given)
            return (first, _signing(case, given)) if case.photo_revision else (first,)
        case FormReturned() | PhotoReturned():
            return (_form(case, event.revision, given),)
        case PhotoAccepted() if event.revision == case.photo_revision:
            return (_signing(case, given),)
    return ()


def _form(case: Case, returned: int, given: Given) -> Later:
    message = FormOverdue(application_id=case.application_id, returned=returned)
    return Later(message, at=given.said_at + given.rules.limits.form, key=_key(message))


def _signing(case: Case, given: Given) -> Later:
    """Told twice when the last day of the window is known only later: each has its own timer."""
    message = SigningOverdue(application_id=case.application_id, revision=case.photo_revision)
    key = f"{_key(message)}/{case.expires}" if case.expires else _key(message)
    return Later(message, at=signing_ends(given.said_at, case.expires, given), key=key)


def _key(said: FormOverdue | SigningOverdue) -> str:
    return f"form/{said.returned}" if isinstance(said, FormOverdue) else f"signing/{said.revision}"
