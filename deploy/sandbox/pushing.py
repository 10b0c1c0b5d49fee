"""What РП ДРН says by itself, pushed by ШЭП's asynchronous channel: signed, under one message id, until it is taken."""

from __future__ import annotations

from deploy.sandbox.soap import Channel
from deploy.sandbox.systems.ground import Callback
from shared.gateways import letters
from shared.gateways.catalogue import ASYNCHRONOUS, STATUSES_PUSHED
from shared.gateways.letters import Kind, Letter
from shared.gateways.soap import Login
from shared.security.distrust import Distrusted
from shared.security.safe_xml import parse

SHEP = Login("SHEP")
HEADERS = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": '""'}


async def pushed(channel: Channel, callback: Callback) -> bytes:
    """The envelope of one try: the same letter each time, signed anew."""
    said = dict(callback.body)
    id, kind, correlation = said.pop("callback_id"), Kind(said.pop("kind")), said.pop("correlation")
    letter = Letter(id, correlation, ASYNCHRONOUS[STATUSES_PUSHED], kind, channel.now(), said)
    written = await letters.written(letter, SHEP, channel.seals, letters.CLIENT)
    return await channel.seals.sign(written, id)


async def taken(channel: Channel, callback: Callback, answer: bytes) -> str:
    """Empty when the answer is the receiver's signed receipt of this very message; else why it does not count."""
    try:
        receipt = letters.receipt_in(await channel.seals.open(parse(answer), answer))
    except Distrusted as fault:
        return type(fault).__name__
    return "" if receipt.message_id == callback.id else "OfAnotherQuestion"
