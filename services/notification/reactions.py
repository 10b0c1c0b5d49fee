"""Notification hears every event that concerns the citizen alike, and sends SMS and e-mail by messages to itself."""

from __future__ import annotations

from services.notification.domain import answered, hear, tell_ending, tell_of_delay
from services.notification.gateway import SMS, SMTP, Code, World
from services.notification.notice import TALON_SHOWN
from services.notification.resuming import resume
from services.notification.state import Correspondence, SendEmail, SendSms, TellEnding, TellOfDelay, notice_id
from services.notification.wording import letter, short
from shared.contracts.notification import NoticeChannel, ResumeNotices
from shared.engine.decision import Decision, Given
from shared.engine.service import Reaction
from shared.process import NOTIFICATION, heard_by


async def send_sms(known: Correspondence, said: SendSms, world: World, given: Given) -> bool:
    """Status and link, in the citizen's language; True when the gateway took it."""
    if known.phone is None or known.locale is None or not known.identified:
        return False
    link = world.link(known.application_id)
    text = letter("sms", known.locale, status=short(said.code, known.locale), link=link)
    await world.sms.send(notice_id(known.application_id, said.key, NoticeChannel.SMS), known.phone.value, text)
    return True


async def send_email(known: Correspondence, said: SendEmail, world: World, given: Given) -> bool:
    """Status and link, in the citizen's language; False when the address is refused for good.

    Of a card that waits to be collected the talon, too, as words and as the code that the desk scans (S19).
    """
    if known.email is None or known.locale is None:
        return False
    status, code = short(said.code, known.locale), None
    if said.code in TALON_SHOWN and known.talon is not None:
        status = f"{status}\n\n{letter('talon', known.locale, talon=known.talon)}"
        code = Code(known.talon, letter("code", known.locale, talon=known.talon), known.locale.value)
    body = letter("body", known.locale, status=status, link=world.link(known.application_id))
    id = notice_id(known.application_id, said.key, NoticeChannel.EMAIL)
    return await world.mail.send(id, known.email.value, letter("subject", known.locale), body, given.now, code)


def sms_answered(known: Correspondence, said: SendSms, given: Given) -> Decision[Correspondence]:
    return answered(known, said, NoticeChannel.SMS, taken=given.answers is True)


def email_answered(known: Correspondence, said: SendEmail, given: Given) -> Decision[Correspondence]:
    return answered(known, said, NoticeChannel.EMAIL, taken=given.answers is True)


def resume_notices(known: Correspondence, command: ResumeNotices, given: Given) -> Decision[Correspondence]:
    return resume(known)


REACTIONS = (
    *(Reaction(kind, hear) for kind in heard_by(NOTIFICATION) if kind is not ResumeNotices),
    Reaction(ResumeNotices, resume_notices),
    Reaction(SendSms, sms_answered, asks=send_sms, policy=SMS),
    Reaction(SendEmail, email_answered, asks=send_email, policy=SMTP),
    Reaction(TellEnding, tell_ending),
    Reaction(TellOfDelay, tell_of_delay),
)
