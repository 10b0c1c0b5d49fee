"""The calls as data: the centre signs its own, officers bear tokens and have roles."""

from __future__ import annotations

from starlette.routing import BaseRoute

from services.production_dispatch import bodies
from services.production_dispatch.api import Counter
from services.production_dispatch.office import Office
from shared.web.forgeries import noting
from shared.web.officers import Role
from shared.web.openapi import Endpoint, routes_of
from shared.web.signed import signed_with

KEY = "production.key"
CARD = "/desk/talons/{talon}"
ORDER = "/operations/orders/{id:uuid}"


def production_routes(office: Office) -> list[BaseRoute]:
    """The routes, `/openapi.json` and `/docs`."""
    return routes_of(
        (*from_the_centre(office), *at_the_desk(office), *for_operations(office)), "Production and dispatch"
    )


def from_the_centre(office: Office) -> tuple[Endpoint, ...]:
    counter = Counter(office)
    return (
        Endpoint("POST", "/callbacks/production", counter.hear_production, bodies.CardReported, None,
                 "The production centre tells that a card was made, spoiled or shipped", (401, 409),
                 checks=signed_with(office.key_folder / KEY), notes=noting(office.engine, "the production centre"),
                 secured="signature"),
    )  # fmt: skip


def at_the_desk(office: Office) -> tuple[Endpoint, ...]:
    counter, allows, refusals = Counter(office), office.officers.allow(Role.ISSUE), (401, 403, 404, 409)
    return (
        Endpoint("GET", "/desk/cards", counter.list_cards, None, bodies.CardsPage,
                 "The cards on their way to the officer's point or waiting there: ?page=1", (401, 403, 422),
                 allows=allows, secured="bearer"),
        Endpoint("GET", CARD, counter.show_card, None, bodies.CardShown, "The card under a talon", refusals,
                 allows=allows, secured="bearer"),
        Endpoint("GET", f"{CARD}/images/photo", counter.show_photo, summary="The photo, to establish the person",
                 errors=refusals, gives="image/*", allows=allows, secured="bearer"),
        Endpoint("POST", f"{CARD}/check-in", counter.check_in, bodies.ActBegun, bodies.ActDone,
                 "The card has come to the point", refusals, allows=allows, secured="bearer"),
        Endpoint("POST", f"{CARD}/issue", counter.issue_card, bodies.CardHandedOver, bodies.ActDone,
                 "Hand the card over to its owner in person (p.4.3), signed with ЭЦП over the canonical hand-over",
                 refusals, allows=allows, secured="bearer", most=192 * 1024),
    )  # fmt: skip


def for_operations(office: Office) -> tuple[Endpoint, ...]:
    counter, errors = Counter(office), (401, 403, 409)
    allows = office.officers.allow(Role.OPERATIONS)
    reads = office.officers.allow(Role.OPERATIONS, Role.AUDITOR, Role.HEAD, Role.ISSUE)
    return (
        Endpoint("POST", f"{ORDER}/send-again", counter.send_again, bodies.ActBegun, bodies.ActDone,
                 "After a technical refusal send the order again, under the same id", errors, allows=allows,
                 secured="bearer"),
        Endpoint("POST", f"{ORDER}/remake", counter.remake, bodies.ActBegun, bodies.ActDone,
                 "Have a card made again that was spoiled too often", errors, allows=allows, secured="bearer"),
        Endpoint("GET", "/operations/alerts", counter.list_alerts, None, bodies.AlertsPage,
                 "What somebody must look at, the newest first: ?page=1", (401, 403, 422), allows=allows,
                 secured="bearer"),
        Endpoint("GET", "/registers/{kind}/{place}/{day}", counter.show_register, None, bodies.RegisterShown,
                 "A register with its lines: sent/<region>/<day>, shipped/<point>/<day>", (401, 403, 404),
                 allows=reads, secured="bearer"),
    )  # fmt: skip
