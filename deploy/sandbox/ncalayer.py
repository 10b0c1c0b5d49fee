"""NCALayer, stood in for: the program on a person's computer that a page asks, by a WebSocket, to sign something.

It speaks `kz.gov.pki.knca.basics` and the older `commonUtils`. The real one listens at wss://127.0.0.1:13579 with a
certificate of its own; this one listens where it is told, without TLS. For a page of one's own, beside a system that
runs: `python -m deploy.local.beside portal deploy.sandbox.ncalayer WHOSE [--port 13579]`, an IIN or an officer's
account.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import json
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Final

from cryptography.x509 import ExtendedKeyUsage

from deploy.sandbox.authority import Authority, Signatory
from deploy.sandbox.keys import AUTHORITY, authority_seed, officers
from deploy.sandbox.settings import SandboxSettings
from deploy.sandbox.websocket import Closed, Socket, connect, serve
from shared.security.eds import INDIVIDUAL

BASICS, COMMON = "kz.gov.pki.knca.basics", "kz.gov.pki.knca.commonUtils"
EMAIL_PROTECTION: Final = "1.3.6.1.5.5.7.3.4"
PERSON: Final = [EMAIL_PROTECTION, INDIVIDUAL.dotted_string]
"""The purposes of the key that a page asks for when a person is to sign."""
Key = Callable[[], Signatory | None]
"""What the person chooses when asked for a key; None: they close the window."""


class Cancelled(Exception):
    """The person closed the window, or the program would not."""


@asynccontextmanager
async def running(key: Key, now: Callable[[], datetime], port: int = 0) -> AsyncIterator[int]:
    """Listens while the block runs; gives the port."""

    async def talk(socket: Socket) -> None:
        await socket.send(json.dumps({"result": {"version": "1.4"}}))
        while True:
            await socket.send(json.dumps(_answer(await socket.receive(), key, now())))

    server: asyncio.Server = await serve(talk, port=port)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


async def sign_in_browser(port: int, payload: bytes, locale: str = "kk", host: str = "127.0.0.1") -> str:
    """What a page does: connect, hear the version, ask for a detached CMS. Gives its base64. Raises `Cancelled`,
    `Closed`, `OSError`.
    """
    socket = await connect(host, port)
    try:
        if "result" not in json.loads(await socket.receive()):
            raise Closed
        await socket.send(json.dumps(request_to_sign(payload, locale)))
        answer = json.loads(await socket.receive())
    finally:
        await socket.close()
    result = (answer.get("body") or {}).get("result") if answer.get("status") is True else None
    if not result:
        raise Cancelled(answer.get("code", ""))
    return str(result[0] if isinstance(result, list) else result)


def request_to_sign(payload: bytes, locale: str) -> dict[str, Any]:
    signing = {"decode": True, "encapsulate": False, "digested": False, "tsaProfile": None}
    return {
        "module": BASICS,
        "method": "sign",
        "args": {
            "allowedStorages": ["PKCS12"],
            "format": "cms",
            "data": base64.b64encode(payload).decode(),
            "signingParams": signing,
            "signerParams": {"extKeyUsageOids": PERSON, "chain": None},
            "locale": locale,
        },
    }


def _answer(text: str, key: Key, now: datetime) -> dict[str, Any]:
    try:
        asked = json.loads(text)
        if asked["module"] == COMMON:
            return _common(asked, key, now)
        args = asked["args"]
        if (asked["module"], asked["method"], args["format"]) != (BASICS, "sign", "cms"):
            return _refused("UNSUPPORTED")
        params = args["signingParams"]
        data = args["data"]
        payload = base64.b64decode(data, validate=True) if params.get("decode") else str(data).encode()
        chosen = key()
        if chosen is None:
            return {"status": True, "body": {}}
        if not set(args["signerParams"]["extKeyUsageOids"]) <= _purposes(chosen):
            return _refused("NO_SUITABLE_KEY")
        return {"status": True, "body": {"result": [_cms(chosen, payload, now, bool(params.get("encapsulate")))]}}
    except (ValueError, KeyError, TypeError, AttributeError):
        return _refused("MALFORMED")


def _common(asked: dict[str, Any], key: Key, now: datetime) -> dict[str, Any]:
    """The older module: `createCAdESFromBase64` with storage, kind of key, data, and whether to enclose it."""
    if asked["method"] != "createCAdESFromBase64":
        return {"code": "500", "message": "UNSUPPORTED"}
    _, kind, data, attached = asked["args"]
    chosen = key() if kind == "SIGNATURE" else None
    if chosen is None:
        return {"code": "500", "message": "action.canceled"}
    return {"code": "200", "responseObject": _cms(chosen, base64.b64decode(data), now, bool(attached))}


def _purposes(key: Signatory) -> set[str]:
    """What the certificate says the key is for, and whose it is."""
    return {each.dotted_string for each in key.certificate.extensions.get_extension_for_class(ExtendedKeyUsage).value}


def _cms(key: Signatory, payload: bytes, now: datetime, attached: bool) -> str:
    return base64.b64encode(key.sign(payload, now, attached=attached)).decode()


def _refused(code: str) -> dict[str, Any]:
    return {"status": False, "code": code, "message": code, "details": ""}


def key_of(whose: str, key_folder: Path) -> Signatory:
    """The sandbox's key of an officer by the account, else of a citizen by the IIN."""
    folder = key_folder / AUTHORITY
    authority = Authority.kept_in(folder, datetime.now(UTC))
    officer = next((each for each in officers(authority_seed(folder)) if each.id == whose), None)
    return officer.signatory(authority) if officer else authority.citizen(whose)


async def listen(whose: str, port: int, key_folder: Path) -> None:
    """Signs as that person whatever it is asked to, until it is ended."""
    key = key_of(whose, key_folder)
    async with running(lambda: key, partial(datetime.now, UTC), port) as at:
        print(f"ws://127.0.0.1:{at} signs for {whose}; Ctrl+C ends it", flush=True)
        await asyncio.Event().wait()


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m deploy.sandbox.ncalayer", description="NCALayer, stood in for.")
    parser.add_argument("whose", help="whose key it holds: an officer's account, or the IIN of a person, any at all")
    parser.add_argument("--port", type=int, default=13579)
    asked = parser.parse_args(arguments)
    with suppress(KeyboardInterrupt):
        asyncio.run(listen(asked.whose, asked.port, SandboxSettings().key_folder))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
