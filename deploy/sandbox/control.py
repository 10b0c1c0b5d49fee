"""How a demonstration moves the sandbox while it runs: people, clock, act, and what the systems get wrong or hold."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from deploy.sandbox.books import BOOKS, books_of
from deploy.sandbox.http import Systems
from deploy.sandbox.misstating import Misstatement, misstate
from deploy.sandbox.people import Citizen, crowd
from deploy.sandbox.persona import Consent
from deploy.sandbox.personas import BY_NAME, PERSONAS

MOST_PEOPLE = 5000
"""Made in one call; who needs more calls again with another `first`."""


class Body(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class People(Body):
    """Who is to be known: the crowd of this seed on this business date; no personas named means all, no count one each.

    `today` is absent: the sandbox's own business date (Almaty). `first` is the number of the first of them.
    """

    seed: str
    today: date | None = None
    count: int | None = Field(None, ge=1, le=MOST_PEOPLE)
    personas: tuple[str, ...] = Field((), max_length=MOST_PEOPLE)
    first: int = Field(0, ge=0)

    def crowd(self, today: date) -> tuple[Citizen, ...]:
        """Raises `KeyError` for a persona that is none."""
        chosen = [BY_NAME[name] for name in self.personas] if self.personas else PERSONAS
        return crowd(self.seed, self.today or today, self.count, chosen, self.first)


class Offset(Body):
    offset_seconds: float


class ActNumber(Body):
    act: int = Field(ge=1, le=9)


class Answered(Body):
    """The citizen answers the SMS of 1414 by hand, or sends back a code."""

    application: UUID
    answer: Consent = Consent.GRANTS
    code: str = ""


Handler = Callable[[Request], Awaitable[Response]]


def checked(handler: Handler) -> Handler:
    """Bad bodies are answered with 422 and what is wrong."""

    async def answer(request: Request) -> Response:
        try:
            return await handler(request)
        except ValidationError as error:
            return JSONResponse({"faults": error.errors(include_url=False, include_input=False)}, 422)
        except (KeyError, ValueError) as error:
            return JSONResponse({"error": type(error).__name__}, 422)

    return answer


@dataclass(frozen=True, slots=True)
class Control:
    """Everything under `/control` but the switchboard, and `/live` and `/ready`."""

    systems: Systems
    mail_counts: Callable[[], dict[str, Any]]

    def routes(self) -> list[Route]:
        return [
            Route("/live", self.live),
            Route("/ready", self.live),
            Route("/control/people", checked(self.people), methods=["POST"]),
            Route("/control/clock", checked(self.clock), methods=["POST"]),
            Route("/control/act", checked(self.act), methods=["POST"]),
            Route("/control/consent", checked(self.consent), methods=["POST"]),
            Route("/control/pay/{invoice_id}", self.pay, methods=["POST"]),
            Route("/control/misstate", checked(self.misstate), methods=["POST"]),
            Route("/control/state", self.state),
            Route("/control/books", self.books),
        ]

    async def live(self, _: Request) -> Response:
        return JSONResponse({"service": "sandbox", "ready": True})

    async def people(self, request: Request) -> Response:
        """The crowd becomes known to the registers."""
        citizens = People.model_validate_json(await request.body()).crowd(self.systems.clock.today())
        self.systems.state.admit(citizens)
        return JSONResponse({"people": len(citizens)})

    async def clock(self, request: Request) -> Response:
        """Business time is from now on machine time plus this."""
        offset = Offset.model_validate_json(await request.body()).offset_seconds
        self.systems.clock.set_offset(timedelta(seconds=offset))
        return JSONResponse({"now": self.systems.clock.now().isoformat()})

    async def act(self, request: Request) -> Response:
        """How far the demonstration has come: some officers decide in a later act only."""
        self.systems.act = ActNumber.model_validate_json(await request.body()).act
        return JSONResponse({"act": self.systems.act})

    async def consent(self, request: Request) -> Response:
        """The citizen answers the SMS by hand."""
        said = Answered.model_validate_json(await request.body())
        course = self.systems.state.ground.courses.get(said.application)
        now = self.systems.clock.now()
        consents, iin = self.systems.state.consents, course[0].iin if course else ""
        answered = consents.reply(iin, said.code, now) if said.code else consents.answer(iin, said.answer, now)
        return JSONResponse({"answered": answered}, 200 if answered else 404)

    async def pay(self, request: Request) -> Response:
        """The button of the hosted page: the sum of the invoice."""
        gateway = self.systems.state.gateway_system
        invoice = gateway.invoices.get(request.path_params["invoice_id"])
        if invoice is None:
            return JSONResponse({"error": "NOT_FOUND"}, 404)
        return JSONResponse(gateway.pay(invoice.id, invoice.amount, self.systems.clock.now()).shown(), 201)

    async def misstate(self, request: Request) -> Response:
        """Gateway or revenue authority get something wrong in their own books."""
        wrong = Misstatement.model_validate_json(await request.body())
        return JSONResponse({"id": misstate(self.systems.state, wrong, self.systems.clock.now())}, 201)

    async def books(self, _: Request) -> Response:
        """Every talon, invoice, receipt, refund, order, session and notice: ids and sums, no person's data."""
        found = books_of(self.systems.state, self.systems.clock.now())
        return JSONResponse({"books": BOOKS.dump_python(found, mode="json")})

    async def state(self, _: Request) -> Response:
        """Counts only."""
        now, systems = self.systems.clock.now(), self.systems
        counts = {**systems.state.summary(now), **self.mail_counts()}
        return JSONResponse({"now": now.isoformat(), "act": systems.act, **counts})
