"""The switches of all systems and what they exchanged, under `/control`: pages with no script, and a JSON API."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from deploy.sandbox.exchanges import KEPT
from deploy.sandbox.faults import KINDS, SYSTEMS, Fault
from deploy.sandbox.http import Systems
from deploy.sandbox.switches import PERCENT, SWITCHES, overview, page_of
from shared.web.problems import Problem, not_found, unprocessable

POLICY: Final = "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
HEADERS: Final = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}
STYLE: Final = Path(__file__).with_name("switchboard.css")
SHOWN: Final = 40


@dataclass(frozen=True, slots=True)
class Switchboard:
    """A wrong value is answered with 422 and the field that it stands in, on the page as in JSON."""

    systems: Systems

    def routes(self) -> list[Route]:
        return [
            Route("/", self.home),
            Route("/control", self.overview),
            Route("/control/switchboard.css", self.style),
            Route("/control/well", self.well, methods=["POST"]),
            Route("/control/systems/{system}", self.system, methods=["GET", "POST"]),
            Route("/control/faults", self.faults, methods=["GET", "POST", "DELETE"]),
            Route("/control/faults/{system}", self.one_well, methods=["DELETE"]),
            Route("/control/exchanges", self.exchanges),
        ]

    async def home(self, _: Request) -> Response:
        return RedirectResponse("/control", 303)

    async def style(self, _: Request) -> Response:
        return Response(STYLE.read_bytes(), media_type="text/css", headers=HEADERS)

    async def overview(self, _: Request) -> Response:
        return HTMLResponse(overview(self.systems, SHOWN), headers=HEADERS)

    async def well(self, _: Request) -> Response:
        """The button: nothing is wrong with any system any more."""
        self.systems.faults.heal()
        return RedirectResponse("/control", 303)

    async def system(self, request: Request) -> Response:
        """One system: its form, and what it exchanged."""
        system = request.path_params["system"]
        if system not in KINDS:
            return HTMLResponse(overview(self.systems, SHOWN, f"There is no system {system[:40]}."), 404, HEADERS)
        if request.method == "GET":
            saved = "saved" in request.query_params
            return HTMLResponse(page_of(self.systems, system, SHOWN, saved=saved), headers=HEADERS)
        try:
            typed = {str(name): str(value) for name, value in (await request.form()).items()}
        except ValueError:
            return Problem(400, "No form", "The body must be a form.").response()
        chosen = [str(each) for each in (await request.form()).getlist("services")]
        wanted, faults = _read(system, typed, chosen)
        if faults or wanted is None:
            return HTMLResponse(page_of(self.systems, system, SHOWN, typed, faults), 422, HEADERS)
        self.systems.faults.switch(wanted)
        return RedirectResponse(f"/control/systems/{system}?saved", 303)

    async def faults(self, request: Request) -> Response:
        """POST switches one system (what is not named is well), DELETE heals all, GET tells."""
        if request.method == "POST":
            try:
                self.systems.faults.switch(Fault.model_validate_json(await request.body()))
            except ValidationError as error:
                return unprocessable(*told(error)).response()
        elif request.method == "DELETE":
            self.systems.faults.heal()
        return self._shown()

    async def one_well(self, request: Request) -> Response:
        """Heals one system."""
        system = request.path_params["system"]
        if system not in KINDS:
            return not_found("There is no such system.").response()
        self.systems.faults.heal(system)
        return self._shown()

    async def exchanges(self, request: Request) -> Response:
        """Counts of all, and the last ones: `?system=` of one, `&last=` so many."""
        system, last = request.query_params.get("system", ""), request.query_params.get("last", str(KEPT))
        if system and system not in {*KINDS, "shep", "staff"}:
            return unprocessable({"field": "system", "problem": "unknown_system"}).response()
        if not (last.isascii() and last.isdigit() and len(last) < 5 and int(last) <= KEPT):
            return unprocessable({"field": "last", "problem": "int_parsing"}).response()
        return JSONResponse(self.systems.exchanges.shown(system, int(last)), headers=HEADERS)

    def _shown(self) -> Response:
        possible = {system: sorted(kind.faults) for system, kind in KINDS.items()}
        return JSONResponse({"systems": SYSTEMS, "possible": possible, "faults": self.systems.faults.shown()})


def told(error: ValidationError) -> list[dict[str, str]]:
    """Every fault with its field and its words; what was sent is not quoted."""
    return [
        {"field": ".".join(map(str, one["loc"])), "problem": one["type"], "message": one["msg"]}
        for one in error.errors(include_url=False, include_context=False, include_input=False)
    ]


def _read(system: str, typed: Mapping[str, str], services: list[str]) -> tuple[Fault | None, Mapping[str, str]]:
    """What a form says: shares in percent, an empty field is nothing. Gives the fault, or each field with its word."""
    said: dict[str, Any] = {"system": system, "services": services}
    faults: dict[str, str] = {}
    for switch in SWITCHES:
        text = typed.get(switch.field, "").strip().replace(",", ".")
        if not text:
            continue
        if switch.unit == "":
            said[switch.field] = True
            continue
        try:
            said[switch.field] = float(text) / (100 if switch.unit == PERCENT else 1)
        except ValueError:
            faults[switch.field] = "This is not a number."
    try:
        return Fault.model_validate_json(json.dumps(said)), faults
    except (ValidationError, ValueError) as error:
        for one in told(error) if isinstance(error, ValidationError) else ():
            faults.setdefault(one["field"].partition(".")[0], _word(one))
        return None, faults


def _word(fault: Mapping[str, str]) -> str:
    """For people: pydantic's bounds are of 0–1, the form's of percent."""
    field = next((switch for switch in SWITCHES if switch.field == fault["field"]), None)
    if field is not None and fault["problem"] in ("greater_than_equal", "less_than_equal", "finite_number"):
        return f"Give a number from 0 to {field.most:g}{field.unit}."
    return fault["message"]
