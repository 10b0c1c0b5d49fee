"""The door of a web part: sign-in at the issuer, the session in its cookie, sign-out, and forms that are ours."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from shared.engine.ports import Clock
from shared.web.knocks import UNKNOWN, Record, unrecorded
from shared.web.languages import language_of
from shared.web.officers import Officers, Role
from shared.web.oidc import Issuer, SignInRefused, StepMissing
from shared.web.own_sessions import session_routes
from shared.web.pages import Form, form_of, paged
from shared.web.problems import Problem, forbidden
from shared.web.sessions import Session, Sessions, token
from shared.web.site import Site

SESSION: Final = "kualik-session"
SIGNING_IN: Final = "kualik-sign-in"
PATIENCE: Final = 600
"""Seconds that somebody may take at the issuer."""


@dataclass(frozen=True, slots=True)
class Gate:
    """`at` is the origin under which browsers reach this service."""

    site: Site
    sessions: Sessions
    officers: Officers
    issuer: Issuer
    clock: Clock
    nonce: Callable[[int], bytes]
    log: Any
    at: str
    record: Record = unrecorded

    def routes(self) -> list[BaseRoute]:
        home = self.site.home
        return [
            Route(f"{home}/sign-in", paged(self.site, self.ask)),
            Route(f"{home}/signed-in", paged(self.site, self.enter)),
            Route(f"{home}/sign-out", paged(self.site, self.leave), methods=["POST"]),
            Route(f"{home}/language/{{language}}", self.site.speak),
            *session_routes(self),
            self.site.static(),
        ]

    async def admit(self, request: Request, roles: Collection[Role], *, active: bool = True) -> Session:
        """Whose session it is; `officer_of` then tells the officer. Raises `Problem` 401 and 403.

        An account that was taken out of `officers.json`, closed in it, moved to another region or signed out of all
        sessions is out at once.
        """
        id = request.cookies.get(SESSION, "")
        session = await self.sessions.find(id, self.clock.machine_now(), active=active) if id else None
        account = self.officers.named(session.officer_id) if session else None
        if session is None or account is None or not account.bears(session.region, session.started_at):
            if id and active:
                await self._record_stale(request, id)
            raise Problem(401, "Sign in", code="SIGN_IN_FIRST")
        request.state.session = session
        held = frozenset(role for role in account.roles if role.value in session.roles)
        if not held & set(roles):
            await self.record(request, account.who, "ROLE")
            raise forbidden("The role has no access here.", "ROLE")
        request.state.officer = account.model_copy(update={"roles": held})
        return session

    async def form(self, request: Request, *, recorded: bool = True) -> Form:
        """The form, if it stands on a page of this session. Raises `Problem` 403, which is on record if `recorded`."""
        form, session = await form_of(request), request.state.session
        foreign = request.headers.get("origin", self._origin) != self._origin
        if foreign or not hmac.compare_digest(form.get("csrf", "").encode(), session.csrf.encode()):
            if recorded:
                await self.record(request, f"officer:{session.officer_id}", "CSRF")
            raise forbidden("The form is not of this session.", "CSRF")
        return form

    async def ask(self, request: Request) -> Response:
        """To the issuer; what binds its answer to this browser stays in a cookie of this browser."""
        state, nonce, verifier = (token(self.nonce) for _ in range(3))
        language = language_of(request)
        try:
            address = await self.issuer.address(state, nonce, verifier, self._back, language)
        except SignInRefused:
            raise Problem(503, "Not now") from None
        answer = RedirectResponse(address, 303, self.site.headers)
        self._keep(answer, SIGNING_IN, f"{state}.{nonce}.{verifier}", PATIENCE)
        return answer

    async def enter(self, request: Request) -> Response:
        """Back from the issuer: a new session, under a new id."""
        state, _, rest = request.cookies.get(SIGNING_IN, "").partition(".")
        nonce, _, verifier = rest.partition(".")
        given, code = request.query_params.get("state", ""), request.query_params.get("code", "")
        refused = Problem(403, "The sign-in did not succeed", code="SIGN_IN")
        if not (state and verifier and code) or not hmac.compare_digest(given.encode(), state.encode()):
            await self.record(request, UNKNOWN, "SIGN_IN")
            raise refused
        now = self.clock.machine_now()
        try:
            claims = await self.issuer.redeem(code, nonce, verifier, self._back, now)
        except StepMissing:
            await self.record(request, UNKNOWN, "SECOND_STEP")
            raise forbidden("The issuer did not ask for the officer's key.", "SECOND_STEP") from None
        except SignInRefused:
            await self.record(request, UNKNOWN, "SIGN_IN")
            raise refused from None
        account = self.officers.named(claims.preferred_username)
        if account is None or account.region != claims.region:
            self.log.warning("sign-in of no officer", officer=claims.preferred_username)
            await self.record(request, UNKNOWN, "NO_ACCOUNT")
            raise forbidden("No officer of this account.", "NO_ACCOUNT")
        await self._end(request)
        session = Session(token(self.nonce), account.id, account.region, claims.roles, token(self.nonce), now)
        await self.sessions.begin(session)
        self.log.info("signed in", officer=account.id)
        answer = RedirectResponse(self.site.home, 303, self.site.headers)
        self._keep(answer, SESSION, session.id, None)
        answer.delete_cookie(SIGNING_IN, path=self.site.home)
        return answer

    async def leave(self, request: Request) -> Response:
        """End this session; with `everywhere` in the form all of this person's."""
        session = await self.admit(request, tuple(Role), active=False)
        form, now = await self.form(request), self.clock.machine_now()
        if form.get("everywhere"):
            await self.sessions.end_all(session.officer_id, now)
        await self.sessions.end(session.id, now)
        self.log.info("signed out", officer=session.officer_id)
        request.state.session = None
        answer = self.site.page(request, "signed_out.html")
        answer.delete_cookie(SESSION, path=self.site.home)
        return answer

    async def _end(self, request: Request) -> None:
        if earlier := request.cookies.get(SESSION):
            await self.sessions.end(earlier, self.clock.machine_now())

    async def _record_stale(self, request: Request, id: str) -> None:
        """A cookie that serves no more is shown: it was signed out, is over, or was never ours."""
        whose = await self.sessions.whose(id)
        await self.record(request, f"officer:{whose}" if whose else UNKNOWN, "SESSION_OVER")

    def _keep(self, answer: Response, name: str, value: str, seconds: int | None) -> None:
        answer.set_cookie(
            name, value, max_age=seconds, path=self.site.home, secure=self.at.startswith("https:"), httponly=True,
            samesite="lax",
        )  # fmt: skip

    @property
    def _back(self) -> str:
        return f"{self.at}{self.site.home}/signed-in"

    @property
    def _origin(self) -> str:
        parts = urlsplit(self.at)
        return f"{parts.scheme}://{parts.netloc}"
