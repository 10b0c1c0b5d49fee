"""What citizens do when they are shown a status: the story, once, whatever is repeated."""

from __future__ import annotations

from base64 import b64decode
from dataclasses import replace
from typing import Any

import pytest

from deploy.sandbox.authority import Authority
from deploy.sandbox.persona import Signing
from deploy.sandbox.pictures import PortraitFlaw
from deploy.sandbox.portal import papers
from deploy.sandbox.portal.acts import BESIDE, Act, Correct, Fill, Identify, Pay, Praise, Resume, Sign, Start, Withdraw
from deploy.sandbox.portal.board import Board
from deploy.sandbox.portal.errand import Errand, begin, react, resume
from shared.contracts.portal import NextAction, StatusChanged, Text
from shared.contracts.values import Ending, FileRef, Stage
from shared.security.canonical import CanonicalApplication
from shared.security.eds import Citizen as Signer
from shared.security.eds import LocalVerifier, Verified
from tests.sandbox.crowds import NOW, person

AUTHORITY = Authority(NOW, b"a test")
Shown = tuple[Stage, NextAction, dict[str, Any]]
LINK = "http://sandbox/gateway/pay/INV-1"


def shown(errand: Errand, stage: Stage, action: NextAction = NextAction.NOTHING, **other: Any) -> StatusChanged:
    fields: dict[str, Any] = {
        "application_id": errand.application_id,
        "code": stage.value,
        "stage": stage,
        "rank": list(Stage).index(stage),
        "round": 1,
        "version": 1,
        "text": Text(kk="к", ru="р"),
        "next_action": action,
        "at": NOW,
    }
    return StatusChanged(**fields | other)


def walked(errand: Errand, *steps: Shown) -> tuple[Errand, list[Act]]:
    acts: list[Act] = []
    for stage, action, other in steps:
        errand, done = react(errand, shown(errand, stage, action, **other))
        acts += done
    return errand, acts


IDENTIFY: Shown = (Stage.OPENED, NextAction.IDENTIFY, {"link": "http://sandbox/d"})
FILL: Shown = (Stage.ELIGIBLE, NextAction.FILL_FORM, {})
SIGN: Shown = (Stage.PHOTO_ACCEPTED, NextAction.SIGN, {})
SUBMITTED: Shown = (Stage.SUBMITTED, NextAction.NOTHING, {})
PAY: Shown = (Stage.REGISTERED, NextAction.PAY, {"link": LINK, "amount": 786})
APPROVED: Shown = (Stage.APPROVED, NextAction.NOTHING, {})


def ended(ending: Ending) -> Shown:
    return Stage.CLOSED, NextAction.NOTHING, {"ending": ending}


def test_who_does_all_right_does_each_thing_once() -> None:
    errand = Errand(person("issued-paid"))
    assert begin(errand)[1] == (Start(0),)
    steps = (IDENTIFY, FILL, FILL, SIGN, SIGN, PAY, PAY, APPROVED, ended(Ending.ISSUED), ended(Ending.ISSUED))
    _, acts = walked(errand, *steps)
    assert acts == [Identify("http://sandbox/d"), Fill(1), Sign(1, Signing.GOOD, 1), Pay(LINK, 786, 1), Praise(5)]


def test_a_returned_form_is_filed_again_as_the_next_revision() -> None:
    back: Shown = (Stage.ELIGIBLE, NextAction.CORRECT_FORM, {"revision": 1})
    _, acts = walked(Errand(person("form-returned")), FILL, back, back)
    fills = [act for act in acts if isinstance(act, Fill)]
    assert [(fill.revision, fill.flaw is not None) for fill in fills] == [(1, True), (2, False)]


def test_attempts_are_spent_with_unfit_photos() -> None:
    returns = [(Stage.ELIGIBLE, NextAction.CORRECT_FORM, {"revision": revision}) for revision in range(1, 5)]
    _, acts = walked(Errand(person("photo-spent")), FILL, *returns)
    assert [act.portrait for act in acts if isinstance(act, Fill)] == [PortraitFlaw.DARK] * 5


def test_a_broken_and_a_stale_signature_are_followed_by_the_right_one() -> None:
    _, acts = walked(Errand(person("signature-returned")), FILL, SIGN, SIGN, SIGN)
    assert acts[1:] == [Sign(1, Signing.BROKEN, 1), Sign(1, Signing.GOOD, 2)]
    back = (Stage.ELIGIBLE, NextAction.CORRECT_FORM, {"revision": 1})
    _, acts = walked(Errand(person("signature-stale")), FILL, back, SIGN, SIGN, SIGN)
    assert acts[2:] == [Sign(1, Signing.GOOD, 1), Sign(2, Signing.GOOD, 2)]


@pytest.mark.parametrize(
    ("name", "sums"),
    [("paid-twice", [786, 786]), ("paid-under", [686, 786]), ("paid-over", [1000]), ("unpaid", []), ("paid-late", [])],
)
def test_payments_are_as_the_story_says(name: str, sums: list[int]) -> None:
    _, acts = walked(Errand(person(name)), PAY, PAY)
    assert [act.amount for act in acts if isinstance(act, Pay)] == sums


def test_a_new_invoice_is_paid_anew() -> None:
    anew: Shown = (Stage.REGISTERED, NextAction.PAY, {"link": f"{LINK}2", "amount": 865, "round": 2})
    _, acts = walked(Errand(person("issued-paid")), PAY, anew)
    assert acts == [Pay(LINK, 786, 1), Pay(f"{LINK}2", 865, 2)]


