"""The same image is judged once."""

from __future__ import annotations

from services.identity_verification.verdicts import Verdicts
from shared.contracts.values import FileRef


class Shelf:
    def __init__(self) -> None:
        self.fetched: list[str] = []

    async def get(self, reference: str) -> bytes:
        self.fetched.append(reference)
        return reference.encode()


async def length(content: bytes) -> int:
    return len(content)


def file(reference: str, digit: str) -> FileRef:
    return FileRef(reference=reference, sha256=digit * 64)


async def test_the_same_image_is_fetched_and_judged_once_whoever_files_it() -> None:
    shelf, verdicts = Shelf(), Verdicts(length)
    found = [await verdicts.of(file(name, "a"), shelf) for name in ("one.jpg", "another.jpg")]
    assert (found, shelf.fetched) == ([7, 7], ["one.jpg"])


async def test_only_the_last_verdicts_are_kept() -> None:
    shelf, verdicts = Shelf(), Verdicts(length, most=2)
    for digit in "abca":
        await verdicts.of(file(digit, digit), shelf)
    assert shelf.fetched == ["a", "b", "c", "a"]
