"""The register of accounts: one SQLite file in the issuer's own folder, where each change stands in one commit with its
audit row. The rows of the audit trail are chained as the services' are, and may only be added.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, TypeVar

from deploy.identity.account import Account
from shared.engine.audit import GENESIS, link, verify
from shared.engine.service import Audited
from shared.web.forgeries import house_of

FILE: Final = "accounts.db"
HOUSE: Final = house_of("identity")
_SCHEMA: Final = """
create table if not exists account (id text primary key, body text not null) strict;
create table if not exists audit (
    seq integer primary key, at text not null, who text not null, "where" text not null, what text not null,
    result text not null, prev blob not null, hash blob not null
) strict;
create table if not exists head (seq integer not null, hash blob not null) strict;
create trigger if not exists audit_stands before update on audit begin select raise(abort, 'only added'); end;
create trigger if not exists audit_stays before delete on audit begin select raise(abort, 'only added'); end;
"""
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Past:
    """A row of the audit trail."""

    seq: int
    at: datetime
    who: str
    where: str
    what: str
    result: str


@dataclass(frozen=True, slots=True)
class Change:
    """Accounts as they are to stand, and what is put on record with them."""

    accounts: Sequence[Account] = ()
    acts: Sequence[Audited] = ()


class Register:
    """Each question opens the file anew: nothing is held while nobody asks, and other processes may ask beside us."""

    def __init__(self, folder: Path) -> None:
        """Raises `OSError` or `sqlite3.Error` where the folder cannot be written."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._path = folder / FILE
        os.close(os.open(self._path, os.O_CREAT | os.O_RDWR, 0o600))
        with closing(self._connected()) as connection:
            connection.executescript(_SCHEMA)

    def add_missing(self, accounts: Iterable[Account]) -> None:
        """Those whose id is not there yet; what stands here is never changed by it."""
        rows = [(account.id, account.model_dump_json()) for account in accounts]
        with self._begun() as connection:
            connection.executemany("insert or ignore into account (id, body) values (?, ?)", rows)

    def all(self) -> dict[str, Account]:
        """By id, in the order of ids."""
        with closing(self._connected()) as connection:
            return _accounts(connection)

    def change(self, now: datetime, decide: Callable[[Mapping[str, Account]], tuple[Change, T]]) -> T:
        """What is decided of the accounts as they stand, and its record: both, or neither."""
        with self._begun() as connection:
            change, reply = decide(_accounts(connection))
            for account in change.accounts:
                connection.execute("replace into account values (?, ?)", (account.id, account.model_dump_json()))
            for act in change.acts:
                _append(connection, act, now)
            return reply

    def past(self, before: int | None, most: int, id: str = "") -> list[Past]:
        """The newest rows first; `before` that one, and by or of that account alone if one is named."""
        statement = """select seq, at, who, "where", what, result from audit
            where (:before is null or seq < :before)
              and (:id = '' or who = 'officer:' || :id or substr(what, -length(:id) - 1) = ' ' || :id)
            order by seq desc limit :most"""
        with closing(self._connected()) as connection:
            found = connection.execute(statement, {"before": before, "most": most, "id": id}).fetchall()
        return [Past(seq, datetime.fromisoformat(at), *rest) for seq, at, *rest in found]

    def broken(self) -> int | None:
        """The number of the first row that is altered, missing or out of place; None while the chain is whole."""
        with closing(self._connected()) as connection:
            connection.execute("begin")
            head = connection.execute("select hash from head").fetchone()
            rows = connection.execute("select * from audit order by seq")
            names = [column[0] for column in rows.description]
            return verify((_row(dict(zip(names, row, strict=True))) for row in rows), head=head[0] if head else GENESIS)

    @contextmanager
    def _begun(self) -> Iterator[sqlite3.Connection]:
        """One transaction; whoever writes beside us waits."""
        with closing(self._connected()) as connection:
            connection.execute("begin immediate")
            try:
                yield connection
            except BaseException:
                connection.execute("rollback")
                raise
            connection.execute("commit")

    def _connected(self) -> sqlite3.Connection:
        return sqlite3.connect(self._path, timeout=5.0, isolation_level=None)


def _accounts(connection: sqlite3.Connection) -> dict[str, Account]:
    rows = connection.execute("select id, body from account order by id")
    return {id: Account.model_validate_json(body) for id, body in rows}


def _append(connection: sqlite3.Connection, act: Audited, now: datetime) -> None:
    seq, prev = connection.execute("select seq, hash from head").fetchone() or (0, GENESIS)
    at, row = now.astimezone(UTC), asdict(act)
    hash = link(Audited, row, seq + 1, at, prev)
    written = (seq + 1, at.isoformat(), act.who, act.where, act.what, act.result, prev, hash)
    connection.execute("insert into audit values (?, ?, ?, ?, ?, ?, ?, ?)", written)
    connection.execute("delete from head")
    connection.execute("insert into head values (?, ?)", (seq + 1, hash))


def _row(row: dict[str, Any]) -> dict[str, Any]:
    return {**row, "at": datetime.fromisoformat(row["at"]), "application_id": HOUSE}


def act_of(who: str, where: str, what: str, result: str) -> Audited:
    """A row of the issuer's own audit trail."""
    return Audited(HOUSE, who, where, what, result)
