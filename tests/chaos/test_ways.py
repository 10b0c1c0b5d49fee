"""Services reach RabbitMQ, PostgreSQL and the outside by our proxies alone, and learn of them by settings alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from deploy.local import layout
from deploy.local.addresses import BrokerAddress, DatabaseAddress
from deploy.local.folder import RunFolder
from deploy.local.processes import Process
from shared.process import INTAKE, NOTIFICATION, PAYMENT, PORTAL, SERVICES
from tests.chaos.schedule import To
from tests.chaos.ways import Ways, led

BROKER, DATABASE = 15672, 15432
ADDRESSES = layout.Addresses(
    BrokerAddress("127.0.0.1", BROKER, "http://127.0.0.1:1", "administrator", "word"),
    DatabaseAddress("127.0.0.1", DATABASE, "postgres", "word"),
    dict.fromkeys((PORTAL, *SERVICES), "word"),
    {layout.role_of(service): "word" for service in SERVICES},
)


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[RunFolder]:
    folder = RunFolder(tmp_path)
    folder.acquire()
    yield folder
    folder.release()


@pytest.fixture
async def ways() -> Ways:
    """Not open; each has the port that it would have."""
    ways = Ways(1, {"KUALIK_POLL_SECONDS": "0.3"})
    for port, way in enumerate(ways, 40_000):
        way.port = port
    return ways


def port_of(process: Process, name: str) -> int | None:
    return urlsplit(process.env[f"KUALIK_{name}"]).port


async def test_each_service_has_its_own_way_to_each_server(ways: Ways, folder: RunFolder) -> None:
    found = {process.name: process for process in ways.processes(folder, ADDRESSES)}
    plain = {process.name: process for process in layout.processes(folder, ADDRESSES)}
    for name in SERVICES:
        for setting, to in (("AMQP_URL", To.BROKER), ("DATABASE_URL", To.DATABASE), ("SHEP_URL", To.OUTSIDE)):
            way = ways.between(name, to)[0]
            assert port_of(found[name], setting) == way.port
            assert way.target == ("127.0.0.1", port_of(plain[name], setting))
        assert found[name].env["KUALIK_POLL_SECONDS"] == "0.3"
        assert found[name].port == plain[name].port
    assert port_of(found[PORTAL], "AMQP_URL") == ways.between(PORTAL, To.BROKER)[0].port


async def test_no_service_keeps_the_address_of_a_server(ways: Ways, folder: RunFolder) -> None:
    plain = {process.name: process.port for process in layout.processes(folder, ADDRESSES)}
    servers = {str(BROKER), str(DATABASE), str(plain[layout.SANDBOX])}
    for process in ways.processes(folder, ADDRESSES):
        if process.name in SERVICES:
            named = {str(urlsplit(value).port) for key, value in process.env.items() if key.endswith("_URL")}
            assert not named & servers, process.name


async def test_who_calls_a_service_back_comes_by_a_way_too(ways: Ways, folder: RunFolder) -> None:
    found = {process.name: process for process in ways.processes(folder, ADDRESSES)}
    inside = ways.between(PAYMENT, To.INSIDE)[0]
    assert port_of(found[PAYMENT], "PUBLIC_URL") == port_of(found[layout.SANDBOX], "PAYMENT_URL") == inside.port
    assert inside.target == ("127.0.0.1", found[PAYMENT].port)
    assert port_of(found[PORTAL], "INTAKE_URL") == ways.between(INTAKE, To.INSIDE)[0].port


async def test_mail_goes_by_a_way_of_its_own(ways: Ways, folder: RunFolder) -> None:
    found = {process.name: process for process in ways.processes(folder, ADDRESSES)}
    _, mail = ways.between(NOTIFICATION, To.OUTSIDE)
    assert found[NOTIFICATION].env["KUALIK_SMTP_PORT"] == str(mail.port)
    assert found[layout.SANDBOX].env["KUALIK_SMTP_PORT"] == str(mail.target[1])


@pytest.mark.parametrize(
    ("url", "there"),
    [
        ("amqp://intake:w%2Frd@10.0.0.1:5672/%2F", "amqp://intake:w%2Frd@127.0.0.1:7/%2F"),
        ("postgresql://intake:word@host/kualik?x=1", "postgresql://intake:word@127.0.0.1:7/kualik?x=1"),
        ("http://127.0.0.1:18000/shep", "http://127.0.0.1:7/shep"),
    ],
)
def test_only_host_and_port_of_an_address_change(url: str, there: str) -> None:
    assert led(url, 7) == there
