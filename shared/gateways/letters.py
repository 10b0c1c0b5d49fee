"""The words of ШЭП's asynchronous channel in SOAP 1.1 (domain.md 2.4): a message as it is sent and read, its receipt,
what may be asked and told of a delivery. The operations are read from any of the channel's three namespaces.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Final

from lxml import etree

from shared.gateways.catalogue import ASYNCHRONOUS, Service
from shared.gateways.schema import FOLDER, Plain
from shared.gateways.soap import TYPE, Login, child, data_of, envelope, optional, put_data, said, stamp, words
from shared.law.calendar import ALMATY
from shared.security.distrust import NotAnEnvelope, OutsideItsSchema
from shared.security.signed_text import TextSeal

TYPES: Final = "http://bip.bee.kz/AsyncChannel/v10/Types"
CLIENT: Final = f"{TYPES}/Client"
SPACES: Final = (TYPES, CLIENT, "http://bip.bee.kz/AsyncChannel/v10/ITypes")
SEND: Final = "sendMessage"
TELL: Final = "sendDeliveryNotification"
LOOK: Final = "getMessageStatus"


class Standing(StrEnum):
    """How far ШЭП has come with a message: `NOT_DELIVERED` and `DELIVERY_STOPPED` reach nobody any more."""

    ON_DELIVERY = "ON_DELIVERY"
    DELIVERED = "DELIVERED"
    NOT_DELIVERED = "NOT_DELIVERED"
    DELIVERY_STOPPED = "DELIVERY_STOPPED"


class Kind(StrEnum):
    REQUEST = "REQUEST"
    NOTIFICATION = "NOTIFICATION"
    UPDATE = "UPDATE"
    RESPONSE = "RESPONSE"


@dataclass(frozen=True, slots=True)
class Letter:
    """One message. `id` is given by ШЭП (empty in a REQUEST on its way there) and names it for good, however often it
    is sent; `correlation` is the REQUEST that it belongs to. `at` is machine time.
    """

    id: str
    correlation: str
    service: Service
    kind: Kind
    at: datetime
    data: Plain


@dataclass(frozen=True, slots=True)
class Receipt:
    """`at` as it was written."""

    message_id: str
    correlation: str
    at: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Delivery:
    """What a receiver says of a message: taken, or not and whether it is to be sent again."""

    message_id: str
    service_id: str
    accepted: bool
    resend: bool = False
    error: str = ""


async def written(letter: Letter, login: Login, seal: TextSeal, space: str = TYPES) -> etree._Element:
    """`sendMessage` with the letter. Raises `Unsendable`."""
    root, operation = _operation(SEND, space)
    request = etree.SubElement(operation, "request")
    info = etree.SubElement(request, "messageInfo")
    words(info, {"messageId": letter.id, "correlationId": letter.correlation, "serviceId": letter.service.id})
    words(info, {"messageType": letter.kind, "messageDate": stamp(letter.at)})
    _sender(info, login)
    asked = letter.kind is Kind.REQUEST
    await put_data(etree.SubElement(request, "messageData"), letter.service, letter.data, seal, asked=asked)
    return root


async def letter_in(body: etree._Element, seal: TextSeal) -> tuple[Letter, str]:
    """The letter, and who sent it. Raises `Distrusted`."""
    operation = operation_in(body, SEND)
    request = child(operation, "request")
    info, data = child(request, "messageInfo"), child(child(request, "messageData"), "data")
    data.tag, declared = "data", str(data.attrib.pop(TYPE, "")).rpartition(":")[2]
    judge(operation)
    service, kind = ASYNCHRONOUS.get(said(info, "serviceId")), Kind(said(info, "messageType"))
    if service is None:
        raise OutsideItsSchema
    form = service.request if kind is Kind.REQUEST else service.response
    if declared != form.type or form.fault(data):
        raise OutsideItsSchema
    id, correlation = said(info, "messageId"), said(info, "correlationId")
    if bool(id) is (kind is Kind.REQUEST) or bool(correlation) is (kind is Kind.REQUEST):
        raise OutsideItsSchema
    at = datetime.fromisoformat(said(info, "messageDate"))
    at = at if at.tzinfo is not None else at.replace(tzinfo=ALMATY)
    plain = await data_of(service, data, seal, asked=kind is Kind.REQUEST)
    return Letter(id, correlation, service, kind, at, plain), said(child(info, "sender"), "senderId")


def receipt(of: Receipt, at: datetime, space: str = TYPES) -> etree._Element:
    """`sendMessageResponse`."""
    root, operation = _operation(f"{SEND}Response", space)
    response = etree.SubElement(operation, "response")
    words(response, {"messageId": of.message_id, "correlationId": of.correlation, "responseDate": stamp(at)})
    return root


def receipt_in(body: etree._Element) -> Receipt:
    """Raises `Distrusted`."""
    operation = operation_in(body, f"{SEND}Response")
    judge(operation)
    response = child(operation, "response")
    return Receipt(*(said(response, name) for name in ("messageId", "correlationId", "responseDate")))


def delivery(told: Delivery, login: Login, at: datetime) -> etree._Element:
    """`sendDeliveryNotification`; the misspelt word is ШЭП's own."""
    root, operation = _operation(TELL, TYPES)
    request = etree.SubElement(operation, "request")
    words(request, {"messageId": told.message_id, "serviceId": told.service_id, "notificationDate": stamp(at)})
    received = "MESSAGE_ACCEPTED" if told.accepted else "MESSAGE_NOT_ACCTEPTED"
    again = "RESEND" if told.resend else "NOT_RESEND"
    status = {"receiveStatus": received, "statusDate": stamp(at), "resendMessage": again}
    words(etree.SubElement(request, "deliveryStatus"), status | ({"error": told.error} if told.error else {}))
    words(request, {"requestDate": stamp(at)})
    _sender(request, login)
    return root


