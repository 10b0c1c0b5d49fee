"""What one seed leaves in memory, as evidence for the oracle: everything is given, in the order of all commits."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from deploy.oracle.evidence import PASSED_OVER, Course, Told
from deploy.sandbox.books import Books, books_of
from deploy.sandbox.portal.acts import BESIDE
from deploy.sandbox.portal.errand import Errand
from shared.contracts.values import Ending
from shared.engine.columns import from_row
from shared.engine.rows import Due, InboxKey
from shared.engine.service import Audited, Log, Step
from shared.process import PORTAL
from shared.topology import DEAD_LETTERS
from tests.simulation.kept import Tables
from tests.simulation.luck import BOUNDARIES, PASSES
from tests.simulation.web import place

if TYPE_CHECKING:
    from tests.simulation.play import World


class MemoryEvidence:
    """`Evidence` of the moment at which it is asked; what it has read it does not read again."""

    def __init__(self, world: World, *, over: bool = True) -> None:
        self.over = over
        luck = world.house.luck
        leaps = luck.leaps or luck.turns_to(*BOUNDARIES, PASSES)
        self.leap = timedelta(days=500) if leaps else timedelta()
        self._world, self._house = world, world.house
        self._rows: dict[tuple[str, type[Any]], list[tuple[datetime, Any]]] = {}

    def states(self, service: str) -> Mapping[UUID, Any]:
        return self._tables(service).all_states(self._house.sealer)

    def rows(self, service: str, of: type[Any]) -> Sequence[tuple[datetime, Any]]:
        found = self._rows.get((service, of))
        if found is None:
            tables = self._tables(service)
            raw = tables.logs[_log(tables, of).name]
            found = self._rows[(service, of)] = [(row["at"], from_row(of, row, self._house.sealer)) for row in raw]
        return found

    def audit(self, service: str) -> tuple[Sequence[Mapping[str, Any]], bytes]:
        tables = self._tables(service)
        log = _log(tables, Audited)
        return tables.logs[log.name], tables.head(log)

    def shown(self) -> Mapping[UUID, Sequence[Told]]:
        return {
            id: [Told(each.rank, each.round, each.version, each.code, each.ending) for each in board.history]
            for id, board in self._world.portal.boards.items()
        }

    def dead_letters(self) -> Sequence[str]:
        """But those of a portal that is meant to be careless: what reads as nothing is to be laid aside."""
        names = ("reason", "error", "message", "faults", "queue")
        careless = self._house.luck.meddling > 0.0
        return [
            f"{letter.routing_key} { ({name: letter.headers.get(name) for name in names}) }"
            for letter in self._house.broker.queues[DEAD_LETTERS].waiting
            if not (careless and letter.headers.get("origin-exchange") == PORTAL)
        ]

    def steps(self) -> Sequence[Step]:
        return [Step(*each.row) for each in self._house.chronicle.written if each.log.endswith(".step")]

    def due(self, service: str) -> Sequence[Due]:
        return self._tables(service).waiting()

    def claims(self, service: str) -> Mapping[str, UUID | None]:
        return self._tables(service).claims

    def inbox(self, service: str) -> Container[InboxKey]:
        return self._tables(service).inbox.keys()

    def unsent(self, service: str) -> int:
        return len(self._tables(service).outbox)

    def books(self) -> Books:
        return books_of(self._house.outside.state, self._house.clock.now(), tuple(self._house.outside.mails))

    def officers(self) -> Mapping[str, str]:
        return {account.id: account.region for account in place().officers}

    def courses(self) -> Sequence[Course]:
        return [self._course(errand) for errand in self._world.portal.errands.values()]

    def _course(self, errand: Errand) -> Course:
        """Where deadlines pass at any moment no ending is a matter of course; law and outages may change it."""
        id, persona, luck = errand.application_id, errand.persona, self._house.luck
        waived = "fee-waived" in self._house.broker.said.get(str(id), ())
        endings: set[Ending | None] = {persona.ending}
        if luck.hurried:
            endings = {None, *Ending}  # a second start too: the first may have ended before it comes
        elif errand.course == BESIDE:
            endings = {None}
        elif luck.unheard or (luck.sends_away and persona.outage is None):
            endings |= {Ending.REDIRECTED, None}
        if persona.outage and any(each.system != persona.outage for each in luck.outages):
            endings.add(Ending.ISSUED)  # another system holds them up first: ten minutes of theirs may not be left
        if waived and persona.ending in (Ending.UNPAID, Ending.WITHDRAWN):
            endings.add(Ending.ISSUED)  # nothing is due this year: nobody is asked to pay, and nobody gives up then
        whole = errand.course != BESIDE and not luck.hurried and not waived
        passed = frozenset() if luck.calm else PASSED_OVER
        return Course(id, persona.name, persona, frozenset(endings), passed, whole)

    def _tables(self, service: str) -> Tables:
        return self._house.tables[service]


def _log(tables: Tables, of: type[Any]) -> Log:
    return next(log for log in tables.service.all_logs if log.of is of)
