"""The switchboard: what its pages show, what its forms switch, and what they answer to a wrong value."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from deploy.sandbox.__main__ import application
from deploy.sandbox.authority import Authority
from deploy.sandbox.exchanges import KEPT, Exchanges
from deploy.sandbox.faults import KINDS, POSSIBLE, SYSTEMS, Fault
from deploy.sandbox.http import Systems
from deploy.sandbox.smtp import Mailbox
from deploy.sandbox.switches import SWITCHES
from tests.gateways.wire import sandbox
from tests.sandbox.crowds import NOW

AUTHORITY = Authority(NOW, b"switchboard")


@pytest.fixture
def systems() -> Systems:
    return sandbox()


@pytest.fixture
async def http(systems: Systems) -> AsyncIterator[httpx.AsyncClient]:
    app = application(systems, Mailbox(systems), AUTHORITY)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://sandbox") as client:
        yield client


async def faults(http: httpx.AsyncClient, body: Any) -> list[tuple[str, str]]:
    """Field and problem of each."""
    answer = await http.post("/control/faults", json=body)
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    return [(fault["field"], fault["problem"]) for fault in answer.json()["faults"]]


async def test_the_page_needs_no_script_and_allows_none(http: httpx.AsyncClient) -> None:
    home = await http.get("/", follow_redirects=True)
    for page in (home, await http.get("/control/systems/rpdrn")):
        assert page.status_code == 200
        assert page.headers["content-security-policy"].startswith("default-src 'none'; style-src 'self'; form-action")
        assert not re.search(r"<script|<style|style=|\son\w+=|javascript:", page.text)
        assert "Nothing has been exchanged yet." in page.text
    assert "All is well" in home.text
    assert all(f"/control/systems/{system}" in home.text for system in SYSTEMS)
    style = await http.get("/control/switchboard.css")
    assert style.headers["content-type"].startswith("text/css")


async def test_a_form_switches_and_the_pages_show_it(systems: Systems, http: httpx.AsyncClient) -> None:
    form = {"delay": "1,5", "error_rate": "20", "truncated_rate": "3", "late": "", "services": "RPDRN_FIND"}
    answer = await http.post("/control/systems/rpdrn", data=form)
    assert (answer.status_code, answer.headers["location"]) == (303, "/control/systems/rpdrn?saved")
    wanted = Fault(system="rpdrn", delay=1.5, error_rate=0.2, truncated_rate=0.03, services=("RPDRN_FIND",))
    assert systems.faults.switched == {"rpdrn": wanted}
    page = (await http.get(answer.headers["location"])).text
    assert all(shown in page for shown in ("Switched.", "value='1.5'", "value='20'", "value='3'"))
    home = (await http.get("/control")).text
    assert all(shown in home for shown in ("1 system.", "Errors 20 %", "Delay 1.5 s", "only RPDRN_FIND"))


async def test_one_system_and_all_systems_are_made_well_again(systems: Systems, http: httpx.AsyncClient) -> None:
    for system in ("kdp", "sms", "smtp"):
        assert (await http.post(f"/control/systems/{system}", data={"outage": "on"})).status_code == 303
    assert (await http.post("/control/systems/kdp", data={})).status_code == 303
    assert set(systems.faults.switched) == {"sms", "smtp"}
    assert (await http.delete("/control/faults/sms")).is_success
    assert set(systems.faults.switched) == {"smtp"}
    assert (await http.post("/control/well")).headers["location"] == "/control"
    assert systems.faults.switched == {}


@pytest.mark.parametrize(
    ("field", "typed", "word"),
    [
        ("delay", "soon", "This is not a number."),
        ("delay", "121", "Give a number from 0 to 120 s."),
        ("error_rate", "101", "Give a number from 0 to 100 %."),
        ("stale_rate", "-1", "Give a number from 0 to 100 %."),
        ("late", "1e9", "Give a number from 0 to 3600 s."),
        ("services", "NOTHING", "names a service that this system has not"),
    ],
)
async def test_a_wrong_value_is_marked_in_its_field_and_switches_nothing(
    systems: Systems, http: httpx.AsyncClient, field: str, typed: str, word: str
) -> None:
    answer = await http.post("/control/systems/rpdrn", data={"lost_rate": "7", field: typed})
    assert answer.status_code == 422
    assert word in answer.text
    assert "value='7'" in answer.text
    assert field == "services" or re.search(f"name='{field}'[^>]* aria-invalid=true", answer.text)
    assert systems.faults.switched == {}


@pytest.mark.parametrize("typed", ["nan", "inf", "1e999"])
async def test_what_is_no_finite_number_is_marked_too(systems: Systems, http: httpx.AsyncClient, typed: str) -> None:
    answer = await http.post("/control/systems/rpdrn", data={"delay": typed})
    assert (answer.status_code, systems.faults.switched) == (422, {})
    assert re.search("name='delay'[^>]* aria-invalid=true", answer.text)


async def test_what_was_typed_comes_back_as_text_and_never_as_marks(http: httpx.AsyncClient) -> None:
    answer = await http.post("/control/systems/sms", data={"delay": "'><b>x"})
    assert answer.status_code == 422
    assert "<b>" not in answer.text
    assert (await http.get("/control/systems/%3Cb%3Ex")).status_code == 404


async def test_json_names_the_field_of_every_fault(http: httpx.AsyncClient) -> None:
    assert await faults(http, {"system": "nothing"}) == [("system", "unknown_system")]
    wrong = {"system": "sms", "delay": -1, "error_rate": 2, "outage": "perhaps", "late": 3, "more": 1}
    assert sorted(await faults(http, wrong)) == [
        ("delay", "greater_than_equal"), ("error_rate", "less_than_equal"), ("late", "not_of_this_system"),
        ("more", "extra_forbidden"), ("outage", "bool_parsing"),
    ]  # fmt: skip
    assert await faults(http, {"system": "rpdrn", "services": ["X"]}) == [("services", "unknown_service")]
    assert await faults(http, []) == [("", "model_type")]
    assert (await http.post("/control/faults", content=b"{")).status_code == 422
    assert (await http.delete("/control/faults/nothing")).status_code == 404


async def test_exchanges_are_told_of_one_system_and_so_many(systems: Systems, http: httpx.AsyncClient) -> None:
    for at in range(5):
        systems.note("sms", f"POST /{at}", "answered")
    systems.note("revenue", "GET /refunds", "failed")
    told = (await http.get("/control/exchanges?system=sms&last=2")).json()
    assert [each["what"] for each in told["last"]] == ["POST /3", "POST /4"]
    assert {each["system"] for each in told["counts"]} == {"sms"}
    for wrong, field in (("system=x", "system"), ("last=-1", "last"), ("last=x", "last"), ("last=99999", "last")):
        answer = await http.get(f"/control/exchanges?{wrong}")
        assert (answer.status_code, answer.json()["faults"][0]["field"]) == (422, field)


async def test_another_sites_form_switches_nothing(systems: Systems, http: httpx.AsyncClient) -> None:
    systems.faults.switch(Fault(system="sms", outage=True))
    stranger = {"Origin": "http://elsewhere"}
    for path in ("/control/well", "/control/systems/sms", "/control/faults"):
        assert (await http.post(path, headers=stranger)).status_code == 403
    assert (await http.delete("/control/faults/sms", headers=stranger)).status_code == 403
    assert set(systems.faults.switched) == {"sms"}
    assert (await http.post("/control/well", headers={"Origin": "http://sandbox"})).status_code == 303


def test_each_fault_has_its_switch_and_only_so_many_exchanges_are_kept() -> None:
    assert {switch.field for switch in SWITCHES} == set(POSSIBLE) - {"services"}
    assert set(POSSIBLE) == set(Fault.model_fields) - {"system"}
    kept = Exchanges()
    for at in range(KEPT + 10):
        kept.note(NOW, "sms", "POST /messages", "answered", {"id": str(at)})
    assert (len(kept.last), kept.tally("sms").total()) == (KEPT, KEPT + 10)


@pytest.mark.parametrize("system", SYSTEMS)
async def test_whatever_can_go_wrong_with_a_system_can_be_switched_on_its_page(
    systems: Systems, http: httpx.AsyncClient, system: str
) -> None:
    form = {switch.field: "on" if switch.unit == "" else "1" for switch in SWITCHES}
    possible = {name: typed for name, typed in form.items() if name in KINDS[system].faults}
    page = (await http.get(f"/control/systems/{system}")).text
    assert set(re.findall(r"id='(\w+)' name=", page)) == set(possible)
    assert (await http.post(f"/control/systems/{system}", data=possible)).status_code == 303
    assert all(getattr(systems.faults.switched[system], name) for name in possible)
    assert (await http.post(f"/control/systems/{system}", data=form)).status_code == (303 if possible == form else 422)
