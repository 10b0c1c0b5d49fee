"""What КДП, БМГ and Digital-ID answer, as values."""

from __future__ import annotations

from dataclasses import dataclass

from services.identity_verification.state import ACCESS_NAMES
from shared.contracts.identity_verification import ConsentToken


@dataclass(frozen=True, slots=True)
class Consent:
    """What КДП says: UNKNOWN, PENDING, VALID, DENIED or EXPIRED; with VALID a token for each access name."""

    status: str
    tokens: tuple[ConsentToken, ...] = ()

    @property
    def granted(self) -> bool:
        """Nothing is asked without its token: a grant that lacks one is no grant."""
        return self.status == "VALID" and {token.access_name for token in self.tokens} >= set(ACCESS_NAMES)


EXPIRED = Consent("EXPIRED")


@dataclass(frozen=True, slots=True)
class NotTaken:
    """ГБД ФЛ or БМГ works, and does not take the token that КДП gave us: why, in its own word."""

    dependency: str
    code: str


@dataclass(frozen=True, slots=True)
class Phone:
    found: bool
    matches: bool


@dataclass(frozen=True, slots=True)
class Session:
    """A session of Digital-ID: its page, and PROGRESS, PASSED, FAILED or EXPIRED; with the end its scores (0–100) and
    why it failed. Never an image or a template.
    """

    session_id: str
    url: str = ""
    status: str = "PROGRESS"
    liveness: int | None = None
    likeness: int | None = None
    reasons: tuple[str, ...] = ()

    @property
    def told(self) -> str:
        """For the audit trail."""
        return f"liveness {self.liveness}, likeness {self.likeness}{''.join(f', {each[:64]}' for each in self.reasons)}"
