"""Images lie where only their owner reads them, and what comes back is what was put there."""

from __future__ import annotations

import hashlib
import logging
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import obstore
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.engine.rows import Unavailable
from shared.security.keyring import system_nonces
from shared.security.objects import (
    FolderObjects,
    MemoryObjects,
    ObjectBroken,
    ObjectMissing,
    Objects,
    StoredObjects,
    objects_of,
)
from shared.settings import Settings

KEY = bytes(range(32))
CONTENT = b"\xff\xd8\xff portrait" * 100


@pytest.fixture(scope="session")
def s3() -> Iterator[Settings]:
    """An S3 of our own, with a bucket; `moto` knows no passwords."""
    from moto.server import ThreadedMotoServer

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    endpoint = "http://{}:{}".format(*server.get_host_and_port())
    httpx.put(f"{endpoint}/photos").raise_for_status()
    yield Settings(
        object_bucket="s3://photos", object_endpoint=endpoint, object_access_key="key", object_secret_key="secret"
    )
    server.stop()


@pytest.fixture(params=["folder", "memory", "s3"])
def objects(request: pytest.FixtureRequest, tmp_path: Path) -> Objects:
    match request.param:
        case "memory":
            return MemoryObjects(KEY, system_nonces)
        case "s3":
            return objects_of(request.getfixturevalue("s3"), KEY, system_nonces)
    return objects_of(Settings(object_folder=tmp_path / "objects"), KEY, system_nonces)


def files(objects: FolderObjects) -> list[Path]:
    return [path for path in objects._folder.rglob("*") if path.is_file()]


async def seen_in(objects: Objects, reference: str) -> bytes:
    """What lies there, as a thief would find it."""
    if isinstance(objects, MemoryObjects):
        return objects.envelopes[reference]
    assert isinstance(objects, StoredObjects)
    found = await obstore.get_async(objects._store, f"{reference[:2]}/{reference}")
    return bytes(await found.bytes_async())


async def put_there(objects: Objects, reference: str, envelope: bytes) -> None:
    if isinstance(objects, MemoryObjects):
        objects.envelopes[reference] = envelope
        return
    assert isinstance(objects, StoredObjects)
    await obstore.put_async(objects._store, f"{reference[:2]}/{reference}", envelope)


async def test_what_was_put_comes_back(objects: Objects) -> None:
    stored = await objects.put(CONTENT, "image/jpeg")
    assert await objects.get(stored.reference) == CONTENT
    assert stored.sha256 == hashlib.sha256(CONTENT).hexdigest()
    assert stored.reference.endswith(".jpg")
    assert (await objects.put(CONTENT, "image/png")).reference.endswith(".png")
    assert (await objects.put(CONTENT, "image/jpeg")).reference != stored.reference


async def test_what_was_removed_is_gone_and_may_be_removed_again(objects: Objects) -> None:
    stored = await objects.put(CONTENT, "image/jpeg")
    for _ in range(2):
        await objects.remove(stored.reference)
    with pytest.raises(ObjectMissing):
        await objects.get(stored.reference)


async def test_only_images_are_kept(objects: Objects) -> None:
    for media_type in ("text/html", "image/svg+xml", "", "IMAGE/JPEG"):
        with pytest.raises(ValueError, match="not kept"):
            await objects.put(CONTENT, media_type)


@pytest.mark.parametrize(
    "reference",
    ["", "../secret.jpg", "/etc/passwd", "0" * 32, f"{'0' * 32}.exe", f"{'0' * 32}.jpg\n", f"{'A' * 32}.jpg"],
)
async def test_a_reference_never_leads_out_of_the_folder(tmp_path: Path, reference: str) -> None:
    objects = FolderObjects(tmp_path / "objects", KEY, system_nonces)
    with pytest.raises(ObjectMissing):
        await objects.get(reference)
    with pytest.raises(ObjectMissing):
        await objects.remove(reference)


