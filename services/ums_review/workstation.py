"""A decision that a region's workstation publishes: the way of the page, and the answer goes to the feed. Pure.

Its key says whose workstation it is (the broker admits no other); account and case must be of that region.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from services.ums_review import bodies
from services.ums_review.acts import Code, Refusal, SignDecision, VerifyDecision
from services.ums_review.deciding import SIGN, payload, sign
from services.ums_review.review import Review
from shared.contracts.values import Fault
from shared.contracts.workstation import DecisionRefused, DecisionSigned, DecisionTaken
from shared.engine.codec import Unreadable
from shared.engine.decision import Decision, Given, Later
from shared.engine.service import Audited
from shared.process import WORKSTATION
from shared.security.evidence import KeptSignature

INVALID, UNKNOWN_OFFICER = "INVALID", "UNKNOWN_OFFICER"
_AS_CALLED = bodies.DecisionSigned.model_fields.keys()


@dataclass(frozen=True, slots=True)
class Proven:
    """The officer's account and their valid signature over the case as it then stood."""

    region: str
    index: str
    address: str | None
    proof: KeptSignature
    payload_sha256: str
    second_eyes: bool


@dataclass(frozen=True, slots=True)
class Unproven:
    """Why it is nobody's decision on this case."""

    code: str


def hear(review: Review, said: DecisionSigned, given: Given) -> Decision[Review]:
    """What could not be called either is refused; what stands already is answered again; the rest is verified."""
    faults = _faults_of(said)
    if faults:
        return _refused(review, said, INVALID, faults)
    if _stands(review, said):
        assert review.verdict
        return Decision(review, _taken(review, said, review.verdict.undo_until))
    verify = VerifyDecision(application_id=said.application_id, signed=said, heard_at=given.now)
    return Decision(review, later=(Later(verify),))


def settle(review: Review, said: VerifyDecision, given: Given) -> Decision[Review]:
    """Verified: the same decision as on the page, by the lease as it is now. Its answer is what the page would show."""
    signed, found = said.signed, given.answers
    if not isinstance(found, Proven):
        return _refused(review, signed, found.code)
    act = SignDecision(
        application_id=review.application_id,
        officer_id=signed.officer_id,
        officer_region=found.region,
        officer_index=found.index,
        officer_address=found.address,
        where=_place(signed.region),
        at=given.machine,
        decision_id=signed.decision_id,
        lease_token=signed.lease_token,
        round=signed.round,
        choice=signed.decision,
        ground=signed.ground,
        reasons=signed.reasons,
        note=signed.note,
        documentation_code=signed.documentation_code,
        decided_at=signed.decided_at,
        payload_sha256=found.payload_sha256,
        cms=signed.cms,
        proof=found.proof,
        second_eyes=found.second_eyes,
    )
    decided = sign(review, act, given)
    answer = (
        _refusal(signed, decided.reply.code.value)
        if isinstance(decided.reply, Refusal)
        else _taken(decided.state, signed, decided.reply.undo_until)
    )
    return Decision(decided.state, answer, later=decided.later, appends=decided.appends)


def reject_unreadable(item: Unreadable, at: datetime) -> Decision[None] | None:
    """The answer to what a workstation has sent and nobody can read (`Service.rejects`), with its row in the trail."""
    region = item.delivery.routing_key.partition(".")[2]
    if item.delivery.exchange != WORKSTATION or item.application_id is None or not region:
        return None
    code = Code.OTHER_REGION.value if item.reason == "OTHER_KEY" else item.reason
    refused = DecisionRefused(
        application_id=item.application_id,
        region=region,
        message_id=item.key[1],
        code=code,
        faults=tuple(Fault(field=field, problem=problem) for field, problem in item.faults),
    )
    place = _place(region)
    return Decision(None, refused, appends=(Audited(item.application_id, place, place, SIGN, code),))


def _faults_of(said: DecisionSigned) -> tuple[Fault, ...]:
    """What the call of the API would find wrong with the same fields."""
    called: dict[str, Any] = {name: getattr(said, name) for name in _AS_CALLED}
    sealed = {"cms": said.cms.value, "note": said.note.value if said.note else None}
    try:
        bodies.DecisionSigned.model_validate({**called, **sealed})
    except ValidationError as error:
        found = error.errors(include_input=False, include_url=False)
        return tuple(Fault(field=".".join(map(str, each["loc"])) or "decision", problem=each["type"]) for each in found)
    return ()


def _stands(review: Review, said: DecisionSigned) -> bool:
    """It was taken already, word for word; so it is answered again however late it comes."""
    verdict = review.verdict
    if verdict is None or review.region != said.region or not said.round == verdict.round == review.round:
        return False
    covered = payload(
        review, said.officer_id, said.decision, said.ground, said.reasons, said.documentation_code, said.decided_at
    )
    return (verdict.decision_id, verdict.payload_sha256) == (said.decision_id, covered.sha256())


def _taken(review: Review, said: DecisionSigned, undo_until: datetime) -> DecisionTaken:
    return DecisionTaken(
        application_id=said.application_id,
        region=said.region,
        decision_id=said.decision_id,
        round=said.round,
        undo_until=undo_until,
        second_eyes=review.verdict is not None and review.verdict.held,
    )


def _refused(review: Review, said: DecisionSigned, code: str, faults: tuple[Fault, ...] = ()) -> Decision[Review]:
    """On record under the workstation: nobody has proved to be the officer."""
    place = _place(said.region)
    row = Audited(review.application_id, place, place, SIGN, code)
    return Decision(review, _refusal(said, code, faults), appends=(row,))


def _refusal(said: DecisionSigned, code: str, faults: tuple[Fault, ...] = ()) -> DecisionRefused:
    return DecisionRefused(
        application_id=said.application_id,
        region=said.region,
        decision_id=said.decision_id,
        code=code,
        faults=faults,
    )


def _place(region: str) -> str:
    """From where it came, as it stands in the audit trail."""
    return f"{WORKSTATION}:{region}"
