"""Where ШЭП pushes what comes by its asynchronous channel: opened, judged, and answered with a signed receipt.

Whoever needs no wire has a `Mailbox` of their own. What is done with a letter, once by its id, is its service's.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Protocol

from lxml import etree

from shared.engine.ports import Clock, Ids
from shared.gateways import letters
from shared.gateways.connected import shep_seals_of
from shared.gateways.letters import Kind, Letter, Receipt
from shared.gateways.line import Seals
from shared.gateways.soap import TYPES, envelope, stamp, words
from shared.hosting import Desk
from shared.security.distrust import Distrusted, OutsideItsSchema, Stale
from shared.security.safe_xml import parse
from shared.security.wsse import SOAP

MOST: Final = 256 * 1024
"""Bytes of one pushed message."""

AHEAD: Final = timedelta(minutes=5)
"""How far its date may lie ahead of the machine's clock. Its age says nothing: it is sent until it is taken."""

XML: Final = "text/xml"


class NotTaken(Exception):
    """The message is not taken: a code, and nothing of what stood in it."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Mailbox(Protocol):
    async def open(self, content: bytes) -> Letter:
        """Raises `NotTaken`."""
        ...

    async def receipt(self, letter: Letter) -> bytes: ...
    async def refusal(self, no: NotTaken) -> bytes: ...


@dataclass(frozen=True, slots=True)
class ShepMailbox:
    """Signed SOAP in both directions."""

    seals: Seals
    clock: Clock
    ids: Ids
    log: Any

    async def open(self, content: bytes) -> Letter:
        """A NOTIFICATION, UPDATE or RESPONSE that ШЭП signed. Raises `NotTaken`."""
        try:
            body = await self.seals.open(parse(content, MOST), content)
            letter, _ = await letters.letter_in(body, self.seals)
            if letter.kind is Kind.REQUEST:
                raise OutsideItsSchema
            check_ahead(letter.at, self.clock.machine_now())
        except Distrusted as fault:
            self.log.error("shep-refused", service="asynchronous", why=type(fault).__name__, said=str(fault))
            raise NotTaken(type(fault).__name__) from None
        return letter

    async def receipt(self, letter: Letter) -> bytes:
        of = Receipt(letter.id, letter.correlation)
        written = letters.receipt(of, self.clock.machine_now(), letters.CLIENT)
        return await self.seals.sign(written, str(self.ids.uuid()))

    async def refusal(self, no: NotTaken) -> bytes:
        """A fault with ШЭП's own ErrorInfo."""
        written, body = envelope()
        fault = etree.SubElement(body, f"{{{SOAP}}}Fault")
        words(fault, {"faultcode": "soap:Client", "faultstring": "the message is not taken"})
        named = f"{{{TYPES}}}SendMessageFault1_SendMessageFault"
        error = etree.SubElement(etree.SubElement(fault, "detail"), named, nsmap={"ns2": TYPES})
        told = {"errorCode": no.code, "errorMessage": "the message is not taken"}
        words(error, told | {"errorDate": stamp(self.clock.machine_now())})
        return await self.seals.sign(written, str(self.ids.uuid()))


def check_ahead(at: datetime, now: datetime) -> None:
    """Raises `Stale`."""
    if at - now > AHEAD:
        raise Stale


def mailbox_of(desk: Desk) -> Mailbox:
    """Raises `MissingSetting`, `KeysUnusable`."""
    return ShepMailbox(shep_seals_of(desk), desk.clock, desk.ids, desk.log)