@given(at=st.integers(min_value=0), bit=st.integers(0, 7))
async def test_an_altered_object_does_not_open(at: int, bit: int) -> None:
    objects = MemoryObjects(KEY, system_nonces)
    reference, _ = await objects.put(b"portrait", "image/jpeg")
    envelope = bytearray(objects.envelopes[reference])
    envelope[at % len(envelope)] ^= 1 << bit
    objects.envelopes[reference] = bytes(envelope)
    with pytest.raises(ObjectBroken):
        await objects.get(reference)


@given(size=st.integers(0, 110))
async def test_a_shortened_object_does_not_open(size: int) -> None:
    objects = MemoryObjects(KEY, system_nonces)
    reference, _ = await objects.put(bytes(64), "image/jpeg")
    objects.envelopes[reference] = objects.envelopes[reference][:size]
    with pytest.raises(ObjectBroken):
        await objects.get(reference)


async def test_two_objects_cannot_change_places(objects: Objects) -> None:
    mine, yours = [(await objects.put(content, "image/jpeg")).reference for content in (b"mine", b"yours")]
    held = {each: await seen_in(objects, each) for each in (mine, yours)}
    await put_there(objects, mine, held[yours])
    await put_there(objects, yours, held[mine])
    for reference in (mine, yours):
        with pytest.raises(ObjectBroken):
            await objects.get(reference)


async def test_one_byte_edited_anywhere_is_found(objects: Objects) -> None:
    reference, _ = await objects.put(CONTENT, "image/jpeg")
    envelope = await seen_in(objects, reference)
    for at in (*range(60), *range(60, len(envelope), 97), len(envelope) - 1):
        await put_there(objects, reference, envelope[:at] + bytes([envelope[at] ^ 1]) + envelope[at + 1 :])
        with pytest.raises(ObjectBroken):
            await objects.get(reference)
    await put_there(objects, reference, envelope)
    assert await objects.get(reference) == CONTENT


async def test_nothing_of_the_picture_shows_where_it_lies(objects: Objects) -> None:
    reference, _ = await objects.put(CONTENT, "image/jpeg")
    envelope = await seen_in(objects, reference)
    assert b"portrait" not in envelope
    assert b"\xff\xd8\xff" not in envelope[:64]


async def test_a_store_that_cannot_be_reached_is_unavailable(tmp_path: Path) -> None:
    nowhere = Settings(
        object_bucket="s3://photos", object_endpoint="http://127.0.0.1:1", object_access_key="k", object_secret_key="s"
    )
    objects = objects_of(nowhere, KEY, system_nonces, patience="1s")
    missing = f"{'0' * 32}.jpg"
    for asked in (objects.put(CONTENT, "image/jpeg"), objects.get(missing), objects.remove(missing)):
        with pytest.raises(Unavailable, match="objects"):
            await asked


async def test_another_key_opens_nothing(tmp_path: Path) -> None:
    reference, _ = await FolderObjects(tmp_path, KEY, system_nonces).put(CONTENT, "image/jpeg")
    with pytest.raises(ObjectBroken):
        await FolderObjects(tmp_path, bytes(32), system_nonces).get(reference)


async def test_files_are_their_owners_alone_and_show_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "objects"
    folder.mkdir(mode=0o755)
    objects = FolderObjects(folder, KEY, system_nonces)
    await objects.put(CONTENT, "image/jpeg")
    (file,) = files(objects)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert {stat.S_IMODE(path.stat().st_mode) for path in (folder, file.parent)} == {0o700}
    assert b"portrait" not in file.read_bytes()


async def test_a_failed_write_leaves_no_object(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    objects = FolderObjects(tmp_path / "objects", KEY, system_nonces)

    def full(_: int) -> None:
        raise OSError("no space left")

    monkeypatch.setattr("shared.security.objects.os.fsync", full)
    with pytest.raises(Unavailable):
        await objects.put(CONTENT, "image/jpeg")
    assert files(objects) == []


def test_both_kinds_are_the_same_port(tmp_path: Path) -> None:
    makers: list[Callable[[], Objects]] = [
        lambda: FolderObjects(tmp_path, KEY, system_nonces),
        lambda: MemoryObjects(KEY, system_nonces),
    ]
    assert all(make() for make in makers)
