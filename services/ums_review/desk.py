"""How an officer's call becomes an act of the engine, and a refusal of the engine a problem."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Protocol
from uuid import UUID

from starlette.requests import Request

from services.ums_review.acts import Code, OfficersAct, ReadRecord, RecordRefusal, Refusal, ViewReview
from services.ums_review.finding import Finds
from services.ums_review.review import Review
from services.ums_review.seconding import Unseconded
from services.ums_review.store import Queue
from shared.engine.engine import Engine
from shared.engine.ports import Clock
from shared.law.rules import Rules
from shared.security.eds import Officer, SignatureVerifier
from shared.security.evidence import KeptSignature
from shared.security.objects import Objects
from shared.web.knocks import Record, unrecorded
from shared.web.officer_keys import Dated, Unproved, proved
from shared.web.officers import Account, Officers, officer_of
from shared.web.problems import Problem, not_found

_FORBIDDEN = (
    Code.OTHER_REGION, Code.OWN_APPLICATION, Code.SAME_ADDRESS, Code.NOT_YOUR_DECISION, Code.OWN_DECISION,
)  # fmt: skip
_MISSING = (Code.UNKNOWN_CASE, Code.NO_SUCH_DECISION)
_WHY = {
    Code.UNKNOWN_CASE: "There is no such case under review.",
    Code.OTHER_REGION: "The case belongs to another region.",
    Code.OWN_APPLICATION: "Nobody reviews their own application.",
    Code.SAME_ADDRESS: "The applicant is registered at your address: another officer decides the case.",
    Code.DECIDED: "The case is decided.",
    Code.WITHDRAWN: "The applicant has withdrawn.",
    Code.CLOSED: "The application has ended.",
    Code.ALREADY_SIGNED: "A signed decision awaits its confirmation; it can be undone by who signed it.",
    Code.HELD_BY_ANOTHER: "Another officer holds the case.",
    Code.LEASE_LOST: "You do not hold the case, or no longer. Take it again and sign anew.",
    Code.ROUND_CHANGED: "The case has come back for another round since it was signed. Take it again.",
    Code.CIRCUMSTANCE_CHANGED: "РП ДРН tells of a change since the application: only ANNUL with EXTRA_CHECKS is left.",
    Code.DOCUMENTATION_CODE: "The documentation code is not the one the application was registered under.",
    Code.DECISION_ID_SPENT: "A decision with this id was undone or overtaken. Sign anew under another id.",
    Code.NO_SUCH_DECISION: "There is no such decision to undo.",
    Code.NOT_YOUR_DECISION: "The decision was signed by another officer.",
    Code.OWN_DECISION: "The second pair of eyes is another officer's.",
}


class Blinds(Protocol):
    """The part of the keyring that knows which index stands for an IIN, or for a name."""

    def blind_index(self, iin: str) -> str: ...


async def never(region: str) -> bool:
    """Nobody has asked for a second pair of eyes."""
    return False


async def nothing_held(region: str, officer_index: str) -> Sequence[Unseconded]:
    """Where nobody asks for a second pair of eyes, nothing waits for one."""
    return ()


def nobody_watches() -> None:
    """No page is told what happens."""


@dataclass(frozen=True, slots=True)
class Room:
    """What the officers' calls work with."""

    engine: Engine
    officers: Officers
    queue: Queue
    finds: Finds
    verifier: SignatureVerifier
    objects: Objects
    clock: Clock
    keys: Blinds
    rules: Rules
    second_eyes: Callable[[str], Awaitable[bool]] = never
    """Whether the head of that region wants a second pair of eyes on annulments of paid applications."""
    record: Record = unrecorded
    """Puts on record what concerns no case."""
    acted: Callable[[], None] = nobody_watches
    """Told after every act that may have changed a case."""
    held: Callable[[str, str], Awaitable[Sequence[Unseconded]]] = nothing_held
    """The decisions of that region that wait for a second officer, but for those on the application of that index."""

    async def review(self, request: Request) -> Review:
        """The case that the path names. Raises `Problem` 404; nothing is made of an id that was never heard of."""
        review: Review | None = await self.engine.read(case_id(request))
        if review is None or review.round == 0:
            raise not_found(_WHY[Code.UNKNOWN_CASE])
        return review

    def signs(self, request: Request) -> dict[str, Any]:
        """The head of every act: who, of which region, from where, when; all from the account and the connection."""
        officer = officer_of(request)
        return {
            "officer_id": officer.id,
            "officer_region": officer.region,
            "officer_index": self.index_of(officer),
            "officer_address": officer.address_index,
            "where": request.client.host if request.client else "unknown",
            "at": self.clock.machine_now(),
        }

    def index_of(self, officer: Account) -> str:
        return self.keys.blind_index(officer.iin)

    async def proof(self, request: Request, what: str, key: str, signed: Dated, cms: str) -> KeptSignature:
        """The officer's own signature (base64) over that, for the file, which keeps it under `key`.

        Raises `Problem`: 422 of one that does not hold or was made for another time, on record as refusals of `what`.
        """
        officer = officer_of(request)
        found = await proved(
            self.verifier, cms, signed, self.clock.now(), Officer(self.officers.bins_of(officer), officer.iin),
            case_id(request), key, "decided_at",
        )  # fmt: skip
        if isinstance(found, Unproved):
            raise await self.refuse(request, what, found.problem, found.result)
        return found

    async def act(self, act: OfficersAct) -> Any:
        """The reply of the decision, after its commit. A retried call is told apart by the state, not by its id."""
        outcome = await self.engine.act(act, str(self.engine.ports.ids.uuid()))
        if outcome.reply is None and not isinstance(act, RecordRefusal):
            raise Problem(503, "Not now", "The act was not taken. Try again.", headers={"Retry-After": "3"})
        if not isinstance(act, (ViewReview, RecordRefusal, ReadRecord)):
            self.acted()
        return outcome.reply

    async def done(self, act: OfficersAct) -> Any:
        """As `act`; raises the problem that a refusal is."""
        reply = await self.act(act)
        if isinstance(reply, Refusal):
            raise problem_of(reply.code)
        return reply

    async def refuse(self, request: Request, what: str, problem: Problem, result: str) -> Problem:
        """Leave the audit row of an act that is refused at the desk, and give its problem back to raise."""
        await self.act(RecordRefusal(application_id=case_id(request), what=what, result=result, **self.signs(request)))
        return problem


def case_id(request: Request) -> UUID:
    id: UUID = request.path_params["id"]
    return id


def problem_of(code: Code) -> Problem:
    status = HTTPStatus.CONFLICT
    if code in _FORBIDDEN:
        status = HTTPStatus.FORBIDDEN
    elif code in _MISSING:
        status = HTTPStatus.NOT_FOUND
    return Problem(status, "The case stands otherwise" if status == HTTPStatus.CONFLICT else status.phrase,
                   _WHY[code], code=code.value)  # fmt: skip
