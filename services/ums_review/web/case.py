"""One case: what the citizen said beside what ГБД ФЛ says, the images, the decision, its preview and its undoing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response

from services.ums_review import bodies
from services.ums_review.deciding import SIGN, payload
from services.ums_review.desk import case_id
from services.ums_review.review import DECIDED, UNDECIDED, Review, Standing
from services.ums_review.web.console import CASE, Console, Page
from services.ums_review.web.measures import BESIDE, CHECKLIST, MEASURES
from shared.contracts.ums_review import Choice
from shared.law.reasons import GROUND_TEXTS, REASONS, reasons_of, texts_of
from shared.law.regions import REGIONS
from shared.law.registration_points import POINTS
from shared.web.languages import language_of
from shared.web.officer_keys import moment_of, to_sign
from shared.web.officers import officer_of
from shared.web.pages import Form
from shared.web.problems import invalid

SIZES: Final = (1, 2, 4)
WIDE: Final = 480
"""Pixels: the photo on the page that shows it closer, at its smallest."""


@dataclass(frozen=True, slots=True)
class CasePages:
    console: Console

    def pages(self) -> tuple[Page, ...]:
        reviews = self.console.reviews
        return (
            Page("GET", CASE, self.case),
            Page("GET", f"{CASE}/lease", self.lease, quiet=True),
            Page("GET", f"{CASE}/photo", self.closer),
            Page("GET", f"{CASE}/images/photo", reviews.photo),
            Page("GET", f"{CASE}/images/signature-sample", reviews.signature_sample),
            Page("GET", f"{CASE}/images/signature-sample/preview", reviews.signature_preview),
            Page("GET", f"{CASE}/preview", self.back),
            Page("POST", f"{CASE}/preview", self.preview),
            Page("POST", f"{CASE}/decision/text", self.text),
            Page("POST", f"{CASE}/decision", self.decide),
            Page("GET", f"{CASE}/signed", self.signed),
            Page("GET", f"{CASE}/undo-time", self.undo_time, quiet=True),
            Page("POST", f"{CASE}/undo", self.undo),
        )

    async def case(self, request: Request) -> Response:
        """The look is on record. Who holds the case has the form of the decision, too."""
        console, language = self.console, language_of(request)
        shown = await console.reviews.show(request)
        review = await console.room.review(request)
        others = await console.lookups.of_person(review.region or "", review.iin_index or "")
        return console.show(
            request, "case.html",
            **self._lease(request, review),
            case=shown, region=REGIONS[shown.applicant.region].name(language), point=POINTS.get(shown.applicant.point),
            undecided=review.standing in UNDECIDED,
            reasons={g: reasons_of(g) for g in GROUND_TEXTS}, grounds=_grounds(language),
            history=await console.lookups.history(review.application_id), reason_texts=REASONS,
            found=[other for other in others if other.application_id != review.application_id],
            names=MEASURES, checklist=CHECKLIST,
        )  # fmt: skip

    async def closer(self, request: Request) -> Response:
        """`?times=1|2|4`: the photo larger, with the marks of its measures over it and their scores below."""
        shown, asked = await self.console.reviews.show(request), request.query_params.get("times", "")
        times = int(asked) if asked in map(str, SIZES) else SIZES[0]
        return self.console.show(
            request, "closer.html", id=shown.application_id, case=shown, sizes=SIZES, times=times, wide=times * WIDE,
            beside=BESIDE, names=MEASURES,
        )  # fmt: skip

    async def lease(self, request: Request) -> Response:
        """Only the line that says who holds the case, for a page that asks again and again."""
        review = await self.console.case(request, "extend-lease")
        return self.console.show(request, "lease.html", **self._lease(request, review))

    async def back(self, request: Request) -> Response:
        """Who comes by the address alone decides anew, from the case."""
        await self.console.case(request, "view-case")
        return self.console.to(f"/cases/{case_id(request)}")

    async def preview(self, request: Request) -> Response:
        """What the decision will be and what the citizen will read; nothing is decided yet."""
        console = self.console
        form = await console.form(request, SIGN)
        review = await console.case(request, SIGN)
        draft = _draft(form, str(console.room.engine.ports.ids.uuid()), moment_of(console.room.clock.now()))
        texts = {
            language: texts_of(draft.ground, draft.reasons, language) if draft.ground else ()
            for language in ("kk", "ru")
        }
        registered = review.registration
        fits = registered is not None and draft.documentation_code == registered.documentation_code
        return console.show(
            request, "preview.html", **self._lease(request, review), draft=draft, texts=texts, fits=fits,
            talon=review.talon, ncalayer=console.keys.by_browser(officer_of(request)),
            unchecked=_unchecked(form, draft),
        )  # fmt: skip

    async def text(self, request: Request) -> Response:
        """The canonical decision at this moment, for the officer's own key."""
        form = await self.console.form(request, SIGN)
        review = await self.console.case(request, SIGN)
        draft = _draft(form, form.get("decision_id", ""), moment_of(self.console.room.clock.now()))
        return to_sign(self.console.site, _covered(request, review, draft), draft.decided_at)

    async def decide(self, request: Request) -> Response:
        """Signed with the officer's key over the canonical decision, then decided as behind the API."""
        console, officer = self.console, officer_of(request)
        form = await console.form(request, SIGN)
        review = await console.case(request, SIGN)
        draft = _draft(form, form.get("decision_id", ""), form.get("moment") or form.get("decided_at", ""))
        cms = await console.keys.cms(form, officer, _covered(request, review, draft), draft.decided_at)
        try:
            signed = bodies.DecisionSigned(**dict(draft), cms=cms)
        except ValidationError as error:
            raise invalid(error) from None
        await console.reviews.decide(request, signed)
        return console.to(f"/cases/{case_id(request)}/signed")

    async def signed(self, request: Request) -> Response:
        review = await self.console.case(request, "view-decision")
        return self.console.show(request, "signed.html", **self._undoing(request, review))

    async def undo_time(self, request: Request) -> Response:
        review = await self.console.case(request, "view-decision")
        return self.console.show(request, "undo_time.html", **self._undoing(request, review))

    async def undo(self, request: Request) -> Response:
        form = await self.console.form(request, "undo-decision")
        try:
            undone = bodies.DecisionUndone(decision_id=form.get("decision_id", ""))
        except ValidationError as error:
            raise invalid(error) from None
        await self.console.reviews.undo(request, undone)
        return self.console.to(f"/cases/{case_id(request)}")

    def _lease(self, request: Request, review: Review) -> dict[str, Any]:
        officer, now = officer_of(request), self.console.room.clock.machine_now()
        mine = self.console.lease_of(review, officer) if review.standing is Standing.QUEUED else None
        left = (review.lease_until - now).total_seconds() if review.lease_until else 0.0
        return {
            "id": review.application_id,
            "lease_token": mine,
            "until": review.lease_until,
            "seconds": max(0, int(left)),
            "held_by": review.lease_officer if left > 0 else None,
            "standing": review.standing.value,
            "held": review.verdict is not None and review.verdict.held,
            "same_address": review.is_home_of(officer.address_index),
        }

    def _undoing(self, request: Request, review: Review) -> dict[str, Any]:
        verdict, now = review.verdict, self.console.room.clock.machine_now()
        mine = verdict is not None and verdict.officer_id == officer_of(request).id
        left = (verdict.undo_until - now).total_seconds() if verdict else 0.0
        return {
            "id": review.application_id,
            "talon": review.talon,
            "verdict": verdict,
            "can_undo": mine and review.standing is Standing.SIGNED,
            "confirmed": review.standing in DECIDED,
            "seconds": max(0, int(left + 0.999)),
        }


