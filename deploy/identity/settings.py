"""What the issuer is told by its environment."""

from __future__ import annotations

from pathlib import Path

from pydantic_settings import BaseSettings, SettingsConfigDict


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

    @property
    def returns(self) -> tuple[str, ...]:
        return tuple(self.issuer_returns.split())
