"""What officers and the issue desk do, by the person's story: pure. A thin driver and the simulation carry it out."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid5

from deploy.sandbox.authority import Signatory
from deploy.sandbox.persona import Persona, Verdict, Visit
from deploy.sandbox.systems.central_node import Order, Standing
from shared.contracts.production_dispatch import ProductionFault
from shared.law.limits import LIMITS
from shared.law.registration_points import POINTS
from shared.security.canonical import CanonicalDecision, CanonicalHandOver

Json = Mapping[str, Any]
TO_OPERATIONS = LIMITS[-1].spoiled_cards


def verdict_on(persona: Persona | None, round: int, waited: float, act: int, changed: bool = False) -> Verdict | None:
    """How the officer decides in that round of review, `waited` business seconds after first seeing it; None: not yet.

    `changed`: the case shows that РП ДРН told of a change. The case of a stranger is approved.
    """
    if persona is None:
        return Verdict()
    if act < persona.decides_in_act or (waited < persona.hold.total_seconds() and not changed):
        return None
    return persona.verdict(round)


def canonical_of(taken: Json, verdict: Verdict, officer_id: str, moment: datetime) -> CanonicalDecision:
    """What the officer signs, from what the review showed when the case was taken."""
    case = taken["case"]
    return CanonicalDecision(
        application_id=UUID(str(case["application_id"])),
        round=int(case["round"]),
        documentation_code=str(case["documentation_code"]),
        decision=verdict.word,
        ground=verdict.ground.value if verdict.ground else None,
        reasons=verdict.reasons,
        application_sha256=str(taken["canonical_application_sha256"]),
        photo_sha256=str(case["images"]["photo_sha256"]),
        signature_sample_sha256=str(case["images"]["signature_sample_sha256"]),
        officer=officer_id,
        moment=moment,
    )


def decision(taken: Json, verdict: Verdict, officer_id: str, key: Signatory, moment: datetime) -> dict[str, Any]:
    """The body of `POST /reviews/{id}/decision`; the id follows from case, round and lease: sent again, it is the same.

    `moment` is business time, whole milliseconds.
    """
    canonical = canonical_of(taken, verdict, officer_id, moment)
    lease, id = str(taken["lease_token"]), canonical.application_id
    return {
        "decision_id": str(uuid5(id, f"decision/{canonical.round}/{lease}")),
        "lease_token": lease,
        "decision": verdict.word,
        "ground": canonical.ground,
        "reasons": list(verdict.reasons),
        "documentation_code": canonical.documentation_code,
        "decided_at": moment.isoformat(),
        "cms": b64encode(key.sign(canonical.canonical(), moment)).decode(),
    }


def signed_hand_over(body: Json, card: Json, officer_id: str, key: Signatory, moment: datetime) -> dict[str, Any]:
    """The body of `POST …/issue` with the officer's signature, from what the desk shows of the card.

    `moment` is business time, whole milliseconds.
    """
    reason = "PROXY" if body["by_proxy"] else None if body["person_established"] else "NOT_ESTABLISHED"
    canonical = CanonicalHandOver(
        application_id=UUID(str(card["application_id"])),
        talon=str(card["talon"]),
        point=str(card["point"]),
        handed_over=reason is None,
        reason=reason,
        old_card_taken=bool(body["old_card_taken"]),
        photo_sha256=str(card["photo_sha256"]),
        officer=officer_id,
        moment=moment,
    )
    cms = b64encode(key.sign(canonical.canonical(), moment)).decode()
    return {**body, "moment": moment.isoformat(), "cms": cms}


@dataclass(frozen=True, slots=True)
class DeskAct:
    """One call of the issue desk at `point`: `check-in` or `issue` of a talon. `body` carries the `act_id`."""

    what: str
    talon: str
    point: str
    body: dict[str, Any] = field(hash=False)

    @property
    def path(self) -> str:
        return f"/desk/talons/{self.talon}/{self.what}"

    def fits(self, standing: str) -> bool:
        """A card is checked in when it has been shipped, and handed over when it is ready."""
        return standing == "READY" or (self.what == "check-in" and standing == "SHIPPED")

    def tried(self, times: int) -> dict[str, Any]:
        """The body of another try after a refusal: an act that was refused stays refused under its id."""
        return self.body if times == 0 else {**self.body, "act_id": f"{self.body['act_id']}-{times}"}


def desk_acts(persona: Persona | None, talon: str, point: str) -> tuple[DeskAct, ...]:
    """All that happens to a card at the desk, in order: it is checked in, then whoever comes, comes.

    Every act but the last may be refused; each is done once.
    """
    visits = persona.visits if persona else (Visit.PERSON,)
    acts = [DeskAct("check-in", talon, point, {"act_id": _act_id(talon, "check-in")})]
    for number, visit in enumerate(visits, 1):
        body = {
            "act_id": _act_id(talon, f"issue/{number}"),
            "person_established": visit is not Visit.PROXY,
            "by_proxy": visit is Visit.PROXY,
            "old_card_taken": True,
        }
        acts.append(DeskAct("issue", talon, other_point(point) if visit is Visit.WRONG_POINT else point, body))
    return tuple(acts)


@dataclass(frozen=True, slots=True)
class WatchAct:
    """What operations do about an order: `send-again` after a technical refusal, `remake` after the third spoiling."""

    what: str
    application_id: str
    act_id: str

    @property
    def path(self) -> str:
        return f"/operations/orders/{self.application_id}/{self.what}"


def watch_act(order: Order, tried: int) -> WatchAct | None:
    """Whether operations are needed for this order; `tried` counts the tries that were refused."""
    if order.standing is Standing.REFUSED and order.fault is ProductionFault.TECHNICAL:
        return WatchAct("send-again", order.application_id, _act_id(order.id, f"send-again/{tried}"))
    if order.standing is Standing.SPOILED and order.spoiled >= TO_OPERATIONS:
        return WatchAct("remake", order.application_id, _act_id(order.id, f"remake/{order.spoiled}/{tried}"))
    return None


def other_point(point: str) -> str:
    """Another point of the same region."""
    region = POINTS[point].region
    return next(other.code for other in POINTS.values() if other.region == region and other.code != point)


def _act_id(talon: str, purpose: str) -> str:
    return str(uuid5(NAMESPACE_OID, f"kualik desk {talon} {purpose}"))
