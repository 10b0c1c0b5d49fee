"""S12: the signature of the accepted revision, in time, in the window, valid; then nothing of the form moves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from services.intake.domain.application import Application, Turn, audited, by_service, later_of, let_go, place_of, then
from services.intake.domain.citizen import Reason, hindrance, not_taken
from services.intake.domain.facts import Registering, Signature
from services.intake.domain.form import drop_waiting_form, goes_on, judge_waiting_form
from services.intake.domain.own import SeekRegistration, VerifySignature
from services.intake.domain.registration import registering
from shared.contracts.base import Sealed
from shared.contracts.identity_verification import PhotoAccepted, PhotoReturned
from shared.contracts.intake import ApplicationSubmitted, SignatureProblem, SignatureReturned
from shared.contracts.portal import ApplicationSigned
from shared.engine.decision import ALMATY, Decision, Given, Later
from shared.engine.service import Step
from shared.law.rules import Rules
from shared.law.window import renewal_window
from shared.security.evidence import KeptSignature

LOOK_AGAIN = timedelta(seconds=5)
"""Machine time between two looks whether the person's earlier registration has been recalled."""
Close = Callable[[Application], Turn]


@dataclass(frozen=True, slots=True)
class Checked:
    """What the check of a signature found; `fault` is empty when it is valid, `sha256` names what was signed.

    `kept` proves a valid one years later.
    """

    sha256: str
    fault: str = ""
    kept: KeptSignature | None = None


def sign(state: Application, said: ApplicationSigned, given: Given) -> Turn:
    """Keep the signature of the current revision until its photo is accepted, then have it checked."""
    reason = hindrance(state, said.authenticated_iin)
    if reason is not None:
        return not_taken(state, "ApplicationSigned", reason, given, authenticated_iin=said.authenticated_iin)
    problem = _problem(state, said.revision, given)
    if problem is not None:
        return _returned(state, said.revision, problem)
    due = state.due(given.rules)
    if due is not None and given.said_at > due:
        reason = Reason.DEADLINE_PASSED
        return not_taken(state, "ApplicationSigned", reason, given, authenticated_iin=said.authenticated_iin)
    kept = replace(state, signature=Signature(said.revision, given.said_at, said.cms), signatures=state.signatures + 1)
    row = audited(state, "ApplicationSigned", f"revision {said.revision} received")
    return then(Decision(kept, appends=(row,)), _have_it_checked)


def accept_photo(state: Application, said: PhotoAccepted, given: Given) -> Turn:
    """S10, S11 passed: the revision may be signed. A signature that came early is checked now."""
    if said.revision <= state.photo_revision:
        return Decision(state)
    state = replace(state, photo_revision=said.revision, photo_since=later_of(state.photo_since, given.said_at))
    return Decision(state) if state.submitted else _have_it_checked(state)


def return_photo(state: Application, said: PhotoReturned, given: Given) -> Turn:
    """The citizen files a new revision; a signature that came early for this one goes back."""
    state = replace(
        state,
        photo_returned=max(state.photo_returned, said.revision),
        form_since=later_of(state.form_since, given.said_at),
    )
    kept = state.signature
    if kept is None or kept.valid or kept.revision != said.revision:
        return Decision(state)
    back = _returned(replace(state, signature=None), said.revision, SignatureProblem.NOT_ACCEPTED_YET)
    return then(back, judge_waiting_form)


def settle_signature(state: Application, said: VerifySignature, given: Given, close: Close) -> Turn:
    """The check is done: submit (and register, as soon as the person's place in РП ДРН is free), or give back."""
    kept = state.signature
    stale = kept is None or kept.valid or said.number != state.signatures or state.ending is not None
    if stale or kept is None or not isinstance(given.answers, Checked):
        return _unclaimed(state, given)
    if given.answers.fault:
        back = _returned(replace(state, signature=None), kept.revision, SignatureProblem.INVALID, given.answers.fault)
        after = then(back, close if state.closing is not None else judge_waiting_form)
        return then(after, lambda s: _unclaimed(s, given))
    return recorded(_submit(state, kept, given.answers.sha256, given), given.answers.kept)


def recorded(turn: Turn, kept: KeptSignature | None) -> Turn:
    """The decision with the signature that it stands on."""
    return then(turn, lambda state: Decision(state, appends=(kept,) if kept is not None else ()))


