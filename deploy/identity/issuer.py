"""The issuer's addresses: what it publishes, the pages on which people sign in, and the exchange of code for token."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import structlog
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from deploy.identity.account import Account
from deploy.identity.accounts import FOLDER, Accounts
from deploy.identity.grants import Grants
from deploy.identity.renewing import STEP_LIVES, Renewals
from deploy.identity.second_step import Begun, SecondStep
from deploy.identity.settings import IdentitySettings
from deploy.sandbox.keys import keep_first
from shared.security import jws
from shared.security.xmldsig import SigningKey
from shared.web.languages import language_of
from shared.web.officer_keys import to_sign
from shared.web.oidc import BY_KEY, BY_PASSWORD
from shared.web.pages import Form, form_of, told_where
from shared.web.problems import HEADERS, Problem, not_signed_so
from shared.web.site import Site

KEY = "issuer.pem"
RENEWAL = "kualik-renewal"
"""The cookie that holds the ticket of a sign-in which still needs another password."""


def unheeded() -> None:
    """Nobody else reads the accounts."""


@dataclass(slots=True)
class Issuer:
    """One issuer for one client. `now` is machine time. Without a second step the password is enough."""

    settings: IdentitySettings
    accounts: Accounts
    key: SigningKey
    site: Site
    now: Callable[[], datetime]
    second: SecondStep | None = None
    changed: Callable[[], None] = unheeded
    """Told after an account has got another password."""
    _grants: Grants = field(init=False)
    _renewals: Renewals = field(init=False)

    def __post_init__(self) -> None:
        self._grants = Grants(self.settings.issuer_url, self.settings.issuer_client, self.now)
        self._renewals = Renewals(self.accounts, self.now)

    def routes(self) -> list[BaseRoute]:
        return [
            Route("/.well-known/openid-configuration", self.published),
            Route("/jwks", self.jwks),
            Route("/authorize", self.ask, methods=["GET"]),
            Route("/authorize", self.sign_in, methods=["POST"]),
            Route("/authorize/key", self.sign, methods=["POST"]),
            Route("/authorize/key/text", self.text, methods=["POST"]),
            Route("/authorize/password", self.another, methods=["GET"]),
            Route("/authorize/password", self.renew, methods=["POST"]),
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
        named, password = form.get("account", "").strip(), form.get("password", "")
        account = await self.accounts.check(named, password, where_of(request))
        if account is None:
            return self._page(request, failed=True)
        if self.second is None:
            return self._entered(request, account, asked, BY_PASSWORD)
        ticket, ncalayer = self.second.begin(account, asked), self.second.ncalayer(account)
        return self.site.page(request, "second_step.html", asked=_kept(request), ticket=ticket, ncalayer=ncalayer)

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
            self.accounts.failed(id, where_of(request), fault.value)
            structlog.get_logger("identity").warning("second step refused", officer=id, fault=fault.value)
            raise not_signed_so(fault.value)
        second.end(form.get("ticket", ""))
        return told_where(self.site, request, self._entered(request, begun.account, self._asked(request), BY_KEY))

    async def another(self, request: Request) -> Response:
        """The page on which another password is chosen, after everything else of the sign-in."""
        self._renewals.begun(request.cookies.get(RENEWAL, ""), self._asked(request))
        return self._password(request)

    async def renew(self, request: Request) -> Response:
        """Another password is chosen, and the browser goes back with a code; what cannot be taken is said above."""
        asked, form = self._asked(request), await self._form(request)
        ticket = request.cookies.get(RENEWAL, "")
        renewal = self._renewals.begun(ticket, asked)
        fault = await self._renewals.fault(renewal, form)
        if fault is not None:
            return self._password(request, fault)
        account = await self._renewals.done(ticket, renewal, form, where_of(request))
        self.changed()
        return self._granted(request, account, asked, renewal.by)

    def _password(self, request: Request, fault: str = "") -> Response:
        told = self.site.text(request, fault) if fault else ""
        return self.site.page(request, "new_password.html", 422 if fault else 200, asked=_kept(request), fault=told)

    def _entered(self, request: Request, account: Account, asked: dict[str, str], by: str) -> Response:
        """Back to the client, by way of another password when this one serves once."""
        if account.one_time_until is None:
            return self._granted(request, account, asked, by)
        page, language = f"{self.site.home}/password", urlencode({"ui_locales": language_of(request)})
        answer = RedirectResponse(f"{page}?{_kept(request)}&{language}", 303, self.site.headers)
        answer.set_cookie(
            RENEWAL, self._renewals.begin(account, asked, by), int(STEP_LIVES.total_seconds()), path=page,
            secure=self.settings.issuer_url.startswith("https:"), httponly=True, samesite="lax",
        )  # fmt: skip
        return answer

    def _granted(self, request: Request, account: Account, asked: dict[str, str], by: str) -> Response:
        """Back to the client with a code. Raises `Problem` 403 when the account was closed meanwhile."""
        if not self.accounts.succeeded(account, where_of(request)):
            raise Problem(403, "The sign-in did not succeed", code="SIGN_IN")
        code = self._grants.code(account, asked, by)
        given = urlencode({"code": code, "state": asked["state"], "iss": self.settings.issuer_url})
        return RedirectResponse(f"{asked['redirect_uri']}?{given}", 303, self.site.headers)

    async def exchange(self, request: Request) -> Response:
        grant = self._grants.taken(await form_of(request))
        if grant is None or not self.accounts.stands(grant.account):
            return JSONResponse({"error": "invalid_grant"}, 400, headers=HEADERS)
        token = {"access_token": secrets.token_urlsafe(32), "token_type": "Bearer", "expires_in": 300}
        id_token = jws.signed(self.key, self._grants.claims(grant))
        return JSONResponse({**token, "id_token": id_token}, headers=HEADERS)

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
        if not self.accounts.stands(begun.account):
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


def where_of(request: Request) -> str:
    return request.client.host if request.client else "unknown"


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
