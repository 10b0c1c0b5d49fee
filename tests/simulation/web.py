"""The services' own HTTP sides, called in the interpreter: real routes, checks of signatures and tokens, bodies.

The routes are made once; what they work with is a `Facing` that looks through to the incarnation that serves the call.
"""

from __future__ import annotations

import atexit
import json
import os
import shutil
import tempfile
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, cast
from urllib.parse import quote

from starlette.applications import Starlette

from deploy.sandbox import keys
from deploy.sandbox.authority import Authority
from services.intake import uploading
from services.intake.api import intake_routes
from services.intake.mobile import Mobile
from services.intake.uploading import Uploads
from services.payment.api import payment_routes
from services.production_dispatch.office import Office
from services.production_dispatch.production import Production
from services.production_dispatch.routes import production_routes
from services.ums_review.desk import Room
from services.ums_review.routes import review_routes
from shared.gateways.catalogue import ASYNCHRONOUS, STATUSES_PUSHED
from shared.gateways.letters import Kind, Letter
from shared.gateways.mailbox import NotTaken
from shared.law.rules import RULES
from shared.process import INTAKE, PAYMENT, PRODUCTION, REVIEW
from shared.security.cleaning import cleaned
from shared.security.eds import LocalVerifier
from shared.security.grants import Grants
from shared.web.officers import Officers
from shared.web.problems import EXCEPTION_HANDLERS
from shared.web.signed import signature_of

SERVING: ContextVar[Any] = ContextVar("serving")
"""The incarnation that serves the call in hand."""

SEED = b"kualik simulation, keys of nobody"


class Facing:
    """Stands for one part of the incarnation that serves the call in hand."""

    def __init__(self, part: str) -> None:
        self._part = part

    def __getattr__(self, name: str) -> Any:
        return getattr(getattr(SERVING.get(), self._part), name)


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    content: bytes

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300

    @property
    def json(self) -> Any:
        return json.loads(self.content) if self.content else {}


@dataclass(frozen=True, slots=True)
class Place:
    """What one interpreter shares over all its seeds: keys, officers, the authority, the services' routes."""

    folder: Path
    authority: Authority
    officers: tuple[keys.OfficerAccount, ...]
    verifier: LocalVerifier
    apps: dict[str, Starlette]

    def key(self, name: str) -> bytes:
        return (self.folder / name).read_bytes().strip()


@lru_cache(maxsize=1)
def place() -> Place:
    """Always the same keys: a seed is replayed in another interpreter too. A picture is opened once for all seeds."""
    vars(uploading)["cleaned"] = cache(cleaned)
    folder = Path(tempfile.mkdtemp(prefix="kualik-simulation-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    (folder / keys.AUTHORITY).mkdir()
    (folder / keys.AUTHORITY / "authority.seed").write_bytes(SEED)
    for name in (*keys.CALL_BACK_KEYS, keys.PORTAL_TOKEN):
        path = folder / name
        path.write_text(f"{name} of the simulation, of no use elsewhere")
        os.chmod(path, 0o600)
    officers = keys.write(folder)
    authority = Authority(datetime(2025, 6, 1, tzinfo=UTC), SEED)
    trust = authority.trust()
    verifier = LocalVerifier(lambda: trust)
    return Place(folder, authority, officers, verifier, _apps(folder, verifier))


def _apps(folder: Path, verifier: LocalVerifier) -> dict[str, Starlette]:
    engine, objects, clock, ring = (cast(Any, Facing(part)) for part in ("engine", "objects", "clock", "keyring"))
    reads = cast(Any, Facing("reads"))
    uploads = Uploads(engine, objects, RULES.limits, Grants(SEED))
    mobile = Mobile(engine, RULES.limits, Grants(SEED), "http://simulation", "000140000000")
    routes = {
        INTAKE: intake_routes(engine, folder, NearMailbox(), uploads, mobile),
        PAYMENT: payment_routes(engine, reads, reads, folder),
        REVIEW: review_routes(Room(engine, Officers(folder), reads, reads, verifier, objects, clock, ring, RULES)),
        PRODUCTION: production_routes(Office(engine, reads, Officers(folder), objects, ring, folder, verifier)),
    }
    return {name: Starlette(routes=found, exception_handlers=EXCEPTION_HANDLERS) for name, found in routes.items()}


def signed(key: bytes, body: dict[str, Any]) -> tuple[bytes, dict[str, str]]:
    """A call-back's bytes and headers."""
    content = json.dumps(body, separators=(",", ":")).encode()
    return content, {"Content-Type": "application/json", "X-Signature": signature_of(key, content)}


def at_the_desk(card: Production) -> dict[str, Any]:
    """What the issue desk shows of a card, as far as its officer signs it."""
    assert card.certified
    photo = card.certified.value.photo.sha256
    return {"application_id": card.application_id, "talon": card.talon, "point": card.point, "photo_sha256": photo}


def pushed(body: dict[str, Any]) -> tuple[bytes, dict[str, str]]:
    """What ШЭП's asynchronous channel brings, without its XML."""
    return json.dumps(body).encode(), {"Content-Type": "text/xml"}


class NearMailbox:
    """The asynchronous channel without a wire: the letter itself, and nothing to sign."""

    async def open(self, content: bytes) -> Letter:
        said = json.loads(content)
        id, kind, correlation = said.pop("callback_id"), Kind(said.pop("kind")), said.pop("correlation")
        return Letter(id, correlation, ASYNCHRONOUS[STATUSES_PUSHED], kind, datetime(2025, 6, 1, tzinfo=UTC), said)

    async def receipt(self, letter: Letter) -> bytes:
        return b""

    async def refusal(self, no: NotTaken) -> bytes:
        return b""


async def call(app: Starlette, method: str, target: str, content: bytes, headers: dict[str, str]) -> Reply:
    """One call over ASGI. Raises what the application raises: then the service has no answer for it."""
    path, _, query = target.partition("?")
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "path": path,
        "raw_path": quote(path).encode(),
        "query_string": query.encode(),
        "root_path": "",
        "scheme": "http",
        "headers": [
            (b"host", b"simulation"),
            (b"content-length", str(len(content)).encode()),
            *((name.lower().encode(), value.encode()) for name, value in headers.items()),
        ],
        "client": ("192.0.2.1", 1),
        "server": ("simulation", 80),
    }
    said: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": content, "more_body": False}

    async def send(message: Any) -> None:
        said.append(message)

    await app(scope, receive, send)
    return Reply(said[0]["status"], b"".join(message.get("body", b"") for message in said[1:]))
