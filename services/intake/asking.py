"""What intake asks before it decides: our own records, the check of ЭЦП, РП ДРН. No transaction is open meanwhile."""

from __future__ import annotations

import base64
import binascii
from datetime import datetime
from hashlib import sha256

from services.intake.domain.application import Application
from services.intake.domain.door import DoorFacts
from services.intake.domain.own import (
    RegisterApplication,
    RemoveImages,
    ReportStage,
    RequestResult,
    TidyTalons,
    VerifySignature,
    VerifyWithdrawal,
    WatchTalon,
)
from services.intake.domain.registration import Found, Nothing, Refused, Talon, TalonHeldByAnother, Tidied
from services.intake.domain.reports import Told, fact_of
from services.intake.domain.signing import Checked
from services.intake.domain.watching import Sent
from services.intake.gateway import DocumentRegister, Registration, World
from shared.contracts.base import Sealed
from shared.contracts.portal import ApplicationStarted
from shared.engine.decision import Given
from shared.engine.rows import Unavailable
from shared.gateways.eds import eds_policy
from shared.security.canonical import CanonicalApplication, withdrawal
from shared.security.cms import SignatureFault
from shared.security.eds import Citizen, Verified, kept_signature
from shared.security.trust import TrustUnusable


async def facts_for_the_door(state: Application, said: ApplicationStarted, world: World, given: Given) -> DoorFacts:
    """Asked for the person the portal signed in, and for nobody else."""
    if said.iin.value != said.authenticated_iin.value:
        return DoorFacts()
    since = given.said_at - given.rules.limits.identity_refusals_within
    return await world.own.door_facts(given.blind(said.iin.value), since)


async def check_signature(state: Application, said: VerifySignature, world: World, given: Given) -> Checked | None:
    """The CMS over the canonical application of the accepted revision, as our own state has it."""
    kept = state.signature
    if state.form is None or state.iin is None or kept is None or kept.cms is None or said.number != state.signatures:
        return None
    signed = CanonicalApplication.of(state.iin.value, state.form).canonical()
    return await _checked(state, "application", kept.cms, signed, kept.received_at, world, given)


async def check_withdrawal(state: Application, said: VerifyWithdrawal, world: World, given: Given) -> Checked:
    """The CMS over the withdrawal."""
    signed = withdrawal(state.application_id)
    return await _checked(state, "withdrawal", said.cms, signed, given.said_at, world, given)


async def register_in_rpdrn(
    state: Application, said: RegisterApplication, world: World, given: Given
) -> Found | Refused | Nothing:
    """Inquire, then register: a repeat after a lost answer, or after a crash, finds the talon that stands. Then look
    again: a try that was given up may have come to pass in between, and of two talons the first is kept.
    """
    found = _standing(await world.register.talons_of(state.application_id))
    if found:
        return Found(found)
    if not state.may_register:
        return Nothing()
    answer = await world.register.register(_registration(state))
    if not isinstance(answer, Talon):
        return answer
    known = {each.number: each for each in (answer, *await world.register.talons_of(state.application_id))}
    return Found(_standing(tuple(known.values())))


async def tidy_rpdrn(state: Application, said: TidyTalons, world: World, given: Given) -> Tidied:
    """Recall every talon but the one that stays. Raises `TalonHeldByAnother` before it touches another's."""
    kept = state.talon if state.registered else ""
    recalled: list[str] = []
    refused: list[tuple[str, str]] = []
    for talon in _standing(await world.register.talons_of(state.application_id)):
        if talon.number == kept:
            continue
        if talon.number != state.talon and await world.own.holder_of(talon.number) not in (None, state.application_id):
            raise TalonHeldByAnother
        code = await _recall(world.register, state, talon.number)
        if code:
            refused.append((talon.number, code))
        else:
            recalled.append(talon.number)
    return Tidied(kept, tuple(recalled), tuple(refused))


async def report_stage(state: Application, said: ReportStage, world: World, given: Given) -> Told | None:
    """p.4.2; the number lets РП ДРН know a repeat."""
    fact = fact_of(state, said.number)
    return Told(await world.register.report(state.talon, fact)) if fact is not None else None


async def watch_talon(state: Application, said: WatchTalon, world: World, given: Given) -> Sent | None:
    """A REQUEST, unless one is on its way; and what became of it."""
    if not state.awaits_watch:
        return None
    id = said.sent or await world.register.watch(state.talon, state.application_id)
    return Sent(id, await world.register.fate_of(id))


async def remove_images(state: Application, said: RemoveImages, world: World, given: Given) -> int | None:
    """How many there were; a file that is not there any more is no fault."""
    if state.ending is None:
        return None
    for upload in state.uploads:
        await world.images.remove(upload.reference)
    return len(state.uploads)


async def request_result(state: Application, said: RequestResult, world: World, given: Given) -> str | None:
    """S16."""
    return await world.register.result_request(state.talon) if not state.result_request else None


async def _checked(
    state: Application, what: str, cms: Sealed[str], signed: bytes, received_at: datetime, world: World, given: Given
) -> Checked:
    """As it was at the moment of receipt. Without revocation data that holds nothing is known: asked again later."""
    assert state.iin is not None
    digest = sha256(signed).hexdigest()
    try:
        signature = base64.b64decode(cms.value, validate=True)
    except (binascii.Error, ValueError):
        return Checked(digest, SignatureFault.NOT_CMS)
    try:
        for moment in (received_at, given.now):
            answer = await world.verifier.verify(signature, signed, moment, Citizen(state.iin.value))
            if isinstance(answer, Verified):
                return Checked(digest, kept=kept_signature(state.application_id, what, answer, moment, digest, cms))
            if answer is not SignatureFault.NO_REVOCATION_DATA:
                return Checked(digest, answer)
    except TrustUnusable:
        pass
    raise Unavailable(eds_policy(cms).dependency)


def _standing(talons: tuple[Talon, ...]) -> tuple[Talon, ...]:
    return tuple(sorted((each for each in talons if not each.recalled), key=lambda each: each.registered_at))


async def _recall(register: DocumentRegister, state: Application, talon: str) -> str:
    """A refusal is believed only when the talon stands after it: somebody else's recall may have come first."""
    code = await register.recall(talon, state.ending.value if state.ending else "recalled")
    if code and talon not in {each.number for each in _standing(await register.talons_of(state.application_id))}:
        return ""
    return code


def _registration(state: Application) -> Registration:
    form, iin, signature = state.form, state.iin, state.signature
    assert form is not None
    assert iin is not None
    assert signature is not None
    assert signature.cms is not None
    return Registration(
        application_id=state.application_id,
        iin=iin.value,
        region=form.region,
        point=form.point,
        photo=form.photo,
        signature_sample=form.signature_sample,
        canonical_sha256=signature.sha256,
        cms=signature.cms.value,
    )
