"""The door: who may open an application (p.7, p.12). Every ground at once; refused at the door, nothing is opened."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from services.intake.domain.application import Application, Turn, audited
from shared.contracts.identity_verification import IdentityRefused
from shared.contracts.intake import ApplicationOpened, ApplicationRefused, DoorRefusal, Resume
from shared.contracts.portal import ApplicationStarted
from shared.contracts.values import DocumentKind, Reason, Stage
from shared.engine.decision import Decision, Given
from shared.law.email import is_email
from shared.law.iin import fault_in
from shared.law.phone import normalised

CLOSING_OUTAGES = frozenset({"bmg", "digital-id", "portal", "mobile-app"})
"""p.12 closes the door for БМГ, biometrics, ПЭП and the mobile apps; for no other system."""


@dataclass(frozen=True, slots=True)
class DoorFacts:
    """What our own records say of the person: the live application, and identity refusals of the last 24 hours."""

    live: UUID | None = None
    stage: Stage = Stage.OPENED
    refusals: int = 0


@dataclass(frozen=True, slots=True)
class IdentityRefusal:
    """A row per refused identity: counted per person within 24 hours."""

    application_id: UUID
    iin_index: str
    at: datetime


def person_key(iin_index: str) -> str:
    """The unique key of the person's one live application."""
    return f"iin:{iin_index}"


def claim_of_start(said: ApplicationStarted, given: Given) -> str | None:
    """The person's key; none when the person is not who the portal signed in."""
    iin = said.iin.value
    return person_key(given.blind(iin)) if iin == said.authenticated_iin.value else None


def open_application(state: Application, said: ApplicationStarted, facts: DoorFacts, given: Given) -> Turn:
    """Open it, or refuse with every ground. A start of a known application changes nothing and says nothing."""
    index = given.blind(said.iin.value)
    key = person_key(index)
    if state.opened or state.turned_away or state.ending is not None or state.recall_ordered:
        keeps = state.opened and state.ending is None and state.iin_index == index
        return Decision(
            state,
            appends=(audited(state, "ApplicationStarted", "known already", who=f"citizen:{index}"),),
            release=() if keeps else (key,),
        )
    live = _live(state, facts, given)
    grounds = grounds_at_the_door(said, facts, live, given)
    if grounds:
        return _turn_away(state, said, grounds, live, index)
    phone = normalised(said.phone.value)
    assert phone is not None
    state = replace(
        state,
        opened=True,
        iin=said.iin,
        iin_index=index,
        phone=type(said.phone)(phone),
        email=said.email,
        document=said.document,
        channel=said.channel,
        locale=said.locale,
    )
    return Decision(state, opening_of(state), appends=(audited(state, "ApplicationStarted", "opened"),))


def opening_of(state: Application) -> ApplicationOpened:
    """What is said, and said again, of an application that is open."""
    assert state.iin is not None
    assert state.phone is not None
    return ApplicationOpened(
        application_id=state.application_id, iin=state.iin, iin_index=state.iin_index, phone=state.phone,
        email=state.email, document=state.document, channel=state.channel, locale=state.locale,
    )  # fmt: skip


def grounds_at_the_door(
    said: ApplicationStarted, facts: DoorFacts, live: Resume | None, given: Given
) -> tuple[DoorRefusal, ...]:
    """Every ground that holds. What our records say of a person is told to that person only."""
    same_person = said.iin.value == said.authenticated_iin.value
    limits = given.rules.limits
    checks = {
        DoorRefusal.IIN_INVALID: fault_in(said.iin.value, given.today) is not None,
        DoorRefusal.IIN_OF_ANOTHER: not same_person,
        DoorRefusal.PHONE_INVALID: normalised(said.phone.value) is None,
        DoorRefusal.EMAIL_INVALID: said.email is not None and not is_email(said.email.value),
        DoorRefusal.OUTSIDE_PILOT: not given.rules.pilot.contains(given.said_on),
        DoorRefusal.OTHER_REASON: said.reason is not Reason.EXPIRY,
        DoorRefusal.OTHER_DOCUMENT: said.document is not DocumentKind.IDENTITY_CARD,
        DoorRefusal.OUTAGE: bool(given.outages & CLOSING_OUTAGES),
        DoorRefusal.TOO_MANY_REFUSALS: same_person and facts.refusals >= limits.identity_refusals,
        DoorRefusal.LIVE_APPLICATION: live is not None,
    }
    return tuple(ground for ground, holds in checks.items() if holds)


def note_identity_refused(state: Application, said: IdentityRefused, given: Given) -> Turn:
    """Counted per person, once each, whatever the reason was: three in 24 hours show the way to ЦОН."""
    if not state.opened or state.identity_refused:
        return Decision(state)
    row = IdentityRefusal(state.application_id, state.iin_index, given.said_at)
    return Decision(replace(state, identity_refused=True), appends=(row,))


def _live(state: Application, facts: DoorFacts, given: Given) -> Resume | None:
    """The claim decides who is live; its stage was read a moment ago. One not seen then has only just been opened."""
    if given.owner is None or given.owner == state.application_id:
        return None
    stage = facts.stage if facts.live == given.owner else Stage.OPENED
    return Resume(application_id=str(given.owner), stage=stage)


def _turn_away(
    state: Application, said: ApplicationStarted, grounds: tuple[DoorRefusal, ...], live: Resume | None, index: str
) -> Turn:
    refused = ApplicationRefused(application_id=state.application_id, grounds=grounds, locale=said.locale, resume=live)
    act = audited(state, "ApplicationStarted", f"refused: {', '.join(grounds)}", who=f"citizen:{index}")
    return Decision(replace(state, turned_away=True), refused, appends=(act,), release=(person_key(index),))
