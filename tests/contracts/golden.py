"""One example of every message, as it stood on the wire when it was first written.

`python -m tests.contracts.golden` writes those that are missing and never touches one that is there: an old example
that can no longer be read is a broken contract.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime
from enum import Enum
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints
from uuid import UUID

from pydantic import BaseModel

from shared.contracts.base import Message, Sealed, routing_key, write
from shared.process import MESSAGES
from shared.security.keyring import Keyring
from shared.security.sealing import KeyringSealer

FOLDER = Path(__file__).parent / "examples"
VERSION = "v1"
APPLICATION = UUID("5f0c7c3e-0000-4000-8000-000000000001")
WORDS = {
    "iin": "900101300017",
    "authenticated_iin": "900101300017",
    "holder_iin": "900101300017",
    "phone": "+77010000001",
    "email": "citizen@example.kz",
    "iban": "KZ000000000000000001",
    "region": "71",
    "point": "7101",
    "talon": "ТЛН-0000001",
    "reference": "a1/b2.jpg",
    "url": "https://digital-id.example.kz/s/1",
    "pay_url": "https://pay.example.kz/i/1",
    "link": "https://portal.example.kz/a/1",
    "birth_country": "398",
    "country": "398",
    "cms": "MIIB",
}
PLAIN: dict[Any, Any] = {
    UUID: APPLICATION,
    int: 1,
    bool: True,
    float: 1.0,
    date: date(2025, 10, 1),
    datetime: datetime(2025, 10, 1, 7, 0, tzinfo=UTC),
}


def sealer(purpose: str = "") -> KeyringSealer:
    """The fixed key of the examples; its nonces follow from the purpose, so that the same token comes out each time."""
    return KeyringSealer(Keyring.derived(b"examples of messages"), _nonces(purpose), lambda: "2025-10")


def _nonces(purpose: str) -> Callable[[int], bytes]:
    drawn = 0

    def draw(size: int) -> bytes:
        nonlocal drawn
        drawn += 1
        return hashlib.sha256(f"{purpose}/{drawn}".encode()).digest()[:size]

    return draw


def example(kind: type[Message]) -> Message:
    """A message of that class with every field filled."""
    made = _value(kind, kind.__name__)
    assert isinstance(made, kind)
    return made


def _value(of: Any, name: str) -> Any:
    origin, arguments = get_origin(of), get_args(of)
    if origin in (Union, UnionType):
        return _value(next(one for one in arguments if one is not NoneType), name)
    if origin is Sealed:
        return Sealed(_value(arguments[0], name))
    if origin is tuple:
        return tuple(_value(each, name) for each in arguments if each is not Ellipsis)
    if origin is dict:
        return {"sharpness": _value(arguments[1], name)}
    if isinstance(of, type) and issubclass(of, Enum):
        return next(iter(of))
    if isinstance(of, type) and issubclass(of, BaseModel):
        return of(**{field: _value(what.annotation, field) for field, what in of.model_fields.items()})
    if is_dataclass(of):
        hints = get_type_hints(of)
        return of(**{field.name: _value(hints[field.name], field.name) for field in fields(of) if field.init})  # type: ignore[operator]
    if of is str:
        return "0" * 64 if name.endswith("sha256") else WORDS.get(name, f"{name}-1".replace("_", "-"))
    return PLAIN[of]


def path_of(kind: type[Message]) -> Path:
    return FOLDER / VERSION / f"{routing_key(kind)}.json"


def stored() -> Iterator[tuple[Path, type[Message]]]:
    """Every example of every version, with the class that must read it."""
    for path in sorted(FOLDER.glob("v*/*.json")):
        yield path, MESSAGES[path.stem]


def main() -> None:
    for kind in MESSAGES.values():
        path = path_of(kind)
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            body = json.loads(write(example(kind), sealer(routing_key(kind))))
            path.write_text(json.dumps(body, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
            print(f"wrote {path.name}")


if __name__ == "__main__":
    main()
