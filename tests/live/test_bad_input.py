"""Whatever comes from the portal: answered where the sender can be told, else a dead letter; nothing falls or loops."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import aio_pika
import pytest

from shared.contracts.base import Sealed, write
from shared.contracts.portal import FeedbackLeft
from shared.process import INTAKE, PORTAL
from shared.security import keyring
from shared.security.sealing import KeyringSealer, PortalSealer
from tests.live.house import House, until

pytestmark = pytest.mark.live
IIN = "880101300015"
LARGE = 65 * 1024


@dataclass(frozen=True)
class Bad:
    """What is said, and why it is not taken: to the portal when `answered`, else in the dead letters."""

    reason: str
    key: str
    body: bytes = field(repr=False)
    answered: bool
    message_id: str | None = field(default_factory=lambda: str(uuid4()))
    fields: frozenset[str] = frozenset()
    id: UUID | None = None


def of(id: UUID, **fields: Any) -> bytes:
    return json.dumps({"application_id": str(id), **fields}).encode()


def everything_bad(sealer: PortalSealer) -> Sequence[Bad]:
    """One of each kind; the last two bear one message id."""
    ids = iter([uuid4() for _ in range(20)])
    invalid, unknown, large, nameless, stranger = (next(ids) for _ in range(5))
    clear = {"iin": IIN, "authenticated_iin": IIN, "document": "BANANA", "reason": 7, "phone": "+77010000000"}
    wrong = frozenset({"iin", "authenticated_iin", "document", "reason", "phone", "channel", "locale"})
    said, again = (praise(stranger, rating, sealer) for rating in (5, 1))
    id = str(uuid4())
    return (
        Bad("NOT_JSON", "application-started", f"ЖСН {IIN}, not JSON".encode(), False),
        Bad("NOT_JSON", "application-started", b"\xff\xfe\x00", False),
        Bad("NO_APPLICATION_ID", "form-filled", json.dumps({"iin": IIN}).encode(), False),
        Bad("NO_APPLICATION_ID", "form-filled", json.dumps([IIN]).encode(), False),
        Bad("UNKNOWN_TYPE", "application-teleported", of(unknown), True, id=unknown),
        Bad("UNKNOWN_TYPE", "application-teleported", b"neither this", False),
        Bad("INVALID", "application-started", of(invalid, **clear), True, fields=wrong, id=invalid),
        Bad("TOO_LARGE", "form-filled", of(large, filling="x" * LARGE), True, id=large),
        Bad("TOO_LARGE", "form-filled", f"{IIN} ".encode() * (LARGE // 13 + 1), False),
        Bad("NO_MESSAGE_ID", "feedback-left", praise(nameless, 4, sealer), True, None, id=nameless),
        Bad("UNKNOWN_APPLICATION", "feedback-left", said, True, id, id=stranger),
        Bad("ID_REUSED", "feedback-left", again, True, id, id=stranger),
    )


def praise(id: UUID, rating: int, sealer: PortalSealer) -> bytes:
    return write(FeedbackLeft(application_id=id, authenticated_iin=Sealed(IIN), rating=rating), sealer)


@pytest.fixture
async def house_with_empty_dead_letters(house: House) -> AsyncIterator[House]:
    await house.forget_dead_letters()
    yield house
    await house.forget_dead_letters()


async def test_whatever_comes_is_answered_or_laid_aside_with_its_reason(
    house_with_empty_dead_letters: House,
) -> None:
    house = house_with_empty_dead_letters
    keys = house.stack.folder.data / "keys"
    bad = everything_bad(PortalSealer(keyring.load_portal_public(keys / keyring.PORTAL_PUBLIC), keyring.system_nonces))
    pids = house.pids()
    await say(house, bad)
    unanswered = [each for each in bad if not each.answered]
    answered = {id: [each for each in bad if each.id == id] for id in {each.id for each in bad} - {None}}

    async def have_come() -> bool:
        told = [len(await rejected(house, id)) >= len(expected) for id, expected in answered.items()]
        return all(told) and len(await house.dead_letters()) >= len(unanswered)

    assert await until(have_come, 20)
    for id, expected in answered.items():
        found = await rejected(house, id)
        told = sorted((each["reason"], each["message_id"]) for each in found)
        assert told == sorted((each.reason, each.message_id or "") for each in expected)
        assert {fault["field"] for each in found for fault in each.get("faults", ())} == expected[0].fields
        assert all(each["text"]["kk"] and each["text"]["ru"] for each in found)
        assert IIN not in json.dumps(found)
    opened = KeyringSealer(keyring.load(keys), keyring.system_nonces, lambda: "2025-10").open
    letters = await house.dead_letters()
    assert sorted(map(partial(laid_aside, opened), letters)) == sorted((each.reason, each.body) for each in unanswered)
    assert IIN not in json.dumps(letters)
    assert house.pids() == pids
    assert await until(partial(are_worked_off, house), 20)
    assert {(id, len(await rejected(house, id))) for id in answered} == {(id, len(e)) for id, e in answered.items()}
    assert len(await house.dead_letters()) == len(unanswered)


async def say(house: House, bad: Sequence[Bad]) -> None:
    """As the portal's own user; what has no id goes over the management API, for every client invents one."""
    broker = house.stack.broker.address
    async with await aio_pika.connect(house.stack.addresses.amqp_url(PORTAL)) as connection:
        portal = await (await connection.channel()).get_exchange("portal", ensure=False)
        for each in bad:
            if each.message_id is not None:
                message = aio_pika.Message(each.body, message_id=each.message_id, content_type="application/json")
                await portal.publish(message, each.key)
                continue
            said = {"routing_key": each.key, "payload": each.body.decode(), "payload_encoding": "string"}
            url = f"{broker.management_url}/api/exchanges/%2F/portal/publish"
            answer = await house.http.post(url, json={**said, "properties": {}}, auth=broker.administrator)
            assert answer.json() == {"routed": True}, answer.text


async def rejected(house: House, id: UUID | None) -> list[dict[str, Any]]:
    """What the portal was told of that application's messages."""
    answer = await house.http.get(f"{house.stage.url(PORTAL)}/control/applications/{id}")
    return list(answer.json()["rejected"]) if answer.is_success else []


def laid_aside(opened: Any, letter: Mapping[str, Any]) -> tuple[str, bytes]:
    """Its reason and what was said; it lies there sealed whole."""
    headers = letter["properties"]["headers"]
    reason = str(headers["reason"])
    assert letter["routing_key"] == f"{INTAKE}.{reason.lower().replace('_', '-')}"
    assert (headers["sealed"], headers["said-by"], headers["origin-exchange"]) == ("true", INTAKE, "portal")
    assert headers["origin-key"]
    assert headers["queue"].startswith("intake.")
    return reason, opened(json.loads(letter["payload"])["sealed"], UUID(int=0))


async def are_worked_off(house: House) -> bool:
    """Intake's queues and outboxes are empty."""
    return not any(name.startswith(INTAKE) for name in await house.queued()) and await house.standing() == 0
