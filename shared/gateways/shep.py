"""ШЭП, the gateway of the electronic government: SOAP 1.1 `SendMessage` of its synchronous channel (domain.md 2.1)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import httpx
from lxml import etree

from shared.engine.rows import Unavailable
from shared.gateways.plain_xml import NotPlain, Plain, fill, parse, value_of
from shared.gateways.quick import twice

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
TYPES = "http://bip.bee.kz/SyncChannel/v10/Types"
SUCCESS = frozenset({"SCSS001", "Success", "SUCCESS", "200"})
DEPENDENCIES = {
    "KDP_SERVICE": "kdp",
    "GBDFLUniversal_token": "gbdfl",
    "MCDB_SERVICE": "bmg",
    "ZAGS_RECORD": "zags",
    "ADDRESS_REGISTER": "address-register",
    "AIS_SIK": "aissik",
}
REGISTRY = "rpdrn"


def dependency_of(service_id: str) -> str:
    """The outside system behind a service of ШЭП, as breaker and p.12 know it."""
    return DEPENDENCIES.get(service_id, REGISTRY)


class Shep:
    """Asks services of ШЭП by their id. Raises `Unavailable` with the system's name; a business no is an answer."""

    def __init__(self, http: httpx.AsyncClient, url: str, sender: str, timeout: float = 8.0) -> None:
        self._http, self._url, self._sender, self._timeout = http, url, sender, timeout

    async def ask(self, service_id: str, data: Mapping[str, Any], message_id: str, at: datetime) -> Plain:
        """The `data` of the answer; `message_id` is the same whenever the same thing is asked again."""
        dependency = dependency_of(service_id)
        body = request(service_id, data, message_id, self._sender, at)

        async def send() -> Plain:
            try:
                answer = await self._http.post(
                    self._url,
                    content=body,
                    headers={"Content-Type": "text/xml; charset=utf-8", "SOAPAction": '""'},
                    timeout=self._timeout,
                )
                return response(answer.content)
            except (httpx.HTTPError, NotPlain, Fault):
                raise Unavailable(dependency) from None

        return await twice(send)


class Fault(Exception):
    """A SOAP fault, or a status that is no success; carries the code only."""


def request(service_id: str, data: Mapping[str, Any], message_id: str, sender: str, at: datetime) -> bytes:
    """The envelope; what stands below the operation is unqualified."""
    envelope = etree.Element(f"{{{SOAP}}}Envelope", nsmap={"soap": SOAP})
    etree.SubElement(envelope, f"{{{SOAP}}}Header")
    body = etree.SubElement(envelope, f"{{{SOAP}}}Body")
    operation = etree.SubElement(body, f"{{{TYPES}}}SendMessage", nsmap={"typ": TYPES})
    info = {
        "requestInfo": {
            "messageId": message_id,
            "serviceId": service_id,
            "messageDate": at.isoformat(timespec="milliseconds"),
            "sender": {"senderId": sender},
        },
        "requestData": {"data": data},
    }
    fill(etree.SubElement(operation, "request"), info)
    return etree.tostring(envelope, xml_declaration=True, encoding="UTF-8")


def response(content: bytes) -> Plain:
    """The answer's data. Raises `Fault` or `NotPlain`."""
    root = parse(content)
    if root.find(f".//{{{SOAP}}}Fault") is not None:
        raise Fault("fault")
    answer = root.find(f"{{{SOAP}}}Body/{{{TYPES}}}SendMessageResponse/response")
    if answer is None:
        raise NotPlain("the answer has no response")
    code = answer.findtext("responseInfo/status/code") or ""
    if code not in SUCCESS:
        raise Fault(code)
    data = answer.find("responseData/data")
    found = value_of(data) if data is not None else {}
    return found if isinstance(found, dict) else {}
