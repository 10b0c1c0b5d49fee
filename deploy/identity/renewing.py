"""Who signs in with a password that an administrator set chooses another one before anything opens."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from deploy.identity.account import Account
from deploy.identity.accounts import LONGEST, SHORTEST, Accounts
from deploy.identity.second_step import session_of
from shared.web.pages import Form
from shared.web.problems import Problem
from shared.web.refusals import N_

STEP_LIVES: Final = timedelta(minutes=10)
MOST_BEGUN: Final = 1000
LENGTH, REPEATED, KNOWN = (
    N_("Choose a password of 12 to 128 characters."),
    N_("The two passwords are not the same."),
    N_("Choose a password that is neither the one-time one nor the account's name."),
)


@dataclass(frozen=True, slots=True)
class Renewal:
    """A sign-in that needs nothing more than another password. `by` is how the person signed in."""

    account: Account
    by: str
    session: str
    until: datetime


@dataclass(slots=True)
class Renewals:
    """`now` is machine time."""

    accounts: Accounts
    now: Callable[[], datetime]
    _begun: dict[str, Renewal] = field(default_factory=dict)

    def begin(self, account: Account, asked: Mapping[str, str], by: str) -> str:
        """The ticket of the page that asks for it. Raises `Problem` 503 while too many are on their way."""
        now, ticket = self.now(), secrets.token_urlsafe(32)
        self._begun = {key: begun for key, begun in self._begun.items() if begun.until > now}
        if len(self._begun) >= MOST_BEGUN:
            raise Problem(503, "Not now", headers={"Retry-After": "60"})
        self._begun[ticket] = Renewal(account, by, session_of(asked), now + STEP_LIVES)
        return ticket

    def begun(self, ticket: str, asked: Mapping[str, str]) -> Renewal:
        """The sign-in of that ticket. Raises `Problem` 403 when it is over, or not of what the client asked."""
        found = self._begun.get(ticket)
        holds = found is not None and found.until > self.now() and found.session == session_of(asked)
        if found is None or not holds or not self.accounts.stands(found.account):
            raise Problem(403, "The sign-in did not succeed", code="SIGN_IN")
        return found

    async def fault(self, renewal: Renewal, form: Form) -> str | None:
        """Why the password that was chosen is none; a text of the page."""
        chosen = form.get("password", "")
        if not SHORTEST <= len(chosen) <= LONGEST:
            return LENGTH
        if chosen != form.get("again", ""):
            return REPEATED
        if chosen == renewal.account.id or await self.accounts.holds(renewal.account.password, chosen):
            return KNOWN
        return None

    async def done(self, ticket: str, renewal: Renewal, form: Form, where: str) -> Account:
        """The account with its new password. Raises `Problem` 403 when somebody was there first."""
        password = await self.accounts.hashed(form["password"])
        held = self._begun.pop(ticket, None) is not None
        if not (held and self.accounts.renewed(renewal.account, password, where)):
            raise Problem(403, "The sign-in did not succeed", code="SIGN_IN")
        return renewal.account.with_password(password)
