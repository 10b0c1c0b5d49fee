"""S10: what sends a drawn portrait back, what the officer is told of it, and that a fit one passes whoever is on it."""

from __future__ import annotations

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from pydantic import ValidationError

from deploy.sandbox.pictures import SIZE, PortraitFlaw, portrait
from services.identity_verification.photo.check import check_photo
from services.identity_verification.photo.findings import Findings
from services.identity_verification.photo.measures import CURVES, PhotoFault, score
from services.identity_verification.photo.measuring import measured
from services.identity_verification.photo.thresholds import ROWS, THRESHOLDS, judged, thresholds_from
from shared.security.images import ImageFault, ImageLimits, opened

RETURNED = {
    PortraitFlaw.DARK: PhotoFault.LUMINANCE_MEAN,
    PortraitFlaw.OVER_EXPOSED: PhotoFault.OVER_EXPOSURE,
    PortraitFlaw.FLAT: PhotoFault.FACE_PRESENT,
    PortraitFlaw.GREY: PhotoFault.COLOUR,
    PortraitFlaw.SIDE_LIT: PhotoFault.ILLUMINATION_UNIFORMITY,
    PortraitFlaw.NOBODY: PhotoFault.FACE_PRESENT,
    PortraitFlaw.TWO_PEOPLE: PhotoFault.SINGLE_FACE,
    PortraitFlaw.FAR: PhotoFault.HEAD_SIZE,
    PortraitFlaw.ASIDE: PhotoFault.HORIZONTAL_POSITION,
    PortraitFlaw.LEANING: PhotoFault.ROLL,
    PortraitFlaw.EYES_SHUT: PhotoFault.EYES_OPEN,
    PortraitFlaw.DARK_GLASSES: PhotoFault.EYES_VISIBLE,
    PortraitFlaw.WRONG_ASPECT: PhotoFault.ASPECT_RATIO,
    PortraitFlaw.SMALL: PhotoFault.RESOLUTION,
    PortraitFlaw.CUT_SHORT: PhotoFault.DAMAGED,
    PortraitFlaw.NOT_A_PICTURE: PhotoFault.FILE_FORMAT,
    PortraitFlaw.TOO_LARGE: PhotoFault.FILE_SIZE,
}
TOLD = {
    PortraitFlaw.BLURRED: PhotoFault.SHARPNESS,
    PortraitFlaw.NOISY: PhotoFault.NOISE,
    PortraitFlaw.SQUEEZED: PhotoFault.COMPRESSION,
    PortraitFlaw.MOUTH_OPEN: PhotoFault.MOUTH_CLOSED,
    PortraitFlaw.DARK_BACKGROUND: PhotoFault.BACKGROUND_LIGHTNESS,
    PortraitFlaw.BUSY_BACKGROUND: PhotoFault.BACKGROUND_UNIFORMITY,
}


