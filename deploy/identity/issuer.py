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

import structlog
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from deploy.identity.accounts import FOLDER, Account, Accounts
from deploy.identity.second_step import Begun, SecondStep
from deploy.identity.settings import IdentitySettings
from deploy.sandbox.keys import keep_first
from shared.security import jws
from shared.security.xmldsig import SigningKey
from shared.web.officer_keys import to_sign
from shared.web.oidc import BY_KEY, BY_PASSWORD, challenge
from shared.web.pages import Form, form_of, told_where
from shared.web.problems import HEADERS, Problem, not_signed_so
from shared.web.site import Site

CODE_LIVES: Final = timedelta(seconds=60)
TOKEN_LIVES: Final = timedelta(minutes=5)
MOST_CODES: Final = 1000
KEY = "issuer.pem"


@dataclass(frozen=True, slots=True)
class Grant:
    """What a code stands for until it is exchanged, once."""

    account: Account
    by: str
    back: str
    challenge: str
    nonce: str
    until: datetime


@dataclass(slots=True)
class Issuer:
    """One issuer for one client. `now` is machine time. Without a second step the password is enough."""

    settings: IdentitySettings
    accounts: Accounts
    key: SigningKey
    site: Site
    now: Callable[[], datetime]
    second: SecondStep | None = None
    _grants: dict[str, Grant] = field(default_factory=dict)

    def routes(self) -> list[BaseRoute]:
        return [
            Route("/.well-known/openid-configuration", self.published),
            Route("/jwks", self.jwks),
            Route("/authorize", self.ask, methods=["GET"]),
            Route("/authorize", self.sign_in, methods=["POST"]),
            Route("/authorize/key", self.sign, methods=["POST"]),
            Route("/authorize/key/text", self.text, methods=["POST"]),
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
                "acr_values_supported": [BY_KEY if self.second else BY_PASSWORD],
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
        """The right password leads on, to the second step or back with a code; anything else shows the form again."""
        asked, form = self._asked(request), await self._form(request)
        account = await self.accounts.check(form.get("account", "").strip(), form.get("password", ""))
        if account is None:
            return self._page(request, failed=True)
        if self.second is None:
            return self._granted(account, asked, BY_PASSWORD)
        ticket, ncalayer = self.second.begin(account, asked), self.second.ncalayer(account)
        return self.site.page(
            request, "second_step.html", asked=_kept(request), ticket=ticket, ncalayer=ncalayer
        )  # fmt: skip

    async def text(self, request: Request) -> Response:
        """A challenge of this sign-in, for the officer's own key."""
        second, begun, _ = await self._begun(request)
        text = second.challenge(begun)
        return to_sign(self.site, text.canonical(), text.moment)

    async def sign(self, request: Request) -> Response:
        """The officer's signature sends the browser back with a code; one that does not hold counts for the lock."""
        second, begun, form = await self._begun(request)
        id, fault = begun.account.id, await second.fault(begun, form)
        if fault is not None:
            self.accounts.failed(id)
            structlog.get_logger("identity").warning("second step refused", officer=id, fault=fault.value)
            raise not_signed_so(fault.value)
        second.end(form.get("ticket", ""))
        return told_where(self.site, request, self._granted(begun.account, self._asked(request), BY_KEY))

    def _granted(self, account: Account, asked: dict[str, str], by: str) -> Response:
        """Back to the client with a code."""
        self.accounts.succeeded(account.id)
        code, now = secrets.token_urlsafe(32), self.now()
        self._grants = {key: grant for key, grant in self._grants.items() if grant.until > now}
        if len(self._grants) >= MOST_CODES:
            raise Problem(503, "Not now", headers={"Retry-After": "60"})
        self._grants[code] = Grant(
            account, by, asked["redirect_uri"], asked["code_challenge"], asked["nonce"], now + CODE_LIVES
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
            "acr": grant.by,
            "amr": ["pwd", "swk", "mfa"] if grant.by == BY_KEY else ["pwd"],
        }
        token = {"access_token": secrets.token_urlsafe(32), "token_type": "Bearer", "expires_in": 300}
        return JSONResponse({**token, "id_token": jws.signed(self.key, claims)}, headers=HEADERS)

    async def _form(self, request: Request) -> Form:
        """Raises `Problem` 403 for one of another site's page."""
        if request.headers.get("origin", self._origin) != self._origin:
            raise Problem(403, "Not ours", code="CSRF")
        return await form_of(request)

    async def _begun(self, request: Request) -> tuple[SecondStep, Begun, Form]:
        """The sign-in to which the form belongs. Raises `Problem` 403 when there is none, or its account rests."""
        asked, form = self._asked(request), await self._form(request)
        if self.second is None:
            raise Problem(404, "Not Found")
        begun = self.second.begun(form.get("ticket", ""), asked)
        if self.accounts.locked(begun.account.id):
            raise Problem(403, "The sign-in did not succeed", code="SIGN_IN")
        return self.second, begun, form

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
        return self.site.page(request, "sign_in.html", 401 if failed else 200, failed=failed, asked=_kept(request))


def _kept(request: Request) -> str:
    """What the client asked, for the next address."""
    return urlencode({name: value for name, value in request.query_params.items() if name != "ui_locales"})


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
