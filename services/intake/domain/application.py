"""What intake knows of one application. Facts are kept as they come; where it stands follows from them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from services.intake.domain.facts import Fact, Registering, Reported, Signature, Upload, WaitingForm, Withdrawal
from shared.contracts.base import Sealed
from shared.contracts.intake import Circumstance, FormAccepted, RegistrationRefused
from shared.contracts.values import Channel, DocumentKind, Ending, Locale, Stage
from shared.engine.decision import ALMATY, Decision
from shared.engine.service import Audited
from shared.law.rules import Rules
from shared.law.window import renewal_window


@dataclass(frozen=True, slots=True)
class Application:
    application_id: UUID
    opened: bool = False
    turned_away: bool = False  # refused at the door
    iin: Sealed[str] | None = None
    iin_index: str = ""
    phone: Sealed[str] | None = None
    email: Sealed[str] | None = None
    document: DocumentKind = DocumentKind.IDENTITY_CARD
    channel: Channel = Channel.PORTAL
    locale: Locale = Locale.KK
    identity_refused: bool = False  # counted, once

    expires: date | None = None  # of the card; known when eligible
    form_since: datetime | None = None  # the citizen's time for a form runs from here
    uploads: tuple[Upload, ...] = ()
    form: FormAccepted | None = None
    last_revision: int = 0
    waiting_form: WaitingForm | None = None
    photo_revision: int = 0  # the highest revision whose photo was accepted
    photo_returned: int = 0  # the highest revision whose photo was returned
    photo_since: datetime | None = None

    signature: Signature | None = None
    signatures: int = 0

    registering: Registering = Registering.NO
    registration_held: bool = False  # this application holds the person's place in РП ДРН
    registration_refused: bool = False
    refusal: RegistrationRefused | None = None  # as it was said
    registration_overdue: bool = False
    talon: str = ""
    documentation_code: str = ""
    registered_on: date | None = None
    recall_ordered: bool = False
    recall_due: bool = False  # no talon of this application may stay
    recalling: bool = False
    recalled: bool = False
    circumstances: tuple[Circumstance, ...] = ()
    watch: str = ""  # the REQUEST by which РП ДРН tells us of the talon; known when it was delivered
    registry_status: str = ""  # the newest by РП ДРН's own dates
    registry_status_at: datetime | None = None

    facts: tuple[Fact, ...] = ()
    reporting: int = 0  # the number of the report under way
    result_request: str = ""

    withdrawal: Withdrawal | None = None
    closing: Ending | None = None  # ordered, and waiting for a signature or for the grace
    ending: Ending | None = None
    closed_at: datetime | None = None

    @property
    def submitted(self) -> bool:
        """S12 passed: no revision follows."""
        return self.signature is not None and self.signature.valid

    @property
    def photo_accepted(self) -> bool:
        """The current form may be signed."""
        return self.form is not None and self.form.revision == self.photo_revision

    @property
    def in_check(self) -> bool:
        """A signature of the accepted revision is being checked."""
        return self.signature is not None and not self.signature.valid and self.photo_accepted

    @property
    def registered(self) -> bool:
        """Under a talon that stands."""
        return bool(self.talon) and not self.recall_due and not self.recalled

    @property
    def awaits_watch(self) -> bool:
        """РП ДРН is to tell us of the talon, and does not know it yet."""
        return self.registered and self.ending is None and not self.watch

    @property
    def may_register(self) -> bool:
        stopped = self.recall_ordered or self.recall_due or self.registration_refused or self.registration_overdue
        return self.submitted and self.ending is None and not stopped

    @property
    def needs_registration(self) -> bool:
        """The person's place in РП ДРН may not be given to another application yet."""
        if self.registering is Registering.ASKING or self.recalling:
            return True
        return bool(self.talon) and not self.recalled and self.ending not in (Ending.ISSUED, Ending.NOT_COLLECTED)

    @property
    def stage(self) -> Stage:
        if self.ending is not None:
            return Stage.CLOSED
        if self.talon:
            return self._stage_under_talon()
        if self.submitted:
            return Stage.SUBMITTED
        if self.photo_accepted:
            return Stage.PHOTO_ACCEPTED
        if self.form is not None and self.form.revision > self.photo_returned:
            return Stage.FORM_ACCEPTED
        return Stage.ELIGIBLE if self.expires is not None else Stage.OPENED

    def _stage_under_talon(self) -> Stage:
        if not self.facts:
            return Stage.REGISTERED
        last = self.facts[-1]
        if last.stage is Reported.DECIDED:
            return Stage.IN_REVIEW if last.ground else Stage.APPROVED
        return {
            Reported.SETTLED: Stage.SETTLED,
            Reported.IN_REVIEW: Stage.IN_REVIEW,
            Reported.MADE: Stage.IN_PRODUCTION,
            Reported.ISSUED: Stage.READY,
        }[last.stage]

    def due(self, rules: Rules) -> datetime | None:
        """Until when the citizen is to act (form or signature); None when it is not the citizen's turn."""
        if self.ending is not None or self.submitted or self.expires is None:
            return None
        if self.photo_accepted and self.photo_since is not None:
            last_day = min(renewal_window(self.expires).closes, rules.pilot.last)
            midnight = datetime.combine(last_day + timedelta(days=1), time(), ALMATY)
            return min(self.photo_since + rules.limits.signing, midnight)
        if self.stage is Stage.ELIGIBLE and self.form_since is not None:
            return self.form_since + rules.limits.form
        return None


Turn = Decision[Application]


def then(first: Turn, step: Callable[[Application], Turn]) -> Turn:
    """Both decisions as one, the second upon the state that the first leaves."""
    second = step(first.state)
    return Decision(
        second.state,
        *first.says,
        *second.says,
        later=first.later + second.later,
        appends=first.appends + second.appends,
        release=first.release + second.release,
        reply=second.reply if second.reply is not None else first.reply,
    )


def place_of(iin_index: str) -> str:
    """The unique key of a person's place in РП ДРН: one live registration a person."""
    return f"registration:{iin_index}"


def let_go(turn: Turn) -> Turn:
    """Give the person's place in РП ДРН back as soon as nothing of this application stands or may stand there."""
    state = turn.state
    if not state.registration_held or state.needs_registration:
        return turn
    free = Decision(replace(state, registration_held=False), release=(place_of(state.iin_index),))
    return then(turn, lambda _: free)


def audited(state: Application, what: str, result: str, *, who: str = "", where: str = "portal") -> Audited:
    """A row of the audit trail; the citizen is named by the blind index."""
    return Audited(state.application_id, who or f"citizen:{state.iin_index}", where, what, result)


def by_service(state: Application, what: str, result: str, where: str = "rpdrn") -> Audited:
    return audited(state, what, result, who="service:intake", where=where)


def later_of(*moments: datetime | None) -> datetime | None:
    """The latest of the moments that are known."""
    known: list[Any] = [moment for moment in moments if moment is not None]
    return max(known, default=None)
