"""ШЭП's synchronous channel from the other side, strict: what is unsigned, wrongly signed, wrapped, stale, repeated or
outside its schema is refused with a fault; answers and faults are signed.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache

from lxml import etree

from shared.gateways import soap
from shared.gateways.catalogue import SERVICES, Service
from shared.gateways.line import Seals, check_fresh
from shared.gateways.schema import FOLDER, Plain
from shared.gateways.soap import TYPE, TYPES, child, optional, said, stamp, words
from shared.security.distrust import (
    Distrusted,
    DoctypeFound,
    EntitiesFound,
    NotAnEnvelope,
    OutsideItsSchema,
    Stale,
    TooLarge,
    Unreadable,
    Unsigned,
)
from shared.security.safe_xml import parse
from shared.security.wsse import SOAP
from shared.security.xmldsig import Now

SUCCESS = ("SCSS001", "Message has been processed successfully")
MOST_BYTES = 8 * 1024 * 1024
WINDOW = timedelta(minutes=5)
_UNREAD = (TooLarge, Unreadable, DoctypeFound, EntitiesFound, NotAnEnvelope, OutsideItsSchema)


class Declined(Exception):
    """Not taken: the code of the fault, and the code of what lies beneath it. Nothing of what was sent."""

    def __init__(self, code: str, inner: str = "") -> None:
        super().__init__(code)
        self.code, self.inner = code, inner


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked, of which service of ШЭП, by whom."""

    message_id: str
    sender: str
    service: Service
    data: Plain
    correlation: str = ""


@dataclass(slots=True)
class Channel:
    """Opens questions and seals answers; `now` is machine time. Knows the message ids of as long as they are fresh."""

    seals: Seals
    now: Now
    senders: frozenset[str]
    seen: OrderedDict[str, datetime] = field(default_factory=OrderedDict)

    async def read(self, content: bytes) -> Request:
        """Raises `Declined`."""
        try:
            root = parse(content, MOST_BYTES)
            asked = await self._opened(root, content)
            info = child(asked, "requestInfo")
            service = SERVICES.get(said(info, "serviceId"))
            if service is None:
                raise Declined("SERVICE_NOT_FOUND")
            self._judge(asked, service)
            message_id, sender = self._admitted(asked)
            data = optional(child(asked, "requestData"), "data")
            read, correlation = await soap.data_of(service, data, self.seals, asked=True), said(info, "correlationId")
            return Request(message_id, sender, service, read, correlation)
        except Distrusted as fault:
            raise Declined(code_of(fault), type(fault).__name__) from None

    async def answer(self, request: Request, data: Plain, id: str, age: timedelta = timedelta()) -> bytes:
        """The answer with its status SCSS001, dated back by `age`."""
        envelope, body = soap.envelope()
        operation = etree.SubElement(body, f"{{{TYPES}}}SendMessageResponse", nsmap={"ns2": TYPES})
        response = etree.SubElement(operation, "response")
        info = etree.SubElement(response, "responseInfo")
        words(info, {"messageId": id, "correlationId": request.message_id, "responseDate": stamp(self.now() - age)})
        words(etree.SubElement(info, "status"), dict(zip(("code", "message"), SUCCESS, strict=True)))
        words(info, {"sessionId": f"{{{id}}}"})
        held = etree.SubElement(response, "responseData")
        await soap.put_data(held, request.service, data, self.seals, asked=False)
        return await self.seals.sign(envelope, id)

    async def fault(self, code: str, message: str, id: str, inner: str = "") -> bytes:
        """`SendMessageFault1` with its ErrorInfo; `inner` is the subError's code."""
        envelope, body = soap.envelope()
        element = etree.SubElement(body, f"{{{SOAP}}}Fault")
        words(element, {"faultcode": "soap:Server", "faultstring": message})
        named = f"{{{TYPES}}}SendMessageFault1_SendMessageFault"
        error = etree.SubElement(etree.SubElement(element, "detail"), named, nsmap={"ns2": TYPES})
        moment = stamp(self.now())
        words(error, {"errorCode": code, "errorMessage": message, "errorDate": moment})
        if inner:
            beneath = {"errorCode": inner, "errorMessage": "the cause", "errorDate": moment}
            words(etree.SubElement(error, "subError"), beneath)
        words(error, {"sessionId": f"{{{id}}}"})
        return await self.seals.sign(envelope, id)

    async def _opened(self, root: etree._Element, content: bytes) -> etree._Element:
        body = await self.seals.open(root, content)
        operations = list(body)
        if len(operations) != 1 or operations[0].tag != f"{{{TYPES}}}SendMessage":
            raise NotAnEnvelope
        return child(operations[0], "request")

    def _judge(self, asked: etree._Element, service: Service) -> None:
        """By the schemas of the channel and of the service; the declared type must be the service's own."""
        data = optional(child(asked, "requestData"), "data")
        if data is not None:
            data.tag = "data"  # some clients qualify it
        declared = str(data.attrib.pop(TYPE, "")).rpartition(":")[2] if data is not None else ""
        operation = asked.getparent()
        if data is None or operation is None or not channel_schema().validate(operation):
            raise Declined("VAL-R-004", "NotOfTheChannel")
        expected = "string" if service.as_text else service.request.type if service.typed else ""
        fault = "" if service.as_text else service.request.fault(data)
        if declared != expected or fault:
            raise Declined("VAL-R-004", "NotOfTheService")

    def _admitted(self, asked: etree._Element) -> tuple[str, str]:
        """Of a known sender, of this moment, and never heard before."""
        info = child(asked, "requestInfo")
        message_id, sender = said(info, "messageId"), said(child(info, "sender"), "senderId")
        if sender in self.senders:
            check_fresh(said(info, "messageDate"), self.now(), WINDOW)
        self.admit(sender, message_id)
        return message_id, sender

    def admit(self, sender: str, name: str) -> None:
        """A message by its own name, once, of whom ШЭП knows. Raises `Declined`."""
        now = self.now()
        if sender not in self.senders:
            raise Declined("SENDER_NOT_FOUND")
        while self.seen and now - next(iter(self.seen.values())) > 2 * WINDOW:
            self.seen.popitem(last=False)
        if not name or name in self.seen:
            raise Declined("MESSAGE_REPEATED")
        self.seen[name] = now


@cache
def channel_schema() -> etree.XMLSchema:
    return etree.XMLSchema(file=str(FOLDER / "shep_types.xsd"))


def code_of(fault: Distrusted) -> str:
    """The words of NITEC's sample server for a signature that is not there, or not right; the others are ours."""
    codes = {Unsigned: "SIGN_NOT_EXIST", Stale: "MESSAGE_EXPIRED"}
    return codes.get(type(fault), "BAD_REQUEST" if isinstance(fault, _UNREAD) else "IS_NOT_VALID")
