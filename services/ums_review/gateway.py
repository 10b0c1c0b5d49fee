"""The check of a decision that came as a message: whose account it names, and whose signature it bears (p.11)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from services.ums_review.acts import Code, VerifyDecision
from services.ums_review.deciding import payload
from services.ums_review.review import Review
from services.ums_review.workstation import UNKNOWN_OFFICER, Proven, Unproven
from shared.engine.decision import Given
from shared.engine.rows import Unavailable
from shared.engine.service import AskPolicy
from shared.gateways.eds import eds_policy
from shared.security.eds import Officer, SignatureVerifier
from shared.web.officer_keys import Unproved, proved
from shared.web.officers import Account, Officers, Role
from shared.web.problems import Problem

DECIDERS = (Role.INSPECTOR, Role.HEAD)
"""Who may decide a case, on a page, by a call or by a message."""
ACCOUNTS = "officers"
"""What does not answer while the accounts or the list of offices cannot be read."""


@dataclass(frozen=True, slots=True)
class World:
    """`second_eyes`: whether the head of that region wants them."""

    officers: Officers
    verifier: SignatureVerifier
    second_eyes: Callable[[str], Awaitable[bool]]


def verifier_of(review: Review, said: VerifyDecision) -> AskPolicy:
    return eds_policy(said.signed.cms)


async def check_decision(review: Review, said: VerifyDecision, world: World, given: Given) -> Proven | Unproven:
    """Region and case first, then the signature, over the case as it stands, for the moment at which it was heard.

    Raises `Unavailable` while nobody can tell of revocation, or of the officers' accounts: then it is asked again.
    """
    signed = said.signed
    try:
        officer = world.officers.named(signed.officer_id)
        bins = world.officers.bins_of(officer) if officer else frozenset()
    except Problem:
        raise Unavailable(ACCOUNTS) from None
    if officer is None or not officer.roles & set(DECIDERS):
        return Unproven(UNKNOWN_OFFICER)
    if code := _astray(review, said, officer):
        return Unproven(code)
    covered = payload(
        review, officer.id, signed.decision, signed.ground, signed.reasons, signed.documentation_code, signed.decided_at
    )
    expects, key = Officer(bins, officer.iin), f"decision/{signed.decision_id}"
    try:
        found = await proved(
            world.verifier, signed.cms.value, covered, said.heard_at, expects, review.application_id, key, "decided_at"
        )
    except Problem:
        raise Unavailable(eds_policy(signed.cms).dependency) from None
    if isinstance(found, Unproved):
        return Unproven(found.result)
    eyes = await world.second_eyes(officer.region)
    index, address = given.blind(officer.iin), officer.address_index
    return Proven(officer.region, index, address, found, covered.sha256(), eyes)


def _astray(review: Review, said: VerifyDecision, officer: Account) -> str | None:
    """Why its signature need not be looked at: key, account and case are not of one region, or of another round."""
    signed = said.signed
    checks = {
        Code.UNKNOWN_CASE.value: review.round == 0,
        Code.OTHER_REGION.value: not signed.region == officer.region == review.region,
        Code.ROUND_CHANGED.value: signed.round != review.round,
    }
    return next((code for code, holds in checks.items() if holds), None)
