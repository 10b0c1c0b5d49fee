"""A telephone with eGov Mobile, stood in for: it looks at the code, asks API №1 and №2, and signs what it is shown."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import httpx

from deploy.sandbox.authority import Signatory

SCHEME: Final = "mobileSign:"
DETACHED: Final = "CMS_SIGN_ONLY"


class Unreadable(Exception):
    """No code is to be seen, or not one that this app is for."""


def text_in(picture: bytes) -> str:
    """What the QR code in the picture says; nothing when none is to be seen."""
    import cv2
    import numpy as np

    image = cv2.imdecode(np.frombuffer(picture, np.uint8), cv2.IMREAD_GRAYSCALE) if picture else None
    return "" if image is None else cv2.QRCodeDetector().detectAndDecode(image)[0]


def seen_in(picture: bytes) -> str:
    """The address in the code. Raises `Unreadable`."""
    text = text_in(picture)
    if not text.startswith(SCHEME):
        raise Unreadable
    return text.removeprefix(SCHEME)


async def sign_what_is_shown(http: httpx.AsyncClient, picture: bytes, key: Signatory, moment: datetime) -> int:
    """The status of the last answer: of the one that said no, or of the signed document's. Raises `httpx.HTTPError`."""
    service = await http.get(seen_in(picture))
    if not service.is_success:
        return service.status_code
    document = service.json()["document"]
    headers = {"Authorization": f"Bearer {document['auth_token']}"} if document["auth_type"] == "Token" else {}
    shown = await http.get(document["uri"], headers=headers)
    if not shown.is_success:
        return shown.status_code
    answer = await http.put(document["uri"], json=signed(shown.json(), key, moment), headers=headers)
    return answer.status_code


def signed(shown: Mapping[str, Any], key: Signatory, moment: datetime) -> dict[str, Any]:
    """The same structure with signed documents in it."""
    attached = shown["signMethod"] != DETACHED
    documents = []
    for document in shown["documentsToSign"]:
        content = base64.b64decode(document["documentCms"])
        cms = base64.b64encode(key.sign(content, moment, attached=attached)).decode()
        file = {**document["document"]["file"], "data": cms}
        documents.append({**document, "documentCms": cms, "document": {"file": file}})
    return {**shown, "documentsToSign": documents}
