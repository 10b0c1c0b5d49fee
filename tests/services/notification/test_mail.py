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

from deploy.sandbox.telephone import text_in
from services.notification.gateway import Code
from services.notification.mail import SmtpMail
from services.production_dispatch.web.finding import talon_of
from shared.engine.rows import Unavailable
from tests.services.running import NOW

SENDER, ADDRESS, ID = "no-reply@kualik.example", "someone@example.kz", "0b0f5a0e-2f2c-4b5c-9f5d-1d3a5a3c7f10"

TALON = "71-251006-000017-3"


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


async def test_the_code_in_a_letter_is_read_as_what_finds_the_card_at_the_desk(postbox: Postbox) -> None:
    body = f"Документ готов.\n\nТалон № {TALON}.\n\nПодробности: https://portal/applications/1?a=1&b=2\n"
    assert await mail(postbox.port).send(ID, ADDRESS, "Готово", body, NOW, Code(TALON, "талон <1>", "ru"))
    letter = postbox.letter()
    text, page = letter.get_body(("plain",)), letter.get_body(("html",))
    assert isinstance(text, EmailMessage)
    assert isinstance(page, EmailMessage)
    assert text.get_content().replace("\r\n", "\n") == body
    (picture,) = [part for part in letter.walk() if part.get_content_type() == "image/png"]
    assert picture.get_content_disposition() == "inline"
    shown = page.get_content()
    assert f'<img src="cid:{picture["Content-ID"].strip("<>")}" alt="талон &lt;1&gt;">' in shown
    assert '<html lang="ru">' in shown
    assert '<a href="https://portal/applications/1?a=1&amp;b=2">' in shown
    read = text_in(picture.get_payload(decode=True))  # type: ignore[arg-type]
    assert (read, talon_of(read)) == (TALON, TALON)


async def test_a_letter_with_a_code_sent_again_is_the_same_letter(postbox: Postbox) -> None:
    for _ in range(2):
        await mail(postbox.port).send(ID, ADDRESS, "s", "b", NOW, Code(TALON, "w", "kk"))
    first, second = (one.original_content for one in postbox.taken)
    assert first == second


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
