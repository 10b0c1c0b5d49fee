"""Evidence, with what many rules need of it found once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any, NamedTuple
from uuid import UUID

from deploy.oracle.evidence import Evidence, given
from deploy.sandbox.books import Books
from services.payment.invoice import Invoice, Phase
from services.saga_coordinator.timeline import Happening
from services.ums_review.notes import SignedDecision
from shared.contracts.ums_review import Choice
from shared.engine.service import Audited, Step
from shared.process import COORDINATOR, INTAKE, PAYMENT, REVIEW, SERVICES


class Recorded(NamedTuple):
    """A line of the stage record: S1…S19 as a number, and business time."""

    step: int
    result: str
    reason: str
    at: datetime


class Facts:
    """`of` is the evidence; everything else is derived from it when it is first asked for."""

    def __init__(self, evidence: Evidence) -> None:
        self.of = evidence

    def states(self, service: str) -> Mapping[UUID, Any]:
        return self.of.states(service)

    @cached_property
    def opened(self) -> Mapping[UUID, Any]:
        """Intake's applications that were opened."""
        return {id: state for id, state in self.states(INTAKE).items() if state.opened}

    @cached_property
    def books(self) -> Books:
        """Raises `NotJudged`."""
        return given(self.of.books(), "the books of the outside systems")

    @cached_property
    def heard(self) -> Mapping[UUID, Mapping[str, Sequence[Happening]]]:
        """Application → event → the coordinator's lines of it, in the order of hearing."""
        found: dict[UUID, dict[str, list[Happening]]] = defaultdict(lambda: defaultdict(list))
        for _, line in self.of.rows(COORDINATOR, Happening):
            if line.what == "heard":
                found[line.application_id][line.name].append(line)
        return found

    @cached_property
    def steps(self) -> Mapping[UUID, Sequence[Recorded]]:
        """Application → its stage record, service by service."""
        found: dict[UUID, list[Recorded]] = defaultdict(list)
        for service in SERVICES:
            for at, row in self.of.rows(service, Step):
                found[row.application_id].append(Recorded(number_of(row.step), row.result, row.reason, at))
        return found

    @cached_property
    def decisions(self) -> Mapping[UUID, Sequence[SignedDecision]]:
        found: dict[UUID, list[SignedDecision]] = defaultdict(list)
        for _, row in self.of.rows(REVIEW, SignedDecision):
            found[row.application_id].append(row)
        return found

    @cached_property
    def audited(self) -> Mapping[str, Sequence[Mapping[str, Any]]]:
        """Service → the raw rows of its audit trail."""
        return {service: self.of.audit(service)[0] for service in SERVICES}

    def approved(self, id: UUID) -> bool:
        """Whether an officer has ever approved it."""
        return any(row.choice == Choice.APPROVE for row in self.decisions.get(id, ()))

    def settled(self, id: UUID) -> bool:
        """Whether the duty was paid or waived at some time."""
        invoice: Invoice | None = self.states(PAYMENT).get(id)
        return invoice is not None and (invoice.phase is Phase.WAIVED or bool(invoice.settled_by))

    def done(self, id: UUID, step: int) -> bool:
        return any(row.step == step and row.result == "done" for row in self.steps.get(id, ()))


def number_of(step: str) -> int:
    """S7 → 7."""
    return int(step.removeprefix("S"))


__all__ = ["Audited", "Facts", "Recorded", "number_of"]
