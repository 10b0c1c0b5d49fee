"""S8, S9: format-logic control of a form, with every fault; and what becomes of its revision."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime

from services.intake.domain.application import Application, Turn, audited, later_of, then
from services.intake.domain.citizen import Reason, hindrance, not_taken
from services.intake.domain.facts import WaitingForm
from shared.contracts.eligibility import EligibilityConfirmed
from shared.contracts.intake import CloseRefused, FormAccepted, FormReturned
from shared.contracts.portal import FormFilled
from shared.contracts.values import Fault, FileRef, RefundAccount
from shared.engine.decision import Decision, Given
from shared.engine.service import Step
from shared.law.email import is_email
from shared.law.iban import is_iban
from shared.law.phone import normalised
from shared.law.regions import REGIONS
from shared.law.registration_points import point_of

PHOTO, SIGNATURE_SAMPLE = "photo", "signature-sample"
_VERSION = re.compile(r"[0-9A-Za-z][0-9A-Za-z.-]{0,31}", re.ASCII)


def fill_form(state: Application, said: FormFilled, given: Given) -> Turn:
    """Accept or return a revision; before it can be judged it waits, after a valid signature it is not taken."""
    reason = hindrance(state, said.authenticated_iin) or _lateness(state, said, given)
    if reason is not None:
        return not_taken(state, "FormFilled", reason, given, authenticated_iin=said.authenticated_iin)
    if state.expires is None or state.signature is not None:
        waiting = WaitingForm(said, given.said_at, given.message_id)
        return then(drop_waiting_form(state, Reason.SUPERSEDED, given), lambda s: _wait(s, waiting))
    return judge_form(state, said, given.said_at)


def confirm_eligibility(state: Application, said: EligibilityConfirmed, given: Given) -> Turn:
    """The expiry day is kept for S12; a form that came early is judged now."""
    state = replace(state, expires=said.expires, form_since=later_of(state.form_since, given.said_at))
    return judge_waiting_form(state)


def judge_waiting_form(state: Application) -> Turn:
    """The form that has waited, if there is one and it can be judged now."""
    waiting = state.waiting_form
    if waiting is None or not state.opened or state.expires is None or state.signature is not None:
        return Decision(state)
    return judge_form(replace(state, waiting_form=None), waiting.form, waiting.said_at)


def drop_waiting_form(state: Application, reason: Reason, given: Given) -> Turn:
    """The form that has waited cannot be taken any more; its sender is told."""
    if state.waiting_form is None:
        return Decision(state)
    message_id = str(state.waiting_form.message_id)
    return not_taken(replace(state, waiting_form=None), "FormFilled", reason, given, message_id=message_id)


def judge_form(state: Application, said: FormFilled, said_at: datetime) -> Turn:
    faults = faults_in(said, state)
    state = replace(state, last_revision=said.revision)
    if faults:
        state = replace(state, form_since=later_of(state.form_since, said_at))
        answer = FormReturned(application_id=state.application_id, revision=said.revision, faults=faults)
        return then(_recorded(state, said, answer, "refused"), goes_on)
    accepted = FormAccepted(**{name: getattr(said, name) for name in FormAccepted.model_fields})
    return then(_recorded(replace(state, form=accepted), said, accepted, "done"), goes_on)


def goes_on(state: Application) -> Turn:
    """The citizen acted in time: an ending that waited for that is refused."""
    if state.closing is None:
        return Decision(state)
    refused = CloseRefused(application_id=state.application_id, ending=state.closing, stage=state.stage)
    return Decision(replace(state, closing=None), refused)


def faults_in(said: FormFilled, state: Application) -> tuple[Fault, ...]:
    """Everything that is wrong with the form, field by field."""
    contacts = said.contacts.value
    checks = {
        ("region", "unknown"): said.region not in REGIONS,
        ("point", "not-of-this-region"): point_of(said.region, said.point) is None,
        ("contacts.phone", "not-a-mobile-number"): normalised(contacts.phone) is None,
        ("contacts.email", "not-an-address"): contacts.email is not None and not is_email(contacts.email),
        ("signature_sample", "same-as-photo"): said.photo.reference == said.signature_sample.reference
        or said.photo.sha256 == said.signature_sample.sha256,
        ("instruction.version", "not-a-version"): _VERSION.fullmatch(said.instruction.version) is None,
        ("refund_account", "missing"): said.refund_application and said.refund_account is None,
    }
    faults = [Fault(field=field, problem=problem) for (field, problem), holds in checks.items() if holds]
    faults += _faults_in_file(said.photo, PHOTO, "photo", state)
    faults += _faults_in_file(said.signature_sample, SIGNATURE_SAMPLE, "signature_sample", state)
    faults += account_faults(said.refund_account.value, state) if said.refund_account else ()
    return tuple(faults)


def account_faults(account: RefundAccount, state: Application) -> tuple[Fault, ...]:
    """Only an account in the applicant's own name, in a bank of Kazakhstan."""
    own = state.iin is not None and account.holder_iin == state.iin.value
    checks = {
        ("refund_account.iban", "not-an-account"): not is_iban(account.iban),
        ("refund_account.holder_iin", "not-the-applicant"): not own,
    }
    return tuple(Fault(field=field, problem=problem) for (field, problem), holds in checks.items() if holds)


def _faults_in_file(file: FileRef, purpose: str, field: str, state: Application) -> tuple[Fault, ...]:
    """The file must have been uploaded for this application and this purpose, with this content."""
    known = [upload for upload in state.uploads if upload.reference == file.reference]
    if not known:
        return (Fault(field=field, problem="unknown-file"),)
    checks = {"another-purpose": known[0].purpose != purpose, "another-content": known[0].sha256 != file.sha256}
    return tuple(Fault(field=field, problem=problem) for problem, holds in checks.items() if holds)


def _lateness(state: Application, said: FormFilled, given: Given) -> Reason | None:
    waiting = state.waiting_form.form.revision if state.waiting_form else 0
    due = state.due(given.rules)
    if state.submitted:
        return Reason.ALREADY_SIGNED
    if said.revision <= max(state.last_revision, waiting):
        return Reason.REVISION_USED
    return Reason.DEADLINE_PASSED if due is not None and given.said_at > due else None


def _wait(state: Application, waiting: WaitingForm) -> Turn:
    row = audited(state, "FormFilled", f"revision {waiting.form.revision} waits")
    return Decision(replace(state, waiting_form=waiting), appends=(row,))


def _recorded(state: Application, said: FormFilled, answer: FormAccepted | FormReturned, result: str) -> Turn:
    reason = ", ".join(fault.field for fault in answer.faults) if isinstance(answer, FormReturned) else ""
    return Decision(
        state,
        answer,
        appends=(
            audited(state, "FormFilled", f"revision {said.revision}: {type(answer).__name__}"),
            Step(state.application_id, "S8", result, reason),
            Step(state.application_id, "S9", result, reason),
        ),
    )
