"""What a citizen can do at the portal, as values: decided by `errand`, carried out by the driver or the simulation."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from deploy.sandbox.persona import FormFlaw, Signing
from deploy.sandbox.pictures import PortraitFlaw, SampleFlaw

BESIDE = -1
"""The course of an application that is started while another is live."""


@dataclass(frozen=True, slots=True)
class Act:
    """Something the citizen does; carried out in the order given."""


@dataclass(frozen=True, slots=True)
class Start(Act):
    """Asks for a new application: the citizen's nth course, or `BESIDE`."""

    course: int


@dataclass(frozen=True, slots=True)
class Resume(Act):
    """Goes on with the live application that the portal led them back to."""

    application_id: UUID


@dataclass(frozen=True, slots=True)
class Identify(Act):
    """Goes to the page of Digital-ID (`link`; absent: whichever session waits for them)."""

    link: str | None


@dataclass(frozen=True, slots=True)
class Fill(Act):
    """Uploads both images and files the form of this revision."""

    revision: int
    flaw: FormFlaw | None = None
    portrait: PortraitFlaw | None = None
    sample: SampleFlaw | None = None


@dataclass(frozen=True, slots=True)
class Sign(Act):
    """Signs that revision; `how` is GOOD or BROKEN. `attempt` names the message."""

    revision: int
    how: Signing
    attempt: int


@dataclass(frozen=True, slots=True)
class Pay(Act):
    """Pays `amount` (whole tenge) at `link`; `number` counts the payments of the errand."""

    link: str
    amount: int
    number: int


@dataclass(frozen=True, slots=True)
class Withdraw(Act):
    """Gives up; `signed`: with ЭЦП, as it must be once registered."""

    signed: bool


@dataclass(frozen=True, slots=True)
class Correct(Act):
    """Names another account of their own for the refund."""


@dataclass(frozen=True, slots=True)
class Praise(Act):
    """Leaves feedback."""

    rating: int
