"""What the issuer is told by its environment."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from pydantic_settings import BaseSettings, SettingsConfigDict

ADMINISTRATION: Final = "/accounts"
"""Where the administrator's pages begin."""


class IdentitySettings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="KUALIK_", env_ignore_empty=True, extra="ignore", frozen=True)

    http_host: str = "127.0.0.1"
    http_port: int = 0
    key_folder: Path = Path(".local/keys")
    issuer_url: str
    """Its own address, as browsers and services reach it."""
    issuer_client: str = "kualik-console"
    issuer_returns: str = ""
    """The addresses to which it may send people back, separated by spaces."""

    second_step: bool = True
    """Whether a password is followed by a signature with the officer's key."""
    ncalayer_url: str = "wss://127.0.0.1:13579"
    """Where NCALayer listens on the computer of an officer who has no software key here."""
    trust_folder: Path = Path(".local/trust")
    """Certificates of the authorities whose keys sign in, with their lists of revoked ones."""

    @property
    def returns(self) -> tuple[str, ...]:
        """Those, and its own administrator's."""
        return (*self.issuer_returns.split(), f"{self.issuer_url}{ADMINISTRATION}/signed-in")
