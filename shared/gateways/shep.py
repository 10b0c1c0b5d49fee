"""ШЭП, the gateway of the electronic government: one question, one answer, over its synchronous channel (domain.md 2).

`ask` is the seam. Above it stand plain values by the names of `schemas/*.xsd`; below it the wire: XML of the service's
own form, the signature, SOAP, limits of size and time. Whoever needs no wire overrides `ask`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Protocol
from uuid import NAMESPACE_URL, UUID, uuid5

import httpx
import structlog
from lxml import etree

from shared.engine.ports import Clock, Ids
from shared.engine.rows import Unavailable
from shared.gateways import soap
from shared.gateways.catalogue import CONSENT_REFUSED, SERVICES, Service, dependency_of
from shared.gateways.quick import twice
from shared.gateways.schema import Plain
from shared.gateways.soap import Fault, Login, NotDone, SignatureRefused
from shared.law.calendar import ALMATY
from shared.security.distrust import Distrusted, OfAnotherQuestion, Stale, TooLarge, Unreadable
from shared.security.safe_xml import parse
from shared.security.signed_text import TextSeal
from shared.security.wsse import EnvelopeSeal

__all__ = ["ConsentRefused", "Seals", "Shep", "dependency_of"]

TOLERANCE = timedelta(minutes=5)
"""How far the date of an answer may lie from the machine's clock."""

HEADERS = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": '""', "Accept-Encoding": "identity"}


class ConsentRefused(Exception):
    """The system works, and does not take the token of КДП: it has run out, or is for something else. An answer about
    one person, so nobody's outage. Prints the system and its code.
    """

    def __init__(self, dependency: str, code: str) -> None:
        super().__init__(f"{dependency}: {code}")
        self.dependency, self.code = dependency, code


class Seals(EnvelopeSeal, TextSeal, Protocol):
    """How envelopes and business texts are signed and opened: here by RSA, or by NCANode."""


class Shep:
    """Asks services of ШЭП by their id. Raises `Unavailable` with the system's name, and `ConsentRefused`; any other
    business no is an answer.

    `clock` gives machine time. What comes back and is not believed is no answer either; the log says why.
    """

    login = Login("")

    def __init__(
        self, http: httpx.AsyncClient, url: str, login: Login, seals: Seals, clock: Clock, ids: Ids, log: Any = None
    ) -> None:
        self._http, self._url, self.login, self._seals = http, url, login, seals
        self._clock, self._ids, self._log = clock, ids, log or structlog.get_logger()

    async def ask(self, service_id: str, data: Mapping[str, Any], message_id: str, at: datetime) -> Plain:
        """The `data` of the answer, every leaf as text. `message_id` is the same whenever the same thing is asked
        again: it goes along as the correlation id, each try under a message id of its own. `at` is machine time.
        Raises `Unsendable` when `data` is not of the service's form.
        """
        service = SERVICES[service_id]

        async def send() -> Plain:
            try:
                return await self.exchange(service, data, message_id, at)
            except (httpx.HTTPError, TimeoutError) as error:
                raise Unavailable(service.dependency) from error
            except (Distrusted, Fault, NotDone) as error:
                tell = self._log.error if isinstance(error, Distrusted | SignatureRefused) else self._log.info
                tell("shep-refused", service=service.id, why=type(error).__name__, said=str(error))
                raise Unavailable(service.dependency) from error

        return await send() if service.once else await twice(send)

    async def exchange(self, service: Service, data: Mapping[str, Any], ask: str, at: datetime) -> Plain:
        """One try. Raises `Distrusted`, `Fault`, `NotDone`, `httpx.HTTPError`, `TimeoutError`, `Unsendable`."""
        id = str(self._ids.uuid())
        asked = await soap.question(service, data, id, correlation_of(ask), self.login, at, self._seals)
        async with asyncio.timeout(service.timeout):
            content = await self._post(await self._seals.sign(asked, id), service)
            return await self._read(service, content, id)

    async def _post(self, content: bytes, service: Service) -> bytes:
        """What came back, no more of it than the service may say."""
        if len(content) > service.most_asked:
            raise TooLarge
        received = bytearray()
        async with self._http.stream(
            "POST", self._url, content=content, headers=HEADERS, timeout=service.timeout
        ) as answer:
            if answer.headers.get("content-encoding", "identity") != "identity":
                raise Unreadable  # nobody asked for it, and what is unpacked has no known size
            async for piece in answer.aiter_raw():
                received += piece
                if len(received) > service.most:
                    raise TooLarge
        return bytes(received)

    async def _read(self, service: Service, content: bytes, id: str) -> Plain:
        root = parse(content, service.most)
        fault = soap.fault_in(root)
        if fault is not None:
            await self._judge(service, fault, root, content)
            raise fault
        answer = soap.answer_in(await self._seals.open(root, content))
        check_fresh(answer.at, self._clock.machine_now())
        if answer.correlation not in ("", id):
            raise OfAnotherQuestion
        if answer.code in service.nothing:
            return {}
        if answer.code not in service.success:
            raise NotDone(answer.code)
        return await soap.data_of(service, answer.data, self._seals)

    async def _judge(self, service: Service, fault: Fault, root: etree._Element, content: bytes) -> None:
        """A refused consent is an answer: believed only when it is signed and of now. Raises `ConsentRefused`."""
        refused = next((code for code in fault.info.codes if code in CONSENT_REFUSED), None)
        if refused is not None:
            await self._seals.open(root, content)
            check_fresh(fault.info.at, self._clock.machine_now())
            self._log.info("shep-refused", service=service.id, why="ConsentRefused", said=refused)
            raise ConsentRefused(service.dependency, refused)


def check_fresh(written: str, now: datetime, tolerance: timedelta = TOLERANCE) -> None:
    """A moment written without an offset is Almaty's. Raises `Stale`."""
    try:
        moment = datetime.fromisoformat(written)
    except ValueError:
        raise Stale from None
    moment = moment if moment.tzinfo is not None else moment.replace(tzinfo=ALMATY)
    if abs(now - moment) > tolerance:
        raise Stale


def correlation_of(ask: str) -> str:
    """A UUID for what is asked: the ask's own when it is one."""
    try:
        return str(UUID(ask))
    except ValueError:
        return str(uuid5(NAMESPACE_URL, f"urn:kualik:ask:{ask}"))
