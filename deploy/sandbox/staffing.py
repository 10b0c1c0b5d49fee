"""Officers and issue desks at work over HTTP: a thin driver around the pure decisions of `staff`."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

import httpx

from deploy.sandbox.authority import Authority
from deploy.sandbox.http import Systems
from deploy.sandbox.keys import OfficerAccount
from deploy.sandbox.persona import Persona
from deploy.sandbox.staff import decision, desk_acts, signed_hand_over, verdict_on, watch_act
from deploy.sandbox.workstation import Workstation
from shared.web.officer_keys import moment_of

LOOK_EVERY = 1.0  # seconds
PAGES = 40
NOT_YET = ("NOT_SHIPPED", "NOT_READY", "UNKNOWN_TALON")
"""Refusals of the desk that time mends."""


@dataclass(slots=True)
class Staffing:
    """One inspector per region, one issue officer per point, one of operations; with the services' base addresses."""

    systems: Systems
    http: httpx.AsyncClient
    authority: Authority
    accounts: tuple[OfficerAccount, ...]
    review: str
    production: str
    working: bool = True
    left_to_people: str = ""
    """The region whose queue people decide."""
    desks_left: frozenset[str] = frozenset()
    """The points whose cards people hand over."""
    stations: Mapping[str, Workstation] = field(default_factory=dict)
    """Regions whose inspector decides at a workstation, by message."""
    _seen: dict[tuple[str, int], datetime] = field(default_factory=dict)
    _desk: dict[str, int] = field(default_factory=dict)
    _tries: Counter[str] = field(default_factory=Counter)

    async def run(self) -> None:
        """Until cancelled."""
        inspectors, issuers = self.at_work()
        async with asyncio.TaskGroup() as group:
            for officer in inspectors:
                group.create_task(self._keep(self.review_once, officer))
            for officer in issuers:
                group.create_task(self._keep(self.issue_once, officer))
            group.create_task(self._keep(self.watch_once, next(a for a in self.accounts if "operations" in a.roles)))

    def at_work(self) -> tuple[list[OfficerAccount], list[OfficerAccount]]:
        """One inspector of each region and the officers of the points, but for what is left to people."""
        inspectors = {a.region: a for a in reversed(self.accounts) if "inspector" in a.roles}
        inspectors.pop(self.left_to_people, None)
        return [*inspectors.values()], [
            a for a in self.accounts if "issue" in a.roles and a.point not in self.desks_left
        ]

    async def _keep(self, work: Any, officer: OfficerAccount) -> None:
        while True:
            busy = 0
            if self.working:
                try:
                    busy = await work(officer)
                except (httpx.HTTPError, ValueError, KeyError):
                    self.systems.note("staff", officer.id, "failed")
            await asyncio.sleep(0.05 if busy else LOOK_EVERY)

    async def review_once(self, officer: OfficerAccount) -> int:
        """Decide what can be decided of the region's queue; how many that was."""
        decided, station = 0, self.stations.get(officer.region)
        look = partial(self._all, officer, self.review, "/reviews?whose=all", "reviews")
        for line in await (station.lines(look) if station else look()):
            decided += line["standing"] != "SIGNED" and await self._decide(officer, line)
        return decided

    async def issue_once(self, officer: OfficerAccount) -> int:
        """Do the next act of every card on its way to the point or waiting there; how many that was."""
        done = 0
        for card in await self._all(officer, self.production, "/desk/cards", "cards"):
            done += await self._issue(officer, str(card["talon"]), str(card["standing"]))
        return done

    async def watch_once(self, officer: OfficerAccount) -> int:
        """What only operations can move: refused orders and cards spoiled too often."""
        moved = 0
        for order in tuple(self.systems.state.production.orders.values()):
            act = watch_act(order, self._tries[order.id])
            if act is not None:
                self._tries[order.id] += 1
                moved += await self._post(officer, self.production, act.path, {"act_id": act.act_id}) is not None
        return moved

    async def _decide(self, officer: OfficerAccount, line: Mapping[str, Any]) -> bool:
        id, now = str(line["application_id"]), self.systems.clock.now()
        seen = self._seen.setdefault((id, int(line["round"])), now)
        waited, persona = (now - seen).total_seconds(), self._persona(id)
        changed = bool(persona and persona.hold) and await self._shows_change(officer, id)
        if verdict_on(persona, int(line["round"]), waited, self.systems.act, changed) is None:
            return False
        taken = await self._post(officer, self.review, f"/reviews/{id}/take", {})
        if taken is None:
            return False
        round, moment = int(taken["case"]["round"]), moment_of(self.systems.clock.now())
        verdict = verdict_on(persona, round, waited, self.systems.act, changed)
        if verdict is None:
            return False
        body = decision(taken, verdict, officer.id, officer.signatory(self.authority), moment)
        station = self.stations.get(officer.region)
        if station:
            return await station.say(UUID(id), round, officer.id, body)
        return await self._post(officer, self.review, f"/reviews/{id}/decision", body) is not None

    async def _shows_change(self, officer: OfficerAccount, id: str) -> bool:
        """Whether the case says that РП ДРН told of a change."""
        answer = await self.http.get(f"{self.review}/reviews/{id}", headers=officer.bearer)
        return answer.is_success and answer.json()["circumstance"] is not None

    async def _issue(self, officer: OfficerAccount, talon: str, standing: str) -> bool:
        """Acts are done in order; one that is refused is done too, unless the card only was not ready for it yet."""
        held = self.systems.state.registry.talons.get(talon)
        acts = desk_acts(self._persona(held.application_id) if held else None, talon, str(officer.point))
        at = self._desk.get(talon, 0)
        if at >= len(acts) or not acts[at].fits(standing):
            return False
        act = acts[at]
        account = next(a for a in self.accounts if a.point == act.point)
        body = act.tried(self._tries[talon])
        if act.what == "issue":
            card = await self.http.get(f"{self.production}/desk/talons/{talon}", headers=officer.bearer)
            if not card.is_success:
                return False
            key = account.signatory(self.authority)
            body = signed_hand_over(body, card.json(), account.id, key, moment_of(self.systems.clock.now()))
        answer = await self.http.post(f"{self.production}{act.path}", json=body, headers=account.bearer)
        self.systems.note("staff", act.what, str(answer.status_code))
        if answer.is_success or (answer.is_client_error and answer.json().get("code") not in NOT_YET):
            self._desk[talon] = at + 1
            return True
        self._tries[talon] += answer.is_client_error
        return False

    def _persona(self, application_id: str) -> Persona | None:
        course = self.systems.state.ground.courses.get(UUID(application_id))
        return course[2] if course else None

    async def _all(self, officer: OfficerAccount, base: str, path: str, name: str) -> list[dict[str, Any]]:
        """The lines of all pages. Raises `httpx.HTTPError`."""
        lines: list[dict[str, Any]] = []
        for page in range(1, PAGES + 1):
            answer = await self.http.get(
                f"{base}{path}{'&' if '?' in path else '?'}page={page}", headers=officer.bearer
            )
            found = answer.raise_for_status().json()
            lines += found.get(name, ())
            if not found.get("more"):
                break
        return lines

    async def _post(
        self, officer: OfficerAccount, base: str, path: str, body: Mapping[str, Any]
    ) -> dict[str, Any] | None:
        """The answer, or None when it was refused."""
        answer = await self.http.post(f"{base}{path}", json=body or None, headers=officer.bearer)
        self.systems.note("staff", f"POST {path.rsplit('/', 1)[-1]}", str(answer.status_code))
        found = answer.json() if answer.is_success and answer.content else {} if answer.is_success else None
        return found if found is None or isinstance(found, dict) else {}
