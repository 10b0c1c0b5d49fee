"""In any order, with repeats: the same state, the same words, the same SMS and e-mail."""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID, uuid5

import pytest

from services.notification.state import SendEmail, SendSms
from shared.contracts import eligibility as e
from shared.contracts import identity_verification as v
from shared.contracts import intake as i
from shared.contracts import payment as p
from shared.contracts import production_dispatch as d
from shared.contracts import ums_review as u
from shared.contracts.base import Message, Sealed
from shared.contracts.intake import SignatureProblem
from shared.contracts.portal import StatusChanged
from shared.contracts.values import Contacts, Ending
from shared.engine.service import Audited
from tests.services.notification.events import CASE, ID, PHONE, Outbox, run, said
from tests.services.running import NOW

ALL, SAMPLE = 720, 500
SECOND = {"case_id": "case-2", "cause": p.RefundCause.SECOND}
BEGUN: tuple[Message, ...] = (said(i.ApplicationOpened), said(v.IdentityConfirmed))
WAYS: dict[str, tuple[Message, ...]] = {
    "refused": (
        *BEGUN,
        said(v.ConsentRequested),
        said(v.IdentificationRequested),
        said(e.EligibilityRefused),
        said(i.ApplicationClosed, ending=Ending.REFUSED),
    ),
    "consent denied": (
        said(i.ApplicationOpened),
        said(v.ConsentRequested, send=1),
        said(v.ConsentRequested, send=2),
        said(v.IdentityRefused),
        said(i.ApplicationClosed, ending=Ending.REFUSED),
    ),
    "redirected": (*BEGUN, said(v.IdentityUnavailable), said(i.ApplicationClosed, ending=Ending.REDIRECTED)),
    "annulled, and the account corrected": (
        *BEGUN,
        said(u.ReviewAnnulled),
        said(i.ApplicationClosed, ending=Ending.ANNULLED),
        said(p.RefundFiled),
        said(p.RefundRejected, correctable=True),
    ),
    "annulled, all of it": (
        *BEGUN,
        said(i.FormAccepted, contacts=Sealed(Contacts(phone=PHONE, email="other@example.kz"))),
        said(i.ApplicationRegistered),
        said(p.FeeRequested),
        said(p.FeePaid),
        said(u.ReviewQueued),
        said(u.ReviewAnnulled),
        said(i.ApplicationClosed, ending=Ending.ANNULLED),
        said(p.RefundFiled),
        said(p.RefundRejected, correctable=True),
        said(p.RefundAccepted),
        said(p.FeeRefunded),
    ),
    "issued, and paid twice": (
        *BEGUN,
        said(e.EligibilityConfirmed),
        said(i.FormReturned, revision=1),
        said(i.FormAccepted, revision=2),
        said(v.PhotoReturned, revision=2),
        said(i.FormAccepted, revision=3),
        said(v.PhotoAccepted, revision=3),
        said(i.SignatureReturned, revision=3),
        said(i.SignatureReturned, revision=2, problem=SignatureProblem.STALE),
        said(i.ApplicationSubmitted, revision=3),
        said(i.ApplicationRegistered),
        said(p.FeeRequested, round=1),
        said(p.FeeRequested, round=2),
        said(p.FeePaid),
        said(p.RefundFiled, **SECOND),
        said(p.RefundAccepted, case_id="case-2"),
        said(u.ReviewQueued),
        said(u.ReviewApproved),
        said(u.WithdrawalRefused),
        said(d.ProductionStarted),
        said(d.DocumentShipped),
        said(d.DocumentReady),
        said(d.CollectionReminded),
        said(d.DocumentIssued),
        said(i.ApplicationClosed, ending=Ending.ISSUED),
        said(p.FeeRefunded, case_id="case-2", amount=786),
    ),
    "not made": (
        *BEGUN,
        said(u.ReviewQueued, round=2),
        said(u.ReviewAnnulled, round=2, after_approval=True),
        said(i.ApplicationClosed, ending=Ending.NOT_MADE),
        said(p.RefundFiled, case_id=CASE, cause=p.RefundCause.NOT_MADE),
    ),
}
Heard = tuple[int, Message]


def orders(messages: list[Heard], chance: random.Random) -> Iterator[list[Heard]]:
    if math.factorial(len(messages)) <= ALL:
        yield from (list(order) for order in itertools.permutations(messages))
        return
    for _ in range(SAMPLE):
        yield chance.sample(messages, len(messages))


async def outcome(order: list[Heard], chance: random.Random) -> tuple[object, ...]:
    """Some messages twice; SMS and e-mail are sent now or at the end."""
    outbox = Outbox()
    told = run(outbox)
    twice = [message for message in order if chance.random() < 0.2]
    for n, message in [*order, *twice]:
        await told.hear(message, id=uuid5(ID, f"message/{n}"), said_at=NOW + timedelta(seconds=n))
        if chance.random() < 0.3:
            await told.fire(SendSms)
    await told.fire(SendSms)
    await told.fire(SendEmail)
    rows = {repr(row) for row in told.appended_of(Audited)}
    return told.state, told.words(), set(outbox.sms), {id for id, *_ in outbox.mail}, rows


@pytest.mark.parametrize("way", WAYS)
async def test_any_order_ends_in_the_same_state_and_the_same_words(way: str) -> None:
    chance = random.Random(way)
    messages = list(enumerate(WAYS[way]))
    expected = await outcome(messages, random.Random(0))
    for order in orders(messages, chance):
        assert await outcome(order, chance) == expected, [type(message).__name__ for _, message in order]


@pytest.mark.parametrize("way", WAYS)
async def test_in_any_order_the_portal_ends_with_the_same_status_of_the_ending(way: str) -> None:
    chance = random.Random(way)
    messages = list(enumerate(WAYS[way]))
    for order in itertools.islice(orders(messages, chance), 50):
        told = run()
        for n, message in order:
            await told.hear(message, said_at=NOW + timedelta(seconds=n))
        statuses: list[StatusChanged] = told.said_of(StatusChanged)
        places = [(status.rank, status.round, status.version) for status in statuses]
        shown = max(statuses, key=lambda status: (status.rank, status.round, status.version))
        assert shown.ending is not None
        assert len(set(places)) == len(places)
        assert isinstance(told.state.application_id, UUID)
