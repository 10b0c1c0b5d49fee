"""What eligibility hears, and which decision answers."""

from __future__ import annotations

from services.eligibility.domain import Assessment, ConsentEnded, Registers, assess, close, resume
from services.eligibility.gateway import POLICY, World, registers_of
from shared.contracts.eligibility import ResumeAssessment
from shared.contracts.identity_verification import IdentityConfirmed
from shared.contracts.intake import ApplicationClosed
from shared.engine.decision import Decision, Given
from shared.engine.service import Reaction
from shared.gateways.shep import ConsentRefused


async def ask_the_registers(
    assessment: Assessment, said: IdentityConfirmed, world: World, given: Given
) -> Registers | ConsentEnded | None:
    """Nothing is asked of a person whose application has ended (p.4.1: no request without need). When neither register
    nor КДП takes the citizen's consent of a moment ago, nobody here can go on without their word.
    """
    if assessment.settled or assessment.closed:
        return None
    ask = str(given.uuid("registers"))
    try:
        return await registers_of(said.person.value.iin, said.consents.value, world, ask, given)
    except ConsentRefused as refused:
        return ConsentEnded(refused.dependency, refused.code)


def assess_when_identity_confirmed(
    assessment: Assessment, said: IdentityConfirmed, given: Given
) -> Decision[Assessment]:
    if given.answers is None:
        return Decision(assessment)
    return assess(assessment, said, given.answers, given.today, given.rules)


def close_when_application_closed(
    assessment: Assessment, said: ApplicationClosed, given: Given
) -> Decision[Assessment]:
    return close(assessment, said)


def resume_assessment(assessment: Assessment, command: ResumeAssessment, given: Given) -> Decision[Assessment]:
    return resume(assessment)


REACTIONS = (
    Reaction(IdentityConfirmed, assess_when_identity_confirmed, asks=ask_the_registers, policy=POLICY),
    Reaction(ApplicationClosed, close_when_application_closed),
    Reaction(ResumeAssessment, resume_assessment),
)
