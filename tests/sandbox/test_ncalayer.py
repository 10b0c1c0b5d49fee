"""NCALayer's stand-in speaks its protocol over a real WebSocket, and a page can sign by it."""

from __future__ import annotations

import asyncio
import base64
import json
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from deploy.sandbox.authority import Authority, Signatory
from deploy.sandbox.keys import write
from deploy.sandbox.ncalayer import (
    BASICS,
    COMMON,
    EMAIL_PROTECTION,
    Cancelled,
    key_of,
    request_to_sign,
    running,
    sign_in_browser,
)
from deploy.sandbox.websocket import Closed, connect, serve
from shared.security.eds import ORGANISATION, Citizen, LocalVerifier, Verified

NOW = datetime(2025, 10, 6, 5, 0, tzinfo=UTC)
AUTHORITY = Authority(NOW, b"ncalayer")
IIN = "900115390019"
PAYLOAD = "өтінім".encode() * 20_000


def key() -> Signatory:
    return AUTHORITY.citizen(IIN)


async def told(port: int, *asked: dict[str, Any]) -> list[dict[str, Any]]:
    socket = await connect("127.0.0.1", port)
    try:
        answers = [json.loads(await socket.receive())]
        for each in asked:
            await socket.send(json.dumps(each))
            answers.append(json.loads(await socket.receive()))
    finally:
        await socket.close()
    return answers


async def is_good(cms: str, payload: bytes = PAYLOAD) -> bool:
    found = await LocalVerifier(AUTHORITY.trust).verify(base64.b64decode(cms), payload, NOW, Citizen(IIN))
    return isinstance(found, Verified)


async def test_a_page_signs_by_it() -> None:
    async with running(key, lambda: NOW) as port:
        assert await is_good(await sign_in_browser(port, PAYLOAD))


async def test_it_greets_with_its_version_and_answers_in_its_own_words() -> None:
    async with running(key, lambda: NOW) as port:
        greeting, good, unknown, wrong_key, garbled = await told(
            port,
            request_to_sign(PAYLOAD, "ru"),
            {**request_to_sign(PAYLOAD, "ru"), "method": "wipe"},
            {**request_to_sign(PAYLOAD, "ru"),
             "args": {**request_to_sign(PAYLOAD, "ru")["args"], "signerParams": {"extKeyUsageOids": ["1.2.3"]}}},
            {"module": BASICS},
        )  # fmt: skip
    assert "version" in greeting["result"]
    assert good["status"] is True
    assert await is_good(good["body"]["result"][0])
    assert [each["code"] for each in (unknown, wrong_key, garbled)] == ["UNSUPPORTED", "NO_SUITABLE_KEY", "MALFORMED"]


async def test_it_offers_only_a_key_of_the_kind_that_is_asked_for() -> None:
    asked = request_to_sign(PAYLOAD, "kk")
    asked["args"]["signerParams"]["extKeyUsageOids"] = [EMAIL_PROTECTION, ORGANISATION.dotted_string]
    for whose, status in ((AUTHORITY.officer(IIN, "000140000071"), True), (key(), False)):
        async with running(partial(lambda held: held, whose), lambda: NOW) as port:
            _, answer = await told(port, asked)
        assert answer["status"] is status


async def test_an_officers_key_is_found_by_the_account_and_a_citizens_by_the_iin(tmp_path: Path) -> None:
    officer = write(tmp_path)[0]
    serial = {whose: key_of(whose, tmp_path).certificate.subject.rfc4514_string() for whose in (officer.id, IIN)}
    assert officer.iin in serial[officer.id]
    assert officer.bin in serial[officer.id]
    assert IIN in serial[IIN]


@pytest.mark.parametrize("attached", [False, True])
async def test_the_older_module_is_there_too(attached: bool) -> None:
    args = ["PKCS12", "SIGNATURE", base64.b64encode(PAYLOAD).decode(), attached]
    asked = {"module": COMMON, "method": "createCAdESFromBase64", "args": args}
    async with running(key, lambda: NOW) as port:
        _, answer, no = await told(port, asked, {**asked, "method": "getKeyInfo"})
    assert answer["code"] == "200"
    assert await is_good(answer["responseObject"])
    assert no["code"] == "500"


async def test_a_person_who_closes_the_window_has_not_signed() -> None:
    async with running(lambda: None, lambda: NOW) as port:
        with pytest.raises(Cancelled):
            await sign_in_browser(port, PAYLOAD)


async def test_what_is_no_websocket_is_turned_away() -> None:
    async with running(key, lambda: NOW) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert (await reader.readline()).startswith(b"HTTP/1.1 426")
        writer.close()


async def test_pings_are_answered_and_an_end_is_an_end() -> None:
    async def talk(socket: Any) -> None:
        await socket._send(0x9, b"are you there")
        kind, body = await socket._frame()
        await socket.send(f"{kind} {body.decode()}")

    server = await serve(talk)
    socket = await connect("127.0.0.1", server.sockets[0].getsockname()[1])
    assert await socket.receive() == "10 are you there"
    with pytest.raises(Closed):
        await socket.receive()
    await socket.close()
    server.close()
