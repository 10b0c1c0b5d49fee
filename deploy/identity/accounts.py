"""Local accounts: made on the first start with passwords by chance, kept as argon2id; too many failures lock one."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from deploy.sandbox.keys import OfficerAccount, keep_first

FOLDER: Final = "identity"
ACCOUNTS, DEMONSTRATION, FAILED = "accounts.json", "demonstration.json", "failed.json"
FAILURES: Final = 5
"""So many in a row lock an account for `REST`."""
REST: Final = timedelta(minutes=15)
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
_HASHER = PasswordHasher()


class Account(BaseModel):
    """Who may sign in. `id` is the officer's in `officers.json`."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    id: str
    region: str
    roles: frozenset[str]
    password: str = Field(repr=False)
    """Argon2id."""


_FAILED: TypeAdapter[dict[str, list[datetime]]] = TypeAdapter(dict[str, list[datetime]])
_LIST: TypeAdapter[tuple[Account, ...]] = TypeAdapter(tuple[Account, ...])


def generate(key_folder: Path, officers: Iterable[OfficerAccount], hasher: PasswordHasher = _HASHER) -> dict[str, str]:
    """Accounts for these officers, unless there are some; the demonstration's passwords by account."""
    folder = key_folder / FOLDER
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not (folder / ACCOUNTS).exists():
        known = [*officers]
        keep_first(folder / DEMONSTRATION, json.dumps({each.id: _password() for each in known}, indent=1))
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


def _password() -> str:
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(3))


@dataclass(slots=True)
class Accounts:
    """Checks passwords. Who is unknown or locked is told what a wrong password is told, and as slowly.

    Failures of known accounts are kept in a file, so that a restart opens no lock; not where the folder is read-only.
    """

    folder: Path
    now: Callable[[], datetime]
    _failed: dict[str, list[datetime]] = field(default_factory=dict)
    _at_once: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(2))
    _dummy: str = field(default_factory=lambda: _HASHER.hash(secrets.token_hex(16)))

    def __post_init__(self) -> None:
        with suppress(FileNotFoundError, ValidationError):
            self._failed = _FAILED.validate_json((self.folder / FAILED).read_bytes())

    async def check(self, id: str, password: str) -> Account | None:
        """Whose password it is. The failures of an account count until it has signed in (`succeeded`)."""
        account = next((each for each in self._all() if each.id == id), None)
        locked = self.locked(id)
        async with self._at_once:
            holds = await asyncio.to_thread(_verified, account.password if account else self._dummy, password)
        if account is None or locked or not holds:
            if account is not None and not locked:
                self.failed(id)
            return None
        return account

    def failed(self, id: str) -> None:
        """A password or a signature of a known account was not its own."""
        self._failed.setdefault(id, []).append(self.now())
        self._keep()

    def succeeded(self, id: str) -> None:
        """The account has signed in: what failed before is forgiven."""
        if self._failed.pop(id, None) is not None:
            self._keep()

    def locked(self, id: str) -> bool:
        """Whether the last failures lie so close that the account rests."""
        lately = [at for at in self._failed.get(id, ()) if self.now() - at < REST]
        if id in self._failed:
            self._failed[id] = lately
        return len(lately) >= FAILURES

    def _keep(self) -> None:
        """Written whole beside the old one and put in its place."""
        fresh = self.folder / f"{FAILED}.new"
        with suppress(OSError):
            fresh.touch(mode=0o600)
            fresh.write_bytes(_FAILED.dump_json(self._failed))
            fresh.replace(self.folder / FAILED)

    def _all(self) -> tuple[Account, ...]:
        return _LIST.validate_json((self.folder / ACCOUNTS).read_bytes())


def _verified(kept: str, password: str) -> bool:
    try:
        return _HASHER.verify(kept, password)
    except (VerificationError, InvalidHashError):
        return False
