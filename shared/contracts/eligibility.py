"""Eligibility: who may renew online and, if not, why not (S4–S7)."""

from __future__ import annotations

from datetime import date

from shared.contracts.base import Command, Event, Sealed
from shared.law.birth_place import RecordedBirthPlace
from shared.law.eligibility import Ground


class EligibilityConfirmed(Event):
    """Birth place verbatim, with its source; only the country is ever printed (p.5.4, order p.5)."""

    expires: date
    birth_place: Sealed[RecordedBirthPlace] | None = None
    birth_country: str = "398"


class EligibilityRefused(Event):
    grounds: tuple[Ground, ...]


class EligibilityUnavailable(Event):
    """A register was silent past its deadline: before registration the citizen is sent to ЦОН."""

    dependency: str


class ResumeAssessment(Command):
    """Say again what was found, if anything was."""
