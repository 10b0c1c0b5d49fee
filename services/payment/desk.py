"""Reconciliation for operations and the auditor: the runs and every line, as JSON and as a page; and run it now."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path
from uuid import UUID, uuid5

from pydantic import BaseModel, ConfigDict, Field, model_validator
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from services.payment.messages import HOUSE, Reconcile
from services.payment.page import POLICY, page_of
from services.payment.reconciliation import Difference, Kind, Side, Verdict
from services.payment.records import Compared, Records, Run
from services.payment.statement import DAY, day_of
from shared.engine.engine import Engine
from shared.web.officers import Officers, Role, officer_of
from shared.web.openapi import Endpoint
from shared.web.problems import HEADERS, not_found, unprocessable

RUNS, LINES = 20, 200
"""How many runs, and how many lines of one of them, are shown at once."""
LONGEST = 400  # days of one run by hand


class TotalShown(BaseModel):
    account: str
    moved: int
    balance: int
    outside: int | None


class RunShown(BaseModel):
    """`mended`: receipts that it found missing and that are in the books since."""

    run_id: UUID
    at: datetime
    first: date
    last: date
    by: str
    lines: int
    in_flight: int
    differences: int
    mending: int
    mended: int
    totals: tuple[TotalShown, ...]


class LineShown(BaseModel):
    """`ours` and `theirs` in whole tenge; nothing personal."""

    kind: Kind
    verdict: Verdict
    id: str
    difference: Difference | None
    side: Side | None
    application_id: UUID | None
    ours: int | None
    theirs: int | None
    day: date | None
    in_flight: bool
    mending: bool
    mended_at: datetime | None


class ReconciliationShown(BaseModel):
    """The latest runs, and the lines of the one that was asked for, else of the latest: differences first."""

    runs: tuple[RunShown, ...]
    run_id: UUID | None
    page: int
    more: bool
    lines: tuple[LineShown, ...]


class RunOrdered(BaseModel):
    """`act_id` is the caller's own: the same act sent again is the same run. Without days: yesterday and today."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    act_id: str = Field(min_length=1, max_length=80, pattern=r"^[!-~]+$")
    first: date | None = None
    last: date | None = None

    @model_validator(mode="after")
    def _is_a_period(self) -> RunOrdered:
        if (self.first is None) != (self.last is None):
            raise ValueError("both days or none")
        if self.first and self.last and not 0 <= (self.last - self.first).days <= LONGEST:
            raise ValueError(f"from the first to the last day, at most {LONGEST} days")
        return self


class RunBegun(BaseModel):
    run_id: UUID


@dataclass(frozen=True, slots=True)
class Auditing:
    """The HTTP side of reconciliation."""

    engine: Engine
    records: Records

    async def show(self, request: Request) -> ReconciliationShown:
        return await self._shown(request)

    async def page(self, request: Request) -> Response:
        content = page_of(await self._shown(request))
        return HTMLResponse(content, headers={**HEADERS, "Content-Security-Policy": POLICY})

    async def run(self, request: Request, order: RunOrdered) -> RunBegun:
        """Answered once the run stands as a row; it is on record when both statements have been read."""
        officer = officer_of(request)
        today = day_of(self.engine.ports.clock.now())
        act = f"reconcile/{officer.id}/{order.act_id}"
        run_id = uuid5(HOUSE, act)
        message = Reconcile(
            application_id=HOUSE, run_id=run_id, first=order.first or today - DAY, last=order.last or today,
            by=officer.who,
        )  # fmt: skip
        await self.engine.act(message, act)
        return RunBegun(run_id=run_id)

    async def _shown(self, request: Request) -> ReconciliationShown:
        asked, page = _run_id(request), _page(request)
        runs = await self.records.list_runs(RUNS)
        chosen = await self.records.find_run(asked) if asked else next(iter(runs), None)
        if chosen is None and asked:
            raise not_found("There is no such reconciliation on record.")
        run_id = UUID(chosen.record.external_id) if chosen else None
        lines = await self.records.list_lines(run_id, (page - 1) * LINES, LINES + 1) if run_id else []
        if chosen is not None and chosen not in runs:
            runs = [*runs, chosen]
        return ReconciliationShown(
            runs=tuple(run_shown(run) for run in runs), run_id=run_id, page=page, more=len(lines) > LINES,
            lines=tuple(line_shown(compared) for compared in lines[:LINES]),
        )  # fmt: skip


def run_shown(run: Run) -> RunShown:
    named = {name: value for name, value in asdict(run.record).items() if name in RunShown.model_fields}
    return RunShown(run_id=UUID(run.record.external_id), at=run.at, mended=run.mended, **named)


def line_shown(compared: Compared) -> LineShown:
    named = {name: value for name, value in asdict(compared.line).items() if name in LineShown.model_fields}
    return LineShown(mended_at=compared.mended_at, **named)


def _run_id(request: Request) -> UUID | None:
    run = request.query_params.get("run")
    try:
        return UUID(run) if run else None
    except ValueError:
        raise unprocessable({"field": "run", "problem": "uuid_parsing"}) from None


def _page(request: Request) -> int:
    page = request.query_params.get("page", "1")
    if not (page.isascii() and page.isdecimal() and 1 <= int(page[:6]) <= 10_000):
        raise unprocessable({"field": "page", "problem": "out_of_range"})
    return int(page[:6])


def reconciliation_endpoints(engine: Engine, records: Records, key_folder: Path) -> tuple[Endpoint, ...]:
    auditing, officers = Auditing(engine, records), Officers(key_folder)
    watch, looks = officers.allow(Role.OPERATIONS), officers.allow(Role.OPERATIONS, Role.AUDITOR)
    at = "/operations/reconciliation"
    return (
        Endpoint(
            "GET", at, auditing.show, None, ReconciliationShown,
            "Ledger, gateway and revenue authority compared: the latest runs, and every line of one (?run, ?page)",
            (401, 403, 404, 422), allows=looks, secured="bearer",
        ),
        Endpoint(
            "POST", at, auditing.run, RunOrdered, RunBegun, "Reconcile now", (401, 403, 422), 202, allows=watch,
            secured="bearer",
        ),
        Endpoint(
            "GET", f"{at}/page", auditing.page, None, None, "The same as a page, without a script",
            (401, 403, 404, 422), gives="text/html", allows=looks, secured="bearer",
        ),
    )  # fmt: skip