def test_who_pays_late_pays_a_dead_invoice() -> None:
    _, acts = walked(Errand(person("paid-late")), PAY, ended(Ending.UNPAID), ended(Ending.UNPAID))
    assert acts == [Pay(LINK, 786, 1)]


@pytest.mark.parametrize(
    ("name", "at", "signed"),
    [
        ("withdrawn-before-registration", SIGN, False),
        ("withdrawn-during-registration", SUBMITTED, True),
        ("withdrawn-during-payment", PAY, True),
        ("withdrawn-after-payment", (Stage.IN_REVIEW, NextAction.NOTHING, {}), True),
        ("withdrawn-too-late", APPROVED, True),
    ],
)
def test_giving_up_happens_once_at_its_place(name: str, at: Any, signed: bool) -> None:
    way: tuple[Shown, ...] = (FILL, SIGN, SUBMITTED, PAY, (Stage.IN_REVIEW, NextAction.NOTHING, {}), APPROVED)
    _, acts = walked(Errand(person(name)), *way[: way.index(at) + 1], at)
    assert [act for act in acts if isinstance(act, Withdraw)] == [Withdraw(signed)]
    assert isinstance(acts[-1], Withdraw)


def test_nobody_fills_or_signs_who_abandons() -> None:
    assert walked(Errand(person("abandoned-at-form")), IDENTIFY, FILL)[1] == [Identify("http://sandbox/d")]
    assert walked(Errand(person("abandoned-at-signing")), FILL, SIGN)[1] == [Fill(1)]


def test_who_was_annulled_starts_the_next_course_and_lives_its_story() -> None:
    citizen = person("annulled-again")
    _, acts = walked(Errand(citizen), ended(Ending.ANNULLED))
    assert acts == [Start(1)]
    again = Errand(citizen, course=1)
    assert again.persona.name == "issued-paid"
    assert again.application_id != Errand(citizen).application_id
    assert walked(Errand(person("annulled-photo")), ended(Ending.ANNULLED))[1] == []


def test_a_second_start_is_led_back_to_the_first() -> None:
    errand, acts = walked(Errand(person("second-start")), FILL, FILL)
    assert acts == [Start(BESIDE)]
    beside = Errand(errand.citizen, course=BESIDE)
    refusal = shown(beside, Stage.OPENED, live_application=str(errand.application_id))
    assert react(beside, refusal)[1] == (Resume(errand.application_id),)
    errand, acts_of_first = resume(errand)
    assert acts_of_first == (Fill(1),)
    assert resume(errand)[1] == ()


def test_another_account_is_named_once_after_the_end() -> None:
    fault: Shown = (Stage.CLOSED, NextAction.CORRECT_ACCOUNT, {"ending": Ending.ANNULLED})
    errand = Errand(person("refund-corrected"))
    for way in ((ended(Ending.ANNULLED), fault, fault), (fault, ended(Ending.ANNULLED), fault)):
        assert walked(errand, *way)[1] == [Correct()]


def test_a_status_never_goes_back_and_a_repeat_is_no_status() -> None:
    errand = Errand(person("issued-paid"))
    board = Board(errand.application_id)
    later, early = shown(errand, Stage.REGISTERED), shown(errand, Stage.ELIGIBLE)
    assert [board.take(later), board.take(early), board.take(later)] == [True, False, False]
    assert board.current == later
    assert (len(board.history), board.regressed, board.repeated) == (2, 1, 1)
    assert board.take(later.model_copy(update={"version": 2}))


async def test_what_is_signed_is_the_form_that_was_filed() -> None:
    errand = Errand(person("signature-returned"))
    file = FileRef(reference="ab.jpg", sha256="0" * 64)
    form = papers.filled(errand, Fill(1), file, file)
    payload = CanonicalApplication.of(errand.citizen.iin, form).canonical()
    verifier = LocalVerifier(AUTHORITY.trust)
    key = AUTHORITY.citizen(errand.citizen.iin)
    good = {}
    for how in (Signing.GOOD, Signing.BROKEN):
        said = papers.signed(errand, Sign(1, how, 1), form, key, NOW)
        found = await verifier.verify(b64decode(said.cms.value), payload, NOW, Signer(errand.citizen.iin))
        good[how] = isinstance(found, Verified)
    assert good == {Signing.GOOD: True, Signing.BROKEN: False}


def test_the_same_act_is_the_same_message() -> None:
    errand = Errand(person("issued-paid"))
    started = papers.started(errand, Start(0))
    assert papers.message_id(started, Start(0)) == papers.message_id(started, Start(0))
    assert papers.message_id(started, Sign(1, Signing.GOOD, 1)) != papers.message_id(started, Sign(1, Signing.GOOD, 2))
    assert errand.application_id.hex in papers.headers(started, NOW)["traceparent"]


def test_a_form_without_account_applies_for_no_refund() -> None:
    file = FileRef(reference="ab.jpg", sha256="0" * 64)
    form = papers.filled(Errand(person("annulled-signature")), Fill(1), file, file)
    assert (form.refund_account, form.refund_application) == (None, False)


def test_an_errand_is_a_value() -> None:
    errand = Errand(person("issued-paid"))
    react(errand, shown(errand, Stage.ELIGIBLE, NextAction.FILL_FORM))
    assert errand == replace(errand)
    assert errand.revision == 0
