"""One approved application, a central node that answers as told, and the acts of a desk."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from services.production_dispatch import messages as m
from services.production_dispatch.app import SERVICE
from services.production_dispatch.card import Order
from services.production_dispatch.gateway import World
from services.production_dispatch.messages import NodeAnswer, OrderStatus, What
from services.production_dispatch.production import order_id_of
from shared.contracts.base import Message, Sealed
from shared.contracts.intake import ApplicationClosed, Circumstance, CircumstanceChanged
from shared.contracts.production_dispatch import ProductionFault
from shared.contracts.ums_review import AnnulmentGround, CertifiedApplication, ReviewAnnulled, ReviewApproved
from shared.contracts.values import Ending, FileRef
from shared.engine.rows import Unavailable
from shared.law.birth_place import BirthPlaceSource, RecordedBirthPlace
from shared.law.person import BirthPlace, Entry
from shared.security.evidence import KeptSignature
from tests.law.people import a_person
from tests.services.running import NOW, Run

ID = UUID(int=1)
TALON, REGION, POINT, ELSEWHERE = "71-251006-000001-1", "71", "71-01", "71-02"
CITIZEN = "900115390019"
TECHNICAL, SUBSTANTIVE = ProductionFault.TECHNICAL, ProductionFault.SUBSTANTIVE
VILLAGE = "СЕЛО ҮЛГІ"


@dataclass
class Node:
    """A central node: what it was told, and what it says. `placed` are the orders it knows."""

    answers: list[NodeAnswer] = field(default_factory=list)
    placed: dict[str, NodeAnswer] = field(default_factory=dict)
    sent: list[Order] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    loses_answer: bool = False

    async def status(self, order_id: str) -> NodeAnswer:
        return self.placed.get(order_id, NodeAnswer(OrderStatus.UNKNOWN))

    async def send(self, order: Order) -> NodeAnswer:
        self.sent.append(order)
        answer = self.answers.pop(0) if self.answers else NodeAnswer(OrderStatus.ACCEPTED)
        self.placed[order.order_id] = answer
        if self.loses_answer:
            self.loses_answer = False
            raise Unavailable("central-node")
        return answer

    async def remake(self, order_id: str, key: str) -> NodeAnswer:
        return self._now(order_id, key, OrderStatus.ACCEPTED)

    async def cancel(self, order_id: str, key: str) -> NodeAnswer:
        return self._now(order_id, key, OrderStatus.CANCELLED)

    def _now(self, order_id: str, key: str, status: OrderStatus) -> NodeAnswer:
        self.told.append(key.partition("/")[2])
        self.placed[order_id] = NodeAnswer(status)
        return self.placed[order_id]

    def stands(self, status: OrderStatus, register_id: str = "") -> None:
        self.placed[order_id_of(ID)] = NodeAnswer(status, register_id=register_id)


def certified(**changes: Any) -> CertifiedApplication:
    country = Entry(code="398", ru="Казахстан")
    fields: dict[str, Any] = {
        "person": a_person(birth_place=BirthPlace(country=country, city=VILLAGE)),
        "birth_place": RecordedBirthPlace(text=VILLAGE, country=country, source=BirthPlaceSource.CIVIL_REGISTRY),
        "birth_country": "398",
        "talon": TALON,
        "documentation_code": "071-55",
        "region": REGION,
        "point": POINT,
        "photo": FileRef(reference="c" * 32 + ".jpg", sha256="a" * 64),
        "signature_sample": FileRef(reference="d" * 32 + ".png", sha256="b" * 64),
        "canonical_sha256": "e" * 64,
        "cms": "Y21z",
    }
    return CertifiedApplication(**fields | changes)


def approved(round: int = 1, **changes: Any) -> ReviewApproved:
    return ReviewApproved(
        application_id=ID, decision_id=f"d-{round}", round=round, officer_id="17", region=REGION, point=POINT,
        talon=TALON, certified=Sealed(certified(**changes)),
    )  # fmt: skip


def annulled(round: int = 2, *, after_approval: bool = True) -> ReviewAnnulled:
    return ReviewAnnulled(
        application_id=ID, decision_id=f"d-{round}", round=round, officer_id="17", ground=AnnulmentGround.EXTRA_CHECKS,
        after_approval=after_approval,
    )  # fmt: skip


def changed(circumstance: Circumstance = Circumstance.DEATH) -> CircumstanceChanged:
    return CircumstanceChanged(application_id=ID, circumstance=circumstance)


def closed(ending: Ending = Ending.NOT_MADE) -> ApplicationClosed:
    return ApplicationClosed(application_id=ID, ending=ending, closed_at=NOW)


def told(what: What, hours: float, register_id: str = "", order_id: str | None = None) -> m.HearProduction:
    """A call-back about what happened so many hours after the start."""
    at: datetime = NOW + timedelta(hours=hours)
    report = m.Report(callback_id=f"{what.value}-{hours}", what=what, at=at, register_id=register_id)
    return m.HearProduction(application_id=ID, order_id=order_id or order_id_of(ID), report=report)


MADE, SHIPPED = told(What.MADE, 5), told(What.SHIPPED, 6, "Р-1")


def act(kind: type[Any], act_id: str = "a1", point: str = POINT, officer: str = "70", **more: Any) -> Any:
    return kind(
        application_id=ID, act_id=act_id, officer_id=officer, officer_point=point, officer_index="index:officer",
        where="10.0.0.1", **more,
    )  # fmt: skip


def check_in(act_id: str = "in", **more: Any) -> m.CheckIn:
    found: m.CheckIn = act(m.CheckIn, act_id, **{"talon": TALON, **more})
    return found


PROOF = KeptSignature(ID, "hand-over/out", NOW, None, "a" * 64, "b" * 64, Sealed("Y21z"), "local", (), ())


def issue(act_id: str = "out", **more: Any) -> m.IssueCard:
    stated = {"talon": TALON, "person_established": True, "by_proxy": False, "old_card_taken": True}
    found: m.IssueCard = act(m.IssueCard, act_id, **{**stated, "proof": PROOF, "signed_for": NOW, **more})
    return found


def a_run(node: Node | None = None) -> Run:
    return Run(SERVICE, ID, World(node or Node()))


ASKS: tuple[type[Message], ...] = (m.SendOrder, m.CancelOrder, m.RemakeOrder, m.LookAtOrder)


async def settle(run: Run) -> Run:
    """What waits for the central node right now is asked, until nothing waits."""
    while any(at <= run.now and isinstance(later.message, ASKS) for at, later in run.waiting):
        for row in [row for row in run.waiting if row[0] <= run.now and isinstance(row[1].message, ASKS)]:
            run.waiting.remove(row)
            await run.hear(row[1].message)
    return run


async def after(*messages: Message, node: Node | None = None) -> Run:
    """A run that has heard these, one after another, with every answer of the central node in between."""
    run = a_run(node)
    for message in messages:
        await run.hear(message)
        await settle(run)
    return run


async def ready(node: Node | None = None) -> Run:
    return await after(approved(), MADE, SHIPPED, check_in(), node=node)


def refused(fault: ProductionFault, reason: str = "INPUT_CONTROL") -> NodeAnswer:
    return NodeAnswer(OrderStatus.REFUSED, fault, reason)
