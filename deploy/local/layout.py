"""What runs on one machine: eight services, the issuer and the two sandbox processes, each with address and keys."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from deploy.local import workstations
from deploy.local.addresses import BrokerAddress, DatabaseAddress
from deploy.local.folder import RunFolder
from deploy.local.processes import Process
from deploy.local.servers import GIVEN
from deploy.sandbox import channel
from deploy.sandbox import keys as sandbox_keys
from deploy.sandbox.authority import Authority
from shared.process import PORTAL, PRODUCTION, REVIEW, SERVICES
from shared.security import keyring
from shared.web.oidc import BY_KEY

DATABASE = "kualik"
SANDBOX = "sandbox"
SMTP = "smtp"  # a port of the sandbox
IDENTITY = "identity"
CONSOLE, ISSUE_DESK, ACCOUNTS = "/console", "/issue-desk", "/accounts"


@dataclass(frozen=True)
class Addresses:
    """Where the servers are and who may enter: passwords of the broker by user, of the database by role."""

    broker: BrokerAddress
    database: DatabaseAddress
    broker_passwords: Mapping[str, str]
    database_passwords: Mapping[str, str]
    workstations: Sequence[str] = ()
    """The regions that have one."""

    def amqp_url(self, user: str) -> str:
        return self.broker.url(user, self.broker_passwords[user])

    def database_url(self, role: str) -> str:
        return self.database.url(role, self.database_passwords[role], DATABASE)

    @property
    def workstation_urls(self) -> dict[str, str]:
        """Region → where its workstation enters."""
        return workstations.urls(self.broker, self.broker_passwords, self.workstations)

    @property
    def administrator_url(self) -> str:
        """The database `kualik` for its administrator."""
        return self.database.url(database=DATABASE)


def role_of(service: str) -> str:
    """Role, schema and Python package of a service: its name with underscores."""
    return service.replace("-", "_")


def processes(folder: RunFolder, addresses: Addresses) -> Sequence[Process]:
    """Everything to start, in the order in which it is shown."""
    names = ("keys", "objects", "trust", "revocation", "spans")
    keys, objects, trust, revocation, spans = (folder.data / name for name in names)
    for path in (objects, revocation, spans):
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
    keyring.generate(keys)
    sandbox_keys.write(keys)
    authority = Authority.kept_in(keys / "authority", datetime.now(UTC))
    authority.write_trust(trust)
    channel.write_keys(keys, trust, authority)
    ports = {name: folder.port(name) for name in (SANDBOX, SMTP, PORTAL, IDENTITY, *SERVICES)}
    at = {name: f"http://127.0.0.1:{port}" for name, port in ports.items()}
    common = {
        **inherited(),
        "KUALIK_KEY_FOLDER": str(keys),
        "KUALIK_OBJECT_FOLDER": str(objects),
        "KUALIK_TRUST_FOLDER": str(trust),
        "KUALIK_REVOCATION_FOLDER": str(revocation),
        "KUALIK_TRACES_FILE": str(spans),
    }
    outside = {
        **{
            f"KUALIK_{name.upper()}_URL": f"{at[SANDBOX]}/{name.replace('_', '-')}"
            for name in ("shep", "digital_id", "gateway", "revenue", "central_node", "sms", "ocsp", "ncanode")
        },
        "KUALIK_SHEP_ASYNC_URL": f"{at[SANDBOX]}/shep/async",
        "KUALIK_CRL_URL": f"{at[SANDBOX]}/crl {at[SANDBOX]}/crl/root",
        "KUALIK_PORTAL_URL": at[PORTAL],
        "KUALIK_SMTP_HOST": "127.0.0.1",
        "KUALIK_SMTP_PORT": str(ports[SMTP]),
        "KUALIK_ISSUER_URL": at[IDENTITY],
        "KUALIK_ISSUER_ACR": BY_KEY,
        "KUALIK_SIGNER_URL": at[IDENTITY],
    }
    inside = {f"KUALIK_{role_of(service).upper()}_URL": at[service] for service in SERVICES}
    stand_in = {**common, **inside, "KUALIK_SANDBOX_URL": at[SANDBOX]}
    return [
        Process.module(
            SANDBOX,
            "deploy.sandbox",
            {
                **stand_in,
                "KUALIK_HTTP_PORT": str(ports[SANDBOX]),
                "KUALIK_SMTP_PORT": str(ports[SMTP]),
                "KUALIK_WORKSTATION_URLS": json.dumps(addresses.workstation_urls),
            },
            ports[SANDBOX],
        ),
        Process.module(
            PORTAL,
            "deploy.sandbox.portal",
            {**stand_in, "KUALIK_HTTP_PORT": str(ports[PORTAL]), "KUALIK_AMQP_URL": addresses.amqp_url(PORTAL)},
            ports[PORTAL],
        ),
        Process.module(
            IDENTITY,
            "deploy.identity",
            {
                **common,
                "KUALIK_HTTP_PORT": str(ports[IDENTITY]),
                "KUALIK_ISSUER_URL": at[IDENTITY],
                "KUALIK_ISSUER_RETURNS": (f"{at[REVIEW]}{CONSOLE}/signed-in {at[PRODUCTION]}{ISSUE_DESK}/signed-in"),
            },
            ports[IDENTITY],
        ),
        *(
            Process.module(
                service,
                f"services.{role_of(service)}",
                {
                    **common,
                    **outside,
                    "KUALIK_AMQP_URL": addresses.amqp_url(service),
                    "KUALIK_DATABASE_URL": addresses.database_url(role_of(service)),
                    "KUALIK_HTTP_PORT": str(ports[service]),
                    "KUALIK_ORGANISATION_BIN": "000140000000",
                    "KUALIK_PUBLIC_URL": f"http://127.0.0.1:{ports[service]}",
                },
                ports[service],
            )
            for service in SERVICES
        ),
    ]


def inherited() -> dict[str, str]:
    """Our own environment, without the administrators' addresses. Compiled modules are kept."""
    return {key: value for key, value in os.environ.items() if key not in (*GIVEN, "PYTHONDONTWRITEBYTECODE")}
