"""Officers and what they may do: the accounts in `officers.json`, known by the SHA-256 of their bearer tokens."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Callable, Collection
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from starlette.requests import Request

from shared.web.problems import Problem, forbidden, unauthorized
from shared.web.signed import bearer

OFFICERS: Final = "officers.json"
OFFICES: Final = "offices.json"
"""Which organisations decide in which region: `{"71": ["000140000071"]}`. The allow-list of p.11."""


class Role(StrEnum):
    INSPECTOR = "inspector"
    HEAD = "head"
    ISSUE = "issue"
    OPERATIONS = "operations"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"


class Account(BaseModel):
    """An officer as the installation knows them. Region and point come from here, never from a call."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    id: str = Field(max_length=64, pattern=r"^[A-Za-z0-9._-]+$")
    iin: str = Field(repr=False)
    bin: str
    region: str
    point: str | None = None
    roles: frozenset[Role]
    token_sha256: str = Field(repr=False, pattern=r"^[0-9a-f]{64}$")
    software_key: bool = True
    """Whether the sandbox signs for them, where there is one; who has no such key signs by NCALayer."""
    active: bool = True
    """An account that is not is known to nobody: neither its sessions nor its token open anything."""
    sessions_from: datetime | None = None
    """Sessions that began before this moment (machine time) are over."""
    address_index: str | None = Field(None, repr=False, pattern=r"^[0-9a-f]{32}$")
    """The blind index of the address at which they are registered (`deploy.identity.address`); never the address."""

    @property
    def who(self) -> str:
        """As it stands in the audit trail."""
        return f"officer:{self.id}"

    def bears(self, region: str, started_at: datetime) -> bool:
        """Whether a session that began then, for that region, is still this account's."""
        return region == self.region and (self.sessions_from is None or started_at > self.sessions_from)


_ACCOUNTS: TypeAdapter[tuple[Account, ...]] = TypeAdapter(tuple[Account, ...])
_OFFICES: TypeAdapter[dict[str, frozenset[str]]] = TypeAdapter(dict[str, frozenset[str]])


class Officers:
    """The accounts in a key folder; the file is read anew when it has changed."""

    def __init__(self, key_folder: Path) -> None:
        self._path, self._offices = key_folder / OFFICERS, key_folder / OFFICES
        self._read: tuple[int, ...] = ()
        self._accounts: tuple[Account, ...] = ()

    def all(self) -> tuple[Account, ...]:
        """Those that are active. Raises `Problem` 503 as `every` does: nobody is known then."""
        return tuple(account for account in self.every() if account.active)

    def every(self) -> tuple[Account, ...]:
        """The closed ones, too. Raises `Problem` 503 while the file is missing or does not read."""
        try:
            stat = self._path.stat()
            version = (stat.st_ino, stat.st_mtime_ns, stat.st_size)
            if version != self._read:
                self._accounts = _ACCOUNTS.validate_json(self._path.read_bytes())
                self._read = version
        except (OSError, ValidationError):
            raise Problem(503, "Not now", "The officers' accounts cannot be read.") from None
        return self._accounts

    def bins_of(self, officer: Account) -> frozenset[str]:
        """The BIN that may stand in the officer's certificate: their own, if it is in the allow-list of their region.

        Raises `Problem` 503 while there is no allow-list: then nobody may sign.
        """
        return self.offices().get(officer.region, frozenset()) & {officer.bin}

    def offices(self) -> dict[str, frozenset[str]]:
        """The allow-list: BINs by region. Raises `Problem` 503 while there is none."""
        try:
            return _OFFICES.validate_json(self._offices.read_bytes())
        except (OSError, ValidationError):
            raise Problem(503, "Not now", "The list of offices cannot be read.") from None

    def named(self, id: str) -> Account | None:
        """The account with that id."""
        return next((account for account in self.all() if account.id == id), None)

    def identify(self, token: str) -> Account | None:
        """Whose token it is. Every account is compared, in constant time."""
        digest = hashlib.sha256(token.encode()).hexdigest()
        found: Account | None = None
        for account in self.all():
            if hmac.compare_digest(account.token_sha256, digest):
                found = account
        return found

    def allow(self, *roles: Role) -> Callable[[Request], None]:
        """A judge for `Endpoint.allows`: a known officer with one of the roles; `officer_of` then tells who."""

        def allow(request: Request) -> None:
            self._admit(request, bearer(request), roles)

        return allow

    def greet(self, *roles: Role) -> Callable[[Request], None]:
        """The same for pages: a browser asks its user for id and token (HTTP Basic). What changes anything needs a
        proof besides that the form is ours, for a browser sends these with whatever makes it call.
        """

        def greet(request: Request) -> None:
            try:
                self._admit(request, _password(request), roles)
            except Problem as problem:
                if problem.status == 401:
                    problem.headers["WWW-Authenticate"] = 'Basic realm="operations", charset="UTF-8"'
                raise

        return greet

    def _admit(self, request: Request, token: str, roles: Collection[Role]) -> None:
        account = self.identify(token)
        if account is None:
            raise unauthorized("This token is not known.")
        if not account.roles & set(roles):
            raise forbidden("Your roles do not allow this.", "ROLE")
        request.state.officer = account


def _password(request: Request) -> str:
    """The token in Basic credentials, or a bearer token. Raises `Problem` 401."""
    scheme, _, coded = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return bearer(request)
    try:
        return base64.b64decode(coded, validate=True).decode().partition(":")[2]
    except (binascii.Error, ValueError):
        raise unauthorized("These credentials do not read.") from None


def officer_of(request: Request) -> Account:
    """The officer whom `Officers.allow` has let in."""
    account: Account = request.state.officer
    return account
