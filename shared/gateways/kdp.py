"""Who asks КДП, and the token by which it knows them: `ovt`, a JWT by RS256 of the company's AUTH key."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from shared.hosting import Desk
from shared.security import jws
from shared.security.xmldsig import Now, SigningKey

OWN_KEY: Final = "kdp.pem"
"""In the key folder: the company's RSA key for authentication, with its certificate."""

LIFETIME, EARLY = timedelta(hours=1), timedelta(minutes=5)
"""How long a token is good, and how long before its end it is made anew."""

MCHECK: Final = "Ds"
"""How the person was established when consent is asked: the portal let them in by digital signature."""


@dataclass(frozen=True, slots=True)
class Company:
    """As КДП names it to the citizen. `ovt` gives the token of now; it is a secret."""

    name: str
    bin: str
    employee: str
    ovt: Callable[[], str] = field(repr=False)


@dataclass(slots=True)
class Ovt:
    """The token, signed once for as long as it is good; `now` is machine time."""

    key: SigningKey = field(repr=False)
    bin: str
    now: Now
    _token: str = field(default="", repr=False)
    _until: datetime | None = None

    def __call__(self) -> str:
        now = self.now()
        if self._until is None or now >= self._until - EARLY:
            self._until = now + LIFETIME
            claims = {"cbin": self.bin, "mcheck": MCHECK, "iat": int(now.timestamp())}
            self._token = jws.signed(self.key, claims | {"exp": int(self._until.timestamp())})
        return self._token


def company_of(desk: Desk) -> Company:
    """Raises `KeysUnusable`."""
    settings = desk.settings
    ovt = Ovt(SigningKey.load(settings.key_folder / OWN_KEY), settings.company_bin, desk.clock.machine_now)
    return Company(settings.company, settings.company_bin, settings.company_employee, ovt)
