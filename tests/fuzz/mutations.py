"""Ways to spoil a file. The same seed spoils it the same way."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from random import Random

Mutation = Callable[[bytearray, Random], bytearray]

ODD = (b"\0", b"\xff", b"\x7f\xff\xff\xff", b"\xff\xff\xff\xff", b"\x80\0\0\0", b"\0\0\0\0")


def flip(body: bytearray, chance: Random) -> bytearray:
    for _ in range(chance.randint(1, 12)):
        body[chance.randrange(len(body))] ^= 1 << chance.randrange(8)
    return body


def odd(body: bytearray, chance: Random) -> bytearray:
    for _ in range(chance.randint(1, 4)):
        at, value = chance.randrange(len(body)), chance.choice(ODD)
        body[at : at + len(value)] = value
    return body


def header(body: bytearray, chance: Random) -> bytearray:
    """Near the beginning, where sizes, tables and types stand."""
    for _ in range(chance.randint(1, 3)):
        body[chance.randrange(min(len(body), 700))] = chance.randrange(256)
    return body


def cut(body: bytearray, chance: Random) -> bytearray:
    return body[: chance.randrange(1, len(body) + 1)]


def doubled(body: bytearray, chance: Random) -> bytearray:
    start = chance.randrange(len(body))
    end = min(len(body), start + chance.randint(1, 4096))
    return body[:end] + body[start:end] * chance.randint(1, 3) + body[end:]


def dropped(body: bytearray, chance: Random) -> bytearray:
    start = chance.randrange(len(body))
    return body[:start] + body[start + chance.randint(1, 512) :]


def crossed(body: bytearray, chance: Random) -> bytearray:
    """One half of it turned round."""
    at = chance.randrange(len(body))
    return body[at:] + body[:at]


def resized(body: bytearray, chance: Random) -> bytearray:
    """Another size in the header of a PNG or a JPEG, checksum and all."""
    width, height = (chance.choice((0, 1, 7, 600, 5000, 65_535, 2**31 - 1)) for _ in range(2))
    if body.startswith(b"\x89PNG") and len(body) > 33:
        body[16:24] = struct.pack(">II", width, height)
        body[29:33] = struct.pack(">I", zlib.crc32(bytes(body[12:29])))
        return body
    found = max(body.find(b"\xff\xc0"), body.find(b"\xff\xc2"))
    if 0 < found < len(body) - 9:
        body[found + 5 : found + 9] = struct.pack(">HH", height & 0xFFFF, width & 0xFFFF)
    return body


MUTATIONS: tuple[Mutation, ...] = (flip, odd, header, cut, doubled, dropped, crossed, resized)


def mutated(body: bytes, seed: int) -> bytes:
    """Spoiled in one to three ways; one in twenty is left as it is."""
    chance = Random(seed)
    spoiled = bytearray(body)
    if chance.random() < 0.05:
        return body
    for _ in range(chance.randint(1, 3)):
        if spoiled:
            spoiled = chance.choice(MUTATIONS)(spoiled, chance)
    return summed(bytes(spoiled)) if chance.random() < 0.7 else bytes(spoiled)


def summed(body: bytes) -> bytes:
    """A PNG whose checksums fit again: otherwise nothing behind them is ever looked at."""
    if not body.startswith(b"\x89PNG\r\n\x1a\n"):
        return body
    out, at = bytearray(body[:8]), 8
    while at + 12 <= len(body):
        size = int.from_bytes(body[at : at + 4])
        if at + 12 + size > len(body):
            break
        inner = body[at + 4 : at + 8 + size]
        out += body[at : at + 4] + inner + struct.pack(">I", zlib.crc32(inner))
        at += 12 + size
    return bytes(out + body[at:])
