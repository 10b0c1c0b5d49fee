"""What the services read of the accounts: `officers.json` follows the register, after each change and at each start."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from deploy.identity.account import Account, State
from deploy.identity.accounts import DEMONSTRATION, FOLDER, demonstration
from shared.web.officers import OFFICERS


def publish(key_folder: Path, accounts: Iterable[Account]) -> None:
    """Who is closed is known to nobody, from the next look of each service on; what already stands so is not written.

    Raises `OSError` where the folder cannot be written: the register stands, and the next start does it.
    """
    known = [*accounts]
    path = key_folder / OFFICERS
    rows: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else []
    told = _told(rows, known)
    if told != rows:
        write_whole(path, json.dumps(told, indent=1))
    words = demonstration(key_folder)
    printed = {id: word for id, word in words.items() if not any(a.id == id and a.own_password for a in known)}
    if printed != words:
        write_whole(key_folder / FOLDER / DEMONSTRATION, json.dumps(printed, indent=1))


def _told(rows: list[dict[str, Any]], accounts: list[Account]) -> list[dict[str, Any]]:
    by_id = {row["id"]: row for row in rows}
    for account in accounts:
        row = by_id.get(account.id)
        if row is None and account.made is not None:
            row = {"id": account.id, "region": account.region, **account.made.model_dump()}
        if row is not None:
            by_id[account.id] = {**row, **_of(account)}
    return [*by_id.values()]


def _of(account: Account) -> dict[str, Any]:
    """What the register says of an officer; nothing of an account that nobody has touched."""
    said: dict[str, Any] = {}
    if account.ruled:
        said["roles"] = sorted(account.roles)
    if account.sessions_from is not None or account.state is not State.ACTIVE:
        said["active"] = account.state is State.ACTIVE
    if account.sessions_from is not None:
        said["sessions_from"] = account.sessions_from.isoformat()
    return said


def write_whole(path: Path, content: str) -> None:
    """Put in the place of the old one at once, for its owner alone."""
    fresh = path.with_name(f".{path.name}.new")
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