def seek_registration(state: Application, said: SeekRegistration, given: Given) -> Turn:
    """S13 of a new application waits for the recall of the person's earlier registration."""
    if state.registering is not Registering.SEEKING or not state.may_register:
        return _unclaimed(replace(state, registering=_not_seeking(state)), given)
    return _enter(state, given)


def claim_of_place(said: VerifySignature | SeekRegistration, given: Given) -> str:
    return place_of(said.iin_index)


def _problem(state: Application, revision: int, given: Given) -> SignatureProblem | None:
    if state.signature is not None:
        return SignatureProblem.ALREADY_SIGNED
    if state.form is None or revision > state.form.revision:
        return SignatureProblem.NOT_ACCEPTED_YET
    if revision < state.form.revision:
        return SignatureProblem.STALE
    if state.photo_returned >= revision > state.photo_revision:
        return SignatureProblem.NOT_ACCEPTED_YET
    return _outside(state, given.said_at, given.rules)


def _outside(state: Application, received_at: datetime, rules: Rules) -> SignatureProblem | None:
    """p.7 on the day of receipt: calendar arithmetic on the expiry day, and the pilot's days."""
    day = received_at.astimezone(ALMATY).date()
    if state.expires is None or not renewal_window(state.expires).contains(day):
        return SignatureProblem.OUTSIDE_WINDOW
    return None if rules.pilot.contains(day) else SignatureProblem.OUTSIDE_PILOT


def _have_it_checked(state: Application) -> Turn:
    if not state.in_check or state.signature is None or state.signature.revision != state.photo_revision:
        return Decision(state)
    return Decision(state, later=(checking(state),))


def checking(state: Application) -> Later:
    check = VerifySignature(application_id=state.application_id, number=state.signatures, iin_index=state.iin_index)
    return Later(check, clock="machine", key=f"verify/{check.number}")


def _returned(state: Application, revision: int, problem: SignatureProblem, detail: str | None = None) -> Turn:
    answer = SignatureReturned(application_id=state.application_id, revision=revision, problem=problem, detail=detail)
    return Decision(state, answer, appends=(audited(state, "ApplicationSigned", f"returned: {problem}"),))


def _submit(state: Application, kept: Signature, sha256: str, given: Given) -> Turn:
    state = replace(state, signature=replace(kept, valid=True, sha256=sha256))
    done = Decision(
        state,
        submission_of(state),
        appends=(
            audited(state, "ApplicationSigned", f"revision {kept.revision}: valid"),
            Step(state.application_id, "S12", "done"),
        ),
    )
    turn = then(then(done, goes_on), lambda s: drop_waiting_form(s, Reason.ALREADY_SIGNED, given))
    return then(turn, lambda s: _enter(s, given) if s.may_register else _unclaimed(s, given))


def submission_of(state: Application) -> ApplicationSubmitted:
    """What is said, and said again, once S12 passed. After S13 the CMS lies with РП ДРН: then it is empty here."""
    kept = state.signature
    assert kept is not None
    return ApplicationSubmitted(
        application_id=state.application_id, revision=kept.revision,
        received_on=kept.received_at.astimezone(ALMATY).date(), canonical_sha256=kept.sha256,
        cms=kept.cms or Sealed(""),
    )  # fmt: skip


def _enter(state: Application, given: Given) -> Turn:
    """Register, when the person's place is ours; else look again later."""
    id = state.application_id
    if given.owner == id:
        state = replace(state, registering=Registering.ASKING, registration_held=True)
        return Decision(state, later=(registering(state),))
    waits = replace(state, registering=Registering.SEEKING)
    rows = () if state.registering is Registering.SEEKING else (by_service(state, "SeekRegistration", "waits", "own"),)
    return Decision(waits, later=(seeking(state),), appends=rows)


def seeking(state: Application) -> Later:
    look = SeekRegistration(application_id=state.application_id, iin_index=state.iin_index)
    return Later(look, LOOK_AGAIN, clock="machine", key="seek-registration")


def _unclaimed(state: Application, given: Given) -> Turn:
    """The reaction has claimed the person's place; it is given back when nothing came of it."""
    if given.owner != state.application_id or state.registration_held:
        return let_go(Decision(state))
    return Decision(state, release=(place_of(state.iin_index),))


def _not_seeking(state: Application) -> Registering:
    return Registering.NO if state.registering is Registering.SEEKING else state.registering
