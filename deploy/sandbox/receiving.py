"""ШЭП's asynchronous channel from the other side: what is sent to it, as strictly as the synchronous one reads.

A REQUEST is taken, what was said of a message is heeded, how far one has come is told; answers and faults are signed.
"""

from __future__ import annotations

import asyncio
import hashlib
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

from lxml import etree
from starlette.responses import Response

from deploy.sandbox.faults import Weather
from deploy.sandbox.soap import MOST_BYTES, WINDOW, Channel, Declined, code_of
from deploy.sandbox.spoiling import half, signed_wrongly
from deploy.sandbox.systems.ground import Refused
from deploy.sandbox.systems.post import PostOffice
from shared.gateways import letters
from shared.gateways.catalogue import ASYNCHRONOUS, STATUSES_PUSHED
from shared.gateways.letters import LOOK, SEND, TELL, Delivery, Kind, Letter, Receipt, Standing
from shared.gateways.line import check_fresh
from shared.security.distrust import Distrusted, OutsideItsSchema
from shared.security.safe_xml import canonical, parse

if TYPE_CHECKING:
    from deploy.sandbox.http import Systems

XML: Final = "text/xml; charset=utf-8"
Asked = Letter | Delivery | str
"""A REQUEST, what is told of a message, or the id of the message that is looked for."""


async def read(channel: Channel, content: bytes) -> Asked:
    """Raises `Declined`."""
    try:
        body = await channel.seals.open(parse(content, MOST_BYTES), content)
        digest = hashlib.sha256(canonical(body)).hexdigest()
        operation = letters.operation_in(body, SEND, TELL, LOOK)
        name = etree.QName(operation).localname
        asked: Asked
        if name == SEND:
            asked, sender = await letters.letter_in(body, channel.seals)
            if asked.kind is not Kind.REQUEST:
                raise OutsideItsSchema
            check_fresh(asked.at.isoformat(), channel.now(), WINDOW)
        elif name == TELL:
            asked, sender = letters.delivery_in(operation), letters.sender_of(operation)
            check_fresh(letters.told_at(operation), channel.now(), WINDOW)
            if asked.service_id not in ASYNCHRONOUS:
                raise Declined("SERVICE_NOT_FOUND")
        else:
            asked, sender = letters.looked_for(operation), letters.sender_of(operation)
        channel.admit(sender, digest)
    except Distrusted as fault:
        raise Declined(code_of(fault), type(fault).__name__) from None
    return asked


async def received(systems: Systems, channel: Channel, content: bytes) -> Response:
    """One call, with all that is switched to go wrong with it."""

    async def fault(code: str, message: str, inner: str = "") -> Response:
        return Response(await channel.fault(code, message, str(uuid4()), inner), 500, media_type=XML)

    try:
        asked = await read(channel, content)
    except Declined as declined:
        systems.note("shep", declined.inner or "?", declined.code)
        return await fault(declined.code, "the message is not taken", declined.inner)
    system, what = ASYNCHRONOUS[STATUSES_PUSHED].dependency, f"{STATUSES_PUSHED} {_operation(asked)}"
    weather = systems.faults.weather(system, STATUSES_PUSHED)
    await asyncio.sleep(weather.delay)
    if weather.fails:
        systems.note(system, what, "failed", _shown(asked))
        return await fault("SCSE001", "the channel does not answer")
    try:
        said = _done(systems.state.post, asked, systems.clock.now(), weather)
    except Refused as refusal:
        systems.note(system, what, refusal.code, _shown(asked))
        return await fault(refusal.code, "the channel refuses")
    outcome = "undelivered" if weather.undelivered and isinstance(asked, Letter) else weather.outcome
    systems.note(system, what, outcome, _shown(asked), {"messageId": said} if isinstance(asked, Letter) else None)
    if weather.lost:
        return await fault("SCSE002", "the answer was lost")
    return Response(await _sealed(channel, asked, said, weather), media_type=XML)


def _done(post: PostOffice, asked: Asked, now: datetime, weather: Weather) -> str:
    """Raises `Refused`."""
    if isinstance(asked, Letter):
        return post.take(asked.data, now, undelivered=weather.undelivered)
    if isinstance(asked, Delivery):
        post.heard(asked)
        return ""
    return post.standing(asked)


async def _sealed(channel: Channel, asked: Asked, said: str, weather: Weather) -> bytes:
    """The answer as it leaves ШЭП. A stale one is an hour old: an earlier one, unread, would pass for another's."""
    at = channel.now() - timedelta(hours=weather.stale)
    if isinstance(asked, Letter):
        answer = letters.receipt(Receipt(said, ""), at)
    else:
        answer = letters.noted(at) if isinstance(asked, Delivery) else letters.standing(Standing(said), at)
    content = await channel.seals.sign(answer, str(uuid4()))
    content = signed_wrongly(content) if weather.forged else content
    return half(content) if weather.truncated else content


def _operation(asked: Asked) -> str:
    return SEND if isinstance(asked, Letter) else TELL if isinstance(asked, Delivery) else LOOK


def _shown(asked: Asked) -> dict[str, Any]:
    if isinstance(asked, Letter):
        return dict(asked.data)
    return {"messageId": asked.message_id} if isinstance(asked, Delivery) else {"messageId": asked}
