"""Accounts as the administrator's list shows them, and what a form says of a new one."""

from __future__ import annotations

import re
import secrets
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from deploy.identity.account import Account, Made, State
from shared.law.iin import fault_in
from shared.law.registration_points import points_of
from shared.web import officers
from shared.web.officers import Role
from shared.web.pages import Form
from shared.web.problems import unprocessable

ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{2,63}")


@dataclass(frozen=True, slots=True)
class Line:
    """`second` is the key of the second step: `software`, `own` or, when none is asked for, `off`."""

    id: str
    roles: tuple[str, ...]
    region: str
    state: State
    last_sign_in: datetime | None
    second: str
    one_time: bool


@dataclass(frozen=True, slots=True)
class Filter:
    """What of an account's is looked for; an empty word asks nothing."""

    find: str = ""
    role: str = ""
    state: str = ""
    region: str = ""
    after: str = ""

    @classmethod
    def of(cls, asked: Mapping[str, str]) -> Filter:
        return cls(**{name: asked.get(name, "").strip()[:64] for name in cls.__slots__})

    @property
    def narrows(self) -> bool:
        return bool(self.find or self.role or self.state or self.region)

    def chosen(self, every: Iterable[Line]) -> list[Line]:
        """In the order of ids, those after `after`."""
        return [
            line
            for line in sorted(every, key=lambda line: line.id)
            if self.find.lower() in line.id.lower()
            and (not self.role or self.role in line.roles)
            and self.state in ("", line.state.value)
            and self.region in ("", line.region)
            and line.id > self.after
        ]


@dataclass(frozen=True, slots=True)
class Wanted:
    """A new account; `officer` is what `officers.json` gets, nothing when it knows them already."""

    id: str
    region: str
    roles: frozenset[str]
    officer: Made | None


def lines(accounts: Iterable[Account], known: Iterable[officers.Account], now: datetime) -> list[Line]:
    """`known` are the officers whose keys are asked for; without any there is no second step."""
    keys = {officer.id: "software" if officer.software_key else "own" for officer in known}
    return [
        Line(
            account.id, tuple(sorted(account.roles)), account.region, account.state_at(now), account.last_sign_in,
            keys.get(account.id, "off"), account.one_time_until is not None,
        )
        for account in accounts
    ]  # fmt: skip


def roles_of(form: Form) -> frozenset[str]:
    """Those that are marked; a word that is no role is none."""
    return frozenset(role for role in form.all("role") if role in {each.value for each in Role})


def wanted_account(
    form: Form, known: Collection[officers.Account], offices: Mapping[str, Collection[str]], today: date
) -> Wanted:
    """Raises `Problem` 422 with everything that is missing. One person has one account, whatever its id."""
    id, iin = form.get("id", "").strip(), form.get("iin", "").strip()
    region, _, bin = form.get("office", "").partition("/")
    roles, point = roles_of(form), form.get("point", "") or None
    officer = next((each for each in known if each.id == id), None)
    holds = {
        "account_id": ID.fullmatch(id) is not None,
        "account_iin": fault_in(iin, today) is None,
        "account_iin_known": all(each.iin != iin or each.id == id for each in known),
        "account_officer": officer is None or (officer.iin, officer.region, officer.bin) == (iin, region, bin),
        "account_office": bin in offices.get(region, ()),
        "roles_missing": bool(roles),
        "account_point": point in {each.code for each in points_of(region)} if point else Role.ISSUE.value not in roles,
    }
    faults = [{"field": "account", "problem": name} for name, right in holds.items() if not right]
    if faults:
        raise unprocessable(*faults)
    nobodys = secrets.token_hex(32)  # the digest of a token that nobody holds: they have pages, and no API
    made = Made(iin=iin, bin=bin, point=point, software_key=bool(form.get("software_key")), token_sha256=nobodys)
    return Wanted(id, region, roles, None if officer else made)