def delivery_in(operation: etree._Element) -> Delivery:
    """Raises `Distrusted`."""
    judge(operation)
    request = child(operation, "request")
    status = child(request, "deliveryStatus")
    accepted, again = said(status, "receiveStatus") == "MESSAGE_ACCEPTED", said(status, "resendMessage") == "RESEND"
    return Delivery(said(request, "messageId"), said(request, "serviceId"), accepted, again, said(status, "error"))


def told_at(operation: etree._Element) -> str:
    """When `sendDeliveryNotification` was sent, as it was written."""
    return said(child(operation, "request"), "requestDate")


def noted(at: datetime) -> etree._Element:
    """`sendDeliveryNotificationResponse`: it was heard, no more."""
    return _answered(f"{TELL}Response", {"responseDate": stamp(at)})[0]


def noted_in(body: etree._Element) -> str:
    """When it was heard, as it was written. Raises `Distrusted`."""
    operation = operation_in(body, f"{TELL}Response")
    judge(operation)
    return said(child(operation, "response"), "responseDate")


def look(message_id: str, login: Login) -> etree._Element:
    """`getMessageStatus`. It bears no date: how old it is nobody can tell."""
    root, operation = _operation(LOOK, TYPES)
    request = etree.SubElement(operation, "request")
    words(request, {"messageId": message_id})
    _sender(request, login)
    return root


def looked_for(operation: etree._Element) -> str:
    """The id of the message. Raises `Distrusted`."""
    judge(operation)
    return said(child(operation, "request"), "messageId")


def standing(of: Standing, at: datetime) -> etree._Element:
    """`getMessageStatusResponse`."""
    root, response = _answered(f"{LOOK}Response", {"messageState": of})
    status = {"statusCode": of, "statusMessage": of, "statusDate": stamp(at)}
    words(etree.SubElement(response, "status"), status)
    words(response, {"responseDate": stamp(at)})
    return root


def standing_in(body: etree._Element) -> tuple[Standing, str]:
    """How it stands, and when that was said, as it was written. Raises `Distrusted`."""
    operation = operation_in(body, f"{LOOK}Response")
    judge(operation)
    response = child(operation, "response")
    return Standing(said(response, "messageState")), said(response, "responseDate")


def sender_of(operation: etree._Element) -> str:
    """Who asks, of `sendDeliveryNotification` and `getMessageStatus`; empty when it does not say."""
    sender = optional(child(operation, "request"), "sender")
    return said(sender, "senderId") if sender is not None else ""


def operation_in(body: etree._Element, *names: str) -> etree._Element:
    """The one operation in the Body. Raises `NotAnEnvelope`."""
    operations = list(body.iterchildren(etree.Element))
    name = etree.QName(operations[0]) if len(operations) == 1 else None
    if name is None or name.localname not in names or name.namespace not in SPACES:
        raise NotAnEnvelope
    return operations[0]


def judge(operation: etree._Element) -> None:
    """By the channel's schema, in whichever of its namespaces. Raises `OutsideItsSchema`."""
    operation.tag = f"{{{TYPES}}}{etree.QName(operation).localname}"
    if not _schema().validate(operation):
        raise OutsideItsSchema


def _operation(name: str, space: str) -> tuple[etree._Element, etree._Element]:
    root, body = envelope()
    return root, etree.SubElement(body, f"{{{space}}}{name}", nsmap={"asy": space})


def _answered(name: str, values: Mapping[str, str]) -> tuple[etree._Element, etree._Element]:
    root, operation = _operation(name, TYPES)
    response = etree.SubElement(operation, "response")
    words(response, values)
    return root, response


def _sender(parent: etree._Element, login: Login) -> None:
    sender = etree.SubElement(parent, "sender")
    words(sender, {"senderId": login.sender, **({"password": login.password} if login.password else {})})


@cache
def _schema() -> etree.XMLSchema:
    return etree.XMLSchema(file=str(FOLDER / "shep_async.xsd"))
