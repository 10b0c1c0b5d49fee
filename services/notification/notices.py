"""What the citizen is told of each event: one pure mapping. An event that came too early for its notice gives none yet.

`TOLD` is the table: event → its words; `notice.CODES` gives for each code what comes next and which channels, `places`
where it stands among the others.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any, get_args

from services.notification.endings import ending_of
from services.notification.notice import NOT_AVAILABLE, Notice, notice
from services.notification.places import Place, place_of
from services.notification.refunds import Refund, told_of_refund
from services.notification.refusals import (
    refused_at_the_door,
    refused_eligibility,
    refused_identity,
    refused_photo,
    returned_form,
    returned_photo,
    returned_signature,
)
from services.notification.state import Correspondence
from services.notification.wording import day, end_of, moment, point, text
from shared.contracts import eligibility as e
from shared.contracts import identity_verification as v
from shared.contracts import intake as i
from shared.contracts import payment as p
from shared.contracts import production_dispatch as d
from shared.contracts import ums_review as u
from shared.contracts.base import Message
from shared.contracts.portal import Text
from shared.contracts.values import Ending
from shared.law.reasons import texts_of

REFUNDS: tuple[type[Message], ...] = get_args(Refund)
KEPT: tuple[type[Message], ...] = (i.ApplicationClosed, d.DocumentReady, d.CollectionReminded, *REFUNDS)
"""These may come before what their notice needs, and are kept until then."""


def notices_of(event: Message, said_at: datetime, known: Correspondence) -> tuple[Notice, ...]:
    """Everything that can be told of the event with what is known; the same, however often it is asked."""
    if isinstance(event, REFUNDS):
        return told_of_refund(event, said_at, known)  # type: ignore[arg-type]
    if isinstance(event, i.ApplicationClosed):
        ending = ending_of(event, known)
        return () if ending is None else (replace(ending, place=place_of(event, said_at)),)
    told = TOLD[type(event)](event, known)
    return () if told is None else (replace(told, place=place_of(event, said_at)),)


def settled(event: Message, known: Correspondence) -> bool:
    """Nothing more will come of the event."""
    if isinstance(event, REFUNDS):
        return known.ended is not None and event.case_id in known.refunds  # type: ignore[attr-defined]
    if isinstance(event, i.ApplicationClosed):
        return known.ended is not None
    return known.talon is not None or not isinstance(event, KEPT)


def delay_of(known: Correspondence) -> Notice:
    """The term has passed: said just above whatever stands."""
    rank, round, version = known.newest
    assert known.stage is not None
    return replace(notice("TERM_PASSED"), place=Place(known.stage, rank, round, version + 1))


def _identification(said: v.IdentificationRequested, known: Correspondence) -> Notice:
    first = said.attempt == 1
    told = notice("IDENT_REQUIRED") if first else notice("IDENT_FAILED", (), {"left": said.attempts_left})
    return replace(told, link=said.url, attempts_left=said.attempts_left, until=said.until)


def _unavailable(said: v.IdentityUnavailable | e.EligibilityUnavailable, known: Correspondence) -> Notice:
    return notice(NOT_AVAILABLE, (text("outage"),))


def _registered(said: i.ApplicationRegistered, known: Correspondence) -> Notice:
    return notice("REGISTERED", (), {"talon": said.talon}, talon=said.talon)


def _registration_refused(said: i.RegistrationRefused, known: Correspondence) -> Notice:
    return notice("REG_REFUSED", (Text(kk=said.text_kk, ru=said.text_ru),), causes=Ending.REFUSED)


def _fee_requested(said: p.FeeRequested, known: Correspondence) -> Notice:
    fields: dict[str, str | int | Text] = {"amount": said.amount, "until": moment(said.until)}
    return notice("PAY_WAIT", (), fields, amount=said.amount, link=said.pay_url, until=said.until)


def _annulled(said: u.ReviewAnnulled, known: Correspondence) -> Notice:
    """p.11: the ground and the officer's reasons, word for word as the law's table has them."""
    kk, ru = (texts_of(said.ground, said.reasons, "kk"), texts_of(said.ground, said.reasons, "ru"))
    grounds = [Text(kk=k, ru=r) for k, r in zip(kk, ru, strict=True)]
    if said.after_approval:
        return notice("NOT_MADE", grounds, causes=Ending.NOT_MADE)
    return notice("ANNULLED", grounds, causes=Ending.ANNULLED)


def _ready(said: d.DocumentReady, known: Correspondence) -> Notice | None:
    """Handed over only in person, by the talon (p.11): it is named."""
    if known.talon is None:
        return None
    fields: dict[str, str | int | Text] = {
        "point": point(said.point),
        "talon": known.talon,
        "until": day(said.collect_until),
    }
    return notice("READY", (text("in-person"),), fields, talon=known.talon, until=end_of(said.collect_until))


def _reminded(said: d.CollectionReminded, known: Correspondence) -> Notice | None:
    if known.talon is None:
        return None
    fields: dict[str, str | int | Text] = {"point": point(said.point), "talon": known.talon}
    return notice("REMINDED", (text("in-person"),), fields, talon=known.talon)


def _plain(code: str) -> Callable[[Any, Correspondence], Notice]:
    return lambda said, known: notice(code)


def _of_revision(code: str) -> Callable[[Any, Correspondence], Notice]:
    return lambda said, known: notice(code, revision=said.revision)


def _alone(word: Callable[[Any], Notice]) -> Callable[[Any, Correspondence], Notice]:
    return lambda said, known: word(said)


TOLD: dict[type[Message], Callable[[Any, Correspondence], Notice | None]] = {
    i.ApplicationRefused: _alone(refused_at_the_door),
    i.ApplicationOpened: _plain("OPENED"),
    v.ConsentRequested: lambda said, known: notice("CONSENT_WAIT", until=said.until),
    v.IdentificationRequested: _identification,
    v.IdentityConfirmed: _plain("IDENTIFIED"),
    v.IdentityRefused: _alone(refused_identity),
    v.IdentityUnavailable: _unavailable,
    e.EligibilityConfirmed: _plain("ELIGIBLE"),
    e.EligibilityRefused: _alone(refused_eligibility),
    e.EligibilityUnavailable: _unavailable,
    i.FormReturned: _alone(returned_form),
    i.FormAccepted: _of_revision("FORM_ACCEPTED"),
    v.PhotoReturned: _alone(returned_photo),
    v.PhotoRefused: _alone(refused_photo),
    v.PhotoAccepted: _of_revision("SIGN_WAIT"),
    i.SignatureReturned: _alone(returned_signature),
    i.ApplicationSubmitted: _of_revision("SUBMITTED"),
    i.ApplicationRegistered: _registered,
    i.RegistrationRefused: _registration_refused,
    p.FeeRequested: _fee_requested,
    p.FeeWaived: lambda said, known: notice(said.ground.value),
    p.FeePaid: lambda said, known: notice("PAID", amount=said.amount),
    u.ReviewQueued: _plain("ON_REVIEW"),
    u.ReviewApproved: _plain("APPROVED"),
    u.ReviewAnnulled: _annulled,
    u.WithdrawalRefused: _plain("WITHDRAWAL_REFUSED"),
    d.ProductionStarted: _plain("IN_PRODUCTION"),
    d.DocumentShipped: lambda said, known: notice("SHIPPED", (), {"point": point(said.point)}),
    d.DocumentReady: _ready,
    d.CollectionReminded: _reminded,
    d.DocumentIssued: _plain("ISSUED"),
    d.DocumentUncollected: _plain("NOT_COLLECTED"),
    i.CloseRefused: _plain("GOES_ON"),
}
