"""Codes and what they are exchanged for: one code for one sign-in, once and within a minute."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from deploy.identity.account import Account
from shared.web.oidc import BY_KEY, challenge
from shared.web.problems import Problem

CODE_LIVES: Final = timedelta(seconds=60)
TOKEN_LIVES: Final = timedelta(minutes=5)
MOST_CODES: Final = 1000


@dataclass(frozen=True, slots=True)
class Grant:
    """What a code stands for until it is exchanged, once."""

    account: Account
    by: str
    back: str
    challenge: str
    nonce: str
    until: datetime


@dataclass(slots=True)
class Grants:
    """`now` is machine time."""

    issuer: str
    client: str
    now: Callable[[], datetime]
    _kept: dict[str, Grant] = field(default_factory=dict)

    def code(self, account: Account, asked: Mapping[str, str], by: str) -> str:
        """For who signed in so. Raises `Problem` 503 while too many are on their way."""
        code, now = secrets.token_urlsafe(32), self.now()
        self._kept = {key: grant for key, grant in self._kept.items() if grant.until > now}
        if len(self._kept) >= MOST_CODES:
            raise Problem(503, "Not now", headers={"Retry-After": "60"})
        back, nonce = asked["redirect_uri"], asked["nonce"]
        self._kept[code] = Grant(account, by, back, asked["code_challenge"], nonce, now + CODE_LIVES)
        return code

    def taken(self, form: Mapping[str, str]) -> Grant | None:
        """What the client's form asks for with its code, which is spent by it whether it holds or not."""
        grant = self._kept.pop(form.get("code", ""), None)
        holds = (
            grant is not None
            and grant.until > self.now()
            and form.get("grant_type") == "authorization_code"
            and form.get("client_id") == self.client
            and form.get("redirect_uri") == grant.back
            and hmac.compare_digest(challenge(form.get("code_verifier", "")).encode(), grant.challenge.encode())
        )
        return grant if holds else None

    def claims(self, grant: Grant) -> dict[str, Any]:
        """Of the ID token."""
        now = self.now()
        return {
            "iss": self.issuer,
            "sub": grant.account.id,
            "aud": self.client,
            "iat": int(now.timestamp()),
            "exp": int((now + TOKEN_LIVES).timestamp()),
            "nonce": grant.nonce,
            "preferred_username": grant.account.id,
            "region": grant.account.region,
            "roles": sorted(grant.account.roles),
            "acr": grant.by,
            "amr": ["pwd", "swk", "mfa"] if grant.by == BY_KEY else ["pwd"],
        }
