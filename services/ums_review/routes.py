"""The officers' calls as data, each for an inspector or a head of a region."""

from __future__ import annotations

from dataclasses import replace

from starlette.routing import BaseRoute

from services.ums_review import bodies, view
from services.ums_review.api import Reviews
from services.ums_review.desk import Room
from services.ums_review.gateway import DECIDERS
from services.ums_review.second_looks import SecondLooks
from shared.web.openapi import Endpoint, routes_of

CASE = "/reviews/{id:uuid}"


def review_routes(room: Room) -> list[BaseRoute]:
    """The routes, `/openapi.json` and `/docs`."""
    allows = room.officers.allow(*DECIDERS)
    guarded = [replace(endpoint, allows=allows, secured="bearer") for endpoint in calls(room)]
    return routes_of(guarded, "УМС review")


def calls(room: Room) -> tuple[Endpoint, ...]:
    reviews, looks = Reviews(room), SecondLooks(room)
    on_case, about = (403, 404, 409), (403, 404)
    return (
        Endpoint("GET", "/reviews", reviews.list_reviews, None, bodies.QueuePage,
                 "The region's queue, most urgent first: ?whose=mine|unassigned|all&due=overdue|soon|in-time&page=1",
                 (403, 422)),
        Endpoint("GET", "/reasons", reviews.list_reasons, None, bodies.ReasonsShown,
                 "The reasons of an annulment, with the texts that go to the citizen", (403,)),
        Endpoint("POST", "/reviews/search", reviews.search, bodies.CaseWanted, bodies.CasesFound,
                 "Find cases of the region by talon, IIN or name; the newest first", (403, 422)),
        Endpoint("POST", "/reviews/next", reviews.take_next, None, view.TakenCase,
                 "Take the most urgent case that nobody holds; 204 when there is none", (403,)),
        Endpoint("GET", CASE, reviews.show, None, view.Case, "One case of the region", about),
        Endpoint("POST", f"{CASE}/take", reviews.take, None, view.TakenCase, "Take this case", on_case),
        Endpoint("POST", f"{CASE}/extend", reviews.extend, bodies.LeaseHeld, view.Lease,
                 "Hold the case for longer", on_case),
        Endpoint("POST", f"{CASE}/give-back", reviews.give_back, bodies.CaseGivenBack, None,
                 "Give the case back, with the reason for the file", on_case),
        Endpoint("GET", f"{CASE}/images/photo", reviews.photo, summary="The photo", errors=about, gives="image/*"),
        Endpoint("GET", f"{CASE}/images/signature-sample", reviews.signature_sample, summary="The signature sample",
                 errors=about, gives="image/*"),
        Endpoint("GET", f"{CASE}/images/signature-sample/preview", reviews.signature_preview,
                 summary="The signature sample, cleaned and cut to the sign", errors=about, gives="image/png"),
        Endpoint("POST", f"{CASE}/decision", reviews.decide, bodies.DecisionSigned, bodies.DecisionAccepted,
                 "Decide, signed with ЭЦП over the canonical decision", on_case, 202, most=192 * 1024),
        Endpoint("DELETE", f"{CASE}/decision", reviews.undo, bodies.DecisionUndone, None,
                 "Undo the decision before it is confirmed; one that waits for a second officer is cancelled", on_case),
        Endpoint("GET", "/held-decisions", looks.list_held, None, bodies.HeldDecisions,
                 "Annulments of the region that wait for a second officer, most urgent first", (403,)),
        Endpoint("POST", f"{CASE}/decision/second-word", looks.say, bodies.SecondWordSigned, bodies.SecondWordTaken,
                 "Agree to a held decision or send the case back, signed with ЭЦП over the canonical second word",
                 on_case, most=192 * 1024),
    )  # fmt: skip
