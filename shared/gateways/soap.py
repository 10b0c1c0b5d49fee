"""The words of ШЭП's synchronous channel in SOAP 1.1: a question as it is sent, an answer or a fault as it is read.

What stands below the operation is unqualified when we write it and may have any prefix when we read it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from lxml import etree

from shared.gateways.catalogue import Service
from shared.gateways.schema import XS, XSI, Plain
from shared.law.calendar import ALMATY
from shared.security.distrust import NotAnEnvelope, OfAnotherQuestion
from shared.security.signed_text import TextSeal
from shared.security.wsse import SOAP, WSU, body_of

TYPES: Final = "http://bip.bee.kz/SyncChannel/v10/Types"
TYPE: Final = f"{{{XSI}}}type"
DEEPEST = 8


@dataclass(frozen=True, slots=True)
class Login:
    """Who we are at ШЭП: the id of the sender system and its password, if it has one."""

    sender: str
    password: str = ""


@dataclass(frozen=True, slots=True)
class ErrorInfo:
    """What a fault says; `inner` is its subError."""

    code: str
    message: str = ""
    data: str = ""
    at: str = ""
    inner: ErrorInfo | None = None

    @property
    def codes(self) -> tuple[str, ...]:
        """From the outermost to the innermost."""
        return (self.code, *(self.inner.codes if self.inner else ()))


class Fault(Exception):
    """ШЭП, or the service behind it, could not do it. Prints its codes, not its texts."""

    def __init__(self, info: ErrorInfo) -> None:
        super().__init__(" > ".join(info.codes))
        self.info = info


class SignatureRefused(Fault):
    """ШЭП does not accept our signature: our key or certificate is to be looked at."""


class NotDone(Exception):
    """An answer whose status code is no success of this service."""


REFUSED_SIGNATURES: Final = frozenset({"SIGN_NOT_EXIST", "IS_NOT_VALID"})


def envelope() -> tuple[etree._Element, etree._Element]:
    """An empty envelope and its Body."""
    root = etree.Element(f"{{{SOAP}}}Envelope", nsmap={"soap": SOAP})
    etree.SubElement(root, f"{{{SOAP}}}Header")
    return root, etree.SubElement(root, f"{{{SOAP}}}Body", nsmap={"wsu": WSU})


async def question(
    service: Service, data: Mapping[str, Any], id: str, ask: str, login: Login, at: datetime, seal: TextSeal
) -> etree._Element:
    """The envelope of one `SendMessage`. Raises `Unsendable`."""
    root, body = envelope()
    operation = etree.SubElement(body, f"{{{TYPES}}}SendMessage", nsmap={"typ": TYPES})
    request = etree.SubElement(operation, "request")
    info = etree.SubElement(request, "requestInfo")
    words(info, {"messageId": id, "correlationId": ask, "serviceId": service.id, "messageDate": stamp(at)})
    sender = etree.SubElement(info, "sender")
    words(sender, {"senderId": login.sender, **({"password": login.password} if login.password else {})})
    await put_data(etree.SubElement(request, "requestData"), service, data, seal, asked=True)
    return root


async def put_data(
    parent: etree._Element, service: Service, data: Mapping[str, Any], seal: TextSeal, *, asked: bool
) -> None:
    """`data` in the style of the service. Raises `Unsendable`."""
    form = service.request if asked else service.response
    if service.as_text:
        document = etree.Element(f"{{{form.namespace}}}{form.name}", nsmap={"b": form.namespace})
        form.write(document, data)
        element = etree.SubElement(parent, "data", nsmap={"xs": XS, "xsi": XSI})
        element.set(TYPE, "xs:string")
        element.text = '<?xml version="1.0" encoding="UTF-8"?>' + await seal.sign_text(document)
        return
    element = etree.SubElement(parent, "data", nsmap={"d": form.namespace, "xsi": XSI} if service.typed else {})
    form.write(element, data)
    if service.typed:
        element.set(TYPE, f"d:{form.type}")


def fault_in(root: etree._Element) -> Fault | None:
    """The fault in an answer, signed or not: whoever forges one only says that there is no answer."""
    body = body_of(root)
    found = body.find(f"{{{SOAP}}}Fault")
    if found is None:
        return None
    details = [each for each in found.iterdescendants() if each.tag == f"{{{TYPES}}}SendMessageFault1_SendMessageFault"]
    info = _error(details[0], 1) if details else ErrorInfo(found.findtext("faultcode") or "fault")
    return (SignatureRefused if REFUSED_SIGNATURES & {*info.codes} else Fault)(info)


@dataclass(frozen=True, slots=True)
class Answer:
    """What was read of a signed answer: `at` as it was written, `data` still an element."""

    code: str
    message: str
    correlation: str
    at: str
    data: etree._Element | None


def answer_in(body: etree._Element) -> Answer:
    """Raises `NotAnEnvelope` for a Body with anything else than one answer."""
    operations = list(body.iterchildren(etree.Element))
    if len(operations) != 1 or operations[0].tag != f"{{{TYPES}}}SendMessageResponse":
        raise NotAnEnvelope
    response = child(operations[0], "response")
    info = child(response, "responseInfo")
    status, data = child(info, "status"), optional(response, "responseData")
    return Answer(
        code=said(status, "code"),
        message=said(status, "message"),
        correlation=said(info, "correlationId"),
        at=said(info, "responseDate"),
        data=optional(data, "data") if data is not None else None,
    )


async def data_of(service: Service, element: etree._Element | None, seal: TextSeal, *, asked: bool = False) -> Plain:
    """The plain value of a `data`. Raises `Distrusted`."""
    if element is None:
        return {}
    form = service.request if asked else service.response
    if not service.as_text:
        return form.read(element)
    document = await seal.open_text(element.text or "", service.most_asked if asked else service.most)
    if document.tag != f"{{{form.namespace}}}{form.name}":
        raise OfAnotherQuestion
    return form.read(document)


def child(parent: etree._Element, name: str) -> etree._Element:
    """The one child of that local name. Raises `NotAnEnvelope`."""
    found = optional(parent, name)
    if found is None:
        raise NotAnEnvelope
    return found


def optional(parent: etree._Element, name: str) -> etree._Element | None:
    found = list(_named(parent, name))
    if len(found) > 1:
        raise NotAnEnvelope
    return found[0] if found else None


def said(parent: etree._Element, name: str) -> str:
    found = optional(parent, name)
    return (found.text or "").strip() if found is not None else ""


def words(parent: etree._Element, values: Mapping[str, str]) -> None:
    for name, value in values.items():
        etree.SubElement(parent, name).text = value


def stamp(at: datetime) -> str:
    """As ШЭП's own examples write a moment: milliseconds and the offset of Almaty."""
    return at.astimezone(ALMATY).isoformat(timespec="milliseconds")


def _named(parent: etree._Element, name: str) -> Iterator[etree._Element]:
    return (each for each in parent.iterchildren(etree.Element) if etree.QName(each).localname == name)


def _error(element: etree._Element, depth: int) -> ErrorInfo:
    inner = optional(element, "subError") if depth < DEEPEST else None
    code, message, data, at = (said(element, f"error{each}") for each in ("Code", "Message", "Data", "Date"))
    return ErrorInfo(code or "fault", message, data, at, _error(inner, depth + 1) if inner is not None else None)
