"""The gateway's own page: what a person may click there, in both languages and with no script."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import httpx
import pytest

from deploy.sandbox.__main__ import application
from deploy.sandbox.authority import Authority
from deploy.sandbox.faults import Fault
from deploy.sandbox.hosted import TEXTS
from deploy.sandbox.http import Systems
from deploy.sandbox.smtp import Mailbox
from deploy.sandbox.systems.gateway import Invoice
from tests.gateways.wire import sandbox
from tests.sandbox.crowds import NOW, SECOND, person

AUTHORITY = Authority(NOW, b"hosted")


class Bank:
    """The page in the hands of one citizen."""

    def __init__(self, systems: Systems, http: httpx.AsyncClient) -> None:
        self.systems, self.http = systems, http
        gateway = systems.state.gateway_system
        self.invoice: Invoice = gateway.open("k", str(person("issued-paid").application_id(0)), "t", 786, NOW)
        self.address = gateway.page(self.invoice.id)

    async def look(self, lang: str = "kk") -> str:
        answer = await self.http.get(f"{self.address}?lang={lang}")
        assert answer.status_code == 200
        return answer.text

    async def click(self, act: str, page: str | None = None, lang: str = "kk") -> httpx.Response:
        """The button as it stands on the page, with the hidden field of its form."""
        page = page or await self.look(lang)
        assert f"value={act}>" in page, "there is such a button"
        key = re.search(r"name=key value=(\w+)", page)
        assert key is not None
        answer = await self.http.post(f"{self.address}?lang={lang}", data={"act": act, "key": key[1]})
        return await self.http.get(answer.headers["location"]) if answer.status_code == 303 else answer

    def told(self) -> int:
        """Call-backs that are due by now."""
        return len(self.systems.state.due(self.systems.clock.now() + SECOND))


@pytest.fixture
async def bank() -> AsyncIterator[Bank]:
    systems = sandbox()
    systems.clock.set_offset(NOW - systems.clock.machine_now())
    app = application(systems, Mailbox(systems), AUTHORITY)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://sandbox") as http:
        yield Bank(systems, http)


@pytest.mark.parametrize(("act", "receipts", "status"), [
    ("pay", 1, "PAID"), ("twice", 2, "PAID"), ("decline", 0, "OPEN"), ("close", 0, "OPEN"),
])  # fmt: skip
@pytest.mark.parametrize("lang", ["kk", "ru"])
async def test_each_button_does_what_it_says(bank: Bank, act: str, receipts: int, status: str, lang: str) -> None:
    answer = await bank.click(act, lang=lang)
    assert TEXTS[lang][f"said-{act}"] in answer.text
    assert TEXTS[lang][status] in answer.text
    assert [each.amount for each in bank.invoice.receipts] == [786] * receipts
    assert (bank.invoice.status.value, bank.told()) == (status, receipts)


async def test_the_same_page_sent_twice_pays_once(bank: Bank) -> None:
    page = await bank.look()
    for _ in range(3):
        await bank.click("pay", page)
    assert len(bank.invoice.receipts) == 1
    await bank.click("pay")
    assert len(bank.invoice.receipts) == 2, "whoever comes back and pays again has paid again"


async def test_a_declined_payment_can_be_made_after_all(bank: Bank) -> None:
    await bank.click("decline")
    await bank.click("pay")
    assert bank.invoice.status.value == "PAID"


async def test_the_page_needs_no_script_and_names_its_language(bank: Bank) -> None:
    for lang in ("kk", "ru"):
        page = await bank.look(lang)
        assert f"<html lang={lang}>" in page
        assert "<script" not in page
    answer = await bank.http.get(bank.address)
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert TEXTS["kk"].keys() == TEXTS["ru"].keys()


async def test_no_such_invoice_no_such_button_and_a_silent_gateway(bank: Bank) -> None:
    assert (await bank.http.get(f"{bank.address}0")).status_code == 404
    answer = await bank.http.post(bank.address, data={"act": "steal", "key": "0"})
    assert (answer.status_code, bank.invoice.receipts) == (422, [])
    bank.systems.faults.switch(Fault(system="payment-gateway", outage=True))
    assert (await bank.http.get(bank.address)).status_code == 503
    assert (await bank.http.post(bank.address, data={"act": "pay", "key": "0"})).status_code == 503
    assert bank.invoice.receipts == []
