"""What is kept of one card: what was approved, what was told of it, and where it stands."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID, uuid5

from services.production_dispatch.messages import Act, Answered, Code, Report, What
from shared.contracts.base import Sealed
from shared.contracts.intake import Circumstance
from shared.contracts.ums_review import CertifiedApplication
from shared.contracts.values import Ending
from shared.engine.service import Audited

MOST_ANSWERS = 50


class Standing(StrEnum):
    """Where the card stands. HELD waits for operations, RETURNED for the officer; STOPPED is never issued."""

    NOTHING = "NOTHING"
    ORDERED = "ORDERED"
    HELD = "HELD"
    RETURNED = "RETURNED"
    IN_PRODUCTION = "IN_PRODUCTION"
    MADE = "MADE"
    SHIPPED = "SHIPPED"
    READY = "READY"
    ISSUED = "ISSUED"
    UNCOLLECTED = "UNCOLLECTED"
    STOPPED = "STOPPED"


STARTED = (Standing.IN_PRODUCTION, Standing.MADE, Standing.SHIPPED, Standing.READY)
NOT_STARTED = (Standing.ORDERED, Standing.HELD)
ENDED = (Standing.ISSUED, Standing.UNCOLLECTED)


@dataclass(frozen=True, slots=True)
class Production:
    """`reports` stand in the order of their moments, however they came; `told_…` is what has been said of them.

    `register` is filled in rows that stand for a cut register instead of an application (registers.py); `refused_for`
    is the reason of the last refusal.
    """

    application_id: UUID
    standing: Standing = Standing.NOTHING
    round: int = 0
    region: str | None = None
    point: str | None = None
    talon: str | None = None
    certified: Sealed[CertifiedApplication] | None = None
    annulled: bool = False
    circumstance: Circumstance | None = None
    ending: Ending | None = None
    reports: tuple[Report, ...] = ()
    told_spoiled: int = 0
    told_registers: tuple[str, ...] = ()
    checked_in_on: date | None = None
    ready_on: date | None = None
    collect_until: date | None = None
    reminded: tuple[int, ...] = ()
    warned: tuple[str, ...] = ()
    issued_at: datetime | None = None
    issued_by: str | None = None
    old_card_taken: bool = False
    to_destroy: bool = False
    answers: tuple[Answered, ...] = ()
    register: str | None = None
    refused_for: str = ""

    @property
    def order_id(self) -> str:
        """The one id of the order, whatever is sent again and however many rounds it takes."""
        return order_id_of(self.application_id)

    @property
    def spoiled(self) -> int:
        return sum(report.what is What.SPOILED for report in self.reports)

    @property
    def made(self) -> bool:
        return any(report.what is What.MADE for report in self.reports)

    @property
    def registers(self) -> tuple[str, ...]:
        """The centre's registers under which the card was shipped; more than one when it was spoiled on the way."""
        return tuple(report.register_id for report in self.reports if report.what is What.SHIPPED)

    @property
    def underway(self) -> bool:
        """Made and shipped, and not spoiled since."""
        spoiled, shipped = self._last(What.SPOILED), self._last(What.SHIPPED)
        return self.made and shipped is not None and (spoiled is None or shipped >= spoiled)

    @property
    def awaits_remake(self) -> bool:
        """Spoiled, and nothing good was told of it since."""
        spoiled, good = self._last(What.SPOILED), self._last(What.MADE, What.SHIPPED)
        return spoiled is not None and (good is None or good <= spoiled)

    def _last(self, *what: What) -> datetime | None:
        return max((report.at for report in self.reports if report.what in what), default=None)

    def with_report(self, report: Report) -> Production:
        if any(known.callback_id == report.callback_id for known in self.reports):
            return self
        return replace(self, reports=tuple(sorted((*self.reports, report), key=lambda r: (r.at, r.callback_id))))

    def answered(self, act: Act, code: Code | None = None) -> tuple[Production, Answered]:
        """The act and its answer are kept, so that the same act is answered the same."""
        answer = Answered(act_id=act_key(act), standing=self.standing.value, code=code)
        return replace(self, answers=(*self.answers, answer)[-MOST_ANSWERS:]), answer

    def answer_to(self, act: Act) -> Answered | None:
        """What this act was answered before."""
        return next((answer for answer in self.answers if answer.act_id == act_key(act)), None)


@dataclass(frozen=True, slots=True)
class HandOver:
    """What an officer signed at the desk; the signature is kept as `hand-over/<act_id>`.

    `signed_for` is the moment in it; `reason` stands where the card was not handed over.
    """

    application_id: UUID
    act_id: str
    officer_id: str
    reason: str
    old_card_taken: bool
    signed_for: datetime


@dataclass(frozen=True, slots=True)
class Alert:
    """Somebody must look: `whom` it concerns, `what` happened."""

    application_id: UUID
    what: str
    whom: str
    detail: str


def act_key(act: Act) -> str:
    """One officer's acts of one kind are told apart by the ids they bear."""
    return f"{type(act).__name__}/{act.officer_id}/{act.act_id}"


def order_id_of(application_id: UUID) -> str:
    return str(uuid5(application_id, "order"))


def by_service(production: Production, what: str, result: str = "done") -> Audited:
    return Audited(production.application_id, "service", "production-dispatch", what, result)


def by_officer(act: Act, what: str, result: str = "done") -> Audited:
    return Audited(act.application_id, f"officer:{act.officer_id}", act.where, what, result)


def to_operations(production: Production, what: str, detail: str = "") -> Alert:
    return Alert(production.application_id, what, "operations", detail)
