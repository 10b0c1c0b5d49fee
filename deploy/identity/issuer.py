"""The issuer's addresses: what it publishes, the page on which people sign in, and the exchange of code for token."""

from __future__ import annotations

import base64
import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from deploy.identity.accounts import FOLDER, Account, Accounts
from deploy.identity.settings import IdentitySettings
from deploy.sandbox.keys import keep_first
from shared.security import jws
from shared.security.xmldsig import SigningKey
from shared.web.oidc import challenge
from shared.web.pages import form_of
from shared.web.problems import HEADERS, Problem
from shared.web.site import Site

CODE_LIVES: Final = timedelta(seconds=60)
TOKEN_LIVES: Final = timedelta(minutes=5)
MOST_CODES: Final = 1000
KEY = "issuer.pem"


@dataclass(frozen=True, slots=True)
class Grant:
    """What a code stands for until it is exchanged, once."""

    account: Account
    back: str
    challenge: str
    nonce: str
    until: datetime


@dataclass(slots=True)
class Issuer:
    """One issuer for one client. `now` is machine time."""

    settings: IdentitySettings
    accounts: Accounts
    key: SigningKey
    site: Site
    now: Callable[[], datetime]
    _grants: dict[str, Grant] = field(default_factory=dict)

    def routes(self) -> list[BaseRoute]:
        return [
            Route("/.well-known/openid-configuration", self.published),
            Route("/jwks", self.jwks),
            Route("/authorize", self.ask, methods=["GET"]),
            Route("/authorize", self.sign_in, methods=["POST"]),
            Route("/authorize/language/{language}", self.site.speak),
            Route("/token", self.exchange, methods=["POST"]),
            self.site.static(),
        ]

    async def published(self, _: Request) -> Response:
        at = self.settings.issuer_url
        return JSONResponse(
            {
                "issuer": at,
                "authorization_endpoint": f"{at}/authorize",
                "token_endpoint": f"{at}/token",
                "jwks_uri": f"{at}/jwks",
                "response_types_supported": ["code"],
                "grant_types_supported": ["authorization_code"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["RS256"],
                "code_challenge_methods_supported": ["S256"],
                "token_endpoint_auth_methods_supported": ["none"],
                "ui_locales_supported": ["kk", "ru"],
            },
            headers=HEADERS,
        )

    async def jwks(self, _: Request) -> Response:
        numbers = self.key.private.public_key().public_numbers()
        key = {"kty": "RSA", "use": "sig", "alg": "RS256", "n": _text(numbers.n), "e": _text(numbers.e)}
        return JSONResponse({"keys": [key]}, headers=HEADERS)

    async def ask(self, request: Request) -> Response:
        self._asked(request)
        return self._page(request, failed=False)

    async def sign_in(self, request: Request) -> Response:
        """The right password sends the browser back with a code; anything else shows the form again."""
        asked = self._asked(request)
        if request.headers.get("origin", self._origin) != self._origin:
            raise Problem(403, "Not ours", code="CSRF")
        form = await form_of(request)
        account = await self.accounts.check(form.get("account", "").strip(), form.get("password", ""))
        if account is None:
            return self._page(request, failed=True)
        code, now = secrets.token_urlsafe(32), self.now()
        self._grants = {key: grant for key, grant in self._grants.items() if grant.until > now}
        if len(self._grants) >= MOST_CODES:
            raise Problem(503, "Not now", headers={"Retry-After": "60"})
        self._grants[code] = Grant(
            account, asked["redirect_uri"], asked["code_challenge"], asked["nonce"], now + CODE_LIVES
        )
        given = urlencode({"code": code, "state": asked["state"], "iss": self.settings.issuer_url})
        return RedirectResponse(f"{asked['redirect_uri']}?{given}", 303, self.site.headers)

    async def exchange(self, request: Request) -> Response:
        form, now = await form_of(request), self.now()
        grant = self._grants.pop(form.get("code", ""), None)
        holds = (
            grant is not None
            and grant.until > now
            and form.get("grant_type") == "authorization_code"
            and form.get("client_id") == self.settings.issuer_client
            and form.get("redirect_uri") == grant.back
            and hmac.compare_digest(challenge(form.get("code_verifier", "")).encode(), grant.challenge.encode())
        )
        if grant is None or not holds:
            return JSONResponse({"error": "invalid_grant"}, 400, headers=HEADERS)
        claims: dict[str, Any] = {
            "iss": self.settings.issuer_url,
            "sub": grant.account.id,
            "aud": self.settings.issuer_client,
            "iat": int(now.timestamp()),
            "exp": int((now + TOKEN_LIVES).timestamp()),
            "nonce": grant.nonce,
            "preferred_username": grant.account.id,
            "region": grant.account.region,
            "roles": sorted(grant.account.roles),
        }
        token = {"access_token": secrets.token_urlsafe(32), "token_type": "Bearer", "expires_in": 300}
        return JSONResponse({**token, "id_token": jws.signed(self.key, claims)}, headers=HEADERS)

    @property
    def _origin(self) -> str:
        parts = urlsplit(self.settings.issuer_url)
        return f"{parts.scheme}://{parts.netloc}"

    def _asked(self, request: Request) -> dict[str, str]:
        """What the client asked for. A wrong client or address is told to the person and never sent anywhere."""
        asked = dict(request.query_params)
        holds = (
            asked.get("client_id") == self.settings.issuer_client
            and asked.get("redirect_uri") in self.settings.returns
            and asked.get("response_type") == "code"
            and asked.get("code_challenge_method") == "S256"
            and len(asked.get("code_challenge", "")) == 43
            and "openid" in asked.get("scope", "").split()
            and all(0 < len(asked.get(name, "")) <= 256 for name in ("state", "nonce"))
        )
        if not holds:
            raise Problem(400, "Not a question of a client of ours", code="SIGN_IN")
        return asked

    def _page(self, request: Request, *, failed: bool) -> Response:
        kept = {name: value for name, value in request.query_params.items() if name != "ui_locales"}
        return self.site.page(request, "sign_in.html", 401 if failed else 200, failed=failed, asked=urlencode(kept))


def key_in(key_folder: Path) -> SigningKey:
    """The issuer's RSA key, made on the first start."""
    path = key_folder / FOLDER / KEY
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not path.exists():
        made = rsa.generate_private_key(65537, 2048)
        keep_first(path, made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    private = load_pem_private_key(path.read_bytes(), None)
    assert isinstance(private, rsa.RSAPrivateKey)
    return SigningKey(private, b"")


def _text(number: int) -> str:
    return base64.urlsafe_b64encode(number.to_bytes((number.bit_length() + 7) // 8)).decode().rstrip("=")
