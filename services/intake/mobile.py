"""Signing with eGov Mobile (S12): the portal gets a link to show as a code; API №1 and №2 answer who scanned it.

A link is for one revision, ends after three minutes, and is spent by the first signature that comes by it. What it
leads to is shown to the bearer of the token that API №1 gives, and the showing is audited.
"""

from __future__ import annotations

import base64
import binascii
import hmac
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal
from urllib.parse import urlencode
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request

from services.intake.domain.application import Application
from services.intake.domain.own import ShowToTelephone, SignByTelephone
from services.intake.domain.telephone import TAKEN, signing_hindrance
from services.intake.uploading import opened_application
from shared.contracts.base import Sealed
from shared.engine.engine import Engine
from shared.engine.work import Result
from shared.law.limits import Limits
from shared.security.canonical import CanonicalApplication
from shared.security.grants import NAME, Grants, end_of
from shared.web.openapi import Allows, Endpoint
from shared.web.problems import Problem, conflict, not_found, unauthorized, unprocessable
from shared.web.signed import bearer

SCHEME: Final = "mobileSign:"
CROSS: Final = "https://mgovsign.page.link/"
APPS: Final = {"isi": "1476128386", "ibi": "kz.egov.mobile", "apn": "kz.mobile.mgov"}
METHOD: Final = "CMS_SIGN_ONLY"
_TITLE: Final = {
    "nameRu": "Заявка на замену удостоверения личности",
    "nameKz": "Жеке куәлікті ауыстыруға өтінім",
    "nameEn": "Application for renewal of the identity card",
}
_ORGANISATION: Final = {
    "nameRu": "Министерство внутренних дел Республики Казахстан",
    "nameKz": "Қазақстан Республикасының Ішкі істер министрлігі",
    "nameEn": "Ministry of Internal Affairs of the Republic of Kazakhstan",
}
_REVISION: Final = 2


class SigningLink(BaseModel):
    """`qr` is the text of the code, `cross_link` opens the app on the same telephone; `until` is machine time."""

    qr: str
    cross_link: str
    until: datetime
    revision: int


class Told(BaseModel):
    """API №1 or №2 as the app expects it."""

    model_config = ConfigDict(extra="allow")


class File(BaseModel):
    mime: str = ""
    data: str = ""


class Document(BaseModel):
    file: File = File()


class SignedDocument(BaseModel):
    """`documentCms`, or `document.file.data`: both are met."""

    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)

    id: int | str
    documentCms: str = Field("", repr=False)  # noqa: N815  the app's own name
    document: Document = Document()


class SignedDocuments(BaseModel):
    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)

    signMethod: Literal["CMS_SIGN_ONLY", "CMS_WITH_DATA"]  # noqa: N815  the app's own name
    documentsToSign: tuple[SignedDocument, ...] = Field(min_length=1, max_length=1)  # noqa: N815


