"""What an HTTP caller is told, whatever they send."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from pydantic import BaseModel, Field
from starlette.applications import Starlette
from starlette.requests import Request

from shared.web.officers import Officers, Role, officer_of
from shared.web.openapi import Endpoint, routes_of
from shared.web.problems import EXCEPTION_HANDLERS, conflict
from shared.web.signed import signature_of, signed_with, token_in

KEY = b"0123456789abcdef0123456789abcdef"
PERSON = "990101300123"


class Order(BaseModel):
    name: str = Field(max_length=5)
    count: int


class Taken(BaseModel):
    name: str


async def order(request: Request, body: Order) -> Taken:
    return Taken(name=body.name)


async def whole(request: Request, body: bytes) -> None:
    assert body


async def fails(request: Request) -> None:
    raise ValueError(f"the person {PERSON} is the matter")


async def refuses(request: Request) -> None:
    raise conflict("It was decided before.", "DECIDED", decision="APPROVE")


async def who(request: Request) -> Taken:
    return Taken(name=officer_of(request).id)


async def by_id(request: Request) -> Taken:
    return Taken(name=str(request.path_params["id"]))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "portal.token").write_text("a-token-of-the-portal\n")
    (tmp_path / "gateway.key").write_bytes(KEY + b"\n")
    token = hashlib.sha256(b"token-of-17").hexdigest()
    account = {
        "id": "17",
        "iin": PERSON,
        "bin": "1" * 12,
        "region": "71",
        "roles": ["inspector"],
        "token_sha256": token,
    }
    (tmp_path / "officers.json").write_text(json.dumps([account]))
    return tmp_path


@pytest.fixture
def endpoints(folder: Path) -> list[Endpoint]:
    officers = Officers(folder)
    return [
        Endpoint("POST", "/orders", order, Order, Taken, "Take an order", status=201),
        Endpoint("PUT", "/files", whole, bytes, None, "Take a file", media=("image/png",), most=8),
        Endpoint("GET", "/fails", fails),
        Endpoint("GET", "/refuses", refuses, errors=(409,)),
        Endpoint("GET", "/inspectors", who, answer=Taken, allows=officers.allow(Role.INSPECTOR), secured="bearer"),
        Endpoint("GET", "/heads", who, answer=Taken, allows=officers.allow(Role.HEAD), secured="bearer"),
        Endpoint("POST", "/signed", order, Order, Taken, checks=signed_with(folder / "gateway.key"),
                 secured="signature"),
        Endpoint("POST", "/portal", order, Order, Taken, allows=token_in(folder / "portal.token"), secured="bearer"),
        Endpoint("GET", "/things/{id:uuid}", by_id, answer=Taken),
    ]  # fmt: skip


@pytest.fixture
def caller(endpoints: list[Endpoint]) -> httpx.AsyncClient:
    app = Starlette(routes=routes_of(endpoints, "Orders"), exception_handlers=EXCEPTION_HANDLERS)
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://here")


def is_problem(answer: httpx.Response, status: int) -> dict[str, Any]:
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = answer.json()
    assert body["status"] == status
    assert body["title"]
    return body


async def test_a_good_body_is_handed_over_and_answered(caller: httpx.AsyncClient) -> None:
    answer = await caller.post("/orders", json={"name": "card", "count": 1})
    assert (answer.status_code, answer.json()) == (201, {"name": "card"})
    assert answer.headers["cache-control"] == "no-store"


async def test_every_fault_is_told_with_its_field_and_nothing_is_quoted(caller: httpx.AsyncClient) -> None:
    answer = await caller.post("/orders", json={"name": PERSON, "count": PERSON + "x"})
    body = is_problem(answer, 422)
    assert {f["field"]: f["problem"] for f in body["faults"]} == {"name": "string_too_long", "count": "int_parsing"}
    assert PERSON not in answer.text


async def test_what_is_no_json_is_told_so(caller: httpx.AsyncClient) -> None:
    answer = await caller.post("/orders", content=b"{", headers={"content-type": "application/json"})
    assert is_problem(answer, 422)["faults"] == [{"field": "", "problem": "json_invalid"}]


@pytest.mark.parametrize("kind", ["text/plain", "application/json; charset=cp1251", ""])
async def test_another_kind_of_body_is_refused(caller: httpx.AsyncClient, kind: str) -> None:
    is_problem(await caller.post("/orders", content=b"{}", headers={"content-type": kind}), 415)


async def test_a_body_beyond_the_limit_is_refused_declared_or_not(caller: httpx.AsyncClient) -> None:
    async def pieces() -> Any:
        for _ in range(3):
            yield b"12345"

    headers = {"content-type": "image/png"}
    is_problem(await caller.put("/files", content=b"1" * 9, headers=headers), 413)
    is_problem(await caller.put("/files", content=pieces(), headers=headers), 413)
    assert (await caller.put("/files", content=b"1" * 8, headers=headers)).status_code == 204


async def test_an_unforeseen_error_says_nothing_of_the_person(caller: httpx.AsyncClient) -> None:
    answer = await caller.get("/fails")
    is_problem(answer, 500)
    assert PERSON not in answer.text


async def test_a_problem_carries_what_the_caller_may_act_on(caller: httpx.AsyncClient) -> None:
    body = is_problem(await caller.get("/refuses"), 409)
    assert (body["code"], body["decision"]) == ("DECIDED", "APPROVE")


async def test_unknown_paths_methods_and_ids_are_problems_too(caller: httpx.AsyncClient) -> None:
    is_problem(await caller.get("/nowhere"), 404)
    is_problem(await caller.delete("/orders"), 405)
    is_problem(await caller.get("/things/17"), 404)
    known = UUID(int=17)
    assert (await caller.get(f"/things/{known}")).json() == {"name": str(known)}


async def test_an_officer_is_known_by_the_token_and_held_to_the_roles(caller: httpx.AsyncClient) -> None:
    answer = await caller.get("/inspectors")
    is_problem(answer, 401)
    assert answer.headers["www-authenticate"] == "Bearer"
    is_problem(await caller.get("/inspectors", headers={"authorization": "Bearer token-of-18"}), 401)
    known = {"authorization": "Bearer token-of-17"}
    assert (await caller.get("/inspectors", headers=known)).json() == {"name": "17"}
    assert is_problem(await caller.get("/heads", headers=known), 403)["code"] == "ROLE"


async def test_an_officer_struck_off_is_unknown_at_once(caller: httpx.AsyncClient, folder: Path) -> None:
    known = {"authorization": "Bearer token-of-17"}
    assert (await caller.get("/inspectors", headers=known)).status_code == 200
    (folder / "officers.json").write_text("[]")
    is_problem(await caller.get("/inspectors", headers=known), 401)
    (folder / "officers.json").unlink()
    is_problem(await caller.get("/inspectors", headers=known), 503)


async def test_a_call_back_is_taken_only_with_the_hmac_of_its_body(caller: httpx.AsyncClient) -> None:
    body = b'{"name":"card","count":1}'
    headers = {"content-type": "application/json", "X-Signature": signature_of(KEY, body)}
    assert (await caller.post("/signed", content=body, headers=headers)).status_code == 200
    is_problem(await caller.post("/signed", content=body + b" ", headers=headers), 401)
    is_problem(await caller.post("/signed", content=b"{}", headers={"content-type": "application/json"}), 401)


async def test_the_portal_is_known_by_its_token(caller: httpx.AsyncClient) -> None:
    good = {"authorization": "Bearer a-token-of-the-portal"}
    assert (await caller.post("/portal", json={"name": "a", "count": 1}, headers=good)).status_code == 200
    is_problem(await caller.post("/portal", json={}, headers={"authorization": "Bearer another"}), 401)
    is_problem(await caller.post("/portal", json={}), 401)


async def test_the_document_names_every_call_its_bodies_and_its_refusals(caller: httpx.AsyncClient) -> None:
    document = (await caller.get("/openapi.json")).json()
    assert set(document["paths"]) >= {"/orders", "/things/{id}"}
    orders = document["paths"]["/orders"]["post"]
    assert set(orders["responses"]) == {"201", "413", "415", "422"}
    assert set(document["components"]["schemas"]) >= {"Order", "Taken", "ProblemDetails"}
    assert document["paths"]["/inspectors"]["get"]["security"] == [{"bearer": []}]


async def test_the_page_has_no_script(caller: httpx.AsyncClient) -> None:
    answer = await caller.get("/docs")
    assert "<script" not in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "POST /orders" in answer.text


def test_a_call_declared_twice_is_a_mistake(endpoints: list[Endpoint]) -> None:
    with pytest.raises(ValueError, match="declared twice"):
        routes_of([*endpoints, endpoints[0]], "Orders")
