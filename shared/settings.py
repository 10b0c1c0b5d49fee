"""What differs from one installation to the next: addresses, keys' folders, limits. Nothing else is configured."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path
from typing import Any, Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

PREFIX = "KUALIK_"
SECRETS = "KUALIK_SECRETS"


class MissingSetting(Exception):
    """A setting without which this process cannot start."""


class Settings(BaseSettings):
    """Read from the environment (`KUALIK_AMQP_URL`) or from files in the folder that `KUALIK_SECRETS` names
    (`kualik_amqp_url` there); the environment wins. Addresses with passwords never show in `repr`.
    """

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_ignore_empty=True, extra="ignore", frozen=True, hide_input_in_errors=True
    )

    amqp_url: str = Field("", repr=False)
    database_url: str = Field("", repr=False)
    http_host: str = "127.0.0.1"
    http_port: int = 0
    public_url: str = ""
    """Where outside systems reach this service's HTTP side: the base of every call-back address."""

    key_folder: Path = Path(".local/keys")
    object_folder: Path = Path(".local/objects")
    object_bucket: str = ""
    """Images in S3 instead of the folder, as `s3://photos`; the bucket must be there."""
    object_endpoint: str = ""
    """Where that S3 is; without it at its first provider."""
    object_region: str = "kz-1"
    object_access_key: str = Field("", repr=False)
    object_secret_key: str = Field("", repr=False)
    trust_folder: Path = Path(".local/trust")
    """Certificates of the authorities whose ЭЦП is accepted."""
    revocation_folder: Path = Path(".local/revocation")
    """Where lists and OCSP answers are kept that were fetched, and for ever those that were relied on."""

    traces_file: Path | None = None
    """A file for this process's spans, or a folder in which it makes one; nothing is traced to a file without it."""
    otlp_endpoint: str = ""
    """Base address of an OTLP/HTTP collector, as `http://collector:4318`; instead of the file when given."""
    log_file: Path | None = None
    log_level: str = "INFO"

    shep_url: str = ""
    shep_async_url: str = ""
    """ШЭП's synchronous channel, and its asynchronous one."""
    shep_sender: str = "KUALIK"
    """The login of our system at ШЭП, and its password if it has one."""
    shep_password: str = Field("", repr=False)
    shep_signer: Literal["rsa", "ncanode"] = "rsa"
    """Who signs for ШЭП: the RSA key `shep.pem` here, or the GOST key `shep.p12` at NCANode."""
    company: str = "КУАЛІК"
    company_bin: str = "000140000011"
    company_employee: str = "КУАЛІК, автоматическая обработка"
    """Who asks for consent, as КДП names it to the citizen; its AUTH key is `kdp.pem`."""
    digital_id_url: str = ""
    digital_id_key: str = Field("sandbox", repr=False)
    """The key by which Digital-ID knows us."""
    gateway_url: str = ""
    revenue_url: str = ""
    central_node_url: str = ""
    sms_url: str = ""
    smtp_host: str = ""
    smtp_port: int = 25
    smtp_from: str = "no-reply@kualik.example"
    """The address that e-mail comes from; its domain also stands in the Message-ID."""
    ocsp_url: str = ""
    crl_url: str = ""
    """Where the authorities' lists are: of the issuing ones and of the root, separated by spaces."""
    organisation_bin: str = ""
    """Whom eGov Mobile names as the one who asks for a signature."""
    ncanode_url: str = ""
    """NCANode v3; without it GOST signatures are not accepted."""
    portal_url: str = ""
    issuer_url: str = ""
    """Who says which officer knocks (OpenID Connect); without it there are no pages to sign in to."""
    issuer_inner_url: str = ""
    """Where services reach the issuer, when `issuer_url` leads only browsers to it."""
    issuer_client: str = "kualik-console"
    issuer_acr: str = ""
    """How people must have signed in there: the `acr` of its token, any when empty."""
    signer_url: str = ""
    """Where software keys sign for officers: for the sandbox only. Without it they sign by NCALayer."""
    ncalayer_url: str = "wss://127.0.0.1:13579"
    """Where NCALayer listens on an officer's own computer."""

    pilot_first: date | None = None
    pilot_last: date | None = None
    limits: dict[str, Any] = Field(default_factory=dict)
    """Overrides of the table of limits by name, as `KUALIK_LIMITS='{"consent": 300}'` (shared/law/limits.py)."""
    resumed_per_second: dict[str, float] = Field(default_factory=dict)
    """How fast what waited is asked when a system answers again, by name (shared/gateways/policies.py)."""
    budgets: dict[str, Any] = Field(default_factory=dict)
    """Overrides of the time budgets of stages by name, as `KUALIK_BUDGETS='{"submitted": 600}'` (law/budgets.py)."""
    photo: dict[str, Any] = Field(default_factory=dict)
    """Overrides of S10's thresholds by measure (services/identity_verification/photo/thresholds.py)."""
    poll_seconds: float | None = None
    """Machine seconds between two looks at an awaited answer."""
    terms: dict[str, int] = Field(default_factory=dict)
    """Overrides of the terms in working days by name."""

    def __init__(self, **given: Any) -> None:
        given.setdefault("_secrets_dir", os.environ.get(SECRETS) or None)
        super().__init__(**given)

    def needs(self, *names: str) -> None:
        """Raise `MissingSetting`, naming every variable that this process needs and has not got."""
        missing = [f"{PREFIX}{name.upper()}" for name in names if not getattr(self, name)]
        if missing:
            raise MissingSetting(f"not set, neither in the environment nor in {SECRETS}: {', '.join(missing)}")