def encoded(image: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


@pytest.mark.parametrize(("seed", "size"), [*((seed, SIZE) for seed in range(24)), (1, (413, 531)), (2, (900, 1157))])
def test_a_fit_portrait_passes_whoever_is_on_it(seed: int, size: tuple[int, int]) -> None:
    verdict = check_photo(portrait(seed, None, size))
    assert (verdict.reasons, verdict.flags) == ((), ())
    assert verdict.fit
    assert all(0 <= score <= 100 for score in verdict.scores.values())


def test_every_flaw_is_either_returned_or_told() -> None:
    assert RETURNED.keys() | TOLD.keys() == set(PortraitFlaw)
    assert not RETURNED.keys() & TOLD.keys()


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("flaw", RETURNED)
def test_what_sends_a_portrait_back_is_named(seed: int, flaw: PortraitFlaw) -> None:
    assert RETURNED[flaw] in check_photo(portrait(seed, flaw)).reasons


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("flaw", TOLD)
def test_what_the_officer_is_told_sends_nothing_back(seed: int, flaw: PortraitFlaw) -> None:
    verdict = check_photo(portrait(seed, flaw))
    assert verdict.fit
    assert TOLD[flaw] in verdict.flags


@pytest.mark.parametrize("flaw", [PortraitFlaw.GREY, PortraitFlaw.FAR, PortraitFlaw.LEANING, PortraitFlaw.EYES_SHUT])
def test_one_flaw_is_one_reason(flaw: PortraitFlaw) -> None:
    assert len(check_photo(portrait(1, flaw)).reasons) == 1


def test_a_photo_without_a_face_is_still_told_of_its_light() -> None:
    flat = check_photo(portrait(1, PortraitFlaw.FLAT))
    assert {PhotoFault.FACE_PRESENT, PhotoFault.COLOUR} <= set(flat.reasons)
    assert PhotoFault.EYES_OPEN not in flat.scores


def test_a_photo_is_judged_by_its_content_not_by_what_it_is_called() -> None:
    picture = Image.open(io.BytesIO(portrait(1)))
    assert check_photo(encoded(picture)).fit
    for kind in ("GIF", "BMP", "TIFF", "WEBP"):
        assert check_photo(encoded(picture, kind)).reasons == (PhotoFault.FILE_FORMAT,)


def test_a_photo_lying_on_its_side_is_turned_as_its_camera_says() -> None:
    lying = Image.open(io.BytesIO(portrait(1))).transpose(Image.Transpose.ROTATE_90)
    exif = Image.Exif()
    exif[0x0112] = 6
    assert PhotoFault.ROLL in check_photo(encoded(lying, "JPEG", quality=90)).reasons
    assert check_photo(encoded(lying, "JPEG", quality=90, exif=exif)).fit


def test_a_bomb_is_refused_before_it_is_unpacked() -> None:
    for size in ((9_000, 400), (5_100, 5_100), (20_000, 20_000)):
        bomb = encoded(Image.new("1", size), optimize=True)
        assert len(bomb) < 200_000
        assert check_photo(bomb).reasons == (PhotoFault.TOO_MANY_PIXELS,)


def test_a_moving_picture_is_not_a_portrait() -> None:
    frames = [Image.new("RGB", (413, 531), colour) for colour in ("white", "red")]
    moving = encoded(frames[0], save_all=True, append_images=frames[1:])
    assert check_photo(moving).reasons == (PhotoFault.FILE_FORMAT,)


def test_a_large_photo_is_measured_smaller_and_its_pixels_counted_whole() -> None:
    large = Image.open(io.BytesIO(portrait(1))).resize((3000, 3855), Image.Resampling.BICUBIC)
    small, whole = measured(portrait(1)), measured(encoded(large, "JPEG", quality=85))
    assert whole.size == (3000, 3855)
    eyes = PhotoFault.INTER_EYE_DISTANCE
    assert whole.raw[eyes] == pytest.approx(5 * small.raw[eyes], rel=0.03)
    assert judged(whole).fit


def test_the_thresholds_are_settings() -> None:
    (strict,) = thresholds_from({"HeadSize": {"wished": [0.7, 0.8], "borne": [0.95, 1.0]}})
    assert check_photo(portrait(1), strict).reasons == (PhotoFault.HEAD_SIZE,)
    assert strict.rows[PhotoFault.ROLL] == ROWS[PhotoFault.ROLL]
    assert thresholds_from({}) == THRESHOLDS
    with pytest.raises(ValidationError):
        thresholds_from({"Beauty": {"wished": [0, 1]}})
    assert opened(portrait(1), ImageLimits(bytes=100)) is ImageFault.FILE_SIZE


def test_every_measure_has_a_score_and_every_threshold_a_measure() -> None:
    found = measured(portrait(1))
    assert found.raw.keys() == CURVES.keys()
    assert ROWS.keys() <= CURVES.keys()
    for measure, row in ROWS.items():
        assert row.borne[0] <= row.wished[0] <= row.wished[1] <= row.borne[1]
        assert 0 <= score(measure, found.raw[measure]) <= 100


def test_findings_cross_as_they_are() -> None:
    found = measured(portrait(1, PortraitFlaw.TWO_PEOPLE))
    assert Findings.read(found.written()) == found
    assert Findings.read(Findings(PhotoFault.DAMAGED).written()) == Findings(PhotoFault.DAMAGED)


@settings(max_examples=40, deadline=None)
@given(at=st.integers(0, 5000), junk=st.binary(min_size=1, max_size=64))
def test_damaged_bytes_are_a_verdict_and_never_an_error(at: int, junk: bytes) -> None:
    whole = portrait(1, None, (413, 531))
    check_photo(whole[: at % len(whole)] + junk + whole[at % len(whole) + len(junk) :])
    check_photo(junk)


def test_the_same_seed_draws_the_same_picture() -> None:
    drawn = portrait(5)
    portrait.cache_clear()
    assert portrait(5) == drawn
    assert portrait(5) != portrait(6)
    assert 15_000 < len(portrait(5)) < 80_000
