"""One address of ШЭП, whichever its channel: a signed envelope goes there, and no more comes back than may be said.

Here stands what both channels share: the limits, the faults, what makes an answer fresh, and what counts as an outage.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Protocol, TypeVar

import httpx
from lxml import etree

from shared.engine.ports import Clock, Ids
from shared.engine.rows import Unavailable
from shared.gateways import soap
from shared.gateways.catalogue import Service
from shared.gateways.quick import twice
from shared.gateways.soap import Fault, NotDone, SignatureRefused
from shared.law.calendar import ALMATY
from shared.security.distrust import Distrusted, Stale, TooLarge, Unreadable
from shared.security.safe_xml import parse
from shared.security.signed_text import TextSeal
from shared.security.wsse import EnvelopeSeal

TOLERANCE: Final = timedelta(minutes=5)
"""How far the date of an answer may lie from the machine's clock."""

HEADERS: Final = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": '""', "Accept-Encoding": "identity"}

T = TypeVar("T")


class Seals(EnvelopeSeal, TextSeal, Protocol):
    """How envelopes and business texts are signed and opened: here by RSA, or by NCANode."""


@dataclass(frozen=True, slots=True)
class Line:
    """`clock` gives machine time. What comes back and is not believed is no answer; the log says why."""

    http: httpx.AsyncClient
    url: str
    seals: Seals
    clock: Clock
    ids: Ids
    log: Any

    async def send(self, asked: etree._Element, id: str, service: Service) -> bytes:
        """The envelope, signed under that id, and what came back: no more of it than the service may say."""
        content = await self.seals.sign(asked, id)
        if len(content) > service.most_asked:
            raise TooLarge
        received = bytearray()
        async with self.http.stream(
            "POST", self.url, content=content, headers=HEADERS, timeout=service.timeout
        ) as answer:
            if answer.headers.get("content-encoding", "identity") != "identity":
                raise Unreadable  # nobody asked for it, and what is unpacked has no known size
            async for piece in answer.aiter_raw():
                received += piece
                if len(received) > service.most:
                    raise TooLarge
        return bytes(received)

    async def open(self, content: bytes, service: Service, answers: frozenset[str] = frozenset()) -> etree._Element:
        """The signed Body. Raises `Distrusted`, and `Fault`: one that bears one of the codes `answers` is an answer,
        and believed only when it is signed and of now.
        """
        root = parse(content, service.most)
        fault = soap.fault_in(root)
        if fault is None:
            return await self.seals.open(root, content)
        if answers & {*fault.info.codes}:
            await self.seals.open(root, content)
            self.check(fault.info.at)
        raise fault

    def check(self, written: str) -> None:
        """Raises `Stale`."""
        check_fresh(written, self.clock.machine_now())

    async def twice(self, service: Service, send: Callable[[], Awaitable[T]]) -> T:
        """What `send` gives, by two quick tries where the service promises idempotency. Raises `Unavailable`."""

        async def one() -> T:
            try:
                return await send()
            except (httpx.HTTPError, TimeoutError) as error:
                raise Unavailable(service.dependency) from error
            except (Distrusted, Fault, NotDone) as error:
                tell = self.log.error if isinstance(error, Distrusted | SignatureRefused) else self.log.info
                tell("shep-refused", service=service.id, why=type(error).__name__, said=str(error))
                raise Unavailable(service.dependency) from error

        return await one() if service.once else await twice(one)


def check_fresh(written: str, now: datetime, tolerance: timedelta = TOLERANCE) -> None:
    """A moment written without an offset is Almaty's. Raises `Stale`."""
    try:
        moment = datetime.fromisoformat(written)
    except ValueError:
        raise Stale from None
    moment = moment if moment.tzinfo is not None else moment.replace(tzinfo=ALMATY)
    if abs(now - moment) > tolerance:
        raise Stale
