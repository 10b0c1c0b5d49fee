"""S10: what sends a signature sample back, what the officer is told of it, and the clean cutting that is shown."""

from __future__ import annotations

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageStat

from deploy.sandbox.pictures import SampleFlaw, signature_sample
from services.identity_verification.signature_sample import SIGNS, SampleFindings, Sign
from services.identity_verification.signature_sample import SampleFault as F
from services.identity_verification.strokes import check_signature_sample, measured_sample
from shared.ink import SHOWN, cleaned, threshold
from shared.security.images import ImageFault, ImageLimits
from tests.services.identity_verification.sheets import BACK, FIT, TOLD, blank, encoded, framed, lit, sign

LIMITS = ImageLimits()


@pytest.mark.parametrize("seed", range(20))
def test_a_fit_sample_passes_without_a_word(seed: int) -> None:
    verdict = check_signature_sample(signature_sample(seed))
    assert (verdict.reasons, verdict.flags) == ((), ())
    assert verdict.scores.keys() == set(Sign)
    assert all(0 <= score <= 100 for score in verdict.scores.values())


@pytest.mark.parametrize("name", FIT)
def test_paper_and_light_are_not_held_against_a_sign(name: str) -> None:
    verdict = check_signature_sample(encoded(FIT[name]()))
    assert (verdict.reasons, verdict.flags) == ((), ())


@pytest.mark.parametrize("name", BACK)
def test_what_sends_a_sample_back_is_named(name: str) -> None:
    make, fault = BACK[name]
    assert fault in check_signature_sample(encoded(make())).reasons


@pytest.mark.parametrize("name", TOLD)
def test_what_the_officer_is_told_sends_nothing_back(name: str) -> None:
    make, fault = TOLD[name]
    verdict = check_signature_sample(encoded(make()))
    assert verdict.fit
    assert fault in verdict.flags


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(
    ("flaw", "fault"),
    [
        (SampleFlaw.BLANK, F.BLANK),
        (SampleFlaw.FAINT, F.FAINT),
        (SampleFlaw.DOT, F.TOO_LITTLE_INK),
        (SampleFlaw.FILLED, F.FILLED),
        (SampleFlaw.CUT_OFF, F.TOUCHES_EDGE),
        (SampleFlaw.SMALL, F.RESOLUTION),
        (SampleFlaw.NOT_A_PICTURE, F.FILE_FORMAT),
    ],
)
def test_each_flaw_of_the_sandbox_is_named(seed: int, flaw: SampleFlaw, fault: F) -> None:
    assert fault in check_signature_sample(signature_sample(seed, flaw)).reasons


def test_a_sheet_with_no_sign_has_that_one_reason() -> None:
    assert check_signature_sample(encoded(blank())).reasons == (F.BLANK,)
    assert check_signature_sample(encoded(blank(15))).reasons == (F.FILLED,)
    assert check_signature_sample(encoded(Image.new("RGBA", (600, 200), (0, 0, 0, 0)))).reasons == (F.BLANK,)


def test_every_fault_of_a_sign_can_be_told() -> None:
    measured = {fault for fault, _, _ in SIGNS.values()}
    assert set(F) == measured | {F.FILE_SIZE, F.FILE_FORMAT, F.TOO_MANY_PIXELS, F.DAMAGED}


def test_a_bomb_is_refused_before_it_is_unpacked() -> None:
    bomb = encoded(Image.new("1", (20_000, 20_000)), optimize=True)
    assert check_signature_sample(bomb).reasons == (F.TOO_MANY_PIXELS,)
    assert cleaned(bomb, LIMITS) is ImageFault.TOO_MANY_PIXELS


@settings(max_examples=40, deadline=None)
@given(at=st.integers(0, 5000), junk=st.binary(min_size=1, max_size=64))
def test_damaged_bytes_are_a_verdict_and_never_an_error(at: int, junk: bytes) -> None:
    whole = signature_sample(1)
    broken = whole[: at % len(whole)] + junk + whole[at % len(whole) + len(junk) :]
    check_signature_sample(broken)
    cleaned(broken, LIMITS)
    check_signature_sample(junk)


def test_findings_cross_as_they_are() -> None:
    for content in (signature_sample(1), b"", encoded(blank())):
        found = measured_sample(content)
        assert SampleFindings.read(found.written()) == found


def test_the_threshold_parts_two_shades() -> None:
    shades = [0] * 256
    shades[20], shades[240] = 50, 950
    assert 20 <= threshold(shades) < 240
    assert threshold([0] * 255 + [9]) == 0


def shown(sheet: Image.Image) -> Image.Image:
    cut = cleaned(encoded(sheet), LIMITS)
    assert isinstance(cut, bytes)
    return Image.open(io.BytesIO(cut))


def test_the_cutting_has_black_ink_on_white_whatever_the_paper() -> None:
    for sheet in (sign(2), lit(sign(2), 0.5), framed()):
        cut = shown(sheet)
        shades = cut.histogram()
        assert (shades[255] + shades[254]) / sum(shades) > 0.6
        assert sum(shades[:40]) / sum(shades) > 0.01


def test_the_cutting_ends_a_little_beside_the_sign() -> None:
    whole, cut = sign(2), shown(sign(2))
    assert cut.width < whole.width
    assert cut.width <= SHOWN
    rim = ImageStat.Stat(cut.crop((0, 0, cut.width, 3))).mean[0]
    assert rim > 250
    assert shown(sign(4).resize((2400, 800))).width == SHOWN


def test_of_a_sheet_without_a_sign_the_sheet_is_shown() -> None:
    assert shown(blank()).size == blank().size
