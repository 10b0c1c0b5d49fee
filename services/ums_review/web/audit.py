"""The auditor's page: the record of the region, searched; whether its chain is whole; and the rows to take along.

Nothing can be changed here, and each look is itself on record before anything is shown.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Final
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from services.ums_review import acts
from services.ums_review.searching import MOST_LETTERS
from services.ums_review.web.console import HOME, Console, Page
from services.ums_review.web.exports import moment, table
from services.ums_review.web.records import Line, Records, Wanted
from shared.engine.decision import ALMATY
from shared.law.regions import REGIONS
from shared.process import WORKSTATION
from shared.web.forgeries import house_of
from shared.web.knocks import UNKNOWN
from shared.web.officers import Role, officer_of
from shared.web.problems import unprocessable

AUDIT: Final = f"{HOME}/audit"
AUDITORS: Final = (Role.AUDITOR,)
ROWS: Final = 50
TAKEN: Final = 5000
"""So many rows go into one table."""
NOBODYS: Final = UUID(int=0)
"""The application of a talon that the region does not know: it has no rows."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The fields of the search as they were filled in."""

    about: str = ""
    officer: str = ""
    since: str = ""
    until: str = ""
    refused: str = ""
    before: str = ""

    @classmethod
    def of(cls, given: Mapping[str, str]) -> Asked:
        return cls(**{name: given.get(name, "").strip()[:MOST_LETTERS] for name in cls.__slots__})

    @property
    def kept(self) -> dict[str, str]:
        """What the next page asks, too."""
        return {name: value for name in self.__slots__ if name != "before" and (value := getattr(self, name))}


@dataclass(frozen=True, slots=True)
class AuditPages:
    console: Console
    records: Records
    _checking: asyncio.Lock = field(default_factory=asyncio.Lock)

    def pages(self) -> tuple[Page, ...]:
        return (
            Page("GET", AUDIT, self.searched, AUDITORS),
            Page("GET", f"{AUDIT}/chain", self.chain, AUDITORS),
            Page("GET", f"{AUDIT}/record.csv", self.taken_along, AUDITORS),
        )

    async def searched(self, request: Request) -> Response:
        """`?about=<talon or application>&officer=71-head&since=2025-10-06&until=2025-10-07&refused=1&before=120`."""
        asked = Asked.of(request.query_params)
        found = await self._found(request, "read-record", asked, ROWS + 1)
        return self.console.show(
            request, "audit.html", lines=found[:ROWS], more=len(found) > ROWS, asked=asked, most=TAKEN,
            region=REGIONS[officer_of(request).region],
        )  # fmt: skip

    async def taken_along(self, request: Request) -> Response:
        """The same rows as a table, from the same place on."""
        found = await self._found(request, "take-record-along", Asked.of(request.query_params), TAKEN)
        head = ("row", "at", "application", "talon", "who", "from_where", "what", "result")
        rows = (
            (row.seq, moment(row.at), row.application_id, row.talon or "", row.who, row.where, row.what, row.result)
            for row in found
        )
        return table("record", head, rows)

    async def chain(self, request: Request) -> Response:
        """Of the whole record, for a chain has no regions. One check at a time."""
        await self._on_record(request, "check-chain")
        async with self._checking:
            chain = await self.records.chain()
        return self.console.show(request, "audit_chain.html", chain=chain)

    async def _found(self, request: Request, what: str, asked: Asked, limit: int) -> Sequence[Line]:
        """Raises `Problem` 422 of a search that does not read."""
        room, reader = self.console.room, officer_of(request)
        wanted, accounts = await self._wanted(request, asked), room.officers.every()
        await self._on_record(request, what, *_words(wanted, {account.id for account in accounts}))
        known = (account.who for account in accounts if account.region == reader.region)
        people = (*known, f"{WORKSTATION}:{reader.region}", UNKNOWN)
        return await self.records.lines(reader.region, room.index_of(reader), people, wanted, limit)

    async def _wanted(self, request: Request, asked: Asked) -> Wanted:
        since, until = _day(asked.since), _day(asked.until)
        return Wanted(
            await self._application(request, asked.about) if asked.about else None, asked.officer,
            _midnight(since) if since else None, _midnight(until + timedelta(days=1)) if until else None,
            bool(asked.refused), int(asked.before) if _is_number(asked.before) else None,
        )  # fmt: skip

    async def _application(self, request: Request, about: str) -> UUID:
        """By its number, or by the talon of a case of the region."""
        try:
            return UUID(about)
        except ValueError:
            cases = await self.console.room.finds.by_talon(officer_of(request).region, about)
        return cases[0].application_id if cases else NOBODYS

    async def _on_record(self, request: Request, *words: str) -> None:
        """Raises `Problem` 503 when it cannot be written: then nothing is shown."""
        room = self.console.room
        house = house_of(room.engine.context.service.name)
        await room.done(acts.ReadRecord(application_id=house, what=" ".join(words), **room.signs(request)))


def _words(wanted: Wanted, accounts: Collection[str]) -> list[str]:
    """What was looked for, in days of Almaty. What was typed is not put on record, unless it is the id of an account:
    it may be somebody's name or IIN.
    """
    last = wanted.until - timedelta(days=1) if wanted.until else None
    asked = {
        "application": wanted.application,
        "officer": wanted.officer if wanted.officer in accounts else wanted.officer and UNKNOWN,
        "since": wanted.since and wanted.since.date(), "until": last and last.date(), "before": wanted.before,
    }  # fmt: skip
    return [*(f"{name}={value}" for name, value in asked.items() if value), *(["refused"] if wanted.refused else [])]


def _day(text: str) -> date | None:
    if not text:
        return None
    try:
        found = date.fromisoformat(text)
    except ValueError:
        found = date.min
    if not date(2000, 1, 1) <= found <= date(2999, 1, 1):
        raise unprocessable({"field": "record_day", "problem": "record_day"})
    return found


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), ALMATY)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 16
