"""The keys of one installation: a folder of files only its owner may read, made on the first start, never committed.

This is the one place of `shared/security` that touches the operating system's randomness.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

Nonces = Callable[[int], bytes]
"""A source of unpredictable bytes: how many → that many. The simulation gives a seeded one."""

SEAL_ROOT, PORTAL_PRIVATE, PORTAL_PUBLIC, BLIND_INDEX, OBJECTS = (
    "seal-root.key",
    "portal.key",
    "portal.pub",
    "blind-index.key",
    "objects.key",
)
_SECRETS = (SEAL_ROOT, PORTAL_PRIVATE, BLIND_INDEX, OBJECTS)
_SIZE = 32
_MONTH = re.compile(r"20\d\d-(0[1-9]|1[0-2])", re.ASCII)

system_nonces: Nonces = os.urandom


class KeysUnusable(RuntimeError):
    """A key file is missing, has the wrong length, or others on the machine may read it. Names the file only."""


def blind_index(key: bytes, iin: str) -> str:
    """What stands for an IIN in a unique column: 32 hex characters that mean nothing without the key."""
    return hmac.digest(key, iin.encode(), hashlib.sha256).hex()[:32]


@dataclass(frozen=True, slots=True)
class Keyring:
    """All secrets of the services. Months need no files of their own: each key is derived from the root."""

    seal_root: bytes = field(repr=False)
    portal_private: bytes = field(repr=False)
    index_key: bytes = field(repr=False)
    object_key: bytes = field(repr=False)

    def month_key(self, month: str) -> bytes:
        """The AES-256 key of a month written `2025-10`. Raises `KeyError`, with no content, for anything else."""
        if not _MONTH.fullmatch(month):
            raise KeyError("no such month")
        return _derive(self.seal_root, b"kualik seal " + month.encode())

    @property
    def grant_key(self) -> bytes:
        """What upload grants are made with."""
        return _derive(self.seal_root, b"kualik upload grant")

    @property
    def link_key(self) -> bytes:
        """What links for signing by telephone are made with."""
        return _derive(self.seal_root, b"kualik signing link")

    def portal_public(self) -> bytes:
        """The half of the portal's pair that the portal may have: 32 raw bytes."""
        return X25519PrivateKey.from_private_bytes(self.portal_private).public_key().public_bytes_raw()

    def blind_index(self, iin: str) -> str:
        return blind_index(self.index_key, iin)

    @classmethod
    def derived(cls, seed: bytes) -> Keyring:
        """A ring that is the same for the same seed: for simulations and tests."""
        return cls(*(_derive(seed, b"kualik " + name.encode()) for name in _SECRETS))


def generate(folder: Path) -> None:
    """Make the keys that are not there yet. Processes that start together agree on whichever file came first."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name in _SECRETS:
        _keep_first(folder / name, system_nonces(_SIZE).hex().encode(), 0o600)
    private = X25519PrivateKey.from_private_bytes(_read(folder / PORTAL_PRIVATE))
    _keep_first(folder / PORTAL_PUBLIC, private.public_key().public_bytes_raw().hex().encode(), 0o644)


def load(folder: Path) -> Keyring:
    """The ring in `folder`. Raises `KeysUnusable`."""
    return Keyring(*(_read(folder / name) for name in _SECRETS))


def load_portal_public(path: Path) -> bytes:
    """The portal's public key (32 raw bytes) from its file `portal.pub`. Raises `KeysUnusable`."""
    return _read(path, secret=False)


def _derive(root: bytes, purpose: bytes) -> bytes:
    return HKDF(hashes.SHA256(), _SIZE, salt=None, info=purpose).derive(root)


def _keep_first(path: Path, content: bytes, mode: int) -> None:
    if path.exists():
        return
    draft = path.with_name(f".{path.name}.{system_nonces(8).hex()}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, path)
    except FileExistsError:
        return
    finally:
        draft.unlink()


def _read(path: Path, *, secret: bool = True) -> bytes:
    try:
        if secret and path.stat().st_mode & 0o007:
            raise KeysUnusable(f"{path.name} may be read by others")
        key = bytes.fromhex(path.read_text(encoding="ascii").strip())
    except OSError:
        raise KeysUnusable(f"{path.name} cannot be read") from None
    except ValueError:
        raise KeysUnusable(f"{path.name} is not a key") from None
    if len(key) != _SIZE:
        raise KeysUnusable(f"{path.name} is not a key")
    return key
