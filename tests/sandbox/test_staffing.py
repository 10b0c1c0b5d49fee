"""Officers and desks over HTTP: each case is decided once, each card handed over in the order of its story."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from deploy.sandbox import keys
from deploy.sandbox.authority import Authority
from deploy.sandbox.http import Systems
from deploy.sandbox.people import Citizen
from deploy.sandbox.staffing import Staffing
from tests.sandbox.crowds import NOW, person, register, state_of


class Office:
    """Review and production as the staff meets them: they note who did what, and answer as told."""

    def __init__(self) -> None:
        self.reviews: list[dict[str, Any]] = []
        self.cards: list[dict[str, Any]] = []
        self.acts: list[tuple[str, str, dict[str, Any]]] = []
        self.refusals: list[str] = []

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/reviews", self.list_reviews),
                Route("/reviews/{id}/take", self.take, methods=["POST"]),
                Route("/desk/cards", self.list_cards),
                Route("/desk/talons/{talon}", self.show_card),
                Route("/{path:path}", self.act, methods=["POST"]),
            ]
        )

    async def list_reviews(self, _: Request) -> Response:
        return JSONResponse({"reviews": self.reviews, "more": False})

    async def list_cards(self, _: Request) -> Response:
        return JSONResponse({"cards": self.cards, "more": False})

    async def show_card(self, request: Request) -> Response:
        card = {"application_id": str(UUID(int=1)), "talon": request.path_params["talon"], "point": "71-01"}
        return JSONResponse({**card, "photo_sha256": "4" * 64})

    async def take(self, request: Request) -> Response:
        line = next(line for line in self.reviews if line["application_id"] == request.path_params["id"])
        images = {"photo_sha256": "1" * 64, "signature_sample_sha256": "2" * 64}
        case = {**line, "documentation_code": "71", "images": images}
        return JSONResponse({"lease_token": "l", "case": case, "canonical_application_sha256": "3" * 64})

    async def act(self, request: Request) -> Response:
        token = request.headers["authorization"].removeprefix("Bearer ")
        self.acts.append((request.url.path, token, await request.json()))
        code = self.refusals.pop(0) if self.refusals else ""
        return JSONResponse({"code": code}, 409 if code else 200)


@pytest.fixture
def office() -> Office:
    return Office()


@pytest.fixture
async def http(office: Office) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(office.app())) as client:
        yield client


def staff(http: httpx.AsyncClient, folder: Path, citizen: Citizen) -> Staffing:
    systems = Systems(state_of(citizen))
    register(systems.state, citizen)
    accounts = keys.write(folder)
    return Staffing(systems, http, Authority(NOW, b"staff"), accounts, "http://office", "http://office")


async def test_a_case_is_decided_with_its_verdict(office: Office, http: httpx.AsyncClient, tmp_path: Path) -> None:
    citizen = person("annulled-photo")
    staffing = staff(http, tmp_path, citizen)
    id = str(citizen.application_id(0))
    office.reviews = [{"application_id": id, "round": 1, "standing": "QUEUED"}]
    officer = staffing.accounts[0]
    assert await staffing.review_once(officer) == 1
    ((path, token, body),) = office.acts
    assert (path, token) == (f"/reviews/{id}/decision", officer.token)
    assert (body["decision"], body["ground"], body["reasons"]) == ("ANNUL", "PHOTO", ["PHOTO_BACKGROUND"])
    office.reviews[0]["standing"] = "SIGNED"
    assert await staffing.review_once(officer) == 0


async def test_a_case_that_waits_is_not_even_taken(office: Office, http: httpx.AsyncClient, tmp_path: Path) -> None:
    citizen = person("ends-after-pilot")
    staffing = staff(http, tmp_path, citizen)
    id = str(citizen.application_id(0))
    office.reviews = [{"application_id": id, "round": 1, "standing": "QUEUED"}]
    assert await staffing.review_once(staffing.accounts[0]) == 0
    staffing.systems.act = 3
    assert await staffing.review_once(staffing.accounts[0]) == 1


async def test_a_card_is_checked_in_refused_to_a_proxy_and_handed_over(
    office: Office, http: httpx.AsyncClient, tmp_path: Path
) -> None:
    staffing = staff(http, tmp_path, person("proxy-refused"))
    (talon,) = staffing.systems.state.registry.talons
    officer = next(a for a in staffing.accounts if a.point)
    for standing, refusal in (
        ("MADE", ""), ("SHIPPED", "NOT_SHIPPED"), ("SHIPPED", ""), ("SHIPPED", ""), ("READY", "PROXY"), ("READY", ""),
        ("ISSUED", ""),
    ):  # fmt: skip
        office.cards = [{"talon": talon, "standing": standing}]
        office.refusals = [refusal] if refusal else []
        await staffing.issue_once(officer)
    whats = [(path.rsplit("/", 1)[-1], body.get("by_proxy")) for path, _, body in office.acts]
    assert whats == [("check-in", None), ("check-in", None), ("issue", True), ("issue", False)]
    assert len({body["act_id"] for _, _, body in office.acts}) == 4


async def test_another_point_is_tried_by_its_own_officer(
    office: Office, http: httpx.AsyncClient, tmp_path: Path
) -> None:
    staffing = staff(http, tmp_path, person("wrong-point"))
    (talon,) = staffing.systems.state.registry.talons
    office.cards = [{"talon": talon, "standing": "READY"}]
    officer = next(a for a in staffing.accounts if a.point)
    for _ in range(4):
        await staffing.issue_once(officer)
    tokens = [token == officer.token for _, token, _ in office.acts]
    assert tokens == [True, False, True]


async def test_operations_send_a_refused_order_again(office: Office, http: httpx.AsyncClient, tmp_path: Path) -> None:
    citizen = person("production-technical")
    staffing = staff(http, tmp_path, citizen)
    state = staffing.systems.state
    (talon,) = state.registry.talons
    body = {"order_id": "o", "round": 1, "talon": talon, "region": citizen.region, "point": citizen.point}
    state.central_node("POST", "/orders", {**body, "certified": {"photo": "x"}}, NOW)
    officer = next(a for a in staffing.accounts if "operations" in a.roles)
    assert await staffing.watch_once(officer) == 1
    state.central_node("POST", "/orders", {**body, "certified": {"photo": "x"}}, NOW)
    assert await staffing.watch_once(officer) == 0
    assert office.acts[0][0] == f"/operations/orders/{citizen.application_id(0)}/send-again"


def test_what_is_left_to_people_nobody_stood_in_touches(tmp_path: Path, http: httpx.AsyncClient) -> None:
    staffing = staff(http, tmp_path, person("issued-paid"))
    assert [len(each) for each in staffing.at_work()] == [3, 8]
    staffing.left_to_people, staffing.desks_left = "71", frozenset({"71-01", "75-02"})
    inspectors, issuers = staffing.at_work()
    assert "71" not in {officer.region for officer in inspectors}
    assert {"71-01", "75-02"} & {officer.point for officer in issuers} == set()
    assert (len(inspectors), len(issuers)) == (2, 6)
