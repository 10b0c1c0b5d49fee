"""OpenID Connect for our pages: authorization code with PKCE (S256), RS256, discovery. The issuer says who knocks."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode

import httpx
from cryptography.hazmat.primitives.asymmetric import rsa
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from shared.engine.rows import Unavailable
from shared.security import jws
from shared.security.distrust import Distrusted

SCOPE: Final = "openid profile"
LEEWAY: Final = timedelta(seconds=30)
BY_PASSWORD, BY_KEY = "urn:kualik:password", "urn:kualik:eds"
"""How somebody signed in (`acr`) at the embedded issuer: by a password alone, or by their key after it."""


class SignInRefused(Exception):
    """What the issuer gave cannot be believed, or it gave nothing."""


class StepMissing(SignInRefused):
    """The issuer let somebody in otherwise than is demanded here."""


class Claims(BaseModel):
    """What is read of an ID token. `preferred_username` is the officer's id in `officers.json`."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    iss: str
    aud: str | list[str]
    azp: str | None = None
    exp: int
    iat: int
    nonce: str
    preferred_username: str
    region: str = ""
    roles: frozenset[str] = Field(default=frozenset())
    acr: str = ""


@dataclass(frozen=True, slots=True)
class Issuer:
    """An issuer by its address, for one public client. What it publishes is read anew at each sign-in.

    `inner` is where it is reached from here, when browsers know it by an address that leads nowhere from here; `acr`
    what its token must say of how the person signed in, if anything.
    """

    url: str
    client: str
    http: httpx.AsyncClient
    inner: str = ""
    acr: str = ""

    async def address(self, state: str, nonce: str, verifier: str, back: str, language: str) -> str:
        """Where the browser is sent to sign in. Raises `Unavailable`."""
        asked = {
            "response_type": "code",
            "client_id": self.client,
            "redirect_uri": back,
            "scope": SCOPE,
            "state": state,
            "nonce": nonce,
            "code_challenge": challenge(verifier),
            "code_challenge_method": "S256",
            "ui_locales": language,
            **({"acr_values": self.acr} if self.acr else {}),
        }
        return f"{(await self._published())['authorization_endpoint']}?{urlencode(asked)}"

    async def redeem(self, code: str, nonce: str, verifier: str, back: str, now: datetime) -> Claims:
        """Who signed in; `now` is machine time. Raises `SignInRefused`, `StepMissing`, `Unavailable`."""
        published = await self._published()
        body = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": back,
            "client_id": self.client,
            "code_verifier": verifier,
        }
        answer = await self._json("POST", published["token_endpoint"], body)
        keys = await self._json("GET", published["jwks_uri"])
        claims = _believed(str(answer.get("id_token", "")), keys)
        audience = [claims.aud] if isinstance(claims.aud, str) else claims.aud
        holds = (
            claims.iss == self.url
            and self.client in audience
            and (len(audience) == 1 or claims.azp == self.client)
            and claims.nonce == nonce
            and now - LEEWAY < datetime.fromtimestamp(claims.exp, now.tzinfo)
            and datetime.fromtimestamp(claims.iat, now.tzinfo) < now + LEEWAY
        )
        if not holds:
            raise SignInRefused
        if self.acr and claims.acr != self.acr:
            raise StepMissing
        return claims

    async def _published(self) -> dict[str, str]:
        found = await self._json("GET", f"{self.url}/.well-known/openid-configuration")
        wanted = ("authorization_endpoint", "token_endpoint", "jwks_uri")
        if found.get("issuer") != self.url or not all(isinstance(found.get(name), str) for name in wanted):
            raise SignInRefused
        return found

    def _reached(self, address: str) -> str:
        """An address below the issuer's own, as it is reached from here; any other as it is."""
        if self.inner and address.startswith(f"{self.url}/"):
            return self.inner + address.removeprefix(self.url)
        return address

    async def _json(self, method: str, address: str, form: dict[str, str] | None = None) -> dict[str, Any]:
        try:
            answer = await self.http.request(method, self._reached(address), data=form)
        except httpx.HTTPError as error:
            raise Unavailable("identity") from error
        try:
            found = answer.json() if answer.is_success else None
        except ValueError:
            found = None
        if answer.is_server_error:
            raise Unavailable("identity")
        if not isinstance(found, dict):
            raise SignInRefused
        return found


def challenge(verifier: str) -> str:
    """S256 of RFC 7636."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")


def _believed(token: str, keys: dict[str, Any]) -> Claims:
    """The claims, if one of the issuer's signing keys signed them."""
    listed = keys.get("keys")
    for key in listed if isinstance(listed, list) else ():
        try:
            if key["kty"] == "RSA" and key.get("use", "sig") == "sig":
                return Claims.model_validate(jws.claims_of(token, _public(key)))
        except (Distrusted, ValidationError, KeyError, TypeError, ValueError):
            continue
    raise SignInRefused


def _public(key: dict[str, Any]) -> rsa.RSAPublicKey:
    numbers = (int.from_bytes(base64.urlsafe_b64decode(key[part] + "==")) for part in ("e", "n"))
    return rsa.RSAPublicNumbers(*numbers).public_key()
