"""What the sandbox's two processes are told by their environment, or by files as the services are."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from shared.settings import SECRETS


class SandboxSettings(BaseSettings):
    """Addresses of the services that the sandbox calls; without one, what would go there waits."""

    model_config = SettingsConfigDict(env_prefix="KUALIK_", env_ignore_empty=True, extra="ignore", frozen=True)

    http_host: str = "127.0.0.1"
    http_port: int = 0
    smtp_host: str = "127.0.0.1"
    smtp_port: int = 0
    """No port: no e-mail is taken."""
    key_folder: Path = Path(".local/keys")
    trust_folder: Path = Path(".local/trust")
    sandbox_seed: str = "kualik"
    clock_offset_seconds: float = 0.0
    """Business time is machine time plus this; as the row `platform.clock` says, which the sandbox cannot read."""
    sandbox_url: str = ""
    """Where citizens and services reach the state's systems: the base of every link that is given out."""
    shep_sender: str = "KUALIK"
    """The one information system that ШЭП knows."""
    shep_signer: Literal["rsa", "ncanode"] = "rsa"
    ncanode_url: str = ""
    digital_id_key: str = Field("sandbox", repr=False)
    amqp_url: str = Field("", repr=False)
    workstation_urls: dict[str, str] = Field(default_factory=dict, repr=False)
    """Region → where its workstation enters the broker."""
    intake_url: str = ""
    payment_url: str = ""
    ums_review_url: str = ""
    production_dispatch_url: str = ""
    left_to_people: str = ""
    """A region whose queue the stood-in inspectors leave alone."""
    desks_left_to_people: str = ""
    """Registration points, separated by spaces, where nobody stood in checks cards in or hands them over."""

    def __init__(self, **given: Any) -> None:
        given.setdefault("_secrets_dir", os.environ.get(SECRETS) or None)
        super().__init__(**given)
