"""What we send by ШЭП's asynchronous channel (domain.md 2.4): a REQUEST, a look at how far it has come, and what became
of a message that was brought to us. Whoever needs no wire overrides `request` and `standing`.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import httpx
import structlog
from lxml import etree

from shared.engine.ports import Clock, Ids
from shared.gateways import letters
from shared.gateways.catalogue import ASYNCHRONOUS, UNKNOWN_MESSAGE, Service
from shared.gateways.letters import Delivery, Kind, Letter, Standing
from shared.gateways.line import TOLERANCE, Line, Seals
from shared.gateways.soap import Fault, Login
from shared.security.distrust import OfAnotherQuestion, OutsideItsSchema
from shared.security.safe_xml import canonical


class Post:
    """Raises `Unavailable` with the name of the system behind the service; the log says why.

    ШЭП's answers do not say which question they answer. So each is believed once: what this process has read of late,
    as long as it would pass for fresh, it believes no second time.
    """

    def __init__(
        self, http: httpx.AsyncClient, url: str, login: Login, seals: Seals, clock: Clock, ids: Ids, log: Any = None
    ) -> None:
        self._login, self._line = login, Line(http, url, seals, clock, ids, log or structlog.get_logger())
        self._read: OrderedDict[str, datetime] = OrderedDict()

    async def request(self, service_id: str, data: Mapping[str, Any], at: datetime) -> str:
        """Sends a REQUEST; the id that ШЭП gives it, to which all that follows from it refers. Whoever sends the same
        again, because an answer was lost, has sent two: its receiver must know that they are one. `at` is machine time.
        Raises `Unsendable` when `data` is not of the service's form.
        """
        service = ASYNCHRONOUS[service_id]

        async def send() -> str:
            letter = Letter("", "", service, Kind.REQUEST, at, dict(data))
            asked = await letters.written(letter, self._login, self._line.seals)
            body = await self._exchange(service, asked)
            receipt = letters.receipt_in(body)
            if not receipt.message_id:
                raise OutsideItsSchema
            self._believe(body, receipt.at)
            return receipt.message_id

        return await self._line.twice(service, send)

    async def standing(self, service_id: str, message_id: str) -> Standing:
        """How far ШЭП has come with a message of ours. One that it does not know (any more) reaches nobody."""
        service = ASYNCHRONOUS[service_id]

        async def look() -> Standing:
            try:
                body = await self._exchange(service, letters.look(message_id, self._login), UNKNOWN_MESSAGE)
            except Fault as fault:
                if not UNKNOWN_MESSAGE & {*fault.info.codes}:
                    raise
                return Standing.NOT_DELIVERED
            found, written = letters.standing_in(body)
            self._believe(body, written)
            return found

        return await self._line.twice(service, look)

    async def tell(self, told: Delivery, at: datetime) -> None:
        """`sendDeliveryNotification`: a message that was brought to us was taken, or not and whether it may come again.
        Raises `KeyError` for a service that is none.
        """
        service = ASYNCHRONOUS[told.service_id]

        async def send() -> None:
            body = await self._exchange(service, letters.delivery(told, self._login, at))
            self._believe(body, letters.noted_in(body))

        await self._line.twice(service, send)

    async def _exchange(
        self, service: Service, asked: etree._Element, answers: frozenset[str] = frozenset()
    ) -> etree._Element:
        """One try. Raises `Distrusted`, `Fault`, `httpx.HTTPError`, `TimeoutError`."""
        async with asyncio.timeout(service.timeout):
            content = await self._line.send(asked, str(self._line.ids.uuid()), service)
            return await self._line.open(content, service, answers)

    def _believe(self, body: etree._Element, written: str) -> None:
        """It is of now, and was not read before. Raises `Stale`, `OfAnotherQuestion`."""
        self._line.check(written)
        digest, now = hashlib.sha256(canonical(body)).hexdigest(), self._line.clock.machine_now()
        while self._read and now - next(iter(self._read.values())) > 2 * TOLERANCE:
            self._read.popitem(last=False)
        if digest in self._read:
            raise OfAnotherQuestion
        self._read[digest] = now
