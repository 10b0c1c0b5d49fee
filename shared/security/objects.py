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
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Final, NamedTuple, Protocol

import obstore
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap, aes_key_wrap
from obstore.store import LocalStore, ObjectStore, S3Store

from shared.engine.rows import Unavailable
from shared.security.keyring import Nonces
from shared.settings import Settings

DEPENDENCY: Final = "objects"

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


class StoredObjects:
    """Objects in a store of obstore: a folder or S3. Raises `Unavailable("objects")` while it cannot be reached."""

    def __init__(self, store: ObjectStore, object_key: bytes, nonces: Nonces) -> None:
        self._store, self._envelope = store, Envelope(object_key, nonces)

    async def put(self, content: bytes, media_type: str) -> Stored:
        reference = self._envelope.name(media_type)
        sealed = await asyncio.to_thread(self._envelope.close, reference, content)
        with _reached():
            await obstore.put_async(self._store, _place(reference), sealed, mode="create")
        try:
            await self._settled(_place(reference))
        except OSError as fault:
            await self.remove(reference)
            raise Unavailable(DEPENDENCY) from fault
        return Stored(reference, hashlib.sha256(content).hexdigest())

    async def get(self, reference: str) -> bytes:
        place = _place(reference)
        with _reached():
            found = await obstore.get_async(self._store, place)
            sealed = bytes(await found.bytes_async())
        return await asyncio.to_thread(self._envelope.open, reference, sealed)

    async def remove(self, reference: str) -> None:
        place = _place(reference)
        with suppress(ObjectMissing), _reached():
            await obstore.delete_async(self._store, place)

    async def _settled(self, place: str) -> None:
        """S3 has it when it says so."""


class FolderObjects(StoredObjects):
    """Objects as files (0600) in a folder (0700); on disk, not in a cache, when `put` returns."""

    def __init__(self, folder: Path, object_key: bytes, nonces: Nonces) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)
        super().__init__(LocalStore(folder), object_key, nonces)
        self._folder = folder

    async def _settled(self, place: str) -> None:
        await asyncio.to_thread(_on_disk, self._folder / place)


def objects_of(settings: Settings, object_key: bytes, nonces: Nonces, patience: str = "10s") -> Objects:
    """In the bucket that the settings name, as `s3://photos`, else in their folder. `patience`: for S3's answer."""
    if not settings.object_bucket:
        return FolderObjects(settings.object_folder, object_key, nonces)
    store = S3Store(
        settings.object_bucket.removeprefix("s3://"),
        endpoint=settings.object_endpoint or None,
        region=settings.object_region,
        access_key_id=settings.object_access_key,
        secret_access_key=settings.object_secret_key,
        client_options={"allow_http": settings.object_endpoint.startswith("http://"), "timeout": patience},
        retry_config={"max_retries": 1, "retry_timeout": timedelta(seconds=10)},
        virtual_hosted_style_request=False,
    )
    return StoredObjects(store, object_key, nonces)


def _place(reference: str) -> str:
    if not _NAME.fullmatch(reference):
        raise ObjectMissing("not a reference")
    return f"{reference[:2]}/{reference}"


@contextmanager
def _reached() -> Iterator[None]:
    try:
        yield
    except FileNotFoundError:
        raise ObjectMissing("no such object") from None
    except (obstore.exceptions.BaseError, OSError) as fault:
        raise Unavailable(DEPENDENCY) from fault


def _on_disk(path: Path) -> None:
    path.chmod(0o600)
    path.parent.chmod(0o700)
    for each in (path, path.parent, path.parent.parent):
        held = os.open(each, os.O_RDONLY)
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
