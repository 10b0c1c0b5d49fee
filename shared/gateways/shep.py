"""ШЭП, the gateway of the electronic government: one question, one answer, over its synchronous channel (domain.md 2).

`ask` is the seam. Above it stand plain values by the names of `schemas/*.xsd`; below it the wire: XML of the service's
own form, the signature, SOAP, limits of size and time. Whoever needs no wire overrides `ask`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

import httpx
import structlog

from shared.engine.ports import Clock, Ids
from shared.gateways import soap
from shared.gateways.catalogue import CONSENT_REFUSED, SERVICES, Service, dependency_of
from shared.gateways.line import Line, Seals
from shared.gateways.schema import Plain
from shared.gateways.soap import Fault, Login, NotDone
from shared.security.distrust import OfAnotherQuestion

__all__ = ["ConsentRefused", "Shep", "dependency_of"]


class ConsentRefused(Exception):
    """The system works, and does not take the token of КДП: it has run out, or is for something else. An answer about
    one person, so nobody's outage. Prints the system and its code.
    """

    def __init__(self, dependency: str, code: str) -> None:
        super().__init__(f"{dependency}: {code}")
        self.dependency, self.code = dependency, code


class Shep:
    """Asks services of ШЭП by their id. Raises `Unavailable` with the system's name, and `ConsentRefused`; any other
    business no is an answer.
    """

    login = Login("")

    def __init__(
        self, http: httpx.AsyncClient, url: str, login: Login, seals: Seals, clock: Clock, ids: Ids, log: Any = None
    ) -> None:
        self.login, self._line = login, Line(http, url, seals, clock, ids, log or structlog.get_logger())

    async def ask(self, service_id: str, data: Mapping[str, Any], message_id: str, at: datetime) -> Plain:
        """The `data` of the answer, every leaf as text. `message_id` is the same whenever the same thing is asked
        again: it goes along as the correlation id, each try under a message id of its own. `at` is machine time.
        Raises `Unsendable` when `data` is not of the service's form.
        """
        service = SERVICES[service_id]
        return await self._line.twice(service, lambda: self.exchange(service, data, message_id, at))

    async def exchange(self, service: Service, data: Mapping[str, Any], ask: str, at: datetime) -> Plain:
        """One try. Raises `Distrusted`, `Fault`, `NotDone`, `httpx.HTTPError`, `TimeoutError`, `Unsendable`."""
        line = self._line
        id = str(line.ids.uuid())
        asked = await soap.question(service, data, id, correlation_of(ask), self.login, at, line.seals)
        async with asyncio.timeout(service.timeout):
            return await self._read(service, await line.send(asked, id, service), id)

    async def _read(self, service: Service, content: bytes, id: str) -> Plain:
        """A refused consent is an answer about one person."""
        line = self._line
        try:
            answer = soap.answer_in(await line.open(content, service, CONSENT_REFUSED))
        except Fault as fault:
            refused = next((code for code in fault.info.codes if code in CONSENT_REFUSED), None)
            if refused is None:
                raise
            line.log.info("shep-refused", service=service.id, why="ConsentRefused", said=refused)
            raise ConsentRefused(service.dependency, refused) from None
        line.check(answer.at)
        if answer.correlation not in ("", id):
            raise OfAnotherQuestion
        if answer.code in service.nothing:
            return {}
        if answer.code not in service.success:
            raise NotDone(answer.code)
        return await soap.data_of(service, answer.data, line.seals)


def correlation_of(ask: str) -> str:
    """A UUID for what is asked: the ask's own when it is one."""
    try:
        return str(UUID(ask))
    except ValueError:
        return str(uuid5(NAMESPACE_URL, f"urn:kualik:ask:{ask}"))
