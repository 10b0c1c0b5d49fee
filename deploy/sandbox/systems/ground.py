"""What all systems share: the people they serve, the pace they work at, the call-backs they owe, and how they fail."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid5

from deploy.sandbox.people import Citizen
from deploy.sandbox.persona import Persona, Treatment
from shared.law.calendar import ALMATY

Plain = dict[str, Any]
Said = Mapping[str, Any]


class Refused(Exception):
    """The system cannot work with what it was sent: a SOAP fault, or an HTTP error. Carries a code, never content."""

    def __init__(self, code: str, status: int = 400) -> None:
        super().__init__(code)
        self.code, self.status = code, status


@dataclass(frozen=True, slots=True)
class Pace:
    """How long things take, in business time."""

    consent: timedelta = timedelta(seconds=0.4)
    consent_expires: timedelta = timedelta(minutes=10)
    identification: timedelta = timedelta(seconds=0.2)
    session_expires: timedelta = timedelta(minutes=15)
    call_back: timedelta = timedelta(seconds=0.2)
    made: timedelta = timedelta(seconds=0.8)
    shipped: timedelta = timedelta(seconds=0.4)
    refund_accepted: timedelta = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Callback:
    """What a system says by itself: a POST of `body` to `path` of the service `to` (or to `url` when it was given one),
    signed with the key file `key` (without one ШЭП's asynchronous channel pushes it), due at the business time `at`.
    `body["callback_id"]` names it for good.
    """

    to: str
    path: str
    body: Plain = field(repr=False)
    key: str
    at: datetime
    url: str | None = None

    @property
    def id(self) -> str:
        return str(self.body["callback_id"])

    @property
    def system(self) -> str:
        """Whose it is, by the name that breaker and switches know."""
        return {"gateway.key": "payment-gateway", "production.key": "central-node"}.get(self.key, "rpdrn")

    @property
    def subject(self) -> str:
        """What it tells of: two call-backs about the same thing have an order."""
        told = next((self.body[name] for name in ("order_id", "invoice_id", "talonNumber") if name in self.body), "")
        return f"{self.to} {told}"


@dataclass(slots=True)
class Ground:
    """The people by IIN and by application, and the call-backs that wait."""

    seed: str
    base: str
    pace: Pace
    people: dict[str, Citizen] = field(default_factory=dict)
    courses: dict[UUID, tuple[Citizen, int, Persona]] = field(default_factory=dict)
    waiting: list[Callback] = field(default_factory=list)

    def admit(self, citizens: Iterable[Citizen]) -> None:
        """From now on the registers know them."""
        for citizen in citizens:
            self.people[citizen.iin] = citizen
            self.courses |= {id: (citizen, course, persona) for id, (course, persona) in citizen.courses().items()}

    def treatment(self, iin: str) -> Treatment:
        """How this person is treated; a stranger is treated well."""
        citizen = self.people.get(iin)
        return citizen.persona.treatment if citizen else Treatment()

    def treatment_of(self, application_id: str) -> Treatment:
        """How the story of this application goes; each of a person's applications has its own."""
        try:
            course = self.courses.get(UUID(application_id))
        except ValueError:
            raise Refused("BAD_APPLICATION_ID", 422) from None
        return course[2].treatment if course else Treatment()

    def id(self, purpose: str) -> str:
        """The same id for the same purpose."""
        return str(uuid5(NAMESPACE_OID, f"kualik sandbox {self.seed} {purpose}"))

    def secret(self, purpose: str) -> str:
        """Letters and digits that nobody else would guess."""
        return hashlib.sha256(f"{self.seed} {purpose}".encode()).hexdigest()

    def owe(self, callback: Callback) -> None:
        self.waiting.append(callback)


def need(said: Said, *names: str) -> list[str]:
    """These fields as text. Raises `Refused` when one is missing or empty."""
    missing = [name for name in names if said.get(name) in (None, "")]
    if missing:
        raise Refused(f"MISSING_{missing[0].upper()}", 422)
    return [str(said[name]) for name in names]


def whole(said: Said, name: str) -> int:
    """A whole number. Raises `Refused`."""
    try:
        return int(said[name])
    except (KeyError, TypeError, ValueError):
        raise Refused(f"BAD_{name.upper()}", 422) from None


def day_of(now: datetime) -> date:
    return now.astimezone(ALMATY).date()
