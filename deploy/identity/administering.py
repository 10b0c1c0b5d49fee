"""What an administrator may do with accounts, and what becomes of them. Pure.

Nobody changes their own account: so whoever does anything is an administrator who is left, and the last one stays.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from deploy.identity.account import Account, Made, State
from deploy.identity.register import Change, act_of
from shared.web.officers import Role

ONE_TIME_LIVES: Final = timedelta(days=3)


class Act(StrEnum):
    MAKE = "make-account"
    LOCK = "lock-account"
    UNLOCK = "unlock-account"
    DISABLE = "disable-account"
    ENABLE = "enable-account"
    SIGN_OUT = "sign-out-account"
    RESET = "reset-password"
    ROLES = "change-roles"


class Code(StrEnum):
    """Why an act is refused."""

    UNKNOWN_ACCOUNT = "UNKNOWN_ACCOUNT"
    OWN_ACCOUNT = "OWN_ACCOUNT"
    NOT_ADMINISTRATOR = "ROLE"
    ACCOUNT_EXISTS = "ACCOUNT_EXISTS"
    STANDS_OTHERWISE = "STANDS_OTHERWISE"


POSSIBLE: Final[Mapping[State, tuple[Act, ...]]] = {
    State.ACTIVE: (Act.LOCK, Act.DISABLE, Act.SIGN_OUT, Act.RESET, Act.ROLES),
    State.LOCKED: (Act.UNLOCK, Act.DISABLE, Act.SIGN_OUT, Act.RESET, Act.ROLES),
    State.DISABLED: (Act.ENABLE, Act.ROLES),
}
"""What makes sense in which state."""


def refusal(accounts: Mapping[str, Account], actor: str, id: str, act: Act, now: datetime) -> Code | None:
    """Why this administrator may not do that to that account."""
    account, doer = accounts.get(id), accounts.get(actor)
    if doer is None or doer.state is not State.ACTIVE or Role.ADMINISTRATOR not in doer.roles:
        return Code.NOT_ADMINISTRATOR
    if act is Act.MAKE:
        return Code.ACCOUNT_EXISTS if account else None
    if account is None:
        return Code.UNKNOWN_ACCOUNT
    if id == actor:
        return Code.OWN_ACCOUNT
    if act not in POSSIBLE[account.state_at(now)]:
        return Code.STANDS_OTHERWISE
    return None


def done(
    account: Account, act: Act, now: datetime, roles: Collection[str] = (), password: str | None = None
) -> Account:
    """The account after it. Whatever closes it, or changes what it may, ends its sessions."""
    changes: dict[Act, dict[str, object]] = {
        Act.LOCK: {"state": State.LOCKED, "sessions_from": now},
        Act.UNLOCK: {"state": State.ACTIVE, "failed_at": ()},
        Act.DISABLE: {"state": State.DISABLED, "sessions_from": now},
        Act.ENABLE: {"state": State.ACTIVE, "failed_at": ()},
        Act.SIGN_OUT: {"sessions_from": now},
        Act.ROLES: {"roles": frozenset(roles), "ruled": True, "sessions_from": now},
        Act.RESET: {
            "password": password, "one_time_until": now + ONE_TIME_LIVES, "own_password": True, "failed_at": (),
            "sessions_from": now,
        },
    }  # fmt: skip
    return account.model_copy(update=changes[act])


def made(id: str, region: str, roles: Collection[str], password: str, officer: Made | None, now: datetime) -> Account:
    """A new account, whose password serves once. `officer` is nothing where `officers.json` has them already."""
    return Account(
        id=id, region=region, roles=frozenset(roles), password=password, one_time_until=now + ONE_TIME_LIVES,
        ruled=True, made=officer,
    )  # fmt: skip


def changed(account: Account, actor: str, where: str, act: Act) -> Change:
    """The account as it is to stand, with who did what to it."""
    told = f"{act.value} {account.id}"
    roles = f" {'+'.join(sorted(account.roles))}" if act in (Act.ROLES, Act.MAKE) else ""
    return Change([account], [act_of(f"officer:{actor}", where, told, f"done{roles}")])


def refused(actor: str, where: str, act: Act, id: str, result: str) -> Change:
    return Change(acts=[act_of(f"officer:{actor}", where, f"{act.value} {id}", result)])
