"""What production says to itself: asks that wait, timers, call-backs of the centre, acts of desk and operations."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from shared.contracts.base import Own, Value
from shared.contracts.production_dispatch import ProductionFault
from shared.security.evidence import KeptSignature


class What(StrEnum):
    """What the production centre tells of a card."""

    MADE = "MADE"
    SPOILED = "SPOILED"
    SHIPPED = "SHIPPED"


class Report(Value):
    """One thing told of the card, at business time `at`; known by its call-back's id."""

    callback_id: str
    what: What
    at: datetime
    register_id: str = ""


class OrderStatus(StrEnum):
    """Where the central node says an order stands. UNKNOWN: it never came there."""

    UNKNOWN = "UNKNOWN"
    ACCEPTED = "ACCEPTED"
    REFUSED = "REFUSED"
    SPOILED = "SPOILED"
    MADE = "MADE"
    SHIPPED = "SHIPPED"
    CANCELLED = "CANCELLED"


@dataclass(frozen=True, slots=True)
class NodeAnswer:
    """What the central node answers. `fault` and `reason` stand with a refusal, `register_id` with a shipment."""

    status: OrderStatus
    fault: ProductionFault | None = None
    reason: str = ""
    register_id: str = ""


class SendOrder(Own):
    """S18: the certified application of that round goes to the central node."""

    round: int


class CancelOrder(Own):
    """What was ordered must not be made."""

    round: int


class RemakeOrder(Own):
    """The card was spoiled so many times; it is made again under the same talon."""

    times: int


class LookAtOrder(Own):
    """A call-back is missing: the central node is asked where the card is."""


class HearProduction(Own):
    """A call-back of the production centre whose signature holds."""

    order_id: str
    report: Report


class Term(StrEnum):
    PRODUCTION = "production"
    DELIVERY = "delivery"


class PassTerm(Own):
    """So many percent of a term in working days have passed (business clock)."""

    term: Term
    round: int
    percent: int


class RemindCollection(Own):
    """So many calendar days the card has waited at its point."""

    days: int


class GiveUpCollection(Own):
    """Nobody came for the card within the term."""


class RegisterKind(StrEnum):
    SENT = "SENT"
    SHIPPED = "SHIPPED"


class CutRegister(Own):
    """The day of a register is over. `application_id` stands for the register itself (registers.py)."""

    kind: RegisterKind
    place: str
    day: date


class Act(Own):
    """An officer's act; who and where come from the account and the call, never from the body.

    `act_id` is the caller's own id of it: heard again it is answered the same; `officer_index` the blind index of the
    officer's own IIN.
    """

    act_id: str
    officer_id: str
    officer_point: str
    officer_index: str
    where: str


class CheckIn(Act):
    """The card has come to the registration point."""

    talon: str


class ViewCard(Act):
    """Personal data is asked for (order p.4.1)."""

    talon: str


class IssueCard(Act):
    """S19: the card is about to be handed over. `proof` is the officer's signature over it, found valid, and
    `signed_for` the moment that stands in what was signed; both are absent where there is no card to sign for.
    """

    talon: str
    person_established: bool
    by_proxy: bool
    old_card_taken: bool
    signed_for: datetime | None = None
    proof: KeptSignature | None = None


class Difference(StrEnum):
    """How a shipment differs from its register: a card of the list is not there, or one is that is not of the list."""

    MISSING = "MISSING"
    SURPLUS = "SURPLUS"


class ReportDifference(Act):
    """A card, by its talon, for which a shipment and our register of that day differ."""

    talon: str
    listed_in: str
    shipment: str
    what: Difference


class RecordRefusal(Act):
    """An act that was refused before it came to a decision (its form or signature does not hold)."""

    what: str
    result: str


class SendAgain(Act):
    """Operations: after a technical refusal the same order goes to the central node once more."""


class RemakeAgain(Act):
    """Operations: after the last automatic remake one more is ordered."""


class Code(StrEnum):
    """Why an act is refused."""

    UNKNOWN_TALON = "UNKNOWN_TALON"
    OTHER_POINT = "OTHER_POINT"
    OWN_CARD = "OWN_CARD"
    WRONG_TALON = "WRONG_TALON"
    STOPPED = "STOPPED"
    ISSUED_ALREADY = "ISSUED_ALREADY"
    UNCOLLECTED = "UNCOLLECTED"
    NOT_SHIPPED = "NOT_SHIPPED"
    NOT_READY = "NOT_READY"
    PROXY = "PROXY"
    NOT_ESTABLISHED = "NOT_ESTABLISHED"
    NOT_SIGNED = "NOT_SIGNED"
    NOT_HELD = "NOT_HELD"
    NOT_SPOILED = "NOT_SPOILED"
    UNKNOWN_ORDER = "UNKNOWN_ORDER"


class Answered(Value):
    """What an act was answered; the same act is answered the same. `code` is why it was refused."""

    act_id: str
    standing: str
    code: Code | None = None
