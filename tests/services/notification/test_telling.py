"""What is said, sent, kept and written down when events come."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.notification.state import Correspondence, SendEmail, SendSms, TellEnding, TellOfDelay
from shared.contracts import identity_verification as v
from shared.contracts import intake as i
from shared.contracts import payment as p
from shared.contracts import production_dispatch as d
from shared.contracts import ums_review as u
from shared.contracts.base import Sealed, write
from shared.contracts.eligibility import EligibilityRefused
from shared.contracts.notification import CitizenNotified, NoticeChannel
from shared.contracts.portal import NextAction, StatusChanged
from shared.contracts.values import Contacts, Ending, Locale
from shared.engine.columns import from_row, to_row
from shared.engine.decision import Outage
from shared.engine.service import Audited
from tests.services.notification.events import EMAIL, PHONE, TALON, Outbox, run, said
from tests.services.running import Run

OPENED, IDENTIFIED, REGISTERED = said(i.ApplicationOpened), said(v.IdentityConfirmed), said(i.ApplicationRegistered)


async def sent(told: Run) -> Run:
    await told.fire(SendSms)
    await told.fire(SendEmail)
    return told


def codes(told: Run) -> list[str]:
    return [status.code for status in told.said_of(StatusChanged)]


async def test_each_event_is_said_to_the_portal_at_once() -> None:
    told = await run().hear_all([OPENED, IDENTIFIED, REGISTERED])
    assert codes(told) == ["OPENED", "IDENTIFIED", "REGISTERED"]


async def test_an_event_heard_again_is_silent() -> None:
    told = await run().hear_all([OPENED, REGISTERED, REGISTERED, OPENED])
    assert codes(told) == ["OPENED", "REGISTERED"]


async def test_a_late_lower_status_is_still_said() -> None:
    told = await run().hear_all([REGISTERED, OPENED])
    first, second = told.said_of(StatusChanged)
    assert (second.rank, second.round, second.version) < (first.rank, first.round, first.version)


async def test_sms_and_e_mail_say_status_and_link_in_the_language_of_the_citizen() -> None:
    outbox = Outbox()
    await sent(await run(outbox).hear_all([OPENED, IDENTIFIED, REGISTERED]))
    ((_, phone, text),) = outbox.sms
    ((_, address, body),) = outbox.mail
    assert (phone, address) == (PHONE, EMAIL)
    assert text == f"Заявка зарегистрирована.\nhttps://portal/applications/{OPENED.application_id}"
    assert text.partition("\n")[0] in body
    kazakh = Outbox()
    await sent(await run(kazakh).hear_all([said(i.ApplicationOpened, locale=Locale.KK), IDENTIFIED, REGISTERED]))
    assert kazakh.sms[0][2].startswith("Өтінім тіркелді.")


@pytest.mark.parametrize(("locale", "words"), [(Locale.KK, f"№ {TALON} талоны."), (Locale.RU, f"Талон № {TALON}.")])
async def test_the_e_mail_of_a_card_that_waits_bears_its_talon_and_the_code_of_it(locale: Locale, words: str) -> None:
    outbox = Outbox()
    opened = said(i.ApplicationOpened, locale=locale)
    await sent(await run(outbox).hear_all([opened, IDENTIFIED, REGISTERED, said(d.DocumentReady)]))
    assert [(code.text, code.language) for code in outbox.codes] == [(TALON, locale.value)]
    assert TALON in outbox.codes[0].words
    (letter,) = [body for *_, body in outbox.mail if TALON in body]
    assert words in letter
    assert not any(TALON in text for *_, text in outbox.sms)


async def test_a_reminder_bears_the_code_too() -> None:
    outbox = Outbox()
    await sent(await run(outbox).hear_all([OPENED, IDENTIFIED, REGISTERED, said(d.CollectionReminded)]))
    assert [code.text for code in outbox.codes] == [TALON]


async def test_no_sms_before_the_number_is_confirmed_and_then_what_is_still_due() -> None:
    outbox = Outbox()
    told = await sent(await run(outbox).hear_all([OPENED, REGISTERED]))
    assert outbox.sms == []
    await told.hear(IDENTIFIED)
    await sent(told)
    assert len(outbox.sms) == 1


async def test_sms_go_to_the_confirmed_number_whatever_the_form_names() -> None:
    outbox = Outbox()
    form = said(i.FormAccepted, contacts=Sealed(Contacts(phone="+77779999999")))
    await sent(await run(outbox).hear_all([OPENED, IDENTIFIED, form, REGISTERED]))
    assert [phone for _, phone, _ in outbox.sms] == [PHONE]


async def test_e_mail_only_to_an_address_that_was_given() -> None:
    outbox = Outbox()
    silent = said(i.ApplicationOpened, email=None)
    told = await sent(await run(outbox).hear_all([silent, IDENTIFIED, REGISTERED]))
    assert outbox.mail == []
    await told.hear(said(i.FormAccepted, contacts=Sealed(Contacts(phone=PHONE, email="new@example.kz"))))
    await sent(told)
    assert [address for _, address, _ in outbox.mail] == ["new@example.kz"]


async def test_the_newer_form_names_the_address() -> None:
    forms = [
        said(i.FormAccepted, revision=n, contacts=Sealed(Contacts(phone=PHONE, email=f"{n}@example.kz")))
        for n in (2, 1)
    ]
    told = await run().hear_all([OPENED, *forms])
    assert told.state.email == Sealed("2@example.kz")


async def test_neither_sms_nor_e_mail_carries_grounds() -> None:
    outbox = Outbox()
    refused = said(EligibilityRefused)
    told = await run(outbox).hear_all([OPENED, IDENTIFIED, refused, said(i.ApplicationClosed, ending=Ending.REFUSED)])
    await sent(told)
    ground = told.said_of(StatusChanged)[-1].grounds[0].ru
    assert outbox.sms[0][2].startswith("оформление не доступно, обратитесь в ЦОН\n")
    assert ground not in outbox.sms[0][2] + outbox.mail[0][2]


async def test_an_ending_says_again_what_led_to_it() -> None:
    told = await run().hear_all([OPENED, said(u.ReviewAnnulled), said(i.ApplicationClosed, ending=Ending.ANNULLED)])
    _, annulled, ended = told.said_of(StatusChanged)
    assert ended.ending is Ending.ANNULLED
    assert (ended.text, ended.grounds, ended.next_action) == (annulled.text, annulled.grounds, NextAction.START_AGAIN)


async def test_an_ending_waits_for_its_cause_but_not_for_ever() -> None:
    told = await run().hear_all([OPENED, said(i.ApplicationClosed, ending=Ending.REFUSED)])
    assert codes(told) == ["OPENED"]
    await told.let_pass(timedelta(minutes=2))
    assert codes(told) == ["OPENED", "NOT_AVAILABLE"]
    assert await told.fire(TellEnding) == 0


async def test_patience_that_was_not_needed_says_nothing() -> None:
    told = await run().hear_all([OPENED, said(i.ApplicationClosed, ending=Ending.REFUSED), said(EligibilityRefused)])
    before = codes(told)
    await told.fire(TellEnding)
    assert codes(told) == before


async def test_the_citizen_was_told_of_the_ending_once_per_channel_and_when_it_was_taken() -> None:
    outbox = Outbox()
    told = await run(outbox).hear_all([OPENED, IDENTIFIED, said(i.ApplicationClosed)])
    assert [word.channel for word in told.said_of(CitizenNotified)] == [NoticeChannel.PORTAL]
    await sent(told)
    notified = told.said_of(CitizenNotified)
    assert [word.channel for word in notified] == [NoticeChannel.PORTAL, NoticeChannel.SMS, NoticeChannel.EMAIL]
    assert {word.ending for word in notified} == {Ending.ISSUED}
    assert len({word.notice_id for word in notified}) == 3
    assert [outbox.sms[0][0], outbox.mail[0][0]] == [word.notice_id for word in notified[1:]]


async def test_only_an_ending_is_notified() -> None:
    told = await sent(await run().hear_all([OPENED, IDENTIFIED, REGISTERED, said(d.DocumentIssued)]))
    assert told.said_of(CitizenNotified) == []


async def test_an_address_that_is_refused_for_good_is_written_down_and_not_notified() -> None:
    told = await sent(await run(Outbox(deaf=frozenset({EMAIL}))).hear_all([OPENED, said(i.ApplicationClosed)]))
    assert [word.channel for word in told.said_of(CitizenNotified)] == [NoticeChannel.PORTAL]
    assert told.appended_of(Audited)[-1].result.startswith("refused: ")


async def test_an_outage_of_the_gateway_is_no_answer() -> None:
    told = await run().hear_all([OPENED, IDENTIFIED])
    await told.hear(SendSms(application_id=told.application_id, key="k", code="ISSUED"), answers=Outage("sms"))
    assert told.appended_of(Audited)[-1].result.startswith("refused: ")


async def test_a_notice_is_sent_under_one_id_however_often() -> None:
    outbox = Outbox()
    told = await run(outbox).hear_all([OPENED, IDENTIFIED, REGISTERED])
    (order,) = [later.message for _, later in told.waiting if isinstance(later.message, SendSms)]
    for _ in range(3):
        await told.hear(order)
    assert len({id for id, _, _ in outbox.sms}) == 1
    assert len([row for row in told.appended_of(Audited) if row.where == "sms"]) == 1


async def test_what_was_sent_is_audited_without_addresses() -> None:
    told = await sent(await run().hear_all([OPENED, IDENTIFIED, REGISTERED]))
    rows = told.appended_of(Audited)
    assert {row.where for row in rows} == {"portal", "sms", "email"}
    assert PHONE not in repr(rows)
    assert EMAIL not in repr(rows)


async def test_what_is_told_holds_no_personal_data() -> None:
    told = await run().hear_all([OPENED, IDENTIFIED, REGISTERED, said(i.ApplicationClosed)])
    for message in told.said:
        assert PHONE not in write(message).decode()


@pytest.mark.parametrize(("ready", "tells"), [(False, ["TERM_PASSED"]), (True, [])])
async def test_a_breach_of_the_term_is_told_unless_the_card_is_ready(ready: bool, tells: list[str]) -> None:
    told = await run().hear_all([OPENED, IDENTIFIED, REGISTERED, said(u.ReviewQueued)])
    if ready:
        await told.hear(said(d.DocumentReady))
    before = codes(told)
    await told.let_pass(timedelta(days=40))
    assert codes(told)[len(before) :] == tells
    late = told.said_of(StatusChanged)[-1]
    assert (late.rank, late.round, late.version) == told.state.newest
    assert await told.fire(TellOfDelay) == 0


async def test_after_the_ending_nobody_is_told_of_a_delay() -> None:
    told = await run().hear_all([OPENED, REGISTERED, said(i.ApplicationClosed)])
    before = len(told.said)
    await told.fire(TellOfDelay)
    assert len(told.said) == before


async def test_a_refund_is_told_after_the_ending_that_caused_it() -> None:
    closed = said(i.ApplicationClosed, ending=Ending.ANNULLED)
    told = await run().hear_all([OPENED, said(p.RefundFiled), closed, said(u.ReviewAnnulled)])
    assert codes(told) == ["OPENED", "ANNULLED", "ANNULLED", "REFUND_FILED"]


async def test_what_is_kept_reads_back_from_its_table() -> None:
    held = [OPENED, IDENTIFIED, said(p.FeeRefunded), said(EligibilityRefused), said(d.DocumentReady)]
    state = (await run().hear_all(held)).state.but(phone=Sealed(PHONE, "s1.phone"), email=Sealed(EMAIL, "s1.email"))
    names = list(Correspondence.__dataclass_fields__)
    back = from_row(Correspondence, dict(zip(names, to_row(state, None), strict=True)), None)
    assert back == state
    assert len(state.kept) == 2
