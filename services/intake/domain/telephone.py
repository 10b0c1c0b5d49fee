"""S12 by eGov Mobile: the same signature of the same form, brought by the telephone that scanned the portal's code."""

from __future__ import annotations

from services.intake.domain.application import Application, Turn, audited, then
from services.intake.domain.own import ShowToTelephone, SignByTelephone
from services.intake.domain.signing import sign
from shared.contracts.portal import ApplicationSigned
from shared.engine.decision import Decision, Given

TAKEN = "TAKEN"
EGOV_MOBILE = "egov-mobile"


def signing_hindrance(state: Application, revision: int | None = None) -> str | None:
    """Why there is nothing to sign now, or not that revision any more; None when there is."""
    if not state.opened:
        return "UNKNOWN_APPLICATION"
    if state.ending is not None or state.registration_refused:
        return "CLOSED"
    if state.signature is not None:
        return "ALREADY_SIGNED"
    if state.form is None or state.photo_returned >= state.form.revision:
        return "NOT_ACCEPTED_YET"
    return "STALE" if revision is not None and revision != state.form.revision else None


def note_shown(state: Application, said: ShowToTelephone) -> Turn:
    """Personal data went to a telephone (order p.4.1)."""
    row = audited(state, "ShowToTelephone", f"revision {said.revision}", where=EGOV_MOBILE)
    return Decision(state, appends=(row,), reply=TAKEN)


def sign_by_telephone(state: Application, said: SignByTelephone, given: Given) -> Turn:
    """As if the portal had brought it; whose signature it is, the signature tells."""
    hindered = signing_hindrance(state, said.revision)
    if hindered is not None or state.iin is None:
        return Decision(state, reply=hindered or "UNKNOWN_APPLICATION")
    signed = ApplicationSigned(
        application_id=state.application_id, authenticated_iin=state.iin, revision=said.revision, cms=said.cms
    )
    turn = sign(state, signed, given)
    taken = turn.state.signature is not None
    return then(turn, lambda after: Decision(after, reply=TAKEN if taken else "NOT_TAKEN"))