@dataclass(frozen=True, slots=True)
class Mobile:
    """`public_url` is where telephones reach this service, by HTTPS."""

    engine: Engine
    limits: Limits
    links: Grants
    public_url: str
    bin: str

    async def give_link(self, request: Request) -> SigningLink:
        state = await opened_application(self.engine, request.path_params["id"])
        hindered = signing_hindrance(state)
        if hindered is not None or state.form is None:
            raise conflict("There is nothing to sign now.", hindered or "NOT_ACCEPTED_YET")
        ports, revision = self.engine.ports, state.form.revision
        until = ports.clock.machine_now() + self.limits.signing_link
        name = revision.to_bytes(_REVISION) + ports.ids.nonce(NAME - _REVISION)
        url = self._url(state.application_id, self.links.issue(state.application_id, until, name))
        cross = f"{CROSS}?{urlencode({'link': url, **APPS})}"
        return SigningLink(qr=f"{SCHEME}{url}", cross_link=cross, until=until, revision=revision)

    async def tell_service(self, request: Request) -> Told:
        """API №1."""
        id, link = request.path_params["id"], request.path_params["link"]
        self._opened(id, link)
        told: dict[str, Any] = {
            "description": _TITLE["nameRu"],
            "expiry_date": end_of(link).isoformat(timespec="seconds"),
            "organisation": {**_ORGANISATION, "bin": self.bin},
            "document": {
                "uri": f"{self._url(id, link)}/document", "auth_type": "Token", "auth_token": self._token(link),
            },
        }  # fmt: skip
        return Told.model_validate(told)

    async def show_document(self, request: Request) -> Told:
        """API №2: what is to be signed."""
        state, name, revision = await self._admitted(request)
        assert state.form is not None
        assert state.iin is not None
        payload = CanonicalApplication.of(state.iin.value, state.form).canonical()
        shown = ShowToTelephone(application_id=state.application_id, revision=revision)
        await self.engine.act(shown, f"mgov/{name}/{self.engine.ports.ids.uuid()}")
        content = base64.b64encode(payload).decode()
        document: dict[str, Any] = {
            "id": revision, **_TITLE, "meta": [{"name": "SHA-256", "value": state.form.photo.sha256}],
            "documentCms": content, "document": {"file": {"mime": "application/json", "data": content}},
        }  # fmt: skip
        return Told.model_validate({"signMethod": METHOD, "documentsToSign": [document]})

    async def take_document(self, request: Request, body: SignedDocuments) -> Told:
        """API №2: what was signed. The same again is answered alike."""
        id, link = request.path_params["id"], request.path_params["link"]
        name, revision = self._opened(id, link, bearer(request))
        (document,) = body.documentsToSign
        cms = document.documentCms or document.document.file.data
        try:
            base64.b64decode(cms, validate=True)
        except (binascii.Error, ValueError):
            cms = ""
        if not cms or str(document.id) != str(revision):
            raise unprocessable({"field": "documentsToSign", "problem": "not_what_was_to_be_signed"})
        act = SignByTelephone(application_id=id, revision=revision, cms=Sealed(cms))
        outcome = await self.engine.act(act, f"mgov/{name}")
        if outcome.result is Result.DONE and outcome.reply != TAKEN:
            raise conflict("The signature was not taken.", str(outcome.reply))
        if outcome.result not in (Result.DONE, Result.REPEATED):
            raise Problem(503, "Not now", "Try again in a few seconds.", headers={"Retry-After": "3"})
        return Told()

    async def _admitted(self, request: Request) -> tuple[Application, str, int]:
        id, link = request.path_params["id"], request.path_params["link"]
        name, revision = self._opened(id, link, bearer(request))
        state = await opened_application(self.engine, id)
        hindered = signing_hindrance(state, revision)
        if hindered is not None:
            raise conflict("There is nothing to sign now.", hindered)
        return state, name, revision

    def _opened(self, id: UUID, link: str, token: str | None = None) -> tuple[str, int]:
        """The link's name and its revision. Raises `Problem` 404, and 401 for another token."""
        name = self.links.name_in(link, id, self.engine.ports.clock.machine_now())
        if name is None:
            raise not_found("This link leads nowhere, or no longer.")
        if token is not None and not hmac.compare_digest(token.encode(), self._token(link).encode()):
            raise unauthorized("This token is not of this link.")
        return name, int(name[: 2 * _REVISION], 16)

    def _token(self, link: str) -> str:
        return hmac.digest(self.links.key, b"document" + link.encode(), "sha256").hex()

    def _url(self, id: UUID, link: str) -> str:
        return f"{self.public_url.rstrip('/')}/mgov/{id}/{link}"

    def endpoints(self, portal: Allows) -> tuple[Endpoint, ...]:
        """`portal` judges whether the portal knocks."""
        errors = (401, 404, 409)
        return (
            Endpoint(
                "POST", "/applications/{id:uuid}/signing-links", self.give_link, None, SigningLink,
                "A link to sign the accepted form with eGov Mobile (S12)", errors, 201, allows=portal, secured="bearer",
            ),
            Endpoint("GET", "/mgov/{id:uuid}/{link}", self.tell_service, None, Told, "API №1", (404,)),
            Endpoint(
                "GET", "/mgov/{id:uuid}/{link}/document", self.show_document, None, Told,
                "API №2: what is to be signed", errors, secured="bearer",
            ),
            Endpoint(
                "PUT", "/mgov/{id:uuid}/{link}/document", self.take_document, SignedDocuments, Told,
                "API №2: what was signed", (*errors, 413, 415, 422), most=256 * 1024, secured="bearer",
            ),
        )  # fmt: skip
