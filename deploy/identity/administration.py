"""The administrator's pages: the list of accounts, one account with what can be done to it, a new one, the record."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import structlog
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from deploy.identity.account import Account
from deploy.identity.accounts import Accounts, word_by_chance
from deploy.identity.administering import ONE_TIME_LIVES, POSSIBLE, Act, Code, changed, done, made, refusal, refused
from deploy.identity.listing import Filter, Line, lines, roles_of, wanted_account
from deploy.identity.publishing import publish
from deploy.identity.register import Change
from deploy.identity.settings import ADMINISTRATION
from shared.law.regions import REGIONS
from shared.law.registration_points import points_of
from shared.web.gate import Gate
from shared.web.languages import language_of
from shared.web.officers import Role, officer_of
from shared.web.parts import Page
from shared.web.problems import Problem, unprocessable
from shared.web.site import Site

HOME: Final = ADMINISTRATION
ONE: Final = f"{HOME}/of/{{id}}"
ADMINISTRATORS: Final = (Role.ADMINISTRATOR,)
ROWS: Final = 50
STATUS: Final = {Code.UNKNOWN_ACCOUNT: 404, Code.ACCOUNT_EXISTS: 409, Code.STANDS_OTHERWISE: 409}
STEPS: Final[dict[str, Act]] = {
    "lock": Act.LOCK, "unlock": Act.UNLOCK, "disable": Act.DISABLE, "enable": Act.ENABLE, "sign-out": Act.SIGN_OUT,
}  # fmt: skip
"""What is done by one press of a button, by the end of its address."""


@dataclass(frozen=True, slots=True)
class AccountPages:
    gate: Gate
    accounts: Accounts
    second_step: bool

    def pages(self) -> tuple[Page, ...]:
        """Every page behind the sign-in."""
        return (
            Page("GET", HOME, self.listed, ADMINISTRATORS),
            Page("GET", f"{HOME}/new", self.form, ADMINISTRATORS),
            Page("POST", f"{HOME}/new", self.make, ADMINISTRATORS),
            Page("GET", f"{HOME}/record", self.record, ADMINISTRATORS),
            Page("GET", ONE, self.one, ADMINISTRATORS),
            Page("POST", f"{ONE}/do/{{step}}", self.step, ADMINISTRATORS),
            Page("POST", f"{ONE}/password", self.reset, ADMINISTRATORS),
            Page("POST", f"{ONE}/roles", self.roles, ADMINISTRATORS),
        )

    async def listed(self, request: Request) -> Response:
        """`?find=71&role=head&state=locked&region=71&after=<id>`, by id, fifty at a time."""
        wanted = Filter.of(request.query_params)
        found = wanted.chosen(self._lines())
        return self._site.page(
            request, "accounts.html", lines=found[:ROWS], more=len(found) > ROWS, wanted=wanted, names=_names(request),
        )  # fmt: skip

    async def one(self, request: Request) -> Response:
        id = _id(request)
        account = self._known(id)
        line = next(line for line in self._lines() if line.id == id)
        mine = officer_of(request).id == id
        return self._site.page(
            request, "account.html", line=line, mine=mine, names=_names(request), roles=[*Role],
            possible=() if mine else [act.value for act in POSSIBLE[line.state]], steps=STEPS,
            until=account.one_time_until, past=self.accounts.register.past(None, ROWS, id),
        )  # fmt: skip

    async def form(self, request: Request) -> Response:
        offices = [
            (region, bin) for region, bins in sorted(self.gate.officers.offices().items()) for bin in sorted(bins)
        ]
        return self._site.page(
            request, "new_account.html", offices=offices, names=_names(request), roles=[*Role],
            points={region: points_of(region) for region in REGIONS},
        )  # fmt: skip

    async def make(self, request: Request) -> Response:
        """A new account with an officer in `officers.json`, so that console and desk know them too."""
        form, now, word = await self.gate.form(request), self.accounts.now(), word_by_chance()
        password = await self.accounts.hashed(word)
        # From here on nothing is awaited: two forms of one person cannot both find that there is no account yet.
        wanted = wanted_account(form, self.gate.officers.every(), self.gate.officers.offices(), now.date())
        fresh = made(wanted.id, wanted.region, wanted.roles, password, wanted.officer, now)
        self._do(request, wanted.id, Act.MAKE, fresh)
        return self._told_once(request, wanted.id, word, now)

    async def step(self, request: Request) -> Response:
        await self.gate.form(request)
        act = STEPS.get(request.path_params["step"])
        if act is None:
            raise Problem(404, "No such step")
        self._do(request, _id(request), act)
        return self._back(request)

    async def reset(self, request: Request) -> Response:
        """A password that serves once, shown once."""
        await self.gate.form(request)
        word = word_by_chance()
        self._do(request, _id(request), Act.RESET, password=await self.accounts.hashed(word))
        return self._told_once(request, _id(request), word, self.accounts.now())

    async def roles(self, request: Request) -> Response:
        roles = roles_of(await self.gate.form(request))
        if not roles:
            raise unprocessable({"field": "roles", "problem": "roles_missing"})
        self._do(request, _id(request), Act.ROLES, roles=roles)
        return self._back(request)

    async def record(self, request: Request) -> Response:
        """`?before=120`: what was done and refused, the newest first, and whether the chain holds."""
        register, before = self.accounts.register, request.query_params.get("before", "")
        number = int(before) if before.isascii() and before.isdecimal() and len(before) < 16 else None
        past, broken = register.past(number, ROWS + 1), await asyncio.to_thread(register.broken)
        return self._site.page(
            request, "record.html", past=past[:ROWS], more=len(past) > ROWS, broken=broken, since=number,
        )  # fmt: skip

    def _do(
        self, request: Request, id: str, act: Act, fresh: Account | None = None, roles: frozenset[str] = frozenset(),
        password: str | None = None,
    ) -> None:  # fmt: skip
        """In one commit with its record; a refusal is on record, too. Raises `Problem`."""
        actor, now = officer_of(request).id, self.accounts.now()
        where = request.client.host if request.client else "unknown"

        def decided(known: Mapping[str, Account]) -> tuple[Change, Code | None]:
            code = refusal(known, actor, id, act, now)
            if code is not None:
                about = id if id in known or act is Act.MAKE else "unknown"
                return refused(actor, where, act, about, code.value), code
            return changed(fresh or done(known[id], act, now, roles, password), actor, where, act), None

        code = self.accounts.register.change(now, decided)
        if code is not None:
            raise Problem(STATUS.get(code, 403), "Not yours to do", code=code.value)
        self.publish()

    def publish(self) -> None:
        """Raises `Problem` 503: it stands here, and the services learn of it when this is started next."""
        try:
            publish(self.accounts.folder.parent, self.accounts.register.all().values())
        except OSError:
            structlog.get_logger("identity").exception("officers.json cannot be written")
            raise Problem(503, "Not now") from None

    def _lines(self) -> list[Line]:
        second = self.gate.officers.every() if self.second_step else ()
        return lines(self.accounts.register.all().values(), second, self.accounts.now())

    def _known(self, id: str) -> Account:
        account = self.accounts.named(id)
        if account is None:
            raise Problem(404, "No such account")
        return account

    def _told_once(self, request: Request, id: str, word: str, now: datetime) -> Response:
        return self._site.page(request, "one_time.html", id=id, word=word, until=now + ONE_TIME_LIVES)

    def _back(self, request: Request) -> Response:
        return RedirectResponse(f"{HOME}/of/{_id(request)}", 303, self._site.headers)

    @property
    def _site(self) -> Site:
        return self.gate.site


def _names(request: Request) -> dict[str, str]:
    """Of the regions, in the reader's language."""
    language = language_of(request)
    return {code: region.name(language) for code, region in REGIONS.items()}


def _id(request: Request) -> str:
    id: str = request.path_params["id"]
    return id
