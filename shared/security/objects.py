"""Images outside the messages (claim check): each file in an envelope of its own key, bound to its own name.

An envelope is `magic, wrapped data key, nonce, ciphertext`: a random AES-256 data key, wrapped by the installation's
object key, encrypts the content with the name as additional data. A file altered, or put under another's name, does
not open. Changing the object key means wrapping the data keys again, nothing more.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import re
from pathlib import Path
from typing import Final, NamedTuple, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap, aes_key_wrap

from shared.security.keyring import Nonces

ENDINGS: Final = {"image/jpeg": "jpg", "image/png": "png"}
"""Media types that are kept, and how their names end."""

_NAME = re.compile(r"[0-9a-f]{32}\.(jpg|png)", re.ASCII)
_MAGIC: Final = b"KUO1"
_WRAPPED: Final = 40
_NONCE: Final = 12


class ObjectMissing(LookupError):
    """There is no such object (any more), or the reference is not one of ours."""


class ObjectBroken(ValueError):
    """The object is not what was put there: altered, swapped, or under another key."""


class Stored(NamedTuple):
    """Where it lies and the SHA-256 (hex) of the clear content."""

    reference: str
    sha256: str


class Objects(Protocol):
    """Where images are kept. What is put there is on disk when `put` returns."""

    async def put(self, content: bytes, media_type: str) -> Stored:
        """Raises `ValueError` for a media type that is not kept."""
        ...

    async def get(self, reference: str) -> bytes:
        """Raises `ObjectMissing`, `ObjectBroken`."""
        ...

    async def remove(self, reference: str) -> None:
        """Silent when it is not there."""
        ...


class Envelope:
    """Closes and opens objects under one object key."""

    def __init__(self, object_key: bytes, nonces: Nonces) -> None:
        self._object_key = object_key
        self._nonces = nonces

    def name(self, media_type: str) -> str:
        ending = ENDINGS.get(media_type)
        if ending is None:
            raise ValueError("this media type is not kept")
        return f"{self._nonces(16).hex()}.{ending}"

    def close(self, reference: str, content: bytes) -> bytes:
        data_key, nonce = self._nonces(32), self._nonces(_NONCE)
        sealed = AESGCM(data_key).encrypt(nonce, content, _MAGIC + reference.encode())
        return b"".join((_MAGIC, aes_key_wrap(self._object_key, data_key), nonce, sealed))

    def open(self, reference: str, envelope: bytes) -> bytes:
        magic, rest = envelope[: len(_MAGIC)], envelope[len(_MAGIC) :]
        wrapped, nonce, sealed = rest[:_WRAPPED], rest[_WRAPPED : _WRAPPED + _NONCE], rest[_WRAPPED + _NONCE :]
        try:
            if magic != _MAGIC:
                raise ValueError
            data_key = aes_key_unwrap(self._object_key, wrapped)
            return AESGCM(data_key).decrypt(nonce, sealed, _MAGIC + reference.encode())
        except (InvalidTag, InvalidUnwrap, ValueError):
            raise ObjectBroken("the object does not open under its name") from None


class FolderObjects:
    """Objects as files (0600) in a folder (0700). Written beside, forced to disk, then moved into place."""

    def __init__(self, folder: Path, object_key: bytes, nonces: Nonces) -> None:
        self._folder = folder
        self._envelope = Envelope(object_key, nonces)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)

    async def put(self, content: bytes, media_type: str) -> Stored:
        reference = self._envelope.name(media_type)
        await asyncio.to_thread(self._write, self._path(reference), self._envelope.close(reference, content))
        return Stored(reference, hashlib.sha256(content).hexdigest())

    async def get(self, reference: str) -> bytes:
        path = self._path(reference)
        try:
            envelope = await asyncio.to_thread(path.read_bytes)
        except FileNotFoundError:
            raise ObjectMissing("no such object") from None
        return self._envelope.open(reference, envelope)

    async def remove(self, reference: str) -> None:
        await asyncio.to_thread(self._path(reference).unlink, missing_ok=True)

    def _path(self, reference: str) -> Path:
        if not _NAME.fullmatch(reference):
            raise ObjectMissing("not a reference")
        return self._folder / reference[:2] / reference

    @staticmethod
    def _write(path: Path, envelope: bytes) -> None:
        path.parent.mkdir(mode=0o700, exist_ok=True)
        draft = path.with_name(f".{path.name}")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(envelope)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
        for folder in (path.parent, path.parent.parent):
            held = os.open(folder, os.O_RDONLY)
            try:
                os.fsync(held)
            finally:
                os.close(held)


class MemoryObjects:
    """The same in memory, for the simulation: envelopes and all, so that what fails there fails here."""

    def __init__(self, object_key: bytes, nonces: Nonces) -> None:
        self._envelope = Envelope(object_key, nonces)
        self.envelopes: dict[str, bytes] = {}

    async def put(self, content: bytes, media_type: str) -> Stored:
        reference = self._envelope.name(media_type)
        self.envelopes[reference] = self._envelope.close(reference, content)
        return Stored(reference, hashlib.sha256(content).hexdigest())

    async def get(self, reference: str) -> bytes:
        if reference not in self.envelopes:
            raise ObjectMissing("no such object")
        return self._envelope.open(reference, self.envelopes[reference])

    async def remove(self, reference: str) -> None:
        self.envelopes.pop(reference, None)
