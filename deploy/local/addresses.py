"""Where the broker and the database are, whoever started them, and the broker's one user who may do all."""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import quote, unquote, urlsplit


@dataclass(frozen=True)
class BrokerAddress:
    """An AMQP 0.9.1 broker with its management API, and its administrator."""

    host: str
    port: int
    management_url: str
    user: str
    password: str
    vhost: str = "/"
    scheme: str = "amqp"

    @classmethod
    def from_url(cls, url: str, management_url: str) -> Self:
        parts = urlsplit(url)
        return cls(
            parts.hostname or "127.0.0.1",
            parts.port or (5671 if parts.scheme == "amqps" else 5672),
            management_url.rstrip("/"),
            unquote(parts.username or "guest"),
            unquote(parts.password or "guest"),
            unquote(parts.path[1:]) or "/",
            parts.scheme,
        )

    @property
    def administrator(self) -> tuple[str, str]:
        return self.user, self.password

    def url(self, user: str | None = None, password: str | None = None) -> str:
        """The address for one user; the administrator's when none is named."""
        who = f"{quote(user or self.user, safe='')}:{quote(password or self.password, safe='')}"
        return f"{self.scheme}://{who}@{self.host}:{self.port}/{quote(self.vhost, safe='')}"


@dataclass(frozen=True)
class DatabaseAddress:
    """A PostgreSQL server and its superuser (or one who may create roles and databases)."""

    host: str
    port: int
    user: str
    password: str
    database: str = "postgres"

    @classmethod
    def from_url(cls, url: str) -> Self:
        parts = urlsplit(url)
        return cls(
            parts.hostname or "127.0.0.1",
            parts.port or 5432,
            unquote(parts.username or "postgres"),
            unquote(parts.password or ""),
            unquote(parts.path[1:]) or "postgres",
        )

    def url(self, user: str | None = None, password: str | None = None, database: str | None = None) -> str:
        """The address for one role and database; the administrator's when none is named."""
        who = f"{quote(user or self.user, safe='')}:{quote(password or self.password, safe='')}"
        return f"postgresql://{who}@{self.host}:{self.port}/{quote(database or self.database, safe='')}"


def moved(definitions: Mapping[str, Any], vhost: str) -> dict[str, Any]:
    """The same definitions for the given vhost."""
    whole: dict[str, Any] = {"users": [], "permissions": [], **definitions, "vhosts": [{"name": vhost}]}
    for part in ("permissions", "topic_permissions", "queues", "exchanges", "bindings", "policies", "parameters"):
        if part in whole:
            whole[part] = [{**item, "vhost": vhost} for item in whole[part]]
    return whole


def with_administrator(definitions: Mapping[str, Any], broker: BrokerAddress) -> dict[str, Any]:
    """The definitions for a broker of our own, with its administrator among the users."""
    whole = moved(definitions, broker.vhost)
    user = {
        "name": broker.user,
        "password_hash": password_hash(broker.password),
        "hashing_algorithm": "rabbit_password_hashing_sha256",
        "tags": "administrator",
        "limits": {},
    }
    allowed = {"user": broker.user, "vhost": broker.vhost, "configure": ".*", "write": ".*", "read": ".*"}
    whole["users"] = [*(known for known in whole["users"] if known["name"] != broker.user), user]
    whole["permissions"] = [*(known for known in whole["permissions"] if known["user"] != broker.user), allowed]
    return whole


def password_hash(password: str) -> str:
    """RabbitMQ's salted SHA-256: base64 of four bytes of salt and the digest."""
    salt = secrets.token_bytes(4)
    return base64.b64encode(salt + hashlib.sha256(salt + password.encode()).digest()).decode()