def _covered(request: Request, review: Review, draft: bodies.DecisionDrafted) -> bytes:
    """What the officer's CMS covers."""
    return payload(
        review, officer_of(request).id, draft.decision, draft.ground, draft.reasons, draft.documentation_code,
        draft.decided_at,
    ).canonical()  # fmt: skip


def _draft(form: Form, decision_id: str, decided_at: datetime | str) -> bodies.DecisionDrafted:
    """The decision of the form; a ground and reasons left marked with an approval are no part of it."""
    annuls = form.get("decision") == Choice.ANNUL
    try:
        return bodies.DecisionDrafted.model_validate(
            {
                "lease_token": form.get("lease_token", ""),
                "decision_id": decision_id,
                "decision": form.get("decision", ""),
                "ground": (form.get("ground") or None) if annuls else None,
                "reasons": form.all("reason") if annuls else (),
                "note": form.get("note", "").strip() or None,
                "documentation_code": form.get("documentation_code", "").strip(),
                "decided_at": decided_at,
            }
        )
    except ValidationError as error:
        raise invalid(error) from None


def _unchecked(form: Form, draft: bodies.DecisionDrafted) -> list[str]:
    """What the officer has not marked of what an approval stands on: said before it is signed, and no bar to it."""
    marked = form.all("checked") if draft.decision is Choice.APPROVE else CHECKLIST.keys()
    return [words for name, words in CHECKLIST.items() if name not in marked]


def _grounds(language: str) -> dict[str, str]:
    return {ground.value: ru if language == "ru" else kk for ground, (ru, kk) in GROUND_TEXTS.items()}
