"""A real mail server takes what is sent, and what it will not take is told apart from its silence."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, Envelope

from services.notification.mail import SmtpMail
from shared.engine.rows import Unavailable
from tests.services.running import NOW

SENDER, ADDRESS, ID = "no-reply@kualik.example", "someone@example.kz", "0b0f5a0e-2f2c-4b5c-9f5d-1d3a5a3c7f10"


@dataclass
class Postbox:
    """Keeps what comes; `recipient` and `data` are its replies when they are not 250."""

    port: int = 0
    recipient: str = ""
    data: str = ""
    taken: list[Envelope] = field(default_factory=list)

    async def handle_RCPT(  # noqa: N802  aiosmtpd's name
        self, server: Any, session: Any, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.recipient:
            return self.recipient
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Envelope) -> str:  # noqa: N802
        if self.data:
            return self.data
        self.taken.append(envelope)
        return "250 OK"

    def letter(self) -> EmailMessage:
        content = self.taken[-1].content
        assert isinstance(content, bytes)
        letter = message_from_bytes(content, policy=default)
        assert isinstance(letter, EmailMessage)
        return letter


@pytest.fixture
async def postbox() -> AsyncIterator[Postbox]:
    box = Postbox()
    server = await asyncio.get_running_loop().create_server(
        lambda: SMTP(box, hostname="localhost", enable_SMTPUTF8=True), "127.0.0.1", 0
    )
    box.port = server.sockets[0].getsockname()[1]
    yield box
    server.close()
    await server.wait_closed()


def mail(port: int) -> SmtpMail:
    return SmtpMail("127.0.0.1", port, SENDER, timeout=2.0)


async def test_a_letter_arrives_whole_and_its_id_is_that_of_the_notice(postbox: Postbox) -> None:
    body = "Өтінім тіркелді.\n\nТолығырақ: https://portal/applications/1\n"
    assert await mail(postbox.port).send(ID, ADDRESS, "Мәртебе өзгерді", body, NOW)
    letter = postbox.letter()
    assert letter["Message-ID"] == f"<{ID}@kualik.example>"
    assert letter["Subject"] == "Мәртебе өзгерді"
    assert letter["Auto-Submitted"] == "auto-generated"
    assert letter.get_content().replace("\r\n", "\n") == body
    assert (postbox.taken[0].mail_from, postbox.taken[0].rcpt_tos) == (SENDER, [ADDRESS])


async def test_the_same_notice_sent_again_bears_the_same_id(postbox: Postbox) -> None:
    for _ in range(2):
        await mail(postbox.port).send(ID, ADDRESS, "s", "b", NOW)
    ids = {message_from_bytes(one.original_content or b"")["Message-ID"] for one in postbox.taken}
    assert len(postbox.taken) == 2
    assert len(ids) == 1


@pytest.mark.parametrize("reply", ["550 no such mailbox", "553 not allowed"])
async def test_an_address_that_does_not_exist_is_refused_for_good(postbox: Postbox, reply: str) -> None:
    postbox.recipient = reply
    assert not await mail(postbox.port).send(ID, ADDRESS, "s", "b", NOW)


@pytest.mark.parametrize(("recipient", "data"), [("450 later", ""), ("554 no relaying", ""), ("", "451 later")])
async def test_a_server_that_cannot_now_is_unavailable(postbox: Postbox, recipient: str, data: str) -> None:
    postbox.recipient, postbox.data = recipient, data
    with pytest.raises(Unavailable) as unavailable:
        await mail(postbox.port).send(ID, ADDRESS, "s", "b", NOW)
    assert unavailable.value.dependency == "smtp"
    assert ADDRESS not in str(unavailable.value)


async def test_a_server_that_is_not_there_is_unavailable(postbox: Postbox) -> None:
    with pytest.raises(Unavailable):
        await mail(1).send(ID, ADDRESS, "s", "b", NOW)


async def test_a_server_that_keeps_silent_is_unavailable() -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    with pytest.raises(Unavailable):
        await SmtpMail("127.0.0.1", port, SENDER, timeout=0.2).send(ID, ADDRESS, "s", "b", NOW)
    server.close()
    await server.wait_closed()
