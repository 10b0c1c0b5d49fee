"""A case and its timeline as operations and the auditor see them. No personal data: the coordinator keeps none."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.saga_coordinator.saga import Case, Tables
from services.saga_coordinator.store import Line
from services.saga_coordinator.stories import TABLES
from services.saga_coordinator.watching import owner, wait_of, why
from shared.contracts.base import routing_key
from shared.contracts.values import Ending

DECISIONS = frozenset({"review-approved", "review-annulled", "review-withdrawn", "withdrawal-refused", "close-refused"})
MONEY = frozenset({
    "fee-requested", "fee-waived", "fee-paid", "fee-lapsed", "fee-refunded", "invoice-cancelled", "refund-filed",
    "refund-accepted", "refund-overdue", "refund-rejected",
})  # fmt: skip
KINDS = {"ordered": "order", "passed": "deadline", "acted": "act"}


class CaseShown(BaseModel):
    """`waits_for` is its stage; `owner` in whose hands it lies. `since`, `stuck_since` and `next_look` are machine
    time, `until` (how long a person has) and `heard_at` business time.
    """

    application_id: UUID
    waits_for: str
    owner: str
    why: str
    since: datetime | None
    until: datetime | None
    stuck_since: datetime | None
    late: bool
    drives: int
    next_look: datetime | None
    story: str
    attention: str
    ending: Ending | None
    heard_at: datetime | None
    trace_id: str


class StuckShown(BaseModel):
    """`stuck` longest first; `attention`: an answer sent them to operations; `unwatched`: their timer was lost."""

    stuck: tuple[CaseShown, ...]
    attention: tuple[CaseShown, ...]
    unwatched: tuple[CaseShown, ...]
    page: int
    more: bool


class LineShown(BaseModel):
    """`kind`: event, decision, money, order, deadline, attempt, stuck, driven or act. `said_at` is business time."""

    seq: int
    at: datetime
    kind: str
    name: str
    said_at: datetime
    detail: str
    message_id: UUID
    trace_id: str


class TimelineShown(BaseModel):
    """`after` asks for the next page; absent on the last."""

    application_id: UUID
    lines: tuple[LineShown, ...]
    after: int | None


class CaseDriven(BaseModel):
    """`act_id` is the caller's own: the same act sent again drives once. The reason stays in the audit trail."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    act_id: str = Field(min_length=1, max_length=80, pattern=r"^[!-~]+$")
    reason: str = Field(min_length=3, max_length=300, pattern=r"\S")


def case_shown(case: Case, tables: Tables = TABLES) -> CaseShown:
    wait = wait_of(case, tables)
    watch = case.watch
    return CaseShown(
        application_id=case.application_id,
        waits_for=wait.stage.name if wait else "",
        owner=owner(case, wait),
        why=why(case, wait) if wait and (case.stuck_since or watch.troubles) else "",
        since=watch.since if wait else None,
        until=wait.until if wait else None,
        stuck_since=case.stuck_since,
        late=wait is not None and wait.patient and case.stuck_since is not None,
        drives=watch.drives,
        next_look=watch.armed if watch.late else None,
        story=story_shown(case, tables),
        attention=case.attention,
        ending=case.ending,
        heard_at=case.heard_at,
        trace_id=case.application_id.hex,
    )


def story_shown(case: Case, tables: Tables) -> str:
    """`annulment 1: step 2 of 3, recall-registration`; with what waits behind it."""
    waiting = f"; then {', '.join(case.pending)}" if case.pending else ""
    if not case.story:
        return waiting.removeprefix("; ")
    steps = tables.of(case.story, case.version).steps
    order = routing_key(steps[case.step].do(case.application_id))
    return f"{case.story} {case.version}: step {case.step + 1} of {len(steps)}, {order}{waiting}"


def line_shown(line: Line) -> LineShown:
    kind = KINDS.get(line.what, line.what)
    if line.what == "heard":
        kind = "decision" if line.name in DECISIONS else "money" if line.name in MONEY else "event"
    return LineShown(
        seq=line.seq, at=line.at, kind=kind, name=line.name, said_at=line.said_at, detail=line.detail,
        message_id=line.message_id, trace_id=line.trace_id.hex,
    )  # fmt: skip
