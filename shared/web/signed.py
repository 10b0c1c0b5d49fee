"""Who else knocks than officers: outside systems whose call-backs are signed, and the portal with its token."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from pathlib import Path
from typing import Final

from starlette.requests import Request

from shared.web.problems import Problem, unauthorized

SIGNATURE: Final = "X-Signature"
SHORTEST: Final = 16


def read_key(path: Path) -> bytes:
    """The shared key in a file: its text without the space around it. Raises `Problem` 503 while there is none."""
    try:
        key = path.read_bytes().strip()
    except OSError:
        key = b""
    if len(key) < SHORTEST:
        raise Problem(503, "Not now", "This side has no key to check with yet.")
    return key


def signature_of(key: bytes, body: bytes) -> str:
    """What stands in the header `X-Signature`: `sha256=` and the HMAC in hex."""
    return f"sha256={hmac.new(key, body, hashlib.sha256).hexdigest()}"


def signed_with(path: Path) -> Callable[[Request, bytes], None]:
    """A check for `Endpoint.checks`: the raw body bears the HMAC of the key in that file (read anew each time)."""

    def check(request: Request, body: bytes) -> None:
        given = request.headers.get(SIGNATURE, "")
        if not hmac.compare_digest(given.encode(), signature_of(read_key(path), body).encode()):
            raise Problem(401, "The signature does not fit", f"{SIGNATURE} must be the HMAC-SHA-256 of the body.")

    return check


def bearer(request: Request) -> str:
    """The bearer token of the call. Raises `Problem` 401 when there is none."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise unauthorized()
    return token.strip()


def token_in(path: Path) -> Callable[[Request], None]:
    """A judge for `Endpoint.allows`: the caller knows the token in that file (the portal: `portal.token`)."""

    def allow(request: Request) -> None:
        given = hashlib.sha256(bearer(request).encode()).digest()
        if not hmac.compare_digest(given, hashlib.sha256(read_key(path)).digest()):
            raise unauthorized("This token is not known.")

    return allow
