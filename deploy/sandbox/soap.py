"""ШЭП's synchronous channel from the other side: `SendMessage` in, `SendMessageResponse` or a fault out (SOAP 1.1)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lxml import etree

from shared.gateways.plain_xml import NotPlain, fill, parse, value_of
from shared.gateways.shep import SOAP, TYPES

SUCCESS = ("SCSS001", "Message has been processed successfully")


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked, of which service of ШЭП."""

    message_id: str
    service_id: str
    data: dict[str, Any]


def read(content: bytes) -> Request:
    """Raises `NotPlain` for whatever is no `SendMessage`."""
    asked = parse(content).find(f"{{{SOAP}}}Body/{{{TYPES}}}SendMessage/request")
    if asked is None:
        raise NotPlain("there is no request")
    message_id, service_id = (asked.findtext(f"requestInfo/{name}") or "" for name in ("messageId", "serviceId"))
    data = asked.find("requestData/data")
    found = value_of(data) if data is not None else {}
    if not message_id or not service_id:
        raise NotPlain("the request has no id or names no service")
    return Request(message_id, service_id, found if isinstance(found, dict) else {})


def answer(request: Request, data: dict[str, Any], response_id: str, at: datetime) -> bytes:
    """The answer with its status SCSS001."""
    envelope, body = _envelope()
    operation = etree.SubElement(body, f"{{{TYPES}}}SendMessageResponse", nsmap={"typ": TYPES})
    code, message = SUCCESS
    info = {
        "messageId": response_id,
        "correlationId": request.message_id,
        "responseDate": at.isoformat(timespec="milliseconds"),
        "status": {"code": code, "message": message},
        "sessionId": f"{{{response_id}}}",
    }
    fill(etree.SubElement(operation, "response"), {"responseInfo": info, "responseData": {"data": data}})
    return _bytes(envelope)


def fault(code: str, message: str, at: datetime) -> bytes:
    """`SendMessageFault1` with its ErrorInfo."""
    envelope, body = _envelope()
    element = etree.SubElement(body, f"{{{SOAP}}}Fault")
    etree.SubElement(element, "faultcode").text = "soap:Server"
    etree.SubElement(element, "faultstring").text = message
    detail = etree.SubElement(element, "detail")
    error = {"errorCode": code, "errorMessage": message, "errorDate": at.isoformat(timespec="milliseconds")}
    fill(etree.SubElement(detail, f"{{{TYPES}}}SendMessageFault1_SendMessageFault", nsmap={"typ": TYPES}), error)
    return _bytes(envelope)


def _envelope() -> tuple[etree._Element, etree._Element]:
    envelope = etree.Element(f"{{{SOAP}}}Envelope", nsmap={"soap": SOAP})
    etree.SubElement(envelope, f"{{{SOAP}}}Header")
    return envelope, etree.SubElement(envelope, f"{{{SOAP}}}Body")


def _bytes(envelope: etree._Element) -> bytes:
    return etree.tostring(envelope, xml_declaration=True, encoding="UTF-8")
