"""S10: every defect of a photo or signature sample is named, and a fit one passes whoever is on it."""

from __future__ import annotations

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from deploy.sandbox.pictures import SIZE, PortraitFlaw, SampleFlaw, portrait, signature_sample
from services.identity_verification.photo import PhotoFault, PhotoRules, check_photo
from services.identity_verification.signature_sample import SampleFault, check_signature_sample, threshold
from shared.security.images import ImageFault, ImageLimits, opened


def encoded(image: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


@pytest.mark.parametrize("size", [SIZE, (413, 531), (900, 1157)])
@pytest.mark.parametrize("seed", range(12))
def test_a_fit_portrait_passes_whoever_is_on_it(seed: int, size: tuple[int, int]) -> None:
    verdict = check_photo(portrait(seed, None, size))
    assert verdict.reasons == ()
    assert verdict.fit
    assert all(0 <= score <= 100 for score in verdict.scores.values())


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(
    ("flaw", "reason"),
    [
        (PortraitFlaw.DARK, PhotoFault.UNDER_EXPOSURE),
        (PortraitFlaw.DARK, PhotoFault.LUMINANCE_MEAN),
        (PortraitFlaw.OVER_EXPOSED, PhotoFault.OVER_EXPOSURE),
        (PortraitFlaw.FLAT, PhotoFault.DYNAMIC_RANGE),
        (PortraitFlaw.GREY, PhotoFault.NATURAL_COLOUR),
        (PortraitFlaw.BLURRED, PhotoFault.SHARPNESS),
        (PortraitFlaw.SIDE_LIT, PhotoFault.ILLUMINATION_UNIFORMITY),
        (PortraitFlaw.DARK_BACKGROUND, PhotoFault.BACKGROUND_LIGHTNESS),
        (PortraitFlaw.BUSY_BACKGROUND, PhotoFault.BACKGROUND_UNIFORMITY),
        (PortraitFlaw.WRONG_ASPECT, PhotoFault.ASPECT_RATIO),
        (PortraitFlaw.SMALL, PhotoFault.RESOLUTION),
        (PortraitFlaw.CUT_SHORT, PhotoFault.DAMAGED),
        (PortraitFlaw.NOT_A_PICTURE, PhotoFault.FILE_FORMAT),
        (PortraitFlaw.TOO_LARGE, PhotoFault.FILE_SIZE),
    ],
)
def test_each_flaw_of_a_portrait_is_named(seed: int, flaw: PortraitFlaw, reason: PhotoFault) -> None:
    assert reason in check_photo(portrait(seed, flaw)).reasons


@pytest.mark.parametrize("flaw", [PortraitFlaw.GREY, PortraitFlaw.BLURRED, PortraitFlaw.DARK_BACKGROUND])
def test_one_flaw_is_one_reason(flaw: PortraitFlaw) -> None:
    assert len(check_photo(portrait(1, flaw)).reasons) == 1


def test_a_photo_is_judged_by_its_content_not_by_what_it_is_called() -> None:
    picture = Image.open(io.BytesIO(portrait(1)))
    assert check_photo(encoded(picture)).fit
    for kind in ("GIF", "BMP", "TIFF", "WEBP"):
        assert check_photo(encoded(picture, kind)).reasons == (PhotoFault.FILE_FORMAT,)


def test_a_photo_lying_on_its_side_is_turned_as_its_camera_says() -> None:
    lying = Image.open(io.BytesIO(portrait(1))).transpose(Image.Transpose.ROTATE_90)
    exif = Image.Exif()
    exif[0x0112] = 6
    assert PhotoFault.ASPECT_RATIO in check_photo(encoded(lying, "JPEG", quality=90)).reasons
    assert check_photo(encoded(lying, "JPEG", quality=90, exif=exif)).fit


def test_a_bomb_is_refused_before_it_is_unpacked() -> None:
    for size in ((9_000, 400), (5_100, 5_100), (20_000, 20_000)):
        bomb = encoded(Image.new("1", size), optimize=True)
        assert len(bomb) < 200_000
        assert check_photo(bomb).reasons == (PhotoFault.TOO_MANY_PIXELS,)
        assert check_signature_sample(bomb).reasons == (SampleFault.TOO_MANY_PIXELS,)


def test_a_moving_picture_is_not_a_portrait() -> None:
    frames = [Image.new("RGB", (413, 531), colour) for colour in ("white", "red")]
    moving = encoded(frames[0], save_all=True, append_images=frames[1:])
    assert check_photo(moving).reasons == (PhotoFault.FILE_FORMAT,)


def test_the_thresholds_are_settings() -> None:
    strict = PhotoRules(least={PhotoFault.SHARPNESS: 101})
    assert check_photo(portrait(1), strict).reasons == (PhotoFault.SHARPNESS,)
    assert opened(portrait(1), ImageLimits(bytes=100)) is ImageFault.FILE_SIZE


@settings(max_examples=60, deadline=None)
@given(at=st.integers(0, 5000), junk=st.binary(min_size=1, max_size=64))
def test_damaged_bytes_are_a_verdict_and_never_an_error(at: int, junk: bytes) -> None:
    for whole in (portrait(1, None, (413, 531)), signature_sample(1)):
        broken = whole[: at % len(whole)] + junk + whole[at % len(whole) + len(junk) :]
        check_photo(broken)
        check_signature_sample(broken)
        check_photo(junk)


@pytest.mark.parametrize("seed", range(20))
def test_a_fit_signature_sample_passes(seed: int) -> None:
    assert check_signature_sample(signature_sample(seed)).reasons == ()
    assert check_signature_sample(signature_sample(seed, None, (1800, 600))).fit


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(
    ("flaw", "reason"),
    [
        (SampleFlaw.BLANK, SampleFault.BLANK),
        (SampleFlaw.FAINT, SampleFault.FAINT),
        (SampleFlaw.DOT, SampleFault.TOO_LITTLE_INK),
        (SampleFlaw.DOT, SampleFault.TOO_NARROW),
        (SampleFlaw.FILLED, SampleFault.FILLED),
        (SampleFlaw.CUT_OFF, SampleFault.TOUCHES_EDGE),
        (SampleFlaw.SMALL, SampleFault.RESOLUTION),
        (SampleFlaw.NOT_A_PICTURE, SampleFault.FILE_FORMAT),
    ],
)
def test_each_flaw_of_a_signature_sample_is_named(seed: int, flaw: SampleFlaw, reason: SampleFault) -> None:
    assert reason in check_signature_sample(signature_sample(seed, flaw)).reasons


def test_a_sheet_of_ink_is_filled_and_a_clear_one_is_blank() -> None:
    assert check_signature_sample(encoded(Image.new("L", (600, 200), 0))).reasons == (SampleFault.FILLED,)
    assert check_signature_sample(encoded(Image.new("RGBA", (600, 200), (0, 0, 0, 0)))).reasons == (SampleFault.BLANK,)


def test_ink_on_a_clear_sheet_is_read_as_on_paper() -> None:
    strokes = Image.open(io.BytesIO(signature_sample(3)))
    clear = Image.merge("LA", (Image.new("L", strokes.size, 0), strokes.point([255 - at for at in range(256)])))
    assert check_signature_sample(encoded(clear)).fit


def test_the_threshold_parts_two_shades() -> None:
    shades = [0] * 256
    shades[20], shades[240] = 50, 950
    assert 20 <= threshold(shades) < 240
    assert threshold([0] * 255 + [9]) == 0


def test_the_same_seed_draws_the_same_picture() -> None:
    drawn = portrait(5), signature_sample(5)
    portrait.cache_clear()
    signature_sample.cache_clear()
    assert (portrait(5), signature_sample(5)) == drawn
    assert portrait(5) != portrait(6)
    assert 15_000 < len(portrait(5)) < 60_000
