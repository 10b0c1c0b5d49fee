"""The second step of a sign-in: after the password the officer's ЭЦП, over a challenge made for that sign-in alone."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from deploy.identity.account import Account
from shared.security.canonical import CanonicalSignIn
from shared.security.cms import SignatureFault
from shared.security.eds import Officer, SignatureVerifier
from shared.web.officer_keys import OfficerKeys, moment_of, verified
from shared.web.officers import Officers
from shared.web.pages import Form
from shared.web.problems import Problem

STEP_LIVES: Final = timedelta(minutes=5)
"""So long after the password a signature is taken."""
MOST_BEGUN: Final = 1000


@dataclass(slots=True)
class Begun:
    """A sign-in whose password was right. `text` is what is to be signed: the newest challenge, until it is used."""

    account: Account
    session: str
    until: datetime
    text: CanonicalSignIn | None = None


@dataclass(slots=True)
class SecondStep:
    """`now` is machine time. The keys are the officers' of `officers.json`, as at the console."""

    issuer: str
    officers: Officers
    keys: OfficerKeys
    verifier: SignatureVerifier
    now: Callable[[], datetime]
    _begun: dict[str, Begun] = field(default_factory=dict)

    def begin(self, account: Account, asked: Mapping[str, str]) -> str:
        """The ticket of the page that asks for the signature. Raises `Problem` 503 while too many are on their way."""
        now, ticket = self.now(), secrets.token_urlsafe(32)
        self._begun = {key: begun for key, begun in self._begun.items() if begun.until > now}
        if len(self._begun) >= MOST_BEGUN:
            raise Problem(503, "Not now", headers={"Retry-After": "60"})
        self._begun[ticket] = Begun(account, session_of(asked), now + STEP_LIVES)
        return ticket

    def ncalayer(self, account: Account) -> str:
        """Where the browser asks for the signature; empty when a software key signs."""
        officer = self.officers.named(account.id)
        return self.keys.by_browser(officer) if officer else ""

    def begun(self, ticket: str, asked: Mapping[str, str]) -> Begun:
        """The sign-in of that ticket. Raises `Problem` 403 when it is over, or not of what the client asked."""
        found = self._begun.get(ticket)
        if found is None or found.until <= self.now() or found.session != session_of(asked):
            raise Problem(403, "The sign-in did not succeed", code="SIGN_IN")
        return found

    def challenge(self, begun: Begun) -> CanonicalSignIn:
        """A new text to sign; the one before serves no more."""
        begun.text = CanonicalSignIn(
            issuer=self.issuer,
            session_sha256=begun.session,
            challenge=secrets.token_hex(32),
            officer=begun.account.id,
            moment=moment_of(self.now()),
        )
        return begun.text

    async def fault(self, begun: Begun, form: Form) -> SignatureFault | None:
        """Why the signature is not this officer's over this challenge, which is used up by it.

        Raises `Problem`: 422 of no signature, 503 when it cannot be checked now.
        """
        text = begun.text if form.get("cms") else self.challenge(begun)
        begun.text = None
        officer = self.officers.named(begun.account.id)
        if officer is None:
            return SignatureFault.NOT_OFFICER
        if text is None:
            return SignatureFault.PAYLOAD_DIFFERS
        signed, expects = text.canonical(), Officer(self.officers.bins_of(officer), officer.iin)
        cms = await self.keys.cms(form, officer, signed, text.moment)
        found = await verified(self.verifier, cms, signed, self.now(), expects)
        return found if isinstance(found, SignatureFault) else None

    def end(self, ticket: str) -> None:
        self._begun.pop(ticket, None)


def session_of(asked: Mapping[str, str]) -> str:
    """Hex SHA-256 of what tells this sign-in from any other: the browser's own words to its client."""
    words = (asked[name] for name in ("client_id", "redirect_uri", "state", "nonce", "code_challenge"))
    return hashlib.sha256("\n".join(words).encode()).hexdigest()
