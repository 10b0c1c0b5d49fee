"""What `docker-compose.yml` is given: secrets as files, keys, and the variables that say where all this lies."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from deploy.identity import accounts, issuer
from deploy.local import workstations
from deploy.local.addresses import BrokerAddress, DatabaseAddress, with_administrator
from deploy.local.folder import RunFolder, write_private
from deploy.local.layout import DATABASE, IDENTITY, SANDBOX, Addresses, role_of
from deploy.sandbox import channel
from deploy.sandbox import keys as sandbox_keys
from deploy.sandbox.authority import Authority
from shared.process import PORTAL, PRODUCTION, REVIEW, SERVICES
from shared.security import keyring
from shared.topology import definitions
from shared.web.oidc import BY_KEY

INSIDE = 10_001
"""User and group of the image. Started by root, the keys are theirs; by anyone else, the image runs as that user."""
ADMINISTRATOR = "administrator"
PUBLISHED = (SANDBOX, PORTAL, IDENTITY, *SERVICES)
ISSUER_INSIDE = f"http://{IDENTITY}:8080"
MADE = {"KUALIK_BROKER_IMAGE": "kualik/rabbitmq:3.10", "KUALIK_DATABASE_IMAGE": "kualik/postgres:15"}
"""The images of `make images`, instead of the registries'."""


@dataclass(frozen=True)
class Prepared:
    """Variables for compose, ports on 127.0.0.1 by name, and the servers' addresses as this machine reaches them."""

    variables: Mapping[str, str]
    ports: Mapping[str, int]
    addresses: Addresses

    def write(self, path: Path) -> None:
        """As compose's `--env-file`."""
        write_private(path, "".join(f"{name}={value}\n" for name, value in sorted(self.variables.items())))


def prepare(folder: RunFolder, *, made: bool) -> Prepared:
    """Write secrets and keys that are missing. `made`: broker and database from the images of `make images`."""
    words = {user: folder.secret(f"broker {user}") for user in (PORTAL, *SERVICES)}
    regions = workstations.named()
    words |= workstations.secrets_of(folder, regions)
    roles = {role_of(service): folder.secret(f"database {service}") for service in SERVICES}
    owner, postgres = folder.secret(ADMINISTRATOR), folder.secret("postgres")
    inside = Addresses(
        BrokerAddress("rabbitmq", 5672, "http://rabbitmq:15672", ADMINISTRATOR, owner),
        DatabaseAddress("postgres", 5432, "postgres", postgres),
        words,
        roles,
        regions,
    )
    workstations.hand_out(folder, inside.workstation_urls)
    secrets = {
        "definitions": json.dumps(with_administrator(definitions(words, workstations=regions), inside.broker)),
        "postgres": postgres,
        "administrator": inside.administrator_url,
        "roles": json.dumps(roles),
        "grafana": folder.secret("grafana"),
        "keycloak": folder.secret("keycloak"),
        f"{PORTAL}-amqp": inside.amqp_url(PORTAL),
        **{f"{service}-amqp": inside.amqp_url(service) for service in SERVICES},
        **{f"{service}-database": inside.database_url(role_of(service)) for service in SERVICES},
    }
    _write_secrets(folder.home / "secrets", secrets)
    ports = {name: folder.port(name) for name in (*PUBLISHED, "management", "postgres")}
    variables = {
        "KUALIK_STATE": str(folder.home),
        "KUALIK_USER": _give_keys(folder.data),
        **(MADE if made else {}),
        **{f"KUALIK_PORT_{role_of(name).upper()}": str(port) for name, port in ports.items()},
        "KUALIK_CONSOLE_URL": f"http://127.0.0.1:{ports[REVIEW]}",
        "KUALIK_ISSUE_DESK_URL": f"http://127.0.0.1:{ports[PRODUCTION]}",
        "KUALIK_ISSUER_URL": f"http://127.0.0.1:{ports[IDENTITY]}",
        "KUALIK_ISSUER_INNER_URL": ISSUER_INSIDE,
        "KUALIK_ISSUER_ACR": BY_KEY,
        "KUALIK_SIGNER_URL": ISSUER_INSIDE,
    }
    here = Addresses(
        BrokerAddress("127.0.0.1", 0, f"http://127.0.0.1:{ports['management']}", ADMINISTRATOR, owner),
        DatabaseAddress("127.0.0.1", ports["postgres"], "postgres", postgres, DATABASE),
        words,
        roles,
        regions,
    )
    return Prepared(variables, ports, here)


def _write_secrets(folder: Path, secrets: Mapping[str, str]) -> None:
    """Nobody else here may enter the folder; in its container each file is read by whatever user is there."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name, text in secrets.items():
        write_private(folder / name, text)
        (folder / name).chmod(0o444)


def _give_keys(data: Path) -> str:
    """Keys and folders that the containers share; returns `user:group` that they run as."""
    keys, trust = data / "keys", data / "trust"
    for name in ("objects", "revocation", "spans"):
        (data / name).mkdir(parents=True, exist_ok=True, mode=0o700)
    keyring.generate(keys)
    accounts.generate(keys, sandbox_keys.write(keys))
    issuer.key_in(keys)
    authority = Authority.kept_in(keys / sandbox_keys.AUTHORITY, datetime.now(UTC))
    authority.write_trust(trust)
    channel.write_keys(keys, trust, authority)
    if os.geteuid() != 0:
        return f"{os.geteuid()}:{os.getegid()}"
    for path in (data, *data.rglob("*")):
        shutil.chown(path, INSIDE, INSIDE)
    return f"{INSIDE}:{INSIDE}"
