"""How a user of the broker is written down: a salted password, and rights as regular expressions."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable
from typing import Any


def entry(name: str, password: str | None, tags: str) -> dict[str, Any]:
    """The user; without a password nobody can log in as it."""
    return {
        "name": name,
        "password_hash": "" if password is None else password_hash(name, password),
        "hashing_algorithm": "rabbit_password_hashing_sha256",
        "tags": tags,
        "limits": {},
    }


def password_hash(user: str, password: str) -> str:
    """RabbitMQ's salted SHA-256; the salt follows from user and password, so that the same file comes out each time."""
    salt = hashlib.sha256(f"{user}\0{password}".encode()).digest()[:4]
    return base64.b64encode(salt + hashlib.sha256(salt + password.encode()).digest()).decode()


def one_of(names: Iterable[str]) -> str:
    """A regular expression that takes exactly these names, of `*` any one word; without any it takes nothing."""
    listed = "|".join(sorted(names)).replace(".", r"\.").replace("*", "[^.]+")
    return f"^({listed})$" if listed else "(?!)"
