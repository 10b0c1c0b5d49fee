"""What notification does with an event: learn from it, tell all that can be told now, send all that can be sent. Pure.

Every order of the events ends in the same state and the same words: what a notice says is a function of its event and
of facts that never change, and an event that lacks a fact is kept until the fact is heard.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from services.notification.notice import Notice
from services.notification.notices import KEPT, delay_of, notices_of, settled
from services.notification.places import READY
from services.notification.state import (
    Correspondence,
    Errand,
    Kept,
    SendEmail,
    SendSms,
    TellEnding,
    TellOfDelay,
    notice_id,
)
from shared.contracts.base import Message, Sealed, routing_key
from shared.contracts.identity_verification import IdentityConfirmed
from shared.contracts.intake import (
    ApplicationClosed,
    ApplicationOpened,
    ApplicationRefused,
    ApplicationRegistered,
    FormAccepted,
)
from shared.contracts.notification import CitizenNotified, NoticeChannel
from shared.contracts.payment import RefundFiled
from shared.contracts.portal import StatusChanged
from shared.contracts.values import Ending
from shared.engine.decision import Decision, Given, Later
from shared.engine.service import Audited
from shared.law.terms import breached_at

Told = Decision[Correspondence]
Dated = tuple[Message, datetime]

PATIENCE = timedelta(minutes=1)
"""How long an ending waits for what led to it (machine time); nearly always that has been heard long before."""
_OF_KIND = {routing_key(kind): kind for kind in KEPT}
_SENDS = {NoticeChannel.SMS: SendSms, NoticeChannel.EMAIL: SendEmail}


def hear(known: Correspondence, event: Message, given: Given) -> Told:
    """Any event that concerns the citizen."""
    told = tell(learn(known, event), (*restored(known), (event, given.said_at)))
    return Decision(
        told.state, *told.says, later=(*told.later, *_timers(event, told.state, given)), appends=told.appends
    )


def learn(known: Correspondence, event: Message) -> Correspondence:
    """The facts that notices wait for, and where SMS and e-mail go.

    SMS go to the number that БМГ was asked about, whatever number a form names; of two e-mail addresses the newer
    form's counts.
    """
    match event:
        case ApplicationOpened():
            opened = known.but(locale=event.locale, phone=event.phone)
            return opened.but(email=event.email, email_revision=0) if event.email and known.email is None else opened
        case ApplicationRefused():
            return known.but(locale=event.locale)
        case IdentityConfirmed():
            return known.but(identified=True)
        case FormAccepted() if event.revision > known.email_revision:
            email = event.contacts.value.email
            return known.but(email=Sealed(email), email_revision=event.revision) if email else known
        case ApplicationRegistered():
            return known.but(talon=event.talon)
        case RefundFiled():
            return known.but(refunds={**known.refunds, event.case_id: event.cause})
    return known


def tell(known: Correspondence, events: Iterable[Dated]) -> Told:
    """Say of these events what has not been said, keep those of which more will come, send what can be sent."""
    says: list[Message] = []
    rows: list[Audited] = []
    heard = sorted(events, key=lambda dated: (_turn(dated[0]), dated[1], routing_key(dated[0])))
    for event, said_at in heard:
        for notice in notices_of(event, said_at, known):
            if notice.key in known.told:
                continue
            known = _told(known, notice)
            says += _words(known, notice, said_at)
            rows.append(audited(known, "portal", notice.code, notice.key, NoticeChannel.PORTAL))
    kept = {_kept(event, said_at) for event, said_at in heard if isinstance(event, KEPT) and not settled(event, known)}
    known = known.but(kept=tuple(sorted(kept, key=lambda one: (one.said_at, one.kind, one.body))))
    sent = send(known)
    return Decision(sent.state, *says, later=sent.later, appends=rows)


def send(known: Correspondence) -> Told:
    """Every SMS and e-mail whose address is known by now; and those under way, should their row be lost."""
    ready = [errand for errand in known.errands if known.may_be_sent(errand)]
    later = [sending_of(known, errand) for errand in (*known.sending, *ready)]
    if not ready:
        return Decision(known, later=later)
    left = tuple(errand for errand in known.errands if errand not in ready)
    sending = tuple(sorted({*known.sending, *ready}, key=_order))
    return Decision(known.but(errands=left, sending=sending), later=later)


def sending_of(known: Correspondence, errand: Errand) -> Later:
    message = _SENDS[errand.channel](
        application_id=known.application_id, key=errand.key, code=errand.code, ending=errand.ending
    )
    return Later(message, clock="machine", key=f"{errand.key}/{errand.channel}")


def answered(known: Correspondence, said: SendSms | SendEmail, channel: NoticeChannel, *, taken: bool) -> Told:
    """The gateway has answered: taken, or refused for good. Heard again, nothing changes."""
    id = notice_id(known.application_id, said.key, channel)
    if id in known.sent:
        return Decision(known)
    left = tuple(errand for errand in known.sending if (errand.key, errand.channel) != (said.key, channel))
    after = known.but(sent=tuple(sorted((*known.sent, id))), sending=left)
    row = audited(known, channel.lower(), said.code, said.key, channel, "" if taken else "refused: ")
    if not taken or said.ending is None:
        return Decision(after, appends=(row,))
    notified = CitizenNotified(application_id=known.application_id, ending=said.ending, channel=channel, notice_id=id)
    return Decision(after, notified, appends=(row,))


def tell_ending(known: Correspondence, said: TellEnding, given: Given) -> Told:
    """What led to the ending has not been heard: the citizen is told of the ending all the same."""
    if known.ended is not None:
        return Decision(known)
    return tell(known.but(impatient=True), restored(known))


def telling_the_ending(known: Correspondence) -> Later:
    return Later(TellEnding(application_id=known.application_id), PATIENCE, clock="machine", key="tell-ending")


def tell_of_delay(known: Correspondence, said: TellOfDelay, given: Given) -> Told:
    """The term of the service has passed and the card is not ready: the citizen is told (p.4.2)."""
    if known.ended is not None or known.stage is None or known.newest >= READY:
        return Decision(known)
    notice = delay_of(known)
    if any(key.startswith(f"{notice.code}/") for key in known.told):
        return Decision(known)
    after = _told(known, notice)
    sent = send(after)
    row = audited(after, "portal", notice.code, notice.key, NoticeChannel.PORTAL)
    return Decision(sent.state, *_words(after, notice, given.now), later=sent.later, appends=(row,))


def audited(
    known: Correspondence, where: str, code: str, key: str, channel: NoticeChannel, result: str = ""
) -> Audited:
    """What went out where, by its id; never an address (order p.4.1)."""
    id = notice_id(known.application_id, key, channel)
    return Audited(known.application_id, "service:notification", where, f"told {code}", f"{result}{id}")


def _told(known: Correspondence, notice: Notice) -> Correspondence:
    """It has been said: what follows for the other notices, and what is still to be sent."""
    errands = {*known.errands, *(Errand(notice.key, c, notice.code, _ending(notice)) for c in notice.channels)}
    after = known.but(
        told=tuple(sorted((*known.told, notice.key))),
        errands=tuple(sorted(errands, key=_order)),
        ended=known.ended or notice.ending,
    )
    if notice.place.order > known.newest:
        after = after.but(newest=notice.place.order, stage=notice.place.stage)
    if notice.causes is None:
        return after
    before = after.causes.get(notice.causes)
    if before is not None and before.order >= notice.place.order:
        return after
    return after.but(causes={**after.causes, notice.causes: notice.wording})


def _words(known: Correspondence, notice: Notice, at: datetime) -> tuple[Message, ...]:
    status: StatusChanged = notice.status(known, at)
    ending = _ending(notice)
    return (status,) if ending is None else (status, notification_of(known, notice.key, ending))


def notification_of(known: Correspondence, key: str, ending: Ending) -> CitizenNotified:
    """What is said, and said again, once the portal was told of the ending."""
    id = notice_id(known.application_id, key, NoticeChannel.PORTAL)
    return CitizenNotified(
        application_id=known.application_id, ending=ending, channel=NoticeChannel.PORTAL, notice_id=id
    )


def _order(errand: Errand) -> tuple[str, str]:
    return errand.key, errand.channel


def _ending(notice: Notice) -> Ending | None:
    """The ending, if the notice is that of the ending; a refund after it only bears its name."""
    return notice.ending if notice.about == notice.ending else None


def _timers(event: Message, known: Correspondence, given: Given) -> tuple[Later, ...]:
    id = known.application_id
    match event:
        case ApplicationClosed() if known.ended is None:
            return (telling_the_ending(known),)
        case ApplicationRegistered():
            at = breached_at(event.registered_on, given.rules.terms.whole, given.rules.calendar)
            return (Later(TellOfDelay(application_id=id), at=at, key="tell-of-delay"),)
    return ()


def _turn(event: Message) -> int:
    """What teaches first, then the ending, then what waits for the ending."""
    if not isinstance(event, KEPT):
        return 0
    return 1 if isinstance(event, ApplicationClosed) else 2


def _kept(event: Message, said_at: datetime) -> Kept:
    return Kept(routing_key(event), event.model_dump_json(), said_at)


def restored(known: Correspondence) -> tuple[Dated, ...]:
    """The events that are kept until more is known."""
    return tuple((_OF_KIND[one.kind].model_validate_json(one.body), one.said_at) for one in known.kept)
