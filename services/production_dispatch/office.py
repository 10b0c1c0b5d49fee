"""How a call becomes an act of the engine, and a refusal of the engine a problem with its clause."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final, Protocol
from uuid import NAMESPACE_URL, UUID, uuid5

from starlette.requests import Request

from services.production_dispatch.messages import Act, Answered, Code, RecordRefusal
from services.production_dispatch.production import Production
from services.production_dispatch.store import Cards
from shared.engine.engine import Engine
from shared.engine.work import Outcome, Result
from shared.security.eds import SignatureVerifier
from shared.security.objects import Objects
from shared.web.officers import Officers, officer_of
from shared.web.problems import Problem

_STATUS: Final = {
    Code.UNKNOWN_TALON: HTTPStatus.NOT_FOUND,
    Code.OTHER_POINT: HTTPStatus.FORBIDDEN,
    Code.OWN_CARD: HTTPStatus.FORBIDDEN,
}
_WHY: Final = {
    Code.UNKNOWN_TALON: ("There is no card under this talon.", "p.11"),
    Code.OTHER_POINT: ("The applicant chose another registration point; the card is issued there.", "p.4.3"),
    Code.OWN_CARD: ("Nobody hands over their own card.", "p.4.3"),
    Code.WRONG_TALON: ("The talon is not the one the card was made under.", "p.11"),
    Code.STOPPED: ("The application has ended or its approval is gone. The card is to be destroyed.", "p.11"),
    Code.ISSUED_ALREADY: ("The card has been issued.", "p.4.3"),
    Code.UNCOLLECTED: ("The term for collecting the card is over.", "p.4.3"),
    Code.NOT_SHIPPED: ("The card has not been made yet.", "S18"),
    Code.NOT_READY: ("The card has not been checked in at this point.", "S19"),
    Code.PROXY: ("The card is issued to its owner in person; no third person receives it.", "p.4.3"),
    Code.NOT_ESTABLISHED: ("The person is not established; the card is issued to its owner alone.", "p.4.3"),
    Code.NOT_SIGNED: ("The hand-over is not signed.", "p.4.3"),
    Code.NOT_HELD: ("The order does not wait to be sent again.", "S18"),
    Code.NOT_SPOILED: ("The card does not wait to be made again.", "S18"),
    Code.UNKNOWN_ORDER: ("The application has another order.", "S18"),
}


class Blinds(Protocol):
    """The part of the keyring that knows which index stands for an IIN."""

    def blind_index(self, iin: str) -> str: ...


@dataclass(frozen=True, slots=True)
class Office:
    """What the calls work with."""

    engine: Engine
    cards: Cards
    officers: Officers
    objects: Objects
    keys: Blinds
    key_folder: Path
    verifier: SignatureVerifier

    def signs(self, request: Request) -> dict[str, Any]:
        """The head of every act: who, of which point, from where; all from the account and the connection."""
        officer = officer_of(request)
        return {
            "officer_id": officer.id,
            "officer_point": officer.point or "",
            "officer_index": self.keys.blind_index(officer.iin),
            "where": request.client.host if request.client else "unknown",
        }

    async def application_of(self, talon: str) -> UUID:
        """Whose talon it is; for one that nobody has, an id of its own, so that the attempt is on record too."""
        return await self.cards.find_talon(talon) or uuid5(NAMESPACE_URL, f"kualik:unknown-talon/{talon}")

    async def done(self, act: Act) -> Answered:
        """The answer after the commit. A retried call is told apart by its `act_id`. Raises the `Problem` of a no."""
        answer: Answered = taken(await self.engine.act(act, str(self.engine.ports.ids.uuid())))
        if answer.code is not None:
            raise problem_of(answer.code)
        return answer

    async def refused(self, request: Request, talon: str, what: str, result: str) -> None:
        """Leave the audit row of an act that came to no decision."""
        id = await self.application_of(talon)
        await self.done(RecordRefusal(application_id=id, act_id="", what=what, result=result, **self.signs(request)))

    async def state(self, application_id: UUID) -> Production:
        production: Production = await self.engine.read(application_id)
        return production


def taken(outcome: Outcome) -> Any:
    """The reply. Raises `Problem` 503 when the decision was not made."""
    if outcome.result is not Result.DONE:
        raise Problem(503, "Not now", "The act was not taken. Try again.", headers={"Retry-After": "3"})
    return outcome.reply


def problem_of(code: Code) -> Problem:
    detail, clause = _WHY[code]
    status = _STATUS.get(code, HTTPStatus.CONFLICT)
    title = "The card is not issued so" if status is HTTPStatus.CONFLICT else status.phrase
    return Problem(status, title, detail, code=code.value, clause=clause)
