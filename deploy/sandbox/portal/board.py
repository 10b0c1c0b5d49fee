"""What the portal shows of one application: the current status never goes back, a lower one goes to history only."""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID

from shared.contracts.portal import MessageRejected, StatusChanged
from shared.contracts.values import Ending


@dataclass(slots=True)
class Board:
    """`history` holds every status heard, in order of arrival and once each; `regressed` counts the lower ones."""

    application_id: UUID
    current: StatusChanged | None = None
    history: list[StatusChanged] = field(default_factory=list)
    rejected: list[MessageRejected] = field(default_factory=list)
    regressed: int = 0
    repeated: int = 0

    def take(self, status: StatusChanged) -> bool:
        """Whether it became the current one; heard again, it changes nothing."""
        if status in self.history:
            self.repeated += 1
            return False
        self.history.append(status)
        if self.current is not None and _place(status) <= _place(self.current):
            self.regressed += 1
            return False
        self.current = status
        return True

    @property
    def ending(self) -> Ending | None:
        return next((status.ending for status in self.history if status.ending is not None), None)


def _place(status: StatusChanged) -> tuple[int, int, int]:
    return status.rank, status.round, status.version
