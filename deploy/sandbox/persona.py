"""What a persona is: how outside systems treat a person, what the person, the officer and the desk do, and the end."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from deploy.sandbox.pictures import PortraitFlaw, SampleFlaw
from shared.contracts.base import Message
from shared.contracts.intake import Circumstance
from shared.contracts.production_dispatch import ProductionFault
from shared.contracts.ums_review import AnnulmentGround
from shared.contracts.values import DocumentKind, Ending, Reason
from shared.law.eligibility import Ground


class Consent(StrEnum):
    """How the person answers the SMS of 1414."""

    GRANTS = "GRANTS"
    DENIES = "DENIES"
    SILENT = "SILENT"


class Phone(StrEnum):
    """What БМГ knows of the number given."""

    OWN = "OWN"
    ABSENT = "ABSENT"
    OF_ANOTHER = "OF_ANOTHER"


class Refund(StrEnum):
    """What the revenue authority does with a refund case."""

    PAID = "PAID"
    OVERDUE = "OVERDUE"
    ACCOUNT_FAULT = "ACCOUNT_FAULT"  # rejected, accepted once the account is corrected
    AGAINST_LAW = "AGAINST_LAW"


@dataclass(frozen=True, slots=True)
class Treatment:
    """How the outside systems treat a person. Counts are of the first tries; `register_delay` is machine seconds.

    `lost_sms`: so many SMS of 1414 never reach the person. `order_refusals` are the central node's answers to the first
    orders. `circumstance_at` is the number of the stage after which РП ДРН pushes the circumstance. `refund_days` are
    working days from acceptance.
    """

    consent: Consent = Consent.GRANTS
    lost_sms: int = 0
    phone: Phone = Phone.OWN
    identification_fails: int = 0
    likeness_misses: int = 0
    registration_refused: bool = False
    register_delay: float = 0.0
    recall_refused: bool = False
    statuses: tuple[str, ...] = ()
    cancel_unknown: int = 0
    refund: Refund = Refund.PAID
    refund_days: int = 3
    order_refusals: tuple[ProductionFault, ...] = ()
    spoiled: int = 0
    made_after: timedelta | None = None
    circumstance: Circumstance | None = None
    circumstance_at: int = 2


class IinGiven(StrEnum):
    OWN = "OWN"
    MISTYPED = "MISTYPED"
    OF_ANOTHER = "OF_ANOTHER"


class FormFlaw(StrEnum):
    """What is wrong with a form."""

    POINT_OF_ANOTHER_REGION = "POINT_OF_ANOTHER_REGION"
    ACCOUNT_OF_ANOTHER = "ACCOUNT_OF_ANOTHER"


class Signing(StrEnum):
    """How the person signs."""

    GOOD = "GOOD"
    BROKEN = "BROKEN"  # over other bytes than the form's
    STALE = "STALE"  # the revision before
    NEVER = "NEVER"


class Paying(StrEnum):
    """One payment the person makes when the invoice comes."""

    RIGHT = "RIGHT"
    UNDER = "UNDER"
    OVER = "OVER"
    AFTER_LAPSE = "AFTER_LAPSE"  # when the invoice is dead


class Withdrawing(StrEnum):
    """When the person gives up."""

    AT_SIGNING = "AT_SIGNING"
    WHILE_REGISTERED = "WHILE_REGISTERED"
    AT_PAYMENT = "AT_PAYMENT"
    IN_REVIEW = "IN_REVIEW"
    AFTER_APPROVAL = "AFTER_APPROVAL"


@dataclass(frozen=True, slots=True)
class Conduct:
    """What the person does. Flaws and signings are of the first revisions and tries; what follows them is right."""

    iin: IinGiven = IinGiven.OWN
    mobile: bool = True
    document: DocumentKind = DocumentKind.IDENTITY_CARD
    reason: Reason = Reason.EXPIRY
    fills: bool = True
    form_flaws: tuple[FormFlaw | None, ...] = ()
    portrait_flaws: tuple[PortraitFlaw | None, ...] = ()
    sample_flaws: tuple[SampleFlaw | None, ...] = ()
    signs: tuple[Signing, ...] = ()
    pays: tuple[Paying, ...] = (Paying.RIGHT,)
    withdraws: Withdrawing | None = None
    has_account: bool = True
    starts_beside: bool = False
    """Starts a second application while the first waits for its form, and is led back to the first."""
    feedback: int | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """An officer's decision; without a ground it approves."""

    ground: AnnulmentGround | None = None
    reasons: tuple[str, ...] = ()

    @property
    def word(self) -> str:
        return "APPROVE" if self.ground is None else "ANNUL"


APPROVE = Verdict()


class Visit(StrEnum):
    """Who comes to the issue desk, and where."""

    PERSON = "PERSON"
    PROXY = "PROXY"
    WRONG_POINT = "WRONG_POINT"


Kinds = tuple[type[Message], ...]


@dataclass(frozen=True, slots=True)
class Persona:
    """One story. `sees` are messages that must have been said about the application, in any order.

    `ending` is None where nothing was opened. `grounds` are exactly those of `shared.law.eligibility`. `verdicts` by
    round of review, the last one repeated; none: the case stays undecided. `decides_in_act`: not before that act.
    `hold`: so long (business time) the officer waits for a change that РП ДРН tells of.
    `outage` names the dependency that must be down, `outage_services` the services of ШЭП it is down for (none: all).
    `lives_with_officer`: at the address of one of the officers, who may not decide then.
    `again`: what the person does in the next application when told that one may be filed.
    """

    name: str
    story: str
    ending: Ending | None
    sees: Kinds
    act: int = 1
    grounds: frozenset[Ground] = frozenset()
    treatment: Treatment = field(default_factory=Treatment)
    conduct: Conduct = field(default_factory=Conduct)
    verdicts: tuple[Verdict, ...] = (APPROVE,)
    decides_in_act: int = 1
    hold: timedelta = timedelta()
    visits: tuple[Visit, ...] = (Visit.PERSON,)
    outage: str | None = None
    outage_services: tuple[str, ...] = ()
    lives_with_officer: bool = False
    again: Persona | None = None
    weight: int = 1

    @property
    def courses(self) -> tuple[Persona, ...]:
        """The personas of the person's applications, one after another."""
        return (self,) if self.again is None else (self, *self.again.courses)

    def verdict(self, round: int) -> Verdict | None:
        """The officer's decision in that round of review, or None when there is to be none."""
        return self.verdicts[min(round, len(self.verdicts)) - 1] if self.verdicts else None
