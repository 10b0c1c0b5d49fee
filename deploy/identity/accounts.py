"""Local accounts: made on the first start with passwords by chance, kept as argon2id; too many failures lock one."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from pydantic import TypeAdapter

from deploy.identity.account import Account
from deploy.identity.register import Change, Register, act_of
from deploy.sandbox.keys import OfficerAccount, keep_first
from shared.web.forgeries import Forgeries

FOLDER: Final = "identity"
ACCOUNTS, DEMONSTRATION = "accounts.json", "demonstration.json"
SIGN_IN, CHANGE_PASSWORD = "sign-in", "change-password"
SHORTEST, LONGEST = 12, 128
"""Characters of a password that somebody chooses."""
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
_HASHER = PasswordHasher()
_LIST: TypeAdapter[tuple[Account, ...]] = TypeAdapter(tuple[Account, ...])


def generate(key_folder: Path, officers: Iterable[OfficerAccount], hasher: PasswordHasher = _HASHER) -> dict[str, str]:
    """Accounts for these officers, unless there are some; the demonstration's passwords by account."""
    folder = key_folder / FOLDER
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not (folder / ACCOUNTS).exists():
        known = [*officers]
        keep_first(folder / DEMONSTRATION, json.dumps({each.id: word_by_chance() for each in known}, indent=1))
        words = demonstration(key_folder)
        rows = [{"id": o.id, "region": o.region, "roles": o.roles, "password": hasher.hash(words[o.id])} for o in known]
        keep_first(folder / ACCOUNTS, json.dumps(rows, indent=1))
    return demonstration(key_folder)


def demonstration(key_folder: Path) -> dict[str, str]:
    """The passwords that were made here; none where the accounts came from elsewhere."""
    try:
        found: dict[str, str] = json.loads((key_folder / FOLDER / DEMONSTRATION).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    return found


def word_by_chance() -> str:
    """A password that can be read out and typed."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(3))


@dataclass(slots=True)
class Accounts:
    """Checks passwords. Who is unknown, locked or disabled is told what a wrong password is told, and as slowly.

    The register is the truth; `accounts.json` adds to it, at each start, whom it does not know yet.
    """

    folder: Path
    now: Callable[[], datetime]
    register: Register = field(init=False)
    _at_once: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(2))
    _dummy: str = field(default_factory=lambda: _HASHER.hash(secrets.token_hex(16)))
    _in_vain: Forgeries = field(default_factory=Forgeries)

    def __post_init__(self) -> None:
        self.register = Register(self.folder)
        if (self.folder / ACCOUNTS).exists():
            came = _LIST.validate_json((self.folder / ACCOUNTS).read_bytes())
            self.register.add_missing(account.model_copy(update={"own_password": False}) for account in came)

    def named(self, id: str) -> Account | None:
        return self.register.all().get(id)

    async def check(self, id: str, password: str, where: str = "unknown") -> Account | None:
        """Whose password it is. The failures of an account count until it has signed in (`succeeded`)."""
        known = self.named(id)
        kept = known.password if known else self._dummy
        holds = await self.holds(kept, password)
        account = self.named(id)
        if account is None or not account.may_enter(self.now()):
            self._record_in_vain(account, where)
            return None
        if not holds or account.password != kept:
            self.failed(id, where, "WRONG_PASSWORD")
            return None
        return account

    async def holds(self, kept: str, password: str) -> bool:
        """Whether that is the password; two at once are looked at."""
        async with self._at_once:
            return await asyncio.to_thread(_verified, kept, password)

    async def hashed(self, password: str) -> str:
        async with self._at_once:
            return await asyncio.to_thread(_HASHER.hash, password)

    def failed(self, id: str, where: str, result: str) -> None:
        """A password or a signature of a known account was not its own."""
        self._change(id, lambda account: account.having_failed(self.now()), where, SIGN_IN, result)

    def succeeded(self, account: Account, where: str) -> bool:
        """The account has signed in: what failed before is forgiven. Whether it still may."""
        return self._change(account.id, lambda now: now.having_entered(self.now()), where, SIGN_IN, "done", account)

    def renewed(self, account: Account, password: str, where: str) -> bool:
        """The owner has chosen that password (argon2id) instead of the one that `account` has; whether it is so now."""
        return self._change(
            account.id, lambda found: found.with_password(password), where, CHANGE_PASSWORD, "done", account
        )

    def stands(self, account: Account) -> bool:
        """Whether a sign-in that began with the account as it was then may still come to its end."""
        found = self.named(account.id)
        return found is not None and found.may_enter(self.now()) and found.follows(account)

    def _change(
        self, id: str, to: Callable[[Account], Account], where: str, what: str, result: str,
        begun: Account | None = None,
    ) -> bool:  # fmt: skip
        """Of an account that may enter; `begun` is the account as it was when the sign-in began."""

        def decided(known: Mapping[str, Account]) -> tuple[Change, bool]:
            account = known.get(id)
            if account is None or not account.may_enter(self.now()) or not account.follows(begun or account):
                return Change(), False
            return Change([to(account)], [act_of(f"officer:{id}", where, what, result)]), True

        return self.register.change(self.now(), decided)

    def _record_in_vain(self, account: Account | None, where: str) -> None:
        """Who knocks for an account that is unknown or closed is on record once a minute for each address."""
        who = f"officer:{account.id}" if account else "unknown"
        result = account.state_at(self.now()).value.upper() if account else "NO_ACCOUNT"
        if account is not None and result == "ACTIVE":
            result = "PASSWORD_OVER"
        if self._in_vain.is_news(f"{where} {who} {result}", int(self.now().timestamp()) // 60):
            row = act_of(who, where, SIGN_IN, result)
            self.register.change(self.now(), lambda _: (Change(acts=[row]), None))


def _verified(kept: str, password: str) -> bool:
    try:
        return _HASHER.verify(kept, password)
    except (VerificationError, InvalidHashError):
        return False
