"""The facts of one application come in any order and more than once: the same state, the same words."""

from __future__ import annotations

import itertools
import random
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

import pytest

from services.payment.invoice import Phase
from services.payment.ledger import Account
from shared.contracts.base import Message
from shared.contracts.payment import FeePaid, InvoiceCancelled, RefundCause
from tests.services.payment.stage import (
    FEE,
    Outside,
    a_run,
    account,
    annulled,
    approved,
    cancel,
    form,
    identity,
    receipt,
    registered,
    sums,
)
from tests.services.running import Run

FACTS: tuple[Message, ...] = (
    identity(), form(1, account(1)), form(2, account(2)), registered(), approved(), annulled(),
    receipt(amount=FEE + 14), cancel(),
)  # fmt: skip
IDENTITY, FORM_1, FORM_2, REGISTERED, APPROVED, ANNULLED, RECEIPT, CANCEL = range(8)


def possible(order: Sequence[int]) -> bool:
    """Money comes for an invoice that exists, the order after the annulment that caused it."""
    at = {fact: place for place, fact in enumerate(order)}
    asked = max(at[IDENTITY], at[REGISTERED], min(at[FORM_1], at[FORM_2]))
    return asked < at[RECEIPT] < at[CANCEL] and at[ANNULLED] < at[CANCEL]


async def heard(order: Sequence[int], chance: random.Random) -> Run:
    """Each fact under its own id, some of them twice; what is due is worked off in between."""
    run = a_run(Outside())
    for place, fact in enumerate(order):
        await run.hear(FACTS[fact], UUID(int=100 + fact))
        again = chance.choice(order[: place + 1])
        await run.hear(FACTS[again], UUID(int=100 + again))
        await run.let_pass(timedelta())
    for fact in order:
        await run.hear(FACTS[fact], UUID(int=100 + fact))
    return await run.let_pass(timedelta(minutes=5))


async def test_any_order_of_what_is_heard_ends_in_the_same_state_and_the_same_words() -> None:
    chance = random.Random(7)
    orders = [order for order in itertools.permutations(range(8)) if possible(order)]
    orders = chance.sample(orders, min(800, len(orders)))
    first = await heard(orders[0], chance)
    assert {type(said).__name__ for said in first.said} == {"FeeRequested", "FeePaid", "RefundFiled"}
    for order in orders[1:]:
        run = await heard(order, chance)
        assert run.words() == first.words(), order
        assert run.state == first.state, order
        assert sums(run) == sums(first) == {Account.TREASURY: FEE + 14, Account.REFUND_DUE: -FEE - 14}


@pytest.mark.parametrize("order", list(itertools.permutations(range(4))))
async def test_wherever_a_withdrawal_comes_nothing_can_be_paid_afterwards(order: tuple[int, ...]) -> None:
    messages = (identity(), form(holds=account()), registered(), cancel(RefundCause.WITHDRAWN))
    run = a_run(Outside())
    for place in order:
        await run.hear(messages[place])
        await run.let_pass(timedelta())
    await run.let_pass(timedelta(days=2))
    await run.hear(receipt())
    assert run.state.phase is Phase.CANCELLED
    assert len(run.said_of(InvoiceCancelled)) == 1
    assert not run.said_of(FeePaid)
    assert sums(run) == {Account.TREASURY: FEE, Account.REFUND_DUE: -FEE}
