"""An account of the issuer as it stands: who may sign in, with what, and what an administrator has said of it. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from pydantic import BaseModel, ConfigDict, Field

FAILURES: Final = 5
"""So many in a row lock an account for `REST`."""
REST: Final = timedelta(minutes=15)


class State(StrEnum):
    ACTIVE = "active"
    LOCKED = "locked"
    """By an administrator, until one unlocks it; or for `REST` after failures."""
    DISABLED = "disabled"


class Made(BaseModel):
    """What `officers.json` has of an officer whose account was made by an administrator."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    iin: str = Field(repr=False)
    bin: str
    point: str | None
    software_key: bool
    token_sha256: str = Field(repr=False)


class Account(BaseModel):
    """Who may sign in. `id` is the officer's in `officers.json`. Moments are machine time."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    id: str
    region: str
    roles: frozenset[str]
    password: str = Field(repr=False)
    """Argon2id."""
    state: State = State.ACTIVE
    failed_at: tuple[datetime, ...] = ()
    """Failures since the last sign-in."""
    one_time_until: datetime | None = None
    """Until then the password serves once: to choose another one."""
    last_sign_in: datetime | None = None
    sessions_from: datetime | None = None
    """Sessions that began before are over."""
    ruled: bool = False
    """Whether an administrator has said what its roles are; else `officers.json` says it."""
    own_password: bool = True
    """Whether the password is another one than the account came with."""
    made: Made | None = None

    def rests(self, now: datetime) -> bool:
        """Whether the last failures lie so close that the account is locked by itself."""
        return sum(now - at < REST for at in self.failed_at) >= FAILURES

    def state_at(self, now: datetime) -> State:
        return State.LOCKED if self.state is State.ACTIVE and self.rests(now) else self.state

    def may_enter(self, now: datetime) -> bool:
        """Whether its right password opens anything."""
        late = self.one_time_until is not None and self.one_time_until <= now
        return self.state_at(now) is State.ACTIVE and not late

    def follows(self, earlier: Account) -> bool:
        """Whether a sign-in that began when it was `earlier` may still come to its end: nothing has cut it off."""
        return (self.password, self.sessions_from) == (earlier.password, earlier.sessions_from)

    def having_failed(self, now: datetime) -> Account:
        kept = tuple(at for at in self.failed_at if now - at < REST)
        return self.model_copy(update={"failed_at": (*kept, now)})

    def having_entered(self, now: datetime) -> Account:
        """What failed before is forgiven."""
        return self.model_copy(update={"failed_at": (), "last_sign_in": now})

    def with_password(self, password: str) -> Account:
        """Its owner has chosen another one; `password` is Argon2id."""
        return self.model_copy(update={"password": password, "one_time_until": None, "own_password": True})
