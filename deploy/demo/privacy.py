"""After everything: is anything of the citizens to be found in clear where nothing of them may stand?"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from pathlib import Path

import asyncpg

from deploy.local.folder import RunFolder
from deploy.sandbox.people import Citizen
from shared.process import SERVICES

TABLES = ("inbox", "outbox", "due")
CHUNK = 1 << 20
OVERLAP = 256


def secrets_of(citizens: Sequence[Citizen]) -> re.Pattern[bytes]:
    """IINs, phones (without their prefix), surnames with names: in UTF-8, and escaped as JSON escapes them."""
    words: set[str] = set()
    for citizen in citizens:
        words |= {citizen.iin, citizen.phone.removeprefix("+7"), citizen.iban, f"{citizen.person.surname} "}
    spelt = {word.encode() for word in words} | {word.encode("unicode_escape") for word in words}
    return re.compile(b"|".join(re.escape(word) for word in sorted(spelt, key=len, reverse=True)))


async def leaks(folder: RunFolder, connection: asyncpg.Connection, citizens: Sequence[Citizen]) -> list[str]:
    """Where something was found: files of broker, logs and spans; rows that wait or were heard. Never what."""
    wanted = secrets_of(citizens)
    found = [f"{table}" async for table in _in_tables(connection, wanted)]
    places = (folder.data / "rabbitmq", folder.logs, folder.data / "spans")
    return found + await asyncio.to_thread(lambda: list(_in_files(places, wanted)))


async def _in_tables(connection: asyncpg.Connection, wanted: re.Pattern[bytes]) -> AsyncIterator[str]:
    for service in SERVICES:
        for table in TABLES:
            name = f"{service.replace('-', '_')}.{table}"
            for row in await connection.fetch(f"select * from {name}"):
                text = b" ".join(v if isinstance(v, bytes) else str(v).encode() for v in row.values())
                if wanted.search(text):
                    yield name
                    break


def _in_files(places: Iterable[Path], wanted: re.Pattern[bytes]) -> Iterator[str]:
    for place in places:
        for path in sorted(place.rglob("*")):
            if path.is_file() and _stands_in(path, wanted):
                yield f"{place.name}/{path.relative_to(place)}"


def _stands_in(path: Path, wanted: re.Pattern[bytes]) -> bool:
    tail = b""
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            if wanted.search(tail + chunk):
                return True
            tail = chunk[-OVERLAP:]
    return False
