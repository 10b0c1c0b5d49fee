"""The two facts eligibility hears, in any order and more than once: the same state, and at most one word."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from services.eligibility.app import SERVICE
from services.eligibility.gateway import ADDRESS_REGISTER, CIVIL_REGISTRY, World
from shared.contracts.base import Message, Sealed
from shared.contracts.eligibility import EligibilityConfirmed, EligibilityRefused
from shared.contracts.identity_verification import ConsentToken, IdentityConfirmed
from shared.contracts.intake import ApplicationClosed
from shared.contracts.values import Ending
from shared.engine.decision import EPOCH
from shared.engine.rows import Unavailable
from shared.engine.service import Audited, Step
from shared.gateways.consents import Renewed
from shared.gateways.shep import ConsentRefused
from shared.law.civil_registry import CivilRecord
from shared.law.eligibility import Ground
from shared.law.person import Address
from tests.law.people import TODAY, a_person, a_record, an_address
from tests.services.running import APPLICATION, Run

NOON = datetime(TODAY.year, TODAY.month, TODAY.day, 7, tzinfo=UTC)
CONSENTS = tuple(
    ConsentToken(access_name=name, token=f"token of {name}", public_key="k", expires_at=NOON + timedelta(hours=72))
    for name in (CIVIL_REGISTRY, ADDRESS_REGISTER)
)
IDENTITY = IdentityConfirmed(application_id=APPLICATION, person=Sealed(a_person()), consents=Sealed(CONSENTS))
CLOSED = ApplicationClosed(application_id=APPLICATION, ending=Ending.WITHDRAWN, closed_at=EPOCH)


@dataclass
class Registers:
    """Both registers; `asked` are the tokens they were asked with."""

    asked: list[str] = field(default_factory=list)
    takes: str = ""
    """The one token that ЗАГС takes; any, when it is none."""
    renewed: list[str] = field(default_factory=list)
    standing: str | None = "VALID"
    """How КДП's renewal stands; None when it wants the citizen's word."""

    async def record_of(self, iin: str, consent: ConsentToken, ask: str) -> CivilRecord:
        self.asked.append(consent.token)
        if self.takes not in ("", consent.token):
            raise ConsentRefused("zags", "CONSENT_EXPIRED")
        return a_record()

    async def address_of(self, iin: str, consent: ConsentToken, ask: str) -> Address | None:
        self.asked.append(consent.token)
        return an_address()

    async def again(
        self, access_name: str, request_id: str, iin: str, lifetime: timedelta, at: datetime
    ) -> Renewed | None:
        self.renewed.append(access_name)
        fresh = ConsentToken(access_name=access_name, token="fresh", public_key="k", expires_at=at + lifetime)
        return Renewed(self.standing, fresh if self.standing == "VALID" else None) if self.standing else None


async def heard(
    *messages: Message, ids: tuple[UUID | None, ...] = (), registers: Registers | None = None
) -> tuple[Run, Registers]:
    registers = registers or Registers()
    run = Run(SERVICE, world=World(registers, registers, registers), started=NOON)
    for message, id in itertools.zip_longest(messages, ids):
        await run.hear(message, id)
    return run, registers


async def test_an_identity_heard_however_often_is_assessed_once_with_each_registers_own_token() -> None:
    for ids in itertools.product([None, UUID(int=1)], repeat=3):
        run, registers = await heard(IDENTITY, IDENTITY, IDENTITY, ids=ids)
        assert [type(said) for said in run.said] == [EligibilityConfirmed]
        assert registers.asked == [f"token of {CIVIL_REGISTRY}", f"token of {ADDRESS_REGISTER}"]


async def test_any_order_of_identity_and_ending_with_repeats_leaves_a_closed_assessment() -> None:
    for order in set(itertools.permutations([IDENTITY, IDENTITY, CLOSED, CLOSED])):
        run, registers = await heard(*order)
        assert run.state.closed
        first = order.index(IDENTITY) < order.index(CLOSED)
        assert len(run.said) == first
        assert len(registers.asked) == 2 * first
        assert run.state.settled is first


async def test_a_token_that_a_register_does_not_take_is_renewed_without_troubling_the_citizen() -> None:
    run, registers = await heard(IDENTITY, registers=Registers(takes="fresh"))
    assert [type(said) for said in run.said] == [EligibilityConfirmed]
    assert registers.renewed == [CIVIL_REGISTRY]
    assert registers.asked == [f"token of {CIVIL_REGISTRY}", "fresh", f"token of {ADDRESS_REGISTER}"]


async def test_a_token_that_has_run_out_is_not_even_shown_to_a_register() -> None:
    old = tuple(token.model_copy(update={"expires_at": NOON}) for token in CONSENTS)
    run, registers = await heard(IDENTITY.model_copy(update={"consents": Sealed(old)}))
    assert [type(said) for said in run.said] == [EligibilityConfirmed]
    assert (registers.asked, registers.renewed) == (["fresh", "fresh"], [CIVIL_REGISTRY, ADDRESS_REGISTER])


@pytest.mark.parametrize(
    "registers",
    [
        Registers(takes="fresh", standing=None),
        Registers(takes="fresh", standing="DENIED"),
        Registers(takes="fresh", standing="EXPIRED"),
        Registers(takes="no such token"),
    ],
    ids=("the citizen must be asked", "denied", "expired", "the fresh one is not taken"),
)
async def test_consent_that_has_ended_is_no_outage_and_no_judgement(registers: Registers) -> None:
    run, _ = await heard(IDENTITY, registers=registers)
    (said,) = run.said
    assert isinstance(said, EligibilityRefused)
    assert said.grounds == (Ground.CONSENT_ENDED,)
    (act,) = run.appended_of(Audited)
    assert act.result == "consent not taken by zags: CONSENT_EXPIRED"
    assert [(step.step, step.result) for step in run.appended_of(Step)] == [("S4", "refused")]


async def test_while_kdp_makes_the_token_it_is_waited_for() -> None:
    registers = Registers(takes="fresh", standing="PENDING")
    with pytest.raises(Unavailable, match="kdp"):
        await heard(IDENTITY, registers=registers)
    registers.standing = "VALID"
    run, _ = await heard(IDENTITY, registers=registers)
    assert [type(said) for said in run.said] == [EligibilityConfirmed]
