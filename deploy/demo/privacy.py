"""After everything: is anything of the citizens to be found in clear where nothing of them may stand?"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from pathlib import Path

import asyncpg

from deploy.local.folder import RunFolder
from deploy.sandbox.people import Citizen
from deploy.sandbox.settings import SandboxSettings
from deploy.sandbox.systems.ground import Ground, Pace
from deploy.sandbox.systems.kdp import ACCESS_NAMES, token_of
from shared.process import SERVICES

TABLES = ("inbox", "outbox", "due")
KDP = Ground(SandboxSettings().sandbox_seed, "", Pace())
CHUNK = 1 << 20
OVERLAP = 256


WORDS = re.compile(
    rb"(?<![0-9A-Za-z_+-])(?:\+?\d{10,12}|KZ\d{2}[0-9A-Z]{16})(?![0-9A-Za-z_-])"  # IIN, phone, account
    rb"|(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])"  # a token of КДП
    rb"|(?:[\xd0-\xd4][\x80-\xbf]){4,}"  # Cyrillic letters in UTF-8
    rb"|(?:\\u04[0-9a-fA-F]{2}){4,}"  # and as JSON may escape them
)


class Secrets:
    """IINs, accounts, phones with any prefix, surnames, tokens of КДП: looked for as whole words."""

    def __init__(self, citizens: Sequence[Citizen]) -> None:
        words: set[str] = set()
        for citizen in citizens:
            words |= {citizen.iin, citizen.iban, citizen.person.surname}
            words |= {citizen.phone.replace("+7", prefix, 1) for prefix in ("+7", "8", "7", "")}
            words |= {token_of(KDP, citizen.iin, name, number) for name in ACCESS_NAMES for number in range(3)}
        self._words = {word.encode() for word in words} | {word.encode("unicode_escape") for word in words}

    def stand_in(self, content: bytes) -> bool:
        return any(word in self._words for word in WORDS.findall(content))


async def leaks(folder: RunFolder, connection: asyncpg.Connection, citizens: Sequence[Citizen]) -> list[str]:
    """Where something was found: files of broker, logs and spans; rows that wait or were heard. Never what."""
    wanted = Secrets(citizens)
    found = [f"{table}" async for table in _in_tables(connection, wanted)]
    places = (folder.data / "rabbitmq", folder.logs, folder.data / "spans")
    return found + await asyncio.to_thread(lambda: list(_in_files(places, wanted)))


async def _in_tables(connection: asyncpg.Connection, wanted: Secrets) -> AsyncIterator[str]:
    for service in SERVICES:
        for table in TABLES:
            name = f"{service.replace('-', '_')}.{table}"
            for row in await connection.fetch(f"select * from {name}"):
                text = b" ".join(v if isinstance(v, bytes) else str(v).encode() for v in row.values())
                if wanted.stand_in(text):
                    yield name
                    break


def _in_files(places: Iterable[Path], wanted: Secrets) -> Iterator[str]:
    for place in places:
        for path in sorted(place.rglob("*")):
            if path.is_file() and _stands_in(path, wanted):
                yield f"{place.name}/{path.relative_to(place)}"


def _stands_in(path: Path, wanted: Secrets) -> bool:
    tail = b""
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            if wanted.stand_in(tail + chunk):
                return True
            tail = chunk[-OVERLAP:]
    return False
