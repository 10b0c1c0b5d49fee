"""Notification goes on when rows were lost: every notice goes out, each under its one id."""

from __future__ import annotations

import pytest

from services.notification.resuming import awaited
from services.notification.state import SendEmail, SendSms, TellEnding
from shared.contracts import intake as i
from shared.contracts.base import Message, routing_key
from shared.contracts.notification import CitizenNotified, NoticeChannel, ResumeNotices
from shared.contracts.portal import StatusChanged
from shared.contracts.values import Ending
from tests.services.healing import unmet
from tests.services.notification.events import ID, Outbox, run, said
from tests.services.notification.test_permutations import BEGUN, WAYS
from tests.services.running import Run

RESUME = ResumeNotices(application_id=ID)


def missing(told: Run) -> list[str]:
    return unmet(told, awaited(told.state))


async def lived(way: tuple[Message, ...], lose_after: int | None = None) -> tuple[set[str], ...]:
    """Heard, and everything sent; rows are lost after that event. Gives statuses, SMS and e-mail by their ids."""
    outbox = Outbox()
    told = run(outbox)
    for place, event in enumerate(way):
        await told.hear(event)
        assert missing(told) == [], routing_key(event)
        if place == lose_after:
            told.waiting = [row for row in told.waiting if not isinstance(row[1].message, SendSms | SendEmail)]
            await told.hear_all([RESUME, RESUME])
            assert missing(told) == [], routing_key(event)
            await told.fire(SendSms)
            await told.fire(SendEmail)
    await told.fire(SendSms)
    await told.fire(SendEmail)
    sms, mail = [id for id, *_ in outbox.sms], [id for id, *_ in outbox.mail]
    assert (len(sms), len(mail)) == (len(set(sms)), len(set(mail))), "sent twice"
    return {status.code for status in told.said_of(StatusChanged)}, set(sms), set(mail)


@pytest.mark.parametrize("name", WAYS)
async def test_whatever_was_to_be_sent_goes_out_once_though_its_row_was_lost(name: str) -> None:
    expected = await lived(WAYS[name])
    assert expected[1] or expected[2]
    for place in range(len(WAYS[name])):
        assert await lived(WAYS[name], place) == expected, routing_key(WAYS[name][place])


async def test_that_the_ending_was_told_is_said_again_with_the_same_notice_id() -> None:
    told = run()
    await told.hear_all([*BEGUN, said(i.ApplicationClosed, ending=Ending.WITHDRAWN)])
    await told.hear(RESUME)
    portal = [word for word in told.said_of(CitizenNotified) if word.channel is NoticeChannel.PORTAL]
    assert len(portal) == 2
    assert len({(word.ending, word.notice_id) for word in portal}) == 1


async def test_a_status_is_never_said_again() -> None:
    told = run()
    await told.hear_all([*BEGUN, said(i.ApplicationRegistered), said(i.ApplicationClosed, ending=Ending.WITHDRAWN)])
    statuses = len(told.said_of(StatusChanged))
    await told.hear_all([RESUME, RESUME])
    assert len(told.said_of(StatusChanged)) == statuses


async def test_an_ending_whose_cause_never_came_is_told_though_its_timer_was_lost() -> None:
    told = run()
    await told.hear_all([said(i.ApplicationOpened), said(i.ApplicationClosed, ending=Ending.ANNULLED)])
    told.waiting.clear()
    assert missing(told) == ["tell-ending"]
    await told.hear(RESUME)
    assert await told.fire(TellEnding) == 1
    assert told.state.ended is Ending.ANNULLED


async def test_of_an_application_never_heard_of_nothing_is_said() -> None:
    told = run()
    await told.hear(RESUME)
    assert (told.said, told.waiting) == ([], [])
