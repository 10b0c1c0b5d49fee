"""Key files of an installation with a sandbox: what it shares with the services, and the officers' accounts.

In the key folder: `gateway.key`, `production.key` (call-backs), `portal.token`, `identity.key`, `officers.json` and the
allow-list `offices.json`. Below it in `authority/`, for the sandbox only: `authority.seed`, and `officers.json` with
the officers' own tokens.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from random import Random

from deploy.sandbox.authority import Authority, Signatory
from deploy.sandbox.people import REGIONS, iin_of
from deploy.sandbox.records import shared_home
from shared.law.address import address_index
from shared.law.person import Address
from shared.law.registration_points import points_of
from shared.security import keyring

CALL_BACK_KEYS = ("gateway.key", "production.key")
PORTAL_TOKEN = "portal.token"
SIGNER_KEY = "identity.key"
OFFICERS, OFFICES = "officers.json", "offices.json"
AUTHORITY = "authority"
AT_HOME = f"{REGIONS[0]}-inspector-2"
"""The officer at whose address a citizen of the sandbox lives."""


@dataclass(frozen=True, slots=True)
class OfficerAccount:
    """An officer with their token. The key to sign with is made by the authority from `iin` and `bin`."""

    id: str
    iin: str = field(repr=False)
    bin: str
    region: str
    point: str | None
    roles: tuple[str, ...]
    token: str = field(repr=False)
    home: Address | None = field(default=None, repr=False)

    @property
    def bearer(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    def signatory(self, authority: Authority) -> Signatory:
        return authority.officer(self.iin, self.bin)


def officers(seed: bytes) -> tuple[OfficerAccount, ...]:
    """The same for the same seed: two inspectors and a head a region, one issue officer a point, and the watch."""
    found = []
    for region in REGIONS:
        for name, roles in (("inspector-1", ("inspector",)), ("inspector-2", ("inspector",)), ("head", ("head",))):
            found.append(_account(seed, f"{region}-{name}", region, None, roles))
        found += [_account(seed, f"{each.code}-issue", region, each.code, ("issue",)) for each in points_of(region)]
    found.append(_account(seed, "operations-1", REGIONS[0], None, ("operations",)))
    found.append(_account(seed, "auditor-1", REGIONS[0], None, ("auditor",)))
    found.append(_account(seed, "administrator-1", REGIONS[0], None, ("administrator",)))
    return tuple(found)


def write(folder: Path) -> tuple[OfficerAccount, ...]:
    """Make the files that are not there yet; the officers whom they name. Every process may call it at any time."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name in (*CALL_BACK_KEYS, PORTAL_TOKEN, SIGNER_KEY):
        keep_first(folder / name, secrets.token_hex(32))
    inner = folder / AUTHORITY
    inner.mkdir(mode=0o700, exist_ok=True)
    accounts = officers(authority_seed(inner))
    keep_first(folder / OFFICES, json.dumps({region: [_bin_of(region)] for region in REGIONS}))
    if not (folder / OFFICERS).exists():
        keep_first(folder / OFFICERS, json.dumps(_known(folder, accounts), indent=1))
    keep_first(inner / OFFICERS, json.dumps([_row(account) for account in accounts], indent=1))
    return accounts


def authority_seed(inner: Path) -> bytes:
    """The seed that `Authority.kept_in` keeps in this folder; made when it is not there yet."""
    path = inner / "authority.seed"
    keep_first(path, secrets.token_bytes(32))
    return path.read_bytes()


def _account(seed: bytes, id: str, region: str, point: str | None, roles: tuple[str, ...]) -> OfficerAccount:
    chance = Random(f"officer {id}")
    born = date(1975 + chance.randrange(20), 1 + chance.randrange(12), 1 + chance.randrange(28))
    token = hmac.new(seed, f"token {id}".encode(), hashlib.sha256).hexdigest()[:40]
    iin = iin_of(born, chance.random() < 0.5, chance)
    home = shared_home() if id == AT_HOME else None
    return OfficerAccount(id, iin, _bin_of(region), region, point, roles, token, home)


def _bin_of(region: str) -> str:
    """Of the migration service of the region."""
    return f"0001400000{region}"


def _known(folder: Path, accounts: Sequence[OfficerAccount]) -> list[dict[str, object]]:
    """What the services know: no token, and of an address what stands for it, where the key of that is made."""
    known = [{name: value for name, value in _row(each).items() if name != "token"} for each in accounts]
    if (folder / keyring.BLIND_INDEX).exists():
        blind = keyring.load(folder).blind_index
        for account, row in zip(accounts, known, strict=True):
            row["address_index"] = address_index(account.home, blind)
    return known


def _row(account: OfficerAccount) -> dict[str, object]:
    return {
        "id": account.id,
        "iin": account.iin,
        "bin": account.bin,
        "region": account.region,
        "point": account.point,
        "roles": list(account.roles),
        "token_sha256": hashlib.sha256(account.token.encode()).hexdigest(),
        "token": account.token,
    }


def keep_first(path: Path, content: str | bytes) -> None:
    """Whole or not at all, readable by the owner only; whoever comes first is kept."""
    if path.exists():
        return
    draft = path.with_name(f".{path.name}.{secrets.token_hex(6)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content if isinstance(content, bytes) else content.encode())
        os.link(draft, path)
    except FileExistsError:
        return
    finally:
        draft.unlink()
