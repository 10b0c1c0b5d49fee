"""Production and dispatch: the central node, the production centre, the points, the issue desk (S18, S19)."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from shared.contracts.base import Command, Event, Sealed


class ProductionFault(StrEnum):
    """TECHNICAL: sent again, same order id. SUBSTANTIVE: back to the officer for a new signed decision."""

    TECHNICAL = "TECHNICAL"
    SUBSTANTIVE = "SUBSTANTIVE"


class ProductionStarted(Event):
    """S18: the central node accepted the certified application."""

    order_id: str
    round: int


class ProductionRefused(Event):
    order_id: str
    round: int
    fault: ProductionFault
    reason: str


class DocumentMade(Event):
    order_id: str


class DocumentSpoiled(Event):
    """Made again under the same talon, no fee; the third time operations take it."""

    order_id: str
    times: int


class DocumentShipped(Event):
    order_id: str
    point: str
    register_id: str


class DocumentReady(Event):
    """Checked in at the registration point: the citizen may come."""

    point: str
    collect_until: date


class CollectionReminded(Event):
    days: int
    point: str


class DocumentIssued(Event):
    """S19: handed over in person by a migration-service officer of that point (p.4.3, p.11)."""

    point: str
    officer_id: str
    document_number: Sealed[str] | None = None


class IssueRefused(Event):
    """At the desk: a proxy, another point, the person not established, the wrong talon (p.4.3)."""

    point: str
    officer_id: str
    reason: str


class DocumentUncollected(Event):
    point: str


class ResumeProduction(Command):
    """Go on from where it stands: what was said is said again, what is waited for is asked again. Changes nothing."""
